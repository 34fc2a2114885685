"""Whether every case is what its events say, and holds what its state rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from landuse.issues import Issue
from landuse.ledger.journal import CREATED, FIELDS, ROWS, to_json
from landuse.ledger.models import Case, Correction, Event
from landuse.ledger.replay import CaseState, compare, replay
from landuse.ledger.states import RESTS_ON, STATES, allowed, word
from landuse.ledger.undo import undone
from landuse.scaled import FLOOR_M2, MU, to_text

__all__ = ["case_faults", "correction_faults"]

_BATCH: Final = 1000
_CHILDREN: Final = ("parcel", "part", "document")
_EVENT: Final = (
    Event.id, Event.case_id, Event.seq, Event.entity, Event.entity_seq, Event.field,
    Event.before_json, Event.after_json, Event.undo_of,
)  # fmt: skip


def _fault(code: str, key: str, **values: object) -> Issue:
    return Issue(code, table="ledger", key=key, values=values)


def case_faults(session: Session) -> Iterator[Issue]:
    """Faults of each case by itself: its events, its rows, its sums."""
    keys = list(session.scalars(select(Case.id).order_by(Case.id)))
    for start in range(0, len(keys), _BATCH):
        some = keys[start : start + _BATCH]
        rows = _rows(session, some)
        query = select(*_EVENT).where(Event.case_id.between(some[0], some[-1]))
        events = _grouped(session, query.order_by(Event.case_id, Event.seq))
        for key in some:
            yield from _one_case(rows[key], events.get(key, []))


def _grouped(session: Session, query: Select[Any]) -> dict[int, list[Row[Any]]]:
    found = session.execute(query)
    return {key: list(group) for key, group in groupby(found, key=lambda row: row.case_id)}


def _rows(session: Session, keys: list[int]) -> dict[int, CaseState]:
    """The rows of cases as plain values, as a replay would give them."""
    names = (*FIELDS["case"], "is_open")
    columns = [getattr(Case, name) for name in names]
    query = select(Case.id, Case.revision, *columns).where(Case.id.between(keys[0], keys[-1]))
    states = {
        key: CaseState(dict(zip(names, values, strict=True)), revision=revision)
        for key, revision, *values in session.execute(query)
    }
    for entity in _CHILDREN:
        model: Any = ROWS[entity]
        extra = ("is_found", "is_open") if entity == "parcel" else ()
        names = (*FIELDS[entity], *extra)
        columns = [getattr(model, name) for name in names]
        query = select(model.case_id, model.seq, *columns)
        for key, seq, *values in session.execute(
            query.where(model.case_id.between(keys[0], keys[-1]))
        ):
            if key in states:
                states[key].of(entity)[seq] = dict(zip(names, values, strict=True))
    return states


def _one_case(rows: CaseState, events: list[Row[Any]]) -> Iterator[Issue]:
    number = str(rows.case["number"])
    sequence = [event.seq for event in events]
    if sequence != list(range(1, len(events) + 1)) or not events or events[0].field != CREATED:
        yield _fault("ledger_cases.fault_events", number, n=len(events), revision=rows.revision)
        return
    yield from _chain(number, events)
    try:
        replayed = replay(events)  # type: ignore[arg-type]
    except (ValueError, TypeError, AttributeError):  # a value that no field can hold
        yield _fault("ledger_cases.fault_events", number, n=len(events), revision=rows.revision)
        return
    for found in compare(rows, replayed):
        yield _fault(
            "ledger_cases.fault_replay",
            number,
            entity=found.entity,
            seq=found.seq,
            field=found.field,
            row=found.row,
            replayed=found.replayed,
        )
    yield from _sums(number, rows)
    yield from _standing(number, rows, _promised(events))


def _promised(events: list[Row[Any]]) -> set[str]:
    """Needs of the moves that were made and stand; a case taken over in its state promised none."""
    gone = undone(events)  # type: ignore[arg-type]
    moves = (
        event.after_json
        for event in events
        if event.entity == "case" and event.field == "state" and event.undo_of is None
        if event.id not in gone and event.before_json != "deferred"
    )
    return {need for state in moves if state in STATES for need in STATES[state].needs}


def _chain(number: str, events: Iterable[Row[Any]]) -> Iterator[Issue]:
    """Each event starts from what the former ones left, and each move is an allowed one."""
    held: dict[tuple[str, int, str], Any] = {}
    for event in events:
        if event.field == CREATED:
            for name, value in event.after_json.items():
                held[event.entity, event.entity_seq, name] = value
            if event.entity == "parcel":
                held["finding", event.entity_seq, "is_found"] = True
            continue
        place = (event.entity, event.entity_seq, event.field)
        if place not in held or held[place] != event.before_json:
            yield _fault(
                "ledger_cases.fault_chain", number, seq=event.seq, field=event.field,
                before=event.before_json, held=held.get(place),
            )  # fmt: skip
        if place == ("case", 0, "state") and event.undo_of is None:
            came_from = held.get(("case", 0, "previous_state"))
            yield from _move(number, event, came_from)
        held[place] = event.after_json


def _move(number: str, event: Row[Any], came_from: str | None) -> Iterator[Issue]:
    before, after = str(event.before_json), str(event.after_json)
    if before in STATES and after not in allowed(before, came_from):
        yield _fault(
            "ledger_cases.fault_move",
            number,
            seq=event.seq,
            from_zh=word("state", before),
            from_en=word("state", before, "en"),
            to_zh=word("state", after) if after in STATES else after,
            to_en=word("state", after, "en") if after in STATES else after,
        )


def _live(rows: CaseState) -> list[dict[str, Any]]:
    return [part for part in rows.parts.values() if not part["removed"]]


def _sums(number: str, rows: CaseState) -> Iterator[Issue]:
    mu = sum(part["mu_e4"] or 0 for part in _live(rows))
    floor = sum(part["floor_area_m2_e2"] or 0 for part in _live(rows))
    limit, floor_limit = rows.case["case_mu_e4"], rows.case["floor_area_m2_e2"] or 0
    for code, added, most, places in (
        ("ledger_cases.fault_parts_mu", mu, limit, MU),
        ("ledger_cases.fault_parts_floor", floor, floor_limit, FLOOR_M2),
    ):
        if added > most:
            yield _fault(code, number, value=to_text(added, places), limit=to_text(most, places))


def _standing(number: str, rows: CaseState, promised: set[str]) -> Iterator[Issue]:
    """What the state of the case rests on."""
    case, parts = rows.case, _live(rows)
    state = case["previous_state"] if case["state"] == "deferred" else case["state"]
    if case["state"] not in STATES or state not in STATES:
        yield _fault("ledger_cases.fault_state", number, state=case["state"])
        return
    if (case["state"] == "deferred") != bool(case["previous_state"]):
        yield _fault("ledger_cases.fault_state", number, state=case["state"])
    held = {
        "way": bool(parts) and all(part["way"] for part in parts),
        "started_on": any(part["started_on"] for part in parts),
        "parts_started": bool(parts) and all(part["started_on"] for part in parts),
        "disposed_mu": bool(parts) and all(part["mu_e4"] for part in parts),
        "nothing_remains": sum(part["mu_e4"] or 0 for part in parts) == case["case_mu_e4"],
    }
    needs = tuple(need for need in RESTS_ON.get(state, ()) if need in promised)
    if state == "closed":
        needs = (*needs, "accepted_on", "nothing_remains")
    for need in dict.fromkeys(needs):
        if not held.get(need, bool(case.get(need))):
            yield _fault(
                "ledger_cases.fault_need",
                number,
                state_zh=word("state", state),
                state_en=word("state", state, "en"),
                need_zh=word("need", need),
                need_en=word("need", need, "en"),
            )


def correction_faults(session: Session) -> Iterator[Issue]:
    """Corrections whose rows are not what their events say."""
    query = select(Event).where(Event.entity == "correction").order_by(Event.entity_seq, Event.seq)
    replayed: dict[int, dict[str, Any]] = {}
    for event in session.scalars(query):
        fields = replayed.setdefault(event.entity_seq, {})
        if event.field == CREATED:
            fields.update(event.after_json)
        else:
            fields[event.field] = event.after_json
    for row in session.scalars(select(Correction).order_by(Correction.id)):
        said = replayed.pop(row.id, None)
        held = {name: to_json(getattr(row, name)) for name in FIELDS["correction"]}
        if said != held:
            yield _fault("ledger_cases.fault_correction", str(row.id))
    for key in replayed:
        yield _fault("ledger_cases.fault_correction", str(key))
