"""``landuse report PERIOD``: the draft report on parks as document and workbook."""

# No `from __future__ import annotations`: see landuse.cli.commands.

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperCommand

from landuse.cli.park_commands import open_book, project_options
from landuse.messages import Lang, text

__all__ = ["register"]


def register(app: typer.Typer, lang: Lang, command: type[TyperCommand]) -> None:
    """Add the command ``report`` to ``app``, with help in ``lang``."""
    app.command("report", help=text("cli.help_report", lang), cls=command)(_report(lang))


def _report(lang: Lang) -> Callable[..., int]:
    of = project_options(lang)
    of["out"] = typer.Option("--out", help=text("report.option_out", lang), metavar="DIR")
    words = text("report.option_template", lang)
    of["template"] = typer.Option("--template", help=words, metavar="FILE.docx")
    words = text("report.option_example", lang)
    of["example"] = typer.Option("--template-example", help=words)
    of["replace"] = typer.Option("--replace", help=text("report.option_replace", lang))

    def report(
        period: Annotated[
            str, typer.Argument(help=text("report.argument_period", lang), metavar="PERIOD")
        ],
        out: Annotated[Path, of["out"]],
        template: Annotated[Path | None, of["template"]] = None,
        example: Annotated[bool, of["example"]] = False,
        project: Annotated[Path, of["project"]] = Path("project.toml"),
        as_of: Annotated[datetime | None, of["as_of"]] = None,
        db: Annotated[str | None, of["db"]] = None,
        replace: Annotated[bool, of["replace"]] = False,
        language: Annotated[str, of["lang"]] = lang,
    ) -> int:
        book = open_book(project, as_of, db, language, lang)
        from landuse.pipeline.report import make_example, make_report

        if example:
            path = make_example(book, period, out, lang=lang, over=replace)
            words = text("report.written_example", lang, docx=path)
            Console(highlight=False).print(escape(words), soft_wrap=True)
            return 0
        docx, xlsx = make_report(book, period, out, lang=lang, template=template, over=replace)
        words = text("report.written", lang, docx=docx, xlsx=xlsx)
        Console(highlight=False).print(escape(words), soft_wrap=True)
        return 0

    return report
