"""Numbers, dates, codes and industries as they stand in worksheets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landuse.intake.cells import clean, is_missing, text_of, texts
from landuse.intake.codes import credit_code, free_code, industry, keys, parcel_code, suggestion
from landuse.intake.dates import dates, parse_date, parse_year, years
from landuse.intake.key_columns import form_of, key_texts
from landuse.intake.numbers import numbers, parse, to_millionths
from landuse.schema.industries import division_label, division_named


def cells(*values):
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234,567.89", "1234567.89"),
        ("１，２３４．５", "1234.5"),
        ("1 234 567", "1234567"),
        ("（12.50）", "-12.50"),
        ("−5", "-5"),
        ("￥1,000", "1000"),
        ("'007", "7"),
        ("1.2E+05", "120000"),
        (".5", "0.5"),
        ("5.", "5"),
    ],
)
def test_number_forms(text, value):
    assert parse(text).value == Decimal(value)
    assert not parse(text).bad


@pytest.mark.parametrize(
    "text", ["", " ", "—", "-", "/", "无", "N/A", "空", "#DIV/0!", "……", "null"]
)
def test_marks_for_missing_are_blank_and_not_bad(text):
    assert parse(text) == (None, "", False)
    assert is_missing(text)


@pytest.mark.parametrize(
    "text",
    [
        "约50",
        ">100",
        "12,34",
        "1_000",
        "inf",
        "=1+1",
        "1.2.3",
        "一百",
        "5-6",
        "12.5箱",
        "--5",
        "(-5)",
    ],
)
def test_what_is_no_number_is_bad_and_missing(text):
    assert parse(text).value is None
    assert parse(text).bad


def test_a_unit_in_the_cell_must_be_the_columns():
    # 50亩 in a column of mu is 50 mu; in a column of m2 it contradicts and is bad
    read = numbers(cells("50亩", "60"))
    micro, present, bad = to_millionths(read, "mu", "m2")
    assert present.tolist() == [True, True]
    # 50 mu = 50 × 2000/3 m² = 33333.333333… m²
    assert micro[0] == round(Fraction(50 * 2000, 3) * 10**6) == 33_333_333_333
    _, present, bad = to_millionths(read, "m2", "m2")
    assert bad.tolist() == [True, False]
    assert present.tolist() == [False, True]


def test_percent_sign_is_understood_in_plain_numbers_only():
    read = numbers(cells("12.5%", 0.125))
    micro, _, _ = to_millionths(read, "1", "1")
    assert micro.tolist() == [125_000, 125_000]
    assert to_millionths(read, "wan", "wan")[2].tolist() == [True, False]


def test_huge_and_infinite_values_are_bad_not_wrapped():
    read = numbers(cells("1e400", 1e300, float("inf"), float("nan"), "1e9999", 10**30, True))
    micro, present, bad = to_millionths(read, "wan", "wan")
    assert not present.any()
    assert bad.tolist() == [True, True, True, False, True, True, True]
    assert micro.tolist() == [0] * 7


def test_text_longer_than_a_float_stays_exact():
    # 123456789.1234565 yuan is 12345.67891234565 wan: half to even of …8912.34565 millionths
    micro, _, _ = to_millionths(numbers(cells("12345678901.2345675")), "wan", "wan")
    assert micro[0] == 12_345_678_901_234_568  # …1.2345675 → 234567.5 rounds to the even 234568


@given(st.integers(-(10**9), 10**9), st.integers(0, 4))
def test_yuan_and_wan_agree_exactly(amount, places):
    value = Decimal(amount).scaleb(-places)
    yuan, _, _ = to_millionths(numbers(cells(str(value * 10000))), "yuan", "wan")
    wan, _, _ = to_millionths(numbers(cells(str(value))), "wan", "wan")
    assert yuan[0] == wan[0] == int(value * 10**6)


@given(st.text(max_size=20))
def test_no_text_makes_the_parsers_raise(text):
    parse(text)
    parse_date(text)
    parse_year(text)
    credit_code(text)
    parcel_code(text)
    industry(text)
    clean(text)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2024年3月5日", "2024-03-05"),
        ("2024.3.5", "2024-03-05"),
        ("2024/03/05", "2024-03-05"),
        ("20240305", "2024-03-05"),
        (20240305.0, "2024-03-05"),
        ("2024-03-05 00:00:00", "2024-03-05"),
        ("２０２４年３月５日", "2024-03-05"),
        ("二〇一四年十二月三十一日", "2014-12-31"),
        ("二零二四年三月二十日", "2024-03-20"),
        (45356.0, "2024-03-05"),  # Excel: 45292 is 2024-01-01, + 31 + 29 + 4
        (dt.date(2024, 3, 5), "2024-03-05"),
        (dt.datetime(2024, 3, 5, 8, 30), "2024-03-05"),  # noqa: DTZ001 - as a worksheet has it
        ("2024年3月", "2024-03-01"),
        ("2024-03", "2024-03-01"),
        ("2024", "2024-01-01"),
    ],
)
def test_date_forms(cell, day):
    read = dates(cells(cell))
    assert str(read.days[0])[:10] == day
    assert not read.bad[0]


def test_end_dates_take_the_last_day_and_open_ends_are_blank():
    read = dates(cells("2024-02", "2023", "长期", "9999-12-31", "—", None, 0), end=True)
    assert [str(day)[:10] for day in read.days[:2]] == ["2024-02-29", "2023-12-31"]
    assert np.isnat(read.days[2:]).all()
    assert not read.bad.any()


@pytest.mark.parametrize("cell", ["2024-02-30", "5/3/24", "24.3.5", "昨天", "20241305", True, 3.5])
def test_no_dates(cell):
    read = dates(cells(cell))
    assert read.bad[0]
    assert np.isnat(read.days[0])


def test_years():
    given_cells = cells("2024年度", 2024.0, "2024", dt.date(2024, 5, 1), None, "—", "去年", 24)
    assert years(given_cells).tolist() == [2024, 2024, 2024, 2024, 0, 0, -1, -1]


def test_credit_codes():
    # body 91350582MA0000001 has the check character 5 (published test vector)
    assert credit_code("91350582MA00000015") == ("91350582MA00000015", "")
    assert credit_code(" ９１３５０５８２ma0000001 5").value == "91350582MA00000015"
    assert credit_code("91350582MA00000016").fault == "uscc_check"
    assert credit_code("350582100001234").fault == "uscc_legacy"
    assert credit_code("9.13506E+17") == ("", "uscc_destroyed")
    assert credit_code("913505820000000000").fault == "uscc_rounded"
    assert credit_code("9135O582MA00000015").fault == "uscc_form"
    assert suggestion("9135O582MA00000015") == "91350582MA00000015"
    assert credit_code("无") == ("", "")


def test_a_code_that_became_a_number_is_no_key():
    values, faults = keys(
        cells(9.1350582e17, 350582100001234.0, 914310817777777754, "914310817777777754"),
        credit_code,
        destroyed="uscc_destroyed",
    )
    # 18 digits as a float are destroyed; 15 digits still fit; whole numbers were never floats
    assert values.tolist() == ["", "350582100001234", "914310817777777754", "914310817777777754"]
    assert faults.tolist() == ["uscc_destroyed", "uscc_legacy", "", ""]


@pytest.mark.parametrize(
    ("name", "scheme", "code"),
    [
        ("uscc", "cn", "91350582MA00000015"),
        ("uscc", "free", "F 1"),
        ("parcel_id", "cn", "350582001001GB00001"),
        ("parcel_id", "free", "Lot 7"),
    ],
)
def test_what_a_field_was_filled_up_with_is_no_part_of_a_key(name, scheme, code):
    form = form_of(name, scheme)
    padded = [code, f"{code}\0\0", "\0", "\0\0\0"]
    for column in (cells(*padded), pa.array(padded, pa.large_string())):
        read = key_texts(column, form, destroyed="destroyed")
        assert read.texts.to_pylist() == [code, code, "", ""]
        assert not len(read.odd)


def test_parcel_codes_and_free_codes():
    assert parcel_code("350582001001GB00001").fault == ""
    assert parcel_code("350582001001GB0001").fault == "parcel_code_form"
    assert free_code(" 1000010010 ").value == "1000010010"
    assert text_of(1000010010.0) == "1000010010"


@pytest.mark.parametrize(
    ("text", "division", "fault"),
    [
        ("1713", "17", ""),
        ("C1713", "17", ""),
        ("c171", "17", ""),
        ("17", "17", ""),
        ("17 纺织业", "17", ""),
        ("C17纺织业", "17", ""),
        ("纺织业", "17", ""),
        ("石油加工、炼焦和核燃料加工业", "25", ""),
        ("石油、煤炭及其他燃料加工业", "25", ""),
        ("化学原料及化学制品制造业", "26", ""),
        ("manufacture of textiles", "17", ""),
        ("0413", "04", ""),
        ("D44", "44", ""),
        ("C", "", "industry_unknown"),
        ("9999", "", "industry_unknown"),
        ("1", "", "industry_unknown"),
        ("17131", "", "industry_unknown"),
        ("新兴产业", "", "industry_unknown"),
        ("C51", "51", "industry_letter"),
        ("", "", ""),
    ],
)
def test_industries(text, division, fault):
    found = industry(text)
    assert (found.division, found.fault) == (division, fault)


def test_free_scheme_groups_by_the_text_itself():
    assert industry("LandUse 06", "free").division == "LandUse 06"
    assert industry("", "free").division == ""


def test_every_division_has_a_name_that_leads_back_to_it():
    for number in range(13, 47):
        assert division_named(division_label(f"{number}")) == f"{number}"
        assert division_named(division_label(f"{number}", "en")) == f"{number}"


def test_texts_keep_words_and_drop_marks_and_control_characters():
    found = texts(
        cells(" 某某\x07公司 ", "／", None, 17.0, 0.5, "=HYPERLINK(1)", dt.date(2024, 1, 2))
    )
    assert found.tolist() == ["某某公司", "", "", "17", "0.5", "=HYPERLINK(1)", "2024-01-02"]
