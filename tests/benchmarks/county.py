"""Makes a county of N parcels and 1.2 N enterprises as GeoParquet and Parquet, with a fixed seed.

Parcels share their borders (eight vertices, jittered); fifty price zones whose borders cut about
three per cent of the parcels; three years of figures; one parcel in five has several firms.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

__all__ = ["make"]

CRS = "EPSG:4549"
STEP = 60.0
ORIGIN = (420_000.0, 2_740_000.0)
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PROJECT = """[project]
name = "benchmark"
year = 2025
as_of = 2026-06-30

[parcels]
path = "parcels.parquet"
area_unit = "m2"

[enterprises]
path = "enterprises.parquet"
money_unit = "wan"
energy_basis = "calorific"

[occupancy]
path = "occupancy.parquet"

[price_zones]
path = "zones.parquet"

[rules]
pack = "three-indicator"
"""


def make(parcels: int, folder: Path, seed: int = 20260630) -> Path:
    """Write the county into ``folder`` and return its project file."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(parcels)))
    shapes = _cells(side, rng)[:parcels]
    firms = int(parcels * 1.2)
    codes, uscc = _parcel_codes(parcels), _credit_codes(firms)
    first = np.arange(parcels)
    frame = gpd.GeoDataFrame(
        {
            "parcel_id": codes,
            "registered_area": np.round(shapely.area(shapes), 2),
            "uscc": uscc[first],
            "land_use_code": "0601",
        },
        geometry=shapes,
        crs=CRS,
    )
    frame.to_parquet(folder / "parcels.parquet")
    _enterprises(uscc, rng).to_parquet(folder / "enterprises.parquet")
    _occupancy(codes, uscc, shapely.area(shapes)).to_parquet(folder / "occupancy.parquet")
    _zones(side, rng).to_parquet(folder / "zones.parquet")
    (folder / "project.toml").write_text(PROJECT, encoding="utf-8")
    return folder / "project.toml"


def _cells(side: int, rng: np.random.Generator) -> np.ndarray:
    """``side`` × ``side`` octagonal cells with shared, jittered vertices."""
    lattice = np.stack(np.meshgrid(np.arange(2 * side + 1), np.arange(2 * side + 1)), -1)
    points = lattice * (STEP / 2) + ORIGIN + rng.uniform(-6, 6, lattice.shape)
    row, column = (2 * axis.ravel() for axis in np.mgrid[0:side, 0:side])
    ring = [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0)]
    rings = np.stack([points[row + r, column + c] for r, c in ring], axis=1)
    return shapely.polygons(rings)


def _zones(side: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Ten by five price zones over the whole county."""
    east = np.linspace(-100, side * STEP + 100, 11) + ORIGIN[0]
    north = np.linspace(-100, side * STEP + 100, 6) + ORIGIN[1]
    boxes = [
        shapely.box(east[i], north[j], east[i + 1], north[j + 1])
        for j in range(5)
        for i in range(10)
    ]
    data = {
        "grade": [f"{1 + k % 6}" for k in range(50)],
        "benchmark_price_yuan_per_m2": rng.integers(24, 49, 50) * 10.0,
    }
    return gpd.GeoDataFrame(data, geometry=boxes, crs=CRS)


def _enterprises(uscc: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    count = len(uscc)
    division = np.array([f"{code}" for code in range(13, 44)])[rng.integers(0, 31, count)]
    years = []
    for year in (2023, 2024, 2025):
        output = np.round(rng.lognormal(7, 1, count), 2)
        years.append(
            pd.DataFrame(
                {
                    "uscc": uscc,
                    "name": np.char.add("企业", np.arange(count).astype(str)),
                    "industry_code": division,
                    "year": year,
                    "tax": np.round(output * rng.uniform(0.01, 0.08, count), 2),
                    "output": output,
                    "energy_tce": np.round(output * rng.uniform(0.02, 0.3, count) + 0.01, 3),
                }
            )
        )
    return pd.concat(years, ignore_index=True)


def _occupancy(codes: np.ndarray, uscc: np.ndarray, area: np.ndarray) -> pd.DataFrame:
    """The last fifth of the firms rent on the first parcels, beside the firm that owns them."""
    parcels, firms = len(codes), len(uscc)
    tenants = np.arange(parcels, firms)
    hosts = tenants - parcels
    owner = pd.DataFrame(
        {"parcel_id": codes[hosts], "uscc": uscc[hosts], "relation": "own", "area": np.nan}
    )
    tenant = pd.DataFrame(
        {
            "parcel_id": codes[hosts],
            "uscc": uscc[tenants],
            "relation": "lease",
            "area": np.round(area[hosts] * 0.3, 2),
        }
    )
    return pd.concat([owner, tenant], ignore_index=True)


def _parcel_codes(count: int) -> np.ndarray:
    serial = np.arange(count)
    return np.array(
        [
            f"350582{n // 99_000 // 900 + 1:03d}{n // 99_000 % 900 + 1:03d}GB{n % 99_000 + 1:05d}"
            for n in serial.tolist()
        ]
    )


def _credit_codes(count: int) -> np.ndarray:
    """Codes with the check character of GB 32100-2015."""
    weights = [pow(3, i, 31) for i in range(17)]
    bodies = [f"91350582MA{n:07d}" for n in range(count)]
    digits = np.array([[ALPHABET.index(sign) for sign in body] for body in bodies])
    check = (31 - digits @ np.array(weights) % 31) % 31
    return np.array([body + ALPHABET[c] for body, c in zip(bodies, check.tolist(), strict=True)])
