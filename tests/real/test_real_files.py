"""Each file of the shared encodings and broken layers from the command line: read, or a message.

Whether names are the true text is checked file by file in tests/intake/test_layer_real.py; here
every file goes the whole way, as a planner would give it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from landuse.cli import main

MESSAGES = Path(__file__).parents[2] / "landuse" / "messages"
PROJECT = """[project]
name = "试验"
year = 2025
as_of = 2026-06-30
id_scheme = "free"
{crs}
[parcels]
path = "{path}"
{more}
[parcels.columns]
parcel_id = "{key}"
uscc = "{key}"
[enterprises]
path = "企业.csv"
money_unit = "wan"
[rules]
pack = "three-indicator"
[rules.override]
coefficient = "none"
"""
FIRMS = "统一社会信用代码,企业名称,行业代码,税收,产值,综合能耗\n1,甲,1711,10,100,5\n"
GEOGRAPHIC = 'crs = "EPSG:4490"'
NULLS = "broken/UnifiedChecksMaterialNull"
DATABASE = "broken/testopenfilegdb.gdb.zip"
# file, key column, what [project] and [parcels] declare, and the message that ends it
REFUSED = [
    ("encodings/chinese_encoding.shp", "BH", "", "", "crs.missing_degrees"),
    ("encodings/同济新村房屋.shp", "FID_", "", "", "crs.missing_unknown"),
    ("encodings/pro.shp", "name", "", "", "crs.degrees_of_old_datum"),
    ("encodings/DLTB.shp", "Id", "", "", "crs.outside"),
    ("broken/error_union.shp", "Id", "", "", "crs.missing_unknown"),
    (f"{NULLS}AtStart.shp", "Id", "", "", "crs.missing_unknown"),
    (f"{NULLS}InMiddle.shp", "Id", "", "", "crs.missing_unknown"),
    (f"{NULLS}AtEnd.shp", "Id", "", "", "crs.missing_unknown"),
    (f"{NULLS}AtEnd.shp", "Id", "", 'crs = "EPSG:4326"', "crs.degrees_of_old_datum"),
    ("broken/Victoria North.shp", "cropId", "", "", "crs.missing_unknown"),
    (DATABASE, "id", "", "", "intake_layers.several_layers"),
    (DATABASE, "id", "", 'layer = "nowhere"', "intake_layers.layer_absent"),
    (DATABASE, "id", "", 'layer = "none"', "intake_layers.no_polygons"),
    (DATABASE, "id", "", 'layer = "point"', "intake_layers.no_polygons"),
    (DATABASE, "id", "", 'layer = "polygon"', "crs.degrees_of_old_datum"),
    (DATABASE, "id", "", 'layer = "null_polygon"', "intake_layers.no_shapes"),
    (DATABASE, "id", "", 'layer = "empty_polygon"', "intake_layers.no_shapes"),
]
# the same, with rows read, used and set aside
READ = [
    ("encodings/chinese_poly.shp", "NAME", "", "", (1, 1, 0)),
    ("encodings/chinese_encoding.shp", "NAME99", "", GEOGRAPHIC, (78, 78, 0)),
    ("encodings/10_tn-village.shp", "VILLCODE", "", "", (752, 752, 0)),
    ("broken/Victoria North.shp", "cropId", 'crs = "EPSG:32615"', 'crs = "EPSG:4326"', (2, 0, 2)),
]


@pytest.fixture
def given(shared_data, tmp_path):
    """A project over a copy of the file and its neighbours, and their folder."""

    def give(name, key, head, more):
        file = shared_data(*name.split("/"))
        data = tmp_path / "数据 原件"
        shutil.copytree(file.parent, data)
        (tmp_path / "企业.csv").write_text(FIRMS, encoding="utf-8")
        path = tmp_path / "project.toml"
        text = PROJECT.format(crs=head, path=f"{data.name}/{file.name}", more=more, key=key)
        path.write_text(text, encoding="utf-8")
        return path, data

    return give


def fingerprint(folder: Path) -> dict[str, tuple[int, str]]:
    return {
        path.name: (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def told(capsys) -> str:
    """Everything on the screen, without the breaks of lines and tables."""
    shown = capsys.readouterr()
    whole = shown.out + shown.err
    assert "Traceback" not in whole
    return "".join(char for char in whole if not char.isspace() and char not in "│┃")


@pytest.mark.parametrize(("name", "key", "head", "more", "code"), REFUSED)
def test_a_file_that_cannot_be_used_ends_in_a_message(given, capsys, name, key, head, more, code):
    project, data = given(name, key, head, more)
    before = fingerprint(data)
    assert main(["check", str(project)]) == 2
    said = told(capsys)
    assert main(["identify", str(project)]) == 2
    again = told(capsys)
    issues = pd.read_excel(project.with_name("issues.xlsx"), engine="openpyxl", dtype=str)
    assert len(issues) >= 1
    # the beginning of the message, which no value interrupts
    room, sentence = code.split(".")
    template = tomllib.loads((MESSAGES / f"{room}.toml").read_text(encoding="utf-8"))
    start = template[sentence]["zh"].split("{")[0].replace(" ", "")[:8]
    assert start in said
    assert start in again
    assert fingerprint(data) == before
    assert not (project.parent / "runs").exists()


@pytest.mark.parametrize(("name", "key", "head", "more", "counts"), READ)
def test_a_file_that_can_be_used_is_used(given, capsys, name, key, head, more, counts):
    project, data = given(name, key, head, more)
    before = fingerprint(data)
    assert main(["check", str(project)]) == 0
    assert main(["identify", str(project)]) == 0
    told(capsys)
    assert fingerprint(data) == before
    (run,) = (project.parent / "runs").iterdir()
    written = json.loads((run / "run.json").read_text(encoding="utf-8"))
    (row,) = [row for row in written["counts"] if row["table"] == "parcels"]
    assert (row["read"], row["used"], row["set_aside"]) == counts
    assert len(pd.read_parquet(run / "parcels.parquet", columns=["parcel_id"])) == counts[1]
