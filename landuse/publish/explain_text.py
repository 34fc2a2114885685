"""A trace in sentences, with the arithmetic of every step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, Final

from landuse.messages import Lang, text
from landuse.publish import words
from landuse.publish.explain_idle import idle_lines

__all__ = ["enterprise_lines", "parcel_lines"]

_PLACES: Final = 6
Record = dict[str, Any]


def enterprise_lines(trace: Record, pack: Record, lang: Lang) -> list[str]:
    """The trace of an enterprise (:class:`landuse.publish.explain.Explanation`)."""
    say = _sayer(lang)
    unit = trace["unit"]
    status = words.word("status", unit["status"], lang)
    lines = [say("head_enterprise", name=unit["name"], key=trace["key"], status=status)]
    if unit["reason"]:
        lines.append(say("because", reason=words.reason(unit["reason"], lang)))
    lines += [_run(trace["run"], lang), say("suspect_only")]
    if trace["members"]:
        names = "、".join(f"{one['name']}（{one['uscc']}）" for one in trace["members"])
        lines.append(say("unit_of", names=names, unit_id=unit["unit_id"]))
    lines += ["", say("part_rows"), *_indented(_rows(trace, lang))]
    lines += ["", say("part_land"), *_indented(_land(trace, pack, lang))]
    found = [one for one in trace["contracts"] if one["finding"]]
    if found:
        idle = idle_lines({**trace, "contracts": found}, pack, lang)
        lines += ["", say("part_idle"), *_indented(idle)]
    elif not trace["run"]["idle_examined"]:
        lines += ["", say("part_idle"), f"  {say('idle_not_examined')}"]
    lines += ["", say("part_indicators"), *_indented(_indicators(trace, pack, lang))]
    lines += ["", say("part_rank"), *_indented(_rank(unit, pack, lang))]
    return lines


def parcel_lines(trace: Record, pack: Record, lang: Lang) -> list[str]:
    """The trace of a parcel: its area, price and users."""
    say = _sayer(lang)
    parcel = trace["parcels"][0]
    status = words.word("class", parcel["land_class"], lang)
    lines = [say("head_parcel", key=trace["key"], status=status)]
    lines += [_run(trace["run"], lang), say("suspect_only"), "", say("part_rows")]
    lines += _indented(_rows(trace, lang))
    about = {"holder": "holder", "use": "land_use_code", "park": "park", "township": "township"}
    shown = {name: parcel[column] or "—" for name, column in about.items()}
    area = [say("parcel_about", **shown), _parcel_area(parcel, lang)]
    area.append(
        say(
            "parcel_use",
            used=_n(parcel["used_area_mu"]),
            unused=_n(parcel["unused_area_mu"]),
            area=_n(parcel["accounting_area_mu"]),
        )
    )
    if parcel["is_low_efficiency"]:
        area.append(say("parcel_flag", area=_n(parcel["flagged_area_mu"])))
    lines += ["", say("part_area"), *_indented(area)]
    lines += ["", say("part_price"), *_indented(_price(trace, parcel, None, pack, lang))]
    lines += ["", say("part_users"), *_indented(_users(trace, lang))]
    if trace["contracts"] or trace["evidence"]:
        lines += ["", say("part_idle"), *_indented(idle_lines(trace, pack, lang))]
    elif not trace["run"]["idle_examined"]:
        lines += ["", say("part_idle"), f"  {say('idle_not_examined')}"]
    return lines


def _sayer(lang: Lang) -> Callable[..., str]:
    def say(name: str, /, **values: object) -> str:
        return text(f"explain.{name}", lang, **values)

    return say


def _n(value: float | None, places: int = _PLACES) -> str:
    return words.number(value, places)


def _indented(lines: Iterator[str] | list[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _run(run: Record, lang: Lang) -> str:
    return text(
        "explain.run",
        lang,
        run_id=run["run_id"],
        as_of=run["as_of"],
        year=run["year"],
        pack=run["pack"],
        version=run["pack_version"],
        title=run[f"title_{lang}"],
        program=run["landuse"],
    )


def _place(record: Record, lang: Lang) -> str:
    file, sheet, row = (record[f"source_{name}"] for name in ("file", "sheet", "row"))
    kind = "place_sheet" if sheet else "place_row"
    return text(f"explain.{kind}", lang, file=file, sheet=sheet, row=row)


def _rows(trace: Record, lang: Lang) -> list[str]:
    rows = [
        text(
            "explain.row",
            lang,
            table=words.word("table", one["table"], lang),
            year=f" {one['year']}" if one["year"] else "",
            place=_place(one, lang),
            columns=one["columns"],
        )
        for one in trace["rows"]
    ]
    return rows or [text("explain.no_rows", lang)]


def _land(trace: Record, pack: Record, lang: Lang) -> Iterator[str]:
    say = _sayer(lang)
    links = trace["links"]
    if not links:
        yield say("no_land")
        return
    parcels = {one["parcel_id"]: one for one in trace["parcels"]}
    several = len({one["uscc"] for one in links}) > 1
    for link in links:
        who = say("who", name=link["name"]) if several else ""
        yield say("link", parcel=link["parcel_id"], who=who, **_evidence(link, lang))
        parcel = parcels.get(link["parcel_id"])
        if parcel:
            yield f"  {_parcel_area(parcel, lang)}"
            yield from _indented(_price(trace, parcel, link, pack, lang))
        if not link["counted"]:
            yield f"  {_why_not_counted(link, lang)}"
    counted = [one for one in links if one["counted"]]
    unit = trace["unit"]
    if counted and unit["area_mu"]:
        yield say("area_sum", sum=_sum(counted, "area_mu"), area=_n(unit["area_mu"]))
        if unit["adjusted_area_mu"] is not None and pack["coefficient"] != "none":
            yield say(
                "adjusted_sum",
                sum=_sum(counted, "adjusted_area_mu"),
                adjusted=_n(unit["adjusted_area_mu"]),
                area=_n(unit["area_mu"]),
                k=_n(unit["price_coefficient"]),
            )


def _sum(records: list[Record], name: str) -> str:
    return " + ".join(_n(one[name]) for one in records)


def _evidence(link: Record, lang: Lang) -> dict[str, str]:
    return {
        "area": _n(link["area_mu"]),
        "rule": words.word("area_rule", link["area_rule"], lang),
        "evidence": words.word("evidence", link["evidence"], lang),
        "certainty": words.word("certainty", link["certainty"], lang),
        "place": _place(link, lang),
    }


def _why_not_counted(link: Record, lang: Lang) -> str:
    if not link["in_scope"]:
        return text("explain.not_counted_scope", lang)
    building = "not_counted_building" if link["under_construction"] else "not_counted"
    return text(f"explain.{building}", lang)


def _parcel_area(parcel: Record, lang: Lang) -> str:
    return text(
        "explain.parcel_area",
        lang,
        area=_n(parcel["accounting_area_mu"]),
        source=words.word("area_source", parcel["area_source"], lang),
        registered=_n(parcel["registered_area_mu"]),
        geometry=_n(parcel["geometry_area_mu"]),
    )


def _price(
    trace: Record, parcel: Record, link: Record | None, pack: Record, lang: Lang
) -> Iterator[str]:
    """Where the price of a parcel comes from, and what it makes of the area of ``link``."""
    say = _sayer(lang)
    price, k = parcel["benchmark_price_yuan_per_m2"], parcel["price_coefficient"]
    values = {"price": _n(price), "reference": _n(trace["run"]["reference_price_yuan_per_m2"])}
    values["k"] = _n(k)
    if link is not None:
        values |= {"area": _n(link["area_mu"]), "adjusted": _n(link["adjusted_area_mu"])}
    if pack["coefficient"] == "none":
        yield say("no_price" if price is None else "price_only", price=_n(price))
    elif k is None:
        yield say("no_price")
    elif pack["grade_coefficients"] and link is not None:
        yield say("price_grade", **values)
    else:
        yield say("price" if link is not None else "price_k", **values)
    is_own = parcel["price_source"] == "parcel"
    parts = [one for one in trace["price_parts"] if one["parcel_id"] == parcel["parcel_id"]]
    if is_own and parts:
        yield "  " + say("price_own")
    for one in parts:
        zone = _n(one["benchmark_price_yuan_per_m2"])
        yield "  " + say(
            "price_part", grade=one["grade"], price=zone, overlap=_n(one["overlap_m2"])
        )
    if len(parts) > 1 and price is not None and not is_own:
        yield "  " + say("price_mean", sum=_weighted(parts), price=_n(price))


def _weighted(parts: list[Record]) -> str:
    price, overlap = "benchmark_price_yuan_per_m2", "overlap_m2"
    priced = [one for one in parts if one[price] is not None]
    top = " + ".join(f"{_n(one[price])} × {_n(one[overlap])}" for one in priced)
    return f"({top}) ÷ ({_sum(priced, overlap)})"


def _indicators(trace: Record, pack: Record, lang: Lang) -> Iterator[str]:
    say = _sayer(lang)
    if not trace["indicators"]:
        yield say("no_indicators")
        return
    known = {one["key"]: one for one in pack["indicators"]}
    figures = {one["key"]: one for one in pack["figures"]}
    for one in trace["indicators"]:
        yield _raw(one, known[one["indicator"]], figures, lang)
        yield from _indented(_parts(one, known[one["indicator"]], trace["unit"], pack, lang))
    unit = trace["unit"]
    parts = " + ".join(_n(one["part"]) for one in trace["indicators"])
    if unit["score"] is not None:
        by_k = pack["coefficient"] == "score"
        yield say(
            "score_k" if by_k else "score",
            sum=parts,
            score=_n(unit["score"]),
            k=_n(unit["price_coefficient"]),
        )


def _raw(one: Record, known: Record, figures: Record, lang: Lang) -> str:
    title = known[f"title_{lang}"]
    if one["raw"] is None:
        return text("explain.raw_missing", lang, title=title)
    land = {"unit": "mu", f"title_{lang}": text("explain.land_word", lang)}
    top, bottom = figures[known["numerator"]], figures.get(known["denominator"], land)
    heads = {
        f"{name}_head": words.labelled(one[f"title_{lang}"], one["unit"], lang)
        for name, one in (("top", top), ("bottom", bottom))
    }
    units = {
        f"{name}_unit": f" {said}" if (said := words.unit(one["unit"], lang)) else ""
        for name, one in (("top", top), ("bottom", bottom))
    }
    return text(
        "explain.raw",
        lang,
        title=title,
        top=top[f"title_{lang}"],
        numerator=_n(one["numerator"]),
        bottom=bottom[f"title_{lang}"],
        denominator=_n(one["denominator"]),
        **heads,
        **units,
        raw=_n(one["raw"]),
        unit=known[f"unit_{lang}"],
    )


def _parts(one: Record, known: Record, unit: Record, pack: Record, lang: Lang) -> Iterator[str]:
    """From the indicator to its part of the score."""
    say = _sayer(lang)
    if one["imputed"]:
        yield say("imputed", part=_n(one["part"]))
        return
    if known["denominator"] == "land" and pack["coefficient"] == "area" and one["raw"] is not None:
        yield say(
            "adjusted",
            numerator=_n(one["numerator"]),
            denominator=_n(unit["adjusted_area_mu"]),
            adjusted=_n(one["adjusted"]),
            unit=known[f"unit_{lang}"],
        )
    if one["part"] is None:
        return
    weighted = {"weight": _n(one["weight"]), "part": _n(one["part"]), "ratio": _n(one["ratio"])}
    if pack["score_form"] == "minmax":
        yield say("minmax", low=_n(one.get("lowest")), high=_n(one.get("highest")), **weighted)
    elif one["ratio"] is None:
        yield say("no_benchmark", benchmark=_n(one["benchmark"]))
    else:
        compared, benchmark = _n(one["compared"]), _n(one["benchmark"])
        steps = [say("ratio", compared=compared, benchmark=benchmark, ratio=weighted["ratio"])]
        steps += _clamped(one["ratio"], pack["cap"], lang)
        yield words.join([*steps, say("part", **weighted)], lang)


def _clamped(ratio: float, cap: str, lang: Lang) -> list[str]:
    if ratio < 0:
        return [text("explain.clamped_low", lang)]
    if cap != "none" and ratio > Fraction(cap):
        return [text("explain.clamped_high", lang, cap=_n(float(Fraction(cap))))]
    return []


def _rank(unit: Record, pack: Record, lang: Lang) -> Iterator[str]:
    say = _sayer(lang)
    n, quota = unit["cohort_size"], unit["quota"]
    yield say("group", cohort=words.cohort(unit["cohort"], lang), n="—" if n is None else n)
    if unit["status"] == "sample_too_small":
        yield say("too_small", n=n)
    if unit["rank"] is None:
        return
    share = Fraction(pack["share"])
    yield say(
        "quota" if quota else "quota_none",
        share=f"{_n(float(share * 100))} %",
        n=n,
        product=_n(float(share * n)),
        rounding=say(f"rounding_{pack['rounding']}"),
        quota=quota,
        cutoff=_n(unit["cutoff_score"]),
    )
    known = {"rank": unit["rank"], "n": n, "score": _n(unit["score"])}
    if unit["cutoff_score"] is None:
        yield say("place_only", **known)
    else:
        yield say("place", cutoff=_n(unit["cutoff_score"]), margin=_n(unit["margin"]), **known)
    if unit["is_tied"]:
        yield say("tied", ties=say(f"ties_{pack['ties']}"))
    if unit["status"] == "low_efficiency":
        yield say("listed")
    elif unit["reason"] != "spared" and unit["cutoff_score"] is not None and unit["margin"] > 0:
        yield say("not_listed")
    yield from _firm(unit, pack, lang)


def _firm(unit: Record, pack: Record, lang: Lang) -> Iterator[str]:
    said = words.firmness(unit["firmness"], unit["flips_under"], lang)
    if said:
        yield text("explain.firm", lang, words=said, value=_n(unit["firmness"], 4))
    titles = {one["key"]: str(one[f"title_{lang}"]) for one in pack["indicators"]}
    flips = [words.test(code, titles.get, lang) for code in words.tests(unit["flips_under"])]
    if flips:
        yield text("explain.flips", lang, words=words.join(flips, lang))


def _users(trace: Record, lang: Lang) -> Iterator[str]:
    say = _sayer(lang)
    units = {one["uscc"]: one for one in trace["units"]}
    if not trace["links"]:
        yield words.word("class", "no_enterprise", lang)
    for link in trace["links"]:
        name = link["name"] or say("unknown_user")
        line = say("link_user", name=name, uscc=link["uscc"], **_evidence(link, lang))
        unit = units.get(link["uscc"])
        status = words.word("status", unit["status"], lang) if unit else ""
        yield f"{line} → {status}" if status else line
        if not link["counted"]:
            yield f"  {_why_not_counted(link, lang)}"
