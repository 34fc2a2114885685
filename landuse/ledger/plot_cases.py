"""The ledger as map, page and sheet see it: one row a plot that has or had a case.

Takes a reader's session, gives :data:`landuse.schema.plot_cases.PLOT_CASES`. Reads each table once,
so that a ledger of a hundred thousand cases is a few queries.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from sqlalchemy import and_, not_, select
from sqlalchemy.orm import aliased

from landuse import scaled
from landuse.ledger.models import Case, CaseParcel, Event, Part
from landuse.ledger.review_models import Review
from landuse.ledger.telling import TOLD, act_text
from landuse.schema.plot_cases import HISTORY_LENGTH, PLOT_CASES

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.orm import Session

__all__ = ["plot_cases"]

_CASE: Final = (
    "number", "kind", "state", "is_open", "revision", "case_mu_e4", "accepted_on",
    "responsible_unit", "responsible_person", "deadline",
)  # fmt: skip


_PLAIN: Final = tuple(name for name in _CASE if name != "case_mu_e4")
_BATCH: Final = 500


@dataclass(slots=True)
class _Parts:
    """What the parts of one case add up to."""

    ways: list[str] = field(default_factory=list)
    disposed: int = 0
    accepted: int = 0
    floor: int = 0


_NO_PARTS: Final = _Parts()


def plot_cases(session: Session, parcels: Iterable[str] | None = None) -> pd.DataFrame:
    """:data:`~landuse.schema.plot_cases.PLOT_CASES` as the ledger stands, by parcel code.

    ``parcels``: only these (those without a case are left out), for who keeps a table and asks
    :func:`landuse.ledger.reviews.changes_since` what changed.
    """
    if parcels is None:
        return PLOT_CASES.check(_frame(_rows(session, None)))
    wanted = sorted(set(parcels))
    rows: list[dict[str, Any]] = []
    for start in range(0, len(wanted), _BATCH):
        rows += _rows(session, wanted[start : start + _BATCH])
    return PLOT_CASES.check(_frame(rows))


def _rows(session: Session, parcels: list[str] | None) -> list[dict[str, Any]]:
    chosen = _chosen(session, parcels)
    keys = None if parcels is None else sorted(set(chosen.values()))
    cases = _cases(session, keys)
    parts = _parts(session, keys)
    told = _histories(session, set(chosen.values()), keys)
    verdicts = _verdicts(session, parcels)
    return [
        _row(parcel, cases[key], parts.get(key, _NO_PARTS), told.get(key, "[]"),
             verdicts.get(parcel, ("", "")))
        for parcel, key in sorted(chosen.items())
    ]  # fmt: skip


def _row(
    parcel: str, one: dict[str, Any], sums: _Parts, told: str, verdict: tuple[str, str]
) -> dict[str, Any]:
    return {
        "parcel_id": parcel,
        **{name: one[name] for name in _PLAIN},
        "case_mu": scaled.to_float(one["case_mu_e4"], scaled.MU),
        "remaining_mu": scaled.to_float(one["case_mu_e4"] - sums.disposed, scaled.MU),
        "disposed_mu": scaled.to_float(sums.disposed, scaled.MU),
        "accepted_mu": scaled.to_float(sums.accepted, scaled.MU),
        "accepted_floor_m2": scaled.to_float(sums.floor, scaled.FLOOR_M2),
        "ways": "; ".join(sums.ways),
        "relapse_of": one["relapse_of"] or "",
        "history_json": told,
        "last_verdict": verdict[0],
        "last_comment": verdict[1],
    }


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    empty = PLOT_CASES.empty()
    if not rows:
        return empty
    frame = pd.DataFrame(rows, columns=PLOT_CASES.names)
    return frame.astype(empty.dtypes.to_dict())


def _chosen(session: Session, parcels: list[str] | None) -> dict[str, int]:
    """The case of each parcel that counts: the open one, else the one opened last."""
    query = (
        select(CaseParcel.parcel_id, CaseParcel.case_id)
        .where(CaseParcel.removed.is_(False))
        .order_by(CaseParcel.is_open, CaseParcel.case_id)
    )
    if parcels is not None:
        query = query.where(CaseParcel.parcel_id.in_(parcels))
    return {row.parcel_id: row.case_id for row in session.execute(query)}


def _cases(session: Session, keys: list[int] | None) -> dict[int, dict[str, Any]]:
    former = aliased(Case)
    columns = [getattr(Case, name) for name in _CASE]
    query = select(Case.id, former.number, *columns).outerjoin(former, former.id == Case.relapse_of)
    if keys is not None:
        query = query.where(Case.id.in_(keys))
    return {
        key: {**dict(zip(_CASE, values, strict=True)), "relapse_of": relapse}
        for key, relapse, *values in session.execute(query)
    }


def _parts(session: Session, keys: list[int] | None) -> dict[int, _Parts]:
    query = (
        select(Part.case_id, Part.way, Part.mu_e4, Part.floor_area_m2_e2, Part.accepted_on)
        .where(Part.removed.is_(False))
        .order_by(Part.case_id, Part.seq)
    )
    if keys is not None:
        query = query.where(Part.case_id.in_(keys))
    found: dict[int, _Parts] = {}
    for key, way, mu, floor, accepted_on in session.execute(query):
        sums = found.setdefault(key, _Parts())
        if way and way not in sums.ways:
            sums.ways.append(way)
        sums.disposed += mu or 0
        if accepted_on is not None:
            sums.accepted += mu or 0
            sums.floor += floor or 0
    return found


def _histories(session: Session, held: set[int], keys: list[int] | None) -> dict[int, str]:
    """The newest acts of each case, as JSON; outlines of parcels are never read."""
    opening = and_(Event.entity == "parcel", Event.field == "*", Event.act == 1)
    query = (
        select(Event.case_id, Event.act, Event.at, Event.by, *TOLD)
        .where(Event.case_id.is_not(None), not_(opening))
        .order_by(Event.case_id, Event.seq)
        .execution_options(yield_per=5000)
    )
    if keys is not None:
        query = query.where(Event.case_id.in_(keys))
    found: dict[int, str] = {}
    for key, events in groupby(session.execute(query), key=lambda event: event.case_id):
        if key in held:
            acts = [list(act) for _, act in groupby(events, key=lambda event: event.act)]
            newest = acts[: -HISTORY_LENGTH - 1 : -1]
            found[key] = json.dumps(list(map(_told, newest)), ensure_ascii=False)
    return found


def _told(act: list[Any]) -> dict[str, str]:
    at: dt.datetime = act[0].at
    return {
        "at": at.isoformat(timespec="seconds"),
        "by": act[0].by,
        "text_zh": act_text(act, "zh"),
        "text_en": act_text(act, "en"),
    }


def _verdicts(session: Session, parcels: list[str] | None) -> dict[str, tuple[str, str]]:
    """The last verdict on each parcel that was not undone, with its comment."""
    gone = select(Review.undo_of).where(Review.undo_of.is_not(None))
    query = (
        select(Review.parcel_id, Review.verdict, Review.comment)
        .where(Review.undo_of.is_(None), Review.id.not_in(gone))
        .order_by(Review.id)
    )
    if parcels is not None:
        query = query.where(Review.parcel_id.in_(parcels))
    return {row.parcel_id: (row.verdict, row.comment) for row in session.execute(query)}
