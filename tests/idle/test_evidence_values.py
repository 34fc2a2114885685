"""What a raster says of a parcel: shares, means, coverage, verdicts, against an exact reference."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from evidence_rasters import (
    CELL,
    CRS,
    LEFT,
    NORTH_UP,
    RULES,
    TOP,
    by_shapely,
    cells_box,
    image,
    parcels,
    write,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from landuse.errors import UserError
from landuse.idle.evidence import VERDICTS, verdicts, zonal
from landuse.issues import IssueLog
from landuse.messages import LANGUAGES, text
from landuse.rules import load
from landuse.schema.tables import EVIDENCE

GRAIN = 2e-6
"""A share is published to 1e-6, and exactextract keeps coverage in 32 bits."""


def one(frame, *images, rules=RULES, crs=CRS, log=None, **options):
    return zonal(frame, images, crs, rules, log if log is not None else IssueLog(), **options)


def row(shape, *images, **options):
    found = one(parcels(shape), *images, **options)
    assert len(found) == 1
    return found.iloc[0]


def refused(frame, *images, crs=CRS):
    with pytest.raises(UserError) as caught:
        one(frame, *images, crs=crs)
    assert caught.value.exit_code == 2
    return [issue.code for issue in caught.value.issues]


# by hand


def test_the_share_is_weighted_by_area(tmp_path):
    """Cells 1 0 / 0 0 of 100 m² each; a parcel from 0.5 to 1.5 columns and 0 to 1 rows has 50 m²
    of the built-up cell and 50 m² of an unbuilt one: 1/2. Three quarters of a cell to the left it
    would be 1/4 less."""
    path = write(tmp_path / "a.tif", np.array([[1, 0], [0, 0]], dtype="uint8"))
    found = row(cells_box(0.5, 0, 1.5, 1), image(path, built_values=(1,)))
    assert (found["value"], found["covered_share"]) == (0.5, 1.0)
    assert (found["verdict"], found["kind"], found["label"]) == ("contradicted", "built_up", "2024")
    assert row(cells_box(0.75, 0, 1.75, 1), image(path, built_values=(1,)))["value"] == 0.25


def test_the_mean_of_a_band(tmp_path):
    """Band 2 has 10 20 / 30 40; a quarter of each cell around the middle: 100 / 4 = 25; three
    quarters of 10 and one of 20: 12.5."""
    bands = np.array([[[0, 0], [0, 0]], [[10, 20], [30, 40]]], dtype="int16")
    path = write(tmp_path / "a.tif", bands)
    assert row(cells_box(0.5, 0.5, 1.5, 1.5), image(path, "mean", band=2))["value"] == 25.0
    found = row(cells_box(0.25, 0, 1.25, 1), image(path, "mean", band=2))
    assert found["value"] == 12.5
    assert found["verdict"] == "inconclusive"  # a mean says nothing by itself


def test_a_band_of_shares_needs_no_values(tmp_path):
    path = write(tmp_path / "a.tif", np.array([[0.25, 1.0]], dtype="float32"))
    assert row(cells_box(0, 0, 2, 1), image(path))["value"] == 0.625  # (0.25 + 1) / 2


def test_several_values_may_mean_built_up(tmp_path):
    path = write(tmp_path / "a.tif", np.array([[50, 51, 10, 20]], dtype="uint8"))
    found = row(cells_box(0, 0, 4, 1), image(path, built_values=(50, 51)))
    assert found["value"] == 0.5


@pytest.mark.parametrize(
    ("built", "cells", "verdict"),
    [
        (0, 10, "supported"),
        (1, 11, "supported"),  # 0.0909
        (1, 10, "inconclusive"),  # exactly 10 % is not below
        (3, 10, "inconclusive"),
        (1, 3, "contradicted"),  # exactly 1/3, which no binary number is
        (2, 6, "contradicted"),
        (333, 1000, "inconclusive"),
        (10, 10, "contradicted"),
    ],
)
def test_the_lines_are_exact(tmp_path, built, cells, verdict):
    values = np.array([[1] * built + [0] * (cells - built)], dtype="uint8")
    path = write(tmp_path / "a.tif", values)
    found = row(cells_box(0, 0, cells, 1), image(path, built_values=(1,)))
    assert found["verdict"] == verdict
    assert found["value"] == pytest.approx(built / cells, abs=5e-7)


def test_the_lines_come_from_the_rule_pack():
    override = {"evidence_supports_below": "0.20", "evidence_contradicts_from": "0.5"}
    rules = load("three-indicator", as_of=dt.date(2026, 6, 30), override=override)
    share = np.array([0.199999, 0.2, 0.499999, 0.5, np.nan])
    covered = np.array([1, 1, 1, 0.01, 0.0])
    assert verdicts(share, covered, rules).tolist() == [
        "supported", "inconclusive", "inconclusive", "contradicted", "no_evidence",
    ]  # fmt: skip


def test_every_verdict_has_words():
    for lang in LANGUAGES:
        words = [text(f"evidence.verdict_{verdict}", lang) for verdict in VERDICTS]
        assert len(set(words)) == 4


# cells that say nothing


def test_declared_nodata_is_no_cell(tmp_path):
    """1 of 2 valid cells is built-up; half of the parcel is covered."""
    path = write(tmp_path / "a.tif", np.array([[1, 255, 255, 0]], dtype="uint8"), nodata=255)
    found = row(cells_box(0, 0, 4, 1), image(path, built_values=(1,)))
    assert (found["value"], found["covered_share"]) == (0.5, 0.5)


def test_declared_nodata_of_a_float_band_is_its_own_rounding(tmp_path):
    lowest = float(np.finfo("float32").min)
    values = np.array([[4, lowest, 6, 0.1]], dtype="float32")
    path = write(tmp_path / "a.tif", values, nodata=lowest)
    assert row(cells_box(0, 0, 3, 1), image(path, "mean"))["value"] == 5.0
    # 0.1 as the user writes it is the 32-bit number next to it
    found = row(cells_box(2, 0, 4, 1), image(path, "mean", nodata=0.1))
    assert (found["value"], found["covered_share"]) == (6.0, 0.5)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_undeclared_nan_and_infinite_cells_are_missing(tmp_path, bad):
    path = write(tmp_path / "a.tif", np.array([[4, bad], [bad, 6]], dtype="float32"))
    found = row(cells_box(0, 0, 2, 2), image(path, "mean"))
    assert (found["value"], found["covered_share"]) == (5.0, 0.5)
    assert row(cells_box(1, 0, 2, 1), image(path, "mean"))["verdict"] == "no_evidence"


def test_the_project_states_nodata_for_a_file_that_does_not(tmp_path):
    path = write(tmp_path / "a.tif", np.array([[4, -9999, 6]], dtype="int16"))
    assert row(cells_box(0, 0, 3, 1), image(path, "mean", nodata=-9999))["value"] == 5.0


def test_the_project_may_say_that_every_value_counts(tmp_path):
    """Zero is wrongly declared missing where it means unbuilt: 1 of 4 cells is built-up."""
    path = write(tmp_path / "a.tif", np.array([[1, 0, 0, 0]], dtype="uint8"), nodata=0)
    assert row(cells_box(0, 0, 4, 1), image(path, built_values=(1,)))["value"] == 1.0
    found = row(cells_box(0, 0, 4, 1), image(path, built_values=(1,), nodata="none"))
    assert (found["value"], found["covered_share"]) == (0.25, 1.0)


def test_nodata_that_the_type_cannot_hold_is_no_value(tmp_path):
    path = write(tmp_path / "a.tif", np.array([[1, 0]], dtype="uint8"))
    found = row(cells_box(0, 0, 2, 1), image(path, built_values=(1,), nodata=-9999))
    assert (found["value"], found["covered_share"]) == (0.5, 1.0)


def test_a_mask_inside_the_file_counts(tmp_path):
    values = np.array([[1, 1, 0, 0]], dtype="uint8")
    path = write(tmp_path / "a.tif", values, mask=[[0, 255, 255, 255]])
    found = row(cells_box(0, 0, 4, 1), image(path, built_values=(1,)))
    assert found["value"] == pytest.approx(1 / 3, abs=1e-6)
    assert found["covered_share"] == 0.75


# scale and offset


def test_scale_and_offset_of_the_file(tmp_path):
    """(10 + 30) / 2 · 0.5 - 3 = 7; nodata is told in stored values."""
    values = np.array([[10, 30, 99]], dtype="int16")
    path = write(tmp_path / "a.tif", values, scale=0.5, offset=-3.0, nodata=99)
    assert row(cells_box(0, 0, 3, 1), image(path, "mean"))["value"] == 7.0


def test_scale_and_offset_of_the_project_replace_those_of_the_file(tmp_path):
    path = write(tmp_path / "a.tif", np.array([[10, 30]], dtype="int16"), scale=0.5, offset=-3.0)
    found = row(cells_box(0, 0, 2, 1), image(path, "mean", scale=2.0, offset=1.0))
    assert found["value"] == 41.0  # 20 · 2 + 1
    assert row(cells_box(0, 0, 2, 1), image(path, "mean", scale=1.0, offset=0.0))["value"] == 20.0


def test_built_values_are_stored_values(tmp_path):
    path = write(tmp_path / "a.tif", np.array([[50, 10]], dtype="uint8"), scale=0.01)
    assert row(cells_box(0, 0, 2, 1), image(path, built_values=(50,)))["value"] == 0.5


def test_percent_becomes_a_share_by_its_scale(tmp_path):
    path = write(tmp_path / "a.tif", np.array([[100, 50]], dtype="uint8"))
    assert refused(parcels(cells_box(0, 0, 2, 1)), image(path)) == ["evidence.no_share"]
    assert row(cells_box(0, 0, 2, 1), image(path, scale=0.01))["value"] == 0.75


def test_land_cover_codes_are_not_read_as_shares(tmp_path):
    """Only cells within parcels count: a code elsewhere in the file stops nobody."""
    path = write(tmp_path / "a.tif", np.array([[0, 1, 50]], dtype="uint8"))
    assert refused(parcels(cells_box(0, 0, 3, 1)), image(path)) == ["evidence.no_share"]
    assert row(cells_box(0, 0, 2, 1), image(path))["value"] == 0.5


# coverage


def test_partial_coverage_is_told(tmp_path):
    """The raster has 2 columns; a parcel from column 1 to 5 is covered by a quarter."""
    path = write(tmp_path / "a.tif", np.array([[0, 1]], dtype="uint8"))
    log = IssueLog()
    found = row(cells_box(1, 0, 5, 1), image(path, built_values=(1,)), log=log)
    assert (found["value"], found["covered_share"]) == (1.0, 0.25)
    assert [issue.code for issue in log] == ["evidence.half_covered"]


def test_outside_is_no_evidence(tmp_path):
    path = write(tmp_path / "a.tif", np.array([[0, 1]], dtype="uint8"))
    log = IssueLog()
    frame = parcels(cells_box(0, 0, 1, 1), cells_box(2, 0, 3, 1), cells_box(50, 0, 51, 1))
    found = one(frame, image(path, built_values=(1,)), log=log)
    # the second touches the raster along its edge only
    assert found["verdict"].tolist() == ["supported", "no_evidence", "no_evidence"]
    assert found["value"].isna().tolist() == [False, True, True]
    assert found["covered_share"].tolist() == [1.0, 0.0, 0.0]
    issues = {issue.code: issue for issue in log}
    assert set(issues) == {"evidence.not_covered", "evidence.nothing_built"}
    assert "P00001, P00002" in issues["evidence.not_covered"].message("en")


def test_a_raster_that_covers_nothing_is_named(tmp_path):
    path = write(tmp_path / "a.tif", np.array([[0, 1]], dtype="uint8"))
    log = IssueLog()
    found = one(parcels(cells_box(90, 90, 91, 91)), image(path, built_values=(1,)), log=log)
    assert found["verdict"].tolist() == ["no_evidence"]
    assert [issue.code for issue in log] == ["evidence.no_overlap"]


def test_a_sliver_of_the_next_cell_is_no_coverage(tmp_path):
    """A parcel on missing cells whose edge is a hair (1e-9 m) inside the built-up one."""
    path = write(tmp_path / "a.tif", np.array([[1, np.nan]], dtype="float32"))
    shape = shapely.box(LEFT + CELL - 1e-9, TOP - CELL, LEFT + 2 * CELL, TOP)
    assert row(shape, image(path))["verdict"] == "no_evidence"


def test_values_that_occur_nowhere_are_a_warning(tmp_path):
    path = write(tmp_path / "a.tif", np.array([[10, 20]], dtype="uint8"))
    log = IssueLog()
    found = row(cells_box(0, 0, 2, 1), image(path, built_values=(50,)), log=log)
    assert found["verdict"] == "supported"
    assert [(issue.code, issue.severity) for issue in log] == [
        ("evidence.nothing_built", "warning")
    ]


def test_parcels_smaller_than_a_cell(tmp_path):
    """A hundred parcels of 1 m² within one cell, none over its middle, and one over a corner."""
    path = write(tmp_path / "a.tif", np.array([[1, 0], [0, 0]], dtype="uint8"))
    corners = [(LEFT + x / 10 * 4, TOP - y / 10 * 4) for x in range(10) for y in range(10)]
    small = [shapely.box(x, y - 0.3, x + 0.3, y) for x, y in corners]
    corner = shapely.box(LEFT + 9.9, TOP - 10.1, LEFT + 10.1, TOP - 9.9)
    found = one(parcels(*small, corner), image(path, built_values=(1,)))
    assert found["value"].tolist() == [1.0] * 100 + [0.25]
    assert found["covered_share"].tolist() == [1.0] * 101


@pytest.mark.parametrize("side", [1e-1, 1e-3, 1e-5])
def test_however_small_a_parcel_is(tmp_path, side):
    path = write(tmp_path / "a.tif", np.full((400, 400), 7, dtype="uint8"))
    x, y = LEFT + 3333.3, TOP - 3777.7
    found = row(shapely.box(x, y, x + side, y + side), image(path, "mean"))
    assert found["value"] == 7.0
    assert found["covered_share"] == pytest.approx(1.0, abs=1e-3)


# shapes and grids


def star(points, middle, radius, start=0.0):
    angles = start + np.linspace(0, 2 * np.pi, len(points), endpoint=False)
    reach = radius * np.asarray(points)
    ring = np.column_stack([middle[0] + reach * np.cos(angles), middle[1] + reach * np.sin(angles)])
    return shapely.Polygon(ring)


GRIDS = {
    "north up": NORTH_UP,
    "south up": Affine(CELL, 0, LEFT, 0, CELL, TOP - 8 * CELL),
    "oblong": Affine(7.0, 0, LEFT, 0, -13.0, TOP),
    "turned": Affine.translation(LEFT, TOP) @ Affine.rotation(30) @ Affine.scale(CELL, -CELL),
    "mirrored": Affine(-CELL, 0, LEFT + 8 * CELL, 0, -CELL, TOP),
}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=st.integers(0, 2**32 - 1),
    points=st.lists(st.floats(0.3, 1.0), min_size=3, max_size=12),
    radius=st.floats(0.05, 60.0),
    grid=st.sampled_from(sorted(GRIDS)),
    has_hole=st.booleans(),
)
def test_against_exact_intersection(tmp_path, seed, points, radius, grid, has_hole):
    """The mean, the coverage and the share of any polygon, cut cell by cell with shapely."""
    rng = np.random.default_rng(seed)
    values = rng.uniform(-5, 5, (8, 8))
    values[rng.random((8, 8)) < 0.2] = np.nan
    transform = GRIDS[grid]
    middle = transform @ tuple(rng.uniform(-1, 9, 2))
    shape = star(points, middle, radius)
    if has_hole:
        shape = shape.difference(star(points, middle, radius / 3, start=0.4))
    path = write(tmp_path / "a.tif", values, transform=transform)
    found = row(shape, image(path, "mean"))
    mean, covered = by_shapely(shape, values, transform)
    assert found["covered_share"] == pytest.approx(covered, abs=GRAIN)
    if covered > 1e-4:
        assert found["value"] == pytest.approx(mean, abs=1e-5 / min(covered, 1))
    built = np.where(np.isnan(values), np.nan, values > 0)
    path = write(tmp_path / "b.tif", built, transform=transform)
    share, _ = by_shapely(shape, built, transform)
    if covered > 1e-3:
        assert row(shape, image(path))["value"] == pytest.approx(share, abs=GRAIN / covered)


def test_several_parts_holes_and_heights(tmp_path):
    """Two cells with a hole of half a cell in the first and z coordinates: (0.5·2 + 8) / 1.5."""
    path = write(tmp_path / "a.tif", np.array([[2, 4, 8]], dtype="uint8"))
    holed = cells_box(0, 0, 1, 1).difference(cells_box(0.25, 0, 0.75, 1))
    both = shapely.force_3d(shapely.union_all([holed, cells_box(2, 0, 3, 1)]), 12.0)
    assert both.geom_type == "MultiPolygon"
    found = row(both, image(path, "mean"))
    assert found["value"] == 6.0
    assert found["covered_share"] == 1.0


# other reference systems


@pytest.mark.parametrize("target", ["EPSG:4326", "EPSG:4490", "EPSG:32650", "EPSG:3857"])
def test_a_raster_in_another_system(tmp_path, target):
    """Parcels are moved point by point with pyproj alone; cells are cut in the raster's system."""
    rng = np.random.default_rng(7)
    to = Transformer.from_crs(CRS, target, always_xy=True)
    shapes = [
        star(rng.uniform(0.4, 1, 9), (LEFT + rng.uniform(0, 400), TOP - rng.uniform(0, 400)), 60)
        for _ in range(12)
    ]
    moved = shapely.transform(np.array(shapes), lambda xy: np.column_stack(to.transform(*xy.T)))
    left, bottom, right, top = shapely.total_bounds(moved)
    step = max(right - left, top - bottom) / 14
    transform = Affine(step, 0, left + step, 0, -step, top - step)  # the margins stay uncovered
    values = rng.uniform(0, 1, (12, 12))
    path = write(tmp_path / "a.tif", values, transform=transform, crs=target)
    found = one(parcels(*shapes), image(path, "mean"))
    expected = np.array([by_shapely(shape, values, transform) for shape in moved])
    assert found["covered_share"].to_numpy() == pytest.approx(expected[:, 1], abs=GRAIN)
    assert found["value"].to_numpy() == pytest.approx(expected[:, 0], abs=1e-5, nan_ok=True)
    assert (found["covered_share"] < 1).any()


def test_another_datum_needs_the_survey(tmp_path):
    values = np.array([[1, 0]], dtype="uint8")
    path = write(tmp_path / "a.tif", values, crs="EPSG:2385")  # Xi'an 80
    frame = parcels(cells_box(0, 0, 1, 1))
    assert refused(frame, image(path, built_values=(1,))) == ["crs.datum_differs"]
    given = "+proj=tmerc +lat_0=0 +lon_0=120 +k=1 +x_0=500000 +y_0=0 +a=6378140 +b=6356755.288 "
    given += "+towgs84=0,0,0,0,0,0,0 +units=m"
    found = one(frame, image(path, built_values=(1,), crs=given))
    assert found["covered_share"].between(0.5, 1.0).all()  # the ellipsoids differ by metres


def test_a_system_that_the_file_lacks_is_asked_for(tmp_path):
    path = write(tmp_path / "a.tif", np.array([[1, 0]], dtype="uint8"), crs=None)
    frame = parcels(cells_box(0, 0, 1, 1))
    assert refused(frame, image(path, built_values=(1,))) == ["evidence.no_crs"]
    assert one(frame, image(path, built_values=(1,), crs=CRS))["value"].tolist() == [1.0]
    assert refused(frame, image(path, built_values=(1,), crs="gcj02")) == ["crs.offset_system"]


def test_a_declared_system_counts_and_the_contradiction_is_told(tmp_path):
    path = write(tmp_path / "a.tif", np.array([[1, 0]], dtype="uint8"), crs="EPSG:4547")
    log = IssueLog()
    found = row(cells_box(0, 0, 1, 1), image(path, built_values=(1,), crs=CRS), log=log)
    assert found["value"] == 1.0
    assert [issue.code for issue in log] == ["evidence.crs_contradicts"]


def test_parcels_beyond_the_reach_of_the_projection_are_not_covered(tmp_path):
    path = write(tmp_path / "a.tif", np.array([[1, 0]], dtype="uint8"), crs="EPSG:4490")
    far = shapely.box(1e12, 1e12, 1e12 + 1, 1e12 + 1)
    found = one(parcels(far, shapely.Polygon()), image(path, built_values=(1,)))
    assert found["verdict"].tolist() == ["no_evidence", "no_evidence"]


# the table


def test_two_dates(tmp_path):
    before = write(tmp_path / "a.tif", np.array([[0, 0]], dtype="uint8"))
    after = write(tmp_path / "b.tif", np.array([[1, 1]], dtype="uint8"))
    frame = parcels(cells_box(0, 0, 1, 1), cells_box(1, 0, 2, 1), ids=["B", "A"])
    found = one(
        frame,
        image(after, label="2024-06-01", built_values=(1,)),
        image(before, label="2020-06-01", built_values=(1,)),
    )
    EVIDENCE.check(found)
    assert found[["parcel_id", "label", "verdict"]].to_numpy().tolist() == [
        ["A", "2020-06-01", "supported"],
        ["A", "2024-06-01", "contradicted"],
        ["B", "2020-06-01", "supported"],
        ["B", "2024-06-01", "contradicted"],
    ]


def test_nothing_in_nothing_out(tmp_path):
    path = write(tmp_path / "a.tif", np.array([[0, 0]], dtype="uint8"))
    empty = parcels(cells_box(0, 0, 1, 1)).iloc[:0]
    assert len(EVIDENCE.check(one(empty, image(path, built_values=(1,))))) == 0
    assert len(EVIDENCE.check(one(parcels(cells_box(0, 0, 1, 1))))) == 0


def test_the_index_of_the_parcels_means_nothing(tmp_path):
    path = write(tmp_path / "a.tif", np.array([[0, 1]], dtype="uint8"))
    frame = parcels(cells_box(0, 0, 1, 1), cells_box(1, 0, 2, 1)).set_axis([7, 3])
    found = one(frame, image(path, built_values=(1,)))
    pd.testing.assert_index_equal(found.index, pd.RangeIndex(2))
    assert found["value"].tolist() == [0.0, 1.0]
