"""What the API takes: the fields of each request, their limits, and no others.

Areas are text, because the ledger states them exactly: mu with up to 4 decimals, m² with up to 2.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from landuse.web.settings import Role

__all__ = [
    "Acceptance",
    "Assignment",
    "Code",
    "Credentials",
    "Decision",
    "Description",
    "Key",
    "MeetingForm",
    "Move",
    "MuText",
    "Name",
    "ObjectionForm",
    "OpeningForm",
    "PartChange",
    "PartForm",
    "Reason",
    "Revision",
    "SessionOut",
    "TokenOut",
    "UndoForm",
    "VerdictForm",
]

_PLAIN: Final = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]*$"
"""No control characters but tab and line ends: no database, workbook or document holds them."""

Note = Annotated[str, StringConstraints(max_length=4000, pattern=_PLAIN)]
Name = Annotated[str, StringConstraints(max_length=400, pattern=_PLAIN)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_PLAIN)]
Key = Annotated[int, Field(ge=1, le=2**53)]
Revision = Annotated[int, Field(ge=0, le=2**53)]
MuText = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,4})?$")]
FloorText = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,11}(\.[0-9]{1,2})?$")]
State = Literal[
    "found", "suspected", "publicised", "objected", "confirmed", "planned", "in_disposal",
    "awaiting_acceptance", "closed", "deferred", "removed",
]  # fmt: skip
Way = Literal[
    "lease_back", "buy_back", "auction", "lease_convert", "joint_development", "reinvest",
    "merger", "split_transfer", "land_reserve", "swap", "time_limit", "idle_fee", "withdrawal",
    "temporary_use", "standard_plant",
]  # fmt: skip
VerdictCode = Literal["confirm", "reject", "survey", "defer", "object"]


class Form(BaseModel):
    """A request: a field that we do not know is refused, not passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reason(Form):
    """An act on a case: the revision that its author saw, and why.

    Somebody else's later change is answered with 409 and who made it.
    """

    expected_revision: Annotated[int, Field(ge=1, le=2**53)]
    why: Note = ""


class Credentials(Form):
    """A name and a password."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_PLAIN)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class SessionOut(BaseModel):
    """Who asks. ``csrf`` goes into the header ``X-CSRF-Token`` of writes with a cookie."""

    name: str
    role: Role
    local: bool
    csrf: str


class TokenOut(BaseModel):
    """A token for ``Authorization: Bearer``; it ends like any session, or by a logout."""

    token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the kind of token, none
    name: str
    role: Role


class Cell(Form):
    """The cell of an input that somebody says is wrong, as it stands in the user's file."""

    table: Code
    key: Name = ""
    column: Code
    old: Note = ""
    new: Note = ""


class VerdictForm(Form):
    """A verdict on a plot of a run, with what its move needs (see the proposal).

    ``expected_revision`` is that of the case that the reviewer saw, 0 where there was none.
    """

    parcel_id: Code
    verdict: VerdictCode
    expected_revision: Revision
    expected_number: Name = ""
    comment: Note = ""
    meeting: Name = ""
    publication_from: date | None = None
    publication_to: date | None = None
    deciding_authority: Name = ""
    document: Name = ""
    correction: Cell | None = None


class UndoForm(Form):
    """Why a verdict is taken back."""

    why: Note = ""


class Move(Reason):
    """A move of a case with what it needs; what the state takes no notice of is refused.

    A case is confirmed by an administrator, with the authority that decided and its document.
    """

    to: State
    survey_note: Note = ""
    publication_from: date | None = None
    publication_to: date | None = None
    objection: Note = ""
    deciding_authority: Name = ""
    document: Name = ""
    way: Way | None = None
    responsible_unit: Name = ""
    responsible_person: Name = ""
    deadline: date | None = None
    started_on: date | None = None
    disposed_mu: MuText | None = None
    accepted_on: date | None = None
    carry_rest: bool = False


class OpeningForm(Form):
    """Which findings of a run get a case: of one kind, or ``both`` for either reason."""

    kind: Literal["low_efficiency", "idle", "both"]
    why: Note = ""


class Assignment(Reason):
    """Who answers for a case, and until when; what is left out stays as it is."""

    responsible_unit: Name | None = None
    responsible_person: Name | None = None
    deadline: date | None = None


class Description(Reason):
    """Text of a case that people write freely; what is left out stays as it is."""

    progress: Note | None = None
    issue_type: Name | None = None
    problems: Note | None = None
    notes: Note | None = None
    original_enterprises: Note | None = None
    address: Name | None = None
    park: Name | None = None
    township: Name | None = None


class PartForm(Reason):
    """A part of a case's land, disposed in one way."""

    way: Way
    mu: MuText | None = None
    floor_area_m2: FloorText | None = None
    receiving_enterprise: Name = ""
    started_on: date | None = None


class PartChange(Reason):
    """What of a part changes; what is left out stays, an area or the date that is ``null`` goes."""

    way: Way | None = None
    mu: MuText | None = None
    floor_area_m2: FloorText | None = None
    receiving_enterprise: Name | None = None
    started_on: date | None = None


class Acceptance(Reason):
    """The day on which a part was accepted."""

    accepted_on: date


class ObjectionForm(Cell):
    """An objection; ``case`` is the number of the case that it is about, if any."""

    case: Name = ""
    reason: Note
    evidence_name: Name = ""
    evidence_sha256: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")] = ""


class Decision(Form):
    """What becomes of an objection."""

    verdict: Literal["accept", "reject", "withdraw"]
    why: Note = ""


class MeetingForm(Form):
    """A meeting on a run; its agenda are parcel codes, or what a filter shows now."""

    title: Code
    run_id: Code
    agenda: Annotated[list[Code], Field(max_length=100_000)] | None = None
    filter: Note = ""
