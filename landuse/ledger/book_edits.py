"""What somebody changed in one row of the workbook, done to the case by the rules of cases.

One edit may be several actions (a note, a part, a move). Their order follows the states in which
each is allowed, so that a person can fill in a move and what it needs in one go. Refusals are
those of the actions; the caller undoes what came before a refusal by a savepoint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.ledger import parts
from landuse.ledger.acts import find_case
from landuse.ledger.cases import advance, describe
from landuse.ledger.land import resize
from landuse.ledger.states import STATES

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from landuse.ledger.models import Case

__all__ = ["CaseEdit", "PartEdit", "apply_edit"]

_PARTS: Final = ("confirmed", "planned", "in_disposal", "awaiting_acceptance")
_ACCEPTING: Final = ("in_disposal", "awaiting_acceptance")
_BASIS: Final = {"suspected": "survey_note", "objected": "objection", "confirmed": "document"}
_CARRY: Final = frozenset({"剩余结转", "结转", "剩余面积结转", "carrytherest", "carryrest"})


@dataclass(frozen=True, slots=True)
class PartEdit:
    """Changes of one part: its number, or ``None`` for a new one; fields as the ledger has them.

    ``whole`` is the part as it would be.
    """

    seq: int | None
    changes: Mapping[str, Any]
    whole: Mapping[str, Any]

    @property
    def is_dropped(self) -> bool:
        """Way and area both taken away."""
        return self.seq is not None and not self.whole["way"] and self.whole["mu_e4"] is None


@dataclass(frozen=True, slots=True)
class CaseEdit:
    """Changes of one case. ``to``: the new state; ``basis`` and ``why`` go with this change.

    ``publication``: both dates as they would be, where one of them changed. ``otherwise`` is the
    reason that is written where nobody gives one; it is none for what must have a reason.
    """

    number: str
    described: Mapping[str, Any] = field(default_factory=dict)
    to: str = ""
    publication: tuple[date | None, date | None] | None = None
    floor_m2_e2: tuple[int | None, int | None] | None = None
    parts: Sequence[PartEdit] = ()
    basis: str = ""
    why: str = ""
    otherwise: str = ""


def apply_edit(session: Session, edit: CaseEdit, *, by: str, at: datetime) -> Case:
    """Do everything that ``edit`` says. Raises :class:`landuse.errors.UserError`."""
    case = find_case(session, edit.number)
    _refuse_loose_ends(edit)
    who: dict[str, Any] = {"by": by, "at": at, "why": edit.why or edit.otherwise}
    if edit.described:
        describe(session, case, **who, **edit.described)
    if edit.floor_m2_e2 is not None:
        _resize(session, case, edit, who)
    work = [_PartWork(session, case, edit, one, who) for one in edit.parts]
    for one in work:
        one.do(last=not edit.to)
    if edit.to:
        _move(session, case, edit, who)
    for one in work:
        one.do(last=True)
    return case


def _refuse_loose_ends(edit: CaseEdit) -> None:
    """What is given and goes with no move would be lost in silence."""
    if edit.publication is not None and edit.to != "publicised":
        raise UserError.of("ledger_book.publication_without_move", key=edit.number)
    if edit.basis and edit.to not in _BASIS and not _carries(edit):
        raise UserError.of("ledger_book.basis_without_move", key=edit.number, value=edit.basis)


def _carries(edit: CaseEdit) -> bool:
    return edit.to == "closed" and "".join(edit.basis.split()).casefold() in _CARRY


def _resize(session: Session, case: Case, edit: CaseEdit, who: dict[str, Any]) -> None:
    assert edit.floor_m2_e2 is not None
    before, after = edit.floor_m2_e2
    if after is None:
        raise UserError.of("ledger_book.blank_floor", key=edit.number)
    if before is not None and not edit.why:
        raise UserError.of("ledger_book.resize_without_reason", key=edit.number)
    resize(session, case, floor_area_m2_e2=after, **who)


@dataclass(slots=True)
class _PartWork:
    """The changes of one part, each done when the state of the case allows it."""

    session: Session
    case: Case
    edit: CaseEdit
    part: PartEdit
    who: dict[str, Any]
    seq: int | None = field(init=False)
    _changed: bool = False
    _accepted: bool = False

    def __post_init__(self) -> None:
        self.seq = self.part.seq

    def do(self, *, last: bool) -> None:
        """What can be done now; all of it where this is the ``last`` chance."""
        if not self._changed and (last or self.case.state in _PARTS):
            self._change()
            self._changed = True
        if self._changed and not self._accepted and (last or self.case.state in _ACCEPTING):
            self._accept()
            self._accepted = True

    def _change(self) -> None:
        part, edit = self.part, self.edit
        changes = {name: part.changes[name] for name in part.changes if name != "accepted_on"}
        if part.is_dropped:
            if not edit.why:
                raise UserError.of("ledger_book.drop_without_reason", key=edit.number)
            assert self.seq is not None
            parts.drop(self.session, self.case, self.seq, **self.who)
        elif not part.whole["way"]:
            raise UserError.of("ledger_book.way_blank", key=edit.number)
        elif self.seq is None:
            self.seq = parts.dispose(self.session, self.case, **self.who, **changes).seq
        elif changes:
            parts.change(self.session, self.case, self.seq, **self.who, **changes)

    def _accept(self) -> None:
        if "accepted_on" not in self.part.changes or self.part.is_dropped:
            return
        accepted_on = self.part.changes["accepted_on"]
        if accepted_on is None:
            raise UserError.of("ledger_book.cannot_unaccept", key=self.edit.number)
        assert self.seq is not None
        parts.accept(self.session, self.case, self.seq, accepted_on=accepted_on, **self.who)


def _move(session: Session, case: Case, edit: CaseEdit, who: dict[str, Any]) -> None:
    needs: dict[str, Any] = {}
    if edit.publication is not None:
        needs["publication_from"], needs["publication_to"] = edit.publication
    if edit.basis and edit.to in _BASIS:
        needs[_BASIS[edit.to]] = edit.basis
    if _carries(edit):
        needs["carry_rest"] = True
    state = STATES.get(edit.to)
    asks_why = state is not None and "reason" in state.needs
    why = edit.why if asks_why else who["why"]
    advance(session, case, edit.to, **{**who, "why": why}, **needs)
