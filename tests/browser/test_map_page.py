"""The map in a browser: it asks for nothing, says what the tables say, and obeys nobody's name."""

from __future__ import annotations

import dataclasses

import pytest
import shapely

pytestmark = pytest.mark.browser

HOSTILE = [
    "<img src=x onerror=window.hacked=1>",
    "</script><script>window.hacked=1</script>",
    "`window.hacked=1`",
    "${window.hacked=1}",
    "{{7*7}}{% raw %}",
    "{{cycler.__init__.__globals__.os.getcwd()}}",
    "<svg/onload=window.hacked=1>&lt;b&gt;",
    "\"'><b onmouseover=window.hacked=1>",
    "甲\u202e乙\u2028丙{#",
]


@pytest.fixture
def shown(open_map, make_run):
    return open_map(make_run())


def facts(card) -> dict[str, str]:
    """Every term of a card with its value."""
    terms = card.locator("dt").all_text_contents()
    return dict(zip(terms, card.locator("dd").all_text_contents(), strict=True))


def test_the_file_asks_for_nothing_and_complains_of_nothing(shown):
    page = shown.page
    shown.click(0)
    page.fill("#search-text", "经开区")
    page.wait_for_selector("#search-hits li")
    page.keyboard.press("Enter")
    page.mouse.wheel(0, 300)
    page.locator(".legend input").first.uncheck()
    page.wait_for_timeout(300)
    assert shown.clean()


def test_the_policy_of_the_page_stops_a_script_from_elsewhere(shown):
    shown.page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.hacked = 1";
          document.body.append(script);
          const image = new Image();
          image.src = "https://example.org/x.png";
        }"""
    )
    shown.page.wait_for_timeout(200)
    assert shown.page.evaluate("typeof window.hacked") == "undefined"
    assert len(shown.complaints) >= 2  # both were refused, and the browser says so
    assert all("Content Security Policy" in said for said in shown.complaints)


def test_the_legend_says_what_the_tables_say(shown):
    parcels = shown.run.parcels
    sums = parcels.groupby("land_class")["accounting_area_mu"].agg(["size", "sum"])
    rows = shown.page.locator(".legend tbody tr")
    said = {}
    for row in rows.all():
        count, mu = (cell.replace(",", "") for cell in row.locator("td").all_text_contents())
        said[row.get_attribute("data-class")] = (int(count), float(mu))
    assert said == {
        name: (int(size), round(float(total), 2)) for name, size, total in sums.itertuples()
    }
    total = shown.page.locator(".legend tfoot tr.total td").all_text_contents()
    assert total == ["12", "560.00"]
    flagged = shown.page.locator(".legend tfoot tr.flagged td").all_text_contents()
    assert flagged == ["1", "50.00"]


def test_title_project_day_and_marks_stand_on_the_page(shown):
    page = shown.page
    assert page.title() == "低效工业用地初筛图 · 示范县 & <b>"
    assert page.locator("h1").inner_text() == "低效工业用地初筛图 示范县 & <b>"
    assert "评价基准日 2026-06-30" in page.locator("#facts").inner_text()
    assert page.locator(".mark").inner_text() == "内部资料"
    assert "初筛" in page.locator(".notice").inner_text()
    assert "疑似" in page.locator(".notice").inner_text()
    assert page.locator(".leaflet-control-scale-line").inner_text().endswith(" m")
    assert page.locator(".north svg").get_attribute("aria-label") == "指北针：上方为北"
    assert page.locator(".leaflet-control-attribution").inner_text() == ""


def test_plots_have_the_colour_of_their_class_and_can_be_switched_off(shown):
    flagged, normal, not_graded = 0, 1, 7
    assert shown.colour(flagged) == (0xE6, 0x9F, 0x00, 255)
    assert shown.colour(normal) == (0xE0, 0xE0, 0xE0, 255)
    assert shown.colour(not_graded) == (255, 255, 255, 255)
    shown.page.locator('tr[data-class="low_efficiency"] input').uncheck()
    assert shown.colour(flagged) == (0, 0, 0, 0)
    assert shown.colour(normal) == (0xE0, 0xE0, 0xE0, 255)
    shown.click(flagged)  # what is not shown cannot be chosen
    assert not shown.page.locator("#card").is_visible()
    shown.page.locator('tr[data-class="low_efficiency"] input').check()
    assert shown.colour(flagged) == (0xE6, 0x9F, 0x00, 255)


def test_north_is_up_and_east_is_right(open_map, make_run):
    run = make_run()
    parcels = run.parcels.copy()
    north = shapely.box(500000, 2701000, 500200, 2701200)
    parcels.loc[1, "geometry"] = north
    shown = open_map(dataclasses.replace(run, parcels=parcels))
    (x0, y0), (_, y1), (x5, _) = shown.at(0), shown.at(1), shown.at(5)
    assert y1 < y0
    assert x5 > x0


def test_a_click_opens_the_card_with_the_numbers_of_the_tables(shown):
    shown.click(0)
    card = shown.page.locator("#card")
    assert card.locator("h2").inner_text() == "350582001001GB00001"
    assert card.locator(".card-class").inner_text() == "疑似低效"
    said = facts(card)
    # 50 mu are 50 × 2000/3 = 33 333.3 m²; price 480, reference 360: k = 4/3
    assert said["核算面积"] == "50.00 亩（33,333 平方米）"
    assert said["面积来源"] == "登记面积"
    assert said["工业基准地价"] == "480 元/平方米"
    assert said["地价系数"] == "1.3333"
    assert said["园区"] == "经开区（传统产业）"
    assert said["匹配依据"] == "用地关系表（确定）"
    assert said["出处"] == "用地关系.xlsx · Sheet1 · 第 2 行"
    assert said["倒数名次"] == "第 1 位 / 共 7 家"
    assert said["末位名额"] == "1"
    unit = shown.run.units.set_index("uscc").loc["91350582000000001X"]
    assert float(said["综合得分"]) == unit["score"]
    assert float(said["界线得分"]) == unit["cutoff_score"]
    # raw 600/50 = 12, adjusted 12 ÷ (4/3) = 9; raw and compared output/tce are one
    row = card.locator("tbody tr").first.locator("td").all_text_contents()
    assert row[:2] == ["12.00", "9.00"]
    sentence = card.locator("details .reason").inner_text()
    assert "“33 金属制品业”的 7 家参评企业中" in sentence
    assert "由低到高排第 1 位；末位名额 1 家" in sentence
    assert card.locator(".firmness").inner_text() == "较稳：2 项检验会改变结论"
    assert card.locator(".flips li").all_text_contents() == [
        "不做地价修正",
        "“亩均税收”权重加两成",
    ]


@pytest.mark.parametrize(
    ("plot", "words"),
    [
        (7, "不参评：公用事业等豁免行业。"),
        (8, "未评级：没有评价年度的数据。"),
        (9, "“小行业合并组”只有 1 家参评，样本过少，不参与排名。"),
        (5, "未列入疑似低效。"),
    ],
)
def test_a_plot_that_is_not_flagged_says_why(shown, plot, words):
    shown.click(plot)
    assert words in shown.page.locator("#card details .reason").inner_text()


def test_two_users_stand_on_one_card_and_nobody_on_another(shown):
    shown.click(6)
    users = shown.page.locator("#card details")
    assert users.count() == 2
    assert "企业表中没有" in shown.page.locator("#card").inner_text()
    shown.page.get_by_role("button", name="关闭").click()
    shown.click(10)
    assert shown.page.locator("#card h3").first.inner_text() == "使用企业：未找到"
    assert "没有找到使用该宗地的在册企业" in shown.page.locator("#card .reason").inner_text()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("正常机械", ["350582001001GB00010"]),
        ("GB00003", ["350582001001GB00003"]),
        ("ｇｂ０００ ０３", ["350582001001GB00003"]),
        ("91350582000000002x", ["350582001001GB00002"]),
        ("持有人11", ["350582001001GB00011"]),
    ],
)
def test_search_finds_part_of_a_name_or_code(shown, typed, found):
    shown.page.fill("#search-text", typed)
    shown.page.wait_for_selector("#search-hits li")
    assert shown.page.locator("#search-hits li bdi").all_text_contents() == found


def test_search_by_park_lists_the_flagged_first_and_what_is_not_there_is_said(shown):
    page = shown.page
    page.fill("#search-text", "经开")
    page.wait_for_selector("#search-hits li")
    assert page.locator("#search-hits li").count() == 12
    assert page.locator("#search-hits li bdi").first.inner_text() == "350582001001GB00001"
    page.fill("#search-text", "没有这个名字")
    page.wait_for_selector("#search-hits", state="hidden")
    assert page.locator("#search-count").inner_text() == "没有找到"


def test_search_by_keyboard_alone(shown):
    page = shown.page
    page.keyboard.press("/")
    page.keyboard.type("持有人1")  # 1, 10, 11, 12
    page.wait_for_selector("#search-hits li")
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    chosen = page.locator('#search-hits li[aria-selected="true"]')
    # flagged 1 first, then 11 without an enterprise, 10 not graded, 12 out of scope
    assert chosen.locator("bdi").inner_text() == "350582001001GB00011"
    assert page.locator("#card h2").inner_text() == "350582001001GB00011"
    active = page.locator("#search-text").get_attribute("aria-activedescendant")
    assert active == chosen.get_attribute("id")
    assert page.evaluate("landuse.app.map.getZoom()") >= 15
    page.keyboard.press("Escape")
    assert page.locator("#search-text").input_value() == ""


def test_a_step_to_the_next_flagged_plot(open_map, make_run):
    run = make_run()
    parcels = run.parcels.copy()
    parcels.loc[[0, 3, 5], "land_class"] = "low_efficiency"
    classes = {
        kind: {"count": len(rows), "mu": float(rows["accounting_area_mu"].sum())}
        for kind, rows in parcels.groupby("land_class")
    }
    totals = {**run.totals, "classes": classes}
    shown = open_map(dataclasses.replace(run, parcels=parcels, totals=totals))
    shown.click(1)
    page = shown.page
    page.get_by_role("button", name="下一宗疑似").click()
    assert page.locator("#card h2").inner_text() == "350582001001GB00004"
    assert "第 2 宗，共 3 宗" in page.locator(".card-steps").inner_text()
    page.get_by_role("button", name="上一宗疑似").click()
    assert page.locator("#card h2").inner_text() == "350582001001GB00001"
    assert page.get_by_role("button", name="上一宗疑似").is_disabled()
    page.get_by_role("button", name="关闭").click()
    assert not page.locator("#card").is_visible()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_does_nothing_and_is_shown_as_it_is(open_map, make_run, name):
    run = make_run()
    parcels = run.parcels.assign(holder=name, park=name, township=name, land_use_code=name)
    parcels.loc[0, "parcel_id"] = name
    links = run.links.assign(name=name, source_file=name, source_sheet=name)
    links.loc[links["parcel_id"] == run.parcels["parcel_id"][0], "parcel_id"] = name
    units = run.units.assign(name=name, industry_code=name)
    units["cohort"] = units["cohort"].replace("33", name)
    indicators = tuple(
        one.model_copy(update={"title_zh": name, "unit_zh": name}) for one in run.rules.indicators
    )
    hostile = dataclasses.replace(
        run,
        parcels=parcels,
        links=links,
        units=units,
        rules=run.rules.model_copy(update={"indicators": indicators, "title_zh": name}),
        manifest={**run.manifest, "project": {**run.manifest["project"], "name": name}},
    )
    shown = open_map(hostile)
    page = shown.page
    page.fill("#search-text", name)
    page.wait_for_selector("#search-hits li")
    plot = page.evaluate("name => landuse.app.plots.id.indexOf(name)", name)
    page.mouse.move(*shown.at(plot))
    page.wait_for_selector(".landuse-hint:not([hidden])")
    assert page.locator(".landuse-hint").text_content() == f"{name} · 疑似低效"
    shown.click(plot)
    card = page.locator("#card")
    said = facts(card)
    assert card.locator("h2").text_content() == name
    assert card.locator("summary bdi").first.text_content() == name
    assert {said["权利人"], said["镇街"], said["土地用途"], said["行业代码"]} == {name}
    assert said["园区"] == f"{name}（传统产业）"
    assert said["出处"].startswith(f"{name} · {name} · ")
    assert name in card.locator("details .reason").text_content()
    assert card.locator("tbody th").first.text_content() == name + name  # title and unit
    assert page.locator("#project").text_content() == name
    assert page.title().startswith("低效工业用地初筛图 · ")
    assert name in page.locator("#facts").text_content()
    page.wait_for_timeout(100)
    assert shown.clean()


def test_a_plot_too_small_to_see_is_drawn_and_can_be_clicked(open_map, make_run):
    run = make_run()
    parcels = run.parcels.copy()
    parcels.loc[0, "geometry"] = shapely.box(500000, 2700000, 500000.5, 2700000.5)
    parcels.loc[11, "geometry"] = shapely.box(560000, 2700000, 560100, 2700100)  # 60 km away
    shown = open_map(dataclasses.replace(run, parcels=parcels))
    assert shown.colour(0) == (0xE6, 0x9F, 0x00, 255)
    x, y = shown.at(0)
    shown.page.mouse.click(x + 2, y - 2)
    assert shown.page.locator("#card h2").inner_text() == "350582001001GB00001"


def test_a_hole_is_not_part_of_its_plot(open_map, make_run):
    run = make_run()
    parcels = run.parcels.copy()
    ring = shapely.box(500000, 2690000, 503000, 2693000).exterior
    hole = shapely.box(501000, 2691000, 502000, 2692000).exterior
    parcels.loc[0, "geometry"] = shapely.Polygon(ring, [hole])
    shown = open_map(dataclasses.replace(run, parcels=parcels))
    assert shown.colour(0) == (0, 0, 0, 0)
    shown.click(0)
    assert not shown.page.locator("#card").is_visible()


def test_a_plot_without_a_drawing_is_told_and_found(open_map, make_run):
    run = make_run()
    parcels = run.parcels.copy()
    parcels.loc[0, "geometry"] = shapely.Polygon()
    shown = open_map(dataclasses.replace(run, parcels=parcels))
    assert "有 1 宗地无法在图上绘出" in shown.page.locator("#legend").inner_text()
    shown.page.fill("#search-text", "GB00001")
    shown.page.wait_for_selector("#search-hits li")
    shown.page.keyboard.press("Enter")
    assert shown.page.locator("#card h2").inner_text() == "350582001001GB00001"
    assert shown.clean()


def test_a_very_large_run_says_what_its_cards_leave_out(open_map, make_run):
    shown = open_map(make_run(), wish={"canvas_up_to": 5, "cards_up_to": 5})
    shown.click(0)
    assert shown.page.locator("#card details").count() == 1
    shown.page.get_by_role("button", name="关闭").click()
    shown.click(1)
    assert "本图只带疑似宗地的企业" in shown.page.locator("#card").inner_text()
    assert "未找到" not in shown.page.locator("#card").inner_text()
    assert shown.clean()


def test_an_english_page_has_no_chinese_word_of_ours(open_map, make_run):
    run = make_run()
    project = {**run.manifest["project"], "name": "Sample"}
    shown = open_map(dataclasses.replace(run, manifest={**run.manifest, "project": project}), "en")
    said = shown.page.locator("body").inner_text()
    assert "Internal" in said
    assert not [sign for sign in said if "\u4e00" <= sign <= "\u9fff"]


def test_it_can_be_used_on_a_narrow_screen(open_map, make_run):
    shown = open_map(make_run(), viewport={"width": 480, "height": 800})
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 480
    assert shown.page.locator(".folium-map").bounding_box()["height"] > 300
    assert shown.clean()
