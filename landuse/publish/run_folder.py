"""The run folder: which files it holds, and writing them all or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from landuse.messages import Lang
from landuse.publish.folder import digest, ready, replacing
from landuse.publish.geopackage import write_geopackage
from landuse.publish.manifest import MANIFEST, dump
from landuse.publish.parquet import write_geoparquet, write_parquet
from landuse.publish.run_tables import RunTables
from landuse.rules.model import as_written

if TYPE_CHECKING:
    import pandas as pd

    from landuse.schema.frame import Table

__all__ = ["IDLE_OUTPUTS", "OUTPUTS", "Output", "Progress", "write_run"]

_WRITERS: Final = 2

Progress = Callable[[int, int, str], None]
"""Called before each file with how many are done, how many there are, and the file's name."""


@dataclass(frozen=True, slots=True)
class Output:
    """One file of the run folder (or several: the tables) and what writes it."""

    name: str
    write: Callable[[RunTables, Path, Lang], None]


def _tables(run: RunTables, path: Path, lang: Lang) -> None:  # noqa: ARG001
    """Two tables at a time: the writer of Parquet leaves the other core to somebody else."""

    def write(table: Table, frame: pd.DataFrame) -> None:
        target = path.with_name(f"{table.name}.parquet")
        if "geometry" in table.names:
            write_geoparquet(frame, table, run.crs, target)
        else:
            write_parquet(frame, table, target)

    with ThreadPoolExecutor(_WRITERS) as pool:
        for done in [pool.submit(write, table, frame) for table, frame in run.tables()]:
            done.result()


def _geopackage(run: RunTables, path: Path, lang: Lang) -> None:  # noqa: ARG001
    write_geopackage(run, path)


def _workbook(run: RunTables, path: Path, lang: Lang) -> None:
    from landuse.publish.workbook import write_workbook

    write_workbook(run, path, lang=lang)


def _map(run: RunTables, path: Path, lang: Lang) -> None:
    from landuse.publish.map import write_map

    write_map(run, path, lang=lang)


OUTPUTS: Final = (
    Output("units.parquet", _tables),
    Output("results.gpkg", _geopackage),
    Output("results.xlsx", _workbook),
    Output("map.html", _map),
)
"""A new export is one line here. The first stands for all tables."""


IDLE_OUTPUTS: Final = (
    Output("units.parquet", _tables),
    Output("results.gpkg", _geopackage),
    Output("idle.xlsx", _workbook),
)
"""What a run of idle land alone writes: the tables of every run (those of the enterprises empty)
and its own workbook; no map of grades."""


def write_run(
    run: RunTables,
    folder: Path,
    *,
    lang: Lang = "zh",
    progress: Progress | None = None,
    inputs: Iterable[Path] = (),
    outputs: Sequence[Output] = OUTPUTS,
) -> Path:
    """Write the run folder whole or not at all, and give it back.

    ``inputs`` are the files that the run read (with the project file): none may lie inside
    ``folder``. Raises :class:`landuse.errors.UserError` where the folder may not be replaced or
    cannot be written (:mod:`landuse.publish.folder`); what was there is unchanged then.
    """
    ready(folder, inputs)
    with replacing(folder) as new:
        for done, output in enumerate(outputs):
            if progress:
                progress(done, len(outputs), output.name)
            output.write(run, new / output.name, lang)
        paths = sorted(new.iterdir())
        with ThreadPoolExecutor(_WRITERS) as pool:
            files = {
                path.name: {"bytes": path.stat().st_size, "sha256": sha256}
                for path, sha256 in zip(paths, pool.map(digest, paths), strict=True)
            }
        (new / MANIFEST).write_bytes(
            dump({**run.manifest, "pack": as_written(run.rules), "files": files})
        )
    return folder
