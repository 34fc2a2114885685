"""The sheets of the workbook as frames: what a planner reads, line by line."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from landuse.messages import Lang, text
from landuse.publish import words
from landuse.publish.columns import adjusted_columns, raw_columns
from landuse.publish.evidence_text import evidence_sheet
from landuse.publish.idle_sheets import contracts_sheet, idle_sheet
from landuse.publish.run_tables import RunTables
from landuse.publish.sheets import Sheet
from landuse.schema.frame import Column

if TYPE_CHECKING:
    from landuse.rules.model import Indicator

__all__ = ["issues_sheet", "sheets"]

_CODED: Final = {
    "status": "status",
    "land_class": "class",
    "evidence": "evidence",
    "certainty": "certainty",
    "relation": "relation",
    "area_rule": "area_rule",
    "area_source": "area_source",
    "price_source": "price_source",
    "park_type": "park_type",
    "table": "table",
}


def sheets(run: RunTables, lang: Lang) -> Iterable[Sheet]:
    """Every sheet but the summary, in order; made one after another to save memory."""
    if not run.graded:
        yield from _idle_only(run, lang)
        return
    yield _flagged(run, lang)
    if len(run.idle):
        yield idle_sheet(run.idle, run.evidence, lang)
        yield contracts_sheet(run.idle, lang)
    if len(run.evidence):
        yield evidence_sheet(run.evidence, lang)
    yield _units(run, lang)
    yield _parcels(run, lang)
    yield _not_graded(run, lang)
    yield _plain(run, "unmatched_parcels", lang)
    yield _plain(run, "unmatched_enterprises", lang)
    yield _suggestions(run, lang)
    yield issues_sheet(run.issues, lang)
    yield _set_aside(run, lang)
    if len(run.corrections):
        yield _plain(run, "corrections", lang)


def _idle_only(run: RunTables, lang: Lang) -> Iterable[Sheet]:
    """The sheets of a run that looked at idle land alone."""
    yield idle_sheet(run.idle, run.evidence, lang)
    yield contracts_sheet(run.idle, lang)
    if len(run.evidence):
        yield evidence_sheet(run.evidence, lang)
    names = ["parcel_id", "holder", "accounting_area_mu", "land_status", "idle_finding"]
    columns = _pick(run, "parcels", [*names, "park", "township", "land_use_code"])
    frame = _say(run.parcels.drop(columns="geometry"), lang)
    yield Sheet(text("workbook.sheet_parcels", lang), frame, tuple(columns))
    yield issues_sheet(run.issues, lang)
    yield _set_aside(run, lang)
    if len(run.corrections):
        yield _plain(run, "corrections", lang)


def _say(frame: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """``frame`` with the codes of its coded columns put into words."""
    said = {
        name: frame[name].map({code: words.word(kind, code, lang) for code in frame[name].unique()})
        for name, kind in _CODED.items()
        if name in frame.columns
    }
    for name, kind in (("idle_finding", "finding"), ("land_status", "land")):
        if name in frame.columns:
            known = {code: words.idle(kind, code, lang) for code in frame[name].unique()}
            said[name] = frame[name].map(known).astype("str")
    if "cohort" in frame.columns:
        known = {code: words.cohort(code, lang) for code in frame["cohort"].unique()}
        said["cohort"] = frame["cohort"].map(known)
    if "reason" in frame.columns and "status" in frame.columns:
        known = {code: words.reason(code, lang) for code in frame["reason"].unique()}
        said["reason"] = frame["reason"].map(known)
    return frame.assign(**said)


def _own(name: str, lang: Lang, dtype: Any = "text", unit: str = "") -> Column:  # noqa: ANN401
    """A column that only the workbook has; its heading is ``workbook.col_<name>``."""
    label = text(f"workbook.col_{name}", lang)
    return Column(name, dtype, label, label, unit)


def _pick(run: RunTables, table: str, names: Iterable[str]) -> list[Column]:
    known = run.table(table)
    return [known.column(name) for name in names]


def _plain(run: RunTables, name: str, lang: Lang) -> Sheet:
    columns = tuple(column for column in run.table(name) if column.dtype != "geometry")
    return Sheet(text(f"workbook.sheet_{name}", lang), _say(getattr(run, name), lang), columns)


def _flagged(run: RunTables, lang: Lang) -> Sheet:
    """One row a parcel and flagged enterprise on it; the areas add up to the flagged total."""
    units = run.units[run.units["status"] == "low_efficiency"]
    links = run.links[run.links["counted"] & (run.links["area_mu"] > 0)]
    links = links[["parcel_id", "uscc", "area_mu"]].rename(columns={"area_mu": "link_area"})
    about = ["parcel_id", "holder", "accounting_area_mu", "benchmark_price_yuan_per_m2"]
    about += ["park", "township", "land_use_code", "idle_finding"]
    frame = links.merge(units.drop(columns="area_mu"), on="uscc").merge(
        run.parcels[about], on="parcel_id"
    )
    frame = _judged(run, frame, lang).sort_values(["parcel_id", "uscc"], ignore_index=True)
    results = [one.name for one in (*raw_columns(run.rules), *adjusted_columns(run.rules))]
    columns = [  # what a meeting asks for first, the numbers behind it after that
        *_pick(run, "parcels", ["parcel_id"]),
        *_pick(run, "units", ["name", "uscc"]),
        *_pick(run, "parcels", ["holder", "accounting_area_mu"]),
        _own("link_area", lang, "float", "mu"),
        *_pick(run, "units", ["cohort", "score"]),
        _own("rank_of_n", lang),
        *_pick(run, "units", ["cutoff_score", "margin"]),
        *(_own(name, lang) for name in ("why", "firm", "flips")),
        *_pick(run, "parcels", ["idle_finding"] if len(run.idle) else []),
        *_pick(run, "parcels", ["park", "township", "land_use_code"]),
        *_pick(run, "units", ["industry_code", "quota"]),
        *_pick(run, "parcels", ["benchmark_price_yuan_per_m2"]),
        *_pick(run, "units", ["price_coefficient", *results]),
    ]
    name = text("workbook.sheet_flagged", lang)
    return Sheet(name, _say(frame, lang), tuple(columns), long=frozenset({"why"}))


def _judged(run: RunTables, frame: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """``frame`` of ranked units with rank of n, firmness, flips and the reason in words."""
    short = _shortfalls(run, set(frame["unit_id"]), lang)
    why = [
        _why(row, short.get(row["unit_id"], ""), lang)
        for row in frame[
            ["unit_id", "cohort", "cohort_size", "score", "rank", "quota", "cutoff_score"]
        ].to_dict("records")
    ]
    return frame.assign(why=why, **_firm(run, frame, lang)).astype({"why": "str"})


def _firm(run: RunTables, frame: pd.DataFrame, lang: Lang) -> dict[str, pd.Series[Any]]:
    known = {code: words.flips(code, run.rules, lang) for code in frame["flips_under"].unique()}
    pairs = list(zip(frame["firmness"].tolist(), frame["flips_under"].tolist(), strict=True))
    said = {pair: words.firmness(*pair, lang) for pair in set(pairs)}
    firm = [said[pair] for pair in pairs]
    rank = frame["rank"].astype("str").str.cat(frame["cohort_size"].astype("str"), sep=" / ")
    return {
        "firm": pd.Series(firm, index=frame.index, dtype="str"),
        "flips": frame["flips_under"].map(known).astype("str"),
        "rank_of_n": rank.where(frame["rank"].notna(), "").astype("str"),
    }


def _why(row: dict[Any, Any], short: str, lang: Lang) -> str:
    first = text(
        "workbook.why_rank",
        lang,
        cohort=words.cohort(row["cohort"], lang),
        n=row["cohort_size"],
        score=words.number(row["score"], 6),
        rank=row["rank"],
        quota=row["quota"],
        cutoff=words.number(row["cutoff_score"], 6),
    )
    joint = "" if lang == "zh" else " "
    return first + (joint + text("workbook.why_short", lang, items=short) if short else "")


def _shortfalls(run: RunTables, wanted: set[str], lang: Lang) -> dict[str, str]:
    """For each unit its indicators below the benchmark, the worst first."""
    parts = run.indicators[run.indicators["unit_id"].isin(wanted)]
    below = parts[(parts["compared"] < parts["benchmark"]) & (parts["benchmark"] > 0)]
    below = below.assign(share=below["compared"] / below["benchmark"])
    below = below.sort_values(["unit_id", "share", "indicator"])
    known = {one.key: one for one in run.rules.indicators}
    found: dict[str, list[str]] = {}
    for unit_id, key, compared, raw, benchmark, share in below[
        ["unit_id", "indicator", "compared", "raw", "benchmark", "share"]
    ].itertuples(index=False):
        if key in known:
            corrected = known[key].on_land and compared != raw
            said = _shortfall(known[key], corrected, compared, benchmark, share, lang)
            found.setdefault(unit_id, []).append(said)
    return {unit_id: words.join(said, lang) for unit_id, said in found.items()}


def _shortfall(
    one: Indicator, corrected: bool, value: float, benchmark: float, share: float, lang: Lang
) -> str:
    title = one.title_zh if lang == "zh" else one.title_en
    return text(
        "workbook.why_item",
        lang,
        title=text("workbook.why_adjusted", lang, title=title) if corrected else title,
        value=words.number(value),
        unit=one.unit_zh if lang == "zh" else one.unit_en,
        benchmark=words.number(benchmark),
        share=f"{math.floor(share * 1000) / 10:g} %",
    )


def _units(run: RunTables, lang: Lang) -> Sheet:
    frame = run.units.assign(**_firm(run, run.units, lang))
    hidden = {"rank", "cohort_size", "flips_under", "firmness", "unit_id"}
    if run.rules.shared_parcels == "merge":
        hidden.discard("unit_id")
    if not (run.units["grade_class"] != "").any():
        hidden.add("grade_class")
    columns = [column for column in run.table("units") if column.name not in hidden]
    place = [column.name for column in columns].index("score") + 1
    columns[place:place] = [_own("rank_of_n", lang)]
    columns += [_own("firm", lang), _own("flips", lang)]
    return Sheet(text("workbook.sheet_units", lang), _say(frame, lang), tuple(columns))


def _parcels(run: RunTables, lang: Lang) -> Sheet:
    names = run.links["name"].where(run.links["name"] != "", run.links["uscc"])
    users = _together(run.links["parcel_id"], names)
    frame = run.parcels.drop(columns="geometry")
    frame = frame.assign(users=[users.get(code, "") for code in frame["parcel_id"].tolist()])
    hidden = set() if len(run.idle) else {"is_idle", "idle_finding", "land_status"}
    columns = [
        column
        for column in run.table("parcels")
        if column.dtype != "geometry" and column.name not in hidden
    ]
    columns.insert(2, _own("users", lang))
    return Sheet(text("workbook.sheet_parcels", lang), _say(frame, lang), tuple(columns))


def _together(keys: pd.Series[str], values: pd.Series[str]) -> dict[str, str]:
    """The values of each key, in their order, as one text."""
    found: dict[str, list[str]] = {}
    for key, value in zip(keys.tolist(), values.tolist(), strict=True):
        found.setdefault(key, []).append(value)
    return {key: "；".join(said) for key, said in found.items()}


def _not_graded(run: RunTables, lang: Lang) -> Sheet:
    waiting = run.units["status"].isin(["ungraded", "exempt", "sample_too_small"])
    frame = run.units[waiting].reset_index(drop=True)
    used = _together(run.links["uscc"], run.links["parcel_id"])
    frame = frame.assign(parcels=[used.get(code, "") for code in frame["uscc"].tolist()])
    figures = [figure.column for figure in run.rules.figures]
    columns = _pick(
        run,
        "units",
        ["uscc", "name", "industry_code", "cohort", "status", "reason", "area_mu", *figures],
    )
    name = text("workbook.sheet_not_graded", lang)
    return Sheet(name, _say(frame, lang), (*columns, _own("parcels", lang)))


def _suggestions(run: RunTables, lang: Lang) -> Sheet:
    name = text("workbook.sheet_suggestions", lang)
    frame = _say(run.suggestions, lang).assign(confirm="")
    return Sheet(
        name,
        frame,
        (*run.table("suggestions"), _own("confirm", lang)),
        note=text("workbook.confirm_note", lang, sheet=name),
        choices={"confirm": [text("workbook.yes", lang), text("workbook.no", lang)]},
    )


def issues_sheet(issues: pd.DataFrame, lang: Lang) -> Sheet:
    """The issues in one language, worst first as they come."""
    from landuse.schema.published import ISSUES

    frame = _say(issues, lang).assign(
        message=issues[f"message_{lang}"],
        hint=issues[f"hint_{lang}"],
        severity=issues["severity"].map(lambda code: text(f"ground.severity_{code}", lang)),
        owner=issues["owner"].map(lambda code: text(f"ground.owner_{code}", lang)),
    )
    place = ["severity", "owner", "table", "file", "sheet", "row", "column", "key", "value"]
    columns = [ISSUES.column(one) for one in place]
    columns += [_own("message", lang), _own("hint", lang), ISSUES.column("code")]
    name = text("workbook.sheet_issues", lang)
    return Sheet(name, frame, tuple(columns), long=frozenset({"message", "hint"}))


def _set_aside(run: RunTables, lang: Lang) -> Sheet:
    """What was set aside, with the message of the issue that says why."""
    known = run.issues.dropna(subset=["row"])
    place = ["code", "file", "sheet", "row"]
    messages = known.drop_duplicates(place).set_index(place)[f"message_{lang}"].to_dict()
    keys = zip(
        *(run.set_aside[name] for name in ("reason", "source_file", "source_sheet", "source_row")),
        strict=True,
    )
    said = [messages.get(key) or words.sentence(key[0], lang) for key in keys]
    frame = _say(run.set_aside, lang).assign(message=said)
    table = run.table("set_aside")
    columns = [column for column in table if column.name != "reason"]
    columns += [_own("message", lang), table.column("reason")]
    name = text("workbook.sheet_set_aside", lang)
    frame = frame.astype({"message": "str"})
    return Sheet(name, frame, tuple(columns), long=frozenset({"message"}))
