"""Links that somebody stated: the occupancy table and the confirmed suggestions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from landuse.keys import among, positions, ranks
from landuse.matching.report import log_rows
from landuse.messages import Lang, text
from landuse.schema.near_codes import nearest_codes

if TYPE_CHECKING:
    from landuse.issues import IssueLog

__all__ = ["from_tables", "lost_rows", "report_returned"]

_SOURCE: Final = ["source_file", "source_sheet", "source_row"]
_OWN: Final = ("uscc", "name", "point")
"""Evidence that the parcel or the place of the enterprise gives, not a person."""
_NOT_IN_FORCE: Final = ("intake_tables.ended", "intake_tables.not_begun")


def from_tables(
    parcels: pd.DataFrame,
    lost_parcels: pd.DataFrame,
    enterprises: pd.DataFrame,
    occupancy: pd.DataFrame,
    confirmed: pd.DataFrame,
    log: IssueLog,
    *,
    hints: bool = True,
) -> pd.DataFrame:
    """One link for each parcel and enterprise that the two tables name.

    Columns ``parcel_id``, ``uscc``, ``evidence``, ``relation``, the source, and the places of both
    keys in their tables: ``at`` and ``user`` (-1: none). A confirmed link is occupancy without a
    declared area. Rows of a parcel that does not exist, or that was set aside,
    give no link; an enterprise of no table keeps its link. All three are logged; ``hints``: with
    the nearest code that the enterprises have.
    """
    rows = _stated(occupancy, "occupancy", "occupancy")
    if len(confirmed):
        more = _stated(confirmed.assign(relation=""), "confirmed", "confirmed_links")
        rows = pd.concat([rows, more], ignore_index=True)
    at = positions(rows["parcel_id"], parcels["parcel_id"])
    present = at >= 0
    absent = rows[~present]
    lost = among(absent["parcel_id"], lost_parcels["parcel_id"])
    log_rows(log, "matching.row_of_lost_parcel", absent[lost])
    log_rows(log, "matching.row_of_unknown_parcel", absent[~lost])
    kept = rows.assign(at=at)
    kept = kept if present.all() else kept[present]
    kept["user"] = positions(kept["uscc"], enterprises["uscc"])
    strange = kept[kept["user"] < 0]
    near = nearest_codes(strange["uscc"], enterprises["uscc"] if hints else ())
    strange = strange.assign(nearest=[near[code] or "–" for code in strange["uscc"]])
    log_rows(log, "matching.unknown_enterprise", strange, more=("nearest",))
    kept = _once(kept, parcels, enterprises)
    return kept[["parcel_id", "uscc", "evidence", "relation", *_SOURCE, "at", "user"]]


def _once(rows: pd.DataFrame, parcels: pd.DataFrame, enterprises: pd.DataFrame) -> pd.DataFrame:
    """Each parcel and enterprise once, in order: the row that tells most, then the earliest."""
    parcel = ranks(rows["parcel_id"], parcels["parcel_id"], rows["at"].to_numpy())
    user = ranks(rows["uscc"], enterprises["uscc"], rows["user"].to_numpy())
    order = np.lexsort((user, parcel))
    if not (np.diff(order) == 1).all():
        rows, parcel, user = rows.take(order), parcel[order], user[order]
    if not ((np.diff(parcel) == 0) & (np.diff(user) == 0)).any():
        return rows
    rows = rows.sort_values(["parcel_id", "uscc", "order", "blank", *_SOURCE])
    return rows.drop_duplicates(["parcel_id", "uscc"])


def lost_rows(lost: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """``at`` (index in ``lost``) and ``uscc`` of the rows of ``table`` that name a lost parcel."""
    named = lost.loc[lost["parcel_id"] != "", ["parcel_id"]].rename_axis("at").reset_index()
    found = named.merge(table[["parcel_id", "uscc"]], on="parcel_id")
    return found[["at", "uscc"]].astype({"at": np.intp})


def report_returned(links: pd.DataFrame, set_aside: pd.DataFrame, log: IssueLog) -> None:
    """Name who is said to have left a parcel and is linked to it by the parcel itself.

    Takes LINKS and SET_ASIDE, whose occupancy rows are not in force. The method is silent on
    them: a parcel without a row in force is matched as any other, and the link stays.
    """
    not_in_force = set_aside["reason"].isin(_NOT_IN_FORCE)
    gone = set_aside[(set_aside["table"] == "occupancy") & not_in_force]
    if not len(gone):
        return
    gone = gone.drop_duplicates("key").rename(columns={"key": "pair"})
    own = links[links["evidence"].isin(_OWN)]
    own = own.assign(pair=own["parcel_id"] + "/" + own["uscc"]).drop(columns=_SOURCE)
    rows = own.merge(gone[["pair", *_SOURCE]], on="pair")
    languages: tuple[tuple[Lang, str], ...] = (("zh", "by"), ("en", "by_en"))
    for lang, name in languages:
        words = {evidence: text(f"matching.by_{evidence}", lang) for evidence in _OWN}
        rows[name] = rows["evidence"].map(words)
    log_rows(log, "matching.left_but_named", rows, table="occupancy", more=("by", "by_en"))


def _stated(table: pd.DataFrame, evidence: str, name: str) -> pd.DataFrame:
    rows = table[["parcel_id", "uscc", "relation", *_SOURCE]]
    return rows.assign(
        evidence=evidence,
        table=name,
        order=0 if evidence == "occupancy" else 1,
        blank=(rows["relation"] == "").to_numpy(),
    )
