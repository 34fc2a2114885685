"""The same county as offices send it, shapefiles and workbooks, and the floor of that job.

The floor reads these files and writes the files of a finished run again, with the libraries that
we use ourselves as their manuals say: pyogrio, calamine, pyarrow, XlsxWriter (every cell with a
format, blank ones too), folium and json (the page is folium's; its data is the run's). Nothing is
checked, computed, sorted, put into words, laid out or proved.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from county import CRS
from province import make_province

__all__ = ["floor", "make_office"]

FIELDS = {
    "parcel_id": "DKBM",
    "registered_area": "DJMJ",
    "uscc": "TYSHXYDM",
    "land_use_code": "TDYT",
    "township": "SZXZ",
    "grade": "JB",
    "benchmark_price_yuan_per_m2": "JZDJ",
}
LAYERS, BOOKS = ("parcels", "zones"), ("enterprises", "occupancy")
BLOCK = re.compile(r'(<script type="application/json" id="[^"]+">)(.*?)</script>\n', re.DOTALL)


def make_office(parcels: int, folder: Path) -> Path:
    """Shapefiles, workbooks and the project file that names them; the Parquet files go."""
    import pyogrio
    import xlsxwriter

    project = make_province(parcels, folder)
    for name in LAYERS:
        path = folder / f"{name}.parquet"
        table = pq.read_table(path)
        names = [FIELDS.get(column, column) for column in table.column_names]
        plain = table.rename_columns(names).replace_schema_metadata(None)
        pyogrio.write_arrow(
            plain, folder / f"{name}.shp", geometry_name="geometry", geometry_type="Polygon",
            crs=CRS, encoding="UTF-8",
        )  # fmt: skip
        path.unlink()
    for name in BOOKS:
        path = folder / f"{name}.parquet"
        table = pq.read_table(path)
        with xlsxwriter.Workbook(folder / f"{name}.xlsx", {"constant_memory": True}) as book:
            rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
            _sheet(book, name, [table.column_names, *rows])
        path.unlink()
    said = project.read_text(encoding="utf-8")
    for names, ending in ((LAYERS, "shp"), (BOOKS, "xlsx")):
        for name in names:
            said = said.replace(f'"{name}.parquet"', f'"{name}.{ending}"')
    project.write_text(said, encoding="utf-8")
    return project


def floor(folder: Path, out: Path, result: Path) -> tuple[float, float]:
    """Read the office files of ``folder``, write the run folder ``result`` again into ``out``.

    Gives the wall and CPU seconds to take off: of reading what is to be written.
    """
    import pyogrio
    import xlsxwriter
    from python_calamine import CalamineWorkbook

    wall, cpu = time.perf_counter(), time.process_time()
    known = _known(result)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    for name in LAYERS:
        pyogrio.read_arrow(folder / f"{name}.shp")
    for name in BOOKS:
        CalamineWorkbook.from_path(str(folder / f"{name}.xlsx")).get_sheet_by_index(0).to_python()
    for name, content in known["tables"].items():
        pq.write_table(content, out / name, compression="zstd")
    for layer, content in known["layers"].items():
        pyogrio.write_arrow(
            content, out / "results.gpkg", layer=layer, driver="GPKG", geometry_name="geometry",
            geometry_type="MultiPolygon", crs=CRS, append=(out / "results.gpkg").exists(),
        )  # fmt: skip
    with xlsxwriter.Workbook(out / "results.xlsx", {"constant_memory": True}) as book:
        for name, rows in known["sheets"].items():
            _sheet(book, name, rows)
    _map(known["map"], out / "map.html")
    for name, content in known["others"].items():
        (out / name).write_bytes(content)
    return wall, cpu


def _known(result: Path) -> dict[str, Any]:
    """Everything that a run folder holds, by kind."""
    import pyogrio
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(result / "results.xlsx"))
    known: dict[str, Any] = {
        "tables": {path.name: pq.read_table(path) for path in sorted(result.glob("*.parquet"))},
        "layers": {},
        "sheets": {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names},
        "map": [
            (opened, json.loads(data))
            for opened, data in BLOCK.findall((result / "map.html").read_text(encoding="utf-8"))
        ],
        "others": {},
    }
    for layer, _ in pyogrio.list_layers(result / "results.gpkg").tolist():
        meta, content = pyogrio.read_arrow(result / "results.gpkg", layer=layer)
        shape = meta["geometry_name"] or "wkb_geometry"
        names = ["geometry" if name == shape else name for name in content.column_names]
        known["layers"][layer] = pa.table(content).rename_columns(names)
    for path in sorted(result.iterdir()):
        if path.suffix not in {".parquet", ".gpkg", ".xlsx", ".html"}:
            known["others"][path.name] = path.read_bytes()
    return known


def _sheet(book: Any, name: str, rows: Any) -> None:
    sheet = book.add_worksheet(name[:31])
    line = {"font_name": "宋体", "font_size": 10, "valign": "vcenter", "border": 1}
    words = book.add_format({**line, "num_format": "@", "text_wrap": True, "indent": 1})
    number = book.add_format({**line, "num_format": "#,##0.00"})
    day = book.add_format({**line, "num_format": "yyyy-mm-dd"})
    for at, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, dt.date):
                sheet.write_datetime(at, place, value, day)
            elif isinstance(value, (int, float)):
                sheet.write_number(at, place, value, number)
            elif value:
                sheet.write_string(at, place, value, words)
            else:
                sheet.write_blank(at, place, None, words)


def _map(blocks: Any, path: Path) -> None:
    import folium

    with path.open("w", encoding="utf-8") as file:
        file.write(folium.Map().get_root().render())
        for opened, data in blocks:
            file.write(opened)
            file.write(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
            file.write("</script>\n")


if __name__ == "__main__":
    make_office(int(sys.argv[1]), Path(sys.argv[2]))
