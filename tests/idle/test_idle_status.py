"""The land status of every parcel, and what is odd about a contract."""

from __future__ import annotations

import pytest
from idle_tables import COLLECTIVE, STATE, contract, find, land, one
from land_tables import frame, parcel, parcels

from landuse.issues import IssueLog
from landuse.schema.tables import PARCELS

OTHER = STATE[:-1] + "2"
IDLE = {"agreed_start": "2020-01-01"}
WAITING = {"agreed_start": "2026-01-01"}
STARTED = {"agreed_start": "2020-01-01", "actual_start": "2020-06-01"}
FINISHED = {**STARTED, "completed_on": "2022-01-01"}
UNCLEAR: dict[str, str] = {}


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        (WAITING, "supplied_unused"),
        (STARTED, "partly_used"),
        ({**STARTED, "completed_on": "2026-07-01"}, "partly_used"),  # finished tomorrow
        (FINISHED, "used"),
        ({"completed_on": "2026-06-30"}, "used"),  # what is finished was started
        (IDLE, "idle"),
        (UNCLEAR, "undetermined"),
    ],
)
def test_one_contract(stated, status):
    assert one(**stated)["land_status"] == status
    table = find(contract(**stated))[1]
    assert table["land_status"].tolist() == [status]
    assert table["is_idle"].tolist() == [status == "idle"]


@pytest.mark.parametrize(
    ("both", "status", "finding"),
    [
        ((FINISHED, IDLE), "idle", "not_started"),  # idle by one contract
        ((IDLE, UNCLEAR), "idle", "not_started"),
        ((FINISHED, UNCLEAR), "undetermined", "undetermined"),
        ((FINISHED, WAITING), "partly_used", ""),  # part of it is used, part is not
        ((FINISHED, STARTED), "partly_used", ""),
        ((STARTED, WAITING), "partly_used", ""),
        ((WAITING, WAITING), "supplied_unused", ""),
        ((FINISHED, FINISHED), "used", ""),
    ],
)
def test_several_contracts_for_one_parcel(both, status, finding):
    for order in (both, both[::-1]):
        rows = [contract(contract_no=f"C{n}", **stated) for n, stated in enumerate(order)]
        table = find(*rows)[1]
        assert table["contract_count"].tolist() == [2]
        assert table["land_status"].tolist() == [status]
        assert table["idle_finding"].tolist() == [finding]


def test_not_started_comes_before_stalled():
    stopped = {
        **STARTED, "suspended_since": "2021-01-01", "area_started": 1, "area_to_start": 9,
    }  # fmt: skip
    rows = [contract(contract_no="A", **stopped), contract(contract_no="B", **IDLE)]
    assert find(*rows)[1]["idle_finding"].tolist() == ["not_started"]
    assert find(rows[0])[1]["idle_finding"].tolist() == ["stalled"]


def test_land_without_a_contract():
    lots = parcels(
        parcel("P1", holder="甲"),  # held, nothing built, no contract in the table
        parcel("P2", uscc="91"),
        parcel("P3", holder="乙", built_area_m2_micro=1),
        parcel("P4", footprint_m2_micro=1),
        parcel("P5"),  # nobody's, in a layer that names holders
    )
    status = find(parcels=lots)[1].set_index("parcel_id")["land_status"].to_dict()
    assert status == {
        "P1": "undetermined", "P2": "undetermined", "P3": "used", "P4": "used",
        "P5": "approved_unsupplied",
    }  # fmt: skip
    # a layer that names no holder anywhere says nothing about supply
    assert find(parcels=land("P1", "P2"))[1]["land_status"].tolist() == ["undetermined"] * 2


def test_no_contract_and_no_parcel():
    contracts, status = find(parcels=frame(PARCELS, []))
    assert (len(contracts), len(status)) == (0, 0)


def test_a_contract_of_land_that_is_in_no_layer_keeps_its_finding():
    log = IssueLog()
    rows = [
        contract(contract_no="C1", parcel_id=OTHER, **IDLE, cause="government"),
        contract(contract_no="C2", parcel_id="", **IDLE, cause="government"),
        contract(contract_no="C3", parcel_id="", **WAITING),
    ]
    contracts, status = find(*rows, parcels=land(STATE), log=log)
    assert contracts["finding"].tolist() == ["not_started", "not_started", ""]
    assert not contracts["known_parcel"].any()
    assert contracts["accounting_area_m2_micro"].isna().all()
    assert status["parcel_id"].tolist() == [STATE]
    assert [(issue.code, issue.row, issue.key) for issue in log] == [
        ("idle.unknown_parcel", 2, "C1"),
        ("idle.no_parcel", 3, ""),
    ]
    assert "2" in next(issue for issue in log if issue.code == "idle.no_parcel").message("en")


@pytest.mark.parametrize(
    ("extended", "remark"),
    [
        ("2025-02-28", ""),  # a year from 29 Feb 2024: the corresponding date is not more
        ("2025-03-01", "extension_over_a_year"),
        ("2024-02-28", "extension_before_agreed"),
        ("2024-02-29", ""),
    ],
)
def test_an_extension_of_more_than_a_year_is_an_issue(extended, remark):
    row = one("2025-06-30", agreed_start="2024-02-29", extended_start=extended)
    assert row["remarks"] == remark


def test_an_extension_without_an_agreed_start_is_measured_from_delivery():
    # one year after delivery: 2025-01-31; a year more: 2026-01-31
    assert one(delivered_on="2024-01-31", extended_start="2026-01-31")["remarks"] == ""
    row = one(delivered_on="2024-01-31", extended_start="2026-02-01")
    assert row["remarks"] == "extension_over_a_year"


@pytest.mark.parametrize(
    ("stated", "remark"),
    [
        ({**IDLE, "actual_start": "2026-07-01"}, "start_in_future"),
        ({**IDLE, "actual_start": "2026-06-30"}, ""),
        ({**IDLE, "area_started": 5}, "start_date_blank"),
        ({**IDLE, "area_started": 0, "invested": 5}, ""),  # planning costs money before the start
        ({**IDLE, "suspended_since": "2022-01-01"}, "start_date_blank"),
        ({"completed_on": "2022-01-01"}, "start_date_blank"),
        ({**STARTED, "suspended_since": "2020-05-31"}, "suspended_before_start"),
        ({**STARTED, "suspended_since": "2020-06-01"}, ""),
    ],
)
def test_contradictions_are_told_and_change_nothing(stated, remark):
    log = IssueLog()
    contracts, _ = find(contract(**stated, cause="seizure"), log=log)
    assert contracts["remarks"].tolist() == [remark]
    told = [issue for issue in log if issue.code == f"idle.{remark}"]
    assert [issue.row for issue in told] == ([2] if remark else [])


def test_every_issue_speaks_both_languages_and_names_the_row():
    log = IssueLog()
    late = {"agreed_start": "2025-06-30", "cause": "enterprise", "price": 9}
    rows = [
        contract(contract_no="C0", **late),
        contract(contract_no="C0", parcel_id=OTHER, **late),
        contract(contract_no="C1", parcel_id=COLLECTIVE),
        contract(contract_no="C2"),
        contract(contract_no="C3", **IDLE, extended_start="2024-01-01", area_started=4),
        contract(contract_no="C4", **IDLE, extended_start="2019-01-01", actual_start="2027-01-01"),
        contract(contract_no="C5", **{**late, "price": None}),
        contract(contract_no="C6", **STARTED, suspended_since="2020-01-01"),
        contract(contract_no="C7", parcel_id="X", **WAITING),
        contract(contract_no="C8", parcel_id="", **WAITING),
    ]
    find(*rows, parcels=land(STATE, OTHER, COLLECTIVE), log=log)
    codes = {issue.code for issue in log}
    assert codes == {
        f"idle.{name}"
        for name in (
            "undetermined", "no_cause", "no_price", "no_delivered_on", "collective",
            "extension_over_a_year", "extension_before_agreed", "start_in_future",
            "start_date_blank", "suspended_before_start", "price_of_contract", "unknown_parcel",
            "no_parcel",
        )
    }  # fmt: skip
    for issue in log:
        assert (issue.table, issue.file) == ("supply", "supply")
        assert issue.row is not None
        for lang in ("zh", "en"):
            assert issue.message(lang)
            assert "{" not in issue.message(lang) + issue.hint(lang)
