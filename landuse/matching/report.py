"""Issues about claims on parcels, said once a parcel or once a link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from landuse.units import MICRO

if TYPE_CHECKING:
    from landuse.issues import IssueLog

__all__ = ["Reporter"]

_TABLES = {"confirmed": "confirmed_links", "occupancy": "occupancy"}


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
        picked = self._links[rows].assign(group=self._group[rows])
        for group, users in picked.groupby("group", sort=False):
            values = {
                name: f"{quantity[int(str(group))] / MICRO:.2f}"
                for name, quantity in micro.items()
            }
            self._add(code, users.iloc[0], "、".join(users["uscc"]), n=len(users), **values)

    def claims(self, code: str, which: npt.NDArray[np.bool_]) -> None:
        """One issue for each link of ``which``."""
        for _, row in self._links[which].iterrows():
            self._add(code, row, row["uscc"])

    def _add(self, code: str, row: pd.Series, value: str, **values: object) -> None:
        self._log.add(
            code,
            table=_TABLES.get(row["evidence"], "parcels"),
            file=row["source_file"],
            sheet=row["source_sheet"],
            row=int(row["source_row"]),
            key=row["parcel_id"],
            value=value,
            **values,
        )
