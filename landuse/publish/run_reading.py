"""A run folder back into the tables that it was written from, geometry included."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import InternalError, UserError
from landuse.publish.columns import tables_of
from landuse.publish.reader import RunFolder, open_run
from landuse.publish.run_tables import RunTables
from landuse.rules import load
from landuse.rules.model import Rules, as_written

if TYPE_CHECKING:
    import pandas as pd

    from landuse.schema.frame import Column, Table

__all__ = ["MAP_TABLES", "rules_of", "run_tables"]

MAP_TABLES: Final = (
    "units",
    "parcels",
    "links",
    "indicators",
    "cohorts",
    "idle",
    "evidence",
    "areas",
)
"""What maps, lists and sheets read; the rest of a large run is heavy and says nothing to them."""
_KINDS: Final = {"text": "str", "int": "int64", "Int64": "Int64", "float": "float64",
                 "bool": "bool", "date": "datetime64[s]"}  # fmt: skip
_BLANKS: Final = {"text": "", "int": 0, "bool": False}
_FILLED_FROM: Final = "three-indicator"


def run_tables(folder: Path, *, only: Collection[str] | None = None) -> RunTables:
    """All tables of the run in ``folder``; ``only``: those named, the others without rows.

    A folder of an older version has blank columns and empty tables for what it did not know yet.
    Raises :class:`landuse.errors.UserError` if ``folder`` is no run folder of ours, a table that it
    lists is absent or broken, or its rules cannot be read.
    """
    run = open_run(folder)
    rules = rules_of(run)
    frames = {
        table.name: _frame(run, table) if only is None or table.name in only else table.empty()
        for table in tables_of(rules)
    }
    manifest = {name: run.manifest[name] for name in run.manifest if name not in ("pack", "files")}
    return RunTables(
        **frames,
        manifest=manifest,
        totals=run.manifest["totals"],
        crs=str(run.manifest["project"].get("crs", "")),
        rules=rules,
    )


def rules_of(run: RunFolder) -> Rules:
    """The rules as the run was made under; raises :class:`landuse.errors.UserError`.

    Values that the version which wrote them did not have are those of the shipped pack: no figure
    of the run depends on them.
    """
    digest = str(run.manifest["rules"].get("digest", ""))
    try:
        as_of = dt.date.fromisoformat(str(run.manifest["project"]["as_of"]))
        known = as_written(load(_FILLED_FROM, as_of=as_of))
        return Rules.model_validate({**known, **run.pack, "digest": digest})
    except (KeyError, ValueError) as fault:  # pydantic's is a ValueError
        said = str(fault).splitlines()[0]
        value = str(run.path)
        raise UserError.of("map_command.rules_unreadable", value=value, fault=said) from fault


def _frame(run: RunFolder, table: Table) -> pd.DataFrame:
    """One table as the schema states it."""
    first = run.files(table.name)[0]
    listed = run.manifest.get("files")
    known = not isinstance(listed, dict) or run.has(table.name)
    if not known and not first.is_file():
        return table.empty()
    shaped = "geometry" in table.names
    columns = _columns(first) if shaped else None
    try:
        frame = _typed(run.table(table.name, columns=columns), table)
        return table.check(frame)
    except (InternalError, ValueError, TypeError, OverflowError) as fault:
        said = fault.issues[0].value if isinstance(fault, InternalError) else str(fault)
        raise UserError.of(
            "map_command.table_broken",
            file=f"{table.name}.parquet",
            value=str(run.path),
            fault=said,
        ) from fault


def _columns(path: Path) -> list[str] | None:
    """Every column, geometry too; ``None`` where the reader must say what is wrong."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names: list[str] = pq.read_schema(path).names
    except (OSError, pa.ArrowException):
        return None
    return names


def _typed(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    import pandas as pd

    made: dict[str, Any] = {}
    for column in table:
        if column.name not in frame.columns:
            if column.name in table.key or column.dtype == "geometry":
                raise ValueError(f"{column.name} absent")
            made[column.name] = pd.Series(_BLANKS.get(column.dtype), index=frame.index)
        else:
            made[column.name] = frame[column.name]
        made[column.name] = _as_stated(made[column.name], column)
    extra = {str(name): frame[name] for name in frame.columns if name not in made}
    return pd.DataFrame({**made, **extra}, index=frame.index)


def _as_stated(values: pd.Series[Any], column: Column) -> pd.Series[Any]:
    import pandas as pd
    import shapely

    if column.dtype == "geometry":
        shapes = shapely.from_wkb(values.to_numpy(dtype=object), on_invalid="raise")
        if pd.isna(values).any():
            raise ValueError("a plot without a shape")
        return pd.Series(shapes, index=values.index, dtype=object)
    if column.dtype == "text":
        values = values.fillna("")
    return values.astype(_KINDS[column.dtype])  # type: ignore[call-overload, no-any-return]
