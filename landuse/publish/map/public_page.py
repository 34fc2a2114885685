"""What the page of a public copy is told."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from landuse.messages import Lang, sentence, text
from landuse.publish.map.areas import areas_block
from landuse.publish.map.columns import positions, texts
from landuse.publish.map.palette import PALETTE, Look, drawn
from landuse.publish.map.public_form import (
    BANDS,
    OTHER,
    WITHHELD,
    PublicPlots,
    PublicSettings,
    rounded,
)
from landuse.publish.map.public_units import SHARES, Units
from landuse.publish.map.words import cohort_labels, page_words
from landuse.schema.plot_filter import SCORE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.publish.map.options import MapOptions
    from landuse.publish.run_tables import RunTables

__all__ = ["public_blocks", "unit_blocks"]

_LOW: Final = ("low_efficiency", "both")
_IDLE: Final = ("idle", "both")
_HIDDEN: Final = Look(WITHHELD, "#f4f1e8", "#8c8c8c", 0.8, pattern="hatch", ink="#cfc8b4")
_SHADES: Final = ("#f7f7f7", "#fee8c8", "#fdbb84", "#e34a33", "#7f0000")
_WORDS: Final = (
    *("notice", "search", "filter_text", "legend_note", "legend_flagged"),
    *("legend_idle", "colour_note", "filter_indicator", "card_label"),
)
_UNIT_WORDS: Final = ("legend_total", "legend_count", "legend_class", "filter_class", "undrawn")


def public_blocks(run: RunTables, plots: PublicPlots, options: MapOptions) -> dict[str, Any]:
    """The page's data but for the outlines, one entry a plot."""
    lang = options.lang
    looks = {look.key: look for look in (*PALETTE, _HIDDEN)}
    keys = [key for key in looks if (plots.kind == key).any()]
    division = pd.Series(plots.division, dtype="object").replace(OTHER, "other")
    measures = _measures(run, plots, options)
    labels = cohort_labels(set(division) - {"other", ""}, lang)
    labels["other"] = text("map_public.other_industry", lang)
    meta = {
        **_meta(run, lang),
        "classes": [
            {**_drawn(looks[key], lang), **_sum(plots.mu, plots.kind == key)} for key in keys
        ],
        "total": _sum(plots.mu, np.ones(len(plots), bool)),
        "flagged": _sum(plots.mu, np.isin(plots.kind, _LOW)),
        "idle": _sum(plots.mu, np.isin(plots.kind, _IDLE)),
        "divisions": labels,
        "measures": measures,
    }
    values = {one["key"]: _or_none(plots.bands[one["key"]]) for one in measures}
    block = _plots_block(
        [str(n) for n in range(1, len(plots) + 1)],
        positions(pd.Series(plots.kind, dtype="object"), keys),
        _parks(plots.park, lang),
        plots.mu,
        texts(division),
        values,
    )
    block["low"] = np.flatnonzero(np.isin(plots.kind, _LOW)).tolist()
    block["idle"] = np.flatnonzero(np.isin(plots.kind, _IDLE)).tolist()
    return {"meta": meta, "plots": block, "areas": _areas(run, plots, options), "details": _NONE}


def unit_blocks(
    run: RunTables, plots: PublicPlots, units: Units, options: MapOptions
) -> dict[str, Any]:
    """The page's data but for the outlines, one entry a park or square."""
    lang = options.lang
    looks = _share_looks(lang)
    mu = np.array([sum(one[1] for one in row.values()) for row in units.rows], dtype=np.int64)
    names = [_unit_name(name, n, options) for n, name in enumerate(units.name, 1)]
    used = [place for place in (*range(len(SHARES)), -1) if (units.band == place).any()]
    meta = {
        **_meta(run, lang),
        "classes": [{**looks[place], **_sum(mu, units.band == place)} for place in used],
        "total": _sum(mu, np.ones(len(units), bool)),
        "flagged": None,
        "idle": None,
        "divisions": {},
        "measures": [],
    }
    meta["words"] |= {key: sentence(f"map_public.{key}")[lang] for key in _UNIT_WORDS}
    order = [look.key for look in PALETTE] + [WITHHELD]
    label = {look.key: _drawn(look, lang)["label"] for look in (*PALETTE, _HIDDEN)}
    park = units.name if _settings(options).merge == "park" else np.full(len(units), "", object)
    block = _plots_block(
        names,
        [used.index(int(place)) for place in units.band],
        _parks(park, lang),
        mu,
        texts(pd.Series([""] * len(units), dtype="object")),
        {},
    )
    block["within"] = [
        [[label[key], *row[key]] for key in order if key in row] for row in units.rows
    ]
    return {"meta": meta, "plots": block, "areas": _areas(run, plots, options), "details": _NONE}


_EMPTY: Final[dict[str, list[object]]] = {"values": [], "at": []}
_NONE: Final[dict[str, Any]] = {
    "plots": [],
    "parcels": {"holder": _EMPTY},
    "links": {"per_plot": [], "unit": [], "area_mu": []},
    "units": {"uscc": [], "name": [], "status": _EMPTY, "division": _EMPTY},
    "contracts": None,
    "evidence": None,
    "cases": None,
}
"""The cards of an internal map: none."""


def _meta(run: RunTables, lang: Lang) -> dict[str, Any]:
    project = run.manifest.get("project", {})
    rules = run.rules
    words = page_words(lang)
    words |= {key: sentence(f"map_public.{key}")[lang] for key in _WORDS}
    return {
        "lang": lang,
        "audience": "public",
        "project": str(project.get("name", "")),
        "year": project.get("year"),
        "as_of": str(project.get("as_of", "")),
        "run_id": "",
        "rules": rules.title_zh if lang == "zh" else rules.title_en,
        "rules_version": f"{rules.name} {rules.version}",
        **{name: [] for name in ("indicators", "figures")},
        **{name: {} for name in ("benchmarks", "cohorts", "flips", "distributions")},
        "partial": True,
        "served": False,
        "ledger": False,
        "mark": text("map_public.mark", lang),
        "about": [text("map_public.notice", lang)],
        "words": words,
    }


def _measures(run: RunTables, plots: PublicPlots, options: MapOptions) -> list[dict[str, Any]]:
    """Bands of the chosen indicators (all without a choice) and of the score."""
    lang = options.lang
    titles = {
        one.key: one.title_zh if lang == "zh" else one.title_en for one in run.rules.indicators
    }
    chosen = options.indicators or tuple(titles)
    titles[SCORE] = text("map.score", lang)
    found = []
    for key in (*chosen, SCORE):
        if key not in plots.bands:
            continue
        n = int(plots.bands[key].max())
        ends = [float(k) for k in range(1, n + 1)]
        breaks = {"quantile": ends, "natural": ends}
        labels = [text("map_public.band", lang, k=k) for k in range(1, n + 1)]
        labels[0] = text("map_public.band_lowest", lang)
        labels[-1] = text("map_public.band_highest", lang, n=n)
        one = {"key": key, "title": titles[key], "unit": "", "breaks": breaks, "labels": labels}
        found.append(one)
    return found


def _plots_block(
    ids: list[str],
    classes: list[int],
    park: dict[str, list[object]],
    mu: NDArray[np.int64],
    division: dict[str, list[object]],
    values: dict[str, list[int | None]],
) -> dict[str, Any]:
    area = mu.tolist()
    return {
        "id": ids,
        "class": classes,
        "park": park,
        "state": texts(pd.Series([""] * len(ids), dtype="object")),
        "mu": area,
        "flagged_mu": area,
        "low": [],
        "idle": [],
        "revitalised": None,
        "accepted": None,
        "division": division,
        "values": values,
        "others": {"plot": [], "division": _EMPTY, "values": {key: [] for key in values}},
    }


def _areas(run: RunTables, plots: PublicPlots, options: MapOptions) -> dict[str, Any]:
    """Outlines of the parks that are named, rounded; land grades bear prices and are left out."""
    areas = run.areas
    named_here = set(plots.park.tolist()) - {"", OTHER}
    kept = areas[(areas["kind"] == "park") & areas["name"].isin(named_here)].copy()
    shape = np.asarray(kept["geometry"], dtype=object)
    if len(kept):
        kept["geometry"] = rounded(shape, run.crs, _settings(options).round_metres)
    # whatever the run holds of a park: prices do not leave
    kept = kept.assign(benchmark_price_yuan_per_m2=np.nan)
    return areas_block(dataclasses.replace(run, areas=kept.reset_index(drop=True)), options.lang)


def _settings(options: MapOptions) -> PublicSettings:
    settings: PublicSettings = options.public or PublicSettings()
    return settings


def _drawn(look: Look, lang: Lang) -> dict[str, Any]:
    own = {"label": text("map_public.withheld", lang)} if look.key == WITHHELD else {}
    return {**drawn(look, lang), **own}


def _share_looks(lang: Lang) -> dict[int, dict[str, Any]]:
    """Looks of the bands of flagged land; -1 is a unit of which nothing is shown."""
    found = {-1: {**drawn(_HIDDEN, lang), "label": text("map_public.share_unknown", lang)}}
    for place, shade in enumerate(_SHADES):
        low, high = f"{100 * SHARES[place - 1]:g}", f"{100 * SHARES[place]:g}"
        kind = "share_to" if place < len(SHARES) - 1 else "share_above"
        label = text(f"map_public.{kind}" if place else "map_public.share_none", lang,
                     low=low, high=high)  # fmt: skip
        look = Look(f"share{place}", shade, "#5b3a1a", 1.2, flagged=place > 0)
        found[place] = {**drawn(look, lang), "label": label}
    return found


def _unit_name(name: object, number: int, options: MapOptions) -> str:
    if name == OTHER:
        return text("map_public.other_units", options.lang)
    if _settings(options).merge == "park":
        return str(name) or text("map_public.no_park", options.lang)
    return text("map_public.square", options.lang, n=number)


def _parks(park: NDArray[np.object_], lang: Lang) -> dict[str, list[object]]:
    other = text("map_public.other_park", lang)
    return texts(pd.Series(park, dtype="object").replace(OTHER, other))


def _or_none(band: NDArray[np.int64]) -> list[int | None]:
    assert band.max() <= BANDS
    return [int(one) if one else None for one in band]


def _sum(mu: NDArray[np.int64], where: NDArray[np.bool_]) -> dict[str, Any]:
    return {"count": int(where.sum()), "mu": int(mu[where].sum())}
