"""Before and after of revitalised plots, and which of them relapsed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import numpy as np
import pandas as pd

from landuse.parks.division import divide
from landuse.parks.frames import typed
from landuse.parks.shown import UNITS, joined, number, ratio
from landuse.schema.park_plots import PLOT_YEARS, RELAPSES, REVITALISED_YEARS

__all__ = ["before_and_after", "plot_years", "relapses"]

_FIGURES: Final = ("tax_wan_micro", "output_wan_micro", "energy_tce_micro")
_YEARS_BEFORE: Final = 2
_FINDINGS: Final = ("low_efficiency", "idle", "both")


def plot_years(
    parcels: pd.DataFrame,
    links: pd.DataFrame,
    figures: pd.DataFrame,
    findings: pd.Series[str],
    year: int,
    *,
    links_from: str = "batch",
    run_id: str = "",
) -> pd.DataFrame:
    """PLOT_YEARS of one year: each parcel with the figures of its users.

    ``parcels`` is PARCELS, ``links`` LINKS, ``figures`` has ``uscc`` and any of tax, output and
    energy (``_micro``) of the year, ``findings`` (low_efficiency | idle | both) is indexed by
    parcel. A firm's figure is divided over its parcels by its land, in whole millionths. A parcel
    without users, or one of whose users lacks a figure, has none: it is not known, not zero.
    ``links_from`` and ``run_id`` say of when ``links`` are.
    """
    ordered = parcels.sort_values("parcel_id", ignore_index=True)
    index = pd.Index(ordered["parcel_id"])
    rows = links[links["area_m2_micro"] > 0].sort_values(["uscc", "parcel_id"])
    at = index.get_indexer(pd.Index(rows["parcel_id"]))
    firms, codes = np.unique(rows["uscc"].to_numpy(dtype=object), return_inverse=True)
    weight = rows["area_m2_micro"].to_numpy(dtype=np.int64)
    columns: dict[str, object] = {}
    for name in _FIGURES:
        value = pd.Series(pd.NA, index=firms, dtype="Int64")
        if name in figures.columns:
            value = figures.set_index("uscc")[name].reindex(firms).astype("Int64")
        part = divide(value.fillna(0).to_numpy(dtype=np.int64), codes, weight)
        known = value.notna().to_numpy()[codes]
        total = np.zeros(len(index), dtype=np.int64)
        np.add.at(total, at[at >= 0], part[at >= 0])
        lacking = np.bincount(at[(at >= 0) & ~known], minlength=len(index)) > 0
        used = np.bincount(at[at >= 0], minlength=len(index)) > 0
        columns[name] = pd.arrays.IntegerArray(total, lacking | ~used)
    frame = pd.DataFrame(
        {
            "parcel_id": ordered["parcel_id"],
            "year": np.full(len(index), year, dtype=np.int64),
            "area_m2_micro": ordered["accounting_area_m2_micro"],
            **columns,
            "finding": findings.reindex(index).fillna("").astype("str").array,
            "links_from": pd.Series([links_from] * len(index), dtype="str"),
            "run_id": pd.Series([run_id] * len(index), dtype="str"),
        }
    )
    return PLOT_YEARS.check(frame[PLOT_YEARS.names])


def before_and_after(disposals: pd.DataFrame, years: pd.DataFrame) -> pd.DataFrame:
    """REVITALISED_YEARS: each accepted part in the two years before its acceptance and since.

    ``disposals`` is DISPOSALS; ``years`` PLOT_YEARS of all recorded years. ``offset`` 0 is the
    year of acceptance. Figures are those of all parcels of the part together, missing where one of
    them is; the two years before are shown even where nothing is recorded of them.
    """
    recorded = _by_plot(years)
    rows = []
    for one in _records(disposals):
        accepted = int(one["accepted_on"].year)
        plots = str(one["parcel_ids"]).split("; ")
        given = {year for plot in plots for year in recorded.get(plot, {})}
        shown = {accepted - n for n in range(1, _YEARS_BEFORE + 1)}
        shown |= {year for year in given if year >= accepted}
        rows += [
            {**_year(plots, year, recorded), "number": one["number"], "part": one["part"],
             "offset": year - accepted}
            for year in sorted(shown)
        ]  # fmt: skip
    return typed(rows, REVITALISED_YEARS)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    ordered = frame.sort_values(["number", "part"])
    return [{str(key): value for key, value in row.items()} for row in ordered.to_dict("records")]


def _by_plot(years: pd.DataFrame) -> dict[str, dict[int, dict[str, Any]]]:
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for row in years.to_dict("records"):
        one = {str(key): value for key, value in row.items()}
        found.setdefault(str(row["parcel_id"]), {})[int(row["year"])] = one
    return found


def _year(
    plots: list[str], year: int, recorded: dict[str, dict[int, dict[str, Any]]]
) -> dict[str, Any]:
    """The plots of a part in one year."""
    rows = [recorded.get(plot, {}).get(year) for plot in plots]
    values: dict[str, int | None] = {}
    for name in ("area_m2_micro", *_FIGURES):
        cells = [None if row is None else number(row[name]) for row in rows]
        known = [cell for cell in cells if cell is not None]
        values[name] = sum(known) if len(known) == len(cells) else None
    found = {str(row["finding"]) for row in rows if row is not None} - {""}
    both = "both" in found or found >= {"low_efficiency", "idle"}
    return {
        "year": year,
        **values,
        "tax_wan_per_mu": _per(values["tax_wan_micro"], values["area_m2_micro"], "wan/mu"),
        "output_wan_per_mu": _per(values["output_wan_micro"], values["area_m2_micro"], "wan/mu"),
        "output_wan_per_tce": _per(values["output_wan_micro"], values["energy_tce_micro"], "1"),
        "finding": "both" if both else next(iter(sorted(found)), ""),
        "missing": joined(name for name, value in values.items() if value is None),
        **{name: _said(rows, name) for name in ("links_from", "run_id")},
    }


def _said(rows: list[dict[str, Any] | None], name: str) -> str:
    """What the plots of a part say of one year, all the same."""
    return joined(sorted({str(row[name]) for row in rows if row is not None} - {""}))


def _per(part: int | None, whole: int | None, unit: str) -> float | None:
    value = ratio(part, whole)
    return None if value is None else float(Fraction(value * UNITS[unit]))


def relapses(disposals: pd.DataFrame, before_after: pd.DataFrame) -> pd.DataFrame:
    """RELAPSES: accepted parts whose plots were found low-efficient or idle in a later year, or
    whose case a later case names.

    ``before_after`` is the result of :func:`before_and_after`. The year of acceptance itself does
    not count: its figures are from before.
    """
    later = before_after[(before_after["offset"] > 0) & before_after["finding"].isin(_FINDINGS)]
    first = later.sort_values("year").drop_duplicates(["number", "part"])
    found = {(row["number"], row["part"]): row for row in first.to_dict("records")}
    rows = []
    for one in _records(disposals):
        hit = found.get((one["number"], one["part"]))
        if hit is None and not one["relapsed_as"]:
            continue
        rows.append(
            {
                **{name: one[name] for name in ("number", "part", "parcel_ids", "accepted_on")},
                "year": None if hit is None else hit["year"],
                "finding": "" if hit is None else hit["finding"],
                "relapsed_as": one["relapsed_as"],
            }
        )
    return typed(rows, RELAPSES)
