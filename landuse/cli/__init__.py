"""The door for people at a terminal: ``landuse COMMAND``.

Takes command lines, gives screens and exit codes (0 done, 2 the user can mend it, 1 our fault);
computes nothing. Chinese by default, ``--lang en`` or ``LANDUSE_LANG=en`` for English.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landuse.messages import Lang

__all__ = ["main"]

_NEW_OBJECTS: Final = 500_000
"""Loading the libraries alone makes so many objects that live to the end that looking through
them again and again for rubbish would take a tenth of a short command."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; no traceback ever reaches the user."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _tolerant_streams()
    with _seldom_tidied(to_the_end=argv is None):
        from landuse.cli.app import run

        return run(arguments, _language(arguments))


@contextlib.contextmanager
def _seldom_tidied(*, to_the_end: bool) -> Iterator[None]:
    """Python looks for rubbish seldom, and not at all when it ends: the memory is given back.

    A process that runs one command is left so ``to_the_end``: the old measure, put back, would
    have it look through everything a last time.
    """
    before = gc.get_threshold()
    gc.set_threshold(_NEW_OBJECTS, 20, 20)
    if to_the_end:
        atexit.register(gc.freeze)
    try:
        yield
    finally:
        if not to_the_end:
            gc.set_threshold(*before)


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
