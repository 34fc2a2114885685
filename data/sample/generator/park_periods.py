"""Months, quarters, half-years and years of the parks, the clusters and the county.

Every half-year is the sum of its months, every growth and share follows from them, except where a
contradiction is planted: it is then written beside what the other rows say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

from generator.county import County, Firm
from generator.park_places import MAIN, TOWN, firms_of
from generator.tables import Cell, Sheet

if TYPE_CHECKING:
    from generator.troubles import Planted

PARKS = tuple(place.name for place in MAIN)
SMALL = tuple(place.name for place in TOWN)
COUNTY = "全县"
MEASURES = {
    "产值": 1.0,
    "增加值": 0.226,
    "税收": 0.038,
    "固定资产投资": 0.142,
    "基础设施投资": 0.021,
    "技改投资": 0.034,
    "出口": 0.117,
}
"""Measure → its part of the output, so that months look like months."""
SMALL_MEASURES = ("产值", "税收", "固定资产投资")
"""What the townships' parks report."""
CLUSTERS = {
    "纺织服装": ("主导", ("17", "18", "28")),
    "装备制造": ("主导", ("33", "34", "35", "36")),
    "电子电气": ("特色", ("38", "39")),
}
_SEASONS = (71, 62, 84, 82, 85, 93, 80, 81, 86, 84, 90, 102)
"""Shares of a year's months, in thousandths."""
_GROWTH = {2024: 100, 2025: 107, 2026: 114}
HEADS = [
    "园区", "产业集群", "集群类别", "规模", "期间", "累计", "指标", "数值", "单位", "同比",
    "占全县比重", "全年目标", "完成率", "全年预计",
]  # fmt: skip
_HALF = "2026-H1"


@dataclass
class Said:
    """One row, by heading; ``key`` names it for the list of troubles."""

    key: str
    cells: dict[str, Cell] = field(default_factory=dict)


class Economy:
    """What the months add up to, in whole 万元."""

    def __init__(self, county: County) -> None:
        self.months: dict[tuple[str, str, int, int], int] = {}
        whole = sum(firm.years[2025].output_thousand for firm in county.firms) / 10
        for number, place in enumerate((*MAIN, *TOWN)):
            firms = firms_of(county, place)
            base = sum(firm.years[2025].output_thousand for firm in firms) / 10
            self._fill(place.name, base, number + (place in TOWN))
        names = (*PARKS, *SMALL)
        rest = whole - sum(self.of(park, "产值", 2025, 1, 12) for park in names)
        self._fill("", max(rest, 0.0), len(PARKS))
        for measure in MEASURES:
            for year in _GROWTH:
                for month in range(1, 13):
                    parts = [self.months[park, measure, year, month] for park in (*names, "")]
                    self.months[COUNTY, measure, year, month] = sum(parts)

    def _fill(self, place: str, base: float, number: int) -> None:
        for line, (measure, part) in enumerate(MEASURES.items()):
            for year, growth in _GROWTH.items():
                for month, season in enumerate(_SEASONS, 1):
                    sway = 1 + ((number * 7 + line * 5 + year + month * 3) % 11 - 5) / 200
                    value = base * part * growth / 107 * season / 1000 * sway
                    self.months[place, measure, year, month] = round(value)

    def of(self, place: str, measure: str, year: int, first: int, last: int) -> int:
        """The sum of some months."""
        return sum(self.months[place, measure, year, month] for month in range(first, last + 1))


def text(value: float, digits: int = 2) -> str:
    """A number with its digits, half up (all figures here are positive)."""
    scaled = int(value * 10**digits + 0.5)
    whole, part = divmod(scaled, 10**digits)
    return f"{whole}.{part:0{digits}d}" if digits else str(whole)


def percent(part: float, whole: float, digits: int = 2) -> str:
    """A share as a report writes it."""
    return f"{text(100 * part / whole, digits)}%"


def sheet(county: County, planted: Planted) -> Sheet:
    """The table of periods with its contradictions."""
    economy = Economy(county)
    rows = [*_months(economy), *_spans(economy), *_groups(economy, county)]
    _plant(len(county.firms), economy, {row.key: row for row in rows}, rows, planted)
    page = Sheet(
        "经济指标", "云泽县工业园区主要经济指标（2024年1月—2026年6月）",
        "填报单位：云泽县统计局、各园区管委会", [HEADS],
    )  # fmt: skip
    page.widths = (18, 12, 8, 12, 8, 16, 12, 8, 10, 12, 12, 10, 12)
    for row in rows:
        page.rows.append((("periods", row.key, 0), [row.cells.get(head) for head in HEADS]))
    return page


def _tells(place: str, measure: str) -> bool:
    return place not in SMALL or measure in SMALL_MEASURES


def _months(economy: Economy) -> list[Said]:
    rows = []
    for (place, measure, year, month), value in economy.months.items():
        if place and (year, month) <= (2026, 6) and _tells(place, measure):
            period = f"{year}-{month:02d}"
            cells: dict[str, Cell] = {"园区": place, "期间": period, "指标": measure}
            cells |= {"数值": value, "单位": "万元"}
            rows.append(Said(f"{place}|{period}|{measure}", cells))
    order = {COUNTY: 9}
    return sorted(
        rows, key=lambda row: (str(row.cells["期间"]), order.get(row.key.split("|")[0], 0))
    )


_SPANS = (
    ("2025-H1", "2025年1-6月", 2025, 6), ("2025", "2025年", 2025, 12),
    ("2026-Q1", "2026年一季度", 2026, 3), ("2026-H1", "2026年上半年", 2026, 6),
)  # fmt: skip


def _spans(economy: Economy) -> list[Said]:
    """What reports say of quarters, half-years and years, in 亿元 with two digits."""
    rows = []
    for name, written, year, last in _SPANS:
        for place, measure in product((*PARKS, *SMALL, COUNTY), MEASURES):
            if _tells(place, measure):
                value = economy.of(place, measure, year, 1, last)
                before = economy.of(place, measure, year - 1, 1, last)
                cells: dict[str, Cell] = {"园区": place, "期间": written, "指标": measure}
                cells |= {"数值": text(value / 10000), "单位": "亿元"}
                if year > 2024:
                    cells["同比"] = f"{_signed(value, before)}%"
                if place != COUNTY:
                    whole = economy.of(COUNTY, measure, year, 1, last)
                    cells["占全县比重"] = percent(value, whole, 1)
                if year == 2026:
                    cells |= _target(economy, place, measure, value, last)
                rows.append(Said(f"{place}|{name}|{measure}", cells))
    return rows


def _signed(now: float, before: float) -> str:
    share = 100 * (now / before - 1)
    return ("+" if share >= 0 else "-") + text(abs(share), 1)


def target_of(economy: Economy, place: str, measure: str) -> float:
    """The year's target: last year and a little more, in whole 亿元 (at least 1), those of small
    parks in hundredths."""
    goal = economy.of(place, measure, 2025, 1, 12) / 10000 * 1.12
    return float(text(goal)) if place in SMALL else max(1, round(goal))


def _target(economy: Economy, place: str, measure: str, value: int, last: int) -> dict[str, Cell]:
    goal = target_of(economy, place, measure)
    expected = text(value / 10000 * 12 / last)
    return {"全年目标": goal, "完成率": percent(value / 10000, goal), "全年预计": expected}


_GROUPED = (("2025-H1", "2025年1-6月", 2025, 6), ("2025", "2025年", 2025, 12),
            (_HALF, "2026年上半年", 2026, 6))  # fmt: skip


def _groups(economy: Economy, county: County) -> list[Said]:
    """Clusters, and firms above and below scale, of the county and of one park: output and number
    of firms. Above and below scale are the county."""
    rows = []
    above = [firm for firm in county.firms if firm.scale == "规上"]
    for span, written, year, last in _GROUPED:
        whole = economy.of(COUNTY, "产值", year, 1, last)
        rows += _scales(county.firms, COUNTY, whole, span, written)
        for number, (cluster, (kind, divisions)) in enumerate(CLUSTERS.items()):
            members = [firm for firm in above if firm.industry.division in divisions]
            value = whole * _part(members, county.firms) * (1 + (number - 1) * (year - 2025) / 50)
            common: dict[str, Cell] = {"产业集群": cluster, "集群类别": kind, "期间": written}
            rows.append(_said(cluster, span, common, "产值", text(value / 10000)))
            rows.append(_said(cluster, span, common, "企业数", len(members)))
        everybody: dict[str, Cell] = {"园区": COUNTY, "期间": written}
        rows.append(_said(COUNTY, span, everybody, "企业数", len(county.firms)))
        for place in (MAIN[0], MAIN[2]):
            whole = economy.of(place.name, "产值", year, 1, last)
            rows += _scales(firms_of(county, place), place.name, whole, span, written)
    return rows


def _scales(firms: list[Firm], place: str, whole: int, span: str, written: str) -> list[Said]:
    """The output and the firms of a place above and below scale, to the hundredth of 亿元."""
    above = [firm for firm in firms if firm.scale == "规上"]
    told = int(text(whole / 10000).replace(".", ""))
    part = round(told * _part(above, firms))
    name = "" if place == COUNTY else f"{place}|"
    rows = []
    for scale, value, count in (
        ("规上", part, len(above)), ("规下", told - part, len(firms) - len(above))
    ):  # fmt: skip
        common: dict[str, Cell] = {"规模": scale, "期间": written}
        common |= {} if place == COUNTY else {"园区": place}
        rows.append(_said(f"{name}{scale}", span, common, "产值", text(value / 100)))
        if place == COUNTY:
            rows.append(_said(scale, span, common, "企业数", count))
    return rows


def _part(members: list[Firm], firms: list[Firm]) -> float:
    one, two = (sum(f.years[2025].output_thousand for f in some) for some in (members, firms))
    return one / two


def _said(name: str, span: str, common: dict[str, Cell], measure: str, value: Cell) -> Said:
    unit = "家" if measure == "企业数" else "亿元"
    cells = common | {"指标": measure, "数值": value, "单位": unit}
    return Said(f"{name}|{span}|{measure}", cells)


def _plant(
    firms: int, economy: Economy, by_key: dict[str, Said], rows: list[Said], planted: Planted
) -> None:
    one, two, three = PARKS

    def change(kind: str, key: str, heading: str, value: Cell, note: str) -> None:
        true = by_key[key].cells[heading]
        by_key[key].cells[heading] = value
        planted.add(kind, "periods", key, "contradiction", f"{note}（应为 {true}）", value)

    key = f"{one}|{_HALF}|基础设施投资"
    wrong = text(economy.of(one, "基础设施投资", 2026, 1, 6) / 10000 + 0.01)
    change("months_against_half", key, "数值", wrong, "半年数与六个月之和不符")
    by_key[key].cells |= {"同比": None, "占全县比重": None, "完成率": None, "全年预计": None}
    key = f"{one}|{_HALF}|固定资产投资"
    goal = target_of(economy, one, "固定资产投资")
    done = economy.of(one, "固定资产投资", 2026, 1, 6) / 10000 - 1.0
    change("share_of_target_wrong", key, "完成率", percent(done, goal), "完成率与数值、目标不符")
    key = f"{three}|{_HALF}|税收"
    now, before = (economy.of(three, "税收", year, 1, 6) for year in (2026, 2025))
    change("growth_wrong", key, "同比", f"{_signed(now * 1.1, before)}%", "同比与上年同期不符")
    key = f"{two}|{_HALF}|税收"
    part, whole = (economy.of(place, "税收", 2026, 1, 6) for place in (two, COUNTY))
    change(
        "share_of_city_wrong", key, "占全县比重", percent(part * 1.15, whole, 1), "占比与全县数不符"
    )
    change("target_conflict", f"{two}|2026-Q1|出口", "全年目标",
           target_of(economy, two, "出口") + 1, "同一年的目标两处不一")  # fmt: skip
    by_key[f"{two}|2026-Q1|出口"].cells["完成率"] = None
    key = f"装备制造|{_HALF}|企业数"
    count = int(str(by_key[key].cells["数值"]))
    change("firms_do_not_add", key, "数值", count + firms, "集群企业数超过全县企业总数")
    key = f"{three}|规下|{_HALF}|产值"
    more = text(float(str(by_key[key].cells["数值"])) + 0.2)
    change("scale_does_not_add", key, "数值", more, "规上、规下之和与园区数不符")
    key = f"{one}|{_HALF}|技改投资"
    less = text(economy.of(one, "技改投资", 2026, 1, 6) / 10000 - 0.4)
    change("expected_below_done", key, "全年预计", less, "全年预计小于上半年已完成")
    twin = by_key[f"{two}|{_HALF}|产值"]
    said = Said(f"{two}|{_HALF}|产值（另一处）", dict(twin.cells))
    said.cells |= {"数值": text(float(str(twin.cells["数值"])) + 0.1), "同比": None,
                   "占全县比重": None, "完成率": None, "全年预计": None}  # fmt: skip
    rows.append(said)
    note = f"同一期间同一指标两处不一（另一处为 {twin.cells['数值']}）"
    planted.add("said_twice", "periods", said.key, "contradiction", note, str(said.cells["数值"]))
    falls = economy.of(three, "出口", 2026, 1, 6) / 10000 + 0.05
    cells: dict[str, Cell] = {"园区": three, "期间": "2026-05", "累计": "累计", "指标": "出口"}
    rows.append(Said(f"{three}|2026-05累计|出口", cells | {"数值": text(falls), "单位": "亿元"}))
    note = "1—5月累计大于上半年"
    planted.add("cumulative_falls", "periods", rows[-1].key, "contradiction", note, text(falls))
    about = f"约{text(economy.of(one, '出口', 2026, 1, 6) / 10000, 1)}亿元"
    cells = {"园区": one, "期间": _HALF, "指标": "出口", "数值": about, "单位": "亿元"}
    rows.append(Said(f"{one}|{_HALF}|出口（约数）", cells))
    note = "约数，与精确数不矛盾"
    planted.add("hedged", "periods", rows[-1].key, "no_contradiction", note, about)
    rows.append(Said(f"{one}|年中|税收", {"园区": one, "期间": "年中", "指标": "税收",
                                        "数值": 1, "单位": "万元"}))  # fmt: skip
    planted.add("bad_period", "periods", rows[-1].key, "set_aside", "期间认不出", "年中")
