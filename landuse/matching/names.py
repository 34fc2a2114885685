"""Parcels and enterprises that bear the same name, or nearly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from landuse.matching.cells import folded, parts

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SIMILAR", "Directory", "Named", "Wanted", "by_name", "nearest", "similar"]

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
    firms = pd.DataFrame({"text": folded(enterprises["name"]), "uscc": enterprises["uscc"]})
    wanted, directory = Wanted(open_["part"]), Directory(firms)
    best = nearest(directory.near(wanted, directory.count(wanted)))
    told = open_.merge(best, on="part")
    told = told.sort_values(["at", "uscc", "similarity"], ascending=[True, True, False])
    return told.drop_duplicates(["at", "uscc"])[["at", "uscc", "similarity"]]


def nearest(found: pd.DataFrame) -> pd.DataFrame:
    """The best of each ``part`` of what one directory or several found (:meth:`Directory.near`)."""
    found = found.sort_values(["part", "similarity", "uscc"], ascending=[True, False, True])
    return found.groupby("part", sort=False).head(_BEST)


class Wanted:
    """Names that no enterprise has, each once, with the runs of characters in them."""

    def __init__(self, names: pd.Series[str]) -> None:
        self.names = np.array(sorted(names.unique()), dtype=object)
        self.run, self.asker = _runs(self.names)
        self.lengths = _lengths(self.names)

    def rarest(self, count: npt.NDArray[np.intp]) -> Pairs:
        """The rarest runs of each name, and whose they are; ``count`` is how often the whole
        directory has each of ``run``."""
        rare = np.flatnonzero((count > 0) & (count <= _COMMON))
        order = rare[np.lexsort((self.run[rare], count[rare], self.asker[rare]))]
        asker = self.asker[order]
        first = np.searchsorted(asker, asker, "left")
        few = np.arange(len(asker)) - first < _RUNS
        return self.run[order[few]], asker[few]


class Directory:
    """Enterprises by folded name: ``text``, ``uscc`` and more; all who bear a name, or none."""

    def __init__(self, firms: pd.DataFrame) -> None:
        self._firms = firms[firms["text"] != ""]
        self._names = np.array(sorted(self._firms["text"].unique()), dtype=object)
        run, owner = _runs(self._names)
        order = np.argsort(run, kind="stable")
        self._run, self._owner = run[order], owner[order]
        self._lengths = _lengths(self._names)

    def count(self, wanted: Wanted) -> npt.NDArray[np.intp]:
        """How often each run of the wanted names occurs here."""
        start, stop = self._places(wanted.run)
        return stop - start

    def near(self, wanted: Wanted, count: npt.NDArray[np.intp]) -> pd.DataFrame:
        """``part``, ``similarity`` and the columns of those who bear a name near a wanted one."""
        rows = [_scored(wanted.names, self._names, pairs) for pairs in self._pairs(wanted, count)]
        nothing = pd.DataFrame({"part": [], "text": [], "similarity": []})
        scored = pd.concat(rows) if rows else nothing
        scored = scored.astype({"part": "str", "text": "str", "similarity": "float64"})
        return scored.merge(self._firms, on="text").drop(columns="text")

    def _places(self, run: npt.NDArray[np.int64]) -> Pairs:
        return np.searchsorted(self._run, run, "left"), np.searchsorted(self._run, run, "right")

    def _pairs(self, wanted: Wanted, count: npt.NDArray[np.intp]) -> Iterator[Pairs]:
        """Pairs worth comparing, in chunks: names of like length that share a rare run."""
        run, asker = wanted.rarest(count)
        start, stop = self._places(run)
        many = stop - start
        for low, high in _slices(asker, many):
            left = np.repeat(asker[low:high], many[low:high])
            offset = np.arange(len(left)) - np.repeat(
                np.cumsum(many[low:high]) - many[low:high], many[low:high]
            )
            right = self._owner[np.repeat(start[low:high], many[low:high]) + offset]
            pair = np.unique(left * len(self._names) + right)
            left, right = pair // len(self._names), pair % len(self._names)
            one, two = wanted.lengths[left], self._lengths[right]
            near = np.abs(one - two) <= (1 - SIMILAR) * (one + two) + 1e-9
            yield left[near], right[near]


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
        {"part": left[near], "text": right[near], "similarity": np.round(score[near] / 100, 6)}
    )


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
