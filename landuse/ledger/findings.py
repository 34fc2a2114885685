"""What a run found, and how two runs differ: plain frames, no database.

A finding is computed and never edited; a case stands on its own and only points to its parcel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

if TYPE_CHECKING:
    import datetime as dt

__all__ = [
    "COMPARED",
    "FINDING_COLUMNS",
    "Differences",
    "Rows",
    "RunRecord",
    "differences",
]

FINDING_COLUMNS: Final = (
    "kind", "parcel_id", "mu_e4", "enterprises_json", "park", "township", "detail_json", "geometry",
)  # fmt: skip
"""Columns of the findings of a run. ``geometry`` is a shape with its SRID, or ``None``.

``enterprises_json``: list of ``uscc``, ``name``, ``area_mu_e4``, every enterprise of the parcel.
``detail_json`` of ``low_efficiency``: the figures of the flagged enterprise with the lowest score
(uscc, name, score, rank, cohort, cohort_size, quota, cutoff_score, margin, firmness, the pack's raw
indicators), and all flagged ones under ``units``. Of ``idle``: the contract that leads (finding,
cause, consequence, base_on, one_year_on, two_years_on, days_to_next, fee_wan_e6, late_delivery,
collective, missing), and every contract with a finding under ``contracts``; days in ISO form.
"""

COMPARED: Final[dict[str, tuple[str, ...]]] = {
    "low_efficiency": ("score", "rank", "cohort", "cohort_size", "quota", "cutoff_score"),
    "idle": ("finding", "cause", "consequence", "base_on", "fee_wan_e6"),
}
"""The figures of a finding that are held against those of the run before, beside the mu."""

_MOVED: Final = ("kind", "parcel_id", "figure", "before", "after")


Rows = Callable[[], Iterable[pd.DataFrame]]
"""Gives the rows of a table, some at a time, each time from the first on."""


@dataclass(frozen=True)
class RunRecord:
    """One run as the ledger records it.

    ``kinds`` are the findings that the run looked for (idle land only where contracts were given);
    what it did not look for cannot be gone. ``parcels`` gives every parcel of the run
    (``parcel_id`` and ``geometry`` as WKB) for lineage, and ``units`` every enterprise (``uscc``)
    with its place in its industry (:data:`landuse.ledger.run_units.FACTS`), where the run graded
    any; both some rows at a time, as often as asked: a province's do not fit into memory.
    """

    run_id: str
    as_of: dt.date
    year: int
    pack: str
    pack_version: str
    rules_digest: str
    crs: str
    inputs: dict[str, Any]
    totals: dict[str, Any]
    kinds: frozenset[str]
    findings: pd.DataFrame
    parcels: Rows
    units: Rows | None = None


@dataclass(frozen=True)
class Differences:
    """What a run found against the run before it; all sorted by kind and parcel.

    ``new``, ``gone`` and ``still`` have ``kind``, ``parcel_id``, ``mu_e4``; ``moved`` one row a
    figure that moved, with both values.
    """

    new: pd.DataFrame
    gone: pd.DataFrame
    still: pd.DataFrame
    moved: pd.DataFrame


def differences(
    before: pd.DataFrame, after: pd.DataFrame, kinds: frozenset[str] | set[str]
) -> Differences:
    """``after`` against ``before`` (frames of findings), for kinds that both runs looked for."""
    left, right = (_indexed(frame, kinds) for frame in (before, after))
    still = right.index.intersection(left.index)
    return Differences(
        new=_plain(right.loc[right.index.difference(left.index)]),
        gone=_plain(left.loc[left.index.difference(right.index)]),
        still=_plain(right.loc[still.sort_values()]),
        moved=_moved(left, right),
    )


def _indexed(frame: pd.DataFrame, kinds: frozenset[str] | set[str]) -> pd.DataFrame:
    mine = frame[frame["kind"].isin(kinds)]
    return mine.set_index(["kind", "parcel_id"], drop=True).sort_index()


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[["mu_e4"]].reset_index()


def _moved(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Rows of the findings in both, figure by figure."""
    names = ["mu_e4", "detail_json"]
    pair = left[names].add_suffix("_a").join(right[names].add_suffix("_b"), how="inner")
    same = (pair["mu_e4_a"] == pair["mu_e4_b"]) & (pair["detail_json_a"] == pair["detail_json_b"])
    rows: list[tuple[object, ...]] = []
    for (kind, parcel), mu_a, detail_a, mu_b, detail_b in pair[~same][
        ["mu_e4_a", "detail_json_a", "mu_e4_b", "detail_json_b"]
    ].itertuples():
        values = {"mu_e4": (mu_a, mu_b)}
        values |= {name: (detail_a.get(name), detail_b.get(name)) for name in COMPARED[kind]}
        rows += [(kind, parcel, name, a, b) for name, (a, b) in values.items() if a != b]
    moved = pd.DataFrame(rows, columns=list(_MOVED), dtype=object)
    return moved.sort_values(["kind", "parcel_id", "figure"], ignore_index=True)
