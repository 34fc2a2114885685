"""A tenth of the proof that the way a batch is run changes no byte; all of it: ``tests/long``.

Random counties from files with every trouble (``dirty_county``), cut anywhere, against the
ordinary run; the same in English, and as a ledger holds it.
"""

from __future__ import annotations

import random

import pytest
from dirty_county import RULES, make
from engine_desk import ROOT
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from parity import agree, in_parts, ordinary, some_cuts

from landuse.engines.reading.prepared import Cuts

SAMPLE = ROOT / "data" / "sample" / "project.toml"


@pytest.mark.parametrize("name", sorted(RULES)[::2])
def test_a_dirty_county_cut_anywhere(name, tmp_path):
    """One county for every second kind of rules."""
    seed = 1000 + list(RULES).index(name)
    made = make(tmp_path, seed, name)
    one = ordinary(made.project, tmp_path / "one")
    cuts = some_cuts(random.Random(seed), made.parcels, made.firms, 3)
    agree(one, in_parts(made.project, tmp_path / "parts", cuts))
    assert not list(tmp_path.glob(".*"))  # nothing half written, nothing in between left


@pytest.mark.parametrize("seed", [301, 308])
def test_a_limit_of_memory_changes_no_byte(seed, tmp_path):
    """Big tables as Parquet, read and checked some rows at a time."""
    made = make(tmp_path, seed, kind="parquet", lots=14)
    one = ordinary(made.project, tmp_path / "one")
    agree(one, in_parts(made.project, tmp_path / "parts", Cuts(5, memory=2**30)))
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    "cuts",
    [
        Cuts(land=("", "!", "\U0010ffff"), firms=("", "!", "\U0010ffff")),  # all in one, two empty
        Cuts(land=("",), firms=("", "\U0010ffff")),
    ],
)
def test_parts_that_hold_nothing(cuts, tmp_path):
    made = make(tmp_path, 7, "small", lots=9, dirt=0.0, free=False)
    assert agree(ordinary(made.project, tmp_path / "one"),
                 in_parts(made.project, tmp_path / "parts", cuts))  # fmt: skip


def test_a_code_may_be_any_sign(tmp_path):
    """U+FFFF and signs beyond the first plane are codes like any other."""
    made = make(tmp_path, 3, "merge", lots=20, free=True, dirt=0.0)
    assert {"\uffff", "𠮷1", "🏭"} <= set(made.parcels)
    cuts = Cuts(land=("", "\uffff", "🏭", "𠮷1"), firms=("", "龍", "\U0010ffff"))
    assert agree(ordinary(made.project, tmp_path / "one"),
                 in_parts(made.project, tmp_path / "parts", cuts))  # fmt: skip


def test_english_output_is_the_same_too(tmp_path):
    made = make(tmp_path, 11, "spare", lots=12)
    one = ordinary(made.project, tmp_path / "one", "en")
    agree(one, in_parts(made.project, tmp_path / "parts", Cuts(4), lang="en"))


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """One county whose parcels are shared by firms of many parts, and its ordinary run."""
    folder = tmp_path_factory.mktemp("county")
    made = make(folder, 5, "merge_mean", lots=12, free=True, dirt=0.04)
    return made, ordinary(made.project, folder / "one")


ANY = st.lists(st.text(min_size=1, max_size=4), max_size=2)


@settings(
    max_examples=4, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(data=st.data(), land=ANY, firms=ANY)
def test_cutting_anywhere_changes_no_byte(data, land, firms, county, tmp_path_factory):
    """Cuts are any texts: codes, parts of codes, or nothing like a code."""
    made, one = county
    land = {*land, *data.draw(st.lists(st.sampled_from(made.parcels), max_size=4))}
    firms = {*firms, *data.draw(st.lists(st.sampled_from(made.firms), max_size=4))}
    cuts = Cuts(land=("", *sorted(land)), firms=("", *sorted(firms)))
    folder = tmp_path_factory.mktemp("parts")
    assert agree(one, in_parts(made.project, folder / "run", cuts))
