"""The supply contracts of a plot in words: the clock, what was found, what is missing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from landuse.messages import Lang, text
from landuse.publish import words

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ContractCard", "contract_cards"]

_IDLE: Final = ("not_started", "stalled")


@dataclass(frozen=True, slots=True)
class ContractCard:
    """A supply contract. ``facts``: label, what is said, whether the presenter's view hides it;
    ``days`` to the next date of the clock (blank without one)."""

    number: str
    finding: str
    found: bool
    days: str
    facts: tuple[tuple[str, str, bool], ...]


def contract_cards(idle: pd.DataFrame, lang: Lang) -> tuple[ContractCard, ...]:
    """A card a contract, in the order of their numbers."""
    rows = idle.sort_values("contract_no", kind="stable").to_dict("records")
    return tuple(_card(row, lang) for row in rows)


def _card(row: dict[Any, Any], lang: Lang) -> ContractCard:
    finding = str(row["finding"])
    group, code = ("finding", finding) if finding else ("land", str(row["land_status"]))
    days = row["days_to_next"]
    return ContractCard(
        number=str(row["contract_no"]) or text("map.idle_no_number", lang),
        finding=words.idle(group, code, lang),
        found=finding in _IDLE,
        days=text("map.idle_days_value", lang, days=f"{int(days):,}") if _known(days) else "",
        facts=_facts(row, finding, lang),
    )


def _facts(row: dict[Any, Any], finding: str, lang: Lang) -> tuple[tuple[str, str, bool], ...]:
    cause = words.idle("cause", str(row["cause"]), lang)
    if finding in _IDLE and not cause:
        cause = text("map.idle_cause_blank", lang)
    base = _day(row["base_on"])
    if base:
        said = words.idle("base", str(row["base_from"]), lang)
        base = text("map.with_note", lang, value=base, note=said) if said else base
    told = (
        ("idle_base", base, False),
        ("idle_one_year", _day(row["one_year_on"]), False),
        ("idle_two_years", _day(row["two_years_on"]), False),
        ("idle_cause", cause if finding in _IDLE else "", False),
        ("idle_late", text("map.idle_late_value", lang) if row["late_delivery"] else "", False),
        ("idle_consequence", words.idle("consequence", str(row["consequence"]), lang), False),
        ("idle_price", _wan(row["price_wan"], lang), True),
        ("idle_fee", _wan(row["fee_wan"], lang), True),
        ("idle_missing", words.idle_list("name", str(row["missing"]), lang), False),
        ("idle_remarks", words.idle_list("remark", str(row["remarks"]), lang), False),
    )
    return tuple((text(f"map.{name}", lang), said, hide) for name, said, hide in told if said)


def _known(value: Any) -> bool:  # noqa: ANN401 - a cell of any kind
    try:
        return value is not None and math.isfinite(float(value))
    except (TypeError, ValueError):
        return False


def _wan(value: Any, lang: Lang) -> str:  # noqa: ANN401 - a cell of any kind
    return text("map.wan", lang, wan=words.number(float(value), 6)) if _known(value) else ""


def _day(value: Any) -> str:  # noqa: ANN401 - a pandas date or none
    return "" if value is None or value != value else str(value.date().isoformat())
