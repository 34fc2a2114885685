"""The floor: reading the same columns and writing the same outputs, with the libraries alone.

``arrow`` for the bare job and its peers, ``explained`` for the whole one. What is to be written is
read before the clock starts: the result of a job that ran before.
"""

from __future__ import annotations

import time
from pathlib import Path

__all__ = ["INPUTS", "arrow", "explained"]

INPUTS = {
    "parcels": None,
    "zones": ["benchmark_price_yuan_per_m2", "geometry"],
    "occupancy": ["parcel_id", "uscc", "area"],
    "enterprises": ["uscc", "industry_code", "year", "tax", "output", "energy_tce"],
}
"""The columns of each input that the job needs (``None``: all)."""
DICTIONARY = "RLE_DICTIONARY"


def arrow(folder: Path, out: Path, result: Path) -> tuple[float, float]:
    """Read the inputs in ``folder``, write the tables of ``result`` again into ``out``.

    Gives the wall and CPU seconds to take off: of reading what is to be written.
    """
    import pyarrow.parquet as pq

    wall, cpu = time.perf_counter(), time.process_time()
    tables = {path.name: pq.read_table(path) for path in sorted(result.glob("*.parquet"))}
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    for name, columns in INPUTS.items():
        pq.read_table(folder / f"{name}.parquet", columns=columns)
    for name, table in tables.items():
        pq.write_table(table, out / name)
    return wall, cpu


def explained(folder: Path, out: Path, result: Path) -> tuple[float, float]:
    """The floor of the whole job: read all inputs, write its tables again as it wrote them.

    Two tables at a time, as it does, compressed alike, with a dictionary where it has one: the
    files are as large as its own. Gives the wall and CPU seconds to take off, as ``arrow``.
    """
    from concurrent.futures import ThreadPoolExecutor

    import pyarrow.parquet as pq

    wall, cpu = time.perf_counter(), time.process_time()
    paths = sorted(result.glob("*.parquet"), key=lambda path: -path.stat().st_size)
    known = {path.name: (pq.read_table(path), _repeated(path)) for path in paths}
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu

    def write(name: str) -> None:
        table, repeated = known[name]
        pq.write_table(table, out / name, compression="zstd", use_dictionary=repeated)

    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda name: pq.read_table(folder / f"{name}.parquet"), INPUTS))
        list(both.map(write, known))
    return wall, cpu


def _repeated(path: Path) -> list[str]:
    """The columns of a file that it keeps in dictionaries."""
    import pyarrow.parquet as pq

    about = pq.ParquetFile(path).metadata
    groups = [about.row_group(n) for n in range(about.num_row_groups)]
    columns = [group.column(n) for group in groups for n in range(group.num_columns)]
    return sorted({one.path_in_schema for one in columns if DICTIONARY in one.encodings})
