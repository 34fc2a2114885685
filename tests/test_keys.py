"""Keys as whole columns: the quick answer of sorted rows is the answer of all rows."""

from itertools import pairwise

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from landuse.keys import (
    among,
    as_array,
    in_order,
    mapped,
    named,
    positions,
    ranks,
    repeats,
    runs,
    sorted_by,
    spread,
)

codes = st.lists(st.sampled_from(["", "A", "B", "Ba", "b", "甲", "甲1", "\U00020000"]), max_size=12)


def column(values):
    return pd.Series(values, dtype="str")


@given(codes, codes)
def test_positions_are_those_of_a_plain_search(values, keys):
    keys = list(dict.fromkeys(keys))
    for known in (keys, sorted(keys)):
        expected = [known.index(value) if value in known else -1 for value in values]
        assert positions(column(values), column(known)).tolist() == expected
        assert among(column(values), column(known)).tolist() == [at >= 0 for at in expected]
        ordered = sorted(values)  # the way of runs
        expected = [known.index(value) if value in known else -1 for value in ordered]
        assert positions(column(ordered), column(known)).tolist() == expected


@given(codes)
def test_a_column_stands_where_it_stands(values):
    keys = list(dict.fromkeys(values))
    assert positions(column(keys), column(keys)).tolist() == list(range(len(keys)))


@given(codes, codes)
def test_ranks_order_as_the_texts_do(values, keys):
    keys = list(dict.fromkeys(keys))
    at = positions(column(values), column(keys))
    found = ranks(column(values), column(keys), at).tolist()
    for one, two in pairwise(values):
        left, right = found[values.index(one)], found[values.index(two)]
        assert (left < right, left == right) == (one < two, one == two)


@given(codes, st.data())
def test_order_and_repeats_of_two_columns(values, data):
    numbers = data.draw(
        st.lists(st.integers(0, 2), min_size=len(values), max_size=len(values)), label="numbers"
    )
    frame = pd.DataFrame({"a": column(values), "n": np.array(numbers, dtype=np.int64)})
    pairs = list(zip(values, numbers, strict=True))
    assert sorted_by(frame, ["a", "n"]) == (pairs == sorted(pairs))
    rising = all(one < two for one, two in pairwise(pairs))
    assert sorted_by(frame, ["a", "n"], strictly=True) == rising
    assert repeats(frame, ["a", "n"]) == (len(set(pairs)) < len(pairs))
    ordered = in_order(frame.assign(was=np.arange(len(frame))), ["a", "n"])
    expected = sorted(range(len(pairs)), key=lambda at: pairs[at])
    assert ordered["was"].tolist() == expected
    assert ordered.index.tolist() == list(range(len(pairs)))


def test_with_a_missing_number_all_rows_are_asked():
    frame = pd.DataFrame({"n": pd.array([1, None, 2], dtype="Int64")})
    assert not sorted_by(frame, ["n"])
    assert not repeats(frame, ["n"])


def test_slices_and_several_pieces_are_one_column():
    several = pd.concat([column(["x", "a"]), column(["b"])], ignore_index=True)
    assert positions(several[1:], column(["b", "a"])).tolist() == [1, 0]
    assert as_array(several).to_pylist() == ["x", "a", "b"]
    assert runs(several[1:]).tolist() == [0, 1]


def test_few_different_texts_from_numbers_and_from_words():
    assert named(np.array([1, 0, -1], dtype=np.int8), ["a", "b"]).tolist() == ["b", "a", ""]
    assert mapped(column(["a", "c", "a"]), {"a": "x"}).tolist() == ["x", "", "x"]
    assert spread(column(["a", "b"]), np.array([1, -1, 1])).tolist() == ["b", "", "b"]
    assert spread(column(["a", "b"]), np.array([0, 1])).tolist() == ["a", "b"]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), max_size=40))
def test_repeats_within_the_runs_of_the_first_column(pairs):
    # sorted by the first column alone, as indicators are: short runs and (with 40 rows) long ones
    pairs = sorted(pairs, key=lambda pair: pair[0])
    frame = pd.DataFrame({"a": column([a for a, _ in pairs]), "b": column([b for _, b in pairs])})
    assert repeats(frame, ["a", "b"]) == (len(set(pairs)) < len(pairs))
