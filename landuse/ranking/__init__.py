"""Cohorts, score, bottom share, and how firm a flag is.

Takes the numerators and denominators of graded units with the cohort of each; gives scores,
ranks, flags and the tests under which they would turn. Does not know parcels, files or tables of
results: those are put together by the pipeline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from landuse.issues import IssueLog
    from landuse.ranking.bottom import Ranking
    from landuse.ranking.sheet import Grid, Sheet
    from landuse.rules.model import Rules

__all__ = ["exempt", "rank"]


def exempt(
    enterprises: pd.DataFrame, exemptions: pd.DataFrame, rules: Rules, as_of: dt.date
) -> dict[str, str]:
    """Reason of every exempt enterprise: :func:`landuse.ranking.exemption.exempt_reasons`."""
    from landuse.ranking.exemption import exempt_reasons

    return exempt_reasons(enterprises, exemptions, rules, as_of)


def rank(sheet: Sheet, rules: Rules, last_year: Grid | None, log: IssueLog) -> Ranking:
    """Score, rank and test graded units: :func:`landuse.ranking.bottom.rank_units`."""
    from landuse.ranking.bottom import rank_units

    return rank_units(sheet, rules, last_year, log)
