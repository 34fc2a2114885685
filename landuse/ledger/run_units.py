"""What recorded runs made of every enterprise, so that its place in its industry can be told for
each year wherever the run's folder is now.

Computed by a run and never edited, as its findings.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from sqlalchemy import ForeignKey, Index, UniqueConstraint, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from landuse.ledger import canonical
from landuse.ledger.models import Base, Run
from landuse.ledger.types import Json, Key
from landuse.schema.park_firms import UNIT_YEARS

__all__ = ["FACTS", "RunUnit", "insert_units", "units_kept", "units_of"]

FACTS: Final = tuple(
    name for name in UNIT_YEARS.names if name not in ("run_id", "year", "as_of", "uscc")
)
"""What is kept of a unit: columns of UNIT_YEARS."""


class RunUnit(Base):
    """One enterprise of one recorded run; ``facts_json`` has the :data:`FACTS` that are known."""

    __tablename__ = "run_units"
    __table_args__ = (UniqueConstraint("run_id", "uscc"), Index(None, "uscc"))

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    uscc: Mapped[str]
    facts_json: Mapped[Any] = mapped_column(Json())


def insert_units(session: Session, run_id: int, units: pd.DataFrame) -> None:
    """Keep the units of the run with key ``run_id``: columns ``uscc`` and any of :data:`FACTS`."""
    if units.empty:
        return
    names = [name for name in FACTS if name in units.columns]
    columns = [units[name].astype(object).where(units[name].notna(), None) for name in names]
    facts = [
        {name: cell for name, cell in zip(names, cells, strict=True) if cell not in (None, "")}
        for cells in zip(*columns, strict=True)
    ] or [{} for _ in range(len(units))]
    session.flush()
    canonical.insert_columns(
        session.connection(),
        RunUnit.__table__,  # type: ignore[arg-type]
        {"run_id": [run_id] * len(units), "uscc": units["uscc"].tolist(), "facts_json": facts},
    )
    canonical.advance_keys(session.connection(), [RunUnit.__tablename__])


def units_kept(session: Session, run_id: int) -> bool:
    """Whether the units of this run are kept: a program before this one did not."""
    return bool(session.scalar(select(exists().where(RunUnit.run_id == run_id))))


def units_of(session: Session, uscc: str) -> pd.DataFrame:
    """UNIT_YEARS of one enterprise, by day and order of the runs."""
    query = (
        select(Run.run_id, Run.year, Run.as_of, RunUnit.uscc, RunUnit.facts_json)
        .join(Run, Run.id == RunUnit.run_id)
        .where(RunUnit.uscc == uscc)
        .order_by(Run.as_of, Run.id)
    )
    blank = {column.name: "" for column in UNIT_YEARS if column.dtype == "text"}
    rows = [
        {**blank, "run_id": run, "year": year, "as_of": pd.Timestamp(as_of), "uscc": code, **facts}
        for run, year, as_of, code, facts in session.execute(query)
    ]
    empty = UNIT_YEARS.empty()
    if not rows:
        return empty
    frame = pd.DataFrame(rows).reindex(columns=UNIT_YEARS.names)
    return UNIT_YEARS.check(frame.astype(empty.dtypes.to_dict()))
