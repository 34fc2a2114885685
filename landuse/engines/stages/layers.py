"""Price zones and parks of the whole, of which a part of the land reads those near it.

They grow with the land: if every part read all of them, many parts would read them many times.
What is wrong with the zones themselves is said once, of all of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from landuse import indicators
from landuse.engines.parts.frames import arrow_of, bounds, frame_of, load
from landuse.engines.parts.notes import write_issues
from landuse.issues import IssueLog

if TYPE_CHECKING:
    import pandas as pd

    from landuse.engines.parts.job import Job
    from landuse.ranking.sheet import Bools

__all__ = ["OF_ZONES", "near_parks", "near_zones", "optional", "share_layers"]

OF_ZONES: Final = frozenset({"prices.zones_overlap", "prices.grade_unknown"})
"""Said of the zones, not of land: no part says it."""
_LAYERS: Final = ("price_zones", "parks")


def optional(job: Job, name: str) -> pd.DataFrame | None:
    """A table that belongs to all parts, ``None`` where the project has none."""
    path = job.path("whole", "inputs") / f"{name}.parquet"
    return load(path) if path.is_file() else None


def share_layers(job: Job) -> None:
    """Let every part read the zones and parks that lie near it."""

    def work(folder: Path) -> dict[str, Any]:
        log = IssueLog()
        for name in _LAYERS:
            layer = optional(job, name)
            if layer is None or not len(layer):
                continue
            np.save(folder / f"{name}.npy", shapely.bounds(layer["geometry"].to_numpy()))
            content = arrow_of(layer)
            # not compressed: who takes some of the rows touches nothing else
            with pa.ipc.new_file(str(folder / f"{name}.arrow"), content.schema) as file:
                file.write_table(content)
            if name == "price_zones":
                indicators.report_zones(layer, job.rules, log)
        write_issues(log, folder / "issues.jsonl")
        return {}

    job.once("whole", "layers", work)


def near_zones(job: Job, parcels: pd.DataFrame) -> pd.DataFrame | None:
    """The zones that may overlap the parcels of a part, one at least: that there are zones is a
    fact of the whole. ``None`` where there are none."""
    found = _layer(job, "price_zones", parcels)
    return None if found is None else _rows(*found)


def near_parks(job: Job, parcels: pd.DataFrame) -> pd.DataFrame | None:
    """The same of the parks, with every polygon of a park that lies near or is named."""
    found = _layer(job, "parks", parcels)
    if found is None:
        return None
    content, near = found
    names = content["park"]
    stated = pa.array(parcels["park"], names.type)
    wanted = pa.chunked_array([*names.filter(pa.array(near)).chunks, stated])
    return _rows(content, pc.is_in(names, value_set=wanted).to_numpy())


def _layer(job: Job, name: str, parcels: pd.DataFrame) -> tuple[pa.Table, Bools] | None:
    """A layer, and which of its shapes have a box that meets that of the parcels."""
    place = job.path("whole", "layers")
    if not (place / f"{name}.npy").is_file():
        return None
    west, south, east, north = bounds(parcels["geometry"].to_numpy())
    boxes = np.load(place / f"{name}.npy")
    near = (boxes[:, 0] <= east) & (boxes[:, 2] >= west)
    near &= (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
    file = pa.memory_map((place / f"{name}.arrow").__fspath__())
    return pa.ipc.open_file(file).read_all(), near


def _rows(content: pa.Table, wanted: Bools) -> pd.DataFrame:
    rows = np.flatnonzero(wanted) if wanted.any() else np.zeros(1, dtype=np.intp)
    return frame_of(content.take(rows))
