"""The whole sample county: the program against an independent computation in exact fractions."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from types import SimpleNamespace

import oracle_random
import pytest
from oracle_compare import differences, near
from oracle_county import whole_county
from oracle_inputs import county_of

from landuse.issues import IssueLog
from landuse.pipeline.identify import compute, prepare

YEAR = 2025
DAY = dt.date(2026, 6, 30)
WAYS = {
    "as the project says": {},
    "shared parcels merged, blanks imputed": {
        "shared_parcels": "merge",
        "missing": "cohort_mean",
    },
    "score corrected, ties spared, ceil": {
        "coefficient": "score",
        "ties": "spare",
        "rounding": "ceil",
        "construction": "count",
    },
    "min-max with classes": {
        "score_form": "minmax",
        "classes": {"A": Fraction(1, 5), "B": Fraction(3, 5), "C": Fraction(19, 20), "D": 1},
        "cohort_by": ("division", "scale"),
    },
    "no coefficient, and below 5": {
        "coefficient": "none",
        "cap": "none",
        "and_below": {"tax_wan_per_mu": Fraction(5), "output_wan_per_mu": Fraction(150)},
    },
}


@pytest.fixture(scope="module")
def batch(sample):
    project, rules, day = prepare(sample / "project.toml")
    assert day == DAY
    return compute(project, rules, day, IssueLog())


@pytest.fixture(scope="module")
def expected(batch):
    return whole_county(county_of(batch.inputs, batch.rules), batch.rules, YEAR, DAY)


def changed(rules, changes):
    return type(rules).model_validate({**rules.model_dump(), **changes})


@pytest.mark.parametrize("way", WAYS)
def test_every_number_and_word_agrees(batch, expected, way):
    rules = changed(batch.rules, WAYS[way])
    program, result = batch, expected
    if WAYS[way]:
        program = oracle_random.run(batch.inputs, rules)
        result = whole_county(county_of(batch.inputs, rules), rules, YEAR, DAY)
    assert differences(program, result, rules, YEAR) == []
    statuses = [unit.status for unit in result.units.values()]
    assert statuses.count("low_efficiency") > 20
    assert {"ranked", "exempt", "ungraded"} <= set(statuses)


def test_parcels_and_totals_agree(batch, expected):
    result = expected
    low = {uscc for uscc, unit in result.unit_of.items() if unit.status == "low_efficiency"}
    flagged: dict[str, Fraction] = {}
    used: dict[str, Fraction] = {}
    for link in result.links:
        used[link.parcel] = used.get(link.parcel, Fraction(0)) + link.mu
        if link.uscc in low and link.counted:
            flagged[link.parcel] = flagged.get(link.parcel, Fraction(0)) + link.mu
    flagged = {parcel: mu for parcel, mu in flagged.items() if mu}
    rows = {row["parcel_id"]: row for row in batch.parcels.to_dict("records")}
    assert {name for name, row in rows.items() if row["is_low_efficiency"]} == flagged.keys()
    for name, row in rows.items():
        assert near(row["flagged_area_mu"], flagged.get(name, Fraction(0))), name
        assert near(row["used_area_mu"], used.get(name, Fraction(0))), name
        assert near(row["used_area_mu"] + row["unused_area_mu"], row["accounting_area_mu"]), name
    assert batch.totals["low_efficiency_parcels"] == len(flagged)
    assert near(batch.totals["low_efficiency_mu"], sum(flagged.values()))


def test_the_comparison_would_notice(batch, expected):
    """One flag, one score and one link changed: each is found."""
    units, links = batch.evaluation.units.copy(), batch.links.iloc[1:].copy()
    first = units.index[units["status"] == "low_efficiency"][0]
    units.loc[first, "status"] = "ranked"
    units.loc[first, "score"] += 2e-6
    evaluation = SimpleNamespace(
        units=units,
        reference_price=batch.evaluation.reference_price * 1.001,
        cohorts=batch.evaluation.cohorts,
    )
    wrong = SimpleNamespace(links=links, prices=batch.prices, evaluation=evaluation)
    found = "\n".join(differences(wrong, expected, batch.rules, YEAR))
    for word in ("only in the oracle", "status: 'ranked'", "score:", "reference price"):
        assert word in found
