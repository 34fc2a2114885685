"""The workbooks, as offices send them: titles, unit lines, merged headings, total rows."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from generator.county import YEARS, County, Firm, Year

if TYPE_CHECKING:
    from generator.troubles import Planted, Trouble

Cell = str | float | int | dt.date | None
_CREATED = dt.datetime(2026, 6, 30, tzinfo=dt.UTC).replace(tzinfo=None)


@dataclass
class Sheet:
    """What one worksheet holds; ``rows`` pair a key with the cells."""

    name: str
    title: str
    unit_line: str
    headings: list[list[str]]
    rows: list[tuple[tuple[str, str, int], list[Cell]]] = field(default_factory=list)
    merges: tuple[tuple[int, int, int, int], ...] = ()
    widths: tuple[int, ...] = ()


def write(folder: Path, county: County, planted: Planted) -> None:
    """Write all tables of the county into ``folder``."""
    landed = {lot.code: number for number, lot in enumerate(county.lots)}
    order = {firm.uscc: landed[lot.code] for lot, firm, _ in reversed(county.uses)}
    firms = sorted(county.firms, key=lambda firm: (order.get(firm.uscc, 9999), firm.uscc))
    _registry(folder, firms, planted)
    _tax(folder, firms, planted)
    _output(folder, firms, planted)
    _energy(folder, firms, planted)
    _occupancy(folder, county, planted)
    _supply(folder, county, planted)
    _exemptions(folder, county, planted)
    _corrections(folder, county, planted)


def book(path: Path, sheet: Sheet, planted: Planted, table: str) -> None:
    """Write one workbook, and note the rows of its troubles."""
    made = xlsxwriter.Workbook(str(path))
    made.set_properties({"title": sheet.title, "created": _CREATED})
    page = made.add_worksheet(sheet.name)
    head = made.add_format({"bold": True, "border": 1, "align": "center", "text_wrap": True})
    title = made.add_format({"bold": True, "font_size": 16, "align": "center"})
    day = made.add_format({"num_format": "yyyy-mm-dd"})
    last = len(sheet.headings[0]) - 1
    page.merge_range(0, 0, 0, last, sheet.title, title)
    page.write_string(1, 0, sheet.unit_line)
    for number, line in enumerate(sheet.headings):
        for column, text in enumerate(line):
            page.write_string(2 + number, column, text, head)
    for top, left, bottom, right in sheet.merges:
        page.merge_range(top, left, bottom, right, sheet.headings[top - 2][left], head)
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width)
    first = 2 + len(sheet.headings)
    places: dict[tuple[str, str, int], int] = {}
    for number, (key, cells) in enumerate(sheet.rows, first):
        places.setdefault(key, number + 1)
        if key in planted.hidden:
            page.set_row(number, None, None, {"hidden": True})
        for column, cell in enumerate(cells):
            _cell(page, number, column, cell, day)
    page.freeze_panes(first, 0)
    made.close()
    _note(planted, table, path.name, places)


def _cell(page: Worksheet, row: int, column: int, cell: Cell, day: Format) -> None:
    if isinstance(cell, dt.date):
        page.write_datetime(row, column, dt.datetime.combine(cell, dt.time()), day)
    elif isinstance(cell, str):
        page.write_string(row, column, cell)
    elif cell is not None:
        page.write_number(row, column, cell)


def _note(planted: Planted, table: str, file: str, places: dict[tuple[str, str, int], int]) -> None:
    """Where each trouble stands, as Excel counts rows."""
    for trouble in planted.troubles:
        if trouble.table != table or trouble.row:
            continue
        trouble.file = file
        years = sorted(
            (*YEARS, 0), key=lambda year: (not _touched(planted, table, trouble, year), -year)
        )
        rows = [places.get((table, trouble.key, year), 0) for year in years]
        trouble.row = next(filter(None, rows), 0)


def _touched(planted: Planted, table: str, trouble: Trouble, year: int) -> bool:
    """Whether the trouble lies in the row of that year."""
    key = (table, trouble.key, year)
    return key in planted.repeated or key in planted.hidden or key in planted.cells


def _years(firms: Sequence[Firm], planted: Planted, table: str) -> list[tuple[Firm, int, int]]:
    """Firm, year and which of the repeated rows it is, year by year."""
    out = []
    for year in YEARS:
        for firm in firms:
            key = (table, firm.uscc, year)
            if key not in planted.dropped:
                out.append((firm, year, 0))
            if key in planted.repeated:
                out.append((firm, year, 1))
    return out


def _changed(planted: Planted, table: str, firm: Firm, year: int, **cells: Cell) -> dict[str, Cell]:
    change: dict[str, Any] = planted.cells.get((table, firm.uscc, year), {})
    return {**cells, **change}


def _registry(folder: Path, firms: Sequence[Firm], planted: Planted) -> None:
    heads = ["序号", "统一社会信用代码", "企业名称", "年度", "行业代码", "规模", "投产日期"]
    heads += ["从业人数", "X坐标", "Y坐标"]
    sheet = Sheet(
        "企业名录", "云泽县工业企业名录（2023—2025年）", "填报单位：云泽县经济和信息化局", [heads]
    )
    sheet.widths = (6, 22, 40, 8, 10, 8, 14, 10, 14, 14)
    for number, (firm, year, _) in enumerate(_years(firms, planted, "enterprises"), 1):
        code: Cell = int(firm.code) if firm.code.isdigit() and number % 3 == 0 else firm.code
        started: Cell = firm.started
        if firm.started.count("-") == 2 and number % 2:
            started = dt.date.fromisoformat(firm.started)
        cells: list[Cell] = [number, firm.uscc, firm.name, year, code or None, firm.scale]
        cells += [started or None, firm.employees, firm.x, firm.y]
        sheet.rows.append((("enterprises", firm.uscc, year), cells))
    book(folder / "enterprises.xlsx", sheet, planted, "enterprises")


def _number(cell: Cell) -> float:
    """A cell as the office's own sum takes it."""
    if isinstance(cell, str):
        text = cell.replace(",", "")
        return float(text) if text.replace(".", "").replace("-", "").isdigit() else 0.0
    return float(cell) if isinstance(cell, int | float) else 0.0


def _tax(folder: Path, firms: Sequence[Firm], planted: Planted) -> None:
    heads = ["序号", "纳税人识别号", "纳税人名称", "年度", "入库税收(元)"]
    sheet = Sheet("税收", "2023—2025年度工业企业入库税收明细表", "单位：元", [heads])
    sheet.widths = (6, 22, 40, 8, 18)
    total = 0.0
    for number, (firm, year, again) in enumerate(_years(firms, planted, "tax"), 1):
        tax = firm.years[year].tax_yuan
        cells = _changed(planted, "tax", firm, year, uscc=firm.uscc, value=tax + 1000.0 * again)
        total += _number(cells["value"])
        row = [number, cells["uscc"], firm.name, year, cells["value"]]
        sheet.rows.append((("tax", firm.uscc, year), row))
    sheet.rows.append((("", "", 0), ["合计", None, None, None, round(total, 2)]))
    book(folder / "tax.xlsx", sheet, planted, "tax")


def _output(folder: Path, firms: Sequence[Firm], planted: Planted) -> None:
    heads = ["统一社会信用代码", "单位详细名称", "年份", "工业总产值", "其中：销售产值"]
    sheet = Sheet("产值", "规模以上及规模以下工业产值表", "计量单位：千元", [heads])
    sheet.widths = (22, 40, 8, 18, 18)
    grand, part, before = 0.0, 0.0, YEARS[0]
    for firm, year, _ in [*_years(firms, planted, "output"), (firms[0], 0, 0)]:
        if year != before:
            sheet.rows.append((("", "", 0), [f"{before}年小计", None, None, part, None]))
            grand, part, before = grand + part, 0.0, year
        if not year:
            break
        output = firm.years[year].output_thousand
        cells = _changed(planted, "output", firm, year, uscc=firm.uscc, value=output)
        part += _number(cells["value"])
        row = [cells["uscc"], firm.name, year, cells["value"], round(output * 0.97)]
        sheet.rows.append((("output", firm.uscc, year), row))
    sheet.rows.append((("", "", 0), ["合计", None, None, grand, None]))
    book(folder / "output.xlsx", sheet, planted, "output")


def _energy(folder: Path, firms: Sequence[Firm], planted: Planted) -> None:
    heads = [
        ["序号", "统一社会信用代码", "单位名称", "年度", "能源消费量", "", ""],
        ["", "", "", "", "电力(万千瓦时)", "原煤(吨)", "天然气(万立方米)"],
    ]
    sheet = Sheet("能耗", "工业企业能源消费情况表", "填报单位：云泽县供电公司、统计局", heads)
    sheet.merges = ((2, 0, 3, 0), (2, 1, 3, 1), (2, 2, 3, 2), (2, 3, 3, 3), (2, 4, 2, 6))
    sheet.widths = (6, 22, 40, 8, 16, 12, 18)
    totals = [0.0, 0.0, 0.0]
    names = ("electricity", "coal", "gas")
    for number, (firm, year, _) in enumerate(_years(firms, planted, "energy"), 1):
        use: Year = firm.years[year]
        true: dict[str, Cell] = {
            "uscc": firm.uscc,
            "electricity": use.electricity_10000kwh,
            "coal": use.coal_t,
            "gas": use.gas_10000m3,
        }
        cells = _changed(planted, "energy", firm, year, **true)
        totals = [old + _number(cells[name]) for old, name in zip(totals, names, strict=True)]
        row = [number, cells["uscc"], firm.name, year, *(cells[name] for name in names)]
        sheet.rows.append((("energy", firm.uscc, year), row))
    wrong = round(totals[0] * 1.013, 2)
    sheet.rows.append(
        (
            ("energy", "合计", 0),
            ["合计", None, None, None, wrong, *(round(x, 2) for x in totals[1:])],
        )
    )
    note = "能耗表“合计”行的电力合计与各行之和不符（多约 1.3 %），提示"
    planted.add("total_does_not_fit", "energy", "合计", "issue", note, wrong)
    book(folder / "energy.xlsx", sheet, planted, "energy")


_OCCUPANCY = {
    "parcel_id": "宗地代码",
    "uscc": "统一社会信用代码",
    "relation": "用地关系",
    "area": "用地面积(平方米)",
    "area_kind": "面积类型",
    "from": "起始日期",
    "to": "终止日期",
}
SUPPLY = {
    "contract_no": "合同编号",
    "parcel_id": "宗地代码",
    "holder": "受让人",
    "area": "供地面积(平方米)",
    "price": "成交价款(万元)",
    "agreed_delivery": "约定交地日期",
    "delivered_on": "实际交地日期",
    "agreed_start": "约定动工日期",
    "extended_start": "延期动工日期",
    "actual_start": "实际动工日期",
    "agreed_completion": "约定竣工日期",
    "completed_on": "实际竣工日期",
    "area_to_start": "应动工面积(平方米)",
    "area_started": "已动工面积(平方米)",
    "total_investment": "总投资(万元)",
    "invested": "已投资(万元)",
    "suspended_since": "中止建设日期",
    "cause": "闲置原因",
}


def _rows(
    sheet: Sheet, table: str, key: str, rows: list[dict[str, Any]], heads: dict[str, str]
) -> None:
    for row in rows:
        cells: list[Cell] = [None if row.get(name) == "" else row.get(name) for name in heads]
        sheet.rows.append(((table, str(row[key]), 0), cells))


def _occupancy(folder: Path, county: County, planted: Planted) -> None:
    sheet = Sheet(
        "用地关系", "企业用地关系表", "填报单位：各镇（街道）", [list(_OCCUPANCY.values())]
    )
    sheet.widths = (24, 22, 10, 16, 10, 14, 14)
    rows = sorted(county.occupancy, key=lambda row: str(row["parcel_id"]))
    _rows(sheet, "occupancy", "parcel_id", rows, _OCCUPANCY)
    book(folder / "occupancy.xlsx", sheet, planted, "occupancy")
    numbers = {str(row["uscc"]): number for number, row in enumerate(rows, 4)}
    for trouble in planted.troubles:
        if trouble.table == "occupancy" and not trouble.row:
            trouble.row = numbers[trouble.key]


def _supply(folder: Path, county: County, planted: Planted) -> None:
    sheet = Sheet(
        "供地合同", "国有建设用地供应合同履行情况表", "单位：平方米、万元", [list(SUPPLY.values())]
    )
    sheet.widths = (20, 24, 36, *([16] * 15))
    _rows(sheet, "supply", "parcel_id", county.supply, SUPPLY)
    book(folder / "supply.xlsx", sheet, planted, "supply")


def _exemptions(folder: Path, county: County, planted: Planted) -> None:
    heads = {"uscc": "统一社会信用代码", "name": "企业名称", "reason": "豁免原因"}
    sheet = Sheet(
        "豁免名单", "不参与评价企业名单", "云府办〔2026〕3 号附件", [list(heads.values())]
    )
    sheet.widths = (22, 40, 40)
    _rows(sheet, "exemptions", "uscc", county.exemptions, heads)
    book(folder / "exemptions.xlsx", sheet, planted, "exemptions")


def _corrections(folder: Path, county: County, planted: Planted) -> None:
    heads = {
        "table": "表", "key": "主键", "column": "列", "old": "原值",
        "new": "新值", "reason": "理由", "by": "经办人", "on": "日期",
    }  # fmt: skip
    path = folder / "corrections.csv"
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads.values())
        writer.writerows([row[name] for name in heads] for row in county.corrections)
    numbers = {str(row["key"]): number for number, row in enumerate(county.corrections, 2)}
    for trouble in planted.troubles:
        if trouble.shows == ("correction",):
            trouble.file, trouble.row = path.name, numbers[trouble.key]
