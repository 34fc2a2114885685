"""The program against the same evaluation in exact fractions, over many packs and counties."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from county import County, Firm, default_values, rules
from exact_county import MICRO, Exact

from landuse.rules.model import Rules

BENCHMARKS: dict[str, dict[str, Any]] = {
    "mean": {},
    "median": {"benchmark": "median"},
    "twice_mean": {"benchmark": "twice_mean"},
    "twice_mean_all_previous": {
        "benchmark": "twice_mean", "scope": "all", "benchmark_year": "previous",
    },
    "published": {"benchmark": "published", "published": {"all": "2", "13": "1.5", "pool": "1"}},
}  # fmt: skip
PACKS: dict[str, dict[str, Any]] = {
    "default": {},
    "spare": {"ties": "spare"},
    "half_up": {"rounding": "half_up", "share": "0.3"},
    "ceil_spare": {"rounding": "ceil", "ties": "spare", "share": "1/3"},
    "score": {"coefficient": "score"},
    "none": {"coefficient": "none", "cap": "none"},
    "minmax": {"score_form": "minmax"},
    "minmax_imputed": {"score_form": "minmax", "missing": "cohort_mean"},
    "imputed": {"missing": "cohort_mean"},
    "imputed_score": {"missing": "cohort_mean", "coefficient": "score", "ties": "spare"},
    "and_below": {"and_below": {"tax_wan_per_mu": "1.5", "output_wan_per_tce": "3"}},
    "small": {"min_cohort": 3, "share": "0.5"},
}


def pack(changes: dict[str, Any], benchmark: dict[str, Any]) -> Rules:
    indicators = [{**one, **benchmark} for one in default_values()["indicators"]]
    return rules(**{"indicators": indicators, **changes})


def firm(code: str, dice: random.Random) -> Firm:
    """Coarse numbers, so that ties, zeros, negatives and blanks are common."""

    def figures() -> dict[str, Any]:
        found = {
            "tax": dice.choice([-6, 0, 3, 6, 6, 12, 12, 18, 30]),
            "output": dice.choice([0, 12, 12, 24, 36, 60]),
            "energy_tce": dice.choice([3, 6, 6, 12]),
        }
        if dice.random() < 0.08:
            found[dice.choice(sorted(found))] = dice.choice([None, 0])
        return found

    land = [
        (f"P{code}{n}", dice.choice([3, 6, 6, 12, 10]), dice.choice([240, 300, 300, 480]))
        for n in range(dice.choice([1, 1, 1, 2, 3]))
    ]
    if dice.random() < 0.03:
        land = []
    elif dice.random() < 0.03:
        land[0] = (land[0][0], land[0][1], None)
    years = {2024: figures()} if dice.random() < 0.6 else {}
    now = figures() if dice.random() < 0.97 else {}
    industry = dice.choice(["1311"] * 6 + ["1711"] * 5 + ["2611"] * 3 + ["3311", "3411"])
    return Firm(code, now, land, industry, years=years)


def compare(county: County) -> int:
    """Every number of every unit; how many units are flagged."""
    units = county.units()
    expected = Exact(county).result()
    for code, want in expected.items():
        row = units.loc[code]
        assert (row["status"], row["reason"]) == (want["status"], want["reason"]), code
        if "micro" not in want:
            assert pd.isna(row["score"])
            continue
        assert row["score"] == want["micro"] / MICRO, code
        got = (row["rank"], row["cohort_size"], row["quota"])
        assert got == (want["rank"], want["n"], want["quota"]), code
        if want["cutoff"] is None:
            assert pd.isna(row["cutoff_score"])
            assert pd.isna(row["margin"])
        else:
            assert row["cutoff_score"] == want["cutoff"] / MICRO
            assert row["margin"] == (want["micro"] - want["cutoff"]) / MICRO
        assert row["flips_under"] == want["flips"], code
        assert row["firmness"] == pytest.approx(want["firmness"], abs=1e-12)
    return int((units["status"] == "low_efficiency").sum())


@pytest.mark.parametrize("benchmark", sorted(BENCHMARKS))
@pytest.mark.parametrize("name", sorted(PACKS))
def test_every_pack_agrees_with_exact_fractions(name: str, benchmark: str) -> None:
    dice = random.Random(f"{name} {benchmark}")
    firms = [firm(f"F{n:02}", dice) for n in range(36)]
    compare(County(firms, pack(PACKS[name], BENCHMARKS[benchmark])))


def test_the_comparison_meets_flags_flips_and_ties() -> None:
    dice = random.Random("coverage")
    firms = [firm(f"F{n:02}", dice) for n in range(30)]
    twins = [
        replace(one, uscc=f"G{one.uscc}", land=[(f"G{p}", mu, yuan) for p, mu, yuan in one.land])
        for one in firms
    ]
    county = County(firms + twins, pack({"share": "0.3"}, {}))
    assert compare(county) > 5
    units = county.units()
    assert units["is_tied"].any()
    tests = {name for names in units["flips_under"] for name in names.split("; ") if name}
    assert {"area-3%", "last_year", "coefficient_off", "rounding:ceil"} <= tests
    assert any(name.startswith("weight:") for name in tests)
