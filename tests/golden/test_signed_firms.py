"""386 firms signed: 80 from outside, 306 local, of whom 239 from one district; 81.91 万 m²; tax 30
万元/亩: from the table of promises to the counts, shares and verdicts."""

from __future__ import annotations

import pytest
from park_files import ONE_FIGURE, county

from landuse.pipeline.parks import all_about_parks
from landuse.pipeline.report import report_of

HEADS = ["企业名称", "入驻园区", "来源", "来源县区", "厂房面积(㎡)", "承诺亩均税收(万元/亩)",
         "达产年度"]  # fmt: skip
CLAIMS = [
    ("386家", "相同", "[计算:签约企业]"), ("80家", "相同", "[计算:外地企业]"),
    ("306家", "相同", "[计算:本地企业]"), ("239家", "相同", "[计算:本地企业@甲区]"),
    ("20.7%", "占比", "[计算:外地企业]；[计算:签约企业]"),
    ("79.3%", "占比", "[计算:本地企业]；[计算:签约企业]"),
    ("239家", "部分", "[计算:本地企业]"),
    ("81.91万㎡", "相同", "[计算:签约厂房]"),
    ("82.91万㎡", "相同", "[计算:签约厂房]"), ("240家", "相同", "[计算:本地企业@甲区]"),
]  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    firms = []
    for at in range(386):
        # 385 × 2 122 m² + 2 130 m² = 819 100 m²
        floor = 2130 if at == 385 else 2122
        origin = ("外地", "丙市") if at < 80 else ("本地", "甲区" if at < 80 + 239 else "乙区")
        firms.append([f"企业{at:03d}", "核对园", *origin, floor, 30, 2027])
    claims = [[f"{n:02d}", "总结", *claim] for n, claim in enumerate(CLAIMS, 1)]
    tables = {
        "periods": ONE_FIGURE,
        "promises": (HEADS, firms),
        "stated": (["编号", "文件名称", "所述数字", "关系", "依据"], claims),
    }
    return all_about_parks(county(tmp_path_factory.mktemp("signed"), tables))


def test_the_counts_and_shares_follow_from_the_table(book) -> None:
    verdicts = book.checked["verdict"].tolist()
    assert verdicts == [*["right"] * 8, "contradiction", "contradiction"]
    computed = dict(zip(book.checked["claim"], book.checked["computed"], strict=True))
    assert (computed["05"], computed["06"]) == ("20.73 %", "79.27 %")
    assert (computed["09"], computed["10"]) == ("81.91 万m2", "239 家")


def test_each_promised_thirty_a_mu(book) -> None:
    assert set(book.promise_parts["promised_wan_per_mu_micro"]) == {30_000_000}
    assert set(book.promises["verdict"]) == {"not_due"}
    assert len(book.promises) == 386


def test_the_report_says_so(book) -> None:
    facts = report_of(book, "2026-H1").book.tables["facts"]
    names = ("signed_firms", "outside", "local", "outside_share", "signed_floor")
    said = [facts.cell((name,), "amount").text for name in names]
    assert said == ["386", "80", "306", "20.7", "819100.00"]
