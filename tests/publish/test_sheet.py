"""The printed sheet: figures equal to the tables, every thing in its place, north up."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gc
import json
import shutil
import subprocess
import sys
import weakref
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from idle_county import idle_run
from publish_county import parcel

from landuse.errors import InternalError, UserError
from landuse.publish.sheet import SheetOptions, land_of, write_sheet
from landuse.publish.sheet import paper as sheet_paper
from landuse.publish.sheet.atlas import atlas_pages
from landuse.publish.sheet.card import case_lines
from landuse.publish.sheet.column import Column
from landuse.publish.sheet.draw import swatch
from landuse.publish.sheet.fonts import find_fonts, printing
from landuse.publish.sheet.labels import label_plots
from landuse.publish.sheet.legend import legend_lines
from landuse.publish.sheet.looks import LOOKS
from landuse.publish.sheet.overview import Imprint, overview
from landuse.publish.sheet.paper import HEIGHT, WIDTH, Page, wrapped
from landuse.publish.sheet.scale import Frame
from landuse.schema.plot_cases import PLOT_CASES
from landuse.schema.tables import EVIDENCE

EVERYWHERE = Frame(1, -1e9, -1e9, 1e9, 1e9)
IMPRINT = Imprint("低效与闲置工业用地图", "云泽县自然资源局", dt.date(2026, 7, 1), "zh")
HOSTILE = "$\\frac{1}$ {{7*7}} \u202e甲\x07\U00020000乙"

pytestmark = pytest.mark.usefixtures("chinese_font")


def cases():
    """Parcel 6 was accepted (20 of 30 mu, 1500 m²), parcel 1 is put up in public."""
    blank = {"is_open": True, "revision": 3, "responsible_unit": HOSTILE, "responsible_person": "",
             "deadline": pd.NaT, "ways": "reinvest", "relapse_of": "", "last_verdict": "defer",
             "last_comment": HOSTILE, "accepted_on": pd.NaT, "disposed_mu": 0.0,
             "accepted_mu": 0.0, "accepted_floor_m2": 0.0, "case_mu": 50.0,
             "remaining_mu": 50.0}  # fmt: skip
    acts = [{"at": "2026-03-31T17:00:00+00:00", "by": "李四", "text_zh": HOSTILE, "text_en": "x"}]
    rows = [
        {**blank, "parcel_id": parcel(1), "number": "2026-001", "kind": "both",
         "state": "publicised", "history_json": json.dumps(acts * 9)},
        {**blank, "parcel_id": parcel(6), "number": "2025-004", "kind": "low_efficiency",
         "state": "closed", "is_open": False, "accepted_on": "2025-09-01", "case_mu": 30.0,
         "accepted_mu": 20.0, "accepted_floor_m2": 1500.0, "history_json": "[]"},
    ]  # fmt: skip
    kinds = {"text": "str", "bool": "bool", "int": "int64", "float": "float64"}
    frame = pd.DataFrame(rows)
    for column in PLOT_CASES:
        frame[column.name] = frame[column.name].astype(kinds.get(column.dtype, "datetime64[s]"))
    return PLOT_CASES.check(frame[list(PLOT_CASES.names)])


def evidence():
    rows = [
        (parcel(1), "2024 哨兵", "built_up", 0.25, 1.0, "supported"),
        (parcel(1), "2025 哨兵", "built_up", float("nan"), 0.0, "no_evidence"),
        (parcel(1), "夜光", "mean", 12.5, 1.0, "inconclusive"),
    ]
    return EVIDENCE.check(
        pd.DataFrame(rows, columns=list(EVIDENCE.names)).astype(
            dict.fromkeys(("parcel_id", "label", "kind", "verdict"), "str")
        )
    )


@pytest.fixture(scope="module")
def county():
    return dataclasses.replace(idle_run(), evidence=evidence())


@pytest.fixture(scope="module")
def land(county):
    return land_of(county, cases())


@pytest.fixture(scope="module")
def fonts():
    return find_fonts()


@pytest.fixture(scope="module")
def sheet(land, fonts):
    with printing(fonts):
        return drawn(overview(land, fonts, IMPRINT))


@pytest.fixture(scope="module")
def pages(land, fonts):
    with printing(fonts):
        return [drawn(page) for page in atlas_pages(land, fonts, IMPRINT)]


def drawn(page):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    page.figure.set_canvas(FigureCanvasAgg(page.figure))
    page.figure.canvas.draw()
    return page


def axes_of(page, name):
    return next(axes for axes in page.figure.axes if axes.get_label() == name)


def said(page):
    texts = [one.get_text() for one in page.figure.texts]
    return "\n".join(texts + [one.get_text() for axes in page.figure.axes for one in axes.texts])


# --- the legend ---------------------------------------------------------------------------------


def test_the_legend_of_a_run_states_the_totals_of_its_tables(county):
    lines = legend_lines(land_of(county), EVERYWHERE, "zh")
    stated = {one.look.key: (one.count, one.mu) for one in lines if one.look}
    table = county.parcels.groupby("land_class")["accounting_area_mu"].agg(["size", "sum"])
    assert stated == {key: (row["size"], row["sum"]) for key, row in table.iterrows()}
    totals = {one.label: (one.count, one.mu) for one in lines if not one.look}
    # 11 plots of 50 mu and one of 10; plot 1 is flagged (50 mu), 1 and 11 are idle
    assert totals == {
        "合计": (12, 560.0),
        "其中疑似低效企业用地": (1, 50.0),
        "其中疑似闲置宗地": (2, 100.0),
    }


def test_what_the_ledger_closed_is_revitalised_and_its_accepted_mu_stated(land):
    lines = legend_lines(land, EVERYWHERE, "zh")
    stated = {one.look.key: (one.count, one.mu) for one in lines if one.look}
    assert stated["revitalised"] == (1, 50.0)  # plot 6, whole; of its case 20 mu are accepted
    last = lines[-1]
    assert (last.count, last.mu) == (1, 20.0)
    assert "1,500" in last.label
    assert sum(one.count for one in lines if one.look) == 12


def test_the_legend_of_chosen_plots_counts_these_and_no_others(county):
    lines = legend_lines(land_of(county, codes=[parcel(1), parcel(12)]), EVERYWHERE, "zh")
    counted = {one.look.key: (one.count, one.mu) for one in lines if one.look and one.count}
    assert counted == {"both": (1, 50.0), "out_of_scope": (1, 10.0)}
    assert lines[-1].label == "其他宗地（不计入）"
    assert lines[-1].count is None


def test_the_page_shows_the_figures_of_the_legend(sheet):
    legend = axes_of(sheet, "legend")
    words = [one.get_text() for one in legend.texts]
    assert words[words.index("合计") + 1 : words.index("合计") + 3] == ["12", "560.00"]


def test_tables_that_contradict_the_totals_are_our_fault(county):
    totals = {**county.totals, "parcels_mu": 561.0}
    with pytest.raises(InternalError):
        legend_lines(land_of(dataclasses.replace(county, totals=totals)), EVERYWHERE, "zh")


def test_a_run_of_idle_land_alone_states_no_grades(county):
    totals = {name: county.totals[name] for name in ("parcels", "parcels_mu", "idle_parcels")}
    manifest = {**county.manifest, "examined": ["idle"]}
    alone = dataclasses.replace(county, totals=totals, manifest=manifest)
    lines = legend_lines(land_of(alone), EVERYWHERE, "zh")
    assert "其中疑似闲置宗地" in [one.label for one in lines]
    assert "其中疑似低效企业用地" not in [one.label for one in lines]


# --- places on the page -------------------------------------------------------------------------


def test_north_is_up(sheet):
    arrow = axes_of(sheet, "north")
    up = [patch.get_window_extent().y1 for patch in arrow.patches]
    letter = arrow.texts[0].get_window_extent()
    assert letter.y0 >= max(up) - 1  # the letter stands above the tip
    for patch in arrow.patches:
        points = patch.get_transform().transform(patch.get_xy())
        tip, foot = points[0], points[1]
        assert tip[1] > foot[1]
    for name in ("map", "inset"):
        axes = axes_of(sheet, name)
        south, north = axes.transData.transform([(0, axes.get_ylim()[0]), (0, axes.get_ylim()[1])])
        assert axes.get_ylim()[0] < axes.get_ylim()[1]
        assert north[1] > south[1]
        assert axes.get_xlim()[0] < axes.get_xlim()[1]


def boxes(page):
    return {
        axes.get_label(): axes.get_position()
        for axes in page.figure.axes
        if axes.get_label() in {"map", "legend", "inset", "north", "scale", "small legend"}
    }


def overlap(one, other):
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1


def test_legend_arrow_bar_and_inset_cover_neither_the_map_nor_each_other(sheet, pages):
    for page in (sheet, pages[0]):
        places = boxes(page)
        assert len(places) == 5
        names = sorted(places)
        for place, name in enumerate(names):
            for other in names[place + 1 :]:
                assert not overlap(places[name], places[other]), (name, other)


def test_no_text_leaves_the_page_or_enters_the_map(sheet, pages):
    for page in (sheet, *pages):
        inner = axes_of(page, "map").get_window_extent()
        whole = page.figure.bbox
        for one in page.figure.texts:
            box = one.get_window_extent()
            assert box.x0 > 0
            assert box.x1 < whole.x1, one.get_text()
            assert box.y0 > 0
            assert box.y1 < whole.y1
            assert not overlap(box, inner), one.get_text()


def test_no_two_texts_cover_each_other(sheet, pages):
    for page in (sheet, *pages):
        places = [(one.get_text(), one.get_window_extent()) for one in page.figure.texts]
        for at, (words, box) in enumerate(places):
            for other_words, other in places[at + 1 :]:
                shared = min(box.y1, other.y1) - max(box.y0, other.y0)
                least = min(box.height, other.height)
                meet = overlap(box, other) and shared > 0.35 * least
                assert not meet, (words, other_words)


def test_the_card_stays_above_the_decision(pages):
    limit = (31 + 46) / HEIGHT
    for page in pages:
        heads = [one for one in page.figure.texts if one.get_text().startswith("会商结论")]
        assert len(heads) == 1
        for one in page.figure.texts:
            x, y = one.get_position()
            inside = x >= 238 / WIDTH and 31 / HEIGHT < y < limit
            fixed = ("会商", "确认", "剔除", "再次", "暂缓", "有异议", "理由", "签字", "日期")
            assert not inside or one.get_text().startswith(fixed), one.get_text()


def test_the_scale_is_true(sheet):
    axes, bar = axes_of(sheet, "map"), axes_of(sheet, "scale")
    ratio = next(one.get_text() for one in sheet.figure.texts if "比例尺" in one.get_text())
    denominator = int("".join(one for one in ratio.split("（")[0] if one.isdigit())[1:])
    for one in (axes, bar):
        metres = one.get_xlim()[1] - one.get_xlim()[0]
        paper = one.get_position().width * WIDTH / 1000
        assert metres / paper == pytest.approx(denominator)
    up = axes.get_ylim()[1] - axes.get_ylim()[0]
    assert up / (axes.get_position().height * HEIGHT / 1000) == pytest.approx(denominator)


def test_the_grid_is_where_its_coordinates_say(sheet):
    axes = axes_of(sheet, "map")
    for at, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True):
        assert int(label.get_text().replace(" ", "")) == at
    low, high = axes.get_ylim()
    shown = [at for at in axes.get_yticks() if low <= at <= high]
    assert len(shown) >= 2


def test_every_plot_is_drawn_in_the_frame(sheet, land):
    axes = axes_of(sheet, "map")
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    assert (land.bounds[:, 0] >= left).all()
    assert (land.bounds[:, 2] <= right).all()
    assert (land.bounds[:, 1] >= bottom).all()
    assert (land.bounds[:, 3] <= top).all()
    corners = sum(len(patch.get_path().vertices) for patch in axes.patches)
    assert corners == 12 * 5  # twelve squares


def test_labels_of_neighbours_do_not_cover_each_other(land, fonts):
    page = Page(fonts)
    axes = page.axes(20, 20, 100, 100)
    axes.set_xlim(499_000, 509_000)  # 100 m to the millimetre: plots stand 3 mm apart
    axes.set_ylim(2_695_000, 2_705_000)
    stand = label_plots(axes, land, np.ones(12, dtype=bool), fonts)
    apart = [
        not (one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3])
        for place, one in enumerate(stand)
        for other in stand[place + 1 :]
    ]
    assert len(stand) == 12
    assert all(apart)


def test_classes_stay_apart_in_a_grey_copy(fonts):
    page = Page(fonts)
    for place, look in enumerate(LOOKS):
        axes = page.axes(10 + 50 * place, 100, 40, 40, frame=False)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        swatch(axes, 0, 0, 1, 1, look)
    with printing(fonts):
        drawn(page)
    grey = np.asarray(page.figure.canvas.buffer_rgba())[:, :, :3] @ [0.299, 0.587, 0.114]
    per_mm = grey.shape[1] / WIDTH
    seen = []
    for place in range(len(LOOKS)):
        left, top = (10 + 50 * place + 4) * per_mm, (HEIGHT - 136) * per_mm
        cut = grey[int(top) : int(top + 32 * per_mm), int(left) : int(left + 32 * per_mm)]
        across = np.abs(np.diff(cut, axis=1)).mean()
        down = np.abs(np.diff(cut, axis=0)).mean()
        turned = np.abs(cut[1:, 1:] - cut[:-1, :-1]).mean()
        seen.append((cut.mean() / 2, across, down, turned))
    for place, one in enumerate(seen):
        for other in range(place + 1, len(seen)):
            apart = np.abs(np.subtract(one, seen[other])).max()
            assert apart > 4, (LOOKS[place].key, LOOKS[other].key, apart)


# --- the atlas ----------------------------------------------------------------------------------


def test_plots_that_ask_for_a_decision_have_a_page(land, pages):
    codes = land.plots.rows["parcel_id"].iloc[land.pages].tolist()
    # 1 is both, 11 idle, 6 revitalised; the others are normal, not graded or without enterprise
    assert codes == [parcel(1), parcel(6), parcel(11)]
    assert len(pages) == 3
    for code, page in zip(codes, pages, strict=True):
        assert f"宗地 {code}" in said(page)


def test_the_card_says_why_and_what_the_ledger_knows(pages):
    words = said(pages[0])
    for expected in (
        "2026-001（低效且闲置）：公示，第 3 版",
        "最近评审：暂缓",
        "合同 H1：",
        "满一年 2025-09-01",
        "满两年 2026-09-01",
        "2024 哨兵",
        "夜光",
        "由低到高第 1 位",
        "签字：",
        "内部资料",
    ):
        assert expected in words, expected
    strips = [axes for axes in pages[0].figure.axes if axes.get_label() == "strip"]
    assert len(strips) == 4  # the score and three indicators
    assert sum(axes.get_label() == "evidence" for axes in pages[0].figure.axes) == 1


def test_the_strip_shows_the_enterprise_among_its_group(county, land):
    from landuse.publish.sheet.facts import Facts

    facts = Facts(land)
    unit = facts.units[facts.users[parcel(1)][0]["uscc"]][0]
    strips = {one.key: one for one in facts.strips(unit)}
    graded = county.units[county.units["rank"].notna()]
    assert sorted(strips["score"].values) == pytest.approx(sorted(graded["score"]))
    assert strips["score"].mine == graded["score"].min()
    one = strips["output_wan_per_tce"]
    assert one.mine == pytest.approx(5000 / 2500)
    assert one.line == pytest.approx(67_000 / 21_500)  # sums of output and energy of the seven


def test_acts_bear_the_day_in_china(land):
    case = land.plots.cases.set_index("parcel_id").loc[parcel(1)].to_dict()
    acts = [line for line, _ in case_lines({**case, "deadline": None}, "zh") if "李四" in line]
    assert len(acts) == 4  # of nine
    assert acts[0].startswith("2026-04-01 李四")  # 17:00 of the day before in UTC


def test_names_are_printed_as_they_are_and_never_run(pages, county):
    words = said(pages[0]).replace("\n", "")
    assert "$\\frac{1}$ {{7*7}}" in words  # neither a formula nor a template
    assert "\u202e" not in words
    assert "\x07" not in words
    assert "[U+20000]" in words  # a sign that no font has stands as its number


def test_a_plot_without_a_shape_has_a_page_that_says_so(county, fonts):
    import shapely

    parcels = county.parcels.copy()
    gone = parcels["parcel_id"] == parcel(1)
    parcels.loc[gone, "geometry"] = pd.Series([shapely.Polygon()], index=parcels.index[gone])
    bare = land_of(dataclasses.replace(county, parcels=parcels), codes=[parcel(1), parcel(2)])
    with printing(fonts):
        page = next(iter(atlas_pages(bare, fonts, IMPRINT)))
    assert "没有图形" in said(page)


def test_a_run_of_idle_land_alone_says_nothing_of_who_uses_a_plot(county, fonts):
    totals = {name: county.totals[name] for name in ("parcels", "parcels_mu", "idle_parcels")}
    manifest = {**county.manifest, "examined": ["idle"]}
    alone = dataclasses.replace(county, totals=totals, manifest=manifest)
    with printing(fonts):
        page = next(iter(atlas_pages(land_of(alone, codes=[parcel(11)]), fonts, IMPRINT)))
    words = said(page)
    assert "使用企业" not in words
    assert "已用面积" not in words
    assert "满一年 2026-06-30" in words


def test_a_card_too_long_says_that_there_is_more(fonts):
    page = Page(fonts)
    column = Column(page, 200, 100, 100, 60)
    for _ in range(40):
        column.paragraph("云泽县自然资源局" * 5)
    column.close("zh")
    places = [one.get_position()[1] * HEIGHT for one in page.figure.texts]
    assert min(places) > 56  # the last line stands just under the floor of 60
    assert "results.xlsx" in page.figure.texts[-1].get_text()


# --- the file -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def printed(land, tmp_path_factory):
    """The file, what was said of it, and how many pages were alive whenever one was begun."""
    alive, counts = weakref.WeakSet(), []

    class Counted(Page):
        def __init__(self, fonts):
            super().__init__(fonts)
            gc.collect()
            alive.add(self.figure)
            counts.append(len(alive))

    path = tmp_path_factory.mktemp("sheet") / "图.pdf"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("landuse.publish.sheet.atlas.Page", Counted)
        patch.setattr("landuse.publish.sheet.overview.Page", Counted)
        done = write_sheet(land, path, SheetOptions(maker="云泽县自然资源局", atlas=True))
    return path, done, counts


def test_a_pdf_is_a3_with_embedded_fonts_and_text_to_search(printed):
    path, done, _ = printed
    assert done.pages == 4
    assert done.unknown == ("\U00020000",)
    if not shutil.which("pdftotext"):
        pytest.skip("poppler is not installed")
    about = subprocess.run(["pdfinfo", path], capture_output=True, encoding="utf-8", check=True)
    assert "Pages:           4" in about.stdout
    assert "1190.55 x 841.89 pts (A3)" in about.stdout
    words = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True)
    found = words.stdout.decode().replace("\n", "").replace(" ", "")
    for expected in (
        "低效与闲置工业用地图",
        "内部资料",
        "疑似闲置",
        "云泽县自然资源局",
        parcel(11),
    ):
        assert expected in found
    fonts = subprocess.run(["pdffonts", path], capture_output=True, encoding="utf-8", check=True)
    assert "Syntax" not in fonts.stderr + words.stderr.decode()
    rows = [line.split() for line in fonts.stdout.splitlines()[2:]]
    assert rows
    for row in rows:
        assert row[-5:-2] == ["yes", "yes", "yes"], row  # embedded, a subset, with text


AGAIN = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_sheet import cases, evidence
import dataclasses
from idle_county import idle_run
from landuse.publish.sheet import SheetOptions, land_of, write_sheet
land = land_of(dataclasses.replace(idle_run(), evidence=evidence()), cases(), codes={codes!r})
write_sheet(land, Path({path!r}), SheetOptions(atlas=True))
"""


def test_the_same_run_gives_the_same_bytes_whoever_prints_it(county, tmp_path, monkeypatch):
    land = land_of(county, cases(), codes=[parcel(1)])
    write_sheet(land, tmp_path / "a.pdf", SheetOptions(atlas=True))
    monkeypatch.setattr("landuse.publish.sheet.write.DPI", 40)
    for name in ("a.png", "b.png"):
        write_sheet(land, tmp_path / name, SheetOptions())
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    (tmp_path / "matplotlibrc").write_text("font.size: 31\nlines.linewidth: 9\npdf.fonttype: 3\n")
    monkeypatch.setenv("MATPLOTLIBRC", str(tmp_path / "matplotlibrc"))
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    program = AGAIN.format(
        tests=str(Path(__file__).parent), codes=[parcel(1)], path=str(tmp_path / "b.pdf")
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_pages_are_let_go_one_by_one(printed):
    assert len(printed[2]) == 4
    assert max(printed[2]) <= 2  # figures alive when a page begins: itself and at most the last


def test_what_goes_wrong_leaves_the_old_file(land, tmp_path, monkeypatch):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"old")
    with pytest.raises(UserError) as fault:
        write_sheet(land, path, SheetOptions())
    assert fault.value.issues[0].code == "ledger_book.file_exists"

    def broken(*_):
        raise RuntimeError

    monkeypatch.setattr("landuse.publish.sheet.write.overview", broken)
    with pytest.raises(RuntimeError):
        write_sheet(land, path, SheetOptions(), over=True)
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["a.pdf"]


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("a.jpg", {}, "unknown_ending"),
        ("a.png", {"atlas": True}, "atlas_is_pdf"),
        ("a.pdf", {"photo": sheet_paper.__file__}, "photo_needs_atlas"),
    ],
)
def test_wishes_that_cannot_be_met(land, tmp_path, name, options, code):
    with pytest.raises(UserError) as fault:
        write_sheet(land, tmp_path / name, SheetOptions(**options))
    assert fault.value.issues[0].code == f"sheet.{code}"
    assert not list(tmp_path.iterdir())


def test_unknown_parks_and_plots_are_all_named(county):
    with pytest.raises(UserError) as fault:
        land_of(county, park="经开", codes=["x", parcel(99), parcel(1)])
    codes = [one.code for one in fault.value.issues]
    assert codes == ["sheet.unknown_park", "sheet.unknown_plot", "sheet.unknown_plot"]
    assert "经开区" in fault.value.lines("zh")[0]
    with pytest.raises(UserError) as away:
        land_of(two_parks(county), park="新区", codes=[parcel(1)])
    assert away.value.issues[0].code == "sheet.plot_elsewhere"


def two_parks(county):
    parcels = county.parcels.copy()
    parcels.loc[parcels["parcel_id"] == parcel(12), "park"] = "新区"
    return dataclasses.replace(county, parcels=parcels)


def test_a_park_without_anything_to_decide_has_no_atlas(county, tmp_path):
    land = land_of(two_parks(county), park="新区")
    assert int(land.chosen.sum()) == 1
    with pytest.raises(UserError) as fault:
        write_sheet(land, tmp_path / "a.pdf", SheetOptions(atlas=True))
    assert fault.value.issues[0].code == "sheet.no_pages"


def test_a_run_in_degrees_is_drawn_in_metres(county):
    import pyproj
    import shapely

    turn = pyproj.Transformer.from_crs("EPSG:4549", "EPSG:4490", always_xy=True)
    parcels = county.parcels.copy()
    moved = shapely.transform(parcels["geometry"].to_numpy(), turn.transform, interleaved=False)
    parcels["geometry"] = pd.Series(moved, index=parcels.index, dtype=object)
    land = land_of(dataclasses.replace(county, parcels=parcels, crs="EPSG:4490"))
    assert land.crs.to_epsg() == 4549
    assert land.bounds[0] == pytest.approx(land_of(county).bounds[0], abs=0.01)


def test_lines_break_where_people_break_them():
    # 9 points are 3.175 mm: 10 mm hold three Chinese signs
    assert wrapped("云泽县人民政府", 10.0, 9.0) == ["云泽县", "人民政", "府"]
    assert wrapped("甲乙丙。丁", 10.0, 9.0) == ["甲乙", "丙。丁"]  # no line begins with a stop
    assert wrapped("score 0.3509", 14.0, 9.0) == ["score", "0.3509"]
    assert "".join(wrapped("9" * 40, 10.0, 9.0)) == "9" * 40
