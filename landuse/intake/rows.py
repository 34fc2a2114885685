"""The book-keeping of one input table: every row read is used, or set aside with a reason."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse.intake.inputs import COUNT_COLUMNS
from landuse.schema.tables import SET_ASIDE, SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from landuse.intake.raw import Raw
    from landuse.issues import IssueLog

__all__ = ["Rows", "source_columns"]


def source_columns(raw: Raw, index: npt.NDArray[np.intp]) -> dict[str, Any]:
    """The columns ``source_file``, ``source_sheet`` and ``source_row`` of some rows."""
    return {
        "source_file": pd.array(raw.file[index].astype(str), dtype="str"),
        "source_sheet": pd.array(raw.sheet[index].astype(str), dtype="str"),
        "source_row": raw.row[index].astype(np.int64),
    }


class Rows:
    """The rows of ``raw``, each used until it is rejected; the first reason stays."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.keys: npt.NDArray[np.object_] = np.full(len(raw), "", dtype=object)
        self._reason: npt.NDArray[np.object_] = np.full(len(raw), "", dtype=object)

    @property
    def used(self) -> npt.NDArray[np.bool_]:
        """Which rows are not set aside."""
        return np.asarray(self._reason == "", dtype=bool)

    def set_aside_as(self, *codes: str) -> npt.NDArray[np.bool_]:
        """Which rows are set aside for one of the reasons ``codes``."""
        return np.isin(self._reason.astype(str), codes)

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
        self._reason[fresh] = code
        if log is not None:
            self.tell(fresh, code, log, column=column, shown=values)

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
        cells = self.raw.frame[column].to_numpy() if column in self.raw.frame else None
        for index in rows:
            said = {} if cells is None or cells[index] is None else {"value": str(cells[index])}
            special = {name: array[index] for name, array in (values_of or {}).items()}
            place = {**self.raw.place(int(index)), "key": str(self.keys[index]), "column": column}
            log.add(code, **{**place, **said, **shown, **special})

    def counts(self) -> pd.DataFrame:
        """Rows read, used and set aside, by file."""
        used = self.used
        frame = pd.DataFrame({"file": self.raw.file.astype(str), "used": used, "aside": ~used})
        grouped = frame.groupby("file", sort=True).sum()
        data = {
            "table": self.raw.table,
            "file": grouped.index.astype("str"),
            "read": (grouped["used"] + grouped["aside"]).to_numpy(np.int64),
            "used": grouped["used"].to_numpy(np.int64),
            "set_aside": grouped["aside"].to_numpy(np.int64),
        }
        return pd.DataFrame(data, columns=list(COUNT_COLUMNS))

    def set_aside(self) -> pd.DataFrame:
        """The rows set aside, as SET_ASIDE."""
        index = np.flatnonzero(~self.used)
        data = {
            "table": pd.array([self.raw.table] * len(index), dtype="str"),
            "key": pd.array(self.keys[index].astype(str), dtype="str"),
            "reason": pd.array(self._reason[index].astype(str), dtype="str"),
        }
        return SET_ASIDE.check(pd.DataFrame({**data, **source_columns(self.raw, index)}))

    def sources(
        self,
        index: npt.NDArray[np.intp],
        columns: str,
        *,
        keys: npt.NDArray[np.object_] | None = None,
        years: npt.NDArray[np.int64] | None = None,
    ) -> pd.DataFrame:
        """Where the rows of ``index`` stand, as SOURCES; ``columns`` names what they gave."""
        key = self.keys[index] if keys is None else keys
        when = np.zeros(len(index), np.int64) if years is None else years.astype(np.int64)
        data = {
            "table": pd.array([self.raw.table] * len(index), dtype="str"),
            "key": pd.array(key.astype(str), dtype="str"),
            "year": when,
            "columns": pd.array([columns] * len(index), dtype="str"),
        }
        return SOURCES.check(pd.DataFrame({**data, **source_columns(self.raw, index)}))
