"""Issues about claims on parcels, each with the row of its evidence."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from landuse.units import MICRO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landuse.issues import IssueLog

__all__ = ["Reporter", "log_rows"]

_SOURCE: Final = ("source_file", "source_sheet", "source_row")
_TABLES: Final = {"confirmed": "confirmed_links", "occupancy": "occupancy"}


def log_rows(
    log: IssueLog,
    code: str,
    rows: pd.DataFrame,
    *,
    table: str = "parcels",
    column: str = "",
    key: str = "parcel_id",
    value: str = "uscc",
    more: Sequence[str] = (),
) -> None:
    """One issue for each row, at its source; ``key`` and ``value`` name columns of ``rows``.

    ``more`` are columns that fill the sentence under their own names.
    """
    wanted = dict.fromkeys([*_SOURCE, key, value, *more])
    if "table" in rows:
        wanted["table"] = None
    for row in rows[list(wanted)].to_dict("records"):
        log.add(
            code,
            table=row.get("table", table),
            file=row["source_file"],
            sheet=row["source_sheet"],
            row=int(row["source_row"]),
            column=column,
            key=row[key],
            value=row[value],
            **{name: row[name] for name in more},
        )


class Reporter:
    """Puts issues about ``links`` into a log; ``group`` is the number of each link's parcel."""

    def __init__(self, links: pd.DataFrame, group: npt.NDArray[np.int64], log: IssueLog) -> None:
        self._links, self._group, self._log = links, group, log

    def parcels(
        self,
        code: str,
        which: npt.NDArray[np.bool_],
        only: npt.NDArray[np.bool_] | None = None,
        **micro: npt.NDArray[np.int64],
    ) -> None:
        """One issue for each parcel of ``which``, at its first link, naming its users.

        ``micro`` are quantities per parcel in 10⁻⁶ m², shown in m²; ``only`` restricts the users.
        """
        rows = which[self._group] if only is None else which[self._group] & only
        if not rows.any():
            return
        picked = self._rows(rows).assign(group=self._group[rows])
        users: defaultdict[int, list[str]] = defaultdict(list)
        for group, uscc in zip(picked["group"].tolist(), picked["uscc"].tolist(), strict=True):
            users[group].append(uscc)
        for row in picked.drop_duplicates("group").to_dict("records"):
            group = row["group"]
            self._log.add(
                code,
                table=row["table"],
                file=row["source_file"],
                sheet=row["source_sheet"],
                row=int(row["source_row"]),
                key=row["parcel_id"],
                value="、".join(users[group]),
                n=len(users[group]),
                **{name: f"{amount[group] / MICRO:.2f}" for name, amount in micro.items()},
            )

    def claims(self, code: str, which: npt.NDArray[np.bool_]) -> None:
        """One issue for each link of ``which``."""
        if which.any():
            log_rows(self._log, code, self._rows(which))

    def _rows(self, which: npt.NDArray[np.bool_]) -> pd.DataFrame:
        rows = self._links[which]
        return rows.assign(table=rows["evidence"].map(_TABLES).fillna("parcels"))
