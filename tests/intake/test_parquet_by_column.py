"""A Parquet file read a column at a time says what the whole file says."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from landuse.errors import UserError
from landuse.intake.columns import Vocabulary
from landuse.intake.layers import parquet_layer
from landuse.intake.parquet import ByColumn, chunks_of
from landuse.intake.project import Source
from landuse.intake.worksheets import parquet_table, read_tables
from landuse.issues import Issue, IssueLog

TABLE = pa.table(
    {
        "面积.1": [1.5, None, 2.5, 4.0, 5.0],
        "面积": ["甲", "乙", None, "丁", "戊"],
        "面积.亩": [1, 2, 3, 4, 5],
        "类": pa.array(["a", "b", "a", None, "b"]).dictionary_encode(),
        "点": [{"x": 1}, None, {"x": 2}, {"x": 3}, {"x": 4}],
        "图": pa.array([b"1", b"2", b"3", b"4", b"5"]),
    }
)


def faults(path: Path) -> list[Issue]:
    """What is said of a table of enterprises that cannot be read."""
    words = Vocabulary.of("enterprises", {})
    with pytest.raises(UserError) as told:
        read_tables([path], path.parent, Source(path=(path.name,)), words, IssueLog())
    return list(told.value.issues)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three row groups, headings that begin alike, a column within a column."""
    pq.write_table(TABLE, tmp_path / "表.parquet", row_group_size=2)
    return tmp_path / "表.parquet"


def test_each_column_is_the_one_of_its_heading(file: Path) -> None:
    with ByColumn(file) as rows:
        assert rows.schema == TABLE.schema
        assert rows.num_rows == 5
        for place, name in enumerate(TABLE.schema.names):
            assert rows.column(place).to_pylist() == TABLE[name].to_pylist()
            pieces = list(rows.chunks(name))
            assert [len(one) for one in pieces] == [2, 2, 1]
            assert pa.chunked_array(pieces).to_pylist() == TABLE[name].to_pylist()
        some = rows.select(["面积.亩", "面积"])
        assert some.to_pydict() == TABLE.select(["面积.亩", "面积"]).to_pydict()
        assert rows.select([]).num_rows == 5


def test_pieces_of_a_table_are_its_chunks() -> None:
    assert list(chunks_of(TABLE, "面积")) == TABLE["面积"].chunks


def test_a_table_is_the_same_whichever_way_it_is_read(file: Path) -> None:
    whole = parquet_table(pq.read_table(file), "表.parquet", "tax")
    with ByColumn(file) as rows:
        apart = parquet_table(rows, "表.parquet", "tax")
    pd.testing.assert_frame_equal(apart.frame, whole.frame)
    assert apart.headings == whole.headings == ["面积.1", "面积", "面积.亩", "类", "点"]
    assert apart.row.tolist() == [1, 2, 3, 4, 5]


def test_a_layer_is_the_same_whichever_way_it_is_read(tmp_path: Path) -> None:
    import geopandas as gpd

    path = tmp_path / "地.parquet"
    squares = [shapely.box(n, 0, n + 1, 1) for n in range(5)]
    gpd.GeoDataFrame(
        {"地.块": ["a", "b", "c", "d", "e"], "地": [1, 2, 3, 4, 5]},
        geometry=[*squares[:3], None, squares[4]],
        crs="EPSG:4549",
    ).to_parquet(path, row_group_size=2, write_covering_bbox=True)
    whole = parquet_layer(pq.read_table(path), path, "parcels", "地", None, IssueLog(), typed=True)
    with ByColumn(path) as rows:
        apart = parquet_layer(rows, path, "parcels", "地", None, IssueLog(), typed=True)
    pd.testing.assert_frame_equal(apart.frame, whole.frame)
    assert list(apart.frame.columns) == ["地.块", "地"]
    assert whole.geometry is not None
    assert apart.geometry is not None
    assert apart.geometry.tolist() == whole.geometry.tolist() == [*squares[:3], None, squares[4]]


def test_two_columns_of_one_heading_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["税收", "税收"]), path)
    with pytest.raises(pa.ArrowInvalid, match="税收"):
        ByColumn(path)
    [issue] = faults(path)
    assert issue.code == "intake_tables.damaged"
    assert "税收" in issue.message("zh")


def test_damage_met_while_a_column_is_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "damaged.parquet"
    pq.write_table(pa.table({"税收": list(range(100_000))}), path, compression="zstd")
    content = bytearray(path.read_bytes())
    content[4:6000] = b"\xff" * 5996  # the end, which says what is where, is as it was
    path.write_bytes(content)
    with ByColumn(path) as rows:
        assert rows.num_rows == 100_000
    assert [one.code for one in faults(path)] == ["intake_tables.damaged"]
