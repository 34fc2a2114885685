"""Makes the sample county: the same bytes every time, from one seed.

Run ``python data/sample/make_sample.py [folder]``. Imports nothing of the package itself.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from generator import county, layers, papers, parks, tables, troubles

SEED = 20260630


def make(folder: Path) -> None:
    """Write every file of the sample into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(SEED)
    place = county.build(rng)
    planted = troubles.plant(rng, place)
    layers.write(folder, place, planted)
    tables.write(folder, place, planted)
    papers.write(folder, place, planted)
    parks.write(folder, place, planted)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
