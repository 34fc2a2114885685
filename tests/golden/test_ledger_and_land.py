"""Land of the published reports: from the ledger, from parcels and contracts, from the register."""

from __future__ import annotations

import pytest
from park_files import CODE, county, sheet

from landuse.cli import main
from landuse.pipeline.parks import all_about_parks

CLAIM_HEADS = ["编号", "文件名称", "所述数字", "关系", "依据"]
M2 = 2000 / 3


def verdicts(book) -> dict[str, tuple[str, str]]:
    rows = book.checked
    return {
        text: (verdict, value)
        for text, verdict, value in zip(
            rows["stated"], rows["verdict"], rows["computed"], strict=True
        )
    }


def claims(*said: tuple[str, str]) -> tuple:
    rows = [[f"{n:02d}", "总结", text, "相同", f"[计算:{what}]"]
            for n, (text, what) in enumerate(said, 1)]  # fmt: skip
    return CLAIM_HEADS, rows


def test_thirteen_plots_of_536_mu_in_the_ledger(tmp_path, monkeypatch) -> None:
    """13 plots: 60 + 50 + 40 + 10 × 38.6 = 536 mu; three are revitalised in part: 50 + 40 + 30 =
    120 mu and 2.0 + 1.6 + 0.8 = 4.4 万 m²."""
    monkeypatch.delenv("LANDUSE_DB", raising=False)
    sizes = [60, 50, 40, *[38.6] * 10]
    areas = [round(one * M2, 2) for one in sizes]
    said = claims(("13宗", "台账宗数"), ("536亩", "台账面积"), ("120亩", "盘活面积"),
                  ("4.4万㎡", "盘活厂房"), ("5.4万㎡", "盘活厂房"))  # fmt: skip
    project = county(tmp_path, {"stated": said}, areas=areas)
    heads = ["宗地代码", "占地面积(亩)", "低效/闲置类型", "处置方式", "当前状态", "处置面积(亩)",
             "盘活建筑面积", "建筑面积", "开始时间", "验收日期", "责任单位", "责任人",
             "完成时限"]  # fmt: skip
    done = {1: (50, 20000), 2: (40, 16000), 3: (30, 8000)}
    rows = []
    for n, mu in enumerate(sizes, 1):
        part = done.get(n)
        rows.append([CODE.format(n), mu, "低效", "租赁转产" if part else None,
                     "处置中" if part else "已认定", *(part or (None, None)),
                     part[1] if part else None,
                     "2025-01-10" if part else None, "2025-12-20" if part else None,
                     "园区", "李工", "2026-12-31"])  # fmt: skip
    sheet(tmp_path / "office.xlsx", heads, rows)
    db = str(tmp_path / "office.db")
    taken = ["ledger", "import", str(tmp_path / "office.xlsx"), "--new", "--yes", "--by", "test"]
    assert main([*taken, "--db", db, "--project", str(project)]) == 0
    found = verdicts(all_about_parks(project, db=db))
    assert found == {
        "13宗": ("right", "13 宗"),
        "536亩": ("right", "536 亩"),
        "120亩": ("right", "120 亩"),
        "4.4万㎡": ("right", "4.4 万m2"),
        "5.4万㎡": ("contradiction", "4.4 万m2"),
    }


def test_without_a_ledger_its_figures_cannot_be_told(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("LANDUSE_DB", raising=False)
    project = county(tmp_path, {"stated": claims(("13宗", "台账宗数"), ("1个", "没有的数"))})
    rows = all_about_parks(project).checked
    assert rows["verdict"].tolist() == ["cannot_tell", "cannot_tell"]
    assert all("台账面积" in problem for problem in rows["problem"])


_SUPPLY = """
[supply]
path = "supply.xlsx"
area_unit = "m2"
money_unit = "wan"
"""


def test_the_idle_stocktake_of_103_plots(tmp_path, monkeypatch) -> None:
    """102 idle plots of 31 mu and one of 27.02: 3 162 + 27.02 = 3 189.02 mu; two more plots are
    not idle: one was due to start only this spring, one is built."""
    monkeypatch.delenv("LANDUSE_DB", raising=False)
    mu = [31.0] * 102 + [27.02, 12.0, 9.0]
    areas = [round(one * M2, 2) for one in mu]
    starts = ["2024-03-31"] * 103 + ["2026-04-30", "2020-01-31"]
    rows = [
        [f"HT{n:03d}", CODE.format(n), "核对厂", area, 100, start, *built]
        for n, (area, start) in enumerate(zip(areas, starts, strict=True), 1)
        for built in [("2020-01-10", "2021-05-01") if n == 105 else (None, None)]
    ]
    heads = ["合同编号", "宗地代码", "受让人", "供地面积(平方米)", "成交价款(万元)", "约定动工日期",
             "实际动工日期", "实际竣工日期"]  # fmt: skip
    sheet(tmp_path / "supply.xlsx", heads, rows)
    said = claims(("103宗", "闲置宗数"), ("3 189.02亩", "闲置面积"), ("104宗", "闲置宗数"))
    project = county(tmp_path, {"stated": said}, areas=areas, more=_SUPPLY)
    book = all_about_parks(project)
    assert verdicts(book) == {
        "103宗": ("right", "103 宗"),
        "3 189.02亩": ("right", "3189.02 亩"),
        "104宗": ("contradiction", "103 宗"),
    }


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    """23 parks: 8 of the townships, 17 800 mu together; 15 have a plan, 5 have none, of 3 nobody
    wrote. Two expropriated land: 221 and 50 mu."""
    sizes = [2000, 2500, 1800, 2600, 2400, 2100, 2300, 2100]
    assert sum(sizes) == 17_800
    rows = []
    for n in range(23):
        level, total = ("乡镇级", sizes[n]) if n < 8 else ("市级", 900)
        taken = {0: 221, 9: 50}.get(n, 0)
        plan = "是" if n < 15 else "否" if n < 20 else None
        rows.append([f"园区{n:02d}", level, total, 17 if n < 8 else 0, taken, plan])
    heads = ["园区名称", "级别", "总面积(亩)", "不可建设土地(亩)", "已征土地(亩)", "是否编制规划"]
    said = claims(
        ("8个", "园区数@乡镇级"), ("1.78万亩", "总面积@乡镇级"), ("15个", "有规划园区数"),
        ("221亩", "已征@园区00"), ("50亩", "已征@园区09"), ("271亩", "已征"),
        ("2 000亩以下", "可用地@园区00"), ("1.98千亩", "可用地@园区00"),
        ("2 400亩以下", "可用地@园区01"), ("16个", "有规划园区数"),
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("register")
    return all_about_parks(county(folder, {"park_register": (heads, rows), "stated": said}))


def test_township_parks_plans_and_expropriated_land(register) -> None:
    found = verdicts(register)
    assert found["8个"] == ("right", "8 个")
    assert found["1.78万亩"] == ("right", "1.78 万亩")
    assert found["15个"] == ("right", "15 个")  # three blanks are neither
    assert found["16个"] == ("contradiction", "15 个")
    assert [found[text][0] for text in ("221亩", "50亩", "271亩")] == ["right"] * 3
    # 2 000 − 17 = 1 983 mu; 2 500 − 17 = 2 483 mu
    assert found["2 000亩以下"] == ("bound_holds", "1983 亩")
    assert found["2 400亩以下"] == ("bound_fails", "2483 亩")
    assert found["1.98千亩"][0] == "cannot_tell"  # a unit that nobody knows is said, not guessed
