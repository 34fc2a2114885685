"""Which enterprises are evaluated together."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from land_tables import links_of, parcel, parcels, use

from landuse.matching import units
from landuse.matching.members import components

LAND = parcels(*(parcel(f"P{n}", at=20.0 * n) for n in range(1, 6)))
# A–P1–B–P2–C is one chain, D and E share P3, F is alone on P4, G has no land
USED = [
    use("P1", "B"), use("P1", "A"), use("P2", "B"), use("P2", "C"),
    use("P3", "E"), use("P3", "D"), use("P4", "F"),
]  # fmt: skip
ALL = ["G", "F", "E", "D", "C", "B", "A"]


def members(links: pd.DataFrame, exempt: set[str] = frozenset(), mode: str = "merge"):
    frame = units(links, ALL, exempt, mode)
    return "".join(frame["uscc"]), "".join(frame["unit_id"])


def test_apportion_keeps_everyone_apart():
    assert members(links_of(LAND, *USED), mode="apportion") == ("ABCDEFG", "ABCDEFG")


def test_merge_joins_those_who_share_a_parcel_under_the_smallest_code():
    assert members(links_of(LAND, *USED)) == ("ABCDEFG", "AAADDFG")


def test_exempt_members_and_their_links_are_left_out_first():
    # without B the chain falls apart
    assert members(links_of(LAND, *USED), {"B"}) == ("ABCDEFG", "ABCDDFG")


def test_land_that_does_not_count_joins_nobody():
    links = links_of(LAND, *USED, construction=["P2"])
    assert members(links) == ("ABCDEFG", "AACDDFG")


def test_a_user_of_no_enterprise_table_joins_nobody():
    links = links_of(LAND, use("P1", "A"), use("P1", "X"), use("P2", "X"), use("P2", "C"))
    assert members(links) == ("ABCDEFG", "ABCDEFG")


def test_no_enterprise():
    assert units(links_of(LAND, *USED), [], set(), "merge").empty


edges = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=30)


@given(edges)
def test_components_are_those_of_a_plain_search(pairs):
    left = np.array([one for one, _ in pairs], dtype=np.intp)
    right = np.array([two for _, two in pairs], dtype=np.intp)
    expected = []
    for node in range(20):
        seen, front = {node}, {node}
        while front:
            front = {b for a, b in pairs + [(b, a) for a, b in pairs] if a in front} - seen
            seen |= front
        expected.append(min(seen))
    assert components(left, right, 20).tolist() == expected
