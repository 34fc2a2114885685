"""What the page of the map is told beside outlines and cards: colours, cases, areas, two runs."""

from __future__ import annotations

import dataclasses

import mapclassify
import numpy as np
import pandas as pd
import pytest
from map_ledger import earlier, ledger, with_areas
from publish_county import make_run, parcel

from landuse.publish.map.choropleth import measures, natural_breaks, quantile_breaks
from landuse.publish.map.distribution import BARS, distributions
from landuse.publish.map.options import MapOptions
from landuse.publish.map.payload import payload
from landuse.publish.plots import plot_table


@pytest.fixture(scope="module")
def blocks() -> dict:
    return payload(with_areas(make_run()), "zh", cases=ledger())


def test_a_closed_and_accepted_case_makes_its_plots_revitalised(blocks):
    classes = {one["key"]: (one["count"], one["mu"]) for one in blocks["meta"]["classes"]}
    # six normal plots of 50 mu: 2, 3 and 6 are revitalised, 4, 5 and 7 stay
    assert classes["revitalised"] == (3, 150.0)
    assert classes["normal"] == (3, 150.0)
    assert classes["low_efficiency"] == (1, 50.0)  # a part accepted does not change the class
    assert sum(count for count, _ in classes.values()) == blocks["meta"]["total"]["count"]
    keys = [one["key"] for one in blocks["meta"]["classes"]]
    done = blocks["plots"]["revitalised"]
    assert done["plot"] == [1, 2, 5]
    assert done["year"] == [2024, 2026, 2024]
    assert [keys[place] for place in done["before"]] == ["normal"] * 3


def test_accepted_parts_are_those_of_the_ledger_each_case_once(blocks):
    accepted = blocks["plots"]["accepted"]
    assert accepted["plot"] == [0, 1, 2, 5]  # not 4: that case was removed
    assert accepted["mu"] == [1.5, 90.5, 50, 90.5]
    assert accepted["floor"] == [100, 1234.5, 0, 1234.5]
    assert accepted["case"][1] == accepted["case"][3]
    said = plot_table(make_run(), ledger()).totals()["revitalised"]
    assert said == {"cases": 3, "mu": 142.0, "floor_m2": 1334.5}  # 1.5 + 90.5 + 50


def test_a_map_without_a_ledger_says_nothing_of_cases():
    blocks = payload(make_run(), "zh")
    assert not blocks["meta"]["ledger"]
    assert blocks["plots"]["accepted"] is None
    assert blocks["plots"]["revitalised"] is None
    assert blocks["details"]["cases"] is None
    assert set(blocks["plots"]["state"]["values"]) == {""}


def test_the_history_of_a_case_is_in_the_language_of_the_page(blocks):
    cases = blocks["details"]["cases"]
    row = cases["plot"].index(1)
    assert cases["history"][row][0] == ["2026-03-02T01:30:00+00:00", "李四", "验收"]
    english = payload(make_run(), "en", cases=ledger())["details"]["cases"]
    assert [act[2] for act in english["history"][row]] == ["accepted", "opened"]


def test_areas_have_their_price_type_and_a_place_inside_for_the_name(blocks):
    areas = blocks["areas"]
    assert areas["kind"] == ["grade", "grade", "park"]
    assert areas["levels"] == ["一级<i>", "二级"]  # the dearest first
    assert areas["price"] == [480, 240, None]
    assert areas["type"]["values"][areas["type"]["at"][2]] == "新兴产业"
    assert areas["rings"] == [1, 1, 1]
    # the name of the western grade lies west of that of the eastern one
    assert areas["inside"][0] < areas["inside"][2]


def test_a_run_without_areas_has_none():
    areas = payload(make_run(), "zh")["areas"]
    assert (areas["kind"], areas["rings"], areas["inside"]) == ([], [], [])


def test_breaks_are_those_of_mapclassify():
    values = np.sort(np.random.default_rng(7).lognormal(2, 1, 200).round(6))
    assert quantile_breaks(values) == pytest.approx(
        mapclassify.Quantiles(values, k=5).bins, abs=1e-6
    )
    with pytest.warns(UserWarning, match=r"(?i)numba|slow"):
        expected = mapclassify.FisherJenks(values, k=5).bins
    assert natural_breaks(values) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("values", "quantile", "natural"),
    [
        ([3.0], [3.0], [3.0]),
        ([2.0, 2.0, 2.0], [2.0], [2.0]),
        ([1.0, 1.0, 2.0, 9.0], None, [1.0, 2.0, 9.0]),
    ],
)
def test_few_values_have_few_classes(values, quantile, natural):
    ordered = np.array(values)
    assert natural_breaks(ordered) == natural
    found = quantile_breaks(ordered)
    assert quantile is None or found == quantile
    assert found == sorted(set(found))
    assert found[-1] == values[-1]


def test_natural_breaks_of_very_many_values_reach_the_largest():
    values = np.sort(np.random.default_rng(3).lognormal(0, 2, 50_000).round(6))
    found = natural_breaks(values)
    assert len(found) == 5
    assert found[-1] == values[-1]


def test_measures_are_the_indicators_and_the_score_of_the_main_users():
    found = measures(plot_table(make_run()), "zh")
    assert [one["key"] for one in found][-1] == "score"
    assert found[0]["title"] == "亩均税收"
    # the largest of the main users: firm 7 with 1200 on 25 mu
    assert found[0]["breaks"]["quantile"][-1] == 48


def test_no_figures_no_breaks():
    run = make_run()
    bare = dataclasses.replace(run, links=run.links[:0], units=run.units[:0])
    assert all(
        one["breaks"] == {"quantile": [], "natural": []} for one in measures(plot_table(bare), "zh")
    )


def test_the_distribution_counts_each_graded_unit_once():
    run = make_run()
    found = distributions(run)
    # only cohort 33 is ranked: seven units; tax per adjusted mu of each, by the table
    spread = found["33"]["tax_wan_per_mu"]
    long = run.indicators[run.indicators["indicator"] == "tax_wan_per_mu"]
    graded = run.units[run.units["status"].isin(["ranked", "low_efficiency"])]
    values = long[long["unit_id"].isin(graded["unit_id"])]["compared"]
    assert spread["n"] == sum(spread["bars"]) == len(values) == 7
    assert spread["median"] == pytest.approx(values.median(), abs=1e-6)
    assert len(spread["bars"]) == BARS
    assert spread["low"] == 0
    assert spread["beyond"] == (values > spread["high"]).sum()
    assert found["33"]["score"]["n"] == 7


def test_who_moved_is_told_from_the_earlier_to_the_later_run():
    run = make_run()
    options = MapOptions(second=earlier())
    second = payload(run, "zh", options=options)["second"]
    assert second["earlier"]
    expected = [
        {"id": parcel(1), "move": "in", "from": "normal", "to": "low_efficiency"},
        {"id": parcel(4), "move": "out", "from": "low_efficiency", "to": "normal"},
    ]
    assert second["plots"] == expected
    assert [(one["move"], one["from"], one["to"]) for one in second["firms"]] == [
        ("in", "ranked", "low_efficiency"),
        ("out", "low_efficiency", "ranked"),
    ]
    assert second["at"] == [*range(11), -1]  # plot 12 was not there
    assert len(second["shapes"]["rings"]) == 11
    # seen from the other side it is the same story
    other = payload(earlier(), "zh", options=MapOptions(second=run))["second"]
    assert not other["earlier"]
    assert other["plots"] == expected


def test_same_input_same_blocks_whatever_the_order_of_the_rows():
    run, cases = with_areas(make_run()), ledger()
    shuffled = {
        name: getattr(run, name).sample(frac=1, random_state=4).reset_index(drop=True)
        for name in ("units", "parcels", "links", "cohorts", "indicators")
    }
    mixed = cases.sample(frac=1, random_state=2).reset_index(drop=True)
    again = payload(dataclasses.replace(run, **shuffled), "zh", cases=mixed)
    assert again == payload(run, "zh", cases=cases)


def test_cases_of_parcels_that_the_run_has_not_are_left_out():
    cases = pd.concat([ledger(), ledger()[:1].assign(parcel_id="elsewhere")], ignore_index=True)
    assert payload(make_run(), "zh", cases=cases) == payload(make_run(), "zh", cases=ledger())
