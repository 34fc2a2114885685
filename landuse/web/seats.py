"""Accounts and sessions of the ledger, as the pages need them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from landuse.web.settings import ROLES, User

if TYPE_CHECKING:
    from datetime import datetime

    from landuse.pipeline.site import Site

__all__ = ["has_accounts", "sit_down", "stand_up", "who"]

_HASHING: Final = threading.BoundedSemaphore(2)
"""A password takes 64 MiB and a core for a moment: many guesses at once must not take them all."""


def has_accounts(site: Site) -> bool:
    """Whether anybody was given an account; then everybody needs one."""
    from landuse.ledger import accounts

    with site.ledger().read() as session:
        return accounts.has_accounts(session)


def who(site: Site, token: str, at: datetime, *, present: bool = True) -> User | None:
    """The user of a session that is still good, and a note that they were here if ``present``."""
    from landuse.ledger import sessions

    found = sessions.find(site.ledger(), token, at=at, present=present)
    role = next((role for role in ROLES if found and role == found.role), None)
    return User(found.name, role) if found and role else None


def sit_down(site: Site, name: str, password: str, address: str, at: datetime) -> str:
    """The secret of a new session.

    Raises :class:`landuse.errors.UserError`: in the same words and after the same work, whether
    it was the name or the password; or that it was tried too often.
    """
    from landuse.ledger import accounts, sessions

    with _HASHING:
        account = accounts.log_in(site.ledger(), name, password, address=address, at=at)
    return sessions.create(site.ledger(), account, at=at, address=address)


def stand_up(site: Site, token: str, at: datetime) -> None:
    """End a session."""
    from landuse.ledger import sessions

    sessions.revoke(site.ledger(), token, at=at)
