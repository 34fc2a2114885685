"""The tables of the parks' book: every import, and every row as it was after it.

Conventions are those of :mod:`landuse.ledger.models`. Both are append-only: a changed row is a new
row, a removed one is a row without a body; triggers refuse UPDATE and DELETE.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from landuse.ledger.models import Base
from landuse.ledger.types import Json, Key

__all__ = ["ParkImport", "ParkRow"]

_TABLES: Final = (
    "table_name IN ('park_register', 'periods', 'projects', 'promises', 'demand', 'stated')"
)


class ParkImport(Base):
    """One file that was taken in: who, when, why, and its hash."""

    __tablename__ = "park_imports"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    by: Mapped[str]
    why: Mapped[str] = mapped_column(default="")
    source_name: Mapped[str]
    source_sha256: Mapped[str]


class ParkRow(Base):
    """One row of a park table from an import on, until a later row of the same key.

    ``body_json``: our columns and their values (:mod:`landuse.schema.park_tables`); ``None`` where
    the row was removed. ``source_row`` is where it stood in the file of its import.
    """

    __tablename__ = "park_rows"
    __table_args__ = (
        CheckConstraint(_TABLES, name="table_name"),
        Index(None, "table_name", "row_key"),
        Index(None, "import_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("park_imports.id"))
    table_name: Mapped[str]
    row_key: Mapped[str]
    body_json: Mapped[Any | None] = mapped_column(Json())
    source_sheet: Mapped[str] = mapped_column(default="")
    source_row: Mapped[int] = mapped_column(default=0)
