"""Claims of an invented half-year report, with what a checker must say of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.tables import Cell, Sheet

if TYPE_CHECKING:
    from generator.troubles import Planted

_HEADS = [
    "编号",
    "文件名称",
    "位置",
    "对象",
    "指标",
    "期间",
    "关系",
    "所述数字",
    "依据",
    "依据单位",
]
_REPORT = "云泽县工业园区2026年上半年工作总结（示例）"

# where, of whom, measure, relation, stated, inputs, what the checker says
_CLAIMS: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    ("第2段", "全县园区", "产值", "占比", "51.74%", "59.5亿；115亿", "right"),
    ("第2段", "全县园区", "固定资产投资", "占比", "39.87%", "24.92亿；60亿", "wrong"),
    ("第3段", "全县园区", "标准厂房", "占比", "35%", "7000平方米；20000平方米", "right"),
    ("第4段", "签约企业", "企业数", "合计", "386家", "80家；306家", "right"),
    ("第4段", "签约企业", "市外占比", "占比", "20.7%", "80家；[04]", "right"),
    ("第5段", "全县园区", "全年税收目标", "总量", "70400万元", "35200万元；50%", "right"),
    ("第5段", "全县园区", "上年同期税收", "上年", "23640万元", "35200万元；48.9%", "right"),
    ("第6段", "主导产业", "产值占比", "占比", "23.14%", "43.55亿；33.23亿；124.2亿", "wrong"),
    ("第6段", "主导产业", "规上企业数", "合计", "34家", "13家；22家", "wrong"),
    ("第7段", "全县园区", "基础设施投资", "相同", "15.44亿", "15.43亿", "contradiction"),
    ("第8段", "在建项目", "投资完成率", "占比", "50%", "855万元；1735万元", "wrong"),
    ("第8段", "可用地", "面积", "相同", "2000亩以下", "1986亩", "bound_holds"),
    ("第9段", "签约项目", "个数", "合计", "25个", "3个；5个；3个；11个；3个", "right"),
    ("第9段", "签约项目", "总投资", "合计", "246.5亿", "45.3；34.4；135.8；30.3；2.1", "wrong"),
    ("第9段", "签约项目", "总投资", "合计", "约248亿", "45.3；34.4；135.8；30.3；2.1", "right"),
    ("第4段", "签约企业", "本地占比", "占比", "79.3%", "306家；[04]", "right"),
    ("第4段", "签约企业", "其中一个区", "部分", "239家", "306家", "right"),
    ("第5段", "全县", "工业税收", "总量", "39052万元", "21869万元；56%", "right"),
    ("第5段", "全县", "增加值", "总量", "53亿", "26.5亿；50%", "right"),
    ("第5段", "全县园区", "增加值目标", "总量", "51.26亿", "26.5亿；51.7%", "right"),
    ("第5段", "全县园区", "税收占全年比重", "占比", "50%", "35200万元；[06]", "right"),
    ("第8段", "已征土地", "面积", "合计", "271亩", "221亩；50亩", "right"),
    ("第8段", "可用地", "面积", "相同", "不足1900亩", "1986亩", "bound_fails"),
    ("第2段", "全县园区", "产值目标", "总量", "", "59.5亿；51.74%", "implied"),
    ("第1段", "全部园区", "可用地", "相同", "约2400亩", "[计算:可用地]", "right"),
    ("第1段", "乡镇园区", "个数", "相同", "5个", "[计算:园区数@镇级]", "right"),
    ("第4段", "签约企业", "企业数", "相同", "24家", "[计算:签约企业]", "right"),
    ("第8段", "闲置土地", "宗数", "相同", "10宗", "[计算:闲置宗数]", "right"),
    ("第8段", "闲置土地", "面积", "相同", "98.73亩", "[计算:闲置面积]", "contradiction"),
)  # fmt: skip


def sheet(planted: Planted) -> Sheet:
    """The claims, each in the list of troubles with its verdict."""
    page = Sheet("待核对数字", "待核对数字一览", "填报单位：云泽县工业园区管理服务中心", [_HEADS])
    page.widths = (8, 40, 10, 14, 16, 14, 10, 14, 40, 12)
    for at, (where, whom, measure, relation, stated, inputs, verdict) in enumerate(_CLAIMS, 1):
        number = f"{at:02d}"
        unit = "亿元；亿元；亿元；亿元；亿元" if measure == "总投资" else None
        cells: list[Cell] = [number, _REPORT, where, whom, measure, "2026年上半年", relation]
        page.rows.append((("stated", number, 0), [*cells, stated, inputs, unit]))
        planted.add("claim", "stated", number, f"claim:{verdict}", f"{whom}{measure}", stated)
    return page
