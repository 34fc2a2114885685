"""What every command about parks takes, and the park book that it is given."""

# No `from __future__ import annotations`: see landuse.cli.commands.

import inspect
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from landuse.cli import screen
from landuse.errors import UserError
from landuse.messages import Lang, text

if TYPE_CHECKING:
    from landuse.pipeline.parks import ParkBook

__all__ = ["PROJECT", "console", "need_table", "open_book", "project_options", "with_book"]

PROJECT = Path("project.toml")
_HINTS = ("park_register", "periods", "projects", "promises", "demand", "stated")


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


def console() -> Console:
    """Standard output, as wide as the terminal."""
    return Console(soft_wrap=False, highlight=False, emoji=False)


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


def with_book(
    lang: Lang, *, place: bool = False
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Give a command ``--project``, ``--as-of``, ``--db`` and ``--lang``; it takes the park book
    that they name before its own parameters, and with ``place`` (project file, ledger) after it."""
    of = project_options(lang)
    kinds: dict[str, tuple[Any, Any, Any]] = {
        "project": (Path, of["project"], PROJECT),
        "as_of": (datetime | None, of["as_of"], None),
        "db": (str | None, of["db"], None),
        "language": (str, of["lang"], lang),
    }
    shared = {
        name: inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, info]
        )
        for name, (kind, info, default) in kinds.items()
    }

    def dress(function: Callable[..., int]) -> Callable[..., int]:
        own = list(inspect.signature(function).parameters.values())[1 + place :]

        def command(**given: Any) -> int:  # noqa: ANN401 - whatever the options are
            project, as_of, db, language = (given.pop(name) for name in shared)
            book = open_book(project, as_of, db, language, lang)
            _say_whence(book, project, db, lang)
            more = [(project, db)] if place else []
            return function(book, *more, **given)

        command.__name__ = function.__name__
        command.__signature__ = inspect.Signature([*own, *shared.values()])  # type: ignore[attr-defined]
        command.__annotations__ = {}
        return command

    return dress


def _say_whence(book: "ParkBook", project: Path, db: str | None, lang: Lang) -> None:
    """Which project file, which day, which ledger: one line before everything else."""
    from landuse.ledger import shown
    from landuse.pipeline.ledger import url_of

    place = text("park_cli.no_ledger", lang)
    if book.ledger is not None:
        place = shown(url_of(project, db, os.environ))
    words = text(
        "park_cli.whence", lang, file=project, year=book.project.year, as_of=book.as_of.isoformat(),
        ledger=place,
    )  # fmt: skip
    console().print(escape(words), soft_wrap=True, style="dim")


def need_table(book: "ParkBook", table: str) -> None:
    """Refuse where neither the project file nor the database gives ``table``."""
    from landuse.schema.park_tables import PARK_TABLES

    if table not in book.inputs.given:
        named = PARK_TABLES[table]
        raise UserError.of(
            "park_cli.no_table", value=table, table_zh=named.zh, table_en=named.en,
            file=book.project.file.name,
        )  # fmt: skip
