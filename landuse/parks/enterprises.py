"""One firm over the years, and the lists that its figures give: near the line, growing."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from landuse.parks.shown import number, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landuse.rules.park_pack import ParkRules

__all__ = ["RunYear", "enterprise_years", "fast_growing", "near_the_line"]

_BELOW: Final = re.compile(r"下|below|否|^no$|^0$", re.IGNORECASE)
_MILLION: Final = 1_000_000


@dataclass(frozen=True)
class RunYear:
    """A recorded run: its number, the year it graded, and its ``units`` table."""

    run: int
    year: int
    units: pd.DataFrame


def enterprise_years(uscc: str, runs: Sequence[RunYear]) -> pd.DataFrame:
    """What each run found of one firm: ``run``, ``year``, ``is_latest``, then its row of units.

    Sorted by year and run; ``is_latest`` marks the last run of a year, which is the one to show. A
    run that does not know the firm has no row; columns that a run lacks are missing. Land,
    indicators, cohort, rank, status and class are the run's own, never computed again.
    """
    rows = []
    for one in sorted(runs, key=lambda run: (run.year, run.run)):
        mine = one.units[one.units["uscc"] == uscc]
        if len(mine):
            rows.append(mine.assign(run=one.run, year=one.year))
    if not rows:
        return pd.DataFrame({"run": [], "year": [], "is_latest": [], "uscc": []})
    frame = pd.concat(rows, ignore_index=True)
    frame["is_latest"] = ~frame.duplicated("year", keep="last")
    first = ["run", "year", "is_latest"]
    return frame[[*first, *(name for name in frame.columns if name not in first)]]


def near_the_line(
    enterprises: pd.DataFrame,
    figures: pd.DataFrame,
    year: int,
    rules: ParkRules,
    *,
    within: Fraction | None = None,
) -> pd.DataFrame:
    """Candidates of 小升规: firms below scale at most ``within`` of the line under it (a fifth is
    0.2; the default is the pack's ``scale_near_share``).

    ``enterprises`` is ENTERPRISES, ``figures`` FIGURES with ``<scale_figure>_wan_micro``.
    Columns ``uscc``, ``name``, ``division``, ``value_wan_micro``, ``line_wan_micro``,
    ``gap_wan_micro`` and ``standing``: ``near``, or ``above`` where the line is already reached.
    Highest value first. A firm whose scale is blank is no candidate.
    """
    column = f"{rules.scale_figure}_wan_micro"
    line = int(rules.scale_line_wan * _MILLION)
    least = line * (1 - (rules.scale_near_share if within is None else within))
    small = enterprises[enterprises["scale"].str.contains(_BELOW)]
    rows = small.merge(figures.loc[figures["year"] == year, ["uscc", column]], on="uscc")
    rows = rows.rename(columns={column: "value_wan_micro"}).dropna(subset=["value_wan_micro"])
    rows = rows[rows["value_wan_micro"] >= math.ceil(least)]
    rows["line_wan_micro"] = line
    rows["gap_wan_micro"] = line - rows["value_wan_micro"].astype("int64")
    above = rows["gap_wan_micro"] <= 0
    rows["standing"] = pd.Series("near", index=rows.index, dtype="str").mask(above, "above")
    columns = ["uscc", "name", "division", "value_wan_micro", "line_wan_micro", "gap_wan_micro",
               "standing"]  # fmt: skip
    ordered = rows.sort_values(["gap_wan_micro", "uscc"], ignore_index=True)
    return ordered[columns].astype({"value_wan_micro": "int64"})


def fast_growing(
    enterprises: pd.DataFrame,
    figures: pd.DataFrame,
    year: int,
    rules: ParkRules,
    *,
    growth_from: Fraction | None = None,
) -> pd.DataFrame:
    """Firms whose figure grew by at least ``growth_from`` on the year before (the default is the
    pack's).

    Columns ``uscc``, ``name``, ``division``, ``value_wan_micro``, ``before_wan_micro``, ``growth``
    (a float for the table; compared exactly). A firm without a figure above zero in the year
    before has no growth. Fastest first.
    """
    column = f"{rules.scale_figure}_wan_micro"
    least = rules.growth_from if growth_from is None else growth_from
    now = figures.loc[figures["year"] == year].set_index("uscc")[column]
    before = figures.loc[figures["year"] == year - 1].set_index("uscc")[column]
    rows: list[dict[str, Any]] = []
    for row in enterprises.to_dict("records"):
        value, last = number(now.get(row["uscc"])), number(before.get(row["uscc"]))
        growth = ratio(None if value is None or last is None else value - last, last)
        if growth is not None and growth >= least:
            rows.append(
                {
                    **{str(name): row[name] for name in ("uscc", "name", "division")},
                    "value_wan_micro": value, "before_wan_micro": last, "exact": growth,
                }
            )  # fmt: skip
    rows.sort(key=lambda row: (-row["exact"], str(row["uscc"])))
    columns = ["uscc", "name", "division", "value_wan_micro", "before_wan_micro", "growth"]
    found = [{**row, "growth": float(Fraction(row["exact"]))} for row in rows]
    return pd.DataFrame(found, columns=columns)
