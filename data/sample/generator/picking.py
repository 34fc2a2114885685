"""Taking firms and lots for planting, none of them twice."""

from __future__ import annotations

from generator.county import County, Firm, Lot

LARGE = ("17", "33", "34", "35", "38", "18", "29")
"""Divisions so large that one firm more or less is no matter."""


def firms(county: County, busy: set[str], evidence: str, count: int) -> list[Firm]:
    """The next ``count`` firms of large divisions with one parcel of their own."""
    found = [
        firm
        for firm in sorted(county.single(evidence), key=lambda firm: firm.uscc[::-1])
        if firm.uscc not in busy and firm.industry.division in LARGE
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
