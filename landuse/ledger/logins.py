"""The audit of attempts to sign in, and how many may fail before a name or an address waits."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, select

from landuse.ledger.review_models import Login

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = [
    "LIMITS",
    "Limits",
    "latest",
    "locked_until",
    "minutes_left",
    "name_key",
    "note",
]

_FAILED: Final = ("wrong", "unknown", "disabled")
_KEPT: Final = 100  # signs of a name that somebody typed


@dataclass(frozen=True, slots=True)
class Limits:
    """Failures within ``window`` after which a name or an address waits for ``wait``.

    A name tried from one address waits there alone, so that a neighbour's guesses shut nobody out;
    many more, from wherever, make the name wait everywhere. An address may fail more often than a
    name: an office stands behind one.
    """

    by_name: int = 5
    by_name_anywhere: int = 50
    by_address: int = 20
    window: timedelta = timedelta(minutes=15)
    wait: timedelta = timedelta(minutes=15)


LIMITS: Final = Limits()


def name_key(name: str) -> str:
    """A name as it is compared: without width, case and blanks.

    >>> name_key(" Ｗang  Gong ")
    'wanggong'
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(folded.split())


def locked_until(
    session: Session, key: str, address: str, at: datetime, limits: Limits = LIMITS
) -> datetime | None:
    """Until when the name or the address waits; ``None`` where it may try.

    A right password clears the name, never the address: one good account must not give an
    address endless guesses at the others.
    """
    since = _last_ok(session, key)
    mine = [Login.name_key == key[:_KEPT]]
    if since is not None:
        mine.append(Login.id > since)
    here = Login.address == address
    until = [
        _until(session, [*mine, here], limits.by_name, at, limits),
        _until(session, mine, limits.by_name_anywhere, at, limits),
    ]
    if address:
        until.append(_until(session, [here], limits.by_address, at, limits))
    return max((one for one in until if one is not None and one > at), default=None)


def minutes_left(until: datetime, at: datetime) -> int:
    """Whole minutes to wait, at least one."""
    return max(1, math.ceil((until - at).total_seconds() / 60))


def note(session: Session, name: str, address: str, outcome: str, at: datetime) -> None:
    """A row for the attempt; while somebody waits, only one a minute, so that none fills a disk."""
    key = name_key(name)[:_KEPT]
    if outcome == "locked":
        same = [Login.name_key == key, Login.address == address, Login.outcome == "locked"]
        query = select(Login.id).where(*same, Login.at > at - timedelta(minutes=1)).limit(1)
        if session.scalar(query) is not None:
            return
    shown = "".join(sign if sign.isprintable() else "?" for sign in name[:_KEPT])
    row = Login(at=at, name=shown, name_key=key, address=address[:_KEPT], outcome=outcome)
    session.add(row)
    session.flush()


def latest(session: Session, limit: int = 200) -> list[Login]:
    """The newest attempts, newest first."""
    query = select(Login).order_by(Login.id.desc()).limit(limit)
    return list(session.scalars(query))


def _last_ok(session: Session, key: str) -> int | None:
    query = select(Login.id).where(Login.name_key == key[:_KEPT], Login.outcome == "ok")
    return session.scalar(query.order_by(Login.id.desc()).limit(1))


def _until(
    session: Session, where: list[ColumnElement[bool]], most: int, at: datetime, limits: Limits
) -> datetime | None:
    horizon = at - limits.window - limits.wait
    chosen: list[Any] = [*where, Login.outcome.in_(_FAILED), Login.at > horizon]
    query = select(Login.at).where(*chosen).order_by(Login.at.desc(), Login.id.desc())
    moments = list(session.scalars(query.limit(most)))
    if len(moments) < most or moments[0] - moments[-1] > limits.window:
        return None
    return moments[0] + limits.wait
