"""Parcel codes that occur more than once: kept once where the polygons are equal, else not at all.

Which of several equal rows is kept does not depend on their order in the files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from landuse.intake.geometry import same_shape
from landuse.intake.typed import as_texts, ascends

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.issues import IssueLog

__all__ = ["settle_repeats"]

_SAID: Final = (
    "registered_area_m2_micro",
    "holder",
    "uscc",
    "land_use_code",
    "benchmark_price_yuan_per_m2",
    "park",
    "township",
    "built_area_m2_micro",
    "footprint_m2_micro",
)


def settle_repeats(
    frame: pd.DataFrame, fault: npt.NDArray[np.object_], log: IssueLog
) -> npt.NDArray[np.object_]:
    """``fault`` with the repeated codes settled (method, section 2).

    Equal code and equal polygon: one row stays, the others are ``same_parcel_twice``. Anything
    else: every row of the code is set aside, as ``key_repeated`` unless it has a fault already.
    """
    out = fault.copy()
    if ascends(as_texts(frame["parcel_id"]), strictly=True):
        return out
    keyed = (frame["parcel_id"] != "").to_numpy()
    repeated = keyed & frame["parcel_id"].duplicated(keep=False).to_numpy()
    positions = np.flatnonzero(repeated)
    groups = frame["parcel_id"].iloc[positions]
    for _, index in groups.groupby(groups, sort=True):
        rows = index.index.to_numpy()
        if _all_equal(frame, rows, fault):
            kept = _fullest(frame, rows)
            out[rows[rows != kept]] = "intake_layers.same_parcel_twice"
            _report_differences(frame, rows, kept, log)
        else:
            out[rows[fault[rows] == ""]] = "intake_layers.key_repeated"
    return out


def _all_equal(
    frame: pd.DataFrame, rows: npt.NDArray[np.intp], fault: npt.NDArray[np.object_]
) -> bool:
    shapes = frame["geometry"].to_numpy()[rows]
    if (fault[rows] != "").any():
        return False
    return all(same_shape(shapes[0], other) for other in shapes[1:])


def _said(frame: pd.DataFrame, row: int) -> list[str]:
    cells = frame.iloc[row]
    return ["" if pd.isna(cells[name]) else str(cells[name]) for name in _SAID]


def _fullest(frame: pd.DataFrame, rows: npt.NDArray[np.intp]) -> int:
    """The row that says most; among equals the first by what it says, then by its place."""

    def order(row: int) -> tuple[int, list[str], str, str, int]:
        said = _said(frame, row)
        blanks = sum(not text for text in said)
        place = frame.iloc[row]
        return (
            blanks,
            said,
            str(place["source_file"]),
            str(place["source_sheet"]),
            int(place["source_row"]),
        )

    return min((int(row) for row in rows), key=order)


def _report_differences(
    frame: pd.DataFrame, rows: npt.NDArray[np.intp], kept: int, log: IssueLog
) -> None:
    said = _said(frame, kept)
    for row in (int(row) for row in rows if row != kept):
        other = _said(frame, row)
        names = [name for name, a, b in zip(_SAID, said, other, strict=True) if b and a != b]
        if names:
            place = frame.iloc[row]
            log.add(
                "intake_layers.same_parcel_differs",
                table="parcels", file=place["source_file"], sheet=place["source_sheet"],
                row=int(place["source_row"]), key=place["parcel_id"], value=", ".join(names),
            )  # fmt: skip
