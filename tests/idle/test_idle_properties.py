"""Whatever the contracts: against a second computation with calendar dates and fractions."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from idle_tables import COLLECTIVE, DAY, STATE, contract, find, land, rules, supply

from landuse.idle import find_idle
from landuse.issues import IssueLog

RULES = rules()
PLENTY = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # fmt: skip
# days near the day of evaluation, one and two years before it, and around two leap days
NEAR = [DAY + dt.timedelta(days=n) for n in (-2, -1, 0, 1)]
DAYS = st.one_of(
    st.none(),
    st.sampled_from(
        [day.replace(year=year) for day in NEAR for year in (2023, 2024, 2025, 2026)]
        + [dt.date(2024, 2, day) for day in (28, 29)]
        + [dt.date(2023, 2, 28), dt.date(2025, 2, 28), dt.date(2025, 3, 1)]
    ),
    st.dates(dt.date(2022, 1, 1), dt.date(2027, 12, 31)),
)
AREAS = st.one_of(st.none(), st.sampled_from(["0", "10", "30", "9.99", "33.33", "100"]))
MONEY = st.one_of(st.none(), st.sampled_from(["0", "25", "100", "24.99", "0.125", "1234.555"]))
CAUSES = st.sampled_from(["", "enterprise", "government", "force_majeure", "seizure"])
DATES = (
    "agreed_delivery", "delivered_on", "agreed_start", "extended_start", "actual_start",
    "completed_on", "suspended_since",
)  # fmt: skip
CONTRACTS = st.fixed_dictionaries(
    {
        **dict.fromkeys(DATES, DAYS),
        **dict.fromkeys(("area_started", "area_to_start"), AREAS),
        **dict.fromkeys(("invested", "total_investment", "price"), MONEY),
        "cause": CAUSES,
        "parcel_id": st.sampled_from([STATE, COLLECTIVE, STATE[:-1] + "7"]),
    }
)


def row(number: int, stated: dict[str, Any]) -> dict[str, Any]:
    """A contract as the tables hold it."""
    filled = {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in stated.items()
        if value is not None
    }
    return contract(contract_no=f"C{number:03d}", **filled)


def plus_years(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return dt.date(day.year + years, 2, 28)


def expected(c: dict[str, Any], day: dt.date) -> tuple[str, str, Decimal | None]:
    """Finding, consequence and fee of one contract, straight from the words of the method."""
    if c["parcel_id"] == COLLECTIVE:
        return "", "", None
    done = c["completed_on"] is not None and c["completed_on"] <= day
    started = done or (c["actual_start"] is not None and c["actual_start"] <= day)
    base = c["extended_start"] or c["agreed_start"]
    if base is None and c["delivered_on"] is not None:
        base = plus_years(c["delivered_on"], 1)
    finding = ""
    if not started:
        if base is None:
            return "undetermined", "", None
        if day >= plus_years(base, 1):
            finding = "not_started"
    elif not done and c["suspended_since"] and day >= plus_years(c["suspended_since"], 1):
        finding = stalled(c)
    if finding not in {"not_started", "stalled"}:
        return finding, "", None
    return finding, *proposed(c, finding, base, day)


def stalled(c: dict[str, Any]) -> str:
    known = []
    for part, whole, line in (
        ("area_started", "area_to_start", Fraction(1, 3)),
        ("invested", "total_investment", Fraction(1, 4)),
    ):
        if c[part] is None or c[whole] is None or Fraction(c[whole]) == 0:
            known.append(None)
        else:
            known.append(Fraction(c[part]) / Fraction(c[whole]) < line)
    return "stalled" if True in known else "undetermined" if None in known else ""


def proposed(
    c: dict[str, Any], finding: str, base: dt.date | None, day: dt.date
) -> tuple[str, Decimal | None]:
    delivered = c["delivered_on"]
    if delivered and any(c[n] and delivered > c[n] for n in ("agreed_delivery", "agreed_start")):
        return "late_delivery", None
    if not c["cause"]:
        return "", None
    if finding == "stalled" or c["cause"] != "enterprise":
        return "negotiated", None
    assert base is not None
    if day >= plus_years(base, 2):
        return "withdrawal", None
    if c["price"] is None:
        return "fee", None
    share = Decimal(c["price"]) * Decimal("0.2")
    return "fee", share.quantize(Decimal("0.01"), ROUND_HALF_UP)


@PLENTY
@given(st.lists(CONTRACTS, min_size=1, max_size=12), st.sampled_from(NEAR))
def test_findings_proposals_and_fees_against_the_words_of_the_method(stated, day):
    found, _ = find(*(row(n, one) for n, one in enumerate(stated)), as_of=day)
    for n, one in enumerate(stated):
        got = found.iloc[n]
        fee = None if got["fee_wan_micro"] is pd.NA else Decimal(int(got["fee_wan_micro"])) / 10**6
        assert (got["finding"], got["consequence"], fee) == expected(one, day), one


@PLENTY
@given(st.lists(CONTRACTS, min_size=2, max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(stated, random):
    rows = [row(n, one) for n, one in enumerate(stated)]
    table = supply(*rows)
    parcels = land(*sorted({one["parcel_id"] for one in rows}))
    shuffled = table.sample(frac=1, random_state=random.randint(0, 999)).reset_index(drop=True)
    turned = parcels.iloc[::-1].reset_index(drop=True)
    first = find_idle(table, parcels, RULES, DAY, IssueLog())
    second = find_idle(shuffled, turned, RULES, DAY, IssueLog())
    for one, other in zip(first, second, strict=True):
        pd.testing.assert_frame_equal(one, other)


@PLENTY
@given(CONTRACTS, st.dates(dt.date(2022, 1, 1), dt.date(2028, 1, 1)), st.integers(1, 800))
def test_idle_land_stays_idle_until_it_is_started(stated, day, later):
    """Of land not started a later day never takes the finding back, nor the proposal down."""
    after = day + dt.timedelta(days=later)
    never = {**stated, "actual_start": None, "completed_on": None}
    rank = {"": 0, "undetermined": 0, "not_started": 1}
    weight = {"": 0, "late_delivery": 0, "negotiated": 0, "fee": 1, "withdrawal": 2}
    now, then = (find(row(0, never), as_of=one)[0].iloc[0] for one in (day, after))
    assert rank[now["finding"]] <= rank[then["finding"]]
    assert weight[now["consequence"]] <= weight[then["consequence"]]
    # and a start ends it, however late
    begun = {**never, "actual_start": after, "suspended_since": None}
    assert find(row(0, begun), as_of=after)[0].iloc[0]["finding"] == ""


@PLENTY
@given(st.lists(CONTRACTS, min_size=1, max_size=8))
def test_parcels_and_contracts_agree(stated):
    found, status = find(*(row(n, one) for n, one in enumerate(stated)))
    idle = found[found["finding"].isin(["not_started", "stalled"])]
    assert set(status.loc[status["is_idle"], "parcel_id"]) == set(idle["parcel_id"])
    assert status["contract_count"].sum() == len(found)
    assert ((status["land_status"] == "idle") == status["is_idle"]).all()
    # a consequence only for land that is idle, a fee only where one is proposed
    assert set(found.loc[found["consequence"] != "", "finding"]) <= {"not_started", "stalled"}
    assert (found.loc[found["fee_wan_micro"].notna(), "consequence"] == "fee").all()
    days = found["days_to_next"].dropna()
    assert ((days >= 0) & (days <= 2 * 366 + 3 * 366)).all()
