"""What cannot be read in parts is named with its reason, also by a run that goes on."""

from __future__ import annotations

import json
from dataclasses import replace

import dirty_county
import geopandas as gpd
import pandas as pd
import parity
import pytest

from landuse.cli import main
from landuse.engines.reading.prepared import Cuts

LIMIT = Cuts(rows=5, memory=1 << 30)


@pytest.fixture
def county(tmp_path):
    """A small county of CSV tables."""
    made = dirty_county.make(tmp_path / "in", 2, "small", lots=8, free=False, dirt=0.0, kind="csv")
    return made.project


def _table(project, name):
    return next(project.parent.glob(f"{name}*.csv"))


def _twice(path):
    """A heading that stands twice."""
    lines = path.read_text("utf-8").splitlines()
    path.write_text("".join(f"{line},{n or '备注'},{n or '备注'}\n"
                            for n, line in enumerate(lines)), encoding="utf-8")  # fmt: skip
    return path.name


def _said(capsys, words):
    assert main(words) == 0
    return [line for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]


def test_every_file_is_named_with_its_reason(county, tmp_path, capsys):
    text = county.read_text("utf-8")
    (tmp_path / "in" / "firms.csv").write_text("name,tax\n甲,1\n乙,2\n", encoding="utf-8")
    more = '[[enterprises.tables]]\npath = "firms.csv"\nmoney_unit = "wan"\n'
    county.write_text(text.replace("[rules]", more + "[rules]"), encoding="utf-8")
    whole = ["identify", str(county), "--memory", "1GiB", "--out"]
    (line,) = _said(capsys, [*whole, str(tmp_path / "one")])
    assert line.startswith("  企业 firms.csv：没有统一社会信用代码列")
    first, last = _twice(_table(county, "enterprises")), _twice(tmp_path / "in" / "firms.csv")
    said = _said(capsys, [*whole, str(tmp_path / "two"), "--lang", "en"])
    assert [line.partition(": ")[0] for line in said] == [
        f"  enterprises {first}", f"  enterprises {last}"
    ]  # fmt: skip
    assert all("more than one column has the heading “备注”" in line for line in said)


def test_a_run_that_goes_on_says_it_again(county, tmp_path, capsys):
    _twice(_table(county, "enterprises"))
    words = [str(county), "--memory", "1GiB", "--part-rows", "5", "--work", str(tmp_path / "work")]
    said = _said(capsys, ["partition", *words])
    assert len(said) == 1
    assert _said(capsys, ["partition", *words]) == said
    assert _said(capsys, ["identify", *words, "--out", str(tmp_path / "run")]) == said


def test_odd_signs_of_a_layer_are_told_by_whoever_reads_them(county, tmp_path, capsys):
    path = next(county.parent.glob("parcels.*"))
    reads = gpd.read_parquet if path.suffix == ".parquet" else gpd.read_file
    land = reads(path).assign(holder="\ue123")
    land.to_parquet(path.with_name("land.parquet"))
    text = county.read_text("utf-8").replace(path.name, "land.parquet")
    county.write_text(text, encoding="utf-8")
    words = ["identify", str(county), "--memory", "1GiB", "--out", str(tmp_path / "run")]
    (line,) = _said(capsys, words)
    assert line.startswith("  宗地 land.parquet：“holder”列里有")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_headings_that_differ_in_case_are_one_in_every_part(county, tmp_path, monkeypatch, kind):
    """The years of an enterprise, in files that spell headings otherwise, meet in one part."""
    read = parity.how_read(monkeypatch)
    path = _table(county, "enterprises")
    rows = pd.read_csv(path, dtype=str).sort_values(["year", "uscc"])
    third = len(rows) // 3
    names = []
    for number, rename in enumerate((str, str.upper, str)):
        part = rows.iloc[third * number : third * (number + 1) if number < 2 else None]
        part = part.rename(columns=rename).astype(object)
        names.append(f"firms{number}.{kind}")
        if kind == "xlsx":  # codes that are text and numbers are kept in another way
            part.iloc[0, 0] = 7
        way = part.to_csv if kind == "csv" else part.to_excel
        way(path.parent / names[-1], index=False)
    text = county.read_text("utf-8")
    old = next(line for line in text.splitlines() if f'"{path.name}"' in line)
    county.write_text(text.replace(old, f"path = {json.dumps(names)}"), encoding="utf-8")
    one = parity.ordinary(county, tmp_path / "one")
    cuts = replace(LIMIT, firms=(sorted(rows["uscc"])[len(rows) // 2],))
    assert parity.agree(one, parity.in_parts(county, tmp_path / "two", cuts))
    assert read == ["parts"]
