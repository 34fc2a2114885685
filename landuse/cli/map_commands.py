"""``landuse map``: the map of a run in one file, or with its tiles beside it."""

# No `from __future__ import annotations`: see landuse.cli.commands.

import os
from collections.abc import Callable
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
    """Add the command ``map`` to ``app``, with help in ``lang``."""
    app.command("map", help=text("map_command.help_map", lang), cls=command)(_map(lang))


def _option(name: str, lang: Lang, metavar: str | None = None, **more: Any) -> Any:  # noqa: ANN401
    words = text(f"map_command.option_{name}", lang)
    return typer.Option(f"--{name}", help=words, metavar=metavar, **more)


def _map(lang: Lang) -> Callable[..., int]:
    def draw(
        source: Annotated[
            Path,
            typer.Argument(help=text("map_command.argument_run", lang), metavar="RUN|PROJECT.TOML"),
        ],
        out: Annotated[Path, _option("out", lang, "FILE.html")],
        folder: Annotated[bool, _option("folder", lang)] = False,
        indicator: Annotated[list[str] | None, _option("indicator", lang, "KEY")] = None,
        compare: Annotated[Path | None, _option("compare", lang, "RUN")] = None,
        db: Annotated[str | None, _option("db", lang, "URL|FILE")] = None,
        project: Annotated[Path | None, _option("project", lang, "PROJECT.TOML")] = None,
        replace: Annotated[bool, _option("replace", lang)] = False,
        language: Annotated[
            str, typer.Option("--lang", help=text("cli.option_lang", lang), metavar="zh|en")
        ] = lang,
    ) -> int:
        screen.known_language(language, lang)
        from landuse.pipeline.map import Wanted, draw_map
        from landuse.publish.map.options import MapOptions

        options = MapOptions(lang=lang, folder=folder, indicators=tuple(indicator or ()))
        wanted = Wanted(db, project, compare)
        done = draw_map(source, out, wanted, options, os.environ, over=replace)
        ledger = done.ledger or text("map_command.no_ledger_read", lang)
        megabytes = f"{done.size / 1e6:.1f}"
        lines = [
            text("map_command.shows", lang, run=done.run, ledger=ledger),
            text("map_command.written", lang, path=done.path, n=done.plots, mb=megabytes),
        ]
        if done.beside is not None:
            lines.append(text("map_command.beside", lang, folder=done.beside))
        if folder and done.beside is None:
            lines.append(text("map_command.nothing_beside", lang))
        lines.append(text("map_command.keep", lang))
        for line in lines:
            Console(highlight=False).print(escape(line), soft_wrap=True)
        return 0

    return draw
