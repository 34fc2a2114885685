"""Moves of a case: the table of the method, the needs, the refusals, and what people write."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from case_life import GIVEN, NOW, ROAD, WHO, brought, codes, disposed, found, mu, opened, run

from landuse.errors import UserError
from landuse.ledger import cases
from landuse.ledger.cases import Paper
from landuse.ledger.events import StaleError, history
from landuse.ledger.models import Case
from landuse.ledger.parts import accept
from landuse.ledger.states import STATES, allowed, word
from landuse.ledger.store import Ledger
from landuse.ledger.verify import verify

# The table of the method, section 8, copied as it stands there.
METHOD = """
| found | 摸排 | suspected, removed | |
| suspected | 疑似 | publicised, found, deferred, removed | a finding or a survey note |
| publicised | 公示 | objected, confirmed, found, deferred, removed | dates of publication |
| objected | 异议复核 | publicised, confirmed, removed | the objection |
| confirmed | 认定 | planned, deferred | a document |
| planned | 制定方案 | in_disposal, deferred | way, responsible unit and person, deadline |
| in_disposal | 处置中 | awaiting_acceptance, planned, deferred | date of start |
| awaiting_acceptance | 待验收 | closed, in_disposal | disposed mu of every part |
| closed | 销号 | – | acceptance date; nothing remains |
| deferred | 暂缓 | removed | reason |
| removed | 剔除 | suspected | reason |
"""
ROWS = [[cell.strip() for cell in row.split("|")[1:-1]] for row in METHOD.strip().splitlines()]


@pytest.mark.parametrize(("code", "zh", "to"), [row[:3] for row in ROWS])
def test_states_are_those_of_the_method(code: str, zh: str, to: str) -> None:
    assert word("state", code) == zh
    expected = {state.strip() for state in to.split(",")} - {"–"}
    assert set(allowed(code)) == expected
    assert list(STATES) == [row[0] for row in ROWS]


@pytest.mark.parametrize("state", ["found", "in_disposal", "closed", "deferred"])
def test_every_other_move_is_refused_and_names_the_allowed_ones(ledger: Ledger, state: str) -> None:
    with ledger.write() as session:
        more: dict[str, Any] = {}
        if state == "closed":
            more = {"accepted_on": date(2026, 1, 5), "parts": (cases.PartForm("swap", mu("50")),)}
        if state == "deferred":
            more = {"previous_state": "confirmed"}
        case = opened(session, state=state, **more)
        moves = allowed(state, more.get("previous_state"))
        for to in set(STATES) - set(moves):
            with pytest.raises(UserError) as fault:
                cases.advance(session, case, to, why="x", **WHO)
            said = "".join(fault.value.lines("zh"))
            assert word("state", state) in said
            assert word("state", to) in said
            for move in moves:
                assert word("state", move) in said
        assert (case.state, case.revision) == (state, len(history(session, case)))


def test_unknown_state_lists_the_known_ones(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = opened(session)
        with pytest.raises(UserError) as fault:
            cases.advance(session, case, "finished", **WHO)
    assert codes(fault.value) == ["unknown_state"]
    assert "摸排、疑似、公示" in "".join(fault.value.lines("zh"))


@pytest.mark.parametrize("to", ROAD)
def test_needs_are_named_all_at_once(ledger: Ledger, to: str) -> None:
    missing = {
        "suspected": "摸排记录",
        "publicised": "公示起止日期",
        "confirmed": "认定文书",
        "planned": "处置方式（--way）、责任单位（--unit）、"
        "包保责任人（--person）、完成时限（--deadline）",
        "in_disposal": "处置开始日期",
        "awaiting_acceptance": "每一处置方式的处置面积",
        "closed": "验收日期",
    }
    with ledger.write() as session:
        case = opened(session)
        if to != "suspected":
            brought(session, case, ROAD[ROAD.index(to) - 1])
        before = case.revision
        with pytest.raises(UserError) as fault:
            cases.advance(session, case, to, **WHO)
        assert codes(fault.value) == ["needs_missing"]
        assert missing[to] in fault.value.issues[0].message("zh")
        assert case.revision == before


def test_a_case_goes_the_whole_road(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "closed")
        assert (case.state, case.is_open) == ("closed", False)
        assert case.accepted_on == date(2026, 2, 20)
        assert [part.accepted_on for part in case.parts] == [date(2026, 2, 20)]
        assert [one.kind for one in case.documents] == ["survey_note", "confirmation"]
        moves = [one.after_json for one in history(session, case) if one.field == "state"]
        assert moves == list(ROAD)
        assert verify(session) == []


def test_half_a_publication_is_none(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "suspected")
        with pytest.raises(UserError) as fault:
            cases.advance(session, case, "publicised", publication_from=date(2026, 3, 1), **WHO)
        assert codes(fault.value) == ["needs_missing"]
        with pytest.raises(UserError) as fault:
            cases.advance(
                session,
                case,
                "publicised",
                publication_from=date(2026, 3, 8),
                publication_to=date(2026, 3, 7),
                **WHO,
            )
        assert codes(fault.value) == ["dates_reversed"]


def test_publishing_again_takes_new_dates(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "publicised")
        cases.advance(session, case, "objected", **GIVEN["objected"], **WHO)
        with pytest.raises(UserError):
            cases.advance(session, case, "publicised", **WHO)
        cases.advance(
            session,
            case,
            "publicised",
            publication_from=date(2026, 4, 1),
            publication_to=date(2026, 4, 8),
            **WHO,
        )
        assert case.publication_to == date(2026, 4, 8)


def test_a_finding_takes_the_place_of_a_survey_note(ledger: Ledger) -> None:
    with ledger.write() as session:
        found(session, run(session), "P1", "low_efficiency", score=0.4)
        case = cases.advance(session, opened(session, "P1"), "suspected", **WHO)
        assert case.state == "suspected"
        with pytest.raises(UserError):
            cases.advance(session, opened(session, "P2"), "suspected", **WHO)


def test_deferred_returns_only_where_it_came_from(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "planned")
        with pytest.raises(UserError):
            cases.advance(session, case, "deferred", why="  ", **WHO)
        cases.advance(session, case, "deferred", why="诉讼中", **WHO)
        assert (case.state, case.previous_state, case.is_open) == ("deferred", "planned", True)
        with pytest.raises(UserError) as fault:
            cases.advance(session, case, "in_disposal", **GIVEN["in_disposal"], **WHO)
        assert "制定方案、剔除" in fault.value.issues[0].message("zh")
        cases.advance(session, case, "planned", **WHO)
        assert (case.state, case.previous_state) == ("planned", "")


def test_removed_comes_back_as_suspected_only(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = opened(session)
        cases.advance(session, case, "removed", why="已批复用途调整", **WHO)
        assert not case.is_open
        with pytest.raises(UserError):
            cases.advance(session, case, "found", **WHO)
        cases.advance(session, case, "suspected", survey_note="复查", why="仍停产", **WHO)
        assert (case.state, case.is_open) == ("suspected", True)


def test_a_removed_case_waits_for_the_open_one_of_its_parcel(ledger: Ledger) -> None:
    with ledger.write() as session:
        first = brought(session, opened(session), "closed")
        closing = history(session, first)[-1].id
        second = opened(session)
        cases.advance(session, second, "removed", why="误立", **WHO)
        cases.undo(session, closing, why="误销", **WHO)
        assert first.is_open
        before = second.revision
        with pytest.raises(UserError) as fault:
            cases.advance(session, second, "suspected", survey_note="复查", **WHO)
        assert first.number in "".join(fault.value.lines("zh"))
        assert (second.revision, second.documents) == (before, [])  # not even the note


def test_what_a_move_has_no_use_for_is_refused(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = opened(session)
        with pytest.raises(UserError) as fault:
            cases.advance(session, case, "suspected", survey_note="停产", way="swap", **WHO)
        assert codes(fault.value) == ["unasked_for"]
        assert case.revision == 2


def test_a_document_may_have_dates_of_its_own(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "publicised")
        paper = Paper("认定书2号", "decision", date(2026, 3, 1), None, date(2026, 3, 2), "ab" * 32)
        with pytest.raises(UserError):
            cases.advance(session, case, "confirmed", document=paper, **WHO)  # no confirmation
        paper = Paper("认定书2号", "confirmation", date(2026, 3, 1))
        cases.advance(session, case, "confirmed", document=paper, **WHO)
        assert case.documents[-1].dated == date(2026, 3, 1)


def test_what_a_state_rests_on_is_not_blanked(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "in_disposal")
        for blanked in ({"responsible_person": ""}, {"responsible_unit": " "}, {"deadline": None}):
            with pytest.raises(UserError) as fault:
                cases.describe(session, case, **blanked, **WHO)
            assert codes(fault.value) == ["need_taken_away"]
        cases.assign(session, case, responsible_person="赵敏", **WHO)
        assert (case.responsible_unit, case.responsible_person) == ("经开区", "赵敏")


def test_before_the_plan_they_may_be_blanked(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = opened(session)
        cases.assign(session, case, responsible_unit="经开区", deadline=date(2026, 6, 1), **WHO)
        cases.describe(session, case, responsible_unit="", deadline=None, **WHO)
        assert (case.responsible_unit, case.deadline) == ("", None)


def test_describe_writes_free_fields_and_no_others(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = opened(session)
        cases.describe(
            session,
            case,
            progress="已约谈",
            issue_type="资金链",
            problems="停产两年",
            notes="",
            **WHO,
        )
        assert (case.progress, case.issue_type, case.problems) == ("已约谈", "资金链", "停产两年")
        for field in ("state", "case_mu_e4", "number"):
            with pytest.raises(UserError) as fault:
                cases.describe(session, case, **{field: "x"}, **WHO)
            assert codes(fault.value) == ["undescribable"]


def test_area_is_corrected_with_a_reason_and_never_below_the_parts(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session, area="50"), "in_disposal")
        disposed(session, case, "30")
        for wrong in ("29.9999", "0"):
            with pytest.raises(UserError):
                cases.resize(session, case, mu_e4=mu(wrong), why="复测", **WHO)
        with pytest.raises(UserError) as fault:
            cases.resize(session, case, mu_e4=mu("40"), why="", **WHO)
        assert codes(fault.value) == ["reason_missing"]
        cases.resize(session, case, mu_e4=mu("30"), why="复测", **WHO)
        assert case.case_mu_e4 == 300_000


def test_closing_needs_nothing_left_or_a_case_for_the_rest(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = opened(session, area="50", floor_area_m2_e2=1_000_000, park="东园")
        brought(session, case, "awaiting_acceptance", "50")
        assert case.parts[0].mu_e4 == mu("50")
        other = opened(session, "P2", "50", park="东园", floor_area_m2_e2=1_000_000)
        brought(session, other, "awaiting_acceptance", "32.5")
        with pytest.raises(UserError) as fault:
            cases.advance(session, case, "closed", carry_rest=True, **GIVEN["closed"], **WHO)
        assert codes(fault.value) == ["nothing_to_carry"]
        with pytest.raises(UserError) as fault:
            cases.advance(session, other, "closed", **GIVEN["closed"], **WHO)
        assert "17.5" in fault.value.issues[0].message("zh")  # 50 − 32.5
        cases.advance(session, other, "closed", carry_rest=True, **GIVEN["closed"], **WHO)
        rest = session.query(Case).filter_by(carried_from=other.id).one()
        assert (rest.number, rest.case_mu_e4, rest.state) == ("2026-003", mu("17.5"), "confirmed")
        assert (rest.floor_area_m2_e2, rest.park) == (1_000_000, "东园")
        assert [one.parcel_id for one in rest.parcels] == ["P2"]
        assert other.number in rest.notes
        # what was closed keeps what was disposed, so that the ledger still adds up to 100 mu
        assert other.case_mu_e4 == mu("32.5")
        assert sum(one.case_mu_e4 for one in session.query(Case)) == mu("100")
        assert rest.number in history(session, other)[-1].why
        assert verify(session) == []


def test_acceptance_lies_between_the_start_and_today(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "awaiting_acceptance")
        for day, code in (
            (date(2026, 1, 31), "dates_reversed"),  # it began on 1 February
            (date(2026, 3, 2), "accepted_in_future"),  # today is 1 March
        ):
            with pytest.raises(UserError) as fault:
                cases.advance(session, case, "closed", accepted_on=day, **WHO)
            assert codes(fault.value) == [code]


def test_parts_accepted_one_by_one_close_by_themselves(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "in_disposal")
        second = disposed(session, case, "20")
        cases.advance(session, case, "awaiting_acceptance", disposed_mu_e4={1: mu("30")}, **WHO)
        accept(session, case, 1, accepted_on=date(2026, 2, 10), **WHO)
        accept(session, case, second, accepted_on=date(2026, 2, 15), **WHO)
        cases.advance(session, case, "closed", **WHO)
        assert case.accepted_on == date(2026, 2, 15)  # the last of the two


def test_a_stale_writer_is_told_who_was_faster(ledger: Ledger) -> None:
    with ledger.write() as session:
        number = opened(session).number
    with ledger.write() as session:
        case = cases.find_case(session, number)
        cases.describe(session, case, progress="已约谈", by="赵敏", at=NOW, expected_revision=2)
    with ledger.write() as session:
        case = cases.find_case(session, number)
        with pytest.raises(StaleError) as fault:
            cases.advance(
                session, case, "suspected", survey_note="x", by="李明", at=NOW, expected_revision=2
            )
        assert "赵敏" in "".join(fault.value.lines("zh"))


def test_nobody_is_nobody(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = opened(session)
        with pytest.raises(UserError):
            cases.advance(session, case, "suspected", survey_note="x", by=" ", at=NOW)


def test_a_case_that_is_not_there(ledger: Ledger) -> None:
    with ledger.read() as session, pytest.raises(UserError) as fault:
        cases.find_case(session, "2026-999")
    assert "2026-999" in fault.value.issues[0].message("zh")


def test_undo_of_a_closing_waits_for_the_case_of_the_rest(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "awaiting_acceptance", "20")
        cases.advance(session, case, "closed", carry_rest=True, **GIVEN["closed"], **WHO)
        newest = history(session, case)[-1].id
        with pytest.raises(UserError):
            cases.undo(session, newest, why="误操作", **WHO)
        assert (case.state, case.case_mu_e4) == ("closed", mu("20"))
        rest = session.query(Case).filter_by(carried_from=case.id).one()
        cases.advance(session, rest, "deferred", why="x", **WHO)
        cases.advance(session, rest, "removed", why="x", **WHO)
        cases.undo(session, newest, why="误操作", **WHO)
        assert (case.state, case.case_mu_e4, case.is_open) == (
            "awaiting_acceptance",
            mu("50"),
            True,
        )
        assert verify(session) == []


def test_undo_that_would_break_a_sum_is_refused(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session, area="50"), "in_disposal")
        cases.resize(session, case, mu_e4=mu("60"), why="复测", **WHO)
        larger = history(session, case)[-1].id
        disposed(session, case, "55")
        with pytest.raises(UserError):
            cases.undo(session, larger, why="误测", **WHO)
        assert case.case_mu_e4 == mu("60")
        assert verify(session) == []


def test_kind_is_changed_with_its_area(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = opened(session, area="30")
        cases.reclassify(session, case, "both", mu_e4=mu("50"), why="又查明闲置", **WHO)
        assert (case.kind, case.case_mu_e4) == ("both", mu("50"))
        with pytest.raises(UserError) as fault:
            cases.reclassify(session, case, "empty", why="x", **WHO)
        assert codes(fault.value) == ["unknown_kind"]
