"""Boundary cases of Order 53 worked out by hand (method, section 7). The day is 2026-06-30."""

from __future__ import annotations

import datetime as dt

import pytest
from idle_tables import COLLECTIVE, STATE, contract, find, one, rules

FIRM = {"cause": "enterprise", "price": 1000}
STOPPED = {"actual_start": "2022-01-01", "suspended_since": "2025-06-30", "cause": "enterprise"}
ENOUGH = {"area_started": 50, "area_to_start": 100, "invested": 50, "total_investment": 100}


# --- not started ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "finding", "status"),
    [
        ("2025-07-01", "", "supplied_unused"),  # a year is full tomorrow
        ("2025-06-30", "not_started", "idle"),  # full today: the end of the day counts
        ("2025-06-29", "not_started", "idle"),
    ],
)
def test_a_year_after_the_agreed_start(start, finding, status):
    row = one(agreed_start=start)
    assert (row["finding"], row["land_status"]) == (finding, status)


@pytest.mark.parametrize(
    ("as_of", "finding"),
    [("2025-02-27", ""), ("2025-02-28", "not_started"), ("2025-03-01", "not_started")],
)
def test_from_29_february_the_year_is_full_on_the_28th(as_of, finding):
    assert one(as_of, agreed_start="2024-02-29")["finding"] == finding


@pytest.mark.parametrize(
    ("as_of", "consequence"),
    [
        ("2026-02-27", "fee"),
        ("2026-02-28", "withdrawal"),  # two years from 29 Feb 2024, in one step
    ],
)
def test_two_years_from_29_february(as_of, consequence):
    assert one(as_of, agreed_start="2024-02-29", **FIRM)["consequence"] == consequence


@pytest.mark.parametrize(
    ("delivered", "finding"),
    [
        ("2024-07-01", ""),  # base 2025-07-01, full on 2026-07-01
        ("2024-06-30", "not_started"),  # base 2025-06-30, full today
    ],
)
def test_without_an_agreement_one_year_after_delivery_and_one_more(delivered, finding):
    assert one(delivered_on=delivered)["finding"] == finding


def test_an_extension_moves_the_base():
    assert one(agreed_start="2024-06-30", extended_start="2025-06-30")["finding"] == "not_started"
    assert one(agreed_start="2024-06-30", extended_start="2025-07-01")["finding"] == ""


@pytest.mark.parametrize(
    ("actual", "finding", "status"),
    [
        ("2026-06-29", "", "partly_used"),  # late, but started
        ("2026-06-30", "", "partly_used"),  # on the day: the end of the day counts
        ("2026-07-01", "not_started", "idle"),  # none yet
    ],
)
def test_an_actual_start(actual, finding, status):
    row = one(agreed_start="2020-01-01", actual_start=actual, **FIRM)
    assert (row["finding"], row["land_status"]) == (finding, status)


def test_undetermined_names_what_is_missing():
    row = one()
    assert (row["finding"], row["land_status"]) == ("undetermined", "undetermined")
    assert row["missing"] == "agreed_start; delivered_on"
    assert (row["consequence"], row["fee_wan_micro"], row["base_on"]) == ("", None, None)


def test_an_unreadable_date_is_no_blank():
    assert one(agreed_start="2020-01-01", unread="actual_start")["missing"] == "actual_start"
    assert one(agreed_start="2020-01-01", unread="actual_start")["finding"] == "undetermined"
    # the agreed start does not matter under an extension; the extension itself does
    extended = one(extended_start="2020-01-01", unread="agreed_start")
    assert extended["finding"] == "not_started"
    agreed = one(agreed_start="2020-01-01", unread="extended_start")
    assert (agreed["finding"], agreed["missing"]) == ("undetermined", "extended_start")
    stopped = {**STOPPED, "suspended_since": "", **ENOUGH}
    assert one(**stopped, unread="suspended_since")["finding"] == ""  # both ratios suffice
    low = one(**{**stopped, "area_started": 1}, unread="suspended_since")
    assert (low["finding"], low["missing"]) == ("undetermined", "suspended_since")


# --- stalled -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "finding"),
    [("2025-07-01", ""), ("2025-06-30", "stalled"), ("2024-02-29", "stalled")],
)
def test_suspended_for_a_full_year(since, finding):
    low = {**STOPPED, **ENOUGH, "area_started": 10, "suspended_since": since}
    assert one(**low)["finding"] == finding


@pytest.mark.parametrize(
    ("as_of", "finding"), [("2025-02-27", ""), ("2025-02-28", "stalled"), ("2025-03-01", "stalled")]
)
def test_a_suspension_from_29_february(as_of, finding):
    low = {**STOPPED, **ENOUGH, "area_started": 10, "suspended_since": "2024-02-29"}
    assert one(as_of, **low)["finding"] == finding


@pytest.mark.parametrize(
    ("started", "whole", "finding"),
    [
        (10, 30, ""),  # exactly a third is not idle
        (9.99, 30, "stalled"),
        (10.01, 30, ""),
        ("33.33", 100, "stalled"),  # 3 × 33.33 = 99.99 < 100
        ("33.34", 100, ""),
        # 20 mu of 60 mu: 20 × 2000/3 = 13 333.333333 m² (rounded down) of 40 000 m² is a third
        ("13333.333333", "40000", ""),
        # 10 mu of 30 mu: 6 666.666667 m² (rounded up) of 20 000 m²
        ("6666.666667", "20000", ""),
        # 7 mu of 21 mu: 4 666.666667 m² of 14 000 m²
        ("4666.666667", "14000", ""),
        ("13333.33", "40000", "stalled"),  # 3 × 13 333.33 = 39 999.99
        (0, 30, "stalled"),
    ],
)
def test_a_third_of_the_area(started, whole, finding):
    row = one(**{**STOPPED, **ENOUGH, "area_started": started, "area_to_start": whole})
    assert row["finding"] == finding


@pytest.mark.parametrize(
    ("invested", "total", "finding"),
    [
        (25, 100, ""),  # exactly a quarter is not idle
        ("24.999999", 100, "stalled"),  # one fen (10⁻⁶ 万元) less
        ("24.99", 100, "stalled"),
        ("25.01", 100, ""),
        ("0.1", "0.4", ""),  # 0.1 ÷ 0.4 is a quarter, whatever a binary float says
        ("1057", "4228", ""),
        ("1056.999999", "4228", "stalled"),
    ],
)
def test_a_quarter_of_the_investment(invested, total, finding):
    row = one(**{**STOPPED, **ENOUGH, "invested": invested, "total_investment": total})
    assert row["finding"] == finding


@pytest.mark.parametrize(
    ("changed", "finding", "missing"),
    [
        ({"invested": None}, "undetermined", "invested"),  # the area is at 50 %
        ({"total_investment": None}, "undetermined", "total_investment"),
        ({"invested": None, "area_started": 10}, "stalled", ""),  # the other proves it
        ({"area_started": None}, "undetermined", "area_started"),
        ({"area_to_start": None, "invested": 10}, "stalled", ""),
        ({"area_to_start": 0}, "undetermined", "area_to_start"),  # no ratio to nothing
        (
            dict.fromkeys(("area_started", "area_to_start", "invested", "total_investment")),
            "undetermined",
            "area_started; area_to_start; invested; total_investment",
        ),
        ({}, "", ""),
    ],
)
def test_a_missing_ratio_neither_proves_nor_excludes(changed, finding, missing):
    row = one(**{**STOPPED, **ENOUGH, **changed})
    assert (row["finding"], row["missing"]) == (finding, missing)


def test_what_was_never_suspended_or_is_finished_is_not_stalled():
    low = {**STOPPED, **ENOUGH, "area_started": 10}
    assert one(**{**low, "suspended_since": None})["finding"] == ""
    finished = one(**low, completed_on="2026-06-30")
    assert (finished["finding"], finished["land_status"]) == ("", "used")
    assert one(**low, completed_on="2026-07-01")["finding"] == "stalled"  # not finished yet


def test_a_missing_ratio_does_not_matter_before_the_year_is_full():
    row = one(**{**STOPPED, "suspended_since": "2025-07-01"})
    assert (row["finding"], row["land_status"], row["missing"]) == ("", "partly_used", "")


def test_the_lines_are_values_of_the_pack():
    half = rules(idle_area_share="1/2")
    row = contract(**{**STOPPED, **ENOUGH, "area_started": "49.99"})
    assert find(row)[0]["finding"].tolist() == [""]
    assert find(row, pack=half)[0]["finding"].tolist() == ["stalled"]
    assert find(contract(**STOPPED, **ENOUGH), pack=half)[0]["finding"].tolist() == [""]


# --- what is proposed ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "consequence", "fee"),
    [
        ("2025-07-01", "", None),
        ("2025-06-30", "fee", 200_000_000),  # 1000 万元 × 20 % = 200.00
        ("2024-07-01", "fee", 200_000_000),
        ("2024-06-30", "withdrawal", None),  # two years full today
        ("2010-01-01", "withdrawal", None),
    ],
)
def test_the_enterprise_s_own_cause(start, consequence, fee):
    row = one(agreed_start=start, delivered_on="2009-01-01", **FIRM)
    assert (row["consequence"], row["fee_wan_micro"]) == (consequence, fee)
    assert row["missing"] == ""


@pytest.mark.parametrize(
    ("price", "fee"),
    [
        ("1234.555", 246_910_000),  # 246.911 → 246.91
        ("0.025", 10_000),  # 0.005 → 0.01: halves up, as money is charged
        ("0.075", 20_000),  # 0.015 → 0.02, where half to even gives 0.02 too
        ("0.125", 30_000),  # 0.025 → 0.03, where half to even would give 0.02
        ("0.024999", 0),  # 0.0049998 → 0.00
        ("320.09", 64_020_000),  # 64.018 → 64.02
        (0, 0),
    ],
)
def test_the_fee_in_wan_with_two_decimals(price, fee):
    row = one(agreed_start="2025-06-30", cause="enterprise", price=price)
    assert row["fee_wan_micro"] == fee


def test_a_fee_without_a_price_is_asked_for():
    row = one(agreed_start="2025-06-30", delivered_on="2024-01-01", cause="enterprise")
    assert (row["consequence"], row["fee_wan_micro"], row["missing"]) == ("fee", None, "price")


@pytest.mark.parametrize("cause", ["government", "force_majeure", "seizure"])
def test_any_other_cause_is_negotiated(cause):
    row = one(agreed_start="2020-01-01", cause=cause, price=1000)
    assert (row["consequence"], row["fee_wan_micro"]) == ("negotiated", None)


def test_a_blank_cause_has_no_consequence_and_is_asked_for():
    for stated in ({"agreed_start": "2020-01-01"}, {**STOPPED, "cause": "", "area_started": 0,
                   "area_to_start": 3}):  # fmt: skip
        row = one(**stated, price=1000)
        assert row["finding"] != ""
        assert (row["consequence"], row["fee_wan_micro"], row["missing"]) == ("", None, "cause")


def test_stalled_is_negotiated_even_by_the_enterprise():
    row = one(**{**STOPPED, **ENOUGH, "area_started": 0, "suspended_since": "2020-01-01"}, price=9)
    assert (row["finding"], row["consequence"]) == ("stalled", "negotiated")


@pytest.mark.parametrize(
    ("agreed_delivery", "agreed_start", "delivered", "late"),
    [
        ("2023-06-30", "2024-01-01", "2023-07-01", True),  # a day after the agreed delivery
        ("2023-06-30", "2024-01-01", "2023-06-30", False),
        ("", "2024-01-01", "2024-01-02", True),  # a day after the agreed start
        ("", "2024-01-01", "2024-01-01", False),
        ("2024-06-30", "2024-01-01", "2024-01-02", True),
        ("2023-06-30", "2024-01-01", "", False),
    ],
)
def test_late_delivery(agreed_delivery, agreed_start, delivered, late):
    row = one(
        agreed_delivery=agreed_delivery, agreed_start=agreed_start, delivered_on=delivered, **FIRM
    )
    assert row["late_delivery"] is late
    # two years are full on 2026-01-01: withdrawal, unless the delivery was late
    assert row["consequence"] == ("late_delivery" if late else "withdrawal")
    assert row["fee_wan_micro"] is None


def test_late_delivery_shields_whatever_the_cause_says():
    late = {"agreed_delivery": "2024-01-01", "delivered_on": "2024-02-01", "price": 1000}
    for cause in ("enterprise", "government", ""):
        row = one(agreed_start="2025-06-30", cause=cause, **late)
        assert (row["consequence"], row["fee_wan_micro"]) == ("late_delivery", None)
    stopped = {**STOPPED, **ENOUGH, "area_started": 0}
    assert one(**stopped, **late)["consequence"] == "late_delivery"


def test_a_fee_without_a_date_of_delivery_asks_for_it():
    assert one(agreed_start="2025-06-30", **FIRM)["missing"] == "delivered_on"
    assert one(agreed_start="2025-06-30", delivered_on="2024-01-01", **FIRM)["missing"] == ""


# --- which land ----------------------------------------------------------------------------------


def test_collective_land_is_outside_the_order():
    rows = [
        contract(contract_no="C1", parcel_id=COLLECTIVE, agreed_start="2010-01-01", **FIRM),
        contract(contract_no="C2", parcel_id=COLLECTIVE, **STOPPED, area_started=0,
                 area_to_start=9),
        contract(contract_no="C3", parcel_id=COLLECTIVE),
        contract(contract_no="C4", parcel_id=STATE, agreed_start="2010-01-01", **FIRM),
    ]  # fmt: skip
    found, status = find(*rows)
    assert found["finding"].tolist() == ["", "", "", "not_started"]
    assert found["collective"].tolist() == [True, True, True, False]
    assert found["remarks"].tolist()[:3] == ["collective"] * 3
    assert found["days_to_next"].isna().all()  # and no clock
    assert found["base_on"].isna().tolist() == [True, True, True, False]
    assert found["land_status"].tolist() == [
        "supplied_unused", "partly_used", "supplied_unused", "idle",
    ]  # fmt: skip
    assert status.set_index("parcel_id")["is_idle"].to_dict() == {COLLECTIVE: False, STATE: True}


def test_free_codes_are_never_taken_for_collective_land():
    row = find(contract(parcel_id="JB-1", agreed_start="2020-01-01"))[0].iloc[0]
    assert (row["collective"], row["finding"]) == (False, "not_started")


def test_a_contract_over_several_parcels_is_charged_once():
    # one contract, two parcels, one price on both rows: 20 % of 1000 once
    late = {"agreed_start": "2025-06-30", "delivered_on": "2024-01-01", "cause": "enterprise"}
    other = STATE[:-1] + "2"
    found = find(contract(**late, price=1000), contract(parcel_id=other, **late, price=1000))[0]
    assert found["fee_wan_micro"].fillna(-1).tolist() == [200_000_000, -1]
    assert found["remarks"].tolist() == ["", "price_of_contract"]
    # two prices are those of the parcels; and two contracts may well have the same price
    found = find(contract(**late, price=1000), contract(parcel_id=other, **late, price=500))[0]
    assert found["fee_wan_micro"].tolist() == [200_000_000, 100_000_000]
    second = contract(contract_no="C2", parcel_id=other, **late, price=1000)
    assert find(contract(**late, price=1000), second)[0]["fee_wan_micro"].sum() == 400_000_000
    blank = [contract(contract_no="", parcel_id=one, **late, price=7) for one in (STATE, other)]
    assert find(*blank)[0]["fee_wan_micro"].sum() == 2_800_000  # 2 × 1.40


def test_a_contract_over_several_parcels_of_which_one_is_started():
    late = {"delivered_on": "2024-01-01", "cause": "enterprise", "price": 1000}
    rows = [
        contract(agreed_start="2020-01-01", actual_start="2021-01-01", **late),
        contract(parcel_id=STATE[:-1] + "2", agreed_start="2025-06-30", **late),
    ]
    assert find(*rows)[0]["fee_wan_micro"].fillna(-1).tolist() == [-1, 200_000_000]


def test_quantities_and_place_stand_beside_the_finding():
    row = one(agreed_start="2025-06-30", area=9999.5, price=12.5, holder="甲公司")
    assert (row["area_m2_micro"], row["price_wan_micro"]) == (9_999_500_000, 12_500_000)
    assert row["accounting_area_m2_micro"] == 10_000_000_000
    assert (row["holder"], row["source_row"], row["known_parcel"]) == ("甲公司", 2, True)


def test_as_of_a_leap_day():
    assert one(dt.date(2024, 2, 29), agreed_start="2023-03-01")["finding"] == ""
    assert one(dt.date(2024, 2, 29), agreed_start="2023-02-28")["finding"] == "not_started"
