"""CSV: encoding by BOM, else strict UTF-8, else GB18030; comma, tab or semicolon."""

from __future__ import annotations

import codecs
import csv
import io
import statistics
from typing import TYPE_CHECKING, Final, NamedTuple

from landuse.errors import UserError
from landuse.intake.encoding import codec_named
from landuse.intake.grid import Sheet

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Delimited", "read_delimited"]

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS: Final = (",", "\t", ";")
_PROBED: Final = 60
_LARGEST_CELL: Final = 10_000_000
_BINARY_SHARE: Final = 0.01


class Delimited(NamedTuple):
    """A text table: its cells, and the decisions that were taken to read it."""

    sheet: Sheet
    encoding: str
    delimiter: str
    dropped_nul: int


def read_delimited(path: Path, file: str, encoding: str | None = None) -> Delimited:
    """The text table ``path``, which messages call ``file``.

    Raises :class:`landuse.errors.UserError`: empty, not text, or in another encoding than the
    declared one.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError.of("intake_tables.cannot_open", file=file, value=str(error)) from error
    if not content.strip():
        raise UserError.of("intake_tables.empty_file", file=file)
    if content.startswith((b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"))):
        actual = ".xlsx" if content.startswith(b"PK") else ".xls"
        raise UserError.of(
            "intake_tables.wrong_suffix", file=file, value=path.suffix, actual=actual
        )
    text, codec = _decoded(content, file, encoding)
    nul = text.count("\0")
    if nul > len(text) * _BINARY_SHARE:
        raise UserError.of("intake_tables.not_text", file=file)
    text = text.replace("\0", "")
    delimiter = _delimiter(text)
    return Delimited(Sheet("", _rows(text, delimiter, file)), codec, delimiter, nul)


def _decoded(content: bytes, file: str, declared: str | None) -> tuple[str, str]:
    bom = next((codec for mark, codec in _BOMS if content.startswith(mark)), "")
    tried = [codec_named(declared) or declared] if declared else []
    tried = tried or ([bom] if bom else ["utf-8", "gb18030"])
    for codec in tried:
        try:
            return content.decode(codec).removeprefix("\ufeff"), codec
        except (UnicodeDecodeError, LookupError):
            continue
    raise UserError.of("intake_tables.encoding", file=file, value=", ".join(tried))


def _delimiter(text: str) -> str:
    """The sign that cuts the typical line into most cells; comma, tab, semicolon on a tie."""
    lines = text[:200_000].splitlines()[:_PROBED]

    def cells(delimiter: str) -> float:
        try:
            counts = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:  # told with its line when the whole file is read
            return 0
        return statistics.median(counts) if counts else 0

    return max(_DELIMITERS, key=cells)


def _rows(text: str, delimiter: str, file: str) -> list[list[object]]:
    before = csv.field_size_limit(_LARGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[object]] = []
    width = 0
    try:
        for row in reader:
            width = max(width, len(row) if len(rows) < _PROBED else 0)
            if any("\n" in cell and _swallowed(cell, delimiter, width) for cell in row):
                first = reader.line_num - sum(cell.count("\n") for cell in row)
                value = f"{len(row)} ≠ {width}"
                raise UserError.of(
                    "intake_tables.quote_swallows", file=file, row=first, value=value
                )
            rows.append([cell or None for cell in row])
    except csv.Error as error:
        raise UserError.of(
            "intake_tables.broken_csv", file=file, row=reader.line_num, value=str(error)
        ) from error
    finally:
        csv.field_size_limit(before)
    return rows


def _swallowed(cell: str, delimiter: str, width: int) -> bool:
    """Whether a cell with line breaks holds whole rows: a quotation mark has no partner."""
    least = max(2, width // 2)
    return any(line.count(delimiter) >= least for line in cell.split("\n"))
