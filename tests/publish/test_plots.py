"""Plots: read back from a run folder, filtered by every part, and added up as the tables are."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from publish_county import make_run

from landuse.errors import UserError
from landuse.publish import write_run
from landuse.publish.plots import plot_table
from landuse.publish.reader import run_tables
from landuse.publish.run_reading import MAP_TABLES
from landuse.schema.plot_cases import PLOT_CASES
from landuse.schema.plot_filter import PlotFilter, fold


def case(parcel, number, state, **facts):
    row = dict.fromkeys(PLOT_CASES.names, "")
    row |= {"parcel_id": parcel, "number": number, "kind": "low_efficiency", "state": state}
    row |= {"is_open": state not in ("closed", "removed"), "revision": 3, "case_mu": 50.0}
    row |= {"remaining_mu": 0.0, "disposed_mu": 0.0, "accepted_mu": 0.0, "accepted_floor_m2": 0.0}
    return {**row, "accepted_on": None, "deadline": None, "history_json": "[]", **facts}


def cases_frame(*rows):
    frame = pd.DataFrame(list(rows), columns=PLOT_CASES.names)
    kinds = {"text": "str", "int": "int64", "float": "float64", "bool": "bool"}
    kinds["date"] = "datetime64[s]"
    return PLOT_CASES.check(frame.astype({one.name: kinds[one.dtype] for one in PLOT_CASES}))


@pytest.fixture
def run():
    return make_run()


@pytest.fixture
def table(run):
    ids = run.parcels["parcel_id"].tolist()
    done = {"accepted_on": "2026-05-01", "accepted_mu": 30.5, "accepted_floor_m2": 1200.0}
    return plot_table(
        run,
        cases_frame(
            case(ids[0], "2026-低-0001", "suspected"),
            case(ids[2], "2026-低-0002", "closed", **done),
            # one case of two parcels, a part of it accepted and not closed
            case(ids[3], "2026-低-0003", "in_disposal", accepted_mu=10.25),
            case(ids[4], "2026-低-0003", "in_disposal", accepted_mu=10.25),
            case(ids[5], "2026-低-0004", "removed", accepted_mu=99.0),
            case("not in the run", "2026-低-0005", "suspected", accepted_mu=7.0),
        ),
    )


def passing(table, **wish):
    """The numbers of the plots that pass: the last two digits of their codes."""
    rows = table.rows[table.filter(PlotFilter(**wish))]
    return [int(code[-2:]) for code in rows["parcel_id"]]


def test_a_run_folder_gives_its_tables_back(run, tmp_path):
    folder = write_run(run, tmp_path / "run")
    back = run_tables(folder)
    for (table, before), (_, after) in zip(run.tables(), back.tables(), strict=True):
        pd.testing.assert_frame_equal(before, after, obj=table.name)
    assert back.totals == run.totals
    assert back.rules == run.rules
    assert back.crs == run.crs
    assert back.manifest["run_id"] == run.manifest["run_id"]
    assert "files" not in back.manifest


def test_only_the_tables_asked_for_are_read(run, tmp_path):
    back = run_tables(write_run(run, tmp_path / "run"), only=MAP_TABLES)
    assert len(back.parcels) == 12
    assert back.sources.empty
    assert back.issues.empty
    list(back.tables())  # each is still such a table


def test_an_old_folder_has_blanks_for_what_it_did_not_know(run, tmp_path):
    folder = write_run(run, tmp_path / "run")
    frame = pd.read_parquet(folder / "parcels.parquet").drop(columns=["is_idle", "land_status"])
    frame.to_parquet(folder / "parcels.parquet")
    manifest = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    for name in ("idle.parquet", "evidence.parquet"):
        (folder / name).unlink()
        del manifest["files"][name]
    del manifest["pack"]["idle_area_share"]
    (folder / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    back = run_tables(folder)
    assert not back.parcels["is_idle"].any()
    assert set(back.parcels["land_status"]) == {""}
    assert back.idle.empty
    assert back.evidence.empty
    assert len(plot_table(back)) == 12


def test_what_is_broken_is_said_in_words(run, tmp_path):
    folder = write_run(run, tmp_path / "run")
    frame = pd.read_parquet(folder / "links.parquet").drop(columns="uscc")
    frame.to_parquet(folder / "links.parquet")
    with pytest.raises(UserError, match=r"links\.parquet"):
        run_tables(folder)
    (folder / "parcels.parquet").write_bytes(b"no parquet")
    with pytest.raises(UserError, match=r"parcels\.parquet"):
        run_tables(folder)
    manifest = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    manifest["pack"]["share"] = "much"
    (folder / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        run_tables(folder)
    assert caught.value.issues[0].code == "map_command.rules_unreadable"


def test_the_main_user_is_a_flagged_one_then_the_largest_then_the_smallest_code():
    run = make_run()
    ids, codes = run.parcels["parcel_id"].tolist(), run.units["uscc"].tolist()

    def link(parcel, uscc, mu):
        return {**run.links.iloc[0].to_dict(), "parcel_id": parcel, "uscc": uscc, "area_mu": mu}

    flagged = run.units.loc[run.units["status"] == "low_efficiency", "uscc"].item()
    others = [code for code in codes if code != flagged]
    rows = [
        link(ids[0], others[1], 40.0), link(ids[0], flagged, 1.0),
        link(ids[1], others[1], 10.0), link(ids[1], others[2], 40.0),
        link(ids[2], others[3], 25.0), link(ids[2], others[2], 25.0),
    ]  # fmt: skip
    links = pd.DataFrame(rows)[run.links.columns].astype(run.links.dtypes.to_dict())
    table = plot_table(make_run(links=links))
    assert table.rows["main_uscc"].tolist()[:4] == [flagged, others[2], others[2], ""]
    units = run.units.set_index("uscc")
    assert table.rows["score"][1] == units["score"][others[2]]
    assert table.users["plot"].tolist() == [0, 0, 1, 1, 2, 2]


def test_the_class_is_revitalised_where_the_case_is_closed_with_acceptance(table):
    rows = table.rows
    assert rows["land_class"].tolist()[2] == "revitalised"
    assert rows["run_class"].tolist()[2] == "normal"
    assert rows["revitalised_year"].tolist()[2] == 2026
    assert rows["land_class"].drop(2).tolist() == rows["run_class"].drop(2).tolist()
    assert rows["case_state"].tolist()[:2] == ["suspected", ""]


def test_totals_are_those_of_the_tables(table, run):
    totals = table.totals()
    # plot 3, 50 mu, moves from normal to revitalised
    stated = {key: dict(one) for key, one in run.totals["classes"].items()}
    stated["normal"]["count"] -= 1
    stated["normal"]["mu"] -= 50.0
    stated["revitalised"] = {"count": 1, "mu": 50.0}
    assert totals["classes"] == stated
    assert totals["total"] == {"count": 12, "mu": 560.0}
    assert totals["low_efficiency"] == {"count": 1, "mu": 50.0}
    # 30.5 closed + 10.25, once for its two parcels; not the removed one nor the unknown parcel
    assert totals["revitalised"] == {"cases": 2, "mu": 40.75, "floor_m2": 1200.0}
    some = table.totals(table.filter(PlotFilter(parks=("经开区",), states=("in_disposal",))))
    assert some["total"] == {"count": 2, "mu": 100.0}
    assert some["revitalised"]["mu"] == 10.25


def test_each_part_of_a_filter(table):
    everything = list(range(1, 13))
    assert passing(table) == everything
    assert passing(table, text="  ") == everything
    assert passing(table, text="持有人 １０") == [10]  # width and blanks do not count
    assert passing(table, text="20000011x") == []
    assert passing(table, text="0000006x") == [6]  # a credit code, without capitals
    assert passing(table, text="2026-低-0003") == [4, 5]
    assert passing(table, text="<IMG src=x") == [2]  # a name, as it is
    assert passing(table, text="经开区")[:2] == [1, 2]
    assert passing(table, classes=("low_efficiency", "revitalised")) == [1, 3]
    assert passing(table, states=("suspected", "none")) == [1, 2, 7, 8, 9, 10, 11, 12]
    assert passing(table, states=("removed",)) == [6]
    assert passing(table, parks=("none",)) == []
    assert passing(table, industries=("44",)) == [8]
    assert passing(table, industries=("none",)) == [7]  # beside firm 7 one that is in no table
    assert passing(table, classes=("no_enterprise",), industries=("none",)) == []


def test_a_range_asks_one_user_for_industry_and_value_together(table):
    # tax per mu: firm 3 has 1500 / 50 = 30, firm 7 1200 / 25 = 48
    assert passing(table, indicator="tax_wan_per_mu", least=30) == [3, 5, 7]
    assert passing(table, indicator="tax_wan_per_mu", least=30, most=30) == [3]
    assert passing(table, indicator="tax_wan_per_mu", least=48, industries=("33",)) == [7]
    assert passing(table, indicator="tax_wan_per_mu", least=48, industries=("none",)) == []
    assert passing(table, indicator="tax_wan_per_mu") == list(range(1, 13))
    assert 1 in passing(table, indicator="score", most=1.0)
    with pytest.raises(UserError) as caught:
        passing(table, indicator="nothing", least=1)
    assert "tax_wan_per_mu" in caught.value.lines("zh")[0]


def test_a_query_and_back():
    pairs = [
        ("q", " 甲厂 "), ("class", "idle"), ("class", "both"), ("state", "none"),
        ("park", "经开区"), ("industry", "33"), ("indicator", "score"), ("min", "０.5"),
        ("max", "-0"), ("page", "7"),
    ]  # fmt: skip
    with pytest.raises(UserError):
        PlotFilter.from_query(pairs)  # from 0.5 to 0
    wish = PlotFilter.from_query([pair for pair in pairs if pair[0] != "max"])
    assert wish.text == "甲厂"
    assert wish.classes == ("idle", "both")
    assert wish.least == 0.5
    assert PlotFilter.from_query(wish.to_query()) == wish
    assert PlotFilter.from_query({"class": ["idle", "", "idle"], "q": ""}).to_query() == [
        ("class", "idle")
    ]
    assert PlotFilter.from_query({}).is_all
    assert not wish.is_all


@pytest.mark.parametrize("value", ["x", "1,000", "nan", "inf", "1e999", "0x10", "--1"])
def test_a_bad_number_is_said(value):
    with pytest.raises(UserError) as caught:
        PlotFilter.from_query({"min": value, "indicator": "score"})
    assert [issue.code for issue in caught.value.issues] == ["map_command.bad_number"]


def test_all_faults_of_a_query_are_said_at_once():
    with pytest.raises(UserError) as caught:
        PlotFilter.from_query({"min": "much", "max": "3"})
    codes = {issue.code for issue in caught.value.issues}
    assert codes == {"map_command.bad_number", "map_command.range_of_nothing"}


def test_folding_is_that_of_the_page():
    # the blanks of \\s in a script, among them the byte order mark; not the file separator
    assert fold("Ａ\u3000b\ufeff\u2028\u00a0C") == "abc"
    assert fold("a\x1cb") == "a\x1cb"
