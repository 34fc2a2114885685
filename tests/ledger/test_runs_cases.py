"""Runs recorded, cases opened from them, and what a rerun does: on both databases."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
import shapely
from sqlalchemy import select

from landuse.errors import UserError
from landuse.ledger import Ledger
from landuse.ledger.acts import find_case
from landuse.ledger.cases import CaseForm, ParcelForm, advance, describe, open_case
from landuse.ledger.events import history
from landuse.ledger.findings import FINDING_COLUMNS, RunRecord
from landuse.ledger.found_cases import open_from_run
from landuse.ledger.land import replace_parcel
from landuse.ledger.models import Case, Finding, Run
from landuse.ledger.parts import dispose
from landuse.ledger.runs import latest_differences, record_run, recorded_runs, shape_of
from landuse.ledger.verify import verify

AT = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
WHO: dict[str, Any] = {"by": "王工", "at": AT}
BOTH = frozenset({"low_efficiency", "idle"})
Row = tuple[str, str, int, dict[str, Any]]


def square(x: float, width: float = 100.0) -> shapely.Polygon:
    shape = shapely.box(500_000 + x, 3_500_000, 500_000 + x + width, 3_500_100)
    return shapely.set_srid(shape, 4549)


SHAPES = {name: square(200.0 * place) for place, name in enumerate("ABCDEFGH")}


def low(parcel: str, mu_e4: int = 100_000, **figures: Any) -> Row:
    detail = {"score": 0.5, "rank": 1, "cohort_size": 20, "units": [], **figures}
    return ("low_efficiency", parcel, mu_e4, detail)


def idle(parcel: str, mu_e4: int = 150_000, **facts: Any) -> Row:
    detail = {
        "finding": "not_started", "cause": "enterprise", "holder": f"{parcel}厂",
        "base_on": "2024-01-01", "one_year_on": "2025-01-01", "two_years_on": "2026-01-01",
        **facts,
    }  # fmt: skip
    return ("idle", parcel, mu_e4, detail)


def run(
    run_id: str,
    *rows: Row,
    as_of: str = "2026-06-30",
    kinds: frozenset[str] = BOTH,
    parcels: dict[str, shapely.Polygon] | None = None,
) -> RunRecord:
    shapes = SHAPES if parcels is None else parcels
    firms = [{"uscc": "U1", "name": "甲厂", "area_mu_e4": 60_000}]
    findings = pd.DataFrame(
        [
            (kind, parcel, mu, [] if kind == "idle" else firms, "开发区", "城东", detail,
             shapes.get(parcel))
            for kind, parcel, mu, detail in rows
        ],
        columns=list(FINDING_COLUMNS),
    )  # fmt: skip
    table = pd.DataFrame(
        {
            "parcel_id": list(shapes),
            "geometry": pd.Series([shapely.to_wkb(one) for one in shapes.values()], dtype=object),
        }
    )
    return RunRecord(
        run_id=run_id,
        as_of=dt.date.fromisoformat(as_of),
        year=2025,
        pack="three-indicator",
        pack_version="2026.1",
        rules_digest="d" * 64,
        crs="EPSG:4549",
        inputs={"kinds": sorted(kinds), "files": [{"path": "a.shp", "sha256": "0" * 64}]},
        totals={"parcels": len(shapes)},
        kinds=kinds,
        findings=findings,
        parcels=lambda: [table.iloc[:1], table.iloc[1:]],
    )


def open_(ledger: Ledger, record: RunRecord, kind: str = "both", **who: Any) -> Any:
    with ledger.write() as session:
        opened = open_from_run(session, record, kind, **{**WHO, **who})
    with ledger.read() as session:
        assert verify(session) == []
    return opened


def case_of(ledger: Ledger, number: str) -> Case:
    with ledger.read() as session:
        case = find_case(session, number)
        _ = [*case.parcels, *case.parts, *case.documents]
        return case


def finish(ledger: Ledger, number: str, on: dt.date, at: datetime) -> None:
    """Work a case off: every step with what it needs, accepted on the day."""
    who: dict[str, Any] = {"by": "王工", "at": at}
    with ledger.write() as session:
        case = find_case(session, number)
        advance(session, case, "suspected", **who)
        advance(session, case, "publicised", publication_from=on, publication_to=on, **who)
        advance(session, case, "confirmed", document="认定书 1 号", **who)
        needs = {"responsible_unit": "经发局", "responsible_person": "李", "deadline": on}
        advance(session, case, "planned", way="buy_back", **needs, **who)
        advance(session, case, "in_disposal", started_on=on, **who)
        mu = case.case_mu_e4
        advance(session, case, "awaiting_acceptance", disposed_mu_e4=mu, **who)
        advance(session, case, "closed", accepted_on=on, **who)


# --- recording -----------------------------------------------------------------------------------


def test_a_run_is_recorded_with_its_findings(ledger: Ledger) -> None:
    record = run("r1", low("A", 123_456, score=0.25), idle("B"))
    with ledger.write() as session:
        recorded = record_run(session, record, **WHO)
    assert (recorded.is_new, recorded.is_latest, recorded.before) == (True, True, None)
    with ledger.read() as session:
        stored = session.scalars(select(Run)).one()
        assert (stored.run_id, stored.as_of, stored.recorded_by) == (
            "r1", dt.date(2026, 6, 30), "王工",
        )  # fmt: skip
        assert stored.inputs_json["files"][0]["sha256"] == "0" * 64
        one = session.scalars(select(Finding).where(Finding.parcel_id == "A")).one()
        assert (one.kind, one.mu_e4, one.detail_json["score"]) == ("low_efficiency", 123_456, 0.25)
        assert one.enterprises_json[0]["name"] == "甲厂"
        assert one.geometry is not None
        assert one.geometry.equals(SHAPES["A"])
        sums = recorded_runs(session)[0][1]
        assert sums == {"low_efficiency": (1, 123_456), "idle": (1, 150_000)}


def test_recording_it_again_changes_nothing(ledger: Ledger) -> None:
    record = run("r1", low("A"))
    for _ in range(2):
        with ledger.write() as session:
            recorded = record_run(session, record, **WHO)
    assert not recorded.is_new
    with ledger.read() as session:
        assert len(session.scalars(select(Finding)).all()) == 1


def test_an_older_run_is_recorded_and_says_nothing_of_today(ledger: Ledger) -> None:
    open_(ledger, run("new", low("A"), as_of="2026-06-30"))
    with ledger.write() as session:
        recorded = record_run(session, run("old", as_of="2025-06-30"), **WHO)
    assert (recorded.is_latest, recorded.judged) == (False, [])
    assert case_of(ledger, "2026-001").parcels[0].is_found
    with pytest.raises(UserError) as refused:
        open_(ledger, run("older", low("B"), as_of="2024-06-30"))
    assert refused.value.issues[0].code == "ledger_runs.not_latest"
    with ledger.read() as session:
        assert "older" not in set(session.scalars(select(Run.run_id)))


# --- opening -------------------------------------------------------------------------------------


def test_one_case_a_parcel_with_all_its_enterprises(ledger: Ledger) -> None:
    record = run("r1", low("A", 90_000), low("B", 50_000))
    firms = [
        {"uscc": "U1", "name": "小厂", "area_mu_e4": 30_000},
        {"uscc": "U2", "name": "大厂", "area_mu_e4": 60_000},
        {"uscc": "U3", "name": "", "area_mu_e4": 10_000},
    ]
    record.findings["enterprises_json"] = [firms, firms[:1]]
    opened = open_(ledger, record)
    assert opened.numbers == ["2026-001", "2026-002"]
    case = case_of(ledger, "2026-001")
    assert case.original_enterprises == "大厂、小厂、U3"
    assert [row.parcel_id for row in case.parcels] == ["A"]
    assert (case.kind, case.state, case.case_mu_e4) == ("low_efficiency", "found", 90_000)
    assert (case.park, case.township, case.opened_by) == ("开发区", "城东", "王工")


def test_both_means_for_either_reason(ledger: Ledger) -> None:
    record = run("r1", low("A", 80_000), low("B", 80_000), idle("B", 120_000), idle("C", 70_000))
    opened = open_(ledger, record, "both")
    cases = {case.parcels[0].parcel_id: case for case in map(_case(ledger), opened.numbers)}
    assert {name: (case.kind, case.case_mu_e4) for name, case in cases.items()} == {
        "A": ("low_efficiency", 80_000),
        "B": ("both", 120_000),  # the larger of 8 and 12 mu
        "C": ("idle", 70_000),
    }
    assert cases["C"].original_enterprises == "C厂"  # nobody uses it: the holder


def _case(ledger: Ledger) -> Any:
    return lambda number: case_of(ledger, number)


def test_idle_land_is_left_to_the_statutory_track(ledger: Ledger) -> None:
    record = run("r1", low("A"), low("B"), idle("B"))
    opened = open_(ledger, record, "low_efficiency")
    assert [one.parcel_id for one in opened.opening.new] == ["A"]
    assert opened.opening.statutory == ["B"]
    opened = open_(ledger, record, "idle")
    assert [(one.parcel_id, one.kind) for one in opened.opening.new] == [("B", "both")]


def test_a_run_without_contracts_does_not_make_idle_land_low_efficiency(ledger: Ledger) -> None:
    with ledger.write() as session:
        record_run(session, run("r1", idle("B"), as_of="2026-03-31"), **WHO)
    without = run("r2", low("A"), low("B"), kinds=frozenset({"low_efficiency"}))
    opened = open_(ledger, without)
    assert [one.parcel_id for one in opened.opening.new] == ["A"]
    assert opened.opening.statutory == ["B"]
    with pytest.raises(UserError) as refused:
        open_(ledger, without, "idle")
    assert refused.value.issues[0].code == "ledger_runs.no_idle_in_run"


def test_land_of_unknown_area_gets_no_case(ledger: Ledger) -> None:
    opened = open_(ledger, run("r1", idle("X", 0), idle("B")))
    assert opened.opening.without_area == ["X"]
    assert [one.parcel_id for one in opened.opening.new] == ["B"]


def test_an_unknown_kind_is_refused(ledger: Ledger) -> None:
    with pytest.raises(UserError):
        open_(ledger, run("r1", low("A")), "neither")


def test_a_case_of_low_efficiency_that_turns_idle_is_pointed_out(ledger: Ledger) -> None:
    open_(ledger, run("r1", low("A"), low("B")))
    after = run("r2", low("A"), idle("A"), low("B"), as_of="2026-09-30")
    opened = open_(ledger, after, "low_efficiency")
    assert (opened.opening.statutory, len(opened.opening.still)) == ([], 2)
    assert [(parcel, one.number) for parcel, one in opened.opening.now_idle] == [("A", "2026-001")]
    assert opened.numbers == []
    assert case_of(ledger, "2026-001").kind == "low_efficiency"


# --- the rerun -----------------------------------------------------------------------------------


def test_a_rerun_never_touches_what_people_wrote(ledger: Ledger) -> None:
    open_(ledger, run("r1", low("A", 100_000, score=0.5)))
    with ledger.write() as session:
        case = find_case(session, "2026-001")
        describe(session, case, progress="已约谈", notes="勿动", park="老园区", **WHO)
    before = case_of(ledger, "2026-001")
    opened = open_(ledger, run("r2", low("A", 130_000, score=0.4), as_of="2026-09-30"))
    after = case_of(ledger, "2026-001")
    assert opened.numbers == []
    assert [former.number for _, former in opened.opening.still] == ["2026-001"]
    assert (after.revision, after.case_mu_e4) == (before.revision, 100_000)
    assert (after.progress, after.notes, after.park) == ("已约谈", "勿动", "老园区")
    moved = opened.recorded.differences.moved[["figure", "before", "after"]].to_numpy().tolist()
    assert moved == [["mu_e4", 100_000, 130_000], ["score", 0.5, 0.4]]


def test_what_changed_since_the_last_run_is_listed(ledger: Ledger) -> None:
    open_(ledger, run("r1", low("A"), low("B", 200_000), idle("C")))
    found = open_(
        ledger, run("r2", low("B", 200_000), low("D"), idle("C"), as_of="2026-09-30")
    ).recorded.differences
    assert found.new[["kind", "parcel_id"]].to_numpy().tolist() == [["low_efficiency", "D"]]
    assert found.gone[["kind", "parcel_id"]].to_numpy().tolist() == [["low_efficiency", "A"]]
    assert found.still["parcel_id"].tolist() == ["C", "B"]  # idle sorts before low_efficiency
    assert found.moved.empty
    with ledger.read() as session:
        before, same = latest_differences(session) or (None, None)
    assert before is not None
    assert same is not None
    assert before.run_id == "r1"
    assert same.new.equals(found.new)


def test_a_case_whose_finding_is_gone_stays_and_says_so(ledger: Ledger) -> None:
    open_(ledger, run("r1", low("A"), low("B")))
    opened = open_(ledger, run("r2", low("B"), as_of="2026-09-30"), by="李工")
    (judged,) = opened.recorded.judged
    assert (judged.number, judged.parcel_id, judged.why) == ("2026-001", "A", "not_found")
    case = case_of(ledger, "2026-001")
    assert (case.state, case.is_open, case.parcels[0].is_found) == ("found", True, False)
    with ledger.read() as session:
        event = history(session, find_case(session, "2026-001"))[-1]
    assert (event.entity, event.field, event.before_json, event.after_json) == (
        "finding", "is_found", True, False,
    )  # fmt: skip
    assert (event.by, event.why) == ("李工", "r2")


def test_gone_is_said_once_and_found_again_too(ledger: Ledger) -> None:
    open_(ledger, run("r1", low("A")))
    open_(ledger, run("r2", as_of="2026-09-30"))
    quiet = open_(ledger, run("r3", as_of="2026-10-31"))
    assert quiet.recorded.judged == []
    back = open_(ledger, run("r4", low("A"), as_of="2026-11-30"))
    assert [one.why for one in back.recorded.judged] == ["found_again"]
    assert back.numbers == []
    case = case_of(ledger, "2026-001")
    assert case.parcels[0].is_found
    assert case.revision == 4  # case, parcel, gone, back


def test_a_run_that_did_not_look_for_idle_land_says_nothing_of_it(ledger: Ledger) -> None:
    open_(ledger, run("r1", low("A"), idle("B"), low("C"), idle("C")))
    without = run("r2", kinds=frozenset({"low_efficiency"}), as_of="2026-09-30")
    judged = open_(ledger, without).recorded.judged
    assert [one.parcel_id for one in judged] == ["A"]  # C may still be idle, B surely may


def test_a_case_opened_by_hand_is_not_gone_by_a_run_that_never_found_it(ledger: Ledger) -> None:
    form = CaseForm("idle", (ParcelForm("H"),), 50_000)
    with ledger.write() as session:
        open_case(session, form, **WHO)
    assert open_(ledger, run("r1", low("A"))).recorded.judged == []
    found = open_(ledger, run("r2", low("A"), idle("H"), as_of="2026-09-30"))
    assert [parcel for parcel, _ in found.opening.still] == ["A", "H"]
    gone = open_(ledger, run("r3", low("A"), as_of="2026-10-31"))
    assert [one.parcel_id for one in gone.recorded.judged] == ["H"]


def test_a_run_of_another_area_says_nothing_of_this_one(ledger: Ledger) -> None:
    open_(ledger, run("r1", low("A"), low("B")))
    far = {"Z": square(90_000.0)}
    opened = open_(ledger, run("r2", low("Z"), as_of="2026-09-30", parcels=far))
    assert opened.recorded.judged == []
    assert opened.numbers == ["2026-003"]


# --- relapse, removal ----------------------------------------------------------------------------


def test_a_finding_after_closing_is_a_relapse_that_names_the_former(ledger: Ledger) -> None:
    open_(ledger, run("r1", low("A")))
    finish(ledger, "2026-001", dt.date(2026, 8, 15), datetime(2026, 8, 15, 2, tzinfo=UTC))
    opened = open_(ledger, run("r2", low("A"), as_of="2026-12-31"))
    ((number, proposal),) = opened.relapses
    assert (number, proposal.parcel_id) == ("2026-002", "A")
    new, old = case_of(ledger, "2026-002"), case_of(ledger, "2026-001")
    assert new.relapse_of == old.id
    assert (old.state, new.state) == ("closed", "found")


@pytest.mark.parametrize("as_of", ["2026-06-30", "2026-08-15"])
def test_a_run_of_before_the_closing_is_no_relapse(ledger: Ledger, as_of: str) -> None:
    open_(ledger, run("r1", low("A")))
    finish(ledger, "2026-001", dt.date(2026, 8, 15), datetime(2026, 8, 15, 2, tzinfo=UTC))
    again = run("r1", low("A")) if as_of == "2026-06-30" else run("r2", low("A"), as_of=as_of)
    opened = open_(ledger, again)
    assert opened.numbers == []
    assert [(parcel, one.number) for parcel, one in opened.opening.settled] == [("A", "2026-001")]


def test_a_removed_case_is_listed_and_not_opened_anew(ledger: Ledger) -> None:
    open_(ledger, run("r1", low("A")))
    with ledger.write() as session:
        case = find_case(session, "2026-001")
        advance(session, case, "removed", by="王工", at=AT, why="数据有误")
    opened = open_(ledger, run("r2", low("A"), as_of="2026-12-31"))
    assert opened.numbers == []
    assert [(parcel, one.number) for parcel, one in opened.opening.put_aside] == [("A", "2026-001")]


def test_what_is_carried_to_a_new_case_is_the_open_one(ledger: Ledger) -> None:
    open_(ledger, run("r1", low("A", 100_000)))
    who: dict[str, Any] = {"by": "王工", "at": datetime(2026, 8, 1, 2, tzinfo=UTC)}
    on = dt.date(2026, 8, 1)
    with ledger.write() as session:
        case = find_case(session, "2026-001")
        advance(session, case, "suspected", **who)
        advance(session, case, "publicised", publication_from=on, publication_to=on, **who)
        advance(session, case, "confirmed", document="认定书", **who)
        dispose(session, case, way="auction", mu_e4=40_000, started_on=on, **who)
        given = {"responsible_unit": "经发局", "responsible_person": "李", "deadline": on}
        advance(session, case, "planned", **given, **who)
        advance(session, case, "in_disposal", **who)
        advance(session, case, "awaiting_acceptance", **who)
        advance(session, case, "closed", accepted_on=on, carry_rest=True, **who)
    opened = open_(ledger, run("r2", low("A"), as_of="2026-12-31"))
    assert opened.numbers == []
    assert [former.number for _, former in opened.opening.still] == ["2026-002"]


# --- lineage -------------------------------------------------------------------------------------

SPLIT = {
    **{name: shape for name, shape in SHAPES.items() if name != "A"},
    "A1": square(0, 45.0),
    "A2": square(45, 55.0),
}


def test_a_split_parcel_is_proposed_and_gets_no_second_case(ledger: Ledger) -> None:
    open_(ledger, run("r1", low("A"), low("B")))
    after = run("r2", low("A1"), low("A2"), low("B"), as_of="2026-12-31", parcels=SPLIT)
    opened = open_(ledger, after)
    assert opened.numbers == []
    assert [one.parcel_id for one in opened.opening.succeeded] == ["A1", "A2"]
    proposed = [(one.case_number, one.previously_part_of, one.parcel_id, one.how)
                for one in opened.recorded.successions]  # fmt: skip
    assert proposed == [("2026-001", "A", "A1", "split"), ("2026-001", "A", "A2", "recoded")]
    assert [(one.parcel_id, one.why) for one in opened.recorded.judged] == [("A", "parcel_absent")]


def test_successors_that_were_taken_over_are_the_cases_own(ledger: Ledger) -> None:
    open_(ledger, run("r1", low("A")))
    after = run("r2", low("A1"), low("A2"), as_of="2026-12-31", parcels=SPLIT)
    open_(ledger, after)
    with ledger.write() as session:
        case = find_case(session, "2026-001")
        forms = [ParcelForm(name, geometry=shape_of(session, name)) for name in ("A1", "A2")]
        replace_parcel(session, case, "A", forms, why="分割登记", **WHO)
    case = case_of(ledger, "2026-001")
    live = {row.parcel_id: row.previously_part_of for row in case.parcels if not row.removed}
    assert live == {"A1": "A", "A2": "A"}
    again = open_(ledger, replace(after, run_id="r3", as_of=dt.date(2027, 1, 31)))
    assert again.numbers == []
    assert again.recorded.successions == []
    assert [former.number for _, former in again.opening.still] == ["2026-001"] * 2


def test_a_merged_parcel_is_proposed_for_both_cases(ledger: Ledger) -> None:
    joint = shapely.set_srid(shapely.union_all([SHAPES["A"], square(100, 100), SHAPES["B"]]), 4549)
    open_(ledger, run("r1", low("A"), low("B")))
    rest = {name: shape for name, shape in SHAPES.items() if name not in "AB"}
    after = run("r2", low("AB"), as_of="2026-12-31", parcels={**rest, "AB": joint})
    opened = open_(ledger, after)
    assert opened.numbers == []
    assert [(one.case_number, one.how) for one in opened.recorded.successions] == [
        ("2026-001", "merged"),
        ("2026-002", "merged"),
    ]


def test_land_that_is_idle_no_more_may_be_low_efficiency_again(ledger: Ledger) -> None:
    with ledger.write() as session:
        record_run(session, run("r1", idle("A"), as_of="2026-03-31"), **WHO)
    opened = open_(ledger, run("r2", low("A")))  # it looked for idle land and found none at all
    assert [(one.parcel_id, one.kind) for one in opened.opening.new] == [("A", "low_efficiency")]
