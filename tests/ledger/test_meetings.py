"""Meetings: agenda, verdicts under it, and minutes whose sums are those of the ledger."""

from __future__ import annotations

from datetime import timedelta

from case_life import mu, opened, run
from ledger_acts import refused
from review_desk import AT, PUBLISHED, SEEN, a_run, decide, take_back
from sqlalchemy.orm import Session

from landuse.ledger import Ledger, land, meetings
from landuse.ledger.meetings import VerdictSum
from landuse.ledger.models import Case
from landuse.ledger.new_cases import ParcelForm
from landuse.ledger.totals import totals
from landuse.ledger.verify import verify

CHAIR = {"by": "主持人", "at": AT}


def meet(session: Session, *agenda: str, **more: object) -> str:
    usual = {"title": "例会", "run_id": "r1", "filter_query": "state=none", **CHAIR}
    return meetings.open_meeting(session, agenda=agenda, **{**usual, **more}).number


def test_the_minutes_say_what_was_decided_and_add_up(ledger: Ledger) -> None:
    with ledger.write() as session:
        a_run(session, "P1", "P2", "P3", "P4")
        number = meet(session, "P1", "P2", "P3", "P4", "P1")
        assert number == "2026-会-01"
        decide(session, "P1", "confirm", "同意", minutes=1, meeting=number, **PUBLISHED)
        wrong = decide(session, "P2", "reject", "按错", minutes=2, meeting=number)
        take_back(session, wrong, minutes=3)
        decide(session, "P2", "defer", "等环评", minutes=4, meeting=number)
        decide(session, "P9", "survey", "路过所见", minutes=5, meeting=number, plot=SEEN)
        decide(session, "P4", "survey", "会外", minutes=6)
    with ledger.read() as session:
        told = meetings.minutes(session, number)
        assert told.meeting.agenda == ("P1", "P2", "P3", "P4")
        assert [
            (row.line.parcel_id, row.line.verdict, row.on_agenda, row.stands) for row in told.rows
        ] == [
            ("P1", "confirm", True, True),
            ("P2", "reject", True, False),
            ("P2", "defer", True, True),
            ("P9", "survey", False, True),
        ]
        assert told.undecided == ("P3", "P4")
        # 50 flagged mu on each plot that the run found; 12.34 on the one seen by hand
        assert told.sums == (
            VerdictSum("confirm", 1, 1, mu("50")),
            VerdictSum("survey", 1, 1, mu("12.34")),
            VerdictSum("defer", 1, 1, mu("50")),
        )
        assert told.whole == VerdictSum("", 3, 3, mu("112.34"))
        states = totals(session)["by_state"]  # found: P9 and P4, which nobody decided here
        assert states["publicised"]["mu_e4"] == mu("50")
        assert states["deferred"]["mu_e4"] == mu("50")
        assert states["found"]["mu_e4"] == mu("62.34")
        assert verify(session) == []


def test_closed_minutes_stay_as_they_were(ledger: Ledger) -> None:
    with ledger.write() as session:
        a_run(session, "P1", "P2")
        number = meet(session, "P1", "P2")
        done = decide(session, "P1", "survey", minutes=1, meeting=number)
        at = AT + timedelta(minutes=10)
        closed = meetings.close_meeting(session, number, by="主持人", at=at)
        assert (closed.closed_at, closed.closed_by) == (at, "主持人")
        before = meetings.minutes(session, number)
        late = lambda: decide(session, "P2", "survey", minutes=11, meeting=number)  # noqa: E731
        assert refused(late) == ["review.meeting_closed"]
        assert refused(lambda: meetings.close_meeting(session, number, **CHAIR)) == [
            "review.meeting_closed"
        ]
        land.resize(session, session.get_one(Case, 1), mu_e4=mu("40"), why="复测", by="x", at=at)
        back = take_back(session, done, minutes=20)
        assert back.meeting == ""
        after = meetings.minutes(session, number)
        assert (after.sums, after.whole, after.undecided) == (
            before.sums, before.whole, before.undecided,
        )  # fmt: skip
        assert [(row.stands, row.undone_later) for row in after.rows] == [(True, True)]
        assert verify(session) == []


def test_an_undo_that_waited_while_the_meeting_closed_leaves_its_minutes(ledger: Ledger) -> None:
    with ledger.write() as session:
        a_run(session, "P1")
        number = meet(session, "P1")
        done = decide(session, "P1", "survey", minutes=1, meeting=number)
        at = AT + timedelta(minutes=10)
        meetings.close_meeting(session, number, by="主持人", at=at)
        before = meetings.minutes(session, number)
        take_back(session, done, minutes=9)  # asked for before the closing, written after it
        after = meetings.minutes(session, number)
        assert (after.sums, after.undecided) == (before.sums, before.undecided)
        assert [(row.stands, row.undone_later) for row in after.rows] == [(True, True)]


def test_a_case_of_two_plots_counts_its_mu_once(ledger: Ledger) -> None:
    with ledger.write() as session:
        run(session)
        opened(session, parcels=(ParcelForm("P1"), ParcelForm("P2")), area="30", state="suspected")
        number = meet(session, "P1", "P2")
        decide(session, "P1", "defer", "等", minutes=1, meeting=number)
        decide(session, "P2", "reject", "在产", minutes=2, meeting=number)
        told = meetings.minutes(session, number)
        # plots by their own last verdict, the case's mu under the last verdict on the case
        assert told.sums == (VerdictSum("reject", 1, 1, mu("30")), VerdictSum("defer", 1, 0, 0))
        assert told.whole == VerdictSum("", 2, 1, mu("30"))


def test_a_meeting_has_a_title_an_agenda_and_its_run_to_itself(ledger: Ledger) -> None:
    with ledger.write() as session:
        a_run(session, "P1")
        assert refused(lambda: meet(session, "P1", title=" ")) == ["review.meeting_untitled"]
        assert refused(lambda: meet(session)) == ["review.meeting_without_agenda"]
        first = meet(session, "P1")
        assert meetings.running_meeting(session, "r1") == meetings.find_meeting(session, first)
        assert refused(lambda: meet(session, "P1")) == ["review.meeting_running"]
        other = meet(session, "P1", run_id="r2")
        assert other == "2026-会-02"
        wrong = lambda: decide(session, "P1", "survey", meeting=other)  # noqa: E731
        assert refused(wrong) == ["review.meeting_other_run"]
        unknown = lambda: decide(session, "P1", "survey", meeting="2026-会-9")  # noqa: E731
        assert refused(unknown) == ["review.no_such_meeting"]
        assert refused(lambda: meetings.minutes(session, "x")) == ["review.no_such_meeting"]
        meetings.close_meeting(session, first, **CHAIR)
        assert meetings.running_meeting(session, "r1") is None
        next_year = {"by": "主持人", "at": AT + timedelta(days=365)}
        assert meet(session, "P1", **next_year) == "2027-会-01"
        assert [one.number for one in meetings.meetings(session)] == [
            "2027-会-01", "2026-会-02", "2026-会-01",
        ]  # fmt: skip
