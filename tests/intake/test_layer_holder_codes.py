"""Credit codes on parcels are checked like those of the enterprise table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landuse.intake.holder_codes import report_holder_codes
from landuse.intake.raw import Raw
from landuse.issues import IssueLog

VALID = "91350582MA0000015J"
CELLS = [VALID, f"{VALID}；91350582MA0000015K", "9135O582MA0000015J", "", "350582100012345"]


def test_wrong_check_wrong_form_and_old_numbers_are_told_with_their_parcel() -> None:
    cells = np.array(CELLS, dtype=object)
    count = len(cells)
    raw = Raw(
        "parcels",
        pd.DataFrame({"TYSHXYDM": cells}),
        np.full(count, "a.shp", dtype=object),
        np.full(count, "", dtype=object),
        np.arange(1, count + 1),
    )
    log = IssueLog()
    ids = np.array([f"P{n}" for n in range(count)], dtype=object)
    report_holder_codes(raw, "TYSHXYDM", cells, ids, log)
    told = sorted((issue.key, issue.code.split(".")[1], issue.row, issue.value) for issue in log)
    assert told == [
        ("P1", "uscc_check", 2, "91350582MA0000015K"),
        ("P2", "uscc_form", 3, "9135O582MA0000015J"),
        ("P4", "uscc_legacy", 5, "350582100012345"),
    ]
    assert VALID in next(issue for issue in log if issue.key == "P2").hint()
