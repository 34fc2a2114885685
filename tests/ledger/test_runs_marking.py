"""What a run finds no more is marked in bulk: as one by one, on both databases."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from test_runs_cases import WHO, idle, low, open_, run

from landuse.ledger import Ledger, canonical, events
from landuse.ledger.acts import find_case
from landuse.ledger.cases import CaseForm, ParcelForm, describe, open_case
from landuse.ledger.marking import Mark, mark_many
from landuse.ledger.models import Case
from landuse.ledger.runs import record_run
from landuse.ledger.verify import verify

LATER: dict[str, Any] = {"by": "李工", "at": dt.datetime(2026, 10, 1, 3, tzinfo=dt.UTC)}
AFTER = run("r2", low("B"), as_of="2026-09-30")


def contents(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Every row in the plain form; a sequence of PostgreSQL does not go back, so no event keys."""
    connection = session.connection()
    found = {}
    for table in ("cases", "case_parcels", "events"):
        names = canonical.table_columns(connection, table)
        names = [name for name in names if (table, name) != ("events", "id")]
        found[table] = list(canonical.read(connection, table, names))
    return found


def filled(ledger: Ledger) -> None:
    """001 to 004 from a run, and 005 with three parcels."""
    open_(ledger, run("r1", low("A"), low("B"), idle("C"), low("D")))
    with ledger.write() as session:
        forms = tuple(ParcelForm(code) for code in "EFG")
        open_case(session, CaseForm("low_efficiency", forms, 90_000), **WHO)


def test_in_bulk_the_rows_are_those_of_one_by_one(ledger: Ledger) -> None:
    filled(ledger)
    said = [("2026-005", 2, False), ("2026-001", 1, False), ("2026-005", 1, False),
            ("2026-003", 1, False), ("2026-005", 2, True)]  # fmt: skip
    with ledger.write() as session:
        undone = session.begin_nested()
        for number, seq, found in said:
            case = find_case(session, number)
            events.mark_found(session, case, seq, found=found, why="r2", **LATER)
        one_by_one = contents(session)
        undone.rollback()
        session.expire_all()
        marks = []
        for number, seq, found in said[:-1]:
            case = find_case(session, number)
            marks.append(Mark(case.id, case.revision, case.parcels[seq - 1].id, seq, found))
        mark_many(session, marks, why="r2", **LATER)
        case = find_case(session, "2026-005")
        again = [Mark(case.id, case.revision, case.parcels[1].id, 2, True)]
        mark_many(session, again, why="r2", **LATER)
        assert contents(session) == one_by_one
    with ledger.read() as session:
        assert verify(session) == []
        # created with its three parcels: 1 to 4; parcel 2 gone, 1 gone, 2 back: 5 to 7
        assert find_case(session, "2026-005").revision == 7


def test_a_case_with_several_parcels_gets_one_event_for_each(ledger: Ledger) -> None:
    filled(ledger)
    found = run("r2", low("E"), low("F"), low("G"), as_of="2026-08-31")
    open_(ledger, found)
    gone = open_(ledger, run("r3", low("F"), as_of="2026-09-30"), **LATER)
    mine = [one.parcel_id for one in gone.recorded.judged if one.number == "2026-005"]
    assert mine == ["E", "G"]
    with ledger.read() as session:
        case = find_case(session, "2026-005")
        told = [(one.seq, one.act, one.entity_seq) for one in events.history(session, case)][4:]
        assert told == [(5, 5, 1), (6, 6, 3)]
        assert [row.is_found for row in case.parcels] == [False, True, False]


def test_a_case_that_was_in_hand_goes_on_from_where_the_run_left_it(ledger: Ledger) -> None:
    open_(ledger, run("r1", low("A"), low("B")))
    with ledger.write() as session:
        case = find_case(session, "2026-001")
        (parcel,) = case.parcels
        describe(session, case, progress="已约谈", **WHO)
        record_run(session, AFTER, **LATER)
        assert not parcel.is_found
        describe(session, case, notes="核实中", **LATER)
    with ledger.read() as session:
        case = session.scalars(select(Case).where(Case.number == "2026-001")).one()
        # created, parcel, progress, gone, notes
        assert case.revision == 5
        assert [one.field for one in events.history(session, case)][2:] == [
            "progress", "is_found", "notes",
        ]  # fmt: skip
        assert verify(session) == []
