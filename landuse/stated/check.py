"""Claims and their verdicts: does a stated figure follow from the figures it is said to rest on?

A stated value is right if values that round to the stated inputs give it at its own number of
digits; both values are always shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import pandas as pd

from landuse.errors import UserError
from landuse.stated.figures import Figure, read_figure
from landuse.stated.intervals import Interval
from landuse.stated.relations import RELATIONS, Relation

__all__ = ["VERDICTS", "Claim", "Verdict", "check", "check_all", "judge"]

VERDICTS: Final = (
    "right",
    "wrong",
    "contradiction",
    "bound_holds",
    "bound_fails",
    "implied",
    "cannot_tell",
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure as stated, and what it must follow from.

    ``relation`` is a key of :data:`landuse.stated.relations.RELATIONS`; ``inputs`` are texts in
    the order that it asks for. A blank ``stated`` asks for the value that the inputs imply.
    ``name`` and ``where`` say what it is and where it stands; ``unit`` and ``input_units`` hold
    where a text has no unit of its own.
    """

    name: str
    relation: str
    inputs: tuple[str, ...]
    stated: str = ""
    unit: str = ""
    input_units: tuple[str, ...] = field(default=())
    where: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a claim: ``verdict`` is one of :data:`VERDICTS`; ``computed`` is the value
    from the inputs as written, at the digits of the stated one (at least two for a share);
    ``low`` and ``high`` the ends of what the inputs allow."""

    claim: Claim
    verdict: str
    computed: str
    low: str = ""
    high: str = ""


def check(claim: Claim) -> Verdict:
    """The verdict on one claim.

    Raises :class:`landuse.errors.UserError` for an unknown relation, the wrong number of inputs, or
    a text without a figure. Division by a figure that may be zero is ``cannot_tell``.
    """
    relation = RELATIONS.get(claim.relation)
    if relation is None:
        known = ", ".join(RELATIONS)
        raise UserError.of("stated.unknown_relation", value=claim.relation, known=known)
    inputs = _inputs(claim)
    if len(inputs) < relation.least or (relation.most and len(inputs) > relation.most):
        raise UserError.of(
            "stated.number_of_inputs", key=claim.name, value=claim.relation, n=len(inputs),
            least=relation.least, most=relation.most or "…",
        )  # fmt: skip
    _fit(claim, relation, inputs)
    reach = relation.of([one.interval for one in inputs])
    point = _point(relation, inputs)
    if not claim.stated.strip():
        return _implied(claim, relation.quantity(inputs), reach, point)
    stated = read_figure(claim.stated, claim.unit)
    if stated.quantity != relation.quantity(inputs):
        raise UserError.of(
            "stated.other_quantity", key=claim.name, value=claim.stated,
            unit=relation.quantity(inputs) or "1",
        )  # fmt: skip
    return _judged(claim, stated, inputs, reach, point)


def judge(name: str, relation: str, stated: Figure, inputs: Sequence[Figure]) -> Verdict:
    """The verdict on figures that are read already, as :func:`check` gives it."""
    claim = Claim(name, relation, tuple(one.text for one in inputs), stated.text)
    by = RELATIONS[relation]
    reach = by.of([one.interval for one in inputs])
    return _judged(claim, stated, inputs, reach, _point(by, inputs))


def check_all(claims: Iterable[Claim]) -> pd.DataFrame:
    """One row a claim: name, where, relation, stated, inputs, verdict, computed, low, high."""
    rows = []
    for claim in claims:
        found = check(claim)
        rows.append(
            {
                "name": claim.name,
                "where": claim.where,
                "relation": claim.relation,
                "stated": claim.stated,
                "inputs": "; ".join(claim.inputs),
                "verdict": found.verdict,
                "computed": found.computed,
                "low": found.low,
                "high": found.high,
            }
        )
    columns = [
        "name",
        "where",
        "relation",
        "stated",
        "inputs",
        "verdict",
        "computed",
        "low",
        "high",
    ]
    return pd.DataFrame(rows, columns=columns, dtype="str")


def _inputs(claim: Claim) -> list[Figure]:
    units = (*claim.input_units, *[""] * (len(claim.inputs) - len(claim.input_units)))
    return [read_figure(text, unit) for text, unit in zip(claim.inputs, units, strict=True)]


def _fit(claim: Claim, relation: Relation, inputs: Sequence[Figure]) -> None:
    """The inputs must be of the quantities that the relation takes."""
    wrong = [one for one in inputs[1:] if relation.alike and one.quantity != inputs[0].quantity]
    wrong += [one for one in inputs[1:] if relation.percent and one.quantity not in ("%", "")]
    if wrong:
        unit = "%" if relation.percent else inputs[0].unit or "1"
        raise UserError.of("stated.other_quantity", key=claim.name, value=wrong[0].text, unit=unit)


def _point(relation: Relation, inputs: Sequence[Figure]) -> Fraction | None:
    """The result of the figures exactly as written; none where one of them is a range."""
    if any(one.upper is not None for one in inputs):
        return None
    found = relation.of([Interval(one.value, one.value) for one in inputs])
    if relation.within:
        return found.high
    return found.low if found.bounded and found.low == found.high else None


def _judged(
    claim: Claim, stated: Figure, inputs: Sequence[Figure], reach: Interval, point: Fraction | None
) -> Verdict:
    digits = max(stated.digits, 2) if stated.quantity == "%" else stated.digits
    show = [stated.show(value, digits) if value is not None else "" for value in
            (point, reach.low, reach.high)]  # fmt: skip
    if reach.low is None and reach.high is None:
        return Verdict(claim, "cannot_tell", *show)
    if claim.relation == "same" and stated.bound in ("exact", "near"):
        return Verdict(claim, "right" if _alike(stated, inputs[0]) else "contradiction", *show)
    hedged = stated.bound in ("at_least", "at_most", "range")
    fits = stated.interval.meets(reach)
    if hedged:
        unsure = "bound_holds" if reach.bounded else "cannot_tell"
        return Verdict(claim, unsure if fits else "bound_fails", *show)
    if not reach.bounded and fits:
        return Verdict(claim, "cannot_tell", *show)
    return Verdict(claim, "right" if fits else "wrong", *show)


def _alike(one: Figure, two: Figure) -> bool:
    """Whether two statements of one thing agree; at the same digits they must be equal."""
    if one.bound == two.bound == "exact" and one.step == two.step:
        return one.value == two.value
    return one.interval.meets(two.interval)


def _implied(claim: Claim, quantity: str, reach: Interval, point: Fraction | None) -> Verdict:
    if point is None:
        return Verdict(claim, "cannot_tell", "")
    unit = claim.unit or {"wan": "万元", "mu": "亩", "m2": "㎡"}.get(quantity, quantity)
    form = read_figure(f"0{unit}" if quantity != "%" else "0.00%")
    shown = [form.show(value) if value is not None else "" for value in
             (point, reach.low, reach.high)]  # fmt: skip
    return Verdict(claim, "implied", *shown)
