"""The occupancy table and its troubles."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator import codes
from generator.county import County, Firm, Lot
from generator.picking import firms, users

if TYPE_CHECKING:
    from generator.troubles import Planted


@dataclass(frozen=True)
class Case:
    """One shared lot and the firms on it."""

    rng: random.Random
    county: County
    planted: Planted
    lot: Lot
    people: list[Firm]

    @property
    def area(self) -> float:
        """Registered area in m²."""
        return self.lot.registered or 0.0

    def row(self, firm: Firm, relation: str, area: float | None, **more: str) -> None:
        """One row of the occupancy table."""
        _row(self.county, self.lot.code, firm.uscc, relation, area, **more)

    def add(self, kind: str, shows: str, note: str, *, table: str = "parcels") -> None:
        """Write the trouble down under the parcel."""
        self.planted.add(kind, table, self.lot.code, shows, note)


def plant(rng: random.Random, county: County, planted: Planted) -> None:
    """Rows of the shared lots, each case of the method at least once."""
    shared = [lot for lot in county.lots if lot.role == "shared"]
    cases = (
        _remainder,
        _too_much,
        _floor,
        _floor_no_building,
        _undeclared,
        _ended,
        _twice,
        _stranger,
    )
    for number, lot in enumerate(shared):
        people = users(county, lot)
        note = f"一宗地 {len(people)} 家企业"
        planted.add("one_parcel_many_firms", "parcels", lot.code, "link", note)
        case = cases[number] if number < len(cases) else _declared
        case(Case(rng, county, planted, lot, people))
    own = [
        (lot, firm)
        for lot, firm, found in county.uses
        if found == "occupancy" and lot.role != "shared"
    ]
    for lot, firm in own:
        area = None if rng.random() < 0.2 else lot.registered
        _row(county, lot.code, firm.uscc, "自有", area)
    _lost(county, planted)


def _row(
    county: County,
    parcel: str,
    uscc: str,
    relation: str,
    area: float | None,
    *,
    kind: str = "土地",
    since: str = "",
    until: str = "",
) -> None:
    county.occupancy.append(
        {
            "parcel_id": parcel,
            "uscc": uscc,
            "relation": relation,
            "area": None if area is None else round(area, 2),
            "area_kind": kind,
            "from": since,
            "to": until,
        }
    )


def _declared(case: Case) -> None:
    """Declared areas that leave a little unused."""
    left = case.area * case.rng.uniform(0.9, 1.0)
    for number, firm in enumerate(case.people):
        relation = "自有" if number == 0 else "租赁"
        share = left / (len(case.people) - number) * case.rng.uniform(0.8, 1.0)
        case.row(firm, relation, share, since="2021-01-01" if number else "")
        left -= share


def _remainder(case: Case) -> None:
    case.row(case.people[0], "自有", case.area)
    for firm in case.people[1:]:
        case.row(firm, "租赁", case.area * 0.22, since="2022-03-01")
    note = "房东申报整宗、又有租户，房东按扣除租户后的余数计"
    case.add("owner_declares_all", "link", note)


def _too_much(case: Case) -> None:
    for firm in case.people:
        case.row(firm, "租赁", case.area * 0.7)
    note = "各企业申报面积之和超过宗地面积，按比例缩小并提示"
    case.add("declared_too_much", "issue link", note)


def _floor(case: Case) -> None:
    case.lot.built = round(case.area * 1.2, 1)
    for number, firm in enumerate(case.people):
        case.row(
            firm,
            "租赁",
            case.lot.built * (0.3 + 0.1 * (number % 2)) * 2 / len(case.people),
            kind="建筑",
        )
    note = "按建筑面积申报，折算为土地面积"
    case.add("floor_area", "link", note)


def _floor_no_building(case: Case) -> None:
    case.lot.built = 0.0
    for number, firm in enumerate(case.people):
        case.row(firm, "租赁", 1200.0 + 400.0 * number, kind="建筑")
    note = "按建筑面积申报，但宗地没有总建筑面积，按各家之和折算并提示"
    case.add("floor_area_no_total", "issue link", note)


def _undeclared(case: Case) -> None:
    for firm in case.people:
        case.row(firm, "租赁", None)
    note = "多家企业都没有申报面积，剩余面积平分并提示"
    case.add("undeclared_areas", "issue link", note)


def _ended(case: Case) -> None:
    _declared(case)
    gone = case.people[-1]
    case.county.occupancy[-1]["to"] = "2024年12月31日"
    note = "租约已于 2024 年底到期，2025 年不计，该企业没有用地"
    case.planted.add("lease_ended", "occupancy", gone.uscc, "unmatched_enterprise", note)


def _twice(case: Case) -> None:
    _declared(case)
    first = case.people[0]
    case.row(first, "自有", 120.0)
    note = "同一企业同一宗地两行，面积相加并提示"
    case.planted.add("pair_twice", "occupancy", case.lot.code, "issue link", note, first.uscc)


def _stranger(case: Case) -> None:
    _declared(case)
    stranger = codes.uscc(case.rng)
    _row(case.county, case.lot.code, stranger, "租赁", case.area * 0.03)
    note = "用地关系表里的企业不在企业表中：保留其用地份额，未评级，并提示"
    case.planted.add("unknown_occupant", "occupancy", stranger, "issue link", note, case.lot.code)


def _lost(county: County, planted: Planted) -> None:
    firm = firms(county, planted.busy, "uscc", 1)[0]
    code = codes.parcel_code(9, 77)
    _row(county, code, firm.uscc, "租赁", 3000.0)
    note = "用地关系表里的宗地代码不在宗地图层中，提示"
    planted.add("unknown_parcel", "occupancy", code, "issue", note, firm.uscc)
