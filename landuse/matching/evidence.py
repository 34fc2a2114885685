"""The links between parcels and enterprises, by the first evidence that answers (section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from landuse.keys import among, mapped, positions, ranks, repeats
from landuse.matching.cells import folded, parts
from landuse.matching.names import Named, by_name, similar
from landuse.matching.points import by_point
from landuse.matching.report import log_rows
from landuse.matching.tables import from_tables, lost_rows
from landuse.schema.link_places import LinkPlaces
from landuse.schema.tables import SUGGESTIONS

if TYPE_CHECKING:
    from landuse.issues import IssueLog

__all__ = ["CERTAINTY", "Found", "find_links", "with_near"]

CERTAINTY: Final = {
    "occupancy": "certain",
    "confirmed": "certain",
    "uscc": "strong",
    "name": "strong",
    "point": "fair",
}
"""How sure a link is: someone stated the use; the holder is this legal person; it lies there."""
_SOURCE: Final = ["source_file", "source_sheet", "source_row"]

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Found:
    """What the evidence says.

    ``links``: LINKS without areas and scope, sorted by parcel and enterprise. ``suggestions``:
    SUGGESTIONS for a person to confirm. ``incomplete``: enterprises tied to a parcel set aside.
    ``places``: the keys of the links as numbers. ``unnamed``: ``parcel_id``, ``holder`` and
    ``part`` of names that no enterprise has, of parcels without a link.
    """

    links: pd.DataFrame
    suggestions: pd.DataFrame
    incomplete: set[str]
    places: LinkPlaces
    unnamed: pd.DataFrame


@dataclass(frozen=True)
class _Codes:
    """Credit codes in the parcels' cells: those known (``at``, ``uscc``), and the others."""

    links: pd.DataFrame
    strays: pd.DataFrame


def find_links(
    parcels: pd.DataFrame,
    lost_parcels: pd.DataFrame,
    enterprises: pd.DataFrame,
    occupancy: pd.DataFrame,
    confirmed: pd.DataFrame,
    log: IssueLog,
    *,
    everybody: bool = True,
) -> Found:
    """Who uses which parcel: occupancy → code on the parcel → equal name → point inside.

    Takes the tables of the same names; frames are not changed. A parcel in the occupancy table or
    among the confirmed links has only the links that these name. Each link keeps the row of its
    evidence. What cannot be decided is suggested or logged, never used.

    ``everybody``: whether ``enterprises`` are all there are. If they are only those whom these
    tables name (:func:`landuse.matching.cells.asked`), nothing is said of near names and codes.
    """
    parcels = parcels.reset_index(drop=True)
    stated = from_tables(
        parcels, lost_parcels, enterprises, occupancy, confirmed, log, hints=everybody
    )
    settled = _marked(parcels, stated)
    occupied = _marked(parcels, stated[stated["evidence"] == "occupancy"])
    code = _by_code(parcels.loc[~occupied, "uscc"], enterprises)
    unnamed = ~occupied & ~_marked(parcels, code.links)
    name = by_name(parcels.loc[unnamed, "holder"], enterprises)
    _report_replaced(parcels, stated, pd.concat([code.links, name.links]), settled, log)
    code = _Codes(_outside(code.links, settled), _outside(code.strays, settled))
    holders = _outside(name.links, settled)
    answered = settled | _marked(parcels, code.links) | _marked(parcels, holders)
    inside = _outside(by_point(parcels, enterprises), answered)
    tied = [
        stated,
        _with_source(parcels, code.links, "uscc"),
        _with_source(parcels, holders, "name"),
        _at_point(parcels, inside, enterprises),
    ]
    some = [one for one in tied if len(one)] or tied[:1]
    links, places = _finished(some, parcels, enterprises)
    _report_strays(parcels, code, holders, name, settled, log)
    left = _outside(name.open, answered | _marked(parcels, inside))
    near = similar(left if everybody else left.iloc[:0], enterprises)
    return Found(
        links,
        _suggestions(parcels, _outside(name.doubtful, settled), near, enterprises),
        _incomplete(lost_parcels, enterprises, occupancy, confirmed, log),
        places,
        _lots(parcels, left["at"]).assign(part=left["part"].array),
    )


def _by_code(cells: pd.Series[str], enterprises: pd.DataFrame) -> _Codes:
    """Codes on the parcel that the enterprise table knows, as written or in capitals."""
    uscc = enterprises["uscc"].reset_index(drop=True)
    known = pd.DataFrame({"part": folded(uscc), "uscc": uscc})
    if repeats(known, ["part"]):
        known = known.drop_duplicates("part", keep=False)
    found = parts(folded(cells), known["part"])
    where = positions(found["part"], known["part"])
    strange = where < 0
    where[strange] = positions(found.loc[strange, "part"].str.upper(), known["part"])
    fits = where >= 0
    links = pd.DataFrame({"at": found.loc[fits, "at"].to_numpy()})
    links["uscc"] = known["uscc"].array.take(where[fits])
    links["user"] = known.index.to_numpy()[where[fits]]
    if repeats(links, ["at"]):
        links = links.drop_duplicates()
    return _Codes(links, found.loc[~fits, ["at", "part"]])


def _marked(parcels: pd.DataFrame, hits: pd.DataFrame) -> Bools:
    """Whether each parcel has a hit."""
    marked = np.zeros(len(parcels), dtype=bool)
    marked[hits["at"].to_numpy(dtype=np.intp)] = True
    return marked


def _outside(hits: pd.DataFrame, settled: Bools) -> pd.DataFrame:
    """The hits on parcels that are not ``settled``."""
    open_: pd.DataFrame = hits[~settled[hits["at"].to_numpy(dtype=np.intp)]]
    return open_


def _with_source(parcels: pd.DataFrame, hits: pd.DataFrame, evidence: str) -> pd.DataFrame:
    """Links whose evidence is the parcel's own row."""
    at = hits["at"].to_numpy(dtype=np.intp)
    rows = parcels[["parcel_id", *_SOURCE]].take(at).reset_index(drop=True)
    rows = rows.assign(uscc=hits["uscc"].array, evidence=evidence, relation="", at=at)
    return rows.assign(user=hits["user"].to_numpy()) if "user" in hits else rows


def _at_point(parcels: pd.DataFrame, hits: pd.DataFrame, enterprises: pd.DataFrame) -> pd.DataFrame:
    """Links whose evidence is the enterprise's row, where the table tells which that is."""
    links = _with_source(parcels, hits, "point")
    if not len(links):
        return links
    rows = enterprises.set_index("uscc").reindex(links["uscc"])
    for column, blank in zip(_SOURCE, ("", "", 0), strict=True):
        links[column] = rows[column].to_numpy() if column in rows else np.full(len(links), blank)
    return links


def _finished(
    some: list[pd.DataFrame], parcels: pd.DataFrame, enterprises: pd.DataFrame
) -> tuple[pd.DataFrame, LinkPlaces]:
    for one in some:
        if "user" not in one:
            one["user"] = positions(one["uscc"], enterprises["uscc"])
    links = pd.concat(some, ignore_index=True)
    text = ["parcel_id", "uscc", "evidence", "relation", "source_file", "source_sheet"]
    links = links.astype(dict.fromkeys(text, "str") | {"source_row": "int64"})
    links["certainty"] = mapped(links["evidence"], CERTAINTY)
    who = links["user"].to_numpy(dtype=np.intp)
    links["known_enterprise"] = known = who >= 0
    parcel = ranks(links["parcel_id"], parcels["parcel_id"], links["at"].to_numpy(dtype=np.intp))
    user = ranks(links["uscc"], enterprises["uscc"], who)
    order = np.lexsort((user, parcel))
    if not known.all():
        user = np.full(len(links), -1, dtype=np.intp)
        user[known] = ranks(links["uscc"], enterprises["uscc"], who[known])
    columns = [*text[:3], "certainty", "relation", "known_enterprise", *_SOURCE]
    ordered = links[columns].take(order).reset_index(drop=True)
    return ordered, LinkPlaces(parcel[order], user[order])


def _suggestions(
    parcels: pd.DataFrame, same: pd.DataFrame, near: pd.DataFrame, enterprises: pd.DataFrame
) -> pd.DataFrame:
    """Names that fit several enterprises, and similar names for parcels without any link."""
    rows = pd.concat(
        [
            same.assign(similarity=1.0, evidence="same_name"),
            near.assign(evidence="similar_name"),
        ],
        ignore_index=True,
    )
    rows = rows.merge(_asked(enterprises, rows["uscc"])[["uscc", "name"]], on="uscc")
    return _in_turn(pd.concat([_lots(parcels, rows["at"]), rows.drop(columns="at")], axis=1))


def with_near(suggestions: pd.DataFrame, unnamed: pd.DataFrame, near: pd.DataFrame) -> pd.DataFrame:
    """``suggestions`` and those of near names: ``near`` has ``part``, ``uscc``, ``name`` and
    ``similarity`` for the names of ``unnamed`` (:class:`Found`)."""
    rows = unnamed.merge(near, on="part").drop(columns="part").assign(evidence="similar_name")
    rows = rows.sort_values("similarity", ascending=False, kind="stable")
    return _in_turn(pd.concat([suggestions, rows], ignore_index=True))


def _in_turn(rows: pd.DataFrame) -> pd.DataFrame:
    """SUGGESTIONS by parcel, the most similar first; the first of several of one pair stays."""
    rows = rows.drop_duplicates(["parcel_id", "uscc"])[SUGGESTIONS.names]
    rows = rows.astype({"similarity": "float64", "evidence": "str", "uscc": "str", "name": "str"})
    order = ["parcel_id", "similarity", "uscc"]
    rows = rows.sort_values(order, ascending=[True, False, True]).reset_index(drop=True)
    return SUGGESTIONS.check(rows)


def _lots(parcels: pd.DataFrame, at: pd.Series[int]) -> pd.DataFrame:
    """Code and holder of the parcels at these places."""
    return parcels.loc[at.astype(np.intp), ["parcel_id", "holder"]].reset_index(drop=True)


def _asked(enterprises: pd.DataFrame, uscc: pd.Series[str]) -> pd.DataFrame:
    """The rows of the enterprises that are asked for."""
    return enterprises[among(enterprises["uscc"], uscc)]


def _incomplete(
    lost: pd.DataFrame,
    enterprises: pd.DataFrame,
    occupancy: pd.DataFrame,
    confirmed: pd.DataFrame,
    log: IssueLog,
) -> set[str]:
    """Enterprises that would use a parcel set aside (method, section 3): for each the first
    evidence that answers, as for any other parcel."""
    if not len(lost):
        return set()
    lost = lost.reset_index(drop=True)
    stated = pd.concat([lost_rows(lost, table) for table in (occupancy, confirmed)])
    tied = [stated, _by_code(lost["uscc"], enterprises).links]
    tied.append(by_name(lost["holder"], enterprises).links)
    if "geometry" in lost:
        tied.append(by_point(lost, enterprises))
    ties = tied[0]
    for found in tied[1:]:
        ties = pd.concat([ties, found[~found["at"].isin(ties["at"])]], ignore_index=True)
    ties = ties.drop_duplicates()
    rows = lost.loc[ties["at"].astype(np.intp)].assign(uscc=ties["uscc"].to_numpy())
    coded = rows["parcel_id"] != ""
    log_rows(log, "matching.land_incomplete", rows[coded], key="uscc", value="parcel_id")
    log_rows(log, "matching.land_without_code", rows[~coded], key="uscc", value="parcel_id")
    return set(ties["uscc"])


def _report_replaced(
    parcels: pd.DataFrame,
    stated: pd.DataFrame,
    other: pd.DataFrame,
    settled: Bools,
    log: IssueLog,
) -> None:
    """A confirmed link replaces what the parcel itself says: name the enterprises that lose it."""
    other = other[settled[other["at"].to_numpy(dtype=np.intp)]]
    if not len(other):
        return
    other = _with_source(parcels, other, "")
    pairs = pd.MultiIndex.from_frame(stated[["parcel_id", "uscc"]])
    kept = pd.MultiIndex.from_frame(other[["parcel_id", "uscc"]]).isin(pairs)
    log_rows(log, "matching.confirmed_replaces", other[~kept])


def _report_strays(
    parcels: pd.DataFrame,
    code: _Codes,
    holders: pd.DataFrame,
    name: Named,
    settled: Bools,
    log: IssueLog,
) -> None:
    """Codes and names of one cell that were left over when others of it answered."""
    beside = code.strays["at"].isin(code.links["at"])
    unknown = code.strays.loc[~beside, "at"].nunique()
    if unknown:
        log.add("matching.codes_unknown", table="parcels", column="uscc", n=unknown)
    left = {
        "uscc": code.strays[beside],
        "holder": name.strays[name.strays["at"].isin(holders["at"])],
    }
    for column, strays in left.items():
        rows = parcels.loc[strays["at"]].assign(part=strays["part"].to_numpy())
        log_rows(log, "matching.cell_partly_known", rows, column=column, value="part")
    doubtful = _outside(name.doubtful, settled)["at"].unique()
    rows = parcels.loc[doubtful]
    log_rows(log, "matching.name_ambiguous", rows, column="holder", value="holder")
