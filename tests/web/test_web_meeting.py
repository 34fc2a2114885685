"""A meeting from its opening to its minutes, and the charts of a run."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from urllib.parse import quote
from xml.etree import ElementTree

import openpyxl
import pytest
from httpx import Response
from served_site import Desk, words
from test_web_review import EMPTY, NORMAL, base, decide, plots

from landuse.ledger.meetings import find_meeting, minutes


def run_id(desk: Desk) -> str:
    return desk.site.runs()[0].run_id


def open_one(
    desk: Desk, title: str = "第一次会审", query: str = "class=low_efficiency&class=normal"
) -> Response:
    return desk.post(f"/runs/{run_id(desk)}/meetings", {"title": title, "query": query})


def number(desk: Desk) -> str:
    """The number of the newest meeting; its year is that of the day of the test."""
    from landuse.ledger.meetings import meetings

    with desk.site.ledger().read() as session:
        return meetings(session)[0].number


def test_the_agenda_is_what_the_filter_shows(desk: Desk) -> None:
    page = open_one(desk)
    assert page.url.path == base(desk)
    assert page.url.query.decode() == "class=low_efficiency&class=normal"
    one = number(desk)
    assert one in words(page)
    with desk.site.ledger().read() as session:
        meeting = find_meeting(session, one)
    assert [code[-2:] for code in meeting.agenda] == plots(page)
    assert len(meeting.agenda) == 7
    assert meeting.opened_by == "王工"
    assert "还没有结束" in words(open_one(desk, "又一次"))


def test_a_meeting_needs_a_title_and_plots(desk: Desk) -> None:
    assert open_one(desk, "  ").status_code == 422
    assert open_one(desk, "x" * 201).status_code == 422
    answer = open_one(desk, "空会", "class=revitalised")
    assert answer.status_code == 422
    assert "空会" in words(answer)


def test_progress_and_the_lists_of_the_agenda(desk: Desk) -> None:
    open_one(desk)
    one = number(desk)
    decide(desk, "defer", comment="再议", meeting=one)
    decide(desk, "defer", EMPTY, comment="议程外", meeting=one)
    told = desk.client.get(f"{base(desk)}/changes?since=0").json()["meeting"]
    assert (told["number"], told["decided"], told["total"]) == (one, 1, 7)
    assert told["left"] == [], "of the plots that changed none is left"
    first = desk.client.get(f"{base(desk)}/list?agenda=left")
    decide(desk, "survey", NORMAL, comment="看现场")
    told = desk.client.get(f"{base(desk)}/changes?since=0").json()["meeting"]
    assert (told["decided"], told["left"]) == (1, [NORMAL]), "it was not under the meeting"
    assert "02" in plots(first)
    assert plots(desk.get(f"{base(desk)}/list?agenda=left")) == ["02", "03", "05", "04", "06", "07"]
    assert len(plots(desk.get(f"{base(desk)}/list?agenda=agenda"))) == 7


def document(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = ElementTree.fromstring(archive.read("word/document.xml"))
    return "\n".join(root.itertext())


def test_minutes_agree_with_the_ledger(desk: Desk) -> None:
    open_one(desk)
    one = number(desk)
    decide(desk, "defer", comment="再议", meeting=one)
    decide(desk, "survey", NORMAL, comment="=1+1", meeting=one)
    decide(desk, "reject", EMPTY, comment="撤错了", meeting=one)
    with desk.site.ledger().read() as session:
        before = minutes(session, one)
    last = before.rows[-1].line.id
    desk.post(f"{base(desk)}/undo", {"plot": EMPTY, "review": str(last)})
    closed = desk.post(f"/meetings/{quote(one)}/close")
    assert "结束" in words(closed)
    with desk.site.ledger().read() as session:
        found = minutes(session, one)
    # 50 mu each: two verdicts stand, the third was taken back
    assert [(row.verdict, row.plots, row.mu_e4) for row in found.sums] == [
        ("survey", 1, 500_000), ("defer", 1, 500_000),
    ]  # fmt: skip
    text = document(desk.client.get(f"/meetings/{quote(one)}/minutes.docx").content)
    for said in ("第一次会审", "再议", "=1+1", "100.0000", "50.0000", "已由 王工 撤销", "议程外",
                 "未议地块（5 宗）", "主持人"):  # fmt: skip
        assert said in text
    book = openpyxl.load_workbook(
        io.BytesIO(desk.client.get(f"/meetings/{quote(one)}/minutes.xlsx").content)
    )
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    assert [cell.data_type for cell in cells if cell.value == "=1+1"] == ["s"]
    sums = {row[0]: row[3] for row in book["汇总"].iter_rows(min_row=3, values_only=True)}
    assert sums["合计"] == 100.0
    page = words(desk.get(f"/meetings/{quote(one)}"))
    assert "100.0000" in page
    assert "泉州" not in page


def test_the_same_meeting_gives_the_same_bytes(desk: Desk) -> None:
    open_one(desk)
    one = number(desk)
    decide(desk, "defer", comment="再议", meeting=one)
    for ending in ("docx", "xlsx"):
        path = f"/meetings/{quote(one)}/minutes.{ending}"
        assert desk.client.get(path).content == desk.client.get(path).content


def test_nothing_is_recorded_under_a_closed_meeting(desk: Desk) -> None:
    open_one(desk)
    one = number(desk)
    desk.post(f"/meetings/{quote(one)}/close")
    answer = decide(desk, "defer", comment="晚了", meeting=one)
    assert answer.status_code == 422
    assert "已由 王工 结束" in words(answer)
    assert desk.post(f"/meetings/{quote(one)}/close").status_code == 422


@pytest.mark.parametrize("path", ["/meetings/none", "/meetings/none/minutes.docx",
                                  "/meetings/none/minutes.pdf"])  # fmt: skip
def test_unknown_meetings_are_told(desk: Desk, path: str) -> None:
    assert desk.get(path).status_code in {404, 422}


def test_a_viewer_opens_and_closes_nothing(people: Callable[..., Desk]) -> None:
    desk = people()
    desk.log_in("viewer", "viewer 2026 long")
    desk.get("/")
    assert open_one(desk).status_code == 403
    other = desk.fresh()
    other.log_in("reviewer", "reviewer 2026 long")
    other.get("/")
    assert open_one(other).status_code == 200
    one = number(other)
    assert desk.post(f"/meetings/{quote(one)}/close").status_code == 403
    assert desk.get(f"/meetings/{quote(one)}").status_code == 200
    assert desk.get("/meetings").text.count(quote(one)) >= 1


def test_charts_are_drawn_here_and_say_the_figures(desk: Desk) -> None:
    decide(desk, "defer", comment="再议")
    page = desk.get(f"/runs/{run_id(desk)}/charts")
    assert page.text.count("<svg") == 3
    assert "http" not in page.text.replace('xmlns="http://www.w3.org/2000/svg"', "")
    said = words(page)
    assert "27" in said, "the median of the tax of industry 33"
    assert "50.00 亩 · 1 件" in said
    drawn = desk.client.get(f"/runs/{run_id(desk)}/charts/heat.svg")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    ElementTree.fromstring(drawn.text)
    assert desk.client.get(f"/runs/{run_id(desk)}/charts/other.svg").status_code == 404
