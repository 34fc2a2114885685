"""What several tables gave, as one: counts, rows set aside, sources, facts, files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from landuse.intake.inputs import COUNT_COLUMNS, Reading, SourceFile
from landuse.intake.safety import digest, size_of
from landuse.intake.worksheets import shown
from landuse.keys import sorted_by
from landuse.schema.tables import SET_ASIDE, SOURCES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from landuse.intake.raw import Fact
    from landuse.issues import Issue
    from landuse.schema.frame import Table
    from landuse.stores import Place

__all__ = ["counts", "facts", "files", "in_order", "once", "set_aside", "sources"]

_READERS: Final = 2


def once(issues: Sequence[Issue]) -> list[Issue]:
    """Each fault once, in an order that depends on nothing else."""
    seen = {issue.sort_key(): issue for issue in issues}
    return [seen[key] for key in sorted(seen, key=str)]


def counts(readings: Sequence[Reading]) -> pd.DataFrame:
    """Rows by table and file; sheets of one file together."""
    if not readings:
        return pd.DataFrame(columns=list(COUNT_COLUMNS))
    whole = pd.concat([one.counts for one in readings], ignore_index=True)
    grouped = whole.groupby(["table", "file"], sort=True, as_index=False).sum()
    return grouped[list(COUNT_COLUMNS)]


def set_aside(readings: Sequence[Reading]) -> pd.DataFrame:
    """The rows set aside, as SET_ASIDE."""
    return in_order([one.set_aside for one in readings], SET_ASIDE)


def sources(readings: Sequence[Reading]) -> pd.DataFrame:
    """Where the rows stand, as SOURCES."""
    return in_order([one.sources for one in readings], SOURCES)


def in_order(frames: Sequence[pd.DataFrame], table: Table) -> pd.DataFrame:
    """Frames of SET_ASIDE or SOURCES as one, sorted as a whole."""
    filled = [frame[table.names] for frame in frames if len(frame)]
    if not filled:
        return table.empty()
    order = ["table", "key", "source_file", "source_sheet", "source_row"]
    order += [name for name in table.names if name not in order]
    names = [str(frame["table"].iloc[0]) for frame in filled]
    # sorted as a whole: a table has one name, so its rows begin and end with it
    if len(set(names)) == len(names) and all(sorted_by(frame, order) for frame in filled):
        return pd.DataFrame(pd.concat([filled[n] for n in np.argsort(names)], ignore_index=True))
    whole: pd.DataFrame = pd.concat(filled, ignore_index=True)
    return whole.sort_values(order, kind="stable", ignore_index=True)


def facts(readings: Sequence[Reading]) -> tuple[Fact, ...]:
    """Each decision of the readers once."""
    found = {str(fact): fact for one in readings for fact in one.facts}
    return tuple(found.values())


def files(paths: Sequence[Place], base: Path) -> tuple[SourceFile, ...]:
    """The files with their hashes, each once, by name relative to ``base``."""
    found = dict(sorted({shown(path, base): path for path in reversed(paths)}.items()))
    with ThreadPoolExecutor(_READERS) as pool:
        digests = pool.map(digest, found.values())
        return tuple(map(SourceFile, found, digests, map(size_of, found.values())))
