"""Which cases the findings of a run ask for: decided from frames, nothing is written here.

One parcel, one case (一宗一策), with all its enterprises listed. Land found idle is not also
proposed for low-efficiency disposal: the statutory track comes first (method, section 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from shapely.geometry.base import BaseGeometry

from landuse.ledger.limits import case_mu
from landuse.ledger.states import check_kind

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from landuse.ledger.lineage import Succession

__all__ = [
    "Former",
    "Opening",
    "Proposal",
    "enterprise_names",
    "kinds_of",
    "proposal_of",
    "propose",
]

_BETWEEN: Final = "、"


@dataclass(frozen=True, slots=True)
class Former:
    """A case that a parcel has or had."""

    case_id: int
    number: str
    kind: str
    state: str
    is_open: bool
    ended_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A case to open on one parcel; ``relapse_of`` is the closed case it comes after."""

    parcel_id: str
    kind: str
    mu_e4: int
    original_enterprises: str
    park: str
    township: str
    geometry: BaseGeometry | None
    relapse_of: Former | None = None


@dataclass(frozen=True)
class Opening:
    """What becomes of each parcel with a finding; every one is in exactly one list.

    ``new`` get a case; ``still`` have an open one; ``settled`` were closed on or after the day of
    the run, so this run cannot be a relapse; ``put_aside`` were removed and may be taken up again
    by hand; ``succeeded`` lie on the land of an open case under another code; ``statutory`` are
    badly used but idle, and left to the statutory track; of those ``without_area`` no area is
    known, so that there is nothing to put on the ledger. ``now_idle`` repeats those of ``still``
    whose case is one of low efficiency while the run finds them idle: people may reclassify it.
    """

    new: list[Proposal] = field(default_factory=list)
    still: list[tuple[str, Former]] = field(default_factory=list)
    settled: list[tuple[str, Former]] = field(default_factory=list)
    put_aside: list[tuple[str, Former]] = field(default_factory=list)
    succeeded: list[Succession] = field(default_factory=list)
    statutory: list[str] = field(default_factory=list)
    without_area: list[str] = field(default_factory=list)
    now_idle: list[tuple[str, Former]] = field(default_factory=list)


def kinds_of(kind: str) -> tuple[str, ...]:
    """The findings that a kind of case rests on.

    >>> kinds_of("both")
    ('low_efficiency', 'idle')
    """
    return ("low_efficiency", "idle") if kind == "both" else (kind,)


def enterprise_names(enterprises: Iterable[Mapping[str, Any]], otherwise: str = "") -> str:
    """All enterprises of a parcel by name, the largest user first; a code where the name is blank.

    >>> enterprise_names([{"uscc": "1", "name": "甲", "area_mu_e4": 5},
    ...                   {"uscc": "2", "name": "", "area_mu_e4": 9}])
    '2、甲'
    """
    ordered = sorted(enterprises, key=lambda one: (-one["area_mu_e4"], one["uscc"]))
    return _BETWEEN.join(str(one["name"] or one["uscc"]) for one in ordered) or otherwise


def propose(
    findings: pd.DataFrame,
    kind: str,
    as_of: dt.date,
    former: Mapping[str, Sequence[Former]],
    successions: Sequence[Succession] = (),
    idle_before: AbstractSet[str] = frozenset(),
) -> Opening:
    """The cases that ``findings`` (of one run, as of ``as_of``) ask for.

    ``kind``: ``low_efficiency``, ``idle``, or ``both`` for either reason; a parcel with both
    findings becomes a case of kind ``both`` unless only low efficiency is asked for. ``former``
    has all cases of a parcel in the order of their opening; ``idle_before`` are parcels that are
    idle by an earlier run and about which this one, which had no contracts, says nothing. Raises
    :class:`landuse.errors.UserError` for another kind.
    """
    check_kind(kind)
    heirs = {one.parcel_id: one for one in successions}
    opening = Opening()
    for parcel, found in _by_parcel(findings).items():
        if not set(found) & set(kinds_of(kind)):
            continue
        before = former.get(parcel, ())
        if not _held(opening, parcel, found, before, heirs.get(parcel)):
            idle = kind == "low_efficiency" if "idle" in found else parcel in idle_before
            _place(opening, parcel, found, as_of, before, left_to_statute=idle)
    return opening


def _held(
    opening: Opening,
    parcel: str,
    found: dict[str, dict[str, Any]],
    former: Sequence[Former],
    heir: Succession | None,
) -> bool:
    """Whether an open case holds the parcel, or the land that it lies on."""
    current = next((one for one in former if one.is_open), None)
    if current is not None:
        opening.still.append((parcel, current))
        if "idle" in found and current.kind == "low_efficiency":
            opening.now_idle.append((parcel, current))
    elif heir is not None:
        opening.succeeded.append(heir)
    return current is not None or heir is not None


def _place(
    opening: Opening,
    parcel: str,
    found: dict[str, dict[str, Any]],
    as_of: dt.date,
    former: Sequence[Former],
    *,
    left_to_statute: bool,
) -> None:
    last = former[-1] if former else None
    if left_to_statute:
        opening.statutory.append(parcel)
    elif last is not None and last.state == "removed":
        opening.put_aside.append((parcel, last))
    elif last is not None and (last.ended_on is None or last.ended_on >= as_of):
        opening.settled.append((parcel, last))
    else:
        proposal = proposal_of(parcel, found, last)
        if proposal.mu_e4 > 0:
            opening.new.append(proposal)
        else:
            opening.without_area.append(parcel)


def _by_parcel(findings: pd.DataFrame) -> dict[str, dict[str, dict[str, Any]]]:
    """The findings of each parcel by kind, in the order of the parcel codes."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    ordered = findings.sort_values(["parcel_id", "kind"])
    for row in ordered.to_dict("records"):
        found.setdefault(str(row["parcel_id"]), {})[str(row["kind"])] = {
            str(name): value for name, value in row.items()
        }
    return found


def proposal_of(
    parcel: str, found: Mapping[str, Mapping[str, Any]], last: Former | None = None
) -> Proposal:
    """The case that the findings of one parcel (by kind, rows of a frame of findings) ask for."""
    kind = "both" if len(found) > 1 else next(iter(found))
    mu = {name: int(row["mu_e4"]) for name, row in found.items()}
    row = found.get("low_efficiency") or found["idle"]
    holder = str(found.get("idle", {}).get("detail_json", {}).get("holder") or "")
    return Proposal(
        parcel_id=parcel,
        kind=kind,
        mu_e4=case_mu(kind, mu.get("low_efficiency", 0), mu.get("idle", 0)),
        original_enterprises=enterprise_names(row["enterprises_json"], holder),
        park=str(row["park"]),
        township=str(row["township"]),
        geometry=row["geometry"],
        relapse_of=last,
    )
