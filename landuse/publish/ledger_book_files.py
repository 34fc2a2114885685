"""The cases of the ledger for other programs: a CSV for lists, a GeoPackage for maps."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.messages import Lang
from landuse.publish.geopackage import gdal_options
from landuse.publish.ledger_book_cells import shown
from landuse.publish.ledger_book_view import LedgerView, Row
from landuse.publish.visible import visible
from landuse.publish.whole import whole_file
from landuse.scaled import FLOOR_M2, MU, to_text
from landuse.schema.ledger_book import CASES, BookColumn

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["write_csv", "write_geopackage"]

LAYER: Final = "cases"
_COMMAND: Final = re.compile(r"[=+\-@\t\r|%]")
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")
_PLACES: Final = {"mu": MU, "floor": FLOOR_M2}
_DECIMALS: Final = 6
"""Of a tax per mu, as 万元 have."""
_STAMP: Final = "T00:00:00.000Z"


def _columns() -> list[BookColumn]:
    return [column for column in CASES if column.role != "entry" and column.name != "allowed"]


def write_csv(view: LedgerView, path: Path, *, lang: Lang = "zh", over: bool = False) -> None:
    """One line a case, UTF-8 with BOM, exact decimals.

    A text that a spreadsheet program would take for a formula gets an apostrophe before it.
    """
    said = io.StringIO(newline="")
    writer = csv.writer(said, lineterminator="\r\n")
    columns = _columns()
    writer.writerow([column.heading(lang) for column in columns])
    for _, row in view.cases:
        writer.writerow([_field(column, row.get(column.name), lang) for column in columns])
    with whole_file(path, over=over) as part:
        part.write_bytes(said.getvalue().encode("utf-8-sig"))


def _field(column: BookColumn, value: Any, lang: Lang) -> str:  # noqa: ANN401 - what a row holds
    if value is None or value == "":
        return ""
    if column.form in _PLACES:
        return to_text(value, _PLACES[column.form])
    if column.form == "number":
        return f"{round(value, _DECIMALS):.{_DECIMALS}f}".rstrip("0").rstrip(".")
    cell = shown(column, value, lang)
    words = visible(str(cell))
    return f"'{words}" if isinstance(cell, str) and _is_command(words) else words


def _is_command(words: str) -> bool:
    """Whether a spreadsheet program would compute the text instead of showing it.

    >>> _is_command("=1+1"), _is_command("-0.5"), _is_command("甲公司")
    (True, False, False)
    """
    return bool(_COMMAND.match(words)) and not _NUMBER.fullmatch(words)


def write_geopackage(
    view: LedgerView, path: Path, *, lang: Lang = "zh", over: bool = False
) -> None:
    """Layer ``cases``: one feature a case, the outlines of its parcels as one multipolygon.

    Parcels in several coordinate systems are brought to that of the first case. A case without an
    outline is a row without geometry. Raises :class:`landuse.errors.UserError` where no case has
    an outline.
    """
    import geopandas as gpd
    import pyogrio

    shapes, crs = _shapes(view)
    if not any(shape is not None for shape in shapes):
        raise UserError.of("ledger_book.no_outline", value=str(path))
    data = _attributes([row for _, row in view.cases], lang)
    frame = gpd.GeoDataFrame(data, geometry=shapes, crs=crs)
    options = {
        "OGR_CURRENT_DATE": f"{view.day.isoformat()}{_STAMP}",
        "OGR_GPKG_ALLOW_THREADED_RTREE": "NO",
    }
    with whole_file(path, over=over) as part:
        try:
            with gdal_options(options):
                pyogrio.write_dataframe(
                    frame, part, layer=LAYER, driver="GPKG", geometry_type="MultiPolygon"
                )
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as fault:
            raise OSError(str(fault)) from fault


def _shapes(view: LedgerView) -> tuple[list[Any], str | None]:
    """One multipolygon a case, all in the system of the first."""
    import numpy as np
    import shapely

    from landuse.crs import parse
    from landuse.crs.transform import reproject

    target = ""
    shapes: list[Any] = []
    for _, row in view.cases:
        own = np.array(view.shapes.get(row["number"], []), dtype=object)
        for at, shape in enumerate(own):
            srid = int(shapely.get_srid(shape))
            here = f"EPSG:{srid}" if srid else view.crs
            target = target or here
            if here != target:
                own[at : at + 1] = reproject(own[at : at + 1], parse(here), parse(target))
        polygons = shapely.get_parts(own).tolist()
        shapes.append(shapely.MultiPolygon(polygons) if polygons else None)
    return shapes, target or None


def _attributes(rows: Sequence[Row], lang: Lang) -> pd.DataFrame:
    """Columns by our names; areas as decimals, codes in words, days as days."""
    import pandas as pd

    data: dict[str, Any] = {}
    for column in _columns():
        cells = [shown(column, row.get(column.name), lang) for row in rows]
        name = column.name.removesuffix("_e4").removesuffix("_e2")
        if column.form in _PLACES or column.form == "number":
            data[name] = pd.Series(cells, dtype="float64")
        elif column.form == "int":
            data[name] = pd.Series(cells, dtype="int64")
        elif column.form == "date":
            data[name] = pd.Series(cells, dtype=object)
        else:
            words = ["" if cell is None else visible(str(cell)) for cell in cells]
            data[name] = pd.Series(words, dtype="str")
    return pd.DataFrame(data)
