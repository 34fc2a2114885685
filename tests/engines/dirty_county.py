"""Random counties as files, with every kind of trouble that a planner's files have.

``make(folder, seed)`` writes the files and their project file. A seed says everything: formats,
codes (credit codes, or free ones with strokes, spaces, signs, emoji), who uses what, which cells
are blank, repeated or wrong, which tables there are, and the rules.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

__all__ = ["RULES", "Made", "make"]

CRS = "EPSG:4549"
SIDE = 100.0
EAST, NORTH = 420_000.0, 2_740_000.0
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
NAMES = ("恒禾纺织有限公司", "青石机械厂", "云泽五金(集团)有限公司", "云泽五金（集团）有限公司",
         "柳塘电气有限公司", "柳塘电器有限公司", "Äther GmbH")  # fmt: skip
ODD = ("7", "7/2", "7/2/3", "70", "A-1", "甲/乙", "𠮷1", "\uffff", "🏭", "é1", "z_9", "Lot 7", "#3",
       "%s", "a'b", "0", "~", "龍\u2014", "x.y", "=1+1")  # fmt: skip
KEYS = {"parcels": ["parcel_id"], "enterprises": ["uscc"], "occupancy": ["parcel_id", "uscc"]}
BAD = ("", " ", "—", "无", "9.13506E+17", "合计", "小计：", "注：以上", "nan", "\u3000")
USES = ("0601", "0601", "1001", "M1", "0501", "", "工业用地")
INDUSTRIES = ("17", "1711", "3310", "38", "44")
STARTS = (None, None, "2010-01-01", "2024-07-01", "2024-06-30")
RULES = {
    "shipped": "",
    "small": 'min_cohort = 2\nshare = "0.4"',
    "merge": 'min_cohort = 2\nshare = "0.4"\nshared_parcels = "merge"',
    "merge_mean": 'min_cohort = 2\nshared_parcels = "merge"\nmissing = "cohort_mean"',
    "score": 'min_cohort = 3\nshare = "1/3"\ncoefficient = "score"',
    "no_price": 'min_cohort = 2\ncoefficient = "none"\nrounding = "ceil"',
    "stated": 'min_cohort = 2\nreference_price = "350"\nrounding = "half_up"',
    "grades": 'min_cohort = 2\ngrade_coefficients = { "0级" = "1.2", "1级" = "1" }',
    "spare": 'min_cohort = 2\nshare = "0.5"\nties = "spare"',
    "building": 'min_cohort = 2\nshare = "0.3"\nconstruction = "count"\nscore_form = "minmax"',
    "measured": 'min_cohort = 2\narea_basis = "geometry"\narea_method = "ellipsoid"',
}
"""Rules that a county may be computed under, as overrides of the shipped pack."""


@dataclass
class Made:
    """The project file, and the codes in the files: where a cut may go."""

    project: Path
    parcels: list[str]
    firms: list[str]
    rules: str


def make(folder: Path, seed: int, rules: str | None = None, **more: Any) -> Made:
    """Write the county of ``seed``; ``more`` replaces fields of its plan."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = Random(seed)
    name = rules or rng.choice(list(RULES))
    county = _County(rng, **{"lots": rng.choice((1, 2, rng.randint(3, 30), 60)), **more})
    county.write(folder, RULES[name])
    return Made(folder / "project.toml", sorted(set(county.lot)), sorted(set(county.firm)), name)


def _uscc(number: int) -> str:
    body = f"91339901MA{number:06d}0"
    total = sum(ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return body + ALPHABET[(31 - total % 31) % 31]


@dataclass
class _County:
    rng: Random
    lots: int
    free: bool | None = None
    dirt: float | None = None
    kind: str | None = None
    lot: list[str] = field(default_factory=list)
    firm: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rng = self.rng
        self.free = rng.random() < 0.35 if self.free is None else self.free
        self.dirt = rng.choice((0.0, 0.04, 0.15)) if self.dirt is None else self.dirt
        firms = max(1, self.lots + rng.randint(-4, 6))
        counties = [339901 + rng.randrange(3) for _ in range(self.lots)]
        self.lot = [f"{area}001{n % 3:03}GB{n:05}" for n, area in enumerate(counties)]
        self.firm = [_uscc(n) for n in range(firms)]
        if self.free:
            self.lot = (list(rng.sample(ODD, len(ODD))) + self.lot)[: self.lots]
            self.firm = (list(rng.sample(ODD, rng.randint(0, 9))) + self.firm)[:firms]

    def write(self, folder: Path, override: str) -> None:
        rng = self.rng
        head = '[project]\nname = "试验县"\nyear = 2025\nas_of = 2026-06-30'
        self.text = [head + ('\nid_scheme = "free"' if self.free else "")]
        for table in (self._parcels, self._enterprises):
            table(folder)
        others = (self._occupancy, self._zones, self._parks, self._supply, self._exemptions,
                  self._corrections, self._confirmed)  # fmt: skip
        for table in others:
            if rng.random() < 0.7:
                table(folder)
        self.text.append('[rules]\npack = "three-indicator"')
        self.text += ["[rules.override]\n" + override] if override else []
        (folder / "project.toml").write_text("\n".join(self.text) + "\n", encoding="utf-8")

    def _some(self, value: Any, others: Any) -> Any:
        """``value``, or now and then one of ``others`` instead."""
        return self.rng.choice(others) if self.rng.random() < (self.dirt or 0) else value

    def _codes(self, codes: list[str], many: int) -> list[str]:
        return self.rng.sample(codes, min(many, len(codes)))

    def _shape(self, number: int) -> Any:
        x, y = EAST + SIDE * (number // 2), NORTH + SIDE * (number % 2)
        box = shapely.box(x, y, x + SIDE, y + SIDE)
        bow = shapely.Polygon([(x, y), (x + 60, y + 60), (x + 60, y), (x, y + 60)])
        ring = box.difference(shapely.box(x + 9, y + 9, x + 20, y + 20))
        two = shapely.MultiPolygon(
            [shapely.box(x, y, x + 20, y + 90), shapely.box(x + 30, y, x + 99, y + 90)]
        )
        return self._some(box, (None, bow, ring, two, shapely.box(x + 30, y, x + 150, y + SIDE)))

    def _parcels(self, folder: Path) -> None:
        rng, rows = self.rng, []
        for number, code in enumerate(self.lot):
            users = rng.sample(self.firm, min(len(self.firm), rng.choice((0, 1, 1, 1, 2))))
            rows.append(
                {
                    "parcel_id": self._some(code, (*BAD, *self.lot)),
                    "uscc": self._some("; ".join(users), (*BAD, _uscc(777_777))),
                    "holder": rng.choice(("", *NAMES, "恒禾纺织有限公司、青石机械厂", "无名厂")),
                    "registered_area": rng.choice((10_000.0, 9_990.5, 6_000.0, 30_000.0, None)),
                    "land_use_code": rng.choice(USES),
                    "benchmark_price_yuan_per_m2": rng.choice((None, 0.0, 240.0, 300.0, 480.0)),
                    "built_area_m2": rng.choice((None, 0.0, 500.0, 30_000.0)),
                    "township": rng.choice(("甲镇", "乙镇", "")),
                    "geometry": self._shape(number),
                }
            )  # fmt: skip
        rows += [rng.choice(rows) for _ in rows if rng.random() < (self.dirt or 0) / 2]
        rng.shuffle(rows)
        self.rows["parcels"] = rows
        self._layer(folder, "parcels", rows, 'area_unit = "m2"', ("geojson", "gpkg", "parquet"))

    def _enterprises(self, folder: Path) -> None:
        rng, rows = self.rng, []
        few = rng.random() < 0.4
        for number, code in enumerate(self.firm):
            known = rng.random() < 0.4
            fixed = {
                "uscc": code,
                "name": rng.choice(NAMES) if known else f"第{number}企业",
                "industry_code": self._some(rng.choice(INDUSTRIES), ("99", "", "纺织业")),
                "x": rng.choice((None, None, EAST + 50, EAST + 100, EAST + 100 * number)),
                "y": NORTH + rng.choice((50, 100, 60)),
                "production_started_on": rng.choice(STARTS),
                "scale": rng.choice(("规上", "规下", "")),
            }  # fmt: skip
            years = [year for year in (2024, 2025) if self._some(1, (0,))]
            rows += [{**fixed, "year": year, **self._figures(few)} for year in years]
        rows += [dict(rng.choice(rows)) for _ in rows if rng.random() < (self.dirt or 0) / 2]
        rows = rows or [{**fixed, "year": 2025, **self._figures(few)}]
        for row in rows:
            row["uscc"] = self._some(row["uscc"], BAD) if rng.random() < 0.3 else row["uscc"]
            row["name"] = self._some(row["name"], ("合计", "", "Total", "x\u200bx", *NAMES))
        rng.shuffle(rows)
        more = f'money_unit = "wan"\nenergy_basis = "calorific"\ncrs = "{CRS}"'
        if rng.random() < 0.4:
            more += '\nduplicates = { tax = "sum", output = "mean", energy_tce = "max" }'
        energy = None
        if rng.random() < 0.3:
            energy = [{name: row[name] for name in ("uscc", "year", "energy_tce")} for row in rows]
            rows = [{k: v for k, v in row.items() if k != "energy_tce"} for row in rows]
        self.rows["enterprises"] = rows
        self._table(folder, "enterprises", self._with_totals(rows), more)
        if energy:
            file = self._file(folder, "energy", rng.sample(energy, len(energy)), self.kind or "csv")
            self.text.append(f'[[enterprises.tables]]\npath = "{file}"\nenergy_basis = "calorific"')

    def _with_totals(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows, now and then with totals between them: of a block or of all, right or wrong."""
        rng, found, block = Random(repr(rows)), [], 0
        if rng.random() < 0.4:
            return rows
        for row in rows:
            found.append(row)
            if rng.random() < 0.2:
                counted = found[rng.choice((0, block)) :]
                total = sum(one["tax"] for one in counted if isinstance(one.get("tax"), float))
                words = rng.choice(("合计", "小 计", "平均值", "Total"))
                off = rng.choice((0.0, 0.0, 1.5))
                found.append({"name": words, "tax": round(total + off, rng.choice((0, 2, 6)))})
                block = len(found)
        return found

    def _figures(self, few: bool) -> dict[str, Any]:
        rng = self.rng
        top = 2 if few else 9_999
        figures = {"tax": rng.randint(1, top) / 3, "output": rng.randint(1, top) * 7.13,
                   "energy_tce": rng.randint(1, top) / 7}  # fmt: skip
        return {
            name: self._some(round(value, 6), (None, 0.0, -value, 1e13, "—", "约5", "1,234.5"))
            for name, value in figures.items()
        }

    def _occupancy(self, folder: Path) -> None:
        rng, rows = self.rng, []
        for lot in self._codes([*self.lot, "339901001001GB99999"], self.lots // 2 + 1):
            rows += [
                {
                    "parcel_id": self._some(lot, BAD),
                    "uscc": self._some(firm, (*BAD, _uscc(777_777))),
                    "relation": rng.choice(("own", "lease", "lease", "", "怪")),
                    "area": rng.choice((None, 0, 1234.567891, 3000.0, 6000.0, 40_000.0)),
                    "area_kind": rng.choice(("land", "land", "floor", "")),
                    "from": rng.choice((None, None, "2020-01-01", "2027-01-01")),
                    "to": rng.choice((None, None, "2030-01-01", "2024-12-31")),
                }
                for firm in self._codes(self.firm, rng.randint(1, 3))
            ]
        self.rows["occupancy"] = rows
        self._table(folder, "occupancy", rows, 'area_unit = "m2"')

    def _zones(self, folder: Path) -> None:
        rng = self.rng
        edges = sorted({0, 90, *rng.sample(range(1, 90), rng.randint(0, 4))})
        rows = [
            {
                "grade": self._some(f"{n}级", ("", "末等")),
                "benchmark_price_yuan_per_m2": rng.choice((240.0, 300.0, 480.0, 333.33, None)),
                "geometry": shapely.box(EAST + 40 * a - 10, NORTH - 10, EAST + 40 * b, NORTH + 300),
            }
            for n, (a, b) in enumerate(pairwise(edges))
        ]
        self._layer(folder, "price_zones", rows, "", ("geojson", "gpkg"))

    def _parks(self, folder: Path) -> None:
        names = (("甲园", "新兴产业"), ("乙园", ""), ("甲园", ""))
        rows = []
        for number, (name, kind) in enumerate(names):
            west = EAST + 300 * number
            land = shapely.box(west, NORTH - 5, west + 450, NORTH + 120)
            rows.append({"park": name, "park_type": kind, "geometry": land})
        self._layer(folder, "parks", rows, "", ("geojson",))

    def _supply(self, folder: Path) -> None:
        rng = self.rng
        rows = [
            {
                "contract_no": f"HT{number}",
                "parcel_id": self._some(lot, (*BAD, ";".join(self.lot[:2]))),
                "holder": rng.choice(NAMES),
                "area": rng.choice((10_000.0, 5000.0, None)),
                "agreed_start": rng.choice(("2020-01-01", "2025-06-30", None)),
                "actual_start": rng.choice((None, None, "2021-05-01")),
                "agreed_completion": rng.choice(("2026-06-30", "2027年3月5日", "2020-01-01", None)),
                "completed_on": rng.choice((None, None, "2025-01-01")),
            }
            for number, lot in enumerate(self._codes(self.lot, rng.randint(1, 5)))
        ]
        self._table(folder, "supply", rows, 'area_unit = "m2"')

    def _exemptions(self, folder: Path) -> None:
        rows = [{"uscc": code, "reason": "初创"} for code in self._codes(self.firm, 2)]
        self._table(folder, "exemptions", rows, "")

    def _corrections(self, folder: Path) -> None:
        """Of any cell, codes among them; twice, against each other, or of what is not there."""
        rng = Random(repr(self.rows))
        rows: list[dict[str, Any]] = []
        for _ in range(rng.randint(1, 12)):
            table = rng.choice([name for name in self.rows if self.rows[name]])
            row = rng.choice(self.rows[table])
            column = rng.choice([name for name in row if name != "geometry"])
            named = [str(row[name]) for name in KEYS[table]]
            year = rng.choice(("", f"/{row['year']}")) if table == "enterprises" else ""
            others = (*self.firm, *self.lot, "", "7.25", "2024-07-01")
            rows.append(
                {"table": table, "key": rng.choice(("/".join(named) + year, *self.firm[:1])),
                 "column": column, "old": rng.choice((row[column], row[column], "1", "")),
                 "new": rng.choice(others), "reason": "错", "by": "甲",
                 "on": rng.choice(("2026-01-01", "2026-02-01"))}
            )  # fmt: skip
            if rng.random() < 0.3:
                last = rows[-1]
                rows += [last, {**last, "old": last["new"], "new": rng.choice(others)}]
            if rng.random() < 0.1:
                rows.append({**rows[-1], "new": rng.choice(others)})
        self._table(folder, "corrections", rows, "")

    def _confirmed(self, folder: Path) -> None:
        rows = [
            {
                "parcel_id": lot,
                "uscc": self.rng.choice(self.firm),
                "confirmed": self.rng.choice(("是", "否", "")),
            }
            for lot in self._codes([*self.lot, "不存在"], 3)
        ]
        self._table(folder, "confirmed_links", rows, "")

    def _table(self, folder: Path, name: str, rows: list[dict[str, Any]], more: str) -> None:
        """Write a table, sometimes as two files that are one."""
        rng = self.rng
        at = len(rows) // 2 if len(rows) > 3 and rng.random() < 0.25 else len(rows)
        kind = self.kind or rng.choice(("csv", "csv", "xlsx", "parquet"))
        pieces = [piece for piece in (rows[:at], rows[at:]) if piece]
        files = [
            self._file(folder, f"{name}{n or ''}", piece, kind) for n, piece in enumerate(pieces)
        ]
        self.text.append(f"[{name}]\npath = {json.dumps(files)}\n{more}".rstrip())

    def _file(self, folder: Path, name: str, rows: list[dict[str, Any]], kind: str) -> str:
        frame = pd.DataFrame(rows)
        file = f"{name}.{kind}"
        if kind == "csv":
            frame.to_csv(folder / file, index=False)
        elif kind == "xlsx":
            frame.to_excel(folder / file, index=False)
        else:
            mixed = [name for name in frame if len({type(value) for value in frame[name]}) > 1]
            words = {name: frame[name].map(_word) for name in mixed if _has_words(frame[name])}
            frame.assign(**words).to_parquet(folder / file, index=False)
        return file

    def _layer(
        self, folder: Path, name: str, rows: list[dict[str, Any]], more: str, kinds: tuple[str, ...]
    ) -> None:
        kind = self.kind if self.kind in kinds else self.rng.choice(kinds)
        layer = gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)
        file = f"{name}.{kind}"
        if kind == "parquet":
            layer.to_parquet(folder / file)
        else:
            layer = layer.to_crs("EPSG:4490") if kind == "geojson" else layer
            layer.to_file(folder / file)
        self.text.append(f'[{name}]\npath = "{file}"\n{more}'.rstrip())


def _has_words(cells: Any) -> bool:
    return any(isinstance(cell, str) for cell in cells)


def _word(cell: Any) -> Any:
    return cell if isinstance(cell, str) or cell is None else repr(cell)
