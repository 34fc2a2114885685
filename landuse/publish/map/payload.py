"""What the page is told: the published tables of a run, unchanged but for their form."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from landuse.errors import InternalError
from landuse.issues import Issue
from landuse.messages import Lang
from landuse.publish.map.areas import areas_block
from landuse.publish.map.cases import cases_block, revitalised_block
from landuse.publish.map.change import second_block
from landuse.publish.map.choropleth import measures
from landuse.publish.map.columns import flags, numbers, positions, texts, whole
from landuse.publish.map.distribution import distributions
from landuse.publish.map.evidence import evidence_lines
from landuse.publish.map.idle import idle_contracts, idle_total
from landuse.publish.map.palette import PALETTE
from landuse.publish.map.shapes import STEP, outlines
from landuse.publish.map.words import cohort_labels, firmness_words, flip_words, page_words
from landuse.publish.plots import plot_table
from landuse.publish.words import unit, word

if TYPE_CHECKING:
    from landuse.publish.map.options import MapOptions
    from landuse.publish.plots import PlotTable
    from landuse.publish.run_tables import RunTables
    from landuse.rules.model import Figure, Indicator

__all__ = ["payload"]

FULL_CARDS: Final = 100_000
"""Up to so many plots each has its users on its card; above, only those of a flagged class, for a
page of a million cards would be more text than a browser takes."""
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


def payload(
    run: RunTables,
    lang: Lang,
    *,
    options: MapOptions | None = None,
    cases: pd.DataFrame | None = None,
) -> dict[str, dict[str, Any]]:
    """The page's data blocks: ``meta``, ``shapes``, ``plots``, ``areas``, ``details`` and, with a
    run to compare with, ``second``.

    Plots stand in the order of their codes, and every block refers to them by that place. ``cases``
    is PLOT_CASES: a plot whose latest case is closed with acceptance is shown as revitalised.
    Raises :class:`landuse.errors.InternalError` where the totals contradict the table of parcels.
    """
    table = plot_table(run, cases)
    parcels = run.parcels.sort_values("parcel_id", kind="stable", ignore_index=True)
    partial = len(parcels) > FULL_CARDS
    links = _carried(run.links, parcels) if partial else run.links
    links = links.sort_values(["parcel_id", "uscc"], kind="stable", ignore_index=True)
    classes = _classes(run.totals, table, lang)
    keys = [one["key"] for one in classes]
    people = _people(run.units, links)
    geometry = parcels["geometry"].to_numpy(dtype=object)
    second = options.second if options else None
    blocks = {
        "meta": {
            **_meta(run, classes, lang),
            "partial": partial,
            "served": bool(options and options.served),
            "measures": measures(table, lang),
            "distributions": distributions(run),
            "ledger": cases is not None,
        },
        "shapes": {"step": STEP, **outlines(geometry, run.crs)},
        "plots": _plots(table, keys, partial=partial),
        "areas": areas_block(run, lang),
        "details": {
            "parcels": _parcels(parcels),
            "links": _links(links, parcels, people),
            "units": _units(run, people, lang),
            "contracts": idle_contracts(run.idle, parcels),
            "evidence": evidence_lines(run.evidence, parcels, lang),
            "cases": cases_block(table, lang),
        },
    }
    if second is not None:
        blocks["second"] = second_block(run, table, second, keys)
    return blocks


def _plots(table: PlotTable, classes: list[str], *, partial: bool) -> dict[str, Any]:
    """What the page knows of every plot at once: enough to draw, filter, count and find it.

    Without all cards the division and the figures of the main user stand here too, for the filter
    and the colours.
    """
    rows = table.rows
    block: dict[str, Any] = {
        "id": rows["parcel_id"].tolist(),
        "class": positions(rows["land_class"], classes),
        "park": texts(rows["park"]),
        "state": texts(rows["case_state"]),
        "mu": numbers(rows["accounting_area_mu"]),
        "flagged_mu": numbers(rows["flagged_area_mu"]),
        "low": np.flatnonzero(rows["is_low_efficiency"]).tolist(),
        "idle": np.flatnonzero(rows["is_idle"]).tolist(),
        "revitalised": revitalised_block(table, classes),
    }
    if partial:
        block["division"] = texts(rows["division"])
        block["values"] = {key: numbers(rows[key]) for key in table.measures}
    return block


def _carried(links: pd.DataFrame, parcels: pd.DataFrame) -> pd.DataFrame:
    """The links of plots whose class is flagged: their cards are never left out."""
    flagged = parcels["land_class"].isin([look.key for look in PALETTE if look.flagged])
    return links[links["parcel_id"].isin(parcels.loc[flagged, "parcel_id"])]


def _classes(totals: dict[str, Any], table: PlotTable, lang: Lang) -> list[dict[str, Any]]:
    """The classes that occur, in the order of the legend, with count and mu.

    The run's own classes must agree with its totals; what the ledger accepted is then counted as
    revitalised instead.
    """
    stated: dict[str, dict[str, Any]] = totals["classes"]
    rows = table.rows
    counted = Counter(rows["run_class"].tolist())
    given = {key: int(one["count"]) for key, one in stated.items() if one["count"]}
    known = {look.key for look in PALETTE}
    if given != dict(counted) or not known >= set(counted):
        value = f"totals {sorted(given.items())}, parcels {sorted(counted.items())}"
        raise InternalError([Issue("map.totals", value=value)])
    figures = {key: {"count": given[key], "mu": float(stated[key]["mu"])} for key in given}
    if (rows["land_class"] != rows["run_class"]).any():
        none = {"count": 0, "mu": 0.0}
        figures = {**dict.fromkeys(given, none), **table.totals()["classes"]}
    return [
        {
            "key": look.key,
            "label": word("class", look.key, lang),
            **figures[look.key],
            "fill": look.fill,
            "stroke": look.stroke,
            "width": look.width,
            "pattern": look.pattern,
            "ink": look.ink,
            "flagged": look.flagged,
        }
        for look in PALETTE
        if look.key in figures
    ]


def _meta(run: RunTables, classes: list[dict[str, Any]], lang: Lang) -> dict[str, Any]:
    project = run.manifest.get("project", {})
    rules = run.rules
    return {
        "lang": lang,
        "project": str(project.get("name", "")),
        "year": project.get("year"),
        "as_of": str(project.get("as_of", "")),
        "run_id": str(run.manifest.get("run_id", "")),
        "rules": rules.title_zh if lang == "zh" else rules.title_en,
        "rules_version": f"{rules.name} {rules.version}",
        "ties": rules.ties,
        "classes": classes,
        "total": {"count": len(run.parcels), "mu": float(run.totals["parcels_mu"])},
        "flagged": {
            "count": int(run.totals["low_efficiency_parcels"]),
            "mu": float(run.totals["low_efficiency_mu"]),
        },
        "idle": idle_total(run.totals),
        "indicators": [_indicator(one, lang) for one in rules.indicators],
        "figures": [_figure(one, lang) for one in rules.figures],
        "benchmarks": _benchmarks(run),
        "cohorts": cohort_labels(run.units["cohort"].unique(), lang),
        "flips": flip_words(run.units["flips_under"].unique(), rules, lang),
        "words": page_words(lang),
    }


def _indicator(indicator: Indicator, lang: Lang) -> dict[str, Any]:
    return {
        "key": indicator.key,
        "title": indicator.title_zh if lang == "zh" else indicator.title_en,
        "unit": indicator.unit_zh if lang == "zh" else indicator.unit_en,
        "on_land": indicator.on_land,
        "weight": float(indicator.weight),
    }


def _figure(figure: Figure, lang: Lang) -> dict[str, Any]:
    return {
        "column": figure.column,
        "title": figure.title_zh if lang == "zh" else figure.title_en,
        "unit": unit(figure.unit, lang),
    }


def _benchmarks(run: RunTables) -> dict[str, list[float | None]]:
    """Cohort → the benchmark of each indicator, in the order of the pack."""
    names = [f"benchmark_{indicator.key}" for indicator in run.rules.indicators]
    columns = [
        numbers(run.cohorts[name]) if name in run.cohorts else [None] * len(run.cohorts)
        for name in names
    ]
    rows = zip(*columns, strict=True) if columns else iter([()] * len(run.cohorts))
    return {str(key): list(row) for key, row in zip(run.cohorts["cohort"], rows, strict=True)}


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


def _links(links: pd.DataFrame, parcels: pd.DataFrame, people: pd.DataFrame) -> dict[str, Any]:
    """Links in the order of the plots; ``per_plot`` says how many belong to each."""
    at = np.asarray(positions(links["parcel_id"], parcels["parcel_id"]), dtype=np.int64)
    if (at < 0).any():
        raise InternalError([Issue("map.totals", value="a link without its parcel")])
    return {
        "per_plot": np.bincount(at, minlength=len(parcels)).tolist(),
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
