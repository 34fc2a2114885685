"""Taking firms and lots for planting, none of them twice."""

from __future__ import annotations

from generator.county import County, Firm, Lot

LARGE = ("17", "33", "34", "35", "38", "18", "29")
"""Divisions so large that one firm more or less is no matter."""


def firms(
    county: County, busy: set[str], evidence: str, count: int, least_mu: float = 0.0
) -> list[Firm]:
    """The next ``count`` firms of large divisions with one parcel of their own."""
    found = [
        firm
        for firm in sorted(county.single(evidence), key=lambda firm: firm.uscc[::-1])
        if firm.uscc not in busy and firm.industry.division in LARGE and firm.mu >= least_mu
    ][:count]
    if len(found) < count:
        raise ValueError(f"only {len(found)} firms by {evidence}")
    busy.update(firm.uscc for firm in found)
    return found


def lots(county: County, busy: set[str], role: str, count: int) -> list[Lot]:
    """The next ``count`` lots of that role."""
    free = [lot for lot in county.lots if lot.role == role and lot.code and lot.code not in busy]
    found = sorted(free, key=lambda lot: lot.code[::-1])[:count]
    if len(found) < count:
        raise ValueError(f"only {len(found)} lots as {role}")
    busy.update(lot.code for lot in found)
    return found


def users(county: County, lot: Lot) -> list[Firm]:
    """The firms on ``lot``."""
    return [firm for other, firm, _ in county.uses if other is lot]


def one_of_many(county: County, busy: set[str]) -> tuple[Firm, Lot]:
    """A firm with several parcels, and one of them."""
    for lot, firm, _ in sorted(county.uses, key=lambda use: use[0].code[::-1]):
        several = sum(other is firm for _, other, _ in county.uses) > 1
        if lot.role == "multiple" and several and firm.uscc not in busy:
            busy.update((firm.uscc, lot.code))
            return firm, lot
    raise ValueError("no firm with several parcels is left")
