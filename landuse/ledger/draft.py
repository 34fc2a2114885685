"""A case as it would be after an action, so that every check comes before the first write.

A :class:`Draft` stands over the rows of one case, takes the changes of one action, answers what
the case would then hold, and writes them through the journal only when nothing is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from landuse.errors import UserError
from landuse.ledger import journal, limits
from landuse.ledger.facts import idle_facts
from landuse.ledger.models import Case, Correction, Document, Finding, Part
from landuse.ledger.states import RESTS_ON, word

__all__ = ["Draft", "LivePart", "missing_words"]

_ASSIGNED: Final = ("responsible_unit", "responsible_person", "deadline", "accepted_on")


@dataclass(frozen=True, slots=True)
class LivePart:
    """One part as it would be: way, mu × 10⁴, m² × 10², receiving enterprise, two dates."""

    seq: int
    way: str = ""
    mu_e4: int | None = None
    floor_area_m2_e2: int | None = None
    receiving_enterprise: str = ""
    started_on: date | None = None
    accepted_on: date | None = None
    removed: bool = False

    @classmethod
    def of(cls, row: Part) -> LivePart:
        """A stored part."""
        return cls(row.seq, **{name: getattr(row, name) for name in journal.FIELDS["part"]})


class Draft:
    """The changes of one action on ``case``, not yet written."""

    def __init__(self, session: Session, case: Case) -> None:
        self.session = session
        self.case = case
        self.fields: dict[str, Any] = {}
        self._kind = case.kind
        self._stored = {row.seq: LivePart.of(row) for row in case.parts}
        self._parts = dict(self._stored)
        self.papers: list[dict[str, Any]] = []
        self.rested = [need for need in RESTS_ON.get(self._ground(), ()) if self.met(need)]

    def _ground(self) -> str:
        state = str(self.value("state"))
        return str(self.value("previous_state")) if state == "deferred" else state

    def value(self, name: str) -> Any:  # noqa: ANN401
        """A field of the case as it would be."""
        return self.fields.get(name, getattr(self.case, name))

    def set(self, **fields: object) -> None:
        """Fields of the case to be changed."""
        self.fields.update(fields)

    @property
    def parts(self) -> list[LivePart]:
        """The parts as they would be, without dropped ones, in their order."""
        return [part for _, part in sorted(self._parts.items()) if not part.removed]

    def part(self, seq: int) -> LivePart:
        """One part; :class:`landuse.errors.UserError` naming the parts there are otherwise."""
        found = self._parts.get(seq)
        if found is None or found.removed:
            known = ", ".join(str(part.seq) for part in self.parts) or "-"
            raise UserError.of(
                "ledger_cases.no_such_part", key=self.case.number, value=seq, known=known
            )
        return found

    def set_part(self, seq: int, **fields: Any) -> None:  # noqa: ANN401
        """Fields of one part to be changed."""
        self._parts[seq] = replace(self.part(seq), **fields)

    def add_part(self, **fields: Any) -> int:  # noqa: ANN401
        """A part to be added; its number within the case."""
        seq = max(self._parts, default=0) + 1
        self._parts[seq] = LivePart(seq, **fields)
        return seq

    @property
    def remaining_mu_e4(self) -> int:
        """Case mu less the mu of the parts."""
        return int(self.value("case_mu_e4")) - sum(part.mu_e4 or 0 for part in self.parts)

    @property
    def remaining_floor_m2_e2(self) -> int | None:
        """Floor area less that of the parts; ``None`` where the case states none."""
        floor = self.value("floor_area_m2_e2")
        if floor is None:
            return None
        return int(floor) - sum(part.floor_area_m2_e2 or 0 for part in self.parts)

    def met(self, need: str) -> bool:
        """Whether the case, as it would be, has what the need names."""
        if need in _ASSIGNED:
            return bool(self.value(need))
        parts = self.parts
        tests: dict[str, Callable[[], bool]] = {
            "way": lambda: bool(parts) and all(part.way for part in parts),
            "started_on": lambda: any(part.started_on for part in parts),
            "parts_started": lambda: bool(parts) and all(part.started_on for part in parts),
            "disposed_mu": lambda: bool(parts) and all(part.mu_e4 for part in parts),
            "nothing_remains": lambda: self.remaining_mu_e4 == 0,
            "publication": lambda: {"publication_from", "publication_to"} <= self.fields.keys(),
            "finding": lambda: self._has_finding() or self._has_paper("survey_note"),
            "objection": self._has_objection,
            "document": lambda: self._has_paper("confirmation"),
        }
        return tests[need]()

    def _has_paper(self, kind: str) -> bool:
        stored = (row.kind for row in self.case.documents if not row.removed)
        return kind in stored or any(paper["kind"] == kind for paper in self.papers)

    def _has_finding(self) -> bool:
        parcels = [row.parcel_id for row in self.case.parcels if not row.removed]
        query = select(Finding.id).where(Finding.parcel_id.in_(parcels)).limit(1)
        return self.session.scalar(query) is not None

    def _has_objection(self) -> bool:
        if any(paper["kind"] == "objection" for paper in self.papers):
            return True
        query = select(Correction.id).where(
            Correction.case_id == self.case.id, Correction.status == "proposed"
        )
        return self.session.scalar(query.limit(1)) is not None

    def check(self, today: date) -> None:
        """Refuses parts beyond the case or the order, and taking away what the state rests on.

        A statutory way is judged on the day on which its part starts, else ``today``. Raises
        :class:`landuse.errors.UserError`.
        """
        pairs = [(part.mu_e4, part.floor_area_m2_e2) for part in self.parts]
        mu, floor = self.value("case_mu_e4"), self.value("floor_area_m2_e2")
        limits.check_sums(self.case.number, mu, floor, pairs)
        for part in self.parts:
            self._check_part(part, today)
        if "state" not in self.fields:  # a move brings its own needs
            self.check_kept(self.rested)

    def check_since(self, before: Draft, today: date) -> None:
        """:meth:`check` of a case that was changed already, against what it was ``before``."""
        self._stored, self._kind = before._stored, before._kind
        self.check(today)

    def check_kept(self, rested: Iterable[str]) -> None:
        """Refuses to be without what ``rested`` names."""
        lost = [need for need in rested if not self.met(need)]
        if lost:
            state = self._ground()
            raise UserError.of(
                "ledger_cases.need_taken_away",
                key=self.case.number,
                state_zh=word("state", state),
                state_en=word("state", state, "en"),
                **missing_words(lost),
            )

    def _check_part(self, part: LivePart, today: date) -> None:
        stored = self._stored.get(part.seq)
        on, kind = part.started_on or today, self.value("kind")
        if part != stored or kind != self._kind:
            if not stored or (stored.way, stored.started_on) != (part.way, part.started_on):
                facts = idle_facts(self.session, self.case)
                limits.check_statutory(self.case.number, part.way, kind, facts, on=on)
            elif kind == "low_efficiency":
                limits.check_statutory(self.case.number, part.way, kind, [], on=on)
        if part.started_on and part.accepted_on and part.accepted_on < part.started_on:
            raise UserError.of(
                "ledger_cases.dates_reversed",
                key=self.case.number,
                value=part.accepted_on.isoformat(),
                earlier=part.started_on.isoformat(),
            )

    def write(self, act: journal.Act) -> None:
        """Every change as an event of ``act``; papers and parts first, then the case."""
        for paper in self.papers:
            _create(act, "document", self.case.documents, paper)
        for seq, part in sorted(self._parts.items()):
            if seq not in self._stored:
                fields = {name: getattr(part, name) for name in journal.FIELDS["part"]}
                _create(act, "part", self.case.parts, fields)
        for row in self.case.parts:
            part = self._parts[row.seq]
            for name in journal.FIELDS["part"]:
                act.set("part", row, name, getattr(part, name))
        for name, value in self.fields.items():
            act.set("case", self.case, name, value)


def _create(
    act: journal.Act, entity: str, rows: list[Any], fields: dict[str, Any]
) -> Part | Document:
    seq = max((row.seq for row in rows), default=0) + 1
    row: Part | Document = journal.new_row(entity, act.case, seq, fields)
    act.create(entity, row)
    rows.append(row)
    return row


def missing_words(needs: Iterable[str]) -> dict[str, str]:
    """Needs as one phrase in both languages, for a message."""
    listed = list(needs)
    return {
        "needs_zh": "、".join(word("need", need) for need in listed),
        "needs_en": ", ".join(word("need", need, "en") for need in listed),
    }
