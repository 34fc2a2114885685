"""The clock: corresponding dates (Civil Code, article 202), days to the next, the ends of it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from idle_tables import one

from landuse.idle.clock import clock, years_after


def day(text: str) -> np.datetime64:
    return np.datetime64(text, "D")


@pytest.mark.parametrize(
    ("base", "years", "full_on"),
    [
        ("2024-02-29", 1, "2025-02-28"),  # 2025 has no 29 February: the month's last day
        ("2024-02-29", 2, "2026-02-28"),
        ("2024-02-29", 4, "2028-02-29"),
        ("2023-02-28", 1, "2024-02-28"),  # the last day of the month is not a date of its own
        ("2023-03-01", 1, "2024-03-01"),
        ("2022-02-28", 2, "2024-02-28"),
        ("1899-12-31", 1, "1900-12-31"),
        ("2099-02-28", 1, "2100-02-28"),
        ("2096-02-29", 4, "2100-02-28"),  # 2100 is no leap year
    ],
)
def test_a_year_is_full_on_the_corresponding_date(base, years, full_on):
    assert years_after(np.array([day(base)]), years)[0] == day(full_on)


def test_two_years_are_one_step_and_not_two():
    # by two steps 29 Feb 2024 → 28 Feb 2025 → 28 Feb 2026; in one step the same here, but
    # 29 Feb 2024 + 4 in one step is 29 Feb 2028, by four steps 28 Feb 2028
    base = np.array([day("2024-02-29")])
    stepwise = base
    for _ in range(4):
        stepwise = years_after(stepwise, 1)
    assert (years_after(base, 4)[0], stepwise[0]) == (day("2028-02-29"), day("2028-02-28"))


@given(st.dates(dt.date(1950, 1, 1), dt.date(2150, 12, 31)), st.integers(1, 3))
def test_the_corresponding_date_against_the_calendar(base, years):
    try:
        expected = base.replace(year=base.year + years)
    except ValueError:  # 29 February of a common year
        expected = dt.date(base.year + years, 2, 28)
    assert years_after(np.array([day(base.isoformat())]), years)[0] == day(expected.isoformat())


@pytest.mark.parametrize(
    ("as_of", "days"),
    [
        ("2024-12-30", 2),  # one year is full on 2025-01-01
        ("2024-12-31", 1),
        ("2025-01-01", 0),  # on the day
        ("2025-01-02", 364),  # the next is two years, on 2026-01-01
        ("2025-12-31", 1),
        ("2026-01-01", 0),
        ("2026-01-02", None),  # both are past
    ],
)
def test_days_to_the_next_date(as_of, days):
    found = clock(np.array([day("2024-01-01")]), day(as_of))
    assert (found.one_year[0], found.two_years[0]) == (day("2025-01-01"), day("2026-01-01"))
    told = found.days_to_next
    assert (None if told.isna()[0] else int(told[0])) == days


def test_without_a_base_there_is_no_clock():
    found = clock(np.array(["NaT"], dtype="datetime64[D]"), day("2026-06-30"))
    assert np.isnat(found.one_year[0])
    assert np.isnat(found.two_years[0])
    assert found.days_to_next.isna().all()


def test_base_is_the_extension_then_the_agreement_then_a_year_after_delivery():
    dates = {"agreed_start": "2025-03-01", "delivered_on": "2024-02-29"}
    extended = one(**dates, extended_start="2025-09-01")
    assert (extended["base_from"], extended["base_on"]) == ("extended", "2025-09-01")
    agreed = one(**dates)
    assert (agreed["base_from"], agreed["base_on"]) == ("agreed", "2025-03-01")
    # 29 Feb 2024 + 1 year = 28 Feb 2025; from there in one step 28 Feb 2026 and 28 Feb 2027
    delivered = one(delivered_on="2024-02-29")
    assert (delivered["base_from"], delivered["base_on"]) == ("delivery", "2025-02-28")
    assert (delivered["one_year_on"], delivered["two_years_on"]) == ("2026-02-28", "2027-02-28")


def test_every_waiting_contract_carries_the_clock():
    early = one("2025-12-01", agreed_start="2025-06-30")  # in time: no finding, but a clock
    assert (early["finding"], early["days_to_next"]) == ("", 211)  # 1 Dec → 30 Jun 2026
    assert early["one_year_on"] == "2026-06-30"


def test_the_clock_of_a_suspension_starts_with_it():
    row = one(actual_start="2020-01-01", suspended_since="2026-01-31", agreed_start="2019-01-01")
    # not yet a year: 31 Jan 2027 is 215 days after 30 Jun 2026
    assert (row["finding"], row["base_from"], row["base_on"]) == ("", "suspended", "2026-01-31")
    assert (row["one_year_on"], row["two_years_on"]) == ("2027-01-31", "2028-01-31")
    assert row["days_to_next"] == 215


def test_no_clock_runs_once_it_is_built_or_started():
    for stated in ({"actual_start": "2025-01-01"}, {"completed_on": "2025-01-01"}):
        row = one(agreed_start="2020-01-01", **stated)
        assert (row["base_on"], row["days_to_next"], row["base_from"]) == (None, None, "")
