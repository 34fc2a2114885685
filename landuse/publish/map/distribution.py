"""The industry's distribution of every indicator and of the score, for the picture on the card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from landuse.schema.plot_filter import SCORE

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from landuse.publish.run_tables import RunTables

__all__ = ["distributions"]

BARS: Final = 24
_TAIL: Final = 0.95
"""The picture ends at this quantile or at what it must show: one firm far off would press all
others into the first bar. Those beyond stand in the last bar."""


def distributions(run: RunTables) -> dict[str, dict[str, dict[str, Any]]]:
    """Cohort → indicator (or ``score``) → where its graded units stand.

    ``low`` and ``high`` are the ends of the picture, ``bars`` the number of units in each of
    :data:`BARS` equal steps, ``median`` the middle value, ``n`` how many have one, ``beyond`` how
    many lie above ``high``. Values are those that were compared with the benchmark; each unit
    counts once.
    """
    ranked = run.units[run.units["status"].isin(["low_efficiency", "ranked"])]
    once = ranked.drop_duplicates("unit_id")
    cohort = once.set_index("unit_id")["cohort"]
    long = run.indicators[["unit_id", "indicator", "compared"]]
    long = long.assign(cohort=long["unit_id"].map(cohort)).dropna(subset=["cohort"])
    marks = _benchmarks(run)
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for (group, key), values in long.groupby(["cohort", "indicator"])["compared"]:
        _put(found, str(group), str(key), values, marks.get((str(group), str(key))))
    for group, rows in once.groupby("cohort"):
        cutoff = rows["cutoff_score"].max()
        _put(found, str(group), SCORE, rows["score"], float(cutoff))
    return found


def _benchmarks(run: RunTables) -> dict[tuple[str, str], float]:
    return {
        (str(row["cohort"]), one.key): float(row[f"benchmark_{one.key}"])
        for row in run.cohorts.to_dict("records")
        for one in run.rules.indicators
        if f"benchmark_{one.key}" in row
    }


def _put(
    found: dict[str, dict[str, dict[str, Any]]],
    group: str,
    key: str,
    values: pd.Series[float],
    mark: float | None,
) -> None:
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    if len(known):
        found.setdefault(group, {})[key] = _picture(known, mark)


def _picture(values: npt.NDArray[np.float64], mark: float | None) -> dict[str, Any]:
    low = min(0.0, float(values.min()))
    high = float(np.quantile(values, _TAIL))
    if mark is not None and np.isfinite(mark):
        high = max(high, 1.1 * mark)
    high = float(f"{high:.6g}") if high > low else low + 1.0
    bars, _ = np.histogram(np.minimum(values, high), bins=BARS, range=(low, high))
    return {
        "low": low,
        "high": high,
        "bars": bars.tolist(),
        "median": round(float(np.median(values)), 6),
        "n": len(values),
        "beyond": int((values > high).sum()),
    }
