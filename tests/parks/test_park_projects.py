"""Where a project stands on a day, how late it is, and the stop that feeds the idle clock."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from park_rows import M2, WAN, codes, rows

from landuse.issues import IssueLog
from landuse.parks import feed_idle_clock, project_states
from landuse.schema.park_tables import PROJECTS
from landuse.schema.tables import SUPPLY

DAY = dt.date(2026, 6, 30)


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def project(**given: object) -> pd.DataFrame:
    cells = {
        name: day(value) if isinstance(value, str) and value[:2] == "20" else value
        for name, value in given.items()
    }
    return rows(PROJECTS, {"project": "P", "park": "甲", **cells})


def state(log: IssueLog | None = None, **given: object) -> dict:
    log = IssueLog() if log is None else log
    return project_states(project(**given), DAY, log).iloc[0].to_dict()


SIGNED = {"signed_on": "2025-01-10", "supplied_on": "2025-03-01"}
BUILT = {**SIGNED, "started_on": "2025-06-01", "topped_out_on": "2025-12-01"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "planned"),
        (SIGNED, "supplied"),
        (BUILT, "topped_out"),
        ({**SIGNED, "started_on": "2026-07-01"}, "supplied"),  # not yet on the day
        ({**SIGNED, "started_on": "2026-06-30"}, "started"),  # the end of the day
        ({**BUILT, "stopped_on": "2026-01-01"}, "stopped"),
        ({**BUILT, "stopped_on": "2026-01-01", "resumed_on": "2026-03-01"}, "topped_out"),
        ({**BUILT, "stopped_on": "2026-01-01", "resumed_on": "2025-11-01"}, "stopped"),
        ({**BUILT, "stopped_on": "2026-01-01", "completed_on": "2026-05-01"}, "completed"),
        ({"production_on": "2026-05-01"}, "in_production"),
    ],
)
def test_the_furthest_stage_reached(given: dict, expected: str) -> None:
    assert state(**given)["state"] == expected


def test_days_late_against_the_plan() -> None:
    """Started 31 days late (1 May → 1 June 2025); completion planned 31 May 2026 is 30 days over
    on 30 June; topping out came in time; production is not yet due."""
    row = state(
        **BUILT, planned_start="2025-05-01", planned_topping_out="2025-12-31",
        planned_completion="2026-05-31", planned_production="2026-12-31",
        planned_investment_wan_micro=1_735 * WAN, invested_wan_micro=855 * WAN,
        planned_floor_m2_micro=20_000 * M2, built_floor_m2_micro=7_000 * M2,
    )  # fmt: skip
    assert row["next_stage"] == "completed"
    assert row["delay_days"] == 30
    assert row["delayed_stages"] == "started; completed"
    assert round(row["invested_share"], 4) == 0.4928
    assert row["built_share"] == 0.35


def test_a_date_that_could_not_be_read_is_not_late() -> None:
    row = state(**SIGNED, planned_start="2025-05-01", unread="started_on")
    assert row["delayed_stages"] == ""


def test_how_long_the_work_rests() -> None:
    row = state(**BUILT, stopped_on="2026-06-01")
    assert (row["stopped_days"], row["since"]) == (29, day("2026-06-01"))


def test_impossible_orders_are_said() -> None:
    log = IssueLog()
    state(log, signed_on="2025-05-01", supplied_on="2025-03-01", resumed_on="2026-01-01")
    assert sorted(codes(log)) == ["parks.dates_out_of_order", "parks.resumed_without_stop"]
    said = next(issue for issue in log if issue.code == "parks.dates_out_of_order")
    assert "供地日期（2025-03-01）早于签约日期（2025-05-01）" in said.message("zh")


def contract(**given: object) -> dict[str, object]:
    return {"contract_no": "H1", "parcel_id": "p", **given}


def fed(*contracts: dict, log: IssueLog | None = None, **given: object) -> list:
    supply = rows(SUPPLY, *contracts)
    before = supply.copy()
    log = IssueLog() if log is None else log
    found = feed_idle_clock(supply, project(contract_no="H1", **given), DAY, log)
    pd.testing.assert_frame_equal(supply, before)
    return [None if pd.isna(one) else str(one.date()) for one in found["suspended_since"]]


STOP = {**BUILT, "stopped_on": "2025-02-01"}


def test_a_stop_starts_the_clock_of_its_contract() -> None:
    assert fed(contract(), contract(contract_no="H2"), **STOP) == ["2025-02-01", None]
    assert fed(contract(), contract(parcel_id="q"), parcel_id="q", **STOP) == [None, "2025-02-01"]


def test_a_stop_that_ended_does_not() -> None:
    assert fed(contract(), **STOP, resumed_on="2025-03-01") == [None]
    assert fed(contract(), **STOP, completed_on="2026-03-01") == [None]


def test_what_the_contract_says_of_itself_counts() -> None:
    log = IssueLog()
    own = contract(suspended_since=day("2025-01-01"))
    assert fed(own, log=log, **STOP) == ["2025-01-01"]
    assert codes(log) == ["parks.stop_differs"]
    assert fed(contract(unread="suspended_since"), **STOP) == [None]


def test_a_contract_still_suspended_though_resumed_is_said() -> None:
    log = IssueLog()
    own = contract(suspended_since=day("2025-02-01"))
    assert fed(own, log=log, **STOP, resumed_on="2025-03-01") == ["2025-02-01"]
    assert codes(log) == ["parks.resumed_but_suspended"]


def test_an_unknown_contract_is_said() -> None:
    log = IssueLog()
    assert fed(contract(contract_no="H9"), log=log, **STOP) == [None]
    assert codes(log) == ["parks.contract_unknown"]
