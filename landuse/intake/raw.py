"""What was read from files, before anything is understood: headings, cells, places.

A worksheet and the attribute table of a layer both end here, so that everything after this point
(headings, corrections, validation) is written once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pandas as pd
    import pyproj

    from landuse.intake.typed import Cells

__all__ = ["Fact", "Raw", "everywhere", "named_apart", "plain_heading", "stack"]

_MARKED: Final = re.compile(r"(.+) \[(?:[A-Z]+|\d+)\]'*")
_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fact:
    """A decision of the reader that the run reports: encoding, heading row, unread columns ...

    ``code`` is a sentence of the catalogue, ``values`` fill it; ``file`` is relative to the
    project file.
    """

    code: str
    file: str = ""
    values: Mapping[str, object] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True)
class Raw:
    """One input table as it stands in the user's file or files.

    ``frame``: one column a heading of the user's file (unique), object cells as they were read
    (``str``, ``float``, ``int``, ``bool``, ``date``/``datetime``; ``None`` blank), or a typed
    column (``landuse.intake.typed``) where the reader was asked for such: :meth:`cells` and
    :meth:`cell` give either.
    ``file`` (relative to the project file, forward slashes), ``sheet`` and ``row`` (as Excel
    counts; a layer's feature from 1) are arrays aligned with the frame.
    ``geometry`` is aligned too; ``None`` where a feature has none or an unreadable one.
    ``unit_line`` holds the units (codes) that a line above the heading names (单位：万元、亩);
    units in headings stay in the headings. ``repeated`` marks rows that say the heading again.
    """

    table: str
    frame: pd.DataFrame
    file: npt.NDArray[np.object_]
    sheet: npt.NDArray[np.object_]
    row: npt.NDArray[np.int64]
    geometry: npt.NDArray[np.object_] | None = None
    crs: pyproj.CRS | None = None
    facts: tuple[Fact, ...] = ()
    unit_line: tuple[str, ...] = ()
    repeated: npt.NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def headings(self) -> list[str]:
        """The headings of the user's file, in order."""
        return [str(name) for name in self.frame.columns]

    def cells(self, heading: str) -> Cells:
        """One column as it was read: cells, or a typed column as an array."""
        from landuse.intake.typed import cells_in

        return cells_in(self.frame[heading])

    def cell(self, index: int, heading: str) -> object:
        """One cell, ``None`` where it is blank."""
        column = self.frame[heading]
        value: object = column.iloc[index]
        if column.dtype == object:
            return value
        value = value.item() if isinstance(value, np.generic) else value
        return None if value != value else value

    def with_cells(self) -> Raw:
        """The same table with a cell for every value, however its file holds it."""
        import pandas as pd

        from landuse.intake.typed import objects

        if all(kind.kind == "O" and kind.name == "object" for kind in self.frame.dtypes):
            return self
        cells = {name: objects(self.frame[name]) for name in self.frame.columns}
        return self.with_frame(pd.DataFrame(cells, index=self.frame.index, dtype=object))

    def with_types(self) -> Raw:
        """The same table with typed columns wherever all cells of a column are of one type."""
        import pandas as pd

        from landuse.intake.typed import typed_cells

        columns = {name: typed_cells(self.frame[name]) for name in self.frame.columns}
        return self.with_frame(pd.DataFrame(columns, index=self.frame.index, copy=False))

    def place(self, index: int) -> dict[str, Any]:
        """Where row ``index`` stands, as the keywords of ``IssueLog.add``."""
        return {
            "table": self.table,
            "file": str(self.file[index]),
            "sheet": str(self.sheet[index]),
            "row": int(self.row[index]),
        }

    def take(self, keep: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Raw:
        """The rows that ``keep`` names, in its order; facts and units stay."""
        index = np.flatnonzero(keep) if keep.dtype == bool else keep
        if keep.dtype == bool and len(index) == len(self):
            return self
        return replace(
            self,
            frame=self.frame.iloc[index].reset_index(drop=True),
            file=self.file[index],
            sheet=self.sheet[index],
            row=self.row[index],
            geometry=None if self.geometry is None else self.geometry[index],
            repeated=None if self.repeated is None else self.repeated[index],
        )

    def with_frame(self, frame: pd.DataFrame) -> Raw:
        """The same places with other cells."""
        return replace(self, frame=frame)


def everywhere(text: str, count: int) -> npt.NDArray[np.object_]:
    """The file or sheet of so many rows, if it is one: a view of a single value."""
    return np.broadcast_to(np.array(text, dtype=object), count)


def named_apart(
    headings: Sequence[str], marks: Sequence[str], columns: Sequence[pd.Series]
) -> list[str]:
    """The headings made unique by the mark (letter or number) of their column: ``税收 [F]``.

    Of equal headings the first keeps its name where the others are blank or say the same; where
    they say different things all are marked, so that nobody chooses between them unseen.
    """
    from landuse.intake.typed import objects

    places: dict[str, list[int]] = {}
    for place, heading in enumerate(headings):
        places.setdefault(heading, []).append(place)
    out = list(headings)
    taken = {heading for heading, group in places.items() if len(group) == 1}
    for heading, group in places.items():
        if len(group) == 1:
            continue
        first = objects(columns[group[0]])
        alike = all(_says_no_more(objects(columns[place]), first) for place in group[1:])
        for place in group:
            name = heading if alike and place == group[0] else f"{heading} [{marks[place]}]"
            while name in taken:
                name += "'"
            taken.add(name)
            out[place] = name
    return out


def _says_no_more(column: npt.NDArray[np.object_], than: npt.NDArray[np.object_]) -> bool:
    return all(
        cell is None or cell != cell or cell == other
        for cell, other in zip(column, than, strict=True)
    )


def plain_heading(heading: str) -> str:
    """A heading without the mark that :func:`named_apart` gave it.

    >>> plain_heading("税收(万元) [F]"), plain_heading("税收(万元)")
    ('税收(万元)', '税收(万元)')
    """
    match = _MARKED.fullmatch(heading)
    return match[1] if match else heading


def _marks(part: Raw) -> npt.NDArray[np.bool_]:
    return np.zeros(len(part), dtype=bool) if part.repeated is None else part.repeated


def _stacked(frames: Sequence[pd.DataFrame], name: str) -> pd.Series:
    """One column of all frames: typed where it is of one type in all of them, else cells."""
    import pandas as pd

    from landuse.intake.typed import objects

    found = [frame.get(name) for frame in frames]
    kinds = {None if column is None else column.dtype for column in found}
    if len(kinds) == 1 and object not in kinds and None not in kinds:
        return pd.concat(found, ignore_index=True)
    cells = [
        np.full(len(frame), None, dtype=object) if column is None else objects(column)
        for frame, column in zip(frames, found, strict=True)
    ]
    whole = pd.Series(np.concatenate(cells), dtype=object)
    return whole.where(whole.notna(), None)


def stack(parts: list[Raw]) -> Raw:
    """Several files with the same columns as one table; a heading that one lacks is blank there.

    The caller has brought all parts to one CRS.
    """
    import pandas as pd

    if len(parts) == 1:
        return parts[0]
    headings = dict.fromkeys(name for part in parts for name in part.frame.columns)
    frame = pd.DataFrame(
        {name: _stacked([part.frame for part in parts], name) for name in headings},
        index=pd.RangeIndex(sum(map(len, parts))),
    )
    shapes = [part.geometry for part in parts if part.geometry is not None]
    return Raw(
        parts[0].table,
        frame,
        np.concatenate([part.file for part in parts]),
        np.concatenate([part.sheet for part in parts]),
        np.concatenate([part.row for part in parts]),
        np.concatenate(shapes) if len(shapes) == len(parts) else None,
        parts[0].crs,
        tuple(fact for part in parts for fact in part.facts),
        tuple(dict.fromkeys(unit for part in parts for unit in part.unit_line)),
        np.concatenate([_marks(part) for part in parts]),
    )
