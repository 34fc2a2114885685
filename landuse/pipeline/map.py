"""A run as a map file, with the states of its ledger; beside the run folder, never in it."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from landuse.errors import UserError
from landuse.messages import text
from landuse.pipeline.run_and_ledger import latest_cases, newest_run
from landuse.publish.folder import user_errors
from landuse.publish.map import write_map
from landuse.publish.map.options import MapOptions
from landuse.publish.map.partial import folder_of
from landuse.publish.reader import run_tables
from landuse.publish.run_reading import MAP_TABLES
from landuse.publish.whole import whole_file

if TYPE_CHECKING:
    import pandas as pd

    from landuse.publish.map.base_map import BaseMap
    from landuse.publish.run_tables import RunTables

__all__ = ["Drawn", "Wanted", "draw_map"]

_OURS: Final = re.compile(r"(plots|cards|base)-[0-9a-f]{12}(-\d+)?\.(pmtiles|json|bin)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where the ledger is, the run to compare with, and what lies under the plots.

    ``project``: the project file whose ledger is read, where it is not beside the run.
    ``orthophoto`` is a file, ``tiles`` a folder, as written by the user.
    """

    db: str | None = None
    project: Path | None = None
    compare: Path | None = None
    orthophoto: str | None = None
    tiles: str | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """The page, the run it shows, its plots, the ledger that was read (blank: none), its bytes,
    the folder of what lies beside it (``None``: nothing does), and sentences on use and secrecy."""

    path: Path
    run: Path
    plots: int
    ledger: str
    size: int
    beside: Path | None
    said: tuple[str, ...] = ()


def draw_map(
    source: Path,
    out: Path,
    wanted: Wanted,
    options: MapOptions,
    env: Mapping[str, str],
    *,
    over: bool = False,
) -> Drawn:
    """Write the map of ``source``, a run folder or a project file (its newest run), to ``out``.

    The ledger is read where there is one; one that is named (``db``, ``LANDUSE_DB``) must be there.
    Raises :class:`landuse.errors.UserError`; ``out`` is then as it was.
    """
    if out.suffix.lower() not in (".html", ".htm"):
        raise UserError.of("map_command.not_html", value=out.name)
    project = wanted.project or _project_of(source)
    folder = source
    if source.suffix.lower() == ".toml":
        folder = newest_run(
            source, wanted.db, env, no_project="map_command.no_project", no_run="map_command.no_run"
        )
    run = run_tables(folder, only=MAP_TABLES)
    if wanted.compare is not None:
        options = replace(options, second=run_tables(wanted.compare, only=MAP_TABLES))
    for place in (folder, *([wanted.compare] if wanted.compare else [])):
        if place.resolve() in out.resolve().parents:
            raise UserError.of("map_command.inside_run", value=str(out))
    cases, ledger = latest_cases(project, wanted.db, env)
    options = replace(options, base=_base(run, wanted, options))
    with whole_file(out, over=over) as part, _scratch(out) as scratch:
        page = scratch / out.name
        write_map(run, page, options=options, cases=cases)
        new = _move(folder_of(page), folder_of(out))
        page.replace(part)
    _forget(folder_of(out), new)
    beside = folder_of(out) if new else None
    said = _said(run, cases, options)
    return Drawn(out, folder, len(run.parcels), ledger, out.stat().st_size, beside, said)


def _base(run: RunTables, wanted: Wanted, options: MapOptions) -> BaseMap | None:
    from landuse.publish.map.base_map import base_map

    shapes = run.parcels["geometry"].to_numpy(dtype=object)
    photo, tiles = wanted.orthophoto, wanted.tiles
    return base_map(shapes, run.crs, orthophoto=photo, tiles=tiles, beside=options.folder)


def _said(run: RunTables, cases: pd.DataFrame | None, options: MapOptions) -> tuple[str, ...]:
    """What is to be known before the file is handed on."""
    from landuse.publish.map.public import public_said
    from landuse.publish.map.public_form import PublicSettings
    from landuse.publish.map.secrecy import plots_warning

    lang = options.lang
    shapes = run.parcels["geometry"].to_numpy(dtype=object)
    if options.audience == "public":
        own = public_said(run, cases, options.public or PublicSettings(), lang)
    else:
        own = text("map_command.keep", lang)
    base = options.base.warning(lang) if options.base else ""
    return tuple(one for one in (own, plots_warning(shapes, run.crs, lang), base) if one)


@contextlib.contextmanager
def _scratch(out: Path) -> Iterator[Path]:
    """A folder beside the page to write in: what is finished moves to its place by a rename."""
    with (
        user_errors(out),
        tempfile.TemporaryDirectory(prefix=f".{out.stem}.", dir=out.absolute().parent) as folder,
    ):
        yield Path(folder)


def _move(new: Path, folder: Path) -> set[str]:
    """Put the files of the new page beside those of the old one; their names."""
    files = sorted(new.iterdir()) if new.is_dir() else []
    if files:
        folder.mkdir(exist_ok=True)
    for file in files:
        file.replace(folder / file.name)
    return {file.name for file in files}


def _forget(folder: Path, new: set[str]) -> None:
    """Remove what the page before had beside it, and nothing that is not ours."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.name not in new and _OURS.fullmatch(path.name) and path.is_file():
            path.unlink(missing_ok=True)
    if not new and not any(folder.iterdir()):
        folder.rmdir()


def _project_of(source: Path) -> Path | None:
    """The project file: the source itself, else that beside the folder of runs."""
    if source.suffix.lower() == ".toml":
        return source
    beside = source.absolute().parent.parent / "project.toml"
    return beside if beside.is_file() else None
