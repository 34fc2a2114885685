"""All inputs of a project, validated: the one place where the readers of this room meet."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

import pandas as pd

from landuse.errors import UserError
from landuse.intake import joined
from landuse.intake.enterprises import read_enterprises
from landuse.intake.images import images_of
from landuse.intake.inputs import Inputs, Reading
from landuse.intake.occupancy import read_occupancy
from landuse.intake.parcels import read_parcels
from landuse.intake.project import PARK_TABLES
from landuse.intake.small_tables import (
    read_confirmed,
    read_corrections,
    read_exemptions,
    report_unknown,
)
from landuse.intake.supply import read_supply
from landuse.intake.zones import read_parks, read_zones
from landuse.issues import IssueLog
from landuse.schema.tables import (
    CONFIRMED,
    ENTERPRISES,
    EXEMPTIONS,
    LOST_PARCELS,
    OCCUPANCY,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from landuse.intake.corrections import Corrections
    from landuse.intake.project import Project
    from landuse.issues import Issue
    from landuse.rules import Rules
    from landuse.schema.frame import Table

__all__ = ["Progress", "Readers", "read_inputs"]

_LAND: Final = ("parcels", "parks", "supply")
_NOT_LAND: Final = ("occupancy", "price_zones", "exemptions", "confirmed_links")


class Progress(Protocol):
    """Told the name of each table when its reading begins."""

    def __call__(self, table: str, /) -> None:
        """``table`` is about to be read."""


def _read_parcels(
    project: Project, rules: Rules, corrections: Corrections, log: IssueLog
) -> Reading:
    return read_parcels(project, rules, log, correct=corrections.apply)


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads the big tables; others than the ordinary ones may give a table without its rows."""

    parcels: Callable[[Project, Rules, Corrections, IssueLog], Reading] = _read_parcels
    enterprises: Callable[..., Reading] = read_enterprises
    occupancy: Callable[..., Reading] = read_occupancy


class _Firms:
    """The enterprises, read by the other core beside the land: they need nothing of it but the
    system of their points. Readers that keep memory within bounds read one after the other.
    """

    def __init__(
        self, project: Project, rules: Rules, corrections: Corrections, readers: Readers
    ) -> None:
        self._crs: Future[str] = Future()
        self._log = IssueLog()
        read = partial(readers.enterprises, project, rules, corrections, self._log)
        self._read: Callable[[], Reading] = lambda: read(crs=self._crs.result())
        if readers == Readers():
            beside = ThreadPoolExecutor(1)
            self._read = beside.submit(read, crs=self._crs.result).result
            beside.shutdown(wait=False)

    def land_is_read(self, crs: str) -> None:
        """The system of the land, ``""`` where it could not be read; to be told in any case."""
        self._crs.set_result(crs)

    def reading(self, log: IssueLog) -> Reading:
        """The enterprises, and their issues in ``log``."""
        try:
            return self._read()
        finally:
            log.extend(self._log)


class _Attempts:
    """Readings so far, and the structural faults of those that failed."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self.readings: dict[str, Reading] = {}
        self.faults: list[Issue] = []
        self.images: list[Path] = []

    def read(self, table: str, reader: Callable[[], Reading]) -> Reading | None:
        if self._progress is not None:
            self._progress(table)
        try:
            found = self.readings[table] = reader()
        except UserError as error:
            self.faults += error.issues
            return None
        return found

    def find_images(self, project: Project) -> None:
        """The rasters are only found and hashed here; the room of idle land opens them."""
        try:
            self.images = images_of(project)
        except UserError as error:
            self.faults += error.issues


def read_inputs(
    project: Project,
    rules: Rules,
    log: IssueLog,
    progress: Progress | None = None,
    *,
    land_only: bool = False,
    readers: Readers = Readers(),
) -> Inputs:
    """Every table of the project, checked, in the units of the program.

    Issues go to ``log``; a bad row is set aside and counted. With ``land_only`` nothing but
    parcels, parks, supply, their corrections and images is used; the other tables are empty. Raises
    :class:`landuse.errors.UserError` with the structural faults of all tables together.
    """
    if land_only:
        project = project.model_copy(update=dict.fromkeys(_NOT_LAND))
    attempts = _Attempts(progress)
    try:
        corrections, noted = read_corrections(project, log)
    except UserError as error:
        raise UserError([*error.issues, *log.errors()]) from error
    corrections.entries = [
        one
        for one in corrections.entries
        if one.table not in PARK_TABLES and (one.table in _LAND or not land_only)
    ]
    correct = corrections.apply
    firms = None if land_only else _Firms(project, rules, corrections, readers)
    crs = ""
    try:
        parcels = attempts.read(
            "parcels", lambda: readers.parcels(project, rules, corrections, log)
        )
        crs = parcels.crs if parcels else crs
    finally:
        if firms:
            firms.land_is_read(crs)
    if crs and project.price_zones:
        attempts.read(
            "price_zones", lambda: read_zones(project, rules, log, crs=crs, correct=correct)
        )
    if crs and project.parks:
        attempts.read("parks", lambda: read_parks(project, rules, log, crs=crs, correct=correct))
    if firms:
        attempts.read("enterprises", lambda: firms.reading(log))
    for table, reader in (
        ("occupancy", readers.occupancy),
        ("supply", read_supply),
        ("exemptions", read_exemptions),
        ("confirmed_links", read_confirmed),
    ):
        if project.source(table) is not None:
            attempts.read(table, lambda reader=reader: reader(project, corrections, log))  # type: ignore[misc]
    attempts.find_images(project)
    if attempts.faults or log.errors():
        raise UserError(joined.once([*attempts.faults, *log.errors()]))
    readings = attempts.readings
    _report_unknown(readings, log)
    everything = [*readings.values(), *([noted] if noted else [])]
    return _inputs(project, readings, everything, corrections.report(log), attempts.images)


def _report_unknown(readings: dict[str, Reading], log: IssueLog) -> None:
    if {"exemptions", "enterprises"} <= readings.keys() and len(readings["enterprises"].frame):
        report_unknown(readings["exemptions"].frame, readings["enterprises"].frame, log)


def _inputs(
    project: Project,
    readings: dict[str, Reading],
    everything: Sequence[Reading],
    corrections: pd.DataFrame,
    images: Sequence[Path],
) -> Inputs:
    parcels, enterprises = readings["parcels"], readings.get("enterprises")
    zones, parks = readings.get("price_zones"), readings.get("parks")
    supply = readings.get("supply")
    figures = enterprises.figures if enterprises else None
    lost = parcels.lost
    prices = parcels.frame["benchmark_price_yuan_per_m2"]
    return Inputs(
        parcels=parcels.frame,
        lost_parcels=LOST_PARCELS.empty() if lost is None else lost,
        enterprises=enterprises.frame if enterprises else ENTERPRISES.empty(),
        figures=pd.DataFrame() if figures is None else figures,
        occupancy=_frame(readings, "occupancy", OCCUPANCY),
        confirmed_links=_frame(readings, "confirmed_links", CONFIRMED),
        price_zones=zones.frame if zones else None,
        parks=parks.frame if parks else None,
        supply=supply.frame if supply else None,
        exemptions=_frame(readings, "exemptions", EXEMPTIONS),
        counts=joined.counts(everything),
        set_aside=joined.set_aside(everything),
        sources=joined.sources(everything),
        corrections=corrections,
        facts=joined.facts(everything),
        files=joined.files(
            [*(path for one in everything for path in one.files), *images], project.base
        ),
        crs=parcels.crs,
        has_land_use="land_use_code" in parcels.has,
        has_prices=bool((prices > 0).any()) or (zones is not None and len(zones.frame) > 0),
        years=enterprises.years if enterprises else (),
    )


def _frame(readings: dict[str, Reading], name: str, table: Table) -> pd.DataFrame:
    return readings[name].frame if name in readings else table.empty()
