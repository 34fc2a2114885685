"""``landuse export``: workbook or GeoPackage of a run that has none; a run to a store and back."""

# No `from __future__ import annotations`: see landuse.cli.commands.

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperCommand

from landuse.cli import screen
from landuse.errors import UserError
from landuse.messages import Lang, text

__all__ = ["register"]


def register(app: typer.Typer, lang: Lang, command: type[TyperCommand]) -> None:
    """Add the command ``export`` to ``app``, with help in ``lang``."""
    app.command("export", help=text("cli.help_export", lang), cls=command)(_export(lang))


def _export(lang: Lang) -> Callable[..., int]:
    def export(
        run: Annotated[
            str, typer.Argument(help=text("export.argument_run", lang), metavar="RUN|URL")
        ],
        out: Annotated[
            str,
            typer.Argument(
                help=text("export.argument_out", lang), metavar="FILE.xlsx|FILE.gpkg|URL|DIR"
            ),
        ],
        replace: Annotated[
            bool, typer.Option("--replace", help=text("export.option_replace", lang))
        ] = False,
        language: Annotated[
            str, typer.Option("--lang", help=text("cli.option_lang", lang), metavar="zh|en")
        ] = lang,
    ) -> int:
        screen.known_language(language, lang)
        words = _moved(run, out, lang) or _written(Path(run), Path(out), lang, over=replace)
        Console(highlight=False, emoji=False).print(escape(words), soft_wrap=True)
        return 0

    return export


def _written(run: Path, out: Path, lang: Lang, *, over: bool) -> str:
    from landuse.pipeline.export import export

    done = export(run, out, lang, over=over)
    megabytes = f"{done.size / 1e6:.1f}"
    return text("export.written", lang, path=done.path, n=done.parcels, mb=megabytes)


def _moved(run: str, out: str, lang: Lang) -> str:
    """A run to an object store or back; blank where neither end is one."""
    from landuse.publish.object_store import get_run, put_run
    from landuse.publish.reader import open_run
    from landuse.stores.address import is_url, shown

    if is_url(run) and is_url(out):
        raise UserError.of("export.not_to_url", value=shown(run), other=shown(out))
    if is_url(out):
        size = put_run(open_run(Path(run)), out)
        return text("export.sent", lang, url=out, mb=f"{size / 1e6:.1f}")
    if is_url(run):
        size = get_run(run, Path(out))
        return text("export.brought", lang, path=out, mb=f"{size / 1e6:.1f}")
    return ""
