"""The parks of a served project: one park book for each state of its files and of its ledger.

The batch is read again only when the bytes of an input changed, the book is put together again when
the ledger changed, and each table is made once. Safe to use from many threads. Computes nothing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as WaitedLong
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from landuse.errors import UserError
from landuse.intake.project import Source, files_of, load_project
from landuse.intake.safety import digest, parts_of
from landuse.pipeline import report_lists as lists
from landuse.pipeline import report_tables as made
from landuse.pipeline.enterprise import candidates, firm_file
from landuse.pipeline.enterprise_tables import list_tables
from landuse.pipeline.manifest import run_id
from landuse.pipeline.parks import ParkBatch, ParkBook, book_of, ledger_land, read_batch
from landuse.schema.park_plots import RELAPSES, REVITALISED_YEARS
from landuse.schema.park_results import (
    ASSESSMENT_PARTS,
    PROJECT_STATES,
    PROMISE_PARTS,
    PROMISE_RESULTS,
)
from landuse.schema.periods import read_period

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd
    from sqlalchemy.orm import Session

    from landuse.intake.project import Project
    from landuse.messages import Lang
    from landuse.pipeline.enterprise import Firm
    from landuse.pipeline.site import Site, SiteRun
    from landuse.publish.report.model import Table
    from landuse.schema.frame import Table as Schema

__all__ = ["PATIENCE", "ParkFigures", "ParkSite", "Step"]

PATIENCE: Final = 4.0
"""Seconds that a page waits for figures that are being made, before it says so."""
_KEPT: Final = 200
T = TypeVar("T")
_LISTED: Final[dict[str, tuple[str, Schema, tuple[str, ...]]]] = {
    "project_list": ("projects", PROJECT_STATES, (
        "project", "park", "state", "since", "next_stage", "next_planned", "delay_days",
        "stopped_days", "planned_investment_wan_micro", "invested_wan_micro")),
    "firm_promises": ("promises", PROMISE_RESULTS, (
        "park", "name", "uscc", "due_year", "verdict", "tax_shortfall_wan_micro",
        "output_shortfall_wan_micro", "investment_shortfall_wan_micro")),
    "promise_parts": ("promise_parts", PROMISE_PARTS, (
        "measure", "promised_wan_per_mu_micro", "measured_wan_per_mu", "verdict",
        "shortfall_wan_micro")),
    "assessment_parts": ("assessment_parts", ASSESSMENT_PARTS, (
        "park", "indicator", "value", "zero_at", "full_at", "weight", "part")),
    "revitalised": ("before_after", REVITALISED_YEARS, (
        "number", "part", "year", "offset", "area_m2_micro", "tax_wan_micro", "output_wan_micro",
        "energy_tce_micro", "tax_wan_per_mu", "output_wan_per_mu")),
    "relapses": ("relapses", RELAPSES, (
        "number", "part", "parcel_ids", "accepted_on", "year", "relapsed_as")),
}  # fmt: skip
"""Table → frame of the book, its schema, the columns: rows and their keys as in the report."""
_MADE: Final[dict[str, Callable[[ParkBook, Lang], Table]]] = {
    "land": made.land,
    "ratios": made.ratios,
    "projects": lists.projects_by_park,
    "promises": made.promises,
}


@dataclass(frozen=True, slots=True)
class Step:
    """How far figures that are being made have come: a step of the batch, ``done`` of ``of``."""

    step: str = "read"
    done: int = 0
    of: int = 1


class ParkFigures:
    """A park book with the tables that pages show of it, each made once.

    ``cases`` is PLOT_CASES as it stood when the book was put together.
    """

    def __init__(self, batch: ParkBatch, book: ParkBook, cases: pd.DataFrame) -> None:
        self.batch = batch
        self.book = book
        self.cases = cases
        self._lock = threading.Lock()
        self._kept: OrderedDict[object, Any] = OrderedDict()

    def once(self, key: object, make: Callable[[], T]) -> T:
        """What ``make`` gives, kept under ``key`` as long as these figures hold."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                found: T = self._kept[key]
                return found
        fresh = make()
        with self._lock:
            self._kept[key] = fresh
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return fresh

    def table(self, name: str, lang: Lang) -> Table:
        """A table of the report by its key, rows and figures as there."""

        def make() -> Table:
            if name in _MADE:
                return _MADE[name](self.book, lang)
            frame, schema, columns = _LISTED[name]
            return made.listed(name, getattr(self.book, frame), schema, columns, lang)

        return self.once(("table", name, lang), make)

    def economy(self, period: str, lang: Lang) -> Table:
        """The figures of one period (:attr:`landuse.schema.periods.Span.label`)."""
        span = read_period(period)
        return self.once(
            ("economy", period, lang),
            lambda: made.economy(self.book, span.text, lang, span.cumulative),
        )

    def balance(self, name: str, period: str, lang: Lang) -> Table:
        """Of one period: ``cluster_sums`` (clusters by kind) or ``scales`` (firms above and below
        scale against the whole)."""
        make = lists.scales if name == "scales" else lists.clusters
        return self.once((name, period, lang), lambda: make(self.of_period(period), lang))

    def of_period(self, period: str) -> pd.DataFrame:
        """PERIOD_FIGURES of one period."""
        span = read_period(period)
        return made.of_period(self.book.figures, span.text, span.cumulative)

    def lists(self) -> dict[str, pd.DataFrame]:
        """Firms near the line of scale, and fast-growing ones."""
        return self.once("lists", lambda: candidates(self.book))

    def list_tables(self, lang: Lang) -> dict[str, Table]:
        """Every list of firms that the book gives, as a table: candidates, growth, chains."""
        return self.once(("lists", lang), lambda: list_tables(self.book, lang))

    def firm(self, uscc: str, site: Site) -> Firm:
        """The file of one firm, with the runs that stand beside the project and in the ledger now.

        Raises :class:`landuse.errors.UserError` for a firm that nobody knows.
        """

        def make() -> Firm:
            with site.ledger().read() as session:
                return firm_file(self.book, uscc, session, lists=self.lists())

        seen = tuple((run.run_id, run.written) for run in site.runs())
        return self.once(("firm", uscc, seen), make)

    def is_of(self, run: SiteRun) -> bool:
        """Whether ``run`` was made of the files as they are now."""
        batch = self.batch

        def make() -> set[str]:
            inputs = batch.computed.inputs
            return {
                run_id(batch.project, batch.computed.rules, batch.day, inputs.files, lang)
                for lang in ("zh", "en")
            }

        return run.run_id in self.once("run_ids", make)


class ParkSite:
    """The figures of a site as it stands now, made in a thread of their own."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._wanted: object = None
        self._future: Future[ParkFigures] | None = None
        self._batch: tuple[object, ParkBatch] | None = None
        self.step = Step()
        self.patience = PATIENCE

    def figures(self, patience: float | None = None) -> ParkFigures | None:
        """The figures as of now; ``None`` while they are being made after ``patience`` seconds.

        Raises :class:`landuse.errors.UserError` for whatever in the files the user can mend.
        """
        project = load_project(self._site.project)
        day = project.as_of or self._run_day()
        with self._site.ledger().read() as session:
            seen = _seen(session)
        state = (day, _stamps(project), seen)
        with self._lock:
            if self._future is None or state != self._wanted:
                self._wanted, self._future = state, Future()
                work = (state, project, day, self._future)
                threading.Thread(target=self._work, args=work, daemon=True, name="parks").start()
            future = self._future
        try:
            return future.result(timeout=self.patience if patience is None else patience)
        except (WaitedLong, CancelledError):
            if future.done() and not future.cancelled():
                raise
            return None
        except UserError:
            raise
        except Exception:
            with self._lock:  # our fault, not the files': the next one who asks tries again
                self._future = None if self._future is future else self._future
            raise

    def _run_day(self) -> dt.date | None:
        import datetime as dt

        run = self._site.newest()
        return dt.date.fromisoformat(run.as_of) if run else None

    def _work(
        self, state: object, project: Project, day: dt.date | None, future: Future[ParkFigures]
    ) -> None:
        with self._making:
            with self._lock:
                overtaken = state != self._wanted
            if overtaken or not future.set_running_or_notify_cancel():
                future.cancel()
                return
            try:
                future.set_result(self._make(project, day))
            except Exception as fault:  # noqa: BLE001 - told to whoever asked
                future.set_exception(fault)

    def _make(self, project: Project, day: dt.date | None) -> ParkFigures:
        self.step = Step()
        content = (day, _digests(project))
        if self._batch is None or self._batch[0] != content:
            self._batch = None  # the old one need not be held while the new one is made
            batch = read_batch(self._site.project, as_of=day, progress=self._tell)
            self._batch = (content, batch)
        batch = self._batch[1]
        with self._site.ledger().read() as session:
            land = ledger_land(session, batch.day)
        return ParkFigures(batch, book_of(batch, land), self._site.cases())

    def _tell(self, step: str, done: int, of: int) -> None:
        self.step = Step(step, done, of)


def _seen(session: Session) -> tuple[int, ...]:
    """What figures take from the ledger: its newest event, recorded run and kept park table."""
    from sqlalchemy import func, select

    from landuse.ledger.models import Event, Run
    from landuse.ledger.park_models import ParkImport

    newest = [select(func.max(one.id)) for one in (Event, Run, ParkImport)]
    return tuple(session.scalar(one) or 0 for one in newest)


def _sources(project: Project) -> Iterator[Source]:
    for name in type(project).model_fields:
        value = getattr(project, name)
        if isinstance(value, Source):
            yield value
            yield from getattr(value, "tables", ())


def _files(project: Project) -> list[Path]:
    """The project file, what it names, and rule packs beside it; images count as they stand."""
    found = {project.file, *project.base.glob("*.toml")}
    for source in _sources(project):
        for path in files_of(source, project):
            if isinstance(path, Path):  # objects of a store are not watched
                found.update(parts_of(path))
    return sorted(found)


def _stamps(project: Project) -> tuple[tuple[str, int, int], ...]:
    """Name, moment and size of every file: what is looked at for each page."""
    stamps = []
    for path in _files(project):
        try:
            about = path.stat()
        except OSError:
            continue
        stamps.append((str(path), about.st_mtime_ns, about.st_size))
    return tuple(stamps)


def _digests(project: Project) -> tuple[tuple[str, str], ...]:
    return tuple((str(path), digest(path)) for path in _files(project) if path.is_file())
