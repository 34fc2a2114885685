"""Credit codes written on parcels: their form is checked, the cell is used as it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from landuse.intake.codes import credit_code, suggestion
from landuse.intake.key_columns import are_credit_codes
from landuse.intake.layer_cells import folded_texts
from landuse.intake.typed import distinct, is_equal

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.intake.raw import Raw
    from landuse.intake.typed import Cells, Texts
    from landuse.issues import IssueLog

__all__ = ["report_holder_codes"]

_JOINTS: Final = re.compile(r"[;,、/\s]+")


def report_holder_codes(
    raw: Raw,
    heading: str,
    cells: Cells,
    ids: npt.NDArray[np.object_] | Texts,
    log: IssueLog,
) -> None:
    """One issue for every code with a wrong check character or form (method, section 2).

    ``cells`` are those of the credit-code column ``heading``, ``ids`` the parcel codes; a cell may
    hold several codes, split at ``; , 、 /`` in either width.
    """
    written = folded_texts(cells)
    sound = are_credit_codes(written) | is_equal(written, "")
    rest = np.flatnonzero(~sound)
    which, texts = distinct(written.take(pa.array(rest)))
    faulty = [
        [part for part in _JOINTS.split(cell) if credit_code(part).fault]
        for cell in texts.to_pylist()
    ]
    for index, place in zip(rest.tolist(), which.tolist(), strict=True):
        for part in faulty[place]:
            log.add(
                f"intake_tables.{credit_code(part).fault}",
                **raw.place(index),
                column=heading,
                key=str(ids[index]),
                value=part,
                suggestion=suggestion(part) or "–",
            )
