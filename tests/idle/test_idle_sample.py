"""The contracts planted in the sample county, checked by hand against its workbook."""

from __future__ import annotations

import pytest

from landuse.idle import find_idle
from landuse.intake import read_inputs
from landuse.intake.project import load_project
from landuse.issues import IssueLog
from landuse.rules import load

# row of supply.xlsx → finding, base, one-year date, consequence, fee in 万元, what is missing.
# The day is 2026-06-30; delivered 2022-12-20, agreed for 2022-12-31: never late.
BY_HAND = {
    # not started, agreed 2023-03-31: two years were full on 2025-03-31
    12: ("not_started", "2023-03-31", "2024-03-31", "withdrawal", None, ""),
    # agreed 2024-12-31: one year full; 20 % of 320.09 = 64.018
    13: ("not_started", "2024-12-31", "2025-12-31", "fee", 64.02, ""),
    14: ("not_started", "2024-02-29", "2025-02-28", "negotiated", None, ""),  # the government
    15: ("not_started", "2024-06-30", "2025-06-30", "", None, "cause"),  # cause blank
    16: ("not_started", "2025-01-31", "2026-01-31", "negotiated", None, ""),  # force majeure
    17: ("not_started", "2024-12-31", "2025-12-31", "negotiated", None, ""),  # extended; seized
    # no agreed start: one year after delivery on 2022-12-20
    18: ("not_started", "2023-12-20", "2024-12-20", "withdrawal", None, ""),
    # suspended since 2024-09-01: 20 % of the area, 50 % of the money
    19: ("stalled", "2024-09-01", "2025-09-01", "negotiated", None, ""),
    20: ("stalled", "2024-09-01", "2025-09-01", "negotiated", None, ""),  # 50 % and 20 %
    21: ("", "2024-09-01", "2025-09-01", "", None, ""),  # exactly a third and a quarter
    22: ("undetermined", "2024-09-01", "2025-09-01", "", None, "invested"),  # 60 % and nothing
}


@pytest.fixture(scope="module")
def found(sample):
    project = load_project(sample / "project.toml")
    rules = load(project.rules.pack, as_of=project.as_of)
    inputs = read_inputs(project, rules, IssueLog(), land_only=True)
    assert len(inputs.enterprises) == 0  # not one enterprise was opened
    return find_idle(inputs.supply, inputs.parcels, rules, project.as_of, IssueLog())


def test_every_planted_contract(found):
    contracts = found[0].set_index("source_row")
    assert len(contracts) == 31
    for row, (finding, base, one_year, consequence, fee, missing) in BY_HAND.items():
        got = contracts.loc[row]
        assert (got["finding"], got["consequence"], got["missing"]) == (
            finding, consequence, missing,
        ), row  # fmt: skip
        assert f"{got['base_on']:%Y-%m-%d}" == base, row
        assert f"{got['one_year_on']:%Y-%m-%d}" == one_year, row
        told = None if fee is None else round(fee * 10**6)
        assert (None if contracts["fee_wan_micro"].isna()[row] else got["fee_wan_micro"]) == told
    others = contracts.drop(index=list(BY_HAND))
    assert (others["finding"] == "").all()
    # rows 4 to 11 are being built, rows 23 to 34 are finished
    assert (others.loc[:11, "land_status"] == "partly_used").all()
    assert (others.loc[23:, "land_status"] == "used").all()


def test_the_land_of_the_county(found):
    status = found[1]
    count = status["land_status"].value_counts().to_dict()
    # 8 being built + the one exactly at its lines; 9 idle; the rest has buildings on it
    assert (count["idle"], count["partly_used"]) == (9, 9)
    assert sum(count.values()) == len(status)
    assert int(status["is_idle"].sum()) == 9
