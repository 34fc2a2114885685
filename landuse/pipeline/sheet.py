"""A run as a printed sheet or atlas, with the states of its ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from landuse.errors import UserError
from landuse.pipeline.run_and_ledger import latest_cases, newest_run
from landuse.publish.map.secrecy import photo_warning, plots_warning
from landuse.publish.reader import run_tables
from landuse.publish.sheet import SheetOptions, land_of, write_sheet

if TYPE_CHECKING:
    from landuse.publish.sheet.land import Land

__all__ = ["Printed", "Wanted", "print_sheet"]

_TABLES: Final = ("units", "parcels", "links", "indicators", "cohorts", "idle", "evidence", "areas")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which plots: those of ``park``, those with ``codes``, or all; and where the ledger is.

    ``project``: the project file whose ledger is read, where it is not beside the run.
    """

    park: str = ""
    codes: Sequence[str] = ()
    db: str | None = None
    project: Path | None = None


@dataclass(frozen=True, slots=True)
class Printed:
    """The file, its pages, the run folder it shows, the ledger that was read (blank: none), signs
    that no font has, and warnings about secrecy."""

    path: Path
    pages: int
    run: Path
    ledger: str
    unknown: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def print_sheet(
    source: Path,
    out: Path,
    wanted: Wanted,
    options: SheetOptions,
    env: Mapping[str, str],
    *,
    over: bool = False,
) -> Printed:
    """Write the sheet of ``source``, a run folder or a project file (its newest run), to ``out``.

    The ledger is read where there is one; one that is named (``db``, ``LANDUSE_DB``) must be there.
    Raises :class:`landuse.errors.UserError`.
    """
    project = wanted.project or _project_of(source)
    folder = source
    if source.suffix.lower() == ".toml":
        folder = newest_run(
            source, wanted.db, env, no_project="sheet.no_project", no_run="sheet.no_run"
        )
    if folder.resolve() in (one.resolve() for one in out.absolute().parents):
        raise UserError.of("sheet.inside_run", value=str(out))
    run = run_tables(folder, only=_TABLES)
    cases, ledger = latest_cases(project, wanted.db, env)
    land = land_of(run, cases, park=wanted.park, codes=wanted.codes)
    done = write_sheet(land, out, options, over=over)
    return Printed(done.path, done.pages, folder, ledger, done.unknown, _warnings(land, options))


def _warnings(land: Land, options: SheetOptions) -> tuple[str, ...]:
    """What is to be said about secrecy of the land and of the image that the sheet shows."""
    crs = land.crs.to_wkt()
    found = [plots_warning(land.shapes[land.chosen], crs, options.lang)]
    if options.photo is not None:
        from landuse.publish.map.orthophoto import facts_of

        found.append(photo_warning(*facts_of(options.photo, crs), options.lang))
    return tuple(one for one in found if one)


def _project_of(source: Path) -> Path | None:
    """The project file: the source itself, else that beside the run or its folder of runs."""
    if source.suffix.lower() == ".toml":
        return source
    folder = source.absolute().parent
    beside = (place / "project.toml" for place in (folder, folder.parent))
    return next((file for file in beside if file.is_file()), None)
