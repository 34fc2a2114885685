"""The minutes as document and workbook: the same content, hostile text, the same bytes."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest

from landuse.errors import UserError
from landuse.publish.minutes import MinutesContent, MinutesLine, MinutesSum, write_minutes

HOSTILE = '=HYPERLINK("http://x","a")\x01<w:t>&\u202e\'+1\ufffe'


def content(comment: str = "同意", *, is_open: bool = False) -> MinutesContent:
    line = MinutesLine("P1", "2026-001", comment, "12.3400", "认可", "疑似 → 公示", comment, "李评",
                       "2026-07-01 10:00", "议程外")  # fmt: skip
    one = MinutesSum("认可", 1, 1, "12.3400")
    return MinutesContent(
        number="2026-会-01",
        title=comment,
        facts=(("会议编号", "2026-会-01"), ("依据成果", comment)),
        lines=(line,),
        sums=(one,),
        whole=MinutesSum("合计", 1, 1, "12.3400"),
        undecided=(("P2", comment),),
        day=dt.date(2026, 7, 1),
        is_open=is_open,
    )


def texts(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        root = ElementTree.fromstring(archive.read("word/document.xml"))
    space = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    return ["".join(one.itertext()) for one in root.iter(f"{space}p")]


def cells(path: Path) -> list[tuple[object, str]]:
    book = openpyxl.load_workbook(path)
    return [
        (cell.value, cell.data_type) for sheet in book for row in sheet.iter_rows() for cell in row
    ]


def test_document_and_workbook_say_the_same(tmp_path: Path) -> None:
    write_minutes(content(), tmp_path / "a.docx")
    write_minutes(content(), tmp_path / "a.xlsx")
    said, found = texts(tmp_path / "a.docx"), cells(tmp_path / "a.xlsx")
    for word in ("P1", "2026-001", "疑似 → 公示", "李评", "2026-07-01 10:00"):
        assert word in said
        assert (word, "s") in found
    assert said.count("12.3400") == 3, "the verdict, its sum, the whole"
    assert [value for value, kind in found if kind == "n" and value == 12.34] == [12.34] * 3
    assert any("P2" in line for line in said)
    assert ("P2", "s") in found
    assert any("主持人" in line for line in said)


@pytest.mark.parametrize("ending", ["docx", "xlsx"])
def test_hostile_text_is_only_text(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    write_minutes(content(HOSTILE), path)
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(archive.read(name))
        external = [name for name in archive.namelist() if b'"External"' in archive.read(name)]
    assert external == []
    if ending == "xlsx":
        found = cells(path)
        assert "f" not in {kind for _, kind in found}
        assert any(str(value).startswith("=HYPERLINK") for value, _ in found)
    else:
        said = "\n".join(texts(path))
        assert '=HYPERLINK("http://x","a")␁<w:t>&' in said


@pytest.mark.parametrize("ending", ["docx", "xlsx"])
def test_the_same_meeting_gives_the_same_bytes(tmp_path: Path, ending: str) -> None:
    paths = [tmp_path / f"{name}.{ending}" for name in ("a", "b")]
    for path in paths:
        write_minutes(content(), path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("ending", ["docx", "xlsx"])
def test_an_open_meeting_is_said_to_be_open(tmp_path: Path, ending: str) -> None:
    for is_open in (True, False):
        path = tmp_path / f"{is_open}.{ending}"
        write_minutes(content(is_open=is_open), path)
        said = texts(path) if ending == "docx" else [str(value) for value, _ in cells(path)]
        assert any("会议尚未结束" in line for line in said) is is_open


def test_a_file_of_somebody_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_text("mine")
    with pytest.raises(UserError):
        write_minutes(content(), path)
    assert path.read_text() == "mine"
    assert [one.name for one in tmp_path.iterdir()] == ["a.docx"]
