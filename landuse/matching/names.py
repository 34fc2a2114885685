"""Parcels and enterprises that bear the same name, or nearly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from landuse.matching.cells import folded, parts

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SIMILAR", "Named", "by_name", "similar"]

SIMILAR: Final = 0.85
"""From this similarity on (share of characters in common order, rapidfuzz ``ratio``) a name is
suggested (ours): one character of seven may differ."""
_BEST: Final = 3
"""Suggestions for one name at most (ours)."""
_COMMON: Final = 50
"""A run of two or three characters that more names have (公司) does not tell firms apart."""
_RUNS: Final = 5
"""How many of the rarest runs of a name are looked up."""
_CHUNK: Final = 500_000

Pairs = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]


class Named:
    """Holders of some parcels looked up among the enterprises' names.

    ``links``: ``at`` (index of the parcel), ``uscc``; names that fit one enterprise.
    ``doubtful``: the same for names that fit several. ``open``: ``at``, ``part``; names of none.
    """

    def __init__(self, holders: pd.Series[str], enterprises: pd.DataFrame) -> None:
        holders = folded(holders[holders != ""])
        table = enterprises[["uscc"]] if len(holders) else enterprises[["uscc"]].iloc[:0]
        table = table.assign(part=folded(enterprises["name"].loc[table.index]))
        table = table[table["part"] != ""]
        cells = parts(holders, table["part"])
        found = cells.merge(table, on="part", how="left")
        fits = found["uscc"].notna()
        several = found.duplicated(["at", "part"], keep=False)
        self.links = found.loc[fits & ~several, ["at", "uscc"]].drop_duplicates()
        self.doubtful = found.loc[fits & several, ["at", "uscc"]].drop_duplicates()
        self.open = found.loc[~fits, ["at", "part"]]
        self.strays = found.loc[~fits | several, ["at", "part"]].drop_duplicates()


def by_name(holders: pd.Series[str], enterprises: pd.DataFrame) -> Named:
    """Equal names after folding by width and spacing only (method, section 4)."""
    return Named(holders, enterprises)


def similar(open_: pd.DataFrame, enterprises: pd.DataFrame) -> pd.DataFrame:
    """Columns ``at``, ``uscc``, ``similarity``: the three most similar names for each open one.

    ``open_`` has ``at`` and ``part`` (a folded name that no enterprise has). Only names that share
    one of the five rarest runs of characters are compared, so that a whole city can be compared.
    The answer depends on the names alone, not on the order of the rows.
    """
    if not len(open_):
        nothing = open_[["at"]].assign(uscc=pd.Series([], dtype="str"))
        return nothing.assign(similarity=np.zeros(0))
    wanted = np.array(sorted(open_["part"].unique()), dtype=object)
    firms = pd.DataFrame({"name": folded(enterprises["name"]), "uscc": enterprises["uscc"]})
    firms = firms[firms["name"] != ""].sort_values(["name", "uscc"])
    known = firms["name"].unique().astype(object)
    rows = [_scored(wanted, known, pairs) for pairs in _candidates(wanted, known)]
    scored = pd.concat(rows) if rows else pd.DataFrame({"part": [], "name": [], "similarity": []})
    matched = scored.astype({"part": "str", "name": "str", "similarity": "float64"})
    matched = matched.merge(firms, on="name")
    matched = matched.sort_values(["part", "similarity", "uscc"], ascending=[True, False, True])
    best = matched.groupby("part", sort=False).head(_BEST)
    told = open_.merge(best[["part", "uscc", "similarity"]], on="part")
    told = told.sort_values(["at", "uscc", "similarity"], ascending=[True, True, False])
    return told.drop_duplicates(["at", "uscc"])[["at", "uscc", "similarity"]]


def _scored(
    wanted: npt.NDArray[np.object_], known: npt.NDArray[np.object_], pairs: Pairs
) -> pd.DataFrame:
    """The pairs at or above :data:`SIMILAR`."""
    from rapidfuzz import fuzz, process

    left, right = wanted[pairs[0]], known[pairs[1]]
    score = process.cpdist(
        left, right, scorer=fuzz.ratio, score_cutoff=SIMILAR * 100, dtype=np.float64
    )
    near = score >= SIMILAR * 100
    return pd.DataFrame(
        {"part": left[near], "name": right[near], "similarity": np.round(score[near] / 100, 6)}
    )


def _candidates(wanted: npt.NDArray[np.object_], known: npt.NDArray[np.object_]) -> Iterator[Pairs]:
    """Pairs worth comparing, in chunks: names of like length that share a rare run."""
    if not len(wanted) or not len(known):
        return
    run, owner = _runs(known)
    order = np.argsort(run, kind="stable")
    run, owner = run[order], owner[order]
    asked, asker = _runs(wanted)
    start, stop = np.searchsorted(run, asked, "left"), np.searchsorted(run, asked, "right")
    count = stop - start
    rare = (count > 0) & (count <= _COMMON)
    asked, asker, start, count = asked[rare], asker[rare], start[rare], count[rare]
    order = np.lexsort((asked, count, asker))
    asker, start, count = asker[order], start[order], count[order]
    first = np.searchsorted(asker, asker, "left")
    rarest = np.arange(len(asker)) - first < _RUNS
    asker, start, count = asker[rarest], start[rarest], count[rarest]
    lengths = (_lengths(wanted), _lengths(known))
    for low, high in _slices(asker, count):
        left = np.repeat(asker[low:high], count[low:high])
        offset = np.arange(len(left)) - np.repeat(
            np.cumsum(count[low:high]) - count[low:high], count[low:high]
        )
        right = owner[np.repeat(start[low:high], count[low:high]) + offset]
        pair = np.unique(left * len(known) + right)
        left, right = pair // len(known), pair % len(known)
        one, two = lengths[0][left], lengths[1][right]
        near = np.abs(one - two) <= (1 - SIMILAR) * (one + two) + 1e-9
        yield left[near], right[near]


def _slices(asker: npt.NDArray[np.intp], count: npt.NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """Ranges of about :data:`_CHUNK` pairs that never cut one asker in two."""
    ends = np.cumsum(count)
    low = 0
    while low < len(asker):
        done = ends[low - 1] if low else 0
        high = int(np.searchsorted(ends, done + _CHUNK, "right"))
        high = min(max(high, low + 1), len(asker))
        high = int(np.searchsorted(asker, asker[high - 1], "right"))
        yield low, high
        low = high


def _lengths(names: npt.NDArray[np.object_]) -> npt.NDArray[np.intp]:
    return np.fromiter(map(len, names), dtype=np.intp, count=len(names))


def _runs(names: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.intp]]:
    """Every run of two and of three characters as a number, and the name it is in."""
    lengths = _lengths(names)
    text = np.frombuffer("".join(names).encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
    owner = np.repeat(np.arange(len(names)), lengths)
    two = (text[:-1] << 21) | text[1:]
    same = owner[:-1] == owner[1:]
    three = ((text[:-2] << 42) | two[1:]) if len(text) > 2 else text[:0]
    within = owner[:-2] == owner[2:]
    runs = np.concatenate([two[same], three[within]])
    return runs, np.concatenate([owner[:-1][same], owner[:-2][within]])
