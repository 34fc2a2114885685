"""What a city decided, as one frozen object.

Defaults stand in the packs, not here: a pack states every value with its unit and source.
"""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

__all__ = [
    "Energy",
    "Exact",
    "Figure",
    "Indicator",
    "Provenance",
    "Rules",
    "Whole",
    "as_written",
]


_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?(/[1-9][0-9]*)?")
_LONGEST: Final = 60
_LARGEST: Final = 10**12
"""No value of a rule comes near; beyond it floats and dates would fail."""
_LARGEST_WHOLE: Final = 10_000


def _bounded(value: Fraction) -> Fraction:
    if abs(value) > _LARGEST:
        expected = {"expected": "-10^12 … 10^12"}
        raise PydanticCustomError("rules.out_of_range", "too large", expected)
    return value


def _exact(value: object) -> object:
    """Decimal strings and integers only: a float has already lost what was written."""
    if isinstance(value, Fraction):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return _bounded(Fraction(value))
    if (
        isinstance(value, str)
        and len(value) <= _LONGEST
        and _NUMBER.fullmatch(value)
        and ("." not in value or "/" not in value)
    ):
        return _bounded(Fraction(value))
    raise PydanticCustomError("rules.not_a_number", "a decimal string is expected")


def _whole(value: object) -> object:
    """An integer from 0; ``true`` is none."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        if value > _LARGEST_WHOLE:
            expected = {"expected": f"0 … {_LARGEST_WHOLE}"}
            raise PydanticCustomError("rules.out_of_range", "too large", expected)
        return value
    raise PydanticCustomError("rules.not_whole", "a whole number from 0 is expected")


Exact = Annotated[Fraction, BeforeValidator(_exact)]
"""A number kept exactly as it was written: ``"0.15"``, ``2``, ``"1/3"``."""

Whole = Annotated[int, BeforeValidator(_whole)]
"""A count."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Figure(_Frozen):
    """A column of the enterprise tables that the pack uses, in the unit it is kept in."""

    key: str
    unit: str
    title_zh: str
    title_en: str

    @property
    def column(self) -> str:
        """Name of the published column: the key with its unit.

        >>> Figure(key="tax", unit="wan", title_zh="税收", title_en="tax").column
        'tax_wan'
        >>> Figure(key="energy_tce", unit="tce", title_zh="能耗", title_en="energy").column
        'energy_tce'
        """
        suffix = "" if self.key.endswith(f"_{self.unit}") or self.unit == "1" else f"_{self.unit}"
        return f"{self.key}{suffix}"

    @property
    def micro(self) -> str:
        """Name of the fixed-point column inside the program."""
        return f"{self.column}_micro"


class Indicator(_Frozen):
    """Numerator ÷ denominator; higher is better. ``denominator = "land"`` is land in mu."""

    key: str
    title_zh: str
    title_en: str
    unit_zh: str
    unit_en: str
    numerator: str
    denominator: str
    weight: Exact
    benchmark: Literal["mean", "median", "twice_mean", "published"] = "mean"
    scope: Literal["cohort", "all"] = "cohort"
    benchmark_year: Whole | Literal["previous"] | None = None
    published: dict[str, Exact] = Field(default_factory=dict)
    source: str

    @property
    def on_land(self) -> bool:
        """Whether the denominator is land, so that the coefficient corrects it."""
        return self.denominator == "land"


class Energy(_Frozen):
    """Conversion of a physical quantity to coal equivalent: kgce for one ``unit``."""

    key: str
    unit: str
    calorific: Exact
    equivalent: Exact | None = None
    title_zh: str
    title_en: str
    source: str


class Provenance(_Frozen):
    """Where a value comes from: unit, source, and since when it holds."""

    unit: str
    source: str
    since: dt.date | None = None
    overridden: bool = False


class Rules(_Frozen):
    """A rule pack as it holds on one day, with the project's overrides.

    ``digest`` is the SHA-256 of everything below it in canonical form.
    """

    name: str
    version: str
    issued_on: dt.date
    title_zh: str
    title_en: str
    source: str
    digest: str = ""

    # scope and areas (method, sections 3 to 5)
    land_use_codes: tuple[str, ...]
    area_basis: Literal["registered", "geometry"]
    area_method: Literal["planar", "ellipsoid"]
    area_gap_share: Exact
    area_gap_mu: Exact
    area_dispute_factor: Exact
    repair_limit: Exact
    outlier_factor: Exact
    shared_parcels: Literal["apportion", "merge"]
    construction: Literal["exclude", "count"]

    # land price
    coefficient: Literal["area", "score", "none"]
    reference_price: Literal["mean"] | Exact
    min_price_cover: Exact
    grade_coefficients: dict[str, Exact]

    # score
    score_form: Literal["ratio", "minmax"]
    cap: Literal["none"] | Exact
    missing: Literal["ungraded", "cohort_mean"]

    # ranking
    share: Exact
    rounding: Literal["floor", "half_up", "ceil"]
    ties: Literal["include", "spare"]
    cohort_by: tuple[str, ...]
    min_cohort: Whole
    and_below: dict[str, Exact]
    classes: dict[str, Exact]
    exempt_divisions: tuple[str, ...]
    grace_months: Whole

    # idle land and the evidence of images (method, section 7)
    idle_area_share: Exact
    idle_investment_share: Exact
    idle_fee_share: Exact
    evidence_supports_below: Exact
    evidence_contradicts_from: Exact

    figures: tuple[Figure, ...]
    indicators: tuple[Indicator, ...]
    energy: tuple[Energy, ...]
    provenance: dict[str, Provenance] = Field(default_factory=dict)

    def figure(self, key: str) -> Figure:
        """The figure named ``key``; ``KeyError`` if the pack has none."""
        return {figure.key: figure for figure in self.figures}[key]

    def indicator(self, key: str) -> Indicator:
        """The indicator named ``key``; ``KeyError`` if the pack has none."""
        return {indicator.key: indicator for indicator in self.indicators}[key]


def as_written(rules: Rules) -> dict[str, object]:
    """Everything the rules say except their digest, as JSON can hold it (fractions as text)."""
    return {name: _plain(value) for name, value in rules if name != "digest"}


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return {name: _plain(entry) for name, entry in value}
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)
