"""The door for people at a terminal: ``landuse COMMAND``.

Takes command lines, gives screens and exit codes (0 done, 2 the user can mend it, 1 our fault);
computes nothing. Chinese by default, ``--lang en`` or ``LANDUSE_LANG=en`` for English.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landuse.messages import Lang

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; no traceback ever reaches the user."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _tolerant_streams()
    from landuse.cli.app import run

    return run(arguments, _language(arguments))


def _language(arguments: Sequence[str]) -> Lang:
    """The language of help and messages: the last ``--lang``, else ``LANDUSE_LANG``, else zh."""
    wished = os.environ.get("LANDUSE_LANG", "zh")
    for index, word in enumerate(arguments):
        if word == "--lang" and index + 1 < len(arguments):
            wished = arguments[index + 1]
        elif word.startswith("--lang="):
            wished = word.removeprefix("--lang=")
    return "en" if wished == "en" else "zh"


def _tolerant_streams() -> None:
    """A GBK console cannot show every character; it shows a question mark instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
