"""One firm over the years; candidates near the line; growth; leaders and their chain."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pandas as pd
from park_rows import WAN, rows

from landuse.parks import RunYear, enterprise_years, fast_growing, near_the_line
from landuse.rules.park_pack import load_park_pack
from landuse.schema.tables import ENTERPRISES

RULES = load_park_pack(as_of=dt.date(2026, 6, 30))


def firms(**scales: str) -> pd.DataFrame:
    return rows(ENTERPRISES, *({"uscc": u, "name": u, "scale": s} for u, s in scales.items()))


def outputs(year: int, **values: int | None) -> pd.DataFrame:
    micro = [None if value is None else value * WAN for value in values.values()]
    return pd.DataFrame(
        {"uscc": pd.Series(list(values), dtype="str"), "year": year,
         "output_wan_micro": pd.array(micro, dtype="Int64")}
    )  # fmt: skip


def test_candidates_lie_within_a_fifth_of_two_thousand() -> None:
    """1 600 is within the distance, 1 599 not; 2 000 is on the line; A is above scale already."""
    table = firms(A="规上", B="规下", C="规下", D="规下", E="", F="规下")
    figures = outputs(2025, A=1_900, B=1_600, C=1_599, D=2_000, E=1_900, F=None)
    found = near_the_line(table, figures, 2025, RULES)
    assert found[["uscc", "standing"]].to_numpy().tolist() == [["D", "above"], ["B", "near"]]
    assert found["gap_wan_micro"].tolist() == [0, 400 * WAN]


def test_growth_is_compared_exactly() -> None:
    """130 on 100 is 30 % and counts; 129 does not; nothing grows from nothing."""
    table = firms(A="", B="", C="", D="")
    figures = pd.concat([outputs(2024, A=100, B=100, C=0, D=None), outputs(2025, A=130, B=129, C=9,
                                                                          D=9)])  # fmt: skip
    found = fast_growing(table, figures, 2025, RULES)
    assert found["uscc"].tolist() == ["A"]
    assert found["growth"].tolist() == [0.3]


def test_another_distance_and_another_growth_may_be_asked_for() -> None:
    """Within a tenth of 2 000 is from 1 800 on; 29 % is enough where 29 % is asked for."""
    figures = pd.concat([outputs(2024, A=1_000, B=1_500), outputs(2025, A=1_799, B=1_935)])
    table = firms(A="规下", B="规下")
    near = near_the_line(table, figures, 2025, RULES, within=Fraction(1, 10))
    assert near["uscc"].tolist() == ["B"]
    grown = fast_growing(table, figures, 2025, RULES, growth_from=Fraction(29, 100))
    assert grown["uscc"].tolist() == ["A", "B"]
    assert fast_growing(table, figures, 2025, RULES)["uscc"].tolist() == ["A"]


def units(uscc: str, rank: int, **more: object) -> pd.DataFrame:
    return pd.DataFrame({"uscc": pd.Series([uscc], dtype="str"), "rank": [rank], **more})


def test_the_years_of_a_firm_by_run() -> None:
    runs = [
        RunYear(3, 2025, units("X", 9)),
        RunYear(1, 2024, units("X", 4)),
        RunYear(2, 2025, units("X", 5, late_wan=[1.0])),
        RunYear(4, 2026, units("Y", 1)),
    ]
    found = enterprise_years("X", runs)
    assert found[["run", "year", "rank", "is_latest"]].to_numpy().tolist() == [
        [1, 2024, 4, True], [2, 2025, 5, False], [3, 2025, 9, True],
    ]  # fmt: skip
    assert len(enterprise_years("Z", runs)) == 0
