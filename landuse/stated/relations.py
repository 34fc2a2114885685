"""How one stated figure follows from others: each relation is a line with its function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import add, mul
from typing import TYPE_CHECKING, Final

from landuse.stated.intervals import Interval, exactly

if TYPE_CHECKING:
    from landuse.stated.figures import Figure

__all__ = ["RELATIONS", "Relation"]

_ONE: Final = exactly(1)


@dataclass(frozen=True, slots=True)
class Relation:
    """``of`` gives the result of the inputs; ``quantity`` what it is; ``least`` and ``most``
    inputs (0: any number). ``alike``: all inputs must be of one quantity; ``percent``: the second
    is a share or a growth; ``within``: the result is what the stated figure may reach at most."""

    of: Callable[[Sequence[Interval]], Interval]
    quantity: Callable[[Sequence[Figure]], str]
    least: int
    most: int
    alike: bool = False
    percent: bool = False
    within: bool = False


def _share(inputs: Sequence[Interval]) -> Interval:
    """Part ÷ whole; where several parts are given, their sum ÷ the last."""
    return reduce(add, inputs[:-1]) / inputs[-1]


def _growth(inputs: Sequence[Interval]) -> Interval:
    """Now ÷ before − 1; from nothing, or from less, there is no growth."""
    if inputs[1].low is None or inputs[1].low <= 0:
        return Interval(None, None)
    return inputs[0] / inputs[1] - _ONE


def _part(inputs: Sequence[Interval]) -> Interval:
    """What a part of the input may be: nothing up to all of it."""
    high = inputs[0].high
    return Interval(None, None) if high is None else Interval(min(Fraction(0), high), high)


def _before(inputs: Sequence[Interval]) -> Interval:
    """Last year's value from this year's and the growth."""
    return inputs[0] / (_ONE + inputs[1])


def _first(inputs: Sequence[Figure]) -> str:
    return inputs[0].quantity


def _percent(_inputs: Sequence[Figure]) -> str:
    return "%"


def _product(inputs: Sequence[Figure]) -> str:
    """The quantity of a product: per-mu money × mu is money, a share of something is that."""
    kinds = [one.quantity for one in inputs]
    rest = [kind for kind in kinds if kind not in ("%", "")]
    if sorted(rest) == ["mu", "wan/mu"]:
        return "wan"
    return rest[0] if len(rest) == 1 else "".join(rest)


def _ratio(inputs: Sequence[Figure]) -> str:
    kinds = (inputs[0].quantity, inputs[1].quantity)
    return {("wan", "mu"): "wan/mu"}.get(kinds, "" if kinds[0] == kinds[1] else "/".join(kinds))


RELATIONS: Final[dict[str, Relation]] = {
    # stated = inputs[0], said twice
    "same": Relation(lambda inputs: inputs[0], _first, 1, 1),
    # stated ≤ inputs[0], of which it is a part
    "part": Relation(_part, _first, 1, 1, within=True),
    # stated = sum of the inputs but the last ÷ the last
    "share": Relation(_share, _percent, 2, 0, alike=True),
    # stated = now ÷ before − 1
    "growth": Relation(_growth, _percent, 2, 2, alike=True),
    # stated = inputs[0] − inputs[1] (points of two shares, what remains)
    "difference": Relation(lambda inputs: inputs[0] - inputs[1], _first, 2, 2, alike=True),
    # stated = sum of the inputs
    "sum": Relation(lambda inputs: reduce(add, inputs), _first, 1, 0, alike=True),
    # stated = product of the inputs
    "product": Relation(lambda inputs: reduce(mul, inputs), _product, 2, 0),
    # stated = inputs[0] ÷ inputs[1] (per mu, per head)
    "ratio": Relation(lambda inputs: inputs[0] / inputs[1], _ratio, 2, 2),
    # stated whole = part ÷ share of it
    "whole": Relation(lambda inputs: inputs[0] / inputs[1], _first, 2, 2, percent=True),
    # stated last year's value = now ÷ (1 + growth)
    "before": Relation(_before, _first, 2, 2, percent=True),
}
"""Relation → how the stated figure follows. Intervals of products and quotients are exact for the
figures of one claim, each of which occurs once in its formula."""
