"""Where each project stands on a day, how late it is, and which stops feed the idle clock."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pandas as pd

from landuse.parks.frames import typed
from landuse.parks.shown import joined, number, ratio
from landuse.schema.park_results import PROJECT_STATES
from landuse.schema.park_tables import PROJECTS
from landuse.schema.tables import SUPPLY

if TYPE_CHECKING:
    from landuse.issues import IssueLog
    from landuse.messages import Lang

__all__ = ["STAGES", "STATES", "feed_idle_clock", "project_states"]


class _Stage(NamedTuple):
    """A step of a project: its state, the date that reaches it, the date it was planned for."""

    state: str
    reached: str
    planned: str


STAGES: Final = (
    _Stage("signed", "signed_on", ""),
    _Stage("supplied", "supplied_on", "planned_supply"),
    _Stage("started", "started_on", "planned_start"),
    _Stage("topped_out", "topped_out_on", "planned_topping_out"),
    _Stage("completed", "completed_on", "planned_completion"),
    _Stage("in_production", "production_on", "planned_production"),
)
STATES: Final = (
    "planned", "signed", "supplied", "started", "stopped", "topped_out", "completed",
    "in_production",
)  # fmt: skip


def project_states(projects: pd.DataFrame, as_of: dt.date, log: IssueLog) -> pd.DataFrame:
    """PROJECT_STATES: one row a project, sorted, as of the end of ``as_of``.

    The state is the furthest stage reached; a project stopped and not resumed before completion is
    ``stopped``. A date after ``as_of`` is none yet; a stage whose date could not be read is neither
    reached nor late. Dates in an impossible order are issues.
    """
    rows = [_state(row, as_of, log) for row in _records(projects)]
    return typed(rows, PROJECT_STATES)


def _records(projects: pd.DataFrame) -> list[dict[str, Any]]:
    ordered = projects.sort_values("project").to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in ordered]


def _day(value: object) -> dt.date | None:
    """A cell of a date column."""
    return value.date() if isinstance(value, dt.datetime) and not pd.isna(value) else None


def _reached(row: dict[str, Any], name: str, as_of: dt.date) -> dt.date | None:
    day = _day(row[name])
    return day if day is not None and day <= as_of else None


def _stopped_since(row: dict[str, Any], as_of: dt.date) -> dt.date | None:
    """Since when the work rests: stopped, not resumed since, not completed."""
    stopped, resumed = _reached(row, "stopped_on", as_of), _reached(row, "resumed_on", as_of)
    done = _reached(row, "completed_on", as_of) or _reached(row, "production_on", as_of)
    if stopped is None or done or (resumed is not None and resumed >= stopped):
        return None
    return stopped


def _state(row: dict[str, Any], as_of: dt.date, log: IssueLog) -> dict[str, Any]:
    _check_dates(row, log)
    unread = set(str(row["unread"]).split("; "))
    at = max((n for n, s in enumerate(STAGES) if _reached(row, s.reached, as_of)), default=-1)
    state = STAGES[at].state if at >= 0 else "planned"
    since = _reached(row, STAGES[at].reached, as_of) if at >= 0 else None
    stopped = _stopped_since(row, as_of)
    if stopped is not None:
        state, since = "stopped", stopped
    late = _delays(row, at, unread, as_of)
    following = STAGES[at + 1] if at + 1 < len(STAGES) else None
    planned = _day(row[following.planned]) if following and following.planned else None
    invested, investment = (
        number(row["invested_wan_micro"]),
        number(row["planned_investment_wan_micro"]),
    )
    built, floor = number(row["built_floor_m2_micro"]), number(row["planned_floor_m2_micro"])
    return {
        "project": row["project"],
        "park": row["park"],
        "state": state,
        "since": _stamp(since),
        "next_stage": following.state if following else "",
        "next_planned": _stamp(planned),
        "delay_days": late.get(following.state) if following else None,
        "delayed_stages": joined(late),
        "stopped_days": None if stopped is None else (as_of - stopped).days,
        "planned_investment_wan_micro": investment,
        "invested_wan_micro": invested,
        "invested_share": _share(invested, investment),
        "planned_floor_m2_micro": floor,
        "built_floor_m2_micro": built,
        "built_share": _share(built, floor),
    }


def _stamp(day: dt.date | None) -> pd.Timestamp | None:
    return None if day is None else pd.Timestamp(day)


def _share(part: int | None, whole: int | None) -> float | None:
    share = ratio(part, whole)
    return None if share is None else float(share)


def _delays(row: dict[str, Any], at: int, unread: set[str], as_of: dt.date) -> dict[str, int]:
    """Days late of every stage that was or is: against its plan, until reached or ``as_of``.

    A stage that a later one has overtaken without a date of its own is not late: its date is
    blank, not in the future.
    """
    late: dict[str, int] = {}
    for number_, stage in enumerate(STAGES):
        planned = _day(row[stage.planned]) if stage.planned else None
        if planned is None or {stage.reached, stage.planned} & unread:
            continue
        reached = _reached(row, stage.reached, as_of)
        if reached is None and number_ < at:
            continue
        days = ((reached or as_of) - planned).days
        if days > 0:
            late[stage.state] = days
    return late


def _label(column: str, lang: Lang) -> str:
    return PROJECTS.column(column).label(lang)


def _check_dates(row: dict[str, Any], log: IssueLog) -> None:
    place = {
        "table": "projects", "key": str(row["project"]), "file": str(row["source_file"]),
        "sheet": str(row["source_sheet"]), "row": int(row["source_row"]),
    }  # fmt: skip
    given = [(s.reached, day) for s in STAGES if (day := _day(row[s.reached])) is not None]
    for (one, before), (two, after) in pairwise(given):
        if after < before:
            log.add(
                "parks.dates_out_of_order", **place, column=two, value=after.isoformat(),
                name_zh=_label(two, "zh"), name_en=_label(two, "en"),
                other_zh=_label(one, "zh"), other_en=_label(one, "en"), bound=before.isoformat(),
            )  # fmt: skip
    stopped, resumed = _day(row["stopped_on"]), _day(row["resumed_on"])
    if resumed is not None and stopped is None:
        log.add("parks.resumed_without_stop", **place, value=resumed.isoformat())


def feed_idle_clock(
    supply: pd.DataFrame, projects: pd.DataFrame, as_of: dt.date, log: IssueLog
) -> pd.DataFrame:
    """SUPPLY with ``suspended_since`` of contracts whose project rests on ``as_of``.

    A project names the contract, and the parcel where the contract has several. A contract that
    states a suspension of its own keeps it, and an issue names both dates; so does one that is
    said to be suspended while its project has resumed. ``supply`` is not changed.
    """
    fed = supply.reset_index(drop=True)
    dates = fed["suspended_since"].copy()
    for row in _records(projects):
        contract = str(row["contract_no"])
        stopped, resumed = _stopped_since(row, as_of), _reached(row, "resumed_on", as_of)
        if not contract or (stopped is None and resumed is None):
            continue
        mine = (fed["contract_no"] == contract).to_numpy()
        if row["parcel_id"]:
            mine = mine & (fed["parcel_id"] == row["parcel_id"]).to_numpy()
        place = {"table": "projects", "key": str(row["project"]), "value": contract,
                 "file": str(row["source_file"]), "sheet": str(row["source_sheet"]),
                 "row": int(row["source_row"])}  # fmt: skip
        if not mine.any():
            log.add("parks.contract_unknown", **place)
        for at in mine.nonzero()[0].tolist():
            own = _day(dates.iloc[at])
            unread = "suspended_since" in str(fed["unread"].iloc[at]).split("; ")
            if stopped is not None and own is None and not unread:
                dates.iloc[at] = pd.Timestamp(stopped)
            elif stopped is not None and own is not None and own != stopped:
                log.add(
                    "parks.stop_differs", **place, own=own.isoformat(), other=stopped.isoformat()
                )
            elif stopped is None and own is not None and resumed and own <= resumed:
                log.add(
                    "parks.resumed_but_suspended", **place, own=own.isoformat(),
                    other=resumed.isoformat(),
                )  # fmt: skip
    return SUPPLY.check(fed.assign(suspended_since=dates.astype("datetime64[s]")))
