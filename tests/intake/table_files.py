"""Worksheets and projects written for the tests of the tables."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl

from landuse.intake.columns import Vocabulary
from landuse.intake.project import Project, load_project
from landuse.intake.worksheets import read_tables
from landuse.issues import IssueLog
from landuse.rules import Rules, load

HEAD = """
[project]
name = "试验县"
year = 2025
as_of = 2026-06-30
{head}
[parcels]
path = "parcels.shp"
[rules]
pack = "{pack}"
{rules}
"""


def book(path: Path, rows, *, sheet="Sheet1", merged=(), hidden=(), more=()):
    """An .xlsx with one sheet of ``rows`` (and ``more``: pairs of name and rows)."""
    workbook = openpyxl.Workbook()
    first = workbook.active
    first.title = sheet
    for name, content in ((sheet, rows), *more):
        page = first if name == sheet else workbook.create_sheet(name)
        for number, row in enumerate(content, 1):
            for column, cell in enumerate(row, 1):
                if cell is not None:
                    page.cell(number, column).value = cell
                    if isinstance(cell, str) and cell.startswith("="):
                        page.cell(number, column).data_type = "s"
    for cells in merged:
        first.merge_cells(cells)
    for row in hidden:
        first.row_dimensions[row].hidden = True
    workbook.save(path)
    return path


def project(folder: Path, text: str, *, head="", pack="three-indicator", rules="") -> Project:
    """A project file with ``text`` (the tables beside parcels and rules)."""
    file = folder / "project.toml"
    whole = HEAD.format(head=head, pack=pack, rules=rules)
    if "[enterprises]" not in text:
        whole += '\n[enterprises]\npath = "none.xlsx"\n'
    file.write_text(whole + text, encoding="utf-8")
    return load_project(file)


def rules_of(found: Project) -> Rules:
    """The rules of a project."""
    ref = found.rules
    return load(ref.pack, as_of=dt.date(2026, 6, 30), override=ref.override, base=found.base)


def codes(log: IssueLog) -> list[str]:
    """Codes of the issues, without their room."""
    return [issue.code.split(".")[1] for issue in log]


def raw_of(path: Path, table="enterprises", *, yearly=(), log=None, **source):
    """One file read as ``table``."""
    from landuse.intake.project import Source

    given = Source(path=(path.name,), **source)
    words = Vocabulary.of(table, given.columns, yearly=yearly)
    return read_tables([path], path.parent, given, words, log or IssueLog())
