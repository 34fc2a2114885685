"""What a table is: its columns with type, unit and labels, and a check that a frame is one.

Conventions for every frame that passes from room to room:

* text is never missing: a blank is ``""``;
* ``int`` and ``bool`` are never missing; ``Int64`` and ``float`` may be (``<NA>``, ``NaN``);
* a fixed-point column ends in ``_micro`` (millionths of the unit before it) and is an integer;
* ``geometry`` holds shapely objects in the project's working CRS, never ``None``;
* the index is ``0 … n-1`` and means nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from landuse.errors import InternalError
from landuse.issues import Issue
from landuse.messages import Lang

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Column", "DType", "Table"]

DType = Literal["text", "int", "Int64", "float", "bool", "date", "geometry"]
_PANDAS: Final[dict[DType, tuple[str, ...]]] = {
    "text": ("str", "string"),
    "int": ("int64",),
    "Int64": ("Int64",),
    "float": ("float64",),
    "bool": ("bool",),
    "date": ("datetime64[s]",),
    "geometry": ("object",),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: name, type, unit (empty for text, codes and counts) and its two headings."""

    name: str
    dtype: DType
    zh: str
    en: str
    unit: str = ""

    def label(self, lang: Lang = "zh") -> str:
        """The heading that a reader sees."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Table:
    """A named list of columns; ``key`` names the columns that are unique together."""

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    @property
    def names(self) -> list[str]:
        """The column names in order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """The column called ``name``; ``KeyError`` if there is none."""
        return {column.name: column for column in self.columns}[name]

    def label(self, lang: Lang = "zh") -> str:
        """The table's name as a reader sees it."""
        return self.zh if lang == "zh" else self.en

    def empty(self) -> pd.DataFrame:
        """A frame of this table without rows."""
        import pandas as pd

        return pd.DataFrame(
            {column.name: pd.Series([], dtype=_PANDAS[column.dtype][0]) for column in self}
        )

    def check(self, frame: pd.DataFrame) -> pd.DataFrame:
        """``frame`` itself if it is such a table (more columns are allowed).

        Raises :class:`landuse.errors.InternalError` naming every column that is absent, has
        another type or repeats a key: rooms promise their tables to each other.
        """
        from landuse.keys import repeats

        faults = [self._fault(frame, column) for column in self]
        if self.key and repeats(frame, self.key):
            faults.append(f"key {self.key} repeats")
        found = [fault for fault in faults if fault]
        if found:
            issue = Issue("schema.broken_table", table=self.name, value="; ".join(found))
            raise InternalError([issue])
        return frame

    @staticmethod
    def _fault(frame: pd.DataFrame, column: Column) -> str:
        if column.name not in frame.columns:
            return f"{column.name} absent"
        dtype = str(frame[column.name].dtype)
        if dtype not in _PANDAS[column.dtype]:
            return f"{column.name} is {dtype}, not {column.dtype}"
        if column.dtype == "text" and _has_missing(frame[column.name]):
            return f"{column.name} has missing text"
        return ""


def _has_missing(texts: pd.Series) -> bool:
    """Whether a text column has a missing value; Arrow knows the number of its nulls."""
    import pyarrow as pa

    return bool(pa.array(texts, from_pandas=True).null_count)
