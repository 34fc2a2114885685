"""``landuse park``, ``landuse enterprise``, ``landuse promises``, ``landuse match``."""

# No `from __future__ import annotations`: see landuse.cli.commands.

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from typer.core import TyperCommand, TyperGroup

from landuse.cli import park_book_commands, screen
from landuse.errors import UserError
from landuse.messages import Lang, text

__all__ = ["open_book", "project_options", "register", "show_table"]

_LIST = ("park", "type", "total", "supplied", "built", "idle", "low_efficiency", "available",
         "revitalised")  # fmt: skip
_MARGIN = 2


def register(
    app: typer.Typer, lang: Lang, command: type[TyperCommand], group: type[TyperGroup]
) -> typer.Typer:
    """Add the commands about parks to ``app``; gives the group ``park`` back, for more of them."""
    desk = typer.Typer(help=text("park_cli.help_park", lang), no_args_is_help=True, cls=group)
    for name, function in (("list", _list(lang)), ("show", _show(lang)), ("assess", _assess(lang))):
        desk.command(name, help=text(f"park_cli.help_{name}", lang), cls=command)(function)
    for name, (words, function) in park_book_commands.commands(lang).items():
        desk.command(name, help=words, cls=command)(function)
    app.add_typer(desk, name="park")
    alone = {"enterprise": _enterprise(lang), "promises": _promises(lang), "match": _match(lang)}
    for name, function in alone.items():
        app.command(name, help=text(f"park_cli.help_{name}", lang), cls=command)(function)
    return desk


def project_options(lang: Lang) -> dict[str, Any]:
    """The options that all of these take: project file, day, ledger, language."""
    return {
        "project": typer.Option(
            "--project", help=text("park_cli.option_project", lang), metavar="PROJECT.TOML"
        ),
        "as_of": typer.Option(
            "--as-of", help=text("cli.option_as_of", lang), formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
        ),
        "db": typer.Option("--db", help=text("park_cli.option_db", lang), metavar="URL|FILE"),
        "lang": typer.Option("--lang", help=text("cli.option_lang", lang), metavar="zh|en"),
    }  # fmt: skip


def open_book(
    project: Path, as_of: datetime | None, db: str | None, language: str, lang: Lang
) -> Any:  # noqa: ANN401
    """The park book that the options name (:func:`landuse.pipeline.parks.all_about_parks`)."""
    screen.known_language(language, lang)
    from landuse.pipeline.parks import all_about_parks

    if not project.is_file():
        raise UserError.of("park_cli.no_project", value=str(project))
    day = as_of.date() if as_of else None
    with screen.steps(lang) as progress:
        return all_about_parks(project, as_of=day, db=db, env=os.environ, progress=progress)


def _console() -> Console:
    return Console(soft_wrap=False, highlight=False, emoji=False)


def show_table(console: Console, table: Any, columns: Iterable[str] = ()) -> None:  # noqa: ANN401
    """A table of :mod:`landuse.publish.report.model`; ``columns``: only these."""
    shown = Table(title=escape(table.title), title_justify="left", title_style="bold")
    wanted = [name for name in columns or table.columns if name in table.columns]
    for name in wanted:
        shown.add_column(escape(table.columns[name]), overflow="fold")
    for cells in table.rows.values():
        shown.add_row(*(escape(_said(cells.get(name))) for name in wanted))
    console.print(shown)


def _said(cell: Any) -> str:  # noqa: ANN401
    return "" if cell is None else cell if isinstance(cell, str) else str(cell.text)


def _list(lang: Lang) -> Callable[..., int]:
    of = project_options(lang)

    def park_list(
        project: Annotated[Path, of["project"]] = Path("project.toml"),
        as_of: Annotated[datetime | None, of["as_of"]] = None,
        db: Annotated[str | None, of["db"]] = None,
        language: Annotated[str, of["lang"]] = lang,
    ) -> int:
        book = open_book(project, as_of, db, language, lang)
        from landuse.pipeline.report_tables import land

        show_table(_console(), land(book, lang), _LIST)
        return 0

    return park_list


def _show(lang: Lang) -> Callable[..., int]:
    of = project_options(lang)

    def park_show(
        park: Annotated[
            str, typer.Argument(help=text("park_cli.argument_park", lang), metavar="PARK")
        ],
        project: Annotated[Path, of["project"]] = Path("project.toml"),
        as_of: Annotated[datetime | None, of["as_of"]] = None,
        db: Annotated[str | None, of["db"]] = None,
        language: Annotated[str, of["lang"]] = lang,
    ) -> int:
        book = open_book(project, as_of, db, language, lang)
        known = [str(one) for one in book.accounts["park"] if one]
        if park not in known:
            raise UserError.of("park_cli.unknown_park", value=park, known="、".join(known) or "–")
        _show_park(_console(), book, park, lang)
        return 0

    return park_show


def _show_park(console: Console, book: Any, park: str, lang: Lang) -> None:  # noqa: ANN401
    from landuse.parks import explain_assessment
    from landuse.pipeline import report_tables as made

    for table in (made.land(book, lang), made.ratios(book, lang)):
        _facts(console, table, table.rows.get((park,), {}))
    if (book.figures["key"] == park).any():
        economy = made.economy(book, _last(book, park), lang)
        economy.rows = {key: row for key, row in economy.rows.items() if key[:2] == ("park", park)}
        columns = ("measure", "value", "growth", "target", "share_of_target", "share_of_city",
                   "conflict")  # fmt: skip
        show_table(console, economy, columns)
    for table in (made.projects_by_park(book, lang), made.promises(book, lang)):
        if (park,) in table.rows:
            _facts(console, table, table.rows[park,])
    said = explain_assessment(park, book.assessment, book.assessment_parts, book.rules, lang) if (
        park in set(book.assessment["park"])
    ) else []  # fmt: skip
    for sentence in said:
        console.print(escape(sentence), soft_wrap=True)


def _last(book: Any, park: str) -> str:  # noqa: ANN401
    """The period of a park that ends last, the longest of these."""
    from landuse.schema.periods import read_period

    mine = book.figures[book.figures["key"] == park]
    spans = {
        str(row["period"]): read_period(str(row["period"]), cumulative=bool(row["cumulative"]))
        for row in mine.to_dict("records")
    }
    return max(spans, key=lambda name: (spans[name].year, spans[name].last, -spans[name].first))


def _facts(console: Console, table: Any, cells: Any) -> None:  # noqa: ANN401
    """One row, a line a column."""
    shown = Table(title=escape(table.title), title_justify="left", title_style="bold",
                  show_header=False)  # fmt: skip
    for name, head in table.columns.items():
        if _said(cells.get(name)):
            shown.add_row(escape(head), escape(_said(cells[name])))
    console.print(shown)


def _assess(lang: Lang) -> Callable[..., int]:
    of = project_options(lang)

    def park_assess(
        project: Annotated[Path, of["project"]] = Path("project.toml"),
        as_of: Annotated[datetime | None, of["as_of"]] = None,
        db: Annotated[str | None, of["db"]] = None,
        language: Annotated[str, of["lang"]] = lang,
    ) -> int:
        book = open_book(project, as_of, db, language, lang)
        from landuse.parks import explain_assessment

        console = _console()
        order = book.assessment.sort_values(["park_type", "rank", "park"])
        for park in order["park"]:
            said = explain_assessment(
                str(park), book.assessment, book.assessment_parts, book.rules, lang
            )
            console.print(escape(said[0]), soft_wrap=True, style="bold")
            for line in said[1:]:
                console.print(" " * _MARGIN + escape(line), soft_wrap=True)
        return 0

    return park_assess


def _promises(lang: Lang) -> Callable[..., int]:
    of = project_options(lang)

    def promises(
        project: Annotated[Path, of["project"]] = Path("project.toml"),
        as_of: Annotated[datetime | None, of["as_of"]] = None,
        db: Annotated[str | None, of["db"]] = None,
        language: Annotated[str, of["lang"]] = lang,
    ) -> int:
        book = open_book(project, as_of, db, language, lang)
        from landuse.pipeline.enterprise import promise_lists
        from landuse.pipeline.report_tables import promises as by_park

        console = _console()
        show_table(console, by_park(book, lang))
        show_table(console, promise_lists(book, lang)[0])
        return 0

    return promises


def _match(lang: Lang) -> Callable[..., int]:
    of = project_options(lang)

    def match(
        plot: Annotated[
            str, typer.Argument(help=text("park_cli.argument_plot", lang), metavar="PLOT")
        ],
        project: Annotated[Path, of["project"]] = Path("project.toml"),
        as_of: Annotated[datetime | None, of["as_of"]] = None,
        db: Annotated[str | None, of["db"]] = None,
        language: Annotated[str, of["lang"]] = lang,
    ) -> int:
        book = open_book(project, as_of, db, language, lang)
        from landuse.pipeline.enterprise import proposals

        console = _console()
        found, reasons = proposals(book, lang, [plot])
        show_table(console, found)
        show_table(console, reasons, [one for one in reasons.columns if one != "offer"])
        return 0

    return match


def _enterprise(lang: Lang) -> Callable[..., int]:
    of = project_options(lang)

    def enterprise(
        uscc: Annotated[
            str, typer.Argument(help=text("park_cli.argument_uscc", lang), metavar="USCC")
        ],
        project: Annotated[Path, of["project"]] = Path("project.toml"),
        as_of: Annotated[datetime | None, of["as_of"]] = None,
        db: Annotated[str | None, of["db"]] = None,
        language: Annotated[str, of["lang"]] = lang,
    ) -> int:
        book = open_book(project, as_of, db, language, lang)
        from landuse.pipeline.enterprise import firm_file
        from landuse.pipeline.enterprise_tables import firm_tables

        firm = firm_file(book, uscc)
        console = _console()
        console.print(escape(f"{firm.uscc}  {firm.name}"), style="bold", soft_wrap=True)
        for name in firm.lists:
            console.print(escape(text(f"park_cli.on_{name}", lang)), soft_wrap=True)
        for table in firm_tables(firm, lang):
            if table.rows:
                show_table(console, table)
        return 0

    return enterprise
