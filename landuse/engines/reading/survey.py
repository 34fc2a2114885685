"""What must be known of whole tables before their rows are checked part by part.

One pass over keys and polygons, some rows at a time. Held in one process: one key of 64 to cut by,
and 3 bytes a parcel for its zone and whether it lies astray; where the land of a file is not in
one zone, 16 bytes more a parcel of it (the middle of its polygon), several times for a moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from landuse.crs import CrsFault, Ground, choose_ground, code_of, is_settled, zone_crs, zone_in
from landuse.engines.parts.cuts import cut_evenly, cut_parcels
from landuse.errors import UserError
from landuse.intake.enterprises import enterprise_sources, outline_enterprises
from landuse.intake.geometry import centres
from landuse.intake.inputs import Reading
from landuse.intake.key_columns import form_of, key_texts
from landuse.intake.occupancy import read_occupancy
from landuse.intake.parcels import columns_of, parcel_keys
from landuse.intake.placing import (
    Located,
    fact_working,
    locate_by,
    place_all,
    project_crs,
    working_crs,
)
from landuse.intake.placing import facts_of as facts_of_file
from landuse.intake.raw import stack
from landuse.intake.read import Readers
from landuse.intake.streamed import Pieces, RowsOpener, Strange, streams
from landuse.issues import Issue, IssueLog
from landuse.schema.tables import LOST_PARCELS, OCCUPANCY, PARCELS, SET_ASIDE, SOURCES

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyproj

    from landuse.intake.columns import Columns
    from landuse.intake.corrections import Corrections
    from landuse.intake.parcels import Correct
    from landuse.intake.project import Project
    from landuse.intake.raw import Raw
    from landuse.intake.typed import Texts
    from landuse.rules.model import Rules

__all__ = ["EXTRA", "Survey", "column_keys", "land_keys", "located", "may_stream", "target_of"]

ZONE: Final = "landuse:zone"
ASTRAY: Final = "landuse:astray"
EXTRA: Final = pa.schema([(ZONE, pa.int16()), (ASTRAY, pa.bool_())])
"""What the survey knows of each parcel: its zone, and whether it lies where it cannot."""
_STEP: Final = 64
_BIG: Final = frozenset({"parcels", "enterprises", "occupancy"})
_FIRM_ROWS: Final = 3
"""Rows of figures to be expected of an enterprise."""


def may_stream(project: Project) -> bool:
    """Whether the big tables of a project are files that can be read some rows at a time."""
    sources = [project.parcels, project.occupancy, *enterprise_sources(project)]
    return all(streams(source, project) for source in sources)


@dataclass
class Survey:
    """Reads outlines of the big tables for :func:`landuse.intake.read_inputs`.

    ``rows`` is how many parcels a part may have. Afterwards ``land`` and ``firms`` are the cuts,
    and ``told`` is what the parts must know, as JSON keeps it; zones lie in ``folder`` by file.
    """

    folder: Path
    rows: int
    land: tuple[str, ...] = ("",)
    firms: tuple[str, ...] = ("",)
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def staged(self) -> Path:
        """The folder of copied tables."""
        return self.folder.with_name("staged")

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
        boxes = self._land_pass(pieces, heads, columns, project)
        found = self._located(pieces, heads, boxes, wish, rules)
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

    def _land_pass(
        self, pieces: Pieces, heads: list[Raw], columns: Columns | None, project: Project
    ) -> list[npt.NDArray[np.float64]]:
        """The box of every file; the cuts of the land."""
        sample: list[str] = []
        boxes = [np.full(4, np.nan) for _ in heads]
        step = _step(self.rows)
        for number, rows in pieces.each(pieces.shaped(_key_names(columns))):
            if columns is not None:
                sample += _sampled(land_keys(pieces, number, rows, columns, project), step)
            here = shapely.total_bounds(pieces.shapes(number, rows))
            boxes[number] = _around(boxes[number], here)
        self.land = cut_parcels(sorted(sample), max(self.rows // step, 1))
        return boxes

    def _located(
        self,
        pieces: Pieces,
        heads: list[Raw],
        boxes: list[npt.NDArray[np.float64]],
        wish: pyproj.CRS | None,
        rules: Rules,
    ) -> dict[int, Located]:
        """Every file that has rows, on the earth."""
        faults: list[Issue] = []
        found: dict[int, Located] = {}
        counts = pieces.counts()
        for number, head in enumerate(heads):
            if not len(head):
                continue
            try:
                part = _one(pieces, number, head, boxes[number], counts[number], wish, rules)
            except CrsFault as error:
                faults.append(_placed(error.issue, pieces, number))
                continue
            found[number] = part
            zones = np.zeros(0, np.int16) if part.ground.crs else part.ground.zones
            np.save(self.folder / f"zones-{number}.npy", zones.astype(np.int16))
            np.save(self.folder / f"astray-{number}.npy", part.astray)
            self.told.setdefault("grounds", {})[str(number)] = _kind(part)
        if faults:
            raise UserError(faults)
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
        self.told["uscc"] = [one.heading("uscc") for one in columns]
        sample: list[str] = []
        step = _step(self.rows)
        for source, mine in zip(enterprise_sources(project), columns, strict=True):
            pieces = Pieces.of("enterprises", source, project, self.staged)
            wanted = pieces.shaped([mine.heading("uscc")])
            for number, rows in pieces.each(wanted):
                codes = column_keys(pieces, number, rows, "uscc", mine.heading("uscc"), project)
                sample += _sampled(codes, step)
        many = max(self.rows * _FIRM_ROWS // step, 1)
        self.firms = cut_evenly(sorted(sample), many)
        return replace(reading, counts=_no_counts())

    def _occupancy(self, project: Project, corrections: Corrections, log: IssueLog) -> Reading:
        opener, said = RowsOpener(None, self.staged), IssueLog()
        try:
            reading = read_occupancy(project, corrections, said, opener)
        finally:
            log.extend([*opener.said, *said.errors()])
        self.told["occupancy"] = opener.headings["parcel_id"]
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


def _key_names(columns: Columns | None) -> list[str]:
    if columns is None:
        return []
    return [columns.heading("parcel_id" if "parcel_id" in columns else "unit_no")]


def land_keys(
    pieces: Pieces, number: int, rows: pa.Table, columns: Columns, project: Project
) -> Texts:
    """The parcel codes of some rows of a file."""
    heading = columns.heading("parcel_id") or columns.heading("unit_no")
    return parcel_keys(pieces.plain(number, rows, heading), columns, project)[1].texts


def column_keys(
    pieces: Pieces, number: int, rows: pa.Table, name: str, heading: str, project: Project
) -> Texts:
    """The codes (``name``: ``uscc`` or ``parcel_id``) of some rows of a file."""
    cells = pieces.plain(number, rows, heading).cells(heading)
    return key_texts(cells, form_of(name, project.id_scheme), destroyed="destroyed").texts


def _step(rows: int) -> int:
    return min(_STEP, max(rows // 100, 1))


def _sampled(texts: Texts, step: int) -> Iterator[str]:
    order = pc.array_sort_indices(texts)
    found: list[str] = texts.take(order[step // 2 :: step]).to_pylist()
    return (text for text in found if text)


def _around(one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The box around two, of which either may be of nothing (NaN)."""
    low, high = np.fmin(one[:2], two[:2]), np.fmax(one[2:], two[2:])
    return np.concatenate([low, high])


def _one(
    pieces: Pieces,
    number: int,
    head: Raw,
    box: npt.NDArray[np.float64],
    count: int,
    wish: pyproj.CRS | None,
    rules: Rules,
) -> Located:
    """One file on the earth: by its box, where all of that lies in one zone."""
    if head.crs is not None and is_settled(box, head.crs):
        middle = (box[None, :2] + box[None, 2:]) / 2
        ground = choose_ground(middle, head.crs, wish, rules.area_method)
        # a byte a parcel: nothing but their number is asked before the parts
        zones: npt.NDArray[Any] = np.repeat(ground.zones.astype(np.int8), count)
        ground = replace(ground, zones=zones)
        return Located(head, head.crs, middle, ground, np.zeros(count, dtype=bool))
    middles = [
        centres(pieces.shapes(at, rows)) for at, rows in pieces.each(pieces.shaped([]), [number])
    ]
    return locate_by(head, np.concatenate(middles), wish, rules)


def _kind(part: Located) -> str:
    ground = part.ground
    if ground.ellipsoid:
        return "ellipsoid"
    if ground.crs is None:
        return "zones"
    return "own" if ground.crs is part.crs else "wish"


def _sample(part: Located, count: int) -> Located:
    """The file as if its head were all of it."""
    ground = replace(part.ground, zones=part.ground.zones[:count])
    return replace(part, ground=ground, astray=part.astray[:count])


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
    for name, kind in told["grounds"].items():
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
