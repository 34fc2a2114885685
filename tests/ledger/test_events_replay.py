"""The rows are what the events lead to, after any sequence of changes and undos."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_acts import new_case, who
from ledger_databases import cluster
from sqlalchemy import text
from sqlalchemy.orm import Session

from landuse.errors import UserError
from landuse.ledger import Ledger, events, open_ledger, replay
from landuse.ledger.models import Case

TEXTS = st.sampled_from(["", "x", "台账 “引号” 'sql'; --", "换\n行", "\U00020000"])
DAYS = st.none() | st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31))
AMOUNTS = st.none() | st.integers(0, 2**62)
STATES = st.sampled_from(["found", "suspected", "deferred", "closed", "removed"])
SHAPES = st.none() | st.builds(
    lambda x, y, srid: shapely.set_srid(shapely.box(x, y, x + 1.1, y + 2.3), srid),
    st.floats(-180, 180),
    st.floats(-90, 90),
    st.sampled_from([0, 4490, 4549]),
)
CASE = st.fixed_dictionaries(
    {},
    optional={
        "state": STATES,
        "previous_state": STATES,
        "notes": TEXTS,
        "park": TEXTS,
        "deadline": DAYS,
        "case_mu_e4": st.integers(0, 2**62),
        "floor_area_m2_e2": AMOUNTS,
    },
)
PART = st.fixed_dictionaries(
    {},
    optional={
        "way": TEXTS,
        "mu_e4": AMOUNTS,
        "started_on": DAYS,
        "accepted_on": DAYS,
        "removed": st.booleans(),
    },
)
PAPER = st.fixed_dictionaries({"name": TEXTS}, optional={"kind": TEXTS, "served_on": DAYS})
PARCEL = st.fixed_dictionaries({}, optional={"geometry": SHAPES, "removed": st.booleans()})
SEQ = st.integers(1, 3)
STEPS = st.one_of(
    st.tuples(st.just("change"), CASE),
    st.tuples(st.just("add_part"), PART),
    st.tuples(st.just("change_part"), SEQ, PART),
    st.tuples(st.just("add_document"), PAPER),
    st.tuples(st.just("change_document"), SEQ, PAPER),
    st.tuples(st.just("add_parcel"), st.sampled_from("ABC"), SHAPES),
    st.tuples(st.just("change_parcel"), SEQ, PARCEL),
    st.tuples(st.just("mark_found"), SEQ, st.booleans()),
    st.tuples(st.just("undo"), st.integers(1, 30)),
)


def act(session: Session, case: Case, step: tuple[Any, ...]) -> None:
    name, *given_ = step
    if name == "undo":
        told = events.history(session, case)
        events.undo(session, told[-1 - given_[0] % len(told)].id, **who())
    elif name == "mark_found":
        events.mark_found(session, case, given_[0], found=given_[1], **who())
    elif name == "add_parcel":
        values = {"parcel_id": given_[0], "geometry": given_[1]}
        events.add_parcel(session, case, values, **who())
    else:
        getattr(events, name)(session, case, *given_, **who())


@pytest.fixture(scope="module")
def standing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ledger]:
    """One ledger for all examples: each makes a case of its own."""
    server = request.param == "postgis"
    url = cluster().new() if server else str(tmp_path_factory.mktemp("replay") / "a.db")
    with open_ledger(url) as ledger:
        yield ledger
    if server:
        cluster().drop(url)


@pytest.mark.parametrize("standing", ["sqlite", "postgis"], indirect=True)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, max_size=12))
def test_replaying_the_events_gives_the_rows(standing: Ledger, steps: list[Any]) -> None:
    with standing.write() as session:
        session.execute(text("UPDATE case_parcels SET is_open = false, removed = true"))
        count = session.query(Case).count()
        case = new_case(session, f"2026-{count:05d}", parcels=[{"parcel_id": "A"}])
        key = case.id
        for step in steps:
            before = case.revision
            try:
                with session.begin_nested():
                    act(session, case, step)
            except UserError:
                session.expire_all()
                case = session.get_one(Case, key)
                assert case.revision == before  # a refusal leaves nothing
            assert case.revision >= before
    with standing.read() as session:
        case = session.get_one(Case, key)
        told = events.history(session, case)
        assert [event.seq for event in told] == list(range(1, case.revision + 1))
        assert not replay.compare(replay.state_of(case), replay.replay(told))


def test_every_field_of_every_row_is_watched(ledger: Ledger) -> None:
    """Written behind the events' back, each field shows as one difference of its case."""
    with ledger.write() as session:
        case = new_case(session, parcels=[{"parcel_id": "A"}])
        new_case(session, "2026-002")
        events.add_part(session, case, {"way": "swap"}, **who())
        events.add_document(session, case, {"name": "x"}, **who())
    changed = {
        "cases": {"notes": "'y'", "deadline": "'2026-01-01'", "case_mu_e4": "1", "revision": "9"},
        "case_parcels": {"previously_part_of": "'y'", "is_found": "false", "parcel_id": "'Z'"},
        "parts": {"mu_e4": "7", "removed": "true", "accepted_on": "'2026-01-01'"},
        "documents": {"sha256": "'y'", "served_on": "'2026-01-01'"},
    }
    for table, fields in changed.items():
        for field, value in fields.items():
            with pytest.raises(ZeroDivisionError), ledger.write() as session:  # noqa: PT012
                key = "id" if table == "cases" else "case_id"
                session.execute(text(f"UPDATE {table} SET {field} = {value} WHERE {key} = 1"))
                told = [(n, d.entity, d.field) for n, d in replay.differences(session)]
                entity = {"cases": "case", "case_parcels": "parcel"}.get(table, table[:-1])
                assert told == [("2026-001", entity, field)]
                _ = 1 / 0
    with ledger.read() as session:
        assert not list(replay.differences(session))


def test_a_row_without_events_and_events_without_a_row_are_found(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = new_case(session)
        events.add_part(session, case, {"way": "swap"}, **who())
    with ledger.write() as session:
        session.execute(text("DELETE FROM parts"))
        session.execute(
            text(
                "INSERT INTO documents (case_id, seq, name, kind, sha256, removed)"
                " VALUES (1, 1, 'x', '', '', false)"
            )
        )
        found = {(d.entity, d.seq) for _, d in replay.differences(session)}
        assert found == {("part", 1), ("document", 1)}


def test_a_thousand_and_one_cases_are_all_compared(tmp_path: Path) -> None:
    """Differences are looked for a thousand cases at a time: the last one counts as well."""
    fields = {"kind": "idle", "state": "found", "case_mu_e4": 1}
    new = [
        events.NewCase({**fields, "number": f"{n}"}, [{"parcel_id": f"{n}"}]) for n in range(1001)
    ]
    with open_ledger(tmp_path / "a.db") as ledger, ledger.write() as session:
        keys = events.create_cases(session, new, **who())
        assert keys == list(range(1, 1002))
        assert not list(replay.differences(session))
        session.execute(text("UPDATE cases SET notes = 'x' WHERE id = 1001"))
        assert [number for number, _ in replay.differences(session)] == ["1000"]
