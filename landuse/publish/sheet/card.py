"""The card of a plot as sentences: who uses it, why it is listed, what the ledger says."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Final

from landuse.messages import Lang, text
from landuse.publish import words
from landuse.publish.evidence_text import said
from landuse.publish.sheet.facts import Facts, Record

if TYPE_CHECKING:
    from landuse.rules.model import Rules

__all__ = ["case_lines", "contract_lines", "evidence_lines", "identity", "user_lines"]

_CHINA: Final = dt.timedelta(hours=8)
_HISTORY: Final = 4
_M2: Final = 2000 / 3
Line = tuple[str, bool]
"""A sentence, and whether it belongs to the one before."""


def identity(parcel: Record, lang: Lang, *, graded: bool = True) -> list[tuple[str, str]]:
    """Names and values of what the plot is; in a run of idle land alone nothing of its use."""
    park_type = words.word("park_type", parcel["park_type"], lang)
    park = text("sheet.with_note", lang, value=parcel["park"], note=park_type)
    source = words.word("area_source", parcel["area_source"], lang)
    mu = parcel["accounting_area_mu"]
    area = text("sheet.area", lang, mu=_n(mu, 4), m2=_n(mu * _M2), source=source)
    price = "—"
    if parcel["benchmark_price_yuan_per_m2"] is not None:
        price = text(
            "sheet.price", lang, price=_n(parcel["benchmark_price_yuan_per_m2"]),
            k=_n(parcel["price_coefficient"], 4),
        )  # fmt: skip
    values = {
        "holder": parcel["holder"],
        "land_use": parcel["land_use_code"],
        "park": park if parcel["park"] and park_type else parcel["park"],
        "township": parcel["township"],
        "accounting_area": area,
    }
    if graded:
        values |= {
            "used_area": text("sheet.mu", lang, mu=_n(parcel["used_area_mu"], 4)),
            "price_name": price,
            "flagged_area": text("sheet.mu", lang, mu=_n(parcel["flagged_area_mu"], 4)),
        }
    return [(text(f"sheet.{name}", lang), value or "—") for name, value in values.items()]


def user_lines(users: list[Record], facts: Facts, lang: Lang, limit: int) -> list[Line]:
    """Each user of the plot, the main one first, with its result in its group."""
    rules = facts.land.run.rules
    lines: list[Line] = []
    for user in users[:limit]:
        link = facts.links[str(user["parcel_id"]), str(user["uscc"])]
        name = user["name"] or text("sheet.unknown_user", lang)
        relation = words.word("relation", link["relation"], lang)
        code = "sheet.user" if relation else "sheet.user_plain"
        who = {"name": name, "uscc": user["uscc"], "mu": _n(user["area_mu"], 4)}
        lines.append((text(code, lang, **who, relation=relation), False))
        units = facts.units.get(str(user["uscc"]))
        result = _result(units[0], rules, lang) if units else [text("sheet.not_listed", lang)]
        lines += [(one, True) for one in result]
    if len(users) > limit:
        lines.append((text("sheet.more_users", lang, n=len(users) - limit), False))
    return lines


def _result(unit: Record, rules: Rules, lang: Lang) -> list[str]:
    status = words.word("status", unit["status"], lang)
    if unit["rank"] is None:
        reason = words.reason(unit["reason"], lang)
        return [text("sheet.ungraded", lang, status=status, reason=reason or "—")]
    lines = [
        text(
            "sheet.graded", lang, status=status, cohort=words.cohort(unit["cohort"], lang),
            n=unit["cohort_size"], rank=unit["rank"], quota=_n(unit["quota"]),
            score=_n(unit["score"], 4), cutoff=_n(unit["cutoff_score"], 4),
            margin=_n(unit["margin"], 4),
        )
    ]  # fmt: skip
    firm = words.firmness(unit["firmness"], unit["flips_under"], lang)
    flips = words.flips(unit["flips_under"], rules, lang)
    if firm:
        lines.append(text("sheet.firm", lang, firm=firm, flips=flips or text("sheet.none", lang)))
    return lines


def contract_lines(contracts: list[Record], lang: Lang, limit: int) -> list[Line]:
    """The supply contracts with their clocks; those with a finding first."""
    ordered = sorted(contracts, key=lambda one: (not one["finding"], one["contract_no"]))
    lines: list[Line] = []
    for one in ordered[:limit]:
        found = words.idle("finding", one["finding"], lang) if one["finding"] else ""
        status = found or words.idle("land", one["land_status"], lang)
        number = one["contract_no"] or "—"
        lines.append((text("sheet.contract", lang, number=number, status=status), False))
        if one["base_on"] is not None:
            days = {name: _day(one[name]) for name in ("base_on", "one_year_on", "two_years_on")}
            base = words.idle("base", one["base_from"], lang)
            lines.append((text("sheet.clock", lang, base=base, **days), True))
        if one["finding"]:
            cause = words.idle("cause", one["cause"], lang) or text("sheet.cause_blank", lang)
            proposal = words.idle("consequence", one["consequence"], lang) or "—"
            code = "proposal" if one["fee_wan"] is None else "proposal_fee"
            fee = _n(one["fee_wan"], 4)
            proposed = text(f"sheet.{code}", lang, cause=cause, proposal=proposal, fee=fee)
            lines.append((proposed, True))
    if len(contracts) > limit:
        lines.append((text("sheet.more_contracts", lang, n=len(contracts) - limit), False))
    return lines


def case_lines(case: Record, lang: Lang) -> list[Line]:
    """The latest case of the plot and its newest acts."""
    ways = words.join([_coded("way", code, lang) for code in words.tests(case["ways"])], lang)
    head = text(
        "sheet.case", lang, number=case["number"], kind=_coded("kind", case["kind"], lang),
        state=_coded("state", case["state"], lang), revision=case["revision"],
    )  # fmt: skip
    areas = {name: _n(case[f"{name}_mu"], 4) for name in ("case", "disposed", "accepted")}
    land = text("sheet.case_land", lang, remaining=_n(case["remaining_mu"], 4),
                floor=_n(case["accepted_floor_m2"]), **areas)  # fmt: skip
    duty = text(
        "sheet.case_duty", lang, unit=case["responsible_unit"] or "—",
        person=case["responsible_person"] or "—", deadline=_day(case["deadline"]), ways=ways or "—",
    )  # fmt: skip
    lines: list[Line] = [(head, False)]
    if case["last_verdict"]:
        verdict = words.sentence(f"sheet.verdict_{case['last_verdict']}", lang)
        comment = case["last_comment"] or "—"
        lines.append((text("sheet.last_verdict", lang, verdict=verdict, comment=comment), True))
    lines += [(land, True), (duty, True)]
    for act in json.loads(case["history_json"] or "[]")[:_HISTORY]:
        what = str(act[f"text_{lang}"])
        lines.append((text("sheet.act", lang, day=_act_day(act), by=act["by"], what=what), True))
    return lines


def evidence_lines(evidence: list[Record], lang: Lang) -> list[str]:
    """What each image says."""
    return [said(_floats(one), lang) for one in sorted(evidence, key=lambda one: one["label"])]


def _floats(one: Record) -> Record:
    return {**one, "value": float("nan") if one["value"] is None else one["value"]}


def _coded(kind: str, code: str, lang: Lang) -> str:
    return words.sentence(f"ledger_cases.{kind}_{code}", lang)


def _n(value: Any, places: int = 2) -> str:  # noqa: ANN401 - a cell
    return words.number(None if value is None else float(value), places)


def _day(value: Any) -> str:  # noqa: ANN401 - a cell: a date, a time stamp or nothing
    return "—" if value is None else f"{value:%Y-%m-%d}"


def _act_day(act: Record) -> str:
    """The day of an act in China; the ledger writes times in UTC."""
    try:
        at = dt.datetime.fromisoformat(str(act["at"]))
    except ValueError:
        return str(act["at"])
    return f"{at.astimezone(dt.timezone(_CHINA)) if at.tzinfo else at + _CHINA:%Y-%m-%d}"
