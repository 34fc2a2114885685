"""Which move a verdict makes, what it needs, and when it is refused."""

from __future__ import annotations

from datetime import date

import pytest
from case_life import brought, codes, found, idle, mu, opened, run
from review_desk import AT, PAPERS, PUBLISHED, SEEN, a_run, decide

from landuse.errors import UserError
from landuse.ledger import cases, verdicts
from landuse.ledger.models import Case
from landuse.ledger.objections import Objection, listed
from landuse.ledger.states import STATES
from landuse.ledger.store import Ledger
from landuse.ledger.verdicts import PlotFacts
from landuse.ledger.verify import verify

# The issue's words, by hand: verdict, state before, state after, what is needed.
TABLE = """
confirm | suspected | publicised | publication_from publication_to
confirm | publicised | confirmed | deciding_authority document
confirm | objected | confirmed | deciding_authority document
confirm | found | suspected | comment
confirm | removed | suspected | comment
reject | found | removed | comment
reject | suspected | removed | comment
reject | publicised | removed | comment
reject | objected | removed | comment
reject | deferred | removed | comment
survey | suspected | found |
survey | publicised | found |
defer | suspected | deferred | comment
defer | publicised | deferred | comment
defer | confirmed | deferred | comment
defer | planned | deferred | comment
defer | in_disposal | deferred | comment
object | publicised | objected | comment
"""
ROWS = [tuple(cell.strip() for cell in row.split("|")) for row in TABLE.strip().splitlines()]
MOVES = {(verdict, state): (to, tuple(needs.split())) for verdict, state, to, needs in ROWS}


def at_state(session, state: str) -> Case:
    """A case by hand (no run found its plot) in a state."""
    case = opened(session, f"P-{state}")
    if state in ("objected", "deferred", "removed"):
        brought(session, case, "publicised" if state == "objected" else "suspected")
        given = {"objection": "x"} if state == "objected" else {}
        return cases.advance(session, case, state, by="王工", at=AT, why="因", **given)
    return case if state == "found" else brought(session, case, state)


def test_every_verdict_in_every_state(ledger: Ledger) -> None:
    with ledger.write() as session:
        for state in STATES:
            case = at_state(session, state)
            for verdict in verdicts.VERDICTS:
                told = verdicts.proposal(session, "r1", f"P-{state}", verdict, authority=True)
                assert (told.number, told.revision) == (case.number, case.revision)
                assert (told.from_state, told.opens_case) == (state, False)
                move = MOVES.get((verdict, state))
                assert (told.refused is None) == (move is not None), (verdict, state)
                assert (told.to_state, told.needs) == (move or ("", ())), (verdict, state)


def test_a_refusal_names_the_moves_there_are(ledger: Ledger) -> None:
    with ledger.write() as session:
        brought(session, opened(session), "confirmed")
        told = verdicts.proposal(session, "r1", "P1", "reject")
        assert told.refused is not None
        for words in ("“认定”", "“不认可（剔除）”", "制定方案、暂缓"):
            assert words in told.refused.message("zh")
        with pytest.raises(UserError) as fault:
            decide(session, "P1", "reject", "因")
        assert codes(fault.value) == ["no_such_move"]
        with pytest.raises(UserError) as fault:
            verdicts.proposal(session, "r1", "P1", "approve")
        assert codes(fault.value) == ["unknown_verdict"]


def test_from_a_finding_to_confirmed_land(ledger: Ledger) -> None:
    with ledger.write() as session:
        a_run(session, "P1")
        told = verdicts.proposal(session, "r1", "P1", "confirm")
        assert (told.number, told.opens_in, told.to_state) == ("", "suspected", "publicised")
        assert told.needs == ("publication_from", "publication_to")
        first = decide(session, "P1", "confirm", "同意", expected_revision=0, **PUBLISHED)
        assert (first.from_state, first.to_state, first.opened_case) == ("", "publicised", True)
        assert (first.number, first.mu_e4) == ("2026-001", mu("50"))
        with pytest.raises(UserError) as fault:
            decide(session, "P1", "confirm", **PAPERS)
        assert codes(fault.value) == ["authority_missing"]
        last = decide(session, "P1", "confirm", "属实", authority=True, **PAPERS)
        assert (last.from_state, last.to_state) == ("publicised", "confirmed")
        assert last.deciding_authority == "县自然资源局"
    with ledger.read() as session:
        case = session.get_one(Case, 1)
        assert (case.state, case.publication_to) == ("confirmed", date(2026, 3, 9))
        assert [row.name for row in case.documents] == ["认定书〔2026〕1号"]
        assert not verify(session)


def test_everything_that_is_missing_is_said_at_once(ledger: Ledger) -> None:
    with ledger.write() as session:
        a_run(session, "P1")
        with pytest.raises(UserError) as fault:
            decide(session, "P1", "confirm")
        assert [one.column for one in fault.value.issues] == ["publication_from", "publication_to"]
        assert "公示开始日期" in fault.value.issues[0].message("zh")
        brought(session, opened(session, "P2"), "publicised")
        with pytest.raises(UserError) as fault:
            decide(session, "P2", "confirm", authority=True, document="认定书")
        assert [one.column for one in fault.value.issues] == ["deciding_authority"]
        for verdict in ("reject", "defer", "object"):
            with pytest.raises(UserError) as fault:
                decide(session, "P2", verdict, "  ")
            assert [one.column for one in fault.value.issues] == ["comment"]
        with pytest.raises(UserError) as fault:  # what is given is never lost in silence
            decide(session, "P2", "reject", "因", **PUBLISHED)
        assert codes(fault.value) == ["unasked_for"]
        with pytest.raises(UserError) as fault:
            decide(session, "P2", "survey", deciding_authority="局")
        assert codes(fault.value) == ["unasked_for"]
    with ledger.read() as session:
        assert verdicts.reviews_of(session) == []


def test_a_flagged_plot_gets_a_suspected_case(ledger: Ledger) -> None:
    with ledger.write() as session:
        a_run(session, "P1", "P2", "P3")
        for parcel, verdict, to in (
            ("P1", "reject", "removed"), ("P2", "survey", "found"), ("P3", "defer", "deferred"),
        ):  # fmt: skip
            told = verdicts.proposal(session, "r1", parcel, verdict)
            assert (told.opens_in, told.to_state) == ("suspected", to)
            assert decide(session, parcel, verdict, "因").to_state == to
        assert [session.get_one(Case, key).state for key in (1, 2, 3)] == [
            "removed", "found", "deferred",
        ]  # fmt: skip
        assert verify(session) == []


def test_a_plot_that_no_run_found_gets_a_case_by_hand(ledger: Ledger) -> None:
    with ledger.write() as session:
        run(session)
        told = verdicts.proposal(session, "r1", "P9", "confirm", plot=SEEN)
        assert (told.opens_in, told.to_state, told.needs) == ("found", "found", ("comment",))
        with pytest.raises(UserError) as fault:
            decide(session, "P9", "confirm", plot=SEEN)
        assert [one.column for one in fault.value.issues] == ["comment"]
        line = decide(session, "P9", "confirm", "大门紧锁", plot=SEEN)
        assert (line.from_state, line.to_state, line.opened_case) == ("", "found", True)
        case = session.get_one(Case, 1)
        assert (case.kind, case.case_mu_e4, case.park) == ("low_efficiency", 123_400, "东园")
        assert [(row.kind, row.name) for row in case.documents] == [("survey_note", "大门紧锁")]
        # the note is what a suspicion needs, so that the next step asks for nothing more
        assert verdicts.proposal(session, "r1", "P9", "confirm").needs == ()
        assert decide(session, "P9", "confirm").to_state == "suspected"
        assert decide(session, "P8", "reject", "在产", plot=SEEN).to_state == "removed"
        refused = verdicts.proposal(session, "r1", "P7", "defer", plot=SEEN).refused
        assert refused is not None
        assert refused.code == "review.no_such_move"
        with pytest.raises(UserError) as fault:
            decide(session, "P6", "survey", "因")  # neither the run nor the page knows it
        assert codes(fault.value) == ["unknown_plot"]
        assert verify(session) == []


def test_kind_and_mu_come_from_the_findings_of_the_run(ledger: Ledger) -> None:
    """The page's own figures do not count where the run is in the ledger."""
    with ledger.write() as session:
        row = run(session)
        found(session, row, "P1", "low_efficiency")
        idle(session, row, "P1")
        wrong = PlotFacts("idle", mu("1"), is_found=True)
        decide(session, "P1", "survey", plot=wrong)
        case = session.get_one(Case, 1)
        assert (case.kind, case.case_mu_e4) == ("both", mu("50"))


def test_a_run_that_is_not_in_the_ledger_speaks_through_the_page(ledger: Ledger) -> None:
    plot = PlotFacts("low_efficiency", mu("8"), "乙厂", is_found=True)
    with ledger.write() as session:
        line = decide(session, "P1", "survey", plot=plot)
        assert (line.to_state, line.mu_e4, line.enterprises) == ("found", mu("8"), "乙厂")
        case = session.get_one(Case, 1)
        assert [row.kind for row in case.documents] == ["survey_note"]
        assert "r1" in case.documents[0].name
        assert verify(session) == []
        # idle land keeps to the statutory track, whatever the page says
        idle(session, run(session, "r0", date(2026, 1, 31)), "P2")
        with pytest.raises(UserError) as fault:
            decide(session, "P2", "survey", plot=plot)
        assert codes(fault.value) == ["idle_first"]


def test_a_closed_case_and_a_run_after_it_make_a_relapse(ledger: Ledger) -> None:
    with ledger.write() as session:
        brought(session, opened(session), "closed")  # accepted 2026-02-20; the run is of 02-28
        a_run(session, "P1")
        assert decide(session, "P1", "survey", expected_revision=None).number == "2026-002"
        assert session.get_one(Case, 2).relapse_of == 1


def test_a_closed_case_that_no_later_run_found_stays(ledger: Ledger) -> None:
    with ledger.write() as session:
        for parcel in ("P1", "P2"):
            brought(session, opened(session, parcel), "closed", accepted_on=date(2026, 2, 28))
        a_run(session, "P1")  # as of the day of acceptance: found before it was over
        for parcel, number in (("P1", "2026-001"), ("P2", "2026-002")):
            told = verdicts.proposal(session, "r1", parcel, "confirm")
            assert (told.from_state, told.number) == ("closed", number)
            assert told.refused is not None
            assert told.refused.code == "review.case_closed"


def test_an_objection_names_the_input_that_is_wrong_or_is_in_words(ledger: Ledger) -> None:
    wrong = Objection("enterprises", "9135", "tax", "1", "100", "税收漏报")
    with ledger.write() as session:
        case = brought(session, opened(session), "publicised")
        line = decide(session, "P1", "object", "企业来函", correction=wrong)
        assert (line.to_state, case.state) == ("objected", "objected")
        ((row, number),) = listed(session, "proposed")
        assert (row.new, number) == ("100", case.number)
        other = brought(session, opened(session, "P2"), "publicised")
        decide(session, "P2", "object", "企业来电")  # in words alone
        assert [row.name for row in other.documents if row.kind == "objection"] == ["企业来电"]
        assert decide(session, "P2", "confirm", authority=True, **PAPERS).to_state == "confirmed"
        assert verify(session) == []
