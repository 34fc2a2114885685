"""The cards of plots: their own figures, who uses them, contracts, images and cases."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from landuse.errors import InternalError
from landuse.issues import Issue
from landuse.publish.map.cases import cases_block
from landuse.publish.map.columns import flags, numbers, positions, texts, whole
from landuse.publish.map.evidence import evidence_lines
from landuse.publish.map.idle import idle_contracts
from landuse.publish.map.words import firmness_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from landuse.messages import Lang
    from landuse.publish.plots import PlotTable
    from landuse.publish.run_tables import RunTables

__all__ = ["Cards"]

_PARCEL_NUMBERS: Final = (
    "registered_area_mu",
    "geometry_area_mu",
    "benchmark_price_yuan_per_m2",
    "price_coefficient",
    "used_area_mu",
    "unused_area_mu",
)
_PARCEL_TEXTS: Final = (
    "area_source",
    "park_type",
    "township",
    "holder",
    "land_use_code",
    "land_status",
)
_LINK_TEXTS: Final = (
    "evidence",
    "certainty",
    "relation",
    "area_rule",
    "source_file",
    "source_sheet",
)
_UNIT_TEXTS: Final = (
    "unit_id",
    "industry_code",
    "division",
    "cohort",
    "status",
    "reason",
    "flips_under",
    "grade_class",
)
_UNIT_NUMBERS: Final = (
    "area_mu",
    "adjusted_area_mu",
    "price_coefficient",
    "score",
    "cutoff_score",
    "margin",
    "firmness",
)
_UNIT_COUNTS: Final = ("parcel_count", "rank", "cohort_size", "quota")


@dataclass(frozen=True)
class Cards:
    """What the cards of a run are made of, in the order of the codes.

    ``at`` is the place of each link's plot, ascending.
    """

    run: RunTables
    table: PlotTable
    lang: Lang
    parcels: pd.DataFrame
    links: pd.DataFrame
    at: NDArray[np.int64]

    @classmethod
    def of(cls, run: RunTables, table: PlotTable, lang: Lang) -> Cards:
        """Sort once what every card is cut from.

        Raises :class:`landuse.errors.InternalError` for a link without its parcel.
        """
        parcels = run.parcels.sort_values("parcel_id", kind="stable", ignore_index=True)
        links = run.links.sort_values(["parcel_id", "uscc"], kind="stable", ignore_index=True)
        at = np.asarray(positions(links["parcel_id"], parcels["parcel_id"]), dtype=np.int64)
        if (at < 0).any():
            raise InternalError([Issue("map.totals", value="a link without its parcel")])
        return cls(run, table, lang, parcels, links, at)

    def block(self, plots: Sequence[int] | None = None) -> dict[str, Any]:
        """The cards of the plots at some places, ascending (all without).

        Of some alone ``plots`` names their places, and ``parcels`` and ``per_plot`` have a row for
        each of them; ``plot`` in other parts is a place among all.
        """
        wanted = np.arange(len(self.parcels)) if plots is None else np.asarray(plots, dtype=int)
        inside = np.zeros(len(self.parcels), dtype=bool)
        inside[wanted] = True
        low, high = (wanted[0], wanted[-1] + 1) if len(wanted) else (0, 0)
        near = slice(*np.searchsorted(self.at, [low, high]).tolist())
        here = inside[self.at[near]]
        links = self.links.iloc[near][here].reset_index(drop=True)
        per_plot = np.bincount(self.at[near][here], minlength=len(inside))[wanted]
        parcels = self.parcels.iloc[wanted].reset_index(drop=True)
        people = _people(self._units_of(links), links)
        return {
            **({} if plots is None else {"plots": wanted.tolist()}),
            "parcels": _parcels(parcels),
            "links": {"per_plot": per_plot.tolist(), **_links(links, people)},
            "units": _units(self.run, people, self.lang),
            **self._others(parcels, wanted),
        }

    @cached_property
    def _codes(self) -> pd.Index[Any]:
        codes: pd.Index[Any] = pd.Index(self.run.units["uscc"])
        return codes

    def _units_of(self, links: pd.DataFrame) -> pd.DataFrame:
        """The units that use the land of some links."""
        at = self._codes.get_indexer(pd.Index(links["uscc"].unique()))
        return self.run.units.iloc[np.sort(at[at >= 0])]

    def _others(self, parcels: pd.DataFrame, wanted: NDArray[np.int64]) -> dict[str, Any]:
        """Contracts, images and cases of some plots."""

        def of_these(frame: pd.DataFrame) -> pd.DataFrame:
            # looking a million codes up in a table without rows takes a second
            return frame if frame.empty else frame[frame["parcel_id"].isin(parcels["parcel_id"])]

        def placed(part: dict[str, Any] | None) -> dict[str, Any] | None:
            return part and {**part, "plot": wanted[part["plot"]].tolist()}

        idle, seen = of_these(self.run.idle), of_these(self.run.evidence)
        cases = of_these(self.table.cases)
        return {
            "contracts": placed(idle_contracts(idle, parcels)),
            "evidence": placed(None if seen.empty else evidence_lines(seen, parcels, self.lang)),
            "cases": placed(cases_block(cases, parcels["parcel_id"], self.lang)),
        }


def _people(units: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Every enterprise that uses land, by code; those without a unit row carry the link's name."""
    named = links.drop_duplicates("uscc")[["uscc", "name"]].rename(columns={"name": "link_name"})
    people = named.merge(units, on="uscc", how="left", validate="one_to_one", indicator="found")
    people["known"] = people.pop("found") == "both"
    people["name"] = people["name"].where(people["known"], people["link_name"])
    # said only where it is another enterprise: the unit that several are merged into
    people["unit_id"] = people["unit_id"].where(people["unit_id"] != people["uscc"], "")
    return people.sort_values("uscc", ignore_index=True)


def _parcels(parcels: pd.DataFrame) -> dict[str, Any]:
    return {
        **{name: texts(parcels[name]) for name in _PARCEL_TEXTS},
        **{name: numbers(parcels[name], 4) for name in _PARCEL_NUMBERS},
        "in_scope": flags(parcels["in_scope"]),
        "under_construction": flags(parcels["under_construction"]),
    }


def _links(links: pd.DataFrame, people: pd.DataFrame) -> dict[str, Any]:
    """Links in the order of the plots."""
    return {
        "unit": positions(links["uscc"], people["uscc"]),
        **{name: texts(links[name]) for name in _LINK_TEXTS},
        "area_mu": numbers(links["area_mu"], 4),
        "counted": flags(links["counted"]),
        "source_row": whole(links["source_row"]),
    }


def _units(run: RunTables, people: pd.DataFrame, lang: Lang) -> dict[str, Any]:
    rules = run.rules
    columns = [
        *_UNIT_NUMBERS,
        *(figure.column for figure in rules.figures),
        *(one.key for one in rules.indicators),
        *(f"adjusted_{one.key}" for one in rules.indicators if one.on_land),
    ]
    return {
        "uscc": people["uscc"].tolist(),
        "name": people["name"].tolist(),
        "known": flags(people["known"]),
        "firm": texts(firmness_words(people, lang)),
        "is_tied": flags(people["is_tied"].fillna(value=False)),
        **{name: texts(people[name]) for name in _UNIT_TEXTS},
        **{name: numbers(people[name]) for name in columns},
        **{name: whole(people[name]) for name in _UNIT_COUNTS},
    }
