"""The parks' book on both databases: what changes, what stays, and that nothing is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from landuse.errors import UserError
from landuse.intake.park_tables import read_park_inputs
from landuse.intake.project import load_project
from landuse.issues import IssueLog
from landuse.ledger import Ledger, canonical, park_book
from landuse.ledger.park_book import BookRow
from landuse.ledger.verify import verify
from landuse.pipeline import park_book as pipeline
from landuse.schema.park_tables import PARK_TABLES

AT = datetime(2026, 7, 1, 8, tzinfo=UTC)
WHO = {"by": "王工", "at": AT, "why": "半年报"}
FILE = {"source_name": "a.xlsx", "source_sha256": "0"}


def row(key: str, **body: object) -> BookRow:
    return BookRow("projects", key, body, "", "项目", 2)


def take(ledger: Ledger, *rows: BookRow, remove: bool = False) -> list[str]:
    with ledger.write() as session:
        changes = park_book.compare(session, rows, ["projects"], remove=remove)
        park_book.record(session, changes, **FILE, **WHO)
        return [f"{change.kind} {change.key}" for change in changes]


def test_a_change_is_a_new_row_and_the_old_one_stays(ledger: Ledger) -> None:
    assert take(ledger, row("甲", park="A"), row("乙", park="A")) == ["added 乙", "added 甲"]
    assert take(ledger, row("甲", park="B")) == ["changed 甲"]
    assert take(ledger, row("甲", park="B"), remove=True) == ["removed 乙"]
    assert take(ledger, row("甲", park="B")) == []
    with ledger.read() as session:
        assert [(one.key, one.body) for one in park_book.current(session)] == [
            ("甲", {"park": "B"})
        ]
        assert park_book.versions_of(session, "projects", "乙") == [(1, {"park": "A"}), (3, None)]
        assert [one.rows for one in park_book.imports(session)] == [2, 1, 1, 0]
        first = park_book.imports(session)[0]
        assert (first.by, first.why, first.at) == ("王工", "半年报", AT)
        assert verify(session) == []
    assert take(ledger, row("乙", park="A")) == ["added 乙"]


def test_a_row_that_somebody_changed_since_the_preview_is_not_overwritten(ledger: Ledger) -> None:
    take(ledger, row("甲", park="A"))
    with ledger.read() as session:
        mine = park_book.compare(session, [row("甲", park="B")], ["projects"])
    take(ledger, row("甲", park="C"))
    with pytest.raises(UserError) as raised, ledger.write() as session:
        park_book.record(session, mine, **FILE, **WHO)
    assert raised.value.issues[0].code == "park_book.changed_meanwhile"
    with ledger.read() as session:
        assert [one.body for one in park_book.current(session)] == [{"park": "C"}]


@pytest.mark.parametrize(
    "statement", ["UPDATE park_rows SET row_key = 'x'", "DELETE FROM park_imports"]
)
def test_what_was_taken_in_cannot_be_changed(ledger: Ledger, statement: str) -> None:
    take(ledger, row("甲", park="A"))
    with pytest.raises((UserError, DBAPIError)), ledger.write() as session:
        session.execute(text(statement))
    with ledger.read() as session:
        assert len(list(canonical.read(session.connection(), "park_rows", ["id"]))) == 1


SAMPLE = Path(__file__).parents[2] / "data" / "sample"


def book_of_the_sample(folder: Path) -> Path:
    """The sample's park tables as sheets of one workbook."""
    whole = openpyxl.Workbook()
    whole.remove(whole.active)
    for name in ("park_register", "park_periods", "projects", "promises", "demand", "stated"):
        page = openpyxl.load_workbook(SAMPLE / f"{name}.xlsx", read_only=True).worksheets[0]
        copy = whole.create_sheet(page.title)
        for cells in page.iter_rows(values_only=True):
            copy.append(cells)
    path = folder / "园区.xlsx"
    whole.save(path)
    return path


def test_the_sample_goes_in_and_comes_out_as_it_was(ledger: Ledger, tmp_path: Path) -> None:
    """What the database gives is what the project's own files give, to the last millionth; what
    is exported and handed back changes nothing."""
    found = pipeline.preview_parks(ledger, book_of_the_sample(tmp_path))
    assert {kind for _, kind in found.tally()} == {"added"}
    assert found.unchanged == 0
    assert pipeline.apply_parks(ledger, found, **WHO) == 1
    inputs = read_park_inputs(load_project(SAMPLE / "parks.toml"), IssueLog())
    with ledger.read() as session:
        frames = pipeline.frames_of(session)
    assert frames.keys() == PARK_TABLES.keys()
    for name, table in PARK_TABLES.items():
        columns = [one for one in table.names if not one.startswith("source_")]
        by = [one for one in columns if one != "unread"]
        ours, theirs = (
            frame[columns].sort_values(by, ignore_index=True)
            for frame in (frames[name], inputs.table(name))
        )
        pd.testing.assert_frame_equal(ours, theirs)
    for lang in ("zh", "en"):
        out = tmp_path / f"{lang}.xlsx"
        assert sum(pipeline.export_parks(ledger, out, lang=lang).values()) == 1517
        again = pipeline.preview_parks(ledger, out, remove=True)
        assert (again.tally(), again.unchanged) == ({}, 1517)


def test_a_file_that_changed_after_the_preview_is_not_taken(ledger: Ledger, tmp_path: Path) -> None:
    path = book_of_the_sample(tmp_path)
    found = pipeline.preview_parks(ledger, path)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(UserError) as raised:
        pipeline.apply_parks(ledger, found, **WHO)
    assert raised.value.issues[0].code == "park_book.file_changed"
    with ledger.read() as session:
        assert list(park_book.current(session)) == []


def test_the_database_gives_what_the_project_does_not(ledger: Ledger, tmp_path: Path) -> None:
    found = pipeline.preview_parks(ledger, book_of_the_sample(tmp_path))
    pipeline.apply_parks(ledger, found, **WHO)
    project = load_project(SAMPLE / "parks.toml").model_copy(
        update=dict.fromkeys(("periods", "projects"))
    )
    inputs = read_park_inputs(project, IssueLog())
    assert inputs.given == {"park_register", "promises", "demand", "stated"}
    with ledger.read() as session:
        whole = pipeline.with_kept(inputs, session)
    assert (len(whole.periods), len(whole.projects)) == (1408, 40)
    assert set(whole.periods["source_file"]) == {"园区.xlsx"}
    assert set(whole.promises["source_file"]) == {"promises.xlsx"}
    assert whole.given == PARK_TABLES.keys()


def test_an_older_book_is_read_and_a_column_it_lacks_is_no_change(ledger: Ledger) -> None:
    """A program before this one kept a yes as true, and false for a no and for a blank."""
    yes = BookRow("park_register", "甲", {"park": "甲", "has_plan": True}, "", "园区底数", 2)
    blank = BookRow("park_register", "乙", {"park": "乙", "has_plan": False}, "", "园区底数", 3)
    said = {
        "scope": "cluster",
        "key": "装备",
        "period": "2026",
        "cumulative": False,
        "measure": "output",
        "value_micro": 1,
        "digits": 0,
        "step_micro": 1,
        "bound": "exact",
    }
    old = BookRow("periods", "装备", said, "", "经济指标", 2)  # fmt: skip
    names = ["park_register", "periods"]
    with ledger.write() as session:
        changes = park_book.compare(session, [yes, blank, old], names)
        park_book.record(session, changes, **FILE, **WHO)
    with ledger.read() as session:
        frames = pipeline.frames_of(session)
        same = BookRow("periods", "装备", {**said, "cluster_kind": ""}, "", "经济指标", 2)
        more = BookRow("periods", "装备", {**said, "cluster_kind": "leading"}, "", "经济指标", 2)
        assert park_book.compare(session, [same], ["periods"]) == []
        (change,) = park_book.compare(session, [more], ["periods"])
    assert change.columns == ["cluster_kind"]
    assert frames["park_register"].set_index("park")["has_plan"].to_dict() == {
        "甲": "yes",
        "乙": "",
    }
    assert frames["periods"]["cluster_kind"].tolist() == [""]


def test_an_empty_book_is_a_form(ledger: Ledger, tmp_path: Path) -> None:
    assert pipeline.export_parks(ledger, tmp_path / "样表.xlsx") == {}
    book = openpyxl.load_workbook(tmp_path / "样表.xlsx")
    assert book.sheetnames == [table.zh for table in PARK_TABLES.values()]
    assert book["园区底数"]["F1"].value == "总面积(亩)"
    found = pipeline.preview_parks(ledger, tmp_path / "样表.xlsx")
    assert found.changes == ()


def test_text_is_never_a_formula(ledger: Ledger, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "项目"
    book.active.append(["项目", "园区"])
    book.active.append(["", "甲园"])
    book.active["A2"].value, book.active["A2"].data_type = "=1+1", "s"
    book.save(tmp_path / "p.xlsx")
    found = pipeline.preview_parks(ledger, tmp_path / "p.xlsx")
    pipeline.apply_parks(ledger, found, **WHO)
    pipeline.export_parks(ledger, tmp_path / "out.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "out.xlsx")["项目"]["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
