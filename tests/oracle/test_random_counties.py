"""Random small counties: the program against exact fractions, under every main option."""

from __future__ import annotations

from fractions import Fraction

import oracle_random
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from oracle_compare import decided, differences
from oracle_county import whole_county
from oracle_inputs import county_of

from landuse import rules as packs
from landuse.errors import UserError

PHASES = (Phase.explicit, Phase.generate)
"""A seed does not become simpler by shrinking."""
DEFAULT = packs.load("three-indicator", as_of=oracle_random.AS_OF)
SMALL = DEFAULT.model_copy(update={"min_cohort": 2, "share": Fraction(2, 5)})


def options(**changes):
    return SMALL.model_copy(update=changes)


def benchmarks(**changes):
    first, *rest = SMALL.indicators
    return options(indicators=(first.model_copy(update=changes), *rest))


PACKS = {
    "default": DEFAULT,
    "small": SMALL,
    "merge": options(shared_parcels="merge"),
    "merge_cohort_mean": options(shared_parcels="merge", missing="cohort_mean"),
    "score_coefficient": options(coefficient="score"),
    "no_coefficient": options(coefficient="none"),
    "stated_reference": options(reference_price=Fraction(350)),
    "grades": options(grade_coefficients={"0级": Fraction(6, 5), "1级": Fraction(1)}),
    "half_up": options(rounding="half_up"),
    "ceil": options(rounding="ceil"),
    "spare": options(ties="spare"),
    "cohort_mean": options(missing="cohort_mean"),
    "construction_counts": options(construction="count"),
    "no_cap": options(cap="none"),
    "minmax": options(score_form="minmax"),
    "and_below": options(and_below={"tax_wan_per_mu": Fraction(1, 2)}),
    "classes": options(classes=dict(zip("ABCD", map(Fraction, (0.25, 0.5, 0.75, 1)), strict=True))),
    "median": benchmarks(benchmark="median"),
    "twice_mean": benchmarks(benchmark="twice_mean"),
    "twice_mean_of_all": benchmarks(benchmark="twice_mean", scope="all"),
    "twice_mean_last_year": benchmarks(
        benchmark="twice_mean", scope="all", benchmark_year="previous"
    ),
    "published": benchmarks(
        benchmark="published", published={"17": Fraction(1, 2), "all": Fraction(2)}
    ),
    "division_and_scale": options(cohort_by=("division", "scale")),
    "share_of_a_third": options(share=Fraction(1, 3), min_cohort=3),
}


@pytest.mark.parametrize("name", PACKS)
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=PHASES,
)
@given(seed=st.integers(0, 2**32))
def test_random_county_agrees(name, seed):
    rules = PACKS[name]
    inputs = oracle_random.county(seed, rules)
    result = whole_county(county_of(inputs, rules), rules, oracle_random.YEAR, oracle_random.AS_OF)
    assume(decided(result))
    try:
        program = oracle_random.run(inputs, rules)
    except UserError:
        assert cannot_run(result, rules, inputs)
        return
    assert differences(program, result, rules, oracle_random.YEAR) == []


def cannot_run(result, rules, inputs) -> bool:
    """No price or grade anywhere, or no figures at all for the year of a benchmark."""
    number = 1 if rules.grade_coefficients else 0
    values = [pair[number] for pair in result.prices.values()]
    unpriced = rules.coefficient != "none" and all(value is None for value in values)
    dated = any(indicator.benchmark_year for indicator in rules.indicators)
    return unpriced or (dated and 2024 not in set(inputs.figures["year"]))
