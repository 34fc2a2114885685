"""Cells and headings that could become a wrong number without a word."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from hostile_county import HEADINGS, book, firm, firms, parcels, plain, project, text_table
from openpyxl.worksheet.worksheet import Worksheet

from landuse import intake
from landuse.errors import UserError
from landuse.intake.inputs import Inputs
from landuse.intake.numbers import parse
from landuse.intake.project import load_project
from landuse.issues import IssueLog
from landuse.rules import load


def read(file: Path) -> tuple[Inputs, IssueLog]:
    given = load_project(file)
    assert given.as_of is not None
    rules = load(given.rules.pack, as_of=given.as_of, override=given.rules.override)
    log = IssueLog()
    return intake.read_inputs(given, rules, log), log


def refused(file: Path) -> list[str]:
    with pytest.raises(UserError) as error:
        read(file)
    return [issue.code for issue in error.value.issues]


@pytest.mark.parametrize("text", ["1234①", "100²", "½", "3½", "①", "1234 ²"])
def test_footnotes_and_powers_are_not_digits(text: str) -> None:
    # folded by NFKC they would be 12341, 1002, 1⁄2, 31⁄2, 1 and 12342
    assert parse(text) == (None, "", True)


@pytest.mark.parametrize(("text", "value"), [("１２３", 123), ("50㎡", 50), ("50m²", 50)])
def test_widths_and_units_are_still_read(text: str, value: int) -> None:
    assert parse(text).value == value


def test_sums_that_could_overflow_stop_the_run(tmp_path: Path) -> None:
    # 24 × 8.9e12 万元 are 2.1e20 millionths; 64 bits hold 9.2e18
    file = plain(tmp_path)
    book(tmp_path / "enterprises.xlsx", [HEADINGS, *([*r[:4], 8.9e12, *r[5:]] for r in firms())])
    assert refused(file) == ["intake_tables.column_too_large"]


def test_areas_whose_sum_could_overflow_stop_the_run(tmp_path: Path) -> None:
    file = plain(tmp_path)
    parcels(DJMJ=[8.9e12] * 24).to_file(tmp_path / "parcels.gpkg")
    assert refused(file) == ["intake_tables.column_too_large"]


def test_one_absurd_value_is_still_an_outlier(tmp_path: Path) -> None:
    file = plain(tmp_path)
    rows = firms()
    rows[0][4] = 1e10
    book(tmp_path / "enterprises.xlsx", [HEADINGS, *rows])
    inputs, log = read(file)
    assert [issue.code for issue in log] == ["intake_tables.outlier"]
    assert len(inputs.figures) == 24


@pytest.mark.parametrize("second", ["税收(万元)", "税收（万元）"])
def test_two_columns_of_one_name_are_never_chosen_between(tmp_path: Path, second: str) -> None:
    file = plain(tmp_path)
    rows = [[*row, 5.0] for row in firms()]
    book(tmp_path / "enterprises.xlsx", [[*HEADINGS, second], *rows])
    assert refused(file) == ["intake_tables.ambiguous_heading"]


def test_a_repeated_column_can_be_named_by_its_letter(tmp_path: Path) -> None:
    file = plain(tmp_path)
    rows = [[*row, 5.0] for row in firms()]
    book(tmp_path / "enterprises.xlsx", [[*HEADINGS, "税收(万元)"], *rows])
    text = file.read_text(encoding="utf-8")
    file.write_text(f'{text}[enterprises.columns]\ntax = "税收(万元) [H]"\n', encoding="utf-8")
    inputs, _ = read(file)
    assert set(inputs.figures["tax_wan_micro"]) == {5_000_000}


def test_a_repeated_column_that_says_the_same_or_nothing_is_harmless(tmp_path: Path) -> None:
    file = plain(tmp_path)
    rows = [[*row, row[4], None] for row in firms()]
    book(tmp_path / "enterprises.xlsx", [[*HEADINGS, HEADINGS[4], HEADINGS[4]], *rows])
    inputs, log = read(file)
    assert len(log) == 0
    assert inputs.figures["tax_wan_micro"].iloc[0] == firm(1)[4] * 1_000_000  # type: ignore[operator]


def test_a_heading_like_the_mark_of_another_stays_apart(tmp_path: Path) -> None:
    file = plain(tmp_path)
    rows = [[*row, 1, 2, 3] for row in firms()]
    book(tmp_path / "enterprises.xlsx", [[*HEADINGS, "备注", "备注", "备注 [I]"], *rows])
    inputs, _ = read(file)
    assert len(inputs.enterprises) == 24


def test_a_table_without_rows_is_said(tmp_path: Path) -> None:
    file = plain(tmp_path, tables='[[enterprises.tables]]\npath = "more.xlsx"')
    book(tmp_path / "more.xlsx", [["信用代码", "年度", "从业人数"]])
    _, log = read(file)
    (issue,) = [one for one in log if one.code == "intake_tables.no_rows"]
    assert issue.file == "more.xlsx"


@pytest.mark.parametrize("far", [1e18, 1e300])
def test_polygons_beyond_all_measure_are_set_aside(tmp_path: Path, far: float) -> None:
    file = project(tmp_path)
    book(tmp_path / "enterprises.xlsx", [HEADINGS, *firms()])
    frame = parcels()
    shapes = frame.geometry.to_numpy().copy()
    shapes[0] = shapely.Polygon([(far, 0), (far, far), (0, far)])
    broken = gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes, crs=frame.crs)
    broken.to_file(tmp_path / "parcels.gpkg")
    inputs, _ = read(file)
    assert inputs.set_aside["reason"].tolist() == ["intake_layers.geometry_beyond"]
    assert len(inputs.parcels) == 23
    assert np.isfinite(inputs.parcels["geometry_area_m2_micro"]).all()


def test_a_cohort_may_be_the_whole_industry_code(tmp_path: Path) -> None:
    file = plain(tmp_path, override={"cohort_by": '["industry_code"]'})
    inputs, _ = read(file)
    assert set(inputs.enterprises["industry_code"]) == {"1711", "1811"}


@pytest.mark.parametrize("name", ["scale", "行业组"])
def test_a_cohort_column_that_no_table_has_stops_the_run(tmp_path: Path, name: str) -> None:
    file = plain(tmp_path, override={"cohort_by": f'["division", "{name}"]'})
    assert refused(file) == ["intake_tables.needed_column"]


def test_a_start_of_production_in_the_future_is_said(tmp_path: Path) -> None:
    # a slip there (2052 for 2025) would exempt the firm without a word
    file = plain(tmp_path)
    rows = [[*row, "2052-01-15" if place == 0 else None] for place, row in enumerate(firms())]
    book(tmp_path / "enterprises.xlsx", [[*HEADINGS, "投产日期"], *rows])
    _, log = read(file)
    assert [(issue.code, issue.key) for issue in log] == [
        ("intake_tables.starts_after_year", firm(1)[0])
    ]


def test_a_number_that_is_no_day_of_a_spreadsheet_is_no_date(tmp_path: Path) -> None:
    file = plain(tmp_path)
    rows = [[*row, "99999" if place == 0 else None] for place, row in enumerate(firms())]
    book(tmp_path / "enterprises.xlsx", [[*HEADINGS, "投产日期"], *rows])
    inputs, log = read(file)
    assert [issue.code for issue in log] == ["intake_tables.not_a_date"]
    assert inputs.enterprises["production_started_on"].isna().all()


def workbook_of(path: Path) -> tuple[openpyxl.Workbook, Worksheet]:
    workbook = openpyxl.load_workbook(path)
    page = workbook.active
    assert isinstance(page, Worksheet)
    return workbook, page


def test_formulas_that_nobody_computed_are_said(tmp_path: Path) -> None:
    # openpyxl writes formulas without results: for every other reader the cells are blank
    file = plain(tmp_path)
    workbook, page = workbook_of(tmp_path / "enterprises.xlsx")
    for row in range(2, 26):
        page.cell(row, 5).value = f"=F{row}/10"
    page.cell(3, 9).value = "=1+1"  # a column that means nothing
    workbook.save(tmp_path / "enterprises.xlsx")
    inputs, log = read(file)
    (issue,) = log
    assert (issue.code, issue.column) == ("intake_tables.formula_without_value", "税收(万元)")
    assert issue.values["n"] == 24
    assert inputs.figures["tax_wan_micro"].isna().all()


def test_errors_in_cells_are_said_by_column(tmp_path: Path) -> None:
    file = plain(tmp_path)
    workbook, page = workbook_of(tmp_path / "enterprises.xlsx")
    page["F4"].value = "#DIV/0!"
    page["F4"].data_type = "e"
    workbook.save(tmp_path / "enterprises.xlsx")
    _, log = read(file)
    assert [(one.code, one.column, one.value) for one in log] == [
        ("intake_tables.error_values", "产值(万元)", "F4")
    ]


def test_a_figure_merged_over_rows_is_said(tmp_path: Path) -> None:
    file = plain(tmp_path)
    workbook, page = workbook_of(tmp_path / "enterprises.xlsx")
    page.merge_cells("E2:E4")
    workbook.save(tmp_path / "enterprises.xlsx")
    inputs, log = read(file)
    assert [(one.code, one.value) for one in log] == [("intake_tables.merged_figures", "E2:E4")]
    assert inputs.figures["tax_wan_micro"].isna().sum() == 2


@pytest.mark.parametrize("close", [True, False], ids=["closed later", "never closed"])
def test_a_lone_quotation_mark_does_not_swallow_rows(tmp_path: Path, close: bool) -> None:
    file = plain(tmp_path, enterprises="e.csv")
    lines = [",".join(map(str, row)) for row in [HEADINGS, *firms()]]
    lines[5] = lines[5].replace("第5公司", '"第5公司')
    if close:
        lines[9] = lines[9].replace("第9公司", '第9公司"')
    (tmp_path / "e.csv").write_text("\r\n".join(lines), encoding="utf-8")
    with pytest.raises(UserError) as error:
        read(file)
    (issue,) = error.value.issues
    assert (issue.code, issue.row) == ("intake_tables.quote_swallows", 6)


def test_line_breaks_inside_a_cell_are_still_read(tmp_path: Path) -> None:
    file = plain(tmp_path, enterprises="e.csv")
    rows = firms()
    rows[3][1] = "第4公司\r\n（原一厂, 二厂）"
    text_table(tmp_path / "e.csv", [HEADINGS, *rows])
    inputs, _ = read(file)
    assert len(inputs.enterprises) == 24
