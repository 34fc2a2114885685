"""Projects from signing to production, and the contracts of those whose stop counts.

Everything of the batch's contracts is in ``supply.xlsx``; ``park_supply.xlsx`` has three more, of
land that no enterprise of the tables uses, so that no grade of the batch depends on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.county import County, Lot
from generator.park_places import place_of
from generator.park_rows import Row, sheet_of
from generator.tables import SUPPLY, Cell, Sheet

if TYPE_CHECKING:
    from generator.troubles import Planted

_HEADS = [
    "项目名称", "所在园区", "建设单位", "统一社会信用代码", "合同编号", "宗地代码", "签约日期",
    "供地日期", "开工日期", "停工日期", "复工日期", "封顶日期", "竣工日期", "投产日期",
    "计划开工日期", "计划竣工日期", "计划投产日期", "计划总投资(万元)", "累计完成投资(万元)",
    "计划建筑面积(㎡)", "已建建筑面积(㎡)", "用地面积(亩)",
]  # fmt: skip
# stopped, resumed, what the stop does to the finding of the land on 2026-06-30
_STOPS = (
    ("2024-11-15", None, "stop_makes_idle", "idle",
     "项目停工满一年、动工面积不足三分之一：供地合同没有中止日期，宗地应因停工列为疑似闲置"),
    ("2024-11-15", "2026-03-01", "stop_resumed", "not_idle",
     "停工满一年后已复工：不计闲置"),
    ("2025-12-20", None, "stop_too_short", "not_idle",
     "停工未满一年：尚不计闲置"),
)  # fmt: skip
# name, park, signed, planned investment, floor
_SIGNED = (
    ("云溪光电模组项目", "云泽经济开发区", "2025-10-16", 12600, 18000),
    ("恒越特种线缆项目", "云泽经济开发区", "2026-01-08", 8600, 21000),
    ("锦川针织数字车间项目", "青石工业园", "2026-02-26", 3400, 9800),
    ("博川助剂扩建项目", "青石工业园", "2026-04-15", 6200, 15500),
    ("柳安食品中央厨房项目", "柳塘创业园", "2026-05-20", 2800, 7600),
    ("白湖五金表面处理项目", "白湖镇工业集中区", "2026-06-18", 1900, 5200),
)


def supply(county: County, busy: set[str]) -> tuple[Sheet, list[dict[str, Any]]]:
    """The further contracts, begun with a fifth of the land, and their rows."""
    free = [lot for lot in county.lots if lot.role == "vacant" and lot.land_use.startswith("06")]
    wanted = [lot for lot in free if lot.estate < 2 and lot.code not in busy and not lot.remark]
    chosen = sorted(wanted, key=lambda lot: lot.code[::-1])[: len(_STOPS)]
    rows = [_contract(number, lot) for number, lot in enumerate(chosen, 1)]
    page = Sheet(
        "供地合同", "云泽县开发区自行签订的供地合同履行情况表", "单位：平方米、万元",
        [list(SUPPLY.values())],
    )  # fmt: skip
    page.widths = (20, 24, 36, *([16] * 15))
    for row in rows:
        key = ("park_supply", str(row["parcel_id"]), 0)
        page.rows.append((key, [row.get(name) for name in SUPPLY]))
    return page, rows


def _contract(number: int, lot: Lot) -> dict[str, Any]:
    area = lot.registered or 0.0
    return {
        "contract_no": f"3399012023{90000 + number:05d}",
        "parcel_id": lot.code,
        "holder": lot.holder,
        "area": area,
        "price": round(lot.mu * 22.4, 2),
        "agreed_delivery": "2023-03-31",
        "delivered_on": "2023-03-20",
        "agreed_start": "2023-09-30",
        "actual_start": "2023-09-01",
        "agreed_completion": "2025-09-30",
        "area_to_start": area,
        "area_started": round(area * 0.2, 2),
        "total_investment": round(lot.mu * 320, 0),
        "invested": round(lot.mu * 96, 0),
    }


def projects(county: County, mine: list[dict[str, Any]], planted: Planted) -> Sheet:
    """One project a supply contract of the last years, with planted stops and delays; and those
    that have only been signed."""
    lots = {lot.code: lot for lot in county.lots}
    rows = [_of_contract(lots, contract) for contract in county.supply]
    by_role: dict[str, list[Row]] = {}
    for contract, row in zip(county.supply, rows, strict=True):
        by_role.setdefault(lots[str(contract["parcel_id"])].role, []).append(row)
    _plant(by_role, planted)
    for contract, (stopped, resumed, kind, shows, note) in zip(mine, _STOPS, strict=True):
        name, cells = _of_contract(lots, contract)
        cells |= {"停工日期": stopped, "复工日期": resumed}
        rows.append((name, cells))
        planted.add(kind, "projects", name, shows, note, str(contract["parcel_id"]))
    rows += [_signed(*one) for one in _SIGNED]
    topped = next(cells for _, cells in by_role["construction"][4:] if not cells["停工日期"])
    topped["封顶日期"] = "2026-03-28"
    return sheet_of("项目", "云泽县工业项目全周期台账", _HEADS, "projects", rows)


def _plant(by_role: dict[str, list[Row]], planted: Planted) -> None:
    building = by_role["construction"]
    name, cells = building[0]
    cells["停工日期"] = "2025-03-10"
    note = "项目表写明停工，供地合同没有中止日期：停工应进入闲置计时（比例在线上，不列为闲置）"
    planted.add("stop_only_here", "projects", name, "project", note, "2025-03-10")
    name, cells = building[1]
    cells |= {"停工日期": "2025-01-15", "复工日期": "2025-06-01"}
    planted.add("resumed", "projects", name, "project", "停工后已复工", "2025-06-01")
    name, cells = building[2]
    cells["竣工日期"] = "2024-01-31"
    planted.add("finished_before_start", "projects", name, "issue", "竣工早于开工", "2024-01-31")
    name, cells = building[3]
    cells["封顶日期"] = "年后"
    planted.add("no_date", "projects", name, "issue", "封顶日期不是日期", "年后")
    for name, cells in by_role["not_started"]:
        day = cells["计划开工日期"]
        kind, note = ("late_start", "计划开工已过而未开工") if day else (
            "no_planned_start", "没有计划开工日期，无从判断是否逾期")  # fmt: skip
        planted.add(kind, "projects", name, "project", note, str(day or ""))


def _of_contract(lots: dict[str, Lot], contract: dict[str, Any]) -> Row:
    lot, name = lots[str(contract["parcel_id"])], f"{contract['holder']}项目"
    place = place_of(lot)
    floor = round(lot.area * 1.3, 0)
    total = float(contract.get("total_investment") or 0)
    part = float(contract.get("invested") or 0) / total
    started = contract.get("actual_start") or "尚未开工"
    cells: dict[str, Cell] = {
        "项目名称": name,
        "所在园区": place.name if place else "",
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
    return name, cells


def _signed(name: str, park: str, day: str, investment: int, floor: int) -> Row:
    cells: dict[str, Cell] = {
        "项目名称": name, "所在园区": park, "建设单位": f"{name.removesuffix('项目')}（筹）",
        "签约日期": day, "计划总投资(万元)": investment, "计划建筑面积(㎡)": floor,
    }  # fmt: skip
    return name, cells
