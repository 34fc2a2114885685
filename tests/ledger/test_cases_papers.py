"""Documents of idle cases, their deadlines, and the list of what is coming."""

from __future__ import annotations

from datetime import date

import pytest
from case_life import GIVEN, WHO, brought, codes, later, mu, opened

from landuse.errors import UserError
from landuse.ledger import cases, papers
from landuse.ledger.papers import Paper, coming
from landuse.ledger.states import IDLE_STEPS, PAPERS, reply_by, word
from landuse.ledger.store import Ledger
from landuse.ledger.verify import verify


def what(session: object, on: date, within: int | None = 30) -> list[tuple[str, str, int]]:
    return [
        (due.what, due.on.isoformat(), due.days_left)
        for due in coming(session, on, within_days=within)  # type: ignore[arg-type]
    ]


def test_steps_of_an_idle_case_in_their_order() -> None:
    assert [word("paper", step) for step in IDLE_STEPS] == [
        "闲置土地调查通知书",
        "认定书",
        "听证权利告知书",
        "决定书",
        "送达回证",
    ]


@pytest.mark.parametrize(
    ("kind", "served", "due"),
    [
        # 30 days after service, the day itself not counted: 28 Feb + 30 = 30 March
        ("investigation_notice", date(2026, 2, 28), date(2026, 3, 30)),
        ("decision", date(2026, 1, 1), date(2026, 1, 31)),
        ("hearing_notice", date(2026, 1, 1), date(2026, 1, 8)),
        ("confirmation", date(2026, 1, 1), None),
        ("investigation_notice", None, None),
    ],
)
def test_answers_are_due(kind: str, served: date | None, due: date | None) -> None:
    assert reply_by(kind, served) == due


def test_deadline_follows_service_unless_it_is_given(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = opened(session, kind="idle")
        notice = Paper("调查通知书", "investigation_notice", date(2026, 3, 1))
        row = papers.record(session, case, notice, **WHO)
        assert row.deadline is None
        papers.revise(session, case, row.seq, served_on=date(2026, 3, 3), **WHO)
        assert row.deadline == date(2026, 4, 2)  # 3 March + 30 days
        papers.revise(session, case, row.seq, served_on=date(2026, 3, 4), **WHO)
        assert row.deadline == date(2026, 4, 3)
        papers.revise(session, case, row.seq, deadline=date(2026, 5, 1), **WHO)
        papers.revise(session, case, row.seq, served_on=date(2026, 3, 5), **WHO)
        assert row.deadline == date(2026, 5, 1)  # a person's date stays
        assert verify(session) == []


def test_papers_are_not_served_before_they_are_written(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = opened(session, kind="idle")
        wrong = Paper("决定书", "decision", date(2026, 3, 2), None, date(2026, 3, 1))
        with pytest.raises(UserError) as fault:
            papers.record(session, case, wrong, **WHO)
        assert codes(fault.value) == ["dates_reversed"]
        with pytest.raises(UserError) as fault:
            papers.record(session, case, Paper("信", "letter"), **WHO)
        assert codes(fault.value) == ["unknown_paper"]
        with pytest.raises(UserError) as fault:
            papers.revise(session, case, 7, dated=date(2026, 3, 1), **WHO)
        assert codes(fault.value) == ["no_such_document"]
        with pytest.raises(UserError):
            papers.revise(
                session,
                papers.record(session, case, Paper("信"), **WHO) and case,
                1,
                sent=None,
                **WHO,
            )


def test_the_investigation_is_due_thirty_days_after_the_suspicion(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = opened(session, kind="idle")
        assert what(session, date(2026, 3, 1)) == []
        cases.advance(session, case, "suspected", survey_note="未动工", **later(2))  # 3 March
        assert what(session, date(2026, 3, 5)) == [("investigation", "2026-04-02", 28)]
        assert what(session, date(2026, 3, 5), 27) == []
        assert what(session, date(2026, 4, 10), 0) == [("investigation", "2026-04-02", -8)]
        notice = Paper("调查通知书", "investigation_notice", served_on=date(2026, 3, 6))
        papers.record(session, case, notice, **later(5))
        assert what(session, date(2026, 3, 6)) == [("investigation_notice", "2026-04-05", 30)]
        papers.record(session, case, Paper("认定书", "confirmation"), **later(6))
        assert what(session, date(2026, 3, 7), None) == []


def test_low_efficiency_cases_have_no_investigation(ledger: Ledger) -> None:
    with ledger.write() as session:
        brought(session, opened(session), "suspected")
        assert what(session, date(2026, 3, 1), None) == []


def test_deadlines_of_open_cases_come_in_order(ledger: Ledger) -> None:
    with ledger.write() as session:
        first = brought(session, opened(session, "P1", responsible_unit="镇"), "publicised")
        second = opened(session, "P2", deadline=date(2026, 3, 5))
        third = opened(session, "P3", deadline=date(2026, 2, 1))
        closed = brought(session, opened(session, "P4"), "closed")
        assert closed.deadline is not None
        assert [
            (due.number, due.what, due.days_left) for due in coming(session, date(2026, 3, 1))
        ] == [
            (third.number, "case", -28),  # February has 28 days in 2026
            (second.number, "case", 4),
            (first.number, "publication", 7),
        ]
        cases.advance(session, first, "objected", **GIVEN["objected"], **WHO)
        assert len(coming(session, date(2026, 3, 1))) == 2


@pytest.mark.parametrize("code", [*PAPERS, "case", "investigation", "publication"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_due_day_has_a_word(code: str, lang: str) -> None:
    assert word("due", code, lang)  # type: ignore[arg-type]


def test_a_paper_that_is_answered_is_no_longer_due(ledger: Ledger) -> None:
    def due() -> list[tuple[str, str]]:
        return [(name, on) for name, on, _ in what(session, date(2026, 6, 1), None)
                if name != "case"]  # fmt: skip

    with ledger.write() as session:
        case = brought(session, opened(session, kind="idle"), "suspected")
        notice = Paper("调查通知书", "investigation_notice", served_on=date(2026, 3, 2))
        papers.record(session, case, notice, **WHO)
        receipt = Paper("送达回证", "service_receipt", dated=date(2026, 3, 2))
        papers.record(session, case, receipt, **WHO)
        # the receipt proves the service; the holder still has 30 days to answer
        assert due() == [("investigation_notice", "2026-04-01")]
        hearing = Paper("听证告知书", "hearing_notice", served_on=date(2026, 4, 8))
        papers.record(session, case, hearing, **WHO)
        assert due() == [("hearing_notice", "2026-04-15")]
        decision = Paper("决定书", "decision", deadline=date(2026, 5, 20))
        row = papers.record(session, case, decision, **WHO)
        papers.revise(session, case, row.seq, served_on=date(2026, 5, 4), **WHO)
        papers.record(session, case, receipt, **WHO)
        assert due() == [("decision", "2026-05-20")]


def test_a_paper_that_asks_for_no_answer_waits_for_its_service(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "suspected")
        letter = Paper("催告函", deadline=date(2026, 4, 1))
        row = papers.record(session, case, letter, **WHO)
        assert what(session, date(2026, 3, 20)) == [("other", "2026-04-01", 12)]
        papers.revise(session, case, row.seq, served_on=date(2026, 3, 25), **WHO)
        assert what(session, date(2026, 3, 26), None) == []


def test_a_decision_is_due_until_the_case_awaits_acceptance(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session, kind="idle"), "in_disposal")
        decision = Paper("决定书", "decision", served_on=date(2026, 3, 2))
        papers.record(session, case, decision, **WHO)
        assert ("decision", "2026-04-01", 0) in what(session, date(2026, 4, 1))
        cases.advance(session, case, "awaiting_acceptance", disposed_mu_e4=mu("50"), **WHO)
        assert [name for name, *_ in what(session, date(2026, 4, 1), None)] == ["case"]
