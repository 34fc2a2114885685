"""What is read at once from a whole column is what is read cell by cell."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from landuse.intake.cells import _DROPPED, _MISSING, clean, is_missing, text_of, texts
from landuse.intake.codes import PARCEL_FORM, free_code, keys, parcel_code
from landuse.intake.numbers import numbers, parse
from landuse.schema.headings import fold

NUMBERS = st.from_regex(r"[+-]?[0-9]{1,18}(\.[0-9]{0,17})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
LIKE_NUMBERS = st.text("0123456789０５.,，-+eE%％亩万元()（）① ", max_size=20)
MARKS = st.sampled_from(
    ["", "—", "N/A", " 无 ", "#REF!", "／", "nan", "…", "待定", "Ｎ／Ａ", "无\u200b"]
)
CELLS = st.one_of(
    st.none(), st.floats(), st.integers(), st.booleans(), NUMBERS, LIKE_NUMBERS, MARKS,
    st.text(max_size=14), st.just(dt.date(2024, 3, 5)), st.decimals(),
    st.floats().map(np.float64), st.integers(-(2**31), 2**31).map(np.int64),
)  # fmt: skip


def column(cells):
    array = np.empty(len(cells), dtype=object)
    array[:] = cells
    return array


def one(cell):
    """A cell as value, unit, fault and exact value, as :func:`numbers` promises it."""
    unit, value, bad, exact = "", math.nan, False, None
    if type(cell) is str:
        parsed = parse(cell)
        unit, bad, exact = parsed.unit, parsed.bad, parsed.value
    elif type(cell) in {int, Decimal} or isinstance(cell, np.integer | np.floating):
        exact = Decimal(str(cell))
        bad = math.isinf(float(exact)) if not exact.is_nan() else False
    elif type(cell) is float:
        value, bad = cell, math.isinf(cell)
    else:
        bad = cell is not None
    if exact is not None and not exact.is_nan():
        value = float(exact)
    long = exact is not None and exact.is_finite() and len(exact.as_tuple().digits) > 15
    return (math.nan if bad else value), unit, bad, (exact if long else None)


@given(st.lists(CELLS, max_size=8))
@example(["1.5", "1.5", 2.5, None, "1234567.1234567", "12345678.5", "123456789012345678", "1e400"])
@example(["-0", "-0.0", -0.0, "+7.", "٣", "１２", "1\n", "0000000"])
def test_a_column_of_numbers_is_its_cells(cells):
    # an sNaN cannot become a float, neither here nor in any file
    cells = [None if isinstance(cell, Decimal) and cell.is_snan() else cell for cell in cells]
    read = numbers(column(cells))
    for index, cell in enumerate(cells):
        value, unit, bad, exact = one(cell)
        found = float(read.values[index])
        assert math.copysign(1, found) == math.copysign(1, value) or math.isnan(value)
        assert found == value or (math.isnan(found) and math.isnan(value))
        assert (read.unit[index], bool(read.bad[index]), read.exact.get(index)) == (
            unit, bad, exact
        )  # fmt: skip


def slowly_clean(text):
    kept = [
        " " if char in "\t\n\r\u3000" else char
        for char in text
        if char in "\t\n\r" or unicodedata.category(char) not in _DROPPED
    ]
    plain = "".join(kept).strip()
    return "" if len(plain) <= 12 and fold(plain) in _MISSING else plain


@given(st.one_of(st.text(max_size=14), MARKS, st.sampled_from(sorted(_MISSING))))
@example("某某有限公司\u3000")
@example("a\u00a0b")
@example("无\u0301")
@example("\u2008无")
def test_texts_and_blanks_are_those_of_the_long_way(text):
    assert is_missing(text) == (len(text) <= 12 and fold(text) in _MISSING)
    assert clean(text) == slowly_clean(text)


@given(st.lists(CELLS, max_size=6))
def test_a_column_of_texts_is_its_cells(cells):
    cells = [None if isinstance(cell, Decimal) and cell.is_snan() else cell for cell in cells]
    assert texts(column(cells)).tolist() == [text_of(cell) for cell in cells]


CODES = st.one_of(
    st.from_regex(PARCEL_FORM, fullmatch=True),
    st.from_regex(r"[0-9０-９]{12}[GJZgb][BbＢ][0-9]{4,5}\n?", fullmatch=True),
    st.text("9.135E+17 '", max_size=12), MARKS,
)  # fmt: skip


@given(st.lists(st.one_of(CODES, st.none(), st.integers(0, 10**18)), max_size=6))
@example(["350582001001GB00001", "３５０５８２００１００１GB00001", "350582001001GB00001\n"])
def test_a_column_of_parcel_codes_is_its_cells(cells):
    fast = keys(column(cells), parcel_code, destroyed="lost", sound=PARCEL_FORM)
    slow = keys(column(cells), parcel_code, destroyed="lost")
    assert [part.tolist() for part in fast] == [part.tolist() for part in slow]
    for cell, value, fault in zip(cells, *fast, strict=True):
        code = parcel_code(text_of(cell) if not isinstance(cell, str) else cell)
        assert (value, fault) == code


def test_a_code_in_full_width_digits_is_the_same_parcel():
    assert parcel_code("３５０５８２００１００１GB00001").value == "350582001001GB00001"


@pytest.mark.parametrize(
    ("text", "value", "fault"),
    [
        ("9.13506E+17", "", "lost"),
        ("９.１３５０６Ｅ＋１７", "", "lost"),
        ("9e+17", "", "lost"),
        ("12E5", "12E5", ""),
        ("Lot 9.1E+3", "Lot 9.1E+3", ""),
        ("1.5", "1.5", ""),
    ],
)
def test_a_code_that_a_spreadsheet_destroyed_is_no_free_key(text, value, fault):
    found = keys(column([text]), free_code, destroyed="lost")
    assert [part.tolist() for part in found] == [[value], [fault]]
