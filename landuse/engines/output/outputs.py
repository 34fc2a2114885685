"""Published tables of a batch over parts as files of their own: a partitioned run folder.

A large table is a folder of files that have the same columns and whose rows follow each other
(``parcels/part-00000.parquet`` …), one a part of the land or of the enterprises; small ones are
files as ever. The parts are written by whoever does the parts (``Crew``), each whole or not at all;
``run.json`` names them with their digests, and takes its place together with them.

The rows are those of the ordinary run, in the same order, however many parts there are.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.engines.output.folder import Extent, write_rows
from landuse.engines.output.stored import as_published, stored
from landuse.engines.stages.between import never, unit_part
from landuse.engines.stages.published import LAND_TABLES
from landuse.publish.columns import tables_of
from landuse.publish.folder import digest
from landuse.publish.manifest import part_name

if TYPE_CHECKING:
    import pyarrow as pa

    from landuse.engines.output.folder import Written
    from landuse.engines.parts.job import Crew, Job

__all__ = ["FIRM_TABLES", "PARTED", "write_parts"]

FIRM_TABLES: Final = ("units", "unmatched_enterprises", "indicators")
"""The published tables that are made in parts of the enterprises."""
PARTED: Final = (*LAND_TABLES, *FIRM_TABLES)
"""The tables that a partitioned run has in several files."""

_UNITS: Final = {"units": "units", "unmatched_enterprises": "unmatched"}
"""The stage of grades names them so."""


def _rows(job: Job, name: str, part: int) -> pa.Table | None:
    """The rows of one part of the table ``name``; ``None`` where an enterprise table has none."""
    if name in LAND_TABLES:
        return stored(job.path("published", part) / f"{name}.arrow")
    if name == "indicators":
        return stored(job.path("grade", part) / "indicators.arrow")
    return unit_part(job, _UNITS[name], part)


def write_parts(job: Job, crew: Crew, crs: str) -> Written:
    """Write the files of every part, by the crew; where each lies, its size and digest."""
    found: Written = {}
    for stage, names, many in (
        ("land_files", LAND_TABLES, len(job.land)),
        ("firm_files", FIRM_TABLES, len(job.firms)),
    ):
        task = partial(_write, job=job, stage=stage, names=names, crs=crs)
        for one in crew.each(task, many):
            found |= one
    return found


def _write(part: int, job: Job, stage: str, names: tuple[str, ...], crs: str) -> Written:
    schemas = {table.name: table for table in tables_of(job.rules)}

    def work(folder: Path) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for name in names:
            rows = _rows(job, name, part)
            if rows is None and part == 0:  # a table has one file at least
                rows = as_published(schemas[name].empty(), schemas[name])
            if rows is not None:
                path = folder / f"{name}.parquet"
                shapes = Extent([job.once("match", part, never)]) if name == "parcels" else None
                write_rows(iter([rows]), path, crs, shapes)
                told[name] = {"bytes": path.stat().st_size, "sha256": digest(path)}
        return told

    told = job.once(stage, part, work)
    place = job.path(stage, part)
    return {
        part_name(name, part): {**one, "from": place / f"{name}.parquet"}
        for name, one in told.items()
    }
