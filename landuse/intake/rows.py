"""The book-keeping of one input table: every row read is used, or set aside with a reason."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from landuse.intake.inputs import COUNT_COLUMNS
from landuse.intake.typed import as_series, order_of, repeated, same_everywhere
from landuse.schema.tables import SET_ASIDE, SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from landuse.intake.raw import Raw
    from landuse.intake.typed import Texts
    from landuse.issues import IssueLog

__all__ = ["Rows", "source_columns"]

_NO_KEY = pa.scalar("", pa.large_string())


def source_columns(raw: Raw, index: npt.NDArray[np.intp] | None = None) -> dict[str, Any]:
    """The columns ``source_file``, ``source_sheet`` and ``source_row`` of some rows, or of all."""
    return {
        "source_file": as_series(_named(raw.file, index)).array,
        "source_sheet": as_series(_named(raw.sheet, index)).array,
        "source_row": (raw.row if index is None else raw.row[index]).astype(np.int64),
    }


def _named(
    values: npt.NDArray[np.object_], index: npt.NDArray[np.intp] | None
) -> Texts | pa.ChunkedArray:
    """A column of names, of which there are few."""
    count = len(values) if index is None else len(index)
    if same_everywhere(values):
        return repeated(str(values[0]), count)
    which, names = pd.factorize(values if index is None else values[index])
    said = pa.array([str(name) for name in names], pa.large_string())
    return said.take(pa.array(which))


class Rows:
    """The rows of ``raw``, each used until it is rejected; the first reason stays."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self._keys: npt.NDArray[np.object_] | Texts = pa.repeat(_NO_KEY, len(raw))
        self._reasons = [""]
        self._reason: npt.NDArray[np.int16] = np.zeros(len(raw), dtype=np.int16)

    @property
    def keys(self) -> npt.NDArray[np.object_]:
        """The key of every row, ``""`` where it has none; may be set to text of either form."""
        if not isinstance(self._keys, np.ndarray):
            self._keys = np.asarray(self._keys.to_numpy(zero_copy_only=False), dtype=object)
        return self._keys

    @keys.setter
    def keys(self, keys: npt.NDArray[np.object_] | Texts) -> None:
        self._keys = keys

    def keys_at(self, index: npt.NDArray[np.intp]) -> Texts:
        """The keys of some rows."""
        if isinstance(self._keys, np.ndarray):
            return pa.array([str(key) for key in self._keys[index]], pa.large_string())
        return self._keys.take(pa.array(index))

    def key(self, index: int) -> str:
        """The key of one row."""
        found = self._keys[index]
        return str(found if isinstance(self._keys, np.ndarray) else found.as_py())

    @property
    def used(self) -> npt.NDArray[np.bool_]:
        """Which rows are not set aside."""
        return np.asarray(self._reason == 0, dtype=bool)

    def set_aside_as(self, *codes: str) -> npt.NDArray[np.bool_]:
        """Which rows are set aside for one of the reasons ``codes``."""
        wanted = [place for place, code in enumerate(self._reasons) if code and code in codes]
        return np.isin(self._reason, wanted)

    def reject(
        self,
        mask: npt.NDArray[np.bool_],
        code: str,
        log: IssueLog | None = None,
        *,
        column: str = "",
        **values: object,
    ) -> None:
        """Set aside the used rows in ``mask`` for the reason ``code``; told in ``log`` if given."""
        fresh = np.flatnonzero(mask & self.used)
        if len(fresh):
            self._reason[fresh] = self._number(code)
        if log is not None:
            self.tell(fresh, code, log, column=column, shown=values)

    def _number(self, code: str) -> int:
        if code not in self._reasons:
            self._reasons.append(code)
        return self._reasons.index(code)

    def tell(
        self,
        rows: npt.NDArray[np.intp],
        code: str,
        log: IssueLog,
        *,
        column: str = "",
        values_of: Mapping[str, npt.NDArray[np.object_]] | None = None,
        shown: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        """One issue for each of ``rows``, with its place, its key and what stands in ``column``.

        ``shown`` are values of the sentence that are the same for all, ``values_of`` those that
        differ by row.
        """
        for index in rows:
            cell = self.raw.cell(int(index), column) if column in self.raw.frame else None
            said = {} if cell is None else {"value": str(cell)}
            special = {name: array[index] for name, array in (values_of or {}).items()}
            place = {**self.raw.place(int(index)), "key": self.key(int(index)), "column": column}
            log.add(code, **{**place, **said, **shown, **special})

    def counts(self) -> pd.DataFrame:
        """Rows read, used and set aside, by file."""
        files = self.raw.file
        if same_everywhere(files):
            which, files = np.zeros(len(files), dtype=np.intp), files[:1]
        else:
            which, files = pd.factorize(files, sort=True)
        read = np.bincount(which, minlength=len(files)).astype(np.int64)
        used = np.bincount(which[self.used], minlength=len(files)).astype(np.int64)
        data = {
            "table": self.raw.table,
            "file": pd.Index([str(file) for file in files], dtype="str"),
            "read": read,
            "used": used,
            "set_aside": read - used,
        }
        return pd.DataFrame(data, columns=list(COUNT_COLUMNS))

    def set_aside(self) -> pd.DataFrame:
        """The rows set aside, as SET_ASIDE."""
        index = np.flatnonzero(~self.used)
        data = {
            "table": self._repeated(self.raw.table, len(index)),
            "key": as_series(self.keys_at(index)),
            "reason": as_series(
                pa.array(self._reasons, pa.large_string()).take(pa.array(self._reason[index]))
            ),
        }
        return SET_ASIDE.check(pd.DataFrame({**data, **source_columns(self.raw, index)}))

    def sources(
        self,
        index: npt.NDArray[np.intp],
        columns: str,
        *,
        keys: Texts | None = None,
        years: npt.NDArray[np.int64] | None = None,
    ) -> pd.DataFrame:
        """Where the rows of ``index`` stand, as SOURCES; ``columns`` names what they gave.

        Without ``keys`` the rows are put into the order of their keys.
        """
        if keys is None:
            keys = self.keys_at(index)
            order = order_of(keys)
            if order is not None:
                index, keys = index[order], keys.take(pa.array(order))
        when = np.zeros(len(index), np.int64) if years is None else years.astype(np.int64)
        data = {
            "table": self._repeated(self.raw.table, len(index)),
            "key": as_series(keys),
            "year": when,
            "columns": self._repeated(columns, len(index)),
        }
        return SOURCES.check(pd.DataFrame({**data, **source_columns(self.raw, index)}))

    @staticmethod
    def _repeated(text: str, count: int) -> pd.Series:
        return as_series(repeated(text, count))
