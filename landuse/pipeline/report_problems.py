"""The section on problems: what contradicts itself, what is stated wrongly, what is behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from landuse.messages import text
from landuse.pipeline.report_tables import ALL

if TYPE_CHECKING:
    from landuse.pipeline.report_writer import Writer

__all__ = ["problems"]

_FIRST: Final = 20
"""Contradictions, wrong figures and laggards written out; the workbook has all."""
_BAD: Final = ("wrong", "contradiction", "bound_fails")


def problems(one: Writer) -> list[str]:
    """Each with both values, and the cells where they stand."""
    return [*_contradictions(one), *_wrong(one), *_issues(one), *_behind(one), *_stuck(one)]


def _contradictions(one: Writer) -> list[str]:
    said = [one.say("contradictions", n=one.fact("contradictions"))]
    table = one.book.tables["contradictions"]
    for row, _ in zip(table.keys(), range(_FIRST), strict=False):
        words = {name: one.named("contradictions", row, name) for name in _PLACES}
        said.append(one.say("contradiction", **words, **_both(one, "contradictions", row)))
    return [*said, *_rest(one, len(table), "contradictions")]


_PLACES: Final = ("whom", "period", "measure", "rule")


def _wrong(one: Writer) -> list[str]:
    said = [one.say("checked", n=one.fact("checked"), wrong=one.fact("wrong"))]
    bad = {text(f"report.verdict_{verdict}", one.lang) for verdict in _BAD}
    table = one.book.tables["checked"]
    wrong = [key for key, cells in zip(table.keys(), table.each(), strict=True)
             if cells.get("verdict") in bad]  # fmt: skip
    for row in wrong[:_FIRST]:
        words = {n: one.named("checked", row, n) for n in ("subject", "measure", "verdict")}
        said.append(one.say("wrong", **words, **_both(one, "checked", row)))
    return [*said, *_rest(one, len(wrong), "checked")]


def _issues(one: Writer) -> list[str]:
    """What else the tables leave in doubt: of the register, of projects, of promises."""
    if not one.count("issues"):
        return []
    table = one.book.tables["issues"]
    listed = [key for key, cells in zip(table.keys(), table.each(), strict=True)
              if cells.get("code") not in _TOLD]  # fmt: skip
    said = [one.say("issues", n=one.fact("issues"), table=one.book.name("issues"))]
    said += [one.named("issues", row, "message") for row in listed[:_FIRST]]
    return [*said, *_rest(one, len(listed), "issues")]


_TOLD: Final = ("parks.period_conflict", "parks.target_conflict")
"""Issues that stand among the contradictions already."""


def _behind(one: Writer) -> list[str]:
    """Parks and clusters whose share of the year's target is less than the share of the year."""
    slow = []
    for row in one.book.tables["economy"].rows:
        share, elapsed = (one.number("economy", row, n) for n in ("share_of_target", "elapsed"))
        if row[0] != "city" and share is not None and elapsed is not None and share < elapsed:
            slow.append((share / elapsed, row))
    if not slow:
        return []
    said = []
    for _, row in sorted(slow)[:_FIRST]:
        words = {name: one.named("economy", row, name) for name in ("whom", "measure")}
        cited = one.cells("economy", row, "share_of_target")
        said.append(one.say("behind_one", **words, share=cited["share_of_target"]))
    gone = one.cite("economy", slow[0][1], "elapsed")
    items = text("report.and_also", one.lang).join(said)
    line = one.say("behind", elapsed=gone, items=items)
    return [line, *_rest(one, len(slow), "economy")]


def _stuck(one: Writer) -> list[str]:
    """What stands still: stopped projects, promises that are not kept, relapses."""
    said = []
    if one.number("projects", (ALL,), "stopped"):
        said.append(one.say("stopped", n=one.cite("projects", (ALL,), "stopped")))
    if one.count("short_promises"):
        said.append(one.say("short", n=one.fact("short_promises"), table=one.book.name("broken")))
    if one.count("relapses"):
        said.append(one.say("relapsed", n=one.fact("relapses")))
    return said


def _rest(one: Writer, length: int, table: str) -> list[str]:
    return [one.say("rest", table=one.book.name(table))] if length > _FIRST else []


def _both(one: Writer, table: str, row: tuple[str, ...]) -> dict[str, str]:
    """What is stated and what it must be, each with its cell."""
    return {
        "one": one.text_of(table, row, "stated") or "—",
        "two": one.text_of(table, row, "computed") or "—",
        "one_at": one.book.at(table, row, "stated"),
        "two_at": one.book.at(table, row, "computed"),
    }
