"""The published figures of a work report, from a workbook to the verdict and the value shown."""

from __future__ import annotations

import pytest
from park_files import ONE_FIGURE, county

from landuse.pipeline.parks import all_about_parks
from landuse.pipeline.report import report_of

HEADS = ["编号", "文件名称", "位置", "对象", "关系", "所述数字", "依据", "依据单位"]
SIGNED = "45.3；34.4；135.8；30.3；2.1"
YI = "亿；亿；亿；亿；亿"

# what, relation, stated, inputs, verdict, the value that is shown
CLAIMS = {
    "output": ("占比", "51.74 %", "59.5亿；115亿", "right", "51.74 %"),
    "fixed investment": ("占比", "39.87%", "24.92亿；60亿", "wrong", "41.53 %"),
    "standard factories": ("占比", "35%", "7 000 m²；20 000 m²", "right", "35.00 %"),
    "signed": ("合计", "386家", "80家；306家", "right", "386 家"),
    "signed, outside": ("占比", "20.7 %", "80家；[04]", "right", "20.73 %"),
    "signed, local": ("占比", "79.3 %", "306家；[04]", "right", "79.27 %"),
    "signed, of one district": ("部分", "239家", "306家", "right", "306 家"),
    "signed, of one district, too many": ("部分", "339家", "306家", "wrong", "306 家"),
    # 35 200 ÷ 0.50, ÷ 1.489; 21 869 ÷ 0.56; 26.5 ÷ 0.50, ÷ 0.517
    "tax target of the year": ("总量", "", "35 200万元；50 %", "implied", "70400 万元"),
    "last year's tax": ("上年", "", "35 200万元；+48.9 %", "implied", "23640 万元"),
    "industrial tax of the city": ("总量", "", "21 869万元；56 %", "implied", "39052 万元"),
    "value added of the city": ("总量", "53亿", "26.5亿；50%", "right", "53 亿"),
    "target of value added": ("总量", "51.26亿", "26.5亿；51.7%", "right", "51.26 亿"),
    "leading industries": ("占比", "23.14 %", "43.55亿；33.23亿；124.2亿", "wrong", "61.82 %"),
    "firms of both": ("合计", "34家", "13家；22家", "wrong", "35 家"),
    "infrastructure": ("相同", "15.44亿", "15.43亿", "contradiction", "15.43 亿"),
    "projects under way": ("占比", "50 %", "855万元；1 735万元", "wrong", "49.28 %"),
    "expropriated": ("合计", "271亩", "221亩；50亩", "right", "271 亩"),
    "available, a bound": ("相同", "2 000亩以下", "1 986亩", "bound_holds", "1986 亩"),
    "available, beyond it": ("相同", "2 000亩以下", "2 013亩", "bound_fails", "2013 亩"),
    "projects signed": ("合计", "25个", "3个；5个；3个；11个；3个", "right", "25 个"),
    "investment signed": ("合计", "246.5亿", SIGNED, "wrong", "247.9 亿"),
    "investment signed, about": ("合计", "约248亿", SIGNED, "right", "248 亿"),
}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    rows = [
        [
            f"{at:02d}",
            "总结",
            "第1段",
            what,
            relation,
            stated,
            inputs,
            YI if inputs == SIGNED else "",
        ]
        for at, (what, (relation, stated, inputs, *_)) in enumerate(CLAIMS.items(), 1)
    ]
    tables = {"stated": (HEADS, rows), "periods": ONE_FIGURE}
    return all_about_parks(county(tmp_path_factory.mktemp("stated"), tables))


@pytest.mark.parametrize("what", CLAIMS)
def test_the_verdict_and_the_value_shown(book, what) -> None:
    found = book.checked.set_index("subject").loc[what]
    assert (found["verdict"], found["computed"]) == CLAIMS[what][3:]
    assert found["problem"] == ""


def test_the_ends_of_what_the_inputs_allow_stand_beside(book) -> None:
    found = book.checked.set_index("subject")
    # 35 199.5 ÷ 0.505 = 69 701.98; 35 200.5 ÷ 0.495 = 71 112.12
    target = found.loc["tax target of the year"]
    assert (target["low"], target["high"]) == ("69702 万元", "71112 万元")
    # five roundings of 0.05: 247.9 ± 0.25, shown half up
    assert (found.loc["investment signed", "low"], found.loc["investment signed", "high"]) == (
        "247.7 亿", "248.2 亿"
    )  # fmt: skip


def test_the_report_lists_all_of_them_with_both_values(book) -> None:
    table = report_of(book, "2026-H1").book.tables["checked"]
    shown = {(cells["subject"], cells["stated"], cells["computed"]) for cells in table.each()}
    for what, (_, stated, _, _, computed) in CLAIMS.items():
        assert (what, stated, computed) in shown


def test_what_cannot_be_judged_is_said_and_stops_nothing(tmp_path) -> None:
    """A circle of references, no inputs, an unknown reference: set aside in words; a figure that is
    none, two units, the value of a claim that states none: cannot be told, with the reason."""
    heads = ["编号", "文件名称", "关系", "所述数字", "依据"]
    aside = [["a", "总结", "合计", "3亿", "[b]；1亿"], ["b", "总结", "合计", "2亿", "[a]"],
             ["c", "总结", "合计", "2亿", ""], ["d", "总结", "合计", "2亿", "[没有]"],
             ["e", "总结", "合计", "2亿", "[e]"]]  # fmt: skip
    untold = [["f", "总结", "合计", "很多", "1亿；1亿"], ["g", "总结", "合计", "2亿", "1亿；1亩"],
              ["h", "总结", "总量", "", "1亿；50%"], ["i", "总结", "相同", "2亿", "[h]"],
              ["j", "总结", "占比", "50%", "1亿；0亿"]]  # fmt: skip
    right = [["k", "总结", "合计", "3—5亿", "2亿；二点五亿"]]
    tables = {"stated": (heads, [*aside, *untold, *right])}
    book = all_about_parks(county(tmp_path, tables))
    assert len(book.inputs.set_aside) == len(aside)
    found = book.checked.set_index("claim")
    assert found["verdict"].to_dict() == {
        "f": "cannot_tell", "g": "cannot_tell", "h": "implied", "i": "cannot_tell",
        "j": "cannot_tell", "k": "bound_holds",
    }  # fmt: skip
    assert all(found.loc[key, "problem"] for key in "fgi")
