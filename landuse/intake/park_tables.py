"""The tables about whole parks, validated: register, periods, projects, promises, demand, claims.

A project gives any of them, or none. They are read apart from the tables of a run
(:mod:`landuse.intake.read`): a run does without them, and they do without parcels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from landuse.errors import UserError
from landuse.intake import joined
from landuse.intake.park_periods import read_periods
from landuse.intake.park_records import read_records
from landuse.intake.project import PARK_TABLES
from landuse.intake.small_tables import read_corrections
from landuse.issues import IssueLog
from landuse.schema.headings import nearest
from landuse.schema.park_tables import PARK_TABLES as TABLES

if TYPE_CHECKING:
    import pandas as pd

    from landuse.intake.inputs import Reading, SourceFile
    from landuse.intake.project import Project
    from landuse.intake.raw import Fact
    from landuse.issues import Issue

__all__ = ["ParkInputs", "read_park_inputs"]


@dataclass(frozen=True, slots=True)
class ParkInputs:
    """The park tables of a project; frames as in :mod:`landuse.schema.park_tables`.

    Tables that the project does not give are empty; ``given`` names those that it gives.
    ``counts``, ``set_aside``, ``sources``, ``corrections``, ``facts`` and ``files`` are those of
    :class:`landuse.intake.inputs.Inputs`: ``read = used + set_aside`` by table and file.
    """

    park_register: pd.DataFrame
    periods: pd.DataFrame
    projects: pd.DataFrame
    promises: pd.DataFrame
    demand: pd.DataFrame
    stated: pd.DataFrame
    given: frozenset[str]
    counts: pd.DataFrame
    set_aside: pd.DataFrame
    sources: pd.DataFrame
    corrections: pd.DataFrame
    facts: tuple[Fact, ...]
    files: tuple[SourceFile, ...]

    def table(self, name: str) -> pd.DataFrame:
        """The frame of one of the tables by its name in a project file."""
        frame: pd.DataFrame = getattr(self, name)
        return frame


def read_park_inputs(project: Project, log: IssueLog) -> ParkInputs:
    """Every park table of the project, checked, in the units of the program.

    Issues go to ``log``; a bad row is set aside and counted. Raises
    :class:`landuse.errors.UserError` with the structural faults of all tables together.
    """
    try:
        corrections, _ = read_corrections(project, IssueLog())  # the run tells of its rows
    except UserError as error:
        raise UserError([*error.issues, *log.errors()]) from error
    corrections.entries = [one for one in corrections.entries if one.table in PARK_TABLES]
    readings: dict[str, Reading] = {}
    faults: list[Issue] = []
    for name in PARK_TABLES:
        if project.source(name) is None:
            continue
        try:
            if name == "periods":
                readings[name] = read_periods(project, corrections, log)
            else:
                readings[name] = read_records(name, project, corrections, log)
        except UserError as error:
            faults += error.issues
    if faults or log.errors():
        raise UserError(joined.once([*faults, *log.errors()]))
    _report_unknown(readings, log)
    everything = list(readings.values())
    paths = [path for one in everything for path in one.files]
    return ParkInputs(
        **{name: _frame(readings, name) for name in PARK_TABLES},
        given=frozenset(readings),
        counts=joined.counts(everything),
        set_aside=joined.set_aside(everything),
        sources=joined.sources(everything),
        corrections=corrections.report(log),
        facts=joined.facts(everything),
        files=joined.files(paths, project.base),
    )


def _frame(readings: dict[str, Reading], name: str) -> pd.DataFrame:
    return readings[name].frame if name in readings else TABLES[name].empty()


def _report_unknown(readings: dict[str, Reading], log: IssueLog) -> None:
    """A park that the register does not know is likely a slip of the pen."""
    if "park_register" not in readings:
        return
    parks = set(readings["park_register"].frame["park"])
    for name, reading in readings.items():
        frame = reading.frame
        if name == "periods":
            frame = frame[frame["scope"].isin(["park", "park_scale"])]
            named = frame["key"].str.partition("|")[0] if len(frame) else frame["key"]
        elif name in ("projects", "promises", "demand"):
            named = frame["park"]
        else:
            continue
        frame = frame.assign(_park=named)
        strange = frame[(named != "") & ~named.isin(parks)]
        for row in strange.drop_duplicates("_park").to_dict("records"):
            log.add(
                "park_tables.unknown_park", table=name, file=row["source_file"],
                sheet=row["source_sheet"], row=int(row["source_row"]), key=row["_park"],
                value=row["_park"], nearest=", ".join(nearest(row["_park"], sorted(parks))) or "–",
            )  # fmt: skip
