"""The floor: reading the same columns and writing the same outputs, with the libraries alone.

``arrow`` for the jobs from GeoParquet. What is to be written is read before the clock starts:
the result of a job that ran before.
"""

from __future__ import annotations

import time
from pathlib import Path

__all__ = ["INPUTS", "arrow"]

INPUTS = {
    "parcels": None,
    "zones": ["benchmark_price_yuan_per_m2", "geometry"],
    "occupancy": ["parcel_id", "uscc", "area"],
    "enterprises": ["uscc", "industry_code", "year", "tax", "output", "energy_tce"],
}
"""The columns of each input that the job needs (``None``: all)."""


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
