"""Images say the same of land in parts as of land as a whole."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import dirty_county
import numpy as np
import parity
import pyarrow.parquet as pq
import pytest
from affine import Affine

from landuse.engines.reading.prepared import Cuts

sys.path.append(str(Path(__file__).resolve().parents[1] / "idle"))
write = importlib.import_module("evidence_rasters").write

LOTS = 14
CELL = 7.0
OVER = Affine(CELL, 0, dirty_county.EAST - 3, 0, -CELL, dirty_county.NORTH + 230)
"""Cells that are no whole part of a lot, over the western lots alone."""


@pytest.fixture
def county(tmp_path):
    """A county over part of which two images lie: what stands there, and how green it is."""

    def made(more="", kind=None, values=(3, 4)):
        found = dirty_county.make(tmp_path, 21, "small", lots=LOTS, kind=kind, dirt=0.0, free=False)
        rng = np.random.default_rng(1)
        codes = rng.choice([1, 2, 3, 4, 0], size=(40, 64)).astype("uint8")
        write(tmp_path / "cover.tif", codes, transform=OVER, crs=dirty_county.CRS, nodata=0)
        green = rng.random((40, 64)).astype("float32")
        write(tmp_path / "green.tif", green, transform=OVER, crs=dirty_county.CRS)
        entries = [
            ("cover.tif", "建成", f'kind = "built_up"\nbuilt_values = {list(values)}'),
            ("green.tif", "绿度", 'kind = "mean"'),
        ]
        text = found.project.read_text("utf-8")
        for path, label, rest in entries:
            text += f'\n[[evidence]]\npath = "{path}"\nlabel = "{label}"\n{rest}\n'
        found.project.write_text(text + more, encoding="utf-8")
        return found

    return made


@pytest.mark.parametrize("memory", [None, 2**30])
def test_evidence_is_the_same_wherever_the_land_is_cut(memory, county, tmp_path):
    made = county(kind="parquet")
    one = parity.ordinary(made.project, tmp_path / "one")
    said = pq.read_table(one / "issues.parquet", columns=["code"])["code"].to_pylist()
    assert {"evidence.not_covered", "evidence.half_covered"} <= set(said)
    found = pq.read_table(one / "evidence.parquet").to_pandas()
    assert len(found) == 2 * LOTS
    assert found["verdict"].nunique() > 1
    cuts = parity.some_cuts(Random(3), made.parcels, made.firms, 4)
    two = parity.in_parts(made.project, tmp_path / "two", replace(cuts, memory=memory))
    assert parity.agree(one, two)


def test_an_image_that_shows_nothing_built_anywhere(county, tmp_path):
    made = county(values=(9,))
    one = parity.ordinary(made.project, tmp_path / "one")
    assert "evidence.nothing_built" in pq.read_table(one / "issues.parquet")["code"].to_pylist()
    assert parity.agree(one, parity.in_parts(made.project, tmp_path / "two", Cuts(4)))


def test_faults_of_all_images_are_told_once(county, tmp_path):
    """A band that is not there, and codes read as shares in whichever part has the largest."""
    made = county(
        '\n[[evidence]]\npath = "cover.tif"\nlabel = "无"\nkind = "mean"\nband = 7\n'
        '\n[[evidence]]\npath = "cover.tif"\nlabel = "误"\nkind = "built_up"\n'
    )
    one = parity.ordinary(made.project, tmp_path / "one")
    assert [fault[5] for fault in one] == ["evidence.no_band", "evidence.no_share"]
    assert not parity.agree(one, parity.in_parts(made.project, tmp_path / "two", Cuts(3)))
    assert not list(tmp_path.glob(".*"))


def test_another_image_is_another_run(county, tmp_path):
    """Parts that are kept belong to the images as they were."""
    made = county()
    before = parity.in_parts(made.project, tmp_path / "one", Cuts(5), work=tmp_path / "work")
    other = np.full((40, 64), 3, dtype="uint8")
    write(tmp_path / "cover.tif", other, transform=OVER, crs=dirty_county.CRS, nodata=0)
    after = parity.in_parts(made.project, tmp_path / "two", Cuts(5), work=tmp_path / "work")
    assert parity.agree(parity.ordinary(made.project, tmp_path / "three"), after)
    assert (before / "evidence.parquet").read_bytes() != (after / "evidence.parquet").read_bytes()
