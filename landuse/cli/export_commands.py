"""``landuse export``: the workbook or the GeoPackage of a run that was written without."""

# No `from __future__ import annotations`: see landuse.cli.commands.

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperCommand

from landuse.cli import screen
from landuse.messages import Lang, text

__all__ = ["register"]


def register(app: typer.Typer, lang: Lang, command: type[TyperCommand]) -> None:
    """Add the command ``export`` to ``app``, with help in ``lang``."""
    app.command("export", help=text("cli.help_export", lang), cls=command)(_export(lang))


def _export(lang: Lang) -> Callable[..., int]:
    def export(
        run: Annotated[Path, typer.Argument(help=text("cli.argument_run", lang), metavar="RUN")],
        out: Annotated[
            Path,
            typer.Argument(help=text("export.argument_out", lang), metavar="FILE.xlsx|FILE.gpkg"),
        ],
        replace: Annotated[
            bool, typer.Option("--replace", help=text("export.option_replace", lang))
        ] = False,
        language: Annotated[
            str, typer.Option("--lang", help=text("cli.option_lang", lang), metavar="zh|en")
        ] = lang,
    ) -> int:
        screen.known_language(language, lang)
        from landuse.pipeline.export import export as write

        done = write(run, out, lang, over=replace)
        megabytes = f"{done.size / 1e6:.1f}"
        words = text("export.written", lang, path=done.path, n=done.parcels, mb=megabytes)
        Console(highlight=False, emoji=False).print(escape(words), soft_wrap=True)
        return 0

    return export
