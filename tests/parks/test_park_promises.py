"""Promises per mu against what was measured, to the last millionth of 万元."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest
from park_rows import MU3, WAN, codes, rows

from landuse.issues import IssueLog
from landuse.parks import judge_promises, promises_by_park
from landuse.schema.park_tables import PROMISES

HALF = Fraction(1, 2)


def measured(tax: int | None, output: int | None = None, *, uscc: str = "X") -> pd.DataFrame:
    """One firm on 3 mu."""
    return pd.DataFrame(
        {"uscc": pd.Series([uscc], dtype="str"), "area_m2_micro": [MU3],
         "tax_wan_micro": pd.array([tax], dtype="Int64"),
         "output_wan_micro": pd.array([output], dtype="Int64")}
    )  # fmt: skip


def promise(tax: int | None = 30, **given: object) -> dict[str, object]:
    per_mu = None if tax is None else tax * WAN
    return {"uscc": "X", "name": "甲厂", "park": "甲", "due_year": 2025,
            "promised_tax_wan_per_mu_micro": per_mu, **given}  # fmt: skip


def judged(figures: pd.DataFrame, *given: dict[str, object], log: IssueLog | None = None):
    log = IssueLog() if log is None else log
    return judge_promises(rows(PROMISES, *given), figures, 2025, HALF, log)


@pytest.mark.parametrize(
    ("tax_micro", "verdict", "shortfall"),
    [
        (90 * WAN, "kept", 0),  # 30 万元/亩 × 3 亩
        (90 * WAN - 1, "partly", 1),
        (45 * WAN, "partly", 45 * WAN),  # exactly half
        (45 * WAN - 1, "broken", 45 * WAN + 1),
        (-WAN, "broken", 91 * WAN),
    ],
)
def test_the_shortfall_is_promised_less_measured_times_mu(tax_micro, verdict, shortfall) -> None:
    results, parts = judged(measured(tax_micro), promise())
    assert results["verdict"].tolist() == parts["verdict"].tolist() == [verdict]
    assert results["tax_shortfall_wan_micro"].tolist() == [shortfall]
    assert parts["measured_wan_per_mu"].tolist() == pytest.approx([tax_micro / WAN / 3])


def test_a_promise_is_due_in_its_year() -> None:
    results, _ = judged(measured(0), promise(due_year=2026), promise(due_year=2025))
    assert results["verdict"].tolist() == ["not_due", "broken"]
    assert pd.isna(results["tax_shortfall_wan_micro"][0])


@pytest.mark.parametrize(
    ("tax", "output", "verdict"),
    [
        (90, 300, "kept"),
        (90, 10, "partly"),
        (10, 10, "broken"),
        (90, None, "cannot_tell"),
        (10, None, "broken"),  # what is known of it is broken
        (None, None, "cannot_tell"),
    ],
)
def test_a_promise_of_two_measures(tax, output, verdict) -> None:
    both = promise(promised_output_wan_per_mu_micro=100 * WAN)
    tax, output = (None if one is None else one * WAN for one in (tax, output))
    results, _ = judged(measured(tax, output), both)
    assert results["verdict"].tolist() == [verdict]


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"due_year": None}, "due_year"),
        ({"uscc": ""}, "uscc"),
        ({"uscc": "Y"}, "enterprise"),
        ({"promised_investment_wan_per_mu_micro": WAN, "tax": None}, "investment"),
        ({"tax": None}, "promise"),
    ],
)
def test_what_cannot_be_told_says_why(given, missing) -> None:
    results, _ = judged(measured(0), promise(**given))
    assert results["verdict"].tolist() == ["cannot_tell"]
    assert results["missing"].tolist() == [missing]


def test_a_later_promise_replaces_an_earlier_one_in_totals() -> None:
    log = IssueLog()
    results, _ = judged(
        measured(60 * WAN),
        promise(30, signed_on=pd.Timestamp("2020-01-01"), source_row=2),
        promise(50, signed_on=pd.Timestamp("2022-01-01"), source_row=3),
        promise(30, uscc="Z", name="乙厂", source_row=4),
        log=log,
    )
    assert results["superseded"].tolist() == [True, False, False]
    assert codes(log) == ["parks.promise_repeats"]
    (park,) = promises_by_park(results).to_dict("records")
    assert (park["promises"], park["partly"], park["cannot_tell"]) == (2, 0, 1)
    assert (park["broken"], park["tax_shortfall_wan_micro"]) == (1, 90 * WAN)


def test_a_shortfall_that_nobody_could_judge_is_missing_not_nothing() -> None:
    """No output was promised; tax of 60 on 3 mu is 20 per mu, short by (30 - 20) x 3."""
    results, _ = judged(measured(60 * WAN), promise(30))
    (park,) = promises_by_park(results).to_dict("records")
    assert park["tax_shortfall_wan_micro"] == 30 * WAN
    assert pd.isna(park["output_shortfall_wan_micro"])


def test_no_promise_is_no_row() -> None:
    results, parts = judged(measured(1))
    assert len(results) == len(parts) == len(promises_by_park(results)) == 0
