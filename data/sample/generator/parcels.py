"""Troubles of the parcel layer."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from generator import codes
from generator.county import MU, County, Firm, Lot
from generator.picking import firms, lots, one_of_many
from generator.shapes import Point

if TYPE_CHECKING:
    from generator.troubles import Planted


def plant(county: County, planted: Planted) -> None:
    """Shapes, areas, codes and names that are wrong; land that nobody uses."""
    _shapes(county, planted)
    _duplicates(county, planted)
    _areas(county, planted)
    _cells(county, planted)
    _names(county, planted)
    _uses(county, planted)


def _next(county: County, planted: Planted, evidence: str = "uscc") -> tuple[Firm, Lot]:
    firm = firms(county, planted.busy, evidence, 1)[0]
    return firm, county.lot_of(firm)


def _ring(lot: Lot) -> list[Point]:
    assert lot.shape
    return lot.shape[0]


def _shapes(county: County, planted: Planted) -> None:
    firm, lot = one_of_many(county, planted.busy)
    ring = _ring(lot)
    ring[0], ring[1] = ring[1], ring[0]
    note = "相邻两个界址点次序颠倒，图形自交（蝴蝶形），修复后面积变化大，应剔除，其用地企业未评级"
    planted.add("bow_tie", "parcels", lot.code, "issue set_aside", note)
    planted.add("land_incomplete", "enterprises", firm.uscc, "status:land_incomplete", note)

    firm, lot = _next(county, planted)
    ring = _ring(lot)
    (x1, y1), (x2, y2) = ring[0], ring[1]
    # A spike of two centimetres across: the ring touches itself, the area hardly changes.
    middle = ((x1 + x2) / 2, (y1 + y2) / 2)
    out = ((y2 - y1) * 0.02, -(x2 - x1) * 0.02)
    tip = (round(middle[0] + out[0], 3), round(middle[1] + out[1], 3))
    foot = (round(middle[0], 3), round(middle[1], 3))
    ring[1:1] = [foot, tip, foot]
    note = "界线上有一根来回重合的“刺”，图形无效但面积不变，应修复后使用"
    planted.add("spike", "parcels", lot.code, "issue", note)

    firm, lot = _next(county, planted)
    lot.shape = None
    note = "有属性无图形，应剔除，其用地企业未评级"
    planted.add("no_geometry", "parcels", lot.code, "issue set_aside", note)
    planted.add("only_parcel_lost", "enterprises", firm.uscc, "ungraded", note)

    _, lot = _next(county, planted)
    ring = _ring(lot)
    x = sum(p[0] for p in ring) / len(ring)
    y = sum(p[1] for p in ring) / len(ring)
    pond = [(x - 4, y - 3), (x - 5, y + 4), (x + 4, y + 5), (x + 5, y - 4)]
    assert lot.shape
    lot.shape = [ring, [(round(a, 3), round(b, 3)) for a, b in pond]]
    lot.registered = round(lot.area, 2)
    planted.add("hole", "parcels", lot.code, "link", "宗地内有一个水塘（带洞的多边形），正常使用")


def _duplicates(county: County, planted: Planted) -> None:
    _, lot = _next(county, planted)
    county.lots.append(deepcopy(lot))
    note = "同一宗地录入两次，图形完全相同，应只保留一次"
    planted.add("duplicate_equal", "parcels", lot.code, "issue set_aside link", note)

    firm, lot = one_of_many(county, planted.busy)
    other = deepcopy(lot)
    other.shape = [[(round(x + 35.0, 3), round(y - 20.0, 3)) for x, y in _ring(lot)]]
    county.lots.append(other)
    note = "同一宗地代码、两个不同图形，应全部剔除，其用地企业未评级"
    planted.add("duplicate_different", "parcels", lot.code, "issue set_aside", note)
    planted.add("land_incomplete", "enterprises", firm.uscc, "status:land_incomplete", note)

    _, lot = _next(county, planted)
    _, neighbour = _next(county, planted, "name")
    ring = _ring(neighbour)
    x, y = ring[0]
    strip = [(x - 3.0, y - 3.0), (x + 3.0, y - 3.0), (x + 3.0, y + 3.0), (x - 3.0, y + 3.0)]
    extra = Lot(
        codes.parcel_code(1, 990), [strip], neighbour.township, neighbour.estate, "云泽县变电站"
    )
    extra.land_use, extra.role, extra.registered = "0809", "road", 36.0
    county.lots.append(extra)
    note = "与邻宗重叠约 9 平方米以上，只提示，不改变任何数字"
    planted.add("overlap", "parcels", extra.code, "issue", note)


def _areas(county: County, planted: Planted) -> None:
    for factor, note in (
        (0.94, "登记面积比图形面积小约 6 %，提示核对"),
        (1.05, "登记面积比图形面积大约 5 %，提示核对"),
    ):
        firm = firms(county, planted.busy, "uscc", 1, least_mu=14.0)[0]
        lot = county.lot_of(firm)
        lot.registered = round(lot.area * factor, 2)
        planted.add("area_a_little_off", "parcels", lot.code, "issue", note, lot.registered)
    firm, lot = _next(county, planted)
    lot.registered = round(lot.area / MU, 2)
    note = "登记面积按亩填在平方米列里，相差 600 多倍，其用地企业因面积有争议未评级"
    planted.add("area_far_off", "parcels", lot.code, "issue", note, lot.registered)
    planted.add("area_in_dispute", "enterprises", firm.uscc, "status:area_in_dispute", note)
    _, lot = _next(county, planted)
    lot.registered = None
    note = "登记面积空白，用图形面积"
    planted.add("no_registered_area", "parcels", lot.code, "link", note)
    _, lot = _next(county, planted, "name")
    lot.registered = 0.0
    note = "登记面积为 0，用图形面积"
    planted.add("registered_area_zero", "parcels", lot.code, "link", note)


def _cells(county: County, planted: Planted) -> None:
    _, lot = _next(county, planted)
    lot.uscc = codes.full_width(lot.uscc)
    planted.add("full_width", "parcels", lot.code, "link", "宗地上的信用代码是全角字符", lot.uscc)
    firm, lot = _next(county, planted)
    lot.uscc, lot.holder = codes.wrong_check(lot.uscc), firm.name
    note = "宗地上的信用代码校验位错，企业表中没有此代码，改按名称找到企业"
    planted.add("wrong_check_parcel", "parcels", lot.code, "issue link", note, lot.uscc)
    _, lot = _next(county, planted)
    old = lot.code
    lot.code = lot.code[:12] + "XX" + lot.code[14:]
    planted.add("odd_parcel_code", "parcels", lot.code, "issue link", "宗地代码特征码不合规", old)
    lot = lots(county, planted.busy, "vacant", 1)[0]
    lot.code = ""
    planted.add("no_parcel_code", "parcels", "", "issue set_aside", "没有宗地代码的一行，应剔除")
    _, lot = _next(county, planted)
    lot.price = 365.0
    note = "宗地自带基准地价（365 元/平方米），先于区片地价"
    planted.add("own_price", "parcels", lot.code, "link", note, 365)


def _names(county: County, planted: Planted) -> None:
    firm, lot = _next(county, planted, "name")
    firm.name = firm.name.replace("(云泽)", "")[:6] + "(集团)有限公司"
    lot.holder = firm.name.replace("(", "（").replace(")", "）").replace("云泽", "云泽 ")
    note = "使用权人用全角括号且有空格，与企业名称折叠后相同，应匹配"
    planted.add("width_and_spaces", "parcels", lot.code, "link", note, lot.holder)
    for number in range(3):
        firm, lot = _next(county, planted, "name")
        firm.name = f"云泽县宏图{('机械制造', '电气科技', '纺织印染')[number]}有限公司"
        lot.holder = firm.name.replace("云泽县", "云泽")
        note = "使用权人与企业名称只是相近，只能列为待确认"
        planted.add("similar_name", "parcels", lot.code, "suggestion", note, lot.holder)
        planted.add("no_land", "enterprises", firm.uscc, "unmatched_enterprise", note)
    twins = firms(county, planted.busy, "name", 2)
    for twin in twins:
        county.lot_of(twin).holder = "云泽双联五金有限公司"
        twin.name = "云泽双联五金有限公司"
    for twin in twins:
        note = "两家企业同名，使用权人名称不能确定是哪一家，只能列为待确认"
        planted.add("ambiguous_name", "parcels", county.lot_of(twin).code, "suggestion", note)
    hostile = (
        "<img src=x onerror=alert(1)>科技有限公司",
        '=HYPERLINK("http://evil.example","点我")有限公司',
        "云泽{{7*7}}智能装备有限公司",
        "云泽${alert(1)}机械有限公司",
        "</script><script>alert(2)</script>五金厂",
        "云泽`{% raw %}电气有限公司",
    )
    for name, evidence in zip(
        hostile, ("uscc", "uscc", "uscc", "name", "name", "uscc"), strict=True
    ):
        firm, lot = _next(county, planted, evidence)
        firm.name = lot.holder = name
        note = "名称带网页、公式或模板代码，只能原样显示，不得执行"
        planted.add("hostile_name", "enterprises", firm.uscc, "text", note, name)
    lot = lots(county, planted.busy, "vacant", 1)[0]
    lot.remark = "<b onmouseover=alert(3)>备注</b>{{config}}"
    planted.add("hostile_remark", "parcels", lot.code, "unread", "备注列带代码", lot.remark)


def _uses(county: County, planted: Planted) -> None:
    first, second = firms(county, planted.busy, "uscc", 2)
    lot = county.lot_of(first)
    lot.uscc, lot.holder = f"{first.uscc};{second.uscc}", f"{first.name}、{second.name}"
    note = "一格两个信用代码，两家都算用地，面积平分"
    planted.add("two_codes_in_a_cell", "parcels", lot.code, "link issue", note, lot.uscc)
    seen: dict[str, list[str]] = {}
    for place, firm, _ in county.uses:
        if place.role == "multiple":
            seen.setdefault(firm.uscc, []).append(place.code)
    for uscc, places in seen.items():
        if len(places) > 1:
            note = f"一家企业 {len(places)} 宗地"
            planted.add(
                "one_firm_many_parcels", "enterprises", uscc, "link", note, ";".join(places)
            )
    for lot in [lot for lot in county.lots if lot.role == "vacant" and lot.code][:40]:
        note = "有使用权人而企业表中没有的工业用地（往往是已注销的企业）"
        planted.add("land_without_firm", "parcels", lot.code, "unmatched_parcel", note, lot.holder)
    for lot in [lot for lot in county.lots if lot.role == "shop"]:
        note = "厂区中的商业用地，不在评价范围"
        planted.add("shop", "parcels", lot.code, "out_of_scope", note, lot.land_use)
    landed = {firm.uscc for _, firm, _ in county.uses}
    for firm in [firm for firm in county.firms if firm.uscc not in landed]:
        planted.add(
            "firm_without_land", "enterprises", firm.uscc, "unmatched_enterprise", "没有用地"
        )
