"""What a workbook of the ledger is made from: plain rows, no database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Key", "LedgerView", "Row"]

Row = Mapping[str, Any]
"""Values by column name: text, codes, dates, scaled whole numbers; ``None`` is blank."""


@dataclass(frozen=True, slots=True)
class Key:
    """The hidden columns of a row."""

    key: str
    revision: int
    check: str


@dataclass(frozen=True)
class LedgerView:
    """The rows of a ledger's workbook.

    ``cases`` and ``parts`` hold the columns of :mod:`landuse.schema.ledger_book`, each with its
    hidden key (``cases``: also ``several``, where the columns of a part show several). ``idle``:
    one row a case and contract; ``due``: what is due. ``totals`` are of the cases shown (as the
    ledger adds up), ``months`` of the whole ledger, this month against last. ``filters``: name and
    value in words. ``years``: the two years whose tax is shown. ``shapes``: the parcels of each
    case by its number, where a format wants them.
    """

    day: dt.date
    cases: Sequence[tuple[Key, Row]]
    parts: Sequence[tuple[Key, Row]]
    idle: Sequence[Row]
    due: Sequence[Row]
    totals: Mapping[str, Any]
    months: Mapping[str, Any]
    filters: Sequence[tuple[str, str]] = ()
    years: tuple[int, int] | None = None
    states: Sequence[str] = ()
    ways: Sequence[str] = ()
    kinds: Sequence[str] = ()
    moves: Sequence[tuple[str, str, str]] = ()
    shapes: Mapping[str, list[Any]] = field(default_factory=dict)
    crs: str = ""
