"""Who wants land or floor space, and what is on offer: ranked proposals, each with its reasons.

Hard conditions (size, plot ratio, environment class) come first; what is left of them earns points
by the pack. Nothing is weighed that is not listed.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from landuse.parks.frames import typed
from landuse.parks.shown import half_up, joined, mu_text, number
from landuse.schema.park_plots import OFFERS, PROPOSAL_REASONS, PROPOSALS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from landuse.rules.park_pack import ParkRules

__all__ = ["CRITERIA", "FLOOR_OFFER", "HARD", "environment_class", "match", "offers"]

HARD: Final = ("land", "floor", "plot_ratio", "environment")
"""A demand that is not met in one of these is excluded."""
CRITERIA: Final = (*HARD, "industry", "park_type", "park", "fit")
FLOOR_OFFER: Final = "floor:"
"""How the code of vacant floor space begins; the park follows."""
_CLASSES: Final = {"一": 1, "二": 2, "三": 3}
_CLASS: Final = re.compile(r"([一二三1-3])类|(?:m|M)([1-3])|10010([1-3])|([1-3])")
_STATUS: Final = ("fits", "to_check", "excluded")
_MILLION: Final = 1_000_000


class _Reason(NamedTuple):
    """How a demand meets one criterion; ``share`` of the points (1 where met)."""

    criterion: str
    met: str
    wanted: str = ""
    offered: str = ""
    share: Fraction = Fraction(0)


def environment_class(text: str) -> int | None:
    """1 (clean) to 3, as written: 一类, M2, 100103; ``None`` where it cannot be told.

    >>> environment_class("二类工业用地"), environment_class("M1"), environment_class("")
    (2, 1, None)
    """
    match = _CLASS.search(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    found = next(group for group in match.groups() if group)
    return _CLASSES.get(found) or int(found)


def offers(
    plots: pd.DataFrame, register: pd.DataFrame | None, types: Mapping[str, str]
) -> pd.DataFrame:
    """OFFERS: plots in disposal, and the vacant standard factories of each park.

    ``plots``: ``parcel_id``, ``park``, ``area_m2_micro``, ``floor_m2_micro`` (``Int64``) and
    ``case_number``; plot ratio, environment class and leading divisions are their park's.
    """
    known = {} if register is None else {str(row["park"]): row for row in _records(register)}
    rows = []
    for plot in _records(plots):
        base = _of_park(str(plot["park"]), known, types)
        rows.append(
            {
                **base, "offer": plot["parcel_id"], "kind": "plot",
                "parcel_id": plot["parcel_id"], "land_area_m2_micro": plot["area_m2_micro"],
                "floor_m2_micro": plot["floor_m2_micro"], "case_number": plot["case_number"],
            }
        )  # fmt: skip
    for park, row in known.items():
        if vacant := number(row["factory_vacant_m2_micro"]):
            rows.append(
                {
                    **_of_park(park, known, types), "offer": f"{FLOOR_OFFER}{park}",
                    "kind": "floor", "parcel_id": "", "land_area_m2_micro": None,
                    "floor_m2_micro": vacant, "case_number": "",
                }
            )  # fmt: skip
    return typed(sorted(rows, key=lambda row: str(row["offer"])), OFFERS)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _of_park(
    park: str, known: Mapping[str, dict[str, Any]], types: Mapping[str, str]
) -> dict[str, Any]:
    row = known.get(park, {})
    return {
        "park": park,
        "park_type": types.get(park, ""),
        "plot_ratio_micro": row.get("planned_plot_ratio_micro"),
        "environment_class": row.get("environment_class", ""),
        "divisions": row.get("leading_divisions", ""),
    }


def match(
    demand: pd.DataFrame, offered: pd.DataFrame, rules: ParkRules, *, most: int = 20
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """PROPOSALS and PROPOSAL_REASONS: for each offer its ``most`` best demands, and why.

    ``demand`` is DEMAND, ``offered`` OFFERS. A hard condition that is not met excludes; one that
    cannot be told (a blank) leaves the demand behind those that fit. Points are those of
    ``rules.match_points``: leading industry of the park, type and park wanted, and fit: needed ÷
    offered size. Rank 1 is the best; equal points share the best place and are listed by demand.
    Excluded demands follow without a rank, as far as ``most`` goes.
    """
    proposals, reasons = [], []
    wishes = sorted(_records(demand), key=lambda row: str(row["demand"]))
    for offer in sorted(_records(offered), key=lambda row: str(row["offer"])):
        found = [(_propose(wish, offer, rules), wish) for wish in wishes]
        found.sort(key=lambda one: (_STATUS.index(one[0][0]), -one[0][1], str(one[1]["demand"])))
        ranked = [(status, points) for (status, points, _), _ in found if status != "excluded"]
        for (status, points, why), wish in found[:most]:
            at = None if status == "excluded" else 1 + ranked.index((status, points))
            proposals.append(
                {
                    "offer": offer["offer"], "demand": wish["demand"], "name": wish["name"],
                    "status": status, "points": float(points), "rank": at,
                    "failed": joined(r.criterion for r in why if _hard(r, "not_met")),
                    "unknown": joined(r.criterion for r in why if _hard(r, "cannot_tell")),
                }
            )  # fmt: skip
            reasons += [_reason_row(offer, wish, reason, rules) for reason in why]
    return typed(proposals, PROPOSALS), typed(reasons, PROPOSAL_REASONS)


def _hard(reason: _Reason, met: str) -> bool:
    return reason.criterion in HARD and reason.met == met


def _weight(criterion: str, rules: ParkRules) -> Fraction:
    return rules.match_points.get(criterion, Fraction(0))


def _propose(
    wish: dict[str, Any], offer: dict[str, Any], rules: ParkRules
) -> tuple[str, Fraction, list[_Reason]]:
    land = _size("land", wish["land_area_m2_micro"], offer["land_area_m2_micro"], _mu)
    if not _sized(wish, offer):
        land = land._replace(met="not_met")
    why = [
        land,
        _size("floor", wish["floor_m2_micro"], offer["floor_m2_micro"], _square_metres),
        _size("plot_ratio", wish["least_plot_ratio_micro"], offer["plot_ratio_micro"], _plain),
        _environment(str(wish["environment_class"]), str(offer["environment_class"])),
        _industry(str(wish["division"]), str(offer["divisions"])),
        _same("park_type", str(wish["park_type"]), str(offer["park_type"])),
        _same("park", str(wish["park"]), str(offer["park"])),
        _fit(wish, offer),
    ]
    points = sum((reason.share * _weight(reason.criterion, rules) for reason in why), Fraction(0))
    if any(_hard(reason, "not_met") for reason in why):
        return "excluded", points, why
    return ("to_check" if any(_hard(r, "cannot_tell") for r in why) else "fits"), points, why


def _sized(wish: dict[str, Any], offer: dict[str, Any]) -> bool:
    """Land is for who wants land, floor space for who wants only that."""
    return offer["kind"] == "plot" or number(wish["land_area_m2_micro"]) is None


def _mu(micro: int) -> str:
    return mu_text(micro)


def _square_metres(micro: int) -> str:
    return half_up(Fraction(micro, _MILLION), 0)


def _plain(micro: int) -> str:
    return half_up(Fraction(micro, _MILLION), 2)


def _size(criterion: str, needed: object, given: object, show: Callable[[int], str]) -> _Reason:
    """At least as much must be there as is needed; nothing asked is nothing to meet."""
    wanted, offered = number(needed), number(given)
    one, two = ("" if value is None else show(value) for value in (wanted, offered))
    if wanted is None:
        return _Reason(criterion, "not_asked", one, two)
    if offered is None:
        return _Reason(criterion, "cannot_tell", one, two)
    return _Reason(criterion, "met" if offered >= wanted else "not_met", one, two)


def _environment(wanted: str, offered: str) -> _Reason:
    """The class of the enterprise may not be dirtier than what the park admits."""
    one, two = environment_class(wanted), environment_class(offered)
    if one is None or two is None:
        return _Reason("environment", "cannot_tell", wanted, offered)
    return _Reason("environment", "met" if one <= two else "not_met", wanted, offered)


def _industry(wanted: str, offered: str) -> _Reason:
    if not wanted or not offered:
        return _Reason("industry", "cannot_tell", wanted, offered)
    if wanted in offered.split("; "):
        return _Reason("industry", "met", wanted, offered, Fraction(1))
    return _Reason("industry", "not_met", wanted, offered)


def _same(criterion: str, wanted: str, offered: str) -> _Reason:
    """A wish for a park or a type; who has none is content with any."""
    if not wanted:
        return _Reason(criterion, "not_asked", wanted, offered, Fraction(1))
    if not offered:
        return _Reason(criterion, "cannot_tell", wanted, offered)
    if wanted == offered:
        return _Reason(criterion, "met", wanted, offered, Fraction(1))
    return _Reason(criterion, "not_met", wanted, offered)


def _fit(wish: dict[str, Any], offer: dict[str, Any]) -> _Reason:
    """How much of the offer the demand would use, so that little is left over."""
    land = offer["kind"] == "plot"
    column, show = ("land_area_m2_micro", _mu) if land else ("floor_m2_micro", _square_metres)
    needed, given = number(wish[column]), number(offer[column])
    if needed is None or not given:
        return _Reason("fit", "cannot_tell")
    share = Fraction(needed, given)
    texts = (show(needed), show(given))
    if share > 1:
        return _Reason("fit", "not_met", *texts)
    return _Reason("fit", "met", *texts, share)


def _reason_row(
    offer: dict[str, Any], wish: dict[str, Any], reason: _Reason, rules: ParkRules
) -> dict[str, Any]:
    weight = _weight(reason.criterion, rules)
    return {
        "offer": offer["offer"],
        "demand": wish["demand"],
        "criterion": reason.criterion,
        "hard": reason.criterion in HARD,
        "met": reason.met,
        "wanted": reason.wanted,
        "offered": reason.offered,
        "points": float(reason.share * weight),
        "weight": float(weight),
    }
