"""Sessions of accounts: a secret in the browser, its hash in the ledger, an end that comes.

Takes the open ledger, because a page only looks most of the time: it writes at most once a minute
that somebody is still there.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select

from landuse.ledger import logins
from landuse.ledger.review_models import Account, SignIn

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from landuse.ledger.store import Ledger

__all__ = ["TERMS", "SignedIn", "Terms", "create", "find", "revoke"]

_NOTED_AFTER: Final = timedelta(minutes=1)
_FORGOTTEN_AFTER: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a session lasts at most, and how long without a page."""

    longest: timedelta = timedelta(hours=12)
    idle: timedelta = timedelta(minutes=60)


TERMS: Final = Terms()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a session belongs to, and when it ends at the latest."""

    session_id: int
    account_id: int
    name: str
    role: str
    expires_at: datetime


def create(
    ledger: Ledger, account: Account, *, at: datetime, address: str = "", terms: Terms = TERMS
) -> str:
    """The secret of a new session; it is nowhere kept. Sessions long ended are forgotten."""
    token = secrets.token_urlsafe(32)
    with ledger.write() as session:
        session.execute(delete(SignIn).where(SignIn.expires_at < at - _FORGOTTEN_AFTER))
        session.add(
            SignIn(
                token_sha256=_hash(token),
                account_id=account.id,
                address=address,
                created_at=at,
                expires_at=at + terms.longest,
                last_seen_at=at,
            )
        )
    return token


def find(
    ledger: Ledger, token: str, *, at: datetime, terms: Terms = TERMS, present: bool = True
) -> SignedIn | None:
    """Whose session it is; ``None`` where it is unknown, ended, too old, or its account disabled.

    Notes that the account was here, at most once a minute, unless nobody need be ``present`` for
    it (a page that asks by itself).
    """
    with ledger.read() as session:
        row = _row(session, token)
        if row is None:
            return None
        kept, account = row
        if not _good(kept, account, at, terms):
            return None
        found = SignedIn(kept.id, account.id, account.name, account.role, kept.expires_at)
        due = at - kept.last_seen_at >= _NOTED_AFTER
    if due and present:
        _note(ledger, kept.id, at)
    return found


def revoke(ledger: Ledger, token: str, *, at: datetime) -> None:
    """End a session; one that is unknown or ended already is left."""
    with ledger.write() as session:
        row = _row(session, token)
        if row is not None and row[0].revoked_at is None:
            kept, account = row
            kept.revoked_at = at
            logins.note(session, account.name, kept.address, "signed_out", at)


def _good(kept: SignIn, account: Account, at: datetime, terms: Terms) -> bool:
    ended = kept.revoked_at is not None or account.disabled
    return not ended and at < kept.expires_at and at - kept.last_seen_at < terms.idle


def _note(ledger: Ledger, key: int, at: datetime) -> None:
    with ledger.write() as session:
        kept = session.get(SignIn, key)
        if kept is not None and kept.last_seen_at < at:
            kept.last_seen_at = at


def _row(session: Session, token: str) -> tuple[SignIn, Account] | None:
    query = (
        select(SignIn, Account)
        .join(Account, Account.id == SignIn.account_id)
        .where(SignIn.token_sha256 == _hash(token))
    )
    found = session.execute(query).first()
    return (found[0], found[1]) if found else None


def _hash(token: str) -> str:
    """A token has 256 random bits: a plain hash is enough, no two are ever alike."""
    return hashlib.sha256(token.encode()).hexdigest()
