"""The tables of an evaluation, one builder each; no rule is applied here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from landuse.indicators.ratios import per
from landuse.keys import as_array, named

if TYPE_CHECKING:
    from landuse.indicators.measured import Measured
    from landuse.ranking.bottom import Ranking
    from landuse.rules.model import Rules

__all__ = ["EXEMPT", "Graded", "cohort_rows", "cohort_table", "indicator_table", "unit_table"]

Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]

EXEMPT: Final = ("exempt_listed", "exempt_division", "exempt_new")
"""The reasons for which an enterprise is not evaluated, the first that holds."""


@dataclass(frozen=True)
class Graded:
    """Everything known of the units: ``own`` cohort and ``reason`` of each, whether it is
    ``graded``, and the ``result`` of those who are. ``leaders`` are the enterprises that give
    each unit its industry."""

    measured: Measured
    leaders: pd.DataFrame
    year: int
    own: Texts
    reason: Texts
    graded: Bools
    result: Ranking

    def numbers(self, values: npt.NDArray[np.generic]) -> Floats:
        """Values of the graded units among all units, ``NaN`` for the others."""
        out = np.full(len(self.graded), np.nan)
        out[self.graded] = values
        return out

    def texts(self, values: npt.NDArray[np.generic]) -> Texts:
        """Texts of the graded units among all units, blank for the others."""
        out = np.full(len(self.graded), "", dtype=object)
        out[self.graded] = values
        return out

    @property
    def status(self) -> Texts:
        """Status of every unit."""
        result = self.result
        among = _either(result.flagged, "low_efficiency", "ranked")
        among[~result.ranked] = "sample_too_small"
        status = np.full(len(self.reason), "ungraded", dtype=object)
        for reason in EXEMPT:
            status[self.reason == reason] = "exempt"
        status[self.graded] = among
        return status

    @property
    def remark(self) -> Texts:
        """Reason code of every unit, "" where the status says all."""
        result = self.result
        among = _either(result.spared, "spared", "")
        among[~result.ranked] = "sample_too_small"
        remark = self.reason.copy()
        remark[self.graded] = among
        return remark


def unit_table(graded: Graded) -> pd.DataFrame:
    """One row an enterprise, sorted by ``uscc``; members of a unit share its values."""
    roll = graded.measured.roll
    shared = pd.DataFrame(
        {
            "unit_id": roll.unit_ids,
            **_industry(graded),
            **_land(graded),
            **_figures(graded),
            **_ranks(graded),
        },
        copy=False,
    )
    units = shared if roll.alone else shared.iloc[roll.unit_of].reset_index(drop=True)
    units.insert(1, "uscc", roll.enterprises["uscc"])
    units.insert(2, "name", roll.enterprises["name"])
    return units


def _industry(graded: Graded) -> dict[str, object]:
    cohorts = np.array(graded.result.sheet.cohorts, dtype=object)
    cohort = graded.own.copy()
    cohort[graded.graded] = cohorts[graded.result.sheet.cohort]
    leaders = graded.leaders
    columns = ["industry_code", "division", "scale"]
    columns += [name for name in graded.measured.rules.cohort_by if name not in columns]
    taken = {name: leaders[name].reset_index(drop=True) for name in columns}
    return {**taken, "cohort": _text(cohort)}


def _land(graded: Graded) -> dict[str, object]:
    land = graded.measured.land
    has = land.area_micro > 0
    return {
        "parcel_count": land.parcels,
        "area_mu": land.area_mu,
        "adjusted_area_mu": np.where(has, land.adjusted_mu, 0.0),
        "price_coefficient": land.coefficient,
    }


def _figures(graded: Graded) -> dict[str, object]:
    rules, figures = graded.measured.rules, graded.measured.figures[graded.year]
    columns: dict[str, object] = {f.column: figures.published(f.key) for f in rules.figures}
    numerator, denominator, adjusted, given = graded.measured.measures(graded.year)
    for row, indicator in enumerate(rules.indicators):
        raw = per(numerator[row], denominator[row])
        columns[indicator.key] = np.where(given[row], raw, np.nan)
    for row, indicator in enumerate(rules.indicators):
        if indicator.on_land:
            corrected = per(numerator[row], adjusted[row])
            columns[f"adjusted_{indicator.key}"] = np.where(given[row], corrected, np.nan)
    return {**columns, **_last_year(graded)}


def _last_year(graded: Graded) -> dict[str, object]:
    """The raw indicators of the year before on this year's land, as the firmness takes them."""
    numerator, denominator, _, given = graded.measured.measures(graded.year - 1)
    return {
        f"last_year_{indicator.key}": np.where(
            given[row], per(numerator[row], denominator[row]), np.nan
        )
        for row, indicator in enumerate(graded.measured.rules.indicators)
    }


def _ranks(graded: Graded) -> dict[str, object]:
    result = graded.result
    cohort, ranked = result.sheet.cohort, result.ranked

    def number(values: npt.NDArray[np.generic]) -> Floats:
        return graded.numbers(np.where(ranked, values, np.nan))

    tied = np.zeros(len(graded.graded), dtype=bool)
    tied[graded.graded] = result.places.tied & ranked
    flips = result.firmness.flips_under.copy()
    flips[~ranked] = ""
    return {
        "score": number(result.score),
        "rank": _whole(number(result.places.rank)),
        "cohort_size": _whole(graded.numbers(result.sheet.cohort_sizes[cohort])),
        "quota": _whole(number(result.quotas[cohort])),
        "cutoff_score": number(result.cutoff[cohort]),
        "margin": number(result.margin),
        "firmness": number(result.firmness.value),
        "flips_under": _text(graded.texts(flips)),
        "is_tied": tied,
        "status": _text(graded.status),
        "reason": _text(graded.remark),
        "grade_class": _text(graded.texts(result.grade_class)),
    }


def indicator_table(graded: Graded) -> pd.DataFrame:
    """One row a graded unit and indicator, by ``unit_id`` and in the pack's order.

    ``lowest`` and ``highest`` are those of the cohort under min–max. Benchmark, ratio and part
    are empty where the cohort is too small to be ranked.
    """
    result, rules = graded.result, graded.measured.rules
    sheet, yard = result.sheet, result.yard
    grid, cohort = sheet.now, sheet.cohort
    hidden = ~result.ranked
    keys = [indicator.key for indicator in rules.indicators]
    weights = np.array([float(indicator.weight) for indicator in rules.indicators])
    figures = graded.measured.figures[graded.year]
    above = np.array([figures.published(i.numerator)[graded.graded] for i in rules.indicators])
    raw, adjusted = grid.ratios("none"), grid.ratios("area")
    units = graded.measured.roll.unit_ids[graded.graded]
    frame = {
        "unit_id": pd.Series(
            as_array(units).take(pa.array(_each(sheet.size, len(keys)))), dtype="str"
        ),
        "indicator": named(np.tile(np.arange(len(keys), dtype=np.int8), sheet.size), keys),
        # laid out one after another: none is in memory twice for longer than it takes
        "numerator": _by_unit(above),
        "denominator": _by_unit(grid.denominator),
        "raw": _by_unit(raw),
        "adjusted": _by_unit(adjusted),
        "compared": _by_unit(adjusted if rules.coefficient == "area" else raw),
        "benchmark": _by_unit(np.where(hidden, np.nan, yard.benchmark[:, cohort])),
        "lowest": _by_unit(np.where(hidden, np.nan, yard.lowest[:, cohort])),
        "highest": _by_unit(np.where(hidden, np.nan, yard.highest[:, cohort])),
        "ratio": _by_unit(np.where(hidden, np.nan, result.scored.ratio)),
        "part": _by_unit(np.where(hidden, np.nan, result.scored.counted * weights[:, np.newaxis])),
        "weight": np.tile(weights, sheet.size),
        "imputed": _by_unit(result.scored.imputed & ~hidden),
    }
    return pd.DataFrame(frame, copy=False)


def _by_unit(values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Indicator × unit as one row after another of the table: all of a unit side by side."""
    return values.T.ravel()


def _each(units: int, times: int) -> npt.NDArray[np.intp]:
    return np.repeat(np.arange(units), times)


def cohort_table(graded: Graded) -> pd.DataFrame:
    """One row a cohort with graded units, sorted by its name."""
    result = graded.result
    sheet = result.sheet
    size = len(sheet.cohorts)
    area = np.zeros(size, dtype=np.int64)
    np.add.at(area, sheet.cohort, graded.measured.land.area_micro[graded.graded])
    return cohort_rows(
        sheet.cohorts,
        sheet.cohort_sizes,
        result.quotas,
        result.cutoff,
        np.bincount(sheet.cohort[result.flagged], minlength=size),
        area,
        result.yard.benchmark,
        graded.measured.rules,
    )


def cohort_rows(
    cohorts: Sequence[str],
    sizes: npt.NDArray[np.intp],
    quotas: npt.NDArray[np.intp],
    cutoff: Floats,
    flagged: npt.NDArray[np.intp],
    area_micro: npt.NDArray[np.int64],
    benchmark: Floats,
    rules: Rules,
) -> pd.DataFrame:
    """The same from what is known of each cohort; ``quotas`` below 0: too small to be ranked,
    ``area_micro`` in 10⁻⁶ m², ``benchmark`` indicator × cohort."""
    small = quotas < 0
    frame = pd.DataFrame(
        {
            "cohort": _text(np.array(list(cohorts), dtype=object)),
            "cohort_size": _whole(sizes),
            "quota": _whole(np.where(small, np.nan, quotas)),
            "cutoff_score": np.where(small, np.nan, cutoff),
            "flagged": flagged.astype(np.int64),
            "area_mu": area_micro * 3.0 / 2e9,
            **{
                f"benchmark_{indicator.key}": np.where(small, np.nan, benchmark[row])
                for row, indicator in enumerate(rules.indicators)
            },
        }
    )
    return frame[sizes > 0].reset_index(drop=True)


def _either(holds: Bools, one: str, other: str) -> Texts:
    """One text where something ``holds``, another elsewhere: two objects, not millions."""
    return np.where(holds, np.array(one, dtype=object), np.array(other, dtype=object))


def _text(values: Texts) -> pd.Series[str]:
    """Few different texts, repeated by many rows, as a column."""
    known = pa.array(values, pa.large_string())
    return pd.Series(known, dtype="str")


def _whole(values: npt.NDArray[np.generic]) -> pd.Series[int]:
    return pd.Series(values).astype("Int64")
