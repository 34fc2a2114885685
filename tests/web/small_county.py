"""Files of a very small county as an office has them, for uploads."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

FIRMS = 8


def uscc(number: int) -> str:
    """A credit code whose check sign is not looked at (``id_scheme = "free"``)."""
    return f"91350582MA{number:08d}"


def parcels() -> bytes:
    """Eight squares of 100 m in CGCS2000, registered at 15 mu (10 000 m²) each."""
    step = 0.001
    features = []
    for number in range(FIRMS):
        west, south = 118.5 + number * 2 * step, 24.8
        ring = [[west, south], [west + step, south], [west + step, south + 0.0009],
                [west, south + 0.0009], [west, south]]  # fmt: skip
        cells = {
            "宗地代码": f"P{number}",
            "使用权人": f"第{number}厂",
            "登记面积(亩)": 15,
            "基准地价": 300,
        }
        features.append(
            {
                "type": "Feature",
                "properties": {**cells, "统一社会信用代码": uscc(number)},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    layer: dict[str, Any] = {"type": "FeatureCollection", "crs": crs, "features": features}
    return json.dumps(layer, ensure_ascii=False).encode()


def enterprises(money: str = "税收") -> bytes:
    """The firms; their tax is 10, 20 … 80 in a unit that the heading need not name."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["统一社会信用代码", "企业名称", "行业代码", "年度", money, "电力(万千瓦时)"])
    for number in range(FIRMS):
        firm = [uscc(number), f"第{number}厂", "3311", 2025, (number + 1) * 10, number + 5]
        writer.writerow(firm)
    return out.getvalue().encode("utf-8-sig")


def files(**more: bytes) -> list[tuple[str, tuple[str, bytes]]]:
    """The upload: a layer and a table, and whatever else."""
    given = {"宗地.geojson": parcels(), "企业.csv": enterprises(), **more}
    return [("files", (name, content)) for name, content in given.items()]
