"""The sentences of the report: every figure in them is a cell of the workbook, cited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from landuse.messages import text
from landuse.pipeline.report_problems import problems
from landuse.pipeline.report_tables import ALL
from landuse.pipeline.report_writer import Writer
from landuse.publish.report.model import Book, Number, Section, Shown

if TYPE_CHECKING:
    from landuse.messages import Lang

__all__ = ["sections"]

_FIRST: Final = 10
"""Plots and chains written out; the workbook has all."""
_LAND: Final = ("park", "type", "total", "supplied", "built", "idle", "low_efficiency", "available")
_RATIOS: Final = 7
_ECONOMY: Final = (
    "whom", "measure", "value_yi", "growth", "share_of_target", "elapsed", "share_of_city",
)  # fmt: skip


def sections(book: Book, period: str, lang: Lang) -> tuple[Section, ...]:
    """The report in the usual order: land, economy, projects, investment attraction, idle and
    low-efficiency land, problems, next steps. ``period``: as contradictions name it."""
    one = Writer(book, lang)
    parts = (
        ("land", _land(one), _land_tables(one), ("map", "heat")),
        ("economy", _economy(one, period), _economy_tables(one), ("target", "clusters")),
        ("projects", _projects(one), _project_tables(one), ()),
        ("attraction", _attraction(one), _ATTRACTION, ()),
        ("idle", _idle(one), (Shown("turned", _TURNED),), ()),
        ("problems", problems(one), (), ()),
        ("next", _next(one), (), ()),
    )
    return tuple(
        Section(key, text(f"report.section_{key}", lang), tuple(said), tables, pictures)
        for key, said, tables, pictures in parts
    )


def _land(one: Writer) -> list[str]:
    names = ("total", "supplied", "built", "idle", "low_efficiency", "available")
    said = [one.say("land", parks=one.fact("parks"), planned=one.fact("planned"),
                    **one.cells("land", (ALL,), *names))]  # fmt: skip
    stated = one.known("land", (ALL,), "expropriated", "reserve", "cleared", "ready")
    if stated:
        said.append(one.listing("land_stated", stated))
    if kinds := one.counted("infrastructure"):
        said.append(one.say("infrastructure", kinds=kinds))
    if one.has("factory_built"):
        facts = {
            n: one.fact(f"factory_{n}") for n in ("planned", "built", "share", "let", "vacant")
        }
        said.append(one.say("factory", **facts))
    return said


def _land_tables(one: Writer) -> tuple[Shown, ...]:
    table = one.book.tables["ratios"]
    known = [
        name for name in table.columns
        if name != "park" and any(isinstance(row.get(name), Number) for row in table.each())
    ]  # fmt: skip
    more = text("report.more", one.lang)
    shown = [
        Shown("ratios", ("park", *known[at : at + _RATIOS]), note=more if at else "")
        for at in range(0, len(known), _RATIOS)
    ]
    graded = ("park", "park_type", "score", "grade", "rank", "ranked")
    return (Shown("land", _LAND), *shown, Shown("assessment", graded))


def _economy(one: Writer, period: str) -> list[str]:
    doubted = _doubted(one, period)
    said = [_of_whom(one, row, doubted) for row in _groups(one, "all", "cluster", "scale")]
    kinds = [row for row in one.book.tables["cluster_sums"].rows
             if row[0] not in ("all", "") and row[1] == "output"]  # fmt: skip
    for row in kinds:
        cells = one.cells("cluster_sums", row, "clusters", "value_yi", "share_of_clusters",
                          "share_of_city")  # fmt: skip
        kind = one.text_of("cluster_sums", row, "cluster_kind")
        said.append(one.say("cluster_kind", kind=kind, **cells))
    for name in ("fast", "near"):
        if one.has(name):
            said += [one.say(name, n=one.fact(name), table=one.book.name(name))]
    for row in one.book.tables["economy"].rows:
        if conflict := one.text_of("economy", row, "conflict"):
            whom, measure = (one.named("economy", row, n) for n in ("whom", "measure"))
            at = one.book.at("economy", row, "conflict")
            said.append(one.say("conflict", whom=whom, measure=measure, values=conflict, at=at))
    return said or [one.say("none")]


def _groups(one: Writer, *scopes: str) -> list[list[tuple[str, ...]]]:
    """The rows of the table of figures that one sentence tells."""
    found: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for row in one.book.tables["economy"].rows:
        if row[0] in scopes and one.cite_value(row)[0]:
            found.setdefault((row[0], row[1]), []).append(row)
    return list(found.values())


def _doubted(one: Writer, period: str) -> set[tuple[str, str]]:
    """Whose figures of what contradict others: told, and said to be so."""
    table = one.book.tables["contradictions"]
    return {
        (str(cells.get("whom")), str(cells.get("measure")))
        for cells in table.each()
        if cells.get("period") == period
    }


def _of_whom(one: Writer, rows: list[tuple[str, ...]], doubted: set[tuple[str, str]]) -> str:
    parts = []
    for row in rows:
        measure, (value, unit) = one.text_of("economy", row, "measure"), one.cite_value(row)
        line = one.say("measure", measure=measure, value=value, unit=unit)
        stating = one.number("economy", row, "parks")
        if stating is not None and stating < one.count("parks"):
            line += one.say("of_parks", n=one.cite("economy", row, "parks"))
        if growth := one.book.cite("economy", row, "growth"):
            line += one.say("growth", growth=growth)
        if share := one.book.cite("economy", row, "share_of_target"):
            line += one.say("target", share=share)
        if share := one.book.cite("economy", row, "share_of_city"):
            line += one.say("city", share=share)
        if (one.text_of("economy", row, "whom"), measure) in doubted:
            line += one.say("doubted")
        parts.append(line)
    whom = one.named("economy", rows[0], "whom")
    joined = text("report.and_also", one.lang).join(parts)
    return one.say("economy", whom=whom, said=joined)


def _economy_tables(one: Writer) -> tuple[Shown, ...]:
    table = one.book.tables["economy"]
    parks = tuple(
        row for row in table.rows
        if row[0] == "park" and not one.text_of("economy", row, "conflict")
    )  # fmt: skip
    scales = ("park", "measure", "above", "below", "sum", "whole", "share_above", "verdict")
    return (Shown("economy", _ECONOMY, parks), Shown("scales", scales))


def _projects(one: Writer) -> list[str]:
    names = {"n": "projects", "started": "started", "stopped": "stopped", "completed": "completed",
             "production": "in_production", "late": "late", "planned": "planned_wan",
             "invested": "invested", "share": "invested_share", "signed": "signed",
             "supplied": "supplied", "topped": "topped_out", "before": "planned",
             "planned_both": "planned_both", "invested_both": "invested_both"}  # fmt: skip
    cited = {name: one.cite("projects", (ALL,), column) for name, column in names.items()}
    said = [one.say("projects", **cited)]
    said.append(one.say("signed", n=one.fact("signed_projects"), wan=one.fact("signed_wan")))
    said += _silent(one, "signed_silent")
    if one.has("floor_planned"):
        floors = {name: one.fact(f"floor_{name}") for name in ("planned", "built", "share")}
        said.append(one.say("floors", **floors))
    return said


def _silent(one: Writer, fact: str) -> list[str]:
    """Who does not say what was added up; nothing where all do."""
    return [one.say(fact, n=one.fact(fact))] if one.count(fact) else []


def _project_tables(one: Writer) -> tuple[Shown, ...]:
    """The projects that rest, those that are late, and how many there are of each state."""
    by_park = ("park", "projects", "started", "stopped", "completed", "in_production", "late",
               "invested_share")  # fmt: skip
    table = one.book.tables["project_list"]
    rest = text("parks.project_stopped", one.lang)
    keyed = list(zip(table.keys(), table.each(), strict=True))
    stopped = tuple(key for key, cells in keyed if cells.get("state") == rest)
    late = tuple(
        key for key, cells in keyed
        if isinstance(cells.get("delay_days"), Number) and key not in set(stopped)
    )  # fmt: skip
    shown = ("project", "park", "since", "stopped_days", "invested_wan_micro")
    behind = ("project", "park", "state", "next_stage", "next_planned", "delay_days")
    return (
        Shown("projects", by_park),
        Shown("project_list", shown, stopped, rest),
        Shown("project_list", behind, late, text("report.col_late", one.lang)),
    )


def _attraction(one: Writer) -> list[str]:
    names = ("signed_firms", "outside", "outside_share", "local", "local_share", "signed_floor")
    said = [one.say("origins", **{name: one.fact(name) for name in names})]
    said += [*_silent(one, "origin_silent"), *_silent(one, "floor_silent")]
    if kinds := one.counted("kinds", "firms"):
        said.append(one.say("kinds", kinds=kinds))
    if places := one.counted("origins", "firms"):
        said.append(one.say("places", places=places))
    for row in list(one.book.tables["chains"].rows)[:_FIRST]:
        leaders = one.named("chains", row, "leaders") or one.say("no_leader")
        chain = one.named("chains", row, "chain")
        members = one.cite("chains", row, "members")
        said.append(one.say("chain", chain=chain, leaders=leaders, members=members))
    counts = {"n": "promises", "kept": "kept", "partly": "partly", "broken": "broken",
              "not_due": "not_due", "untold": "cannot_tell", "tax": "tax",
              "output": "output"}  # fmt: skip
    cited = {name: one.cite("promises", (ALL,), column) for name, column in counts.items()}
    said.append(one.say("promises", **cited))
    said.append(one.say("proposals", n=one.fact("proposals"), table=one.book.name("proposals")))
    return said


_ATTRACTION: Final = (
    Shown("promises", ("park", "promises", "kept", "partly", "broken", "not_due", "tax", "output")),
    Shown("broken", ("park", "name", "due_year", "verdict", "tax_shortfall_wan_micro",
                     "output_shortfall_wan_micro")),
)  # fmt: skip
_TURNED: Final = ("number", "accepted_on", "tax_before", "tax_after", "output_before",
                  "output_after", "last_year", "relapsed")  # fmt: skip


def _idle(one: Writer) -> list[str]:
    names = {"idle": "idle", "low": "low_efficiency", "both": "low_efficiency_idle"}
    cited = {name: one.cite("land", (ALL,), column) for name, column in names.items()}
    said = [one.say("idle", **cited)]
    if not one.has("cases"):
        return [*said, one.say("no_ledger")]
    words = {"n": "cases", "mu": "case_mu", "done": "revitalised_mu", "floor": "revitalised_floor",
             "doing": "disposed_mu", "left": "remaining_mu"}  # fmt: skip
    said.append(one.say("ledger", **{name: one.fact(fact) for name, fact in words.items()}))
    said.append(one.say("relapses", turned=one.fact("turned"), n=one.fact("relapses")))
    for row in list(one.book.tables["turned"].rows)[:_FIRST]:
        known = one.cells("turned", row, "tax_before", "tax_after", "output_before", "output_after")
        if "—" not in known.values():
            number = one.named("turned", row, "number")
            said.append(one.say("turned", number=number, **known))
    return said


def _next(one: Writer) -> list[str]:
    def step(code: str, **values: str) -> str:
        return text(f"report.next_{code}", one.lang, **values)

    row = (ALL,)
    said = []
    if one.count("contradictions") or one.count("wrong"):
        said.append(step("contradictions", n=one.fact("contradictions"), wrong=one.fact("wrong")))
    if one.number("projects", row, "stopped"):
        said.append(step("stopped", n=one.cite("projects", row, "stopped")))
    if one.count("delayed"):
        said.append(step("delayed", n=one.fact("delayed")))
    if one.count("short_promises"):
        said.append(step("promises", n=one.fact("short_promises")))
    said.append(step("idle", idle=one.cite("land", row, "idle"),
                     low=one.cite("land", row, "low_efficiency")))  # fmt: skip
    if one.count("relapses"):
        said.append(step("relapses", n=one.fact("relapses")))
    if one.count("near"):
        said.append(step("near", near=one.fact("near")))
    return said
