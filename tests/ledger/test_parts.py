"""Parts of a case: sums, acceptance, and the ways that only the order on idle land opens."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from case_life import WHO, brought, codes, disposed, floor, idle, later, mu, opened, run

from landuse.errors import UserError
from landuse.ledger import cases, parts
from landuse.ledger.states import WAYS, word
from landuse.ledger.store import Ledger
from landuse.ledger.totals import totals
from landuse.ledger.verify import verify

# Section 8 of the method, in its order.
METHOD_WAYS = [
    *("返租共管", "依法回购", "司法拍卖", "租赁转产", "合作共建", "增资技改", "兼并重组"),
    *("分割转让", "政府收储", "置换", "限期开发", "征缴闲置费", "无偿收回", "临时使用"),
    "建设标准厂房",
]


def test_ways_are_those_of_the_method() -> None:
    assert [word("way", way) for way in WAYS] == METHOD_WAYS


def test_parts_never_pass_the_case(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = opened(session, area="50", floor_area_m2_e2=floor("1000"))
        brought(session, case, "confirmed")
        disposed(session, case, "30", "600")
        before = case.revision
        for area, floor_area, code in (
            ("20.0001", "", "parts_exceed_case"),
            ("20", "400.01", "floor_exceeds_case"),
        ):
            with pytest.raises(UserError) as fault:
                disposed(session, case, area, floor_area)
            assert codes(fault.value) == [code]
        assert case.revision == before
        second = disposed(session, case, "20", "400")
        with pytest.raises(UserError):
            parts.change(session, case, second, mu_e4=mu("21"), **WHO)
        parts.change(session, case, second, mu_e4=mu("19.9999"), **WHO)
        assert totals(session)["by_way"]["none"]["mu_e4"] == 1  # 50 − 30 − 19.9999
        assert verify(session) == []


def test_floor_area_of_a_part_needs_that_of_the_case(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "confirmed")
        with pytest.raises(UserError) as fault:
            disposed(session, case, "10", "100")
        assert codes(fault.value) == ["floor_unknown"]
        cases.resize(session, case, floor_area_m2_e2=floor("100"), why="补登", **WHO)
        assert disposed(session, case, "10", "100") == 1


@pytest.mark.parametrize(
    "state", ["found", "suspected", "publicised", "objected", "awaiting_acceptance", "deferred"]
)
def test_no_part_is_added_before_confirmation_or_after_disposal(ledger: Ledger, state: str) -> None:
    with ledger.write() as session:
        case = opened(session, state=state)
        with pytest.raises(UserError) as fault:
            disposed(session, case, "10")
        assert codes(fault.value) == ["not_now"]
        assert "认定、制定方案、处置中" in "".join(fault.value.lines("zh"))


def test_unknown_way_names_all(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "confirmed")
        with pytest.raises(UserError) as fault:
            disposed(session, case, "10", way="gift")
        said = "".join(fault.value.lines("zh"))
        assert all(way in said for way in METHOD_WAYS)


def test_negative_mu_is_refused(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "confirmed")
        with pytest.raises(UserError) as fault:
            disposed(session, case, "-1")
        assert codes(fault.value) == ["negative"]


def test_acceptance_needs_mu_start_and_a_day_that_has_come(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "confirmed")
        blank = parts.dispose(session, case, way="swap", **WHO).seq
        cases.advance(session, case, "planned", responsible_unit="a", responsible_person="b",
                      deadline=date(2026, 12, 1), **WHO)  # fmt: skip
        with pytest.raises(UserError) as fault:
            parts.accept(session, case, blank, accepted_on=date(2026, 2, 1), **WHO)
        assert codes(fault.value) == ["not_now"]
        cases.advance(session, case, "in_disposal", started_on=date(2026, 2, 1), **WHO)
        for on, expected in ((date(2026, 2, 10), "part_without_mu"),):
            with pytest.raises(UserError) as fault:
                parts.accept(session, case, blank, accepted_on=on, **WHO)
            assert codes(fault.value) == [expected]
        parts.change(session, case, blank, mu_e4=mu("5"), **WHO)
        for on, expected in (
            (date(2026, 1, 31), "dates_reversed"),
            (date(2026, 3, 2), "accepted_in_future"),
        ):
            with pytest.raises(UserError) as fault:
                parts.accept(session, case, blank, accepted_on=on, **WHO)
            assert codes(fault.value) == [expected]
        parts.accept(session, case, blank, accepted_on=date(2026, 3, 1), **WHO)
        assert case.parts[0].accepted_on == date(2026, 3, 1)


def test_a_part_that_never_started_is_not_accepted(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = opened(session, state="in_disposal")  # taken over, no start known
        part = parts.dispose(session, case, way="swap", mu_e4=mu("5"), **WHO)
        assert part.started_on is None
        with pytest.raises(UserError) as fault:
            parts.accept(session, case, 1, accepted_on=date(2026, 2, 10), **WHO)
        assert codes(fault.value) == ["part_not_started"]


def test_what_was_accepted_stays(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "in_disposal")
        seq = disposed(session, case, "10")
        parts.accept(session, case, seq, accepted_on=date(2026, 2, 10), **WHO)
        deeds: list[Any] = [
            lambda: parts.change(session, case, seq, mu_e4=mu("9"), **WHO),
            lambda: parts.change(session, case, seq, way="swap", **WHO),
            lambda: parts.drop(session, case, seq, why="x", **WHO),
            lambda: parts.accept(session, case, seq, accepted_on=date(2026, 2, 11), **WHO),
        ]
        for deed in deeds:
            with pytest.raises(UserError) as fault:
                deed()
            assert codes(fault.value) == ["part_accepted"]


def test_a_part_of_a_running_case_starts_with_the_first(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "in_disposal")
        part = parts.dispose(session, case, way="swap", mu_e4=mu("1"), **WHO)
        assert part.started_on == date(2026, 2, 1)


def test_the_only_part_of_a_plan_is_not_dropped(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "planned")
        with pytest.raises(UserError) as fault:
            parts.drop(session, case, 1, why="误登", **WHO)
        assert codes(fault.value) == ["need_taken_away"]
        parts.dispose(session, case, way="swap", **WHO)
        parts.drop(session, case, 1, why="误登", **WHO)
        assert [part.removed for part in case.parts] == [True, False]
        with pytest.raises(UserError) as fault:
            parts.change(session, case, 1, mu_e4=1, **WHO)
        assert codes(fault.value) == ["no_such_part"]


# The statutory ways


def fee_case(session: Any, kind: str = "idle", **detail: Any) -> Any:
    idle(session, run(session), "P1", **detail)
    return brought(session, opened(session, "P1", kind=kind), "confirmed")


# The idle parcel of the tests is full for one year on 2025-06-01, for two on 2026-06-01.
@pytest.mark.parametrize(
    ("way", "on", "code"),
    [
        ("idle_fee", date(2025, 5, 31), "too_early"),
        ("idle_fee", date(2025, 6, 1), ""),
        ("withdrawal", date(2026, 5, 31), "too_early"),
        ("withdrawal", date(2026, 6, 1), ""),
        ("buy_back", date(2020, 1, 1), ""),
    ],
)
def test_one_and_two_full_years_to_the_day(ledger: Ledger, way: str, on: date, code: str) -> None:
    with ledger.write() as session:
        case = fee_case(session)
        if not code:
            assert disposed(session, case, "10", way=way, started_on=on) == 1
            return
        with pytest.raises(UserError) as fault:
            disposed(session, case, "10", way=way, started_on=on)
        assert codes(fault.value) == [code]


def test_without_a_start_the_day_of_the_decision_counts(ledger: Ledger) -> None:
    # 31 May 16:00 UTC is 1 June in China, the day on which two years are full
    with ledger.write() as session:
        case = fee_case(session)
        early = datetime(2026, 5, 31, 15, 59, tzinfo=UTC)
        with pytest.raises(UserError):
            parts.dispose(session, case, way="withdrawal", by="王", at=early)
        due = datetime(2026, 5, 31, 16, 0, tzinfo=UTC)
        assert parts.dispose(session, case, way="withdrawal", by="王", at=due).seq == 1


@pytest.mark.parametrize(
    ("detail", "code"),
    [
        ({"finding": "stalled"}, "not_not_started"),
        ({"finding": "undetermined"}, "not_not_started"),
        ({"cause": "government"}, "not_enterprise_cause"),
        ({"cause": "force_majeure"}, "not_enterprise_cause"),
        ({"cause": "seizure"}, "not_enterprise_cause"),
        ({"cause": ""}, "not_enterprise_cause"),
        ({"late_delivery": True}, "not_enterprise_cause"),
        ({"collective": True}, "collective_land"),
        ({"one_year_on": None}, "too_early"),
    ],
)
def test_other_idle_land_is_settled_by_negotiation(
    ledger: Ledger, detail: dict[str, Any], code: str
) -> None:
    with ledger.write() as session:
        case = fee_case(session, **detail)
        with pytest.raises(UserError) as fault:
            disposed(session, case, "10", way="idle_fee")
        assert codes(fault.value) == [code]
        assert disposed(session, case, "10", way="swap") == 1


def test_low_efficiency_cases_have_no_statutory_way(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "confirmed")
        with pytest.raises(UserError) as fault:
            disposed(session, case, "10", way="withdrawal")
        assert codes(fault.value) == ["not_idle_case"]


def test_an_idle_case_without_a_finding_has_none_either(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session, kind="idle"), "confirmed")
        with pytest.raises(UserError) as fault:
            disposed(session, case, "10", way="idle_fee")
        assert codes(fault.value) == ["no_idle_finding"]


def test_both_qualifies_like_idle(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = fee_case(session, kind="both")
        assert disposed(session, case, "10", way="idle_fee") == 1
        with pytest.raises(UserError) as fault:
            cases.reclassify(session, case, "low_efficiency", why="x", **WHO)
        assert codes(fault.value) == ["not_idle_case"]


def test_the_limit_holds_on_every_path(ledger: Ledger) -> None:
    """Also where a plan names the way, a part changes it, or the start is put before the year."""
    with ledger.write() as session:
        case = fee_case(session)
        plan = {"responsible_unit": "a", "responsible_person": "b", "deadline": date(2027, 1, 1)}
        with pytest.raises(UserError):
            cases.advance(session, case, "planned", way="withdrawal", **plan, **WHO)
        cases.advance(session, case, "planned", way="idle_fee", **plan, **WHO)
        with pytest.raises(UserError):
            parts.change(session, case, 1, way="withdrawal", **WHO)
        with pytest.raises(UserError):
            parts.change(session, case, 1, started_on=date(2025, 5, 31), **WHO)
        with pytest.raises(UserError):
            cases.advance(session, case, "in_disposal", started_on=date(2025, 5, 31), **WHO)
        cases.advance(session, case, "in_disposal", started_on=date(2025, 6, 1), **WHO)


def test_a_later_run_does_not_undo_what_was_decided(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = fee_case(session)
        seq = disposed(session, case, "10", way="idle_fee")
        idle(session, run(session, "r2", date(2026, 3, 1)), "P1", cause="government")
        parts.change(session, case, seq, mu_e4=mu("11"), **later(1))
        with pytest.raises(UserError):
            disposed(session, case, "1", way="idle_fee")
