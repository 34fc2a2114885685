"""Layers of one input, each in its own system → one table in the working system.

The working system is the project's, else that of the land itself: the CGCS2000 3-degree zone of
most parcels, or the projection that they came in.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from landuse.crs import (
    CrsFault,
    Ground,
    check_extent,
    choose_ground,
    code_of,
    datum_of,
    is_settled,
    label,
    missing_system,
    outside,
    parse,
    reproject,
    zone_crs,
    zone_in,
)
from landuse.crs.systems import fault, is_web_mercator
from landuse.errors import UserError
from landuse.intake.geometry import Mended, centres, mend, valid
from landuse.intake.layers import placed, read_layer
from landuse.intake.project import files_of
from landuse.intake.raw import Fact, Raw, stack
from landuse.intake.threads import in_threads
from landuse.intake.worksheets import shown
from landuse.issues import Issue
from landuse.stores import local

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyproj

    from landuse.intake.project import Project, Source
    from landuse.issues import IssueLog
    from landuse.rules.model import Rules

__all__ = [
    "Located",
    "Placed",
    "facts_of",
    "locate",
    "locate_by",
    "place_all",
    "project_crs",
    "read_layers",
    "working_crs",
]


@dataclass(frozen=True, slots=True)
class Located:
    """One file: its rows, their middles in its own system, where its areas are measured, and which
    rows lie where coordinates of the system cannot be.
    """

    raw: Raw
    crs: pyproj.CRS
    middles: npt.NDArray[np.float64]
    ground: Ground
    astray: npt.NDArray[np.bool_]

    def in_degrees(self) -> Ground:
        """Where areas would be measured if they were not taken on the ellipsoid.

        Raises :class:`landuse.crs.CrsFault`.
        """
        return choose_ground(self.middles, self.crs, None)


@dataclass(frozen=True, slots=True)
class Placed:
    """All files of one input in the working system; arrays aligned with ``raw``."""

    raw: Raw
    mended: Mended
    astray: npt.NDArray[np.bool_]


def read_layers(source: Source, project: Project, table: str, log: IssueLog) -> list[Raw]:
    """Every file of a layer input. Raises :class:`UserError` with the faults of all of them."""
    faults: list[Issue] = []
    parts: list[Raw] = []
    for path in files_of(source, project):
        file = shown(path, project.base)
        try:
            parts.append(
                read_layer(
                    local(path), table=table, file=file, log=log, layer=source.layer,
                    encoding=source.encoding, crs=source.crs, typed=True,
                )
            )  # fmt: skip
        except UserError as error:
            faults += [_named(issue, table, file) for issue in error.issues]
    if not faults and not sum(len(part) for part in parts):
        files = ", ".join(shown(path, project.base) for path in files_of(source, project))
        faults.append(Issue("intake_layers.empty_layer", table=table, file=files))
    if faults:
        raise UserError(faults)
    return parts


def _named(issue: Issue, table: str, file: str) -> Issue:
    return replace(issue, table=issue.table or table, file=file)


def project_crs(project: Project) -> pyproj.CRS | None:
    """The working system that the project names; :class:`UserError` if nothing can be measured
    in it.
    """
    if project.crs is None:
        return None
    try:
        wish = parse(project.crs)
        if not wish.is_projected or wish.is_bound or is_web_mercator(wish):
            raise fault("crs.project_not_plane", source=label(wish))
    except CrsFault as error:
        raise placed(error, "", project.file.name) from error
    return wish


def locate(parts: list[Raw], wish: pyproj.CRS | None, rules: Rules) -> list[Located]:
    """Check that every file lies where its system says, and decide where to measure.

    Raises :class:`UserError` with the faults of all files.
    """
    faults: list[Issue] = []
    found: list[Located] = []
    for raw in parts:
        if not len(raw):
            continue
        try:
            found.append(_located(raw, wish, rules))
        except CrsFault as error:
            faults.append(_named(error.issue, raw.table, str(raw.file[0])))
    if faults:
        raise UserError(faults)
    return found


def _located(raw: Raw, wish: pyproj.CRS | None, rules: Rules) -> Located:
    """One file; centroids are computed only where something could depend on them."""
    shapes = raw.geometry if raw.geometry is not None else np.zeros(0, dtype=object)
    box = shapely.total_bounds(shapes)
    if raw.crs is not None and is_settled(box, raw.crs):
        boxes = in_threads(shapely.bounds, shapes)
        middles, one = (boxes[:, :2] + boxes[:, 2:]) / 2, (box[None, :2] + box[None, 2:]) / 2
        ground = choose_ground(one, raw.crs, wish, rules.area_method)
        everyone = np.repeat(ground.zones, len(shapes))
        nobody = np.zeros(len(shapes), dtype=bool)
        return Located(raw, raw.crs, middles, replace(ground, zones=everyone), nobody)
    return locate_by(raw, centres(shapes), wish, rules)


def locate_by(
    raw: Raw, middles: npt.NDArray[np.float64], wish: pyproj.CRS | None, rules: Rules
) -> Located:
    """One file by the middles of all its polygons, of which ``raw`` may be some.

    Raises :class:`landuse.crs.CrsFault`.
    """
    if raw.crs is None:
        raise missing_system(middles)
    check_extent(middles, raw.crs)
    ground = choose_ground(middles, raw.crs, wish, rules.area_method)
    return Located(raw, raw.crs, middles, ground, outside(middles, raw.crs))


def working_crs(found: list[Located], wish: pyproj.CRS | None) -> pyproj.CRS:
    """The project's system, else the zone of most parcels (in the form that a file already has),
    else the projection of the first file.

    Raises :class:`UserError` where no row of any file has a place.
    """
    if wish is not None:
        return wish
    if not any(np.isfinite(part.middles).any() for part in found):
        raise UserError(
            [
                Issue("intake_layers.no_shapes", table=part.raw.table, file=str(part.raw.file[0]))
                for part in found
            ]
        )
    zones: Counter[int] = Counter()
    for part in found:
        zones.update(part.ground.counts())
    zones.pop(0, None)
    if not zones:
        for part in found:
            if part.ground.crs is not None:
                return part.ground.crs
        return _zone_of_degrees(found)
    zone = min(zones, key=lambda number: (-zones[number], number))
    own = [part.crs for part in found if zone_in(part.crs) == zone]
    return own[0] if own else zone_crs(zone)


def _zone_of_degrees(found: list[Located]) -> pyproj.CRS:
    """Where areas are taken on the ellipsoid: the plane in which they would be measured else."""
    grounds = []
    for part in found:
        try:
            ground = part.in_degrees()
        except CrsFault as error:
            raise placed(error, part.raw.table, str(part.raw.file[0])) from error
        grounds.append(replace(part, ground=ground))
    return working_crs(grounds, None)


def place_all(found: list[Located], target: pyproj.CRS, rules: Rules) -> Placed:
    """Mend and measure every file in its own system, and bring all to ``target``.

    Raises :class:`UserError` where a file is on another datum than ``target``.
    """
    faults: list[Issue] = []
    parts: list[Raw] = []
    mended: list[Mended] = []
    for part in found:
        raw = part.raw
        shapes = raw.geometry if raw.geometry is not None else np.zeros(0, dtype=object)
        done = mend(shapes, part.crs, part.ground, rules.repair_limit)
        try:
            moved = reproject(done.shapes, part.crs, target)
        except CrsFault as error:
            faults.append(_named(error.issue, raw.table, str(raw.file[0])))
            continue
        if moved is not done.shapes:
            moved = valid(moved)[0]
        parts.append(replace(raw, geometry=shapes, crs=target, facts=facts_of(part)))
        mended.append(replace(done, shapes=moved))
    if faults:
        raise UserError(faults)
    astray = np.concatenate([part.astray for part in found])
    return Placed(stack(parts), _join(mended), astray)


def _join(parts: list[Mended]) -> Mended:
    return Mended(
        np.concatenate([part.shapes for part in parts]),
        np.concatenate([part.fault for part in parts]),
        np.concatenate([part.area_m2 for part in parts]),
        np.concatenate([part.before_m2 for part in parts]),
        np.concatenate([part.repaired for part in parts]),
    )


def facts_of(part: Located) -> tuple[Fact, ...]:
    """What was decided about a file."""
    file = str(part.raw.file[0]) if len(part.raw) else ""
    facts = list(part.raw.facts)
    if datum_of(part.crs) == "wgs84" and len(part.ground.zones):
        facts.append(Fact("intake_layers.fact_wgs84_as_cgcs2000", file, {"crs": label(part.crs)}))
    if part.ground.ellipsoid:
        facts.append(Fact("intake_layers.fact_area_on_ellipsoid", file))
    elif part.ground.crs is not None:
        facts.append(
            Fact("intake_layers.fact_area_in_plane", file, {"crs": label(part.ground.crs)})
        )
    else:
        zones = ", ".join(str(zone) for zone in part.ground.counts() if zone > 0)
        facts.append(Fact("intake_layers.fact_area_in_zones", file, {"zones": zones}))
    return tuple(facts)


def fact_working(crs: pyproj.CRS) -> Fact:
    """The report of the working system."""
    return Fact("intake_layers.fact_working_crs", "", {"crs": label(crs), "code": code_of(crs)})


def kind_of(shape: shapely.Geometry | None) -> str:
    """What a geometry is, in the words of its standard."""
    return "" if shape is None else type(shape).__name__
