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


@pytest.fixture
def in_blocks(monkeypatch):
    """Blocks even of few parcels."""
    for name in ("_FEW", "_FEW_PAIRS", "_FEW_BLOCKS"):
        monkeypatch.setattr(overlaps, name, 0)


@pytest.mark.parametrize("block", [4, 60, 400])
@pytest.mark.parametrize("seed", range(3))
def test_pairs_are_those_of_the_long_way(in_blocks, monkeypatch, seed, block):
    monkeypatch.setattr(overlaps, "_BLOCK", block)
    shapes = moved(lattice(seed), np.random.default_rng(seed))
    found = [part.tolist() for part in overlaps._pairs(shapes, 1.0)]
    assert found == by_hand(shapes)
    assert len(found[0]) > 8


def test_sound_land_is_proved_and_a_block_with_an_overlap_is_not(in_blocks, monkeypatch):
    monkeypatch.setattr(overlaps, "_BLOCK", 60)
    sound = lattice(9)
    units = overlaps._units(sound, 1.0)
    assert units.blocks == len(units.shapes) < 20
    left, right = overlaps._meeting(units.shapes, 1.0)
    assert overlaps._apart(units.shapes, left, right, 1.0).all()
    broken = sound.copy()
    broken[5] = shapely.transform(broken[5], lambda xy: xy + 3)
    units = overlaps._units(broken, 1.0)
    assert units.of[5] >= units.blocks > 0
    left, right = overlaps._meeting(broken, 1.0)
    proved = overlaps._apart(broken, left, right, 1.0)
    assert proved.mean() > 0.5
    assert not proved[(left == 5) | (right == 5)].any()


def test_two_sound_blocks_on_each_other_are_looked_into(in_blocks):
    land = lattice(4)
    other = shapely.transform(lattice(5), lambda xy: xy + np.array([0, 2 * SIDE * 30 - 7]))
    shapes = np.concatenate([land, other])
    found = [part.tolist() for part in overlaps._pairs(shapes, 1.0)]
    assert found == by_hand(shapes)
    assert len(found[0]) > SIDE


def test_the_same_parcel_twice_in_a_block_is_no_sound_block():
    one = shapely.box(0, 0, 10, 10)
    shapes = np.array([one, one, shapely.box(10, 0, 20, 10)], dtype=object)
    for members, is_sound in ((np.arange(3), False), (np.array([0, 2]), True)):
        block = np.zeros(len(members), dtype=np.int64)
        _, _, sound = overlaps._dissolved_blocks(shapes, members, block, 1.0)
        assert sound.tolist() == [is_sound]
