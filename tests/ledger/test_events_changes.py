"""Every change is one event, a stale writer is refused, and nothing happens without a name."""

from __future__ import annotations

import datetime as dt

import pytest
import shapely
from ledger_acts import AT, SQUARE, later, new_case, refused, who

from landuse.errors import InternalError
from landuse.ledger import Ledger, events, replay
from landuse.ledger.corrections import add_correction, change_correction
from landuse.ledger.days import LOCAL
from landuse.ledger.models import Case, Correction, Event
from landuse.ledger.stale import StaleError


def test_each_field_that_really_changes_is_one_event(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session)
        assert case.revision == 2  # the case, its parcel
        changes = {
            "deadline": dt.date(2026, 9, 30),
            "notes": "",
            "responsible_unit": "经开区管委会",
            "case_mu_e4": 125_000,
            "floor_area_m2_e2": 4_400_000,
        }
        events.change(session, case, changes, by=" 李四 ", at=later(5), why=" 分工 ")
        told = [
            (e.seq, e.act, e.entity, e.entity_seq, e.field, e.before_json, e.after_json)
            for e in events.history(session, case)[2:]
        ]
        # notes and mu are as they were: no event
        assert told == [
            (3, 3, "case", 0, "deadline", None, "2026-09-30"),
            (4, 3, "case", 0, "responsible_unit", "", "经开区管委会"),
            (5, 3, "case", 0, "floor_area_m2_e2", None, 4_400_000),
        ]
        stamps = {(e.by, e.at, e.why) for e in events.history(session, case)[2:]}
        assert stamps == {("李四", later(5), "分工")}
        assert case.revision == 5


def test_creation_is_one_event_with_every_field(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session, park="西区")
        part = events.add_part(session, case, {"way": "swap", "mu_e4": 25_000}, **who())
        paper = events.add_document(
            session, case, {"name": "认定书", "dated": dt.date(2026, 2, 28)}, **who()
        )
        told = {e.entity: e for e in events.history(session, case)}
        assert [told[name].field for name in ("case", "parcel", "part", "document")] == ["*"] * 4
        assert told["case"].after_json["park"] == "西区"
        assert told["case"].after_json["deadline"] is None
        assert told["parcel"].after_json["geometry"].startswith("0103000020c5110000")  # SRID 4549
        assert told["part"].after_json["mu_e4"] == 25_000
        assert told["document"].after_json["dated"] == "2026-02-28"
        assert (part.seq, paper.seq, case.revision) == (1, 1, 4)


def test_a_stale_writer_is_told_who_changed_what_and_when(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session)
        seen = case.revision
        key = case.id
    with ledger.write() as session:
        case = session.get_one(Case, key)
        events.change(session, case, {"deadline": dt.date(2026, 9, 30)}, **who("李四", 5))
        events.add_part(session, case, {"way": "swap"}, **who("王五", 6))
    with pytest.raises(StaleError) as fault, ledger.write() as session:  # noqa: PT012
        case = session.get_one(Case, key)
        events.change(session, case, {"notes": "我的"}, **who("赵六", 9), expected_revision=seen)
    assert [(e.by, e.field, e.at) for e in fault.value.events] == [
        ("李四", "deadline", later(5)),
        ("王五", "*", later(6)),
    ]
    first, second = fault.value.lines("zh")
    when = later(5).astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S")
    assert f"李四 于 {when} 把“完成时限”由“（空）”改为“2026-09-30”" in first
    assert "王五" in second
    assert "处置项" in second
    with ledger.read() as session:
        assert session.get_one(Case, key).notes == ""


def test_every_kind_of_change_can_be_stale(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session)
        events.add_part(session, case, {}, **who())
        events.add_document(session, case, {"name": "通知书"}, **who())
        old = {**who(), "expected_revision": 1}
        for work in (
            lambda: events.change(session, case, {"notes": "x"}, **old),
            lambda: events.add_part(session, case, {}, **old),
            lambda: events.add_document(session, case, {"name": "x"}, **old),
            lambda: events.add_parcel(session, case, {"parcel_id": "x"}, **old),
            lambda: events.change_part(session, case, 1, {"way": "swap"}, **old),
            lambda: events.change_document(session, case, 1, {"kind": "x"}, **old),
            lambda: events.change_parcel(session, case, 1, {"removed": True}, **old),
            lambda: events.undo(session, 3, **old),
        ):
            assert set(refused(work)) <= {"ledger.stale", "ledger.stale_new"}
        assert case.revision == 4


def test_what_a_run_notes_does_not_make_a_writer_stale(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session)
        seen = case.revision
        events.mark_found(session, case, 1, found=False, **who("程序", 3, "run 2"))
        assert not case.parcels[0].is_found
        events.change(session, case, {"notes": "x"}, **who(), expected_revision=seen)
        assert case.revision == seen + 2


def test_a_revision_of_another_ledger_is_refused(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session)
        for wrong in (99, 0, -1):
            work = lambda wrong=wrong: events.change(  # noqa: E731
                session, case, {"notes": "x"}, **who(), expected_revision=wrong
            )
            assert refused(work) == ["ledger.unknown_revision"]


def test_nothing_is_done_without_a_name_or_with_a_naive_time(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session)
        nameless = {"by": "  ", "at": AT, "why": ""}
        assert refused(lambda: events.change(session, case, {"notes": "x"}, **nameless)) == [
            "ledger.by_missing"
        ]
        fields = {"number": "2", "kind": "idle", "state": "found", "case_mu_e4": 1}
        assert refused(lambda: events.create_case(session, fields, [], **nameless)) == [
            "ledger.by_missing"
        ]
        naive = {"by": "张三", "at": dt.datetime(2026, 3, 1), "why": ""}  # noqa: DTZ001
        with pytest.raises(InternalError, match="naive_time"):
            events.change(session, case, {"notes": "x"}, **naive)


def test_unknown_fields_and_numbers_are_refused(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session)
        for name in ("revision", "is_open", "opened_by", "colour"):
            with pytest.raises(InternalError, match="unknown_field"):
                events.change(session, case, {name: "x"}, **who())
        assert refused(lambda: events.change_part(session, case, 1, {}, **who())) == [
            "ledger.no_part"
        ]
        with pytest.raises(InternalError, match="unknown_field"):
            events.create_case(session, {"number": "2", "kind": "idle"}, [], **who())


def test_a_moment_comes_back_as_the_same_moment_whatever_its_zone(ledger: Ledger) -> None:
    china = dt.timezone(dt.timedelta(hours=8))
    at = dt.datetime(2026, 3, 1, 0, 30, 0, 123456, tzinfo=china)
    with ledger.write() as session:
        case = new_case(session)
        events.change(session, case, {"notes": "x"}, by="a", at=at, why="")
    with ledger.read() as session:
        stored = session.query(Event).order_by(Event.id).all()[-1].at
        assert stored == at
        assert stored.utcoffset() == dt.timedelta(0)
        assert stored.isoformat() == "2026-02-28T16:30:00.123456+00:00"


@pytest.mark.parametrize(
    "shape",
    [
        SQUARE,
        shapely.set_srid(
            shapely.from_wkt(
                "MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,2 2,1 1)),((9 9,10 9,10 10,9 9)))"
            ),
            4549,
        ),
        shapely.from_wkt("POINT(1.25 2.5)"),
        shapely.from_wkt("POLYGON EMPTY"),
        None,
    ],
)
def test_geometry_comes_back_bit_for_bit_with_its_srid(
    ledger: Ledger, shape: shapely.Geometry | None
) -> None:
    with ledger.write() as session:
        key = new_case(session, parcels=[{"parcel_id": "A", "geometry": shape}]).id
    with ledger.read() as session:
        case = session.get_one(Case, key)
        back = case.parcels[0].geometry
        if shape is None:
            assert back is None
        else:
            assert shapely.to_wkb(back, include_srid=True) == shapely.to_wkb(
                shape, include_srid=True
            )
            assert shapely.get_srid(back) == shapely.get_srid(shape)
        assert not list(replay.differences(session))


def test_heights_are_dropped_and_the_srid_is_kept(ledger: Ledger) -> None:
    shape = shapely.set_srid(shapely.from_wkt("POLYGON Z((0 0 5,1 0 5,1 1 5,0 0 5))"), 4549)
    with ledger.write() as session:
        case = new_case(session, parcels=[])
        events.add_parcel(session, case, {"parcel_id": "A", "geometry": shape}, **who())
        key = case.id
    with ledger.read() as session:
        back = session.get_one(Case, key).parcels[0].geometry
        assert (back.wkt, shapely.get_srid(back)) == ("POLYGON ((0 0, 1 0, 1 1, 0 0))", 4549)
        assert not list(replay.differences(session))


def test_amounts_are_exact_to_the_last_decimal_that_a_form_can_state(ledger: Ledger) -> None:
    """99 999 999.9999 mu has no double near enough for all sums; integers have no such limit."""
    largest = 999_999_999_999
    with ledger.write() as session:
        for number in range(11):
            new_case(session, f"2026-{number}", case_mu_e4=largest)
    with ledger.read() as session:
        assert sum(case.case_mu_e4 for case in session.query(Case)) == 11 * largest


def test_corrections_have_events_of_their_own(ledger: Ledger) -> None:
    fields = {
        "table_name": "parcels",
        "key": "A",
        "column": "登记面积",
        "old": "12.5",
        "new": "12.7",
        "reason": "实测",
    }
    with ledger.write() as session:
        case = new_case(session)
        one = add_correction(session, {**fields, "case_id": case.id}, **who("企业"))
        add_correction(session, fields, **who("企业"))
        change_correction(session, one.id, {"status": "accepted"}, **who("李四", 9, "核实"))
        assert refused(lambda: change_correction(session, 99, {}, **who())) == [
            "ledger.no_correction"
        ]
        assert case.revision == 2  # an objection is no change of the case
    with ledger.read() as session:
        first, second = session.query(Correction).order_by(Correction.id)
        assert (first.status, first.by, first.decided_by, first.decided_at) == (
            "accepted",
            "企业",
            "李四",
            later(9),
        )
        assert (second.status, second.decided_by, second.decided_at) == ("proposed", "", None)
        told = session.query(Event).filter(Event.entity == "correction").order_by(Event.id)
        assert [(e.entity_seq, e.seq, e.field, e.after_json) for e in told if e.field != "*"] == [
            (1, 2, "status", "accepted")
        ]
        assert not list(replay.differences(session))
