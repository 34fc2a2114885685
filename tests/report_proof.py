"""Reads a report and its workbook with nothing of the program's own, and proves every number.

A number of the document is proved by the cell that it names: 12.34〔表3!C7〕; in a table by the
sheet in its caption, the letter in its head and the number in its row. Captions stand in the list
of sheets and pictures, titles and headers are a cell of the workbook word for word.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import openpyxl

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
REFERENCE = re.compile(r"〔(?:([^〔〕!]+)!([A-Z]+)(\d+)|([^〔〕!]*))〕")
NUMBER = re.compile(r"-?\d+(?:[.,]\d+)*")


def unproved(document: Path, workbook: Path) -> tuple[int, list[str]]:
    """How many numbers were proved, and what is left with a number that is not."""
    book = openpyxl.load_workbook(workbook)
    cells = {
        (page.title, cell.column_letter, str(cell.row)): cell.value
        for page in book
        for row in page.iter_rows()
        for cell in row
    }
    first = book.worksheets[0]
    words = {str(first["A1"].value)} | {
        f"{a} {b}" for a, b in first.iter_rows(min_row=2, max_col=2, values_only=True)
    }
    proved, left = 0, []
    with zipfile.ZipFile(document) as archive:
        names = [n for n in archive.namelist() if re.match(r"word/(document|header|foot)", n)]
        for name in names:
            root = ElementTree.fromstring(archive.read(name))
            for kind, content in _blocks(root):
                done, rest = (
                    _of_text(content, cells, words, book.sheetnames)
                    if kind == "text"
                    else _of_table(content, cells)
                )
                proved += done
                left += rest
    return proved, left


def _said(element: ElementTree.Element) -> str:
    return "".join(one.text or "" for one in element.iter(f"{W}t"))


def _blocks(root: ElementTree.Element):
    """Paragraphs, and tables with the sheet that their caption names."""
    body = root.find(f"{W}body")
    sheet = ""
    for one in body if body is not None else root:
        if one.tag == f"{W}p":
            said = _said(one)
            if said.strip():
                sheet = said.split(" ")[0]
            yield "text", said
        elif one.tag == f"{W}tbl":
            rows = [[_said(c) for c in row.iter(f"{W}tc")] for row in one.iter(f"{W}tr")]
            yield "table", (sheet, rows)


def _is(value: object, shown: str) -> bool:
    if isinstance(value, str) or value is None:
        return value == shown
    digits = len(shown.partition(".")[2])
    return f"{value:.{digits}f}" == shown and round(value, digits) == value


def _of_text(said, cells, words, sheets) -> tuple[int, list[str]]:
    rest, at, proved = [], 0, 0
    if said in words or said.partition("：")[0] in words:
        return 1, []
    for match in REFERENCE.finditer(said):
        before = said[at : match.start()]
        at = match.end()
        if match[4] is not None:  # a whole sheet, or the sign that is explained
            rest.append(before)
            if match[4] and match[4] not in sheets:
                rest.append(match[0])
            continue
        value = cells.get(match.groups()[:3])
        number = re.search(r"-?\d+(?:\.\d+)?$", before)
        if isinstance(value, str) and value and before.endswith(value):
            rest.append(before.removesuffix(value))
        elif number and not isinstance(value, str) and _is(value, number[0]):
            rest.append(before[: number.start()])
        else:
            rest.append(f"{before}{match[0]} is {value!r} in the workbook 0")
        proved += 1
    rest.append(said[at:])
    return proved, [one for one in rest if NUMBER.search(one)]


def _of_table(content, cells) -> tuple[int, list[str]]:
    sheet, (heads, *rows) = content
    letters = [re.fullmatch(r"(.*)〔([A-Z]+)〕", head, re.DOTALL).groups() for head in heads]
    wrong = [
        f"{sheet}!{letter}2 {head}" for head, letter in letters if cells[sheet, letter, "2"] != head
    ]
    proved = 0
    for first, *more in rows:
        name, number = re.fullmatch(r"(.*)〔(\d+)〕", first, re.DOTALL).groups()
        for said, (_, letter) in zip([name, *more], letters, strict=True):
            value = cells.get((sheet, letter, number))
            proved += 1
            if not _is(value, said) and not (value is None and not said):
                wrong.append(f"{sheet}!{letter}{number} is {value!r}, not {said!r}")
    return proved, wrong
