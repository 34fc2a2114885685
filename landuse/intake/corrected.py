"""Cells that corrections changed: found with the few rows that they name, put wherever these go."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from landuse.intake.typed import objects, same_everywhere

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from landuse.intake.raw import Raw

__all__ = ["Cells"]


@dataclass(frozen=True, slots=True)
class Cells:
    """The corrected cells of one table: by file and row, their headings and new contents."""

    found: Mapping[str, Mapping[int, Mapping[str, object]]] = field(default_factory=dict)

    @classmethod
    def of(cls, before: Raw, after: Raw) -> Cells:
        """The cells in which ``after`` differs from ``before``: the same rows, corrected."""
        found: dict[str, dict[int, dict[str, object]]] = {}
        for heading in before.headings:
            cells = zip(objects(before.frame[heading]), objects(after.frame[heading]), strict=True)
            for at, (old, new) in enumerate(cells):
                if type(old) is not type(new) or old != new:
                    rows = found.setdefault(str(before.file[at]), {})
                    rows.setdefault(int(before.row[at]), {})[heading] = new
        return cls(found)

    def put(self, raw: Raw) -> Raw:
        """Some rows and columns of the table with their corrected cells."""
        columns: dict[str, npt.NDArray[np.object_]] = {}
        files = raw.file[:1] if same_everywhere(raw.file) else raw.file
        for file in sorted(self.found.keys() & set(files)):
            rows = self.found[file]
            there = np.isin(raw.row, list(rows)) & (raw.file == file)
            for at in np.flatnonzero(there).tolist():
                for heading, cell in rows[int(raw.row[at])].items():
                    if heading not in raw.frame:
                        continue
                    if heading not in columns:
                        columns[heading] = objects(raw.frame[heading]).copy()
                    columns[heading][at] = cell
        return raw.with_frame(raw.frame.assign(**columns)) if columns else raw
