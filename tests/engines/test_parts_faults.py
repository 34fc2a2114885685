"""What the user must mend in any part is said at once, as the ordinary run says it; and what it
says where nothing is left to compute."""

from __future__ import annotations

import dirty_county
import parity
import pytest

from landuse.engines.parts.faults import Together
from landuse.engines.parts.job import Here
from landuse.engines.reading.prepared import Cuts
from landuse.errors import UserError

LIMIT = 1 << 30


def some_fail(codes, done):
    """A task whose parts fail with the codes that they have."""

    def task(part):
        done.append(part)
        if codes[part]:
            raise UserError.of(codes[part], table="enterprises", n=part)
        return part

    return task


def test_every_part_ends_before_the_faults_of_all_are_told():
    done, given = [], []
    codes = ["", "ranking.cohort_column_absent", "", "intake_tables.points_need_crs",
             "ranking.cohort_column_absent", "intake_tables.points_need_crs"]  # fmt: skip
    with pytest.raises(UserError) as found:
        given.extend(Together(Here()).each(some_fail(codes, done), len(codes)))
    assert done == list(range(6))
    said = [(issue.code, issue.values["n"]) for issue in found.value.issues]
    assert sorted(said) == [("intake_tables.points_need_crs", 8),
                            ("ranking.cohort_column_absent", 5)]  # fmt: skip


@pytest.mark.parametrize("code", ["engines.workers_died", "publish.disk_full"])
def test_a_fault_of_a_machine_ends_the_round_at_once(code):
    done = []
    with pytest.raises(UserError) as found:
        list(Together(Here()).each(some_fail(["", code, ""], done), 3))
    assert done == [0, 1]
    assert [issue.code for issue in found.value.issues] == [code]


def changed(made, *pairs):
    text = made.project.read_text("utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    made.project.write_text(text, encoding="utf-8")


WRONG_UNIT = ('area_unit = "m2"', 'area_unit = "mu"')
NO_SYSTEM = (f'crs = "{dirty_county.CRS}"', 'columns = { x = "x", y = "y" }')


@pytest.mark.parametrize(
    ("pairs", "codes"),
    [
        ([NO_SYSTEM], ["points_need_crs"]),
        ([WRONG_UNIT], ["area_unit_wrong"]),
        ([WRONG_UNIT, NO_SYSTEM], ["area_unit_wrong"]),  # no land, no place for points
    ],
)
def test_faults_of_all_parts_are_those_of_the_ordinary_run(pairs, codes, tmp_path):
    """A unit of area that the parcels disprove, points without a system in several parts."""
    made = dirty_county.make(tmp_path, 3, "small", kind="parquet", lots=16, dirt=0.0, free=False)
    changed(made, *pairs)
    one = parity.ordinary(made.project, tmp_path / "one")
    assert sorted(fault[5].partition(".")[2] for fault in one) == codes
    two = parity.in_parts(made.project, tmp_path / "two", Cuts(4, memory=LIMIT))
    assert parity.agree(one, two) is False
    assert not list(tmp_path.glob(".*"))


@pytest.fixture
def emptied(monkeypatch):
    """Counties of which no parcel, or no enterprise, can be used."""

    def made(folder, what, **more):
        kind = dirty_county._County
        layer, table = kind._layer, kind._table

        def no_land(self, folder, name, rows, *rest):
            gone = {"parcel_id": ""} if name == "parcels" and what == "parcels" else {}
            layer(self, folder, name, [{**row, **gone} for row in rows], *rest)

        def no_firms(self, folder, name, rows, more):
            gone = {"uscc": ""} if name == "enterprises" and what == "enterprises" else {}
            table(self, folder, name, [{**row, **gone} for row in rows], more)

        with monkeypatch.context() as patch:
            patch.setattr(kind, "_layer", no_land)
            patch.setattr(kind, "_table", no_firms)
            return dirty_county.make(folder, 8, lots=6, dirt=0.0, **more)

    return made


@pytest.mark.parametrize("what", ["parcels", "enterprises"])
@pytest.mark.parametrize("rules", ["no_price", "grades"])
@pytest.mark.parametrize("cuts", [Cuts(land=("", "3"), firms=("", "9")), Cuts(memory=LIMIT)])
def test_land_or_firms_of_which_nothing_is_left(what, rules, cuts, emptied, tmp_path):
    """A run without rows, or the sentence of the ordinary run."""
    kind = "parquet" if cuts.memory else "csv"
    made = emptied(tmp_path, what, rules=rules, kind=kind)
    one = parity.ordinary(made.project, tmp_path / "one")
    parity.agree(one, parity.in_parts(made.project, tmp_path / "two", cuts))
