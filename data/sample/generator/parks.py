"""Two years of whole parks: their tables, the plots once revitalised, and what is planted there.

Comes after everything else and changes nothing of it.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING

from generator import park_periods, park_places, park_projects, park_rows, park_stated
from generator.county import County, Firm
from generator.park_places import MAIN
from generator.picking import LARGE
from generator.tables import Cell, Sheet, book
from generator.troubles import Planted

if TYPE_CHECKING:
    from generator.troubles import Trouble

_HERE = Path(__file__).parent
_SEED = 20260701


def write(folder: Path, county: County, planted: Planted) -> None:
    """Write the park tables, ``parks.toml`` and ``PARKS.md``; add to ``planted.toml``."""
    rng, busy, mine = random.Random(_SEED), set(planted.busy), Planted()
    troubled = {trouble.key for trouble in planted.troubles}
    busy |= troubled
    lost = {
        trouble.key
        for trouble in planted.troubles
        if "set_aside" in trouble.shows and trouble.kind != "duplicate_equal"
    }
    contracts, further = park_projects.supply(county, planted.busy)
    park_places.write(folder / "park_areas.shp", county)
    for name, table, sheet in (
        ("park_register", "park_register", park_rows.register(county, lost, mine)),
        ("park_periods", "periods", park_periods.sheet(county, mine)),
        ("park_supply", "park_supply", contracts),
        ("projects", "projects", park_projects.projects(county, further, mine)),
        ("disposed", "disposed", _disposed(county, busy, mine)),
        ("promises", "promises", park_rows.promises(rng, county, busy, troubled, mine)),
        ("demand", "demand", park_rows.demand()),
        ("stated", "stated", park_stated.sheet(mine)),
    ):
        book(folder / f"{name}.xlsx", sheet, mine, table)
    whole = _project() + "\n" + (_HERE / "parks.toml.in").read_text("utf-8")
    _text(folder / "parks.toml", whole)
    _text(folder / "planted.toml", (folder / "planted.toml").read_text("utf-8") + _listed(mine))
    about = (_HERE / "PARKS.md.in").read_text("utf-8")
    _text(folder / "PARKS.md", about.replace("@TROUBLES@", _table(mine.troubles)))


def _project() -> str:
    """The project of the batch with all parks, and with the further contracts."""
    text = (_HERE / "project.toml.in").read_text("utf-8")
    for table, old, new in (
        ("[parks] ", '"parks.shp"', '"park_areas.shp"'),
        ("[supply]", '"supply.xlsx"', '["supply.xlsx", "park_supply.xlsx"]'),
    ):
        before, found, after = text.partition(f"\n{table}")
        assert old in after, table
        text = before + found + after.replace(old, new, 1)
    return text


def _weakness(firm: Firm) -> float:
    return firm.years[2025].tax_yuan / 1e4 / firm.mu / firm.industry.tax


def _disposed(county: County, busy: set[str], planted: Planted) -> Sheet:
    """The office's list of plots revitalised in 2024: four do well since, two relapsed."""
    heads = [
        "序号", "宗地代码", "企业名称", "统一社会信用代码", "所在园区", "占地面积(亩)",
        "低效/闲置类型", "处置方式", "当前状态", "处置面积(亩)", "责任单位", "责任人", "完成时限",
        "开始时间", "验收日期",
    ]  # fmt: skip
    page = Sheet(
        "盘活台账", "云泽县2024年已盘活地块台账", "填报单位：云泽县工业园区管理服务中心", [heads]
    )
    page.widths = (6, 24, 36, 22, 18, 12, 10, 12, 10, 12, 24, 10, 12, 12, 12)
    free = [
        firm
        for firm in county.single("uscc")
        if firm.uscc not in busy
        and firm.industry.division in LARGE
        and firm.mu >= 5
        and county.lot_of(firm).estate < len(MAIN)
    ]
    ordered = sorted(free, key=lambda firm: (_weakness(firm), firm.uscc))
    ways = ("租赁转产", "增资技改", "兼并重组", "合作共建", "返租共管", "依法回购")
    for number, (firm, way) in enumerate(zip(ordered[:2] + ordered[-4:], ways, strict=True), 1):
        lot = county.lot_of(firm)
        busy.add(firm.uscc)
        area = round(lot.mu, 4)
        cells: list[Cell] = [number, lot.code, firm.name, firm.uscc]
        cells += [MAIN[lot.estate].name, area, "低效", way, "已销号", area]
        cells += ["云泽县工业园区管理服务中心", "李工", "2024-06-30", "2023-09-01", "2024-05-20"]
        page.rows.append((("disposed", lot.code, 0), cells))
        kind, note = ("relapse", "2024年已盘活，2025年又排在行业末位") if number <= 2 else (
            "revitalised", "2024年已盘活，此后正常")  # fmt: skip
        planted.add(kind, "disposed", lot.code, kind, note, firm.uscc)
    return page


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _listed(planted: Planted) -> str:
    lines = ["\n# What is planted in the tables about parks (parks.toml)."]
    for trouble in planted.troubles:
        lines.append("\n[[park_trouble]]")
        lines += [
            f"{name} = {json.dumps(getattr(trouble, name), ensure_ascii=False)}"
            for name in ("kind", "table", "file", "key", "value", "note")
        ]
        lines.append(f"row = {trouble.row}")
        lines.append(f"shows = {json.dumps(list(trouble.shows), ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def _table(troubles: list[Trouble]) -> str:
    kinds: dict[tuple[str, str], list[Trouble]] = {}
    for trouble in troubles:
        kinds.setdefault((trouble.kind, trouble.table), []).append(trouble)
    lines = ["| what | table | how it is planted | rows |", "|---|---|---|---|"]
    for (kind, _), found in kinds.items():
        rows = ", ".join(str(trouble.row) for trouble in found[:6])
        more = f" … {len(found)} in all" if len(found) > 6 else ""
        lines.append(f"| `{kind}` | {found[0].file} | {found[0].note} | {rows}{more} |")
    return "\n".join(lines)
