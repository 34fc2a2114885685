"""Who is compared with whom."""

from __future__ import annotations

import pandas as pd
import pytest
from county import County, Firm, only_tax, rules

from landuse.errors import UserError


def firms(**per_cohort: int) -> list[Firm]:
    """So many firms of each division (``d17=3``), taxes 1, 2, 3 … on 3 mu each."""
    found = []
    for name, count in per_cohort.items():
        for n in range(count):
            code = f"{name}-{n}"
            found.append(Firm(code, {"tax": n + 1}, [(code, 3, 300)], industry=f"{name[1:]}11"))
    return found


def pack(**changes):
    return rules(**{**only_tax(), **changes})


def test_small_cohorts_go_into_one_pool_with_a_benchmark_of_its_own() -> None:
    result = County(firms(d13=7, d17=4, d18=3), pack()).run()
    cohorts = result.cohorts.set_index("cohort")
    assert cohorts["cohort_size"].to_dict() == {"13": 7, "pool": 7}
    # pool: taxes 1+2+3+4 + 1+2+3 = 16 over 7·3 mu
    assert cohorts.loc["pool", "benchmark_tax_wan_per_mu"] == pytest.approx(16 / 21)
    units = result.units.set_index("uscc")
    assert units.loc["d17-0", "cohort"] == "pool"
    assert units.loc["d17-0", "division"] == "17"
    # share 0.15 · 7 = 1.05, floor 1; two of the pool share the lowest tax
    assert units.loc["d17-0", "status"] == units.loc["d18-0", "status"] == "low_efficiency"


def test_six_are_too_few_and_seven_are_enough() -> None:
    result = County(firms(d13=6), pack()).run()
    units = result.units
    assert (units["status"] == "sample_too_small").all()
    assert (units["reason"] == "sample_too_small").all()
    assert (units["cohort"] == "pool").all()
    assert units["cohort_size"].tolist() == [6] * 6
    empty = ["score", "rank", "quota", "cutoff_score", "margin", "firmness"]
    assert units[empty].isna().all(axis=None)
    assert result.cohorts[["quota", "cutoff_score"]].isna().all(axis=None)
    county = County(firms(d13=7), pack())
    assert set(county.run().units["status"]) == {"low_efficiency", "ranked"}


def test_a_pool_that_is_too_small_is_reported() -> None:
    county = County(firms(d13=7, d17=2), pack())
    county.run()
    assert [(issue.code, issue.key) for issue in county.log] == [("ranking.pool_too_small", "pool")]


def test_only_graded_units_make_a_cohort() -> None:
    county = County(firms(d13=8), pack())
    county.incomplete = {"d13-0", "d13-1"}
    units = county.units()
    assert units["cohort_size"].dropna().tolist() == [6] * 6
    assert units.loc["d13-0", "cohort"] == "13"  # ungraded: its own division
    assert pd.isna(units.loc["d13-0", "cohort_size"])


def test_a_pack_may_add_columns() -> None:
    many = firms(d13=4)
    many[3].scale = "规下"
    result = County(many, pack(cohort_by=["division", "scale"], min_cohort=1)).run()
    assert result.cohorts["cohort"].tolist() == ["13|规上", "13|规下"]
    assert result.cohorts["cohort_size"].tolist() == [3, 1]


def test_a_cohort_may_be_any_column_of_the_enterprises() -> None:
    many = firms(d13=3)
    for firm, use in zip(many, ("06", "06", ""), strict=True):
        firm.more = {"land_use": use}
        firm.industry = ""
    units = County(many, pack(cohort_by=["land_use"], min_cohort=1)).units()
    assert units["cohort"].tolist() == ["06", "06", ""]
    assert units["reason"].tolist() == ["", "", "no_industry"]  # no group, no comparison
    assert units["land_use"].tolist() == ["06", "06", ""]


def test_a_column_that_nobody_gave_is_the_users_to_mend() -> None:
    with pytest.raises(UserError) as caught:
        County(firms(d13=1), pack(cohort_by=["division", "town", "size"])).run()
    assert "town, size" in caught.value.lines("zh")[0]
