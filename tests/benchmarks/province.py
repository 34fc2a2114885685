"""Makes land and firms of any size as GeoParquet and Parquet, in bounded memory, with a fixed seed.

``make_province(1_000_000, folder)`` gives 1 000 000 parcels (:mod:`lattice`: 4 to 200 vertices,
shared borders) and 1 200 000 enterprises: one parcel in ten belongs to its neighbour's owner, one
in nine is let to 1 to 39 tenants; three years of figures; price zones with winding borders that
cut about three per cent of the parcels. Rows come in groups of 65 536 that are written as they are
made, so that 20 million parcels need no more memory than one million. Also a command:
``python tests/benchmarks/province.py 5000000 FOLDER``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely
from county import CRS, PROJECT
from lattice import Lattice

__all__ = ["YEARS", "make_province"]

SEED = 20260630
GROUP = 65_536
MOST_COLUMNS = 2_400
"""More would leave the three-degree zone; a larger province grows to the north."""
YEARS = (2023, 2024, 2025)
TOWNSHIP = 50_000
"""Parcels of one township."""
NEIGHBOUR, LET, TENANTS = 10, 0.3, 39
"""Every tenth parcel belongs to its neighbour's owner; 0.3 tenants a parcel, at most 39 on one."""
SIGNS = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", dtype=np.uint8)
WEIGHTS = np.array([pow(3, place, 31) for place in range(17)])

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Group:
    """Some parcels one after another: polygons, owner of each, and the tenants of the let ones."""

    first: int
    shapes: npt.NDArray[np.object_]
    area: npt.NDArray[np.float64]
    owner: Ints
    host: Ints
    tenant: Ints
    firms: Ints


def make_province(parcels: int, folder: Path, seed: int = SEED, group: int = GROUP) -> Path:
    """Write the land into ``folder`` and return its project file; same arguments, same tables."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = min(int(np.ceil(np.sqrt(parcels))), MOST_COLUMNS)
    lattice = Lattice(columns, -(-parcels // columns), seed)
    names = ("parcels", "enterprises", "occupancy")
    writers = {name: _Writer(folder / f"{name}.parquet") for name in names}
    for part in _groups(lattice, parcels, seed, group):
        rng = np.random.default_rng([seed, 6, part.first])
        writers["parcels"].write(_parcels(part, rng))
        writers["occupancy"].write(_occupancy(part, rng))
        writers["enterprises"].write(_enterprises(part.firms, rng))
    for writer in writers.values():
        writer.close()
    pq.write_table(_zones(lattice, seed), folder / "zones.parquet")
    (folder / "project.toml").write_text(PROJECT, encoding="utf-8")
    return folder / "project.toml"


class _Writer:
    """A Parquet file that grows by one row group a call."""

    def __init__(self, path: Path) -> None:
        self.path, self.file = path, None

    def write(self, table: pa.Table) -> None:
        if self.file is None:
            self.file = pq.ParquetWriter(self.path, table.schema)
        self.file.write_table(table)

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


def _groups(lattice: Lattice, parcels: int, seed: int, size: int) -> Iterator[_Group]:
    firms = 0
    band = max(size // lattice.columns, 1)
    for row in range(0, lattice.rows, band):
        first = row * lattice.columns
        shapes = lattice.cells(row, min(row + band, lattice.rows))[: parcels - first]
        number = np.arange(first, first + len(shapes))
        own = (number % NEIGHBOUR != NEIGHBOUR - 1) | (number == first)
        owner = firms + np.cumsum(own) - 1
        owners = int(own.sum())
        wanted = round(1.2 * (first + len(shapes))) - firms - owners
        host, tenants = _let(len(shapes), wanted, np.random.default_rng([seed, 7, row]))
        tenant = firms + owners + np.arange(len(host))
        all_firms = np.arange(firms, firms + owners + tenants)
        yield _Group(first, shapes, shapely.area(shapes), owner, host, tenant, all_firms)
        firms += len(all_firms)


def _let(parcels: int, tenants: int, rng: np.random.Generator) -> tuple[Ints, int]:
    """The parcel of each of so many tenants: 1 to 39 on one, seldom many (like 1 ÷ number²)."""
    share = 1 / np.arange(1, TENANTS + 1) ** 2.0
    several = rng.choice(np.arange(1, TENANTS + 1), parcels, p=share / share.sum())
    let = np.sort(rng.permutation(parcels)[: int(np.searchsorted(np.cumsum(several), tenants)) + 1])
    host = np.repeat(let, several[: len(let)])[:tenants]
    return host, len(host)


def _parcels(part: _Group, rng: np.random.Generator) -> pa.Table:
    number = part.first + np.arange(len(part.shapes))
    stated = part.area * np.where(rng.random(len(number)) < 0.002, 1.03, 1.0)
    return pa.table(
        {
            "parcel_id": _parcel_codes(number),
            "registered_area": np.round(stated, 2),
            "uscc": credit_codes(part.owner),
            "land_use_code": pa.array(np.full(len(number), "0601")),
            "township": _text(b"TOWN000", number // TOWNSHIP + 1, 4, 3),
            "geometry": pa.array(shapely.to_wkb(part.shapes), pa.binary()),
        }
    ).replace_schema_metadata(_geo())


def _occupancy(part: _Group, rng: np.random.Generator) -> pa.Table:
    """The owner of every let parcel without an area, and what each tenant rents of it."""
    let, which = np.unique(part.host, return_inverse=True)
    weight = rng.uniform(0.5, 1.5, len(part.host))
    share = weight / np.bincount(which, weight, minlength=len(let))[which]
    rented = np.floor(part.area[part.host] * 0.8 * share * 100) / 100
    at = np.concatenate([let, part.host])
    areas = pa.array(np.concatenate([np.full(len(let), np.nan), rented]), from_pandas=True)
    relation = np.repeat(["own", "lease"], [len(let), len(rented)])
    return pa.table(
        {
            "parcel_id": _parcel_codes(part.first + at),
            "uscc": credit_codes(np.concatenate([part.owner[let], part.tenant])),
            "relation": pa.array(relation),
            "area": areas,
        }
    )


def _enterprises(firms: Ints, rng: np.random.Generator) -> pa.Table:
    codes, names = credit_codes(firms), _text(b"FIRM00000000 Co", firms, 4, 8)
    division = pa.array(np.arange(13, 44).astype(str)[rng.integers(0, 31, len(firms))])
    size = rng.lognormal(7, 1, len(firms))
    years = []
    for year in YEARS:
        output = np.round(size * rng.lognormal(0, 0.2, len(firms)), 2)
        years.append(
            pa.table(
                {
                    "uscc": codes,
                    "name": names,
                    "industry_code": division,
                    "year": np.full(len(firms), year),
                    "tax": np.round(output * rng.uniform(0.01, 0.08, len(firms)), 2),
                    "output": output,
                    "energy_tce": np.round(output * rng.uniform(0.02, 0.3, len(firms)) + 0.01, 3),
                }
            )
        )
    return pa.concat_tables(years).combine_chunks()


def _zones(lattice: Lattice, seed: int) -> pa.Table:
    """Zones between winding lines: so many lines that they cross three parcels in a hundred."""
    rng = np.random.default_rng([seed, 8])
    count = max(round(0.022 * lattice.columns), 2), max(round(0.013 * lattice.rows), 2)
    bends = 13
    west, east = lattice.east[[0, -1]] + (-150, 150)
    south, north = lattice.north[[0, -1]] + (-150, 150)
    at = [np.linspace(low, high, n + 1) for (low, high), n in zip(
        ((west, east), (south, north)), count, strict=True
    )]  # fmt: skip
    fine = [
        np.linspace(line[0], line[-1], n * bends + 1) for line, n in zip(at, count, strict=True)
    ]
    x, y = np.meshgrid(fine[0], fine[1])
    bent_x = x + _wave(rng, x.shape, (at[0][1] - at[0][0]) * 0.3 / bends, axis=1)
    bent_y = y + _wave(rng, y.shape, (at[1][1] - at[1][0]) * 0.3 / bends, axis=0)
    points = np.stack([bent_x, bent_y], axis=-1)
    shapes = [
        _zone(points, column * bends, row * bends, bends)
        for row in range(count[1])
        for column in range(count[0])
    ]
    number = len(shapes)
    return pa.table(
        {
            "grade": [f"{1 + k % 6}" for k in range(number)],
            "benchmark_price_yuan_per_m2": rng.integers(24, 49, number) * 10.0,
            "geometry": pa.array(shapely.to_wkb(np.array(shapes)), pa.binary()),
        }
    ).replace_schema_metadata(_geo())


def _wave(
    rng: np.random.Generator, shape: tuple[int, ...], reach: float, axis: int
) -> npt.NDArray[np.float64]:
    """Bends of every line; none at the outer border, which must hold all of the land."""
    moved = rng.uniform(-reach, reach, shape)
    edge = [slice(None)] * 2
    for end in (0, -1):
        edge[axis] = end
        moved[tuple(edge)] = 0
    return moved


def _zone(points: npt.NDArray[np.float64], column: int, row: int, bends: int) -> shapely.Polygon:
    right, top = column + bends, row + bends
    ring = [
        points[row, column:right],
        points[row:top, right],
        points[top, right:column:-1],
        points[top:row:-1, column],
    ]
    return shapely.Polygon(np.concatenate(ring))


def _geo() -> dict[str, str]:
    column = {
        "encoding": "WKB",
        "geometry_types": ["Polygon"],
        "crs": pyproj.CRS.from_user_input(CRS).to_json_dict(),
        "edges": "planar",
    }
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    return {"geo": json.dumps(geo, sort_keys=True)}


def _parcel_codes(number: Ints) -> pa.Array:
    """Division, township, sub-area 001, kind GB, serial: 19 signs (GB/T 37346-2019)."""
    signs = _signs(b"350582000001GB00000", len(number))
    _digits(signs, number // TOWNSHIP + 1, 6, 3)
    _digits(signs, number % TOWNSHIP + 1, 14, 5)
    return _strings(signs)


def credit_codes(number: Ints) -> pa.Array:
    """Codes with the check character of GB 32100-2015."""
    signs = _signs(b"91350582M000000000", len(number))
    _digits(signs, number, 9, 8)
    value = np.zeros(256, dtype=np.int64)
    value[SIGNS] = np.arange(31)
    total = value[signs[:, :17]] @ WEIGHTS
    signs[:, 17] = SIGNS[(31 - total % 31) % 31]
    return _strings(signs)


def _text(pattern: bytes, number: Ints, at: int, width: int) -> pa.Array:
    signs = _signs(pattern, len(number))
    _digits(signs, number, at, width)
    return _strings(signs)


def _signs(pattern: bytes, rows: int) -> npt.NDArray[np.uint8]:
    return np.tile(np.frombuffer(pattern, dtype=np.uint8), (rows, 1))


def _digits(signs: npt.NDArray[np.uint8], number: Ints, at: int, width: int) -> None:
    """Write ``number`` with leading zeros into the columns ``at`` and following."""
    for place in range(width):
        signs[:, at + width - 1 - place] = 48 + number // 10**place % 10


def _strings(signs: npt.NDArray[np.uint8]) -> pa.Array:
    rows, width = signs.shape
    fixed = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(width), rows, [None, pa.py_buffer(np.ascontiguousarray(signs))]
    )
    return fixed.cast(pa.binary()).cast(pa.string())


if __name__ == "__main__":
    make_province(int(sys.argv[1]), Path(sys.argv[2]))
