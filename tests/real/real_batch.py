"""Projects over the shared real data, run through the whole pipeline, and a second computation.

Nothing here takes a step from ``landuse``: the expected ranking is written a second time.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from landuse.issues import Issue, IssueLog
from landuse.pipeline.identify import compute, prepare
from landuse.pipeline.steps import Computed

SQUARE_FOOT = 0.3048**2
SURVEY_FOOT = 1200 / 3937
MU = 2000 / 3
KBTU_TCE = 1.05505585262 * 0.03412 / 1000
"""kBtu → MJ, MJ → kgce (GB/T 2589-2020, heat), kgce → tce."""
PACKS = Path(__file__).parent


class Batch(NamedTuple):
    """A batch in memory: its tables and issues."""

    computed: Computed
    log: IssueLog

    @property
    def units(self) -> pd.DataFrame:
        return self.computed.evaluation.units.set_index("uscc")

    @property
    def counts(self) -> dict[str, tuple[int, int, int]]:
        """(read, used, set aside) by file; asserts that they add up."""
        counts = self.computed.inputs.counts
        assert (counts["read"] == counts["used"] + counts["set_aside"]).all()
        return {
            row.file: (row.read, row.used, row.set_aside) for row in counts.itertuples(index=False)
        }

    def issues(self, code: str) -> list[Issue]:
        return [issue for issue in self.log if issue.code.split(".")[1] == code]

    @property
    def codes(self) -> Counter[str]:
        return Counter(issue.code.split(".")[1] for issue in self.log)


class Ratio(NamedTuple):
    """An indicator of the second computation: columns of its numerator and denominator."""

    above: str
    below: str
    weight: float


def batch(project: Path) -> Batch:
    """Run the project in memory."""
    found, rules, day = prepare(project)
    log = IssueLog()
    return Batch(compute(found, rules, day, log), log)


def write(folder: Path, text: str, name: str = "project.toml") -> Path:
    """A project file; ``{pack}`` in it is the path of this folder's packs."""
    file = folder / name
    packs = os.path.relpath(PACKS, folder).replace(os.sep, "/")
    file.write_text(text.replace("{pack}", packs), encoding="utf-8")
    return file


def ranking(
    table: pd.DataFrame,
    ratios: Sequence[Ratio],
    *,
    cohort: str,
    smallest: int = 7,
    share: Fraction = Fraction(15, 100),
    cap: float = 2.0,
) -> pd.DataFrame:
    """Method, sections 5 and 6, without coefficient, over graded units (one a row).

    A missing ratio takes the mean of its part in the cohort. Columns ``cohort``, ``size``,
    ``quota``, ``score``, ``cutoff``, ``rank``, ``status``.
    """
    out = pd.DataFrame({"cohort": table[cohort].astype(str)})
    sizes = out["cohort"].map(out["cohort"].value_counts())
    out.loc[sizes < smallest, "cohort"] = "pool"
    results = [
        _ranked(table.loc[group.index], group, ratios, smallest, share, cap)
        for _, group in out.groupby("cohort")
    ]
    return pd.concat(results)


def _ranked(
    table: pd.DataFrame,
    group: pd.DataFrame,
    ratios: Sequence[Ratio],
    smallest: int,
    share: Fraction,
    cap: float,
) -> pd.DataFrame:
    n = len(group)
    group = group.assign(size=n, quota=math.floor(share * n), status="sample_too_small")
    if group["cohort"].iloc[0] == "pool" and n < smallest:
        return group
    score = pd.Series(0.0, index=group.index)
    for ratio in ratios:
        above, below = table[ratio.above], table[ratio.below]
        has = above.notna() & (below > 0)
        if not has.any():
            continue
        benchmark = math.fsum(above[has]) / math.fsum(below[has])
        part = ratio.weight * (above / below).where(has).div(benchmark).clip(0, cap)
        score += part.fillna(part.mean())
    score = score.round(6)
    quota = group["quota"].iloc[0]
    cutoff = np.sort(score)[quota - 1] if quota else np.nan
    status = np.where(score <= cutoff, "low_efficiency", "ranked")
    rank = score.rank(method="min").astype(int)
    return group.assign(score=score, cutoff=cutoff, rank=rank, status=status)


def compare(units: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Every graded unit of both, number by number."""
    graded = units[units["status"].isin(["low_efficiency", "ranked", "sample_too_small"])]
    assert set(graded.index) == set(expected.index)
    ours = graded.loc[expected.index]
    assert (ours["cohort"] == expected["cohort"]).all()
    assert (ours["cohort_size"] == expected["size"]).all()
    assert (ours["status"] == expected["status"]).all()
    scored = expected["status"] != "sample_too_small"
    assert ours.loc[~scored, ["score", "rank", "quota", "cutoff_score"]].isna().all(axis=None)
    ours, expected = ours[scored], expected[scored]
    assert (ours["quota"] == expected["quota"]).all()
    assert np.allclose(ours["score"], expected["score"], rtol=0, atol=1.01e-6)
    same = np.isclose(ours["cutoff_score"], expected["cutoff"], rtol=0, atol=1.01e-6)
    assert (same | expected["cutoff"].isna()).all()
    assert (ours.loc[expected["cutoff"].isna(), "cutoff_score"]).isna().all()
    assert (ours["rank"].astype(int) - expected["rank"]).abs().max() <= 1


def sums_to_whole(parcels: pd.DataFrame) -> None:
    """Areas given out and unused add up to the accounting area of each parcel."""
    whole = parcels["used_area_mu"] + parcels["unused_area_mu"]
    assert np.allclose(whole, parcels["accounting_area_mu"], rtol=0, atol=1e-8)
