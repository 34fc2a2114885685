"""Projects with parks behind a server, and the cells of their pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openpyxl
import small_county
from served_site import county

from landuse.publish import write_run
from landuse.publish.run_folder import OUTPUTS

HOSTILE_PARK = '<img src=x onerror=alert(1)>/"园" {{7*7}}'
HOSTILE_FIRM = "</script><script>alert(1)</script>〔表1!A1〕"
SMALL = """[project]
name = "小县"
year = 2025
as_of = 2026-06-30
id_scheme = "free"
[parcels]
path = "宗地.geojson"
area_unit = "mu"
[enterprises]
path = "企业.csv"
money_unit = "wan"
energy_basis = "calorific"
[rules]
pack = "three-indicator"
"""


def copy_sample(sample: Path, folder: Path) -> Path:
    """The sample county's files with its parks; gives the project file."""
    shutil.copytree(
        sample, folder, ignore=shutil.ignore_patterns("runs", "*.db", "generator", "batches")
    )
    return folder / "parks.toml"


def add_run(project: Path) -> str:
    """A run beside the project that was made of other files; gives its id."""
    run = county().make_run()
    (project.parent / "runs").mkdir(exist_ok=True)
    outputs = [one for one in OUTPUTS if not one.name.endswith((".gpkg", ".html"))]
    write_run(run, project.parent / "runs" / "one", lang="zh", outputs=outputs)
    return str(run.manifest["run_id"])


def small_project(folder: Path, more: str = "") -> Path:
    """Eight firms on eight plots; ``more`` is what the project file says besides."""
    folder.mkdir()
    (folder / "宗地.geojson").write_bytes(small_county.parcels())
    (folder / "企业.csv").write_bytes(small_county.enterprises())
    (folder / "project.toml").write_text(SMALL + more, encoding="utf-8")
    return folder / "project.toml"


REGISTER = '[park_register]\npath = "园区.xlsx"\narea_unit = "mu"\n'
PROMISES = '[promises]\npath = "承诺.xlsx"\n'


def sheet(path: Path, *rows: tuple[object, ...]) -> None:
    """A workbook of one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


def hostile_project(folder: Path) -> Path:
    """A park and a firm whose names are code, quotes, braces, a slash and a reference."""
    project = small_project(folder, REGISTER + PROMISES)
    sheet(
        folder / "园区.xlsx", ("园区", "园区类型", "总面积（亩）"), (HOSTILE_PARK, "传统产业", 300)
    )
    sheet(
        folder / "承诺.xlsx",
        ("统一社会信用代码", "企业名称", "园区", "承诺亩均税收（万元/亩）", "达产年度"),
        # P0 pays 10 万元 on 15 mu: 0.67 a mu; 300 promised: short by 300 × 15 − 10 = 4 490
        (small_county.uscc(0), HOSTILE_FIRM, HOSTILE_PARK, 300, 2025),
        # P7 pays 80 万元 on 15 mu: 5.33 a mu, 5 promised: kept
        (small_county.uscc(7), "第7厂", HOSTILE_PARK, 5, 2025),
    )
    return project


def at_park(name: str) -> str:
    """The address of a park's page."""
    return f"/parks/{quote(name, safe='')}"


@dataclass
class Cell:
    """A cell of a page: of which table, row and column, and what it says."""

    table: str
    row: str
    column: str
    text: str = ""
    links: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.cells: list[Cell] = []
        self._table = self._row = ""
        self._open: Cell | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        about = {name: value or "" for name, value in attrs}
        if tag == "table":
            self._table, self._row = about.get("data-table", ""), about.get("data-row", "")
        elif tag == "tr" and "data-row" in about:
            self._row = about["data-row"]
        elif tag in ("td", "th"):
            self._open = Cell(self._table, self._row, about.get("data-column", ""))
        elif tag == "a" and self._open is not None:
            self._open.links.append(about.get("href", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._open is not None:
            self._open.text = self._open.text.strip()
            self.cells.append(self._open)
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open.text += data


def cells_of(html: str) -> list[Cell]:
    """Every cell of every table of a page."""
    reader = _Reader()
    reader.feed(html)
    return reader.cells


def marked(html: str, table: str) -> Iterator[Cell]:
    """The cells of one table that say their column."""
    return (cell for cell in cells_of(html) if cell.table == table and cell.column)
