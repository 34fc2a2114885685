"""Which evidence answers for a parcel, and what is left to a person."""

from __future__ import annotations

import pandas as pd
import pytest
import shapely
from land_tables import codes, confirmed, firms, frame, occupancy, parcel, parcels, use

from landuse.issues import IssueLog
from landuse.matching import Found, find_links, report_returned
from landuse.schema import tables

A = {"uscc": "91350582A", "name": "晋江市恒安鞋业有限公司", "x": 5.0, "y": 5.0}
B = {"uscc": "91350582B", "name": "晋江市宏达机械有限公司"}
C = {"uscc": "91350582C", "name": "宏图(中国)服装有限公司"}


def find(
    land: pd.DataFrame,
    *enterprises: dict[str, object],
    occupied: pd.DataFrame | None = None,
    stated: pd.DataFrame | None = None,
    lost: pd.DataFrame | None = None,
    log: IssueLog | None = None,
) -> Found:
    return find_links(
        land,
        tables.LOST_PARCELS.empty() if lost is None else lost,
        firms(*enterprises),
        occupancy() if occupied is None else occupied,
        confirmed() if stated is None else stated,
        IssueLog() if log is None else log,
    )


def pairs(found: Found) -> list[tuple[str, str, str]]:
    return list(found.links[["parcel_id", "uscc", "evidence"]].itertuples(index=False, name=None))


def test_the_first_evidence_that_answers_wins():
    """One parcel, all four kinds of evidence; taking them away one by one."""
    full = parcel("P", uscc=B["uscc"], holder=C["name"])
    told = occupancy(use("P", "91350582D", 10))
    log = IssueLog()
    assert pairs(find(parcels(full), A, B, C, occupied=told, log=log)) == [
        ("P", "91350582D", "occupancy")
    ]
    assert codes(log) == ["unknown_enterprise"]
    assert pairs(find(parcels(full), A, B, C)) == [("P", B["uscc"], "uscc")]
    named = parcel("P", holder=C["name"])
    assert pairs(find(parcels(named), A, B, C)) == [("P", C["uscc"], "name")]
    bare = parcel("P")
    assert pairs(find(parcels(bare), A, B, C)) == [("P", A["uscc"], "point")]
    assert pairs(find(parcels(bare), B, C)) == []


def test_each_link_says_how_sure_it_is_and_where_it_stands():
    land = parcels(
        parcel("P1", at=100), parcel("P2", at=200, uscc=B["uscc"]), parcel("P3", holder=C["name"])
    )
    links = find(land, A, B, C, occupied=occupancy(use("P1", A["uscc"]))).links
    assert links["certainty"].tolist() == ["certain", "strong", "strong"]
    # rows are numbered from 2: the occupancy row itself, then the parcels' own rows
    assert links["source_file"].tolist() == ["occupancy", "parcels", "parcels"]
    assert links["source_row"].tolist() == [2, 3, 4]


def test_an_unknown_code_on_the_parcel_falls_through_to_the_name():
    log = IssueLog()
    land = parcels(parcel("P", uscc="91350582X", holder=B["name"]))
    assert pairs(find(land, B, log=log)) == [("P", B["uscc"], "name")]
    assert codes(log) == ["codes_unknown"]


@pytest.mark.parametrize("joint", [";", "；", ",", "，", "、", "､", "/", "／", " ; "])
def test_several_codes_in_one_cell_are_all_links(joint):
    land = parcels(parcel("P", uscc=f"91350582A{joint}91350582B"))
    assert pairs(find(land, A, B)) == [
        ("P", "91350582A", "uscc"),
        ("P", "91350582B", "uscc"),
    ]


def test_codes_are_compared_in_any_width_and_in_capitals():
    land = parcels(parcel("P", uscc="９１３５０５８２ｂ"))
    assert pairs(find(land, B)) == [("P", "91350582B", "uscc")]
    lower = {"uscc": "bldg-1", "name": "x"}
    assert pairs(find(parcels(parcel("P", uscc="bldg-1")), lower)) == [("P", "bldg-1", "uscc")]


def test_of_several_codes_only_the_known_ones_answer_and_the_others_are_named():
    log = IssueLog()
    land = parcels(parcel("P", uscc="91350582A、91350582X", holder=B["name"]))
    assert pairs(find(land, A, B, log=log)) == [("P", "91350582A", "uscc")]
    assert [(issue.code, issue.value) for issue in log] == [
        ("matching.cell_partly_known", "91350582X")
    ]


def test_names_are_folded_by_width_and_spacing_only():
    land = parcels(
        parcel("P1", at=100, holder="宏图（中国） 服装\u3000有限公司"),
        parcel("P0", at=400, holder="宏图\u200b(中国)\ufeff服装\u00a0有限\n公司\u2028"),
        parcel("P2", at=200, holder="宏图中国服装有限公司"),
        parcel("P3", at=300, holder="宏图(中国)服装有限公司2"),
    )
    assert pairs(find(land, C)) == [("P0", C["uscc"], "name"), ("P1", C["uscc"], "name")]


def test_several_names_in_one_cell_are_all_links():
    land = parcels(parcel("P", at=100, holder=f"{A['name']}、{B['name']}，{A['name']}"))
    assert pairs(find(land, A, B)) == [("P", A["uscc"], "name"), ("P", B["uscc"], "name")]


def test_a_name_that_holds_a_comma_is_one_name():
    whole = {"uscc": "F1", "name": "Foo Co., Ltd."}
    part = {"uscc": "F2", "name": "Foo Co."}
    land = parcels(parcel("P", holder="Foo Co., Ltd."))
    assert pairs(find(land, whole, part)) == [("P", "F1", "name")]


def test_a_name_that_fits_two_enterprises_is_only_suggested():
    log = IssueLog()
    twin = {**B, "uscc": "91350582T"}
    found = find(parcels(parcel("P", at=100, holder=B["name"])), B, twin, log=log)
    assert pairs(found) == []
    shown = found.suggestions[["parcel_id", "uscc", "similarity", "evidence"]]
    assert shown.to_numpy().tolist() == [
        ["P", "91350582B", 1.0, "same_name"],
        ["P", "91350582T", 1.0, "same_name"],
    ]
    assert codes(log) == ["name_ambiguous"]


def test_an_ambiguous_name_leaves_the_parcel_to_the_point():
    twin = {**A, "uscc": "91350582T", "x": None, "y": None}
    found = find(parcels(parcel("P", holder=A["name"])), A, twin)
    assert pairs(found) == [("P", A["uscc"], "point")]


def test_a_similar_name_is_suggested_with_its_similarity_and_never_used():
    # 晋江恒安鞋业有限公司 (10 characters) lacks one of 晋江市恒安鞋业有限公司 (11):
    # 1 insertion over 21 characters = 1 - 1/21 = 0.952381
    found = find(parcels(parcel("P", at=100, holder="晋江恒安鞋业有限公司")), A, B)
    assert pairs(found) == []
    assert found.suggestions.to_numpy().tolist() == [
        ["P", "晋江恒安鞋业有限公司", A["uscc"], A["name"], 0.952381, "similar_name"]
    ]


def test_a_name_below_the_threshold_is_not_suggested():
    # 11 characters against 10, longest common run in order 市…有限公司: far below 0.85
    found = find(parcels(parcel("P", at=100, holder="石狮市隆盛纺织有限公司")), A, B)
    assert found.suggestions.empty


def test_similar_names_at_most_three_the_best_first():
    names = [
        "泉州甲乙丙丁有限公司",
        "泉州甲乙丙戊有限公司",
        "泉州甲乙己丁有限公司",
        "泉州庚乙丙丁有限公司",
    ]
    rows = [{"uscc": f"F{n}", "name": name} for n, name in enumerate(names)]
    found = find(parcels(parcel("P", at=100, holder="泉州甲乙丙丁有限公司厂")), *rows)
    # F0 lacks 1 of 21 characters; each other differs by one more character (3 of 21)
    assert found.suggestions["uscc"].tolist() == ["F0", "F1", "F2"]
    assert found.suggestions["similarity"].tolist() == [0.952381, 0.857143, 0.857143]


def test_a_parcel_with_a_link_gets_no_similar_names():
    land = parcels(parcel("P", holder="晋江恒安鞋业有限公司"))
    found = find(land, A)
    assert pairs(found) == [("P", A["uscc"], "point")]
    assert found.suggestions.empty


def test_a_point_on_a_shared_edge_belongs_to_the_smaller_id():
    left, right = parcel("P2", at=0), parcel("P1", at=10)
    edge = {**A, "x": 10.0, "y": 5.0}
    assert pairs(find(parcels(left, right), edge)) == [("P1", A["uscc"], "point")]
    # the smaller one is answered by its code: the point is in it and answers for nobody else
    known = parcels(left, {**right, "uscc": B["uscc"]})
    assert pairs(find(known, edge, B)) == [("P1", B["uscc"], "uscc")]


def test_a_point_outside_and_an_enterprise_without_a_point_give_no_link():
    far = {**A, "x": 50.0, "y": 5.0}
    assert pairs(find(parcels(parcel("P")), far, B)) == []


def test_a_confirmed_link_counts_as_occupancy():
    log = IssueLog()
    land = parcels(parcel("P1", holder=C["name"]), parcel("P2", at=50), parcel("P3", at=90))
    told = occupancy(use("P2", A["uscc"], 40))
    yes = confirmed(("P1", B["uscc"]), ("P2", A["uscc"]), ("P2", C["uscc"]))
    assert pairs(find(land, A, B, C, occupied=told, stated=yes, log=log)) == [
        ("P1", B["uscc"], "confirmed"),
        ("P2", A["uscc"], "occupancy"),
        ("P2", C["uscc"], "confirmed"),
    ]
    # the holder of P1 loses the link that its name gave: that is said
    assert [(issue.code, issue.key, issue.value) for issue in log] == [
        ("matching.confirmed_replaces", "P1", C["uscc"])
    ]


def test_a_confirmed_parcel_is_not_suggested_again():
    land = parcels(parcel("P", at=100, holder="晋江恒安鞋业有限公司"))
    assert find(land, A, B, stated=confirmed(("P", A["uscc"]))).suggestions.empty


def test_an_unknown_user_of_the_occupancy_table_keeps_its_link():
    log = IssueLog()
    told = occupancy(use("P", "91350582Z", 10), use("P", A["uscc"], 20))
    links = find(parcels(parcel("P")), A, occupied=told, log=log).links
    assert links["uscc"].tolist() == ["91350582A", "91350582Z"]
    assert links["known_enterprise"].tolist() == [True, False]
    assert [(i.code, i.file, i.row, i.key, i.value) for i in log] == [
        ("matching.unknown_enterprise", "occupancy", 2, "P", "91350582Z")
    ]


def test_rows_for_a_parcel_that_is_not_there_are_reported():
    log = IssueLog()
    told = occupancy(use("NONE", A["uscc"], 10))
    found = find(parcels(parcel("P")), B, occupied=told, log=log)
    assert pairs(found) == []
    assert codes(log) == ["row_of_unknown_parcel"]
    assert found.incomplete == set()


def test_every_evidence_of_a_lost_parcel_makes_its_users_incomplete():
    lost = frame(
        tables.LOST_PARCELS,
        [
            {"parcel_id": "L1", "geometry": None},
            {"parcel_id": "L2", "uscc": "91350582b", "geometry": None},
            {"parcel_id": "L3", "holder": "宏图（中国）服装有限公司", "geometry": None},
            {"parcel_id": "", "geometry": shapely.box(0, 0, 10, 10)},
        ],
        geometry="",
    )
    log = IssueLog()
    found = find(
        parcels(parcel("P", at=500)), A, B, C, {"uscc": "91350582E", "name": "戊"},
        lost=lost, occupied=occupancy(use("L1", "91350582D", 5)),
        stated=confirmed(("L1", "91350582F")), log=log,
    )  # fmt: skip
    assert found.incomplete == {"91350582" + letter for letter in "ABCDF"}
    told = ["land_incomplete"] * 4 + ["land_without_code"] + ["row_of_lost_parcel"] * 2
    assert codes(log) == told
    (uncoded,) = [issue for issue in log if issue.code == "matching.land_without_code"]
    assert uncoded.key in uncoded.message("zh")
    assert found.links.empty


def test_only_the_first_evidence_of_a_lost_parcel_makes_its_users_incomplete():
    """The occupancy table names D alone, so the landlord of the parcel loses no land with it."""
    lost = frame(
        tables.LOST_PARCELS,
        [
            {"parcel_id": "L1", "uscc": A["uscc"], "holder": B["name"]},
            {"parcel_id": "L2", "uscc": C["uscc"], "holder": B["name"]},
        ],
    )
    told = occupancy(use("L1", "91350582D", 5))
    found = find(parcels(parcel("P", at=500)), A, B, C, lost=lost, occupied=told)
    assert found.incomplete == {"91350582D", C["uscc"]}


def test_a_name_that_fits_two_does_not_make_either_incomplete():
    lost = frame(tables.LOST_PARCELS, [{"parcel_id": "L", "holder": B["name"]}])
    twin = {**B, "uscc": "91350582T"}
    assert find(parcels(parcel("P", at=100)), B, twin, lost=lost).incomplete == set()


def test_blank_cells_match_nobody():
    blank = {"uscc": "91350582N", "name": ""}
    assert pairs(find(parcels(parcel("P", holder=" 、", uscc="；")), blank)) == []


def test_no_parcels_and_no_enterprises():
    assert find(tables.PARCELS.empty()).links.empty
    assert find(parcels(parcel("P", holder="甲", uscc="1"))).links.empty


def test_row_order_changes_nothing():
    land = parcels(
        parcel("P1", holder=C["name"]),
        parcel("P2", at=50, uscc="91350582A/91350582B"),
        parcel("P3", at=90, holder="晋江恒安鞋业有限公司"),
    )
    once = find(land, A, B, C)
    again = find(land.iloc[::-1].reset_index(drop=True), C, B, A)
    pd.testing.assert_frame_equal(once.links, again.links)
    pd.testing.assert_frame_equal(once.suggestions, again.suggestions)


def test_who_left_and_is_named_by_the_parcel_itself_is_told():
    log = IssueLog()
    land = parcels(
        parcel("P1", uscc=A["uscc"]), parcel("P2", holder=B["name"], at=200),
        parcel("P3", uscc=A["uscc"], at=400),
    )  # fmt: skip
    gone = frame(
        tables.SET_ASIDE,
        [
            {"table": "occupancy", "key": f"P1/{A['uscc']}", "reason": "intake_tables.ended"},
            {"table": "occupancy", "key": f"P2/{B['uscc']}", "reason": "intake_tables.not_begun"},
            {"table": "occupancy", "key": f"P3/{A['uscc']}", "reason": "intake_tables.ended"},
            {"table": "occupancy", "key": f"P2/{A['uscc']}", "reason": "intake_tables.ended"},
            {"table": "exemptions", "key": f"P1/{A['uscc']}", "reason": "intake_tables.ended"},
        ],
    )
    # on P3 another row is in force: the parcel's own code does not count
    found = find(land, A, B, C, occupied=occupancy(use("P3", C["uscc"], 5)), log=log)
    report_returned(found.links, gone, log)
    told = [issue for issue in log if issue.code == "matching.left_but_named"]
    assert [(issue.table, issue.key, issue.value, issue.row) for issue in told] == [
        ("occupancy", "P1", A["uscc"], 2), ("occupancy", "P2", B["uscc"], 3)
    ]  # fmt: skip
    assert "信用代码" in told[0].message("zh")
    assert "name of the holder" in told[1].message("en")


def test_an_unknown_user_is_told_with_the_nearest_code():
    log = IssueLog()
    find(parcels(parcel("P")), A, occupied=occupancy(use("P", "91350582Z", 5)), log=log)
    (issue,) = log
    assert A["uscc"] in issue.hint("zh")
    assert A["uscc"] in issue.hint("en")
