"""Reading a run folder back: its manifest and its tables, whole or by key."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.publish.manifest import FORMAT, MADE_BY, MANIFEST

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from landuse.publish.run_tables import RunTables

__all__ = ["RunFolder", "open_run", "run_tables"]

_PARTS: Final = {
    "run_id": str,
    "project": dict,
    "rules": dict,
    "pack": dict,
    "versions": dict,
    "totals": dict,
    "inputs": list,
}
"""What every manifest of ours has: without it somebody cut or changed the file."""


@dataclass(frozen=True)
class RunFolder:
    """A run folder and its manifest."""

    path: Path
    manifest: dict[str, Any]

    @property
    def pack(self) -> dict[str, Any]:
        """The rules of the run, as the pack writes them."""
        pack: dict[str, Any] = self.manifest["pack"]
        return pack

    def has(self, name: str) -> bool:
        """Whether the run was written with this table: earlier programs wrote fewer of them."""
        return f"{name}.parquet" in self.manifest.get("files", {})

    def table(
        self,
        name: str,
        *,
        columns: list[str] | None = None,
        where: tuple[str, Iterable[str]] | None = None,
    ) -> pd.DataFrame:
        """One table; ``where``: only rows whose column holds one of the values.

        Geometry is never read. Raises :class:`UserError` if the file is absent or broken.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.path / f"{name}.parquet"
        filters = [(where[0], "in", sorted(set(where[1])) or [""])] if where else None
        try:
            wanted = columns or [one for one in pq.read_schema(path).names if one != "geometry"]
            table = pq.read_table(path, columns=wanted, filters=filters)
        except (OSError, pa.ArrowException) as fault:
            raise UserError.of(
                "publish.table_absent", file=path.name, value=str(self.path)
            ) from fault
        frame: pd.DataFrame = table.to_pandas()
        return frame.reset_index(drop=True)


def open_run(path: Path) -> RunFolder:
    """The run folder at ``path``.

    Raises :class:`UserError` if it is none of ours or has a layout that this version cannot read.
    """
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as fault:
        raise UserError.of("publish.not_a_run", value=str(path)) from fault
    if not isinstance(manifest, dict) or manifest.get("made_by") != MADE_BY:
        raise UserError.of("publish.not_a_run", value=str(path))
    if manifest.get("format") != FORMAT:
        found = str(manifest.get("format"))
        raise UserError.of("publish.other_format", value=str(path), found=found, known=FORMAT)
    if any(not isinstance(manifest.get(name), kind) for name, kind in _PARTS.items()):
        raise UserError.of("publish.not_a_run", value=str(path))
    return RunFolder(path, manifest)


def run_tables(folder: Path, *, only: Collection[str] | None = None) -> RunTables:
    """The whole run back, geometry included; see :func:`landuse.publish.run_reading.run_tables`."""
    from landuse.publish.run_reading import run_tables as read

    return read(folder, only=only)
