"""Idle land on the page: its colour, its legend, the clock on the card, and hostile contracts."""

from __future__ import annotations

import dataclasses

import pytest
from other_rooms import loaded

pytestmark = pytest.mark.browser

HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror=window.hacked=1>{{7*7}}"
BLUE = (0, 0x72, 0xB2, 255)


@pytest.fixture(scope="module")
def idle_county(make_run):  # `make_run` loads the county that this one extends
    return loaded("publish", "idle_county")


def test_idle_land_on_the_page(open_map, idle_county):
    run = idle_county.idle_run()
    shown = open_map(run)
    legend = shown.page.locator("#legend")
    rows = legend.locator("tbody tr").all_inner_texts()
    assert rows[0].split()[-2:] == ["1", "50.00"]
    assert "疑似低效且疑似闲置" in rows[0]
    assert "疑似闲置" in rows[1]
    assert legend.locator("tfoot .idle td").all_inner_texts() == ["2", "100.00"]
    idle = run.parcels["parcel_id"].tolist().index(idle_county.parcel(11))
    assert shown.colour(idle) == BLUE
    shown.click(idle)
    card = shown.page.locator("#card")
    card.wait_for()
    said = card.inner_text()
    for words in (
        "疑似闲置，须按《闲置土地处置办法》调查认定", "土地状态：疑似闲置（供地合同 1 份）", "=H11",
        "2025-06-30（约定动工日期）", "2026-06-30", "0 天", "企业原因", "建议征缴闲置费",
        "64.02 万元", "实际交地日期",
    ):  # fmt: skip
        assert words in said, words
    shown.page.evaluate("landuse.app.select(0, true)")  # idle and of low efficiency
    said = card.inner_text()
    assert "按规定先走闲置土地处置程序" in said
    assert "疑似闲置：动工不足，中止满一年" in said
    assert "因此初筛列为疑似低效" in said  # both findings stay visible
    assert shown.clean()


def test_a_hostile_contract_does_nothing_and_is_shown_as_it_is(open_map, idle_county):
    run = idle_county.idle_run()
    contracts = run.idle.assign(contract_no=HOSTILE, source_file=HOSTILE, source_sheet=HOSTILE)
    shown = open_map(dataclasses.replace(run, idle=contracts))
    shown.page.evaluate("landuse.app.select(0, true)")
    shown.page.wait_for_timeout(200)
    assert HOSTILE in shown.page.locator("#card .idle summary").inner_text()
    assert shown.clean()


def test_an_english_card_of_idle_land(open_map, idle_county):
    run = idle_county.idle_run()
    shown = open_map(run, lang="en")
    plots = run.parcels["parcel_id"].tolist()
    for number in (1, 2, 3, 11):
        shown.page.evaluate(f"landuse.app.select({plots.index(idle_county.parcel(number))}, true)")
        said = shown.page.locator("#card").inner_text()
        assert "land status:" in said
        codes = ("finding_", "land_", "base_", "name_", "remark_", "consequence_")
        assert not [code for code in codes if code in said]
