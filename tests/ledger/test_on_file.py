"""What the ledger has on file of firms: cases that are over too, papers, evidence, ranks."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
import shapely
from case_life import WHO, brought, disposed, opened

from landuse.ledger import Ledger, cases, papers, parts
from landuse.ledger.findings import FINDING_COLUMNS, RunRecord
from landuse.ledger.objections import Objection, object_to
from landuse.ledger.on_file import (
    cases_on_file,
    evidence_on_file,
    findings_on_file,
    papers_on_file,
)
from landuse.ledger.run_units import units_of
from landuse.ledger.runs import record_run
from landuse.ledger.verify import verify

CODE = "91330102MA27XY8888"


def record(
    run_id: str,
    as_of: str,
    found: dict[str, str],
    units: pd.DataFrame | None = None,
    kinds: frozenset[str] = frozenset({"low_efficiency", "idle"}),
) -> RunRecord:
    """A run of P1 and P2 that found what ``found`` says (kind by parcel)."""
    square = shapely.box(0, 0, 10, 10)
    rows = [(kind, parcel, 1, [], "", "", {}, square) for parcel, kind in found.items()]
    land = pd.DataFrame(
        {"parcel_id": ["P1", "P2"], "geometry": pd.Series([shapely.to_wkb(square)] * 2)}
    )
    return RunRecord(
        run_id=run_id, as_of=dt.date.fromisoformat(as_of), year=int(as_of[:4]) - 1, pack="p",
        pack_version="1", rules_digest="d", crs="EPSG:4549", inputs={"kinds": sorted(kinds)},
        totals={}, kinds=kinds, findings=pd.DataFrame(rows, columns=list(FINDING_COLUMNS)),
        parcels=lambda: [land], units=None if units is None else lambda: [units],
    )  # fmt: skip


def graded(**facts: object) -> pd.DataFrame:
    return pd.DataFrame({"uscc": [CODE], **{name: [value] for name, value in facts.items()}})


def test_closed_and_removed_cases_are_on_file_with_who_got_the_land(ledger: Ledger) -> None:
    with ledger.write() as session:
        first = opened(session, original_enterprises="甲公司", park="东园")
        case = brought(session, first, "planned")
        parts.change(session, case, 1, receiving_enterprise="乙公司", **WHO)
        cases.advance(session, case, "in_disposal", started_on=dt.date(2026, 2, 1), **WHO)
        cases.advance(session, case, "awaiting_acceptance", disposed_mu_e4=500_000, **WHO)
        cases.advance(session, case, "closed", accepted_on=dt.date(2026, 2, 20), **WHO)
        brought(session, opened(session, "P2"), "in_disposal")
    with ledger.read() as session:
        found = cases_on_file(session).set_index("number")
    one, two = found.loc["2026-001"], found.loc["2026-002"]
    assert (one["state"], one["is_open"], one["parcel_ids"]) == ("closed", False, "P1")
    assert (one["enterprises"], one["receiving"], one["park"]) == ("甲公司", "乙公司", "东园")
    assert one["mu_e4"] == one["accepted_mu_e4"] == 500_000  # 50 mu
    assert str(one["accepted_on"])[:10] == "2026-02-20"
    assert str(one["opened_on"])[:10] == "2026-03-01"
    assert (two["is_open"], two["accepted_mu_e4"]) == (True, 0)
    assert pd.isna(two["accepted_on"])


def test_papers_and_evidence_have_the_hash_of_their_file(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = opened(session)
        paper = papers.Paper(
            "闲置土地认定书", "confirmation", dt.date(2026, 2, 1), sha256="ab" * 32
        )
        papers.record(session, case, paper, **WHO)
        about = Objection("enterprises", CODE, "tax", "1", "2", "漏报", evidence_sha256="cd" * 32,
                          evidence_name="完税证明.pdf")  # fmt: skip
        object_to(session, about, None, **WHO)
    with ledger.read() as session:
        (written,) = papers_on_file(session).to_dict("records")
        (said,) = evidence_on_file(session).to_dict("records")
    assert (written["number"], written["kind"], written["sha256"]) == (
        "2026-001", "confirmation", "ab" * 32,
    )  # fmt: skip
    assert str(written["dated"])[:10] == "2026-02-01"
    assert (said["number"], said["key"], said["status"]) == ("", CODE, "proposed")
    assert (said["evidence_name"], said["evidence_sha256"]) == ("完税证明.pdf", "cd" * 32)


def test_what_each_run_found_on_a_plot_and_that_it_found_nothing(ledger: Ledger) -> None:
    """The run that looked for idle land alone says nothing of a plot on which it found none."""
    with ledger.write() as session:
        record_run(session, record("r1", "2025-06-30", {"P1": "low_efficiency"}), **WHO)
        idle = record("r2", "2026-03-31", {"P2": "idle"}, kinds=frozenset({"idle"}))
        record_run(session, idle, **WHO)
        record_run(session, record("r3", "2026-06-30", {"P2": "idle"}), **WHO)
    with ledger.read() as session:
        found = findings_on_file(session, ["P1", "P2", "P9"])
        assert findings_on_file(session, []).empty
    said = {(run, plot): kind for run, plot, kind in
            found[["run_id", "parcel_id", "finding"]].itertuples(index=False)}  # fmt: skip
    assert said == {
        ("r1", "P1"): "low_efficiency", ("r1", "P2"): "", ("r1", "P9"): "", ("r2", "P2"): "idle",
        ("r3", "P1"): "", ("r3", "P2"): "idle", ("r3", "P9"): "",
    }  # fmt: skip
    assert found["year"].tolist() == [2024] * 3 + [2025] * 4


def test_the_place_of_a_firm_is_kept_with_each_run(ledger: Ledger) -> None:
    ranked = graded(cohort="17", cohort_size=20, rank=3, status="low_efficiency", score=0.5)
    blank = graded(cohort="", cohort_size=None, rank=None, status="ungraded", score=float("nan"))
    with ledger.write() as session:
        record_run(session, record("r2", "2026-06-30", {}, blank), **WHO)
        record_run(session, record("r1", "2025-06-30", {}, ranked), **WHO)
    with ledger.read() as session:
        found = units_of(session, CODE)
        assert units_of(session, "nobody").empty
        assert verify(session) == []
    assert found["run_id"].tolist() == ["r1", "r2"]
    assert found.loc[0, ["year", "cohort", "cohort_size", "rank", "status", "score"]].tolist() == [
        2024, "17", 20, 3, "low_efficiency", 0.5,
    ]  # fmt: skip
    assert pd.isna(found.loc[1, "rank"])
    assert found.loc[1, "status"] == "ungraded"


def test_a_run_of_an_older_program_gets_its_units_when_it_is_recorded_again(ledger: Ledger) -> None:
    with ledger.write() as session:
        record_run(session, record("r1", "2026-06-30", {"P1": "idle"}), **WHO)
    again = record("r1", "2026-06-30", {"P1": "idle"}, graded(rank=2, cohort_size=9))
    for _ in range(2):
        with ledger.write() as session:
            assert not record_run(session, again, **WHO).is_new
    with ledger.read() as session:
        assert units_of(session, CODE)["rank"].tolist() == [2]


@pytest.mark.parametrize("number", [0, 1])
def test_a_withdrawn_part_gives_nobody_land(ledger: Ledger, number: int) -> None:
    with ledger.write() as session:
        case = brought(session, opened(session), "planned")
        if number:
            seq = disposed(session, case, "5", receiving_enterprise="丙公司")
            parts.drop(session, case, seq, **{**WHO, "why": "填错"})
    with ledger.read() as session:
        assert cases_on_file(session)["receiving"].tolist() == [""]
