"""Two runs on one map: which plots and enterprises moved in or out of the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse.messages import Lang
from landuse.publish.map.columns import numbers, positions, texts
from landuse.publish.map.palette import PALETTE, drawn
from landuse.publish.map.shapes import STEP, outlines
from landuse.publish.plots import plot_table

if TYPE_CHECKING:
    from landuse.publish.plots import PlotTable
    from landuse.publish.run_tables import RunTables

__all__ = ["second_block"]


def second_block(run: RunTables, table: PlotTable, second: RunTables, lang: Lang) -> dict[str, Any]:
    """The other run: its outlines and classes, its figures of our plots, and who moved.

    ``moved`` tells it from the earlier run to the later, whichever of them is ``run``. Classes are
    those of the runs' own figures; what the ledger holds is the same for both.
    """
    other = plot_table(second)
    earlier = _stamp(second) <= _stamp(run)
    before, after = (other, table) if earlier else (table, other)
    rows = other.rows
    return {
        **_about(second),
        "earlier": earlier,
        "shapes": {"step": STEP, **_outlines(second)},
        "id": rows["parcel_id"].tolist(),
        "class": positions(rows["run_class"], [look.key for look in PALETTE]),
        "classes": [drawn(look, lang) for look in PALETTE],
        "main_name": texts(rows["main_name"]),
        "values": {key: numbers(rows[key]) for key in table.measures if key in rows},
        "at": positions(table.rows["parcel_id"], rows["parcel_id"]),
        "plots": _moved_plots(before.rows, after.rows),
        "firms": _moved_firms(*((second, run) if earlier else (run, second))),
    }


def _about(run: RunTables) -> dict[str, Any]:
    project = run.manifest.get("project", {})
    return {
        "year": project.get("year"),
        "as_of": str(project.get("as_of", "")),
        "run_id": str(run.manifest.get("run_id", "")),
    }


def _stamp(run: RunTables) -> tuple[int, str, str]:
    about = _about(run)
    return (int(about["year"] or 0), about["as_of"], about["run_id"])


def _outlines(run: RunTables) -> dict[str, list[int]]:
    parcels = run.parcels.sort_values("parcel_id", kind="stable")
    return outlines(parcels["geometry"].to_numpy(dtype=object), run.crs)


def _moved_plots(before: pd.DataFrame, after: pd.DataFrame) -> list[dict[str, str]]:
    """Plots flagged in one run only: code, ``in`` or ``out``, and both classes ("": not there)."""
    both = (
        before[["parcel_id", "run_class"]]
        .merge(after[["parcel_id", "run_class"]], on="parcel_id", how="outer")
        .fillna("")
        .sort_values("parcel_id", kind="stable")
    )
    flagged = ["low_efficiency", "idle", "both"]
    was, now = both["run_class_x"].isin(flagged), both["run_class_y"].isin(flagged)
    moved = both[was != now]
    return [
        {"id": parcel, "move": "out" if old in flagged else "in", "from": old, "to": new}
        for parcel, old, new in moved.itertuples(index=False)
    ]


def _moved_firms(before: RunTables, after: RunTables) -> list[dict[str, Any]]:
    """Enterprises flagged in one run only, with both statuses and both scores."""
    columns = ["uscc", "name", "status", "score"]
    both = before.units[columns].merge(after.units[columns], on="uscc", how="outer")
    both = both.sort_values("uscc", kind="stable")
    was, now = both["status_x"] == "low_efficiency", both["status_y"] == "low_efficiency"
    moved = both[was != now]
    scores = zip(numbers(moved["score_x"]), numbers(moved["score_y"]), strict=True)
    names = moved["name_y"].fillna(moved["name_x"])
    statuses = moved[["status_x", "status_y"]].fillna("").itertuples(index=False)
    return [
        {"uscc": uscc, "name": name, "move": "in" if to == "low_efficiency" else "out",
         "from": was_, "to": to, "score": list(score)}
        for uscc, name, (was_, to), score in zip(
            moved["uscc"], names, statuses, scores, strict=True
        )
    ]  # fmt: skip
