"""``landuse notice``: what is shown to enterprises and put up in public."""

# No `from __future__ import annotations`: see landuse.cli.commands.

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
    """Add the command ``notice`` to ``app``, with help in ``lang``."""
    app.command("notice", help=text("cli.help_notice", lang), cls=command)(_notice(lang))


def _option(name: str, lang: Lang, metavar: str | None = None, **more: Any) -> Any:  # noqa: ANN401
    words = text(f"notice.option_{name}", lang)
    return typer.Option(f"--{name}", help=words, metavar=metavar, **more)


def _day(name: str, lang: Lang) -> Any:  # noqa: ANN401 - as typer has it
    return _option(name, lang, "YYYY-MM-DD", formats=["%Y-%m-%d"])


def _notice(lang: Lang) -> Callable[..., int]:
    def notice(
        run: Annotated[Path, typer.Argument(help=text("cli.argument_run", lang), metavar="RUN")],
        kind: Annotated[str, _option("kind", lang, "area|list|firm")],
        first: Annotated[datetime | None, _day("from", lang)] = None,
        last: Annotated[datetime | None, _day("to", lang)] = None,
        days: Annotated[int | None, _option("days", lang, "N")] = None,
        office: Annotated[str, _option("office", lang, "TEXT")] = "",
        contact: Annotated[str, _option("contact", lang, "TEXT")] = "",
        key: Annotated[list[str] | None, _option("key", lang, "USCC")] = None,
        out: Annotated[Path | None, _option("out", lang, "FILE")] = None,
        replace: Annotated[bool, _option("replace", lang)] = False,
        language: Annotated[
            str, typer.Option("--lang", help=text("cli.option_lang", lang), metavar="zh|en")
        ] = lang,
    ) -> int:
        screen.known_language(language, lang)
        from landuse.pipeline.notice import term_of, write_notice

        term = term_of(
            first.date() if first else None, last.date() if last else None, days, office, contact
        )
        done = write_notice(run, kind, term, out=out, keys=key or (), lang=lang, over=replace)
        words = text(f"notice.written_{kind}", lang, n=done.count, path=done.path)
        Console(highlight=False).print(escape(words), soft_wrap=True)
        return 0

    return notice
