"""The trace of a supply contract in sentences: its clock, its ratios, what is proposed."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

from landuse.exact import below
from landuse.messages import Lang, text
from landuse.publish import words
from landuse.publish.evidence_text import said
from landuse.units import exact_micro

__all__ = ["contract_lines", "idle_lines"]

Record = dict[str, Any]
_DATES: Final = (
    *("agreed_delivery", "delivered_on", "agreed_start", "extended_start", "actual_start"),
    *("agreed_completion", "completed_on", "suspended_since"),
)
_RATIOS: Final = {
    "area": ("area_started_m2", "area_to_start_m2", "area_started_share", "idle_area_share"),
    "money": (
        *("invested_wan", "total_investment_wan", "invested_share"),
        "idle_investment_share",
    ),
}


def contract_lines(trace: Record, pack: Record, lang: Lang) -> list[str]:
    """The trace of a contract (:class:`landuse.publish.explain.Explanation`)."""
    status = words.join(list(dict.fromkeys(_said(one, lang) for one in trace["contracts"])), lang)
    head = text("explain.head_contract", lang, key=trace["key"], status=status)
    run = trace["run"]
    about = text(
        "explain.run", lang, title=run[f"title_{lang}"], version=run["pack_version"],
        program=run["landuse"], **{name: run[name] for name in ("run_id", "as_of", "year", "pack")},
    )  # fmt: skip
    lines = [head, about, text("explain.suspect_idle", lang), "", text("explain.part_idle", lang)]
    return lines + [f"  {line}" for line in idle_lines(trace, pack, lang)]


def idle_lines(trace: Record, pack: Record, lang: Lang) -> list[str]:
    """What a run says of the supply contracts of a trace, each with its arithmetic."""
    lines: list[str] = []
    if trace["kind"] == "parcel" and trace["contracts"]:
        status = words.idle("land", trace["parcels"][0]["land_status"], lang)
        lines.append(text("explain.parcel_land_status", lang, status=status))
    for one in trace["contracts"]:
        lines.append(_head(one, lang))
        lines += [f"  {line}" for line in _contract(one, trace["run"]["as_of"], pack, lang)]
    about = {one["parcel_id"] for one in trace["contracts"]} or {trace["key"]}
    for one in trace["evidence"]:
        if one["parcel_id"] in about:
            phrase = said(one, lang)
            lines.append(text("evidence.of_parcel", lang, parcel=one["parcel_id"], said=phrase))
    return lines


def _said(one: Record, lang: Lang) -> str:
    if one["finding"]:
        return words.idle("finding", one["finding"], lang)
    return words.idle("land", one["land_status"], lang)


def _n(value: float | None) -> str:
    return words.number(value, 6)


def _head(one: Record, lang: Lang) -> str:
    kind = "place_sheet" if one["source_sheet"] else "place_row"
    place = {name: one[f"source_{name}"] for name in ("file", "sheet", "row")}
    return text(
        "explain.contract",
        lang,
        contract=one["contract_no"] or "—",
        parcel=one["parcel_id"] or "—",
        holder=one["holder"] or "—",
        area=_n(one["area_mu"]),
        price=_n(one["price_wan"]),
        place=text(f"explain.{kind}", lang, **place),
    )


def _contract(one: Record, as_of: str, pack: Record, lang: Lang) -> Iterator[str]:
    def say(name: str, **values: object) -> str:
        return text(f"explain.{name}", lang, **values)

    yield say("contract_dates", **{name: one[name] or "—" for name in _DATES})
    if one["base_on"]:
        full = (as_of >= one["one_year_on"]) + (as_of >= one["two_years_on"])
        yield say(
            "idle_clock",
            as_of=as_of,
            full=say(f"idle_full_{full}"),
            base_from=words.idle("base", one["base_from"], lang),
            **{name: one[name] for name in ("base_on", "one_year_on", "two_years_on")},
        )
        if one["days_to_next"] is not None:
            yield say("idle_days", days=one["days_to_next"])
    if one["base_from"] == "suspended":
        for kind in _RATIOS:
            yield _ratio(one, kind, pack, lang)
    if one["finding"]:
        yield say("idle_finding", finding=words.idle("finding", one["finding"], lang))
    else:
        yield say("idle_no_finding", status=words.idle("land", one["land_status"], lang))
    yield from _proposal(one, pack, lang)
    for name, kind in (("missing", "name"), ("remarks", "remark")):
        if one[name]:
            yield say(f"idle_{name}", **{name: words.idle_list(kind, one[name], lang)})


def _ratio(one: Record, kind: str, pack: Record, lang: Lang) -> str:
    """One ratio against its line, compared as exactly as the finding was."""
    part, whole, share, rule = _RATIOS[kind]
    if one[share] is None or one[part] < 0:
        verdict = "idle_no_ratio"
    else:
        short = below(exact_micro(one[part]), exact_micro(one[whole]), Fraction(pack[rule]))
        verdict = "idle_below" if short else "idle_not_below"
    return text(
        f"explain.idle_ratio_{kind}",
        lang,
        part=_n(one[part]),
        whole=_n(one[whole]),
        ratio=_n(one[share]),
        line=pack[rule],
        verdict=text(f"explain.{verdict}", lang),
    )


def _proposal(one: Record, pack: Record, lang: Lang) -> Iterator[str]:
    if one["finding"] not in {"not_started", "stalled"}:
        return
    if one["late_delivery"]:
        dates = {name: one[name] or "—" for name in _DATES[:3]}
        yield text("explain.idle_late", lang, **dates)
    if not one["consequence"]:
        yield text("explain.idle_no_cause", lang)
        return
    cause = words.idle("cause", one["cause"], lang) or "—"
    consequence = words.idle("consequence", one["consequence"], lang)
    yield text("explain.idle_cause", lang, cause=cause, consequence=consequence)
    if one["fee_wan"] is not None:
        share = Fraction(pack["idle_fee_share"])
        product = float(Fraction(exact_micro(one["price_wan"])) * share) / 1e6
        yield text(
            "explain.idle_fee",
            lang,
            price=_n(one["price_wan"]),
            share=f"{_n(float(share * 100))} %",
            product=_n(product),
            fee=_n(one["fee_wan"]),
        )
