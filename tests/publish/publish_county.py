"""A county of twelve parcels, consistent to the last bit, made without the rooms under test."""

# ruff: noqa: E501, SIM905, PERF401 - rows of a table are read as rows
from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pandas as pd
import shapely

from landuse.publish import RunTables
from landuse.publish.columns import tables_of
from landuse.rules import Rules, load

MU = 2000 / 3

NAMES = [
    "=cmd|'/C calc'!A0",
    "<img src=x onerror=alert(1)>",
    "{{7*7}}{% raw %}",
    "甲\x01\x0b乙\ufffe厂",
    "+SUM(1,2)",
    "-2+3",
    "@x</script><script>alert(1)</script>",
    "\t制表符公司",
    "_x0041_ & <b>`${1}`",
    "泉州正常机械有限公司",
    "无地公司",
]


def uscc(number: int) -> str:
    return f"9135058200000{number:04d}X"


def parcel(number: int) -> str:
    return f"350582001001GB{number:05d}"


# tax, output, energy of the seven graded enterprises; 1 and 2 are the worked example of the method
FIGURES = {
    1: (600.0, 5000.0, 2500.0),
    2: (400.0, 5000.0, 2000.0),
    3: (1500.0, 16000.0, 4000.0),
    4: (900.0, 9000.0, 3000.0),
    5: (2000.0, 15000.0, 5000.0),
    6: (1000.0, 8000.0, 2000.0),
    7: (1200.0, 9000.0, 3000.0),
}


def make_run(**changed: Any) -> RunTables:
    """A run; ``changed`` may give ``tax1`` (tax of enterprise 1) or any field of RunTables."""
    tax1 = changed.pop("tax1", 600.0)
    rules = load("three-indicator", as_of=dt.date(2026, 6, 30))
    figures = {**FIGURES, 1: (tax1, *FIGURES[1][1:])}
    links = _links()
    units, indicators, cohort = _evaluate(figures, links)
    parcels = _parcels(links, units)
    frames: dict[str, Any] = {
        "units": units,
        "parcels": parcels,
        "links": links,
        "issues": _issues(),
        "indicators": indicators,
        "cohorts": cohort,
        "suggestions": _suggestions(),
        "unmatched_parcels": parcels[parcels["land_class"] == "no_enterprise"].assign(uscc="")[
            [
                "parcel_id",
                "holder",
                "uscc",
                "land_use_code",
                "accounting_area_mu",
                "park",
                "township",
            ]
        ],
        "unmatched_enterprises": units[units["reason"] == "no_land"][
            ["uscc", "name", "industry_code", "division", "tax_wan", "output_wan", "energy_tce"]
        ],
        "sources": _sources(),
        "set_aside": _set_aside(),
        "counts": _counts(),
        "price_parts": _price_parts(),
        "corrections": _corrections(),
    }
    totals = _totals(parcels, units)
    fields = {
        **{name: frame.reset_index(drop=True) for name, frame in frames.items()},
        "totals": totals,
        "manifest": _manifest(rules, totals, frames["counts"], tax1),
        "crs": "EPSG:4549",
        "rules": rules,
        **changed,
    }
    run = RunTables(**fields)
    return typed(run)


def typed(run: RunTables) -> RunTables:
    """Give every frame the types that the schema states."""
    kinds = {"text": "str", "int": "int64", "Int64": "Int64", "float": "float64", "bool": "bool"}
    frames = {}
    for table in tables_of(run.rules):
        frame = getattr(run, table.name).copy()
        for column in table:
            if column.dtype in kinds:
                frame[column.name] = frame[column.name].astype(kinds[column.dtype])
        frames[table.name] = frame
    return dataclasses.replace(run, **frames)


def _links() -> pd.DataFrame:
    rows = []
    for number in range(1, 11):
        rows.append(
            (parcel(number), uscc(number), NAMES[number - 1], 25.0 if number == 7 else 50.0, True)
        )
    rows.append((parcel(7), uscc(99), "", 25.0, False))
    rows.append((parcel(12), uscc(1), NAMES[0], 10.0, True))  # out of scope: a shop
    frame = pd.DataFrame(rows, columns=["parcel_id", "uscc", "name", "area_mu", "known_enterprise"])
    number = frame["parcel_id"].str[-5:].astype(int)
    frame["price_coefficient"] = [4 / 3 if n % 2 else 2 / 3 for n in number]
    frame["adjusted_area_mu"] = frame["area_mu"] * frame["price_coefficient"]
    frame["evidence"], frame["certainty"] = "occupancy", "certain"
    frame["relation"] = ["lease" if n == 7 else "own" for n in number]
    frame["area_rule"] = "declared"
    frame["in_scope"] = number != 12
    frame["under_construction"] = False
    frame["counted"] = number != 12
    frame["source_file"], frame["source_sheet"] = "用地关系.xlsx", "Sheet1"
    frame["source_row"] = range(2, 2 + len(frame))
    return frame.sort_values(["parcel_id", "uscc"], ignore_index=True)


def _evaluate(
    figures: dict[int, tuple[float, float, float]], links: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    counted = links[links["counted"]]
    area = counted.groupby("uscc")["area_mu"].sum()
    adjusted = counted.groupby("uscc")["adjusted_area_mu"].sum()
    graded = {n: (area[uscc(n)], adjusted[uscc(n)], *figures[n]) for n in figures}
    base = [
        sum(v[2] for v in graded.values()) / sum(v[1] for v in graded.values()),
        sum(v[3] for v in graded.values()) / sum(v[1] for v in graded.values()),
        sum(v[3] for v in graded.values()) / sum(v[4] for v in graded.values()),
    ]
    keys = ["tax_wan_per_mu", "output_wan_per_mu", "output_wan_per_tce"]
    weights = [0.4, 0.3, 0.3]
    parts, scores = [], {}
    for n, (a, adj, tax, output, energy) in graded.items():
        x = [tax / adj, output / adj, output / energy]
        raw = [tax / a, output / a, output / energy]
        top, below = [tax, output, output], [a, a, energy]
        part = [w * min(max(v / b, 0.0), 2.0) for w, v, b in zip(weights, x, base, strict=True)]
        scores[n] = round(sum(part), 6)
        parts += [
            (
                uscc(n),
                keys[i],
                top[i],
                below[i],
                raw[i],
                x[i],
                x[i],
                base[i],
                x[i] / base[i],
                part[i],
                weights[i],
                False,
            )
            for i in range(3)
        ]
    columns = "unit_id indicator numerator denominator raw adjusted compared benchmark ratio part weight imputed"
    indicators = pd.DataFrame(parts, columns=columns.split()).sort_values(["unit_id", "indicator"])
    order = sorted(scores, key=lambda n: (scores[n], uscc(n)))
    cutoff = scores[order[0]]
    units = pd.DataFrame(
        [_unit(n, graded.get(n), area, adjusted, scores, order) for n in range(1, 12)]
    )
    cohort = {"cohort": "33", "cohort_size": 7, "quota": 1, "cutoff_score": cutoff, "flagged": 1}
    cohort |= {"area_mu": sum(v[0] for v in graded.values())}
    cohort |= {f"benchmark_{key}": value for key, value in zip(keys, base, strict=True)}
    pool = {
        "cohort": "pool",
        "cohort_size": 1,
        "quota": None,
        "cutoff_score": None,
        "flagged": 0,
        "area_mu": 50.0,
    }
    return units, indicators, pd.DataFrame([cohort, pool])


def _unit(n, graded, area, adjusted, scores, order) -> dict[str, Any]:
    code = uscc(n)
    division = {8: "44", 10: "13"}.get(n, "33")
    row: dict[str, Any] = {
        "unit_id": code, "uscc": code, "name": NAMES[n - 1], "industry_code": f"{division}11",
        "division": division, "scale": "规上", "cohort": "pool" if n == 10 else division,
        "parcel_count": int(code in area), "area_mu": area.get(code, 0.0),
        "adjusted_area_mu": adjusted.get(code), "price_coefficient": None,
        "tax_wan": None, "output_wan": None, "energy_tce": None, "tax_wan_per_mu": None,
        "output_wan_per_mu": None, "output_wan_per_tce": None, "adjusted_tax_wan_per_mu": None,
        "adjusted_output_wan_per_mu": None, "last_year_tax_wan_per_mu": None,
        "last_year_output_wan_per_mu": None, "last_year_output_wan_per_tce": None, "score": None, "rank": None, "cohort_size": None,
        "quota": None, "cutoff_score": None, "margin": None, "firmness": None, "flips_under": "",
        "is_tied": False, "status": "ungraded", "reason": "", "grade_class": "",
    }  # fmt: skip
    if code in area:
        row["price_coefficient"] = adjusted[code] / area[code]
    if graded:
        a, adj, tax, output, energy = graded
        row |= {
            "tax_wan": tax, "output_wan": output, "energy_tce": energy, "tax_wan_per_mu": tax / a,
            "output_wan_per_mu": output / a, "output_wan_per_tce": output / energy,
            "adjusted_tax_wan_per_mu": tax / adj, "adjusted_output_wan_per_mu": output / adj,
            "score": scores[n], "rank": order.index(n) + 1, "cohort_size": 7, "quota": 1,
            "cutoff_score": scores[order[0]], "margin": scores[n] - scores[order[0]], "firmness": 1.0,
            "status": "low_efficiency" if order[0] == n else "ranked",
        }  # fmt: skip
        if order[0] == n:
            row |= {"firmness": 9 / 11, "flips_under": "coefficient_off; weight:tax_wan_per_mu+20%"}
    elif n == 8:
        row |= {"status": "exempt", "reason": "exempt_division"}
    elif n == 10:
        row |= {"status": "sample_too_small", "reason": "sample_too_small", "cohort_size": 1}
    else:
        row["reason"] = "no_figures" if n == 9 else "no_land"
    return row


def _parcels(links: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    flagged = set(units.loc[units["status"] == "low_efficiency", "uscc"])
    graded = set(units.loc[units["status"].isin(["low_efficiency", "ranked"]), "uscc"])
    rows = []
    for n in range(1, 13):
        mine = links[links["parcel_id"] == parcel(n)]
        counted = mine[mine["counted"]]
        size = 10.0 if n == 12 else 50.0
        hit = counted[counted["uscc"].isin(flagged)]["area_mu"].sum()
        if n == 12:
            kind = "out_of_scope"
        elif hit:
            kind = "low_efficiency"
        elif mine.empty:
            kind = "no_enterprise"
        else:
            kind = "normal" if set(counted["uscc"]) & graded else "not_graded"
        side = (size * MU) ** 0.5
        rows.append(
            {
                "parcel_id": parcel(n), "holder": f"持有人{n}", "accounting_area_mu": size,
                "registered_area_mu": size if n != 5 else None, "geometry_area_mu": size,
                "area_source": "registered" if n != 5 else "geometry",
                "benchmark_price_yuan_per_m2": 480.0 if n % 2 else 240.0,
                "price_source": "parcel" if n == 4 else "zones",
                "price_coefficient": 4 / 3 if n % 2 else 2 / 3,
                "used_area_mu": mine["area_mu"].sum(), "unused_area_mu": size - mine["area_mu"].sum(),
                "enterprise_count": len(mine), "is_low_efficiency": bool(hit), "flagged_area_mu": hit,
                "land_class": kind, "is_idle": False, "idle_finding": "", "land_status": "", "in_scope": n != 12, "under_construction": False,
                "park": "经开区", "park_type": "traditional", "township": "青阳街道",
                "land_use_code": "0601" if n != 12 else "05H1",
                "geometry": shapely.box(500000 + 300 * n, 2700000, 500000 + 300 * n + side, 2700000 + side),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _issues() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("warning", "registry", "intake.gap", "parcels", "宗地.shp", "", 3, "DJMJ", parcel(3), "=1+1", "面积差", "area gap", "核对", "check"),
            ("info", "planner", "matching.unknown", "occupancy", "用地关系.xlsx", "Sheet1", None, "", uscc(99), "", "企业不在册", "unknown", "", ""),
        ],
        columns="severity owner code table file sheet row column key value message_zh message_en hint_zh hint_en".split(),
    )  # fmt: skip


def _suggestions() -> pd.DataFrame:
    row = (parcel(11), "持有人11", uscc(11), NAMES[10], 0.93, "similar_name")
    return pd.DataFrame([row], columns="parcel_id holder uscc name similarity evidence".split())


def _sources() -> pd.DataFrame:
    rows = [
        ("parcels", parcel(n), 0, "parcel_id registered_area", "宗地.shp", "", n)
        for n in range(1, 13)
    ]
    rows += [
        ("enterprises", uscc(n), 2025, "tax output", "企业.xlsx", "2025", n + 3)
        for n in range(1, 12)
    ]
    return pd.DataFrame(
        rows, columns="table key year columns source_file source_sheet source_row".split()
    )


def _set_aside() -> pd.DataFrame:
    rows = [("enterprises", "9.13506E+17", "intake.gap", "企业.xlsx", "2025", 15)]
    return pd.DataFrame(
        rows, columns="table key reason source_file source_sheet source_row".split()
    )


def _counts() -> pd.DataFrame:
    rows = [("parcels", "宗地.shp", 12, 12, 0), ("enterprises", "企业.xlsx", 12, 11, 1)]
    return pd.DataFrame(rows, columns=["table", "file", "read", "used", "set_aside"])


def _price_parts() -> pd.DataFrame:
    rows = [(parcel(2), "二级", 240.0, 50 * MU)]
    return pd.DataFrame(
        rows, columns="parcel_id grade benchmark_price_yuan_per_m2 overlap_m2".split()
    )


def _corrections() -> pd.DataFrame:
    row = (
        "parcels",
        parcel(5),
        "registered_area",
        "40",
        "50",
        "实测",
        "张三",
        "2026-01-02",
        False,
        "现值不符",
    )
    return pd.DataFrame(
        [row], columns="table key column old new reason by on applied outcome".split()
    )


def _totals(parcels: pd.DataFrame, units: pd.DataFrame) -> dict[str, Any]:
    classes = {
        kind: {"count": len(rows), "mu": float(rows["accounting_area_mu"].sum())}
        for kind, rows in parcels.groupby("land_class")
    }
    scope = parcels[parcels["in_scope"]]
    return {
        "parcels": len(parcels),
        "parcels_mu": float(parcels["accounting_area_mu"].sum()),
        "in_scope_parcels": len(scope),
        "in_scope_mu": float(scope["accounting_area_mu"].sum()),
        "low_efficiency_parcels": int(parcels["is_low_efficiency"].sum()),
        "low_efficiency_mu": float(parcels["flagged_area_mu"].sum()),
        "classes": classes,
        "units": {str(k): int(v) for k, v in units["status"].value_counts().items()},
    }


def _manifest(
    rules: Rules, totals: dict[str, Any], counts: pd.DataFrame, tax1: float
) -> dict[str, Any]:
    value = {"group": "ranking", "name": "share", "value": "0.15", "unit": "1", "source": "method"}
    return {
        "made_by": "landuse",
        "format": 1,
        "run_id": f"{int(tax1):010x}",
        "lang": "zh",
        "project": {"name": "示范县 & <b>", "year": 2025, "as_of": "2026-06-30", "crs": "EPSG:4549", "id_scheme": "cn"},
        "inputs": [
            {"path": "企业.xlsx", "sha256": f"{int(tax1):064x}", "bytes": 1000},
            {"path": "宗地.shp", "sha256": "b" * 64, "bytes": 2000},
        ],
        "counts": counts.to_dict("records"),
        "facts": [],
        "rules": {
            "pack": rules.name, "version": rules.version, "title_zh": rules.title_zh,
            "title_en": rules.title_en, "digest": rules.digest, "overridden": ["share"], "values": [value],
        },
        "reference_price_yuan_per_m2": 360.0,
        "totals": totals,
        "versions": {"landuse": "0.1.0", "python": "3.11"},
    }  # fmt: skip
