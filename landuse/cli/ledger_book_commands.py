"""``landuse ledger export`` and ``import``: the ledger as a workbook that people fill in."""

# No `from __future__ import annotations`: see landuse.cli.commands.

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from landuse.cli import ledger_book_screen as screen
from landuse.cli.ledger_options import Desk, coded, day_option, desk, flag, option
from landuse.errors import UserError
from landuse.messages import Lang, text

if TYPE_CHECKING:
    from landuse.ledger.store import Ledger
    from landuse.pipeline.ledger_book_import import Preview

__all__ = ["commands"]


def commands(lang: Lang) -> dict[str, tuple[str, Callable[..., int]]]:
    """Name → help and command."""
    return {
        "export": (text("ledger_book.help_export", lang), _export(lang)),
        "import": (text("ledger_book.help_import", lang), _import(lang)),
    }


def _option(name: str, lang: Lang, metavar: str | None = None) -> Any:  # noqa: ANN401 - as typer has it
    words = text(f"ledger_book.option_{name}", lang)
    return typer.Option(f"--{name.replace('_', '-')}", help=words, metavar=metavar)


def _file(name: str, lang: Lang) -> Any:  # noqa: ANN401 - as typer has it
    return typer.Argument(help=text(f"ledger_book.argument_{name}", lang), metavar="FILE")


def _export(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=False)
    def export(
        at: Desk,
        file: Annotated[Path, _file("export", lang)],
        state: Annotated[str, option("state", lang)] = "",
        park: Annotated[str, option("park", lang)] = "",
        way: Annotated[str, option("way", lang)] = "",
        kind: Annotated[str, option("kind", lang)] = "",
        deadline_before: Annotated[datetime | None, day_option("deadline_before", lang)] = None,
        replace: Annotated[bool, flag("replace", lang)] = False,
    ) -> int:
        from landuse.ledger.reading import Wanted
        from landuse.pipeline.ledger_book import export_ledger
        from landuse.scaled import MU, to_text

        wanted = Wanted(
            state=coded("state", state),
            kind=coded("kind", kind),
            park=park,
            way=coded("way", way, "none"),
            deadline_before=deadline_before.date() if deadline_before else None,
        )
        with at.ledger() as ledger:
            done = export_ledger(ledger, file, wanted, at=at.now, lang=lang, over=replace)
        mu = to_text(done.mu_e4, MU, least=2)
        screen.say("exported", lang, n=done.cases, mu=mu, path=done.path)
        return 0

    return export


def _import(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True)
    def import_(
        at: Desk,
        file: Annotated[Path, _file("import", lang)],
        new: Annotated[bool, _option("new", lang)] = False,
        only_legal: Annotated[bool, _option("only_legal", lang)] = False,
        yes: Annotated[bool, _option("yes", lang)] = False,
        preview: Annotated[bool, _option("preview", lang)] = False,
        word: Annotated[list[str] | None, _option("word", lang, "WORD=OURS")] = None,
        kind: Annotated[str, option("kind", lang)] = "",
        sheet: Annotated[str | None, _option("sheet", lang, "SHEET")] = None,
        area_unit: Annotated[str | None, _option("area_unit", lang, "mu|m2|ha")] = None,
        all_: Annotated[bool, flag("all", lang)] = False,
    ) -> int:
        if not new and (word or kind or sheet or area_unit):
            raise UserError.of("ledger_book.only_with_new")
        with at.ledger(create=new) as ledger:
            if new:
                place = {"kind": coded("kind", kind), "sheet": sheet, "area_unit": _unit(area_unit)}
                found = _look_new(ledger, file, at, _answers(word), place, ask=not yes)
            else:
                from landuse.pipeline.ledger_book_import import preview_import

                found = preview_import(ledger, file, **at.who)
            screen.show_preview(found, lang, everything=all_)
            if preview:
                return 0
            return _write(ledger, found, at, only_legal=only_legal, yes=yes)

    return import_


def _look_new(
    ledger: "Ledger",
    file: Path,
    at: Desk,
    answers: dict[str, str],
    place: dict[str, Any],
    *,
    ask: bool,
) -> "Preview":
    """The preview of an office's own ledger, once its unknown words are answered."""
    from landuse.pipeline.ledger_book_new import preview_office

    found = preview_office(ledger, file, answers=answers, **at.who, **place)
    screen.show_office(found, at.lang)
    if found.office.unknown and ask and screen.can_ask():
        more = screen.ask_words(found, at.lang)
        if more:
            found = preview_office(ledger, file, answers={**answers, **more}, **at.who, **place)
            screen.show_office(found, at.lang)
    return found


def _answers(given: list[str] | None) -> dict[str, str]:
    """WORD=OURS as a mapping; what OURS means depends on where the word stands."""
    from landuse.intake.ledger_book_words import GROUPS, code_of

    answers: dict[str, str] = {}
    for one in given or []:
        word, sign, ours = one.rpartition("=")
        ours = ours.strip()
        if not sign or not word.strip():
            raise UserError.of("ledger_book.word_form", value=one)
        if ours != "-" and not any(code_of(group, ours) for group in GROUPS):
            raise UserError.of("ledger_book.word_answer", value=ours)
        answers[word.strip()] = ours
    return answers


def _unit(given: str | None) -> str | None:
    if given is None or given in {"mu", "m2", "ha"}:
        return given
    raise UserError.of("ledger_book.unit_unknown", value=given)


def _write(ledger: "Ledger", found: "Preview", at: Desk, *, only_legal: bool, yes: bool) -> int:
    from landuse.pipeline.ledger_book_import import apply_import

    n = len(found.applicable)
    if found.refused and not only_legal:
        screen.say("nothing_written", at.lang, n=len(found.refused))
        return 2
    if not n:
        screen.say("nothing_to_do", at.lang)
        return 0
    if not yes:
        if not screen.can_ask():
            screen.say("needs_yes", at.lang)
            return 2
        if not screen.agrees(at.lang, n):
            screen.say("declined", at.lang)
            return 0
    applied = apply_import(ledger, found, only_legal=only_legal)
    screen.show_applied(applied, at.by, at.lang)
    return 0
