"""A small made-up county as the tables that `evaluate` takes; shared by tests of several rooms."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd

from landuse.issues import IssueLog
from landuse.pipeline.evaluate import Evaluation, evaluate
from landuse.rules.model import Figure, Indicator, Rules
from landuse.schema import tables
from landuse.units import exact_micro

PACK = Path(__file__).parents[1] / "landuse" / "rules" / "packs" / "three-indicator.toml"
YEAR = 2025
AS_OF = dt.date(2026, 6, 30)
MU = Fraction(2000, 3)


def default_values() -> dict[str, Any]:
    """The values of the default pack as they are written in it."""
    pack = tomllib.loads(PACK.read_text(encoding="utf-8"))
    values = {name: entry["value"] for name, entry in pack["values"].items()}
    head = pack["pack"]
    values |= {"figures": [{"key": k, **v} for k, v in pack["figures"].items()]}
    values |= {"indicators": [{"key": k, **v} for k, v in pack["indicators"].items()]}
    return {**head, **values, "energy": []}


def indicator(
    key: str, numerator: str, denominator: str, weight: str, **more: Any
) -> dict[str, Any]:
    """One indicator of a test pack."""
    words = {"title_zh": key, "title_en": key, "unit_zh": "", "unit_en": "", "source": "test"}
    return {
        "key": key, "numerator": numerator, "denominator": denominator, "weight": weight,
        **words, **more,
    }  # fmt: skip


def figure(key: str, unit: str) -> dict[str, Any]:
    """One figure of a test pack."""
    return {"key": key, "unit": unit, "title_zh": key, "title_en": key}


def rules(**changes: Any) -> Rules:
    """The default pack with some values changed (numbers as strings)."""
    return Rules.model_validate({**default_values(), **changes})


def weights(**by_indicator: str) -> list[dict[str, Any]]:
    """The default indicators with other weights."""
    found = default_values()["indicators"]
    return [{**one, "weight": by_indicator.get(one["key"], one["weight"])} for one in found]


def only_tax(**more: Any) -> dict[str, Any]:
    """A pack of one indicator, tax per mu with weight 1, nothing else."""
    return {
        "indicators": [indicator("tax_wan_per_mu", "tax", "land", "1", **more)],
        "figures": [figure("tax", "wan")],
    }


@dataclass
class Firm:
    """An enterprise with its land: (parcel, mu, price) each, and figures of some years."""

    uscc: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    land: Sequence[tuple[Any, ...]] = ()
    industry: str = "1711"
    scale: str = "规上"
    started: str | None = None
    years: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass
class County:
    """The tables of some firms; change a frame before :meth:`run` to plant a trouble."""

    firms: Sequence[Firm]
    rules: Rules
    enterprises: pd.DataFrame = field(init=False)
    figures: pd.DataFrame = field(init=False)
    links: pd.DataFrame = field(init=False)
    members: pd.DataFrame = field(init=False)
    prices: pd.DataFrame = field(init=False)
    exemptions: pd.DataFrame = field(init=False)
    incomplete: set[str] = field(default_factory=set)
    disputed: set[str] = field(default_factory=set)
    log: IssueLog = field(default_factory=IssueLog)

    def __post_init__(self) -> None:
        self.enterprises = _enterprises(self.firms)
        self.figures = _figures(self.firms, self.rules.figures)
        self.links, self.prices = _links(self.firms)
        codes = self.enterprises["uscc"]
        self.members = pd.DataFrame({"uscc": codes, "unit_id": codes})
        self.exemptions = tables.EXEMPTIONS.empty()

    def exempt(self, *codes: str) -> County:
        """Put firms on the exemption list."""
        rows = [{"uscc": code, "reason": "listed"} for code in codes]
        self.exemptions = frame(tables.EXEMPTIONS, rows)
        return self

    def merged(self, groups: Mapping[str, str]) -> County:
        """Evaluate firms together: code → unit."""
        self.members["unit_id"] = self.members["uscc"].replace(dict(groups))
        return self

    def run(self, **changes: Any) -> Evaluation:
        """Evaluate; ``changes`` replace arguments."""
        arguments: dict[str, Any] = {
            "enterprises": self.enterprises, "figures": self.figures,
            "exemptions": self.exemptions, "links": self.links, "members": self.members,
            "prices": self.prices, "incomplete": self.incomplete, "disputed": self.disputed,
            "rules": self.rules, "year": YEAR, "as_of": AS_OF, "log": self.log,
        }  # fmt: skip
        return evaluate(**{**arguments, **changes})

    def units(self, **changes: Any) -> pd.DataFrame:
        """The unit table by code."""
        return self.run(**changes).units.set_index("uscc")


def frame(table: Any, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows as a frame of a schema table; what is not given is blank."""
    blanks = {"text": "", "int": 0, "bool": False, "float": float("nan")}
    kinds = {"text": "str", "int": "int64", "date": "datetime64[s]", "float": "float64"}
    columns = {}
    for column in table:
        values = [row.get(column.name, blanks.get(column.dtype)) for row in rows]
        columns[column.name] = pd.Series(values, dtype=kinds.get(column.dtype, column.dtype))
    return pd.DataFrame(columns)


def _enterprises(firms: Sequence[Firm]) -> pd.DataFrame:
    rows = [
        {
            "uscc": firm.uscc, "name": f"企业{firm.uscc}", "industry_code": firm.industry,
            "division": firm.industry[:2], "scale": firm.scale,
            "production_started_on": pd.Timestamp(firm.started) if firm.started else pd.NaT,
        }
        for firm in firms
    ]  # fmt: skip
    table = frame(tables.ENTERPRISES, rows)
    for name in sorted({name for firm in firms for name in firm.more}):
        table[name] = pd.Series([firm.more.get(name, "") for firm in firms], dtype="str")
    return table


def _figures(firms: Sequence[Firm], figures: Sequence[Figure]) -> pd.DataFrame:
    rows = []
    for firm in firms:
        years = {**({YEAR: firm.figures} if firm.figures else {}), **firm.years}
        for year, values in years.items():
            micro = {
                f.micro: None if values.get(f.key) is None else exact_micro(values[f.key])
                for f in figures
            }
            rows.append({"uscc": firm.uscc, "year": year, **micro})
    table = frame(tables.FIGURES, rows)
    for one in figures:
        table[one.micro] = pd.Series([row[one.micro] for row in rows], dtype="Int64")
    return table


def _links(firms: Sequence[Firm]) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows, prices = [], {}
    for firm in firms:
        for parcel, mu, price in firm.land:
            prices[parcel] = price
            area = exact_micro(mu, MU)
            rows.append(link(parcel, firm.uscc, area))
    found = [
        {"parcel_id": parcel, "benchmark_price_yuan_per_m2": price or float("nan")}
        for parcel, price in prices.items()
    ]
    return frame(tables.LINKS, rows), frame(tables.PRICES, found)


def link(parcel: str, uscc: str, area_micro: int, **more: Any) -> dict[str, Any]:
    """One counted link."""
    row = {"parcel_id": parcel, "uscc": uscc, "area_m2_micro": area_micro}
    return {**row, "evidence": "uscc", "known_enterprise": True, "in_scope": True, "counted": True,
            **more}  # fmt: skip


__all__ = ["AS_OF", "MU", "YEAR", "County", "Evaluation", "Firm", "Indicator"]
