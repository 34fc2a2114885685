"""The form of a batch knows the tables about parks: what is uploaded is in the project file."""

from __future__ import annotations

import shutil
import tomllib

import openpyxl
import pytest

from landuse.intake.park_tables import read_park_inputs
from landuse.intake.project import PARK_TABLES, load_project
from landuse.issues import IssueLog
from landuse.messages import text
from landuse.pipeline import batch_form
from landuse.pipeline.batch_files import Batch

BOOKS = ("park_register", "park_periods", "projects", "promises", "demand", "stated")


@pytest.fixture(scope="module")
def batch(sample, tmp_path_factory) -> Batch:
    folder = tmp_path_factory.mktemp("batch") / "one"
    folder.mkdir()
    names = [f"{name}.xlsx" for name in (*BOOKS, "enterprises")]
    for path in sample.iterdir():
        if path.stem == "宗地" or path.name in names:
            shutil.copy(path, folder / path.name)
    files = sorted(one for one in folder.iterdir() if one.suffix in (".shp", ".xlsx"))
    made = Batch("one", folder, tuple(files), ())
    parcels = batch_form.guess(made)
    assert parcels is not None
    batch_form.draft(made, parcels, {"name": "甲", "year": "2025", "as_of": "2026-06-30"}, "zh")
    return made


def test_every_park_table_is_a_part_of_the_form_and_no_file_is_left_over(batch) -> None:
    form = batch_form.form_of(batch, "zh")
    parts = {part.key: part.files for part in form.parts}
    assert [parts[name] for name in PARK_TABLES] == [(f"{name}.xlsx",) for name in BOOKS]
    assert form.left_over == ()
    promises = next(part for part in form.parts if part.key == "promises")
    shown = {column.name: column for column in promises.columns}
    assert shown["promised_tax"].value == "承诺亩均税收(万元/亩)"
    assert shown["promised_tax"].label == "承诺亩均税收"


def _tax(promises, uscc: str) -> list[int]:
    mine = promises["uscc"] == uscc
    return promises.loc[mine, "promised_tax_wan_per_mu_micro"].tolist()


def test_an_answer_about_a_park_table_counts(batch) -> None:
    read = read_park_inputs(load_project(batch.project), IssueLog())
    assert read.given == frozenset(PARK_TABLES)
    rows = [
        list(row) for row in openpyxl.load_workbook(batch.folder / "promises.xlsx").active.values
    ]
    heads = next(row for row in rows if "承诺亩均税收(万元/亩)" in row)
    first = dict(zip(heads, rows[rows.index(heads) + 1], strict=True))
    tax, output = (round(first[f"承诺亩均{name}(万元/亩)"] * 1e6) for name in ("税收", "产值"))
    assert tax != output
    assert _tax(read.promises, first["统一社会信用代码"]) == [tax]
    given = {"promises.columns.promised_tax": "承诺亩均产值(万元/亩)", "promises.money_unit": "wan",
             "promises.columns.promised_output": "承诺亩均税收(万元/亩)"}  # fmt: skip
    batch_form.answer(batch, given, "zh")
    assert tomllib.loads(batch.project.read_text("utf-8"))["promises"]["money_unit"] == "wan"
    again = read_park_inputs(load_project(batch.project), IssueLog()).promises
    assert _tax(again, first["统一社会信用代码"]) == [output]


def test_the_words_of_the_parts_are_there() -> None:
    assert all(text(f"batch.table_{name}", lang) for name in PARK_TABLES for lang in ("zh", "en"))
