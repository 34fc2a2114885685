"""The program finds exactly what is planted in the sample's park tables: no more, no less."""

from __future__ import annotations

import tomllib
from collections import Counter
from fractions import Fraction
from pathlib import Path

import openpyxl
import pyogrio
import pytest

from landuse.cli import main
from landuse.idle import find_idle
from landuse.issues import IssueLog
from landuse.pipeline.enterprise import candidates
from landuse.pipeline.parks import all_about_parks

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
TROUBLES = tomllib.loads((SAMPLE / "planted.toml").read_text("utf-8"))["park_trouble"]


def of(*kinds: str) -> list[dict]:
    found = [trouble for trouble in TROUBLES if trouble["kind"] in kinds]
    assert {trouble["kind"] for trouble in found} == set(kinds)
    return found


@pytest.fixture(scope="module")
def book():
    return all_about_parks(SAMPLE / "parks.toml")


IN_PERIODS = (
    "months_against_half", "share_of_target_wrong", "growth_wrong", "share_of_city_wrong",
    "target_conflict", "firms_do_not_add", "scale_does_not_add", "expected_below_done",
    "said_twice", "cumulative_falls",
)  # fmt: skip
RULES = {
    "months_against_half": {"sum"}, "share_of_target_wrong": {"share_of_target"},
    "growth_wrong": {"growth"}, "share_of_city_wrong": {"share_of_city"},
    "target_conflict": {"target"}, "firms_do_not_add": {"part_exceeds"},
    "scale_does_not_add": {"scale_parts"}, "expected_below_done": {"expected"},
    "said_twice": {"same"}, "cumulative_falls": {"shrinks", "sum"},
}  # fmt: skip


def test_each_contradiction_of_periods_is_planted_and_each_planted_is_found(book) -> None:
    rows = {trouble["row"]: trouble["kind"] for trouble in of(*IN_PERIODS)}
    found: dict[str, set[str]] = {}
    for line in book.contradictions.to_dict("records"):
        places = f"{line['stated_at']}; {line['computed_from']}".split("; ")
        planted = {rows[at] for place in places if (at := int(place.split()[-1])) in rows}
        assert len(planted) == 1, line  # nothing is said of rows that agree
        found.setdefault(planted.pop(), set()).add(line["rule"])
        assert line["stated"]
        assert line["computed"]  # both values
    assert found == RULES


def test_each_issue_of_register_and_projects_is_planted(book) -> None:
    told = Counter(
        (issue.code, issue.key.split(" ")[0])
        for issue in book.log
        if issue.code.startswith(("parks.", "park_tables.")) and issue.row
    )
    keys = {trouble["kind"]: trouble["key"] for trouble in TROUBLES}
    wanted = {
        ("parks.stated_differs", keys["available_differs"]),
        ("parks.factory_sum", keys["factory_sum"]),
        ("parks.dates_out_of_order", keys["finished_before_start"]),
        ("parks.period_conflict", "青石工业园"),
        ("park_tables.bad_period", ""),
    }
    planned = {code for code, key in told if key == keys["built_above_planned"]}
    known = {code for code, _ in wanted}
    assert {one for one in told if one[0] in known} == wanted
    assert any("factory" in code for code in planned)  # built above what is planned
    dates = {issue.row for issue in book.log if issue.code == "intake_tables.not_a_date"}
    assert dates == {trouble["row"] for trouble in of("no_date")}


def test_claims_are_judged_as_planted_in_the_whole_chain(book) -> None:
    found = dict(zip(book.checked["claim"], book.checked["verdict"], strict=True))
    assert found == {t["key"]: t["shows"][0].removeprefix("claim:") for t in of("claim")}
    assert set(book.checked["problem"]) == {""}


def test_the_stop_of_a_project_makes_its_land_idle(book) -> None:
    """Of three contracts alike only the one that has rested a year is idle; without its stop it
    is not."""
    contracts = book.contracts.set_index("parcel_id")
    for trouble in of("stop_makes_idle", "stop_resumed", "stop_too_short"):
        finding = contracts.loc[trouble["value"], "finding"]
        assert finding == ("stalled" if trouble["shows"] == ["idle"] else ""), trouble
    inputs, rules = book.computed.inputs, book.computed.rules
    supply = inputs.supply
    ours = supply["contract_no"].str.startswith("339901202390")
    plain = supply.assign(suspended_since=supply["suspended_since"].mask(ours))
    without, _ = find_idle(plain, inputs.parcels, rules, book.as_of, IssueLog())
    assert set(without.loc[ours.to_numpy(), "finding"]) == {""}


def _sheet(name: str) -> list[tuple]:
    pages = openpyxl.load_workbook(SAMPLE / name, read_only=True)
    return list(pages.worksheets[0].iter_rows(values_only=True))[3:]


@pytest.fixture(scope="module")
def shortfalls() -> dict[str, dict[str, Fraction]]:
    """Promised less achieved, in 万元, of every promise that is due, from the offices' own files:
    registered area × 3/2000 mu, tax in 元, output in 千元, investment of the project."""
    parcels = pyogrio.read_dataframe(SAMPLE / "宗地.shp", encoding="GB18030", read_geometry=False)
    mu: dict[str, Fraction] = {}
    for code, area in zip(parcels["TYSHXYDM"], parcels["DJMJ"], strict=True):
        if code and area > 0:
            mu[code] = mu.get(code, Fraction(0)) + Fraction(f"{area:.2f}") * 3 / 2000
    tax = {row[1]: row[4] for row in _sheet("tax.xlsx") if row[3] == 2025}
    output = {row[0]: row[3] for row in _sheet("output.xlsx") if row[2] == 2025}
    invested = {row[3]: row[18] for row in _sheet("projects.xlsx")}
    found: dict[str, dict[str, Fraction]] = {}
    for row in _sheet("promises.xlsx"):
        code = row[1]
        if row[11] > 2025 or code not in mu:
            continue
        for name, promised, done in (
            ("tax", row[8], Fraction(str(tax[code])) / 10_000),
            ("output", row[9], Fraction(str(output[code])) / 10),
            ("investment", row[10], Fraction(str(invested.get(code, 0)))),
        ):
            if promised is not None:
                owed = Fraction(str(promised)) * mu[code]
                found.setdefault(code, {})[name] = max(owed - done, Fraction(0))
    return found


def test_promises_are_judged_as_planted_with_their_shortfall(book, shortfalls) -> None:
    results = book.promises.set_index("uscc")
    planted = {t["key"]: t["kind"].removeprefix("promise_")
               for t in TROUBLES if t["kind"].startswith("promise_")}  # fmt: skip
    assert results["verdict"].to_dict() == planted
    assert Counter(planted.values()) == {
        "kept": 8, "broken": 6, "partly": 4, "not_due": 4, "cannot_tell": 2
    }  # fmt: skip
    compared = 0
    for code, measures in shortfalls.items():
        for name, short in measures.items():
            said = results.loc[code, f"{name}_shortfall_wan_micro"]
            assert abs(Fraction(int(said), 10**6) - short) < Fraction(1, 10**5), (code, name)
            compared += 1
            assert (short == 0) or planted[code] in ("broken", "partly")
    assert compared == 18 * 2 + 2


def test_broken_promises_are_listed_by_park(shortfalls, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "260")
    monkeypatch.setenv("LANDUSE_PLAIN", "1")
    monkeypatch.delenv("LANDUSE_DB", raising=False)
    assert main(["promises", "--project", str(SAMPLE / "parks.toml")]) == 0
    said = capsys.readouterr().out
    park = {row[1]: row[2] for row in _sheet("promises.xlsx")}
    lines = [line for line in said.splitlines() if "91339901" in line]
    broken = [line for line in lines if "未兑现" in line]
    for trouble in of("promise_broken"):
        (line,) = [one for one in broken if trouble["key"] in one]
        assert park[trouble["key"]] in line
        for short in shortfalls[trouble["key"]].values():
            assert f"{float(short):.2f}" in line, (line, float(short))


def test_two_types_have_three_parks_each_and_are_ranked_among_them(book) -> None:
    graded = book.assessment.set_index("park")
    for kind in ("traditional", "employment"):
        mine = graded[graded["park_type"] == kind]
        assert sorted(mine["rank"]) == [1, 2, 3]
        assert set(mine["ranked"]) == {3}
        by_score = mine.sort_values("score", ascending=False)["rank"].tolist()
        assert by_score == [1, 2, 3]
    assert graded.loc["柳塘镇科创产业片区", "status"] == "ungraded"  # it has no land yet


def test_land_accounts_of_all_parks_add_up_without_overlap(book) -> None:
    rows = book.accounts
    parts = ("undevelopable", "built", "partly_used", "not_started", "idle", "undetermined",
             "available")  # fmt: skip
    whole = sum(rows[f"{name}_m2_micro"] for name in parts) - rows["excess_m2_micro"]
    assert (whole == rows["total_m2_micro"]).all()
    assert not [issue for issue in book.log if "overlap" in issue.code and "park" in issue.code]
    assert (rows["excess_m2_micro"] == 0).all()
    assert rows.set_index("park").loc["", "parcel_count"] == 11


def test_the_slip_of_a_unit_is_traced(book) -> None:
    """青石工业园 at 6 918 万元 a mu: one firm's output at three thousand times its value."""
    outlier = next(
        trouble
        for trouble in tomllib.loads((SAMPLE / "planted.toml").read_text("utf-8"))["trouble"]
        if trouble["kind"] == "outlier"
    )
    parts = book.assessment_parts.set_index(["park", "indicator"])
    row = book.measures.set_index("park").loc["青石工业园"]
    assert round(parts.loc[("青石工业园", "output_wan_per_mu"), "value"], 2) == 6918.38
    land = Fraction(int(row["industrial_m2_micro"]) * 3, 2000 * 10**6)
    slip = Fraction(outlier["value"]) / 10
    rest = (Fraction(int(row["output_wan_micro"]), 10**6) - slip + slip / 3000) / land
    assert 225 < rest < 240
    grown = candidates(book)["fast_growing"]
    assert grown["uscc"].tolist() == [outlier["key"]]


def test_candidates_and_chains_are_there_to_be_seen(book) -> None:
    near = candidates(book)["near_the_line"]
    assert len(near) > 20
    chains = book.chains.set_index("chain")
    assert {"纺织服装", "装备制造", "电子电气", "塑料制品"} <= set(chains.index)
    assert set(book.clusters["cluster_kind"]) >= {"leading", "special", "all"}
    counted = book.scales[book.scales["park"] == ""]
    assert set(counted["verdict"]) == {"adds_up"}
    assert {"signed", "supplied", "started", "stopped", "topped_out", "completed",
            "in_production"} == set(book.projects["state"])  # fmt: skip
