"""What is said of whole cohorts: too small to be ranked, without a benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from landuse.issues import IssueLog
    from landuse.ranking.score import Yardsticks
    from landuse.ranking.sheet import Bools, Codes
    from landuse.rules.model import Indicator, Rules

__all__ = ["report_absent", "report_benchmarks", "report_pools"]


def report_pools(
    small: Bools, sizes: Codes, cohorts: Sequence[str], rules: Rules, log: IssueLog
) -> None:
    """Say which cohorts are too ``small``; ``sizes`` are their units."""
    for at in np.flatnonzero(small & (sizes > 0)).tolist():
        log.add(
            "ranking.pool_too_small",
            table="enterprises",
            key=cohorts[at],
            value=str(int(sizes[at])),
            smallest=rules.min_cohort,
        )


def report_benchmarks(
    yard: Yardsticks, ranked: Bools, cohorts: Sequence[str], rules: Rules, log: IssueLog
) -> None:
    """Say which benchmarks of the cohorts that are ``ranked`` count zero, and why."""
    for row, at in zip(*np.nonzero(yard.counts_zero & ranked), strict=True):
        value = float(yard.benchmark[row, at])
        code = "ranking.nobody_has_it" if np.isnan(value) else "ranking.benchmark_not_positive"
        _report(log, code, rules.indicators[row], cohorts[at], value)


def report_absent(
    absent: Bools, leaving: Bools, cohorts: Sequence[str], rules: Rules, log: IssueLog
) -> None:
    """Say which benchmarks (indicator × cohort) the cohorts that leave do not have."""
    for row, at in zip(*np.nonzero(absent & leaving), strict=True):
        _report(log, "ranking.no_benchmark", rules.indicators[row], cohorts[at])


def _report(
    log: IssueLog, code: str, indicator: Indicator, cohort: str, value: float | None = None
) -> None:
    log.add(
        code,
        table="enterprises",
        key=cohort,
        column=indicator.key,
        value="" if value is None else repr(value),
        title_zh=indicator.title_zh,
        title_en=indicator.title_en,
    )
