"""How much of a parcel each of its users has (method, section 4, ``apportion``).

Areas are integers of 10⁻⁶ m². What is given out for a parcel plus what nobody uses is its
accounting area, exactly.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landuse.exact import group_isum
from landuse.keys import among, as_array, in_order, named, positions, sorting, texts
from landuse.matching.apportion import Ints, equally, in_proportion
from landuse.matching.report import Reporter
from landuse.matching.scope import in_scope, report_scope
from landuse.schema.tables import LINKS

if TYPE_CHECKING:
    from landuse.issues import IssueLog
    from landuse.rules.model import Rules
    from landuse.schema.link_places import LinkPlaces

__all__ = ["share_out"]

_RULES: Final = (
    "declared", "floor_share", "remainder", "scaled", "equal_share", "nothing_left",
)  # fmt: skip
_WHOLE_PERCENT: Final = 99
"""An owner's row that declares so much of the parcel means the parcel, tenants included."""
_SLACK_PER_MILLE: Final = 1
_BETWEEN: Final = pa.scalar("\x1f", pa.large_string())
_SLACK_MICRO: Final = 1_000_000
"""Too much declared is an issue above 0.1 % and 1 m²; below it is rounding."""


@dataclass
class _Claims:
    """The links of all parcels, sorted by parcel and enterprise, as arrays.

    Per claim: ``group`` (number of its parcel), ``land`` and ``floor`` as declared (-1 where
    undeclared), ``own``, ``lease``, ``area`` (-1 until decided), ``rule`` (place among the rules).
    Per parcel: ``whole`` (accounting area), ``built`` (-1 where unknown).
    """

    group: Ints
    land: Ints
    floor: Ints
    own: npt.NDArray[np.bool_]
    lease: npt.NDArray[np.bool_]
    area: Ints
    rule: npt.NDArray[np.int8]
    whole: Ints
    built: Ints

    def given(self, where: npt.NDArray[np.bool_]) -> Ints:
        """Sum of the decided areas of the claims ``where``, per parcel."""
        return group_isum(self.area[where], self.group[where], len(self.whole))


def share_out(
    links: pd.DataFrame,
    parcels: pd.DataFrame,
    occupancy: pd.DataFrame,
    construction: AbstractSet[str],
    rules: Rules,
    log: IssueLog,
    places: LinkPlaces | None = None,
) -> pd.DataFrame:
    """The LINKS table: areas by the rules of method section 4, and which links count.

    Takes the links of :func:`landuse.matching.find_links`, the PARCELS and OCCUPANCY tables and
    the parcels under construction. A floor area is first turned into land by the floor rule; from
    there on it is a declared area like any other. A pair that declares land and floor area has the
    land. ``counted``: in scope and not under construction (``construction = "exclude"``).
    ``places`` are those of the links where they come as they were found.
    """
    if places is None:
        links = in_order(links, ["parcel_id", "uscc"])
        at = positions(links["parcel_id"], parcels["parcel_id"])
    else:
        order = sorting(parcels["parcel_id"])
        at = places.parcel if order is None else order[places.parcel]
    claims = _claims(links, parcels, at, occupancy)
    report = Reporter(links, claims.group, log)
    _floors(claims, report)
    _declared(claims)
    _remainders(claims)
    _scale_down(claims, report)
    _rest_equally(claims, report)
    inside = in_scope(parcels["land_use_code"], rules.land_use_codes)
    report_scope(parcels, inside, log)
    building = among(links["parcel_id"], texts(construction))
    stopped = building & (rules.construction == "exclude")
    result = links.assign(
        area_m2_micro=claims.area,
        area_rule=named(claims.rule, _RULES).set_axis(links.index),
        in_scope=inside[at],
        under_construction=building,
        counted=inside[at] & ~stopped,
    )
    return LINKS.check(result[LINKS.names])


def _claims(
    links: pd.DataFrame, parcels: pd.DataFrame, at: npt.NDArray[np.intp], occupancy: pd.DataFrame
) -> _Claims:
    # links are sorted by parcel_id, parcels need not be: the group number is only a label
    new = np.diff(at, prepend=-2) != 0
    group = np.cumsum(new) - 1
    used = at[new]
    whole, built = parcels["accounting_area_m2_micro"], parcels["built_area_m2_micro"]
    return _Claims(
        group=group.astype(np.int64),
        land=_stated(links, at, parcels["parcel_id"], occupancy, "land"),
        floor=_stated(links, at, parcels["parcel_id"], occupancy, "floor"),
        own=(links["relation"] == "own").to_numpy(),
        lease=(links["relation"] == "lease").to_numpy(),
        area=np.full(len(links), -1, dtype=np.int64),
        rule=np.full(len(links), -1, dtype=np.int8),
        whole=whole.to_numpy(dtype=np.int64)[used],
        built=built.fillna(-1).to_numpy(dtype=np.int64)[used],
    )


def _stated(
    links: pd.DataFrame,
    at: npt.NDArray[np.intp],
    parcels: pd.Series[str],
    occupancy: pd.DataFrame,
    kind: str,
) -> Ints:
    """The area above 0 that the occupancy table declares for each link, else -1; ``at`` is the
    place of its parcel among all."""
    area = occupancy["area_m2_micro"].fillna(0).to_numpy(dtype=np.int64)
    rows = (occupancy["area_kind"] == kind).to_numpy() & (area > 0)
    stated = occupancy.loc[rows, ["parcel_id", "uscc"]]
    declared = np.full(len(links), -1, dtype=np.int64)
    if not len(stated):
        return declared
    told = np.zeros(len(parcels) + 1, dtype=bool)  # the last is of no parcel
    told[positions(stated["parcel_id"], parcels)] = True
    asked = np.flatnonzero(told[at])
    found = positions(_pairs(links.iloc[asked]), _pairs(stated))
    declared[asked] = np.where(found >= 0, area[rows][found], -1)
    return declared


def _pairs(rows: pd.DataFrame) -> pd.Series[str]:
    """Parcel and enterprise as one text; the sign between them stands in no code."""
    parcel, uscc = as_array(rows["parcel_id"]), as_array(rows["uscc"])
    return pd.Series(pc.binary_join_element_wise(parcel, uscc, _BETWEEN), dtype="str")


def _floors(claims: _Claims, report: Reporter) -> None:
    """Accounting area × own floor ÷ floor area of the parcel, or ÷ the sum where that is short."""
    is_floor = (claims.floor > 0) & (claims.land < 0)
    group = claims.group[is_floor]
    total = group_isum(claims.floor[is_floor], group, len(claims.whole))
    short = (total > 0) & (claims.built < total)
    unknown = short & (claims.built <= 0)
    report.parcels("matching.floor_without_total", unknown, total=total)
    report.parcels("matching.floor_above_total", short & ~unknown, total=total, built=claims.built)
    report.claims("matching.floor_beside_land", (claims.floor > 0) & (claims.land > 0))
    whole = np.where(short, total, claims.built)
    claims.area[is_floor] = in_proportion(claims.whole, claims.floor[is_floor], whole, group)
    claims.rule[is_floor] = _RULES.index("floor_share")


def _declared(claims: _Claims) -> None:
    stated = claims.land > 0
    claims.area[stated] = claims.land[stated]
    claims.rule[stated] = _RULES.index("declared")


def _remainders(claims: _Claims) -> None:
    """An owner who declares the whole parcel beside tenants has what they leave."""
    decided = claims.area >= 0
    let = decided & claims.lease
    too_much = claims.given(decided) > claims.whole
    leases = np.zeros(len(claims.whole), dtype=bool)
    leases[claims.group[claims.lease]] = True
    threshold = -(-claims.whole * _WHOLE_PERCENT // 100)
    means_all = decided & claims.own & (claims.area >= threshold[claims.group])
    means_all &= (too_much & leases)[claims.group]
    left = np.maximum(claims.whole - claims.given(let), 0)
    claims.area[means_all] = left[claims.group[means_all]]
    claims.rule[means_all] = _RULES.index("remainder")


def _scale_down(claims: _Claims, report: Reporter) -> None:
    decided = claims.area >= 0
    total = claims.given(decided)
    excess = total - claims.whole
    large = (excess > claims.whole * _SLACK_PER_MILLE // 1000) & (excess > _SLACK_MICRO)
    report.parcels("matching.over_declared", large, total=total, whole=claims.whole)
    scaled = decided & (excess > 0)[claims.group]
    claims.area[scaled] = in_proportion(
        claims.whole, claims.area[scaled], np.maximum(total, 1), claims.group[scaled]
    )
    claims.rule[scaled] = _RULES.index("scaled")


def _rest_equally(claims: _Claims, report: Reporter) -> None:
    """Links without a declared area share what is left; nothing left is no land."""
    decided = claims.area >= 0
    left = claims.whole - claims.given(decided)
    waiting = claims.group[~decided]
    several = np.bincount(waiting, minlength=len(left)) > 1
    report.parcels("matching.equal_shares", several & (left > 0), only=~decided, left=left)
    none = ~decided & (left <= 0)[claims.group]
    report.claims("matching.nothing_left", none)
    claims.area[~decided] = equally(left, waiting)
    equal, nothing = _RULES.index("equal_share"), _RULES.index("nothing_left")
    claims.rule[~decided] = np.where(left[waiting] > 0, equal, nothing)
