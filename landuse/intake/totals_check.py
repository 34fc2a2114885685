"""Totals that a table states, against the sums of its rows: block by block, sheet by sheet.

A total may be that of the rows since the last total, of all rows before it, or of all rows of its
sheet. The sums are kept exactly, so that those of some rows may be added to those of others.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from landuse.intake.numbers import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from landuse.intake.rows import Rows
    from landuse.intake.typed import Cells
    from landuse.issues import IssueLog

__all__ = ["BlockSum", "Sums", "Total", "compare_totals", "stated_totals", "sums_of_blocks"]

_MEANS: Final = ("平均", "均值", "average")
_LARGEST: Final = 1e290
"""No cell as large is used, and some of them have no sum that a float can hold."""


class Total(NamedTuple):
    """A row that is a total: where it stands, the word that says so, what it states by heading."""

    file: str
    sheet: str
    row: int
    word: str
    stated: Mapping[str, float]

    @property
    def is_sum(self) -> bool:
        """Whether it states sums, and not means."""
        return not self.word.startswith(_MEANS)


class BlockSum(NamedTuple):
    """Rows of a sheet before total number ``block`` and after the one before it: how many they are,
    and floats that are together exactly the sum of what stands under ``heading``."""

    file: str
    sheet: str
    heading: str
    block: int
    rows: int
    parts: Sequence[float]


def stated_totals(rows: Rows, words: Mapping[int, str], headings: Sequence[str]) -> list[Total]:
    """The totals in the rows that ``words`` names, with what they state under ``headings``."""
    index = np.array(sorted(words), dtype=np.intp)
    if not len(index):
        return []
    raw = rows.raw
    few = raw.take(index)
    values = {heading: _amounts(few.cells(heading)).tolist() for heading in headings}
    return [
        Total(
            str(raw.file[at]), str(raw.sheet[at]), int(raw.row[at]), words[at],
            {name: column[place] for name, column in values.items()
             if not math.isnan(column[place])},
        )
        for place, at in enumerate(index.tolist())
    ]  # fmt: skip


def sums_of_blocks(rows: Rows, totals: Sequence[Total]) -> Iterator[BlockSum]:
    """What the used rows are between the ``totals`` of their whole sheets."""
    raw = rows.raw
    headings = dict.fromkeys(name for total in totals if total.is_sum for name in total.stated)
    amounts = {
        heading: np.nan_to_num(_amounts(raw.cells(heading)), nan=0.0) for heading in headings
    }
    for (file, sheet), edges in _edges(totals).items():
        here = np.flatnonzero(rows.used & (raw.file == file) & (raw.sheet == sheet))
        block = np.searchsorted(edges, raw.row[here])
        order = np.argsort(block, kind="stable")
        here, block = here[order], block[order]
        found, starts = np.unique(block, return_index=True)
        for number, low, high in zip(found, starts, [*starts[1:], len(block)], strict=False):
            for heading, values in amounts.items():
                parts = _exact(values[here[low:high]].tolist())
                yield BlockSum(file, sheet, heading, int(number), int(high - low), parts)


class Sums:
    """The sums of all rows of a table, put together from those of some, in any order."""

    def __init__(self, found: Iterable[BlockSum] = ()) -> None:
        self._blocks: defaultdict[tuple[str, str, str], dict[int, _Sum]] = defaultdict(dict)
        for one in found:
            self.add(one)

    def add(self, one: BlockSum) -> None:
        """What some rows of a block are."""
        blocks = self._blocks[one.file, one.sheet, one.heading]
        blocks[one.block] = blocks.get(one.block, _NOTHING).more(one.rows, one.parts)

    def columns(self) -> dict[tuple[str, str, str], _Column]:
        """By file, sheet and heading."""
        return {key: _Column.of(blocks) for key, blocks in self._blocks.items()}


def compare_totals(table: str, totals: Sequence[Total], sums: Sums, log: IssueLog) -> None:
    """Report each total that is none of the sums it may be: those of the rows since the last one,
    of all rows before it, and of all rows of its sheet."""
    columns = sums.columns()
    edges = _edges(totals)
    for total in totals:
        if not total.is_sum:
            continue
        block = int(np.searchsorted(edges[total.file, total.sheet], total.row))
        for heading, stated in total.stated.items():
            column = columns.get((total.file, total.sheet, heading))
            may_be = column.may_be(block) if column else ()
            found = [math.fsum(one.parts) for one in may_be if one.rows]
            if found and not any(_agrees(stated, one) for one in found):
                nearest = min(found, key=lambda one: abs(one - stated))
                log.add(
                    "intake_tables.total_differs", table=table, file=total.file,
                    sheet=total.sheet, row=total.row, column=heading, value=_plain(stated),
                    total=_plain(nearest), word=total.word,
                )  # fmt: skip


def _amounts(cells: Cells) -> npt.NDArray[np.float64]:
    values = numbers(cells).values
    return np.where(np.abs(values) < _LARGEST, values, np.nan)


class _Sum(NamedTuple):
    rows: int
    parts: Sequence[float]

    def more(self, rows: int, parts: Sequence[float]) -> _Sum:
        return _Sum(self.rows + rows, _exact([*self.parts, *parts]))


_NOTHING: Final = _Sum(0, ())


class _Column(NamedTuple):
    """The sums of the blocks of a column; its blocks in order, and the sum of none of them, of the
    first, of the first two, and so on."""

    blocks: Mapping[int, _Sum]
    order: Sequence[int]
    running: Sequence[_Sum]

    @classmethod
    def of(cls, blocks: Mapping[int, _Sum]) -> _Column:
        """From the sums of its blocks."""
        order, running = sorted(blocks), [_NOTHING]
        for block in order:
            running.append(running[-1].more(*blocks[block]))
        return cls(blocks, order, running)

    def may_be(self, block: int) -> tuple[_Sum, ...]:
        """What a total after ``block`` may be."""
        before = self.running[bisect_right(self.order, block)]
        return self.blocks.get(block, _NOTHING), before, self.running[-1]


def _edges(totals: Sequence[Total]) -> dict[tuple[str, str], npt.NDArray[np.int64]]:
    """The rows of the totals of each sheet, in order."""
    rows: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for total in totals:
        rows[total.file, total.sheet].append(total.row)
    return {sheet: np.array(sorted(found), dtype=np.int64) for sheet, found in rows.items()}


def _exact(values: list[float]) -> list[float]:
    """Few numbers that are together exactly what ``values`` are.

    >>> _exact([1e16, 1.0, 0.1])
    [1.0000000000000002e+16, -0.9, 2.7755575615628914e-17]
    """
    found: list[float] = []
    while rest := math.fsum([*values, *(-one for one in found)]):
        found.append(rest)
    return found


def _agrees(stated: float, total: float) -> bool:
    """Equal at the decimals that the stated total shows."""
    text = repr(float(stated))
    decimals = len(text.rpartition(".")[2]) if "e" not in text and not text.endswith(".0") else 0
    return abs(stated - total) <= 0.5 * 10.0**-decimals * (1 + 1e-9) + abs(total) * 1e-12


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")
