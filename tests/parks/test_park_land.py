"""Land accounts add up to the park whatever overlaps; nothing is counted twice or lost."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from park_rows import M2, MU3, box, codes, parcels, parks, rows, status
from shapely import affinity

from landuse.issues import IssueLog
from landuse.parks import Land, land_accounts, land_parts, net_parks, type_of
from landuse.parks.division import divide, divided
from landuse.schema.park_plots import DISPOSALS
from landuse.schema.park_tables import PARK_REGISTER

PARTITION = ("undevelopable", "built", "partly_used", "not_started", "idle", "undetermined",
             "available")  # fmt: skip


def account(parts, states, nets, register=None, flagged=None, disposals=None, log=None):
    flagged = pd.Series(flagged or {}, dtype="int64")
    land = Land(parts, states, nets, register, flagged, disposals)
    return land_accounts(land, log if log is not None else IssueLog()).set_index("park")


def adds_up(accounts) -> None:
    headings = sum(accounts[f"{name}_m2_micro"] for name in PARTITION)
    assert (headings - accounts["excess_m2_micro"] == accounts["total_m2_micro"]).all()
    supplied = sum(
        accounts[f"{name}_m2_micro"] for name in ("built", "partly_used", "not_started", "idle")
    )
    assert (supplied == accounts["supplied_m2_micro"]).all()


def test_a_parcel_on_the_border_is_split_by_overlay() -> None:
    """甲 is 0…100 × 0…100. Of parcel P (90…130 × 0…30, 1 200 m²) 10/40 lies in 甲, 10/40 in none,
    20/40 in 乙 (110…200): 300, 300 and 600 m²."""
    nets = net_parks(parks(("甲", box(0, 0, 100, 100)), ("乙", box(110, 0, 200, 100))), IssueLog())
    parts = land_parts(parcels(("P", box(90, 0, 130, 30))), nets)
    assert dict(zip(parts["park"], parts["area_m2_micro"], strict=True)) == {
        "": 300 * M2, "乙": 600 * M2, "甲": 300 * M2,
    }  # fmt: skip


def test_overlap_of_parks_belongs_to_the_smallest_name_and_is_said() -> None:
    """A 0…100, B 80…180: 20 × 100 m² are claimed by both and go to A."""
    log = IssueLog()
    nets = net_parks(parks(("B", box(80, 0, 180, 100)), ("A", box(0, 0, 100, 100))), log)
    assert nets["park"].tolist() == ["A", "B"]
    assert nets["area_m2_micro"].tolist() == [10_000 * M2, 8_000 * M2]
    (issue,) = log
    assert issue.code == "parks.overlap"
    assert issue.key == "B"
    assert "2000.00" in issue.message("zh")


def test_headings_of_a_park_by_hand() -> None:
    """Park of 10 000 m²: 1 000 built (600 of it flagged), 500 idle (200 flagged), 300 not started,
    200 in building, 400 unsupplied, 100 unclear; 1 500 cannot be built on.
    Available = 10 000 − 1 500 − (1 000 + 500 + 300 + 200) − 100 = 6 400."""
    shapes = {"a": 1000, "b": 500, "c": 300, "d": 200, "e": 400, "f": 100}
    x = 0
    given = []
    for name, area in shapes.items():
        given.append((name, box(x, 0, x + area / 100, 100)))
        x += area / 100
    land = parcels(*given)
    states = status(a="used", b="idle", c="supplied_unused", d="partly_used",
                    e="approved_unsupplied", f="undetermined")  # fmt: skip
    nets = net_parks(parks(("甲", box(0, 0, 100, 100))), IssueLog())
    register = rows(
        PARK_REGISTER, {"park": "甲", "undevelopable_area_m2_micro": 1500 * M2,
                        "ready_area_m2_micro": 3000 * M2}
    )  # fmt: skip
    found = account(land_parts(land, nets), states, nets, register, {"a": 600 * M2, "b": 200 * M2})
    row = found.loc["甲"]
    expected = {"total": 10_000, "built": 1000, "idle": 500, "not_started": 300,
                "partly_used": 200, "undetermined": 100, "available": 6400, "supplied": 2000,
                "excess": 0, "unsupplied_parcels": 400, "low_efficiency": 600,
                "low_efficiency_idle": 200, "developable": 8500, "ready": 3000}  # fmt: skip
    assert {name: row[f"{name}_m2_micro"] / M2 for name in expected} == expected
    assert row["total_from"] == "boundary"
    assert pd.isna(row["expropriated_m2_micro"])
    adds_up(found)


def test_land_beyond_the_total_is_shown_and_said() -> None:
    """A registered area above the drawn park: 12 000 − 10 000 m² = 3.00 mu too much."""
    land = parcels(("a", box(0, 0, 100, 100)))
    land["accounting_area_m2_micro"] = 12_000 * M2
    nets = net_parks(parks(("甲", box(0, 0, 100, 100))), IssueLog())
    log = IssueLog()
    found = account(land_parts(land, nets), status(a="used"), nets, log=log)
    assert found.loc["甲", "excess_m2_micro"] == 2_000 * M2
    assert found.loc["甲", "available_m2_micro"] == 0
    assert "3.00" in next(iter(log)).message("zh")
    adds_up(found)


def test_a_park_without_a_boundary_has_the_parcels_that_name_it() -> None:
    land = parcels(("a", box(0, 0, 10, 10)), park="丙")
    found = account(land_parts(land, None), status(a="used"), None)
    assert found.loc["丙", "total_m2_micro"] == 100 * M2
    assert found.loc["丙", "total_from"] == "parcels"
    register = rows(PARK_REGISTER, {"park": "丙", "total_area_m2_micro": 300 * M2})
    found = account(land_parts(land, None), status(a="used"), None, register)
    assert found.loc["丙", "total_from"] == "stated"
    assert found.loc["丙", "available_m2_micro"] == 200 * M2


def test_what_the_register_contradicts_is_said_with_both_values() -> None:
    """Stated built 6 mu against 3 mu; supplied 9 of 6 ready; 100 m² of factories are 60 + 30."""
    land = parcels(("a", box(0, 0, 100, 20)))
    nets = net_parks(parks(("甲", box(0, 0, 100, 100))), IssueLog())
    register = rows(
        PARK_REGISTER,
        {"park": "甲", "built_area_m2_micro": 2 * MU3, "supplied_area_m2_micro": 3 * MU3,
         "ready_area_m2_micro": 2 * MU3, "factory_built_m2_micro": 100 * M2,
         "factory_let_m2_micro": 60 * M2, "factory_vacant_m2_micro": 30 * M2},
    )  # fmt: skip
    log = IssueLog()
    account(land_parts(land, nets), status(a="used"), nets, register, log=log)
    assert sorted(codes(log)) == ["parks.factory_sum", "parks.out_of_order",
                                  "parks.stated_differs", "parks.stated_differs"]  # fmt: skip
    said = [issue.message("zh") for issue in log if issue.code == "parks.stated_differs"]
    assert any("已建成为 6.00 亩，计算为 3.00 亩" in one for one in said)


def test_revitalised_land_adds_up_to_the_ledger() -> None:
    """120.0001 mu and 44 000 m² of a plot that lies half in 甲 and half in none, and of one that no
    layer knows, whose case names 甲."""
    nets = net_parks(parks(("甲", box(0, 0, 100, 100))), IssueLog())
    parts = land_parts(parcels(("p", box(90, 0, 110, 10))), nets)
    disposals = rows(
        DISPOSALS,
        {"number": "2026-001", "part": 1, "parcel_ids": "p", "mu_e4": 1_200_001,
         "floor_m2_e2": 4_400_000, "park": "乙"},
        {"number": "2026-002", "part": 1, "parcel_ids": "lost", "mu_e4": 50_000, "park": "甲"},
    )  # fmt: skip
    found = account(parts, status(p="used"), nets, disposals=disposals)
    assert found["revitalised_mu_e4"].to_dict() == {"": 600_001, "甲": 650_000}
    assert found["revitalised_floor_m2_e2"].sum() == 4_400_000


def test_two_types_of_a_park_are_said() -> None:
    layer = parks(("甲", box(0, 0, 1, 1)), ("乙", box(2, 0, 3, 1)))
    layer["park_type"] = pd.Series(["emerging", "traditional"], dtype="str")
    register = rows(PARK_REGISTER, {"park": "甲", "park_type": "employment"}, {"park": "乙"})
    log = IssueLog()
    assert type_of(register, layer, log) == {"甲": "employment", "乙": "traditional"}
    assert codes(log) == ["parks.type_differs"]


@pytest.mark.parametrize(
    ("amount", "weights", "expected"),
    [(10, [1, 2], [3, 7]), (7, [1, 1, 1], [3, 2, 2]), (1, [0, 5], [0, 1]), (4, [0, 0], [4, 0])],
)
def test_division_by_largest_remainder(amount, weights, expected) -> None:
    assert divided(amount, weights) == expected


_claim = st.tuples(st.integers(0, 4), st.integers(0, 9) | st.integers(10**14, 10**15))


@given(st.lists(_claim, max_size=12), st.lists(st.integers(-(10**12), 10**15), min_size=5,
                                              max_size=5))  # fmt: skip
def test_many_divisions_are_each_as_one(claims, amounts) -> None:
    group = np.array([number for number, _ in claims], dtype=np.intp)
    weight = np.array([one for _, one in claims], dtype=np.int64)
    found = divide(np.array(amounts, dtype=np.int64), group, weight)
    for number in set(group.tolist()):
        mine = group == number
        expected = divided(amounts[number], weight[mine].tolist())
        assert found[mine].tolist() == expected
        assert sum(expected) == amounts[number]


_side = st.integers(0, 40)


@st.composite
def _boxes(draw, names):
    out = []
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=6)):
        x, y = draw(_side), draw(_side)
        out.append((name, box(x, y, x + draw(st.integers(1, 20)), y + draw(st.integers(1, 20)))))
    return out


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    _boxes(["A", "B", "C"]), _boxes([f"p{n}" for n in range(9)]),
    st.lists(st.sampled_from(["used", "idle", "undetermined", "approved_unsupplied"]),
             min_size=9, max_size=9),
    st.integers(1, 3),
)  # fmt: skip
def test_accounts_add_up_whatever_the_overlap(areas, plots, states, factor) -> None:
    """Parks and parcels that lie on each other anyhow; the parcels' registered areas are a third
    to three thirds of the drawn ones, so that nothing divides evenly."""
    land = parcels(*{name: (name, shape) for name, shape in plots}.values())
    land["accounting_area_m2_micro"] = land["accounting_area_m2_micro"] * factor // 3
    nets = net_parks(parks(*areas), IssueLog())
    parts = land_parts(land, nets)
    by_parcel = parts.groupby("parcel_id")["area_m2_micro"].sum()
    assert by_parcel.to_dict() == land.set_index("parcel_id")["accounting_area_m2_micro"].to_dict()
    assert (parts["area_m2_micro"] >= 0).all()
    found = account(parts, status(**{f"p{n}": state for n, state in enumerate(states)}), nets)
    adds_up(found)
    assert found["parcels_m2_micro"].sum() == land["accounting_area_m2_micro"].sum()
    again = land_parts(land.iloc[::-1].reset_index(drop=True), nets.iloc[::-1])
    pd.testing.assert_frame_equal(parts, again)


@st.composite
def _stars(draw, names):
    """Polygons of any form: corners at any angle and distance, some with a hole, some in two
    pieces, on coordinates that no fraction divides evenly."""
    out = []
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=5)):
        x, y = draw(st.floats(0, 60)), draw(st.floats(0, 60))
        reach = draw(st.lists(st.floats(2, 25), min_size=3, max_size=9))
        turn = 2 * math.pi / len(reach)
        shape = shapely.Polygon(
            [(x + r * math.cos(n * turn), y + r * math.sin(n * turn)) for n, r in enumerate(reach)]
        )
        if draw(st.booleans()):
            shape = shape.difference(shapely.Point(x, y).buffer(1.3, quad_segs=3))
        if draw(st.booleans()):
            shape = shape.union(affinity.translate(shape, 70.1, 3.7))
        out.append((name, shape))
    return out


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    _stars(["A", "B", "C", "D"]), _stars([f"p{n}" for n in range(7)]),
    st.lists(st.sampled_from(["used", "idle", "partly_used", "supplied_unused", "undetermined"]),
             min_size=7, max_size=7),
    st.lists(st.integers(1, 10**13), min_size=7, max_size=7), st.floats(0.3, 1.7),
)  # fmt: skip
def test_accounts_add_up_for_any_polygons(areas, plots, states, floors, factor) -> None:
    """Parks and parcels of any form that lie on each other anyhow; registered areas that differ
    from the drawn ones by any factor; disposals of any size. What the parks have is compared with
    an overlay that knows nothing of accounts."""
    land = parcels(*{name: (name, shape) for name, shape in plots}.values())
    drawn = land["accounting_area_m2_micro"].astype("float64")
    land["accounting_area_m2_micro"] = (drawn * factor).round().astype("int64")
    nets = net_parks(parks(*areas), IssueLog())
    parts = land_parts(land, nets)
    whole = land.set_index("parcel_id")["accounting_area_m2_micro"]
    assert parts.groupby("parcel_id")["area_m2_micro"].sum().to_dict() == whole.to_dict()
    register = rows(PARK_REGISTER, *(
        {"park": name, "undevelopable_area_m2_micro": floors[0] % 10**8} for name in nets["park"]
    ))  # fmt: skip
    disposals = rows(DISPOSALS, *(
        {"number": f"2026-{n:03}", "part": 1, "parcel_ids": f"p{n}", "mu_e4": floors[n],
         "floor_m2_e2": floors[-n]} for n in range(7)
    ))  # fmt: skip
    state = status(**{f"p{n}": one for n, one in enumerate(states)})
    found = account(parts, state, nets, register, dict(whole // 3), disposals)
    adds_up(found)
    assert found["parcels_m2_micro"].sum() == whole.sum()
    assert found["revitalised_mu_e4"].sum() == sum(floors)  # of plots that no layer has, too
    flagged = found["low_efficiency_m2_micro"] + found["low_efficiency_idle_m2_micro"]
    assert flagged.sum() == (whole // 3).sum()
    claimed = shapely.union_all([shape for _, shape in areas])
    assert nets["area_m2_micro"].sum() == pytest.approx(claimed.area * M2, rel=1e-9, abs=10)
    for row in parts.itertuples(index=False):
        shape = dict(plots)[row.parcel_id]
        mine = [net for name, net in zip(nets["park"], nets["geometry"], strict=True)
                if name == row.park]  # fmt: skip
        here = mine[0] if mine else shapely.difference(shape, claimed)
        share = shapely.intersection(shape, here).area / shape.area
        assert row.area_m2_micro == pytest.approx(whole[row.parcel_id] * share, rel=1e-6, abs=5e3)
