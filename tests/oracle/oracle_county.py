"""The whole county computed independently: method.md in exact fractions and plain loops.

Written from the method alone. It shares no code with the package and reads its frames only as the
given inputs (what intake validated); rules are read as the values of the pack.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

from oracle_inputs import MU, County
from oracle_land import Link, links_of, prices_of
from oracle_rank import Cohort, Unit, ratio


@dataclass
class Result:
    """What the oracle found; ``unit_of`` maps an enterprise to its unit."""

    links: list[Link]
    prices: dict[str, tuple[Fraction | None, Fraction | None]]
    reference: Fraction | None
    units: dict[str, Unit]
    unit_of: dict[str, Unit]
    cohorts: dict[str, Cohort]
    incomplete: set[str]


def whole_county(county: County, rules, year: int, as_of: dt.date) -> Result:
    """Evaluate every enterprise of ``county``."""
    links, incomplete = links_of(county, rules, as_of)
    prices = prices_of(county, rules)
    reference = reference_price(links, prices, rules)
    exempt = {
        uscc: why
        for uscc, row in county.enterprises.items()
        if (why := exemption(uscc, row, county, rules, as_of))
    }
    units = units_of(county, links, exempt, rules)
    disputed = {row["parcel_id"] for row in county.parcels if row["area_in_dispute"]}
    for unit in units.values():
        land(unit, links, prices, reference, rules)
        industry(unit, county, links, rules)
        unit.status, unit.reason = status(
            unit, county, links, prices, exempt, incomplete, disputed, rules, year
        )
        unit.cohort = "|".join(unit.group)
    cohorts = cohorts_of(list(units.values()), rules, year)
    unit_of = {member: unit for unit in units.values() for member in unit.members}
    return Result(links, prices, reference, units, unit_of, cohorts, incomplete)


def reference_price(links, prices, rules) -> Fraction | None:
    """The mean price weighted by the areas of all counted links that have a price."""
    if rules.reference_price != "mean":
        return rules.reference_price
    counted = [(link.area, prices[link.parcel][0]) for link in links if link.counted]
    counted = [(area, price) for area, price in counted if price is not None]
    total = sum(area for area, _ in counted)
    return sum(area * price for area, price in counted) / total if total else None


def exemption(uscc: str, row: dict, county: County, rules, as_of: dt.date) -> str:
    """Why an enterprise is exempt; empty if it is not."""
    if uscc in county.exemptions:
        return "exempt_listed"
    if row["division"] in rules.exempt_divisions:
        return "exempt_division"
    start = row["production_started_on"]
    if start and as_of < months_later(start, rules.grace_months):
        return "exempt_new"
    return ""


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day of the month so many months later, or the last there is."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def units_of(county: County, links: list[Link], exempt: dict[str, str], rules) -> dict[str, Unit]:
    """One unit an enterprise, or one for all that share parcels."""
    group = {uscc: {uscc} for uscc in county.enterprises}
    if rules.shared_parcels == "merge":
        users: dict[str, list[str]] = defaultdict(list)
        for link in links:
            if link.uscc in group and link.uscc not in exempt and link.counted:
                users[link.parcel].append(link.uscc)
        for people in users.values():
            joined = set().union(*(group[uscc] for uscc in people))
            for uscc in joined:
                group[uscc] = joined
    units = {}
    for people in group.values():
        members = sorted(people)
        units[members[0]] = Unit(members[0], members, added_figures(members, county, rules))
    return units


def added_figures(members: list[str], county: County, rules) -> dict[int, dict]:
    """Sums over the members; a blank in any member is a blank of the unit."""
    years = {year for _, year in county.figures}
    out = {}
    for year in years:
        rows = [county.figures.get((uscc, year)) for uscc in members]
        out[year] = {
            figure.key: None
            if any(row is None or row[figure.key] is None for row in rows)
            else sum(row[figure.key] for row in rows)
            for figure in rules.figures
        }
        if all(row is None for row in rows):
            del out[year]
    return out


def coefficient(parcel: str, prices, reference, rules) -> Fraction | None:
    """k of a parcel; 1 where the pack switches it off."""
    price, by_grade = prices[parcel]
    if rules.coefficient == "none":
        return Fraction(1)
    if rules.grade_coefficients:
        return by_grade
    return None if price is None or reference is None else price / reference


def land(unit: Unit, links, prices, reference, rules) -> None:
    """Area and adjusted area of a unit, in mu."""
    own = [link for link in links if link.uscc in unit.members and link.counted]
    unit.area = sum((link.mu for link in own), Fraction(0))
    factors = [coefficient(link.parcel, prices, reference, rules) for link in own]
    if all(k is not None or not link.area for k, link in zip(factors, own, strict=True)):
        parts = [link.mu * (k or 0) for k, link in zip(factors, own, strict=True)]
        unit.adjusted = sum(parts, Fraction(0))


def industry(unit: Unit, county: County, links, rules) -> None:
    """That of the member with the most land; of the smallest code among equals."""
    area = defaultdict(Fraction)
    for link in links:
        if link.counted:
            area[link.uscc] += link.area
    leader = min(unit.members, key=lambda uscc: (-area[uscc], uscc))
    row = county.enterprises[leader]
    unit.division = row["division"]
    unit.group = tuple(str(row[column]) for column in rules.cohort_by)


def status(unit, county, links, prices, exempt, incomplete, disputed, rules, year):
    """(status, reason); graded units get ``graded`` until they are ranked."""
    if unit.members[0] in exempt:
        return "exempt", exempt[unit.members[0]]
    own = [link for link in links if link.uscc in unit.members and link.counted]
    indicators = rules.indicators
    lacking = [i for i in indicators if unit.area and not ratio(unit, i, year, "none")]
    spared = rules.missing == "cohort_mean"
    published = [i for i in indicators if i.benchmark == "published" and not i.published.get("all")]
    table = [i for i in published if "|".join(unit.group) not in i.published]
    faults = (
        ("no_figures", any((uscc, year) not in county.figures for uscc in unit.members)),
        ("land_incomplete", bool(incomplete & set(unit.members))),
        ("no_land", unit.area == 0),
        ("area_in_dispute", any(link.parcel in disputed for link in own)),
        ("no_price", unit.adjusted is None),
        ("no_industry", not unit.division),
        ("missing_indicator", bool(lacking) and not spared),
        ("no_benchmark", bool(table) and rules.score_form == "ratio"),
    )
    for reason, holds in faults:
        if holds:
            return "ungraded", reason
    return "graded", ""


def cohorts_of(units: list[Unit], rules, year: int) -> dict[str, Cohort]:
    """Cohorts, the pool of the small ones, and everything that follows in each."""
    graded = [unit for unit in units if unit.status == "graded"]
    by_group: dict[str, list[Unit]] = defaultdict(list)
    for unit in graded:
        by_group[unit.cohort].append(unit)
    small = [name for name, found in by_group.items() if len(found) < rules.min_cohort]
    pool = [unit for name in small for unit in by_group.pop(name)]
    if pool:
        by_group["pool"] = pool
    cohorts = {}
    for name, found in by_group.items():
        for unit in found:
            unit.cohort = name
        if len(found) < rules.min_cohort:
            for unit in found:
                unit.status = unit.reason = "sample_too_small"
                unit.out = {"cohort_size": len(found)}
            continue
        cohorts[name] = Cohort(name, found, graded, rules, year)
    for cohort in cohorts.values():
        cohort.evaluate()
    return cohorts


__all__ = ["MU", "Result", "whole_county"]
