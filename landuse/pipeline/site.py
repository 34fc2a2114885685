"""What the served pages show: one project, its runs, its ledger; read once and kept.

Takes a project file and the address of a ledger. Safe to use from many threads. Computes nothing.
"""

from __future__ import annotations

import itertools
import re
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from landuse.errors import UserError
from landuse.ledger import open_ledger
from landuse.publish.reader import open_run
from landuse.rules.document import read

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy.orm import Session

    from landuse.ledger.store import Ledger
    from landuse.messages import Lang
    from landuse.publish.plots import PlotTable
    from landuse.publish.run_tables import RunTables

__all__ = ["BATCHES", "IDLE", "MAP", "Site", "SiteRun"]

BATCHES: Final = "batches"
"""Folder beside the project file for what is uploaded: one folder a batch, with its own runs."""
_MANIFEST: Final = "run.json"
IDLE: Final = "-idle"
MAP: Final = "map.html"
"""The page of a map; what lies beside it is in a folder beside it."""
_KEPT: Final = 2
_EDITIONS: Final = 6
_MADE: Final = 8
_EDITION: Final = re.compile(r"[0-9A-Za-z_-]{1,80}-[0-9]+")
_PART: Final = re.compile(r"map\.html|map-files/[A-Za-z0-9_-]+\.(pmtiles|json)")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SiteRun:
    """A run that the pages can show. ``graded``: enterprises were graded, not idle land alone.

    ``run_id`` is that of the manifest; of a run of idle land alone, which shares it with the full
    run of the same inputs, with ``-idle`` behind it (as its folder has it).
    """

    run_id: str
    folder: Path
    name: str
    year: int
    as_of: str
    graded: bool
    plots: int
    written: float


class _Kept:
    """The newest few results of one slow question; asked once however many threads want it."""

    def __init__(self, size: int = _KEPT) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._found: OrderedDict[object, Any] = OrderedDict()

    def get(self, key: object, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
            else:
                self._found[key] = make()
                while len(self._found) > self._size:
                    self._found.popitem(last=False)
            made: T = self._found[key]
            return made


class Site:
    """One project as it is served.

    ``url`` names the ledger (as :func:`landuse.ledger.open_ledger` takes it); it is opened when it
    is first needed, and begun where there is none. ``tianditu``: whether maps may lie over
    Tianditu's tiles, which the server fetches with the user's key.
    """

    def __init__(self, project: Path, url: str, *, tianditu: bool = False) -> None:
        self.project = project.absolute()
        self.url = url
        self.tianditu = tianditu
        self._lock = threading.Lock()
        self._ledger: Ledger | None = None
        self._tables = _Kept()
        self._plots = _Kept()
        self._maps = _Kept(_EDITIONS)
        self._made = _Kept(_MADE)
        self._editions = itertools.count(1)
        self._folder = tempfile.TemporaryDirectory(
            prefix="landuse-site-", ignore_cleanup_errors=True
        )
        self._manifests: dict[Path, tuple[float, SiteRun | None]] = {}

    @property
    def base(self) -> Path:
        """The folder of the project file."""
        return self.project.parent

    @property
    def name(self) -> str:
        """The project's name; that of its folder where the file does not say one."""
        try:
            head = read(self.project, self.project.name).data.get("project")
        except UserError:
            head = None
        name = head.get("name") if isinstance(head, dict) else None
        return name if isinstance(name, str) and name.strip() else self.base.name

    def folders(self) -> list[Path]:
        """Where runs lie: ``runs`` beside the project, and the same of each uploaded batch."""
        batches = self.base / BATCHES
        inside = sorted(batches.iterdir()) if batches.is_dir() else []
        return [self.base / "runs", *(folder / "runs" for folder in inside)]

    def runs(self) -> list[SiteRun]:
        """Every run, the newest first (by its day, then by when it was written)."""
        found: dict[str, SiteRun] = {}
        for folder in self.folders():
            for place in sorted(folder.iterdir()) if folder.is_dir() else []:
                run = self._described(place)
                if run is not None:
                    found.setdefault(run.run_id, run)
        return sorted(found.values(), key=lambda run: (run.as_of, run.written), reverse=True)

    def run(self, run_id: str) -> SiteRun:
        """The run of this id. Raises :class:`landuse.errors.UserError` where there is none."""
        for run in self.runs():
            if run.run_id == run_id:
                return run
        raise UserError.of("site.no_run", value=run_id)

    def newest(self) -> SiteRun | None:
        """The newest run in which enterprises were graded, else the newest."""
        runs = self.runs()
        return next((run for run in runs if run.graded), runs[0] if runs else None)

    def tables(self, run_id: str) -> RunTables:
        """All tables of a run, read once."""
        run = self.run(run_id)
        return self._tables.get((run.folder, run.written), lambda: _tables_of(run.folder))

    def once(self, run_id: str, what: str, make: Callable[[SiteRun], T]) -> T:
        """Something (``what``) made of a run, kept while the run's folder is as it is."""
        run = self.run(run_id)
        return self._made.get((what, run.folder, run.written), lambda: make(run))

    def plots(self, run_id: str) -> PlotTable:
        """The plots of a run with their cases as they stand now."""
        from landuse.publish.plots import plot_table

        plain = self.once(run_id, "plots", lambda _: plot_table(self.tables(run_id)))
        with self.ledger().read() as session:
            key = (run_id, self.run(run_id).written, _seen(session))
        # the session is given back first: many who wait must not hold all connections
        return self._plots.get(key, lambda: plain.with_cases(self.cases()))

    def change(self) -> int:
        """The newest event of the ledger: what is drawn or listed at one value holds until the
        next."""
        with self.ledger().read() as session:
            return _change(session)

    def cases(self) -> pd.DataFrame:
        """PLOT_CASES: the latest case of every parcel that has one, as it stands now."""
        with self.ledger().read() as session:
            return _cases(session)

    def map_edition(self, run_id: str, lang: Lang, *, second: str = "") -> str:
        """The name of the map of a run as it is now; :meth:`map_part` gives its files.

        A map of outlines is written anew after each change of the ledger. That of a run so large
        that it is drawn from tiles is written once: the page sends it the states. ``second`` is a
        run to compare with. Raises :class:`landuse.errors.UserError`.
        """
        from landuse.publish.map.options import CANVAS_UP_TO

        run, other = self.run(run_id), self.run(second) if second else None
        with self.ledger().read() as session:
            seen = _seen(session) if run.plots <= CANVAS_UP_TO else None
        key = (run.folder, run.written, lang, seen, other and (other.folder, other.written))
        return self._maps.get(key, lambda: self._write_map(run, lang, other))

    def _write_map(self, run: SiteRun, lang: Lang, other: SiteRun | None) -> str:
        from landuse.publish.map import write_map
        from landuse.publish.map.base_map import TIANDITU
        from landuse.publish.map.options import MapOptions

        edition = f"{run.run_id}-{next(self._editions)}"
        folder = Path(self._folder.name) / edition
        folder.mkdir()
        options = MapOptions(
            lang=lang,
            served=True,
            folder=True,
            second=self.tables(other.run_id) if other else None,
            base=TIANDITU if self.tianditu else None,
        )
        tables = self.tables(run.run_id)
        write_map(tables, folder / MAP, options=options, cases=self.cases())
        self._forget_old_maps()
        return edition

    def _forget_old_maps(self) -> None:
        """An edition that was replaced may still be on its way to a browser; older ones may not."""
        written = [path for path in Path(self._folder.name).iterdir() if path.is_dir()]
        for old in sorted(written, key=lambda path: path.stat().st_mtime)[:-_EDITIONS]:
            shutil.rmtree(old, ignore_errors=True)

    def map_part(self, run_id: str, edition: str, name: str) -> Path:
        """A file of a map: its page, or what lies beside it (tiles, cards).

        Raises :class:`landuse.errors.UserError` for anything else.
        """
        path = Path(self._folder.name) / edition / name
        known = _EDITION.fullmatch(edition) and _PART.fullmatch(name)
        if not known or not edition.startswith(f"{run_id}-") or not path.is_file():
            raise UserError.of("site.no_map")
        return path

    def ledger(self) -> Ledger:
        """The ledger, open."""
        with self._lock:
            if self._ledger is None:
                self._ledger = open_ledger(self.url, create=True)
            return self._ledger

    def close(self) -> None:
        """Give the ledger's connections back."""
        with self._lock:
            if self._ledger is not None:
                self._ledger.close()
                self._ledger = None
        self._folder.cleanup()

    def _described(self, folder: Path) -> SiteRun | None:
        """What the manifest in ``folder`` says; ``None`` where it is no run of ours."""
        try:
            written = (folder / _MANIFEST).stat().st_mtime
        except OSError:
            return None
        known = self._manifests.get(folder)
        if known is None or known[0] != written:
            known = self._manifests[folder] = (written, _described(folder, written))
        return known[1]


def _described(folder: Path, written: float) -> SiteRun | None:
    try:
        manifest = open_run(folder).manifest
    except UserError:
        return None
    project, totals = manifest["project"], manifest["totals"]
    graded = "low_efficiency" in manifest.get("examined", ["low_efficiency"])
    try:
        return SiteRun(
            run_id=f"{manifest['run_id']}{'' if graded else IDLE}",
            folder=folder,
            name=str(project["name"]),
            year=int(project["year"]),
            as_of=str(project["as_of"]),
            graded=graded,
            plots=int(totals["parcels"]),
            written=written,
        )
    except (KeyError, TypeError, ValueError):
        return None


def _change(session: Session) -> int:
    from sqlalchemy import func, select

    from landuse.ledger.models import Event

    return session.scalar(select(func.max(Event.id))) or 0


def _seen(session: Session) -> tuple[int, int]:
    """What plots with their cases rest on: the newest event, the newest verdict."""
    from sqlalchemy import func, select

    from landuse.ledger.review_models import Review

    return _change(session), session.scalar(select(func.max(Review.id))) or 0


def _cases(session: Session) -> pd.DataFrame:
    from landuse.ledger.plot_cases import plot_cases

    return plot_cases(session)


def _tables_of(folder: Path) -> RunTables:
    from landuse.publish.reader import run_tables

    return run_tables(folder)
