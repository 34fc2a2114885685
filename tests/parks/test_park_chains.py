"""Chains "1+N": who leads, who is in it, and what they are together."""

from __future__ import annotations

import pandas as pd
from park_rows import MU3, WAN, codes, rows

from landuse.issues import IssueLog
from landuse.parks import chain_firms, chain_sums
from landuse.schema.park_tables import PROMISES


def signed(*given: tuple[str, str, str, str]) -> pd.DataFrame:
    """Code, name, chain, role."""
    return rows(PROMISES, *(
        {"uscc": u, "name": n, "chain": c, "chain_role": r, "source_row": at}
        for at, (u, n, c, r) in enumerate(given, 2)
    ))  # fmt: skip


MEASURED = pd.DataFrame(
    {
        "uscc": pd.Series(["1", "2", "3"], dtype="str"),
        "area_m2_micro": pd.Series([MU3, 3 * MU3, 0], dtype="int64"),
        "tax_wan_micro": pd.array([30 * WAN, 6 * WAN, 100 * WAN], dtype="Int64"),
        "output_wan_micro": pd.array([300 * WAN, None, 7 * WAN], dtype="Int64"),
    }
)


def test_a_chain_has_its_leader_its_firms_and_their_sums() -> None:
    """Leader 3 mu with 30 万元, member 9 mu with 6; one without land (its tax is in the sum, not in
    the tax per mu: 36 / 12 = 3), one known by its name alone."""
    table = signed(
        ("2", "乙", "装备", "member"), ("3", "丙", "装备", ""), ("1", "甲", "装备", "member"),
        ("1", "甲", "装备", "leader"), ("", "丁", "装备", "member"), ("2", "乙", "", "leader"),
    )  # fmt: skip
    log = IssueLog()
    firms = chain_firms(table, MEASURED)
    assert firms[["name", "chain_role"]].to_numpy().tolist() == [
        ["甲", "leader"], ["丁", "member"], ["丙", ""], ["乙", "member"],
    ]  # fmt: skip
    (row,) = chain_sums(firms, log).to_dict("records")
    assert (row["form"], row["leader_names"]) == ("1+3", "甲")
    assert row["area_m2_micro"] == 4 * MU3
    assert (row["tax_wan_micro"], row["output_wan_micro"]) == (136 * WAN, 307 * WAN)
    assert row["tax_wan_per_mu"] == 3.0
    assert row["unknown"] == "丁; 丙; 乙"
    assert codes(log) == []


def test_two_leaders_or_none_are_said() -> None:
    log = IssueLog()
    table = signed(
        ("1", "甲", "装备", "leader"), ("2", "乙", "装备", "leader"), ("3", "丙", "食品", "member"),
    )  # fmt: skip
    found = chain_sums(chain_firms(table, MEASURED), log)
    assert found["form"].to_dict() == {0: "2+0", 1: "0+1"}
    assert sorted(codes(log)) == ["parks.chain_leaders", "parks.chain_no_leader"]
    assert "乙; 甲" in next(one for one in log if one.code.endswith("leaders")).message("zh")


def test_without_chains_there_is_nothing() -> None:
    found = chain_sums(chain_firms(signed(("1", "甲", "", "")), MEASURED), IssueLog())
    assert found.empty
