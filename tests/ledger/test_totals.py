"""Totals of the ledger: published ones, sums that must agree, this month against last."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from case_life import WHO, brought, disposed, floor, mu, opened
from hypothesis import given
from hypothesis import strategies as st

from landuse.ledger import cases, parts
from landuse.ledger.cases import CaseForm, ParcelForm
from landuse.ledger.states import KINDS, STATES, WAYS
from landuse.ledger.store import Ledger
from landuse.ledger.totals import (
    PartSum,
    Standing,
    difference,
    month_against_last,
    summarise,
    totals,
)
from landuse.ledger.verify import verify


def running(session: Any, parcel: str, area: str, **fields: Any) -> Any:
    return opened(session, parcel, area, state="in_disposal", **fields)


def accepted(session: Any, case: Any, area: str, floor_area: str = "") -> None:
    seq = disposed(session, case, area, floor_area)
    parts.accept(session, case, seq, accepted_on=date(2026, 2, 20), **WHO)


def test_thirteen_cases_of_536_mu(ledger: Ledger) -> None:
    """A ledger of 13 parcels, 536 mu, of which 120 mu and 44 000 m² are revitalised so far.

    12 cases of 41.2308 mu and one of 41.2304: 12 × 41.2308 = 494.7696, + 41.2304 = 536. Accepted
    are 3 parts: 41.2308 + 41.2308 + 37.5384 = 120 mu, 15 000 + 15 000 + 14 000 = 44 000 m².
    """
    areas = ["41.2308"] * 12 + ["41.2304"]
    with ledger.write() as session:
        rows = [
            running(session, f"P{place:02d}", area, floor_area_m2_e2=floor("20000"))
            for place, area in enumerate(areas)
        ]
        for row, area, built in zip(
            rows, ("41.2308", "41.2308", "37.5384"), ("15000", "15000", "14000"), strict=False
        ):
            accepted(session, row, area, built)
        disposed(session, rows[3], "10")  # disposed, not accepted: reported apart
    with ledger.read() as session:
        found = totals(session)
        head = found["headline"]
        assert (head["cases"], head["mu_e4"]) == (13, mu("536"))
        assert head["revitalised_mu_e4"] == mu("120")
        assert head["revitalised_floor_m2_e2"] == floor("44000")
        assert head["disposed_mu_e4"] == mu("10")
        assert head["remaining_mu_e4"] == mu("406")  # 536 − 120 − 10
        assert verify(session) == []


def test_nine_of_23_enterprises_leave_1592_98_mu(ledger: Ledger) -> None:
    """23 stopped enterprises, 2 622.12 mu; 9 with 1 029.14 mu closed leave 14 with 1 592.98.

    9 cases: 8 × 114.3489 = 914.7912, + 114.3488 = 1 029.14.
    14 cases: 13 × 113.7843 = 1 479.1959, + 113.7841 = 1 592.98.
    """
    done = ["114.3489"] * 8 + ["114.3488"]
    left = ["113.7843"] * 13 + ["113.7841"]
    with ledger.write() as session:
        for place, area in enumerate(done):
            brought(session, opened(session, f"D{place}", area), "awaiting_acceptance", area)
        for case in list(session.query(cases.Case)):
            cases.advance(session, case, "closed", accepted_on=date(2026, 2, 20), **WHO)
        for place, area in enumerate(left):
            opened(session, f"L{place}", area, state="planned")
    with ledger.read() as session:
        found = totals(session)
        assert (found["cases"], found["mu_e4"]) == (23, mu("2622.12"))
        assert found["by_state"]["closed"]["cases"] == 9
        assert found["by_state"]["closed"]["mu_e4"] == mu("1029.14")
        assert found["by_state"]["planned"]["cases"] == 14
        assert found["by_state"]["planned"]["mu_e4"] == mu("1592.98")
        head = found["headline"]
        assert head["revitalised_mu_e4"] == mu("1029.14")
        assert head["remaining_mu_e4"] == mu("1592.98")
        assert (head["closed_cases"], head["open_cases"]) == (9, 14)


def test_the_idle_stocktake_of_103_parcels(ledger: Ledger) -> None:
    """103 parcels, 3 189.02 mu: 102 × 30.9614 = 3 158.0628, + 30.9572 = 3 189.02."""
    areas = ["30.9614"] * 102 + ["30.9572"]
    forms = [
        CaseForm("idle", (ParcelForm(f"I{place}"),), mu(area)) for place, area in enumerate(areas)
    ]
    with ledger.write() as session:
        cases.open_cases(session, forms, **WHO)
    with ledger.read() as session:
        found = totals(session)
        assert found["by_kind"]["idle"]["cases"] == 103
        assert found["by_kind"]["idle"]["mu_e4"] == mu("3189.02")
        assert found["headline"]["cases"] == 103


def test_removed_cases_are_in_the_states_and_in_no_headline(ledger: Ledger) -> None:
    with ledger.write() as session:
        opened(session, "P1", "30")
        case = running(session, "P2", "50")
        accepted(session, case, "20")
        cases.advance(session, case, "deferred", why="诉讼", **WHO)
        cases.advance(session, case, "removed", why="权属变更", **WHO)
        found = totals(session)
        assert found["mu_e4"] == mu("80")
        assert found["by_state"]["removed"]["mu_e4"] == mu("50")
        head = found["headline"]
        assert (head["cases"], head["mu_e4"], head["revitalised_mu_e4"]) == (1, mu("30"), 0)


def test_ways_count_parts_and_blanks_stand_under_none(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = running(session, "P1", "50")
        disposed(session, case, "20", way="swap")
        disposed(session, case, "5", way="swap")
        disposed(session, case, "10", way="merger")
        opened(session, "P2", "7")
        ways = totals(session)["by_way"]
        assert ways["swap"] == {"parts": 2, "mu_e4": mu("25"), "floor_m2_e2": 0}
        assert ways["merger"]["mu_e4"] == mu("10")
        assert ways["none"] == {"parts": 0, "mu_e4": mu("22"), "floor_m2_e2": 0}  # 15 + 7
        assert list(ways) == ["merger", "swap", "none"]


def test_parks_and_blank_park(ledger: Ledger) -> None:
    with ledger.write() as session:
        for parcel, park, area in (("A", "东园", "1"), ("B", "西园", "2"), ("C", "", "4")):
            opened(session, parcel, area, park=park)
        parks = totals(session)["by_park"]
        assert {park: sums["mu_e4"] for park, sums in parks.items()} == {
            "东园": mu("1"),
            "西园": mu("2"),
            "": mu("4"),
        }


def test_planned_parts_are_not_disposed(ledger: Ledger) -> None:
    with ledger.write() as session:
        case = opened(session, "P1", "50", state="planned")
        parts.dispose(session, case, way="swap", mu_e4=mu("20"), **WHO)
        head = totals(session)["headline"]
        assert (head["planned_mu_e4"], head["disposed_mu_e4"]) == (mu("20"), 0)
        cases.advance(session, case, "in_disposal", started_on=date(2026, 2, 1), **WHO)
        head = totals(session)["headline"]
        assert (head["planned_mu_e4"], head["disposed_mu_e4"]) == (0, mu("20"))


def at(month: int, day: int, hour: int = 2) -> dict[str, Any]:
    return {"by": "王工", "at": datetime(2026, month, day, hour, tzinfo=UTC)}


def test_this_month_against_last(ledger: Ledger) -> None:
    """April: one case opened, one accepted, one corrected; as of 31 March it was otherwise."""
    with ledger.write() as session:
        one = cases.open_case(
            session, CaseForm("both", (ParcelForm("A"),), mu("50"), state="in_disposal"), **at(2, 1)
        )
        part = parts.dispose(session, one, way="swap", mu_e4=mu("20"),
                             started_on=date(2026, 2, 1), **at(2, 2))  # fmt: skip
        # 31 March 15:59 UTC is still March in China, 16:00 is April
        two = cases.open_case(session, CaseForm("idle", (ParcelForm("B"),), mu("30")),
                              by="王工", at=datetime(2026, 3, 31, 15, 59, tzinfo=UTC))  # fmt: skip
        cases.open_case(session, CaseForm("idle", (ParcelForm("C"),), mu("5")),
                        by="王工", at=datetime(2026, 3, 31, 16, 0, tzinfo=UTC))  # fmt: skip
        parts.accept(session, one, part.seq, accepted_on=date(2026, 4, 2), **at(4, 2))
        cases.resize(session, two, mu_e4=mu("31"), why="复测", **at(4, 3))
        cases.advance(session, two, "suspected", survey_note="未动工", **at(5, 1))  # later
    with ledger.read() as session:
        found = month_against_last(session, datetime(2026, 4, 20, tzinfo=UTC))
        assert found["last_day"] == "2026-03-31"
        last, this, change = (found[name]["headline"] for name in ("last", "this", "change"))
        assert (last["cases"], last["mu_e4"], last["revitalised_mu_e4"]) == (2, mu("80"), 0)
        assert (this["cases"], this["mu_e4"], this["revitalised_mu_e4"]) == (
            3,
            mu("86"),  # 50 + 31 + 5
            mu("20"),
        )
        assert change["mu_e4"] == mu("6")
        assert change["disposed_mu_e4"] == -mu("20")
        assert found["this"]["by_state"]["found"]["cases"] == 2
        assert "suspected" not in found["this"]["by_state"]
        assert totals(session)["by_state"]["suspected"]["cases"] == 1
        assert totals(session, as_of=date(2026, 1, 31))["cases"] == 0


def test_difference_counts_what_one_side_lacks() -> None:
    assert difference({"a": {"x": 2}}, {"b": {"x": 3}}) == {"a": {"x": 2}, "b": {"x": -3}}


PARTS = st.builds(
    PartSum,
    way=st.sampled_from(["", *WAYS]),
    mu_e4=st.integers(0, 10**6),
    floor_m2_e2=st.integers(0, 10**6),
    started=st.booleans(),
    accepted=st.booleans(),
)


@given(
    st.lists(
        st.builds(
            lambda state, kind, park, rest, parts: Standing(
                state,
                kind,
                park,
                rest + sum(part.mu_e4 for part in parts),
                sum(part.floor_m2_e2 for part in parts),
                tuple(parts),
            ),
            st.sampled_from(list(STATES)),
            st.sampled_from(KINDS),
            st.sampled_from(["", "东园", "西园"]),
            st.integers(0, 10**6),
            st.lists(PARTS, max_size=3),
        ),
        max_size=8,
    )
)
def test_every_grouping_adds_up(ledger_of: list[Standing]) -> None:
    found = summarise(ledger_of)
    whole = sum(case.mu_e4 for case in ledger_of)
    assert found["mu_e4"] == whole
    for group in ("by_state", "by_kind", "by_park", "by_way"):
        assert sum(sums["mu_e4"] for sums in found[group].values()) == whole
    for group in ("by_state", "by_kind", "by_park"):
        assert sum(sums["cases"] for sums in found[group].values()) == len(ledger_of)
    parts_of = sum(len(case.parts) for case in ledger_of)
    assert sum(sums["parts"] for sums in found["by_way"].values()) == parts_of
    head = found["headline"]
    shares = ("revitalised", "disposed", "planned", "remaining")
    assert sum(head[f"{share}_mu_e4"] for share in shares) == head["mu_e4"]
    assert summarise(ledger_of[::-1]) == found


@pytest.mark.parametrize("state", list(STATES))
def test_every_state_has_its_total(state: str) -> None:
    assert list(summarise([Standing(state, "idle", "", 1, 0)])["by_state"]) == [state]
