"""All that one run found, as it is published; every writer of this room takes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from landuse.publish.columns import tables_of
from landuse.rules.model import Rules
from landuse.schema.published import RUN_AREAS, RUN_IDLE
from landuse.schema.tables import EVIDENCE

if TYPE_CHECKING:
    import pandas as pd

    from landuse.schema.frame import Table

__all__ = ["RunTables"]


@dataclass(frozen=True)
class RunTables:
    """Published frames (``landuse.schema.published``), the manifest, the totals and the rules.

    ``parcels`` also carries ``geometry`` in ``crs``. ``manifest`` is the content of ``run.json``
    without the list of files, which the writer adds (:mod:`landuse.publish.manifest`). ``totals``
    are the figures that workbook, map and manifest show alike.
    """

    units: pd.DataFrame
    parcels: pd.DataFrame
    links: pd.DataFrame
    issues: pd.DataFrame
    indicators: pd.DataFrame
    cohorts: pd.DataFrame
    suggestions: pd.DataFrame
    unmatched_parcels: pd.DataFrame
    unmatched_enterprises: pd.DataFrame
    sources: pd.DataFrame
    set_aside: pd.DataFrame
    counts: pd.DataFrame
    price_parts: pd.DataFrame
    corrections: pd.DataFrame
    manifest: dict[str, Any]
    totals: dict[str, Any]
    crs: str
    rules: Rules
    idle: pd.DataFrame = field(default_factory=RUN_IDLE.empty)
    evidence: pd.DataFrame = field(default_factory=EVIDENCE.empty)
    areas: pd.DataFrame = field(default_factory=RUN_AREAS.empty)

    @property
    def graded(self) -> bool:
        """Whether enterprises were graded; a run of idle land alone has none."""
        return "low_efficiency" in self.manifest.get("examined", ("low_efficiency",))

    def tables(self) -> Iterator[tuple[Table, pd.DataFrame]]:
        """Each published table with its frame, checked, its columns in the order of the schema.

        Columns that the schema does not know follow at the end, by name. Raises
        :class:`landuse.errors.InternalError` for a frame that breaks its promise.
        """
        for table in tables_of(self.rules):
            frame: pd.DataFrame = table.check(getattr(self, table.name))
            extra = sorted(str(name) for name in frame.columns if name not in set(table.names))
            yield table, frame[[*table.names, *extra]].reset_index(drop=True)

    def table(self, name: str) -> Table:
        """The schema of the published table ``name``."""
        return {table.name: table for table in tables_of(self.rules)}[name]
