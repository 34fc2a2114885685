"""What a score is computed from: indicator × graded unit, and the cohort of each unit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Bools", "Codes", "Floats", "Grid", "Ints", "Sheet"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Grid:
    """Indicator × unit: ``numerator`` in millionths; ``denominator`` in mu or in the figure's
    unit; ``adjusted`` the same with land × coefficient; ``given`` where there is a value."""

    numerator: Ints
    denominator: Floats
    adjusted: Floats
    given: Bools

    def ratios(self, coefficient: str) -> Floats:
        """What is compared: adjusted ratios under ``"area"``, else raw ones; ``NaN`` if missing."""
        below = self.adjusted if coefficient == "area" else self.denominator
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.given, self.numerator / 1e6 / below, np.nan)

    def take(self, units: Bools) -> Grid:
        """The same for some of the units."""
        if units.all():
            return self
        return Grid(
            self.numerator[:, units],
            self.denominator[:, units],
            self.adjusted[:, units],
            self.given[:, units],
        )

    def with_row(self, row: int, other: Grid) -> Grid:
        """The same with one indicator taken from another grid."""
        at = np.arange(len(self.numerator))[:, np.newaxis] == row
        return Grid(
            np.where(at, other.numerator, self.numerator),
            np.where(at, other.denominator, self.denominator),
            np.where(at, other.adjusted, self.adjusted),
            np.where(at, other.given, self.given),
        )

    def on_more_land(self, factor: float, land: Bools) -> Grid:
        """Every unit with ``factor`` times its land; ``land`` marks the indicators per mu."""
        by = np.where(land, factor, 1.0)[:, np.newaxis]
        return replace(self, denominator=self.denominator * by, adjusted=self.adjusted * by)


@dataclass(frozen=True)
class Sheet:
    """The graded units: ``now`` is compared, ``base`` is what benchmarks are made of (figures of
    another year where the pack says so), ``coefficient`` is ``k_e``, ``cohort`` a position in
    ``cohorts``."""

    now: Grid
    base: Grid
    coefficient: Floats
    cohort: Codes
    cohorts: Sequence[str]

    @property
    def size(self) -> int:
        """Number of units."""
        return len(self.cohort)

    @property
    def cohort_sizes(self) -> Codes:
        """Number of units in each cohort."""
        return np.bincount(self.cohort, minlength=len(self.cohorts))

    def take(self, units: Bools) -> Sheet:
        """The same for some of the units; cohorts keep their positions."""
        if units.all():
            return self
        return Sheet(
            self.now.take(units),
            self.base.take(units),
            self.coefficient[units],
            self.cohort[units],
            self.cohorts,
        )
