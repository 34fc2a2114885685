"""The commands, their options, and what each exit code means."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from typing import TYPE_CHECKING

import typer
from typer.core import TyperCommand, TyperGroup

from landuse import __version__
from landuse.cli import commands, usage
from landuse.errors import LanduseError
from landuse.messages import text

if TYPE_CHECKING:
    from landuse.messages import Lang

__all__ = ["build", "run"]


def build(lang: Lang) -> typer.Typer:
    """The Typer application with its help in one language."""
    settings = {"help_option_names": ["-h", "--help"]}
    app = typer.Typer(
        name="landuse",
        help=text("cli.help", lang),
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None if os.environ.get("LANDUSE_PLAIN") else "rich",
        context_settings=settings,
        cls=_group(lang),
        pretty_exceptions_enable=False,
    )
    commands.register(app, lang, _command(lang), _group(lang))
    return app


def run(arguments: list[str], lang: Lang) -> int:
    """Run one command line; see :func:`landuse.cli.main`."""
    usage.translate(lang)
    if not os.environ.get("LANDUSE_DEBUG"):
        warnings.simplefilter("ignore")  # libraries' remarks to programmers
    if arguments == ["--version"]:
        sys.stdout.write(f"landuse {__version__}\n")
        return 0
    try:
        outcome = build(lang)(args=arguments, prog_name="landuse", standalone_mode=False)
    except LanduseError as error:
        _say(error.lines(lang), lang)
        return error.exit_code
    except KeyboardInterrupt:
        _say([text("cli.interrupted", lang)], lang)
        return 2
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback reaches a user
        return _unexpected(error, lang)
    return outcome if isinstance(outcome, int) else 0


def _unexpected(error: Exception, lang: Lang) -> int:
    sentence = usage.explain(error, lang)
    if sentence is not None:
        _say([sentence], lang)
        return 2
    if os.environ.get("LANDUSE_DEBUG"):
        traceback.print_exception(error)
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{os.path.basename(where.filename)}:{where.lineno}"  # noqa: PTH119
    _say([text("cli.our_fault", lang, kind=type(error).__name__, what=error, where=place)], lang)
    return 1


def _say(lines: list[str], lang: Lang) -> None:
    from landuse.cli.screen import complain

    complain(lines, lang)


def _in_language(lang: Lang) -> type:
    """A mixin whose ``--help`` line is in the user's language."""

    class InLanguage:
        def get_help_option(self, ctx: object) -> object:
            option = super().get_help_option(ctx)  # type: ignore[misc]
            if option is not None:
                option.help = text("cli.option_help", lang)
                option.metavar = ""
            return option

    return InLanguage


def _command(lang: Lang) -> type[TyperCommand]:
    return type("Command", (_in_language(lang), TyperCommand), {})


def _group(lang: Lang) -> type[TyperGroup]:
    return type("Group", (_in_language(lang), TyperGroup), {})
