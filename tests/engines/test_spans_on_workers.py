"""Big tables are surveyed and scattered by workers, span by span: what the driver never reads."""

from __future__ import annotations

import os
import pickle
from collections import Counter

import geopandas as gpd
import parity
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from landuse.engines.parts.cuts import cut_evenly, part_of
from landuse.engines.parts.timings import name_of
from landuse.engines.reading import listing
from landuse.engines.reading.bounded import Limit
from landuse.engines.reading.prepared import Cuts
from landuse.engines.reading.spans import Sample
from landuse.intake.streamed import Pieces

LIMIT = 1 << 30
SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PROJECT = """
[project]
name = "bands"
year = 2025
as_of = 2026-06-30
[parcels]
path = {files}
area_unit = "m2"
[enterprises]
path = "enterprises.parquet"
money_unit = "wan"
energy_basis = "calorific"
[occupancy]
path = "occupancy.parquet"
[rules]
pack = "three-indicator"
[rules.override]
min_cohort = 2
{rules}
"""


def _uscc(number):
    body = f"91339901MA{number:06d}0"
    total = sum(SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return body + SIGNS[(31 - total % 31) % 31]


def _land(first, many, west, south, side, step, crs):
    """Squares in a row, each a parcel with a holder; every second county is another."""
    shapes = [
        shapely.box(west + step * at, south, west + step * at + side, south + side)
        for at in range(many)
    ]
    numbers = range(first, first + many)
    areas = gpd.GeoSeries(shapes, crs=crs).to_crs("EPSG:4549").area
    return gpd.GeoDataFrame(
        {
            "parcel_id": [f"33990{1 + n % 2}001001GB{n:05d}" for n in numbers],
            "registered_area": areas.round(2).tolist(),
            "land_use_code": ["0601"] * many,
            "benchmark_price_yuan_per_m2": [300.0 + n for n in numbers],
            "uscc": [_uscc(n) for n in numbers],
        },
        geometry=shapes, crs=crs,
    )  # fmt: skip


@pytest.fixture
def county(tmp_path):
    """A county of three files: in a zone, in degrees over the border of two zones (118.5°E) with
    some rows astray or without a place, and without rows. Row groups of 8 rows."""
    plane = _land(0, 40, 500_000, 2_740_000, 90, 100, "EPSG:4549")
    degrees = _land(40, 60, 118.44, 24.7, 0.001, 0.002, "EPSG:4490")
    odd = degrees.geometry.to_list()
    odd[7], odd[23], odd[41] = None, shapely.box(10, 10, 10.001, 10.001), shapely.Polygon()
    degrees = degrees.set_geometry(gpd.GeoSeries(odd, crs="EPSG:4490"))

    def made(rules="", first=plane, second=degrees, group=8):
        folder = tmp_path / "county"
        folder.mkdir()
        files = [first, second, first.iloc[:0]]
        names = [f"land-{number}.parquet" for number in range(len(files))]
        for name, file in zip(names, files, strict=True):
            file.to_parquet(folder / name, row_group_size=group)
        firms = [_uscc(number) for number in range(100)]
        table = pa.table(
            {"uscc": firms, "name": [f"F{n}" for n in range(100)], "year": [2025] * 100,
             "industry_code": ["1711"] * 100, "tax": [float(n) for n in range(100)],
             "output": [10.0 + n for n in range(100)], "energy_tce": [5.0] * 100}
        )  # fmt: skip
        pq.write_table(table, folder / "enterprises.parquet", row_group_size=8)
        parcels = [code for file in files for code in file["parcel_id"]][::3]
        rows = pa.table({"parcel_id": parcels, "uscc": (firms * 2)[: len(parcels)],
                         "area": [50.0] * len(parcels)})  # fmt: skip
        pq.write_table(rows, folder / "occupancy.parquet", row_group_size=8)
        project = folder / "project.toml"
        project.write_text(PROJECT.format(files=names, rules=rules), encoding="utf-8")
        return project

    return made


class Elsewhere:
    """A crew whose tasks travel as bytes, as to another process; what it did."""

    def __init__(self, stop=""):
        self.at_work, self.done, self.stop = False, Counter(), stop

    def each(self, task, parts):
        for part in range(parts):
            if name_of(task) == self.stop:
                raise KeyboardInterrupt
            self.done[name_of(task)] += 1
            self.at_work = True
            try:
                found = pickle.loads(pickle.dumps(task))(part)
            finally:
                self.at_work = False
            yield pickle.loads(pickle.dumps(found))


@pytest.mark.parametrize("rules", ["", 'area_method = "ellipsoid"'])
def test_the_driver_reads_no_rows_and_nothing_differs(county, tmp_path, monkeypatch, rules):
    project, crew = county(rules), Elsewhere()
    one = parity.ordinary(project, tmp_path / "one")
    read = Pieces.read

    def watched(*given):
        assert crew.at_work
        return read(*given)

    def once(work):
        def told(*given):
            assert not crew.at_work
            return work(*given)

        return told

    monkeypatch.setattr(Pieces, "read", watched)
    monkeypatch.setattr(Pieces, "heads", once(Pieces.heads))  # of all files: by the driver alone
    monkeypatch.setattr(listing, "files_of", once(listing.files_of))
    monkeypatch.setattr(Limit, "held", 0)  # a span is written as often as rows of it are read
    two = parity.in_parts(project, tmp_path / "two", Cuts(rows=30, memory=LIMIT), crew=crew)
    assert parity.agree(one, two), one
    # of row groups of 8: 24 rows a span of land, 88 of firms
    assert crew.done["survey_land"] == crew.done["scatter_land"] == 2 + 3
    assert crew.done["survey_zones"] == 3  # of the file that lies in two zones
    assert crew.done["survey_firms"] == crew.done["scatter_firms"] == 2
    assert crew.done["scatter_occupancy"] == 2


@pytest.mark.parametrize(("memory", "rows"), [(1, 54525), (4, 250_000), (64, 250_000)])
def test_parts_are_as_large_as_memory_lets_them(memory, rows):
    assert Limit(memory << 30).rows == rows


@pytest.mark.parametrize(
    "cuts", [("",), ("", "339901001001GB00020", "339902", "339902001001GB00051")]
)
def test_files_are_as_many_as_spans_and_done_once(county, tmp_path, monkeypatch, cuts):
    project, work = county(), tmp_path / "work"
    more = {"cuts": Cuts(rows=30, land=cuts, memory=LIMIT), "work": work}
    with pytest.raises(KeyboardInterrupt):
        parity.in_parts(project, tmp_path / "run", crew=Elsewhere("check_land"), **more)
    files = [path for path in work.glob(".parts-*/scattered_parcels/*/*") if path.is_file()]
    assert Counter(path.name for path in files) == {"rows.arrow": 5, "parts.npy": 5, "told.json": 5}
    monkeypatch.setattr(Pieces, "read", lambda *_: pytest.fail("a span is read again"))
    two = parity.in_parts(project, tmp_path / "run", crew=Elsewhere(), **more)
    assert parity.agree(parity.ordinary(project, tmp_path / "one"), two)


class Meddled(Elsewhere):
    """A crew beside which somebody does something to the files before the rows are scattered."""

    def __init__(self, what):
        super().__init__()
        self.what = what

    def each(self, task, parts):
        if name_of(task) == "scatter_land" and not self.done[name_of(task)]:
            self.what()
        return super().each(task, parts)


def test_a_file_that_comes_meanwhile_moves_nothing(county, tmp_path):
    project = county()
    text = project.read_text("utf-8")
    start, end = text.index("path = ["), text.index("area_unit")
    project.write_text(f'{text[:start]}path = "land-*.parquet"\n{text[end:]}', encoding="utf-8")
    one = parity.ordinary(project, tmp_path / "one")
    folder = project.parent
    crew = Meddled(lambda: (folder / "land-00.parquet").write_bytes(b"none of ours"))
    two = parity.in_parts(project, tmp_path / "two", Cuts(rows=30, memory=LIMIT), crew=crew)
    assert (folder / "land-00.parquet").is_file()
    assert parity.agree(one, two), two


def test_a_file_that_is_changed_meanwhile_is_a_fault(county, tmp_path):
    project = county()
    land = project.parent / "land-1.parquet"
    crew = Meddled(lambda: land.write_bytes((project.parent / "land-0.parquet").read_bytes()))
    two = parity.in_parts(project, tmp_path / "two", Cuts(rows=30, memory=LIMIT), crew=crew)
    assert [(fault[2], fault[5]) for fault in two] == [("land-1.parquet", "engines.input_changed")]


def test_a_file_that_was_touched_between_two_tries(county, tmp_path):
    project, more = county(), {"cuts": Cuts(rows=30, memory=LIMIT), "work": tmp_path / "work"}
    with pytest.raises(KeyboardInterrupt):
        parity.in_parts(project, tmp_path / "run", crew=Elsewhere("scatter_land"), **more)
    os.utime(project.parent / "land-1.parquet", (1, 1))
    two = parity.in_parts(project, tmp_path / "run", crew=Elsewhere(), **more)
    assert parity.agree(parity.ordinary(project, tmp_path / "one"), two), two


def test_files_that_lie_elsewhere_are_said_together(county, tmp_path):
    far = _land(0, 20, 500_000, 2_740_000, 90, 100, "EPSG:4549")
    far = far.set_geometry(far.geometry.translate(xoff=40_000_000))
    unknown = _land(20, 20, 500_000, 2_740_000, 90, 100, "EPSG:4549").set_crs(
        None, allow_override=True
    )
    project = county("", far, unknown)
    one = parity.ordinary(project, tmp_path / "one")
    two = parity.in_parts(project, tmp_path / "two", Cuts(rows=9, memory=LIMIT), crew=Elsewhere())
    assert one == two
    assert [(fault[2], fault[5]) for fault in one] == [
        ("land-0.parquet", "crs.zone_prefix"), ("land-1.parquet", "crs.missing_unprefixed")
    ]  # fmt: skip


def test_text_that_a_worker_cannot_read_in_parts(county, tmp_path):
    lots = _land(0, 40, 500_000, 2_740_000, 90, 100, "EPSG:4549")
    lots["township"] = ["\ue000" if at == 30 else "x" for at in range(40)]
    project, crew = county("", lots), Elsewhere()
    one = parity.ordinary(project, tmp_path / "one")
    two = parity.in_parts(project, tmp_path / "two", Cuts(rows=100, memory=LIMIT), crew=crew)
    assert parity.agree(one, two)
    assert not crew.done["check_land"]


def _sample(pieces, step):
    """The codes that workers sample, each knowing only how many rows come before its own."""
    found, before = [], 0
    for piece in pieces:
        mine = Sample(step, before)
        mine.take(pa.array(piece))
        found += mine.codes
        before += len(piece)
    return found


@pytest.mark.parametrize("many", [1, 120, 130, 256, 3000])
def test_codes_are_sampled_alike_however_small_the_pieces_are(many):
    codes = [f"{at:07}" for at in range(300_000)]
    rows, step = 20_000, 200
    ordered = [codes[at : at + many] for at in range(0, len(codes), many)]
    strewn = [codes[at :: len(ordered)] for at in range(len(ordered))]  # each has codes of all
    for pieces in (ordered, strewn):
        found = _sample(pieces, step)
        assert len(found) == 300_000 // step
        cuts = cut_evenly(sorted(found), rows // step)
        parts = Counter(part_of(codes, cuts).tolist())
        assert max(parts.values()) < 1.15 * rows


def test_blank_codes_are_no_sample_and_no_piece_is_too_small():
    assert _sample([["b", "", "a"], [], [""], ["c"]], 1) == ["a", "b", "c"]
    assert len(_sample([["a"]] * 5, 2)) == 2


def test_row_groups_of_one_row_make_parts_too(county, tmp_path):
    lots = _land(0, 450, 500_000, 2_740_000, 90, 100, "EPSG:4549")
    project, work = county("", lots, lots.iloc[:0], group=1), tmp_path / "work"
    two = parity.in_parts(project, tmp_path / "two", Cuts(rows=200, memory=LIMIT), work=work)
    assert parity.agree(parity.ordinary(project, tmp_path / "one"), two), two
    assert len(list(work.glob(".parts-*/land/*"))) >= 3
