"""The commands, their options, and what each exit code means.

A command line that names a command loads that command's module alone, and libraries only where
they are used; the help screen, which shows what each is for, loads none of them.
"""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Final

import typer
from typer.core import TyperCommand, TyperGroup

from landuse import __version__
from landuse.cli import commands, usage
from landuse.errors import LanduseError
from landuse.messages import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landuse.messages import Lang

__all__ = ["ROOMS", "build", "run"]

ROOMS: Final[dict[str, tuple[str, ...]]] = {
    "ledger_commands": ("ledger",),
    "serve_commands": ("serve",),
    "sheet_commands": ("sheet",),
    "notice_commands": ("notice",),
    "map_commands": ("map",),
    "export_commands": ("export",),
    "user_commands": ("user",),
    "park_commands": ("park", "enterprise", "promises", "match"),
    "report_commands": ("report",),
    "partition_commands": ("partition",),
}
"""Modules of commands, in the order of the help screen, with the commands that each adds; those of
:mod:`landuse.cli.commands` come before them."""
_WITH_GROUPS: Final = {"ledger_commands", "user_commands", "park_commands"}
"""Those whose commands stand in a group."""


def build(lang: Lang, arguments: Sequence[str] = ()) -> typer.Typer:
    """The Typer application with its help in one language.

    Of the modules of commands only the one that ``arguments`` name is loaded, or all of them where
    that is not plain. Where they name none, the other commands have a name and a help line alone.
    """
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
    for room in _rooms(arguments):
        module = import_module(f"landuse.cli.{room}")
        groups = [_group(lang)] if room in _WITH_GROUPS else []
        module.register(app, lang, _command(lang), *groups)
    if _names_none(arguments):
        for name in (name for names in ROOMS.values() for name in names):
            app.command(name, help=text(f"cli.help_{name}", lang), cls=_command(lang))(_shown)
    return app


def _rooms(arguments: Sequence[str]) -> list[str]:
    """The modules that a command line needs besides :mod:`landuse.cli.commands`."""
    if _names_none(arguments):
        return []
    words = list(arguments)
    while words and words[0].startswith("--lang"):
        del words[: 1 if "=" in words[0] else 2]
    wished = words[0] if words else ""
    if wished in commands.NAMES:
        return []
    named = [room for room, names in ROOMS.items() if wished in names]
    return named or list(ROOMS)


def _names_none(arguments: Sequence[str]) -> bool:
    """Whether no word of a command line is a command: it can do no more than show them all."""
    known = {*commands.NAMES, *(name for names in ROOMS.values() for name in names)}
    return known.isdisjoint(arguments)


def _shown() -> None:
    """A command of which only the name and what it is for are asked."""


def run(arguments: list[str], lang: Lang) -> int:
    """Run one command line; see :func:`landuse.cli.main`."""
    if not os.environ.get("LANDUSE_DEBUG"):
        warnings.simplefilter("ignore")  # libraries' remarks to programmers
    if arguments == ["--version"]:
        sys.stdout.write(f"landuse {__version__}\n")
        return 0
    try:
        outcome = build(lang, arguments)(args=arguments, prog_name="landuse", standalone_mode=False)
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
    """A mixin whose help screen is in the user's language."""

    class InLanguage:
        def get_help_option(self, ctx: object) -> object:
            option = super().get_help_option(ctx)  # type: ignore[misc]
            if option is not None:
                option.help = text("cli.option_help", lang)
                option.metavar = ""
            return option

        def format_help(self, ctx: object, formatter: object) -> None:
            usage.translate(lang)
            super().format_help(ctx, formatter)  # type: ignore[misc]

    return InLanguage


def _command(lang: Lang) -> type[TyperCommand]:
    return type("Command", (_in_language(lang), TyperCommand), {})


def _group(lang: Lang) -> type[TyperGroup]:
    return type("Group", (_in_language(lang), TyperGroup), {})
