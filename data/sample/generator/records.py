"""Troubles of the enterprise tables."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from generator import codes
from generator.county import YEARS, County, Firm
from generator.picking import firms

if TYPE_CHECKING:
    from generator.troubles import Planted


def plant(rng: random.Random, county: County, planted: Planted) -> None:
    """Codes, blanks, zeros, marks, repeated and hidden rows, firms that one table lacks."""
    _codes(rng, county, planted)
    _figures(county, planted)
    _rows(county, planted)
    _industry(county, planted)


def _next(county: County, planted: Planted) -> Firm:
    return firms(county, planted.busy, "uscc", 1)[0]


def _codes(rng: random.Random, county: County, planted: Planted) -> None:
    firm = _next(county, planted)
    lot = county.lot_of(firm)
    firm.uscc = lot.uscc = codes.wrong_check(firm.uscc)
    planted.busy.add(firm.uscc)
    note = "信用代码校验位错，各表一致，照用并提示"
    planted.add("wrong_check_character", "enterprises", firm.uscc, "issue link", note)

    firm = _next(county, planted)
    lot = county.lot_of(firm)
    firm.uscc = lot.uscc = codes.uscc(rng, digits_only=True)
    planted.busy.add(firm.uscc)
    text = f"{int(firm.uscc):.5E}".replace("E+", "E+")
    planted.cell("tax", firm.uscc, 2025, "uscc", text)
    note = "税收表中的信用代码被表格软件变成科学计数法，这一行没有键"
    planted.add("scientific_notation", "tax", firm.uscc, "issue set_aside", note, text)
    planted.cell("output", firm.uscc, 2025, "uscc", float(int(firm.uscc)))
    note = "产值表中的信用代码是数字单元格，末几位已丢失"
    planted.add("code_as_number", "output", firm.uscc, "issue set_aside", note)

    firm = _next(county, planted)
    for year in YEARS:
        planted.cell("tax", firm.uscc, year, "uscc", codes.full_width(firm.uscc))
    note = "税收表中的信用代码是全角字符，应折叠后匹配"
    planted.add("full_width_code", "tax", firm.uscc, "link", note)
    firm = _next(county, planted)
    for year in YEARS:
        planted.cell("energy", firm.uscc, year, "uscc", f" {firm.uscc.lower()} ")
    planted.add("spaces_and_lower_case", "energy", firm.uscc, "link", "代码前后有空格、小写字母")


def _figures(county: County, planted: Planted) -> None:
    for mark in (None, "—", "/", "无", "N/A"):
        firm = _next(county, planted)
        planted.cell("tax", firm.uscc, 2025, "value", mark)
        note = "2025 年税收为空或缺失标记，是缺失而不是 0"
        planted.add("missing_tax", "tax", firm.uscc, "status:missing_indicator", note, mark or "")
    for _ in range(3):
        firm = _next(county, planted)
        for column in ("electricity", "coal", "gas"):
            planted.cell("energy", firm.uscc, 2025, column, 0)
        note = "2025 年能耗为 0，单位能耗产值无法计算"
        planted.add("zero_energy", "energy", firm.uscc, "status:missing_indicator", note, 0)
    firm = _next(county, planted)
    for column in ("electricity", "coal", "gas"):
        planted.cell("energy", firm.uscc, 2025, column, None)
    note = "2025 年能耗全部空白，是缺失"
    planted.add("blank_energy", "energy", firm.uscc, "status:missing_indicator", note)
    firm = _next(county, planted)
    planted.cell("tax", firm.uscc, 2025, "value", 0)
    note = "2025 年税收为 0（填的是 0，不是空白），照 0 计"
    planted.add("zero_tax", "tax", firm.uscc, "link", note, 0)
    firm = _next(county, planted)
    planted.cell("tax", firm.uscc, 2025, "value", -round(firm.years[2025].tax_yuan * 0.1, 2))
    planted.add("negative_tax", "tax", firm.uscc, "link", "2025 年退税大于缴税，税收为负")
    for _ in range(4):
        firm = _next(county, planted)
        text = f"{firm.years[2025].tax_yuan:,.2f}"
        planted.cell("tax", firm.uscc, 2025, "value", text)
        planted.add("thousands_separator", "tax", firm.uscc, "link", "千分位文本", text)
    firm = _next(county, planted)
    value = firm.years[2025].output_thousand * 3000
    planted.cell("output", firm.uscc, 2025, "value", value)
    note = "产值超过同行业中位数 1 000 倍（单位错），提示"
    planted.add("outlier", "output", firm.uscc, "issue", note, value)


def _rows(county: County, planted: Planted) -> None:
    firm = _next(county, planted)
    planted.repeated.add(("tax", firm.uscc, 2025))
    note = "税收表 2025 年同一企业两行（金额不同），全部剔除，不得重复计算"
    planted.add("repeated_row", "tax", firm.uscc, "issue set_aside", note)
    firm = _next(county, planted)
    planted.repeated.add(("enterprises", firm.uscc, 2024))
    note = "名录 2024 年同一企业两行"
    planted.add("repeated_row_registry", "enterprises", firm.uscc, "issue set_aside", note)
    firm = _next(county, planted)
    planted.hidden.add(("tax", firm.uscc, 2025))
    planted.add("hidden_row", "tax", firm.uscc, "fact", "该行在工作表中被隐藏，照读并说明")
    for table, count in (("tax", 2), ("output", 1), ("energy", 2)):
        for _ in range(count):
            firm = _next(county, planted)
            for year in YEARS:
                planted.dropped.add((table, firm.uscc, year))
            note = f"名录中有、{table} 表中没有的企业"
            planted.add("firm_not_in_table", table, firm.uscc, "issue", note)
    firm = _next(county, planted)
    for table in ("enterprises", "tax", "output", "energy"):
        planted.dropped.add((table, firm.uscc, 2025))
    note = "没有评价年度（2025 年）的任何数据"
    planted.add("no_figures", "enterprises", firm.uscc, "status:no_figures", note)
    firm = _next(county, planted)
    for table in ("tax", "output", "energy"):
        planted.dropped.add((table, firm.uscc, 2024))
    planted.add("no_last_year", "enterprises", firm.uscc, "link", "没有上年数据，“上年”检验不适用")


def _industry(county: County, planted: Planted) -> None:
    firm = _next(county, planted)
    firm.code = "9999"
    note = "行业代码不存在"
    planted.add(
        "unknown_industry", "enterprises", firm.uscc, "issue status:no_industry", note, "9999"
    )
    firm = _next(county, planted)
    firm.code = ""
    planted.add("blank_industry", "enterprises", firm.uscc, "status:no_industry", "行业代码空白")
    for text in ("2016年9月", "2015/8/3", "2012.06.18", "二〇一四年五月一日"):
        firm = _next(county, planted)
        firm.started = text
        planted.add("date_form", "enterprises", firm.uscc, "link", "投产日期的写法", text)
    for division in ("40", "42", "28", "19"):
        note = "行业企业少于 7 家，并入“pool”组"
        planted.add("tiny_industry", "enterprises", division, "cohort:pool", note, division)
