"""Findings in and tables out by the hundred thousand: COPY and plain SQL, never row objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    Float,
    Integer,
    Select,
    Table,
    Text,
    select,
    text,
)
from sqlalchemy.orm import Session

from landuse.ledger import canonical, types
from landuse.ledger.models import Base, Case, CaseParcel, Document, Event, Finding, Part

__all__ = [
    "in_box",
    "insert_findings",
    "read_cases",
    "read_documents",
    "read_events",
    "read_findings",
    "read_frame",
    "read_parcels",
    "read_parts",
]

_FINDING: Final = (
    "kind",
    "parcel_id",
    "mu_e4",
    "enterprises_json",
    "park",
    "township",
    "detail_json",
    "geometry",
)
_BOX: Final = ("min_x", "min_y", "max_x", "max_y")
_MANY: Final = 1000
_AT_ONCE: Final = 20_000


def insert_findings(session: Session, run_id: int, findings: pd.DataFrame) -> int:
    """Insert the findings of the run with key ``run_id``; how many there were.

    Columns: ``kind``, ``parcel_id``, ``mu_e4``, ``enterprises_json`` (list), ``park``,
    ``township``, ``detail_json`` (mapping), ``geometry`` (shapely with SRID, or ``None``).
    """
    session.flush()
    if findings.empty:
        return 0
    table = _table(Finding)
    for start in range(0, len(findings), _AT_ONCE):
        columns = _finding_columns(run_id, findings.iloc[start : start + _AT_ONCE])
        canonical.insert_columns(session.connection(), table, columns)
    canonical.advance_keys(session.connection(), [table.name])
    if len(findings) >= _MANY:
        _take_stock(session, table)
    return len(findings)


def _finding_columns(run_id: int, findings: pd.DataFrame) -> dict[str, Sequence[Any]]:
    shapes = [one if isinstance(one, BaseGeometry) else None for one in findings["geometry"]]
    columns: dict[str, Sequence[Any]] = {name: findings[name].tolist() for name in _FINDING}
    columns["geometry"] = types.all_to_stored(shapes)
    columns["run_id"] = [run_id] * len(findings)
    columns.update(zip(_BOX, zip(*types.boxes(shapes), strict=True), strict=True))
    return columns


def _take_stock(session: Session, table: Table) -> None:
    """Tell PostgreSQL how much there is now: until then it reads a whole run for each batch."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ANALYZE {table.name}")


def read_findings(
    session: Session, run_id: int | None = None, kind: str | None = None, *, geometry: bool = False
) -> pd.DataFrame:
    """Findings (of one run, of one kind) sorted by run, kind and parcel."""
    table = _table(Finding)
    query = _all_but_geometry(Finding, geometry).order_by(
        table.c.run_id, table.c.kind, table.c.parcel_id
    )
    if run_id is not None:
        query = query.where(table.c.run_id == run_id)
    if kind is not None:
        query = query.where(table.c.kind == kind)
    return read_frame(session, query)


def read_cases(session: Session) -> pd.DataFrame:
    """All cases in the order of their keys."""
    return read_frame(session, _all_but_geometry(Case, False).order_by(_table(Case).c.id))


def read_parcels(session: Session, *, geometry: bool = False) -> pd.DataFrame:
    """All parcels of cases by case and number."""
    return _of_cases(session, CaseParcel, geometry=geometry)


def read_parts(session: Session) -> pd.DataFrame:
    """All parts by case and number, removed ones too."""
    return _of_cases(session, Part)


def read_documents(session: Session) -> pd.DataFrame:
    """All documents by case and number, removed ones too."""
    return _of_cases(session, Document)


def read_events(session: Session) -> pd.DataFrame:
    """All events in the order in which they happened."""
    return read_frame(session, _all_but_geometry(Event, False).order_by(_table(Event).c.id))


def read_frame(session: Session, query: Select[Any]) -> pd.DataFrame:
    """The rows of a query as a frame: ``Int64``, ``boolean``, text, UTC moments, else objects."""
    kinds = {column.name: column.type for column in query.selected_columns}
    result = session.execute(query).all()
    columns = list(zip(*result, strict=True)) or [()] * len(kinds)
    data = {
        name: pd.Series(list(values), dtype=_dtype(kind), name=name)
        for (name, kind), values in zip(kinds.items(), columns, strict=True)
    }
    return pd.DataFrame(data)


def _dtype(kind: object) -> Any:  # noqa: ANN401 - what pandas takes as a type
    if isinstance(kind, BigInteger | Integer):
        return "Int64"
    if isinstance(kind, Boolean):
        return "boolean"
    if isinstance(kind, Float):
        return "Float64"
    if isinstance(kind, types.Utc):
        return "datetime64[us, UTC]"
    if isinstance(kind, Text):  # JSON and geometry are other types, in text only on the wire
        return "str"
    return object


def in_box(
    session: Session,
    model: type[CaseParcel] | type[Finding],
    bounds: Sequence[float],
) -> list[int]:
    """Keys of the rows whose box meets ``bounds`` (least x, least y, greatest x, greatest y).

    By the R*Tree on SQLite, by GiST on PostGIS; the exact boxes decide on both.
    """
    names = dict(zip(_BOX, map(float, bounds), strict=True))
    table = _table(model)
    query = select(table.c.id).where(
        table.c.max_x >= names["min_x"],
        table.c.min_x <= names["max_x"],
        table.c.max_y >= names["min_y"],
        table.c.min_y <= names["max_y"],
    )
    if session.connection().dialect.name == "sqlite":
        inside = (
            f"id IN (SELECT id FROM {table.name}_box WHERE max_x >= :min_x AND min_x <= :max_x"  # noqa: S608
            " AND max_y >= :min_y AND min_y <= :max_y)"
        )
        query = query.where(text(inside).bindparams(**names))
    else:
        inside = f"{table.name}.geometry && ST_MakeEnvelope(:min_x, :min_y, :max_x, :max_y)"
        query = query.where(text(inside).bindparams(**names))
    return list(session.scalars(query.order_by(table.c.id)))


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _all_but_geometry(model: type[Base], geometry: bool) -> Select[Any]:
    columns = _table(model).columns
    return select(*(one for one in columns if geometry or one.name != "geometry"))


def _of_cases(session: Session, model: type[Base], *, geometry: bool = False) -> pd.DataFrame:
    table = _table(model)
    query = _all_but_geometry(model, geometry).order_by(table.c.case_id, table.c.seq)
    return read_frame(session, query)
