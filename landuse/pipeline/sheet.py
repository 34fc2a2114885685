"""A run as a printed sheet or atlas, with the states of its ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from landuse.errors import UserError
from landuse.ledger import open_ledger, shown
from landuse.ledger.plot_cases import plot_cases
from landuse.pipeline.ledger import url_of
from landuse.pipeline.site import Site
from landuse.publish.map.secrecy import photo_warning, plots_warning
from landuse.publish.reader import run_tables
from landuse.publish.sheet import SheetOptions, land_of, write_sheet

if TYPE_CHECKING:
    import pandas as pd

    from landuse.publish.sheet.land import Land

__all__ = ["Printed", "Wanted", "print_sheet"]

_TABLES: Final = ("units", "parcels", "links", "indicators", "cohorts", "idle", "evidence", "areas")
_NONE: Final = "ledger.no_ledger"


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
    folder = _newest(source, wanted, env) if source.suffix.lower() == ".toml" else source
    if folder.resolve() in (one.resolve() for one in out.absolute().parents):
        raise UserError.of("sheet.inside_run", value=str(out))
    run = run_tables(folder, only=_TABLES)
    cases, ledger = _cases(project, wanted.db, env)
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


def _newest(project: Path, wanted: Wanted, env: Mapping[str, str]) -> Path:
    if not project.is_file():
        raise UserError.of("sheet.no_project", value=str(project))
    site = Site(project, url_of(project, wanted.db, env))
    try:
        run = site.newest()
    finally:
        site.close()
    if run is None:
        raise UserError.of("sheet.no_run", value=str(project))
    return run.folder


def _cases(
    project: Path | None, db: str | None, env: Mapping[str, str]
) -> tuple[pd.DataFrame | None, str]:
    """PLOT_CASES and the ledger's address; nothing where no ledger was begun yet."""
    named = bool(db or env.get("LANDUSE_DB"))
    if project is None and not named:
        return None, ""
    url = url_of(project, db, env)
    try:
        ledger = open_ledger(url, create=False)
    except UserError as fault:
        if named or fault.issues[0].code != _NONE:
            raise
        return None, ""
    try:
        with ledger.read() as session:
            return plot_cases(session), shown(url)
    finally:
        ledger.close()
