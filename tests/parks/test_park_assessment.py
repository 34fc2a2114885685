"""Parks are graded by the pack of their type; units and order do not show."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from park_rows import M2, MU3, WAN, rows

from landuse.parks import assess_parks, explain_assessment
from landuse.rules.park_pack import ParkRules, load_park_pack
from landuse.schema.park_results import PARK_MEASURES

RULES = load_park_pack(as_of=dt.date(2026, 6, 30))


def park(name: str = "甲", kind: str = "employment", **given: object) -> dict[str, object]:
    """3 mu of built industrial land of 6 supplied; nothing idle, half of a mu low-efficient."""
    return {
        "park": name, "park_type": kind, "industrial_m2_micro": MU3, "built_m2_micro": MU3,
        "supplied_m2_micro": 2 * MU3, "idle_m2_micro": 0, "low_efficiency_m2_micro": MU3 // 5,
        "jobs_micro": 30 * WAN, "tax_wan_micro": 24 * WAN, "output_wan_micro": 300 * WAN, **given,
    }  # fmt: skip


def assessed(*given: dict[str, object], rules: ParkRules = RULES):
    return assess_parks(rows(PARK_MEASURES, *given), rules)


def test_an_employment_park_by_hand() -> None:
    """Jobs 10 per mu: 30 × (10 − 2)/(15 − 2) = 240/13; tax 8: 20 × 6/13 = 120/13; output 100:
    15 × 50/200 = 3.75; completion 50 %: 0; low efficiency 10 % of what is supplied: 10 × 1/2 = 5;
    idle 0: 10. Together 360/13 + 18.75 = 46.442308, grade D."""
    parks, parts = assessed(park())
    row = parks.iloc[0]
    assert row["score"] == 46.442308
    assert (row["grade"], row["rank"], row["ranked"]) == ("D", 1, 1)
    points = parts.set_index("indicator")["part"]
    assert points["jobs_per_mu"] == pytest.approx(240 / 13)
    assert points["low_efficiency_share"] == 5
    assert points["idle_share"] == 10


def test_beyond_the_lines_there_is_no_more_and_no_less() -> None:
    _, parts = assessed(park(jobs_micro=10**12, tax_wan_micro=-WAN))
    points = parts.set_index("indicator")["part"]
    assert points["jobs_per_mu"] == 30
    assert points["tax_wan_per_mu"] == 0


def test_ranks_are_within_the_type_and_ties_share_the_place() -> None:
    found, _ = assessed(
        park("a"), park("b"), park("c", jobs_micro=45 * WAN), park("d", jobs_micro=0),
        park("e", "traditional", industrial_floor_m2_micro=MU3, industrial_floor_land_m2_micro=MU3),
    )  # fmt: skip
    ranks = found.set_index("park")["rank"].to_dict()
    assert ranks == {"a": 2, "b": 2, "c": 1, "d": 4, "e": 1}


def test_a_missing_indicator_leaves_the_park_ungraded() -> None:
    found, parts = assessed(park(jobs_micro=None), park("乙", ""))
    assert found["status"].to_dict() == {0: "no_type", 1: "ungraded"}
    assert found["missing"].tolist() == ["", "jobs_per_mu"]
    assert found["grade"].tolist() == ["", ""]
    assert parts["part"].isna().sum() == 1


def test_or_its_weight_is_spread() -> None:
    """Without jobs (weight 30): (120/13 + 18.75) × 100/70."""
    rules = RULES.model_copy(update={"missing": "left_out"})
    found, _ = assessed(park(jobs_micro=None), rules=rules)
    assert found["score"].tolist() == [round((120 / 13 + 18.75) * 100 / 70, 6)]


def test_the_grade_begins_at_its_line() -> None:
    rules = RULES.model_copy(
        update={"grades": {"A": Fraction("46.442308"), "B": Fraction(46), "C": Fraction(0)}}
    )
    assert assessed(park(), rules=rules)[0]["grade"].tolist() == ["A"]


def in_hectares(rules: ParkRules) -> ParkRules:
    """The same pack with its lines per hectare."""
    types = {
        kind: tuple(
            one.model_copy(
                update={"unit": one.unit.replace("/mu", "/ha"), "zero_at": one.zero_at * 15,
                        "full_at": one.full_at * 15}
            )
            if one.unit.endswith("/mu") else one
            for one in indicators
        )
        for kind, indicators in rules.types.items()
    }  # fmt: skip
    return rules.model_copy(update={"types": types})


_cell = st.integers(0, 10**4)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(_cell, _cell, _cell, st.integers(1, 500)), min_size=1, max_size=6),
       st.randoms())  # fmt: skip
def test_neither_units_nor_order_show(cells, random) -> None:
    given_parks = [
        park(f"p{n}", jobs_micro=jobs * WAN, tax_wan_micro=tax * WAN, output_wan_micro=out * WAN,
             industrial_m2_micro=land * M2)
        for n, (jobs, tax, out, land) in enumerate(cells)
    ]  # fmt: skip
    plain = assessed(*given_parks)
    random.shuffle(given_parks)
    other = assessed(*given_parks, rules=in_hectares(RULES))
    pd.testing.assert_frame_equal(plain[0], other[0])
    pd.testing.assert_series_equal(plain[1]["part"], other[1]["part"])


def test_the_grade_is_explained_sentence_by_sentence() -> None:
    found, parts = assessed(park(), park("乙", jobs_micro=None), park("丙", ""))
    told = explain_assessment("甲", found, parts, RULES, "zh")
    assert told[0] == "甲（就业型）得 46.44 分，等次 D，在同类 1 个园区中排第 1。"
    assert "亩均就业 10.00人/亩：2 不得分，15 得满分 30 分，得 18.46 分。" in told
    assert len(told) == 7
    assert explain_assessment("乙", found, parts, RULES, "zh")[:2] == [
        "乙 未定等次，缺少：亩均就业。", "亩均就业：缺少数据。"
    ]  # fmt: skip
    assert len(explain_assessment("丙", found, parts, RULES, "en")) == 1
