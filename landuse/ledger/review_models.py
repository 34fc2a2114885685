"""The tables of the meeting: verdicts, meetings, accounts, their sessions, the audit of logins.

Conventions are those of :mod:`landuse.ledger.models`. Reviews and logins are append-only: triggers
refuse UPDATE and DELETE.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from landuse.ledger.models import Base
from landuse.ledger.types import Json, Key

__all__ = ["ROLES", "Account", "Login", "Meeting", "Review", "SignIn"]

ROLES: Final = ("viewer", "reviewer", "administrator")
"""What an account may do, the least first; each may do what those before it may."""

_ROLES: Final = "role IN ('viewer', 'reviewer', 'administrator')"
_VERDICTS: Final = "verdict IN ('confirm', 'reject', 'survey', 'defer', 'object', 'undo')"
_OUTCOMES: Final = "outcome IN ('ok', 'wrong', 'unknown', 'disabled', 'locked', 'signed_out')"


def _key() -> Mapped[int]:
    return mapped_column(Key, primary_key=True, autoincrement=True)


class Meeting(Base):
    """A meeting: its agenda is fixed when it opens, its minutes when it closes."""

    __tablename__ = "meetings"

    id: Mapped[int] = _key()
    number: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    run_id: Mapped[str]
    filter_query: Mapped[str] = mapped_column(default="")
    agenda_json: Mapped[Any] = mapped_column(Json())
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(default="")


class Review(Base):
    """One verdict on one plot, and the act of its case that it led to.

    ``act`` is the ``seq`` of the first event of that act; ``revision`` that of the case afterwards;
    ``mu_e4`` the case's mu (× 10⁴) at that moment. An undo is a row of its own that names the
    verdict in ``undo_of``.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("undo_of"),
        CheckConstraint(_VERDICTS, name="verdict"),
        CheckConstraint("(verdict = 'undo') = (undo_of IS NOT NULL)", name="undo"),
        Index(None, "parcel_id"),
        Index(None, "case_id"),
        Index(None, "meeting_id"),
    )

    id: Mapped[int] = _key()
    run_id: Mapped[str]
    parcel_id: Mapped[str]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    verdict: Mapped[str]
    comment: Mapped[str] = mapped_column(default="")
    deciding_authority: Mapped[str] = mapped_column(default="")
    by: Mapped[str]
    at: Mapped[datetime]
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meetings.id"))
    opened_case: Mapped[bool]
    from_state: Mapped[str]
    to_state: Mapped[str]
    act: Mapped[int]
    revision: Mapped[int]
    mu_e4: Mapped[int]
    enterprises: Mapped[str] = mapped_column(default="")
    undo_of: Mapped[int | None] = mapped_column(ForeignKey("reviews.id"))


class Account(Base):
    """A person who may sign in. ``name_key`` is the name folded, so that no two look alike."""

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint(_ROLES, name="role"),)

    id: Mapped[int] = _key()
    name: Mapped[str] = mapped_column(unique=True)
    name_key: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    password_hash: Mapped[str]
    disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class SignIn(Base):
    """A session of an account: only the hash of its token is kept."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "account_id"),)

    id: Mapped[int] = _key()
    token_sha256: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    address: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Login(Base):
    """One attempt to sign in (or a signing out), whoever it was."""

    __tablename__ = "logins"
    __table_args__ = (
        CheckConstraint(_OUTCOMES, name="outcome"),
        Index(None, "name_key", "at"),
        Index(None, "address", "at"),
    )

    id: Mapped[int] = _key()
    at: Mapped[datetime]
    name: Mapped[str]
    name_key: Mapped[str]
    address: Mapped[str]
    outcome: Mapped[str]
