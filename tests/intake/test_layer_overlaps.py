"""Overlaps found block by block are those found pair by pair."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from landuse.intake import overlaps

SIDE = 24


def lattice(seed):
    """Octagons that share jittered borders."""
    rng = np.random.default_rng(seed)
    nodes = np.stack(np.meshgrid(np.arange(2 * SIDE + 1), np.arange(2 * SIDE + 1)), -1) * 30.0
    points = nodes + np.array([500_000, 2_750_000]) + rng.uniform(-6, 6, nodes.shape)
    row, column = (2 * axis.ravel() for axis in np.mgrid[0:SIDE, 0:SIDE])
    ring = [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0)]
    return shapely.polygons(np.stack([points[row + r, column + c] for r, c in ring], axis=1))


def moved(shapes, rng):
    """Some parcels moved over their neighbours, twice there, within another, or a hole in one."""
    out = list(shapes)
    for place in rng.choice(len(out), 6, replace=False):
        out[place] = shapely.transform(out[place], lambda xy: xy + rng.uniform(-5, 5, 2))
    out += [out[n] for n in rng.choice(len(out), 2)]
    out += [shapely.buffer(out[n], -10) for n in rng.choice(len(out), 2)]
    ring = out[40]
    out[40] = shapely.difference(ring, shapely.buffer(shapely.centroid(ring), 5))
    return np.array(out, dtype=object)


def by_hand(shapes):
    """Every pair whose common area exceeds 1 m², by cutting all pairs whose boxes meet."""
    left, right = shapely.STRtree(shapes).query(shapes)
    once = left < right
    left, right = left[once], right[once]
    area = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    more = area > 1.0
    order = np.lexsort((right[more], left[more]))
    return [part[more][order].tolist() for part in (left, right, area)]


@pytest.mark.parametrize("block", [4, 60, 400])
@pytest.mark.parametrize("seed", range(3))
def test_pairs_are_those_of_the_long_way(monkeypatch, seed, block):
    monkeypatch.setattr(overlaps, "_FEW", 0)
    monkeypatch.setattr(overlaps, "_FEW_BLOCKS", 0)
    monkeypatch.setattr(overlaps, "_BLOCK", block)
    shapes = moved(lattice(seed), np.random.default_rng(seed))
    found = [part.tolist() for part in overlaps._pairs(shapes, 1.0)]
    assert found == by_hand(shapes)
    assert len(found[0]) > 8


def test_sound_land_is_proved_and_a_block_with_an_overlap_is_not(monkeypatch):
    monkeypatch.setattr(overlaps, "_FEW", 0)
    sound = lattice(9)
    boxes = shapely.bounds(sound)
    left, right = overlaps._meeting(sound, boxes, 1.0)
    assert overlaps._apart(sound, boxes, left, right, 1.0).mean() > 0.99
    broken = sound.copy()
    broken[5] = shapely.transform(broken[5], lambda xy: xy + 3)
    boxes = shapely.bounds(broken)
    left, right = overlaps._meeting(broken, boxes, 1.0)
    proved = overlaps._apart(broken, boxes, left, right, 1.0)
    assert not proved[(left == 5) | (right == 5)].any()


def test_the_same_parcel_twice_in_a_block_is_no_sound_block():
    one = shapely.box(0, 0, 10, 10)
    shapes = np.array([one, one, shapely.box(10, 0, 20, 10)], dtype=object)
    block = np.zeros(3, dtype=np.int64)
    assert overlaps._sound_blocks(shapes, np.arange(3), block, 1.0).tolist() == [False]
    assert overlaps._sound_blocks(shapes, np.array([0, 2]), block, 1.0).tolist() == [True]
