"""Undo is a new event; it is refused where something later rests on what it would undo."""

from __future__ import annotations

import datetime as dt

import pytest
from ledger_acts import new_case, refused, who
from sqlalchemy.orm import Session

from landuse.errors import UserError
from landuse.ledger import Ledger, events, replay
from landuse.ledger.models import Case, Event


def last(session: Session, case: Case) -> Event:
    return events.history(session, case)[-1]


def undo_last(session: Session, case: Case) -> None:
    events.undo(session, last(session, case).id, **who("王五", why="误填"))


def agree(session: Session, case: Case) -> bool:
    return not replay.compare(replay.state_of(case), replay.replay(events.history(session, case)))


def test_undo_sets_back_and_the_history_keeps_both(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session, notes="旧")
        events.change(session, case, {"notes": "新"}, **who())
        undone = last(session, case)
        undo_last(session, case)
        assert case.notes == "旧"
        undoing = last(session, case)
        assert (undoing.undo_of, undoing.by, undoing.why) == (undone.id, "王五", "误填")
        assert (undoing.before_json, undoing.after_json) == ("新", "旧")
        assert len(events.history(session, case)) == 4
        assert agree(session, case)


def test_an_undo_can_be_undone_again_and_again(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session, notes="旧")
        events.change(session, case, {"notes": "新"}, **who())
        seen = []
        for _ in range(4):
            undo_last(session, case)
            seen.append(case.notes)
        assert seen == ["旧", "新", "旧", "新"]
        first = events.history(session, case)[2]
        events.undo(session, first.id, **who())  # it stands again, so it can be undone by itself
        assert case.notes == "旧"
        assert refused(lambda: events.undo(session, first.id, **who())) == ["ledger.already_undone"]
        assert agree(session, case)


def test_an_action_is_undone_whole_by_any_of_its_events(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session)
        changes = {"state": "deferred", "previous_state": "found", "notes": "诉讼"}
        events.change(session, case, changes, **who())
        middle = events.history(session, case)[3]
        events.undo(session, middle.id, **who())
        assert (case.state, case.previous_state, case.notes) == ("found", "", "")
        told = events.history(session, case)
        assert [event.undo_of for event in told[5:]] == [told[4].id, told[3].id, told[2].id]
        assert len({event.act for event in told[5:]}) == 1
        assert agree(session, case)


def test_what_was_added_is_marked_removed_and_comes_back(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session)
        events.add_part(session, case, {"way": "swap", "mu_e4": 5}, **who())
        undo_last(session, case)
        assert case.parts[0].removed
        undo_last(session, case)
        assert not case.parts[0].removed
        events.add_parcel(session, case, {"parcel_id": "Q"}, **who())
        undo_last(session, case)
        assert (case.parcels[1].removed, case.parcels[1].is_open) == (True, False)
        assert agree(session, case)


def test_a_later_change_of_the_same_field_blocks_and_is_named(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session)
        events.change(session, case, {"deadline": dt.date(2026, 6, 30)}, **who("甲", 1))
        first = last(session, case)
        events.change(session, case, {"deadline": dt.date(2026, 9, 30)}, **who("乙", 2))
        second = last(session, case)
        with pytest.raises(UserError) as fault:
            events.undo(session, first.id, **who())
        assert [issue.code for issue in fault.value.issues] == ["ledger.undo_blocked"]
        (line,) = fault.value.lines("zh")
        assert "乙" in line
        assert "完成时限" in line
        assert f"请先撤销改动 {second.id}" in line
        events.undo(session, second.id, **who())
        events.undo(session, first.id, **who())
        assert case.deadline is None
        assert agree(session, case)


def test_what_a_later_move_rests_on_is_kept_but_notes_are_free(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session)
        events.change(session, case, {"responsible_unit": "管委会", "park": "西区"}, **who())
        needed = last(session, case)
        events.change(session, case, {"notes": "x"}, **who())
        free = last(session, case)
        events.add_document(session, case, {"name": "认定书"}, **who())
        paper = last(session, case)
        events.change(session, case, {"state": "suspected"}, **who())
        move = last(session, case)
        for event in (needed, paper):
            assert refused(lambda event=event: events.undo(session, event.id, **who())) == [
                "ledger.undo_blocked"
            ]
        events.undo(session, free.id, **who())
        events.undo(session, move.id, **who())
        events.undo(session, paper.id, **who())
        events.undo(session, needed.id, **who())
        assert (case.state, case.notes, case.responsible_unit) == ("found", "", "")
        assert case.documents[0].removed
        assert agree(session, case)


def test_a_move_is_kept_while_parts_recorded_after_it_stand(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session)
        events.change(session, case, {"state": "in_disposal"}, **who())
        move = last(session, case)
        events.add_part(session, case, {"way": "swap"}, **who())
        part = last(session, case)
        assert refused(lambda: events.undo(session, move.id, **who())) == ["ledger.undo_blocked"]
        events.undo(session, part.id, **who())
        events.undo(session, move.id, **who())
        assert case.state == "found"


def test_a_part_that_was_changed_later_is_not_undone(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session)
        events.add_part(session, case, {"way": "swap"}, **who())
        added = last(session, case)
        events.change_part(session, case, 1, {"mu_e4": 5}, **who())
        assert refused(lambda: events.undo(session, added.id, **who())) == ["ledger.undo_blocked"]


def test_a_closing_is_kept_once_another_case_grew_out_of_it(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session, parcels=[{"parcel_id": "A"}])
        events.change(session, case, {"state": "closed"}, **who())
        closing = last(session, case)
        rest = new_case(session, "2026-002", carried_from=case.id, parcels=[{"parcel_id": "A"}])
        assert refused(lambda: events.undo(session, closing.id, **who())) == [
            "ledger.undo_blocked_by_case"
        ]
        events.change(session, rest, {"state": "removed"}, **who())
        events.undo(session, closing.id, **who())
        assert (case.state, case.is_open) == ("found", True)


def test_the_opening_and_unknown_events_cannot_be_undone(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session)
        first, parcel = events.history(session, case)
        for event in (first, parcel):  # the parcel came with the opening
            assert refused(lambda event=event: events.undo(session, event.id, **who())) == [
                "ledger.cannot_undo_opening"
            ]
        assert refused(lambda: events.undo(session, 99, **who())) == ["ledger.no_event"]


def test_a_check_may_refuse_what_the_undo_would_leave(ledger: Ledger) -> None:
    with ledger.write() as session:
        key = new_case(session).id

    def check(_session: Session, case: Case) -> None:
        if case.case_mu_e4 == 125_000:
            raise UserError.of("ledger.no_event", value=1)

    with ledger.write() as session:
        case = session.get_one(Case, key)
        events.change(session, case, {"case_mu_e4": 130_000}, **who())
    with pytest.raises(UserError), ledger.write() as session:  # noqa: PT012
        case = session.get_one(Case, key)
        events.undo(session, last(session, case).id, **who(), check=check)
    with ledger.read() as session:
        assert session.get_one(Case, key).case_mu_e4 == 130_000
