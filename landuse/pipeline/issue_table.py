"""The issues of a run or a check as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from landuse.issues import IssueLog

__all__ = ["issue_table"]


def issue_table(log: IssueLog) -> pd.DataFrame:
    """The issues as a frame in both languages, in an order that depends on nothing else."""
    columns = [
        *("severity", "owner", "code", "table", "file", "sheet", "row", "column", "key", "value"),
        *("message_zh", "message_en", "hint_zh", "hint_en"),
    ]
    rows = [
        (
            *(issue.severity, issue.owner, issue.code, issue.table, issue.file, issue.sheet),
            *(issue.row, issue.column, issue.key, issue.value),
            *(issue.message("zh"), issue.message("en"), issue.hint("zh"), issue.hint("en")),
        )
        for issue in log
    ]
    frame = pd.DataFrame(rows, columns=columns)
    types = {name: "Int64" if name == "row" else "str" for name in columns}
    return frame.astype(types)
