"""The three layers: parcels (GBK, no .cpg), land-price zones (GeoPackage), parks (degrees)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pyogrio
import pyproj
import shapely

from generator import names, shapefile, shapes
from generator.county import County

if TYPE_CHECKING:
    from generator.troubles import Planted

_SPHEROID = 'SPHEROID["CGCS2000",6378137.0,298.257222101]'
DEGREES = (
    f'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",{_SPHEROID}],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
_ZONE = (
    f'PROJCS["CGCS2000_3_Degree_GK_CM_120E",{DEGREES},PROJECTION["Gauss_Kruger"],'
    'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",120.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
_PARCEL_FIELDS: tuple[shapefile.Field, ...] = (
    ("DKBM", "C", 19, 0),
    ("TDSYQR", "C", 100, 0),
    ("TYSHXYDM", "C", 60, 0),
    ("DJMJ", "N", 14, 2),
    ("TDYT", "C", 8, 0),
    ("SZXZ", "C", 20, 0),
    ("DKJZDJ", "N", 10, 2),
    ("JZMJ", "N", 12, 1),
    ("QLXZ", "C", 10, 0),
    ("BZ", "C", 60, 0),
)
_CENTRE = (516800.0, 3313000.0)
_GRADES = (("一级", 480.0, 900.0), ("二级", 400.0, 3800.0), ("三级", 320.0, 5200.0))
_COUNTY = (513400.0, 3306800.0, 523200.0, 3316400.0)
_UNPRICED = (514730.0, 3306800.0, 515400.0, 3308200.0)
_TWICE = (519450.0, 3311140.0, 519690.0, 3311270.0)
_PARK_TYPES = ("新兴产业", "传统产业", "就业型")


def write(folder: Path, county: County, planted: Planted) -> None:
    """Write the layers and add the troubles that lie between them to ``planted``."""
    _parcels(folder / "宗地.shp", county, planted)
    zones = _zones()
    _across(county, planted, zones)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-06-30T00:00:00.000Z"})
    path = folder / "land_grades.gpkg"
    path.unlink(missing_ok=True)
    pyogrio.write_dataframe(zones, path, layer="基准地价", driver="GPKG")
    _parks(folder / "parks.shp", county)


def _parcels(path: Path, county: County, planted: Planted) -> None:
    rows = [
        (
            lot.code,
            lot.holder,
            lot.uscc,
            lot.registered,
            lot.land_use,
            names.TOWNSHIPS[lot.township],
            lot.price,
            lot.built,
            "集体" if "JB" in lot.code else "国有出让",
            lot.remark,
        )
        for lot in county.lots
    ]
    shapefile.write(path, [lot.shape for lot in county.lots], _PARCEL_FIELDS, rows, prj=_ZONE)
    numbers = {lot.code: number for number, lot in enumerate(county.lots, 1)}
    for trouble in planted.troubles:
        if trouble.table == "parcels":
            trouble.file, trouble.row = path.name, numbers[trouble.key]


def _disc(radius: float) -> shapely.Polygon:
    ring = shapely.Point(_CENTRE).buffer(radius, quad_segs=5)
    return shapely.Polygon([(round(x, 2), round(y, 2)) for x, y in ring.exterior.coords])


def _zones() -> gpd.GeoDataFrame:
    discs = [_disc(radius) for _, _, radius in _GRADES]
    county, unpriced = shapely.box(*_COUNTY), shapely.box(*_UNPRICED)
    shape = [discs[0], discs[1].difference(discs[0]), discs[2].difference(discs[1])]
    shape = [part.intersection(county) for part in shape]
    shape += [county.difference(discs[2]).difference(unpriced), shapely.box(*_TWICE)]
    grades = [grade for grade, _, _ in _GRADES] + ["四级", "三级"]
    prices = [price for _, price, _ in _GRADES] + [240.0, 300.0]
    data = {"级别": grades, "基准地价": prices}
    return gpd.GeoDataFrame(data, geometry=shapely.set_precision(shape, 0.01), crs="EPSG:4549")


def _across(county: County, planted: Planted, zones: gpd.GeoDataFrame) -> None:
    """Parcels on the border of two grades, in two zones at once, or in none."""
    main, twice = zones.geometry.iloc[:4], zones.geometry.iloc[4]
    lost = {t.key for t in planted.troubles if t.table == "parcels" and "set_aside" in t.shows}
    for lot in county.lots:
        if lot.shape is None or lot.code in lost:
            continue
        shape = shapely.make_valid(shapely.Polygon(lot.shape[0]))
        shares = [shape.intersection(zone).area / shape.area for zone in main]
        if sum(share > 0.02 for share in shares) > 1:
            text = "、".join(f"{share:.0%}" for share in shares)
            note = "跨两个级别，基准地价按重叠面积加权"
            planted.add("two_grade_zones", "parcels", lot.code, "two_zones", note, text)
        if sum(shares) < 0.45 and not lot.price:
            note = "过半面积没有基准地价，其用地企业未评级"
            planted.add("no_price", "parcels", lot.code, "no_price", note)
        if shape.intersection(twice).area > 1:
            note = "所在区片互相重叠（宗地落在两个区片里），提示"
            planted.add("in_two_zones_at_once", "parcels", lot.code, "two_zones", note)
    planted.add("zones_overlap", "price_zones", "三级", "issue", "两个区片互相重叠", 300)
    _rows(county, planted)


def _rows(county: County, planted: Planted) -> None:
    numbers = {lot.code: number for number, lot in enumerate(county.lots, 1)}
    for trouble in planted.troubles:
        if trouble.table == "parcels" and not trouble.row:
            trouble.file, trouble.row = "宗地.shp", numbers[trouble.key]


def _parks(path: Path, county: County) -> None:
    to_degrees = pyproj.Transformer.from_crs("EPSG:4549", "EPSG:4490", always_xy=True)
    rings, rows = [], []
    for number, kind in enumerate(_PARK_TYPES):
        estate = shapes.ESTATES[number]
        parts = [
            shapely.make_valid(shapely.Polygon(lot.shape[0]))
            for lot in county.lots
            if lot.estate == number and lot.shape
        ]
        hull = shapely.union_all(parts).convex_hull.buffer(30.0, quad_segs=1)
        ring = list(shapely.geometry.polygon.orient(hull).exterior.coords)[:-1]
        degrees = [to_degrees.transform(x, y) for x, y in ring]
        rings.append([[(round(x, 8), round(y, 8)) for x, y in degrees]])
        rows.append((estate.name, kind))
    fields = (("YQMC", "C", 60, 0), ("YQLX", "C", 30, 0))
    shapefile.write(path, rings, fields, rows, prj=DEGREES, encoding="utf-8", cpg="UTF-8")
