"""Scaled integers: what a form states is kept to the last decimal, or refused in words."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landuse.errors import UserError
from landuse.scaled import (
    FLOOR_M2,
    MU,
    WAN,
    mu_e4_from_micro,
    mu_e4_from_micro_array,
    parse,
    to_decimal,
    to_float,
    to_text,
)

LARGEST = 2**63 - 1
PLACES = st.sampled_from([MU, WAN, FLOOR_M2])


@given(st.integers(-LARGEST, LARGEST), PLACES)
def test_what_is_written_is_read_again_exactly(scaled: int, places: int) -> None:
    assert parse(to_text(scaled, places), places) == scaled
    assert parse(to_decimal(scaled, places), places) == scaled


@given(st.integers(-(10**14), 10**14), PLACES)
def test_a_float_of_a_spreadsheet_is_what_the_spreadsheet_shows(scaled: int, places: int) -> None:
    assert parse(to_float(scaled, places), places) == scaled


@pytest.mark.parametrize(
    ("value", "places", "scaled"),
    [
        ("３１８９．０２", MU, 31_890_200),
        (" 1,592.98 ", MU, 15_929_800),
        ("12.34560", MU, 123_456),
        (0.1 + 0.2, MU, 3_000),  # 0.30000000000000004 shows as 0.3
        ("1e3", FLOOR_M2, 100_000),
        ("-0.000001", WAN, -1),
        (Decimal(44000), FLOOR_M2, 4_400_000),
        (0, MU, 0),
    ],
)
def test_usual_spellings(value: str | float | Decimal, places: int, scaled: int) -> None:
    assert parse(value, places) == scaled


@pytest.mark.parametrize(
    ("value", "places", "code"),
    [
        ("12.34567", MU, "ledger.too_many_decimals"),
        (0.00001, MU, "ledger.too_many_decimals"),
        ("12.345", FLOOR_M2, "ledger.too_many_decimals"),
        ("1e-7", WAN, "ledger.too_many_decimals"),
        ("12.3456" + "0" * 40 + "1", MU, "ledger.too_many_decimals"),
        ("约12亩", MU, "ledger.not_a_number"),
        ("", MU, "ledger.not_a_number"),
        ("1_000", MU, "ledger.not_a_number"),
        ("12,34", MU, "ledger.not_a_number"),
        ("nan", MU, "ledger.not_a_number"),
        (float("nan"), MU, "ledger.not_a_number"),
        (float("inf"), MU, "ledger.not_a_number"),
        ("1e999", MU, "ledger.number_too_large"),
        (str(2**63), FLOOR_M2, "ledger.number_too_large"),
    ],
)
def test_what_cannot_be_kept_exactly_is_refused_at_its_place(
    value: str | float, places: int, code: str
) -> None:
    with pytest.raises(UserError) as fault:
        parse(value, places, file="台账.xlsx", row=7, column="面积(亩)")
    (issue,) = fault.value.issues
    assert (issue.code, issue.file, issue.row, issue.column) == (code, "台账.xlsx", 7, "面积(亩)")
    assert fault.value.lines("zh")[0]
    assert fault.value.lines("en")[0]


@given(st.integers(0, 2**62))
def test_an_area_becomes_mu_at_four_decimals_half_to_even(micro: int) -> None:
    # 1 mu = 2000/3 m²: micro / 10⁶ × 3 / 2000 × 10⁴ = micro × 3 / 200 000
    exact = round(Fraction(micro) * 3 / 200_000)
    assert mu_e4_from_micro(micro) == exact
    assert mu_e4_from_micro_array(np.array([micro], dtype=np.int64)).tolist() == [exact]


def test_halves_go_to_the_even_neighbour() -> None:
    # 100 000 × 3 / 200 000 = 1.5 → 2; 300 000 × 3 / 200 000 = 4.5 → 4
    assert [mu_e4_from_micro(one) for one in (100_000, 300_000)] == [2, 4]
