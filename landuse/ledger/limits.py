"""What the numbers and the order allow: sums of parts, case mu, and the statutory ways.

Takes plain values (areas as scaled integers: mu × 10⁴, m² × 10²) and refuses what may not be;
knows no database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from landuse.errors import UserError
from landuse.ledger.states import STATUTORY_YEARS, word
from landuse.scaled import FLOOR_M2, MU, to_text

__all__ = ["IdleFacts", "case_mu", "check_statutory", "check_sums"]


@dataclass(frozen=True, slots=True)
class IdleFacts:
    """What the latest run says of an idle parcel, as far as the statutory ways ask for it."""

    finding: str
    cause: str
    one_year_on: date | None
    two_years_on: date | None
    late_delivery: bool = False
    collective: bool = False

    def full_on(self, years: int) -> date | None:
        """The day on which ``years`` (one or two) are full."""
        return self.one_year_on if years == 1 else self.two_years_on


def case_mu(kind: str, flagged_mu_e4: int, accounting_mu_e4: int) -> int:
    """Mu of a case: low-efficiency the flagged mu, idle the accounting area, both the larger.

    >>> case_mu("both", 300000, 250000), case_mu("idle", 300000, 250000)
    (300000, 250000)
    """
    by_kind = {
        "low_efficiency": flagged_mu_e4,
        "idle": accounting_mu_e4,
        "both": max(flagged_mu_e4, accounting_mu_e4),
    }
    return by_kind[kind]


def check_sums(
    number: str,
    case_mu_e4: int,
    floor_area_m2_e2: int | None,
    parts: Iterable[tuple[int | None, int | None]],
) -> None:
    """Refuses parts (mu, floor area) that add up to more than the case.

    Raises :class:`landuse.errors.UserError`.
    """
    pairs = list(parts)
    mu = sum(part or 0 for part, _ in pairs)
    floor = sum(part or 0 for _, part in pairs)
    for value, places in [(m, MU) for m, _ in pairs] + [(f, FLOOR_M2) for _, f in pairs]:
        if value is not None and value < 0:
            shown = to_text(value, places)
            raise UserError.of("ledger_cases.negative", key=number, value=shown)
    if mu > case_mu_e4:
        raise UserError.of(
            "ledger_cases.parts_exceed_case",
            key=number,
            value=to_text(mu, MU),
            limit=to_text(case_mu_e4, MU),
        )
    if floor and floor_area_m2_e2 is None:
        raise UserError.of("ledger_cases.floor_unknown", key=number, value=to_text(floor, FLOOR_M2))
    if floor > (floor_area_m2_e2 or 0):
        raise UserError.of(
            "ledger_cases.floor_exceeds_case",
            key=number,
            value=to_text(floor, FLOOR_M2),
            limit=to_text(floor_area_m2_e2, FLOOR_M2),
        )


def check_statutory(
    number: str, way: str, kind: str, facts: Iterable[IdleFacts], *, on: date
) -> None:
    """Refuses the idle land fee and withdrawal where the order does not allow them on that day.

    They need an idle case, not started, the cause the enterprise, after one and two full years;
    land delivered late and collective land never qualify (method, sections 7 and 8). Where a
    case has several parcels every idle finding must qualify. ``on`` means the end of that day.
    Raises :class:`landuse.errors.UserError`.
    """
    years = STATUTORY_YEARS.get(way)
    if years is None:
        return
    code, place = _statutory_fault(kind, list(facts), years, on)
    if code:
        ways = {"way_zh": word("way", way), "way_en": word("way", way, "en")}
        kinds = {"kind_zh": word("kind", kind), "kind_en": word("kind", kind, "en")}
        raise UserError.of(code, key=number, **ways, **kinds, **place)


def _statutory_fault(
    kind: str, facts: list[IdleFacts], years: int, on: date
) -> tuple[str, dict[str, object]]:
    if kind == "low_efficiency":
        return "ledger_cases.not_idle_case", {}
    if not facts:
        return "ledger_cases.no_idle_finding", {}
    if any(fact.collective for fact in facts):
        return "ledger_cases.collective_land", {}
    if any(fact.finding != "not_started" for fact in facts):
        return "ledger_cases.not_not_started", {}
    if any(fact.cause != "enterprise" or fact.late_delivery for fact in facts):
        return "ledger_cases.not_enterprise_cause", {}
    full = [fact.full_on(years) for fact in facts]
    known = [day for day in full if day is not None]
    if len(known) < len(full) or max(known) > on:
        day = max(known).isoformat() if len(known) == len(full) else "?"
        return "ledger_cases.too_early", {"value": day, "years": years, "on": on.isoformat()}
    return "", {}
