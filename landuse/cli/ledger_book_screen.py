"""The preview of a ledger's workbook on the terminal, and the questions that it asks."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from landuse.messages import text

if TYPE_CHECKING:
    from landuse.issues import Issue
    from landuse.messages import Lang
    from landuse.pipeline.ledger_book_import import Applied, Preview
    from landuse.pipeline.ledger_book_new import OfficePreview
    from landuse.pipeline.ledger_book_units import Change, RowReport

__all__ = ["agrees", "ask_words", "can_ask", "say", "show_applied", "show_office", "show_preview"]

_SHOWN: Final = 60
_LISTED: Final = 20
_OPTIONS: Final = re.compile(r"[（(]--[a-z、, -]+[)）]")
"""Options that a sentence names: in a workbook the same stands in a column."""
_COLOURS: Final = {
    "change": "green",
    "new": "green",
    "conflict": "red",
    "illegal": "red",
    "unchanged": "cyan",
}


def _out() -> Console:
    return Console(soft_wrap=False, highlight=False, emoji=False)


def say(code: str, lang: Lang, **values: object) -> None:
    """One sentence of the catalogue ``ledger_book``."""
    _out().print(escape(text(f"ledger_book.{code}", lang, **values)), soft_wrap=True)


def show_preview(preview: Preview, lang: Lang, *, everything: bool) -> None:
    """Row by row what would change, what is refused and why; then how many of each."""
    table = Table(show_lines=True)
    for head in ("place", "case", "outcome", "what"):
        table.add_column(text(f"ledger_book.head_{head}", lang), overflow="fold")
    shown = preview.rows if everything else preview.rows[:_SHOWN]
    for row in shown:
        colour = _COLOURS[row.kind]
        outcome = text(f"ledger_book.outcome_{row.kind}", lang)
        table.add_row(
            escape(_places(row, lang)),
            escape(row.parcels if row.kind == "new" else row.number or row.parcels),
            f"[{colour}]{escape(outcome)}[/]",
            escape("\n".join(_lines(row, lang))),
        )
    if shown:
        _out().print(table)
    if len(shown) < len(preview.rows):
        say("more_rows", lang, n=len(preview.rows) - len(shown))
    for note in preview.notes:
        _out().print(escape(_told(note, lang)), style="yellow", soft_wrap=True)
    if preview.missing:
        listed = "、".join(preview.missing[:_LISTED])
        more = " …" if len(preview.missing) > _LISTED else ""
        say("missing_rows", lang, n=len(preview.missing), numbers=f"{listed}{more}")
    kinds = [row.kind for row in preview.rows]
    say(
        "preview_sums",
        lang,
        change=kinds.count("change"),
        new=kinds.count("new"),
        conflict=kinds.count("conflict"),
        illegal=kinds.count("illegal"),
        unchanged=preview.unchanged,
    )


def _places(row: RowReport, lang: Lang) -> str:
    return "\n".join(
        text("ledger_book.place", lang, sheet=sheet, row=number).strip()
        for sheet, number in row.places
    )


def _lines(row: RowReport, lang: Lang) -> list[str]:
    is_new = not row.number or row.kind == "new"
    lines = [_change(one, lang, is_new=is_new) for one in row.changes]
    lines += [f"✗ {_told(issue, lang)}" for issue in row.issues]
    lines += [f"! {_told(note, lang)}" for note in row.notes]
    return lines


def _told(issue: Issue, lang: Lang) -> str:
    place = f"{issue.column}：" if issue.column and lang == "zh" else ""
    place = f"{issue.column}: " if issue.column and lang == "en" else place
    hint = issue.hint(lang)
    words = f"{place}{_OPTIONS.sub('', issue.message(lang))}"
    return f"{words} → {hint}" if hint else words


def _change(one: Change, lang: Lang, *, is_new: bool) -> str:
    from landuse.ledger.words import value_word

    column = one.column.heading(lang)
    if one.part:
        column = text("ledger_book.of_part", lang, part=one.part, column=column)
    name = one.column.field or one.column.name
    if is_new:
        value = value_word(name, _plain(one.after), lang)
        return text("ledger_book.states", lang, column=column, value=value)
    before, after = (value_word(name, _plain(value), lang) for value in (one.before, one.after))
    return text("ledger_book.changes_to", lang, column=column, before=before, after=after)


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a field holds
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def show_office(preview: OfficePreview, lang: Lang) -> None:
    """What the headings and words of an office's own ledger were taken for."""
    from landuse.ledger.states import word as our_word
    from landuse.schema.ledger_book import CASES

    office = preview.office
    columns = {column.name: column for column in CASES}
    table = Table(title=text("ledger_book.title_headings", lang), title_justify="left")
    for head in ("theirs", "ours"):
        table.add_column(text(f"ledger_book.head_{head}", lang), overflow="fold")
    for name, heading in office.headings.items():
        ours = columns[name].zh if lang == "zh" else columns[name].en
        table.add_row(escape(heading), escape(ours))
    for heading in office.kept:
        table.add_row(escape(heading), f"[yellow]{text('ledger_book.kept_in_notes', lang)}[/]")
    _out().print(table)
    if not office.words:
        return
    table = Table(title=text("ledger_book.title_words", lang), title_justify="left")
    for head in ("theirs", "ours", "count"):
        table.add_column(text(f"ledger_book.head_{head}", lang), overflow="fold")
    for word in office.words:
        ours = "、".join(
            our_word(word.group, code, lang) if code != "-" else code
            for code in word.code.split("+")
            if code
        )
        shown = escape(ours) or f"[red]{text('ledger_book.asked', lang)}[/]"
        table.add_row(escape(word.word), shown, str(word.count))
    _out().print(table)


def can_ask() -> bool:
    """Whether somebody sits at the terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def agrees(lang: Lang, n: int) -> bool:
    """Ask whether to write."""
    import typer

    return bool(typer.confirm(text("ledger_book.ask_write", lang, n=n), default=False))


def ask_words(preview: OfficePreview, lang: Lang) -> dict[str, str]:
    """Ask for each unknown word what it means; a blank answer leaves it unknown."""
    import typer

    from landuse.intake.ledger_book_words import code_of, known_codes
    from landuse.ledger.states import word as our_word

    answers: dict[str, str] = {}
    for word in preview.office.unknown:
        codes: Sequence[str] = known_codes(word.group)
        choices = "、".join(our_word(word.group, code, lang) for code in codes)
        question = text("ledger_book.ask_word", lang, word=word.word, n=word.count, choices=choices)
        while True:
            given = str(typer.prompt(question, default="", show_default=False)).strip()
            if not given or given == "-" or code_of(word.group, given):
                break
        if given:
            answers[word.word] = given
    return answers


def show_applied(applied: Applied, by: str, lang: Lang) -> None:
    """What was written."""
    if applied.backup is not None:
        say("backed_up", lang, path=applied.backup)
    new = "、".join(applied.new[:_LISTED]) + (" …" if len(applied.new) > _LISTED else "")
    say("applied", lang, by=by, changed=applied.changed, n=len(applied.new), new=new or "—")
    if applied.refused:
        say("left_out", lang, n=applied.refused)
