"""Which park a parcel lies in."""

from __future__ import annotations

import shapely
from land_tables import frame, parcel, parcels

from landuse.matching import parks_of
from landuse.schema import tables


def parks(*rows):
    made = [
        {"park": name, "park_type": kind, "geometry": shapely.box(*box)} for name, kind, box in rows
    ]
    return frame(tables.PARKS, made)


def park_of(land, made):
    return parks_of(parcels(*land), made).to_numpy().tolist()


def test_the_own_column_counts_first():
    made = parks(("东园", "emerging", (0, 0, 10, 10)), ("西园", "employment", (50, 0, 60, 10)))
    found = park_of([parcel("P2", park="西园"), parcel("P1"), parcel("P3", park="别园")], made)
    assert found == [["P1", "东园", "emerging"], ["P2", "西园", "employment"], ["P3", "别园", ""]]


def test_else_the_largest_overlap_summed_over_polygons_of_one_name():
    # 10 m wide: 甲 covers 3 + 3, 乙 covers 4
    made = parks(
        ("乙", "", (3, 0, 7, 10)), ("甲", "emerging", (0, 0, 3, 10)), ("甲", "", (7, 0, 12, 10))
    )
    assert park_of([parcel("P")], made) == [["P", "甲", "emerging"]]


def test_equal_overlaps_go_to_the_smallest_name():
    made = parks(("b", "", (5, 0, 10, 10)), ("a", "", (0, 0, 5, 10)))
    assert park_of([parcel("P")], made) == [["P", "a", ""]]


def test_touching_is_not_overlapping():
    assert park_of([parcel("P")], parks(("a", "", (10, 0, 20, 10)))) == [["P", "", ""]]


def test_without_parks_only_the_own_column():
    assert park_of([parcel("P1", park="x"), parcel("P2")], None) == [
        ["P1", "x", ""],
        ["P2", "", ""],
    ]
    assert park_of([parcel("P1", park="x")], tables.PARKS.empty()) == [["P1", "x", ""]]
