"""Benchmark: ``python tests/benchmarks/evidence.py [parcels] [side]`` prints a Markdown table.

The evidence of images for ``parcels`` (default 100 000) on a raster of ``side`` x ``side`` cells
(default 10 000) of 10 m: a built-up mask and a float band, stored in tiles, in stripes and in
another system; each job in a process of its own, with the answers of all of them compared where
they must be equal bit by bit.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

HERE = Path(__file__).resolve().parent
LEFT, TOP, CELL = 400_000.0, 3_100_000.0, 10.0
CRS = "EPSG:4549"
MEMORY: Final = {"256 MB": 256 << 20, "32 MB": 32 << 20}


def main() -> None:
    """Make the county once, then run every job on it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parcels", nargs="?", type=int, default=100_000)
    parser.add_argument("side", nargs="?", type=int, default=10_000)
    parser.add_argument("--child", nargs=4, metavar=("FOLDER", "RASTER", "KIND", "MEMORY"))
    options = parser.parse_args()
    if options.child:
        folder, raster, kind, memory = options.child
        print(json.dumps(child(Path(folder), raster, kind, int(memory))))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        make(folder, options.parcels, options.side)
        print("| raster | statistic | cells held | wall s | CPU s | ms a parcel | peak MB |")
        print("|---|---|---|---|---|---|---|")
        print(line("(parcels read, nothing else)", "", "", run(folder, "", "", 0), 0))
        report(folder, options.parcels)


def report(folder: Path, count: int) -> None:
    """One row a job; jobs of one kind must agree whatever the storage and the memory."""
    digests: dict[tuple[str, str], set[str]] = {}
    for raster, kind, memory in (
        ("built_tiles", "built_up", "256 MB"),
        ("built_tiles", "built_up", "32 MB"),
        ("built_stripes", "built_up", "256 MB"),
        ("heat_tiles", "mean", "256 MB"),
        ("heat_tiles", "mean", "32 MB"),
        ("heat_degrees", "mean", "256 MB"),
    ):
        found = run(folder, raster, kind, MEMORY[memory])
        print(line(raster, kind, memory, found, count))
        grid = "degrees" if "degrees" in raster else "metres"
        digests.setdefault((kind, grid), set()).add(str(found["digest"]))
    assert all(len(same) == 1 for same in digests.values()), digests


def line(raster: str, kind: str, memory: str, found: dict[str, object], count: int) -> str:
    """One row of the table."""
    wall, cpu, peak = (float(str(found[name])) for name in ("wall", "cpu", "peak"))
    each = f"{1000 * wall / count:.3f}" if count else ""
    return f"| {raster} | {kind} | {memory} | {wall:.1f} | {cpu:.1f} | {each} | {peak:.0f} |"


def run(folder: Path, raster: str, kind: str, memory: int) -> dict[str, object]:
    """One job in a new process."""
    command = [sys.executable, __file__, "--child", str(folder), raster, kind, str(memory)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def child(folder: Path, raster: str, kind: str, memory: int) -> dict[str, object]:
    """Wall and CPU seconds of the statistics alone, and the peak of the whole process."""
    import datetime as dt

    import numpy as np
    import pandas as pd
    import shapely

    sys.path.insert(0, str(HERE.parents[1]))
    from landuse.idle.evidence import Image, zonal
    from landuse.issues import IssueLog
    from landuse.rules import load

    shapes = shapely.from_wkb(np.load(folder / "parcels.npy", allow_pickle=True))
    parcels = pd.DataFrame({"geometry": shapes})
    parcels["parcel_id"] = pd.Series([f"P{n:07d}" for n in range(len(shapes))], dtype="str")
    rules = load("three-indicator", as_of=dt.date(2026, 6, 30))
    digest = ""
    start, before = time.perf_counter(), time.process_time()
    if raster:
        values = (1.0,) if kind == "built_up" else ()
        image = Image(folder / f"{raster}.tif", raster, "2024", kind, built_values=values)  # type: ignore[arg-type]
        found = zonal(parcels, [image], CRS, rules, IssueLog(), max_memory=memory)
        digest = hashlib.sha256(found["value"].to_numpy().tobytes()).hexdigest()
    return {
        "wall": time.perf_counter() - start,
        "cpu": time.process_time() - before,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "digest": digest,
    }


def make(folder: Path, count: int, side: int) -> None:
    """Parcels of 0.05 to 40 ha in random order, and the rasters."""
    import numpy as np
    import shapely

    rng = np.random.default_rng(11)
    reach = np.sqrt(np.exp(rng.uniform(np.log(500), np.log(400_000), count)))
    x = LEFT + rng.uniform(0, side * CELL, count)
    y = TOP - rng.uniform(0, side * CELL, count)
    boxes = shapely.box(x - reach / 2, y - reach / 2, x + reach / 2, y + reach / 2)
    angle = rng.uniform(0, np.pi / 2, count)
    turned = np.array(
        [
            shapely.transform(box, lambda xy, a=a, cx=cx, cy=cy: _turn(xy, a, cx, cy))
            for box, a, cx, cy in zip(shapely.segmentize(boxes, 60), angle, x, y, strict=True)
        ]
    )
    np.save(folder / "parcels.npy", shapely.to_wkb(turned), allow_pickle=True)
    rasters(folder, side)


def _turn(xy, angle, cx, cy):  # type: ignore[no-untyped-def]
    import numpy as np

    cosine, sine = np.cos(angle), np.sin(angle)
    dx, dy = xy[:, 0] - cx, xy[:, 1] - cy
    return np.column_stack([cx + cosine * dx - sine * dy, cy + sine * dx + cosine * dy])


def rasters(folder: Path, side: int) -> None:
    """A mask in tiles and in stripes, a float band in tiles and in degrees; in bands of rows."""
    import numpy as np
    import rasterio
    from affine import Affine
    from pyproj import Transformer
    from rasterio.windows import Window

    metres = Affine(CELL, 0, LEFT, 0, -CELL, TOP)
    to = Transformer.from_crs(CRS, "EPSG:4490", always_xy=True)
    west, north = to.transform(LEFT, TOP)
    east, south = to.transform(LEFT + side * CELL, TOP - side * CELL)
    degrees = Affine((east - west) / side, 0, west, 0, (south - north) / side, north)
    tiles = {"tiled": True, "blockxsize": 256, "blockysize": 256}
    jobs = {
        "built_tiles": (CRS, metres, "uint8", tiles),
        "built_stripes": (CRS, metres, "uint8", {}),
        "heat_tiles": (CRS, metres, "float32", tiles),
        "heat_degrees": ("EPSG:4490", degrees, "float32", tiles),
    }
    for name, (crs, transform, dtype, storage) in jobs.items():
        profile = {"driver": "GTiff", "width": side, "height": side, "count": 1, "crs": crs}
        profile |= {"transform": transform, "dtype": dtype, "compress": "deflate", "zlevel": 1}
        rng = np.random.default_rng(13)
        with rasterio.open(folder / f"{name}.tif", "w", **profile, **storage) as target:
            for top in range(0, side, 256):
                rows = min(256, side - top)
                noise = rng.random((rows, side), dtype="float32")
                values = noise < 0.3 if dtype == "uint8" else 290 + 20 * noise
                target.write(values.astype(dtype), 1, window=Window(0, top, side, rows))


if __name__ == "__main__":
    main()
