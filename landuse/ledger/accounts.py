"""Who may sign in: accounts with a role, their passwords, and the audit of every attempt.

Takes a writer's session, or the open ledger for :func:`log_in`, which must not hold the writer's
lock while it hashes. Passwords are kept as argon2id hashes only; there is no default one.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from landuse.errors import UserError
from landuse.issues import Issue
from landuse.ledger import logins
from landuse.ledger.journal import check_who
from landuse.ledger.review_models import ROLES, Account, Login, SignIn

if TYPE_CHECKING:
    from datetime import datetime

    from argon2 import PasswordHasher
    from sqlalchemy.orm import Session

    from landuse.ledger.store import Ledger

__all__ = [
    "LEAST_LENGTH",
    "Listed",
    "check_password",
    "create",
    "find",
    "has_accounts",
    "listed",
    "log_in",
    "set_disabled",
    "set_password",
    "set_role",
]

LEAST_LENGTH: Final = 10
"""Characters that a password has at least."""
_MOST_LENGTH: Final = 200
_MOST_TYPED: Final = 1000  # of what is checked: nobody makes the server fold a book
_LEAST_DIFFERENT: Final = 5
_NAME_LENGTH: Final = 40


@dataclass(frozen=True, slots=True)
class Listed:
    """An account in the list; ``last_login`` is the last time the password was right."""

    name: str
    role: str
    disabled: bool
    created_at: datetime
    created_by: str
    last_login: datetime | None


def has_accounts(session: Session) -> bool:
    """Whether anybody was given an account, disabled or not: then everybody needs one."""
    return session.scalar(select(Account.id).limit(1)) is not None


def find(session: Session, name: str) -> Account:
    """The account called ``name`` (width, case and blanks do not count).

    Raises :class:`~landuse.errors.UserError` where there is none.
    """
    account = _account(session, name)
    if account is None:
        raise UserError.of("account.no_such_account", value=name.strip())
    return account


def listed(session: Session) -> list[Listed]:
    """All accounts by name."""
    seen = (
        select(Login.name_key, func.max(Login.at).label("at"))
        .where(Login.outcome == "ok")
        .group_by(Login.name_key)
        .subquery()
    )
    query = (
        select(Account, seen.c.at)
        .outerjoin(seen, seen.c.name_key == Account.name_key)
        .order_by(Account.name_key)
    )
    return [
        Listed(row.name, row.role, row.disabled, row.created_at, row.created_by, at)
        for row, at in session.execute(query)
    ]


def create(
    session: Session, name: str, role: str, password: str, *, by: str, at: datetime
) -> Account:
    """A new account. Raises :class:`~landuse.errors.UserError` with everything that is wrong."""
    who, name = check_who(by, at), " ".join(name.split())
    faults = [*_name_faults(name), *_role_faults(role), *_password_faults(name, password)]
    if _account(session, name) is not None:
        faults.append(Issue("account.name_taken", value=name))
    if faults:
        raise UserError(faults)
    account = Account(
        name=name,
        name_key=logins.name_key(name),
        role=role,
        password_hash=_hasher().hash(_plain(password)),
        created_at=at,
        created_by=who,
        changed_at=at,
        changed_by=who,
    )
    session.add(account)
    session.flush()
    return account


def set_password(session: Session, name: str, password: str, *, by: str, at: datetime) -> Account:
    """A new password; all sessions of the account end."""
    account = find(session, name)
    faults = _password_faults(account.name, password)
    if faults:
        raise UserError(faults)
    _stamp(account, by, at)
    account.password_hash = _hasher().hash(_plain(password))
    _end_sessions(session, account, at)
    session.flush()
    return account


def set_role(session: Session, name: str, role: str, *, by: str, at: datetime) -> Account:
    """Another role; it holds from the next page on."""
    account = find(session, name)
    faults = _role_faults(role)
    if faults:
        raise UserError(faults)
    _stamp(account, by, at)
    account.role = role
    session.flush()
    return account


def set_disabled(session: Session, name: str, *, disabled: bool, by: str, at: datetime) -> Account:
    """Shut an account out (its sessions end at once), or let it in again; it is never deleted."""
    account = find(session, name)
    _stamp(account, by, at)
    account.disabled = disabled
    if disabled:
        _end_sessions(session, account, at)
    session.flush()
    return account


def check_password(session: Session, name: str, password: str) -> Account | None:
    """The account if name and password are right and it is not disabled, else ``None``.

    An unknown name costs the same work as a wrong password.
    """
    account = _account(session, name)
    kept = account.password_hash if account is not None else _nobody()
    right = _matches(kept, password)
    return account if right and account is not None and not account.disabled else None


def log_in(ledger: Ledger, name: str, password: str, *, address: str, at: datetime) -> Account:
    """The account, or :class:`~landuse.errors.UserError`; every attempt leaves a row.

    The words and the work are the same for an unknown name, a wrong password and a disabled
    account. After too many failures (:data:`landuse.ledger.logins.LIMITS`) the name or the address
    waits, and even the right password is refused.
    """
    key = logins.name_key(name)
    with ledger.read() as session:
        locked = logins.locked_until(session, key, address, at)
        account = None if locked else check_password(session, name, password)
    with ledger.write() as session:
        # Again, behind the others: many guesses at once must not slip past the count.
        locked = logins.locked_until(session, key, address, at)
        current = _account(session, name)
        kept = account is not None and current is not None and _unchanged(account, current)
        outcome = _outcome(current, locked=locked is not None, right=kept)
        logins.note(session, name, address, outcome, at)
    if locked is not None:
        raise UserError.of("account.locked", value=logins.minutes_left(locked, at))
    if outcome != "ok" or current is None:
        raise UserError.of("account.wrong")
    return current


def _outcome(account: Account | None, *, locked: bool, right: bool) -> str:
    if locked:
        return "locked"
    if account is None:
        return "unknown"
    if account.disabled:
        return "disabled"
    return "ok" if right else "wrong"


def _unchanged(before: Account, now: Account) -> bool:
    return before.id == now.id and before.password_hash == now.password_hash


def _account(session: Session, name: str) -> Account | None:
    return session.scalar(select(Account).where(Account.name_key == logins.name_key(name)))


def _stamp(account: Account, by: str, at: datetime) -> None:
    account.changed_by, account.changed_at = check_who(by, at), at


def _end_sessions(session: Session, account: Account, at: datetime) -> None:
    query = select(SignIn).where(SignIn.account_id == account.id, SignIn.revoked_at.is_(None))
    for one in session.scalars(query):
        one.revoked_at = at


def _plain(password: str) -> str:
    """One spelling, whatever keyboard or input method it was typed with."""
    return unicodedata.normalize("NFKC", password)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()  # argon2id, RFC 9106's low-memory profile: 64 MiB, 3 passes


@cache
def _nobody() -> str:
    """A hash that no password has, to be checked for names that nobody has."""
    import secrets

    return _hasher().hash(secrets.token_urlsafe(32))


def _matches(kept: str, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(kept, _plain(password[:_MOST_TYPED]))
    except (VerificationError, InvalidHashError):
        return False


def _name_faults(name: str) -> list[Issue]:
    if not name:
        return [Issue("account.name_missing")]
    odd = any(unicodedata.category(sign).startswith("C") for sign in name)
    if odd or len(name) > _NAME_LENGTH:
        return [Issue("account.name_odd", values={"most": _NAME_LENGTH})]
    return []


def _role_faults(role: str) -> list[Issue]:
    if role in ROLES:
        return []
    return [Issue("account.unknown_role", value=role, values={"known": ", ".join(ROLES)})]


def _password_faults(name: str, password: str) -> list[Issue]:
    """What is wrong with a password; it is never repeated in the message."""
    plain = _plain(password)
    faults = []
    if len(plain) < LEAST_LENGTH:
        faults.append(Issue("account.password_short", values={"least": LEAST_LENGTH}))
    elif len(set(plain)) < _LEAST_DIFFERENT:
        faults.append(Issue("account.password_plain", values={"least": _LEAST_DIFFERENT}))
    if len(plain) > _MOST_LENGTH:
        faults.append(Issue("account.password_long", values={"most": _MOST_LENGTH}))
    folded = logins.name_key(plain)
    key = logins.name_key(name)
    if key and folded.replace(key, "").strip("0123456789") == "" and key in folded:
        faults.append(Issue("account.password_is_name"))
    return faults
