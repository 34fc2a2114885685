"""The review page without a browser: list, card, verdicts, undoing, moves, and who may what."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from httpx import Response
from served_site import AT, Desk, words

from landuse.ledger import verdicts
from landuse.ledger.meetings import open_meeting
from landuse.pipeline.review import plot_facts
from landuse.schema.plot_filter import PlotFilter

FLAGGED = "350582001001GB00001"
NORMAL = "350582001001GB00002"
EMPTY = "350582001001GB00011"
TERM = {"publication_from": "2026-07-01", "publication_to": "2026-07-10"}


def base(desk: Desk) -> str:
    return f"/runs/{desk.site.runs()[0].run_id}/review"


def card(desk: Desk, plot: str = FLAGGED) -> Response:
    return desk.get(f"{base(desk)}/card", params={"plot": plot})


def shown(desk: Desk, plot: str = FLAGGED) -> dict[str, str]:
    """Number and revision of the case as the card has them."""
    found = re.search(r'data-number="([^"]*)" data-revision="(\d+)"', card(desk, plot).text)
    assert found
    return {"plot": plot, "number": found[1], "revision": found[2]}


def decide(desk: Desk, verdict: str, plot: str = FLAGGED, **more: str) -> Response:
    return desk.post(
        f"{base(desk)}/verdict", {**shown(desk, plot), "verdict": verdict, **more},
        headers={"HX-Request": "true"},
    )  # fmt: skip


def plots(answer: Response) -> list[str]:
    return [code[-2:] for code in re.findall(r'<tr data-plot="(\w+)"', answer.text)]


def state(desk: Desk, plot: str = FLAGGED) -> str:
    cases = desk.site.cases().set_index("parcel_id")["state"]
    return str(cases.get(plot, ""))


def buttons(answer: Response) -> dict[str, str]:
    """Verdict → what its key says, for those that can be pressed."""
    found = re.findall(
        r'data-verdict="(\w+)" aria-keyshortcuts="\d">.*?<small>(.*?)</small>', answer.text
    )
    return dict(found)


def test_the_first_page_is_the_review_of_the_flagged_plots(desk: Desk) -> None:
    page = desk.get("/")
    assert page.url.path == base(desk)
    assert plots(page) == ["01"]
    assert "1 宗 / 共 12 宗" in words(page)
    assert "/static/review.js" in page.text
    assert not re.search(r"<[^>]+ (on\w+|style|hx-on[\w:-]*)=", page.text)


@pytest.mark.parametrize(
    "query",
    ["", "class=normal", "q=%E6%8C%81%E6%9C%89%E4%BA%BA3", "state=none&class=low_efficiency",
     "indicator=tax_wan_per_mu&min=20&max=40", "industry=33&class=normal", "park=none"],
)  # fmt: skip
def test_the_list_and_the_workbook_are_what_the_filter_says(desk: Desk, query: str) -> None:
    table = desk.site.plots(desk.site.runs()[0].run_id)
    from urllib.parse import parse_qsl

    mask = table.filter(PlotFilter.from_query(parse_qsl(query)))
    wanted = {code[-2:] for code in table.rows["parcel_id"][mask]}
    answer = desk.get(f"{base(desk)}/list?{query}")
    assert set(plots(answer)) == wanted
    assert f"{len(wanted)} 宗 / 共 12 宗" in words(answer)
    book = desk.client.get(f"{base(desk)}/list.xlsx?{query}")
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0]
    codes = [row[0] for row in sheet.iter_rows(min_row=3, values_only=True)]
    assert [code[-2:] for code in codes if code] == plots(answer)


def test_above_the_list_stand_the_land_and_the_part_that_is_flagged(desk: Desk) -> None:
    # eleven plots of 50 mu and one of 10; of the plots only 01 is flagged, wholly
    for query, said in {
        "": "宗地面积 560.00 亩，其中疑似低效 50.00 亩",
        "class=normal": "宗地面积 300.00 亩，其中疑似低效 0.00 亩",
        "class=low_efficiency": "宗地面积 50.00 亩，其中疑似低效 50.00 亩",
    }.items():
        assert said in words(desk.get(f"{base(desk)}/list?{query}"))


def test_the_order_is_asked_for(desk: Desk) -> None:
    listed = {
        order: plots(desk.get(f"{base(desk)}/list?class=normal&class=low_efficiency&order={order}"))
        for order in ("class", "code", "firmness")
    }
    # scores rise 02 < 03 < 05 < 04 < 06 < 07, and so do the distances to the cut-off
    assert listed["class"] == listed["firmness"] == ["01", "02", "03", "05", "04", "06", "07"]
    assert listed["code"] == ["01", "02", "03", "04", "05", "06", "07"]
    by_area = plots(desk.get(f"{base(desk)}/list?order=mu"))
    assert by_area[-1] == "12", "10 mu is the least"


def test_a_bad_filter_is_told_in_words(desk: Desk) -> None:
    answer = desk.get(f"{base(desk)}/list?min=abc&indicator=score", headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "abc" in words(answer)
    assert "<html" not in answer.text


def test_the_card_says_why_with_the_figures(desk: Desk) -> None:
    said = words(card(desk))
    # scores of the seven: .462 .675 1.138 1.151 1.165 1.270 1.323; tax: 9 12 22.5 27 30 30 36
    for figure in ("0.462372", "第 1 位 / 共 7 家", "1.150943", "27", "正在界线上", "600 万元"):
        assert figure in said
    assert "较稳固" in said or "不稳固" in said or "检验" in said
    page = card(desk).text
    assert page.count('class="spread"') == 4, "the score and three indicators"
    money = re.search(r'<dd class="sensitive"><bdi>600 万元</bdi>', page)
    assert money, "the presenter's view hides money"


def test_each_key_says_which_move_it_makes(desk: Desk) -> None:
    assert buttons(card(desk)) == {
        "confirm": "疑似 → 公示", "reject": "疑似 → 剔除", "survey": "疑似 → 摸排",
        "defer": "疑似 → 暂缓",
    }  # fmt: skip
    assert 'name="publication_from" required' in card(desk).text
    assert buttons(card(desk, NORMAL))["confirm"] == "新建：摸排"


def test_a_case_goes_from_suspicion_to_confirmation_and_back(desk: Desk) -> None:
    answer = decide(desk, "confirm", comment="情况属实", **TERM)
    assert answer.status_code == 200
    assert "已记录：认可（台账 2026-001" in words(answer)
    assert state(desk) == "publicised"
    assert "情况属实" in words(answer)
    answer = decide(desk, "object", comment="企业提出异议")
    assert state(desk) == "objected"
    answer = decide(
        desk, "confirm", deciding_authority="县自然资源局", document="认定书〔2026〕1号"
    )
    assert state(desk) == "confirmed"
    review = re.search(r'name="review" value="(\d+)"', answer.text)
    assert review
    undone = desk.post(f"{base(desk)}/undo", {"plot": FLAGGED, "review": review[1]})
    assert undone.status_code == 200
    assert state(desk) == "objected"
    assert "已由 王工 撤销" in words(undone)
    with desk.site.ledger().read() as session:
        rows = verdicts.reviews_of(session, parcel_id=FLAGGED)
    assert [row.verdict for row in rows] == ["undo", "confirm", "object", "confirm"]
    assert {row.by for row in rows} == {"王工"}


def test_what_is_missing_is_asked_for_all_at_once(desk: Desk) -> None:
    answer = decide(desk, "confirm")
    assert answer.status_code == 422
    assert "公示开始日期" in words(answer)
    assert "公示结束日期" in words(answer)
    assert decide(desk, "reject").status_code == 422
    bad = decide(desk, "confirm", publication_from="2026-02-30", publication_to="七月")
    assert bad.status_code == 422
    assert "2026-02-30" in words(bad)
    assert "七月" in words(bad)
    assert state(desk) == ""


def test_a_plot_that_nothing_was_found_on_gets_a_case_by_hand(desk: Desk) -> None:
    answer = decide(desk, "confirm", NORMAL, comment="现场停产")
    assert answer.status_code == 200
    assert state(desk, NORMAL) == "found"
    row = desk.site.cases().set_index("parcel_id").loc[NORMAL]
    assert (row["kind"], row["case_mu"]) == ("low_efficiency", 50.0)


def test_who_saw_an_older_case_is_told_who_was_faster(desk: Desk) -> None:
    old = shown(desk)
    with desk.site.ledger().write() as session:
        run_id = desk.site.runs()[0].run_id
        facts = plot_facts(desk.site, run_id, FLAGGED)
        verdicts.record(session, run_id, FLAGGED, "defer", comment="等", by="李评", at=AT,
                        expected_revision=0, plot=facts)  # fmt: skip
    late = desk.post(f"{base(desk)}/verdict", {**old, "verdict": "reject", "comment": "不是"})
    assert late.status_code == 409
    assert "李评" in words(late)
    assert state(desk) == "deferred"
    without = {name: value for name, value in old.items() if name != "revision"}
    asked = desk.post(f"{base(desk)}/verdict", {**without, "verdict": "reject", "comment": "x"})
    assert asked.status_code == 422, "who names no revision could overwrite anything"


def test_changes_of_others_come_with_their_names(desk: Desk) -> None:
    first = desk.client.get(f"{base(desk)}/changes?since=0").json()
    assert first == {"newest": 0, "changes": [], "meeting": None, "many": False}
    decide(desk, "defer", comment="待核")
    then = desk.client.get(f"{base(desk)}/changes?since=0").json()
    last = then["changes"][-1]
    assert (last["plots"], last["state"], last["by"]) == ([FLAGGED], "deferred", "王工")
    again = desk.client.get(f"{base(desk)}/changes?since={then['newest']}").json()
    assert again["changes"] == []
    states = desk.client.get(f"{base(desk)}/states").json()["states"]
    assert states == {FLAGGED: "deferred"}
    assert plots(desk.get(f"{base(desk)}/list?state=deferred")) == ["01"]


def test_moves_assignments_and_objections_from_the_card(desk: Desk) -> None:
    decide(desk, "confirm", **TERM)
    objection = {"table": "parcels", "key": FLAGGED, "column": "registered_area",
                 "old": "50", "new": "40", "reason": "复测"}  # fmt: skip
    answer = desk.post(f"{base(desk)}/objection", {**shown(desk), **objection})
    assert answer.status_code == 200
    assert state(desk) == "objected"
    decide(desk, "confirm", deciding_authority="县局", document="1号")
    desk.post(f"{base(desk)}/assign", {**shown(desk), "responsible_unit": "工信局"})
    plan = {"to": "planned", "way": "lease_back", "responsible_unit": "工信局",
            "responsible_person": "张", "deadline": "2026-12-31"}  # fmt: skip
    answer = desk.post(f"{base(desk)}/move", {**shown(desk), **plan})
    assert "状态已改为：制定方案" in words(answer)
    assert state(desk) == "planned"
    assert '<dd class="sensitive"><bdi>张</bdi>' in answer.text
    started = desk.post(f"{base(desk)}/move", {**shown(desk), "to": "in_disposal"})
    assert started.status_code == 422
    assert state(desk) == "planned"


def test_cases_of_all_findings_are_opened_by_a_button(desk: Desk) -> None:
    page = desk.get("/")
    assert f'action="{base(desk)}/open-cases"' in page.text
    answer = desk.post(f"{base(desk)}/open-cases", {"kind": "both"})
    assert answer.url.path == base(desk)
    assert "已开立台账 1 件" in words(answer)
    assert state(desk) == "found"
    assert "open-cases" not in desk.get("/").text, "none is left without a case"
    assert desk.post(f"{base(desk)}/open-cases", {"kind": "all"}).status_code == 422


def test_a_viewer_reads_and_a_reviewer_does_not_confirm(people: Callable[..., Desk]) -> None:
    desk = people()
    desk.log_in("viewer", "viewer 2026 long")
    desk.get("/")
    said = card(desk)
    assert "只能查看" in words(said)
    assert buttons(said) == {}
    fields = {"plot": FLAGGED, "revision": "0", "verdict": "reject", "comment": "x"}
    for path in ("verdict", "undo", "move", "assign", "objection", "open-cases"):
        assert desk.post(f"{base(desk)}/{path}", fields).status_code == 403
    other = desk.fresh()
    other.log_in("reviewer", "reviewer 2026 long")
    other.get("/")
    assert decide(other, "confirm", **TERM).status_code == 200
    papers = {"deciding_authority": "县局", "document": "1号"}
    assert "confirm" not in buttons(card(other))
    assert decide(other, "confirm", **papers).status_code == 422
    move = {**shown(other), "to": "confirmed", "document": "1号"}
    assert other.post(f"{base(desk)}/move", move).status_code == 422
    assert state(desk) == "publicised"
    chief = desk.fresh()
    chief.log_in("administrator", "administrator 2026 long")
    chief.get("/")
    move = {**shown(chief), "to": "confirmed", "document": "1号"}
    assert 'name="to" value="confirmed"' not in card(chief).text
    answer = chief.post(f"{base(desk)}/move", move)
    assert answer.status_code == 422, "nobody is named who decided"
    assert state(desk) == "publicised"
    assert decide(chief, "confirm", **papers).status_code == 200


def test_a_form_without_the_token_of_its_page_is_refused(desk: Desk) -> None:
    desk.get("/")
    fields = {**shown(desk), "verdict": "reject", "comment": "x", "csrf": "0" * 64}
    assert desk.client.post(f"{base(desk)}/verdict", data=fields).status_code == 403
    assert state(desk) == ""


@pytest.mark.parametrize("plot", ["350582001001GB99999", "", "<img src=x>", "../../x"])
def test_unknown_plots_are_told_and_not_opened(desk: Desk, plot: str) -> None:
    assert desk.get(f"{base(desk)}/card", params={"plot": plot}).status_code == 422
    fields = {"plot": plot, "revision": "0", "verdict": "confirm", "comment": "x"}
    assert desk.post(f"{base(desk)}/verdict", fields).status_code == 422
    page = desk.get(base(desk), params={"plot": plot})
    assert page.status_code == 200
    assert 'data-chosen=""' in page.text
    assert desk.client.get("/runs/none/review").status_code == 404


HOSTILE = "</textarea><script>alert(1)</script>{{7*7}}\u202e=1+1"


def test_hostile_text_is_only_shown(desk: Desk) -> None:
    decide(desk, "defer", comment=HOSTILE)
    run_id = desk.site.runs()[0].run_id
    with desk.site.ledger().write() as session:
        open_meeting(session, title=HOSTILE, run_id=run_id, filter_query="", agenda=[FLAGGED],
                     by=HOSTILE, at=AT)  # fmt: skip
    pages: list[Any] = [desk.get(base(desk)), card(desk), desk.get("/meetings")]
    pages += [card(desk, f"350582001001GB{number:05d}") for number in (2, 3, 7, 9)]
    for page in pages:
        bare = re.sub(r"<script nonce=\S+ src=\S+ defer></script>", "", page.text)
        assert "<script" not in bare
        assert "<img" not in bare
    assert HOSTILE in words(pages[1]).replace("\u00a0", " ") or "alert(1)" in words(pages[1])
    assert "{{7*7}}" in words(pages[1])  # as it was written, not what a template makes of it


def test_the_page_speaks_english_too(desk: Desk) -> None:
    page = desk.get(f"{base(desk)}?lang=en")
    assert "of 12 plots" in words(page)
    assert buttons(card(desk))["reject"] == "suspected → removed"
