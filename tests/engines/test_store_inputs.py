"""Inputs in an object store: the tables of the same files on a disk, read by range if limited."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from stores_desk import bucket, machines, memory_place

from landuse.engines.batch import identify_in_parts
from landuse.engines.reading.prepared import Cuts
from landuse.errors import UserError
from landuse.intake.project import files_of, load_project
from landuse.intake.safety import digest, size_of
from landuse.intake.worksheets import shown
from landuse.pipeline.identify import identify
from landuse.stores.address import open_store

pytest.importorskip("fsspec")
MANY = 40
LIMIT = Cuts(rows=10, memory=1 << 30)
PROJECT = """
[project]
name = "Stored"
year = 2025
as_of = 2026-06-30
[parcels]
path = "{place}/parcels/*.parquet"
area_unit = "m2"
[enterprises]
path = "{place}/firms"
money_unit = "wan"
energy_basis = "calorific"
[occupancy]
path = "{place}/occupancy.parquet"
[rules]
pack = "three-indicator"
"""


def uscc(number):
    """A credit code with its check digit (GB 32100-2015)."""
    body = f"91350582MA{number:07}"
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    total = sum(letters.index(one) * weight for one, weight in zip(body, weights, strict=True))
    return body + letters[(31 - total % 31) % 31]


def make(folder):
    """Parcels in two files, enterprises in two, who is where in one."""
    codes = [f"350582001001GB{number:05}" for number in range(MANY)]
    shapes = [
        shapely.box(x, 2_770_000, x + 90, 2_770_100)
        for x in range(500_000, 500_000 + MANY * 100, 100)
    ]
    land = gpd.GeoDataFrame(
        {
            "parcel_id": codes,
            "registered_area": 9000.0,
            "land_use_code": "0601",
            "benchmark_price_yuan_per_m2": 400.0 + np.arange(MANY) % 3,
        },
        geometry=shapes,
        crs="EPSG:4549",
    )
    firms = pd.DataFrame(
        [
            {
                "uscc": uscc(number), "name": f"Firm {number}", "year": year,
                "industry_code": "36", "output": 100.0 + number, "tax": 1.0 + number % 7,
                "energy_tce": 5.0 + number,
            }
            for number in range(MANY)
            for year in (2024, 2025)
        ]
    )  # fmt: skip
    (folder / "parcels").mkdir(parents=True)
    (folder / "firms").mkdir()
    for part in range(2):
        half = slice(part * MANY // 2, (part + 1) * MANY // 2)
        land.iloc[half].to_parquet(folder / "parcels" / f"{part}.parquet", row_group_size=5)
        rows = firms.iloc[part * MANY : (part + 1) * MANY]
        rows.to_parquet(folder / "firms" / f"part-{part}.parquet", index=False)
    where = pd.DataFrame({"parcel_id": codes, "uscc": [uscc(n) for n in range(MANY)]})
    where.to_parquet(folder / "occupancy.parquet", index=False)
    (folder / "firms" / "_SUCCESS").touch()


def project(folder, place):
    folder.mkdir(exist_ok=True)
    file = folder / "project.toml"
    text = PROJECT.format(place=place)
    if "://" not in str(place):
        text = text.replace('firms"', 'firms/*.parquet"')
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def land(tmp_path_factory):
    folder = tmp_path_factory.mktemp("land")
    make(folder)
    return folder


def upload(land, url):
    store, root = open_store(url)
    for path in land.rglob("*"):
        if path.is_file():
            store.pipe_file(f"{root}/{path.relative_to(land).as_posix()}", path.read_bytes())
    return url


@pytest.fixture
def url(land):
    with memory_place() as place:
        yield upload(land, place)


def tables(folder, start):
    """Every table of a run, files named by where they lie below ``start``."""
    found = {}
    for path in sorted(folder.glob("*.parquet")):
        table = pq.read_table(path).to_pandas()
        for name in table.columns[table.dtypes == "str"]:
            table[name] = table[name].str.replace(f"{start}/", "", regex=False)
        found[path.name] = table
    return found


def agree(one, two, where):
    (first, start), (second, other) = (one, where[0]), (two, where[1])
    left, right = tables(first, start), tables(second, other)
    assert list(left) == list(right)
    for name, table in left.items():
        pd.testing.assert_frame_equal(table, right[name], obj=name)
    assert len(left["parcels.parquet"]) == MANY


@pytest.mark.parametrize("limited", [False, True])
def test_the_tables_are_those_of_the_same_files_on_a_disk(tmp_path, land, url, limited):
    def run(name, place):
        file, out = project(tmp_path / name, place), tmp_path / f"{name}-run"
        if limited:
            found = identify_in_parts(file, out=out, cuts=LIMIT)
            assert not found.at_once
            assert found.land_parts > 2
            return found.folder
        return identify(file, out=out).folder

    agree(run("disk", land), run("store", url), (shown(land, tmp_path / "disk"), url))


def test_work_and_inputs_in_a_store(tmp_path, land, url):
    file = project(tmp_path / "store", url)
    one = identify_in_parts(file, out=tmp_path / "one", cuts=LIMIT).folder
    two = identify_in_parts(file, out=tmp_path / "two", cuts=LIMIT, work=f"{url}/work").folder
    assert {path.name: path.read_bytes() for path in one.iterdir()} == {
        path.name: path.read_bytes() for path in two.iterdir()
    }


def test_digest_and_size_are_those_of_the_file(tmp_path, land, url):
    found = load_project(project(tmp_path / "store", url))
    one, two = files_of(found.parcels, found)
    assert [str(one), str(two)] == [f"{url}/parcels/{part}.parquet" for part in range(2)]
    assert digest(one) == digest(land / "parcels" / "0.parquet")
    assert size_of(two) == (land / "parcels" / "1.parquet").stat().st_size
    assert len(files_of(found.enterprises, found)) == 2  # the folder, without _SUCCESS


def test_an_object_that_was_replaced_is_read_anew(tmp_path, land, url):
    found = load_project(project(tmp_path / "store", url))
    (before,) = files_of(found.occupancy, found)
    assert before.fetched().read_bytes() == (land / "occupancy.parquet").read_bytes()
    store, root = open_store(url)
    store.pipe_file(f"{root}/occupancy.parquet", b"PAR1 another")
    (after,) = files_of(found.occupancy, found)
    assert after.fetched().read_bytes() == b"PAR1 another"


def test_little_of_a_big_object_is_fetched(tmp_path, url):
    from landuse.stores.parquet import parquet_file

    store, root = open_store(url)
    big = tmp_path / "big.parquet"
    frame = pd.DataFrame({f"c{n}": pd.Series(range(100_000)) * (n + 7) for n in range(8)})
    frame.to_parquet(big, row_group_size=10_000, compression=None)
    store.pipe_file(f"{root}/big.parquet", big.read_bytes())
    found = load_project(project(tmp_path / "store", url))
    source = found.parcels.model_copy(update={"path": (f"{url}/big.parquet",)})
    (place,) = files_of(source, found)
    with place.reading() as file, parquet_file(place):
        pass
    read = []
    with parquet_file(place) as file:
        rows = file.read_row_group(3, columns=["c1"])
        read.append(rows.nbytes)
    assert rows.column("c1").to_pylist()[:2] == [30_000 * 8, 30_001 * 8]
    assert place._copies.get(place._copy) is None  # nothing was fetched as a whole


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("{url}/notes.csv", "stores.other_kind"),
        ("{url}/*.csv", "stores.other_kind"),
        ("{url}", "stores.folders_inside"),
        ("{url}/nothing/*.parquet", "project.nothing_fits"),
        ("{url}/none.parquet", "project.nothing_fits"),
        ("https://example.org/land.parquet", "project.address"),
        ("s3://key:hush@bucket/land.parquet", "stores.secret_in_address"),
    ],
)
def test_what_is_not_read(tmp_path, url, path, code):
    store, root = open_store(url)
    store.pipe_file(f"{root}/notes.csv", b"a,b")
    found = load_project(project(tmp_path / "store", url))
    source = found.parcels.model_copy(update={"path": (path.format(url=url),)})
    with pytest.raises(UserError) as fault:
        files_of(source, found)
    assert [issue.code for issue in fault.value.issues] == [code]
    assert "hush" not in str(fault.value)


@pytest.mark.store
@pytest.mark.parametrize("limited", [False, True])
def test_from_a_server_that_speaks_s3(tmp_path, land, limited):
    with pytest.MonkeyPatch.context() as patch, bucket(patch) as place:
        url = upload(land, f"{place}/inputs")
        file, out = project(tmp_path / "store", url), tmp_path / "run"
        run = identify_in_parts(file, out=out, cuts=LIMIT if limited else Cuts(10)).folder
    disk = identify_in_parts(project(tmp_path / "disk", land), out=tmp_path / "disk-run").folder
    agree(disk, run, (shown(land, tmp_path / "disk"), url))
    assert b"s3cret-of-nobody" not in b"".join(one.read_bytes() for one in run.iterdir())


@pytest.mark.store
def test_inputs_and_work_in_a_store_and_workers_without_a_common_folder(tmp_path, land):
    """Nothing is shared but the store: the workers read the inputs there themselves."""
    pytest.importorskip("distributed")
    from landuse.engines.dask_engine import dask_crew

    with pytest.MonkeyPatch.context() as patch, bucket(patch) as place:
        url = upload(land, f"{place}/inputs")
        file, work = project(tmp_path / "store", url), f"{place}/work"
        one = identify_in_parts(file, out=tmp_path / "one", cuts=LIMIT).folder
        with machines(tmp_path, 2) as scheduler, dask_crew(work, scheduler=scheduler) as crew:
            crew._client.wait_for_workers(2, timeout=60)
            two = identify_in_parts(
                file, out=tmp_path / "two", cuts=LIMIT, work=work, crew=crew
            ).folder
    assert {path.name: path.read_bytes() for path in one.iterdir()} == {
        path.name: path.read_bytes() for path in two.iterdir()
    }
