"""What the ledger adds up to: by state, way, park and kind, and the headline figures.

Takes the ledger (now, or as it stood at a moment, by replay) and gives sums of stored integers:
mu × 10⁴ and m² × 10². Totals by state, park and kind count cases; by way they count parts, with
what no part covers under ``none``; each of them adds up to the ledger. Removed cases are in all
of these and in no headline (method, section 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from landuse.ledger.days import day_of, end_of, month_before
from landuse.ledger.models import Case, Event, Part
from landuse.ledger.replay import CaseState, replay
from landuse.ledger.states import COUNTED_OUT, KINDS, STATES, WAYS

__all__ = [
    "NO_WAY",
    "Headline",
    "PartSum",
    "Standing",
    "difference",
    "month_against_last",
    "standings",
    "summarise",
    "totals",
]

NO_WAY: Final = "none"
"""Key of what has no way of disposal yet."""


@dataclass(frozen=True, slots=True)
class PartSum:
    """A part as totals see it."""

    way: str
    mu_e4: int
    floor_m2_e2: int
    started: bool
    accepted: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A case as totals see it: where it stands and how much of it is dealt with."""

    state: str
    kind: str
    park: str
    mu_e4: int
    floor_m2_e2: int
    parts: tuple[PartSum, ...] = ()

    @property
    def remaining_mu_e4(self) -> int:
        """Case mu less its parts."""
        return self.mu_e4 - sum(part.mu_e4 for part in self.parts)


@dataclass(slots=True)
class Headline:
    """The figures that are handed upward: cases that are not removed.

    ``revitalised``: accepted parts; ``disposed``: parts begun and not accepted; ``planned``:
    parts not begun; ``remaining``: what no part covers. The four add up to ``mu_e4``.
    """

    cases: int = 0
    open_cases: int = 0
    closed_cases: int = 0
    mu_e4: int = 0
    floor_m2_e2: int = 0
    revitalised_mu_e4: int = 0
    revitalised_floor_m2_e2: int = 0
    disposed_mu_e4: int = 0
    disposed_floor_m2_e2: int = 0
    planned_mu_e4: int = 0
    planned_floor_m2_e2: int = 0
    remaining_mu_e4: int = 0

    def count(self, case: Standing) -> None:
        """Adds one case."""
        self.cases += 1
        self.closed_cases += case.state == "closed"
        self.open_cases += case.state != "closed"
        self.mu_e4 += case.mu_e4
        self.floor_m2_e2 += case.floor_m2_e2
        self.remaining_mu_e4 += case.remaining_mu_e4
        for part in case.parts:
            if part.accepted:
                self.revitalised_mu_e4 += part.mu_e4
                self.revitalised_floor_m2_e2 += part.floor_m2_e2
            elif part.started:
                self.disposed_mu_e4 += part.mu_e4
                self.disposed_floor_m2_e2 += part.floor_m2_e2
            else:
                self.planned_mu_e4 += part.mu_e4
                self.planned_floor_m2_e2 += part.floor_m2_e2


@dataclass(slots=True)
class _Groups:
    names: tuple[str, ...]
    sums: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, key: str, **amounts: int) -> None:
        sums = self.sums.setdefault(key, dict.fromkeys(amounts, 0))
        for name, amount in amounts.items():
            sums[name] += amount

    def ordered(self) -> dict[str, dict[str, int]]:
        places = {name: place for place, name in enumerate(self.names)}
        keys = sorted(self.sums, key=lambda key: (places.get(key, len(places)), key))
        return {key: self.sums[key] for key in keys}


def _count_ways(ways: _Groups, case: Standing) -> None:
    for part in case.parts:
        ways.add(part.way or NO_WAY, parts=1, mu_e4=part.mu_e4, floor_m2_e2=part.floor_m2_e2)
    rest = case.floor_m2_e2 - sum(part.floor_m2_e2 for part in case.parts)
    if case.remaining_mu_e4 or rest:
        ways.add(NO_WAY, parts=0, mu_e4=case.remaining_mu_e4, floor_m2_e2=rest)


def summarise(cases: Iterable[Standing]) -> dict[str, Any]:
    """The totals of ``cases``.

    Gives ``cases``, ``mu_e4`` and ``floor_m2_e2`` of the whole ledger, ``by_state``, ``by_kind``
    and ``by_park`` (cases, mu, floor area, mu accepted, disposed and remaining), ``by_way``
    (parts, mu, floor area) and ``headline``.
    """
    states, kinds, parks = _Groups(tuple(STATES)), _Groups(KINDS), _Groups(())
    ways = _Groups((*WAYS, NO_WAY))
    headline = Headline()
    whole = {"cases": 0, "mu_e4": 0, "floor_m2_e2": 0}
    for case in cases:
        accepted = sum(part.mu_e4 for part in case.parts if part.accepted)
        disposed = sum(part.mu_e4 for part in case.parts)
        amounts = {
            "cases": 1,
            "mu_e4": case.mu_e4,
            "floor_m2_e2": case.floor_m2_e2,
            "disposed_mu_e4": disposed,
            "accepted_mu_e4": accepted,
            "remaining_mu_e4": case.remaining_mu_e4,
        }
        for groups, key in ((states, case.state), (kinds, case.kind), (parks, case.park)):
            groups.add(key, **amounts)
        _count_ways(ways, case)
        for name in whole:
            whole[name] += amounts[name]
        if case.state not in COUNTED_OUT:
            headline.count(case)
    return {
        **whole,
        "by_state": states.ordered(),
        "by_kind": kinds.ordered(),
        "by_park": parks.ordered(),
        "by_way": ways.ordered(),
        "headline": asdict(headline),
    }


def totals(session: Session, *, as_of: date | datetime | None = None) -> dict[str, Any]:
    """:func:`summarise` of the whole ledger, now or as it stood at (the end of) ``as_of``."""
    return summarise(standings(session, as_of=as_of))


def month_against_last(session: Session, at: datetime) -> dict[str, Any]:
    """The totals at ``at``, at the end of the month before, and this less that.

    Gives ``this``, ``last`` and ``change`` (as :func:`summarise`), ``last_day`` (ISO).
    """
    last_day = month_before(day_of(at))
    this, last = totals(session, as_of=at), totals(session, as_of=last_day)
    return {
        "this": this,
        "last": last,
        "change": difference(this, last),
        "last_day": last_day.isoformat(),
    }


def difference(this: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    """Number by number, ``this`` less ``last``; what one of them lacks counts as zero.

    >>> difference({"a": 3, "b": {"x": 1}}, {"a": 1, "b": {"y": 2}})
    {'a': 2, 'b': {'x': 1, 'y': -2}}
    """
    found: dict[str, Any] = {}
    for key in [*this, *(key for key in last if key not in this)]:
        one, two = this.get(key), last.get(key)
        if isinstance(one, Mapping) or isinstance(two, Mapping):
            found[key] = difference(one or {}, two or {})
        else:
            found[key] = (one or 0) - (two or 0)
    return found


def standings(session: Session, *, as_of: date | datetime | None = None) -> Iterator[Standing]:
    """Every case as totals see it, by key; at ``as_of`` the cases that had been opened by then.

    Only cases with an event after the moment are replayed: all others stand as they stood.
    """
    moment = as_of if as_of is None or isinstance(as_of, datetime) else end_of(as_of)
    past = {} if moment is None else _replayed(session, moment)
    parts: dict[int, list[PartSum]] = {}
    columns = (Part.case_id, Part.way, Part.mu_e4, Part.floor_area_m2_e2, Part.started_on,
               Part.accepted_on)  # fmt: skip
    for key, way, mu, floor, started, accepted in session.execute(
        select(*columns).where(Part.removed.is_(False)).order_by(Part.id)
    ):
        one = PartSum(way, mu or 0, floor or 0, started is not None, accepted is not None)
        parts.setdefault(key, []).append(one)
    query = select(
        Case.id, Case.state, Case.kind, Case.park, Case.case_mu_e4, Case.floor_area_m2_e2
    ).order_by(Case.id)
    for key, state, kind, park, mu, floor in session.execute(query):
        if key in past:
            standing = past[key]
            if standing is not None:
                yield standing
        else:
            yield Standing(state, kind, park, mu, floor or 0, tuple(parts.get(key, ())))


def _replayed(session: Session, moment: datetime) -> dict[int, Standing | None]:
    """Cases that changed after the moment, as they stood; ``None`` where they were not open yet."""
    later = select(Event.case_id).where(Event.at > moment, Event.case_id.is_not(None)).distinct()
    past: dict[int, Standing | None] = dict.fromkeys(session.scalars(later))
    query = (
        select(Event)
        .where(Event.case_id.in_(later), Event.at <= moment)
        .where(Event.entity.in_(("case", "part")))
        .order_by(Event.case_id, Event.seq)
        .execution_options(yield_per=5000)
    )
    for key, events in groupby(session.scalars(query), key=lambda event: event.case_id):
        past[key] = _standing(replay(events))
    return past


def _standing(state: CaseState) -> Standing | None:
    case = state.case
    if "number" not in case:
        return None
    parts = tuple(
        PartSum(
            part["way"],
            part["mu_e4"] or 0,
            part["floor_area_m2_e2"] or 0,
            part["started_on"] is not None,
            part["accepted_on"] is not None,
        )
        for _, part in sorted(state.parts.items())
        if not part["removed"]
    )
    return Standing(
        case["state"],
        case["kind"],
        case["park"],
        case["case_mu_e4"],
        case["floor_area_m2_e2"] or 0,
        parts,
    )
