"""The one table that map, page and sheet take from the ledger."""

from __future__ import annotations

import datetime as dt
import json

from case_life import WHO, brought, disposed, floor, mu, opened
from review_desk import AT, a_run, decide, take_back

from landuse.ledger import Ledger, cases, land, parts
from landuse.ledger.new_cases import ParcelForm
from landuse.ledger.plot_cases import plot_cases
from landuse.schema.plot_cases import HISTORY_LENGTH, PLOT_CASES


def row_of(ledger: Ledger, parcel: str) -> dict[str, object]:
    with ledger.read() as session:
        frame = plot_cases(session).set_index("parcel_id")
    return frame.loc[parcel].to_dict()


def test_an_empty_ledger_gives_the_empty_table(ledger: Ledger) -> None:
    with ledger.read() as session:
        frame = plot_cases(session)
    assert list(frame.columns) == PLOT_CASES.names
    assert len(PLOT_CASES.check(frame)) == 0


def test_figures_of_a_case_in_disposal(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session, floor_area_m2_e2=floor("900")), "planned",
                       way="buy_back")  # fmt: skip
        parts.change(session, case, 1, mu_e4=mu("20"), floor_area_m2_e2=floor("300.5"), **WHO)
        disposed(session, case, "10.5", "100")
        cases.advance(session, case, "in_disposal", started_on=dt.date(2026, 2, 1), **WHO)
        parts.accept(session, case, 1, accepted_on=dt.date(2026, 2, 20), **WHO)
    row = row_of(ledger, "P1")
    # 50 mu: 20 accepted, 10.5 begun, 19.5 left
    assert (row["case_mu"], row["disposed_mu"], row["accepted_mu"], row["remaining_mu"]) == (
        50, 30.5, 20, 19.5,
    )  # fmt: skip
    assert (row["accepted_floor_m2"], row["ways"]) == (300.5, "buy_back; lease_convert")
    assert (row["state"], row["is_open"], row["number"]) == ("in_disposal", True, "2026-001")
    assert row["deadline"] == dt.datetime(2026, 12, 31)  # noqa: DTZ001 - a day, as frames hold it
    assert (row["responsible_unit"], row["responsible_person"]) == ("经开区", "李明")
    assert row["accepted_on"] is not None
    assert str(row["accepted_on"]) == "NaT"  # the case is not closed


def test_the_latest_case_of_each_plot_counts(ledger: Ledger) -> None:
    with ledger.write() as session:
        brought(session, opened(session), "closed")
        two = opened(session, parcels=(ParcelForm("P2"), ParcelForm("P3")))
        land.replace_parcel(session, two, "P3", [ParcelForm("P4")], **{**WHO, "why": "分割"})
        again = opened(session)  # P1 again: a relapse
        assert again.relapse_of == 1
    with ledger.read() as session:
        frame = plot_cases(session)
    assert list(frame["parcel_id"]) == ["P1", "P2", "P4"]
    assert list(frame["number"]) == ["2026-003", "2026-002", "2026-002"]
    assert list(frame["relapse_of"]) == ["2026-001", "", ""]
    assert list(frame["state"]) == ["found"] * 3


def test_a_closed_case_has_its_day(ledger: Ledger) -> None:
    with ledger.write() as session:
        brought(session, opened(session), "closed")
    row = row_of(ledger, "P1")
    assert str(row["accepted_on"])[:10] == "2026-02-20"
    assert (row["is_open"], row["remaining_mu"], row["accepted_mu"]) == (False, 0, 50)


def test_the_last_verdict_that_stands(ledger: Ledger) -> None:
    with ledger.write() as session:
        a_run(session, "P1", "P2")
        decide(session, "P1", "survey", "补测")
        later = decide(session, "P1", "reject", "在产", minutes=1)
        decide(session, "P2", "defer", "<b>等</b>", minutes=2)
    row = row_of(ledger, "P1")
    assert (row["last_verdict"], row["last_comment"]) == ("reject", "在产")
    with ledger.write() as session:
        take_back(session, later)
    row = row_of(ledger, "P1")
    assert (row["last_verdict"], row["last_comment"], row["state"]) == ("survey", "补测", "found")
    assert row_of(ledger, "P2")["last_comment"] == "<b>等</b>"


def test_the_history_is_told_newest_first_in_both_languages(ledger: Ledger) -> None:
    with ledger.write() as session:
        a_run(session, "P1")
        done = decide(session, "P1", "survey", "补测")
        take_back(session, done)
        for turn in range(HISTORY_LENGTH):
            note = {"by": "张三", "at": AT + dt.timedelta(hours=1 + turn)}
            case = cases.find_case(session, "2026-001")
            cases.describe(session, case, progress=f"第 {turn} 次", **note)
    told = json.loads(str(row_of(ledger, "P1")["history_json"]))
    assert len(told) == HISTORY_LENGTH  # of 3 + 20 acts
    assert told[0] == {
        "at": "2026-03-02T21:30:00+00:00",
        "by": "张三",
        "text_zh": "进展：第 18 次 → 第 19 次",
        "text_en": "progress: 第 18 次 → 第 19 次",
    }
    assert told[-1]["text_zh"] == "进展：第 0 次"


def test_the_first_acts_in_words(ledger: Ledger) -> None:
    with ledger.write() as session:
        a_run(session, "P1")
        take_back(session, decide(session, "P1", "survey", "补测"))
    told = json.loads(str(row_of(ledger, "P1")["history_json"]))
    assert [one["text_zh"] for one in told] == [
        "撤销：当前状态：摸排 → 疑似（按错了）",
        "当前状态：疑似 → 摸排（补测）",
        "建账：疑似，50 亩（补测）",
    ]
    assert told[2]["text_en"] == "case opened: suspected, 50 mu (补测)"


def test_only_the_plots_that_changed(ledger: Ledger) -> None:
    with ledger.write() as session:
        a_run(session, "P1", "P2", "P3")
        for parcel in ("P1", "P2"):
            decide(session, parcel, "survey", "补测")
    with ledger.read() as session:
        whole = plot_cases(session)
        some = plot_cases(session, ["P2", "P3", "P2"])
    assert list(whole["parcel_id"]) == ["P1", "P2"]
    assert some.to_dict("records") == whole.iloc[1:].to_dict("records")
