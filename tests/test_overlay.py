"""Overlaps of many polygons: both ways of computing give what each intersection gives."""

import numpy as np
import pytest
import shapely

from landuse import overlay
from landuse.overlay import GRAIN_M2, overlaps


def land():
    """400 squares of 10 m, each a little askew, under four zones of which two overlap and one is
    a ring: within a zone, on its border, in its hole, in two zones and beside all of them."""
    rng = np.random.default_rng(7)
    x, y = np.meshgrid(np.arange(20) * 10.0, np.arange(20) * 10.0)
    corner = np.stack([x.ravel(), y.ravel()], axis=1)
    ring = corner[:, np.newaxis] + np.array([(0, 0), (10, 0), (10, 10), (0, 10)])
    small = shapely.polygons(ring + rng.uniform(-1, 1, ring.shape))
    ring = shapely.Polygon(
        [(120, 0), (200, 0), (200, 90), (120, 90)], [[(140, 20), (180, 20), (180, 60), (140, 60)]]
    )
    large = np.array(
        [
            shapely.box(0, 0, 60, 200),
            shapely.box(55, 0, 115, 150),
            ring,
            shapely.Point(9, 9).buffer(4),
        ]
    )
    return small, large


def one_by_one(small, large):
    area = shapely.area(shapely.intersection(small[:, np.newaxis], large))
    inside = shapely.covers(large, small[:, np.newaxis])
    area = np.where(inside, shapely.area(small)[:, np.newaxis], area)
    return [(i, j, area[i, j]) for i, j in zip(*np.nonzero(area >= GRAIN_M2), strict=True)]


@pytest.mark.parametrize("many", [1, 10**9], ids=["two threads", "one"])
def test_overlaps_are_those_of_each_pair_to_the_last_bit(many, monkeypatch):
    monkeypatch.setattr(overlay, "_MANY", many)
    small, large = land()
    found = list(zip(*(column.tolist() for column in overlaps(small, large)), strict=True))
    assert found == one_by_one(small, large)
    assert {j for _, j, _ in found} == {0, 1, 2, 3}
    assert len(found) > len({i for i, _, _ in found})  # some lie in two zones


@pytest.mark.parametrize("count", [0, 1])
def test_overlaps_of_nothing_and_of_one(count, monkeypatch):
    monkeypatch.setattr(overlay, "_MANY", 0)
    small, large = land()
    assert len(overlaps(small[200 : 200 + count], large)[0]) == count
    assert len(overlaps(small, large[:0])[0]) == 0
