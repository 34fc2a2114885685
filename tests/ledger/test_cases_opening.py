"""Opening cases: numbers, one open case a parcel, relapse, lineage, ledgers taken over."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime

import pytest
import shapely
from case_life import NOW, WHO, brought, codes, found, idle, mu, opened, run

from landuse.errors import UserError
from landuse.ledger import cases
from landuse.ledger.cases import CaseForm, Paper, ParcelForm, PartForm
from landuse.ledger.limits import case_mu
from landuse.ledger.models import Case
from landuse.ledger.store import Ledger
from landuse.ledger.verify import verify


def form(parcel: str, kind: str = "both", area: str = "10") -> CaseForm:
    return CaseForm(kind, (ParcelForm(parcel),), mu(area))


def test_numbers_begin_anew_each_year_and_follow_the_local_day(ledger: Ledger) -> None:
    # 31 December 16:00 UTC is 1 January 00:00 in China
    last = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
    first = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    with ledger.write() as session:
        numbers = [
            cases.open_case(session, form(parcel), by="王", at=at).number
            for parcel, at in (("A", NOW), ("B", last), ("C", first), ("D", first))
        ]
    assert numbers == ["2026-001", "2026-002", "2027-001", "2027-002"]


def test_numbers_pass_a_thousand(ledger: Ledger) -> None:
    with ledger.write() as session:
        keys = cases.open_cases(session, [form(f"P{i}") for i in range(1001)], **WHO)
        again = cases.open_case(session, form("Q"), **WHO)
        assert session.get_one(Case, keys[998]).number == "2026-999"
        assert session.get_one(Case, keys[1000]).number == "2026-1001"
        assert again.number == "2026-1002"
        assert verify(session) == []


def test_numbers_have_no_gap_under_parallel_opening(ledger: Ledger) -> None:
    class GivenUpError(Exception):
        pass

    def open_two_and_give_up(writer: int) -> None:
        with ledger.write() as session:
            for turn in "ab":
                cases.open_case(session, form(f"W{writer}{turn}"), **WHO)
            raise GivenUpError

    def work(writer: int) -> None:
        for turn in range(5):
            with ledger.write() as session:
                cases.open_case(session, form(f"V{writer}-{turn}"), **WHO)
            with pytest.raises(GivenUpError):
                open_two_and_give_up(writer)

    threads = [threading.Thread(target=work, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with ledger.read() as session:
        numbers = sorted(session.scalars(Case.__table__.select().with_only_columns(Case.number)))
        # 4 writers of 5; those who gave up took no number
        assert numbers == [f"2026-{serial:03d}" for serial in range(1, 21)]
        assert verify(session) == []


def test_a_parcel_has_one_open_case(ledger: Ledger) -> None:
    with ledger.write() as session:
        first = opened(session, "P1")
        with pytest.raises(UserError) as fault:
            opened(session, "P1")
        assert codes(fault.value) == ["already_open"]
        assert first.number in fault.value.issues[0].message("zh")
        two = (ParcelForm("P2"), ParcelForm("P1"))
        with pytest.raises(UserError):
            cases.open_case(session, CaseForm("idle", two, mu("10")), **WHO)
        assert session.query(Case).count() == 1


def test_all_faults_are_told_at_once_and_nothing_is_opened(ledger: Ledger) -> None:
    with ledger.write() as session:
        opened(session, "P1")
        forms = [
            form("P1"),
            form("P2"),
            form("P2"),
            form("P3", area="0"),
            CaseForm("idle", (), mu("1")),
            form("P4", kind="empty"),
        ]
        with pytest.raises(UserError) as fault:
            cases.open_cases(session, forms, **WHO)
        assert sorted(codes(fault.value)) == [
            "already_open",
            "case_without_area",
            "case_without_parcel",
            "parcel_repeated",
            "unknown_kind",
        ]
        assert session.query(Case).count() == 1


def test_a_relapse_names_the_former_case(ledger: Ledger) -> None:
    with ledger.write() as session:
        former = brought(session, opened(session, "P1"), "closed")
        again = opened(session, "P1")
        assert (again.relapse_of, again.number) == (former.id, "2026-002")
        assert opened(session, "P2").relapse_of is None


def test_a_removed_case_is_taken_up_again_instead_of_a_second_one(ledger: Ledger) -> None:
    with ledger.write() as session:
        removed = opened(session, "P1")
        cases.advance(session, removed, "removed", why="数据有误", **WHO)
        with pytest.raises(UserError) as fault:
            opened(session, "P1")
        assert codes(fault.value) == ["removed_before"]
        assert removed.number in fault.value.issues[0].message("zh")


def test_idle_land_is_not_opened_as_low_efficiency(ledger: Ledger) -> None:
    with ledger.write() as session:
        one = run(session)
        idle(session, one, "I1")
        found(session, one, "I1", "low_efficiency", score=0.3)
        found(session, one, "I2", finding="undetermined")
        with pytest.raises(UserError) as fault:
            opened(session, "I1", kind="low_efficiency")
        assert codes(fault.value) == ["idle_first"]
        assert opened(session, "I1", kind="both").kind == "both"
        assert opened(session, "I2", kind="low_efficiency").state == "found"


def test_only_the_latest_idle_run_counts(ledger: Ledger) -> None:
    with ledger.write() as session:
        idle(session, run(session, "old", date(2025, 6, 30)), "I1")
        idle(session, run(session, "new", date(2026, 2, 28)), "I2")
        assert opened(session, "I1", kind="low_efficiency").state == "found"


@pytest.mark.parametrize(("kind", "expected"), [("low_efficiency", 30), ("idle", 50), ("both", 50)])
def test_case_mu(kind: str, expected: int) -> None:
    assert case_mu(kind, 30, 50) == expected
    assert case_mu("both", 50, 30) == 50


def test_lineage_is_kept_and_an_open_former_is_in_the_way(ledger: Ledger) -> None:
    with ledger.write() as session:
        whole = opened(session, "P1")
        half = CaseForm("idle", (ParcelForm("P1a", "P1"),), mu("25"))
        with pytest.raises(UserError) as fault:
            cases.open_case(session, half, **WHO)
        assert codes(fault.value) == ["former_part_open"]
        brought(session, whole, "closed")
        again = cases.open_case(session, half, **WHO)
        assert again.parcels[0].previously_part_of == "P1"
        assert again.relapse_of == whole.id


def test_a_split_parcel_is_replaced_within_its_case(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = opened(session, "P1")
        halves = [ParcelForm("P1a"), ParcelForm("P1b")]
        other = opened(session, "P1b")
        with pytest.raises(UserError):
            cases.replace_parcel(session, case, "P1", halves, why="分割", **WHO)
        assert [one.parcel_id for one in case.parcels if one.is_open] == ["P1"]
        cases.advance(session, other, "removed", why="误立", **WHO)
        cases.replace_parcel(session, case, "P1", halves, why="分割", **WHO)
        live = {one.parcel_id: one.previously_part_of for one in case.parcels if one.is_open}
        assert live == {"P1a": "P1", "P1b": "P1"}
        # the old code is free again
        assert opened(session, "P1").is_open
        with pytest.raises(UserError) as fault:
            cases.replace_parcel(session, case, "P9", halves, why="x", **WHO)
        assert codes(fault.value) == ["not_parcel_of_case"]
        assert verify(session) == []


def test_merged_parcels_end_in_one(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = opened(session, parcels=(ParcelForm("A"), ParcelForm("B")))
        for old in ("A", "B"):
            cases.replace_parcel(session, case, old, [ParcelForm("AB")], why="合并", **WHO)
        assert [one.parcel_id for one in case.parcels if one.is_open] == ["AB"]
        assert verify(session) == []


def test_geometry_is_kept_as_shape_or_wkb(ledger: Ledger) -> None:
    square = shapely.box(0, 0, 10, 20)
    with ledger.write() as session:
        parcels = (ParcelForm("A", geometry=square), ParcelForm("B", geometry=square.wkb))
        case = opened(session, parcels=parcels)
        assert [one.geometry.area for one in case.parcels] == [200.0, 200.0]
        assert verify(session) == []


def test_an_office_ledger_is_taken_over_in_its_states(ledger: Ledger) -> None:
    part = PartForm("auction", mu("10"), None, "新厂", date(2025, 1, 1))
    forms = [
        CaseForm(
            "low_efficiency",
            (ParcelForm("P1"),),
            mu("10"),
            state="closed",
            accepted_on=date(2025, 9, 1),
            parts=(part,),
        ),
        CaseForm("low_efficiency", (ParcelForm("P2"),), mu("10"), state="in_disposal"),
        CaseForm("low_efficiency", (ParcelForm("P3"),), mu("10"), state="deferred"),
        CaseForm(
            "idle",
            (ParcelForm("P4"),),
            mu("10"),
            state="confirmed",
            papers=(Paper("认定书", "confirmation"),),
        ),
    ]
    with ledger.write() as session:
        rows = [session.get_one(Case, key) for key in cases.open_cases(session, forms, **WHO)]
        assert [row.state for row in rows] == ["closed", "in_disposal", "deferred", "confirmed"]
        assert [row.is_open for row in rows] == [False, True, True, True]
        assert rows[0].parts[0].accepted_on == date(2025, 9, 1)
        assert rows[2].previous_state == "suspected"
        assert rows[3].documents[0].kind == "confirmation"
        assert verify(session) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"state": "closed", "accepted_on": date(2025, 9, 1)}, "something_remains"),
        ({"state": "closed", "parts": (PartForm("swap", mu("10")),)}, "needs_missing"),
        ({"state": "done"}, "unknown_state"),
        ({"parts": (PartForm("swap", mu("10.0001")),)}, "parts_exceed_case"),
        ({"parts": (PartForm("gift", mu("1")),)}, "unknown_way"),
        ({"parts": (PartForm("withdrawal", mu("1")),)}, "no_idle_finding"),
        ({"papers": (Paper("x", "letter"),)}, "unknown_paper"),
    ],
)
def test_what_cannot_be_taken_over(ledger: Ledger, fields: dict[str, object], code: str) -> None:
    taken = CaseForm("idle", (ParcelForm("P1"),), mu("10"), **fields)
    with ledger.write() as session:
        with pytest.raises(UserError) as fault:
            cases.open_case(session, taken, **WHO)
        assert codes(fault.value) == [code]
        assert session.query(Case).count() == 0
