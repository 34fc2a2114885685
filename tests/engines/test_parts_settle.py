"""Whoever settles a cohort reads few parts at a time, and finds what all units together give."""

from __future__ import annotations

import numpy as np
import pytest

from landuse.engines.parts.job import Job
from landuse.engines.ranks import settle
from landuse.engines.ranks.rounds import settled
from landuse.engines.ranks.tallies import Asked, Tally

COHORTS, PARTS, EACH = 3, 7, 40


@pytest.mark.parametrize("ties", ["include", "spare"])
def test_scores_of_many_parts_are_added_a_few_at_a_time(ties, tmp_path, monkeypatch):
    rng = np.random.default_rng(5)
    value = np.round(rng.random((PARTS, EACH)) * 2, 1)  # many are equal, also across parts
    cohort = rng.integers(0, COHORTS, (PARTS, EACH))
    quotas = (np.array([9, 8, 7]), np.array([5, 4, 3]))

    def asked(part):
        low = value[part] < 1
        return Asked((Tally.of(value[part], cohort[part], COHORTS),
                      Tally.of(value[part][low], cohort[part][low], COHORTS)), quotas)  # fmt: skip

    job = Job(tmp_path, None, None, (2025,), ("",), tuple(map(str, range(PARTS))))
    for part in range(PARTS):
        settle.tally_part(part, job, asked, COHORTS)
    read, load = [], settle.load_slice

    def noted(paths, group):
        paths = list(paths)
        read.append(len(paths))
        return load(paths, group)

    monkeypatch.setattr(settle, "load_slice", noted)
    monkeypatch.setattr(settle, "_AT_ONCE", 3)
    everybody, theirs = value.ravel(), cohort.ravel()
    low = everybody < 1
    whole = Asked((Tally.of(everybody, theirs, COHORTS),
                   Tally.of(everybody[low], theirs[low], COHORTS)), quotas)  # fmt: skip
    expected = settled(whole, ties)
    for group in range(COHORTS):
        with np.load(settle.settle_cohorts(group, job, ties)) as found:
            assert found["cutoff"].tolist() == expected.cutoff[group::COHORTS].tolist()
            for number, line in enumerate(expected.lines):
                assert found["at"][number].tolist() == line.at[group::COHORTS].tolist()
                assert found["after"][number].tolist() == line.after[group::COHORTS].tolist()
    assert read == [3, 3, 1] * COHORTS
