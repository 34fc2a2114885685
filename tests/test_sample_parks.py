"""What is planted in the sample's park tables is there, and the rest agrees with itself."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pyogrio
import pytest

from landuse.intake.park_tables import read_park_inputs
from landuse.intake.project import load_project
from landuse.issues import IssueLog
from landuse.schema.periods import read_period
from landuse.stated import Claim, check

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
TROUBLES = tomllib.loads((SAMPLE / "planted.toml").read_text("utf-8"))["park_trouble"]
HALF = "2026-H1"


def of(kind: str) -> list[dict]:
    found = [trouble for trouble in TROUBLES if trouble["kind"] == kind]
    assert found, kind
    return found


@pytest.fixture(scope="module")
def read():
    log = IssueLog()
    inputs = read_park_inputs(load_project(SAMPLE / "parks.toml"), log)
    figures = defaultdict(list)
    for row in inputs.periods.to_dict("records"):
        span = read_period(row["period"], cumulative=row["cumulative"])
        figures[row["scope"], row["key"], row["measure"], span].append(SimpleNamespace(**row))
    return SimpleNamespace(inputs=inputs, issues=list(log), figures=figures)


def at(read, trouble) -> SimpleNamespace:
    rows = read.inputs.periods
    (row,) = rows[rows["source_row"] == trouble["row"]].to_dict("records")
    return SimpleNamespace(**row)


def test_rows_read_are_used_or_set_aside(read):
    counts = read.inputs.counts
    assert (counts["read"] == counts["used"] + counts["set_aside"]).all()
    assert read.inputs.set_aside["source_row"].tolist() == [of("bad_period")[0]["row"]]
    told = {(issue.file, issue.row) for issue in read.issues}
    assert told == {(t["file"], t["row"]) for kind in ("bad_period", "no_date") for t in of(kind)}


def test_half_years_are_the_sum_of_their_months_but_for_the_planted(read):
    """Months are whole 万元, half-years 亿元 with two digits: half a unit is 50 万元."""
    wrong = set()
    for (scope, key, measure, span), rows in read.figures.items():
        parts = [
            read.figures.get((scope, key, measure, read_period(f"{span.year}-{month:02d}")), ())
            for month in range(span.first, span.last + 1)
        ]
        if span.last == span.first or not all(parts):
            continue
        total = sum(part[0].value_micro for part in parts)
        wrong |= {r.source_row for r in rows if 2 * abs(r.value_micro - total) > r.step_micro}
    planted = ("months_against_half", "said_twice", "cumulative_falls")
    assert wrong == {t["row"] for kind in planted for t in of(kind)}


def test_what_is_stated_of_growth_and_shares_follows_but_for_the_planted(read):
    wrong = set()
    for (scope, key, measure, span), rows in read.figures.items():
        value = _exact(read, scope, key, measure, span)
        before = _exact(read, scope, key, measure, span.before)
        city = _exact(read, "city", "", measure, span)
        for row in rows:
            if row.growth_text and not _says(row.growth_text, value / before - 1):
                wrong.add(row.source_row)
            if row.share_of_city_text and not _says(row.share_of_city_text, value / city):
                wrong.add(row.source_row)
    assert wrong == {t["row"] for kind in ("growth_wrong", "share_of_city_wrong") for t in of(kind)}


def test_what_is_stated_of_targets_follows_but_for_the_planted(read):
    """The value itself is rounded: half a unit of its last digit, over the target."""
    wrong = set()
    for row in read.inputs.periods.to_dict("records"):
        if row["share_of_target_text"]:
            target = Fraction(row["target_micro"])
            room = Fraction(row["step_micro"]) / 2 / target
            share = Fraction(row["value_micro"]) / target
            if not _says(row["share_of_target_text"], share, room):
                wrong.add(row["source_row"])
    assert wrong == {t["row"] for t in of("share_of_target_wrong")}


def _says(text: str, share: Fraction, room: Fraction = Fraction(0)) -> bool:
    """Whether a percentage is that share, rounded to its digits."""
    digits = len(text.strip("%").partition(".")[2])
    half = Fraction(1, 2 * 100 * 10**digits)
    return abs(share - Fraction(text.strip("+%")) / 100) <= half + room


def _exact(read, scope, key, measure, span) -> Fraction:
    """The sum of the months."""
    months = range(span.first, span.last + 1)
    parts = [
        read.figures.get((scope, key, measure, read_period(f"{span.year}-{month:02d}")))
        for month in months
    ]
    return Fraction(sum(int(part[0].value_micro) for part in parts if part))


def test_contradictions_that_two_rows_make(read):
    one = at(read, of("said_twice")[0])
    both = read.figures[one.scope, one.key, one.measure, read_period(one.period)]
    assert len({row.value_micro for row in both}) == 2
    falls = at(read, of("cumulative_falls")[0])
    (half,) = read.figures[falls.scope, falls.key, falls.measure, read_period(HALF)]
    assert (falls.period, falls.cumulative) == ("2026-05", True)
    assert falls.value_micro > half.value_micro
    goal = at(read, of("target_conflict")[0])
    (later,) = read.figures[goal.scope, goal.key, goal.measure, read_period(HALF)]
    assert goal.target_micro - later.target_micro == 10_000 * 10**6
    firms = {
        key: rows[0].value_micro
        for (scope, key, measure, span), rows in read.figures.items()
        if measure == "firms" and span == read_period(HALF)
    }
    assert firms["装备制造"] > firms["规上"]


def test_a_hedged_figure_does_not_contradict(read):
    one = at(read, of("hedged")[0])
    exact = [
        row
        for row in read.figures[one.scope, one.key, one.measure, read_period(HALF)]
        if row.bound == "exact"
    ]
    assert one.bound == "about"
    assert abs(one.value_micro - exact[0].value_micro) <= one.step_micro


def test_claims_have_the_verdict_that_was_planted(read):
    claims = read.inputs.stated.set_index("claim")
    for trouble in of("claim"):
        row = claims.loc[trouble["key"]]
        if "=计算" in row["inputs"]:
            continue  # a figure of the program: judged in the whole chain
        inputs = tuple(
            claims.loc[text[1:], "stated"] if text.startswith("=") else text
            for text in row["inputs"].split("; ")
        )
        units = tuple(row["input_units"].split("; ")) if row["input_units"] else ()
        found = check(Claim(trouble["key"], row["relation"], inputs, row["stated"], "", units))
        assert trouble["shows"] == [f"claim:{found.verdict}"], trouble["key"]


def _sheet(name: str) -> list[tuple]:
    book = openpyxl.load_workbook(SAMPLE / name, read_only=True)
    return list(book.worksheets[0].iter_rows(values_only=True))


def test_promises_are_kept_and_broken_as_planted(read):
    """Tax (元), output (千元) of 2025 and what projects took, over the firm's registered area."""
    parcels = pyogrio.read_dataframe(SAMPLE / "宗地.shp", encoding="GB18030", read_geometry=False)
    mu = parcels.groupby("TYSHXYDM")["DJMJ"].sum() * 3 / 2000
    figures = {
        "tax": {row[1]: row[4] for row in _sheet("tax.xlsx")[3:] if row[3] == 2025},
        "output": {row[0]: row[3] for row in _sheet("output.xlsx")[3:] if row[2] == 2025},
        "investment": {row[3]: row[18] for row in _sheet("projects.xlsx")[3:]},
    }
    wan = {"tax": 1e4, "output": 10, "investment": 1}
    promises = read.inputs.promises.set_index("uscc")
    invested = 0
    for trouble in TROUBLES:
        key, verdict = trouble["key"], trouble["kind"].removeprefix("promise_")
        if trouble["table"] != "promises" or verdict.startswith("chain"):
            continue
        row = promises.loc[key]
        assert row["due_year"] == (2027 if verdict == "not_due" else 2024)
        if verdict == "cannot_tell":
            assert key not in mu
            continue
        parts = []
        for measure, of in figures.items():
            promised = row[f"promised_{measure}_wan_per_mu_micro"]
            if promised is not pd.NA:
                parts.append(of[key] / wan[measure] / mu[key] / (promised / 1e6))
        invested += len(parts) == 3
        if verdict == "kept":
            assert min(parts) >= 1, trouble
        elif verdict == "partly":
            assert 0.5 < min(parts) < 0.95, trouble
        elif verdict == "broken":
            assert max(parts) < 0.48, trouble  # clearly under half
    assert invested == 2


def test_projects_stop_and_run_late_as_planted(read):
    projects = read.inputs.projects.set_index("project")
    stop = projects.loc[of("stop_only_here")[0]["key"]]
    supply = {row[0]: row for row in _sheet("supply.xlsx")[3:]}
    assert str(stop["stopped_on"].date()) == of("stop_only_here")[0]["value"]
    assert supply[stop["contract_no"]][16] is None  # 中止建设日期
    assert projects.loc[of("resumed")[0]["key"], "resumed_on"].year == 2025
    early = projects.loc[of("finished_before_start")[0]["key"]]
    assert early["completed_on"] < early["started_on"]
    assert projects.loc[of("no_date")[0]["key"], "unread"] == "topped_out_on"
    late = projects.loc[[t["key"] for t in of("late_start")], "started_on"]
    assert late.isna().all()


def test_the_register_of_parks(read):
    parks = read.inputs.park_register.set_index("park")
    counts = parks["park_type"].value_counts().to_dict()
    assert counts == {"traditional": 3, "employment": 3, "emerging": 2}
    odd = parks["factory_built_m2_micro"] > parks["factory_planned_m2_micro"]
    assert list(parks.index[odd.fillna(False)]) == [t["key"] for t in of("built_above_planned")]
    blank = {t["key"] for t in of("plan_unknown")}
    plans = parks["has_plan"]
    assert plans.value_counts().to_dict() == {"yes": 4, "no": 2, "": 2}
    assert set(parks.index[plans == ""]) == blank
    layer = pyogrio.read_dataframe(SAMPLE / "park_areas.shp")
    assert len(layer) == 7
    assert set(parks.index) - set(layer["YQMC"]) == {"柳塘镇科创产业片区"}
    batch = pyogrio.read_dataframe(SAMPLE / "parks.shp").set_index("YQMC").geometry
    mine = layer.set_index("YQMC").geometry
    assert mine[batch.index].equals(batch)  # the three are drawn as the batch knows them


def test_clusters_have_their_kind_and_scales_add_up(read):
    rows = read.inputs.periods
    kinds = rows[rows["scope"] == "cluster"].groupby("key")["cluster_kind"].unique()
    assert {key: list(value) for key, value in kinds.items()} == {
        "纺织服装": ["leading"], "装备制造": ["leading"], "电子电气": ["special"]
    }  # fmt: skip
    wrong = set()
    for (scope, key, measure, span), (whole, *_) in read.figures.items():
        names = {"city": ("scale", ""), "park": ("park_scale", f"{key}|")}.get(scope)
        halves = [read.figures.get((names[0], names[1] + half, measure, span))
                  for half in ("规上", "规下")] if names else []  # fmt: skip
        if halves and all(halves) and sum(h[0].value_micro for h in halves) != whole.value_micro:
            wrong.add(key)
    assert wrong == {t["key"].partition("|")[0] for t in of("scale_does_not_add")}


def test_chains_have_their_leaders(read):
    promises = read.inputs.promises
    leaders = promises[promises["chain_role"] == "leader"].groupby("chain").size().to_dict()
    assert leaders == {"纺织服装": 1, "装备制造": 1, "电子电气": 2}
    assert set(promises["chain"]) - {""} - set(leaders) == {"塑料制品"}
    chains = promises.groupby("chain").size()
    for kind in ("chain_leader", "chain_two_leaders", "chain_without_leader"):
        for trouble in of(kind):
            name, _, count = trouble["value"].removesuffix(" 家").partition("：")
            assert chains[name] == int(count)


def test_stops_are_of_contracts_that_name_no_suspension(read):
    projects = read.inputs.projects.set_index("project")
    supply = {row[0]: row for row in _sheet("park_supply.xlsx")[3:]}
    used = {row[1] for row in _sheet("supply.xlsx")[3:]}
    for kind in ("stop_makes_idle", "stop_resumed", "stop_too_short"):
        (trouble,) = of(kind)
        row = supply[projects.loc[trouble["key"], "contract_no"]]
        assert row[1] == trouble["value"]
        assert row[1] not in used
        assert row[16] is None
        assert row[13] / row[12] < 1 / 3  # 已动工 / 应动工
