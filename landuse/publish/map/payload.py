"""What the page is told: the published tables of a run, unchanged but for their form."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from landuse.errors import InternalError
from landuse.issues import Issue
from landuse.messages import Lang
from landuse.publish.map.areas import areas_block
from landuse.publish.map.cards import Cards
from landuse.publish.map.cases import accepted_block, revitalised_block
from landuse.publish.map.change import second_block
from landuse.publish.map.choropleth import measures
from landuse.publish.map.columns import numbers, positions, texts
from landuse.publish.map.distribution import distributions
from landuse.publish.map.idle import idle_total
from landuse.publish.map.options import MOST_INDICATORS
from landuse.publish.map.palette import PALETTE, drawn
from landuse.publish.map.shapes import STEP, outlines
from landuse.publish.map.words import cohort_labels, flip_words, page_words
from landuse.publish.plots import plot_table
from landuse.publish.words import unit
from landuse.schema.plot_filter import SCORE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from landuse.publish.map.options import MapOptions
    from landuse.publish.plots import PlotTable
    from landuse.publish.run_tables import RunTables
    from landuse.rules.model import Figure, Indicator

__all__ = ["payload"]


def payload(
    run: RunTables,
    lang: Lang,
    *,
    options: MapOptions | None = None,
    cases: pd.DataFrame | None = None,
    keep: Sequence[int] | None = None,
) -> dict[str, dict[str, Any]]:
    """The page's data blocks: ``meta``, ``shapes``, ``plots``, ``areas``, ``details`` and, with a
    run to compare with, ``second``.

    Plots stand in the order of their codes, and every block refers to them by that place. ``cases``
    is PLOT_CASES: a plot whose latest case is closed with acceptance is shown as revitalised.
    ``keep``: the places of the plots that alone have a card in the page (all without).
    Raises :class:`landuse.errors.InternalError` where the totals contradict the table of parcels.
    """
    table = plot_table(run, cases)
    cards = Cards.of(run, table, lang)
    partial = keep is not None
    offered = _offered(table, options, partial=partial)
    classes = _classes(run.totals, table, lang)
    keys = [one["key"] for one in classes]
    geometry = cards.parcels["geometry"].to_numpy(dtype=object)
    second = options.second if options else None
    blocks = {
        "meta": {
            **_meta(run, classes, lang),
            "partial": partial,
            "served": bool(options and options.served),
            "measures": [one for one in measures(table, lang) if one["key"] in offered],
            "distributions": distributions(run),
            "ledger": cases is not None,
        },
        "shapes": {"step": STEP, **outlines(geometry, run.crs)},
        "plots": {
            **_plots(table, keys),
            **({} if keep is None else _figures(table, offered, keep)),
        },
        "areas": areas_block(run, lang),
        "details": cards.block(keep),
    }
    if second is not None:
        blocks["second"] = second_block(run, table, second, lang)
    return blocks


def _plots(table: PlotTable, classes: list[str]) -> dict[str, Any]:
    """What the page knows of every plot at once: enough to draw, filter, count and find it."""
    rows = table.rows
    return {
        "id": rows["parcel_id"].tolist(),
        "class": positions(rows["land_class"], classes),
        "park": texts(rows["park"]),
        "state": texts(rows["case_state"]),
        "mu": numbers(rows["accounting_area_mu"]),
        "flagged_mu": numbers(rows["flagged_area_mu"]),
        "low": np.flatnonzero(rows["is_low_efficiency"]).tolist(),
        "idle": np.flatnonzero(rows["is_idle"]).tolist(),
        "revitalised": revitalised_block(table, classes),
        "accepted": accepted_block(table),
    }


def _offered(table: PlotTable, options: MapOptions | None, *, partial: bool) -> tuple[str, ...]:
    """The figures that can be coloured and filtered by: all, or in a very large run those chosen
    (the first of the pack without a choice) and the score."""
    if not partial:
        return table.measures
    chosen = options.indicators if options and options.indicators else table.measures[:-1]
    return (*chosen[:MOST_INDICATORS], SCORE)


def _figures(table: PlotTable, offered: Sequence[str], keep: Sequence[int]) -> dict[str, Any]:
    """For a page without all cards: ``division`` and ``values`` of each plot's main user (-1 where
    nobody uses it), and in ``others`` those of further users of plots without a card: the filter
    asks for any user."""
    rows, users = table.rows, table.users
    carded = np.zeros(len(rows), dtype=bool)
    carded[list(keep)] = True
    division = texts(rows["division"])
    nobody = (rows["main_uscc"] == "").tolist()
    division["at"] = [-1 if none else at for at, none in zip(division["at"], nobody, strict=True)]
    further = users[users.duplicated("plot") & ~carded[users["plot"].to_numpy()]]
    return {
        "division": division,
        "values": {key: numbers(rows[key]) for key in offered},
        "others": {
            "plot": further["plot"].tolist(),
            "division": texts(further["division"]),
            "values": {key: numbers(further[key]) for key in offered},
        },
    }


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
    return [{**drawn(look, lang), **figures[look.key]} for look in PALETTE if look.key in figures]


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
        "divisions": cohort_labels(run.units["division"].unique(), lang),
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
