"""The whole evaluation once more, slowly, in exact fractions: an oracle that shares no code.

Only single enterprises (no merging); every option of score, benchmark, ties and rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from statistics import median
from typing import Any

import pandas as pd
from county import YEAR, County

MICRO = 10**6


@dataclass
class Unit:
    uscc: str
    division: str
    land: list[tuple[Fraction, Fraction | None]]  # mu, price
    figures: dict[int, dict[str, Fraction | None]] = field(default_factory=dict)
    reason: str = ""
    cohort: str = ""


class Exact:
    """Reads a county's tables; ``result`` maps each code to what the program should say."""

    def __init__(self, county: County) -> None:
        self.rules = county.rules
        self.known: dict[Any, Any] = {}
        self.units = [self._unit(county, row) for row in county.enterprises.itertuples()]
        every = [(mu, price) for unit in self.units for mu, price in unit.land if price is not None]
        self.p0 = sum(mu * price for mu, price in every) / sum(mu for mu, _ in every)
        for unit in self.units:
            unit.reason = self._reason(unit)
        self.graded = [unit for unit in self.units if not unit.reason]
        sizes = {u.division: 0 for u in self.graded}
        for unit in self.graded:
            sizes[unit.division] += 1
        for unit in self.graded:
            small = sizes[unit.division] < self.rules.min_cohort
            unit.cohort = "pool" if small else unit.division

    def _unit(self, county: County, row: Any) -> Unit:
        prices = county.prices.set_index("parcel_id")["benchmark_price_yuan_per_m2"]
        land = []
        for link in county.links[county.links["uscc"] == row.uscc].itertuples():
            price = prices[link.parcel_id]
            mu = Fraction(link.area_m2_micro, MICRO) * Fraction(3, 2000)
            land.append((mu, None if math.isnan(price) else Fraction(price)))
        unit = Unit(row.uscc, row.division, land)
        for line in county.figures[county.figures["uscc"] == row.uscc].itertuples():
            unit.figures[line.year] = {
                f.key: None if pd.isna(getattr(line, f.micro)) else
                Fraction(int(getattr(line, f.micro)), MICRO)
                for f in self.rules.figures
            }  # fmt: skip
        return unit

    def _reason(self, unit: Unit) -> str:
        if YEAR not in unit.figures:
            return "no_figures"
        if not unit.land:
            return "no_land"
        if self.rules.coefficient != "none" and any(price is None for _, price in unit.land):
            return "no_price"
        if self.rules.missing == "ungraded" and None in self.ratios(unit, YEAR, "none"):
            return "missing_indicator"
        return ""

    def coefficient(self, unit: Unit, off: bool) -> Fraction:
        """k_e."""
        if off or self.rules.coefficient == "none":
            return Fraction(1)
        area = sum(mu for mu, _ in unit.land)
        return sum(mu * price / self.p0 for mu, price in unit.land) / area

    def fraction(self, unit: Unit, indicator: Any, year: int, off: bool) -> Any:
        """(numerator, denominator) as compared, or None."""
        figures = unit.figures.get(year)
        if figures is None or figures[indicator.numerator] is None:
            return None
        if indicator.denominator == "land":
            below = sum(mu for mu, _ in unit.land)
            if self.rules.coefficient == "area":
                below *= self.coefficient(unit, off)
        else:
            below = figures[indicator.denominator]
            if below is None or below <= 0:
                return None
        return figures[indicator.numerator], below

    def ratios(self, unit: Unit, year: int, off: Any, area: Fraction = Fraction(1)) -> list[Any]:
        """x_i of the unit, with ``area`` times its land."""
        found = []
        for indicator in self.rules.indicators:
            pair = self.fraction(unit, indicator, year, off is True)
            by = area if indicator.denominator == "land" else 1
            found.append(None if pair is None else pair[0] / (pair[1] * by))
        return found

    def yardstick(self, at: int, cohort: str, off: bool) -> Any:
        """Benchmark, or (min, max); computed once."""
        key = (at, cohort, off)
        if key not in self.known:
            self.known[key] = self._yardstick(at, cohort, off)
        return self.known[key]

    def _yardstick(self, at: int, cohort: str, off: bool) -> Any:
        indicator = self.rules.indicators[at]
        everyone = indicator.scope == "all" and self.rules.score_form == "ratio"
        mates = [u for u in self.graded if everyone or u.cohort == cohort]
        if self.rules.score_form == "minmax":
            found = [x for u in mates if (x := self.ratios(u, YEAR, off)[at]) is not None]
            return (min(found), max(found)) if found else None
        if indicator.benchmark == "published":
            return indicator.published.get(cohort, indicator.published.get("all"))
        year = {"previous": YEAR - 1, None: YEAR}[indicator.benchmark_year]
        pairs = [p for u in mates if (p := self.fraction(u, indicator, year, off)) is not None]
        if not pairs:
            return None
        if indicator.benchmark == "median":
            return median(above / below for above, below in pairs)
        mean = sum(above for above, _ in pairs) / sum(below for _, below in pairs)
        return mean * (2 if indicator.benchmark == "twice_mean" else 1)

    def counted(self, x: Any, yard: Any) -> Any:
        """min(max(x/b, 0), cap), or the min–max form."""
        if yard is None:
            return Fraction(0)
        if x is None:
            return None
        if self.rules.score_form == "minmax":
            low, high = yard
            ratio = (x - low) / (high - low) if high > low else Fraction(1)
            return (20 + 80 * ratio) / 100
        if yard <= 0:
            return Fraction(0)
        ratio = max(x / yard, Fraction(0))
        return ratio if self.rules.cap == "none" else min(ratio, Fraction(self.rules.cap))

    def parts(self, cohort: str, off: bool) -> dict[str, list[Fraction]]:
        """Counted values of every unit of a cohort, imputed where missing."""
        mates = [u for u in self.graded if u.cohort == cohort]
        found: dict[str, list[Any]] = {u.uscc: [] for u in mates}
        for at in range(len(self.rules.indicators)):
            yard = self.yardstick(at, cohort, off)
            column = {u.uscc: self.counted(self.ratios(u, YEAR, off)[at], yard) for u in mates}
            has = [value for value in column.values() if value is not None]
            mean = sum(has) / len(has) if has else Fraction(0)
            for code, value in column.items():
                found[code].append(mean if value is None else value)
        return found

    def total(self, unit: Unit, parts: list[Fraction], off: bool, weights: Any = None) -> int:
        """Score in whole millionths, half to even."""
        used = weights or [indicator.weight for indicator in self.rules.indicators]
        whole = sum(w * p for w, p in zip(used, parts, strict=True))
        if self.rules.coefficient == "score":
            whole /= self.coefficient(unit, off)
        return round(whole * MICRO)

    def quota(self, n: int, rounding: str) -> int:
        exact = self.rules.share * n
        if rounding == "half_up":
            return math.floor(exact + Fraction(1, 2))
        return {"floor": math.floor, "ceil": math.ceil}[rounding](exact)

    def low(self, scores: dict[str, int], quota: int) -> tuple[set[str], int | None]:
        """Flagged codes and the cut-off, by the words of the method."""
        ordered = sorted(scores.values())
        if quota == 0:
            return set(), None
        cutoff = ordered[quota - 1]
        if self.rules.ties == "spare" and sum(s <= cutoff for s in ordered) > quota:
            lower = [s for s in ordered if s < cutoff]
            if not lower:
                return set(), None
            cutoff = lower[-1]
        return {code for code, s in scores.items() if s <= cutoff}, cutoff

    def below(self, unit: Unit, year: int = YEAR, area: Fraction = Fraction(1)) -> bool:
        """and_below on raw values, in whole millionths of the numerator."""
        for at, indicator in enumerate(self.rules.indicators):
            if indicator.key not in self.rules.and_below:
                continue
            above = unit.figures[year][indicator.numerator]
            if above is None or self.ratios(unit, year, True)[at] is None:
                return False
            if indicator.denominator == "land":
                under = sum(mu for mu, _ in unit.land) * area
            else:
                under = unit.figures[year][indicator.denominator]
            if not above * MICRO < round(self.rules.and_below[indicator.key] * under * MICRO):
                return False
        return True

    def result(self) -> dict[str, dict[str, Any]]:
        out: dict[str, dict[str, Any]] = {
            unit.uscc: {"status": "ungraded", "reason": unit.reason} for unit in self.units
        }
        for cohort in sorted({unit.cohort for unit in self.graded}):
            mates = [unit for unit in self.graded if unit.cohort == cohort]
            if cohort == "pool" and len(mates) < self.rules.min_cohort:
                for unit in mates:
                    out[unit.uscc] = {"status": "sample_too_small", "reason": "sample_too_small"}
                continue
            out.update(self._cohort(cohort, mates))
        return out

    def _cohort(self, cohort: str, mates: list[Unit]) -> dict[str, dict[str, Any]]:
        parts = self.parts(cohort, False)
        scores = {u.uscc: self.total(u, parts[u.uscc], False) for u in mates}
        quota = self.quota(len(mates), self.rules.rounding)
        bottom, cutoff = self.low(scores, quota)
        flips = self._flips(cohort, mates, parts, scores, quota)
        out = {}
        for unit in mates:
            code = unit.uscc
            stands = self.below(unit)
            turned, tests = flips[code]
            out[code] = {
                "status": "low_efficiency" if code in bottom and stands else "ranked",
                "reason": "spared" if code in bottom and not stands else "",
                "micro": scores[code],
                "rank": 1 + sum(s < scores[code] for s in scores.values()),
                "n": len(mates),
                "quota": quota,
                "cutoff": cutoff,
                "flips": "; ".join(turned),
                "firmness": 1 - len(turned) / tests,
            }
        return out

    def _flips(self, cohort, mates, parts, scores, quota) -> dict[str, tuple[list[str], int]]:  # type: ignore[no-untyped-def]
        now = {u.uscc for u in mates if u.uscc in self.low(scores, quota)[0] and self.below(u)}
        found: dict[str, tuple[list[str], int]] = {u.uscc: ([], 0) for u in mates}

        def note(code: str, name: str, flagged: bool) -> None:
            turned, tests = found[code]
            found[code] = ([*turned, name] if flagged != (code in now) else turned, tests + 1)

        for name, by in (("area+3%", "1.03"), ("area-3%", "0.97"), ("last_year", None)):
            for unit in mates:
                year, area = (YEAR, Fraction(by)) if by else (YEAR - 1, Fraction(1))
                if not by and (year not in unit.figures or None in self.ratios(unit, year, False)):
                    continue
                alone = self._alone(unit, cohort, parts[unit.uscc], year, area)
                changed = {**scores, unit.uscc: alone}
                flagged = unit.uscc in self.low(changed, quota)[0]
                note(unit.uscc, name, flagged and self.below(unit, year, area))
        for name, scored, places in self._recomputed(cohort, mates, parts, scores, quota):
            bottom = self.low(scored, places)[0]
            for unit in mates:
                note(unit.uscc, name, unit.uscc in bottom and self.below(unit))
        return found

    def _alone(self, unit, cohort, parts, year, area) -> int:  # type: ignore[no-untyped-def]
        own = []
        for at, x in enumerate(self.ratios(unit, year, False, area)):
            yard = self.yardstick(at, cohort, False)
            value = self.counted(x, yard)
            own.append(parts[at] if value is None else value)
        return self.total(unit, own, False)

    def _recomputed(self, cohort, mates, parts, scores, quota):  # type: ignore[no-untyped-def]
        off = self.parts(cohort, True)
        yield "coefficient_off", {u.uscc: self.total(u, off[u.uscc], True) for u in mates}, quota
        weights = [indicator.weight for indicator in self.rules.indicators]
        for at, indicator in enumerate(self.rules.indicators):
            for sign, by in (("+20%", Fraction(6, 5)), ("-20%", Fraction(4, 5))):
                other = [w * by if i == at else w for i, w in enumerate(weights)]
                other = [w * sum(weights) / sum(other) for w in other]
                again = {u.uscc: self.total(u, parts[u.uscc], False, other) for u in mates}
                yield f"weight:{indicator.key}{sign}", again, quota
        for rounding in ("floor", "half_up", "ceil"):
            if rounding != self.rules.rounding:
                yield f"rounding:{rounding}", scores, self.quota(len(mates), rounding)
