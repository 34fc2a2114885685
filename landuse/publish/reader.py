"""Reading a run folder back: its manifest and its tables, whole or by key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.publish.manifest import KNOWN_FORMATS, MADE_BY, MANIFEST, table_files

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd
    import pyarrow as pa

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
        return bool(table_files(self._listed, name))

    def files(self, name: str) -> list[Path]:
        """The files of a table in the order of their rows: one, or those of its parts.

        Where the manifest lists none, the one that an ordinary run has, there or not.
        """
        listed = table_files(self._listed, name) or [f"{name}.parquet"]
        return [self.path / one for one in listed]

    @property
    def _listed(self) -> dict[str, Any]:
        """The files that the manifest lists: a run folder that somebody edited may list none."""
        files = self.manifest.get("files")
        return files if isinstance(files, dict) else {}

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

        paths = self.files(name)
        filters = [(where[0], "in", sorted(set(where[1])) or [""])] if where else None
        try:
            wanted = columns or [one for one in pq.read_schema(paths[0]).names if one != "geometry"]
            found = [pq.read_table(path, columns=wanted, filters=filters) for path in paths]
            table = found[0] if len(found) == 1 else _together(found)
        except (OSError, pa.ArrowException) as fault:
            raise self._absent(name) from fault
        frame: pd.DataFrame = table.to_pandas()
        return frame.reset_index(drop=True)

    def rows(self, name: str) -> int:
        """How many rows a table has; raises :class:`UserError` if a file is absent or broken."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return sum(pq.read_metadata(path).num_rows for path in self.files(name))
        except (OSError, pa.ArrowException) as fault:
            raise self._absent(name) from fault

    def row_groups(self, name: str, columns: list[str] | None = None) -> Iterator[pa.Table]:
        """The rows of a table in their order, a row group at a time (about 130 000 rows).

        Raises :class:`UserError` if a file is absent or broken.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            for path in self.files(name):
                with pq.ParquetFile(path) as file:
                    for group in range(file.num_row_groups):
                        yield file.read_row_group(group, columns=columns)
        except (OSError, pa.ArrowException) as fault:
            raise self._absent(name) from fault

    def _absent(self, name: str) -> UserError:
        return UserError.of("publish.table_absent", file=f"{name}.parquet", value=str(self.path))


def _together(parts: list[pa.Table]) -> pa.Table:
    """Parts of one table; each says of its shapes alone where they lie."""
    import pyarrow as pa

    return pa.concat_tables(
        part.replace_schema_metadata(parts[0].schema.metadata) for part in parts
    )


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
    if manifest.get("format") not in KNOWN_FORMATS:
        found, known = str(manifest.get("format")), ", ".join(map(str, KNOWN_FORMATS))
        raise UserError.of("publish.other_format", value=str(path), found=found, known=known)
    if any(not isinstance(manifest.get(name), kind) for name, kind in _PARTS.items()):
        raise UserError.of("publish.not_a_run", value=str(path))
    return RunFolder(path, manifest)


def run_tables(folder: Path, *, only: Collection[str] | None = None) -> RunTables:
    """The whole run back, geometry included; see :func:`landuse.publish.run_reading.run_tables`."""
    from landuse.publish.run_reading import run_tables as read

    return read(folder, only=only)
