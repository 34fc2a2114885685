"""``--memory``: sizes as people write them, no ``--engine`` needed, and what it could not do."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from landuse.cli import main
from landuse.cli.partition_commands import Engine
from landuse.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample" / "project.toml"


def _engine(memory):
    return Engine("", None, None, None, None, None, memory=memory)


@pytest.mark.parametrize("said", ["4GiB", "4 gib", "800MiB", "0.75G", "1TB", "1000000000"])
def test_sizes_are_understood(said):
    _engine(said).check()


@pytest.mark.parametrize("said", ["", "much", "4 lots", "-4GiB", "4GiBs", "4,5GiB"])
def test_other_words_are_refused(said):
    with pytest.raises(UserError) as found:
        _engine(said).check()
    assert [issue.code for issue in found.value.issues] == ["engines.memory_unknown"]


@pytest.mark.parametrize("said", ["511MiB", "4", "4KiB", "0GiB", "500MB"])
def test_less_than_the_program_takes_is_refused(said):
    with pytest.raises(UserError) as found:
        _engine(said).check()
    assert [issue.code for issue in found.value.issues] == ["engines.memory_small"]


def test_nothing_of_the_sample_is_read_whole(tmp_path, capsys):
    """Its tables are workbooks with rows of totals, and some of its cells were corrected."""
    words = ["identify", str(SAMPLE), "--memory", "1GiB", "--out", str(tmp_path / "run")]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "整体" not in said
    counted = re.search(r"宗地\.shp\D+(\d+)\D+(\d+)\D+(\d+)", said)
    assert counted is not None
    assert counted.groups() == ("603", "597", "6")  # read = used + set aside
    assert pq.read_metadata(tmp_path / "run" / "parcels.parquet").num_rows == 597


def test_parts_that_were_cut_are_found_again(tmp_path, capsys):
    work = tmp_path / "work"
    words = [str(SAMPLE), "--work", str(work), "--part-rows", "300", "--memory", "1GiB"]
    assert main(["partition", *words]) == 0
    said = capsys.readouterr().out
    assert "--part-rows 300 --memory 1GiB" in said  # what is to be given next
    assert main(["identify", *words, "--out", str(tmp_path / "run")]) == 0
    assert len(list(work.glob(".parts-*"))) == 1
