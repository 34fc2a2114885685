"""Verdicts as rows: taken back by new rows, stale ones refused, watched by others, verified."""

from __future__ import annotations

import threading

import pytest
from case_life import brought, codes, mu, opened, run
from ledger_acts import refused
from review_desk import AT, PAPERS, PUBLISHED, SEEN, a_run, decide, take_back
from sqlalchemy import text
from sqlalchemy.orm import Session

from landuse.errors import UserError
from landuse.ledger import Ledger, cases, verdicts
from landuse.ledger.models import Case
from landuse.ledger.objections import Objection, listed
from landuse.ledger.replay import differences
from landuse.ledger.stale import StaleError
from landuse.ledger.verify import verify


def test_taking_a_verdict_back_is_a_new_row_and_a_new_act(ledger: Ledger) -> None:
    with ledger.write() as session:
        a_run(session, "P1")
        done = decide(session, "P1", "confirm", "同意", **PUBLISHED)
        back = take_back(session, done)
        assert (back.verdict, back.undo_of, back.comment) == ("undo", done.id, "按错了")
        assert (back.from_state, back.to_state) == ("publicised", "suspected")
        case = session.get_one(Case, 1)
        assert (case.state, case.publication_from) == ("suspected", None)
        newest, former = verdicts.reviews_of(session, parcel_id="P1")
        assert (newest.id, former.id) == (back.id, done.id)
        assert (former.undone_by, former.undone_at) == ("王评", back.at)
        assert refused(lambda: take_back(session, done)) == ["review.undone_already"]
        assert refused(lambda: take_back(session, back)) == ["review.undo_of_undo"]
        assert refused(lambda: verdicts.undo(session, 99, by="x", at=AT)) == [
            "review.no_such_review"
        ]
        # and it can be decided anew
        assert decide(session, "P1", "reject", "在产", minutes=40).to_state == "removed"
        assert verify(session) == []
        assert not list(differences(session))


def test_what_later_rests_on_a_verdict_stands_in_the_way(ledger: Ledger) -> None:
    with ledger.write() as session:
        a_run(session, "P1")
        first = decide(session, "P1", "confirm", **PUBLISHED)
        second = decide(session, "P1", "confirm", authority=True, minutes=5, **PAPERS)
        assert refused(lambda: take_back(session, first)) == ["ledger.undo_blocked"]
        take_back(session, second, minutes=6, authority=True)
        assert session.get_one(Case, 1).documents[0].removed
        assert take_back(session, first, minutes=7).to_state == "suspected"
        assert verify(session) == []


def test_only_the_authority_takes_a_confirmation_back(ledger: Ledger) -> None:
    with ledger.write() as session:
        brought(session, opened(session), "publicised")
        done = decide(session, "P1", "confirm", authority=True, deciding_authority="县政府",
                      document="云政认〔2026〕1号")  # fmt: skip
        assert done.to_state == "confirmed"
        assert refused(lambda: take_back(session, done)) == ["review.undo_of_confirmation"]
        assert take_back(session, done, authority=True).to_state == "publicised"


def test_a_case_that_was_opened_by_hand_is_put_aside(ledger: Ledger) -> None:
    with ledger.write() as session:
        run(session)
        done = decide(session, "P9", "confirm", "锁门", plot=SEEN)
        more = decide(session, "P9", "confirm", minutes=1)
        assert refused(lambda: take_back(session, done)) == ["ledger.undo_blocked"]
        take_back(session, more, minutes=2)
        back = take_back(session, done, minutes=3)  # what was undone rests on nothing
        assert (back.from_state, back.to_state) == ("found", "removed")
        again = verdicts.proposal(session, "r1", "P9", "confirm")
        assert (again.to_state, again.opens_case) == ("suspected", False)
        assert verify(session) == []


def test_an_objection_that_is_taken_back_withdraws_its_correction(ledger: Ledger) -> None:
    wrong = Objection("enterprises", "9135", "tax", "1", "100", "税收漏报")
    with ledger.write() as session:
        brought(session, opened(session), "publicised")
        done = decide(session, "P1", "object", "来函", correction=wrong)
        assert take_back(session, done).to_state == "publicised"
        assert [row.status for row, _ in listed(session)] == ["withdrawn"]
        assert verify(session) == []


def test_whoever_comes_late_is_told_who_was_faster(ledger: Ledger) -> None:
    with ledger.write() as session:
        a_run(session, "P1", "P2")
        seen = verdicts.proposal(session, "r1", "P1", "defer")
        assert seen.revision == 0
        done = decide(session, "P1", "survey", by="张三", expected_revision=seen.revision)
        late = {"expected_revision": 0, "by": "李四"}
        with pytest.raises(StaleError) as fault:
            decide(session, "P1", "defer", "等", **late)
        assert codes(fault.value) == ["case_opened"]
        assert "张三" in fault.value.lines()[0]
        case = session.get_one(Case, 1)
        seen_now = {"expected_revision": done.revision, "expected_number": done.number}
        cases.describe(session, case, notes="新", by="赵六", at=AT)
        with pytest.raises(StaleError) as fault:
            decide(session, "P1", "reject", "因", **seen_now)
        assert "赵六" in fault.value.lines()[0]
        with pytest.raises(StaleError) as fault:  # the plot has no case that could be seen
            decide(session, "P2", "reject", "因", **seen_now)
        assert codes(fault.value) == ["case_gone"]
        with pytest.raises(StaleError):
            decide(session, "P1", "reject", "因", expected_revision=case.revision,
                   expected_number="2026-009")  # fmt: skip
        assert len(verdicts.reviews_of(session)) == 1
        fresh = {"expected_revision": case.revision, "expected_number": case.number}
        assert decide(session, "P1", "reject", "因", **fresh).to_state == "removed"


def test_two_reviewers_at_once_and_one_verdict_stands(ledger: Ledger) -> None:
    with ledger.write() as session:
        a_run(session, "P1")
    ready = threading.Barrier(2)
    told: list[object] = []

    def one(by: str, verdict: str) -> None:
        ready.wait()
        try:
            with ledger.write() as session:
                told.append(decide(session, "P1", verdict, "因", by=by, expected_revision=0))
        except UserError as fault:
            told.append(fault)

    threads = [
        threading.Thread(target=one, args=pair) for pair in (("甲", "reject"), ("乙", "defer"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(isinstance(one, StaleError) for one in told) == [False, True]
    with ledger.read() as session:
        assert len(verdicts.reviews_of(session)) == 1
        assert verify(session) == []


def test_a_verdict_that_fails_leaves_no_case_behind(ledger: Ledger) -> None:
    """The opening and the move stand together: publication dates the wrong way round."""
    wrong = {"publication_from": PUBLISHED["publication_to"],
             "publication_to": PUBLISHED["publication_from"]}  # fmt: skip
    with ledger.write() as session:
        a_run(session, "P1")
        assert refused(lambda: decide(session, "P1", "confirm", **wrong)) == [
            "ledger_cases.dates_reversed"
        ]
        assert verdicts.current_case(session, "P1") is None
        assert decide(session, "P1", "confirm", **PUBLISHED).number == "2026-001"


def test_others_see_what_changed_since_they_looked(ledger: Ledger) -> None:
    with ledger.write() as session:
        a_run(session, "P1", "P2")
        assert verdicts.changes_since(session, 0) == (0, [])
        decide(session, "P1", "survey", "补测")
        seen = verdicts.newest_event(session)
        assert verdicts.changes_since(session, seen) == (seen, [])
        decide(session, "P1", "confirm", minutes=1, by="张三")
        decide(session, "P2", "reject", "在产", minutes=2)
    with ledger.read() as session:
        newest, (first, second, third) = verdicts.changes_since(session, seen)
        assert newest == verdicts.newest_event(session)
        assert (first.parcel_ids, first.by, first.state) == (("P1",), "张三", "suspected")
        assert first.text_zh == "当前状态：摸排 → 疑似"
        assert first.text_en == "state: found → suspected"
        assert second.text_zh == "建账：疑似，50 亩（在产）"
        assert (third.parcel_ids, third.number, third.revision) == (("P2",), "2026-002", 3)
        assert third.text_zh == "当前状态：疑似 → 剔除（在产）"
        assert verdicts.changes_since(session, 0, limit=1)[1] == [third]


def faults_after(session: Session, change: str) -> list[str]:
    """What verify finds after a change that nobody can make by the program; nothing of it stays."""
    trial = session.begin_nested()
    session.execute(text(f"UPDATE reviews SET {change}"))
    session.expire_all()
    found = [issue.code for issue in verify(session)]
    trial.rollback()
    return found


def test_verify_finds_verdicts_that_do_not_agree(ledger: Ledger) -> None:
    with ledger.write() as session:
        a_run(session, "P1", "P2")
        first = decide(session, "P1", "confirm", **PUBLISHED)
        take_back(session, first)
        decide(session, "P2", "survey", minutes=3)
        if ledger.file is None:
            session.execute(text("ALTER TABLE reviews DISABLE TRIGGER reviews_no_change"))
        else:
            session.execute(text("DROP TRIGGER reviews_no_update"))
    spoilt = {
        "act = 99": "fault_act",
        "\"by\" = '别人'": "fault_who",
        "to_state = 'closed'": "fault_state",
        "from_state = 'found'": "fault_state",
        "mu_e4 = 1": "fault_mu",
        "parcel_id = 'P9'": "fault_plot",
    }
    with ledger.write() as session:
        for change, code in spoilt.items():
            assert faults_after(session, f"{change} WHERE id = 3") == [f"review.{code}"], change
        assert faults_after(session, "undo_of = 3 WHERE id = 2") == ["review.fault_undo"]
    with ledger.read() as session:
        assert verify(session) == []
        assert [line.mu_e4 for line in verdicts.reviews_of(session, run_id="r1", limit=2)] == [
            mu("50")
        ] * 2
        assert verdicts.reviews_of(session, run_id="r2") == []
