"""Score, rank, flag and firmness of one cohort, in exact fractions: method, sections 5 and 6."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

MILLION = 10**6


@dataclass
class Unit:
    """A unit of evaluation: its land in mu, its figures by year."""

    id: str
    members: list[str]
    figures: dict[int, dict[str, Fraction | None]]
    area: Fraction = Fraction(0)
    adjusted: Fraction | None = None
    division: str = ""
    group: tuple[str, ...] = ()
    status: str = ""
    reason: str = ""
    cohort: str = ""
    out: dict = field(default_factory=dict)

    @property
    def k(self) -> Fraction | None:
        if self.adjusted is None or not self.area:
            return None
        return self.adjusted / self.area


@dataclass(frozen=True)
class Way:
    """How to compute: everything that a firmness test may change."""

    weights: dict[str, Fraction]
    rounding: str
    coefficient: str


@dataclass
class Place:
    """Where a unit stands in its cohort."""

    rank: int
    flagged: bool
    tied: bool


def ratio(unit: Unit, indicator, year: int, coefficient: str, stretch: Fraction = Fraction(1)):
    """(numerator, denominator) or ``None``: the indicator as it is compared."""
    figures = unit.figures.get(year, {})
    top = figures.get(indicator.numerator)
    if indicator.denominator == "land":
        bottom = (unit.adjusted if coefficient == "area" else unit.area) * stretch
    else:
        bottom = figures.get(indicator.denominator)
    return None if top is None or bottom is None or bottom == 0 else (top, bottom)


def median(values: list[Fraction]) -> Fraction:
    """The middle, or the mean of the two in the middle."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


class Cohort:
    """The graded units that are compared with each other."""

    def __init__(
        self, name: str, units: list[Unit], everyone: list[Unit], rules, year: int
    ) -> None:
        self.name, self.units, self.everyone = name, units, everyone
        self.rules, self.year = rules, year

    def usual(self) -> Way:
        weights = {indicator.key: indicator.weight for indicator in self.rules.indicators}
        return Way(weights, self.rules.rounding, self.rules.coefficient)

    def benchmark(self, indicator, way: Way) -> Fraction | None:
        """``None`` where nobody has the indicator."""
        rules = self.rules
        if rules.score_form == "minmax":
            return None
        if indicator.benchmark == "published":
            table = indicator.published
            return table.get(self.name, table.get("all"))
        year = {None: self.year, "previous": self.year - 1}.get(
            indicator.benchmark_year, indicator.benchmark_year
        )
        units = self.everyone if indicator.scope == "all" else self.units
        pairs = [ratio(unit, indicator, year, way.coefficient) for unit in units]
        found = [pair for pair in pairs if pair]
        if not found:
            return None
        if indicator.benchmark == "median":
            return median([top / bottom for top, bottom in found])
        total = sum(bottom for _, bottom in found)
        mean = sum(top for top, _ in found) / total if total else None
        return mean if indicator.benchmark == "mean" or mean is None else 2 * mean

    def part(self, indicator, value: Fraction, way: Way, scale) -> Fraction:
        """The weighted part of one indicator; ``scale`` is the benchmark or (min, max)."""
        weight = way.weights[indicator.key]
        if self.rules.score_form == "minmax":
            low, high = scale
            share = (value - low) / (high - low) if high != low else Fraction(1)
            return weight * (20 + 80 * share) / 100
        if scale is None or scale <= 0:
            return Fraction(0)
        share = max(value / scale, Fraction(0))
        return weight * (share if self.rules.cap == "none" else min(share, self.rules.cap))

    def scales(self, way: Way) -> dict:
        """Benchmark, or least and greatest value, of every indicator."""
        out = {}
        for indicator in self.rules.indicators:
            pairs = [ratio(unit, indicator, self.year, way.coefficient) for unit in self.units]
            values = [pair[0] / pair[1] for pair in pairs if pair]
            if self.rules.score_form == "minmax":
                out[indicator.key] = (min(values), max(values)) if values else None
            else:
                out[indicator.key] = self.benchmark(indicator, way)
        return out

    def imputed(self, way: Way, scales: dict) -> dict[str, Fraction | None]:
        """The mean part of each indicator over the units that have it."""
        out: dict[str, Fraction | None] = {}
        for indicator in self.rules.indicators:
            pairs = [ratio(unit, indicator, self.year, way.coefficient) for unit in self.units]
            parts = [
                self.part(indicator, pair[0] / pair[1], way, scales[indicator.key])
                for pair in pairs
                if pair
            ]
            out[indicator.key] = sum(parts) / len(parts) if parts else None
        return out

    def score(
        self, unit: Unit, way: Way, scales, imputed, *, year: int | None = None, stretch=Fraction(1)
    ) -> Fraction:
        """Exact score rounded to six decimals, half to even."""
        total = Fraction(0)
        for indicator in self.rules.indicators:
            pair = ratio(unit, indicator, year or self.year, way.coefficient, stretch)
            if pair:
                total += self.part(indicator, pair[0] / pair[1], way, scales[indicator.key])
            else:
                total += imputed[indicator.key] or 0
        if way.coefficient == "score":
            total /= unit.k
        self.nearest_half = min(self.nearest_half, abs(total * MILLION % 1 - Fraction(1, 2)))
        return Fraction(round(total * MILLION), MILLION)

    nearest_half = Fraction(1, 2)
    """How near any score came to the middle between two sixth decimals, in those decimals."""

    def scores(self, way: Way) -> dict[str, Fraction]:
        scales = self.scales(way)
        imputed = self.imputed(way, scales)
        return {unit.id: self.score(unit, way, scales, imputed) for unit in self.units}

    def quota(self, rounding: str) -> int:
        exact = self.rules.share * len(self.units)
        whole, rest = divmod(exact, 1)
        up = {"floor": False, "half_up": rest >= Fraction(1, 2), "ceil": rest > 0}[rounding]
        return int(whole) + up

    def places(self, scores: dict[str, Fraction], rounding: str) -> tuple[dict, Fraction | None]:
        """Place of every unit and the cut-off score."""
        quota = self.quota(rounding)
        ordered = sorted(scores.values())
        cutoff = ordered[quota - 1] if quota else None
        beyond = quota > 0 and sum(score <= cutoff for score in ordered) > quota
        edge = cutoff
        if beyond and self.rules.ties == "spare":
            lower = [score for score in ordered if score < cutoff]
            edge = max(lower) if lower else None
        places = {}
        for name, score in scores.items():
            rank = 1 + sum(other < score for other in ordered)
            flagged = edge is not None and score <= edge
            places[name] = Place(rank, flagged, beyond and score == cutoff)
        return places, edge

    def low(
        self, unit: Unit, flagged: bool, *, year: int | None = None, stretch=Fraction(1)
    ) -> bool:
        """Whether a flag stands: the raw indicators are below the stated values too."""
        if not flagged:
            return False
        for key, limit in self.rules.and_below.items():
            indicator = self.rules.indicator(key)
            pair = ratio(unit, indicator, year or self.year, "none", stretch)
            if pair is None or not pair[0] / pair[1] < limit:
                return False
        return True

    def evaluate(self) -> None:
        """Fill ``out``, ``status`` and ``reason`` of every unit."""
        way = self.usual()
        scores = self.scores(way)
        places, cutoff = self.places(scores, way.rounding)
        scales = self.scales(way)
        classes = self.classes(scores)
        for unit in self.units:
            place = places[unit.id]
            low = self.low(unit, place.flagged)
            unit.status = "low_efficiency" if low else "ranked"
            unit.reason = "spared" if place.flagged and not low else ""
            unit.out = {
                "score": scores[unit.id],
                "rank": place.rank,
                "cohort_size": len(self.units),
                "quota": self.quota(way.rounding),
                "cutoff_score": cutoff,
                "margin": None if cutoff is None else scores[unit.id] - cutoff,
                "is_tied": place.tied,
                "grade_class": classes.get(unit.id, ""),
                "scales": scales,
            }
        self.firmness(scores)

    def classes(self, scores: dict[str, Fraction]) -> dict[str, str]:
        """A/B/C/D by cumulative share from the best; a tie at a border goes to the better."""
        bounds = dict(self.rules.classes)
        if not bounds:
            return {}
        names, shares = list(bounds), [Fraction(0), *bounds.values()]
        ordered = sorted(scores.values())
        out, taken = dict.fromkeys(scores, names[0]), 0
        borders = []
        for number in range(len(names) - 1, 0, -1):
            taken += int((shares[number + 1] - shares[number]) * len(scores) // 1)
            borders.append((taken, names[number]))
        for unit, score in scores.items():
            worse_or_equal = sum(other <= score for other in ordered)
            for border, name in borders:
                if worse_or_equal <= border:
                    out[unit] = name
                    break
        return out

    def firmness(self, scores: dict[str, Fraction]) -> None:
        """The tests that each unit's flag was put to, and those under which it turns."""
        whole = {name: self.flags(way) for name, way in self.whole_tests().items()}
        way = self.usual()
        scales = self.scales(way)
        imputed = self.imputed(way, scales)
        for unit in self.units:
            now = unit.status == "low_efficiency"
            turned = {name: flags[unit.id] != now for name, flags in whole.items()}
            for name, how in self.own_tests(unit).items():
                score = self.score(unit, way, scales, imputed, **how)
                places, _ = self.places({**scores, unit.id: score}, way.rounding)
                turned[name] = self.low(unit, places[unit.id].flagged, **how) != now
            unit.out["tests"] = set(turned)
            unit.out["flips"] = {name for name, turns in turned.items() if turns}
            unit.out["firmness"] = 1 - Fraction(len(unit.out["flips"]), len(turned))

    def own_tests(self, unit: Unit) -> dict[str, dict]:
        tests: dict[str, dict] = {
            "area+3%": {"stretch": Fraction(103, 100)},
            "area-3%": {"stretch": Fraction(97, 100)},
        }
        before = self.year - 1
        pairs = [ratio(unit, i, before, "none") for i in self.rules.indicators]
        if all(pairs):
            tests["last_year"] = {"year": before}
        return tests

    def whole_tests(self) -> dict[str, Way]:
        way = self.usual()
        tests = {"coefficient_off": Way(way.weights, way.rounding, "none")}
        total = sum(way.weights.values())
        for key in way.weights:
            for sign, factor in (("+", Fraction(6, 5)), ("-", Fraction(4, 5))):
                changed = {**way.weights, key: way.weights[key] * factor}
                back = total / sum(changed.values())
                weights = {name: weight * back for name, weight in changed.items()}
                tests[f"weight:{key}{sign}20%"] = Way(weights, way.rounding, way.coefficient)
        for rounding in ("floor", "half_up", "ceil"):
            if rounding != way.rounding:
                tests[f"rounding:{rounding}"] = Way(way.weights, rounding, way.coefficient)
        return tests

    def flags(self, way: Way) -> dict[str, bool]:
        places, _ = self.places(self.scores(way), way.rounding)
        return {unit.id: self.low(unit, places[unit.id].flagged) for unit in self.units}
