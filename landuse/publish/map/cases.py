"""The latest case of each plot as its card tells it, and which plots are revitalised."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from landuse.messages import LANGUAGES, Lang
from landuse.publish.map.columns import numbers, positions, texts, whole

if TYPE_CHECKING:
    import pandas as pd

    from landuse.publish.plots import PlotTable

__all__ = ["accepted_block", "cases_block", "revitalised_block"]

_TEXTS: Final = (
    *("number", "kind", "state", "responsible_unit", "responsible_person", "ways"),
    *("relapse_of", "last_verdict", "last_comment"),
)
_NUMBERS: Final = ("case_mu", "remaining_mu", "disposed_mu", "accepted_mu", "accepted_floor_m2")
_DATES: Final = ("accepted_on", "deadline")


def cases_block(cases: pd.DataFrame, parcels: pd.Series[str], lang: Lang) -> dict[str, Any] | None:
    """Columns of the cases; ``plot`` is the place of its parcel. ``None`` without any."""
    if cases.empty:
        return None
    return {
        "plot": positions(cases["parcel_id"], parcels),
        **{name: texts(cases[name]) for name in _TEXTS},
        **{name: numbers(cases[name], 4) for name in _NUMBERS},
        **{name: texts(_days(cases[name])) for name in _DATES},
        "history": [_history(cell, lang) for cell in cases["history_json"]],
    }


def _days(column: pd.Series) -> pd.Series[str]:
    said: pd.Series[str] = column.dt.strftime("%Y-%m-%d")
    return said


def _history(cell: str, lang: Lang) -> list[list[str]]:
    """Each act as when, who and what, in one language; what is no list of acts is nothing."""
    acts = json.loads(cell) if cell else []
    said = f"text_{lang}" if lang in LANGUAGES else "text_zh"
    return [[str(act.get(key, "")) for key in ("at", "by", said)] for act in acts]


def accepted_block(table: PlotTable) -> dict[str, Any] | None:
    """The accepted parts of the cases that are not removed, for the line of the legend: place of
    each plot, which ``case`` it is (several plots may share one), its mu and floor area in m²."""
    cases = table.cases
    if cases.empty:
        return None
    done = cases[(cases["accepted_mu"] > 0) & (cases["state"] != "removed")]
    return {
        "plot": positions(done["parcel_id"], table.rows["parcel_id"]),
        "case": texts(done["number"])["at"],
        "mu": numbers(done["accepted_mu"], 4),
        "floor": numbers(done["accepted_floor_m2"], 4),
    }


def revitalised_block(table: PlotTable, classes: list[str]) -> dict[str, Any] | None:
    """The plots accepted as revitalised, the year of each, and its class by the run's figures."""
    rows = table.rows[table.rows["land_class"] == "revitalised"]
    if rows.empty:
        return None
    return {
        "plot": [int(place) for place in rows.index],
        "year": whole(rows["revitalised_year"]),
        "before": positions(rows["run_class"], classes),
    }
