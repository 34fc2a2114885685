"""What a part reads of zones, parks and other parts is what it needs, and no more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from land_tables import AS_OF, frame, parcel, parcels, rules, zone

from landuse import indicators, matching
from landuse.engines.parts.frames import save
from landuse.engines.parts.job import Job
from landuse.engines.parts.notes import read_issues
from landuse.engines.parts.slices import save_slices
from landuse.engines.stages.layers import OF_ZONES, near_parks, near_zones, share_layers
from landuse.issues import IssueLog
from landuse.schema import tables

ZONES = (
    zone("I", 480, (-5, 0, 3, 10)),
    zone("II", 240, (3, 0, 20, 10)),
    zone("III", 100, (995, 0, 1005, 10)),  # these two overlap, where a part has no land
    zone("IV", 90, (1000, 0, 1010, 10)),
)
PARKS = (
    ("东园", "", (500, 0, 510, 10)),
    ("东园", "emerging", (0, 0, 2, 10)),
    ("西园", "employment", (700, 0, 710, 10)),
    ("北园", "", (900, 0, 910, 10)),
)
LAND = (parcel("P1"), parcel("P2", at=10), parcel("P3", at=20, park="西园"), parcel("P4", at=2000))


@pytest.fixture
def job(tmp_path):
    made = Job(tmp_path, rules(), AS_OF, (2025,), ("", "P3"), ("",))
    parks = [
        {"park": name, "park_type": kind, "geometry": shapely.box(*box)}
        for name, kind, box in PARKS
    ]
    whole = made.path("whole", "inputs")
    whole.mkdir(parents=True)
    save(frame(tables.ZONES, ZONES), whole / "price_zones.parquet")
    save(frame(tables.PARKS, parks), whole / "parks.parquet")
    share_layers(made)
    return made


def layer(job, name):
    return pd.read_parquet(job.path("whole", "inputs") / f"{name}.parquet")


@pytest.mark.parametrize("rows", [slice(0, 2), slice(2, 3), slice(3, 4), slice(0, 0), slice(0, 4)])
def test_prices_and_parks_of_a_part_are_those_of_the_whole(job, rows):
    land = parcels(*LAND[rows])
    zones = frame(tables.ZONES, ZONES)
    lenient = rules(coefficient="none")
    found = indicators.parcel_prices(land, near_zones(job, land), lenient, IssueLog())
    wanted = indicators.parcel_prices(land, zones, lenient, IssueLog())
    for mine, theirs in zip(found, wanted, strict=True):
        pd.testing.assert_frame_equal(mine, theirs)
    parks = layer(job, "parks")
    parks["geometry"] = shapely.from_wkb(parks["geometry"].to_numpy())
    mine, theirs = (matching.parks_of(land, made) for made in (near_parks(job, land), parks))
    pd.testing.assert_frame_equal(mine, theirs)


def test_a_part_reads_what_is_near_or_named(job):
    near = parcels(*LAND[:2])
    assert near_zones(job, near)["grade"].tolist() == ["I", "II"]
    assert near_parks(job, near)["park"].tolist() == ["东园", "东园"]
    assert near_parks(job, parcels(LAND[2]))["park"].tolist() == ["西园"]


def test_that_there_are_zones_is_a_fact_of_the_whole(job):
    assert len(near_zones(job, parcels(LAND[3]))) == 1
    assert near_zones(job, parcels()) is not None


def test_faults_of_zones_are_said_once_though_no_parcel_lies_there(job):
    log = IssueLog()
    indicators.parcel_prices(parcels(*LAND), frame(tables.ZONES, ZONES), job.rules, log)
    ordinary = [issue for issue in log if issue.code in OF_ZONES]
    assert [issue.code for issue in ordinary] == ["prices.zones_overlap"]
    said = list(read_issues(job.path("whole", "layers") / "issues.jsonl"))
    assert [one.sort_key() for one in said] == [one.sort_key() for one in ordinary]


def test_without_layers_there_is_nothing_near(tmp_path):
    bare = Job(tmp_path, rules(), AS_OF, (2025,), ("",), ("",))
    bare.path("whole", "inputs").mkdir(parents=True)
    share_layers(bare)
    assert near_zones(bare, parcels(LAND[0])) is None
    assert near_parks(bare, parcels(LAND[0])) is None


def test_slices_for_many_readers_take_the_room_of_their_rows(tmp_path):
    rows = pd.DataFrame({"text": pd.Series([f"{n:018}" for n in range(5000)], dtype="str")})
    save_slices(rows, np.zeros(5000, dtype=np.intp), 1, tmp_path / "one")
    save_slices(rows, np.arange(5000) % 50, 5000, tmp_path / "many")
    one, many = ((tmp_path / name).stat().st_size for name in ("one", "many"))
    # a reader costs 16 bytes, and one that has rows a block with a head of its own
    assert many < one + 16 * 5000 + 1024 * 50 + 8 * 5000
