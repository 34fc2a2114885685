"""What must be known of whole tables before their rows are checked part by part.

The rows are read by workers, in spans (:mod:`landuse.engines.reading.spans`). Decided here, from
what they tell: the cuts (from one code of many), the working system (from a box a file, or from
counts by zone where the land of a file is not in one zone), and the columns (from the heads of the
files). Held here: a sample of codes, and nothing for each parcel.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from landuse.crs import code_of
from landuse.engines.parts.cuts import cut_evenly, cut_parcels
from landuse.engines.reading.corrected import corrected_cells
from landuse.engines.reading.grounds import locate_files, sample_of, told_target
from landuse.engines.reading.listing import pieces_of
from landuse.engines.reading.spans import Key, around, done, share_spans, survey_firms, survey_land
from landuse.errors import UserError
from landuse.intake.enterprises import enterprise_sources, outline_enterprises
from landuse.intake.inputs import Reading
from landuse.intake.occupancy import read_occupancy
from landuse.intake.opened_parts import RowsOpener
from landuse.intake.parcels import columns_of
from landuse.intake.placing import fact_working, place_all, project_crs, working_crs
from landuse.intake.placing import facts_of as facts_of_file
from landuse.intake.raw import Fact, stack
from landuse.intake.read import Readers
from landuse.intake.strange import Strange
from landuse.intake.streamed import why_whole
from landuse.issues import IssueLog
from landuse.schema.tables import LOST_PARCELS, OCCUPANCY, PARCELS, SET_ASIDE, SOURCES

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.engines.parts.job import Crew, Job
    from landuse.intake.columns import Columns
    from landuse.intake.corrected import Cells
    from landuse.intake.corrections import Corrections
    from landuse.intake.opened_parts import Known
    from landuse.intake.project import Project
    from landuse.intake.streamed import Pieces
    from landuse.rules.model import Rules

__all__ = ["Survey", "prove_parts"]

_STEP: Final = 256
_FIRM_ROWS: Final = 3
"""Rows of figures to be expected of an enterprise."""


def prove_parts(project: Project) -> None:
    """Raise :class:`landuse.intake.strange.Strange` where files of big tables cannot be read some
    rows at a time.
    """
    sources = [("parcels", project.parcels), ("occupancy", project.occupancy)]
    sources += [("enterprises", source) for source in enterprise_sources(project)]
    reasons = [why for table, source in sources for why in why_whole(table, source, project)]
    if reasons:
        raise Strange(*reasons)


@dataclass
class Survey:
    """Reads outlines of the big tables for :func:`landuse.intake.read_inputs`.

    ``rows`` is how many parcels a part may have. Afterwards ``land`` and ``firms`` are the cuts,
    ``keys`` says where the keys of each kind of table stand, ``known`` what the heads of tables
    without polygons told, and ``told`` is what the parts must
    know, as JSON keeps it; zones lie with the spans that were asked for them.
    """

    job: Job
    crew: Crew
    rows: int
    land: tuple[str, ...] = ("",)
    firms: tuple[str, ...] = ("",)
    keys: dict[str, Key] = field(default_factory=dict)
    known: dict[str, list[Known]] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)

    def readers(self) -> Readers:
        """Readers that give the big tables without their rows."""
        return Readers(self._parcels, self._enterprises, self._occupancy)

    def _parcels(
        self, project: Project, rules: Rules, corrections: Corrections, log: IssueLog
    ) -> Reading:
        source, wish = project.parcels, project_crs(project)
        (pieces,) = pieces_of("parcels", self.job, project)
        heads = pieces.heads(log)
        filled = [head for head in heads if len(head)]
        try:
            columns: Columns | None = columns_of(stack(filled), source)
        except UserError as error:
            columns, fault = None, error
        self.keys["parcels"] = Key(columns)
        boxes = self._land_pass(pieces, project)
        found, told = locate_files(self.job, self.crew, project, rules, heads, boxes)
        self.told.update(told)
        target = working_crs(list(found.values()), wish)
        samples = [sample_of(part) for part in found.values()]
        head = place_all(samples, target, rules).raw
        if columns is None:
            raise fault
        cells = corrected_cells(self.job, self.crew, project, "parcels", [columns], corrections)
        self.keys["parcels"] = Key(columns, cells=cells)
        self.told["target"] = told_target(found, target, wish)
        self.told["file"] = str(head.file[0])
        facts = [fact for part in found.values() for fact in facts_of_file(part)]
        return Reading(
            PARCELS.empty(),
            _no_counts(),
            SET_ASIDE.empty(),
            SOURCES.empty(),
            (*facts, *columns.facts(head), fact_working(target)),
            pieces.paths,
            frozenset(columns.theirs),
            lost=LOST_PARCELS.empty(),
            crs=code_of(target),
        )

    def _land_pass(self, pieces: Pieces, project: Project) -> list[npt.NDArray[np.float64]]:
        """The box of every file; the cuts of the land."""
        boxes = [np.full(4, np.nan) for _ in pieces.paths]
        step, sample = _step(self.rows), list[str]()
        spans = share_spans(self.job, project, "parcels", self.rows)
        task = partial(
            survey_land, job=self.job, project=project, key=self.keys["parcels"], step=step
        )
        for piece, told in zip(spans, done(self.crew, task, len(spans)), strict=True):
            sample += told["sample"]
            boxes[piece.span.file] = around(boxes[piece.span.file], told["box"])
        self.land = cut_parcels(sorted(sample), max(self.rows // step, 1))
        return boxes

    def _enterprises(
        self, project: Project, rules: Rules, corrections: Corrections, log: IssueLog, *, crs: str
    ) -> Reading:
        del crs  # the points are asked part by part
        tables = pieces_of("enterprises", self.job, project)
        opener = RowsOpener(tables)
        said = IssueLog()
        try:
            reading, columns = outline_enterprises(project, rules, corrections, said, opener)
        finally:
            log.extend([*opener.said, *said.errors()])
        uncoded = [
            Fact("read_whole.no_codes", ", ".join(table.files), {"table": "enterprises"})
            for table, one in zip(tables, columns, strict=True) if "uscc" not in one
        ]  # fmt: skip
        if uncoded:  # found by name: all rows must be known
            raise Strange(*uncoded)
        spans = share_spans(self.job, project, "enterprises", self.rows * _FIRM_ROWS)
        cells = self._corrected("enterprises", opener, project, corrections)
        key = Key(None, tuple(one.heading("uscc") for one in columns), "uscc", cells)
        self.keys["enterprises"] = key
        step, sample = _step(self.rows), list[str]()
        task = partial(survey_firms, job=self.job, project=project, key=key, step=step)
        for told in done(self.crew, task, len(spans)):
            sample += told["sample"]
        self.firms = cut_evenly(sorted(sample), max(self.rows * _FIRM_ROWS // step, 1))
        return replace(reading, counts=_no_counts())

    def _occupancy(self, project: Project, corrections: Corrections, log: IssueLog) -> Reading:
        opener = RowsOpener(pieces_of("occupancy", self.job, project))
        said = IssueLog()
        try:
            reading = read_occupancy(project, corrections, said, opener)
        finally:
            log.extend([*opener.said, *said.errors()])
        if project.occupancy is not None:
            share_spans(self.job, project, "occupancy", self.rows)
            cells = self._corrected("occupancy", opener, project, corrections)
            heading = opener.known[-1].columns.theirs["parcel_id"]
            self.keys["occupancy"] = Key(None, (heading,), "parcel_id", cells)
        return replace(
            reading,
            frame=OCCUPANCY.empty(),
            counts=_no_counts(),
            set_aside=SET_ASIDE.empty(),
            sources=SOURCES.empty(),
        )

    def _corrected(
        self, kind: str, opener: RowsOpener, project: Project, corrections: Corrections
    ) -> tuple[Cells, ...]:
        """The corrected cells of tables whose heads are known; kept with what these told."""
        columns = [one.columns for one in opener.known]
        cells = corrected_cells(self.job, self.crew, project, kind, columns, corrections)
        self.known[kind] = [
            one._replace(cells=mine) for one, mine in zip(opener.known, cells, strict=True)
        ]
        return cells


def _step(rows: int) -> int:
    return min(_STEP, max(rows // 100, 1))


def _no_counts() -> pd.DataFrame:
    kinds = {"table": "str", "file": "str", "read": "int64", "used": "int64", "set_aside": "int64"}
    return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in kinds.items()})
