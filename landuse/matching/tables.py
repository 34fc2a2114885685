"""Links that somebody stated: the occupancy table and the confirmed suggestions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

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
    present = rows["parcel_id"].isin(parcels["parcel_id"])
    absent = rows[~present]
    lost = absent["parcel_id"].isin(lost_parcels["parcel_id"])
    _report(absent[lost], "matching.row_of_lost_parcel", log)
    _report(absent[~lost], "matching.row_of_unknown_parcel", log)
    kept = rows[present]
    _report(kept[~kept["uscc"].isin(enterprises["uscc"])], "matching.unknown_enterprise", log)
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


def _report(rows: pd.DataFrame, code: str, log: IssueLog) -> None:
    for row in rows.itertuples():
        log.add(
            code,
            table=row.table,
            file=row.source_file,
            sheet=row.source_sheet,
            row=int(row.source_row),
            key=row.parcel_id,
            value=row.uscc,
        )
