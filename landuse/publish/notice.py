"""What is shown to enterprises and put up in public, read from a run folder: nothing about money.

The area check list before grading (企业用地面积核对表), the publication list (公示名单), and one
page a firm. Everything is preliminary: only an authority decides, by its own procedure.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.messages import Lang, text
from landuse.publish import words
from landuse.publish.explain import explain
from landuse.publish.reader import RunFolder, open_run
from landuse.schema.industries import division_label

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["KINDS", "FirmPage", "Notice", "Term", "area_list", "firm_pages", "publication_list"]

KINDS: Final = ("area", "list", "firm")
_SEVERAL: Final = "、"


@dataclass(frozen=True, slots=True)
class Term:
    """From when until when, and where to object; what is not given is left blank to fill in."""

    first: dt.date | None = None
    last: dt.date | None = None
    office: str = ""
    contact: str = ""

    @property
    def days(self) -> int | None:
        """Days of the term, both ends counted."""
        if self.first is None or self.last is None:
            return None
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Notice:
    """A list: its title, the lines above and below, headings with widths, rows."""

    kind: str
    title: str
    above: Sequence[str]
    below: Sequence[str]
    heads: Sequence[tuple[str, float]]
    rows: Sequence[Sequence[str | int | float | None]]
    day: dt.date


@dataclass(frozen=True)
class FirmPage:
    """One page: what a run says of one firm. ``tables`` are headings and rows."""

    title: str
    lines: Sequence[str]
    tables: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = field(
        default_factory=tuple
    )
    below: Sequence[str] = ()


def _say(name: str, lang: Lang, /, **values: object) -> str:
    return text(f"notice.{name}", lang, **values)


def _facts(run: RunFolder, lang: Lang) -> dict[str, object]:
    manifest = run.manifest
    return {
        "project": manifest["project"]["name"],
        "year": manifest["project"]["year"],
        "as_of": manifest["project"]["as_of"],
        "pack": manifest["rules"][f"title_{lang}"],
        "run": manifest["run_id"],
    }


def _term(term: Term, lang: Lang) -> dict[str, object]:
    blank = _say("blank", lang)

    def day(value: dt.date | None) -> str:
        return _say("day", lang, y=value.year, m=value.month, d=value.day) if value else blank

    return {
        "first": day(term.first),
        "last": day(term.last),
        "days": term.days if term.days is not None else blank,
        "office": term.office or blank,
        "contact": term.contact or blank,
    }


def _day(run: RunFolder) -> dt.date:
    return dt.date.fromisoformat(run.manifest["project"]["as_of"])


def area_list(folder: Path, term: Term, *, lang: Lang = "zh") -> Notice:
    """The land of every enterprise, for it to check before grading; also who has none.

    Raises :class:`landuse.errors.UserError` if ``folder`` is no run folder.
    """
    run = open_run(folder)
    facts = {**_facts(run, lang), **_term(term, lang)}
    heads = [
        ("seq", 5), ("name", 26), ("uscc", 20), ("park", 13), ("parcel", 21), ("parcel_mu", 10),
        ("relation", 7), ("mu", 11), ("rule", 24), ("counted", 7), ("total_mu", 11),
        ("opinion", 20), ("seal", 18),
    ]  # fmt: skip
    return Notice(
        "area",
        _say("title_area", lang, **facts),
        [_say(f"area_{n}", lang, **facts) for n in ("intro", "term")],
        [_say("area_foot", lang, **facts)],
        [(_say(f"head_{name}", lang), width) for name, width in heads],
        list(_area_rows(run, lang)),
        _day(run),
    )


def _area_rows(run: RunFolder, lang: Lang) -> Iterator[list[str | int | float | None]]:
    """One row an enterprise and parcel; the enterprise's total stands in its first row."""
    units = run.table("units", columns=["uscc", "name"])
    links = run.table("links")
    parcels = run.table("parcels", columns=["parcel_id", "accounting_area_mu", "park"])
    known = {
        str(parcel): (float(mu), str(park)) for parcel, mu, park in parcels.itertuples(index=False)
    }
    by_firm: dict[str, list[dict[str, Any]]] = {}
    for record in links.to_dict("records"):
        row = {str(name): value for name, value in record.items()}
        by_firm.setdefault(str(row["uscc"]), []).append(row)
    names = dict(zip(units["uscc"], units["name"], strict=True))
    for code, rows in by_firm.items():
        names.setdefault(code, str(rows[0]["name"]))
    for number, code in enumerate(sorted(names, key=lambda one: (names[one], one)), 1):
        own = sorted(by_firm.get(code, []), key=lambda link: link["parcel_id"])
        if not own:
            nothing = _say("no_land", lang)
            yield [number, names[code], code, "", nothing, None, "", None, "", "", 0.0, None, None]
        counted = math.fsum(link["area_mu"] for link in own if link["counted"])
        for place, link in enumerate(own):
            mu, park = known.get(str(link["parcel_id"]), (None, ""))
            first = place == 0
            yield [
                number if first else None,
                names[code],
                code,
                park,
                str(link["parcel_id"]),
                mu,
                words.word("relation", str(link["relation"]), lang),
                float(link["area_mu"]),
                words.word("area_rule", str(link["area_rule"]), lang),
                words.yes_no(link["counted"], lang),
                counted if first else None,
                None,
                None,
            ]


def publication_list(folder: Path, term: Term, *, lang: Lang = "zh") -> Notice:
    """The enterprises that a run proposes, to be put up in public.

    Raises :class:`landuse.errors.UserError` if ``folder`` is no run folder.
    """
    run = open_run(folder)
    rows = list(_listed_rows(run, lang))
    mu = math.fsum(float(row[-2] or 0) for row in rows)
    facts = {**_facts(run, lang), **_term(term, lang), "n": len(rows), "mu": f"{mu:,.2f}"}
    heads = [
        ("seq", 5), ("name", 32), ("uscc", 20), ("industry", 24), ("park", 16), ("parcels", 26),
        ("listed_mu", 13), ("result", 22),
    ]  # fmt: skip
    return Notice(
        "list",
        _say("title_list", lang, **facts),
        [_say(f"list_{n}", lang, **facts) for n in ("intro", "term", "object")],
        [_say("list_foot", lang, **facts)],
        [(_say(f"head_{name}", lang), width) for name, width in heads],
        rows,
        _day(run),
    )


def _listed_rows(run: RunFolder, lang: Lang) -> Iterator[list[str | int | float | None]]:
    units = _listed(run)
    links = run.table("links", where=("uscc", units["uscc"]))
    counted = links[links["counted"]]
    parks = run.table("parcels", columns=["parcel_id", "park"]).set_index("parcel_id")["park"]
    for place, unit in enumerate(units.to_dict("records"), 1):
        own = sorted(counted.loc[counted["uscc"] == unit["uscc"], "parcel_id"])
        named = dict.fromkeys(str(parks.get(parcel, "")) for parcel in own)
        division = str(unit["division"])
        yield [
            place,
            str(unit["name"]),
            str(unit["uscc"]),
            division_label(division, lang) if division else "",
            _SEVERAL.join(park for park in named if park),
            _SEVERAL.join(own),
            float(unit["area_mu"]),
            _say("result_listed", lang),
        ]


def _listed(run: RunFolder) -> pd.DataFrame:
    units = run.table("units")
    mine = units[units["status"] == "low_efficiency"]
    return mine.sort_values(["name", "uscc"], ignore_index=True)


def firm_pages(
    folder: Path, term: Term, keys: Sequence[str] = (), *, lang: Lang = "zh"
) -> list[FirmPage]:
    """One page for each of the enterprises ``keys`` (credit codes), else for all that are listed.

    Ranks and ratios, no amounts: a firm knows its own. Raises
    :class:`landuse.errors.UserError` for a key that the run does not know as an enterprise.
    """
    run = open_run(folder)
    wanted = list(keys) or _listed(run)["uscc"].tolist()
    facts = {**_facts(run, lang), **_term(term, lang)}
    pages = []
    for key in wanted:
        trace = explain(folder, key, lang)
        if trace.json["kind"] != "enterprise":
            raise UserError.of("notice.not_a_firm", key=key)
        pages.append(_page(trace.json, trace.pack, facts, lang))
    return pages


def _page(
    trace: dict[str, Any], pack: dict[str, Any], facts: dict[str, object], lang: Lang
) -> FirmPage:
    unit = trace["unit"]
    listed = unit["status"] == "low_efficiency"
    result = "result_listed" if listed else "result_not_listed"
    lines = [
        _say("firm_name", lang, name=unit["name"], uscc=trace["key"]),
        _say("firm_intro", lang, **facts),
        _say("firm_result", lang, result=_say(result, lang)),
    ]
    if unit["reason"]:
        lines.append(_say("firm_reason", lang, reason=words.reason(unit["reason"], lang)))
    lines += _rank_lines(unit, pack, lang)
    tables = [_land_table(trace, lang)]
    if trace["indicators"]:
        tables.append(_indicator_table(trace, pack, lang))
    below = [_say(f"firm_{n}", lang, **facts) for n in ("data", "term", "foot", "reply")]
    return FirmPage(_say("title_firm", lang, **facts), lines, tables, below)


def _rank_lines(unit: dict[str, Any], pack: dict[str, Any], lang: Lang) -> Iterator[str]:
    if unit["rank"] is None or unit["cutoff_score"] is None:
        return
    yield _say(
        "firm_rank",
        lang,
        group=words.cohort(unit["cohort"], lang),
        n=unit["cohort_size"],
        rank=unit["rank"],
        quota=unit["quota"],
        score=words.number(unit["score"], 4),
        cutoff=words.number(unit["cutoff_score"], 4),
    )
    titles = {one["key"]: str(one[f"title_{lang}"]) for one in pack["indicators"]}
    flips = [words.test(code, titles.get, lang) for code in words.tests(unit["flips_under"])]
    if flips:
        yield _say("firm_flips", lang, words=words.join(flips, lang))


_Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]


def _land_table(trace: dict[str, Any], lang: Lang) -> _Table:
    areas = {one["parcel_id"]: one["accounting_area_mu"] for one in trace["parcels"]}
    rows = [
        [
            link["parcel_id"],
            words.number(areas.get(link["parcel_id"])),
            words.number(link["area_mu"]),
            words.word("area_rule", link["area_rule"], lang),
            words.yes_no(link["counted"], lang),
        ]
        for link in trace["links"]
        if link["uscc"] == trace["key"]
    ]
    heads = ("parcel", "parcel_mu", "mu", "rule", "counted")
    empty = [[_say("no_land", lang), "", "", "", ""]]
    return _say("firm_land", lang), [_say(f"head_{name}", lang) for name in heads], rows or empty


def _indicator_table(trace: dict[str, Any], pack: dict[str, Any], lang: Lang) -> _Table:
    """Each indicator as a share of its group's benchmark, its weight, its part of the score."""
    known = {one["key"]: one for one in pack["indicators"]}
    rows = []
    for one in trace["indicators"]:
        ratio = one["ratio"]
        rows.append(
            [
                str(known[one["indicator"]][f"title_{lang}"]),
                "—" if ratio is None else f"{words.number(ratio * 100, 1)} %",
                words.number(one["weight"], 4),
                words.number(one["part"], 4),
            ]
        )
    heads = ("indicator", "ratio", "weight", "part")
    return _say("firm_indicators", lang), [_say(f"head_{name}", lang) for name in heads], rows
