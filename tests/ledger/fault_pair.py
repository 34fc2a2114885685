"""Two planners who write into one ledger at the same time, and the account of what they did."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from case_life import brought, opened
from fault_desk import HERE, environment, sound
from sqlalchemy import select

from landuse.ledger import open_ledger, replay
from landuse.ledger.models import Case, Event

NAMES = ("甲", "乙")
CASES = 12


def write_together(url: str, home: Path, moves: int) -> Counter[str]:
    """Both make so many random moves; how many were acknowledged, refused, and their events.

    Asserted is that no acknowledged move is lost, none is there in part or twice, none that was
    refused left a trace, and that the ledger is sound.
    """
    with open_ledger(url) as ledger, ledger.write() as session:
        for number in range(CASES):
            case = opened(session, f"P{number}", "50")
            if number % 3:
                brought(session, case, ("planned", "publicised")[number % 3 - 1])
    first = _events(url)
    command = [sys.executable, str(HERE / "fault_writer.py")]
    outs = [home / f"said-{name}" for name in NAMES]
    running = []
    for seed, (name, out) in enumerate(zip(NAMES, outs, strict=True)):
        with out.open("wb") as stream:
            arguments = [*command, name, url, str(moves), str(seed)]
            running.append(
                subprocess.Popen(arguments, stdout=stream, cwd=home, env=environment(home))
            )
    assert [process.wait() for process in running] == [0, 0]
    told = [json.loads(line) for out in outs for line in out.read_text("utf-8").splitlines()]
    assert len(told) == moves * len(NAMES)
    events = _events(url) - first
    account = _account(told, events)
    _nothing_is_lost(url)
    sound(url)
    return account


def _events(url: str) -> set[tuple[Any, ...]]:
    columns = (Event.case_id, Event.seq, Event.act, Event.entity, Event.field, Event.by, Event.why)
    with open_ledger(url) as ledger, ledger.read() as session:
        return {tuple(row) for row in session.execute(select(*columns))}


def _account(told: list[dict[str, Any]], events: set[tuple[Any, ...]]) -> Counter[str]:
    by_word: dict[str, list[tuple[Any, ...]]] = {}
    for event in events:
        by_word.setdefault(event[6], []).append(event)
    account = Counter(events=len(events))
    for one in told:
        mine = by_word.pop(one["word"], [])
        assert one["code"] in {0, 2}, one
        assert all(event[5] == one["word"].partition("-")[0] for event in mine)
        if one["code"] == 2:
            assert "→" in one["said"], one
            assert not mine, "refused, and yet something of it is there"
            account["refused"] += 1
            continue
        assert len(mine) == (2 if one["move"][0] == "open" else one["changes"]), one
        assert len({(event[0], event[2]) for event in mine}) <= 1, "one act, of one case"
        account["acknowledged"] += 1
    assert not by_word, "events of nobody's move"
    return account


def _nothing_is_lost(url: str) -> None:
    """Each case is what its events lead to, each event begins where the former one ended."""
    with open_ledger(url) as ledger, ledger.read() as session:
        assert not list(replay.differences(session))
        for case in session.scalars(select(Case)):
            query = select(Event).where(Event.case_id == case.id).order_by(Event.seq)
            now: dict[tuple[str, int, str], Any] = {}
            for place, event in enumerate(session.scalars(query), start=1):
                assert event.seq == place
                if event.field == "*":
                    for name, value in event.after_json.items():
                        now[event.entity, event.entity_seq, name] = value
                    continue
                spot = (event.entity, event.entity_seq, event.field)
                assert now[spot] == event.before_json, "an update was lost"
                now[spot] = event.after_json
            assert case.revision == place
