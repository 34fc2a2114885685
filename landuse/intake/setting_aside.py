"""Rows of a layer that were not used: their issues, and who keeps the books."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landuse.intake.placing import kind_of
from landuse.intake.rows import Rows
from landuse.intake.typed import as_series

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.intake.geometry import Mended
    from landuse.intake.raw import Raw
    from landuse.intake.typed import Texts
    from landuse.issues import IssueLog

__all__ = ["report", "rows_of"]


def report(
    raw: Raw,
    ids: Texts,
    fault: npt.NDArray[np.object_],
    mended: Mended,
    log: IssueLog,
) -> None:
    """An issue for every row that was set aside or repaired."""
    wanted = np.flatnonzero((fault != "") | mended.repaired)
    if not len(wanted):
        return
    repeats = as_series(ids).value_counts()
    for index in wanted:
        key = ids[int(index)].as_py()
        code = str(fault[index]) or "intake_layers.geometry_repaired"
        if code == "intake_layers.key_destroyed":
            continue  # said where the code was read
        log.add(
            code, **raw.place(int(index)), key=key,
            value=_value(raw, mended, int(index), code), n=int(repeats.get(key, 1)),
            before=f"{mended.before_m2[index]:.2f}", after=f"{mended.area_m2[index]:.2f}",
        )  # fmt: skip


def _value(raw: Raw, mended: Mended, index: int, code: str) -> str:
    if code == "intake_layers.geometry_not_polygon" and raw.geometry is not None:
        return kind_of(raw.geometry[index])
    if code == "intake_layers.geometry_repaired":
        return f"{mended.change_m2[index]:+.4f}"
    return ""


def rows_of(raw: Raw, ids: Texts, fault: npt.NDArray[np.object_]) -> Rows:
    """The book-keeping of a layer whose faults are already told."""
    rows = Rows(raw)
    rows.keys = ids
    for code in sorted({str(reason) for reason in fault[fault != ""]}):
        rows.reject(fault == code, code)
    return rows
