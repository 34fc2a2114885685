"""How much of a parcel each user has: every rule of section 4, worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from land_tables import (
    M2,
    codes,
    confirmed,
    firms,
    links_of,
    occupancy,
    parcel,
    parcels,
    rules,
    use,
)

from landuse.issues import IssueLog
from landuse.matching import find_links, share_out
from landuse.matching.apportion import equally, in_proportion
from landuse.schema import tables


def shares(links: pd.DataFrame) -> dict[str, tuple[float, str]]:
    """Area in m² and rule of each user of the only parcel."""
    return {row.uscc: (row.area_m2_micro / M2, row.area_rule) for row in links.itertuples()}


def test_declared_areas_count_as_they_are():
    # 100 m²: 30 + 45 declared, 25 used by nobody
    links = links_of(parcels(parcel("P")), use("P", "A", 30), use("P", "B", 45))
    assert shares(links) == {"A": (30.0, "declared"), "B": (45.0, "declared")}


def test_the_rest_is_shared_equally_by_those_who_declare_nothing():
    # 100 - 40 = 60 left for two: 30 each
    log = IssueLog()
    links = links_of(
        parcels(parcel("P")), use("P", "A", 40), use("P", "B"), use("P", "C", 0), log=log
    )
    assert shares(links) == {
        "A": (40.0, "declared"), "B": (30.0, "equal_share"), "C": (30.0, "equal_share"),
    }  # fmt: skip
    (issue,) = [issue for issue in log if issue.code == "matching.equal_shares"]
    assert (issue.key, issue.value) == ("P", "B、C")
    assert issue.values == {"n": 2, "left": "60.00"}  # noqa: PD011


def test_a_single_user_without_a_declared_area_has_the_rest_without_an_issue():
    log = IssueLog()
    links = links_of(parcels(parcel("P")), use("P", "A", 40), use("P", "B"), log=log)
    assert shares(links)["B"] == (60.0, "equal_share")
    assert codes(log) == ["no_land_use"]


def test_nothing_left_is_no_land():
    log = IssueLog()
    links = links_of(parcels(parcel("P")), use("P", "A", 100), use("P", "B"), log=log)
    assert shares(links) == {"A": (100.0, "declared"), "B": (0.0, "nothing_left")}
    assert "nothing_left" in codes(log)


def test_an_owner_who_declares_the_parcel_has_what_the_tenants_leave():
    # own 100 of 100, leases 20 and 30: own = 100 - 50 = 50
    log = IssueLog()
    links = links_of(
        parcels(parcel("P")), use("P", "A", 100, "own"), use("P", "B", 20, "lease"),
        use("P", "C", 30, "lease"), log=log,
    )  # fmt: skip
    assert shares(links) == {
        "A": (50.0, "remainder"), "B": (20.0, "declared"), "C": (30.0, "declared"),
    }  # fmt: skip
    assert codes(log) == ["no_land_use"]


@pytest.mark.parametrize(
    ("declared", "rule", "area"),
    [
        # 99 % of 100 is the line: 99 + 20 > 100, own = 100 - 20
        (99.0, "remainder", 80.0),
        # below it 98.99 + 20 = 118.99 is scaled: 98.99 × 100 / 118.99 = 83.191865…
        (98.99, "scaled", 83.191865),
    ],
)
def test_the_line_of_the_remainder_is_99_percent(declared, rule, area):
    links = links_of(
        parcels(parcel("P")), use("P", "A", declared, "own"), use("P", "B", 20, "lease")
    )
    found, why = shares(links)["A"]
    assert why == rule
    assert found == pytest.approx(area, abs=1e-6)


def test_an_owner_of_the_whole_within_the_parcel_is_left_alone():
    # 99 + 1 = 100 is not more than the parcel
    links = links_of(parcels(parcel("P")), use("P", "A", 99, "own"), use("P", "B", 1, "lease"))
    assert shares(links) == {"A": (99.0, "declared"), "B": (1.0, "declared")}


def test_without_a_lease_beside_it_an_owner_is_scaled():
    # 100 + 100 on 100: 50 each, whatever they are called
    for relation in ("own", ""):
        links = links_of(
            parcels(parcel("P")), use("P", "A", 100, "own"), use("P", "B", 100, relation)
        )
        assert shares(links) == {"A": (50.0, "scaled"), "B": (50.0, "scaled")}


def test_a_remainder_is_at_least_nothing_and_leases_too_large_are_scaled():
    # leases 80 + 120 = 200 on 100: own 100 - 200 < 0 → 0; leases × 100/200 = 40 and 60
    log = IssueLog()
    links = links_of(
        parcels(parcel("P")), use("P", "A", 100, "own"), use("P", "B", 80, "lease"),
        use("P", "C", 120, "lease"), log=log,
    )  # fmt: skip
    assert {user: area for user, (area, _) in shares(links).items()} == {"A": 0, "B": 40, "C": 60}
    (issue,) = [issue for issue in log if issue.code == "matching.over_declared"]
    assert issue.values == {"n": 3, "total": "200.00", "whole": "100.00"}  # noqa: PD011


@pytest.mark.parametrize(
    ("area", "declared", "reported"),
    [
        # excess above 0.1 % and above 1 m²
        (100.0, 100.99, False),  # 0.99 % but 0.99 m²
        (100.0, 101.0, False),  # exactly 1 m²
        (100.0, 101.01, True),
        (10_000.0, 10_010.0, False),  # 10 m² but exactly 0.1 %
        (10_000.0, 10_010.01, True),
    ],
)
def test_too_much_is_scaled_and_said_above_a_thousandth_and_a_square_metre(
    area, declared, reported
):
    log = IssueLog()
    links = links_of(parcels(parcel("P", area)), use("P", "A", declared), log=log)
    assert shares(links) == {"A": (area, "scaled")}
    assert ("over_declared" in codes(log)) is reported


def test_scaling_loses_no_millionth():
    # three times 50 on 100 m²: 33.333333 each leaves one millionth, for the first by code
    links = links_of(parcels(parcel("P")), *(use("P", user, 50) for user in "CBA"))
    assert links["area_m2_micro"].tolist() == [33_333_334, 33_333_333, 33_333_333]


def test_floor_areas_give_shares_of_the_land():
    # 100 m² of land, 400 m² of floor: 100 × 120/400 = 30 and 100 × 200/400 = 50, 20 for nobody
    log = IssueLog()
    land = parcels(parcel("P", built_area_m2_micro=400 * M2))
    links = links_of(
        land, use("P", "A", 120, kind="floor"), use("P", "B", 200, kind="floor"), log=log
    )
    assert shares(links) == {"A": (30.0, "floor_share"), "B": (50.0, "floor_share")}
    assert codes(log) == ["no_land_use"]


@pytest.mark.parametrize(
    ("built", "code"), [(pd.NA, "floor_without_total"), (200 * M2, "floor_above_total")]
)
def test_floor_areas_without_a_usable_total_are_shares_of_their_sum(built, code):
    # 100 + 300 = 400: 25 and 75
    log = IssueLog()
    land = parcels(parcel("P", built_area_m2_micro=built))
    links = links_of(
        land, use("P", "A", 100, kind="floor"), use("P", "B", 300, kind="floor"), log=log
    )
    assert shares(links) == {"A": (25.0, "floor_share"), "B": (75.0, "floor_share")}
    assert code in codes(log)


def test_floor_shares_beside_land_are_land_declared_like_any_other():
    # floor 100 of 200 = 50 m², land 30, one without: 100 - 80 = 20
    land = parcels(parcel("P", built_area_m2_micro=200 * M2))
    links = links_of(land, use("P", "A", 100, kind="floor"), use("P", "B", 30), use("P", "C"))
    assert shares(links) == {
        "A": (50.0, "floor_share"), "B": (30.0, "declared"), "C": (20.0, "equal_share"),
    }  # fmt: skip


def test_an_owner_of_all_floors_has_what_tenants_of_land_leave():
    # own floor 200 of 200 = 100 m² ≥ 99 %, lease 30 m² of land: own = 70
    land = parcels(parcel("P", built_area_m2_micro=200 * M2))
    links = links_of(land, use("P", "A", 200, "own", kind="floor"), use("P", "B", 30, "lease"))
    assert shares(links) == {"A": (70.0, "remainder"), "B": (30.0, "declared")}


def test_who_declares_land_and_floor_has_the_land():
    log = IssueLog()
    land = parcels(parcel("P", built_area_m2_micro=200 * M2))
    links = links_of(land, use("P", "A", 40), use("P", "A", 200, kind="floor"), log=log)
    assert shares(links) == {"A": (40.0, "declared")}
    assert "floor_beside_land" in codes(log)


def test_a_floor_row_of_a_pair_whose_land_is_blank_counts():
    land = parcels(parcel("P", built_area_m2_micro=200 * M2))
    links = links_of(land, use("P", "A"), use("P", "A", 100, kind="floor"))
    assert shares(links) == {"A": (50.0, "floor_share")}


def test_confirmed_links_and_links_by_name_have_no_declared_area():
    # P1: 100 - 40 declared = 60 for the confirmed one; P2: two names, 50 each
    land = parcels(parcel("P1"), parcel("P2", at=50, holder="A公司、B公司"))
    told = occupancy(use("P1", "A", 40))
    found = find_links(
        land, tables.LOST_PARCELS.empty(), firms("A", "B"), told, confirmed(("P1", "B")),
        IssueLog(),
    )  # fmt: skip
    links = share_out(found.links, land, told, set(), rules(), IssueLog())
    assert (links["area_m2_micro"] // M2).tolist() == [40, 60, 50, 50]


def test_an_unknown_enterprise_keeps_its_share():
    land, told, log = parcels(parcel("P")), occupancy(use("P", "A"), use("P", "X")), IssueLog()
    found = find_links(
        land, tables.LOST_PARCELS.empty(), firms("A"), told, tables.CONFIRMED.empty(), log
    )
    links = share_out(found.links, land, told, set(), rules(), log)
    assert shares(links) == {"A": (50.0, "equal_share"), "X": (50.0, "equal_share")}
    assert links["known_enterprise"].tolist() == [True, False]


def test_places_of_the_links_save_the_look_up_and_change_nothing():
    # tables in any order, codes in the parcel's cell, in occupancy and of no table
    land = parcels(parcel("P3", at=50), parcel("P1", uscc="A;C"), parcel("P2", at=90, uscc="B"))
    told = occupancy(use("P3", "X", 30), use("P3", "B"), use("P3", "A"))
    found = find_links(
        land, tables.LOST_PARCELS.empty(), firms("C", "A", "B"), told, tables.CONFIRMED.empty(),
        IssueLog(),
    )  # fmt: skip
    assert found.places.parcel.tolist() == [0, 0, 1, 2, 2, 2]  # P1 P1 P2 P3 P3 P3
    assert found.places.user.tolist() == [0, 2, 1, 0, 1, -1]  # A C B A B X
    pd.testing.assert_frame_equal(
        share_out(found.links, land, told, set(), rules(), IssueLog(), found.places),
        share_out(found.links, land, told, set(), rules(), IssueLog()),
    )


def test_merge_divides_the_land_in_the_same_way():
    used = use("P", "A", 70), use("P", "B")
    one = links_of(parcels(parcel("P")), *used)
    two = links_of(parcels(parcel("P")), *used, shared_parcels="merge")
    pd.testing.assert_frame_equal(one, two)


def test_only_land_in_scope_and_not_under_construction_counts():
    land = parcels(
        parcel("P1", land_use_code="0601"),
        parcel("P2", land_use_code="0501", at=50),
        parcel("P3", land_use_code="100101", at=90),
    )
    used = [use(code, "A") for code in ("P1", "P2", "P3")]
    links = links_of(land, *used, construction=["P3"])
    assert links["in_scope"].tolist() == [True, False, True]
    assert links["under_construction"].tolist() == [False, False, True]
    assert links["counted"].tolist() == [True, False, False]
    # all of them have their area all the same
    assert (links["area_m2_micro"] // M2).tolist() == [100, 100, 100]


def test_no_links_at_all():
    land = parcels(parcel("P"))
    empty = tables.LINKS.empty().drop(columns=["area_m2_micro", "area_rule"])
    assert share_out(empty, land, occupancy(), set(), rules(), IssueLog()).empty


def test_huge_areas_stay_exact():
    # 10 000 km² in 10⁻⁶ m² is 10¹⁶: the products need more than 64 bits
    area = 10_000_000_000.0
    links = links_of(parcels(parcel("P", area)), use("P", "A", area), use("P", "B", area))
    assert links["area_m2_micro"].tolist() == [5_000_000_000 * M2] * 2


def test_in_proportion_gives_the_largest_remainders_the_units_left():
    # 10 × (5, 3, 1) / 9 = 5.56, 3.33, 1.11: floors 5, 3, 1, the one left to .56
    one, group = np.array([10]), np.zeros(3, dtype=np.int64)
    out = in_proportion(one, np.array([5, 3, 1]), np.array([9]), group)
    assert out.tolist() == [6, 3, 1]
    # of 18 only half is claimed: ⌊10 × 9/18⌋ = 5 = 2.78 + 1.67 + 0.56 → 2, 1, 0 and two left
    out = in_proportion(one, np.array([5, 3, 1]), np.array([18]), group)
    assert out.tolist() == [3, 2, 0]


def test_equally_keeps_groups_apart_in_any_order():
    out = equally(np.array([5, 0, 7]), np.array([2, 0, 2, 0, 2]))
    assert out.tolist() == [3, 3, 2, 2, 2]


def test_construction_count_lets_land_under_construction_count():
    land = parcels(parcel("P1", land_use_code="M1"), parcel("P2", at=50, land_use_code="0501"))
    used = [use("P1", "A"), use("P2", "A")]
    table = occupancy(*used)
    found = find_links(
        land, tables.LOST_PARCELS.empty(), firms("A"), table, tables.CONFIRMED.empty(), IssueLog()
    )
    links = share_out(
        found.links, land, table, {"P1", "P2"}, rules(construction="count"), IssueLog()
    )
    assert links["under_construction"].tolist() == [True, True]
    assert links["counted"].tolist() == [True, False]
