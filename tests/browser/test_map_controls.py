"""Every control of the map, used: filter, colours, layers, measuring, two runs, presenter."""

from __future__ import annotations

import dataclasses
from typing import Any

import pyproj
import pytest
from other_rooms import loaded

from landuse.publish.plots import plot_table
from landuse.schema.plot_filter import PlotFilter

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def county(make_run) -> Any:
    """The ledger, areas and earlier run of the publish tests."""
    del make_run  # loads the county that the module builds on
    return loaded("publish", "map_ledger")


@pytest.fixture
def run(county, make_run):
    return county.with_areas(make_run())


@pytest.fixture
def shown(open_map, run, county):
    return open_map(run, cases=county.ledger())


def legend(page) -> dict[str, tuple[int, float]]:
    """Key of each row → count and mu as they are said."""
    rows = page.locator(".legend tbody tr, .legend tfoot tr:not(.floor)").evaluate_all(
        """rows => rows.map(row => [row.dataset.class || row.className,
            ...Array.from(row.querySelectorAll("td"), cell => cell.textContent)])"""
    )
    return {key: (int(n.replace(",", "")), float(mu.replace(",", ""))) for key, n, mu in rows}


def tick(page, kind: str, words: str) -> None:
    box = page.locator(f'.filter-list[data-kind="{kind}"]')
    if not box.evaluate("one => one.open"):
        box.locator("summary").click()
    box.locator(".tick", has_text=words).locator("input").click()


def until(page, condition: str) -> None:
    """Wait for a condition of the page; its policy forbids playwright's own way (``eval``)."""
    for _ in range(250):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(20)
    raise AssertionError(condition)


def address(page) -> str:
    return page.evaluate("decodeURIComponent(location.hash.replace(/[+]/g, ' '))")


def test_the_filter_shows_counts_and_writes_the_address(shown):
    page = shown.page
    assert legend(page)["total"] == (12, 560.0)
    assert legend(page)["accepted"] == (3, 142.0)  # 1.5 + 90.5 + 50, the case of two plots once
    assert page.locator(".legend .floor td").inner_text() == "1,334.5"
    tick(page, "state", "销号")
    said = legend(page)
    assert said["total"] == said["revitalised"] == (3, 150.0)
    assert said["normal"] == (0, 0.0)
    assert said["flagged"] == (0, 0.0)
    assert said["accepted"] == (2, 140.5)
    assert page.locator(".filter-said").inner_text() == "符合条件 3 宗，共 12 宗"
    assert address(page) == "#state=closed"
    assert shown.colour(0) == (0, 0, 0, 0)  # filtered out: not drawn
    assert shown.colour(1) == (0x3B, 0x0F, 0x4F, 255)
    tick(page, "state", "未入台账")
    assert address(page) == "#state=closed&state=none"
    assert legend(page)["total"][0] == 9
    page.get_by_role("button", name="清除筛选").click()
    assert legend(page)["total"] == (12, 560.0)
    assert address(page) in ("", "#")
    assert shown.clean()


WISHES = [
    "q=正常机械",
    "q=2024-001",
    "q=经开",
    "q=ｇｂ００００３",
    "class=revitalised",
    "class=low_efficiency&class=normal",
    "state=suspected&state=removed",
    "state=none",
    "industry=33",
    "industry=none&industry=44",
    "park=经开区",
    "park=none",
    "indicator=tax_wan_per_mu&min=20",
    "indicator=tax_wan_per_mu&max=12",
    "indicator=score&min=0.9&max=1.2&industry=33",
    "indicator=energy_output_wan_per_tce",
    "q=机械&class=normal&state=none",
]


def test_the_filter_means_the_same_as_that_of_the_lists(shown, run, county):
    """Rows, counts and mu of PlotTable for the same address."""
    table = plot_table(run, county.ledger())
    for wish in WISHES:
        shown.page.evaluate("wish => landuse.app.setFilter(landuse.readFilter(wish))", wish)
        pairs = [tuple(pair.split("=")) for pair in wish.split("&")]
        wanted = PlotFilter.from_query(pairs)
        if wanted.indicator not in ("", *table.measures):
            wanted = dataclasses.replace(wanted, indicator="")
        mask = table.filter(wanted)
        found = shown.page.evaluate("landuse.app.mask ? Array.from(landuse.app.mask) : null")
        assert (found is None and mask.all()) or found == mask.astype(int).tolist(), wish
        totals = table.totals(mask)
        said = legend(shown.page)
        assert said["total"] == (totals["total"]["count"], round(totals["total"]["mu"], 2)), wish
        for key, sums in totals["classes"].items():
            assert said[key] == (sums["count"], round(sums["mu"], 2)), (wish, key)
        assert said["flagged"][1] == totals["low_efficiency"]["mu"]
        assert said["accepted"] == (totals["revitalised"]["cases"], totals["revitalised"]["mu"])


TILED = {"canvas_up_to": 3, "cards_up_to": 3}


def test_filter_colours_and_legend_are_the_same_where_plots_come_from_tiles(open_map, run, county):
    shown = open_map(run, cases=county.ledger(), wish=TILED)
    page = shown.page
    table = plot_table(run, county.ledger())
    assert page.evaluate("Array.from(landuse.app.shapes.tiled).reduce((a, b) => a + b, 0)") == 6
    for wish in ("class=not_graded", "industry=33&indicator=score&min=1", "park=经开区&state=none"):
        page.evaluate("wish => landuse.app.setFilter(landuse.readFilter(wish))", wish)
        mask = table.filter(
            PlotFilter.from_query([tuple(one.split("=")) for one in wish.split("&")])
        )
        totals = table.totals(mask)
        assert page.evaluate("Array.from(landuse.app.mask)") == mask.astype(int).tolist(), wish
        assert legend(page)["total"] == (totals["total"]["count"], totals["total"]["mu"])
    page.get_by_role("button", name="清除筛选").click()
    page.evaluate("landuse.app.setState({colour: 'score'})")
    page.evaluate("landuse.app.select(6, true)")  # plot 7 comes from a tile
    until(page, "landuse.app.layer.lookOf(6) !== null")
    wanted = page.evaluate("landuse.app.layer.lookOf(6).fill").lstrip("#")
    rgb = tuple(int(wanted[place : place + 2], 16) for place in (0, 2, 4))
    for _ in range(100):
        if shown.colour(6) == (*rgb, 255):
            break
        page.wait_for_timeout(20)
    assert shown.colour(6) == (*rgb, 255)
    page.locator("#group-layers > summary").click()
    page.locator('[data-layer="tied"] input').check()
    assert "只含疑似和在台账的宗地" in page.locator('[data-layer="tied"]').inner_text()
    page.locator('.filter-list[data-kind="industry"] summary').click()
    ticks = page.locator('.filter-list[data-kind="industry"] .tick').all_text_contents()
    n = table.users[table.users["division"] == "33"]["plot"].nunique()
    assert f"33 金属制品业 ({n})" in ticks
    assert shown.clean()


def test_an_address_opens_the_map_as_it_was_left(open_map, run, county):
    hash_ = "#state=closed&colour=score&method=natural&plot=350582001001GB00002&strange=1"
    shown = open_map(run, cases=county.ledger(), at=hash_)
    page = shown.page
    assert legend(page)["total"] == (3, 150.0)
    assert "综合得分" in page.locator(".legend-theme").inner_text()
    assert page.locator("#card h2").inner_text() == "350582001001GB00002"
    page.evaluate("location.hash = '#class=normal&min=abc'")
    until(page, "landuse.app.filter.class.length === 1")
    assert legend(page)["total"] == (3, 150.0)
    assert not page.locator("#card").is_visible()
    assert page.locator(".legend-theme").is_hidden()
    assert shown.clean()


def test_a_range_is_typed_and_a_crossed_one_is_refused_in_words(shown):
    page = shown.page
    least = page.get_by_label("不低于")
    assert least.is_disabled()
    page.get_by_label("指标范围").select_option("tax_wan_per_mu")
    least.fill("24")
    until(page, "landuse.app.mask !== null")
    # 1500, 2000 and 1200 ÷ 25 are 30, 40 and 48 per mu; the others are below 24
    assert legend(page)["total"][0] == 3
    page.get_by_label("不高于").fill("10")
    until(page, "landuse.app.filter.max === 10")
    assert "下限大于上限" in page.locator(".filter-said").inner_text()
    assert legend(page)["total"][0] == 3
    page.get_by_label("不高于").fill("30")
    until(page, "landuse.app.filter.max === 30")
    assert legend(page)["total"][0] == 1
    assert "min=24&max=30" in address(page)


def test_search_finds_contract_and_case_numbers(shown):
    page = shown.page
    page.fill("#search-text", "2026-003")
    page.wait_for_selector("#search-hits li")
    assert page.locator("#search-hits li bdi").all_text_contents() == ["350582001001GB00004"]


@pytest.mark.parametrize("method", ["quantile", "natural"])
def test_colours_by_a_figure_count_every_plot_once(shown, method):
    page = shown.page
    page.locator("#group-colours > summary").click()
    page.get_by_label("按什么着色").select_option("tax_wan_per_mu")
    page.get_by_label("分级方法").select_option(method)
    table = plot_table(shown.run)
    values = table.rows["tax_wan_per_mu"]
    measure = page.evaluate("landuse.app.meta.measures[0]")
    said = legend(page)
    low = float("-inf")
    for place, end in enumerate(measure["breaks"][method]):
        inside = ((values > low) & (values <= end)).sum()
        assert said[f"bin{place}"][0] == inside
        low = end
    assert said["no_value"][0] == values.isna().sum()
    assert said["total"] == (12, 560.0)
    page.locator('tr[data-class="no_value"] input').uncheck()
    assert shown.colour(10) == (0, 0, 0, 0)  # no enterprise, no value
    page.get_by_label("按什么着色").select_option("")
    assert said.keys() != legend(page).keys()
    assert shown.colour(0) == (0xE6, 0x9F, 0x00, 255)
    assert shown.clean()


def test_the_year_shows_what_was_revitalised_by_then(shown):
    page = shown.page
    page.locator("#group-colours > summary").click()
    slider = page.get_by_label("已盘活截至年份")
    assert "2026 年底已盘活 3 宗" in page.locator("#group-colours output").inner_text()
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert "2025 年底已盘活 2 宗" in page.locator("#group-colours output").inner_text()
    assert legend(page)["revitalised"] == (2, 100.0)
    assert legend(page)["normal"] == (4, 200.0)
    assert shown.colour(2) == (0xE0, 0xE0, 0xE0, 255)
    assert "year=2025" in address(page)
    page.keyboard.press("ArrowRight")
    assert legend(page)["revitalised"] == (3, 150.0)


def test_layers_are_drawn_when_ticked_and_gone_when_not(shown):
    page = shown.page
    page.locator("#group-layers > summary").click()
    assert page.locator(".leaflet-parks-pane path").count() == 1
    assert page.locator(".park-type").inner_text() == "新兴产业"
    page.locator('[data-layer="parks"] input').uncheck()
    assert page.locator(".leaflet-parks-pane path").count() == 0
    page.locator('[data-layer="grades"] input').check()
    assert page.locator(".leaflet-grades-pane path").count() == 2
    names = page.locator(".grade-name").all_text_contents()
    assert names == ["一级<i> · 480 元/平方米", "二级 · 240 元/平方米"]
    page.locator('[data-layer="grades"] input').uncheck()
    assert page.locator(".grade-name").count() == 0
    for name in ("names", "flagged", "tied", "borderline"):
        page.locator(f'[data-layer="{name}"] input').click()
    outlines = page.evaluate("landuse.app.layer.outlines.map(one => Array.from(one.plots))")
    units = shown.run.units.set_index("uscc")
    links = shown.run.links.merge(units, left_on="uscc", right_index=True)
    near = links["margin"].abs() <= 0.05 * links["cutoff_score"].abs()
    doubtful = links[near | (links["firmness"] < 1)]["parcel_id"]
    places = {code: place for place, code in enumerate(shown.run.parcels["parcel_id"])}
    assert outlines[0] == [0]
    assert outlines[1] == sorted({places[one] for one in links[links["is_tied"]]["parcel_id"]})
    assert outlines[2] == sorted({places[one] for one in doubtful})
    assert page.evaluate("landuse.app.layer.labels") is None
    assert shown.clean()


def test_lengths_and_areas_are_those_of_the_ellipsoid(shown):
    geod = pyproj.Geod(ellps="GRS80")
    ring = [(118.60, 24.90), (118.64, 24.91), (118.63, 24.95), (118.59, 24.94)]
    area, around = geod.polygon_area_perimeter(*zip(*ring, strict=True))
    said = shown.page.evaluate(
        """ring => {
          const places = ring.map(one => L.latLng(one[1], one[0]));
          let around = 0;
          places.forEach((one, i) => (around += landuse.distance(one, places[(i + 1) % 4])));
          return [landuse.area(places), around];
        }""",
        ring,
    )
    assert said[0] == pytest.approx(abs(area), rel=2e-6)
    assert said[1] == pytest.approx(around, abs=1e-6)


def test_measuring_by_mouse_and_keyboard(shown):
    page = shown.page
    said = page.locator(".measure-said")
    page.get_by_role("button", name="测面积").click()
    assert "点击各角点" in said.inner_text()
    # the four corners of the first plot: 50 mu by its geometry
    corners = page.evaluate(
        """() => {
          const app = landuse.app, frame = app.map.getContainer().getBoundingClientRect();
          app.map.fitBounds(landuse.bounds(landuse.extent(app.shapes, [0])), {animate: false});
          return landuse.latLngs(app.shapes, 0)[0][0].map(one => {
            const point = app.map.latLngToContainerPoint(one);
            return [frame.left + point.x, frame.top + point.y];
          });
        }"""
    )
    for corner in corners:
        page.mouse.click(*corner)
    page.keyboard.press("Enter")
    mu = float(said.inner_text().split(" 亩")[0].replace(",", ""))
    assert mu == pytest.approx(50, rel=0.02)  # a click hits a whole pixel
    assert not page.locator("#card").is_visible()  # a click measures, it does not choose
    page.get_by_role("button", name="测距").click()
    page.mouse.click(*corners[0])
    page.mouse.dblclick(*corners[1])
    assert said.inner_text().endswith("米")
    page.keyboard.press("Escape")
    assert said.is_hidden()
    shown.click(0)
    assert page.locator("#card").is_visible()
    assert shown.clean()


def test_the_overview_moves_the_map_and_folds(shown):
    page = shown.page
    canvas = page.locator(".minimap canvas")
    before = page.evaluate("landuse.app.map.getCenter()")
    canvas.click(position={"x": 12, "y": 12})
    assert page.evaluate("landuse.app.map.getCenter()") != before
    page.get_by_role("button", name="全图").click()
    after = page.evaluate("landuse.app.map.getCenter()")
    assert after["lat"] == pytest.approx(before["lat"], abs=1e-6)
    page.get_by_role("button", name="鹰眼").click()
    assert canvas.is_hidden()


def test_full_screen_and_presenter(shown):
    page = shown.page
    shown.click(0)
    assert page.locator("#card dt", has_text="信用代码").is_visible()
    page.get_by_role("button", name="投影").click()
    for word in ("信用代码", "税收"):
        for term in page.locator("#card dt", has_text=word).all():
            assert not term.is_visible()
    assert page.locator("#card dt", has_text="综合得分").is_visible()
    assert page.locator(".mark").is_visible()
    page.get_by_role("button", name="投影").click()
    assert page.locator("#card dt", has_text="信用代码").is_visible()
    page.get_by_role("button", name="全屏").click()
    until(page, "document.fullscreenElement !== null")
    page.get_by_role("button", name="全屏").click()
    until(page, "document.fullscreenElement === null")


def test_the_card_tells_the_case_before_and_after_and_the_distribution(shown):
    page = shown.page
    shown.click(1)
    card = page.locator("#card")
    assert card.locator(".case-chip").inner_text() == "台账 2024-001 · 销号"
    table = card.locator("table.before-after")
    cells = table.locator("tbody tr").first.locator("td").all_text_contents()
    assert cells == ["正常", "已盘活"]
    assert "司法拍卖；增资技改" in table.inner_text()
    assert "1,234.5 平方米" in table.inner_text()
    card.locator(".case-history summary").click()
    acts = card.locator(".case-history li").all_text_contents()
    assert len(acts) == 2
    assert "<b>" in acts[1]
    pictures = card.locator(".spread svg")
    assert pictures.count() == 4  # the score and three indicators
    said = pictures.first.get_attribute("aria-label")
    unit = shown.run.units.set_index("uscc").loc["91350582000000002X"]
    assert said.startswith("综合得分：7 家企业的分布；本企业 ")
    assert f"{unit['score']:.4f}".rstrip("0") in said
    shown.click(0)
    assert "部分地块已验收盘活" in card.inner_text()
    page.evaluate("landuse.app.select(10, true)")
    assert card.locator(".case-chip").count() == 0
    assert "未入台账" in card.inner_text()
    assert shown.clean()


def test_two_runs_curtain_side_by_side_and_who_moved(open_map, run, county):
    shown = open_map(run, second=county.earlier())
    page = shown.page
    page.locator('[data-moved="plots-in"] summary').click()
    assert page.locator('[data-moved="plots-in"] li small').all_text_contents() == [
        "正常 → 疑似低效"
    ]
    page.locator('[data-moved="plots-out"] summary').click()
    page.locator('[data-moved="plots-out"] button').click()
    assert page.locator("#card h2").inner_text() == "350582001001GB00004"
    rows = page.locator(".before-after tbody tr").first.locator("td").all_text_contents()
    assert rows == ["疑似低效", "正常"]
    page.get_by_role("button", name="按变化着色").click()
    assert {key: n for key, (n, _) in legend(page).items() if key in ("in", "out", "stays")} == {
        "in": 1, "out": 1, "stays": 0,
    }  # fmt: skip
    assert shown.colour(0) == (0xD5, 0x5E, 0x00, 255)
    page.get_by_label("对比方式").select_option("curtain")
    assert page.locator("canvas.landuse-plots").count() == 2
    clips = page.locator("canvas.landuse-plots").evaluate_all(
        "all => all.map(one => one.style.clipPath)"
    )
    assert all(clip.startswith("inset(") for clip in clips)
    page.locator(".curtain").fill("80")
    assert clips != page.locator("canvas.landuse-plots").evaluate_all(
        "all => all.map(one => one.style.clipPath)"
    )
    page.get_by_label("对比方式").select_option("twins")
    assert page.locator("canvas.landuse-plots").count() == 2
    page.evaluate("landuse.app.map.setZoom(15, {animate: false})")
    assert page.locator(".twin").is_visible()
    page.get_by_label("对比方式").select_option("")
    assert page.locator(".twin").is_hidden()
    assert page.locator("canvas.landuse-plots").first.evaluate("one => one.style.clipPath") == ""
    assert shown.clean()


def test_a_run_without_another_has_no_comparison(shown):
    assert shown.page.locator("#group-compare").count() == 0


def test_hostile_text_in_cases_areas_and_filters_does_nothing(open_map, run, county):
    name = "</script><img src=x onerror=window.hacked=1>{{7*7}}`${1}`"
    cases = county.ledger().assign(
        number=lambda frame: frame["number"] + name,
        responsible_unit=name,
        last_comment=name,
        ways=name,
        relapse_of=name,
    )
    areas = run.areas.assign(name=name, park_type=name)
    parcels = run.parcels.assign(park=name)
    hostile = dataclasses.replace(run, areas=areas, parcels=parcels)
    shown = open_map(hostile, cases=cases, second=county.earlier())
    page = shown.page
    shown.click(1)
    assert name in page.locator(".case-chip").inner_text()
    page.locator("#group-layers > summary").click()
    page.locator('[data-layer="grades"] input').check()
    assert name in page.locator(".grade-name").first.inner_text()
    tick(page, "park", name)
    assert name in address(page)
    page.fill("#search-text", name)
    page.wait_for_selector("#search-hits li")
    page.wait_for_timeout(100)
    assert shown.clean()
