"""What the register of parks states, beside what the land account computes."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

import pandas as pd

from landuse.parks.shown import mu_text, number
from landuse.parks.words import account_word, named, type_word

if TYPE_CHECKING:
    from landuse.issues import IssueLog

__all__ = ["compare_with_register", "stated", "type_of"]

_AREAS: Final = (
    "total", "undevelopable", "expropriated", "reserve", "cleared", "ready", "supplied", "built",
    "available",
)  # fmt: skip
_GAP_SHARE: Final = Fraction(1, 100)
_GAP_MICRO: Final = 333_333_333
"""A gap is said above 1 % and 0.5 mu, as for parcels (method, section 3)."""
_FACTORIES: Final = ("planned", "built", "let", "vacant")
_ORDER: Final = (
    ("expropriated", "stated_total"),
    ("ready", "expropriated"),
    ("stated_supplied", "ready"),
    ("stated_built", "stated_supplied"),
)
"""Of each pair the first cannot exceed the second."""


def stated(register: pd.DataFrame | None, parks: list[str]) -> pd.DataFrame:
    """The stated areas (10⁻⁶ m², ``Int64``) of ``parks``, one row each in their order."""
    if register is None:
        missing = pd.Series(pd.NA, index=range(len(parks)), dtype="Int64")
        return pd.DataFrame(dict.fromkeys(_AREAS, missing))
    rows = register.set_index("park").reindex(parks)
    return pd.DataFrame(
        {name: rows[f"{name}_area_m2_micro"].astype("Int64").array for name in _AREAS}
    )


def type_of(
    register: pd.DataFrame | None, parks: pd.DataFrame | None, log: IssueLog
) -> dict[str, str]:
    """The type of each park: the register's, else the layer's; two different ones are an issue."""
    drawn: dict[str, str] = {}
    if parks is not None:
        rows = parks[parks["park_type"] != ""].sort_values(["park", "park_type"])
        drawn = dict(zip(rows["park"], rows["park_type"], strict=True))
    if register is None:
        return drawn
    types = dict(drawn)
    for row in register.sort_values("park").itertuples(index=False):
        name, kind = str(row.park), str(row.park_type)
        other = drawn.get(name, "")
        if kind and other and kind != other:
            log.add(
                "parks.type_differs", table="park_register", key=name, value=kind,
                **named(type_word, name=kind, other=other),
                file=str(row.source_file), sheet=str(row.source_sheet), row=_row(row),
            )  # fmt: skip
        types[name] = kind or other
    return types


def compare_with_register(
    accounts: pd.DataFrame, register: pd.DataFrame | None, log: IssueLog
) -> None:
    """Issues: land beyond the total, stated areas that differ from computed ones or from each
    other's order, and factory space that does not add up."""
    for row in accounts.to_dict("records"):
        if excess := number(row["excess_m2_micro"]):
            _say(log, "parks.excess", str(row["park"]), value=mu_text(excess))
    if register is None:
        return
    accounts = accounts[accounts["park"].isin(register["park"])]
    places = {str(row.park): row for row in register.itertuples(index=False)}
    for row in accounts.to_dict("records"):
        place = places[str(row["park"])]
        values = {str(name).removesuffix("_m2_micro"): number(value) for name, value in row.items()}
        _gaps(values, place, log)
        for less, more in _ORDER:
            one, two = values[less], values[more]
            if one is not None and two is not None and one > two:
                _say(
                    log, "parks.out_of_order", place.park, place, column=less,
                    **named(account_word, name=less, other=more),
                    value=mu_text(one), bound=mu_text(two),
                )  # fmt: skip
        _factories(place, log)


def _gaps(values: dict[str, int | None], place: object, log: IssueLog) -> None:
    for name in ("total", "supplied", "built", "available"):
        one, two = values[f"stated_{name}"], values[name]
        if one is None or two is None:
            continue
        gap = abs(one - two)
        if gap > _GAP_MICRO and gap > _GAP_SHARE * max(one, two):
            _say(
                log, "parks.stated_differs", place.park, place, column=name,  # type: ignore[attr-defined]
                **named(account_word, name=name),
                value=mu_text(one), computed=mu_text(two),
            )  # fmt: skip


def _factories(place: object, log: IssueLog) -> None:
    planned, built, let, vacant = (
        number(getattr(place, f"factory_{name}_m2_micro")) for name in _FACTORIES
    )
    if planned is not None and built is not None and built > planned:
        _say(
            log, "parks.factory_beyond_plan", place.park, place, value=f"{built / 1e6:g}",  # type: ignore[attr-defined]
            planned=f"{planned / 1e6:g}",
        )  # fmt: skip
    if built is None or let is None or vacant is None or built == let + vacant:
        return
    _say(
        log, "parks.factory_sum", place.park, place, value=f"{built / 1e6:g}",  # type: ignore[attr-defined]
        let=f"{let / 1e6:g}", vacant=f"{vacant / 1e6:g}",
    )  # fmt: skip


def _row(place: object) -> int:
    return int(place.source_row)  # type: ignore[attr-defined]


def _say(log: IssueLog, code: str, park: object, place: object = None, **values: object) -> None:
    where = {} if place is None else {
        "file": place.source_file, "sheet": place.source_sheet, "row": _row(place),  # type: ignore[attr-defined]
    }  # fmt: skip
    log.add(code, table="park_register", key=str(park), **where, **values)
