"""``landuse park import`` and ``export``: the park tables of the database as a workbook."""

# No `from __future__ import annotations`: see landuse.cli.commands.

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from landuse.cli.ledger_options import PROJECT, Desk, desk
from landuse.messages import Lang, text

if TYPE_CHECKING:
    from landuse.pipeline.park_book import ParkPreview

__all__ = ["commands"]

_LISTED = 20


def commands(lang: Lang) -> dict[str, tuple[str, Callable[..., int]]]:
    """Name → help and command."""
    return {
        "import": (text("park_book.help_import", lang), _import(lang)),
        "export": (text("park_book.help_export", lang), _export(lang)),
    }


def _flag(name: str, lang: Lang) -> Any:  # noqa: ANN401 - as typer has it
    return typer.Option(f"--{name}", help=text(f"park_book.option_{name}", lang))


def _file(name: str, lang: Lang) -> Any:  # noqa: ANN401 - as typer has it
    return typer.Argument(help=text(f"park_book.argument_{name}", lang), metavar="FILE.xlsx")


def _say(code: str, lang: Lang, **values: object) -> None:
    words = text(f"park_book.{code}", lang, **values)
    Console(highlight=False).print(escape(words), soft_wrap=True)


def _export(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=False)
    def export(
        at: Desk,
        file: Annotated[Path, _file("export", lang)],
        replace: Annotated[bool, _flag("replace", lang)] = False,
    ) -> int:
        from landuse.pipeline.park_book import export_parks, kept_tables, project_tables
        from landuse.pipeline.park_ledger import ledger_if_there

        project = at.project or PROJECT
        own = project_tables(project)
        ledger = ledger_if_there(at.project, at.db, os.environ) if own else at.ledger()
        try:
            kept = kept_tables(ledger)
            done = export_parks(ledger, file, lang=lang, over=replace, own=own)
        finally:
            if ledger is not None:
                ledger.close()
        _say("exported", lang, n=sum(done.values()), path=file)
        _say_whence(project, set(own) - kept, kept, lang)
        return 0

    return export


def _say_whence(project: Path, own: set[str], kept: set[str], lang: Lang) -> None:
    """Which tables came from the project file, which from the database."""
    from landuse.schema.park_tables import PARK_TABLES

    for code, tables in (("from_project", own), ("from_database", kept)):
        if tables:
            names = "、".join(one.label(lang) for one in PARK_TABLES.values() if one.name in tables)
            _say(code, lang, names=names, file=project)


def _import(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True)
    def import_(
        at: Desk,
        file: Annotated[Path, _file("import", lang)],
        preview: Annotated[bool, _flag("preview", lang)] = False,
        yes: Annotated[bool, _flag("yes", lang)] = False,
        remove: Annotated[bool, _flag("remove", lang)] = False,
    ) -> int:
        from landuse.pipeline.park_book import apply_parks, preview_parks

        with at.ledger(create=not preview) as ledger:
            found = preview_parks(ledger, file, remove=remove)
            _show(found, lang)
            if preview:
                return 0
            if not found.changes:
                _say("nothing_to_do", lang)
                return 0
            if not yes:
                if not sys.stdin.isatty():
                    _say("needs_yes", lang)
                    return 2
                if not typer.confirm(text("park_book.ask", lang)):
                    _say("declined", lang)
                    return 0
            number = apply_parks(ledger, found, **at.who)
        _say("written", lang, by=at.by, n=len(found.changes), number=number)
        return 0

    return import_


def _show(found: "ParkPreview", lang: Lang) -> None:
    from landuse.schema.park_tables import PARK_TABLES

    warnings = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
    for issue in found.issues:
        warnings.print(escape(f"{issue.place(lang)}: {issue.message(lang)}"), style="yellow")
    counts = found.counts[["read", "used", "set_aside"]].sum()
    read, used, aside = (int(counts[name]) for name in ("read", "used", "set_aside"))
    _say("read", lang, n=read, used=used, aside=aside)
    for (table, kind), n in found.tally().items():
        _say(f"change_{kind}", lang, table=PARK_TABLES[table].label(lang), n=n)
        if kind == "changed":
            _list(found, table, lang)
    _say("unchanged", lang, n=found.unchanged)


def _list(found: "ParkPreview", table: str, lang: Lang) -> None:
    """Which columns of which rows change."""
    from landuse.schema.park_tables import PARK_TABLES

    changes = [one for one in found.changes if one.table == table and one.kind == "changed"]
    for one in changes[:_LISTED]:
        names = [PARK_TABLES[table].column(name).label(lang) for name in one.columns]
        _say("changed_row", lang, key=one.key, columns="、".join(names))
    if len(changes) > _LISTED:
        _say("more_rows", lang, n=len(changes) - _LISTED)
