"""Splitting the units anywhere changes nothing: ranks of parts against ranks of the whole sheet."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landuse import rules as packs
from landuse.engines.ranks.rounds import Part, finish, kept_cohorts, rank_parts, settled
from landuse.engines.ranks.sums import Sums
from landuse.engines.ranks.tallies import Asked, Tally
from landuse.exact import group_fsum
from landuse.issues import IssueLog
from landuse.ranking import rank
from landuse.ranking.bottom import with_benchmark
from landuse.ranking.cohorts import pooled
from landuse.ranking.places import line, place, standing
from landuse.ranking.sheet import Grid, Sheet

AS_OF = dt.date(2026, 6, 30)
SHIPPED = {name: packs.load(name, as_of=AS_OF) for name in packs.shipped()}
SMALL = SHIPPED["three-indicator"].model_copy(update={"min_cohort": 3, "share": Fraction(2, 5)})


def options(**changes):
    return SMALL.model_copy(update=changes)


def first_indicator(**changes):
    first, *rest = SMALL.indicators
    return options(indicators=(first.model_copy(update=changes), *rest))


CLASSES = dict(
    zip("ABCD", (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(1)), strict=True)
)
PACKS = {
    **SHIPPED,
    "small": SMALL,
    "spare": options(ties="spare"),
    "half_up": options(rounding="half_up", classes=CLASSES),
    "ceil": options(rounding="ceil"),
    "cohort_mean": options(missing="cohort_mean"),
    "cohort_mean_minmax": options(missing="cohort_mean", score_form="minmax"),
    "score_coefficient": options(coefficient="score"),
    "no_coefficient": options(coefficient="none", cap="none"),
    "minmax": options(score_form="minmax"),
    "and_below": options(and_below={SMALL.indicators[0].key: Fraction(3)}),
    "big_pool": options(min_cohort=9),
    "median": first_indicator(benchmark="median"),
    "median_of_all": first_indicator(benchmark="median", scope="all"),
    "twice_mean": first_indicator(benchmark="twice_mean"),
    "mean_of_all": first_indicator(benchmark="mean", scope="all"),
    "year_before": first_indicator(benchmark="mean", scope="all", benchmark_year="previous"),
    "published": first_indicator(benchmark="published", published={"13": Fraction(2)}),
}


def grid(rng, rules, n, few):
    """Figures with zeros and negatives; ``few`` values make ties."""
    shape = (len(rules.indicators), n)
    above = rng.integers(-1, 4, shape) * 1_000_000 if few else rng.integers(-(10**8), 10**10, shape)
    below = rng.integers(1, 3, shape).astype(float) if few else rng.uniform(1e-3, 90, shape)
    given_ = np.ones(shape, bool)
    if rules.missing == "cohort_mean":
        given_ = rng.random(shape) < 0.8
    k = np.ones(n) if few else rng.uniform(0.5, 2, n)
    on_land = np.array([one.on_land for one in rules.indicators])[:, None]
    adjusted = np.where(on_land, below * k, below)
    blank = np.where(given_, below, np.nan)
    return Grid(above, blank, np.where(given_, adjusted, np.nan), given_), k


def sheet_of(seed, rules):
    """Up to 40 units in up to 4 divisions, pooled as the batch does."""
    rng = np.random.default_rng(seed)
    n, few = int(rng.integers(1, 41)), bool(rng.random() < 0.5)
    own = rng.choice(np.array(["13", "17", "33", "35"], dtype=object), n)
    names, codes = np.unique(pooled(own, rules.min_cohort).astype(str), return_inverse=True)
    now, k = grid(rng, rules, n, few)
    before, _ = grid(rng, rules, n, few)
    base = now
    for row, indicator in enumerate(rules.indicators):
        if indicator.benchmark_year is not None and indicator.benchmark != "published":
            base = base.with_row(row, before)
    last = Grid(
        before.numerator, before.denominator, before.adjusted, rng.random(before.given.shape) < 0.9
    )
    return Sheet(now, base, k, codes.astype(np.intp), names.tolist()), last


class Here:
    """Parts held in memory."""

    def __init__(self, parts):
        self.parts = parts

    def each(self, task):
        return (task(part) for part in self.parts)

    def settle(self, task, ties):
        return settled(Asked.merged(self.each(task)), ties)


def split(sheet, last, cut):
    return Here(
        [
            Part(sheet.take(cut == k), last.take(cut == k))
            for k in range(int(cut.max(initial=-1)) + 1)
        ]
    )


def told(log):
    return [issue.sort_key() for issue in log]


def check(seed, rules, cut_seed, parts):
    sheet, last = sheet_of(seed, rules)
    cut = np.arange(sheet.size)  # every unit a part of its own
    if parts:
        cut = np.random.default_rng(cut_seed).integers(0, parts, sheet.size)
    one, several = IssueLog(), IssueLog()
    kept = with_benchmark(sheet, rules, one)
    sizes = sheet.cohort_sizes
    keep = kept_cohorts(split(sheet, last, cut), sheet.cohorts, sizes, rules, several)
    np.testing.assert_array_equal(keep[sheet.cohort], kept)
    sheet, last, cut = sheet.take(kept), last.take(kept), cut[kept]
    if not sheet.size:
        return
    expected = rank(sheet, rules, last, one)
    here = split(sheet, last, cut)
    whole = rank_parts(here, sheet.cohorts, sheet.cohort_sizes, rules, several)
    assert told(one) == told(several)
    np.testing.assert_array_equal(whole.yard.benchmark, expected.yard.benchmark)
    np.testing.assert_array_equal(whole.cutoff, expected.places.cutoff)
    np.testing.assert_array_equal(whole.quotas, expected.quotas)
    for number, part in enumerate(here.parts):
        mine = cut == number
        found = finish(part, whole, rules)
        for name in ("score", "margin", "ranked", "flagged", "spared", "grade_class"):
            np.testing.assert_array_equal(getattr(found, name), getattr(expected, name)[mine], name)
        for name in ("rank", "tied"):
            left, right = getattr(found.places, name), getattr(expected.places, name)
            np.testing.assert_array_equal(left, right[mine], name)
        for name in ("value", "flips_under"):
            left, right = getattr(found.firmness, name), getattr(expected.firmness, name)
            np.testing.assert_array_equal(left, right[mine], name)
        for name in ("ratio", "counted", "imputed"):
            left, right = getattr(found.scored, name), getattr(expected.scored, name)
            np.testing.assert_array_equal(left, right[:, mine], name)


@pytest.mark.parametrize("pack", PACKS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32), st.integers(0, 2**32), st.sampled_from([0, 1, 2, 3, 7]))
def test_splitting_the_units_anywhere_changes_nothing(pack, seed, cut_seed, parts):
    check(seed, PACKS[pack], cut_seed, parts)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-1e300, 1e300), st.integers(0, 3)), max_size=30),
    st.integers(1, 30),
)
def test_sums_of_parts_round_as_the_sum_of_all(rows, parts):
    values = np.array([value for value, _ in rows], dtype=float)
    codes = np.array([code for _, code in rows], dtype=np.intp)
    pieces = [Sums.of(values[k::parts], codes[k::parts], 4) for k in range(parts)]
    np.testing.assert_array_equal(Sums.merged(pieces).rounded(), group_fsum(values, codes, 4))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), max_size=40),
    st.lists(st.integers(0, 6), min_size=3, max_size=3),
    st.integers(1, 5),
    st.sampled_from(["include", "spare"]),
)
def test_tallies_of_parts_know_rank_line_and_cutoff(rows, places, parts, ties):
    scores = np.array([score for score, _ in rows], dtype=float)
    cohort = np.array([code for _, code in rows], dtype=np.intp)
    sizes = np.bincount(cohort, minlength=3)
    quotas = np.minimum(np.array(places), sizes)
    pieces = [Tally.of(scores[k::parts], cohort[k::parts], 3) for k in range(parts)]
    whole = Tally.merged(pieces, 3)
    expected = place(scores, cohort, quotas, ties)
    found = whole.find(scores, cohort)
    np.testing.assert_array_equal(found.below, expected.standing.below)
    np.testing.assert_array_equal(found.upto, standing(scores, cohort, 3).upto)
    np.testing.assert_array_equal(whole.cutoff(quotas, ties), expected.cutoff)
    order = np.argsort(cohort, kind="stable")
    exact = line(scores, order, np.cumsum(sizes), quotas)
    short = Tally.merged([piece.lowest(quotas + 1) for piece in pieces], 3).line(quotas)
    np.testing.assert_array_equal(short.at, exact.at)
    np.testing.assert_array_equal(short.after, exact.after)


def test_every_shipped_pack_is_tried():
    folder = Path(packs.__file__).parent / "packs"
    assert {path.stem for path in folder.glob("*.toml")} >= set(packs.shipped())
    assert set(packs.shipped()) <= set(PACKS)
