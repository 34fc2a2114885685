"""Periods of a year: how they are written, and which months they cover."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from landuse.errors import UserError

__all__ = ["Span", "read_period"]

_CANONICAL: Final = re.compile(
    r"(\d{4})(?:[-/]?(?:(0[1-9]|1[0-2])|Q([1-4])|H([12]))|[-/]([1-9]))?", re.IGNORECASE
)
_CHINESE: Final = re.compile(
    r"(\d{4})年?(?:度|全年)?(?:"
    r"((?:前|[1一][-—~至到])?)第?([一二三四1-4])季度|(上|下)半年"
    r"|((?:1月?[-—~至到])?)(1[0-2]|0?[1-9])月)?"
)
_RUN: Final = re.compile(r"(\d{4})[-/]0?1[-—~至到](1[0-2]|0?[1-9])")
_QUARTERS: Final = {"一": 1, "二": 2, "三": 3, "四": 4}


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The months ``first`` to ``last`` (1 to 12) of a year: what a period is, however written."""

    year: int
    first: int
    last: int

    @property
    def before(self) -> Span:
        """The same months of the year before."""
        return Span(self.year - 1, self.first, self.last)

    @property
    def from_january(self) -> bool:
        """Whether it begins with the year."""
        return self.first == 1

    @property
    def text(self) -> str:
        """The canonical text; a run of months from January that is no quarter or half is named by
        its last month (:attr:`cumulative` tells).

        >>> Span(2026, 1, 6).text, Span(2026, 4, 6).text, Span(2026, 1, 5).text
        ('2026-H1', '2026-Q2', '2026-05')
        """
        months = self.last - self.first + 1
        if months == 12:
            return str(self.year)
        if months == 6 and self.first in (1, 7):
            return f"{self.year}-H{1 + self.first // 7}"
        if months == 3 and self.first % 3 == 1:
            return f"{self.year}-Q{self.last // 3}"
        return f"{self.year}-{self.last:02d}"

    @property
    def label(self) -> str:
        """The text; a run of months from January that has none of its own by both its ends.

        >>> Span(2026, 1, 6).label, Span(2026, 5, 5).label, Span(2026, 1, 5).label
        ('2026-H1', '2026-05', '2026-01—05')
        """
        return f"{self.year}-01—{self.last:02d}" if self.cumulative else self.text

    @property
    def cumulative(self) -> bool:
        """Whether the canonical text needs the word cumulative: several months from January that
        are neither quarter, half nor year."""
        return (
            self.last > self.first and self.text.rpartition("-")[2].isdigit() and (self.last < 12)
        )


def read_period(text: str, *, cumulative: bool = False) -> Span:
    """What ``text`` covers: 2026, 2026-H1, 2026-Q2, 2026-06, or the usual Chinese forms.

    Full-width signs, ``2026H1``, ``2026/6`` and ``202606`` are read; ``2026.1`` is not: October and
    January look the same in it.

    ``cumulative``: from January to its end. Raises :class:`landuse.errors.UserError`.

    >>> read_period("2026-06", cumulative=True) == read_period("2026-H1")
    True
    >>> read_period("2026年1-6月"), read_period("2026年二季度").text
    (Span(year=2026, first=1, last=6), '2026-Q2')
    >>> [read_period(one).text for one in ("２０２６上半年", "2026H1", "2026年前二季度", "2026-6")]
    ['2026-H1', '2026-H1', '2026-H1', '2026-06']
    >>> read_period("2026-01—05") == read_period("2026-05", cumulative=True)
    True
    """
    folded = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if match := _RUN.fullmatch(folded):
        return Span(int(match[1]), 1, int(match[2]))
    if match := _CANONICAL.fullmatch(folded):
        year, month, quarter, half, short = match.groups()
        month = month or short
    elif match := _CHINESE.fullmatch(folded):
        year, quarters, quarter, half, months, month = match.groups()
        quarter = str(_QUARTERS.get(quarter or "", quarter or "")) or None
        half = {"上": "1", "下": "2"}.get(half or "")
        cumulative = cumulative or bool(quarters or months)
    else:
        raise UserError.of("parks.bad_period", value=text)
    first, last = _months(month, quarter, half)
    return Span(int(year), 1 if cumulative else first, last)


def _months(month: str | None, quarter: str | None, half: str | None) -> tuple[int, int]:
    if month:
        return int(month), int(month)
    if quarter:
        return 3 * int(quarter) - 2, 3 * int(quarter)
    if half:
        return 6 * int(half) - 5, 6 * int(half)
    return 1, 12
