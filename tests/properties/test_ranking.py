"""What must hold of every ranking, whatever the county."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from county import County, Firm, rules
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landuse.pipeline.evaluate import Evaluation

ONCE = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
AMOUNT = st.one_of(st.integers(0, 60), st.decimals("0", "500", places=6).map(str))
ANY_AMOUNT = st.one_of(AMOUNT, st.none(), st.integers(-20, 0))
MU = st.one_of(st.integers(1, 40), st.decimals("0.5", "90", places=4).map(str))
PRICES = [120.0, 240.0, 240.0, 336.0, 480.123456]


@st.composite
def firms(draw: st.DrawFn, amount: Any = ANY_AMOUNT, price: Any = None) -> list[Firm]:
    """8 to 24 firms in two divisions, one to three parcels each."""
    found = []
    for n in range(draw(st.integers(8, 24))):
        figures = {"tax": draw(amount), "output": draw(amount), "energy_tce": draw(amount)}
        cost = st.sampled_from(PRICES) if price is None else st.just(price)
        land = [(f"P{n}-{at}", draw(MU), draw(cost)) for at in range(draw(st.integers(1, 3)))]
        industry = draw(st.sampled_from(["1311", "1311", "1711"]))
        years = {2024: figures} if draw(st.booleans()) else {}
        found.append(Firm(f"F{n:02}", figures, land, industry, years=years))
    return found


@st.composite
def packs(draw: st.DrawFn, **fixed: Any) -> dict[str, Any]:
    """Values of a pack over its options."""
    found = {
        "share": draw(st.sampled_from(["0.15", "0.3", "0.5", "1/3"])),
        "rounding": draw(st.sampled_from(["floor", "half_up", "ceil"])),
        "ties": draw(st.sampled_from(["include", "spare"])),
        "missing": draw(st.sampled_from(["ungraded", "cohort_mean"])),
        "score_form": draw(st.sampled_from(["ratio", "minmax"])),
        "coefficient": draw(st.sampled_from(["area", "score", "none"])),
        "min_cohort": draw(st.sampled_from([1, 4, 7])),
    }
    return {**found, **fixed}


def same(left: Evaluation, right: Evaluation) -> None:
    """Equal to the last bit in every table."""
    for name in ("units", "indicators", "cohorts", "link_values"):
        pd.testing.assert_frame_equal(getattr(left, name), getattr(right, name), check_exact=True)
    np.testing.assert_equal(left.reference_price, right.reference_price)


@ONCE
@given(firms(), packs(), st.randoms(use_true_random=False))
def test_row_order_changes_nothing(county_firms, pack, dice) -> None:
    county = County(county_firms, rules(**pack))
    first = county.run()
    for name in ("enterprises", "figures", "links", "members", "prices"):
        table = getattr(county, name)
        order = list(range(len(table)))
        dice.shuffle(order)
        setattr(county, name, table.iloc[order].reset_index(drop=True))
    same(first, county.run())


@ONCE
@given(firms(), packs(coefficient="area"), st.sampled_from([0.1, 240.0, 336.0, 1234.56789]))
def test_one_single_price_is_no_correction(county_firms, pack, price) -> None:
    level = [replace(f, land=[(p, mu, price) for p, mu, _ in f.land]) for f in county_firms]
    corrected = County(level, rules(**pack)).run()
    plain = County(level, rules(**{**pack, "coefficient": "none"})).run()
    assert corrected.reference_price == price
    pd.testing.assert_frame_equal(corrected.units, plain.units, check_exact=True)
    pd.testing.assert_frame_equal(corrected.cohorts, plain.cohorts, check_exact=True)


@ONCE
@given(firms(), packs())
def test_flags_are_at_most_the_quota_and_the_ties(county_firms, pack) -> None:
    result = County(county_firms, rules(**pack)).run()
    for cohort in result.cohorts.itertuples():
        mates = result.units[result.units["cohort"] == cohort.cohort]
        mates = mates[mates["rank"].notna()]
        flagged = mates[mates["status"] == "low_efficiency"]
        assert len(flagged) == cohort.flagged
        if pd.isna(cohort.quota):
            assert flagged.empty
            continue
        tied = int(mates["is_tied"].sum())
        assert len(flagged) <= cohort.quota + tied
        if pack["ties"] == "spare":
            assert len(flagged) <= cohort.quota
        if not tied:
            assert len(flagged) == cohort.quota
        # whoever scores below one that is flagged is flagged too
        others = mates[mates["status"] == "ranked"]
        if len(flagged) and len(others):
            assert flagged["score"].max() < others["score"].min()


@ONCE
@given(
    firms(amount=AMOUNT),
    packs(missing="ungraded", score_form="ratio"),
    st.integers(0, 23),
    st.decimals("0.000001", "900", places=6),
)
def test_more_tax_never_flags(county_firms, pack, at, more) -> None:
    """Exact under these words: all figures 0 or above, benchmark the mean of the cohort.

    The unit's own ratio T/ΣT does not fall and nobody else's rises, since what is added stands
    in its own numerator and in the sum below everybody. (With a negative sum, a median, or parts
    imputed from the unit's own, others could rise as well.)
    """
    at %= len(county_firms)
    code = county_firms[at].uscc
    before = County(county_firms, rules(**pack)).units().loc[code]
    raised = list(county_firms)
    own = dict(raised[at].figures)
    own["tax"] = str(Decimal(own["tax"]) + more)
    raised[at] = replace(raised[at], figures=own)
    after = County(raised, rules(**pack)).units().loc[code]
    if before["status"] != "low_efficiency":
        assert after["status"] != "low_efficiency"
    if not pd.isna(before["rank"]):
        assert after["rank"] >= before["rank"]
        assert after["score"] >= before["score"]


@ONCE
@given(firms(), packs(), st.sampled_from(["tax", "output", "energy_tce"]))
def test_the_unit_of_a_figure_changes_nothing_but_the_figure(county_firms, pack, key) -> None:
    """The same money counted in yuan instead of 万元: every score and flag stays."""
    county = County(county_firms, rules(**pack))
    first = county.run().units
    column = county.rules.figure(key).micro
    county.figures[column] = county.figures[column] * 10_000
    second = county.run().units
    kept = ["score", "rank", "cohort", "cutoff_score", "margin", "status", "reason", "is_tied",
            "flips_under", "firmness", "area_mu", "adjusted_area_mu"]  # fmt: skip
    pd.testing.assert_frame_equal(first[kept], second[kept], check_exact=True)


@ONCE
@given(firms(), packs())
def test_every_enterprise_has_one_status_and_ranks_are_whole(county_firms, pack) -> None:
    result = County(county_firms, rules(**pack)).run()
    units = result.units
    assert units["uscc"].tolist() == sorted(firm.uscc for firm in county_firms)
    graded = units[units["cohort_size"].notna()]
    assert (
        graded.groupby("cohort")["uscc"].count() == graded.groupby("cohort")["cohort_size"].first()
    ).all()
    assert result.cohorts["cohort_size"].sum() == len(graded)
    ranked = units[units["rank"].notna()]
    expected = ranked.groupby("cohort")["score"].rank(method="min")
    assert ranked["rank"].astype(float).tolist() == expected.tolist()
    assert ranked["firmness"].between(0, 1).all()
    assert set(units["status"]) <= {"low_efficiency", "ranked", "ungraded", "sample_too_small"}
