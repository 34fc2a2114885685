"""Findings by the thousand, tables as frames, and the boxes on both databases."""

from __future__ import annotations

import datetime as dt
import random

import numpy as np
import pandas as pd
import shapely
from ledger_acts import AT, new_case, who
from sqlalchemy import text

from landuse.ledger import Ledger, bulk, events
from landuse.ledger.models import CaseParcel, Finding, Run


def run_of(session, run_id: str) -> int:
    run = Run(
        run_id=run_id, as_of=AT.date(), year=2025, pack="p", pack_version="1", rules_digest="d",
        inputs_json=[], totals_json={}, recorded_at=AT, recorded_by="a",
    )  # fmt: skip
    session.add(run)
    session.flush()
    return run.id


def found(count: int) -> pd.DataFrame:
    corners = np.arange(count, dtype=float)
    shapes = shapely.set_srid(shapely.box(corners, 0, corners + 0.5, 1), 4549)
    shapes[count // 2] = None
    return pd.DataFrame(
        {
            "kind": "idle",
            "parcel_id": [f"P{n:05d}" for n in range(count)][::-1],
            "mu_e4": range(count),
            "enterprises_json": [
                [{"uscc": "X", "name": "企业", "area_mu_e4": n}] for n in range(count)
            ],
            "park": "西区",
            "township": "",
            "detail_json": [{"finding": "not_started", "fee_wan_e6": n} for n in range(count)],
            "geometry": shapes,
        }
    )


def test_findings_come_back_as_they_went_in(ledger: Ledger) -> None:
    frame = found(300)
    with ledger.write() as session:
        one, two = run_of(session, "1"), run_of(session, "2")
        assert bulk.insert_findings(session, one, frame) == 300
        bulk.insert_findings(session, two, frame.head(1))
        session.add(
            Finding(run_id=two, kind="idle", parcel_id="by hand", mu_e4=1,
                    enterprises_json=[], detail_json={})
        )  # fmt: skip
    with ledger.read() as session:
        back = bulk.read_findings(session, one, geometry=True)
        assert len(bulk.read_findings(session)) == 302
        assert len(bulk.read_findings(session, one, "low_efficiency")) == 0
    wanted = frame.sort_values("parcel_id", ignore_index=True)
    for name in ("kind", "parcel_id", "park", "township", "enterprises_json", "detail_json"):
        assert back[name].tolist() == wanted[name].tolist()
    assert str(back["mu_e4"].dtype) == "Int64"
    assert back["mu_e4"].tolist() == wanted["mu_e4"].tolist()
    assert (
        shapely.equals_exact(back["geometry"].to_numpy(), wanted["geometry"].to_numpy()).sum()
        == 299
    )
    assert back["geometry"].isna().tolist() == wanted["geometry"].isna().tolist()


def test_a_server_knows_at_once_how_many_findings_there_are(ledger: Ledger) -> None:
    """Without it the plans of the queries that follow are those of an empty table."""
    with ledger.write() as session:
        run = run_of(session, "1")
        bulk.insert_findings(session, run, found(1000))
        if ledger.file is None:
            query = "SELECT reltuples FROM pg_class WHERE oid = 'findings'::regclass"
            assert session.execute(text(query)).scalar_one() == 1000
    with ledger.read() as session:
        assert len(bulk.read_findings(session, run)) == 1000


def test_an_empty_frame_of_findings_and_an_empty_ledger(ledger: Ledger) -> None:
    with ledger.write() as session:
        assert bulk.insert_findings(session, run_of(session, "1"), found(3).head(0)) == 0
        assert list(bulk.read_cases(session).columns)[:3] == ["id", "number", "kind"]
        assert len(bulk.read_parts(session)) == 0
        assert str(bulk.read_cases(session)["case_mu_e4"].dtype) == "Int64"


def test_tables_come_out_as_frames(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session, deadline=dt.date(2026, 9, 30))
        new_case(session, "2026-002")
        events.add_part(session, case, {"way": "swap", "mu_e4": 5}, **who())
        events.add_document(session, case, {"name": "x"}, **who())
    with ledger.read() as session:
        cases = bulk.read_cases(session)
        assert cases["number"].tolist() == ["2026-001", "2026-002"]
        assert cases["deadline"].tolist() == [dt.date(2026, 9, 30), None]
        assert cases["floor_area_m2_e2"].isna().all()
        assert cases["opened_at"].tolist() == [pd.Timestamp(AT)] * 2
        assert cases["is_open"].tolist() == [True, True]
        assert bulk.read_parts(session)[["case_id", "way", "mu_e4"]].to_numpy().tolist() == [
            [1, "swap", 5]
        ]
        assert bulk.read_documents(session)["name"].tolist() == ["x"]
        assert "geometry" not in bulk.read_parcels(session)
        assert bulk.read_parcels(session, geometry=True)["geometry"].notna().all()
        told = bulk.read_events(session)
        assert told["entity"].tolist() == ["case", "parcel"] * 2 + ["part", "document"]
        assert told["after_json"].iloc[4]["mu_e4"] == 5


def test_cases_by_the_hundred_are_the_same_as_one_by_one(ledger: Ledger) -> None:
    fields = {"kind": "idle", "state": "found", "case_mu_e4": 7, "notes": "x"}
    parcels = [{"parcel_id": "{}", "geometry": shapely.box(0, 0, 1, 1)}]
    one = [
        events.NewCase({**fields, "number": f"b{n}"}, [{**parcels[0], "parcel_id": f"b{n}"}])
        for n in range(3)
    ]
    with ledger.write() as session:
        events.create_cases(session, one, **who())
        for n in range(3):
            events.create_case(
                session,
                {**fields, "number": f"s{n}"},
                [{**parcels[0], "parcel_id": f"s{n}"}],
                **who(),
            )
        events.create_cases(session, [], **who())
    with ledger.read() as session:
        for frame in (bulk.read_cases(session), bulk.read_parcels(session, geometry=True)):
            plain = frame.drop(columns=["id", "number", "parcel_id", "case_id"], errors="ignore")
            assert plain.astype(str).drop_duplicates().shape[0] == 1
            assert len(frame) == 6


def test_what_meets_a_box_is_what_a_look_at_every_row_finds(ledger: Ledger) -> None:
    rng = random.Random(7)
    boxes = {}
    with ledger.write() as session:
        case = new_case(session, parcels=[])
        for number in range(60):
            x, y = rng.randint(0, 40), rng.randint(0, 40)
            shape = shapely.set_srid(shapely.box(x, y, x + rng.randint(1, 9), y + 3), 4549)
            row = events.add_parcel(
                session, case, {"parcel_id": str(number), "geometry": shape}, **who()
            )
            boxes[row.id] = shape.bounds
        events.add_parcel(session, case, {"parcel_id": "no outline"}, **who())
        # moved, and emptied: the index follows
        events.change_parcel(session, case, 1, {"geometry": shapely.box(90, 90, 91, 91)}, **who())
        events.change_parcel(session, case, 2, {"geometry": None}, **who())
        first, second = list(boxes)[:2]
        boxes[first] = (90, 90, 91, 91)
        del boxes[second]
    with ledger.read() as session:
        for _ in range(40):
            a, b = rng.randint(0, 95), rng.randint(0, 95)
            area = (a, b, a + rng.randint(0, 12), b + rng.randint(0, 12))
            wanted = [
                key
                for key, (x0, y0, x1, y1) in sorted(boxes.items())
                if x1 >= area[0] and x0 <= area[2] and y1 >= area[1] and y0 <= area[3]
            ]
            assert bulk.in_box(session, CaseParcel, area) == wanted
        assert bulk.in_box(session, Finding, (0, 0, 1, 1)) == []


def test_boxes_are_exact_where_the_index_is_not(ledger: Ledger) -> None:
    """An R*Tree holds 32-bit numbers: 0.01 m beside a box at 39 500 000 m is not inside."""
    shape = shapely.box(39500000.0, 3300000.0, 39500000.5, 3300000.5)
    with ledger.write() as session:
        case = new_case(session, parcels=[{"parcel_id": "A", "geometry": shape}])
        key = case.parcels[0].id
    with ledger.read() as session:
        beside = (39500000.51, 3300000.0, 39500001.0, 3300001.0)
        touching = (39500000.5, 3300000.0, 39500001.0, 3300001.0)
        assert bulk.in_box(session, CaseParcel, beside) == []
        assert bulk.in_box(session, CaseParcel, touching) == [key]
