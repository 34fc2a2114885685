"""Register, projects, promises and demand: what the parks' own offices keep."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import shapely

from generator.county import MU, County, Firm, Lot
from generator.park_periods import PARKS, firms_of
from generator.picking import LARGE
from generator.tables import Cell, Sheet

if TYPE_CHECKING:
    from generator.troubles import Planted

Row = tuple[str, dict[str, Cell]]
_TYPES = ("新兴产业", "传统产业", "就业型")


def _sheet(name: str, title: str, heads: list[str], table: str, rows: list[Row]) -> Sheet:
    page = Sheet(name, title, "填报单位：云泽县工业园区管理服务中心", [heads])
    page.widths = tuple(max(10, 2 * len(head) + 2) for head in heads)
    for key, cells in rows:
        page.rows.append(((table, key, 0), [cells.get(head) for head in heads]))
    return page


def _hull_mu(county: County, estate: int) -> float:
    """The area of the park as its layer draws it."""
    parts = [
        shapely.make_valid(shapely.Polygon(lot.shape[0]))
        for lot in county.lots
        if lot.estate == estate and lot.shape
    ]
    return float(shapely.union_all(parts).convex_hull.buffer(30.0, quad_segs=1).area / MU)


def register(county: County, planted: Planted) -> Sheet:
    """One row a park; the land accounts are rounded to whole mu."""
    rows: list[Row] = []
    for number, park in enumerate(PARKS):
        whole = round(_hull_mu(county, number))
        lots = sum(lot.mu for lot in county.lots if lot.estate == number)
        firms = firms_of(county, number)
        output = sum(firm.years[2025].output_thousand for firm in firms) / 10
        ready, taken = round(lots * 0.97), round(lots * 1.02)
        built = 60000 * (3 - number)
        cells: dict[str, Cell] = {
            "园区名称": park,
            "级别": ("省级", "县级", "县级")[number],
            "园区类型": _TYPES[number],
            "规划状态": ("总体规划已批复", "控制性详细规划已批复", "规划在编")[number],
            "是否编制规划": ("是", "是", "否")[number],
            "总面积(亩)": whole,
            "不可建设土地(亩)": round(whole * 0.04),
            "已征土地(亩)": taken,
            "收储土地(亩)": 30 * (number + 1),
            "净地(亩)": 20 * (number + 1),
            "已达到供地条件土地(亩)": ready,
            "可用地面积(亩)": whole - taken,
            "基础设施": ("九通一平", "七通一平", "五通一平")[number],
            "标准厂房规划面积(万平方米)": round(built * 1.6 / 10000, 2),
            "建成标准厂房(万平方米)": built / 10000,
            "已租标准厂房(万平方米)": round(built * 0.8 / 10000, 2),
            "空置标准厂房(万平方米)": round(built * 0.2 / 10000, 2),
            "规划容积率": (1.8, 1.4, 2.0)[number],
            "准入环境类别": ("一类", "三类", "二类")[number],
            "主导产业": ("38；39；36", "17；18；33", "24；21；29")[number],
            "工业固定资产总额(亿元)": round(output * 0.62 / 10000, 2),
            "从业人员(人)": sum(firm.employees for firm in firms),
        }
        rows.append((park, cells))
    one = rows[1][1]
    said = int(str(one["标准厂房规划面积(万平方米)"]).partition(".")[0]) / 2
    note = "标准厂房建成面积大于规划面积"
    planted.add("built_above_planned", "park_register", PARKS[1], "contradiction", note, said)
    one["标准厂房规划面积(万平方米)"] = said
    heads = list(rows[0][1])
    return _sheet("园区底数", "云泽县工业园区底数（2026年6月）", heads, "park_register", rows)


def _place(lot: Lot) -> str:
    return PARKS[lot.estate] if lot.estate < len(PARKS) else ""


_PROJECT_HEADS = [
    "项目名称", "所在园区", "建设单位", "统一社会信用代码", "合同编号", "宗地代码", "签约日期",
    "供地日期", "开工日期", "停工日期", "复工日期", "封顶日期", "竣工日期", "投产日期",
    "计划开工日期", "计划竣工日期", "计划投产日期", "计划总投资(万元)", "累计完成投资(万元)",
    "计划建筑面积(㎡)", "已建建筑面积(㎡)", "用地面积(亩)",
]  # fmt: skip


def projects(county: County, planted: Planted) -> Sheet:
    """One project a supply contract of the last years, with planted stops and delays."""
    lots = {lot.code: lot for lot in county.lots}
    rows: list[Row] = []
    for contract in county.supply:
        lot = lots[str(contract["parcel_id"])]
        name = f"{contract['holder']}项目"
        rows.append((name, _project(name, lot, contract)))
    by_role: dict[str, list[Row]] = {}
    for contract, row in zip(county.supply, rows, strict=True):
        by_role.setdefault(lots[str(contract["parcel_id"])].role, []).append(row)
    building = by_role["construction"]
    name, cells = building[0]
    cells["停工日期"] = "2025-03-10"
    note = "项目表写明停工，供地合同没有中止日期：停工应进入闲置计时"
    planted.add("stop_only_here", "projects", name, "project", note, "2025-03-10")
    name, cells = building[1]
    cells |= {"停工日期": "2025-01-15", "复工日期": "2025-06-01"}
    planted.add("resumed", "projects", name, "project", "停工后已复工", "2025-06-01")
    name, cells = building[2]
    cells["竣工日期"] = "2024-01-31"
    planted.add("finished_before_start", "projects", name, "project", "竣工早于开工", "2024-01-31")
    name, cells = building[3]
    cells["封顶日期"] = "年后"
    planted.add("no_date", "projects", name, "issue", "封顶日期不是日期", "年后")
    for name, cells in by_role["not_started"]:
        note = "计划开工已过而未开工"
        planted.add("late_start", "projects", name, "project", note, str(cells["计划开工日期"]))
    return _sheet("项目", "云泽县工业项目全周期台账", _PROJECT_HEADS, "projects", rows)


def _project(name: str, lot: Lot, contract: dict[str, Any]) -> dict[str, Cell]:
    floor = round(lot.area * 1.3, 0)
    total = float(contract.get("total_investment") or 0)
    part = float(contract.get("invested") or 0) / total
    started = contract.get("actual_start") or "尚未开工"
    return {
        "项目名称": name,
        "所在园区": _place(lot),
        "建设单位": str(contract["holder"]),
        "统一社会信用代码": lot.uscc or None,
        "合同编号": str(contract["contract_no"]),
        "宗地代码": lot.code,
        "签约日期": f"{int(str(contract['agreed_delivery'])[:4]) - 1}-09-15",
        "供地日期": str(contract["delivered_on"]),
        "开工日期": str(started),
        "停工日期": contract.get("suspended_since"),
        "竣工日期": contract.get("completed_on"),
        "投产日期": "2021-03-01" if contract.get("completed_on") else None,
        "计划开工日期": contract.get("agreed_start") or None,
        "计划竣工日期": contract.get("agreed_completion"),
        "计划投产日期": f"{int(str(contract['agreed_completion'])[:4]) + 1}-06-30",
        "计划总投资(万元)": total,
        "累计完成投资(万元)": contract.get("invested"),
        "计划建筑面积(㎡)": floor,
        "已建建筑面积(㎡)": round(floor * min(part, 1.0), 0),
        "用地面积(亩)": round(lot.mu, 2),
    }


_PROMISE_HEADS = [
    "企业名称", "统一社会信用代码", "入驻园区", "签约日期", "来源", "来源县区", "企业资质",
    "厂房面积(㎡)", "承诺亩均税收(万元/亩)", "承诺亩均产值(万元/亩)", "达产年度",
    "所属产业链", "链上角色",
]  # fmt: skip
_PLAN = (*["kept"] * 8, *["broken"] * 6, *["partly"] * 4, *["not_due"] * 4)
_KEEPS = {"kept": (0.6, 0.6), "broken": (1.8, 1.8), "partly": (0.6, 1.8), "not_due": (1.8, 1.8)}
_KINDS = ("高新", "专精特新", "高新、瞪羚", "规上", "规上；高新", "")


def _free(county: County, busy: set[str]) -> list[Firm]:
    """Firms with one parcel of their own in a park, without any trouble."""
    estates = {lot.code: lot.estate for lot in county.lots}
    return [
        firm
        for firm in sorted(county.single("uscc"), key=lambda firm: firm.uscc[::-1])
        if firm.uscc not in busy
        and firm.industry.division in LARGE
        and estates[county.lot_of(firm).code] < len(PARKS)
    ]


def promises(rng: random.Random, county: County, busy: set[str], planted: Planted) -> Sheet:
    """Promises per mu, a part or a multiple of what the firm did in 2025."""
    rows: list[Row] = []
    free = _free(county, busy)
    for kind, firm in zip(_PLAN, rng.sample(free, len(_PLAN)), strict=True):
        busy.add(firm.uscc)
        lot = county.lot_of(firm)
        tax, output = firm.years[2025].tax_yuan / 1e4, firm.years[2025].output_thousand / 10
        by_tax, by_output = _KEEPS[kind]
        local = rng.random() < 0.7
        cells: dict[str, Cell] = {
            "企业名称": firm.name,
            "统一社会信用代码": firm.uscc,
            "入驻园区": _place(lot),
            "签约日期": f"{rng.randint(2019, 2022)}-{rng.randint(1, 12):02d}-18",
            "来源": "本地" if local else "外地",
            "来源县区": rng.choice(("城东", "白湖")) if local else rng.choice(("宁波", "晋江")),
            "企业资质": rng.choice(_KINDS),
            "厂房面积(㎡)": lot.built,
            "承诺亩均税收(万元/亩)": round(tax / lot.mu * by_tax, 2),
            "承诺亩均产值(万元/亩)": round(output / lot.mu * by_output, 1),
            "达产年度": 2027 if kind == "not_due" else 2024,
            "所属产业链": "纺织服装" if firm.industry.division in ("17", "18") else "装备电气",
            "链上角色": "链主" if firm.scale == "规上" and rng.random() < 0.3 else "配套",
        }
        rows.append((firm.uscc, cells))
        notes = {"kept": "承诺已兑现", "broken": "税收、产值均未兑现",
                 "partly": "税收兑现而产值未兑现",
                 "not_due": "未到达产年度"}  # fmt: skip
        planted.add(f"promise_{kind}", "promises", firm.uscc, f"promise:{kind}", notes[kind])
    landed = {firm.uscc for _, firm, _ in county.uses}
    lost = [firm for firm in county.firms if firm.uscc not in landed][:2]
    for firm in lost:
        cells = {"企业名称": firm.name, "统一社会信用代码": firm.uscc, "入驻园区": PARKS[0],
                 "签约日期": "2021-05-18", "来源": "外地", "来源县区": "宁波", "企业资质": "",
                 "厂房面积(㎡)": 2000, "承诺亩均税收(万元/亩)": 30, "达产年度": 2024}  # fmt: skip
        rows.append((firm.uscc, cells))
        note = "没有用地，无从判断是否兑现"
        planted.add("promise_cannot_tell", "promises", firm.uscc, "promise:cannot_tell", note)
    return _sheet("签约承诺", "云泽县入园企业签约承诺一览", _PROMISE_HEADS, "promises", rows)


def demand() -> Sheet:
    """What eight invented firms look for."""
    heads = ["需求编号", "意向企业", "所属行业", "用地需求(亩)", "厂房需求(㎡)", "最低容积率",
             "环境类别", "意向园区类型", "意向园区"]  # fmt: skip
    wanted: list[tuple[Cell, ...]] = [
        ("X01", "云溪光电科技（筹）", "39", 15, None, 1.5, "一类", "新兴产业", None),
        ("X02", "恒越线缆（筹）", "3831", 25, None, 1.2, "二类", "新兴产业", PARKS[0]),
        ("X03", "锦川针织（筹）", "17", 8, None, 1.0, "三类", "传统产业", None),
        ("X04", "青禾文具（筹）", "2411", None, 3000, None, "一类", "就业型", PARKS[2]),
        ("X05", "泽远模具（筹）", "35", None, 6500, None, "二类", None, None),
        ("X06", "博川助剂（筹）", "26", 40, None, 0.8, "三类", "传统产业", PARKS[1]),
        ("X07", "柳安食品（筹）", "14", 10, None, 1.1, "一类", "就业型", None),
        ("X08", "昌峰数据（筹）", "64", 5, 1200, 2.0, "一类", "新兴产业", None),
    ]
    rows: list[Row] = [(str(row[0]), dict(zip(heads, row, strict=True))) for row in wanted]
    return _sheet("用地需求", "云泽县意向企业用地（用房）需求库", heads, "demand", rows)
