"""Credit codes written on parcels: their form is checked, the cell is used as it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from landuse.intake.codes import credit_code, suggestion
from landuse.intake.layer_cells import folded_texts

if TYPE_CHECKING:
    from landuse.intake.raw import Raw
    from landuse.issues import IssueLog

__all__ = ["report_holder_codes"]

_JOINTS: Final = re.compile(r"[;,、/\s]+")


def report_holder_codes(
    raw: Raw,
    heading: str,
    cells: npt.NDArray[np.object_],
    ids: npt.NDArray[np.object_],
    log: IssueLog,
) -> None:
    """One issue for every code with a wrong check character or form (method, section 2).

    ``cells`` are those of the credit-code column ``heading``, ``ids`` the parcel codes; a cell may
    hold several codes, split at ``; , 、 /`` in either width.
    """
    written = folded_texts(cells).to_numpy(dtype=object)
    faulty = {
        cell: found
        for cell in set(written) - {""}
        if (found := [part for part in _JOINTS.split(cell) if credit_code(part).fault])
    }
    if not faulty:
        return
    for index in np.flatnonzero(np.isin(written, list(faulty))):
        for part in faulty[written[index]]:
            log.add(
                f"intake_tables.{credit_code(part).fault}",
                **raw.place(int(index)),
                column=heading,
                key=str(ids[index]),
                value=part,
                suggestion=suggestion(part) or "–",
            )
