"""What the command-line library says, in the user's language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from landuse.messages import text

if TYPE_CHECKING:
    from rich.text import Text

    from landuse.messages import Lang

__all__ = ["explain", "translate"]

_TITLES: Final = {
    "ARGUMENTS_PANEL_TITLE": "cli.panel_arguments",
    "OPTIONS_PANEL_TITLE": "cli.panel_options",
    "COMMANDS_PANEL_TITLE": "cli.panel_commands",
    "ERRORS_PANEL_TITLE": "cli.panel_error",
    "REQUIRED_LONG_STRING": "cli.required",
    "DEFAULT_STRING": "cli.default",
    "ENVVAR_STRING": "cli.environment",
}


def translate(lang: Lang) -> None:
    """Set the panel titles of the help screen, and let it fold lines that have no blanks.

    A sentence in Chinese is one word to the library, which would cut it off at the edge.
    """
    from typer import rich_utils

    class Folding(rich_utils.OptionHighlighter):
        def __call__(self, words: str | Text) -> Text:
            said = super().__call__(words)
            said.overflow = "fold"
            return said

    for name, code in _TITLES.items():
        setattr(rich_utils, name, text(code, lang))
    rich_utils.highlighter = Folding()


def explain(error: Exception, lang: Lang) -> str | None:
    """A fault of the command line in words; ``None`` if ``error`` is something else.

    The classes are told by name, because the library keeps them in a private module.
    """
    names = {kind.__name__ for kind in type(error).__mro__}
    if "UsageError" not in names:
        return None
    said = str(getattr(error, "message", error))
    parameter = getattr(error, "param", None)
    named = _name_of(parameter) or getattr(error, "param_hint", "") or ""
    if "MissingParameter" in names:
        return text("cli.usage_missing", lang, name=named)
    if "NoSuchOption" in names:
        return text("cli.usage_no_option", lang, name=getattr(error, "option_name", said))
    if "BadParameter" in names:
        day = re.search(r"'(.*)' does not match the format", said)
        if day:
            return text("cli.usage_bad_day", lang, name=named, value=day[1])
        return text("cli.usage_bad_value", lang, name=named, what=said)
    unknown = re.match(r"No such command '(.*)'", said)
    if unknown:
        return text("cli.usage_no_command", lang, name=unknown[1])
    return text("cli.usage", lang, what=said)


def _name_of(parameter: object) -> str:
    """The name of an option or argument as the help screen shows it."""
    options = getattr(parameter, "opts", None) or [""]
    metavar = getattr(parameter, "metavar", None)
    return str(options[0] if options[0].startswith("-") else metavar or options[0])
