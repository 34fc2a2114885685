"""Whatever is rounded from true values is right; what no true value gives is wrong."""

from __future__ import annotations

from fractions import Fraction
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landuse.stated import Claim, check

values = st.integers(1, 10**7).map(lambda n: Fraction(n, 997))
digits = st.integers(0, 3)


def rounded(value: Fraction, places: int) -> str:
    """Half up, as reports round."""
    scaled = abs(value) * 10**places
    whole = int(scaled + Fraction(1, 2))
    text = str(whole).rjust(places + 1, "0")
    text = f"{text[:-places]}.{text[-places:]}" if places else text
    return f"-{text}" if value < 0 and whole else text


def interval(text: str, places: int) -> tuple[Fraction, Fraction]:
    half = Fraction(1, 2 * 10**places)
    return Fraction(text) - half, Fraction(text) + half


RELATIONS = {
    "share": lambda v: (v[0] / v[1] * 100, "亿", "%"),
    "growth": lambda v: ((v[0] / v[1] - 1) * 100, "亿", "%"),
    "sum": lambda v: (sum(v), "亩", "亩"),
    "difference": lambda v: (v[0] - v[1], "亩", "亩"),
    "ratio": lambda v: (v[0] / v[1], "", ""),
    "product": lambda v: (prod(v), "", ""),
}


def corners(relation: str, ends: list[tuple[Fraction, Fraction]]) -> tuple[Fraction, Fraction]:
    """All that the inputs allow, by their corners: each relation is monotone in each input."""
    found = [RELATIONS[relation]((a, b))[0] for a in ends[0] for b in ends[1]]
    return min(found), max(found)


@given(st.sampled_from(sorted(RELATIONS)), values, values, digits, digits, digits)
def test_true_values_rounded_are_never_wrong_and_shifted_ones_always(
    relation, one, two, a, b, places
) -> None:
    value, unit, result = RELATIONS[relation]((one, two))
    texts = [rounded(one, a), rounded(two, b)]
    ends = [interval(texts[0], a), interval(texts[1], b)]
    inputs = tuple(text + unit for text in texts)
    found = check(Claim("x", relation, inputs, rounded(value, places) + result))
    divides = relation in ("share", "growth", "ratio")
    if divides and ends[1][0] <= 0:
        assert found.verdict in ("right", "cannot_tell")
        return
    assert found.verdict == "right"
    low, high = corners(relation, ends)
    step = Fraction(1, 10**places)
    for beyond in (high + step, low - step):  # more than half a step past what can be
        text = rounded(beyond, places)
        middle = Fraction(text)
        if low - step / 2 <= middle <= high + step / 2:
            text = rounded(beyond + (step if beyond > high else -step), places)
        assert check(Claim("x", relation, inputs, text + result)).verdict == "wrong"


@given(values, st.fractions(Fraction(1, 100), 2), digits, st.integers(0, 2), digits)
def test_an_implied_whole_is_right_and_one_beyond_it_wrong(part, share, a, b, places) -> None:
    texts = [rounded(part, a), rounded(share * 100, b)]
    low, high = interval(texts[1], b)
    if low <= 0:
        return
    inputs = (texts[0] + "万元", texts[1] + "%")
    stated = rounded(part / share, places) + "万元"
    assert check(Claim("x", "whole", inputs, stated)).verdict == "right"
    implied = check(Claim("x", "whole", inputs)).verdict
    assert implied == "implied"
    most = interval(texts[0], a)[1] / low * 100
    step = Fraction(1, 10**places)
    beyond = rounded(most + 2 * step, places) + "万元"
    assert check(Claim("x", "whole", inputs, beyond)).verdict == "wrong"
    assert high > low


@given(st.lists(st.integers(0, 500), min_size=1, max_size=6), st.integers(-3, 3))
def test_counts_add_up_exactly_or_not(counts, off) -> None:
    total = sum(counts) + off
    if total < 0:
        return
    inputs = tuple(f"{count}家" for count in counts)
    verdict = check(Claim("x", "sum", inputs, f"{total}家")).verdict
    assert verdict == ("right" if off == 0 else "wrong")


@given(values, digits, st.sampled_from(["超{}亩", "{}亩以上", "不足{}亩", "{}亩以内"]), values)
def test_a_bound_holds_where_a_value_may_lie_beyond_it(value, places, form, line) -> None:
    """The value is stated with some digits, the line with all that it has."""
    text = rounded(value, places)
    low, high = interval(text, places)
    bound = rounded(line, 3)
    found = check(Claim("x", "same", (f"{text}亩",), form.format(bound))).verdict
    above = form in ("超{}亩", "{}亩以上")
    fits = high >= Fraction(bound) if above else low <= Fraction(bound)
    assert found == ("bound_holds" if fits else "bound_fails")


@pytest.mark.parametrize("relation", sorted(RELATIONS))
def test_the_order_of_the_digits_does_not_matter(relation) -> None:
    """Said in 亿 or in 万元, a claim is judged alike."""
    if relation not in ("share", "growth", "sum", "difference"):
        return
    unit = "%" if relation in ("share", "growth") else "亿"
    value = {"share": 75, "growth": -25, "sum": 7, "difference": -1}[relation]
    one = check(Claim("x", relation, ("3.0000亿", "4.0000亿"), f"{value}{unit}"))
    two = check(Claim("x", relation, ("30000万元", "40000万元"), f"{value}{unit}"))
    assert one.verdict == two.verdict == "right"
    assert one.computed == two.computed
