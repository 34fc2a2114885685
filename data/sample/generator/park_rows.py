"""Register, promises and demand: what the parks' own offices keep."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from generator import park_places
from generator.county import MU, County, Firm
from generator.park_places import MAIN, PLANNED, TOWN, Place, place_of
from generator.picking import LARGE
from generator.tables import Cell, Sheet

if TYPE_CHECKING:
    from generator.troubles import Planted

Row = tuple[str, dict[str, Cell]]


def sheet_of(name: str, title: str, heads: list[str], table: str, rows: list[Row]) -> Sheet:
    """A worksheet of rows by heading, each under its key."""
    page = Sheet(name, title, "填报单位：云泽县工业园区管理服务中心", [heads])
    page.widths = tuple(max(10, 2 * len(head) + 2) for head in heads)
    for key, cells in rows:
        page.rows.append(((table, key, 0), [cells.get(head) for head in heads]))
    return page


# planning state, has a plan, infrastructure, planned plot ratio, environment class, leading
# divisions, standard factories built (m²), in reserve (mu), cleared (mu)
_KNOWN = {
    "云泽经济开发区": (
        ("总体规划已批复", "是", "九通一平", 1.8, "一类", "38；39；36"), (180000, 30, 20)),
    "青石工业园": (
        ("控制性详细规划已批复", "是", "七通一平", 1.4, "三类", "17；18；33"), (120000, 60, 40)),
    "柳塘创业园": (("规划在编", "否", "五通一平", 2.0, "二类", "24；21；29"), (60000, 90, 60)),
    "白湖镇工业集中区": (
        ("控制性详细规划已批复", "是", "五通一平", 1.2, "三类", "30；33"), (16000, 15, 10)),
    "青石镇东片工业区": (("规划在编", "否", "五通一平", 1.2, "二类", "33；34"), (0, 8, 0)),
    "青石镇小微企业园": (
        ("控制性详细规划已批复", "是", "七通一平", 2.0, "一类", "29；24"), (24000, 5, 5)),
    "南浦乡小微企业园": (("未编制", None, "三通一平", 1.5, "二类", "13；14"), (20000, 12, 6)),
}  # fmt: skip


def register(county: County, lost: set[str], planted: Planted) -> Sheet:
    """One row a park; the land accounts are rounded to whole mu. ``lost``: parcels that no reader
    can use."""
    rows = [(place.name, _known(county, place, lost)) for place in (*MAIN, *TOWN)]
    rows.append((PLANNED.name, _planned()))
    _plant(dict(rows), planted)
    heads = list(rows[0][1])
    return sheet_of("园区底数", "云泽县工业园区底数（2026年6月）", heads, "park_register", rows)


def _known(county: County, place: Place, lost: set[str]) -> dict[str, Cell]:
    words, (built, reserve, cleared) = _KNOWN[place.name]
    state, has_plan, infrastructure, ratio, environment, divisions = words
    drawn = park_places.mu(county, place)
    whole = round(drawn)
    area = {lot.code: lot.registered or lot.area for lot in park_places.lots_of(county, place)}
    lots = sum(of / MU for code, of in area.items() if code not in lost)
    firms = park_places.firms_of(county, place)
    output = sum(firm.years[2025].output_thousand for firm in firms) / 10
    undevelopable = round(whole * 0.04)
    return {
        "园区名称": place.name,
        "级别": place.level,
        "园区类型": place.kind,
        "规划状态": state,
        "是否编制规划": has_plan,
        "总面积(亩)": whole,
        "不可建设土地(亩)": undevelopable,
        "已征土地(亩)": round(lots * 1.03),
        "收储土地(亩)": reserve,
        "净地(亩)": cleared,
        "已达到供地条件土地(亩)": round(lots * 1.01),
        "可用地面积(亩)": round(drawn - undevelopable - lots, 1),
        "基础设施": infrastructure,
        "标准厂房规划面积(万平方米)": round(built * 1.6 / 10000, 2),
        "建成标准厂房(万平方米)": built / 10000,
        "已租标准厂房(万平方米)": round(built * 0.8 / 10000, 2),
        "空置标准厂房(万平方米)": round(built * 0.2 / 10000, 2),
        "规划容积率": ratio,
        "准入环境类别": environment,
        "主导产业": divisions,
        "工业固定资产总额(亿元)": round(output * 0.62 / 10000, 2),
        "从业人员(人)": sum(firm.employees for firm in firms),
    }


def _planned() -> dict[str, Cell]:
    """A park that is only on paper: no boundary, no land, and nobody wrote whether it has a
    plan."""
    return {
        "园区名称": PLANNED.name,
        "级别": PLANNED.level,
        "园区类型": PLANNED.kind,
        "规划状态": "选址阶段",
        "总面积(亩)": 420,
        "不可建设土地(亩)": 30,
        "已征土地(亩)": 0,
        "收储土地(亩)": 0,
        "净地(亩)": 0,
        "已达到供地条件土地(亩)": 0,
        "可用地面积(亩)": 390,
        "标准厂房规划面积(万平方米)": 2,
        "建成标准厂房(万平方米)": 0,
        "已租标准厂房(万平方米)": 0,
        "空置标准厂房(万平方米)": 0,
        "准入环境类别": "一类",
        "主导产业": "39",
    }


def _plant(rows: dict[str, dict[str, Cell]], planted: Planted) -> None:
    def change(kind: str, park: str, heading: str, value: Cell, note: str) -> None:
        rows[park][heading] = value
        planted.add(kind, "park_register", park, "contradiction", note, value)

    one, two = "标准厂房规划面积(万平方米)", "空置标准厂房(万平方米)"
    said = int(str(rows["青石工业园"][one]).partition(".")[0]) / 2
    change("built_above_planned", "青石工业园", one, said, "标准厂房建成面积大于规划面积")
    change("factory_sum", "南浦乡小微企业园", two, 0.6, "已租、空置之和与建成面积不符（应为 0.4）")
    true = float(str(rows["柳塘创业园"]["可用地面积(亩)"]))
    note = f"填报的可用地与宗地计算相差超过 1%（应为 {true}）"
    change("available_differs", "柳塘创业园", "可用地面积(亩)", true + 40, note)
    for park in ("南浦乡小微企业园", PLANNED.name):
        note = "是否编制规划空白：不算有，也不算没有"
        planted.add("plan_unknown", "park_register", park, "plan:", note)


_PROMISE_HEADS = [
    "企业名称", "统一社会信用代码", "入驻园区", "签约日期", "来源", "来源县区", "企业资质",
    "厂房面积(㎡)", "承诺亩均税收(万元/亩)", "承诺亩均产值(万元/亩)", "承诺亩均投资(万元/亩)",
    "达产年度", "所属产业链", "链上角色",
]  # fmt: skip
_PLAN = (
    *[("kept", 0.6, 0.6)] * 8,
    *[("broken", by, by + 0.3) for by in (2.2, 2.4, 2.6, 2.8, 3.0, 3.2)],
    *[("partly", 0.6, 1.8), ("partly", 0.6, 1.6), ("partly", 1.3, 1.5), ("partly", 1.7, 1.2)],
    *[("not_due", 1.8, 1.8)] * 4,
)
"""What becomes of a promise, and the promised tax and output as a multiple of what 2025 brought:
kept at most 1, partly below 2, broken above."""
_INVESTED = {7: 250, 13: 900}
"""Which of them promised investment too, 万元 a mu (about 330 were put in)."""
_KINDS = ("高新", "专精特新", "高新、瞪羚", "规上", "规上；高新", "")
_NOTES = {
    "kept": "承诺已兑现",
    "broken": "税收、产值都不到承诺的一半",
    "partly": "不低于承诺的一半而未全部兑现",
    "not_due": "未到达产年度",
}


def _free(county: County, busy: set[str]) -> list[Firm]:
    """Firms with one parcel of their own in a park, without any trouble."""
    return [
        firm
        for firm in sorted(county.single("uscc"), key=lambda firm: firm.uscc[::-1])
        if firm.uscc not in busy
        and firm.industry.division in LARGE
        and place_of(county.lot_of(firm)) in MAIN
    ]


def _builders(county: County, troubled: set[str]) -> list[Firm]:
    """Firms in a park whose project is finished: what they invested is known."""
    done = {str(row["parcel_id"]) for row in county.supply if row.get("completed_on")}
    return [
        firm
        for firm in sorted(county.single("uscc"), key=lambda firm: firm.uscc[::-1])
        if county.lot_of(firm).code in done
        and firm.uscc not in troubled
        and place_of(county.lot_of(firm)) in MAIN
    ]


def promises(
    rng: random.Random, county: County, busy: set[str], troubled: set[str], planted: Planted
) -> Sheet:
    """Promises per mu, a part or a multiple of what the firm did in 2025."""
    firms = rng.sample(_free(county, busy), len(_PLAN))
    for place, firm in zip(_INVESTED, _builders(county, troubled), strict=False):
        firms[place] = firm
    rows: list[Row] = []
    for number, ((kind, *by), firm) in enumerate(zip(_PLAN, firms, strict=True)):
        busy.add(firm.uscc)
        cells = _promise(rng, county, firm, by[0], by[1])
        cells["达产年度"] = 2027 if kind == "not_due" else 2024
        cells["承诺亩均投资(万元/亩)"] = _INVESTED.get(number)
        rows.append((firm.uscc, cells))
        planted.add(f"promise_{kind}", "promises", firm.uscc, f"promise:{kind}", _NOTES[kind])
    _chains(firms, rows, planted)
    landed = {firm.uscc for _, firm, _ in county.uses}
    for firm in [firm for firm in county.firms if firm.uscc not in landed][:2]:
        cells = {"企业名称": firm.name, "统一社会信用代码": firm.uscc,
                 "入驻园区": MAIN[0].name, "签约日期": "2021-05-18", "来源": "外地",
                 "来源县区": "宁波", "企业资质": "", "厂房面积(㎡)": 2000,
                 "承诺亩均税收(万元/亩)": 30, "达产年度": 2024}  # fmt: skip
        rows.append((firm.uscc, cells))
        note = "没有用地，无从判断是否兑现"
        planted.add("promise_cannot_tell", "promises", firm.uscc, "promise:cannot_tell", note)
    return sheet_of("签约承诺", "云泽县入园企业签约承诺一览", _PROMISE_HEADS, "promises", rows)


def _promise(
    rng: random.Random, county: County, firm: Firm, by_tax: float, by_output: float
) -> dict[str, Cell]:
    lot = county.lot_of(firm)
    place = place_of(lot)
    tax, output = firm.years[2025].tax_yuan / 1e4, firm.years[2025].output_thousand / 10
    local = rng.random() < 0.7
    return {
        "企业名称": firm.name,
        "统一社会信用代码": firm.uscc,
        "入驻园区": place.name if place else "",
        "签约日期": f"{rng.randint(2019, 2022)}-{rng.randint(1, 12):02d}-18",
        "来源": "本地" if local else "外地",
        "来源县区": rng.choice(("城东", "白湖")) if local else rng.choice(("宁波", "晋江")),
        "企业资质": rng.choice(_KINDS),
        "厂房面积(㎡)": lot.built,
        "承诺亩均税收(万元/亩)": round(tax / lot.mu * by_tax, 2),
        "承诺亩均产值(万元/亩)": round(output / lot.mu * by_output, 1),
    }


_CHAINS = {
    "纺织服装": (("17", "18", "28"), 1, "chain", "1 家链主"),
    "装备制造": (("33", "34", "35"), 1, "chain", "1 家链主"),
    "电子电气": (("38", "39"), 2, "issue", "两家都填链主"),
    "塑料制品": (("29",), 0, "chain", "没有链主"),
}
"""Chain → divisions, how many of its largest firms say that they lead it, what shows, note."""


def _chains(firms: list[Firm], rows: list[Row], planted: Planted) -> None:
    """The chains of the firms that promised (链主 1 + N)."""
    for name, (divisions, leaders, shows, note) in _CHAINS.items():
        members = [at for at, firm in enumerate(firms) if firm.industry.division in divisions]
        members.sort(key=lambda at: (-firms[at].years[2025].output_thousand, firms[at].uscc))
        for place, at in enumerate(members):
            rows[at][1]["所属产业链"] = name
            rows[at][1]["链上角色"] = "链主" if place < leaders else "配套"
        kind = ("chain_without_leader", "chain_leader", "chain_two_leaders")[leaders]
        first = firms[members[0]].uscc
        planted.add(kind, "promises", first, shows, f"产业链{note}", f"{name}：{len(members)} 家")


def demand() -> Sheet:
    """What eight invented firms look for."""
    heads = ["需求编号", "意向企业", "所属行业", "用地需求(亩)", "厂房需求(㎡)", "最低容积率",
             "环境类别", "意向园区类型", "意向园区"]  # fmt: skip
    wanted: list[tuple[Cell, ...]] = [
        ("X01", "云溪光电科技（筹）", "39", 15, None, 1.5, "一类", "新兴产业", None),
        ("X02", "恒越线缆（筹）", "3831", 25, None, 1.2, "二类", "新兴产业", MAIN[0].name),
        ("X03", "锦川针织（筹）", "17", 8, None, 1.0, "三类", "传统产业", None),
        ("X04", "青禾文具（筹）", "2411", None, 3000, None, "一类", "就业型", MAIN[2].name),
        ("X05", "泽远模具（筹）", "35", None, 6500, None, "二类", None, None),
        ("X06", "博川助剂（筹）", "26", 40, None, 0.8, "三类", "传统产业", MAIN[1].name),
        ("X07", "柳安食品（筹）", "14", 10, None, 1.1, "一类", "就业型", None),
        ("X08", "昌峰数据（筹）", "64", 5, 1200, 2.0, "一类", "新兴产业", None),
    ]
    rows: list[Row] = [(str(row[0]), dict(zip(heads, row, strict=True))) for row in wanted]
    return sheet_of("用地需求", "云泽县意向企业用地（用房）需求库", heads, "demand", rows)
