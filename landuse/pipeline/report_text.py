"""The sentences of the report: every figure in them is a cell of the workbook, cited."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from landuse.messages import text
from landuse.parks.shown import half_up
from landuse.pipeline.report_tables import ALL
from landuse.publish.report.model import Book, Number, Section

if TYPE_CHECKING:
    from landuse.messages import Lang

__all__ = ["sections"]

_FIRST: Final = 20
"""Contradictions, wrong figures and laggards written out; the workbook has all."""


class _Writer:
    """Sentences of one language over one book."""

    def __init__(self, book: Book, lang: Lang) -> None:
        self.book, self.lang = book, lang

    def cite(self, table: str, row: tuple[str, ...], column: str) -> str:
        return self.book.cite(table, row, column) or "—"

    def fact(self, name: str) -> str:
        return self.cite("facts", (name,), "amount")

    def say(self, code: str, **values: object) -> str:
        return text(f"report.say_{code}", self.lang, **values)

    def text_of(self, table: str, row: tuple[str, ...], column: str) -> str:
        cell = self.book.tables[table].cell(row, column)
        return cell if isinstance(cell, str) else ""

    def at(self, table: str, row: tuple[str, ...], column: str) -> str:
        return f"{self.book.name(table)}!{self.book.tables[table].place(row, column)}"

    def has(self, name: str) -> bool:
        return isinstance(self.book.tables["facts"].cell((name,), "amount"), Number)


def sections(book: Book, lang: Lang) -> tuple[Section, ...]:
    """The report in the usual order: land, economy, projects, investment attraction, idle and
    low-efficiency land, problems, next steps."""
    one = _Writer(book, lang)
    parts = (
        ("land", _land(one), ("ratios",), ("map", "heat")),
        ("economy", _economy(one), (), ("target", "clusters")),
        ("projects", _projects(one), (), ()),
        ("attraction", _attraction(one), (), ()),
        ("idle", _idle(one), (), ()),
        ("problems", _problems(one), (), ()),
        ("next", _next(one), (), ()),
    )
    return tuple(
        Section(key, text(f"report.section_{key}", lang), tuple(said), tables, pictures)
        for key, said, tables, pictures in parts
    )


def _land(one: _Writer) -> list[str]:
    def cells(row: str, **names: str) -> dict[str, str]:
        return {name: one.cite("land", (row,), column) for name, column in names.items()}

    same = {name: name for name in ("total", "supplied", "built", "idle", "available")}
    said = [
        one.say("land", parks=one.fact("parks"), planned=one.fact("planned"), **cells(ALL, **same))
    ]
    for (park,) in one.book.tables["land"].rows:
        if park and park != ALL:
            name = one.text_of("land", (park,), "park")
            said.append(
                one.say("land_park", park=name, low=one.cite("land", (park,), "low_efficiency"),
                        **cells(park, **same))
            )  # fmt: skip
    if one.has("factory_built"):
        factories = {name: one.fact(f"factory_{name}")
                     for name in ("planned", "built", "share", "vacant")}  # fmt: skip
        said.append(one.say("factory", **factories))
    return said


def _economy(one: _Writer) -> list[str]:
    table = one.book.tables["economy"]
    said: list[str] = []
    last = ""
    for row in table.rows:
        whom, measure = (one.text_of("economy", row, name) for name in ("whom", "measure"))
        conflict = one.text_of("economy", row, "conflict")
        if conflict:
            at = one.at("economy", row, "conflict")
            said.append(one.say("conflict", whom=whom, measure=measure, values=conflict, at=at))
            last = ""
            continue
        if one.book.cite("economy", row, "firms"):
            value = one.cite("economy", row, "firms")
            unit = text("report.unit_firms", one.lang)
        elif one.book.cite("economy", row, "value_yi"):
            value, unit = one.cite("economy", row, "value_yi"), text("report.unit_yi", one.lang)
        else:
            continue
        line = _line(one, row, "" if whom == last else whom, measure, value, unit)
        if whom == last:
            said[-1] += text("report.and_also", one.lang) + line
        else:
            said.append(line)
        last = whom
    return [line + one.say("end") for line in said] or [one.say("none")]


def _line(
    one: _Writer, row: tuple[str, ...], whom: str, measure: str, value: str, unit: str
) -> str:
    line = one.say("economy", whom=whom, measure=measure, value=value, unit=unit)
    if growth := one.book.cite("economy", row, "growth"):
        line += one.say("growth", growth=growth)
    if share := one.book.cite("economy", row, "share_of_target"):
        line += one.say("target", target=one.cite("economy", row, "target"), share=share)
    if share := one.book.cite("economy", row, "share_of_city"):
        line += one.say("city", share=share)
    return line


def _projects(one: _Writer) -> list[str]:
    row = (ALL,)
    names = {"n": "projects", "started": "started", "stopped": "stopped", "completed": "completed",
             "production": "in_production", "late": "late", "planned": "planned",
             "invested": "invested", "share": "invested_share"}  # fmt: skip
    return [one.say("projects", **{n: one.cite("projects", row, c) for n, c in names.items()})]


def _attraction(one: _Writer) -> list[str]:
    said = [one.say("signed", n=one.fact("signed_projects"), wan=one.fact("signed_wan"))]
    said.append(
        one.say(
            "origins", n=one.fact("signed_firms"), outside=one.fact("outside"),
            share=one.fact("outside_share"), local=one.fact("local"),
            floor=one.fact("signed_floor"),
        )
    )  # fmt: skip
    names = {"n": "promises", "kept": "kept", "partly": "partly", "broken": "broken",
             "not_due": "not_due", "tax": "tax", "output": "output"}  # fmt: skip
    cited = {name: one.cite("promises", (ALL,), column) for name, column in names.items()}
    said.append(one.say("promises", **cited))
    said.append(one.say("proposals", n=one.fact("proposals")))
    return said


def _idle(one: _Writer) -> list[str]:
    row = (ALL,)
    said = [
        one.say(
            "idle", idle=one.cite("land", row, "idle"), low=one.cite("land", row, "low_efficiency"),
            both=one.cite("land", row, "low_efficiency_idle"),
        )
    ]  # fmt: skip
    if not one.has("cases"):
        return [*said, one.say("no_ledger")]
    names = {"n": "cases", "mu": "case_mu", "done": "revitalised_mu", "floor": "revitalised_floor",
             "doing": "disposed_mu", "left": "remaining_mu"}  # fmt: skip
    said.append(one.say("ledger", **{name: one.fact(fact) for name, fact in names.items()}))
    said.append(one.say("relapses", n=one.fact("relapses")))
    return said


def _problems(one: _Writer) -> list[str]:
    said = [one.say("contradictions", n=one.fact("contradictions"))]
    for row in list(one.book.tables["contradictions"].rows)[:_FIRST]:
        names = ("whom", "period", "measure", "rule")
        words = {name: one.text_of("contradictions", row, name) for name in names}
        said.append(one.say("contradiction", **words, **_both(one, "contradictions", row)))
    said.append(one.say("checked", n=one.fact("checked"), wrong=one.fact("wrong")))
    wrong = [row for row in one.book.tables["checked"].rows if _is_wrong(one, row)]
    for row in wrong[:_FIRST]:
        about = ("subject", "measure", "verdict")
        words = {name: one.text_of("checked", row, name) for name in about}
        said.append(one.say("wrong", **words, **_both(one, "checked", row)))
    slow = [row for row in one.book.tables["economy"].rows if _is_behind(one, row)]
    if slow:
        said.append(one.say("behind_list"))
    for row in slow[:_FIRST]:
        whom, measure = (one.text_of("economy", row, name) for name in ("whom", "measure"))
        share, elapsed = (one.cite("economy", row, n) for n in ("share_of_target", "elapsed"))
        said.append(one.say("behind_one", whom=whom, measure=measure, share=share, elapsed=elapsed))
    return said


def _both(one: _Writer, table: str, row: tuple[str, ...]) -> dict[str, str]:
    """What is stated and what it must be, each with its cell."""
    return {
        "one": one.text_of(table, row, "stated") or "—",
        "two": one.text_of(table, row, "computed") or "—",
        "one_at": one.at(table, row, "stated"),
        "two_at": one.at(table, row, "computed"),
    }


def _is_wrong(one: _Writer, row: tuple[str, ...]) -> bool:
    bad = {text(f"report.verdict_{v}", one.lang) for v in ("wrong", "contradiction", "bound_fails")}
    return one.text_of("checked", row, "verdict") in bad


def _is_behind(one: _Writer, row: tuple[str, ...]) -> bool:
    cells = [one.book.tables["economy"].cell(row, n) for n in ("share_of_target", "elapsed")]
    share, elapsed = (Fraction(c.text) if isinstance(c, Number) else None for c in cells)
    return share is not None and elapsed is not None and share < elapsed


def _next(one: _Writer) -> list[str]:
    def step(code: str, **values: str) -> str:
        return text(f"report.next_{code}", one.lang, **values)

    row = (ALL,)
    said = [
        step("contradictions", n=one.fact("contradictions"), wrong=one.fact("wrong")),
        step("stopped", n=one.cite("projects", row, "stopped")),
        step("promises", n=one.fact("short_promises")),
        step("idle", idle=one.cite("land", row, "idle"),
             low=one.cite("land", row, "low_efficiency")),
    ]  # fmt: skip
    if one.has("near"):
        said.append(step("near", near=one.fact("near")))
    return said


def percent(part: int, whole: int) -> str:
    """A share in percent with one decimal; "" of nothing."""
    return half_up(Fraction(part, whole) * 100, 1) if whole else ""
