"""Rows of a layer that were not used: their issues, and who keeps the books."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse.intake.placing import kind_of
from landuse.intake.rows import Rows

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.intake.geometry import Mended
    from landuse.intake.raw import Raw
    from landuse.issues import IssueLog

__all__ = ["report", "rows_of"]


def report(
    raw: Raw,
    ids: npt.NDArray[np.object_],
    fault: npt.NDArray[np.object_],
    mended: Mended,
    log: IssueLog,
) -> None:
    """An issue for every row that was set aside or repaired."""
    repeats = pd.Series(ids).value_counts()
    for index in np.flatnonzero((fault != "") | mended.repaired):
        code = str(fault[index]) or "intake_layers.geometry_repaired"
        if code == "intake_layers.key_destroyed":
            continue  # said where the code was read
        log.add(
            code, **raw.place(int(index)), key=str(ids[index]),
            value=_value(raw, mended, int(index), code), n=int(repeats.get(ids[index], 1)),
            before=f"{mended.before_m2[index]:.2f}", after=f"{mended.area_m2[index]:.2f}",
        )  # fmt: skip


def _value(raw: Raw, mended: Mended, index: int, code: str) -> str:
    if code == "intake_layers.geometry_not_polygon" and raw.geometry is not None:
        return kind_of(raw.geometry[index])
    if code == "intake_layers.geometry_repaired":
        return f"{mended.change_m2[index]:+.4f}"
    return ""


def rows_of(raw: Raw, ids: npt.NDArray[np.object_], fault: npt.NDArray[np.object_]) -> Rows:
    """The book-keeping of a layer whose faults are already told."""
    rows = Rows(raw)
    rows.keys = ids
    for code in sorted({str(reason) for reason in fault} - {""}):
        rows.reject(fault == code, code)
    return rows
