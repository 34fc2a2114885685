"""The ledger on the terminal: lists, one case, its history, totals."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from landuse.messages import text

if TYPE_CHECKING:
    import datetime as dt

    from landuse.issues import Issue
    from landuse.ledger.models import Correction
    from landuse.ledger.reading import Line
    from landuse.messages import Lang

__all__ = [
    "as_json",
    "day",
    "exact_mu",
    "floor",
    "is_wide",
    "mu",
    "pairs",
    "rows",
    "say",
    "show_lines",
    "show_objections",
    "show_totals",
    "warn",
    "word",
]

_SHOWN: Final = 60
_WIDE: Final = 130
"""Columns of a terminal from which on a list shows everything."""
_WHOLE: Final = frozenset({
    "number", "parcel", "key", "run", "as_of", "deadline", "event", "state",
})  # fmt: skip
_NUMBERS: Final = frozenset({
    "mu", "disposed", "accepted", "remaining", "cases", "parts", "floor", "revision", "n", "share",
    "count",
})  # fmt: skip


def _out() -> Console:
    return Console(soft_wrap=False, highlight=False, emoji=False)


def is_wide() -> bool:
    """Whether the terminal has room for every column."""
    return _out().width >= _WIDE


def say(code: str, lang: Lang, **values: object) -> None:
    """One sentence of the catalogue ``ledger_cli``."""
    _out().print(escape(text(f"ledger_cli.{code}", lang, **values)), soft_wrap=True)


def warn(issues: Iterable[Issue], lang: Lang) -> None:
    """What there is to know, on standard error."""
    console = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
    for issue in issues:
        hint = issue.hint(lang)
        console.print(escape(issue.message(lang)), style="yellow")
        if hint:
            console.print(escape(f"  → {hint}"))


def rows(title: str, heads: Sequence[str], cells: Iterable[Sequence[object]], lang: Lang) -> None:
    """A table; heads are codes, numbers stand right; nothing where there are no rows."""
    table = Table(title=escape(title) or None, title_justify="left", title_style="bold")
    for head in heads:
        table.add_column(
            text(f"ledger_cli.head_{head}", lang),
            justify="right" if head in _NUMBERS else "left",
            overflow="fold",
            no_wrap=head in _WHOLE | _NUMBERS,
        )
    for row in cells:
        table.add_row(*(escape(str(cell)) for cell in row))
    if table.row_count:
        _out().print(table)


def pairs(title: str, values: Iterable[tuple[str, object]], lang: Lang) -> None:
    """Names and values below each other; blank values are left out."""
    table = Table(title=escape(title), title_justify="left", title_style="bold", show_header=False)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in values:
        if value not in (None, ""):
            table.add_row(text(f"ledger_cli.head_{name}", lang), escape(str(value)))
    _out().print(table)


def as_json(content: object) -> None:
    """The same for programs."""
    words = json.dumps(content, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write(f"{words}\n")


def mu(mu_e4: int | None) -> str:
    """An area as the form shows it: all decimals that are not zero, at least two.

    >>> mu(10291400), mu(123456), mu(None)
    ('1029.14', '12.3456', '')
    """
    from landuse import scaled

    return scaled.to_text(mu_e4, scaled.MU, least=2)


def exact_mu(mu_e4: int) -> str:
    """An area for programs: the decimal number as text, no zeros after it."""
    from landuse import scaled

    return scaled.to_text(mu_e4, scaled.MU)


def floor(m2_e2: int | None) -> str:
    """A floor area."""
    from landuse import scaled

    return scaled.to_text(m2_e2, scaled.FLOOR_M2)


def day(value: dt.date | None) -> str:
    """A day, blank where there is none."""
    return value.isoformat() if value else ""


def word(group: str, code: str, lang: Lang) -> str:
    """State, kind, way or paper in words; what is no code stands as it is."""
    try:
        return text(f"ledger_cases.{group}_{code}", lang)
    except KeyError:
        return code


def show_lines(found: Sequence[Line], lang: Lang, *, everything: bool) -> None:
    """Cases, one a row; the first :data:`_SHOWN` unless all are wanted.

    A narrow terminal shows the columns without which a list is none.
    """
    shown = found if everything else found[:_SHOWN]
    table = [_line(one, lang) for one in shown]
    heads = ["number", "parcel", "enterprises", "state", "mu"]
    if is_wide():
        heads = ["number", "parcel", "enterprises", "park", "kind", "state", "mu", "disposed",
                 "remaining", "ways", "unit", "deadline"]  # fmt: skip
    rows("", heads, ([row[head] for head in heads] for row in table), lang)
    say("list_total", lang, n=len(found), mu=mu(sum(one.mu_e4 for one in found)))
    if len(shown) < len(found):
        say("list_more", lang, n=len(found) - len(shown))


def _line(one: Line, lang: Lang) -> dict[str, str]:
    return {
        "number": one.number,
        "parcel": "\n".join(one.parcels),
        "enterprises": one.enterprises,
        "park": one.park,
        "kind": word("kind", one.kind, lang),
        "state": word("state", one.state, lang),
        "mu": mu(one.mu_e4),
        "disposed": mu(one.disposed_mu_e4),
        "remaining": mu(one.remaining_mu_e4),
        "ways": "\n".join(word("way", way, lang) for way in one.ways),
        "unit": "\n".join(part for part in (one.unit, one.person) if part),
        "deadline": day(one.deadline),
    }


def show_objections(
    found: Sequence[tuple[Correction, str]], became: Mapping[tuple[str, ...], str], lang: Lang
) -> None:
    """Objections, what was decided, and what became of them in the latest run."""
    table = []
    for row, number in found:
        cell = (row.table_name, row.key, row.column, row.old, row.new)
        outcome = f"ledger_cli.outcome_{became[cell]}" if cell in became else ""
        names = ("n", "number", "table", "key", "column", "old", "new_value", "why", "evidence")
        values = (row.id, number, *cell, row.reason, row.evidence_name)
        shown = dict(zip(names, values, strict=True))
        shown["by"] = row.by
        shown["status"] = text(f"ledger_runs.status_{row.status}", lang)
        shown["outcome"] = text(outcome, lang) if outcome else ""
        table.append(shown)
    heads = ["n", "key", "column", "old", "new_value", "status"]
    if is_wide():
        heads = ["n", "number", "table", "key", "column", "old", "new_value", "why", "evidence"]
        heads += ["by", "status", "outcome"]
    rows("", heads, ([one[head] for head in heads] for one in table), lang)
    if not table:
        say("no_objections", lang)


def show_totals(found: Mapping[str, Any], lang: Lang) -> None:
    """Totals by state, way, park and kind, and the headline figures."""
    for name, group in (("state", "state"), ("kind", "kind"), ("park", "")):
        cells = [
            (
                word(group, key, lang) if group else key or text("ledger_cli.no_park", lang),
                one["cases"],
                *(mu(one[f"{part}mu_e4"]) for part in ("", "disposed_", "accepted_", "remaining_")),
            )
            for key, one in found[f"by_{name}"].items()
        ]
        cells.append((text("ledger_cli.sum", lang), *_sums(found[f"by_{name}"])))
        heads = (name, "cases", "mu", "disposed", "accepted", "remaining")
        rows(
            text(f"ledger_cli.title_by_{name}", lang), heads, cells if len(cells) > 1 else [], lang
        )
    ways = [
        (word("way", key, lang), one["parts"], mu(one["mu_e4"]), floor(one["floor_m2_e2"]))
        for key, one in found["by_way"].items()
    ]
    rows(text("ledger_cli.title_by_way", lang), ("way", "parts", "mu", "floor"), ways, lang)
    _headline(found["headline"], lang)


def _sums(groups: Mapping[str, Mapping[str, int]]) -> list[object]:
    names = ("mu_e4", "disposed_mu_e4", "accepted_mu_e4", "remaining_mu_e4")
    sums = [mu(sum(one[name] for one in groups.values())) for name in names]
    return [sum(one["cases"] for one in groups.values()), *sums]


def _headline(headline: Mapping[str, int], lang: Lang) -> None:
    say(
        "headline",
        lang,
        cases=headline["cases"],
        closed=headline["closed_cases"],
        mu=mu(headline["mu_e4"]),
        revitalised=mu(headline["revitalised_mu_e4"]),
        floor=floor(headline["revitalised_floor_m2_e2"]) or "0",
        disposed=mu(headline["disposed_mu_e4"]),
        planned=mu(headline["planned_mu_e4"]),
        remaining=mu(headline["remaining_mu_e4"]),
    )
