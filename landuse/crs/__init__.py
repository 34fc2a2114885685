"""Coordinate systems: what a layer's numbers mean, where they lie, how large they are.

Takes coordinate arrays and systems, gives systems, longitudes, moved coordinates and areas in m².
Does not read files, does not shift datums by itself and never asks the network.
"""

from __future__ import annotations

from landuse.crs.areas import (
    Ground,
    area_m2,
    choose_ground,
    ground_by,
    in_zones,
    zone_counts,
    zones_at,
)
from landuse.crs.ellipsoid import ellipsoid_area
from landuse.crs.extent import check_extent, is_settled, missing_system, outside
from landuse.crs.systems import (
    CrsFault,
    code_of,
    datum_of,
    label,
    metres_per_unit,
    one_frame,
    parse,
    zone_crs,
    zone_in,
    zone_of,
)
from landuse.crs.transform import reproject, same_system, to_lonlat

__all__ = [
    "CrsFault",
    "Ground",
    "area_m2",
    "check_extent",
    "choose_ground",
    "code_of",
    "datum_of",
    "ellipsoid_area",
    "ground_by",
    "in_zones",
    "is_settled",
    "label",
    "metres_per_unit",
    "missing_system",
    "one_frame",
    "outside",
    "parse",
    "reproject",
    "same_system",
    "to_lonlat",
    "zone_counts",
    "zone_crs",
    "zone_in",
    "zone_of",
    "zones_at",
]
