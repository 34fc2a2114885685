"""What programs read and write by the API, and that it is what the ledger holds."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from api_desk import DECIDED, PUBLISHED, RUN, Program, codes, plot, with_page, with_token
from served_site import Desk

from landuse.ledger.verify import verify
from landuse.schema.plot_filter import PlotFilter


def sound(desk: Desk) -> bool:
    with desk.site.ledger().read() as session:
        return verify(session) == []


def test_a_run_its_plots_and_their_totals_are_those_of_the_pages(desk: Desk) -> None:
    program = with_page(desk)
    (run,) = program.get("/runs").json()
    assert (run["run_id"], run["plots"], run["as_of"]) == (RUN, 12, "2026-06-30")
    detail = program.get(f"/runs/{RUN}").json()
    assert detail["measures"] == [*(one["key"] for one in detail["indicators"]), "score"]
    table = desk.site.plots(RUN)
    for query in (
        {},
        {"class": ["normal", "low_efficiency"]},
        {"q": "持有人1"},
        {"indicator": "score", "max": 0.9},
        {"state": "none", "industry": "33"},
        {"park": "没有"},
    ):
        wish = PlotFilter.from_query(
            {k: [str(one) for one in v] if isinstance(v, list) else str(v)
             for k, v in query.items()}
        )  # fmt: skip
        mask = table.filter(wish)
        page = program.get(f"/runs/{RUN}/plots", **query, limit=1000).json()
        expected = table.rows.loc[mask, "parcel_id"].tolist()
        assert [one["parcel_id"] for one in page["items"]] == expected
        assert page["total"] == len(expected)
        totals = program.get(f"/runs/{RUN}/totals", **query).json()
        assert totals == table.totals(mask)
    book = program.get(f"/runs/{RUN}/plots/xlsx", **{"class": "normal"}).content
    sheet = openpyxl.load_workbook(io.BytesIO(book)).worksheets[0]
    cells = {cell.value for row in sheet.iter_rows() for cell in row}
    normal = table.rows["land_class"] == "normal"
    assert set(table.rows["parcel_id"]) & cells == set(table.rows.loc[normal, "parcel_id"])
    pages = [program.get(f"/runs/{RUN}/plots", limit=5, offset=at).json() for at in (0, 5, 10)]
    listed = [one["parcel_id"] for page in pages for one in page["items"]]
    assert listed == table.rows["parcel_id"].tolist()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"class": "nonsense"}, "api.field_wrong"),
        ({"limit": "0"}, "api.field_wrong"),
        ({"min": "inf", "indicator": "score"}, "api.field_wrong"),
        ({"min": "2", "max": "1", "indicator": "score"}, "map_command.range_reversed"),
        ({"min": "1"}, "map_command.range_of_nothing"),
        ({"min": "1", "indicator": "beauty"}, "map_command.unknown_indicator"),
        ({"q": "a\x00b"}, "api.field_wrong"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_in_words(
    desk: Desk, query: dict[str, str], code: str
) -> None:
    answer = with_page(desk).get(f"/runs/{RUN}/plots", **query)
    assert answer.status_code == 422
    assert codes(answer) == [code]


def test_the_card_of_a_plot_says_why_it_is_flagged_and_what_comes_next(desk: Desk) -> None:
    program = with_page(desk)
    card = program.get(f"/runs/{RUN}/plot", parcel_id=plot(1)).json()
    assert card["plot"]["rank"] == 1
    assert card["plot"]["case"] is None
    score = sum(one["part"] for one in card["indicators"])
    assert score == pytest.approx(card["plot"]["score"], abs=1e-6)
    moves = {one["verdict"]: (one["opens_in"], one["to_state"]) for one in card["proposals"]}
    assert moves["confirm"] == ("suspected", "publicised")
    assert moves["reject"] == ("suspected", "removed")
    assert program.give(1, "defer", comment="企业正在搬迁").status_code == 201
    card = program.get(f"/runs/{RUN}/plot", parcel_id=plot(1)).json()
    assert card["plot"]["case"]["state"] == "deferred"
    assert "企业正在搬迁" in card["history"][0]["text_zh"]
    assert [one["verdict"] for one in card["reviews"]] == ["defer"]
    for path in (f"/runs/{RUN}/plot", f"/runs/{RUN}/proposal"):
        absent = program.get(path, parcel_id="nowhere", verdict="reject")
        assert (absent.status_code, codes(absent)) == (404, ["api.no_plot"])


def test_a_verdict_is_a_review_and_an_event_and_its_undo_another(desk: Desk) -> None:
    program = with_page(desk)
    before = program.get("/changes").json()["newest"]
    lacking = program.give(1, "confirm")
    assert codes(lacking) == ["review.need_missing"] * 2
    given = program.give(1, "confirm", comment="同意", **PUBLISHED)
    assert given.status_code == 201
    line = given.json()
    assert (line["from_state"], line["to_state"], line["by"]) == ("", "publicised", "王工")
    assert (line["mu"], line["opened_case"]) == ("50", True)
    changed = program.get("/changes", since=before).json()
    assert changed["newest"] > before
    assert {one["number"] for one in changed["changes"]} == {line["number"]}
    assert changed["changes"][-1]["parcel_ids"] == [plot(1)]
    undone = program.post(f"/reviews/{line['id']}/undo", why="按错了")
    assert undone.status_code == 201
    assert (undone.json()["undo_of"], undone.json()["to_state"]) == (line["id"], "suspected")
    assert program.get("/reviews", parcel_id=plot(1)).json()[1]["undone_by"] == "王工"
    assert codes(program.post(f"/reviews/{line['id']}/undo")) == ["review.undone_already"]
    assert codes(program.post("/reviews/77/undo")) == ["review.no_such_review"]
    assert sound(desk)


def test_who_saw_an_old_state_is_told_who_changed_it(people: Callable[..., Desk]) -> None:
    desk = people()
    first, second = with_token(desk, "reviewer"), with_token(desk, "administrator")
    assert first.give(1, "defer", comment="先缓").status_code == 201
    late = second.give(1, "reject", comment="不是低效")
    assert (late.status_code, codes(late)) == (409, ["review.case_opened"])
    assert "reviewer" in late.json()["detail"]
    seen = first.get(f"/runs/{RUN}/proposal", parcel_id=plot(1), verdict="reject").json()
    stale = second.give(1, "reject", seen["revision"] - 1, comment="不是低效")
    assert (stale.status_code, codes(stale)) == (409, ["ledger.stale"] * len(codes(stale)))
    assert len(first.get("/reviews").json()) == 1
    good = second.give(1, "reject", seen["revision"], comment="不是低效")
    assert good.json()["to_state"] == "removed"
    assert sound(desk)


def test_a_case_is_confirmed_by_an_administrator_with_authority_and_document(
    people: Callable[..., Desk],
) -> None:
    desk = people()
    reviewer, chief = with_token(desk, "reviewer"), with_token(desk, "administrator")
    line = reviewer.give(1, "confirm", **PUBLISHED).json()
    number, seen = line["number"], line["revision"]
    assert codes(reviewer.give(1, "confirm", seen, **DECIDED)) == ["review.authority_missing"]
    form: dict[str, Any] = {"to": "confirmed", "expected_revision": seen}
    moves = f"/cases/{number}/moves"
    assert codes(reviewer.post(moves, **form, **DECIDED)) == ["review.authority_missing"]
    bare = chief.post(moves, **form, document="认定书〔2026〕1号")
    assert codes(bare) == ["review.need_missing"]
    without = chief.post(moves, **form, deciding_authority="县自然资源局")
    assert codes(without) == ["ledger_cases.needs_missing"]
    done = chief.post(moves, **form, **DECIDED, why="会议决定")
    assert done.json()["state"] == "confirmed"
    newest = chief.get(f"/cases/{number}/history").json()[0]
    assert newest["why"] == "会议决定；认定机关：县自然资源局"
    assert sound(desk)


def confirmed(program: Program) -> dict[str, Any]:
    line = program.give(1, "confirm", **PUBLISHED).json()
    line = program.give(1, "confirm", line["revision"], **DECIDED).json()
    assert line["to_state"] == "confirmed"
    case: dict[str, Any] = program.get(f"/cases/{line['number']}").json()
    return case


def test_the_whole_life_of_a_case(desk: Desk) -> None:
    """Of 50 mu, 30.5 are bought back and 19.5 merged; both are accepted: 50 mu revitalised."""
    program = with_page(desk)
    case = confirmed(program)
    at = f"/cases/{case['number']}"
    assert (case["mu"], case["remaining_mu"], case["allowed"]) == (
        "50", "50", ["planned", "deferred"],
    )  # fmt: skip

    def act(path: str, method: str = "POST", **form: Any) -> dict[str, Any]:
        form["expected_revision"] = program.get(at).json()["revision"]
        answer = program.post(f"{at}{path}", method, **form)
        assert answer.status_code in {200, 201}, answer.text
        after: dict[str, Any] = answer.json()
        assert after == program.get(at).json()
        return after

    act("/assignment", responsible_unit="经发局", responsible_person="李明", deadline="2027-06-30")
    act("", "PATCH", notes="两宗一并处置", problems="")
    act("/parts", way="buy_back", mu="30.50", floor_area_m2=None)
    split = act("/parts", way="merger", mu="19", receiving_enterprise="甲厂")["parts"]
    assert [one["mu"] for one in split] == ["30.5", "19"]
    too_much = program.post(f"{at}/moves", to="planned", expected_revision=case["revision"])
    assert too_much.status_code == 409
    assert act("/parts/2", "PATCH", mu="19.5")["remaining_mu"] == "0"
    act("/moves", to="planned")
    act("/moves", to="in_disposal", started_on="2026-05-01")
    act("/parts/1/acceptance", accepted_on="2026-06-01")
    totals = program.get("/totals").json()
    assert totals["headline"]["revitalised_mu"] == "30.5"
    assert totals["headline"]["disposed_mu"] == "19.5"
    act("/moves", to="awaiting_acceptance")
    closed = act("/moves", to="closed", accepted_on="2026-06-30")
    assert (closed["state"], closed["is_open"], closed["allowed"]) == ("closed", False, [])
    assert program.get("/totals").json()["by_state"]["closed"]["mu"] == "50"
    assert program.get("/totals", as_of="2020-01-01").json()["cases"] == 0
    acts = program.get(f"{at}/history").json()
    assert [one["revision"] for one in acts] == sorted(one["revision"] for one in acts)[::-1]
    newest = acts[0]["event_id"]
    again = program.post(f"/events/{newest}/undo", expected_revision=closed["revision"], why="误")
    assert again.json()["state"] == "awaiting_acceptance"
    assert program.get(f"{at}/history").json()[1]["undone"] is True
    listed = program.get("/cases", state="awaiting_acceptance", way="merger").json()
    assert (listed["total"], listed["items"][0]["accepted_mu"]) == (1, "30.5")
    assert program.get("/cases", way="none").json()["total"] == 0
    assert sound(desk)


def test_parts_beyond_the_case_and_moves_that_are_none_are_refused(desk: Desk) -> None:
    program = with_page(desk)
    case = confirmed(program)
    at, seen = f"/cases/{case['number']}", {"expected_revision": case["revision"]}
    over = program.post(f"{at}/parts", way="buy_back", mu="50.0001", **seen)
    assert over.status_code == 422
    assert "50.0001" in over.json()["detail"]
    refused = program.post(f"{at}/moves", to="closed", **seen)
    assert codes(refused) == ["ledger_cases.move_refused"]
    for wrong in ("1e3", "-1", "1.23456", "一亩", 5, ""):
        assert codes(program.post(f"{at}/parts", way="buy_back", mu=wrong, **seen)) == [
            "api.field_wrong"
        ]
    both = program.post(f"{at}/parts", way="nonsense", colour="red")
    assert sorted(codes(both)) == ["api.field_missing", "api.field_unknown", "api.field_wrong"]
    gone = program.post(f"{at}/parts/9/removal", why="错", **seen)
    assert gone.status_code == 422
    assert program.get(at).json() == case
    assert codes(program.get("/cases/1999-001")) == ["ledger_cases.no_such_case"]


def test_the_findings_of_a_run_become_cases(desk: Desk) -> None:
    program = with_page(desk)
    opened = program.post(f"/runs/{RUN}/cases", kind="low_efficiency").json()
    assert opened == {"numbers": ["2026-001"], "found": 1}
    assert program.post(f"/runs/{RUN}/cases", kind="low_efficiency").json()["numbers"] == []
    assert program.get("/cases").json()["items"][0]["parcels"] == [plot(1)]
    assert program.post("/runs/none/cases", kind="idle").status_code == 404


def test_a_meeting_from_its_filter_to_its_minutes(desk: Desk, tmp_path: Path) -> None:
    from docx import Document

    program = with_page(desk)
    form = {"title": "七月会", "run_id": RUN, "filter": "?class=low_efficiency&class=no_enterprise"}
    meeting = program.post("/meetings", **form).json()
    assert meeting["filter"] == "class=low_efficiency&class=no_enterprise"
    assert len(meeting["agenda"]) == 2
    number = meeting["number"]
    assert codes(program.post("/meetings", **form)) == ["review.meeting_running"]
    program.give(1, "reject", comment="已复产", meeting=number)
    program.give(2, "survey", comment="再去看", meeting=number)
    minutes = program.get(f"/meetings/{number}/minutes").json()
    assert [one["review"]["verdict"] for one in minutes["rows"]] == ["reject", "survey"]
    assert [one["on_agenda"] for one in minutes["rows"]] == [True, False]
    assert minutes["whole"] == {"verdict": "", "plots": 2, "cases": 2, "mu": "100"}
    assert minutes["undecided"] == [one for one in meeting["agenda"] if one != plot(1)]
    by_ledger = program.get("/reviews", meeting=number).json()[::-1]
    assert [one["review"] for one in minutes["rows"]] == by_ledger
    closed = program.post(f"/meetings/{number}/close").json()
    assert closed["closed_by"] == "王工"
    late = program.give(3, "survey", comment="晚了", meeting=number)
    assert codes(late) == ["review.meeting_closed"]
    file = program.get(f"/meetings/{number}/minutes/docx")
    assert "attachment" in file.headers["content-disposition"]
    (tmp_path / "a.docx").write_bytes(file.content)
    document = Document(str(tmp_path / "a.docx"))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert any("已复产" in cell for cell in cells)
    assert program.get(f"/meetings/{number}/minutes/exe").status_code == 422
    assert codes(program.get("/meetings/none/minutes")) == ["review.no_such_meeting"]
    assert [one["number"] for one in program.get("/meetings").json()] == [number]


def test_an_agenda_of_codes_and_what_it_may_not_be(desk: Desk) -> None:
    program = with_page(desk)
    form = {"title": "会", "run_id": RUN}
    unknown = program.post("/meetings", **form, agenda=[plot(1), "elsewhere"])
    assert (unknown.status_code, codes(unknown)) == (404, ["api.no_plot"])
    both = program.post("/meetings", **form, agenda=[plot(1)], filter="class=idle")
    assert codes(both) == ["api.agenda_or_filter"]
    empty = program.post("/meetings", **form, filter="class=idle")
    assert codes(empty) == ["review.meeting_without_agenda"]
    made = program.post("/meetings", **form, agenda=[plot(2), plot(1), plot(2)])
    assert made.json()["agenda"] == [plot(2), plot(1)]


def test_an_objection_and_what_becomes_of_it(desk: Desk) -> None:
    program = with_page(desk)
    line = program.give(1, "confirm", **PUBLISHED).json()
    said = {"table": "宗地", "column": "registered_area_mu", "old": "50", "new": "48.5",
            "reason": "证书为 48.5 亩", "case": line["number"]}  # fmt: skip
    made = program.post("/objections", **said).json()
    assert (made["table"], made["key"], made["status"]) == ("parcels", plot(1), "proposed")
    assert program.get(f"/cases/{line['number']}").json()["state"] == "objected"
    assert codes(program.post("/objections", **said)) == ["ledger_runs.objection_twice"]
    at = f"/objections/{made['id']}/decision"
    assert codes(program.post(at, verdict="reject")) == ["ledger_runs.reason_missing"]
    decided = program.post(at, verdict="accept", why="属实").json()
    assert (decided["status"], decided["decided_by"]) == ("accepted", "王工")
    assert program.get("/objections", status="accepted").json() == [decided]
    assert program.get("/objections", status="proposed").json() == []
    assert codes(program.post("/objections/99/decision", verdict="accept")) == [
        "ledger_runs.no_objection"
    ]
    assert sound(desk)


def test_the_description_names_every_operation_and_loads_nothing(desk: Desk) -> None:
    described = desk.client.get("/openapi.json").json()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], path
            writes = method != "get" and not path.endswith("/login")
            asked = [sorted(one) for one in operation["security"]]
            with_cookie = ["page", "session"] if writes else ["session"]
            assert asked == ([] if path.endswith("/login") else [["token"], with_cookie]), path
    for path in ("/docs", "/redoc", "/api/v1/docs"):
        assert desk.client.get(path).status_code == 404
