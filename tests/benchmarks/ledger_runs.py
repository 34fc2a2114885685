"""Two run folders whose findings a ledger of N cases is opened from, and half of which then go.

Four findings in five are of low efficiency, one is idle land, one parcel in fifty is both; one
parcel in five is found neither, one in ten has two firms. The second run, a year later, finds
every other parcel no more, and scores the rest anew.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

__all__ = ["FIRST", "SECOND", "make"]

CRS = "EPSG:4549"
STEP = 60.0
ORIGIN = (420_000.0, 2_740_000.0)
FIRST, SECOND = dt.date(2026, 6, 30), dt.date(2027, 6, 30)
PARKS = ("开发区", "高新区", "城东园", "")


def make(found: int, folder: Path) -> None:
    """Write ``run1`` (``found`` parcels with a finding) and ``run2`` (the odd ones of them)."""
    place = np.arange(found + found // 4)
    codes = np.array([f"350582{n // 99_000 + 1:06d}GB{n % 99_000 + 1:05d}" for n in place.tolist()])
    for name, day, is_found in (
        ("run1", FIRST, place < found),
        ("run2", SECOND, (place < found) & (place % 2 == 1)),
    ):
        target = folder / name
        target.mkdir(parents=True)
        idle = is_found & (place % 5 == 4)
        low = is_found & (~idle | (place % 50 == 49))
        _land(target, codes, low)
        _firms(target, codes, low, 0.2 if day == FIRST else 0.3)
        _contracts(target, codes[idle], place[idle])
        (target / "run.json").write_text(json.dumps(_manifest(day)), encoding="utf-8")


def _manifest(day: dt.date) -> dict[str, Any]:
    return {
        "made_by": "landuse",
        "format": 1,
        "run_id": f"benchmark-{day.year}",
        "project": {"as_of": day.isoformat(), "year": day.year - 1, "crs": CRS},
        "rules": {"pack": "three-indicator", "version": "2026.1", "digest": "0" * 64},
        "pack": {"indicators": [{"key": "tax_wan_per_mu"}]},
        "inputs": [],
        "examined": ["low_efficiency", "idle"],
        "totals": {},
        "versions": {},
    }


def _land(target: Path, codes: np.ndarray, low: np.ndarray) -> None:
    side = int(np.ceil(np.sqrt(len(codes))))
    row, column = divmod(np.arange(len(codes)), side)
    east, north = ORIGIN[0] + column * STEP, ORIGIN[1] + row * STEP
    boxes = shapely.box(east, north, east + STEP, north + STEP)
    mu = _mu(len(codes))
    frame = {
        "parcel_id": codes,
        "holder": "",
        "accounting_area_mu": mu,
        "is_low_efficiency": low,
        "flagged_area_mu": np.where(low, mu, 0.0),
        "park": np.array(PARKS)[np.arange(len(codes)) % len(PARKS)],
        "township": "城东镇",
        "geometry": shapely.to_wkb(shapely.segmentize(boxes, STEP / 2)),
    }
    pd.DataFrame(frame).to_parquet(target / "parcels.parquet")
    empty = {name: pd.Series(dtype="str") for name in (
        "table", "key", "column", "old", "new", "outcome")}  # fmt: skip
    pd.DataFrame(empty).to_parquet(target / "corrections.parquet")


def _mu(count: int) -> np.ndarray:
    return 5 + np.arange(count) % 977 / 100


def _firms(target: Path, codes: np.ndarray, low: np.ndarray, score: float) -> None:
    place = np.arange(len(codes))
    links = pd.DataFrame({"parcel_id": codes, "place": place, "area_mu": _mu(len(codes))})
    second = links[place % 10 == 0].assign(place=lambda one: one["place"] + len(codes))
    shared = links["place"] % 10 == 0
    links.loc[shared, "area_mu"] = links["area_mu"] / 2
    links = pd.concat([links, second.assign(area_mu=second["area_mu"] / 2)], ignore_index=True)
    links["uscc"] = [f"91350582MA{n:08d}" for n in links["place"]]
    links["name"] = [f"泉州第{n}机械制造有限公司" for n in links["place"]]
    flagged = low[links["place"] % len(codes)]
    units = links[["uscc"]].assign(
        status=np.where(flagged, "low_efficiency", "ranked"),
        score=score + links["place"] % 1000 / 10_000,
        rank=links["place"] % 1000 + 1,
        cohort="34",
        cohort_size=7_000,
        quota=1_050,
        cutoff_score=0.4,
        margin=0.05,
        firmness="firm",
        industry_code="3411",
        tax_wan_per_mu=score * 10,
    )
    links.drop(columns="place").to_parquet(target / "links.parquet")
    units.to_parquet(target / "units.parquet")


def _contracts(target: Path, codes: np.ndarray, place: np.ndarray) -> None:
    frame = {
        "contract_no": [f"HT-{n}" for n in place],
        "parcel_id": codes,
        "holder": [f"受让人{n}" for n in place],
        "finding": "not_started",
        "cause": "enterprise",
        "consequence": "fee",
        "base_from": "agreed",
        "base_on": dt.date(2024, 3, 1),
        "one_year_on": dt.date(2025, 3, 1),
        "two_years_on": dt.date(2026, 3, 1),
        "days_to_next": 0,
        "fee_wan": 12.34,
        "late_delivery": False,
        "collective": False,
        "missing": "",
        "area_mu": 7.0,
    }
    pd.DataFrame(frame).to_parquet(target / "idle.parquet")
