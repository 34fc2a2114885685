"""The whole life of cases, every verb in any order, against the law in plain Python.

One example is one transaction that is rolled back at its end. A refused verb must leave no trace:
after every step the rows are read again and held against the model.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from case_life import NOW, found, idle, run
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from plain_case import MOVES, TAKES, Idle, PlainCase, PlainLedger, RefusedError

from landuse.errors import UserError
from landuse.ledger import cases, open_ledger, parts
from landuse.ledger.cases import CaseForm, ParcelForm
from landuse.ledger.days import day_of
from landuse.ledger.events import history
from landuse.ledger.models import Case
from landuse.ledger.states import WAYS
from landuse.ledger.totals import totals
from landuse.ledger.verify import verify

YEARS = (date(2026, 3, 20), date(2027, 3, 20))
IDLE = {
    "I1": Idle("not_started", "enterprise", *YEARS),
    "I2": Idle("not_started", "enterprise", date(2025, 1, 1), date(2026, 1, 1)),
    "I3": Idle("stalled", "enterprise", date(2025, 1, 1), date(2026, 1, 1)),
    "I4": Idle("not_started", "government", date(2025, 1, 1), date(2026, 1, 1)),
}
LOW = {"L1"}
PARCELS = [*IDLE, *LOW, "N1", "N2"]
AREAS = st.sampled_from([None, 0, 1, 100_000, 250_000, 500_000, 500_001])
FLOORS = st.sampled_from([None, None, 0, 300_000, 700_000])
PICK = st.integers(0, 9)
DAYS = st.integers(-400, 40)
SOME_WAYS = st.sampled_from(["buy_back", "auction", "idle_fee", "withdrawal"])
ONWARD = {
    "found": "suspected",
    "suspected": "publicised",
    "publicised": "confirmed",
    "objected": "confirmed",
    "confirmed": "planned",
    "planned": "in_disposal",
    "in_disposal": "awaiting_acceptance",
    "awaiting_acceptance": "closed",
    "removed": "suspected",
}
EVERY_NEED = sorted({name for names in TAKES.values() for name in names})


class AbortedError(Exception):
    """Ends the transaction of an example."""


class Life(RuleBasedStateMachine):
    """Rules choose a case and a verb; the model says whether it is refused and what it does."""

    ledger: ClassVar[Any]

    def __init__(self) -> None:
        super().__init__()
        self.transaction = self.ledger.write()
        self.session = self.transaction.__enter__()
        self.model = PlainLedger(IDLE, LOW)
        self.at: datetime = NOW
        self.past: list[tuple[datetime, dict[str, object]]] = []

    def teardown(self) -> None:
        self.session.expire_all()
        assert [fault.message("en") for fault in verify(self.session)] == []
        assert not self.transaction.__exit__(AbortedError, AbortedError(), None)

    @initialize()
    def survey(self) -> None:
        one = run(self.session)
        for parcel, facts in IDLE.items():
            idle(
                self.session,
                one,
                parcel,
                finding=facts.finding,
                cause=facts.cause,
                one_year_on=facts.one_year.isoformat(),
                two_years_on=facts.two_years.isoformat(),
            )
        for parcel in LOW:
            found(self.session, one, parcel, "low_efficiency")

    # helpers of the rules

    @property
    def today(self) -> date:
        return day_of(self.at)

    @property
    def who(self) -> dict[str, Any]:
        return {"by": "王工", "at": self.at}

    def number(self, pick: int) -> str:
        """One of the cases; the newest ones more often, so that some get far."""
        numbers = list(self.model.cases)
        return numbers[-1 - pick % len(numbers)]

    def row(self, number: str) -> Case:
        return cases.find_case(self.session, number)

    def both(self, law: Callable[[], object], verb: Callable[[], object]) -> None:
        """The verb does what the law does: both refuse, or both go through."""
        self.past.append((self.at, self.model.totals()))
        self.at += timedelta(seconds=1)
        try:
            law()
        except RefusedError:
            with pytest.raises(UserError):
                verb()
        else:
            verb()
        self.session.flush()
        self.session.expire_all()

    have_cases = precondition(lambda self: bool(self.model.cases))

    # verbs

    @rule(
        kind=st.sampled_from(["low_efficiency", "idle", "both"]),
        chosen=st.lists(st.sampled_from(PARCELS), min_size=1, max_size=2),
        area=st.sampled_from([500_000, 500_000, 0]),
        floor=FLOORS,
    )
    def open(self, kind: str, chosen: list[str], area: int, floor: int | None) -> None:
        form = CaseForm(kind, tuple(ParcelForm(code) for code in chosen), area, floor)
        self.both(
            lambda: self.model.open(self.today.year, kind, tuple(chosen), area, floor),
            lambda: cases.open_case(self.session, form, **self.who),
        )

    @precondition(lambda self: any(one.state == "closed" for one in self.model.cases.values()))
    @rule(pick=PICK)
    def find_again(self, pick: int) -> None:
        """A finding after closing: a new case that names the former."""
        closed = [one for one in self.model.cases.values() if one.state == "closed"]
        chosen = closed[pick % len(closed)].parcels
        form = CaseForm("both", tuple(ParcelForm(code) for code in chosen), 500_000)
        self.both(
            lambda: self.model.open(self.today.year, "both", chosen, 500_000, None),
            lambda: cases.open_case(self.session, form, **self.who),
        )

    @rule(days=st.integers(0, 120))
    def wait(self, days: int) -> None:
        self.at += timedelta(days=days)

    def value(self, name: str, days: int, way: str, area: int) -> object:
        day = self.today + timedelta(days=days)
        return {
            "publication_from": self.today,
            "publication_to": day,
            "way": way,
            "deadline": day,
            "started_on": day,
            "accepted_on": day,
            "disposed_mu_e4": area,
            "carry_rest": True,
        }.get(name, f"文 {name}")

    def move(self, number: str, to: str, given: dict[str, object], why: str) -> None:
        self.both(
            lambda: self.model.move(number, to, given, why, self.today),
            lambda: cases.advance(self.session, self.row(number), to, why=why, **self.who, **given),
        )

    @have_cases
    @rule(
        pick=PICK, to=st.sampled_from(list(MOVES)), days=DAYS, way=SOME_WAYS,
        names=st.sets(st.sampled_from(EVERY_NEED), max_size=2), why=st.sampled_from(["", "诉讼"]),
    )  # fmt: skip
    def any_move(self, pick: int, to: str, days: int, way: str, names: set[str], why: str) -> None:
        number = self.number(pick)
        if self.model.cases[number].state == "deferred":
            names -= {"publication_from", "publication_to"}
        self.move(number, to, {name: self.value(name, days, way, 100_000) for name in names}, why)

    @have_cases
    @rule(
        pick=PICK, turn=st.integers(0, 5), days=DAYS, way=SOME_WAYS, lacks=st.integers(0, 12),
        area=st.sampled_from([100_000, 500_000, 500_000]), carry=st.booleans(),
    )  # fmt: skip
    def fair_move(
        self, pick: int, turn: int, days: int, way: str, lacks: int, area: int, carry: bool
    ) -> None:
        """A move of the table with all that it takes, or all but one."""
        number = self.number(pick)
        case = self.model.cases[number]
        ways_on = [*MOVES[case.state], *([case.came_from] if case.came_from else [])]
        if not ways_on:
            return
        to = ways_on[turn % len(ways_on)]
        names = sorted(TAKES.get(to, ()))
        if case.state != "deferred" and lacks < len(names):
            del names[lacks]
        if not carry and "carry_rest" in names:
            names.remove("carry_rest")
        given = {name: self.value(name, abs(days) % 20, way, area) for name in names}
        if to in ("in_disposal", "awaiting_acceptance", "closed"):
            past = self.today - timedelta(days=abs(days) % 20)
            given |= {name: past for name in names if name in ("started_on", "accepted_on")}
        self.move(number, to, given, "诉讼")

    @have_cases
    @rule(
        pick=PICK, steps=st.integers(1, 7), area=st.sampled_from([100_000, 500_000]),
        way=st.sampled_from(["buy_back", "buy_back", "idle_fee", "withdrawal"]),
    )  # fmt: skip
    def go_on(self, pick: int, steps: int, area: int, way: str) -> None:
        """The straight road, so that most lives get far."""
        number = self.number(pick)
        for _ in range(steps):
            case = self.model.cases[number]
            to = case.came_from or ONWARD.get(case.state, "")
            if not to:
                return
            names = TAKES.get(to, set()) - {"carry_rest"}
            if case.live and case.holds()["disposed"]:
                names -= {"disposed_mu_e4"}
            if case.live:
                names -= {"way"}
            if case.rest and case.rest - area * (not case.holds()["disposed"]):
                names |= TAKES.get(to, set()) & {"carry_rest"}
            given = {name: self.value(name, 0, way, area) for name in names}
            self.move(number, to, given, "")

    @have_cases
    @rule(pick=PICK, way=SOME_WAYS, area=AREAS, floor=FLOORS, days=st.none() | DAYS)
    def dispose(
        self, pick: int, way: str, area: int | None, floor: int | None, days: int | None
    ) -> None:
        number = self.number(pick)
        started = None if days is None else self.today + timedelta(days=days)
        self.both(
            lambda: self.model.dispose(number, way, area, floor, started, self.today),
            lambda: parts.dispose(
                self.session, self.row(number), way=way, mu_e4=area, floor_area_m2_e2=floor,
                started_on=started, **self.who,
            ),
        )  # fmt: skip

    @have_cases
    @rule(pick=PICK, place=st.integers(0, 2), area=AREAS)
    def change_part(self, pick: int, place: int, area: int | None) -> None:
        number = self.number(pick)
        self.both(
            lambda: self.model.resize_part(number, place, area, self.today),
            lambda: parts.change(self.session, self.row(number), place + 1, mu_e4=area, **self.who),
        )

    @have_cases
    @rule(pick=PICK, place=st.integers(0, 2))
    def drop(self, pick: int, place: int) -> None:
        number = self.number(pick)
        self.both(
            lambda: self.model.drop(number, place, self.today),
            lambda: parts.drop(self.session, self.row(number), place + 1, why="误登", **self.who),
        )

    @have_cases
    @rule(pick=PICK, place=st.integers(0, 2), days=st.integers(-30, 2))
    def accept(self, pick: int, place: int, days: int) -> None:
        number, on = self.number(pick), self.today + timedelta(days=days)
        self.both(
            lambda: self.model.accept(number, place, on, self.today),
            lambda: parts.accept(
                self.session, self.row(number), place + 1, accepted_on=on, **self.who
            ),
        )

    @have_cases
    @rule(pick=PICK, unit=st.sampled_from(["", "经开区"]), person=st.sampled_from(["", "李明"]))
    def assign(self, pick: int, unit: str, person: str) -> None:
        number = self.number(pick)
        self.both(
            lambda: self.model.assign(number, unit, person, self.today),
            lambda: cases.assign(
                self.session,
                self.row(number),
                responsible_unit=unit,
                responsible_person=person,
                **self.who,
            ),
        )

    @have_cases
    @rule(pick=PICK, area=st.sampled_from([0, 100_000, 600_000]), floor=FLOORS)
    def resize(self, pick: int, area: int, floor: int | None) -> None:
        number = self.number(pick)
        self.both(
            lambda: self.model.resize(number, area, floor, self.today),
            lambda: cases.resize(
                self.session, self.row(number), mu_e4=area, floor_area_m2_e2=floor, why="复测",
                **self.who,
            ),
        )  # fmt: skip

    @have_cases
    @rule(pick=PICK)
    def undo_newest(self, pick: int) -> None:
        number = self.number(pick)
        newest = history(self.session, self.row(number))[-1]
        self.both(
            lambda: self.model.go_back(number),
            lambda: cases.undo(self.session, newest.id, why="误操作", **self.who),
        )

    # what always holds

    @invariant()
    def rows_are_the_model(self) -> None:
        rows = self.session.query(Case).order_by(Case.id).all()
        assert [_plain(row, self.session) for row in rows] == [
            _told(case) for case in self.model.cases.values()
        ]

    @invariant()
    def totals_are_those_of_the_model(self) -> None:
        assert _shown(totals(self.session)) == self.model.totals()

    @precondition(lambda self: bool(self.past))
    @rule(pick=st.integers(0, 1000))
    def look_back(self, pick: int) -> None:
        at, then = self.past[pick % len(self.past)]
        assert _shown(totals(self.session, as_of=at)) == then


def _plain(row: Case, session: Any) -> dict[str, object]:
    def name(key: int | None) -> str:
        return session.get(Case, key).number if key is not None else ""

    return {
        "number": row.number,
        "kind": row.kind,
        "state": row.state,
        "came_from": row.previous_state,
        "is_open": row.is_open,
        "parcels": tuple(
            parcel.parcel_id for parcel in row.parcels if parcel.is_open == row.is_open
        ),
        "mu": row.case_mu_e4,
        "floor": row.floor_area_m2_e2,
        "unit": row.responsible_unit,
        "person": row.responsible_person,
        "deadline": row.deadline,
        "published": (row.publication_from, row.publication_to),
        "accepted": row.accepted_on,
        "former": name(row.relapse_of),
        "carried": name(row.carried_from),
        "parts": [
            (one.way, one.mu_e4, one.floor_area_m2_e2, one.started_on, one.accepted_on, one.removed)
            for one in row.parts
        ],
        "papers": Counter(paper.kind for paper in row.documents if not paper.removed),
    }


def _told(case: PlainCase) -> dict[str, object]:
    names = ("number", "kind", "state", "came_from", "is_open", "parcels", "mu", "floor", "unit",
             "person", "deadline", "accepted", "former", "carried", "papers")  # fmt: skip
    return {
        **{name: getattr(case, name) for name in names},
        "published": case.published or (None, None),
        "parts": [
            (one.way, one.mu, one.floor, one.started, one.accepted, one.dropped)
            for one in case.parts
        ],
    }


def _shown(found: dict[str, Any]) -> dict[str, object]:
    """The totals in the words of the model."""
    head = found["headline"]
    shares = ("revitalised", "disposed", "planned")
    return {
        "states": {
            state: [sums["cases"], sums["mu_e4"]] for state, sums in found["by_state"].items()
        },
        "ways": +Counter({way: sums["mu_e4"] for way, sums in found["by_way"].items()}),
        "head": +Counter(
            cases=head["cases"],
            mu=head["mu_e4"],
            revitalised_floor=head["revitalised_floor_m2_e2"],
            **{share: head[f"{share}_mu_e4"] for share in shares},
        ),
    }


def test_every_way_of_the_model_is_one_of_ours() -> None:
    assert {"buy_back", "auction", "idle_fee", "withdrawal"} <= set(WAYS)


def test_life_of_cases_is_the_law(ledger_url: str, tmp_path: Path) -> None:
    many = int(os.environ.get("LANDUSE_LIVES", "40"))
    with open_ledger(ledger_url, backups=tmp_path / "backups") as opened:
        machine = type("LifeHere", (Life,), {"ledger": opened})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=many,
                stateful_step_count=40,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
