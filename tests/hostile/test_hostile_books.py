"""Workbooks that would fill the memory or stop the reader: refused with a reason."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_county import HEADINGS, book, firms

from landuse.errors import UserError
from landuse.intake.books import read_book

SHEET = "xl/worksheets/sheet1.xml"


def changed(path: Path, change: Callable[[bytes], bytes], part: str = SHEET) -> Path:
    """The workbook with one of its parts changed."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, change(data) if name == part else data)
    return path


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return book(tmp_path / "e.xlsx", [HEADINGS, *firms()])


def with_row(row: str) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(b"</sheetData>", f"{row}</sheetData>".encode())


def fault(path: Path) -> str:
    with pytest.raises(UserError) as error:
        read_book(path, "e.xlsx")
    (issue,) = error.value.issues
    assert issue.message("zh")
    return issue.code


@pytest.mark.parametrize(
    "row",
    [
        '<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row>',
        '<row r="1048576"><c r="A1048576" s="0"/><c r="XFD1048576"><v>1</v></c></row>',
        "<row spans='1:2' r='1048576'><c t='n' r='XFD1048576'><v>1</v></c></row>",
        '<row\nr="99999999"><c\nr="ZZ99999999"\n><v>1</v></c></row>',
        '<row r="4294967295"><c r="ZZZZZZZ4294967295"><v>1</v></c></row>',
    ],
)
def test_a_stray_cell_far_away_is_named(sound: Path, row: str) -> None:
    # calamine would take memory for every cell of the rectangle and abort the process
    assert fault(changed(sound, with_row(row))) == "intake_tables.sheet_too_wide"


def test_styled_empty_cells_far_away_do_no_harm(sound: Path) -> None:
    row = '<row r="1048576"><c r="XFD1048576" s="0"/><c r="XFC1048576" s="0"></c></row>'
    (sheet,) = read_book(changed(sound, with_row(row)), "e.xlsx")
    assert len(sheet.cells) == 25


def test_an_archive_that_unfolds_without_measure_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "e.xlsx"
    block = b" " * (1 << 22)
    archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
    with archive, archive.open(SHEET, "w") as part:
        for _ in range(65):  # 260 MiB of blanks in some hundred kilobytes
            part.write(block)
    assert fault(path) == "intake_tables.book_grows"


def test_an_archive_that_lies_about_its_parts_is_damaged(sound: Path) -> None:
    data = bytearray(sound.read_bytes())
    at = data.index(b"PK\x01\x02")
    while SHEET.encode() != data[at + 46 : at + 46 + len(SHEET)]:
        at = data.index(b"PK\x01\x02", at + 1)
    data[at + 24 : at + 28] = (100).to_bytes(4, "little")
    sound.write_bytes(data)
    assert fault(sound) == "intake_tables.damaged"


def test_a_locked_archive_is_damaged_not_our_fault(sound: Path) -> None:
    data = bytearray(sound.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(mark, at + 1)) >= 0:
            data[at + flags] |= 1
    sound.write_bytes(data)
    assert fault(sound) == "intake_tables.damaged"


def test_a_panic_of_the_reader_is_a_damaged_file(
    sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import python_calamine

    class PanicException(BaseException):
        """As the Rust extension raises it: no Exception."""

    def panic(_: object) -> None:
        raise PanicException("capacity overflow")

    monkeypatch.setattr(python_calamine.CalamineWorkbook, "from_path", panic)
    assert fault(sound) == "intake_tables.damaged"


def test_an_interruption_is_no_damaged_file(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import python_calamine

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(python_calamine.CalamineWorkbook, "from_path", stop)
    with pytest.raises(KeyboardInterrupt):
        read_book(sound, "e.xlsx")
