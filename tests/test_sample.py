"""The sample county is what its README says: made anew it is the same, its troubles are there."""

from __future__ import annotations

import ast
import os
import struct
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import openpyxl
import pyogrio
import pytest

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.fixture(scope="module")
def troubles() -> list[dict]:
    return tomllib.loads((SAMPLE / "planted.toml").read_text("utf-8"))["trouble"]


@pytest.fixture(scope="module")
def parcels():
    return pyogrio.read_dataframe(SAMPLE / "宗地.shp", encoding="GB18030")


def sheet(name: str | Path) -> list[tuple]:
    book = openpyxl.load_workbook(SAMPLE / name, read_only=True)
    return list(book.worksheets[0].iter_rows(values_only=True))


def check_character(code: str) -> str:
    total = sum(ALPHABET.index(char) * pow(3, power, 31) for power, char in enumerate(code[:17]))
    return ALPHABET[-total % 31]


def make(folder: Path, seed: str) -> dict[str, bytes]:
    command = [sys.executable, "-B", str(SAMPLE / "make_sample.py"), str(folder)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_made_again_it_is_the_same(tmp_path):
    made, again = make(tmp_path / "1", "1"), make(tmp_path / "2", "2")
    assert made == again
    there = {
        path.name: path for path in SAMPLE.iterdir() if path.is_file() and path.suffix != ".py"
    }
    assert made.keys() == there.keys()
    for name, path in there.items():
        # Another version of the workbook or GeoPackage library may write other bytes.
        if path.suffix == ".xlsx":
            assert sheet(path) == sheet(tmp_path / "1" / name), name
        elif path.suffix == ".gpkg":
            assert pyogrio.read_dataframe(path).equals(
                pyogrio.read_dataframe(tmp_path / "1" / name)
            )
        else:
            assert made[name] == path.read_bytes(), name


def test_generator_knows_nothing_of_the_package():
    for path in [SAMPLE / "make_sample.py", *(SAMPLE / "generator").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not any(name.split(".")[0] == "landuse" for name in names), path


def test_small_enough():
    assert sum(path.stat().st_size for path in SAMPLE.iterdir() if path.is_file()) < 4_000_000


def test_shapefile_says_nothing_of_its_encoding(parcels):
    raw = (SAMPLE / "宗地.dbf").read_bytes()
    assert raw[29] == 0
    assert not (SAMPLE / "宗地.cpg").exists()
    with pytest.raises(UnicodeDecodeError):
        raw[struct.unpack("<H", raw[8:10])[0] :].decode("utf-8")
    assert parcels.crs.to_epsg() == 4549
    assert parcels["SZXZ"].iloc[0] == "城东街道"


def test_size_of_the_county(parcels):
    assert len(parcels) == 603
    registry = [row for row in sheet("enterprises.xlsx")[3:] if row[1]]
    codes = {row[1] for row in registry}
    assert 540 <= len(codes) <= 580
    assert {row[3] for row in registry} == {2023, 2024, 2025}
    divisions = Counter(str(row[4]).strip("C")[:2] for row in registry if row[3] == 2025 and row[4])
    assert 20 <= len(divisions) <= 26
    assert sum(count < 7 for count in divisions.values()) >= 4


def test_check_characters_hold_except_where_planted(troubles):
    wrong = {t["key"] for t in troubles if t["kind"] == "wrong_check_character"}
    codes = {row[1] for row in sheet("enterprises.xlsx")[3:] if row[1]}
    assert {code for code in codes if check_character(code) != code[17]} == wrong
    assert len(wrong) == 1


def test_each_required_trouble_is_planted(troubles):
    kinds = {trouble["kind"] for trouble in troubles}
    assert kinds >= {
        "one_parcel_many_firms", "one_firm_many_parcels", "land_without_firm", "firm_without_land",
        "missing_tax", "zero_energy", "wrong_check_character", "scientific_notation", "shop",
        "two_grade_zones", "area_a_little_off", "area_far_off", "bow_tie", "duplicate_equal",
        "duplicate_different", "hostile_name", "full_width_code", "repeated_row", "hidden_row",
        "firm_not_in_table", "similar_name", "ambiguous_name", "new_producer", "public_utility",
        "total_does_not_fit", "thousands_separator", "no_price", "under_construction",
    }  # fmt: skip


def test_rows_of_the_troubles_are_right(troubles, parcels):
    sheets: dict[str, list[tuple]] = {}
    for trouble in troubles:
        file, row, key = trouble["file"], trouble["row"], trouble["key"]
        if not row:
            continue
        if file == "宗地.shp":
            assert (parcels["DKBM"].iloc[row - 1] or "") == key or not key
        elif file.endswith(".xlsx"):
            cells = sheets.setdefault(file, sheet(file))[row - 1]
            text = " ".join(str(cell) for cell in cells)
            changed = {"scientific_notation", "code_as_number", "full_width_code"}
            if trouble["kind"] not in changed | {"spaces_and_lower_case"}:
                assert key in text, trouble


def test_totals_fit_but_for_the_planted_one(troubles):
    tax = sheet("tax.xlsx")[3:]
    said = next(row[4] for row in tax if row[0] == "合计")
    values = [row[4] for row in tax if row[0] != "合计"]
    numbers = [str(value).replace(",", "") for value in values if value not in (None, "—", "/")]
    total = sum(float(text) for text in numbers if text not in ("无", "N/A"))
    assert said == pytest.approx(total, abs=0.01)
    energy = sheet("energy.xlsx")[4:]
    said = next(row[4] for row in energy if row[0] == "合计")
    assert said > 1.01 * sum(row[4] or 0 for row in energy if row[0] != "合计")
    assert [t["value"] for t in troubles if t["kind"] == "total_does_not_fit"] == [str(said)]


def test_hidden_row_is_hidden(troubles):
    hidden = next(trouble for trouble in troubles if trouble["kind"] == "hidden_row")
    page = openpyxl.load_workbook(SAMPLE / "tax.xlsx").worksheets[0]
    assert [row for row, size in page.row_dimensions.items() if size.hidden] == [hidden["row"]]


def test_no_two_lots_overlap_but_the_planted(parcels, troubles):
    planted = {t["key"] for t in troubles if t["kind"] in ("overlap", "duplicate_different")}
    planted |= {t["key"] for t in troubles if t["kind"] in ("duplicate_equal", "bow_tie", "spike")}
    good = parcels[parcels.geometry.notna() & ~parcels["DKBM"].isin(planted)]
    shapes = good.geometry.to_numpy()
    left, right = good.sindex.query(good.geometry, predicate="intersects")
    areas = [
        shapes[a].intersection(shapes[b]).area for a, b in zip(left, right, strict=True) if a < b
    ]
    assert max(areas) < 1
