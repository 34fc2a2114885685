"""What is published of each parcel, and the totals: a county of seven parcels on paper.

Parcels of 2000/3 m² × n are n mu. A is flagged, B ranked, C exempt, X in no enterprise table.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import shapely
from land_tables import firms, occupancy, parcel, parcels, rules, use

from landuse.issues import IssueLog
from landuse.matching import find_links, share_out
from landuse.pipeline.land import land_totals, publish_parcels
from landuse.rules.model import Rules
from landuse.schema import tables

MU = 2000 / 3
RULES = rules()


def lot(name: str, mu: float, code: str = "0601", **more: object):
    return parcel(name, mu * MU, land_use_code=code, **more)


LAND = parcels(
    lot("P1", 30, registered_area_m2_micro=20_000_000_000, township="东镇", holder="甲"),
    lot("P2", 6),
    lot("P3", 9, park="东园"),
    lot("P4", 12),  # nobody's
    lot("P5", 3, code="0501"),  # a shop of A
    lot("P6", 15),  # A builds here
    lot("P7", 18, code="0501"),  # a shop of nobody
)
USED = occupancy(
    use("P1", "A", 12 * MU), use("P1", "B", 15 * MU),  # 3 mu unused
    use("P2", "C"), use("P3", "B"), use("P3", "X"), use("P5", "A"), use("P6", "A"),
)  # fmt: skip
UNITS = pd.DataFrame(
    {
        "unit_id": ["A", "B", "C"],
        "uscc": ["A", "B", "C"],
        "status": ["low_efficiency", "ranked", "exempt"],
    },
    dtype="str",
)


def published(units: pd.DataFrame = UNITS, pack: Rules = RULES, **more: object) -> pd.DataFrame:
    log = IssueLog()
    found = find_links(
        LAND, tables.LOST_PARCELS.empty(), firms("A", "B", "C"), USED, tables.CONFIRMED.empty(), log
    )
    links = share_out(found.links, LAND, USED, {"P6"}, RULES, log)
    priced = [
        {
            "parcel_id": f"P{n}",
            "benchmark_price_yuan_per_m2": 100.0 * n,
            "price_source": "parcel" if n == 1 else "zones",
        }
        for n in range(1, 8)
    ]
    prices = pd.DataFrame(priced).astype({"parcel_id": "str"})
    parks = LAND[["parcel_id", "park"]].assign(park_type="emerging")
    values = links[["parcel_id", "uscc"]].assign(price_coefficient=1.25)
    return publish_parcels(
        LAND, links, units, prices, parks, values, rules=pack, construction={"P6"}, **more
    )


def column(name: str, **more: object) -> dict[str, object]:
    return published(**more).set_index("parcel_id")[name].to_dict()


def test_areas_used_and_unused():
    assert column("used_area_mu") == pytest.approx(
        {"P1": 27, "P2": 6, "P3": 9, "P4": 0, "P5": 3, "P6": 15, "P7": 0}, abs=1e-8
    )
    assert column("unused_area_mu") == pytest.approx(
        {"P1": 3, "P2": 0, "P3": 0, "P4": 12, "P5": 0, "P6": 0, "P7": 18}, abs=1e-8
    )
    assert column("enterprise_count") == {
        "P1": 2, "P2": 1, "P3": 2, "P4": 0, "P5": 1, "P6": 1, "P7": 0,
    }  # fmt: skip
    registered = column("registered_area_mu")
    assert registered["P1"] == 30.0
    assert math.isnan(registered["P2"])


def test_a_parcel_is_low_efficiency_by_counted_land_of_a_flagged_unit():
    # A's shop P5 is out of scope, P6 is under construction: neither counts
    low = column("is_low_efficiency")
    assert [name for name, flag in low.items() if flag] == ["P1"]
    flagged = column("flagged_area_mu")
    assert flagged["P1"] == pytest.approx(12, abs=1e-8)
    assert sum(flagged.values()) == flagged["P1"]


def test_one_class_a_parcel():
    assert column("land_class") == {
        "P1": "low_efficiency",  # beside a ranked user
        "P2": "not_graded",  # its only user is exempt
        "P3": "normal",  # a ranked user beside one of no table
        "P4": "no_enterprise",
        "P5": "not_graded",  # out of scope
        "P6": "not_graded",  # under construction
        "P7": "not_graded",  # out of scope and nobody's
    }


def test_scope_is_known_for_parcels_without_a_user():
    scope = column("in_scope")
    assert [name for name, inside in scope.items() if not inside] == ["P5", "P7"]
    assert [name for name, building in column("under_construction").items() if building] == ["P6"]


def test_land_without_a_link_gets_its_coefficient_from_the_reference_price():
    # P4: 400 / 320 = 1.25; linked parcels have what the evaluation took
    taken = column("price_coefficient", reference_price=320.0)
    assert (taken["P1"], taken["P4"], taken["P7"]) == (1.25, 1.25, 700 / 320)
    assert math.isnan(column("price_coefficient")["P4"])


def test_what_the_parcel_itself_says_is_kept():
    first = published().iloc[0]
    assert (first["holder"], first["township"], first["area_source"]) == ("甲", "东镇", "geometry")
    assert column("park")["P3"] == "东园"
    assert set(column("park_type").values()) == {"emerging"}
    assert all(shapely.is_valid(published()["geometry"].to_numpy()))


def test_totals_on_paper():
    # 30 + 6 + 9 + 12 + 3 + 15 + 18 = 93; in scope without P5 and P7: 72
    totals = land_totals(published(), UNITS)
    assert totals["parcels"] == 7
    assert totals["parcels_mu"] == pytest.approx(93, abs=1e-7)
    assert totals["in_scope_parcels"] == 5
    assert totals["in_scope_mu"] == pytest.approx(72, abs=1e-7)
    assert totals["low_efficiency_parcels"] == 1
    assert totals["low_efficiency_mu"] == pytest.approx(12, abs=1e-8)
    counts = {name: found["count"] for name, found in totals["classes"].items()}
    assert counts == {"low_efficiency": 1, "no_enterprise": 1, "normal": 1, "not_graded": 4}
    mu = {name: found["mu"] for name, found in totals["classes"].items()}
    expected = {"low_efficiency": 30, "no_enterprise": 12, "normal": 9, "not_graded": 42}
    assert mu == pytest.approx(expected, abs=1e-7)
    assert totals["units"] == {"exempt": 1, "low_efficiency": 1, "ranked": 1}


def test_members_of_one_unit_are_counted_once():
    merged = UNITS.assign(unit_id=["A", "A", "C"], status=["ranked", "ranked", "exempt"])
    assert land_totals(published(units=merged), merged)["units"] == {"exempt": 1, "ranked": 1}


def test_a_county_without_parcels():
    empty = published().iloc[:0]
    totals = land_totals(empty, UNITS.iloc[:0])
    assert totals["parcels"] == 0
    assert totals["parcels_mu"] == 0.0
    assert totals["units"] == {}


def test_nothing_is_missing_from_the_published_columns():
    from landuse.schema.published import RUN_PARCELS

    frame = published()
    assert set(frame.columns) == set(RUN_PARCELS.names)
    RUN_PARCELS.check(frame)
    assert not np.isnan(frame["accounting_area_mu"]).any()


def test_without_a_correction_land_without_a_link_has_no_coefficient():
    for changed in ({"coefficient": "none"}, {"grade_coefficients": {"I": "1.2"}}):
        taken = column("price_coefficient", pack=rules(**changed), reference_price=320.0)
        assert taken["P1"] == 1.25
        assert math.isnan(taken["P4"])
