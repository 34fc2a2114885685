"""The round trip through a real spreadsheet program (LibreOffice, without a screen)."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from book_desk import DISPOSED, MAIN, STARTED, STATE, Desk, Edit, said

pytestmark = [
    pytest.mark.office,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
]
FORMATS = {"xlsx": "xlsx:Calc MS Excel 2007 XML", "xls": "xls:MS Excel 97"}


@pytest.fixture
def desk(ledger, tmp_path):
    desk = Desk(ledger, tmp_path)
    desk.fill()
    return desk


def saved_again(path, suffix="xlsx"):
    """The file as LibreOffice writes it."""
    folder = path.parent / "lo"
    done = subprocess.run(
        ["soffice", f"-env:UserInstallation={(path.parent / 'profile').as_uri()}", "--headless",
         "--convert-to", FORMATS[suffix], "--outdir", str(folder), str(path)],
        capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / f"{path.stem}.{suffix}"


@pytest.mark.parametrize("suffix", ["xlsx", "xls"])
def test_opened_and_saved_changes_nothing(desk, suffix):
    preview = desk.back(saved_again(desk.export(), suffix))
    assert [(row.kind, row.number, row.issues, row.notes) for row in preview.rows] == []
    assert (preview.unchanged, preview.missing) == (5, [])


def test_whatever_stands_in_a_text_survives(ledger, tmp_path):
    desk = Desk(ledger, tmp_path)
    desk.fill_wildly(3)
    preview = desk.back(saved_again(desk.export()))
    assert (preview.rows, preview.unchanged) == ([], 60)


def test_twice_saved_and_edited_between(desk):
    edit = Edit(saved_again(desk.export()))
    edit.set(
        "2026-003", {STATE: "处置中", STARTED: "2026年3月5日", DISPOSED: "30亩", "进展": "已开工"}
    )
    path = saved_again(edit.save())
    preview = desk.back(path)
    assert set(said(preview, "2026-003")) == {"state", "started_on", "part_mu_e4", "progress"}
    assert desk.hand_in(path).changed == 1
    assert desk.case("2026-003").parts[0].mu_e4 == 300000
    assert desk.faults() == []


def test_what_protects_and_helps_survives(desk):
    import openpyxl

    book = openpyxl.load_workbook(saved_again(desk.export()))
    sheet = book[MAIN]
    assert sheet.protection.sheet
    lists = {rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert len(lists) == 3
    assert [one.title for one in book if one.sheet_state == "visible"][:2] == [MAIN, "处置明细"]
