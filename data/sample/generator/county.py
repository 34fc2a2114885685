"""The county before its troubles: lots, firms, who uses what, and three years of figures."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from generator import codes, names, shapes

YEARS = (2023, 2024, 2025)
MU = 2000 / 3


@dataclass
class Lot:
    """One row of the parcel layer."""

    code: str
    shape: list[list[shapes.Point]] | None
    township: int
    estate: int
    holder: str = ""
    uscc: str = ""
    registered: float | None = None
    land_use: str = "0601"
    price: float = 0.0
    built: float = 0.0
    remark: str = ""
    role: str = ""

    @property
    def area(self) -> float:
        """Area in m² of the drawn shape."""
        return sum(shapes.signed_area(ring) for ring in self.shape or [])

    @property
    def mu(self) -> float:
        """Area in mu of the drawn shape."""
        return self.area / MU

    def point(self) -> shapes.Point:
        """A point well inside (the lots are nearly convex)."""
        ring = (self.shape or [[]])[0]
        x = sum(p[0] for p in ring) / len(ring)
        y = sum(p[1] for p in ring) / len(ring)
        return round(x, 2), round(y, 2)


@dataclass
class Year:
    """Figures in the units of the offices that send them."""

    tax_yuan: float
    output_thousand: float
    electricity_10000kwh: float
    coal_t: float
    gas_10000m3: float


@dataclass
class Firm:
    """One enterprise."""

    uscc: str
    name: str
    industry: names.Industry
    code: str
    started: str = ""
    scale: str = ""
    employees: int = 0
    x: float | None = None
    y: float | None = None
    mu: float = 0.0
    years: dict[int, Year] = field(default_factory=dict)


@dataclass
class County:
    """Everything that the files are written from. Rows of tables are keyed by our names."""

    lots: list[Lot]
    firms: list[Firm]
    uses: list[tuple[Lot, Firm, str]]  # evidence: uscc | name | point | occupancy
    occupancy: list[dict[str, object]] = field(default_factory=list)
    supply: list[dict[str, object]] = field(default_factory=list)
    exemptions: list[dict[str, object]] = field(default_factory=list)
    corrections: list[dict[str, object]] = field(default_factory=list)

    def lot_of(self, firm: Firm) -> Lot:
        """The first parcel of ``firm``."""
        return next(lot for lot, user, _ in self.uses if user is firm)

    def single(self, evidence: str, division: str = "") -> list[Firm]:
        """Firms with one parcel that nobody shares, linked by ``evidence``."""
        per_lot: dict[str, int] = {}
        per_firm: dict[str, int] = {}
        for lot, firm, _ in self.uses:
            per_lot[lot.code] = per_lot.get(lot.code, 0) + 1
            per_firm[firm.uscc] = per_firm.get(firm.uscc, 0) + 1
        return [
            firm
            for lot, firm, found in self.uses
            if found == evidence
            and per_lot[lot.code] == per_firm[firm.uscc] == 1
            and lot.role == "single"
            and division in ("", firm.industry.division)
        ]


_ROLES = (
    ("vacant", 34),
    ("shop", 10),
    ("road", 16),
    ("construction", 8),
    ("not_started", 7),
    ("stalled", 4),
    ("shared", 28),
    ("multiple", 40),
)


def build(rng: random.Random) -> County:
    """The county as it really is."""
    lots = _lots(rng)
    firms = _firms(rng)
    county = County(lots, firms, [])
    _roles(rng, lots)
    _settle(rng, county)
    for firm in firms:
        firm.mu = sum(_share(county, lot) for lot, user, _ in county.uses if user is firm)
        _figures(rng, firm)
    return county


def _lots(rng: random.Random) -> list[Lot]:
    lots = []
    for number, estate in enumerate(shapes.ESTATES):
        for ring in shapes.lots(rng, estate):
            serial = 1 + sum(lot.township == estate.township for lot in lots)
            kind = "JB" if number == 4 and serial % 3 == 0 else "GB"
            code = codes.parcel_code(estate.township + 1, serial, kind)
            lot = Lot(code, [ring], estate.township, number)
            lot.registered = round(lot.area * rng.uniform(0.9975, 1.0025), 2)
            lot.land_use = rng.choices(("0601", "1001", "0604"), (86, 10, 4))[0]
            lot.built = round(lot.area * rng.uniform(0.35, 1.6), 1)
            lots.append(lot)
    return lots


def _firms(rng: random.Random) -> list[Firm]:
    firms, taken, used = [], set[str](), set[str]()
    for industry in names.INDUSTRIES:
        for _ in range(industry.firms):
            code = codes.uscc(rng)
            while code in used:
                code = codes.uscc(rng)
            used.add(code)
            name = names.company(rng, rng.choice(industry.words), taken)
            started = f"{rng.randint(1996, 2023)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
            firms.append(Firm(code, name, industry, rng.choice(industry.codes), started))
    rng.shuffle(firms)
    return firms


def _roles(rng: random.Random, lots: list[Lot]) -> None:
    order = list(lots)
    rng.shuffle(order)
    for role, count in _ROLES:
        for _ in range(count):
            order.pop().role = role
    for lot in order:
        lot.role = "single"


def _settle(rng: random.Random, county: County) -> None:
    """Give the lots to the firms; the firms that remain have no land."""
    queue = list(county.firms)
    trade = [firm for firm in queue if firm.industry.division in ("51", "52")]
    owner, left = queue[0], 0
    for lot in county.lots:
        if lot.role == "single" and len(queue) <= 18:
            lot.role = "vacant"
        if lot.role in ("vacant", "not_started", "road", "shop"):
            _without_factory(rng, county, lot)
            if lot.role == "shop" and len(trade) > 3:
                queue.remove(trade[-1])
                _use(rng, county, lot, trade.pop(), "uscc")
        elif lot.role == "multiple":
            if not left:
                owner, left = queue.pop(), rng.randint(2, 4)
            _use(rng, county, lot, owner, rng.choice(("uscc", "name")))
            left -= 1
        elif lot.role == "shared":
            for _ in range(rng.choice((2, 2, 2, 3, 3, 4))):
                _use(rng, county, lot, queue.pop(), "occupancy")
        else:
            found = rng.choices(("uscc", "name", "occupancy", "point"), (56, 27, 9, 8))[0]
            _use(rng, county, lot, queue.pop(), found)


def _without_factory(rng: random.Random, county: County, lot: Lot) -> None:
    """Holder and land use of land on which no factory of the tables stands."""
    taken = {firm.name for firm in county.firms}
    if lot.role == "road":
        lot.holder = f"{names.COUNTY}{names.TOWNSHIPS[lot.township]}人民政府"
        lot.land_use = rng.choice(("1003", "0809", "0701"))
    elif lot.role == "shop":
        lot.holder = names.company(rng, "商业", taken)
        lot.land_use = rng.choice(("0501", "05H1", "0507"))
    else:
        lot.holder = names.company(rng, "实业", taken)


def _use(rng: random.Random, county: County, lot: Lot, firm: Firm, evidence: str) -> None:
    county.uses.append((lot, firm, evidence))
    if evidence == "uscc":
        lot.uscc, lot.holder = firm.uscc, firm.name
    elif evidence == "name":
        lot.holder = firm.name
    elif not lot.holder:
        lot.holder = names.company(rng, "资产管理", {other.name for other in county.firms})
    if evidence == "point" or (evidence != "occupancy" and rng.random() < 0.06):
        firm.x, firm.y = lot.point()


def _share(county: County, lot: Lot) -> float:
    return lot.mu / sum(other is lot for other, _, _ in county.uses)


def _figures(rng: random.Random, firm: Firm) -> None:
    """Three years: 0.5 to 40 万元 of tax and 20 to 900 of output a mu, in the offices' units."""
    line = firm.industry
    good = rng.gauss(0, 0.55)
    mu = firm.mu or rng.uniform(2, 15)
    tax = _between(line.tax * math.exp(good + rng.gauss(0, 0.35)), 0.5, 40)
    output = _between(line.output * math.exp(0.9 * good + rng.gauss(0, 0.3)), 20, 900)
    per_tce = line.per_tce * math.exp(rng.gauss(0, 0.4))
    growth = 1.0
    for year in reversed(YEARS):
        tce = output * mu * growth / (per_tce * rng.uniform(0.93, 1.07))
        fuel = tce * line.fuel * rng.uniform(0.7, 1.0)
        coal = fuel if line.division in ("17", "22", "30", "44") else 0.0
        firm.years[year] = Year(
            round(tax * mu * growth * 10000 * rng.uniform(0.95, 1.05), 2),
            float(round(output * mu * growth * 10)),
            round((tce - fuel) / 1.229, 2),
            round(coal / 0.7143, 1),
            round((fuel - coal) / 13.3, 2),
        )
        growth *= rng.uniform(0.82, 1.08)
    firm.employees = max(3, round(output * mu / rng.uniform(60, 160)))
    firm.scale = "规上" if output * mu >= 2000 else "规下"


def _between(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
