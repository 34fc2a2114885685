"""Which plots a reader wants to see: one meaning for map, list, workbook and API.

A plot passes where every part that is given holds:

* ``text``: folded (:func:`fold`), it is a part of the parcel code, the holder, the park, a user's
  name or credit code, a contract number, or the number of the latest case;
* ``classes``: the one class of the plot (``land_class``; ``revitalised`` among them);
* ``states``: the state of its latest case; :data:`NONE` is a plot without one;
* ``parks``: its park; :data:`NONE` is a plot in none;
* ``industries``: 2-digit divisions, :data:`NONE` is a user without one; and ``indicator`` with
  ``least`` and ``most`` (ends included; a value is taken at six decimals): at least one user of the
  plot meets both together. Without an end, ``indicator`` filters nothing.

The page's own filter (``map/page``) means exactly the same.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from landuse.errors import UserError
from landuse.issues import IssueLog

__all__ = ["DIGITS", "NONE", "SCORE", "PlotFilter", "fold"]

NONE: Final = "none"
"""Stands for plots without a case, without a park, or users without an industry."""
SCORE: Final = "score"
"""The indicator name of the score, besides those of the rule pack."""
DIGITS: Final = 6
"""Decimals to which a value is compared with an end of the range: those that the page carries."""

# exactly what \s means in the scripts of the page
_BLANK: Final = re.compile("[\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+")
_LISTS: Final = {"class": "classes", "state": "states", "industry": "industries", "park": "parks"}
_ENDS: Final = {"min": "least", "max": "most"}
_LONGEST: Final = 200
_MOST_VALUES: Final = 1000


def fold(text: str) -> str:
    """``text`` without width, case or blanks, for searching.

    >>> fold(" ＡＢ c　甲 ")
    'abc甲'
    """
    return _BLANK.sub("", unicodedata.normalize("NFKC", text).lower())


@dataclass(frozen=True, slots=True)
class PlotFilter:
    """A wish to see some plots; without any part it is all of them. See the module."""

    text: str = ""
    classes: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    parks: tuple[str, ...] = ()
    indicator: str = ""
    least: float | None = None
    most: float | None = None

    @property
    def is_all(self) -> bool:
        """Whether every plot passes."""
        lists = (self.classes, self.states, self.industries, self.parks)
        return not fold(self.text) and not any(lists) and not self.has_range

    @property
    def has_range(self) -> bool:
        """Whether a value of an indicator is asked for."""
        return bool(self.indicator) and (self.least is not None or self.most is not None)

    @classmethod
    def from_query(
        cls, query: Mapping[str, str | Iterable[str]] | Iterable[tuple[str, str]]
    ) -> PlotFilter:
        """The filter of an address: ``q class state industry park indicator min max``.

        Several values of one kind repeat its name; other names are nobody's concern. Raises
        :class:`landuse.errors.UserError` for a bad number, a range that ends before it begins, and
        a range without an indicator.
        """
        given = _given(query)
        log = IssueLog()
        ends = {field: _number(name, given.get(name, []), log) for name, field in _ENDS.items()}
        indicator = _single(given, "indicator")
        least, most = ends["least"], ends["most"]
        if least is not None and most is not None and least > most:
            log.add("map_command.range_reversed", value=_plain(least), most=_plain(most))
        if not indicator and (least is not None or most is not None):
            log.add("map_command.range_of_nothing")
        if len(log):
            raise UserError(list(log))
        lists = {field: _values(given.get(name, [])) for name, field in _LISTS.items()}
        text = _single(given, "q")[:_LONGEST]
        return cls(text=text, indicator=indicator, least=least, most=most, **lists)

    def to_query(self) -> list[tuple[str, str]]:
        """Names and values that :meth:`from_query` reads back.

        >>> PlotFilter(text="甲", classes=("idle", "both"), indicator="score", least=0.5).to_query()
        [('q', '甲'), ('class', 'idle'), ('class', 'both'), ('indicator', 'score'), ('min', '0.5')]
        """
        pairs = [("q", self.text)] if self.text else []
        for name, field in _LISTS.items():
            pairs += [(name, value) for value in getattr(self, field)]
        if self.indicator:
            pairs.append(("indicator", self.indicator))
        for name, field in _ENDS.items():
            value = getattr(self, field)
            if value is not None:
                pairs.append((name, _plain(value)))
        return pairs


def _given(
    query: Mapping[str, str | Iterable[str]] | Iterable[tuple[str, str]],
) -> dict[str, list[str]]:
    pairs = query.items() if isinstance(query, Mapping) else query
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        values = [value] if isinstance(value, str) else list(value)
        found.setdefault(name, []).extend(one.strip() for one in values if one.strip())
    return found


def _single(given: Mapping[str, list[str]], name: str) -> str:
    values = given.get(name, [])
    return values[-1] if values else ""


def _values(values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))[:_MOST_VALUES]


def _number(name: str, values: list[str], log: IssueLog) -> float | None:
    if not values:
        return None
    try:
        number = float(unicodedata.normalize("NFKC", values[-1]))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        log.add("map_command.bad_number", column=name, value=values[-1])
        return None
    return number + 0.0  # no minus zero


def _plain(value: float) -> str:
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
