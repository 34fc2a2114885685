"""What must be known of whole tables before their rows are checked part by part.

The rows are read by workers, in spans (:mod:`landuse.engines.reading.spans`). Decided here, from
what they tell: the cuts (from one code of many), the working system (from a box a file, or from
counts by zone where the land of a file is not in one zone), and the columns (from the heads of the
files). Held here: a sample of codes, and nothing for each parcel.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from landuse.crs import (
    CrsFault,
    Ground,
    check_extent,
    code_of,
    ground_by,
    is_settled,
    missing_system,
    zone_counts,
    zone_crs,
    zone_in,
    zones_at,
)
from landuse.engines.parts.cuts import cut_evenly, cut_parcels
from landuse.engines.reading.spans import (
    Key,
    around,
    done,
    share_spans,
    spans_of,
    survey_firms,
    survey_land,
    survey_zones,
)
from landuse.errors import UserError
from landuse.intake.enterprises import enterprise_sources, outline_enterprises
from landuse.intake.inputs import Reading
from landuse.intake.occupancy import read_occupancy
from landuse.intake.parcels import columns_of
from landuse.intake.placing import Located, fact_working, place_all, project_crs, working_crs
from landuse.intake.placing import facts_of as facts_of_file
from landuse.intake.raw import stack
from landuse.intake.read import Readers
from landuse.intake.streamed import Pieces, RowsOpener, Strange, streams
from landuse.issues import Issue, IssueLog
from landuse.schema.tables import LOST_PARCELS, OCCUPANCY, PARCELS, SET_ASIDE, SOURCES

if TYPE_CHECKING:

    import numpy.typing as npt
    import pyproj

    from landuse.engines.parts.job import Crew, Job
    from landuse.intake.columns import Columns
    from landuse.intake.corrections import Corrections
    from landuse.intake.parcels import Correct
    from landuse.intake.project import Project
    from landuse.intake.raw import Raw
    from landuse.rules.model import Rules
    from landuse.stores import Place

__all__ = ["Survey", "located", "may_stream", "target_of"]

ZONE: Final = "landuse:zone"
ASTRAY: Final = "landuse:astray"
EXTRA: Final = pa.schema([(ZONE, pa.int16()), (ASTRAY, pa.bool_())])
"""What the survey knows of each parcel: its zone, and whether it lies where it cannot."""
_STEP: Final = 256
_BIG: Final = frozenset({"parcels", "enterprises", "occupancy"})
_FIRM_ROWS: Final = 3
"""Rows of figures to be expected of an enterprise."""


def may_stream(project: Project) -> bool:
    """Whether the big tables of a project are files that can be read some rows at a time."""
    sources = [project.parcels, project.occupancy, *enterprise_sources(project)]
    return all(streams(source, project) for source in sources)


@dataclass(frozen=True, slots=True)
class _Counted(Ground):
    """Where the areas of a file are measured, its polygons known by their number alone."""

    zone_counts: Mapping[int, int] = field(default_factory=dict)

    def counts(self) -> dict[int, int]:
        """As told by the spans."""
        return dict(self.zone_counts)


@dataclass(frozen=True, slots=True)
class _Surveyed(Located):
    """A file without its rows; how many polygons there are in each zone."""

    many: Mapping[int, int]

    def in_degrees(self) -> Ground:
        """See :meth:`landuse.intake.placing.Located.in_degrees`."""
        return _counted(ground_by(self.many, self.crs, None), self.many)


def _counted(ground: Ground, many: Mapping[int, int]) -> Ground:
    """``ground`` for so many polygons; those that lie in no zone are in the modal."""
    if not len(ground.zones):
        return ground
    modal = int(ground.zones[0])
    counts = {zone: n for zone, n in many.items() if zone > 0}
    counts[modal] = counts.get(modal, 0) + sum(n for zone, n in many.items() if zone <= 0)
    return _Counted(None, ground.zones, zone_counts=dict(sorted(counts.items())))


@dataclass
class Survey:
    """Reads outlines of the big tables for :func:`landuse.intake.read_inputs`.

    ``rows`` is how many parcels a part may have. Afterwards ``land`` and ``firms`` are the cuts,
    ``keys`` says where the keys of each kind of table stand, and ``told`` is what the parts must
    know, as JSON keeps it; zones lie with the spans that were asked for them.
    """

    job: Job
    crew: Crew
    rows: int
    land: tuple[str, ...] = ("",)
    firms: tuple[str, ...] = ("",)
    keys: dict[str, Key] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def staged(self) -> Place:
        """The folder of copied tables."""
        return self.job.folder / "staged"

    def readers(self) -> Readers:
        """Readers that give the big tables without their rows."""
        return Readers(self._parcels, self._enterprises, self._occupancy)

    def _parcels(
        self, project: Project, rules: Rules, log: IssueLog, *, correct: Correct | None = None
    ) -> Reading:
        if correct is None:
            raise Strange
        source, wish = project.parcels, project_crs(project)
        pieces = Pieces.of("parcels", source, project, self.staged)
        heads = _heads(pieces, log)
        filled = [head for head in heads if len(head)]
        try:
            columns: Columns | None = columns_of(stack(filled), source)
        except UserError as error:
            columns, fault = None, error
        self.keys["parcels"] = Key(columns)
        boxes = self._land_pass(pieces, project)
        found = self._located(pieces, heads, boxes, wish, rules, project)
        target = working_crs(list(found.values()), wish)
        samples = [_sample(found[number], len(heads[number])) for number in found]
        head = place_all(samples, target, rules).raw
        if columns is None:
            raise fault
        self.told["target"] = _target(found, target, wish)
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

    def _located(
        self,
        pieces: Pieces,
        heads: list[Raw],
        boxes: list[npt.NDArray[np.float64]],
        wish: pyproj.CRS | None,
        rules: Rules,
        project: Project,
    ) -> dict[int, Located]:
        """Every file that has rows, on the earth: by its box, where all of that lies in one
        zone, else by the middles of its polygons."""
        spread = [
            number for number, head in enumerate(heads)
            if len(head) and not (head.crs is not None and is_settled(boxes[number], head.crs))
        ]  # fmt: skip
        asked = _Asked(self.job, project, spread, self.crew)
        counts = pieces.counts()
        faults: list[Issue] = []
        found: dict[int, Located] = {}
        for number, head in enumerate(heads):
            if not len(head):
                continue
            try:
                if number in spread:
                    part = asked.located(number, head, wish, rules)
                else:
                    part = _settled(head, boxes[number], counts[number], wish, rules)
            except CrsFault as error:
                faults.append(_placed(error.issue, pieces, number))
                continue
            found[number] = part
            zone = int(part.ground.zones[0]) if len(part.ground.zones) else 0
            self.told.setdefault("grounds", {})[str(number)] = [_kind(part), zone]
        if faults:
            raise UserError(faults)
        self.told["spread"] = spread
        return found

    def _enterprises(
        self, project: Project, rules: Rules, corrections: Corrections, log: IssueLog, *, crs: str
    ) -> Reading:
        del crs  # the points are asked part by part
        opener, said = RowsOpener(None, self.staged), IssueLog()
        try:
            reading, columns = outline_enterprises(project, rules, corrections, said, opener)
        finally:
            log.extend([*opener.said, *said.errors()])
        names = {one.table for one in corrections.entries}
        if not all("uscc" in one for one in columns) or names & _BIG:
            raise Strange  # found by name, or changed by hand: all rows must be known
        key = Key(None, tuple(one.heading("uscc") for one in columns), "uscc")
        self.keys["enterprises"] = key
        spans = share_spans(self.job, project, "enterprises", self.rows * _FIRM_ROWS)
        step, sample = _step(self.rows), list[str]()
        task = partial(survey_firms, job=self.job, project=project, key=key, step=step)
        for told in done(self.crew, task, len(spans)):
            sample += told["sample"]
        self.firms = cut_evenly(sorted(sample), max(self.rows * _FIRM_ROWS // step, 1))
        return replace(reading, counts=_no_counts())

    def _occupancy(self, project: Project, corrections: Corrections, log: IssueLog) -> Reading:
        opener, said = RowsOpener(None, self.staged), IssueLog()
        try:
            reading = read_occupancy(project, corrections, said, opener)
        finally:
            log.extend([*opener.said, *said.errors()])
        if project.occupancy is not None:
            share_spans(self.job, project, "occupancy", self.rows)
            heading = opener.headings["parcel_id"]
            self.keys["occupancy"] = Key(None, (heading,), "parcel_id")
        return replace(
            reading,
            frame=OCCUPANCY.empty(),
            counts=_no_counts(),
            set_aside=SET_ASIDE.empty(),
            sources=SOURCES.empty(),
        )


def _heads(pieces: Pieces, log: IssueLog) -> list[Raw]:
    """The first rows of every layer; the faults of all of them at once."""
    faults: list[Issue] = []
    heads: list[Raw] = []
    for number in range(len(pieces.paths)):
        try:
            heads.append(pieces.head(number, log))
        except UserError as error:
            faults += [_placed(issue, pieces, number) for issue in error.issues]
    if faults:
        raise UserError(faults)
    return heads


def _placed(issue: Issue, pieces: Pieces, number: int) -> Issue:
    return replace(issue, table=issue.table or pieces.table, file=pieces.files[number])


def _step(rows: int) -> int:
    return min(_STEP, max(rows // 100, 1))


class _Asked:
    """Files whose land is not in one zone: asked by their spans, all at once."""

    def __init__(self, job: Job, project: Project, files: list[int], crew: Crew) -> None:
        self._job = job
        spans = enumerate(spans_of(job, "parcels"))
        self._spans = {at: piece.span.file for at, piece in spans if piece.span.file in files}
        task = partial(survey_zones, job=job, project=project, files=files)
        told = done(crew, task, len(self._spans)) if files else ()
        self._told = dict(zip(self._spans, told, strict=True))

    def located(self, number: int, head: Raw, wish: pyproj.CRS | None, rules: Rules) -> Located:
        """One of the files on the earth. Raises :class:`landuse.crs.CrsFault`."""
        told = [one for at, one in self._told.items() if self._spans[at] == number]
        if head.crs is None:
            raise missing_system(self._middles(number))
        known = sum(one["known"] for one in told)
        if known and 2 * sum(one["astray"] for one in told) > known:
            check_extent(self._middles(number), head.crs)
        many: Counter[int] = Counter()
        for one in told:
            many.update(dict(one["zones"]))
        ground = _counted(ground_by(many, head.crs, wish, rules.area_method), many)
        somewhere = np.zeros((1, 2)) if known else np.full((1, 2), np.nan)
        return _Surveyed(head, head.crs, somewhere, ground, np.zeros(0, dtype=bool), many)

    def _middles(self, number: int) -> npt.NDArray[np.float64]:
        """Those of one file, to say what its numbers look like."""
        spans = [at for at, file in self._spans.items() if file == number]
        paths = [self._job.path("survey_zones", at) / "middles.npy" for at in spans]
        return np.concatenate([np.load(path) for path in paths])


def _settled(
    head: Raw, box: npt.NDArray[np.float64], count: int, wish: pyproj.CRS | None, rules: Rules
) -> Located:
    """A file whose box lies in one zone."""
    assert head.crs is not None
    middle = (box[None, :2] + box[None, 2:]) / 2
    zones = zone_counts(zones_at(middle, head.crs))
    many = dict.fromkeys(zones, count)
    ground = _counted(ground_by(many, head.crs, wish, rules.area_method), many)
    return _Surveyed(head, head.crs, middle, ground, np.zeros(0, dtype=bool), many)


def _kind(part: Located) -> str:
    ground = part.ground
    if ground.ellipsoid:
        return "ellipsoid"
    if ground.crs is None:
        return "zones"
    return "own" if ground.crs is part.crs else "wish"


def _sample(part: Located, count: int) -> Located:
    """The file as if its head were all of it."""
    ground = part.ground
    if len(ground.zones):
        ground = Ground(None, np.repeat(ground.zones, count))
    return Located(part.raw, part.crs, part.middles, ground, np.zeros(count, dtype=bool))


def _target(
    found: dict[int, Located], target: pyproj.CRS, wish: pyproj.CRS | None
) -> list[str | int]:
    if target is wish:
        return ["wish", 0]
    for number, part in found.items():
        if part.crs is target:
            return ["file", number]
    zone = zone_in(target)
    assert zone is not None
    return ["zone", zone]


def target_of(told: dict[str, Any], raws: list[Raw], project: Project) -> pyproj.CRS:
    """The working system that the survey decided on; ``raws`` are rows of every file."""
    kind, number = told["target"]
    if kind == "zone":
        return zone_crs(number)
    target = project_crs(project) if kind == "wish" else raws[number].crs
    assert target is not None
    return target


def located(
    told: dict[str, Any], pieces: Pieces, rows: list[pa.Table], project: Project
) -> list[Located]:
    """Some rows of every file that has any, where the survey found them."""
    wish, found = project_crs(project), []
    for name, (kind, _) in told["grounds"].items():
        mine = rows[int(name)]
        zones = mine.column(ZONE).to_numpy().astype(np.int64)
        astray = np.asarray(mine.column(ASTRAY).to_numpy(zero_copy_only=False), dtype=bool)
        raw = pieces.raw(int(name), mine.drop_columns([ZONE, ASTRAY]), IssueLog())
        assert raw.crs is not None
        none = np.zeros(0, dtype=np.int64)
        ground = {
            "ellipsoid": Ground(None, none, ellipsoid=True),
            "zones": Ground(None, zones),
            "own": Ground(raw.crs, none),
            "wish": Ground(wish, none),
        }[kind]
        found.append(Located(raw, raw.crs, np.zeros((0, 2)), ground, astray))
    return found


def _no_counts() -> pd.DataFrame:
    kinds = {"table": "str", "file": "str", "read": "int64", "used": "int64", "set_aside": "int64"}
    return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in kinds.items()})
