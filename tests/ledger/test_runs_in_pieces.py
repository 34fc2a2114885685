"""A run is put into the ledger some rows at a time: the same rows wherever a piece ends."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from sqlalchemy import select
from test_runs_cases import SHAPES, low, open_, run

from landuse.ledger import Ledger, bulk, opening
from landuse.ledger.models import CaseParcel, Event, Finding
from landuse.ledger.run_units import units_of

CODES = "ABCDE"


@pytest.mark.parametrize("rows", [1, 2, 5, 9])
def test_every_finding_and_case_is_there_once_and_in_order(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(opening, "_MANY", rows)
    monkeypatch.setattr(bulk, "_AT_ONCE", rows)
    opened = open_(ledger, run("r1", *(low(code, 10_000 * ord(code)) for code in CODES)))
    assert opened.numbers == [f"2026-{number:03d}" for number in range(1, 6)]
    with ledger.read() as session:
        found = list(session.scalars(select(Finding).order_by(Finding.id)))
        land = list(session.scalars(select(CaseParcel).order_by(CaseParcel.id)))
        events = list(session.scalars(select(Event).order_by(Event.id)))
        for kept in (found, land):
            assert [one.parcel_id for one in kept] == list(CODES)
            assert all(one.geometry.equals(SHAPES[one.parcel_id]) for one in kept)
            assert [one.min_x for one in kept] == [SHAPES[code].bounds[0] for code in CODES]
        assert [one.mu_e4 for one in found] == [10_000 * ord(code) for code in CODES]
        assert [(one.case_id, one.seq, one.entity) for one in events] == [
            (key, seq, entity)
            for key in opened.cases
            for seq, entity in ((1, "case"), (2, "parcel"))
        ]


def test_units_come_in_several_frames(ledger: Ledger) -> None:
    frames = [
        pd.DataFrame({"uscc": ["U1", "U2"], "score": [0.5, 0.6]}),
        pd.DataFrame({"uscc": [], "score": []}),
        pd.DataFrame({"uscc": ["U3"], "score": [0.7]}),
    ]
    open_(ledger, replace(run("r1", low("A")), units=lambda: frames))
    with ledger.read() as session:
        kept = [units_of(session, code)["score"].tolist() for code in ("U1", "U2", "U3")]
    assert kept == [[0.5], [0.6], [0.7]]
