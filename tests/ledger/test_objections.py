"""Objections, what is decided on them, and the corrections table: on both databases."""

from __future__ import annotations

import datetime as dt
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from landuse.errors import UserError
from landuse.ledger import Ledger
from landuse.ledger.acts import find_case
from landuse.ledger.cases import CaseForm, ParcelForm, advance, open_case
from landuse.ledger.models import Correction, Event
from landuse.ledger.objections import (
    FORM,
    Objection,
    corrections_table,
    decide,
    listed,
    object_to,
)
from landuse.ledger.verify import verify

AT = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
WHO: dict[str, Any] = {"by": "王工", "at": AT}
AREA = Objection(
    "parcels", "P1", "registered_area", "5461.59", "5463.36", "量错了", "证据.pdf", "ab" * 32
)


def record(ledger: Ledger, objection: Objection = AREA, case: str = "") -> int:
    with ledger.write() as session:
        row = find_case(session, case) if case else None
        return object_to(session, objection, row, **WHO).id


def settle(ledger: Ledger, number: int, verdict: str, why: str = "核实") -> str:
    with ledger.write() as session:
        status = decide(session, number, verdict, by="李工", at=AT, why=why).status
    with ledger.read() as session:
        assert verify(session) == []
    return status


def refused(ledger: Ledger, number: int, verdict: str, why: str = "核实") -> str:
    with pytest.raises(UserError) as fault:
        settle(ledger, number, verdict, why)
    return fault.value.issues[0].code


def a_case(ledger: Ledger, state: str = "found") -> str:
    with ledger.write() as session:
        form = CaseForm("low_efficiency", (ParcelForm("P1"),), 80_000)
        case = open_case(session, form, **WHO)
        if state == "publicised":
            advance(session, case, "suspected", survey_note="现场记录", **WHO)
            day = dt.date(2026, 7, 1)
            advance(session, case, "publicised", publication_from=day, publication_to=day, **WHO)
        return case.number


def test_an_objection_keeps_who_what_and_its_evidence(ledger: Ledger) -> None:
    number = record(ledger, case=a_case(ledger))
    with ledger.read() as session:
        ((row, case),) = listed(session)
        (event,) = session.scalars(select(Event).where(Event.entity == "correction"))
    assert (row.id, case, row.status, row.by, row.at) == (
        number,
        "2026-001",
        "proposed",
        "王工",
        AT,
    )
    assert (row.evidence_name, row.evidence_sha256) == ("证据.pdf", "ab" * 32)
    assert (event.case_id, event.entity_seq, event.field, event.why) == (
        None,
        number,
        "*",
        "量错了",
    )
    assert event.after_json["new"] == "5463.36"


def test_only_accepted_ones_reach_the_next_run(ledger: Ledger) -> None:
    others = [
        Objection("enterprises", code, "tax", "1", "2", "税务更正") for code in ("E1", "E2", "E3")
    ]
    accepted, rejected, withdrawn, _ = [record(ledger, one) for one in (AREA, *others)]
    assert settle(ledger, accepted, "accept") == "accepted"
    assert settle(ledger, rejected, "reject") == "rejected"
    assert settle(ledger, withdrawn, "withdraw") == "withdrawn"
    with ledger.read() as session:
        table = corrections_table(session)
        statuses = [row.status for row, _ in listed(session)]
        assert [row.id for row, _ in listed(session, "proposed")] == [4]
    assert statuses == ["accepted", "rejected", "withdrawn", "proposed"]
    assert list(table.columns) == list(FORM)
    (row,) = table.to_dict("records")
    assert row == {
        "table": "parcels", "key": "P1", "column": "registered_area", "old": "5461.59",
        "new": "5463.36", "by": "李工", "on": "2026-07-01",
        "reason": f"量错了 (#1; 王工; 证据.pdf {'ab' * 6})",
    }  # fmt: skip


def test_values_are_kept_as_they_were_written(ledger: Ledger) -> None:
    odd = Objection("enterprises", "E1", "industry_code", "0017", "=1+1", "前导零，等号")
    settle(ledger, record(ledger, odd), "accept")
    with ledger.read() as session:
        (row,) = corrections_table(session).to_dict("records")
    assert (row["old"], row["new"]) == ("0017", "=1+1")


def test_decisions_are_events_and_final(ledger: Ledger) -> None:
    number = record(ledger)
    settle(ledger, number, "accept", "测绘报告属实")
    assert refused(ledger, number, "accept") == "ledger_runs.decided_already"
    assert refused(ledger, number, "reject") == "ledger_runs.decided_already"
    assert settle(ledger, number, "withdraw") == "withdrawn"
    assert refused(ledger, number, "accept") == "ledger_runs.decided_already"
    with ledger.read() as session:
        query = select(Event).where(Event.entity == "correction").order_by(Event.seq)
        told = [
            (one.seq, one.before_json, one.after_json, one.by) for one in session.scalars(query)
        ]
        row = session.get_one(Correction, number)
    assert told[1:] == [(2, "proposed", "accepted", "李工"), (3, "accepted", "withdrawn", "李工")]
    assert (row.decided_by, row.decided_at) == ("李工", AT)


@pytest.mark.parametrize(
    ("number", "verdict", "why", "code"),
    [
        (99, "accept", "", "ledger_runs.no_objection"),
        (1, "perhaps", "", "ledger_runs.unknown_verdict"),
        (1, "reject", " ", "ledger_runs.reason_missing"),
    ],
)
def test_decisions_that_say_nothing_are_refused(
    ledger: Ledger, number: int, verdict: str, why: str, code: str
) -> None:
    record(ledger)
    assert refused(ledger, number, verdict, why) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"key": " "}, "ledger_runs.objection_incomplete"),
        ({"column": ""}, "ledger_runs.objection_incomplete"),
        ({"new": " 5461.59 "}, "ledger_runs.objection_same"),
        ({"reason": ""}, "ledger_runs.objection_reason"),
        ({}, "ledger_runs.objection_twice"),
    ],
)
def test_objections_that_say_nothing_are_refused(
    ledger: Ledger, changes: dict[str, str], code: str
) -> None:
    from dataclasses import replace

    record(ledger)
    with pytest.raises(UserError) as fault:
        record(ledger, replace(AREA, **changes))
    assert fault.value.issues[0].code == code


def test_two_accepted_ones_never_claim_the_same_cell(ledger: Ledger) -> None:
    from dataclasses import replace

    first, second = record(ledger), record(ledger, replace(AREA, new="5500"))
    settle(ledger, first, "accept")
    assert refused(ledger, second, "accept") == "ledger_runs.rival_accepted"
    settle(ledger, first, "withdraw")
    assert settle(ledger, second, "accept") == "accepted"


def test_a_rejected_one_may_be_raised_again(ledger: Ledger) -> None:
    settle(ledger, record(ledger), "reject")
    assert record(ledger) == 2


def test_an_objection_in_the_term_of_publication_moves_the_case(ledger: Ledger) -> None:
    number = a_case(ledger, "publicised")
    record(ledger, case=number)
    with ledger.read() as session:
        case = find_case(session, number)
        assert case.state == "objected"
        assert verify(session) == []


def test_otherwise_the_case_stays_where_it_is(ledger: Ledger) -> None:
    number = a_case(ledger)
    record(ledger, case=number)
    with ledger.read() as session:
        assert find_case(session, number).state == "found"
