"""Verdicts on stated figures, each worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landuse.errors import UserError
from landuse.stated import Claim, check, read_figure
from landuse.stated.intervals import Interval


def verdict(relation: str, inputs: list[str], stated: str = "", **more: str) -> tuple[str, str]:
    found = check(Claim("x", relation, tuple(inputs), stated, **more))
    return found.verdict, found.computed


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("59.5亿", 594_500, 595_500),  # half of the last digit either way, 万元
        ("386家", 386, 386),  # counted, not rounded
        ("51.74%", Fraction(51_735, 100_000), Fraction(51_745, 100_000)),
        ("约1.78万亩", 17_600, 18_000),  # two units of its last digit (ours)
        ("超100亿元", 1_000_000, None),  # a bound is a line, not a rounded figure
        ("2000亩以下", None, 2000),
        ("近60亿", None, 600_000),
        ("1,735万元", Fraction(3469, 2), Fraction(3471, 2)),
        ("-0.5%", Fraction(-55, 10_000), Fraction(-45, 10_000)),
    ],
)
def test_what_a_text_may_stand_for(text, low, high) -> None:
    assert read_figure(text).interval == Interval(
        *(None if end is None else Fraction(end) for end in (low, high))
    )


@pytest.mark.parametrize("text", ["", "很多", "3家5户", "12 光年"])
def test_a_text_without_one_figure_is_refused_in_words(text) -> None:
    with pytest.raises(UserError):
        read_figure(text)


def test_a_stated_value_is_right_if_some_inputs_round_to_it() -> None:
    # 1.0 / 3.0 may be 0.95/3.05 = 31.15 % up to 1.05/2.95 = 35.59 %
    assert verdict("share", ["1.0亿", "3.0亿"], "35.59%")[0] == "right"
    assert verdict("share", ["1.0亿", "3.0亿"], "35.60%")[0] == "wrong"
    assert verdict("share", ["1.0亿", "3.0亿"], "31.14%")[0] == "wrong"


def test_bounds_are_judged_as_bounds() -> None:
    assert verdict("sum", ["60亩", "50亩"], "100亩以上")[0] == "bound_holds"
    assert verdict("sum", ["60亩", "30亩"], "100亩以上")[0] == "bound_fails"
    assert verdict("sum", ["超60亩", "50亩"], "200亩以上")[0] == "cannot_tell"


def test_the_same_figure_said_twice() -> None:
    assert verdict("same", ["15.43亿"], "15.44亿")[0] == "contradiction"
    assert verdict("same", ["15.4亿"], "15.44亿")[0] == "right"  # said more finely
    assert verdict("same", ["15.4亿"], "15.46亿")[0] == "contradiction"


def test_division_by_what_may_be_nothing_cannot_tell() -> None:
    assert verdict("share", ["1亿", "0亿"], "50%")[0] == "cannot_tell"


def test_units_must_agree() -> None:
    with pytest.raises(UserError):
        verdict("sum", ["60亩", "50亩"], "110万元")


decimals = st.integers(1, 10**6)


@given(decimals, decimals, st.integers(0, 3), st.integers(0, 3))
def test_a_share_computed_from_what_was_rounded_is_never_wrong(part, whole, a, b) -> None:
    """Round two exact values and their share independently: the checker must accept it."""
    share = Fraction(part, whole)

    def rounded(value: Fraction, digits: int) -> str:
        scaled = int(value * 10**digits + Fraction(1, 2))
        return f"{scaled // 10**digits}.{scaled % 10**digits:0{digits}d}" if digits else str(scaled)

    texts = [rounded(Fraction(part, 7), a), rounded(Fraction(whole, 7), b)]
    found = verdict("share", texts, f"{rounded(share * 100, 2)}%")[0]
    assert found in {"right", "cannot_tell"}
