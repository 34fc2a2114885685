"""What firms promised against what the batch measured: tax, output and investment per mu.

A promise is due when its year is the measured one or earlier. All comparisons are of integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from landuse.parks.frames import typed
from landuse.parks.shown import joined, number
from landuse.schema.park_results import PROMISE_PARTS, PROMISE_RESULTS

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from landuse.issues import IssueLog

__all__ = ["MEASURED", "VERDICTS", "judge_promises", "promises_by_park", "signed_firms"]

VERDICTS: Final = ("kept", "partly", "broken", "not_due", "cannot_tell")
MEASURED: Final = {"tax": "tax_wan_micro", "output": "output_wan_micro",
                   "investment": "invested_wan_micro"}  # fmt: skip
"""What may be promised per mu → its column among the measured figures."""
_AREA: Final = "area_m2_micro"
_MU: Final = 2_000_000_000
"""10⁻⁶ m² in three mu: 1 mu = 2000/3 m²."""


def judge_promises(
    promises: pd.DataFrame, measured: pd.DataFrame, year: int, partly_from: Fraction, log: IssueLog
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """PROMISE_RESULTS (one row a promise) and PROMISE_PARTS (one a promised measure).

    ``promises`` is PROMISES; ``measured`` has ``uscc``, ``area_m2_micro`` and any columns of
    :data:`MEASURED` of the run of ``year``. A measure is kept from the promised value on, partly
    from ``partly_from`` of it, else broken; the shortfall is (promised − measured per mu) × mu.
    A promise is kept if all of it is, broken if nothing of it is kept even partly, else partly;
    where a measure is missing, all that is known being kept, it cannot be told.
    """
    ordered = promises.sort_values(
        ["source_file", "source_sheet", "source_row"], kind="stable"
    ).to_dict("records")
    figures = {str(row["uscc"]): row for row in measured.to_dict("records")}
    rows = [{str(name): value for name, value in row.items()} for row in ordered]
    later = _superseded(rows, year, log)
    results, parts = [], []
    for at, row in enumerate(rows):
        mine = _parts(at, row, figures.get(str(row["uscc"])), year, partly_from)
        parts += mine
        results.append(_result(at, row, mine, year, superseded=at in later))
    return typed(results, PROMISE_RESULTS), typed(parts, PROMISE_PARTS)


def _due(row: dict[str, Any], year: int) -> bool | None:
    due = number(row["due_year"])
    return None if due is None else due <= year


def _superseded(rows: list[dict[str, Any]], year: int, log: IssueLog) -> set[int]:
    """Promises that the same firm replaced by a later one for the same park that is due too."""
    groups: dict[tuple[str, str], list[int]] = {}
    for at, row in enumerate(rows):
        if row["uscc"] and _due(row, year):
            groups.setdefault((str(row["uscc"]), str(row["park"])), []).append(at)
    out: set[int] = set()
    for (uscc, park), members in sorted(groups.items()):
        if len(members) < 2:
            continue
        last = max(members, key=lambda at: (_signed(rows[at]["signed_on"]), at))
        out |= set(members) - {last}
        log.add(
            "parks.promise_repeats", table="promises", key=uscc, value=park, n=len(members),
            file=str(rows[last]["source_file"]), sheet=str(rows[last]["source_sheet"]),
            row=int(rows[last]["source_row"]),
        )  # fmt: skip
    return out


def _signed(day: dt.datetime) -> str:
    return str(day) if str(day) != "NaT" else ""


def _parts(
    at: int, row: dict[str, Any], found: Mapping[Any, Any] | None, year: int, partly_from: Fraction
) -> list[dict[str, Any]]:
    """One row for each measure that is promised."""
    parts = []
    for measure, column in MEASURED.items():
        promised = number(row[f"promised_{measure}_wan_per_mu_micro"])
        if promised is None:
            continue
        value = None if found is None else number(found.get(column))
        area = None if found is None else number(found.get(_AREA))
        missing = _missing(row, found, value, area, measure)
        due = _due(row, year)
        verdict, shortfall = "cannot_tell", None
        if due is False:
            verdict, missing = "not_due", []
        elif due and not missing and value is not None and area is not None:
            verdict, shortfall = _compared(promised, value, area, partly_from)
        per_mu = None if value is None or not area else float(Fraction(value * 2000, area * 3))
        parts.append(
            {
                "row": at,
                "measure": measure,
                "promised_wan_per_mu_micro": promised,
                "measured_wan_micro": value,
                "area_m2_micro": area,
                "measured_wan_per_mu": per_mu,
                "verdict": verdict,
                "shortfall_wan_micro": shortfall,
                "missing": joined(missing),
            }
        )
    return parts


def _missing(
    row: dict[str, Any],
    found: Mapping[Any, Any] | None,
    value: int | None,
    area: int | None,
    measure: str,
) -> list[str]:
    wanting = [] if number(row["due_year"]) is not None else ["due_year"]
    if not row["uscc"]:
        return [*wanting, "uscc"]
    if found is None:
        return [*wanting, "enterprise"]
    return [*wanting, *([] if area else ["land"]), *([] if value is not None else [measure])]


def _compared(promised: int, value: int, area: int, partly_from: Fraction) -> tuple[str, int]:
    """Verdict and shortfall (10⁻⁶ 万元, half up, 0 where kept) of one measure."""
    owed = Fraction(promised * area * 3, _MU)
    if value >= owed:
        return "kept", 0
    short = owed - value
    return (
        "partly" if value >= owed * partly_from else "broken",
        int((2 * short + 1) // 2),
    )


def _result(
    at: int, row: dict[str, Any], parts: list[dict[str, Any]], year: int, *, superseded: bool
) -> dict[str, Any]:
    short = {part["measure"]: part["shortfall_wan_micro"] for part in parts}
    missing = sorted({code for part in parts for code in part["missing"].split("; ") if code})
    return {
        "row": at,
        **{name: row[name] for name in ("uscc", "name", "park", "due_year")},
        "verdict": _verdict([part["verdict"] for part in parts], _due(row, year)),
        **{f"{measure}_shortfall_wan_micro": short.get(measure) for measure in MEASURED},
        "superseded": superseded,
        "missing": joined(missing if parts else ["promise"]),
        **{name: row[name] for name in ("source_file", "source_sheet", "source_row")},
    }


def _verdict(parts: list[str], due: bool | None) -> str:
    """The verdict on a promise from those on its measures."""
    if due is False:
        return "not_due"
    known = {part for part in parts if part != "cannot_tell"}
    if not known or (known == {"kept"} and "cannot_tell" in parts):
        return "cannot_tell"
    return known.pop() if len(known) == 1 else "partly"


def signed_firms(promises: pd.DataFrame) -> pd.DataFrame:
    """The first row of each firm of PROMISES: one code is one firm however its name is written; a
    firm without a code is its name, unless a row with that name has one."""
    import pandas as pd

    codes = {str(name): str(uscc) for uscc, name in
             zip(promises["uscc"], promises["name"], strict=True) if uscc}  # fmt: skip
    who = [
        str(uscc) or codes.get(str(name), f"name:{name}")
        for uscc, name in zip(promises["uscc"], promises["name"], strict=True)
    ]
    return promises[~pd.Series(who, index=promises.index, dtype="str").duplicated()]


def promises_by_park(results: pd.DataFrame) -> pd.DataFrame:
    """Promises by park: how many of each verdict, and the shortfalls in 10⁻⁶ 万元.

    Columns ``park``, ``promises``, one for each verdict, ``tax_shortfall_wan_micro`` and so on;
    superseded promises are not counted. A shortfall is missing where none could be judged.
    """
    import pandas as pd

    counted = results[~results["superseded"]]
    groups = counted.groupby("park", sort=True)
    frame = pd.DataFrame({"promises": groups.size()})
    for verdict in VERDICTS:
        frame[verdict] = (counted["verdict"] == verdict).groupby(counted["park"]).sum()
    for measure in MEASURED:
        column = f"{measure}_shortfall_wan_micro"
        frame[column] = groups[column].sum(min_count=1)  # nothing judged is not a shortfall of 0
    names = ["promises", *VERDICTS]
    return frame.astype(dict.fromkeys(names, "int64")).reset_index()
