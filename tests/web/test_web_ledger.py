"""The ledger in the browser: out as a workbook, back in after a look."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from httpx import Response
from served_site import AT, HOSTILE, Desk, words

from landuse.ledger.new_cases import CaseForm, ParcelForm, open_case
from landuse.ledger.reading import Wanted, lines

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def kept(desk: Desk) -> Desk:
    """A ledger with two cases of 12.5 and 3 mu."""
    with desk.site.ledger().write() as session:
        for parcel, mu_e4, park in (("P1", 125_000, "甲园"), ("P2", 30_000, "乙园")):
            form = CaseForm(
                kind="low_efficiency", parcels=(ParcelForm(parcel, geometry=None),),
                mu_e4=mu_e4, original_enterprises=HOSTILE[0], park=park,
            )  # fmt: skip
            open_case(session, form, by="t", at=AT, why="摸排")
    return desk


def filled_in(desk: Desk, **cells: str) -> bytes:
    """The exported workbook with cells of its first case filled in by heading."""
    book = openpyxl.load_workbook(io.BytesIO(desk.client.get("/ledger/export").content))
    sheet = book.worksheets[0]
    head = next(row for row in sheet.iter_rows() if any(cell.value == "责任单位" for cell in row))
    for name, value in cells.items():
        column = next(cell.column for cell in head if cell.value == name)
        sheet.cell(head[0].row + 1, column).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def hand_in(desk: Desk, content: bytes, name: str = "台账.xlsx", **more: Any) -> Response:
    desk.get("/ledger")
    return desk.post(
        "/ledger/import", {"why": "季度更新", **more}, files={"file": (name, content, XLSX)}
    )


def responsible(desk: Desk) -> list[str]:
    with desk.site.ledger().read() as session:
        return [line.unit for line in lines(session, Wanted())]


def test_the_page_shows_what_the_ledger_adds_up_to(kept: Desk) -> None:
    page = words(kept.get("/ledger"))
    assert "2 件 15.50 亩" in page  # 12.5 + 3
    assert "摸排 2 15.50 0.00 0.00 15.50" in page


@pytest.mark.parametrize(
    ("query", "cases"),
    [("", 2), ("?park=甲园", 1), ("?state=closed", 0), ("?kind=low_efficiency&way=none", 2)],
)
def test_the_workbook_holds_exactly_the_wanted_cases(kept: Desk, query: str, cases: int) -> None:
    answer = kept.client.get(f"/ledger/export{query}")
    assert answer.headers["content-disposition"].startswith("attachment")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    numbers = [
        cell for row in book.worksheets[0].iter_rows(values_only=True) for cell in row
        if isinstance(cell, str) and re.fullmatch(r"\d{4}-\d{3}", cell)
    ]  # fmt: skip
    assert len(set(numbers)) == cases


@pytest.mark.parametrize(
    "query", ["?state=nope", "?kind=1", "?way=x", "?deadline_before=soon", "?format=exe"]
)
def test_a_filter_that_nobody_knows_is_not_taken_for_all(kept: Desk, query: str) -> None:
    assert kept.client.get(f"/ledger/export{query}").status_code in {404, 422}


def test_a_csv_comes_too(kept: Desk) -> None:
    answer = kept.client.get("/ledger/export?format=csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.content.decode("utf-8-sig").count("甲园") == 1
    assert ".csv" in answer.headers["content-disposition"]


def test_nothing_is_written_before_somebody_says_yes(kept: Desk) -> None:
    page = hand_in(kept, filled_in(kept, 责任单位=HOSTILE[0]))
    assert "改动 1 宗" in words(page)
    assert "还没有写入" in words(page)
    assert HOSTILE[0] in words(page)
    assert "<img" not in page.text
    assert responsible(kept) == ["", ""]
    done = kept.post(f"{page.url.path}/apply")
    assert "王工 已写入：改动 1 宗" in words(done)
    assert "备份" in words(done)
    assert responsible(kept) == [HOSTILE[0], ""]
    again = kept.post(f"{page.url.path}/apply")
    assert again.status_code == 409
    with kept.site.ledger().read() as session:
        from landuse.ledger.acts import find_case
        from landuse.ledger.events import history

        last = history(session, find_case(session, lines(session, Wanted())[0].number))[-1]
    assert (last.by, last.why) == ("王工", "季度更新")


def test_refused_rows_are_shown_and_only_left_out_on_demand(kept: Desk) -> None:
    page = hand_in(kept, filled_in(kept, 责任单位="开发区", 当前状态="销号"))
    assert "不采用 1 宗" in words(page)
    refused = kept.post(f"{page.url.path}/apply")
    assert refused.status_code == 422
    assert responsible(kept) == ["", ""]


def test_a_change_meanwhile_is_not_written_over(kept: Desk) -> None:
    first = hand_in(kept, filled_in(kept, 责任单位="开发区"))
    second = hand_in(kept, filled_in(kept, 责任单位="镇政府"))
    kept.post(f"{second.url.path}/apply")
    late = kept.post(f"{first.url.path}/apply")
    assert late.status_code == 422
    assert responsible(kept) == ["镇政府", ""]


def test_an_offices_own_ledger_is_taken_over_after_its_words_are_answered(desk: Desk) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["宗地代码", "企业名称", "面积（亩）", "当前状态"], ["P7", "老厂", 8, "盯着呢"]):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    page = hand_in(desk, out.getvalue(), whose="office", kind="low_efficiency")
    assert "盯着呢" in words(page)
    assert "没有可写入的变化" in words(page)
    page = desk.post(f"{page.url.path}/words", {"word0": "suspected"})
    assert "新增 1 宗" in words(page), words(page)
    done = desk.post(f"{page.url.path}/apply")
    assert "已写入" in words(done)
    with desk.site.ledger().read() as session:
        (line,) = lines(session, Wanted())
    assert (line.state, line.mu_e4) == ("suspected", 80_000)


@pytest.mark.parametrize(
    ("name", "content"), [("台账.xlsx", b"no workbook"), ("台账.exe", b"MZ"), ("台账.csv", b"a,b")]
)
def test_what_is_no_workbook_is_refused_in_words(desk: Desk, name: str, content: bytes) -> None:
    answer = hand_in(desk, content, name)
    assert answer.status_code == 422
    assert "→" in words(answer)


def test_nobody_sees_what_another_handed_in(people: Callable[..., Desk]) -> None:
    desk = people()
    with desk.site.ledger().write() as session:
        from landuse.ledger import accounts

        accounts.create(session, "second", "administrator", "second 2026 long", by="t", at=AT)
    desk.log_in("administrator", "administrator 2026 long")
    page = hand_in(desk, filled_in(desk))
    assert page.status_code == 200
    other = desk.fresh()
    other.log_in("second", "second 2026 long")
    other.get("/ledger")
    assert other.client.get(page.url.path).status_code == 404
    assert other.post(f"{page.url.path}/apply").status_code == 404
