"""Industry clusters by kind (主导, 特色), and firms above and below scale against the whole.

Sums are of PERIOD_FIGURES (:func:`landuse.parks.period_figures`): exact, and missing where one of
their figures is missing or contradicted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from landuse.parks.frames import typed
from landuse.parks.shown import joined, number, ratio
from landuse.schema.park_results import CLUSTER_SUMS, SCALE_BALANCE
from landuse.schema.park_tables import CLUSTER_KINDS
from landuse.schema.periods import read_period

if TYPE_CHECKING:
    import pandas as pd

    from landuse.issues import IssueLog

__all__ = ["ABOVE", "ALL_KINDS", "BELOW", "cluster_kinds", "cluster_sums", "scale_balance"]

ABOVE: Final = "规上"
BELOW: Final = "规下"
ALL_KINDS: Final = "all"
"""In place of a kind: all clusters together."""
_ORDER: Final = (ALL_KINDS, *CLUSTER_KINDS, "")

_When = tuple[str, bool, str]
"""Period, cumulative, measure."""
_Row = Mapping[str, Any]


def cluster_kinds(periods: pd.DataFrame, log: IssueLog) -> dict[tuple[str, int], str]:
    """The kind of each cluster in each year of ``periods`` (PERIODS): leading, special or "".

    A year in which no row says it has the kind of the other years, if these agree. Two kinds in one
    year are an issue, and the kind is then not known.
    """
    rows = periods[periods["scope"] == "cluster"]
    said: dict[tuple[str, int], set[str]] = {}
    for name, kind, period in zip(rows["key"], rows["cluster_kind"], rows["period"], strict=True):
        said.setdefault((str(name), read_period(str(period)).year), set()).update({kind} - {""})
    ever: dict[str, set[str]] = {}
    for (name, _), kinds in said.items():
        ever.setdefault(name, set()).update(kinds)
    found = {}
    for (name, year), kinds in sorted(said.items()):
        if len(kinds) > 1:
            log.add("parks.kind_conflict", table="periods", key=name, value=str(year))
        usual = kinds or ever[name]
        found[name, year] = min(usual) if len(usual) == 1 else ""
    return found


def cluster_sums(figures: pd.DataFrame) -> pd.DataFrame:
    """CLUSTER_SUMS: a row a kind (all, leading, special, not stated), period and measure.

    ``figures`` is PERIOD_FIGURES. A kind without a cluster has no row.
    """
    rows = _records(figures)
    above = {_when(r): r for r in rows if (r["scope"], r["key"]) == ("scale", ABOVE)}
    groups: dict[_When, list[_Row]] = {}
    for row in rows:
        if row["scope"] == "cluster":
            groups.setdefault(_when(row), []).append(row)
    found = []
    for when, members in sorted(groups.items()):
        whole = _sum(members, "value_micro")
        for kind in _ORDER:
            mine = [r for r in members if kind in (ALL_KINDS, r["cluster_kind"])]
            if mine:
                found.append(_kind_row(kind, when, mine, whole, above.get(when)))
    return typed(found, CLUSTER_SUMS)


def _kind_row(
    kind: str, when: _When, mine: list[_Row], whole: int | None, above: _Row | None
) -> dict[str, Any]:
    value, before = _sum(mine, "value_micro"), _sum(mine, "before_micro")
    city = number(mine[0]["city_micro"])
    scale = None if above is None else number(above["value_micro"])
    gain = None if value is None or before is None else value - before
    exact = value is not None and all(row["bound"] == "exact" for row in mine)
    return {
        "cluster_kind": kind,
        **dict(zip(("period", "cumulative", "measure"), when, strict=True)),
        "clusters": len(mine),
        "missing": joined(str(r["key"]) for r in mine if number(r["value_micro"]) is None),
        "value_micro": value,
        "bound": "" if value is None else "exact" if exact else "about",
        "before_micro": before,
        "growth": _float(ratio(gain, before)),
        "share_of_clusters": _float(ratio(value, whole)),
        "above_micro": scale,
        "share_of_above": _float(ratio(value, scale)),
        "city_micro": city,
        "share_of_city": _float(ratio(value, city)),
    }


def scale_balance(figures: pd.DataFrame) -> pd.DataFrame:
    """SCALE_BALANCE: firms above and below scale of each park against the park, and all of them
    against the city; a row a period and measure for which one of the two is given."""
    cells: dict[tuple[str, _When], dict[str, _Row]] = {}
    for row in _records(figures):
        place = _place(row)
        if place is not None:
            park, part = place
            cells.setdefault((park, _when(row)), {})[part] = row
    found = [
        _balance(park, when, parts)
        for (park, when), parts in sorted(cells.items())
        if {"above", "below"} & set(parts)
    ]
    return typed(found, SCALE_BALANCE)


def _place(row: _Row) -> tuple[str, str] | None:
    """Park ("" for the city) and part of it that a figure is of."""
    scope, key = str(row["scope"]), str(row["key"])
    if scope in ("park", "city"):
        return key, "whole"
    parts = {ABOVE: "above", BELOW: "below"}
    if scope == "scale":
        return "", parts[key]
    if scope == "park_scale":
        park, _, size = key.partition("|")
        return park, parts[size]
    return None


def _balance(park: str, when: _When, parts: Mapping[str, _Row]) -> dict[str, Any]:
    above, below, whole = (
        number(parts[name]["value_micro"]) if name in parts else None
        for name in ("above", "below", "whole")
    )
    both = None if above is None or below is None else above + below
    gap = None if both is None or whole is None else both - whole
    return {
        "park": park,
        **dict(zip(("period", "cumulative", "measure"), when, strict=True)),
        "above_micro": above,
        "below_micro": below,
        "sum_micro": both,
        "whole_micro": whole,
        "gap_micro": gap,
        "share_above": _float(ratio(above, both)),
        "verdict": _verdict(gap, parts),
    }


def _verdict(gap: int | None, parts: Mapping[str, _Row]) -> str:
    """Whether values that round to the three stated ones add up."""
    if gap is None or any(row["bound"] != "exact" for row in parts.values()):
        return "cannot_tell"
    steps = sum(int(row["step_micro"]) for row in parts.values())
    return "adds_up" if 2 * abs(gap) <= steps else "differs"


def _records(figures: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in figures.to_dict("records")]


def _when(row: _Row) -> _When:
    return str(row["period"]), bool(row["cumulative"]), str(row["measure"])


def _sum(rows: Iterable[_Row], column: str) -> int | None:
    values = [number(row[column]) for row in rows]
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
