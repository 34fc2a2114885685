"""A case and its law in plain Python, written from the method alone: no database, no package code.

Areas are whole numbers (mu × 10⁴, m² × 10²). Every verb gives the ledger as it is afterwards, or
raises :class:`RefusedError` and leaves it as it was.
"""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

# The table of states of the method, section 8, as it stands there.
TABLE = """
found | suspected, removed
suspected | publicised, found, deferred, removed
publicised | objected, confirmed, found, deferred, removed
objected | publicised, confirmed, removed
confirmed | planned, deferred
planned | in_disposal, deferred
in_disposal | awaiting_acceptance, planned, deferred
awaiting_acceptance | closed, in_disposal
closed |
deferred | removed
removed | suspected
"""
MOVES = {
    line.split("|")[0].strip(): [to.strip() for to in line.split("|")[1].split(",") if to.strip()]
    for line in TABLE.strip().splitlines()
}
TAKES = {
    "suspected": {"survey_note"},
    "publicised": {"publication_from", "publication_to"},
    "objected": {"objection"},
    "confirmed": {"document"},
    "planned": {"way", "responsible_unit", "responsible_person", "deadline"},
    "in_disposal": {"started_on"},
    "awaiting_acceptance": {"disposed_mu_e4", "started_on"},
    "closed": {"accepted_on", "carry_rest"},
}
RUNNING = ("planned", "in_disposal", "awaiting_acceptance", "closed")
PAPER = {"survey_note": "survey_note", "objection": "objection", "document": "confirmation"}


class RefusedError(Exception):
    """The law forbids it."""


def refuse(*reasons: object) -> None:
    if any(reasons):
        raise RefusedError


@dataclass
class PlainPart:
    way: str
    mu: int | None = None
    floor: int | None = None
    started: date | None = None
    accepted: date | None = None
    dropped: bool = False


@dataclass
class Idle:
    """What the run says of an idle parcel."""

    finding: str
    cause: str
    one_year: date
    two_years: date


@dataclass
class PlainCase:
    number: str
    kind: str
    parcels: tuple[str, ...]
    mu: int
    floor: int | None
    state: str = "found"
    came_from: str = ""
    unit: str = ""
    person: str = ""
    deadline: date | None = None
    published: tuple[date, date] | None = None
    accepted: date | None = None
    former: str = ""
    carried: str = ""
    parts: list[PlainPart] = field(default_factory=list)
    papers: Counter[str] = field(default_factory=Counter)

    @property
    def is_open(self) -> bool:
        return self.state not in ("closed", "removed")

    @property
    def live(self) -> list[PlainPart]:
        return [part for part in self.parts if not part.dropped]

    @property
    def rest(self) -> int:
        return self.mu - sum(part.mu or 0 for part in self.live)

    @property
    def floor_rest(self) -> int:
        return (self.floor or 0) - sum(part.floor or 0 for part in self.live)

    def holds(self) -> dict[str, bool]:
        """What the case has of the things that its state may rest on."""
        live = self.live
        return {
            "way": bool(live),
            "unit": bool(self.unit),
            "person": bool(self.person),
            "deadline": self.deadline is not None,
            "begun": any(part.started for part in live),
            "all begun": bool(live) and all(part.started for part in live),
            "disposed": bool(live) and all(part.mu for part in live),
        }

    def leans_on(self) -> set[str]:
        """What must stay, by the state (of a deferred case: the one it came from)."""
        state = self.came_from if self.state == "deferred" else self.state
        leans: set[str] = set()
        if state in RUNNING:
            leans |= {"way", "unit", "person", "deadline"}
        if state == "in_disposal":
            leans |= {"begun"}
        if state == "awaiting_acceptance":
            leans |= {"all begun", "disposed"}
        return leans


class PlainLedger:
    """All cases, what the run found, and how to go one act back in any of them."""

    def __init__(self, idle: dict[str, Idle], low: set[str]) -> None:
        self.idle, self.low = idle, low
        self.cases: dict[str, PlainCase] = {}
        self.before: dict[str, list[PlainCase]] = {}

    def keep(self, number: str, after: PlainCase) -> None:
        """``after`` takes the place of a case; one act more to go back."""
        before = self.cases[number]
        if after != before:
            self.before[number].append(copy.deepcopy(before))
        self.cases[number] = after

    def latest(self, parcel: str) -> PlainCase | None:
        mine = [case for case in self.cases.values() if parcel in case.parcels]
        return next((case for case in mine if case.is_open), mine[-1] if mine else None)

    def open(
        self, year: int, kind: str, parcels: tuple[str, ...], mu: int, floor: int | None
    ) -> str:
        latest = [case for case in map(self.latest, parcels) if case is not None]
        refuse(not parcels, len(set(parcels)) < len(parcels), mu <= 0)
        refuse(*(case.state != "closed" for case in latest))
        refuse(kind == "low_efficiency" and any(parcel in self.idle for parcel in parcels))
        former = max((case.number for case in latest), default="")
        return self._add(PlainCase(self.next(year), kind, parcels, mu, floor, former=former))

    def next(self, year: int) -> str:
        of_year = sum(number.startswith(f"{year}-") for number in self.cases)
        return f"{year}-{of_year + 1:03d}"

    def _add(self, case: PlainCase) -> str:
        self.cases[case.number], self.before[case.number] = case, []
        return case.number

    # the order on idle land

    def statutory(self, case: PlainCase, way: str, on: date) -> None:
        if way not in ("idle_fee", "withdrawal"):
            return
        refuse(case.kind == "low_efficiency")
        found = [self.idle[parcel] for parcel in case.parcels if parcel in self.idle]
        refuse(not found)
        for one in found:
            full = one.one_year if way == "idle_fee" else one.two_years
            refuse(one.finding != "not_started", one.cause != "enterprise", on < full)

    def settle(self, number: str, after: PlainCase, today: date, *, moved: bool = False) -> None:
        """The sums, the order and the dates of what changed; nothing leaned on is gone."""
        before = self.cases[number]
        refuse(after.rest < 0, after.floor_rest < 0)
        for place, part in enumerate(after.parts):
            old = before.parts[place] if place < len(before.parts) else None
            if part.dropped or part == old:
                continue
            if old is None or (old.way, old.started) != (part.way, part.started):
                self.statutory(after, part.way, part.started or today)
            refuse(part.started and part.accepted and part.accepted < part.started)
        if not moved:
            had, has = before.holds(), after.holds()
            refuse(*(had[need] and not has[need] for need in before.leans_on()))
        self.keep(number, after)

    # moves

    def move(
        self, number: str, to: str, given: dict[str, object], why: str, today: date
    ) -> str | None:
        case = self.cases[number]
        ways_on = MOVES[case.state] + ([case.came_from] if case.state == "deferred" else [])
        refuse(to not in ways_on, not given.keys() <= TAKES.get(to, set()))
        after = copy.deepcopy(case)
        for name, kind in PAPER.items():
            after.papers[kind] += name in given
        if to == "publicised":
            self._publish(after, given)
        if to == "planned":
            self._plan(after, given)
        if "started_on" in given:
            for part in after.live:
                part.started = part.started or given["started_on"]
        if "disposed_mu_e4" in given:
            blank = [part for part in after.live if not part.mu] or after.live
            refuse(len(blank) != 1)
            refuse(blank[0].accepted and blank[0].mu != given["disposed_mu_e4"])
            blank[0].mu = given["disposed_mu_e4"]
        if case.state != "deferred" or to == "removed":
            refuse(*self._lacking(after, to, given, why))
        rest = self._close(after, given, today) if to == "closed" else None
        if case.state == "removed":
            others = [one for one in self.cases.values() if one.is_open and one is not case]
            refuse(*(set(one.parcels) & set(case.parcels) for one in others))
        after.state, after.came_from = to, case.state if to == "deferred" else ""
        self.settle(number, after, today, moved=True)
        if rest is None:
            return None
        mu, floor = rest
        new = PlainCase(self.next(today.year), case.kind, case.parcels, mu, floor, "confirmed")
        new.unit, new.person, new.carried = case.unit, case.person, number
        return self._add(new)

    def _lacking(self, case: PlainCase, to: str, given: dict[str, object], why: str) -> list[bool]:
        has = case.holds()
        found = any(parcel in self.idle or parcel in self.low for parcel in case.parcels)
        lacking = {
            "suspected": [not found and not case.papers["survey_note"]],
            "publicised": [not {"publication_from", "publication_to"} <= given.keys()],
            "objected": ["objection" not in given],
            "confirmed": [not case.papers["confirmation"]],
            "planned": [not has[need] for need in ("way", "unit", "person", "deadline")],
            "in_disposal": [not has["begun"]],
            "awaiting_acceptance": [not has["disposed"], not has["all begun"]],
            "deferred": [not why],
            "removed": [not why],
        }
        return lacking.get(to, [])

    def _publish(self, case: PlainCase, given: dict[str, object]) -> None:
        if given.keys() >= {"publication_from", "publication_to"}:
            case.published = given["publication_from"], given["publication_to"]
            refuse(case.published[1] < case.published[0])
        elif case.state == "deferred" and given:
            raise AssertionError("the test gives both days or none to a case that returns")

    def _plan(self, case: PlainCase, given: dict[str, object]) -> None:
        case.unit = given.get("responsible_unit", case.unit)
        case.person = given.get("responsible_person", case.person)
        case.deadline = given.get("deadline", case.deadline)
        if "way" in given:
            free = [part for part in case.live if not part.accepted]
            refuse(len(free) > 1)
            if free:
                free[0].way = given["way"]
            else:
                case.parts.append(PlainPart(given["way"]))

    def _close(
        self, case: PlainCase, given: dict[str, object], today: date
    ) -> tuple[int, int | None] | None:
        dates = [part.accepted for part in case.live if part.accepted]
        on = given.get("accepted_on")
        if on is None and dates and len(dates) == len(case.live):
            on = max(dates)
        refuse(on is None)
        refuse(on > today, any(on < day for day in dates))
        case.accepted = on
        for part in case.live:
            part.accepted = part.accepted or on
        rest, floor = case.rest, None if case.floor is None else case.floor_rest
        carry = bool(given.get("carry_rest"))
        refuse(rest > 0 and not carry, rest == 0 and carry)
        if rest <= 0:
            return None
        case.mu -= rest
        case.floor = None if floor is None else case.floor - floor
        return rest, floor

    # parts

    def dispose(
        self, number: str, way: str, mu: int | None, floor: int | None, started: date | None,
        today: date,
    ) -> None:  # fmt: skip
        case = self.cases[number]
        refuse(case.state not in ("confirmed", "planned", "in_disposal"))
        after = copy.deepcopy(case)
        if started is None and case.state == "in_disposal":
            started = min((part.started for part in case.live if part.started), default=None)
        refuse(floor and case.floor is None)
        after.parts.append(PlainPart(way, mu, floor, started))
        self.settle(number, after, today)

    def _part(self, number: str, place: int, states: tuple[str, ...]) -> PlainCase:
        case = self.cases[number]
        refuse(case.state not in states, place >= len(case.parts))
        refuse(case.parts[place].dropped)
        return copy.deepcopy(case)

    CHANGING = ("confirmed", "planned", "in_disposal", "awaiting_acceptance")

    def resize_part(self, number: str, place: int, mu: int | None, today: date) -> None:
        after = self._part(number, place, self.CHANGING)
        part = after.parts[place]
        refuse(part.accepted and part.mu != mu)
        part.mu = mu
        self.settle(number, after, today)

    def drop(self, number: str, place: int, today: date) -> None:
        after = self._part(number, place, self.CHANGING)
        refuse(after.parts[place].accepted)
        after.parts[place].dropped = True
        self.settle(number, after, today)

    def accept(self, number: str, place: int, on: date, today: date) -> None:
        after = self._part(number, place, ("in_disposal", "awaiting_acceptance"))
        part = after.parts[place]
        refuse(part.accepted and part.accepted != on)
        refuse(not part.mu, not part.started, on > today)
        part.accepted = on
        self.settle(number, after, today)

    # the case itself

    def assign(self, number: str, unit: str, person: str, today: date) -> None:
        after = copy.deepcopy(self.cases[number])
        after.unit, after.person = unit, person
        self.settle(number, after, today)

    def resize(self, number: str, mu: int, floor: int | None, today: date) -> None:
        case = self.cases[number]
        refuse(not case.is_open, mu <= 0)
        after = copy.deepcopy(case)
        after.mu, after.floor = mu, case.floor if floor is None else floor
        self.settle(number, after, today)

    def go_back(self, number: str) -> None:
        """Undo of the newest act of a case."""
        refuse(not self.before[number])
        case, before = self.cases[number], copy.deepcopy(self.before[number][-1])
        if before.is_open and not case.is_open:
            others = [one for one in self.cases.values() if one.is_open and one is not case]
            refuse(*(set(one.parcels) & set(case.parcels) for one in others))
        if before.state != case.state:  # nor where a case was opened on the ground of the move
            named = [one for one in self.cases.values() if number in (one.former, one.carried)]
            refuse(*(one.state != "removed" for one in named))
        # what was added is not taken off the list but marked
        for part in case.parts[len(before.parts) :]:
            before.parts.append(PlainPart(**{**vars(part), "dropped": True}))
        self.before[number].append(copy.deepcopy(case))
        self.cases[number] = before

    # totals

    def totals(self) -> dict[str, object]:
        states: dict[str, list[int]] = {}
        ways: Counter[str] = Counter()
        head = Counter(cases=0, mu=0, revitalised=0, revitalised_floor=0, disposed=0, planned=0)
        for case in self.cases.values():
            sums = states.setdefault(case.state, [0, 0])
            sums[0] += 1
            sums[1] += case.mu
            ways["none"] += case.rest
            for part in case.live:
                ways[part.way] += part.mu or 0
            if case.state == "removed":
                continue
            head["cases"] += 1
            head["mu"] += case.mu
            for part in case.live:
                share = (
                    "revitalised" if part.accepted else "disposed" if part.started else "planned"
                )
                head[share] += part.mu or 0
                head["revitalised_floor"] += (part.floor or 0) if part.accepted else 0
        return {"states": states, "ways": +ways, "head": +head}
