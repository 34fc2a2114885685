"""Who uses which parcel, how much of it, at what price: method, sections 3 to 5, in loops."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction

import shapely
from oracle_inputs import MU, County


@dataclass
class Link:
    """One enterprise on one parcel; ``area`` in m²."""

    parcel: str
    uscc: str
    evidence: str
    area: Fraction = Fraction(0)
    in_scope: bool = True
    building: bool = False

    @property
    def counted(self) -> bool:
        return self.in_scope and not self.building

    @property
    def mu(self) -> Fraction:
        return self.area / MU


def fold(name: str) -> str:
    """Width and spacing only."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def split(cell: str) -> list[str]:
    """The codes or names of one cell."""
    parts = re.split("[;,、/]", unicodedata.normalize("NFKC", cell))
    return [part.strip() for part in parts if part.strip()]


class Evidence:
    """The four kinds of evidence, asked in their order."""

    def __init__(self, county: County) -> None:
        self.county = county
        names = Counter(fold(row["name"]) for row in county.enterprises.values())
        self.by_name = {
            fold(row["name"]): uscc
            for uscc, row in county.enterprises.items()
            if row["name"] and names[fold(row["name"])] == 1
        }
        self.stated: dict[str, dict[str, str]] = defaultdict(dict)
        for row in county.confirmed:
            self.stated[row["parcel_id"]][row["uscc"]] = "confirmed"
        for row in county.occupancy:
            self.stated[row["parcel_id"]][row["uscc"]] = "occupancy"
        self.by_point = self._points(county)

    @staticmethod
    def _points(county: County) -> dict[str, set[str]]:
        """Each point goes to the parcel with the smallest id that covers it."""
        found: dict[str, set[str]] = defaultdict(set)
        ordered = sorted(county.parcels, key=lambda row: row["parcel_id"])
        for uscc, row in county.enterprises.items():
            if row["x"] is None or row["y"] is None:
                continue
            point = shapely.Point(row["x"], row["y"])
            for parcel in ordered:
                if parcel["geometry"].covers(point):
                    found[parcel["parcel_id"]].add(uscc)
                    break
        return found

    def of(self, parcel: dict) -> list[tuple[str, str]]:
        """(uscc, evidence) of the first kind that answers."""
        if parcel["parcel_id"] in self.stated:
            return list(self.stated[parcel["parcel_id"]].items())
        codes = [code.upper() for code in split(parcel["uscc"])]
        known = sorted({code for code in codes if code in self.county.enterprises})
        if known:
            return [(code, "uscc") for code in known]
        whole = self.by_name.get(fold(parcel["holder"]))
        parts = {self.by_name.get(fold(part)) for part in split(parcel["holder"])} - {None}
        named = {whole} if whole else parts
        if named:
            return [(uscc, "name") for uscc in sorted(named)]
        if "geometry_area_m2_micro" not in parcel:
            return self._in_lost(parcel)
        return [(uscc, "point") for uscc in sorted(self.by_point[parcel["parcel_id"]])]

    def _in_lost(self, parcel: dict) -> list[tuple[str, str]]:
        shape = parcel.get("geometry")
        if shape is None:
            return []
        used = {uscc for users in self.by_point.values() for uscc in users}
        return [
            (uscc, "point")
            for uscc, row in self.county.enterprises.items()
            if row["x"] is not None
            and uscc not in used
            and shapely.make_valid(shape).covers(shapely.Point(row["x"], row["y"]))
        ]


def links_of(county: County, rules, as_of: dt.date) -> tuple[list[Link], set[str]]:
    """All links with their areas, and the enterprises whose land is incomplete."""
    evidence = Evidence(county)
    building = under_construction(county, as_of) if rules.construction == "exclude" else set()
    links = []
    for parcel in county.parcels:
        found = [Link(parcel["parcel_id"], *pair) for pair in evidence.of(parcel)]
        share_out(parcel, found, county)
        for link in found:
            link.in_scope = in_scope(parcel["land_use_code"], rules.land_use_codes)
            link.building = parcel["parcel_id"] in building
        links += found
    incomplete = {uscc for parcel in county.lost for uscc, _ in evidence.of(parcel)}
    return links, incomplete & county.enterprises.keys()


def in_scope(code: str, listed: tuple[str, ...]) -> bool:
    """A blank code says nothing; ``M*`` is every code that begins so."""
    return not code or any(
        code.startswith(entry[:-1]) if entry.endswith("*") else code == entry for entry in listed
    )


def under_construction(county: County, as_of: dt.date) -> set[str]:
    """Parcels whose contract ends after ``as_of`` and that are not completed."""
    return {
        row["parcel_id"]
        for row in county.supply
        if row["agreed_completion"] and row["agreed_completion"] > as_of and not row["completed_on"]
    }


def share_out(parcel: dict, links: list[Link], county: County) -> None:
    """Fill in ``area``: what they declare, or an equal part of what is left."""
    whole = parcel["accounting_area"]
    rows = [row for row in county.occupancy if row["parcel_id"] == parcel["parcel_id"]]
    declared = [dict(row) for row in rows if (row["area"] or 0) > 0]
    floors = [row for row in declared if row["area_kind"] == "floor"]
    if floors:
        total = sum(row["area"] for row in floors)
        built = parcel["built_area"]
        base = total if not built or built < total else built
        for row in floors:
            row["area"] = whole * row["area"] / base
    if sum(row["area"] for row in declared) > whole:
        cut_down(whole, declared)
    given = defaultdict(Fraction)
    for row in declared:
        given[row["uscc"]] += row["area"]
    silent = [link for link in links if link.uscc not in given]
    left = whole - sum(given.values())
    for link in links:
        link.area = given[link.uscc] if link.uscc in given else left / len(silent)


def cut_down(whole: Fraction, declared: list[dict]) -> None:
    """Owner of all beside tenants: the remainder. Then everyone in proportion."""
    leases = [row for row in declared if row["relation"] == "lease"]
    if leases:
        let = sum(row["area"] for row in leases)
        for row in declared:
            if row["relation"] == "own" and row["area"] >= whole * Fraction(99, 100):
                row["area"] = max(whole - let, Fraction(0))
    total = sum(row["area"] for row in declared)
    if total > whole:
        for row in declared:
            row["area"] = row["area"] * whole / total


def prices_of(county: County, rules) -> dict[str, tuple[Fraction | None, Fraction | None]]:
    """Price of every parcel, and k where the pack gives k by grade.

    Both are means over zones weighted by overlap; a parcel's own price comes first.
    """
    out = {}
    for parcel in county.parcels:
        zones = [(zone, zone["benchmark_price_yuan_per_m2"]) for zone in county.zones or []]
        mean = over_zones(parcel, [(zone, p) for zone, p in zones if p and p > 0], rules)
        own = parcel["benchmark_price_yuan_per_m2"]
        graded = [(zone, rules.grade_coefficients.get(zone["grade"])) for zone, _ in zones]
        k = over_zones(parcel, [(zone, k) for zone, k in graded if k is not None], rules)
        out[parcel["parcel_id"]] = (Fraction(own) if own and own > 0 else mean, k)
    return out


def over_zones(parcel: dict, zones: list[tuple[dict, object]], rules) -> Fraction | None:
    """Mean of the zones' values weighted by overlap; ``None`` if less than half is covered."""
    shape = parcel["geometry"]
    parts = [(shape.intersection(zone["geometry"]), Fraction(value)) for zone, value in zones]
    parts = [(part, value) for part, value in parts if part.area > 0]
    covered = shapely.union_all([part for part, _ in parts]).area if parts else 0.0
    least = rules.min_price_cover * Fraction(shape.area) * (1 - Fraction(1, 10**12))
    if not parts or Fraction(covered) < least:
        return None
    total = sum(Fraction(part.area) for part, _ in parts)
    return sum(Fraction(part.area) * value for part, value in parts) / total
