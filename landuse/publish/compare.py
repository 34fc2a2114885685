"""Two runs side by side: who moved in or out of the list, and through what."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.messages import Lang
from landuse.publish.compare_text import comparison_lines
from landuse.publish.manifest import plain
from landuse.publish.reader import RunFolder, open_run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "compare"]

_SAME: Final = 1e-9
"""Relative difference below which two prices, both found by division, are the same."""
_NO_RULE: Final = frozenset({"provenance", "source", "title_zh", "title_en"})
_BY_LAND: Final = {
    "price_zones": frozenset({"price", "reason"}),
    "supply": frozenset({"area_mu", "parcel_count", "reason"}),
}
"""Tables that are joined by place or contract, and the own values that they can change."""
Change = dict[str, Any]


@dataclass(frozen=True)
class Comparison:
    """``json``: ``runs`` (two), ``changes`` (of inputs, rules, settings) and ``moves``.

    A move has ``uscc``, ``name``, ``move`` (in | out), ``status`` before and after, ``own`` (its
    values that changed), ``group`` (those of its cohort) and ``inputs`` (changed files that its own
    changed values come from). A change has ``name``, ``a`` and ``b``.
    """

    json: dict[str, Any]
    pack: dict[str, Any]

    def text(self, lang: Lang = "zh") -> list[str]:
        """The comparison as lines for a person."""
        return comparison_lines(self.json, self.pack, lang)


def compare(run1: Path, run2: Path) -> Comparison:
    """What differs between two run folders, and who moved because of it.

    Raises :class:`landuse.errors.UserError` if one of them is no run folder.
    """
    a, b = open_run(run1), open_run(run2)
    changes = {
        "inputs": _changed(_inputs(a), _inputs(b)),
        "rules": _changed(dict(_rules(a.pack)), dict(_rules(b.pack))),
        "settings": _changed(_settings(a), _settings(b)),
    }
    content = plain(
        {"runs": [_run(a), _run(b)], "changes": changes, "moves": _moves(a, b, changes["inputs"])}
    )
    assert isinstance(content, dict)
    return Comparison(content, b.pack)


def _run(run: RunFolder) -> dict[str, Any]:
    status = run.table("units", columns=["status"])["status"]
    return {
        "run_id": run.manifest["run_id"],
        "as_of": run.manifest["project"]["as_of"],
        # enterprises, as the moves are: before + in − out = after, also where units are merged
        "flagged": int((status == "low_efficiency").sum()),
        "flagged_mu": run.manifest["totals"].get("low_efficiency_mu"),
    }


def _changed(a: Mapping[str, object], b: Mapping[str, object]) -> list[Change]:
    return [
        {"name": name, "a": a.get(name), "b": b.get(name)}
        for name in sorted({*a, *b})
        if a.get(name) != b.get(name)
    ]


def _inputs(run: RunFolder) -> dict[str, str]:
    return {str(one["path"]): str(one["sha256"]) for one in run.manifest["inputs"]}


def _settings(run: RunFolder) -> dict[str, object]:
    project = {name: run.manifest["project"].get(name) for name in ("as_of", "year", "crs")}
    return {**project, "landuse": run.manifest["versions"].get("landuse")}


def _rules(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Every value of a pack by its dotted name; what only words it is left out."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            if key not in _NO_RULE:
                yield from _rules(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for item in value:
            rest = {key: one for key, one in item.items() if key != "key"}
            yield from _rules(rest, f"{name}.{item['key']}")
    else:
        yield name, value


def _moves(a: RunFolder, b: RunFolder, inputs: list[Change]) -> list[dict[str, Any]]:
    left, right = _units(a), _units(b)
    before, after = _flagged(left), _flagged(right)
    moved = sorted(before ^ after)
    cohorts = [run.table("cohorts").set_index("cohort") for run in (a, b)]
    changed = {str(one["name"]) for one in inputs}
    fed = [_files_of(run, moved, changed) for run in (a, b)]
    whole = [_files_of_tables(run, changed) for run in (a, b)]
    rows = []
    for uscc in moved:
        old, new = _row(left, uscc), _row(right, uscc)
        own = _own(old, new, a, b)
        rows.append(
            {
                "uscc": uscc,
                "name": str((new or old)["name"]),
                "move": "in" if uscc in after else "out",
                "status": {"a": _status(old), "b": _status(new)},
                "own": own,
                "group": _group(old, new, cohorts, a, b),
                "inputs": sorted(
                    _through(own, [one.get(uscc, set()) for one in fed], whole)
                    if own or not old or not new
                    else ()
                ),
            }
        )
    return rows


def _units(run: RunFolder) -> pd.DataFrame:
    return run.table("units").set_index("uscc", drop=False)


def _flagged(units: pd.DataFrame) -> set[str]:
    return set(units.index[units["status"] == "low_efficiency"])


def _row(units: pd.DataFrame, uscc: str) -> dict[str, Any]:
    return dict(units.loc[uscc]) if uscc in units.index else {}


def _status(row: dict[str, Any]) -> dict[str, str] | None:
    return {"status": row["status"], "reason": row["reason"]} if row else None


def _own(old: dict[str, Any], new: dict[str, Any], a: RunFolder, b: RunFolder) -> list[Change]:
    """Values of the unit itself: land, price, figures, cohort, and why it was not graded."""
    if not old or not new:
        return []
    figures = [name for name in _figures(a.pack) if name in _figures(b.pack)]
    names = ["unit_id", "parcel_count", "area_mu", *figures, "industry_code", "scale", "cohort"]
    values = {name: (old.get(name), new.get(name)) for name in names}
    values["price"] = (_price(old, a), _price(new, b))
    values["reason"] = (old["reason"], new["reason"])
    return [
        {"name": name, "a": first, "b": second}
        for name, (first, second) in values.items()
        if not _same(first, second)
    ]


def _figures(pack: dict[str, Any]) -> list[str]:
    found = []
    for one in pack["figures"]:
        bare = one["unit"] == "1" or one["key"].endswith(f"_{one['unit']}")
        found.append(one["key"] if bare else f"{one['key']}_{one['unit']}")
    return found


def _price(row: dict[str, Any], run: RunFolder) -> float | None:
    """The mean price of the unit's land: its coefficient × the run's reference price."""
    reference = run.manifest["reference_price_yuan_per_m2"]
    k = row["price_coefficient"]
    return None if reference is None or k is None or k != k else float(k) * float(reference)


def _same(first: object, second: object) -> bool:
    if isinstance(first, float) and isinstance(second, float):
        both_missing = math.isnan(first) and math.isnan(second)
        return both_missing or math.isclose(first, second, rel_tol=_SAME)
    return str(first) == str(second)


def _group(
    old: dict[str, Any],
    new: dict[str, Any],
    cohorts: list[pd.DataFrame],
    a: RunFolder,
    b: RunFolder,
) -> list[Change]:
    """Values that the unit shares with others: benchmarks, n, quota, cut-off, reference price."""
    tables = [
        dict(table.loc[row["cohort"]]) if row and row["cohort"] in table.index else {}
        for table, row in zip(cohorts, (old, new), strict=True)
    ]
    for table, run in zip(tables, (a, b), strict=True):
        table["reference"] = run.manifest["reference_price_yuan_per_m2"]
    names = ["cohort_size", "quota", "cutoff_score", "reference"]
    names += sorted(name for name in {*tables[0], *tables[1]} if name.startswith("benchmark_"))
    return [
        {"name": name, "a": tables[0].get(name), "b": tables[1].get(name)}
        for name in names
        if not _same(tables[0].get(name), tables[1].get(name))
    ]


def _through(own: list[Change], fed: list[set[str]], whole: list[dict[str, set[str]]]) -> set[str]:
    """The changed files that values of its own come from: its rows in either run, and the tables
    that work on land as a whole where the land or its price changed."""
    changed = {str(one["name"]) for one in own}
    tables = [table for table, causes in _BY_LAND.items() if causes & changed]
    found = [files.get(table, set()) for files in whole for table in tables]
    return set().union(*fed, *found)


def _files_of_tables(run: RunFolder, changed: set[str]) -> dict[str, set[str]]:
    """The changed files of each table whose rows name no enterprise and no parcel."""
    counts = run.table("counts", columns=["table", "file"])
    wanted = counts[counts["table"].isin(list(_BY_LAND)) & counts["file"].isin(list(changed))]
    found: dict[str, set[str]] = {}
    for table, file in wanted.itertuples(index=False):
        found.setdefault(table, set()).add(file)
    return found


def _files_of(run: RunFolder, codes: list[str], changed: set[str]) -> dict[str, set[str]]:
    """Which of the changed files each enterprise's own rows and parcels come from."""
    if not codes or not changed:
        return {}
    links = run.table("links", where=("uscc", codes))
    sources = run.table("sources", where=("key", [*codes, *links["parcel_id"]]))
    by_key: dict[str, set[str]] = {}
    for key, file in sources[["key", "source_file"]].itertuples(index=False):
        by_key.setdefault(key, set()).add(file)
    found = {code: set(by_key.get(code, ())) for code in codes}
    for parcel, uscc, file in links[["parcel_id", "uscc", "source_file"]].itertuples(index=False):
        found[uscc] |= {file} | by_key.get(parcel, set())
    return {code: files & changed for code, files in found.items()}
