"""A sound ledger has no fault; whatever is changed behind the program's back is found and named."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from case_life import WHO, brought, disposed, found, idle, mu, opened, run
from sqlalchemy import text

from landuse.ledger import cases, parts
from landuse.ledger.cases import CaseForm, ParcelForm
from landuse.ledger.events import history
from landuse.ledger.store import Ledger
from landuse.ledger.totals import totals
from landuse.ledger.verify import verify


@pytest.fixture
def full(ledger: Ledger) -> Ledger:
    """1 runs, one part accepted; 2 is closed, its rest in 3; 4 deferred; 5 removed; 6 found."""
    with ledger.write() as session:
        one = run(session)
        idle(session, one, "P1")
        found(session, one, "P2", "low_efficiency", score=0.4)
        first = brought(session, opened(session, "P1", kind="idle", park="东园"), "in_disposal")
        parts.accept(
            session, first, disposed(session, first, "20"), accepted_on=date(2026, 2, 9), **WHO
        )
        second = brought(session, opened(session, "P2"), "awaiting_acceptance", "30")
        cases.advance(
            session, second, "closed", accepted_on=date(2026, 2, 20), carry_rest=True, **WHO
        )
        fourth = brought(session, opened(session, "P4"), "planned")
        cases.advance(session, fourth, "deferred", why="诉讼", **WHO)
        fifth = opened(session, "P5")
        cases.advance(session, fifth, "removed", why="有误", **WHO)
        sixth = opened(session, "P6")
        cases.describe(session, sixth, notes="待核", **WHO)
        cases.undo(session, history(session, sixth)[-1].id, why="误写", **WHO)
    return ledger


def faults(ledger: Ledger) -> set[str]:
    with ledger.read() as session:
        found = verify(session)
        for fault in found:
            assert fault.message("zh")
            assert fault.message("en")
            assert fault.hint("zh")
        return {fault.code.partition(".")[2] for fault in found}


def tamper(ledger: Ledger, *statements: str, **values: Any) -> None:
    """Changes rows past the program; the triggers that guard the events are taken off first."""
    with ledger.write() as session:
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'"
            for (name,) in connection.execute(text(query)).all():
                connection.execute(text(f'DROP TRIGGER "{name}"'))
        for statement in statements:
            connection.execute(text(statement), values)


def test_a_sound_ledger_has_no_fault(full: Ledger) -> None:
    assert faults(full) == set()


def test_an_empty_ledger_has_no_fault(ledger: Ledger) -> None:
    assert faults(ledger) == set()


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE cases SET case_mu_e4 = case_mu_e4 + 1 WHERE number = '2026-006'", "fault_replay"),
        ("UPDATE cases SET park = 'x' WHERE number = '2026-001'", "fault_replay"),
        ("UPDATE cases SET revision = revision + 1 WHERE number = '2026-001'", "fault_replay"),
        ("UPDATE cases SET responsible_person = '' WHERE number = '2026-001'", "fault_need"),
        ("UPDATE cases SET state = 'planned' WHERE number = '2026-006'", "fault_replay"),
        ("UPDATE cases SET previous_state = '' WHERE number = '2026-004'", "fault_state"),
        ("UPDATE cases SET accepted_on = NULL WHERE number = '2026-002'", "fault_need"),
        ("UPDATE cases SET case_mu_e4 = case_mu_e4 + 1 WHERE number = '2026-002'", "fault_need"),
        ("UPDATE cases SET number = '2026-009' WHERE number = '2026-006'", "fault_number_gap"),
        ("UPDATE cases SET number = 'A7' WHERE number = '2026-006'", "fault_number"),
        ("UPDATE parts SET mu_e4 = 500001 WHERE id = 1", "fault_parts_mu"),
        ("UPDATE parts SET floor_area_m2_e2 = 1 WHERE id = 1", "fault_parts_floor"),
        ("UPDATE parts SET started_on = NULL WHERE case_id = 2", "fault_need"),
        ("UPDATE parts SET receiving_enterprise = 'x' WHERE id = 1", "fault_replay"),
        ("UPDATE documents SET name = 'x' WHERE id = 1", "fault_replay"),
        ("UPDATE case_parcels SET parcel_id = 'X' WHERE parcel_id = 'P1'", "fault_replay"),
        ("UPDATE case_parcels SET removed = true WHERE parcel_id = 'P6'", "fault_no_parcel"),
        ("DELETE FROM events WHERE case_id = 1 AND seq = 3", "fault_events"),
        ("DELETE FROM events WHERE case_id = 6", "fault_events"),
        ("UPDATE events SET after_json = '\"x\"' WHERE case_id = 1 AND seq = 4", "fault_chain"),
        ("UPDATE events SET after_json = '\"x\"' WHERE field = 'deadline'", "fault_events"),
    ],
)
def test_what_was_changed_past_the_program_is_found(
    full: Ledger, statement: str, expected: str
) -> None:
    tamper(full, statement)
    assert expected in faults(full)


def test_two_open_cases_of_one_parcel_are_found(full: Ledger) -> None:
    with full.write() as session:
        index = session.connection().dialect.name
        session.execute(text("DROP INDEX uq_case_parcels_open"))
        assert index in ("sqlite", "postgresql")
    tamper(full, "UPDATE case_parcels SET parcel_id = 'P1' WHERE parcel_id = 'P6'")
    assert "fault_two_open" in faults(full)


def test_an_orphan_is_found(full: Ledger) -> None:
    if full.engine.dialect.name == "sqlite":
        raw = full.engine.raw_connection()
        raw.cursor().execute("PRAGMA query_only = OFF")
        raw.cursor().execute("PRAGMA foreign_keys = OFF")
        raw.cursor().execute("UPDATE parts SET case_id = 99 WHERE id = 1")
        raw.cursor().execute("PRAGMA foreign_keys = ON")
        raw.close()
    else:
        tamper(full, "UPDATE parts SET case_id = 99 WHERE id = 1")
    assert "fault_orphan" in faults(full)


def test_a_forbidden_move_in_the_history_is_found(full: Ledger) -> None:
    # the events and the row agree, yet nobody may go from found to confirmed
    tamper(
        full,
        "UPDATE cases SET state = 'confirmed', revision = revision + 1 WHERE number = '2026-006'",
        'INSERT INTO events (case_id, seq, act, at, "by", entity, entity_seq, field, before_json,'
        " after_json, why) SELECT id, revision, revision, opened_at, 'x', 'case', 0, 'state',"
        " '\"found\"', '\"confirmed\"', '' FROM cases WHERE number = '2026-006'",
    )
    assert faults(full) == {"fault_move"}


def test_faults_are_told_of_every_case(full: Ledger) -> None:
    tamper(full, "UPDATE cases SET township = 'x'")
    with full.read() as session:
        keys = [fault.key for fault in verify(session)]
    assert keys == [f"2026-00{serial}" for serial in range(1, 7)]


def test_many_cases_are_checked_in_turns(ledger: Ledger) -> None:
    forms = [CaseForm("both", (ParcelForm(f"P{i}"),), mu("1")) for i in range(2500)]
    with ledger.write() as session:
        cases.open_cases(session, forms, **WHO)
    assert faults(ledger) == set()
    tamper(ledger, "UPDATE cases SET notes = 'x' WHERE number IN ('2026-1000', '2026-2500')")
    with ledger.read() as session:
        assert [fault.key for fault in verify(session)] == ["2026-1000", "2026-2500"]
        assert totals(session)["cases"] == 2500
