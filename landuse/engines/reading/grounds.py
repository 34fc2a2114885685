"""Where the files of the land lie, and the system in which they are joined, without their rows.

A file is judged by its box, where all of that lies in one zone, else by what its spans counted
(:func:`landuse.engines.reading.spans.survey_zones`): the decisions of
:mod:`landuse.intake.placing`, from counts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from landuse.crs import (
    CrsFault,
    Ground,
    check_extent,
    ground_by,
    is_settled,
    missing_system,
    zone_counts,
    zone_crs,
    zone_in,
    zones_at,
)
from landuse.engines.reading.listing import pieces_of
from landuse.engines.reading.spans import done, spans_of, survey_zones
from landuse.errors import UserError
from landuse.intake.placing import Located, project_crs
from landuse.intake.streamed import Pieces
from landuse.issues import Issue, IssueLog

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyproj

    from landuse.engines.parts.job import Crew, Job
    from landuse.intake.project import Project
    from landuse.intake.raw import Raw
    from landuse.rules.model import Rules

__all__ = ["EXTRA", "locate_files", "located", "sample_of", "target_of", "told_target"]

ZONE: Final = "landuse:zone"
ASTRAY: Final = "landuse:astray"
EXTRA: Final = pa.schema([(ZONE, pa.int16()), (ASTRAY, pa.bool_())])
"""What the survey knows of each parcel: its zone, and whether it lies where it cannot."""


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


def locate_files(
    job: Job,
    crew: Crew,
    project: Project,
    rules: Rules,
    heads: Sequence[Raw],
    boxes: Sequence[npt.NDArray[np.float64]],
) -> tuple[dict[int, Located], dict[str, Any]]:
    """Every file that has rows, on the earth, and what the parts must know of that.

    Raises :class:`landuse.errors.UserError` with the faults of all files.
    """
    (pieces,) = pieces_of("parcels", job, project)
    counts, wish = pieces.counts(), project_crs(project)
    filled = [number for number, head in enumerate(heads) if len(head)]
    spread = {
        number for number in filled
        if (crs := heads[number].crs) is None or not is_settled(boxes[number], crs)
    }  # fmt: skip
    asked = _Asked(job, crew, project, spread)
    faults: list[Issue] = []
    found: dict[int, Located] = {}
    for number in filled:
        try:
            if number in spread:
                found[number] = asked.located(number, heads[number], wish, rules)
            else:
                found[number] = _settled(heads[number], boxes[number], counts[number], wish, rules)
        except CrsFault as error:
            faults.append(pieces.named(error.issue, number))
    if faults:
        raise UserError(faults)
    grounds = {str(number): [_kind(part), _zone(part)] for number, part in found.items()}
    return found, {"grounds": grounds, "spread": sorted(spread)}


class _Asked:
    """Files whose land is not in one zone: asked by their spans, all at once."""

    def __init__(self, job: Job, crew: Crew, project: Project, files: Collection[int]) -> None:
        self._job = job
        spans = [
            (at, piece.span.file)
            for at, piece in enumerate(spans_of(job, "parcels")) if piece.span.file in files
        ]  # fmt: skip
        task = partial(survey_zones, job=job, project=project, files=files)
        told = done(crew, task, len(spans)) if spans else ()
        self._told: defaultdict[int, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
        for (at, file), one in zip(spans, told, strict=True):
            self._told[file].append((at, one))

    def located(self, number: int, head: Raw, wish: pyproj.CRS | None, rules: Rules) -> Located:
        """One of the files on the earth. Raises :class:`landuse.crs.CrsFault`."""
        if head.crs is None:
            raise missing_system(self._middles(number))
        told = [one for _, one in self._told[number]]
        known = sum(one["known"] for one in told)
        if 2 * sum(one["astray"] for one in told) > known:
            check_extent(self._middles(number), head.crs)
        many: Counter[int] = Counter()
        for one in told:
            many.update(dict(one["zones"]))
        ground = _counted(ground_by(many, head.crs, wish, rules.area_method), many)
        somewhere = np.zeros((1, 2)) if known else np.full((1, 2), np.nan)
        return _Surveyed(head, head.crs, somewhere, ground, np.zeros(0, dtype=bool), many)

    def _middles(self, number: int) -> npt.NDArray[np.float64]:
        """Those of one file, to say what its numbers look like."""
        paths = [self._job.path("survey_zones", at) / "middles.npy" for at, _ in self._told[number]]
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


def _zone(part: Located) -> int:
    """The modal zone, 0 where areas are not measured in zones."""
    return int(part.ground.zones[0]) if len(part.ground.zones) else 0


def sample_of(part: Located) -> Located:
    """The file as if its head were all of it."""
    ground, count = part.ground, len(part.raw)
    if len(ground.zones):
        ground = Ground(None, np.repeat(ground.zones, count))
    return Located(part.raw, part.crs, part.middles, ground, np.zeros(count, dtype=bool))


def told_target(
    found: dict[int, Located], target: pyproj.CRS, wish: pyproj.CRS | None
) -> list[str | int]:
    """The working system in plain values, for :func:`target_of`."""
    if target is wish:
        return ["wish", 0]
    for number, part in found.items():
        if part.crs is target:
            return ["file", number]
    zone = zone_in(target)
    assert zone is not None
    return ["zone", zone]


def target_of(told: Mapping[str, Any], pieces: Pieces, project: Project) -> pyproj.CRS:
    """The working system that the survey decided on."""
    kind, number = told["target"]
    if kind == "zone":
        return zone_crs(number)
    wished = kind == "wish"
    target = project_crs(project) if wished else pieces.head(number, IssueLog()).crs
    assert target is not None
    return target


def located(
    told: Mapping[str, Any], pieces: Pieces, rows: Mapping[int, pa.Table], project: Project
) -> list[Located]:
    """Some rows of the files, where the survey found them."""
    wish, found = project_crs(project), []
    for number in sorted(rows, key=lambda one: (not len(rows[one]), one)):
        mine, (kind, _) = rows[number], told["grounds"][str(number)]
        zones = mine.column(ZONE).to_numpy().astype(np.int64)
        astray = np.asarray(mine.column(ASTRAY).to_numpy(zero_copy_only=False), dtype=bool)
        raw = pieces.raw(number, mine.drop_columns([ZONE, ASTRAY]), IssueLog())
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
