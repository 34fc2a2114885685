"""The minutes of a meeting as a document and as a workbook, from one content.

Takes what the ledger says of a meeting, in words already; gives files. Does not compute a figure:
sums come from the ledger, and both files show the same ones.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from landuse.publish.whole import whole_file

if TYPE_CHECKING:
    from landuse.messages import Lang

__all__ = ["MinutesContent", "MinutesLine", "MinutesSum", "write_minutes"]


@dataclass(frozen=True, slots=True)
class MinutesLine:
    """One verdict, all as text; ``mu`` has its four decimals and no separators."""

    parcel_id: str
    number: str
    enterprises: str
    mu: str
    verdict: str
    move: str
    comment: str
    by: str
    at: str
    remark: str


@dataclass(frozen=True, slots=True)
class MinutesSum:
    """Plots, cases and mu (4 decimals, as text) under one verdict."""

    verdict: str
    plots: int
    cases: int
    mu: str


@dataclass(frozen=True, slots=True)
class MinutesContent:
    """Everything that the minutes say. ``facts`` are pairs of label and text; ``sums`` add up to
    ``whole``; ``day`` is the day of the files' own date, so that they are the same every time."""

    number: str
    title: str
    facts: tuple[tuple[str, str], ...]
    lines: tuple[MinutesLine, ...]
    sums: tuple[MinutesSum, ...]
    whole: MinutesSum
    undecided: tuple[tuple[str, str], ...]
    day: dt.date
    is_open: bool


def write_minutes(
    content: MinutesContent, path: Path, *, lang: Lang = "zh", over: bool = False
) -> None:
    """Write the minutes as ``.docx`` or ``.xlsx``, by the ending of ``path``.

    Whole or not at all; the same meeting gives the same bytes. Raises
    :class:`landuse.errors.UserError` where the file exists (unless ``over``) or cannot be written.
    """
    from landuse.publish.minutes_book import write_book
    from landuse.publish.minutes_document import write_document

    write = write_document if path.suffix.lower() == ".docx" else write_book
    with whole_file(path, over=over) as part:
        write(content, part, lang)
