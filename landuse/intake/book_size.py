"""Workbooks that would not fit into memory: found before anything is unpacked.

An XLSX is an archive; a few kilobytes of it can unfold to gigabytes, and one stray cell in the last
corner of a sheet makes a table of 17 thousand million cells.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Final

from landuse.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["BROKEN_ZIP", "Extent", "prove_size", "windows"]

BROKEN_ZIP: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
    KeyError,
)  # fmt: skip
"""What Python's reader raises for an archive that is damaged, locked or of an unknown kind."""
_LARGEST: Final = 4 * 1024**3
_SURELY_FINE: Final = 256 * 1024**2
_GROWTH: Final = 200
"""Worksheets of equal cells shrink by 50 and more; no real one by 200."""
_CELLS: Final = 50_000_000
_CHUNK: Final = 1 << 22
_OVERLAP: Final = 512
_ROW: Final = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\sr=["'](\d{1,10})""")
_WIDE: Final = re.compile(rb"""r=["']([A-Z]{2,8})\d""")
"""Finds at least every cell beyond column Z; what it finds too much is counted exactly."""
_FILLED: Final = re.compile(
    rb"""<(?:\w+:)?c\b(?=[^>]*[^/]>(?!</))[^>]*?\sr=["']([A-Z]{1,8})(\d{1,10})"""
)
_LETTERS: Final = 26


def prove_size(archive: zipfile.ZipFile, path: Path, file: str) -> None:
    """Refuse an archive that unfolds to more than 4 GiB, or to 200 times its size and 256 MiB.

    What the archive says of its parts is proved on the shared texts, which nobody else reads.
    """
    whole = sum(info.file_size for info in archive.infolist())
    growing = whole > _SURELY_FINE and whole > _GROWTH * path.stat().st_size
    if whole > _LARGEST or growing:
        raise UserError.of("intake_tables.book_grows", file=file, value=f"{whole / 1024**3:.1f}")
    for name in ("xl/sharedStrings.xml", "xl/styles.xml"):
        if name in archive.namelist():
            for _ in windows(archive, name):
                pass


class Extent:
    """The rectangle that the cells of a worksheet seem to span; it is shown window by window."""

    def __init__(self) -> None:
        self._rows = self._widest = 1

    def see(self, window: bytes) -> None:
        """Look at a piece of the worksheet (:func:`windows`)."""
        self._rows = max(self._rows, *map(int, _ROW.findall(window)), 0)
        wide = set(_WIDE.findall(window))
        self._widest = max(self._widest, *(_column(letters) for letters in wide), 0)

    def prove(self, archive: zipfile.ZipFile, part: str, file: str, sheet: str) -> None:
        """Refuse a worksheet whose filled cells span a rectangle of more than 50 million.

        Reads the part once more where it may.
        """
        if self._rows * max(self._widest, _LETTERS) <= _CELLS:
            return
        last_row, last_column, corner = 1, 1, ("A", 1)
        for window in windows(archive, part):
            for letters, digits in _FILLED.findall(window):
                row, column = int(digits), _column(letters)
                if row > last_row or column > last_column:
                    corner = letters.decode(), row
                last_row, last_column = max(last_row, row), max(last_column, column)
        if last_row * last_column > _CELLS:
            values = {"value": f"{corner[0]}{corner[1]}", "n": last_row * last_column}
            raise UserError.of("intake_tables.sheet_too_wide", file=file, sheet=sheet, **values)


def windows(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The part piece by piece; a piece begins with the end of the one before."""
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            window = tail + chunk
            yield window
            tail = window[-_OVERLAP:]


def _column(letters: bytes) -> int:
    """A column from 1 by its letters."""
    number = 0
    for letter in letters:
        number = number * _LETTERS + letter - 64
    return number
