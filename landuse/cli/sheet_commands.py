"""``landuse sheet``: the map to print, and the atlas with one page a plot."""

# No `from __future__ import annotations`: see landuse.cli.commands.

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperCommand

from landuse.cli import screen
from landuse.messages import Lang, text

__all__ = ["register"]


def register(app: typer.Typer, lang: Lang, command: type[TyperCommand]) -> None:
    """Add the command ``sheet`` to ``app``, with help in ``lang``."""
    app.command("sheet", help=text("cli.help_sheet", lang), cls=command)(_sheet(lang))


def _option(name: str, lang: Lang, metavar: str | None = None, **more: Any) -> Any:  # noqa: ANN401
    words = text(f"sheet.option_{name}", lang)
    return typer.Option(f"--{name}", help=words, metavar=metavar, **more)


def _sheet(lang: Lang) -> Callable[..., int]:
    def sheet(
        source: Annotated[
            Path, typer.Argument(help=text("sheet.argument_run", lang), metavar="RUN|PROJECT.TOML")
        ],
        out: Annotated[Path, _option("out", lang, "FILE.pdf|FILE.png")],
        park: Annotated[str, _option("park", lang, "PARK")] = "",
        plot: Annotated[list[str] | None, _option("plot", lang, "PARCEL_ID")] = None,
        atlas: Annotated[bool, _option("atlas", lang)] = False,
        title: Annotated[str, _option("title", lang, "TEXT")] = "",
        maker: Annotated[str, _option("maker", lang, "TEXT")] = "",
        date: Annotated[
            datetime | None, _option("date", lang, "YYYY-MM-DD", formats=["%Y-%m-%d"])
        ] = None,
        orthophoto: Annotated[Path | None, _option("orthophoto", lang, "FILE.tif")] = None,
        font: Annotated[Path | None, _option("font", lang, "FILE")] = None,
        db: Annotated[str | None, _option("db", lang, "URL|FILE")] = None,
        project: Annotated[Path | None, _option("project", lang, "PROJECT.TOML")] = None,
        replace: Annotated[bool, _option("replace", lang)] = False,
        language: Annotated[
            str, typer.Option("--lang", help=text("cli.option_lang", lang), metavar="zh|en")
        ] = lang,
    ) -> int:
        screen.known_language(language, lang)
        from landuse.pipeline.sheet import Wanted, print_sheet
        from landuse.publish.sheet import SheetOptions

        day = date.date() if date else None
        options = SheetOptions(lang, title, maker, day, atlas, font, orthophoto)
        wanted = Wanted(park, tuple(plot or ()), db, project)
        done = print_sheet(source, out, wanted, options, os.environ, over=replace)
        console = Console(highlight=False)
        ledger = done.ledger or text("sheet.no_ledger_read", lang)
        for line in (
            text("sheet.shows", lang, run=done.run, ledger=ledger),
            *([text("sheet.signs", lang, signs=" ".join(done.unknown))] if done.unknown else []),
            text("sheet.written", lang, path=done.path, n=done.pages),
            text("sheet.keep", lang),
            *done.warnings,
        ):
            console.print(escape(line), soft_wrap=True)
        return 0

    return sheet
