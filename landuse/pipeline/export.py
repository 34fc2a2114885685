"""A workbook or a GeoPackage from a run folder that was written without: beside it, never in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from landuse.errors import UserError
from landuse.publish.geopackage import copy_geopackage
from landuse.publish.reader import RunFolder, open_run, run_tables
from landuse.publish.whole import whole_file

if TYPE_CHECKING:
    from landuse.messages import Lang

__all__ = ["KINDS", "Exported", "export"]

_ROOM: Final = 1_048_574
"""Rows of a worksheet below its note and heading."""
_SHEETS: Final = (
    "parcels", "units", "links", "unmatched_parcels", "unmatched_enterprises", "suggestions",
    "issues", "set_aside",
)  # fmt: skip
"""The tables whose rows are lines of the workbook."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The file, its bytes, and how many parcels are in it."""

    path: Path
    size: int
    parcels: int


def export(source: Path, out: Path, lang: Lang, *, over: bool = False) -> Exported:
    """Write ``out`` from the run folder ``source``: a workbook (``.xlsx``) or a GeoPackage
    (``.gpkg``), with the bytes of the one that an ordinary run writes in its folder.

    A GeoPackage needs as much memory as a row group; a workbook as much as its tables, and is
    refused where a table has more rows than a worksheet. Raises
    :class:`landuse.errors.UserError`; ``out`` is then as it was.
    """
    write = KINDS.get(out.suffix.lower())
    if write is None:
        raise UserError.of("export.unknown_kind", value=out.name)
    run = open_run(source)
    if source.resolve() in out.resolve().parents:
        raise UserError.of("export.inside_run", value=str(out))
    with whole_file(out, over=over) as part:
        write(run, part, lang)
    return Exported(out, out.stat().st_size, run.rows("parcels"))


def _workbook(run: RunFolder, path: Path, lang: Lang) -> None:
    from landuse.publish.workbook import write_workbook

    many = {name: run.rows(name) for name in _SHEETS if run.has(name)}
    large = [name for name, rows in many.items() if rows > _ROOM]
    if large:
        rows = max(many.values())
        raise UserError.of("export.beyond_excel", value=str(run.path), rows=rows, most=_ROOM)
    write_workbook(run_tables(run.path), path, lang=lang)


def _geopackage(run: RunFolder, path: Path, lang: Lang) -> None:  # noqa: ARG001
    copy_geopackage(run, path)


KINDS: Final[dict[str, Callable[[RunFolder, Path, Lang], None]]] = {
    ".xlsx": _workbook,
    ".gpkg": _geopackage,
}
"""What can be written, by the ending of its name."""
