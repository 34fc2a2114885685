"""The map of the shipped sample, written by the whole batch: equal to the workbook beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from landuse.pipeline.identify import identify

    out = tmp_path_factory.mktemp("sample") / "run"
    identify(sample / "project.toml", out=out)
    return out


@pytest.fixture
def opened(chromium: Any, folder: Path):
    context = chromium.new_context(viewport={"width": 1600, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((folder / "map.html").as_uri())
    yield page
    context.close()
    assert asked == [(folder / "map.html").as_uri()]
    assert said == []


def test_the_legend_equals_the_workbook(opened, folder):
    book = openpyxl.load_workbook(folder / "results.xlsx", read_only=True)
    rows = {str(row[0]): row[1:3] for row in book["汇总"].iter_rows(values_only=True)}
    compared = 0
    for row in opened.locator(".legend tbody tr, .legend tfoot tr.total").all():
        label = row.locator("th").inner_text().strip()
        count, mu = (cell.replace(",", "") for cell in row.locator("td").all_text_contents())
        [found] = [
            values
            for name, values in rows.items()
            if name.endswith(f"：{label}") or name == label == "全部宗地"
        ]
        assert (int(count), float(mu)) == (found[0], pytest.approx(found[1], abs=0.005001))
        compared += 1
    assert compared >= 4


def test_every_flagged_plot_can_be_stepped_through_and_agrees_with_the_table(opened, folder):
    units = pq.read_table(folder / "units.parquet").to_pandas().set_index("uscc")
    parcels = pq.read_table(folder / "parcels.parquet").to_pandas().set_index("parcel_id")
    flagged = sorted(parcels.index[parcels["is_low_efficiency"] | parcels["is_idle"]])
    opened.evaluate("landuse.app.select(0, true)")
    plots = opened.evaluate("landuse.app.plots.id")
    seen = []
    card = opened.locator("#card")
    if plots[0] in flagged:
        seen.append(plots[0])
    while opened.get_by_role("button", name="下一宗疑似").is_enabled():
        opened.get_by_role("button", name="下一宗疑似").click()
        seen.append(card.locator("h2").inner_text())
        parcel = parcels.loc[seen[-1]]
        assert (card.locator("details.idle").count() >= 1) == parcel["is_idle"]
        listed = card.locator("details.low")
        assert (listed.count() >= 1) == parcel["is_low_efficiency"]
        if not parcel["is_low_efficiency"]:
            continue
        said = dict(
            zip(
                listed.first.locator("dt").all_text_contents(),
                listed.first.locator("dd").all_text_contents(),
                strict=True,
            )
        )
        unit = units.loc[said["信用代码"]]
        assert unit["status"] == "low_efficiency"
        assert float(said["综合得分"]) == unit["score"]
        assert said["倒数名次"] == f"第 {unit['rank']} 位 / 共 {unit['cohort_size']} 家"
        assert float(said["距界线"]) == pytest.approx(unit["margin"], abs=1e-6)
    assert seen == flagged


def test_search_finds_a_planted_enterprise_by_part_of_its_name(opened, folder):
    links = pq.read_table(folder / "links.parquet").to_pandas()
    row = links[links["name"].str.len() >= 8].iloc[0]
    opened.fill("#search-text", row["name"][2:7])
    opened.wait_for_selector("#search-hits li")
    assert row["parcel_id"] in opened.locator("#search-hits li bdi").all_text_contents()
