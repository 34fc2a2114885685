"""A column that its file has typed says the same as its cells one by one."""

from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from landuse.intake import codes
from landuse.intake.cells import clean, is_clean, map_texts, text_column, texts
from landuse.intake.dates import dates, years
from landuse.intake.key_columns import are_credit_codes, form_of, key_texts
from landuse.intake.layer_cells import folded_texts, land_use_codes
from landuse.intake.numbers import numbers
from landuse.intake.raw import Raw
from landuse.intake.totals import _filled, _totals_in, is_total
from landuse.intake.typed import (
    as_series,
    cells_in,
    kept_typed,
    objects,
    ranked,
    repeated,
    which_are,
)
from landuse.keys import sorted_by

BODY = st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17)
SOUND = BODY.map(lambda body: body + codes.uscc_check(body))
WORDS = st.one_of(
    st.text(max_size=14), SOUND, BODY,
    st.sampled_from([
        "", " ", "—", "N/A", "无", "合计", "某镇小计：", "Total", "ſum", "会计事务所", "某某公司",
        " 前空", "名\u200b称", "x\x07y", "\u3000", "1,234.5", "12%", "50亩", "约5", "1e400",
        "123456789012345678", "2024年3月", "2024-03-05", "45000", "长期", "9.13506E+17",
        "350582001001GB00001", "３５０５８２００１００１GB00001", "Lot 7", "12E5", "061",
        "工业用地", "0601工业", "A类工业用地", "nan", "\u2008", "\u1680a", "\u0085",
    ]),
)  # fmt: skip
TEXTS = st.lists(st.one_of(st.none(), WORDS), max_size=8).map(
    lambda cells: (pa.array(cells, pa.large_string()), cells)
)
NUMBERS = st.one_of(
    st.lists(st.one_of(st.none(), st.floats(), st.sampled_from([2024.0, 61.0, 45e3])), max_size=8)
    .map(lambda cells: (pa.array(cells, pa.float64()), cells)),
    st.lists(st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(0, 99_999)), max_size=8)
    .map(lambda cells: (pa.array(cells, pa.int64()), cells)),
)  # fmt: skip
COLUMNS = st.one_of(TEXTS, NUMBERS)
patient = settings(deadline=None, max_examples=60)


def both(column):
    """A column typed and as cells."""
    array, _ = column
    series = kept_typed(pa.chunked_array([array]))
    assert series is not None
    return cells_in(series), objects(series)


@patient
@given(COLUMNS)
@example((pa.array(["无", "某某公司", None, " a "], pa.large_string()), []))
def test_texts(column):
    typed, cells = both(column)
    assert text_column(typed).to_pylist() == texts(cells).tolist()


@patient
@given(COLUMNS)
def test_numbers(column):
    typed, cells = both(column)
    fast, slow = numbers(typed), numbers(cells)
    assert fast.values.tobytes() == slow.values.tobytes() or np.array_equal(
        fast.values, slow.values, equal_nan=True
    )
    assert fast.unit.tolist() == slow.unit.tolist()
    assert fast.bad.tolist() == slow.bad.tolist()
    assert fast.exact == slow.exact


@patient
@given(COLUMNS, st.booleans())
def test_dates_and_years(column, end):
    typed, cells = both(column)
    for fast, slow in zip(dates(typed, end=end), dates(cells, end=end), strict=True):
        assert fast.astype(str).tolist() == slow.astype(str).tolist()
    assert years(typed).tolist() == years(cells).tolist()


@pytest.mark.parametrize("scheme", ["cn", "free"])
@pytest.mark.parametrize("name", ["uscc", "parcel_id"])
@patient
@given(column=COLUMNS)
def test_keys(name, scheme, column):
    typed, cells = both(column)
    form = form_of(name, scheme)
    fast = key_texts(typed, form, destroyed="lost")
    values, faults = codes.keys(cells, form.convert, destroyed="lost")
    assert fast.texts.to_pylist() == values.tolist()
    assert fast.odd.tolist() == np.flatnonzero(faults != "").tolist()
    assert fast.faults.tolist() == faults[faults != ""].tolist()


@patient
@given(COLUMNS)
def test_totals_and_filled_cells(column):
    typed, cells = both(column)
    is_text, words = map_texts(cells, is_total)
    found = zip(np.flatnonzero(is_text).tolist(), words.tolist(), strict=True)
    assert _totals_in(typed) == {row: word for row, word in found if word}
    filled = [cell is not None and str(cell).strip() != "" for cell in cells]
    assert _filled(typed).tolist() == filled


@patient
@given(COLUMNS)
def test_codes_of_layers(column):
    typed, cells = both(column)
    assert folded_texts(typed).to_pylist() == folded_texts(cells).to_pylist()
    assert land_use_codes(typed).to_pylist() == land_use_codes(cells).to_pylist()


def test_what_is_seen_to_be_clean_is_clean_for_every_character():
    signs = [chr(n) for n in range(1, sys.maxunicode + 1) if not 0xD800 <= n <= 0xDFFF]
    for form in ("a{}b", "某{}"):
        said = [form.format(sign) for sign in signs]
        seen = is_clean(pa.array(said, pa.large_string()))
        wrong = [
            text for text, sure in zip(said, seen, strict=True) if sure and clean(text) != text
        ]
        assert wrong == []
        assert seen.sum() > 20_000  # the common ones are seen


@patient
@given(st.lists(st.one_of(SOUND, BODY, WORDS, st.none()), max_size=6))
@example([None, "91110000600037341L", "91110000600037341X", "91110000600037341l"])
def test_credit_codes_at_once_are_those_one_by_one(cells):
    seen = are_credit_codes(pa.array(cells, pa.large_string())[:]).tolist()
    asked = [cell is not None and codes.credit_code(cell) == (cell, "") for cell in cells]
    assert seen == [ok and len(cell or "") == 18 for ok, cell in zip(asked, cells, strict=True)]


def test_codes_one_after_another_and_codes_between_other_cells_are_checked_alike():
    right, wrong = "91110000600037341L", "91110000600037341X"
    strange = "911100006000373無"  # 18 bytes, 16 signs
    assert len(strange.encode()) == 18
    whole = pa.array([right, wrong, strange, right] * 9000, pa.large_string())
    assert are_credit_codes(whole).tolist() == [True, False, False, True] * 9000
    mixed = pa.array(["", right, None, right[:-1], wrong, right] * 9000, pa.large_string())
    assert are_credit_codes(mixed).tolist() == [False, True, False, False, False, True] * 9000


@pytest.mark.parametrize("count", [0, 1, 65_536, 65_537, 200_000])
def test_a_column_that_says_one_thing_is_as_long_as_it_should_be(count):
    column = as_series(repeated("宗地.shp", count))
    assert len(column) == count
    assert (column == "宗地.shp").all()
    assert sorted_by(column.to_frame("file").assign(row=range(count)), ["file", "row"])


def test_a_slice_is_read_like_a_whole():
    whole = pa.array(["91110000600037341L", "合计", " x", "91110000600037341L"], pa.large_string())
    part = whole[1:]
    assert are_credit_codes(part).tolist() == [False, False, True]
    assert _filled(part).tolist() == [True, True, True]
    assert text_column(part).to_pylist() == ["合计", "x", "91110000600037341L"]


def test_kinds_that_are_neither_text_nor_plain_numbers_stay_cells():
    for column in (
        pa.array([1, None]), pa.array([2**63], pa.uint64()), pa.array([True]),
        pa.array([0], pa.date32()), pa.array(["1.5"]).cast(pa.decimal128(5, 1)),
    ):  # fmt: skip
        assert kept_typed(pa.chunked_array([column])) is None
    words = pa.chunked_array([pa.array(["a", None, "a"]).dictionary_encode()])
    assert objects(kept_typed(words)).tolist() == ["a", None, "a"]


def test_cells_of_a_table_are_plain_python():
    import pandas as pd

    frame = pd.DataFrame({
        "t": kept_typed(pa.chunked_array([["a", None]])),
        "f": kept_typed(pa.chunked_array([[1.5, None]])),
        "i": kept_typed(pa.chunked_array([[7, 8]])),
    })  # fmt: skip
    one = np.array(["a", "a"], dtype=object)
    raw = Raw("parcels", frame, one, one, np.arange(1, 3))
    cells = raw.with_cells().frame
    assert [cells[name].tolist() for name in "tfi"] == [["a", None], [1.5, None], [7, 8]]
    assert [[type(cell) for cell in cells[name]] for name in "tfi"] == [
        [str, type(None)], [float, type(None)], [int, int]
    ]  # fmt: skip
    assert [raw.cell(1, name) for name in "tfi"] == [None, None, 8]
    assert type(raw.cell(0, "f")) is float


@patient
@given(st.lists(st.lists(st.sampled_from("abcdefg"), max_size=4), max_size=6))
@example([["a", "b"], ["a", "b"], ["c"], ["c"]])
@example([["b", "c"], ["b", "c"], ["a"]])
@example([["a", "b"], ["a", "b", "c", "d"], ["b", "c"], ["d", "e"], ["b", "d"]])
@example([["b"], ["c"], ["a"], ["b"]])
@example([["a", "c"], ["b"]])
@example([[]])
def test_ranks_whatever_the_order(parts):
    said = [text for part in parts for text in part]
    which, found = ranked(pa.array(said, pa.large_string()))
    assert found.to_pylist() == sorted(set(said))
    assert [found[int(one)].as_py() for one in which] == said


@pytest.mark.parametrize("different", [3, 2000])
def test_few_different_texts_are_asked_once(different):
    asked = []

    def ask(texts):
        asked.append(len(texts))
        return np.array([one is not None and one.endswith("1") for one in texts.to_pylist()])

    said = [None if n % 7 == 0 else str(n % different) for n in range(70_000)]
    found = which_are(ask, pa.array(said, pa.large_string()))
    assert found.tolist() == [one is not None and one.endswith("1") for one in said]
    assert asked == [3 if different == 3 else 70_000]
