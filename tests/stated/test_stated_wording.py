"""Words around a figure: hedges, signs, ranges, Chinese numerals; and what is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest

from landuse.errors import UserError
from landuse.stated import Claim, check, read_figure


def ends(text: str, unit: str = "") -> tuple[Fraction | None, Fraction | None]:
    found = read_figure(text, unit).interval
    return found.low, found.high


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("不超过30家", None, 30),
        ("不到30家", None, 29),  # fewer than 30
        ("超过三十家", 31, None),
        ("30余家", 31, None),
        ("30家以上", 30, None),
        ("不少于30家", 30, None),
        ("不小于5亩", 5, None),
        ("不大于5亩", None, 5),
        ("未超过100亿", None, 1_000_000),
        ("100多亿", 1_000_000, None),
        ("将近60亿", None, 600_000),
        ("超 100 亿", 1_000_000, None),
    ],
)
def test_a_bound_is_the_line_it_names(text, low, high) -> None:
    assert ends(text) == (low, high)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("约为60亿", 580_000, 620_000),  # two units of its last digit
        ("约248亿", 2_460_000, 2_500_000),
        ("约2000亩", 1950, 2050),  # half a unit of the second digit
        ("约500家", 495, 505),
        ("约30家", 28, 32),
        ("1.78万亩左右", 17_600, 18_000),
    ],
)
def test_about_reaches_as_far_as_is_said(text, low, high) -> None:
    assert ends(text) == (low, high)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("−0.5%", "-1/200"), ("－0.5%", "-1/200"), ("–0.5%", "-1/200"), ("下降0.5%", "-1/200"),
        ("同比减少4个百分点", "-1/25"), ("提高4个百分点", "1/25"), ("同比+48.9 %", "489/1000"),
        ("增长-0.5%", "-1/200"), ("5‰", "1/200"), ("增长1.5倍", "3/2"), ("五成", "1/2"),
        ("百分之五十一点七", "517/1000"), ("1,735万元", "1735"), ("3 189.02亩", "318902/100"),
        ("三千一百八十九亩", "3189"), ("一百零五家", "105"), ("二十五个", "25"), ("十三宗", "13"),
        ("４.４万㎡", "44000"), ("81.91万m²", "819100"), ("1.2万人", "12000"),
        ("五十三亿", "530000"),
        ("减少120亩", "120"),  # only shares and growth fall below nothing
    ],
)  # fmt: skip
def test_signs_units_and_numerals(text, value) -> None:
    assert read_figure(text).value == Fraction(value)


@pytest.mark.parametrize("text", ["3—5亿", "3亿—5亿", "3-5亿", "3～5亿", "3至5亿", "三到五亿"])
def test_a_range_holds_all_between_its_ends(text) -> None:
    assert ends(text) == (25_000, 55_000)  # both ends are rounded
    found = check(Claim("x", "sum", ("2亿", "2.5亿"), text))
    assert found.verdict == "bound_holds"
    assert check(Claim("x", "sum", ("4亿", "2.5亿"), text)).verdict == "bound_fails"
    # as an input it has no value of its own, but ends
    found = check(Claim("x", "sum", (text, "1亿"), "9亿"))
    assert (found.verdict, found.computed, found.low, found.high) == ("wrong", "", "3 亿", "7 亿")


@pytest.mark.parametrize(
    "text",
    [
        ".5亿", "1.2.3亿", "1e5万元", "13宗、536亩", "3家5户", "2026年59.5亿", "一亿二千万元",
        "12345,678亩", "1,2345亩", "13 22家", "59.亿", "5亿美元", "5-3亿", "十百", "很多", "",
        "nan", "９" * 5000,
    ],
)  # fmt: skip
def test_what_is_not_one_figure_is_refused_in_words(text) -> None:
    with pytest.raises(UserError) as fault:
        read_figure(text)
    assert len(fault.value.issues[0].message("zh")) < 400


@pytest.mark.parametrize(
    ("relation", "inputs", "stated"),
    [
        ("sum", ("60亩", "5万元"), "65亩"),
        ("share", ("7000亩", "20000平方米"), "35%"),
        ("growth", ("5亿", "4家"), "25%"),
        ("whole", ("35200万元", "50亩"), "70400万元"),
        ("sum", ("60亩", ""), "60亩"),
        ("share", ("", ""), "1%"),
        ("sum", ("60亩",), "60家"),
    ],
)
def test_figures_that_do_not_go_together_are_refused(relation, inputs, stated) -> None:
    with pytest.raises(UserError):
        check(Claim("x", relation, inputs, stated))


@pytest.mark.parametrize(
    ("relation", "inputs", "stated", "verdict"),
    [
        ("growth", ("5亿", "0亿"), "25%", "cannot_tell"),
        ("growth", ("5亿", "-4亿"), "25%", "cannot_tell"),
        ("growth", ("3亿", "4亿"), "下降25%", "right"),
        ("growth", ("3亿", "4亿"), "-10%", "wrong"),  # −43 % … 0 is what roundings allow: see below
        ("difference", ("24.5%", "20.5%"), "提高4个百分点", "right"),
        ("difference", ("20.5%", "24.5%"), "下降4个百分点", "right"),
        ("part", ("306家",), "239家", "right"),
        ("part", ("306家",), "307家", "wrong"),
        ("part", ("超306家",), "307家", "cannot_tell"),
        ("before", ("5亿", "-100%"), "3亿", "cannot_tell"),
    ],
)
def test_growth_points_and_parts(relation, inputs, stated, verdict) -> None:
    if stated == "-10%":  # 3 ÷ 4 of whole 亿 may be 2.5 ÷ 4.5 … 3.5 ÷ 3.5: −44 % … 0 %
        inputs = ("3.00亿", "4.00亿")
    assert check(Claim("x", relation, inputs, stated)).verdict == verdict
