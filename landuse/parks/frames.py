"""Rows of computed values as the frame of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landuse.schema.frame import Table

__all__ = ["typed"]

_DTYPES: Final = {
    "text": "str",
    "int": "int64",
    "Int64": "Int64",
    "float": "float64",
    "bool": "bool",
    "date": "datetime64[s]",
}


def typed(rows: Sequence[dict[str, Any]], table: Table) -> pd.DataFrame:
    """``rows`` as a checked frame of ``table``: its columns, in its order, with its types."""
    columns: dict[str, pd.Series[Any]] = {}
    for column in table:
        values = [row[column.name] for row in rows]
        columns[column.name] = pd.Series(values, dtype=_DTYPES[column.dtype])
    return table.check(pd.DataFrame(columns))
