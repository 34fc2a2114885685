"""What holds for every way to share land: nothing lost, no order, no unit."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from land_tables import firms, frame, occupancy, parcel, parcels, rules, zone

from landuse.indicators.prices import parcel_prices
from landuse.issues import IssueLog
from landuse.matching import find_links, share_out
from landuse.schema import tables
from landuse.units import exact_micro, factor

RULES = rules()
CODES = ["A", "B", "C", "D", "E"]
NAMES = ["P1", "P2", "P3"]

micro = st.one_of(
    st.none(), st.integers(0, 3), st.integers(0, 10**12), st.sampled_from([33_333_333, 10**8])
)
whole = st.one_of(st.integers(0, 5), st.integers(1, 10**12), st.just(10**8))


@st.composite
def counties(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Three parcels of any area and an occupancy table of any content."""
    land = [
        parcel(
            name, 100, at=100.0 * at,
            accounting_area_m2_micro=draw(whole),
            built_area_m2_micro=draw(micro) or pd.NA,
            holder=draw(st.sampled_from(["", "A公司", "B公司、C公司"])),
        )
        for at, name in enumerate(NAMES)
    ]  # fmt: skip
    keys = st.tuples(
        st.sampled_from(NAMES), st.sampled_from([*CODES, "X"]), st.sampled_from(["land", "floor"])
    )
    used = [
        {
            "parcel_id": name, "uscc": uscc, "area_kind": kind,
            "relation": draw(st.sampled_from(["own", "lease", ""])),
            "area_m2_micro": draw(micro),
        }
        for name, uscc, kind in draw(st.lists(keys, unique=True, max_size=14))
    ]  # fmt: skip
    used = [
        {**row, "area_m2_micro": pd.NA} if row["area_m2_micro"] is None else row for row in used
    ]
    return parcels(*land), occupancy(*used)


def shared(land: pd.DataFrame, used: pd.DataFrame, enterprises: pd.DataFrame) -> pd.DataFrame:
    log = IssueLog()
    found = find_links(
        land, tables.LOST_PARCELS.empty(), enterprises, used, tables.CONFIRMED.empty(), log
    )
    links = share_out(found.links, land, used, set(), RULES, log)
    assert all(issue.message("zh") and issue.message("en") for issue in log)
    return links


@given(counties())
@settings(max_examples=60, deadline=None)
def test_areas_given_out_and_unused_are_the_accounting_area(county):
    land, used = county
    links = shared(land, used, firms(*CODES))
    assert (links["area_m2_micro"] >= 0).all()
    given_out = links.groupby("parcel_id")["area_m2_micro"].sum()
    for row in land.itertuples():
        unused = row.accounting_area_m2_micro - given_out.get(row.parcel_id, 0)
        assert unused >= 0
        open_ = links[(links["parcel_id"] == row.parcel_id)]["area_rule"]
        if open_.isin(["equal_share", "nothing_left", "scaled"]).any():
            assert unused == 0  # somebody took the rest, or there was none


@given(counties(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_row_order_changes_no_area(county, random):
    land, used = county

    def shuffled(table: pd.DataFrame) -> pd.DataFrame:
        order = list(range(len(table)))
        random.shuffle(order)
        return table.iloc[order].reset_index(drop=True)

    once = shared(land, used, firms(*CODES))
    again = shared(shuffled(land), shuffled(used), shuffled(firms(*CODES)))
    pd.testing.assert_frame_equal(once, again)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=6), st.integers(1, 10**6))
@settings(max_examples=15, deadline=None)
def test_areas_given_in_mu_or_in_square_metres_are_the_same(declared, total):
    """Areas of whole 200 m² are whole 0.3 mu: both files say the same land."""

    def links(unit: str, scale: Fraction) -> pd.DataFrame:
        def read(units: int) -> int:
            return exact_micro(str(float(units * scale)), factor(unit, "m2"))

        land = parcels(parcel("P", accounting_area_m2_micro=read(total)))
        rows = [
            {"parcel_id": "P", "uscc": code, "area_kind": "land", "area_m2_micro": read(units)}
            for code, units in zip("ABCDEF", declared, strict=False)
        ]
        return shared(land, occupancy(*rows), firms(*"ABCDEF"))

    pd.testing.assert_frame_equal(links("m2", Fraction(200)), links("mu", Fraction(3, 10)))


@given(st.lists(st.integers(0, 40), min_size=2, max_size=9, unique=True), st.integers(1, 10**6))
@settings(max_examples=40, deadline=None)
def test_a_price_lies_between_those_of_its_zones_and_scales_with_them(cuts, money):
    edges = sorted(cuts)
    made = [
        zone(f"{n}", float(money + 13 * n), (left, 0, right, 10))
        for n, (left, right) in enumerate(itertools.pairwise(edges))
    ]
    land = parcels(parcel("P", at=15), parcel("Q", at=200, benchmark_price_yuan_per_m2=1.0))
    log = IssueLog()
    prices, parts = parcel_prices(land, frame(tables.ZONES, made), RULES, log)
    covered = sum(
        max(0, min(right, 25) - max(left, 15)) for left, right in itertools.pairwise(edges)
    )
    assert prices["price_cover"].iloc[0] == covered / 10
    found = prices["benchmark_price_yuan_per_m2"].iloc[0]
    assert np.isnan(found) == (covered < 5)
    if covered >= 5:
        mine = parts[parts["parcel_id"] == "P"]
        exact = sum(
            Fraction(area) * Fraction(value)
            for area, value in zip(
                mine["overlap_m2"], mine["benchmark_price_yuan_per_m2"], strict=True
            )
        ) / sum(Fraction(area) for area in mine["overlap_m2"])
        assert abs(found - float(exact)) <= 1e-9 * found
