"""The card of one plot in words: where it is, who uses it, why it is or is not flagged.

Takes the tables of a run; gives what a page shows, in the sentences of the map. Computes nothing
but the middle value of a cohort, which no table has.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from landuse.messages import Lang, text
from landuse.publish import words
from landuse.publish.evidence_text import said as evidence_said
from landuse.publish.map.distribution import distributions
from landuse.publish.plot_card_idle import ContractCard, contract_cards
from landuse.publish.spread import spread_svg
from landuse.schema.plot_filter import SCORE

if TYPE_CHECKING:
    from landuse.publish.run_tables import RunTables

__all__ = ["Fact", "Measured", "PlotCard", "Spreads", "UserCard", "plot_card", "spreads"]

Spreads = dict[str, dict[str, dict[str, Any]]]
"""Cohort → indicator (or score) → its distribution (``landuse.publish.map.distribution``)."""
_NUMBER = words.number


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what is said; ``sensitive``: the presenter's view hides it."""

    label: str
    value: str
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """One indicator of a user: as it is, as it was compared, and what it stands against.

    ``picture`` is an SVG of its place among its cohort, or blank.
    """

    title: str
    unit: str
    raw: str
    compared: str
    median: str
    benchmark: str
    weight: str
    picture: str


@dataclass(frozen=True, slots=True)
class UserCard:
    """An enterprise on the plot: what it is, why it is flagged, how firm that is."""

    uscc: str
    name: str
    status: str
    flagged: bool
    why: str
    firm: str
    flips: tuple[str, ...]
    standing: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    measured: tuple[Measured, ...]
    picture: str


@dataclass(frozen=True, slots=True)
class PlotCard:
    """What is known of a plot in one run. ``kind`` is the code of its class."""

    parcel_id: str
    kind: str
    label: str
    why: str
    facts: tuple[Fact, ...]
    users: tuple[UserCard, ...]
    land_status: str
    contracts: tuple[ContractCard, ...]
    evidence: tuple[str, ...]


def spreads(run: RunTables) -> Spreads:
    """The distributions of every cohort of a run; made once for all cards."""
    return distributions(run) if len(run.units) else {}


def plot_card(
    run: RunTables, parcel_id: str, kind: str, spread: Spreads, lang: Lang = "zh"
) -> PlotCard | None:
    """The card of a plot; ``None`` for a code that the run does not have.

    ``kind``: its class with its case looked at (``revitalised``), else that of the run.
    """
    found = run.parcels[run.parcels["parcel_id"] == parcel_id]
    if found.empty:
        return None
    row = found.iloc[0].to_dict()
    idle = run.idle[run.idle["parcel_id"] == parcel_id]
    seen = run.evidence[run.evidence["parcel_id"] == parcel_id]
    return PlotCard(
        parcel_id=parcel_id,
        kind=kind,
        label=words.class_label(kind, lang),
        why=text(f"map.class_why_{kind}", lang),
        facts=_plot_facts(row, lang),
        users=_users(run, parcel_id, spread, lang),
        land_status=words.idle("land", str(row["land_status"]), lang),
        contracts=contract_cards(idle, lang),
        evidence=tuple(evidence_said(one, lang) for one in seen.to_dict("records")),
    )


def _plot_facts(row: dict[Any, Any], lang: Lang) -> tuple[Fact, ...]:
    park_type = words.word("park_type", str(row["park_type"]), lang)
    park = str(row["park"])
    if park and park_type:
        park = text("map.with_note", lang, value=park, note=park_type)
    price = row["benchmark_price_yuan_per_m2"]
    told = [
        ("holder", str(row["holder"])),
        ("park", park),
        ("township", str(row["township"])),
        ("accounting_area", _mu(row["accounting_area_mu"], lang)),
        ("area_source", words.word("area_source", str(row["area_source"]), lang)),
        ("flagged_area", _mu(row["flagged_area_mu"], lang) if row["flagged_area_mu"] else ""),
        ("unused_area", _mu(row["unused_area_mu"], lang) if row["unused_area_mu"] else ""),
        ("price", text("map.price_value", lang, price=_NUMBER(price)) if _known(price) else ""),
        ("coefficient", _figure(row["price_coefficient"], 4)),
        ("scope", "" if row["in_scope"] else text("map.out_of_scope", lang)),
        ("construction", text("map.under_construction", lang) if row["under_construction"] else ""),
    ]
    return tuple(Fact(text(f"map.{name}", lang), said) for name, said in told if said)


def _users(run: RunTables, parcel_id: str, spread: Spreads, lang: Lang) -> tuple[UserCard, ...]:
    links = run.links[run.links["parcel_id"] == parcel_id]
    units = run.units[run.units["uscc"].isin(links["uscc"])]
    known = {str(one["uscc"]): one for one in units.to_dict("records")}
    pairs = [(link, known.get(str(link["uscc"]))) for link in links.to_dict("records")]
    ordered = sorted(pairs, key=lambda pair: (not _flagged(pair[1]), -_area(pair[0]),
                                              str(pair[0]["uscc"])))  # fmt: skip
    return tuple(_user(run, link, unit, spread, lang) for link, unit in ordered)


def _flagged(unit: dict[Any, Any] | None) -> bool:
    return unit is not None and unit["status"] == "low_efficiency"


def _area(link: dict[Any, Any]) -> float:
    return float(link["area_mu"]) if _known(link["area_mu"]) else 0.0


def _user(
    run: RunTables,
    link: dict[Any, Any],
    unit: dict[Any, Any] | None,
    spread: Spreads,
    lang: Lang,
) -> UserCard:
    code, name = str(link["uscc"]), str(link["name"])
    evidence = text(
        "map.with_note",
        lang,
        value=words.word("evidence", str(link["evidence"]), lang),
        note=words.word("certainty", str(link["certainty"]), lang),
    )
    facts = [
        Fact(text("map.uscc", lang), code, sensitive=True),
        Fact(text("map.link_area", lang), _mu(link["area_mu"], lang)),
        Fact(text("map.evidence", lang), evidence),
    ]
    if unit is None:
        status, why = text("map.status_unknown", lang), text("map.why_unknown", lang)
        return UserCard(code, name or code, status, False, why, "", (), (), tuple(facts), (), "")
    facts += _unit_facts(run, unit, lang)
    group = str(unit["cohort"])
    mine = spread.get(group, {})
    picture = ""
    if SCORE in mine and _known(unit["score"]):
        picture = spread_svg(
            mine[SCORE], float(unit["score"]), _or_none(unit["cutoff_score"]), "cutoff", lang
        )
    return UserCard(
        uscc=code,
        name=str(unit["name"]) or code,
        status=words.status_label(str(unit["status"]), lang),
        flagged=_flagged(unit),
        why=_why(unit, lang),
        firm=words.firmness(_or_none(unit["firmness"]), str(unit["flips_under"]), lang),
        flips=_flips(run, unit, lang),
        standing=_standing(unit, mine, lang),
        facts=tuple(one for one in facts if one.value),
        measured=_measured(run, unit, mine, lang),
        picture=picture,
    )


def _unit_facts(run: RunTables, unit: dict[Any, Any], lang: Lang) -> list[Fact]:
    money = []
    for figure in run.rules.figures:
        title = figure.title_zh if lang == "zh" else figure.title_en
        measure = words.unit(figure.unit, lang)
        money.append(Fact(title, f"{_NUMBER(_or_none(unit[figure.column]))} {measure}".strip(),
                          sensitive=True))  # fmt: skip
    return [
        Fact(text("map.industry", lang), words.cohort(str(unit["cohort"]), lang)),
        *money,
        Fact(text("map.grade_class", lang), str(unit["grade_class"])),
    ]


def _why(unit: dict[Any, Any], lang: Lang) -> str:
    """One sentence with the unit's own numbers; the same as on the map's card."""
    status, reason = str(unit["status"]), words.reason(str(unit["reason"]), lang)
    if status in ("exempt", "ungraded"):
        return text(f"map.why_{status}", lang, reason=reason)
    margin = _or_none(unit["margin"])
    side = "none" if margin is None else "below" if margin < 0 else "above" if margin else "at"
    values = {
        "cohort": words.cohort(str(unit["cohort"]), lang),
        "n": _figure(unit["cohort_size"], 0),
        "score": _figure(unit["score"], 6),
        "rank": _figure(unit["rank"], 0),
        "quota": _figure(unit["quota"], 0),
        "cutoff": _figure(unit["cutoff_score"], 6),
        "gap": text(f"map.gap_{side}", lang, margin=_NUMBER(abs(margin or 0.0), 6)),
    }
    sentence = text(f"map.why_{status}", lang, **values)
    if reason and status != "sample_too_small":
        sentence += text("map.why_remark", lang, reason=reason)
    if unit["is_tied"] is True or unit["is_tied"] == True:  # noqa: E712 - a numpy truth too
        sentence += text(f"map.tied_{'in' if status == 'low_efficiency' else 'out'}", lang)
    return sentence


def _flips(run: RunTables, unit: dict[Any, Any], lang: Lang) -> tuple[str, ...]:
    titles = {
        one.key: one.title_zh if lang == "zh" else one.title_en for one in run.rules.indicators
    }
    codes = words.tests(str(unit["flips_under"]))
    return tuple(words.test(code, titles.get, lang) for code in codes)


def _standing(
    unit: dict[Any, Any], mine: dict[str, dict[str, Any]], lang: Lang
) -> tuple[Fact, ...]:
    if not _known(unit["score"]):
        return ()
    place = text("map.rank_of", lang, rank=_figure(unit["rank"], 0),
                 n=_figure(unit["cohort_size"], 0))  # fmt: skip
    told = (
        ("score", _figure(unit["score"], 6)),
        ("spread_median", _figure(mine.get(SCORE, {}).get("median"), 6)),
        ("rank", place),
        ("quota", _figure(unit["quota"], 0)),
        ("cutoff", _figure(unit["cutoff_score"], 6)),
        ("margin", _figure(unit["margin"], 6)),
    )
    return tuple(Fact(text(f"map.{name}", lang), said) for name, said in told if said)


def _measured(
    run: RunTables, unit: dict[Any, Any], mine: dict[str, dict[str, Any]], lang: Lang
) -> tuple[Measured, ...]:
    rows = run.indicators[run.indicators["unit_id"] == unit["unit_id"]]
    compared = {str(one["indicator"]): one for one in rows.to_dict("records")}
    found = []
    for one in run.rules.indicators:
        row = compared.get(one.key)
        own = _or_none(row["compared"]) if row else None
        mark = _or_none(row["benchmark"]) if row else None
        spread = mine.get(one.key)
        zh = lang == "zh"
        found.append(
            Measured(
                title=one.title_zh if zh else one.title_en,
                unit=one.unit_zh if zh else one.unit_en,
                raw=_NUMBER(_or_none(unit[one.key])),
                compared=_NUMBER(own),
                median=_NUMBER(spread["median"] if spread else None),
                benchmark=_NUMBER(mark),
                weight=_NUMBER(float(one.weight)),
                picture=spread_svg(spread, own, mark, "benchmark", lang)
                if spread and own is not None
                else "",
            )
        )
    return tuple(found)


def _known(value: Any) -> bool:  # noqa: ANN401 - a cell of any kind
    try:
        return value is not None and math.isfinite(float(value))
    except (TypeError, ValueError):
        return False


def _or_none(value: Any) -> float | None:  # noqa: ANN401 - a cell of any kind
    return float(value) if _known(value) else None


def _figure(value: Any, digits: int) -> str:  # noqa: ANN401 - a cell of any kind
    return _NUMBER(float(value), digits) if _known(value) else ""


def _mu(value: Any, lang: Lang) -> str:  # noqa: ANN401 - a cell of any kind
    if not _known(value):
        return ""
    mu = float(value)
    return text("map.mu", lang, mu=f"{mu:,.2f}", m2=f"{mu * 2000 / 3:,.0f}")
