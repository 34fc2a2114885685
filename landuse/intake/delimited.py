"""CSV: encoding by BOM, else strict UTF-8, else GB18030; comma, tab or semicolon."""

from __future__ import annotations

import codecs
import csv
import io
import statistics
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from landuse.errors import UserError
from landuse.intake.encoding import codec_named
from landuse.intake.grid import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import IO

__all__ = ["Delimited", "Flow", "flow_delimited", "read_delimited"]

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS: Final = (",", "\t", ";")
_PROBED: Final = 60
_LARGEST_CELL: Final = 10_000_000
_BINARY_SHARE: Final = 0.01
_FLOWING: Final = frozenset(
    {"utf-8", "utf-8-sig", "gb18030", "utf-16", "cp950", "latin-1", "iso8859-1", "cp1252"}
)
"""Encodings whose text is the same, read whole or piece by piece."""
_TASTED: Final = 200_000
_CHUNK: Final = 1 << 20

csv.field_size_limit(_LARGEST_CELL)  # of the process: two tables may be read beside each other


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
    _refuse_books(content, path, file)
    text, codec = _decoded(content, file, encoding)
    nul = text.count("\0")
    _refuse_binary(nul, len(text), file)
    text = text.replace("\0", "")
    delimiter = _delimiter(text)
    rows = list(_rows(io.StringIO(text, newline=""), delimiter, file))
    return Delimited(Sheet("", rows), codec, delimiter, nul)


class Flow(NamedTuple):
    """A text table whose rows come one after the other, and what was decided to read it."""

    rows: Iterator[list[object]]
    encoding: str
    delimiter: str


def flow_delimited(path: Path, file: str, encoding: str | None = None) -> Flow | None:
    """The table that :func:`read_delimited` gives, never whole in memory; ``None`` where it is one
    that must be read as a whole: signs without meaning between the others (NUL), an encoding that
    nobody reads piece by piece.

    The file is read twice, since every byte counts for its encoding. Raises what
    :func:`read_delimited` raises, for rows when they are asked for.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(_CHUNK)
            filled = head.strip() or any(chunk.strip() for chunk in iter(_reading(stream), b""))
    except OSError as error:
        raise UserError.of("intake_tables.cannot_open", file=file, value=str(error)) from error
    if not filled:
        raise UserError.of("intake_tables.empty_file", file=file)
    _refuse_books(head, path, file)
    tried = _tried(head, encoding)
    found = next((one for codec in tried if (one := _count(path, codec))), None)
    if found is None:
        raise UserError.of("intake_tables.encoding", file=file, value=", ".join(tried))
    codec, size, nul = found
    _refuse_binary(nul, size, file)
    if nul or codec not in _FLOWING:
        return None
    with path.open(encoding=codec, newline="") as text:
        delimiter = _delimiter(text.read(_TASTED + 1).removeprefix("\ufeff"))
    return Flow(_rows(_lines(path, codec), delimiter, file), codec, delimiter)


def _lines(path: Path, codec: str) -> Iterator[str]:
    with path.open(encoding=codec, newline="") as text:
        first = text.readline().removeprefix("\ufeff")
        yield from chain((first,) if first else (), text)


def _reading(stream: IO[bytes]) -> Callable[[], bytes]:
    return lambda: stream.read(_CHUNK)


def _count(path: Path, codec: str) -> tuple[str, int, int] | None:
    """How many signs a file has in an encoding, and how many NUL; ``None`` if it is not in it."""
    size = nul = 0
    try:
        decoder = codecs.getincrementaldecoder(codec)()
        with path.open("rb") as stream:
            for chunk in chain(iter(_reading(stream), b""), (b"",)):
                text = decoder.decode(chunk, final=not chunk)
                size, nul = size + len(text), nul + text.count("\0")
    except (UnicodeDecodeError, LookupError):
        return None
    return codec, size, nul


def _refuse_books(content: bytes, path: Path, file: str) -> None:
    if content.startswith((b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"))):
        actual = ".xlsx" if content.startswith(b"PK") else ".xls"
        raise UserError.of(
            "intake_tables.wrong_suffix", file=file, value=path.suffix, actual=actual
        )


def _refuse_binary(nul: int, size: int, file: str) -> None:
    if nul > size * _BINARY_SHARE:
        raise UserError.of("intake_tables.not_text", file=file)


def _tried(content: bytes, declared: str | None) -> list[str]:
    """The encodings that may be that of a text, by its beginning."""
    bom = next((codec for mark, codec in _BOMS if content.startswith(mark)), "")
    tried = [codec_named(declared) or declared] if declared else []
    return tried or ([bom] if bom else ["utf-8", "gb18030"])


def _decoded(content: bytes, file: str, declared: str | None) -> tuple[str, str]:
    tried = _tried(content, declared)
    for codec in tried:
        try:
            return content.decode(codec).removeprefix("\ufeff"), codec
        except (UnicodeDecodeError, LookupError):
            continue
    raise UserError.of("intake_tables.encoding", file=file, value=", ".join(tried))


def _delimiter(text: str) -> str:
    """The sign that cuts the typical line into most cells; comma, tab, semicolon on a tie."""
    lines = text[:_TASTED].splitlines()[:_PROBED]

    def cells(delimiter: str) -> float:
        try:
            counts = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:  # told with its line when the whole file is read
            return 0
        return statistics.median(counts) if counts else 0

    return max(_DELIMITERS, key=cells)


def _rows(lines: Iterable[str], delimiter: str, file: str) -> Iterator[list[object]]:
    reader = csv.reader(lines, delimiter=delimiter)
    width = 0
    try:
        for number, row in enumerate(reader):
            width = max(width, len(row) if number < _PROBED else 0)
            if any("\n" in cell and _swallowed(cell, delimiter, width) for cell in row):
                first = reader.line_num - sum(cell.count("\n") for cell in row)
                value = f"{len(row)} ≠ {width}"
                raise UserError.of(
                    "intake_tables.quote_swallows", file=file, row=first, value=value
                )
            yield [cell or None for cell in row]
    except csv.Error as error:
        raise UserError.of(
            "intake_tables.broken_csv", file=file, row=reader.line_num, value=str(error)
        ) from error


def _swallowed(cell: str, delimiter: str, width: int) -> bool:
    """Whether a cell with line breaks holds whole rows: a quotation mark has no partner."""
    least = max(2, width // 2)
    return any(line.count(delimiter) >= least for line in cell.split("\n"))
