"""What the program found against what the oracle found, every number and every word."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
from oracle_county import Result
from oracle_inputs import records
from oracle_rank import ratio

TOLERANCE = 1e-6
SAFE = Fraction(1, 10_000)
"""In sixth decimals: a score that comes so near to a half may be rounded either way, because the
program keeps areas in millionths of a square metre and the oracle does not."""


def near(left: object, right: object) -> bool:
    """Equal to 1e-6, absolutely below one and relatively above; both missing is equal."""
    if left is None or right is None:
        return left is right
    left, right = float(left), float(right)
    return abs(left - right) <= TOLERANCE * max(1.0, abs(left), abs(right))


def differences(program, result: Result, rules, year: int) -> list[str]:
    """Every disagreement in words; empty if the two agree."""
    return [
        *_links(program.links, result),
        *_prices(program.prices, result, rules),
        *_units(program.evaluation.units, result, rules, year),
        *_reference(program.evaluation.reference_price, result, rules),
        *_cohorts(program.evaluation.cohorts, result, rules),
    ]


def _links(frame: pd.DataFrame, result: Result) -> list[str]:
    theirs = {(row.parcel_id, row.uscc): row for row in frame.itertuples()}
    ours = {(link.parcel, link.uscc): link for link in result.links}
    out = [f"link {key}: only in the program" for key in theirs.keys() - ours.keys()]
    out += [f"link {key}: only in the oracle" for key in ours.keys() - theirs.keys()]
    for key in theirs.keys() & ours.keys():
        row, link = theirs[key], ours[key]
        pairs = {
            "evidence": (row.evidence, link.evidence),
            "counted": (bool(row.counted), link.counted),
            "in_scope": (bool(row.in_scope), link.in_scope),
        }
        out += [f"link {key} {name}: {a} / {b}" for name, (a, b) in pairs.items() if a != b]
        if not near(row.area_m2_micro / 1e6, link.area):
            out.append(f"link {key} area: {row.area_m2_micro / 1e6} / {float(link.area)}")
    return out


def _prices(frame: pd.DataFrame, result: Result, rules) -> list[str]:
    out = []
    for row in records(frame):
        price, k = result.prices[row["parcel_id"]]
        if not near(row["benchmark_price_yuan_per_m2"], price):
            out.append(f"price {row['parcel_id']}: {row['benchmark_price_yuan_per_m2']} / {price}")
        if rules.grade_coefficients and not near(row["grade_coefficient"], k):
            out.append(f"grade {row['parcel_id']}: {row['grade_coefficient']} / {k}")
    return out


def _units(frame: pd.DataFrame, result: Result, rules, year: int) -> list[str]:
    out = []
    frame = frame.astype(object).where(frame.notna(), None)
    if sorted(frame["uscc"]) != sorted(result.unit_of):
        return ["units: other enterprises"]
    for row in frame.to_dict("records"):
        unit = result.unit_of[row["uscc"]]
        expected, numbers = expectation(unit, rules, year)
        name = f"unit {row['uscc']}"
        out += [
            f"{name} {key}: {row[key]!r} / {value!r}"
            for key, value in expected.items()
            if row[key] != value
        ]
        out += [
            f"{name} {key}: {row[key]} / {None if value is None else float(value)}"
            for key, value in numbers.items()
            if not near(row[key], value)
        ]
        flips = set(filter(None, row["flips_under"].split("; ")))
        if flips != unit.out.get("flips", set()):
            out.append(f"{name} flips: {flips} / {unit.out.get('flips')}")
    return out


def expectation(unit, rules, year: int) -> tuple[dict, dict]:
    """What must be equal, and what must be near, for one unit."""
    ranked = unit.status in ("low_efficiency", "ranked")
    equal = {
        "unit_id": unit.id,
        "status": unit.status,
        "reason": unit.reason,
        "cohort": unit.cohort,
        "rank": unit.out.get("rank"),
        "cohort_size": unit.out.get("cohort_size"),
        "quota": unit.out.get("quota"),
        "is_tied": unit.out.get("is_tied", False),
        "grade_class": unit.out.get("grade_class", ""),
    }
    near_to = {"area_mu": unit.area}
    for name in ("score", "cutoff_score", "margin", "firmness"):
        near_to[name] = unit.out.get(name)
    for figure in rules.figures:
        near_to[figure.column] = unit.figures.get(year, {}).get(figure.key)
    if ranked or unit.status == "sample_too_small":
        near_to |= {"adjusted_area_mu": unit.adjusted, "price_coefficient": unit.k}
        for indicator in rules.indicators:
            raw = ratio(unit, indicator, year, "none")
            near_to[indicator.key] = raw and raw[0] / raw[1]
            if indicator.denominator == "land":
                adjusted = ratio(unit, indicator, year, "area")
                near_to[f"adjusted_{indicator.key}"] = adjusted and adjusted[0] / adjusted[1]
    return equal, near_to


def _reference(price: float, result: Result, rules) -> list[str]:
    if rules.coefficient == "none" or rules.grade_coefficients:
        return []
    theirs = None if price != price else price
    if near(theirs, result.reference):
        return []
    return [f"reference price: {theirs} / {result.reference and float(result.reference)}"]


def _cohorts(frame: pd.DataFrame, result: Result, rules) -> list[str]:
    out = []
    rows = {row["cohort"]: row for row in frame.to_dict("records")}
    for name, cohort in result.cohorts.items():
        scales = cohort.scales(cohort.usual())
        if name not in rows:
            out.append(f"cohort {name}: absent")
            continue
        for indicator in rules.indicators:
            theirs = rows[name][f"benchmark_{indicator.key}"]
            ours = None if rules.score_form == "minmax" else scales[indicator.key]
            if rules.score_form == "ratio" and not near(None if theirs != theirs else theirs, ours):
                out.append(f"cohort {name} {indicator.key}: {theirs} / {ours and float(ours)}")
        flagged = sum(unit.status == "low_efficiency" for unit in cohort.units)
        if rows[name]["flagged"] != flagged:
            out.append(f"cohort {name} flagged: {rows[name]['flagged']} / {flagged}")
    return out


def decided(result: Result) -> bool:
    """Whether no score lies so near to a half at the sixth decimal that floats may differ."""
    return all(cohort.nearest_half > SAFE for cohort in result.cohorts.values())
