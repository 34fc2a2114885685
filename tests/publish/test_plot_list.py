"""The list of plots, its workbook, the card of a plot, and the charts of a run."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pytest
from publish_county import NAMES, make_run, parcel, uscc

from landuse.publish.charts import heat_table, margin_pyramid, mu_by_state
from landuse.publish.plot_book import write_plot_book
from landuse.publish.plot_card import plot_card, spreads
from landuse.publish.plot_list import ORDERS, in_order, list_columns, list_rows
from landuse.publish.plots import plot_table
from landuse.publish.visible import visible


@pytest.fixture(scope="module")
def run():
    return make_run()


@pytest.fixture(scope="module")
def table(run):
    return plot_table(run)


def words(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    return [one.text or "" for one in root.iter("{http://www.w3.org/2000/svg}text")]


def test_every_order_has_every_plot_once(table) -> None:
    everything = np.ones(len(table), dtype=bool)
    for order in ORDERS:
        places = in_order(table, everything, order)
        assert sorted(places.tolist()) == list(range(12))
    classes = table.rows["land_class"].iloc[in_order(table, everything, "class")].tolist()
    assert classes == ["low_efficiency", "no_enterprise", *["normal"] * 6, *["not_graded"] * 3,
                       "out_of_scope"]  # fmt: skip
    mask = (table.rows["land_class"] == "normal").to_numpy()
    margins = table.rows["margin"].iloc[in_order(table, mask, "firmness")].tolist()
    assert margins == sorted(margins)


def test_the_workbook_has_the_rows_and_columns_of_the_list(table, tmp_path: Path) -> None:
    places = np.array([3, 0, 11])
    columns = list_columns(table)
    for name in ("a.xlsx", "b.xlsx"):
        write_plot_book(table, places, tmp_path / name, title="名单", notes=["=1+1"],
                        as_of=dt.date(2026, 6, 30))  # fmt: skip
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    rows = list(sheet.iter_rows())
    assert rows[0][0].value == "=1+1"
    assert rows[0][0].data_type == "s"
    assert len(rows[1]) == len(columns)
    assert [row[0].value for row in rows[2:]] == [parcel(4), parcel(1), parcel(12)]
    assert [row[1].value for row in rows[2:]] == [visible(NAMES[3]), NAMES[0], NAMES[0]]
    assert "f" not in {cell.data_type for row in rows for cell in row}
    said = list_rows(table, places, "zh")
    assert said["land_class"].tolist() == ["正常", "疑似低效", "评价范围外"]
    assert rows[3][4].value == 50.0


def test_the_presenter_hides_codes_and_contracts(table) -> None:
    hidden = {one.name for one in list_columns(table) if one.sensitive}
    assert hidden == {"main_uscc", "contracts"}


def test_the_card_of_a_flagged_plot(run) -> None:
    card = plot_card(run, parcel(1), "low_efficiency", spreads(run))
    assert card is not None
    (user,) = card.users
    assert (user.uscc, user.flagged) == (uscc(1), True)
    assert "得分 0.462372" in user.why
    assert "第 1 位" in user.why
    assert len(user.flips) == 2
    standing = {one.label: one.value for one in user.standing}
    assert standing["中位数"] == "1.150943"  # the fourth of seven scores
    # adjusted tax of the seven: 9 12 22.5 27 30 30 36
    assert (user.measured[0].compared, user.measured[0].median) == ("9", "27")
    sensitive = {one.label for one in user.facts if one.sensitive}
    assert "信用代码" in sensitive
    assert len(sensitive) == 4, "the code, and tax, output and energy"
    for picture in (user.picture, *(one.picture for one in user.measured)):
        ElementTree.fromstring(picture)
        assert "style" not in picture


def test_a_card_in_every_class_and_both_languages(run, table) -> None:
    made = spreads(run)
    for code, kind in zip(table.rows["parcel_id"], table.rows["land_class"], strict=True):
        for lang in ("zh", "en"):
            card = plot_card(run, code, kind, made, lang)
            assert card is not None
            assert card.why
    empty = plot_card(run, parcel(11), "no_enterprise", made)
    assert empty is not None
    assert empty.users == ()
    stranger = plot_card(run, parcel(7), "normal", made)
    assert stranger is not None
    assert [user.uscc for user in stranger.users] == [uscc(7), uscc(99)]
    assert stranger.users[1].name == uscc(99)
    assert plot_card(run, "nothing", "normal", made) is None


def test_the_heat_table_has_the_middle_value_of_each_industry(run) -> None:
    said = words(heat_table(run))
    # seven units in one industry: tax 27; output 75 150 225 240 240 270 270 → 240; energy 3
    for figure in ("27", "240", "3", "1 / 7"):
        assert figure in said
    assert said.count("27") == 2, "the industry and all, which are the same here"


def test_the_pyramid_counts_each_unit_once(run) -> None:
    svg = margin_pyramid(run)
    said = words(svg)
    bands = [said.index(one) for one in ("≥ 0.8", "0.4–0.8", "0.2–0.4", "0–0.02")]
    # margins .213 | .676 .689 .703 | .807 .861, and the listed one on the cut-off
    assert [said[at + 1 : at + 3] for at in bands] == [["0", "2"], ["0", "3"], ["0", "1"],
                                                        ["1", "0"]]  # fmt: skip


def test_mu_by_state_counts_flagged_plots_without_a_case(table) -> None:
    said = words(mu_by_state(table, ("found", "closed")))
    assert said == ["摸排", "0.00 亩 · 0 件", "销号", "0.00 亩 · 0 件", "尚无台账",
                    "50.00 亩 · 1 件"]  # fmt: skip


def test_pictures_load_and_run_nothing(run, table) -> None:
    drawn = [heat_table(run), margin_pyramid(run), mu_by_state(table, ("found",))]
    for svg in drawn:
        assert not re.search(r"<(script|style|image|use|a|foreignObject)\b|href|url\(", svg)


def test_a_run_without_grades_has_no_pictures_of_them() -> None:
    bare = make_run()
    object.__setattr__(bare, "units", bare.units.head(0))
    object.__setattr__(bare, "indicators", bare.indicators.head(0))
    assert (heat_table(bare), margin_pyramid(bare), spreads(bare)) == ("", "", {})
