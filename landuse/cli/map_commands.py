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
from landuse.errors import UserError
from landuse.messages import Lang, text

__all__ = ["register"]


def register(app: typer.Typer, lang: Lang, command: type[TyperCommand]) -> None:
    """Add the command ``map`` to ``app``, with help in ``lang``."""
    app.command("map", help=text("cli.help_map", lang), cls=command)(_map(lang))


def _option(name: str, lang: Lang, metavar: str | None = None, **more: Any) -> Any:  # noqa: ANN401
    words = text(f"map_command.option_{name}", lang)
    return typer.Option(f"--{name}", help=words, metavar=metavar, **more)


def _base_option(name: str, lang: Lang, metavar: str) -> Any:  # noqa: ANN401
    words = text(f"map_public.option_{name}", lang)
    return typer.Option(f"--{name}", help=words, metavar=metavar)


def _audience(audience: str, merge: str, metres: float | None) -> dict[str, Any]:
    """Options of the public copy; refuses (:class:`UserError`) what only such a copy can have."""
    from landuse.publish.map.public_form import settings_of

    if audience not in ("internal", "public"):
        raise UserError.of("map_public.unknown_audience", value=audience)
    if audience == "public":
        return {"audience": audience, "public": settings_of(merge, metres)}
    for given, name in ((bool(merge), "--merge"), (metres is not None, "--round-metres")):
        if given:
            raise UserError.of("map_public.only_public", value=name)
    return {}


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
        orthophoto: Annotated[str | None, _base_option("orthophoto", lang, "FILE.tif")] = None,
        tiles: Annotated[str | None, _base_option("tiles", lang, "FOLDER")] = None,
        audience: Annotated[str, _base_option("audience", lang, "internal|public")] = "internal",
        round_metres: Annotated[float | None, _base_option("round-metres", lang, "M")] = None,
        merge: Annotated[str, _base_option("merge", lang, "park|grid:500")] = "",
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

        public = _audience(audience, merge, round_metres)
        chosen = tuple(indicator or ())
        options = MapOptions(lang=lang, folder=folder, indicators=chosen, **public)
        wanted = Wanted(db, project, compare, orthophoto, tiles)
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
        lines += done.said
        for line in lines:
            Console(highlight=False).print(escape(line), soft_wrap=True)
        return 0

    return draw
