"""Supply contracts, exemptions and corrections."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from generator.county import County, Lot
from generator.picking import firms, users

if TYPE_CHECKING:
    from generator.troubles import Planted

_PRICE_WAN_PER_MU = 22.4


def plant(rng: random.Random, county: County, planted: Planted) -> None:
    """Contracts of land under construction, not started and stalled; exemptions; corrections."""
    _building(county, planted)
    _not_started(county, planted)
    _stalled(county, planted)
    _done(rng, county, planted)
    _exempt(county, planted)
    _corrections(county, planted)


def _contract(county: County, lot: Lot, **dates: object) -> dict[str, object]:
    area = lot.registered or 0.0
    row: dict[str, object] = {
        "contract_no": f"3399012022{len(county.supply) + 1:05d}",
        "parcel_id": lot.code,
        "holder": lot.holder,
        "area": area,
        "price": round(lot.mu * _PRICE_WAN_PER_MU, 2),
        "area_to_start": area,
        "total_investment": round(lot.mu * 320, 0),
        **dates,
    }
    county.supply.append(row)
    return row


def _building(county: County, planted: Planted) -> None:
    for number, lot in enumerate(lot for lot in county.lots if lot.role == "construction"):
        _contract(
            county,
            lot,
            agreed_delivery="2024-05-31",
            delivered_on="2024-05-20",
            agreed_start="2024-11-30",
            actual_start="2024年10月15日" if number % 2 else "2024-10-15",
            agreed_completion="2026-12-31" if number < 6 else "2025-12-31",
            area_started=round((lot.registered or 0) * 0.6, 2),
            invested=round(lot.mu * 150, 0),
        )
        if number < 6:
            note = "在约定建设期内（约定竣工晚于评价日、尚未竣工），面积不计"
            planted.add("under_construction", "supply", lot.code, "under_construction", note)
        else:
            note = "约定竣工已过而未竣工，照常计入"
            planted.add("construction_overdue", "supply", lot.code, "link", note)
        for firm in users(county, lot):
            planted.busy.add(firm.uscc)


def _not_started(county: County, planted: Planted) -> None:
    causes = ("企业", "企业", "政府", "", "不可抗力", "司法查封", "企业")
    starts = (
        "2023-03-31",
        "2024-12-31",
        "2024-02-29",
        "2024-06-30",
        "2025-01-31",
        "2023-12-31",
        "2026-03-31",
    )
    lots = [lot for lot in county.lots if lot.role == "not_started"]
    for lot, cause, start in zip(lots, causes, starts, strict=True):
        _contract(
            county,
            lot,
            agreed_delivery="2022-12-31",
            delivered_on="2022-12-20",
            agreed_start=start,
            agreed_completion="2025-06-30",
            area_started=0,
            invested=0,
            cause=cause,
        )
        note = f"约定动工 {start}，尚未动工，原因：{cause or '空白'}"
        planted.add("not_started", "supply", lot.code, "unmatched_parcel", note)
    county.supply[-1]["agreed_start"] = ""
    county.supply[-2]["extended_start"] = "2024-12-31"


def _stalled(county: County, planted: Planted) -> None:
    shares = ((0.2, 0.5), (0.5, 0.2), (1 / 3, 0.25), (0.6, None))
    lots = [lot for lot in county.lots if lot.role == "stalled"]
    for lot, (area, money) in zip(lots, shares, strict=True):
        total = round(lot.mu * 320, 0)
        _contract(
            county,
            lot,
            agreed_delivery="2020-12-31",
            delivered_on="2020-12-31",
            agreed_start="2021-06-30",
            actual_start="2021-06-01",
            agreed_completion="2023-06-30",
            area_started=round((lot.registered or 0) * area, 2),
            invested=None if money is None else round(total * money, 2),
            suspended_since="2024-09-01",
            cause="企业",
        )
        note = (
            "动工后中止建设满一年"
            if area < 0.3 or (money or 1) < 0.25
            else "中止建设，但比例在线上或不明"
        )
        planted.add("stalled", "supply", lot.code, "link", note)


def _done(rng: random.Random, county: County, planted: Planted) -> None:
    free = [firm for firm in county.single("uscc") if firm.uscc not in planted.busy]
    for firm in rng.sample(free, 12):
        planted.busy.add(firm.uscc)
        _contract(
            county,
            county.lot_of(firm),
            agreed_delivery="2018-06-30",
            delivered_on="2018-06-15",
            agreed_start="2018-12-31",
            actual_start="2018-11-20",
            agreed_completion="2020-12-31",
            completed_on="2020.11.30",
            area_started=county.lot_of(firm).registered,
            invested=round(county.lot_of(firm).mu * 330, 0),
        )


def _exempt(county: County, planted: Planted) -> None:
    reasons = ("初创期科技型企业", "承担金融风险维稳任务", "县政府会议纪要〔2025〕12 号")
    for firm, reason in zip(firms(county, planted.busy, "uscc", 3), reasons, strict=True):
        county.exemptions.append({"uscc": firm.uscc, "name": firm.name, "reason": reason})
        planted.add("exempt_listed", "exemptions", firm.uscc, "status:exempt_listed", reason)
    for firm in county.firms:
        if firm.industry.division in ("44", "46"):
            note = "公用事业（44、46 大类），默认豁免"
            planted.add("public_utility", "enterprises", firm.uscc, "status:exempt_division", note)
    for firm in firms(county, planted.busy, "uscc", 4) + firms(county, planted.busy, "name", 3):
        firm.started = "2024-11-01"
        note = "投产未满 24 个月，豁免"
        planted.add("new_producer", "enterprises", firm.uscc, "status:exempt_new", note)
    firm = firms(county, planted.busy, "uscc", 1)[0]
    firm.started = "2024-06-30"
    note = "到评价日恰满 24 个月，不再豁免"
    planted.add("just_two_years", "enterprises", firm.uscc, "link", note)


def _corrections(county: County, planted: Planted) -> None:
    one, two, three = firms(county, planted.busy, "uscc", 3)
    lot = county.lot_of(one)
    rows = (
        (
            "parcels",
            lot.code,
            "registered_area",
            f"{lot.registered:.2f}",
            f"{lot.area:.2f}",
            "复测",
        ),
        (
            "enterprises",
            two.uscc,
            "industry_code",
            two.code,
            two.code[-4:].strip("C")[:2],
            "主营变更",
        ),
        ("enterprises", three.uscc, "industry_code", "9999", "3311", "原值已被改过"),
    )
    for number, (table, key, column, old, new, reason) in enumerate(rows):
        county.corrections.append(
            {
                "table": table, "key": key, "column": column, "old": old, "new": new,
                "reason": reason, "by": "王工", "on": "2026-05-18",
            }
        )  # fmt: skip
        note = "更正：原值相符，应采用" if number < 2 else "更正：原值不符，不采用，应列出"
        kind = "correction" if number < 2 else "correction_does_not_fit"
        planted.add(kind, table, key, "correction", note, f"{old}→{new}")
