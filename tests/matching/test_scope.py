"""Which parcels count."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from land_tables import codes, frame, parcel, parcels, rules

from landuse.issues import IssueLog
from landuse.matching import in_scope, under_construction
from landuse.matching.scope import report_scope
from landuse.schema import tables

AS_OF = dt.date(2026, 6, 30)


@pytest.mark.parametrize(
    ("code", "inside"),
    [
        ("0601", True), ("0602", True), ("0604", True), ("0508", True), ("1001", True),
        ("100101", True), ("100103", True), ("1002", True), ("1101", True), ("110102", True),
        ("M1", True), ("M", True), ("W2", True), ("m2", True), ("Ｍ１", True),
        ("0501", False), ("0603", False), ("060", False), ("1003", False), ("R2", False),
        ("0701", False), ("工业用地", False), ("", True),
    ],
)  # fmt: skip
def test_land_use_of_the_default_pack(code, inside):
    patterns = rules().land_use_codes
    assert in_scope(pd.Series([code], dtype="str"), patterns).tolist() == [inside]


def test_no_parcel_at_all():
    assert in_scope(pd.Series([], dtype="str"), ["M*"]).tolist() == []


def _said(*used: str) -> tuple[list[str], IssueLog]:
    log = IssueLog()
    land = parcels(*(parcel(f"P{n}", land_use_code=code) for n, code in enumerate(used)))
    report_scope(land, in_scope(land["land_use_code"], rules().land_use_codes), log)
    return codes(log), log


def test_what_the_land_use_does_not_tell_is_said():
    assert _said("", "")[0] == ["no_land_use"]
    assert _said("0601", "M1")[0] == []
    found, log = _said("0601", "R2", "061", "工矿仓储用地", "061")
    assert found == ["out_of_scope"]
    assert [(issue.value, issue.values["n"]) for issue in log] == [  # noqa: PD011
        ("061 ×2、R2 ×1、工矿仓储用地 ×1", 4)
    ]
    found, log = _said("0601", "", "")
    assert found == ["blank_land_use"]
    assert [(issue.key, issue.values["n"]) for issue in log] == [("P1", 2)]  # noqa: PD011
    found, log = _said("0501", "0702")
    assert found == ["nothing_in_scope"]
    assert [issue.value for issue in log] == ["0501、0702"]


def contract(parcel_id: str, agreed: str | None, completed: str | None = None):
    return {
        "parcel_id": parcel_id,
        "agreed_completion": pd.Timestamp(agreed) if agreed else pd.NaT,
        "completed_on": pd.Timestamp(completed) if completed else pd.NaT,
    }


def test_under_construction_is_within_the_agreed_term_and_not_completed():
    supply = frame(
        tables.SUPPLY,
        [
            contract("in_term", "2026-07-01"),
            contract("due_today", "2026-06-30"),
            contract("late", "2025-12-31"),
            contract("done", "2027-01-01", "2026-06-30"),
            contract("done_after", "2027-01-01", "2026-07-01"),
            contract("no_date", None),
            contract("", "2027-01-01"),
        ],
    )
    assert under_construction(supply, AS_OF) == {"in_term", "done_after"}


def test_without_supply_nothing_is_under_construction():
    assert under_construction(None, AS_OF) == set()
