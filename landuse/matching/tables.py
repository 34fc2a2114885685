"""Links that somebody stated: the occupancy table and the confirmed suggestions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from landuse.matching.keys import among
from landuse.matching.report import log_rows

if TYPE_CHECKING:
    from landuse.issues import IssueLog

__all__ = ["from_tables", "lost_rows"]

_SOURCE: Final = ["source_file", "source_sheet", "source_row"]


def from_tables(
    parcels: pd.DataFrame,
    lost_parcels: pd.DataFrame,
    enterprises: pd.DataFrame,
    occupancy: pd.DataFrame,
    confirmed: pd.DataFrame,
    log: IssueLog,
) -> pd.DataFrame:
    """One link for each parcel and enterprise that the two tables name.

    Columns ``parcel_id``, ``uscc``, ``evidence``, ``relation`` and the source. A confirmed link is
    occupancy without a declared area. Rows of a parcel that does not exist, or that was set aside,
    give no link; an enterprise of no table keeps its link. All three are logged.
    """
    rows = pd.concat(
        [
            _stated(occupancy, "occupancy", "occupancy"),
            _stated(confirmed.assign(relation=""), "confirmed", "confirmed_links"),
        ],
        ignore_index=True,
    )
    present = among(rows["parcel_id"], parcels["parcel_id"])
    absent = rows[~present]
    lost = among(absent["parcel_id"], lost_parcels["parcel_id"])
    log_rows(log, "matching.row_of_lost_parcel", absent[lost])
    log_rows(log, "matching.row_of_unknown_parcel", absent[~lost])
    kept = rows[present]
    unknown = ~among(kept["uscc"], enterprises["uscc"])
    log_rows(log, "matching.unknown_enterprise", kept[unknown])
    kept = kept.sort_values(["parcel_id", "uscc", "order", "blank", *_SOURCE])
    return kept.drop_duplicates(["parcel_id", "uscc"])[
        ["parcel_id", "uscc", "evidence", "relation", *_SOURCE]
    ]


def lost_rows(lost: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """``at`` (index in ``lost``) and ``uscc`` of the rows of ``table`` that name a lost parcel."""
    named = lost.loc[lost["parcel_id"] != "", ["parcel_id"]].rename_axis("at").reset_index()
    found = named.merge(table[["parcel_id", "uscc"]], on="parcel_id")
    return found[["at", "uscc"]].astype({"at": np.intp})


def _stated(table: pd.DataFrame, evidence: str, name: str) -> pd.DataFrame:
    rows = table[["parcel_id", "uscc", "relation", *_SOURCE]]
    return rows.assign(
        evidence=evidence,
        table=name,
        order=0 if evidence == "occupancy" else 1,
        blank=(rows["relation"] == "").to_numpy(),
    )
