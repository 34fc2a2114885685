"""Workbooks: XLSX, XLSM and XLS as cells, with what a reader does not see said.

Values come from calamine; rows that are hidden and cells that show an error come from the
worksheet's own XML, since calamine tells neither (for the old XLS they are not known).
"""

from __future__ import annotations

import datetime as dt
import posixpath
import re
import zipfile
from typing import TYPE_CHECKING, Final, NamedTuple
from xml.etree import ElementTree as ET

from landuse.errors import UserError
from landuse.intake.book_size import BROKEN_ZIP, Extent, prove_size, windows
from landuse.intake.grid import Merged, Sheet

if TYPE_CHECKING:
    from pathlib import Path

    from python_calamine import CalamineSheet, CalamineWorkbook

__all__ = ["parts_of_book", "read_book"]

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
_HIDDEN: Final = re.compile(rb'<(?:\w+:)?row\b(?=[^>]*\shidden="(?:1|true)")[^>]*\sr="(\d{1,7})"')
_ERROR: Final = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\st="e")[^>]*\sr="([A-Z]+\d+)"')
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_UNCOMPUTED: Final = re.compile(
    rb'<(?:\w+:)?c\b[^>]*?\sr="([A-Z]+\d+)"[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)'
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_LISTED: Final = 20_000
_AS_THEY_ARE: Final = frozenset({str, float})
_HTML_MARKS: Final = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"mime-version")


def read_book(path: Path, file: str) -> list[Sheet]:
    """All worksheets of the workbook ``path``, which messages call ``file``.

    Raises :class:`landuse.errors.UserError` for what is no workbook: a page of HTML named .xls,
    another format under this name, a locked workbook, a damaged or an empty file.
    """
    _check_content(path, file)
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        unseen = _unseen(path, file)
        book = CalamineWorkbook.from_path(path)
        return [_sheet(book, name, unseen) for name in _worksheets(book)]
    except PasswordError as error:
        raise UserError.of("intake_tables.locked", file=file) from error
    except (CalamineError, OSError, *BROKEN_ZIP) as error:
        raise UserError.of("intake_tables.damaged", file=file, value=str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what Rust's panics are called here
            raise
        raise UserError.of("intake_tables.damaged", file=file, value=str(error)) from error


def _check_content(path: Path, file: str) -> None:
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
            rest = stream.read() if head.startswith(_OLE) else b""
    except OSError as error:
        raise UserError.of("intake_tables.cannot_open", file=file, value=str(error)) from error
    if not head:
        raise UserError.of("intake_tables.empty_file", file=file)
    suffix = path.suffix.lower()
    if head.startswith(_OLE):
        if _LOCKED in head or _LOCKED in rest:
            raise UserError.of("intake_tables.locked", file=file)
        actual = ".xls"
    elif head.startswith(_ZIP):
        actual = ".xlsx"
    elif head.lower().lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_HTML_MARKS):
        raise UserError.of("intake_tables.html", file=file)
    else:
        actual = ".csv"
    if actual != (".xlsx" if suffix == ".xlsm" else suffix):
        raise UserError.of("intake_tables.wrong_suffix", file=file, value=suffix, actual=actual)


def _worksheets(book: CalamineWorkbook) -> list[tuple[str, bool]]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    return [
        (sheet.name, sheet.visible == SheetVisibleEnum.Visible)
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet
    ]


def _sheet(
    book: CalamineWorkbook,
    named: tuple[str, bool],
    unseen: dict[str, Unseen],
) -> Sheet:
    name, visible = named
    sheet = book.get_sheet_by_name(name)
    cells = [
        [cell if cell and type(cell) in _AS_THEY_ARE else _cell(cell) for cell in row]
        for row in sheet.to_python(skip_empty_area=False)
    ]
    about = unseen.get(name, Unseen())
    merged = _merged(sheet)
    return Sheet(name, cells, merged, about.hidden, about.errors, visible, about.uncomputed)


def _cell(cell: object) -> object:
    if cell == "":
        return None
    return str(cell) if isinstance(cell, dt.time | dt.timedelta) else cell


def _merged(sheet: CalamineSheet) -> tuple[Merged, ...]:
    ranges = sheet.merged_cell_ranges or []
    return tuple(((top, left), (bottom, right)) for (top, left), (bottom, right) in ranges)


class Unseen(NamedTuple):
    """What a sheet's XML says and calamine does not: hidden rows (from 0), cells that show an
    error, cells with a formula and no result.
    """

    hidden: frozenset[int] = frozenset()
    errors: tuple[str, ...] = ()
    uncomputed: tuple[str, ...] = ()


def _unseen(path: Path, file: str) -> dict[str, Unseen]:
    """What is unseen of each sheet, by its name; nothing for XLS.

    Comes before calamine, which trusts the archive and takes memory for the whole rectangle of
    cells: refuses what would grow beyond measure.
    """
    unseen: dict[str, Unseen] = {}
    if path.suffix.lower() == ".xls":
        return unseen
    with zipfile.ZipFile(path) as archive:
        prove_size(archive, path, file)
        for name, part in parts_of_book(archive).items():
            if part in archive.namelist():
                extent = Extent()
                unseen[name] = _scan(archive, part, extent)
                extent.prove(archive, part, file, name)
    return unseen


def parts_of_book(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name → part of the archive that holds it."""
    try:
        book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - expat of today
        links = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except (KeyError, ET.ParseError):
        return {}
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    return {
        sheet.get("name", ""): posixpath.normpath(
            posixpath.join("xl", targets.get(sheet.get(_RELATION), "")).replace("xl//xl", "xl")
        ).lstrip("/")
        for sheet in book.iter()
        if sheet.tag.endswith("}sheet")
    }


def _scan(archive: zipfile.ZipFile, part: str, extent: Extent) -> Unseen:
    """What is unseen of a worksheet; ``extent`` is shown it on the way."""
    hidden: set[int] = set()
    errors: dict[str, None] = {}
    uncomputed: dict[str, None] = {}
    for window in windows(archive, part):
        extent.see(window)
        if b'hidden="' in window:
            hidden.update(int(row) - 1 for row in _HIDDEN.findall(window))
        for found, form, signs in (
            (errors, _ERROR, (b't="e"',)), (uncomputed, _UNCOMPUTED, (b"<f", b":f")),
        ):  # fmt: skip
            if len(found) < _LISTED and any(sign in window for sign in signs):
                found.update((cell.decode(), None) for cell in form.findall(window))
    return Unseen(frozenset(hidden), tuple(errors)[:_LISTED], tuple(uncomputed)[:_LISTED])
