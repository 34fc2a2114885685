"""Published figures of real work reports, and what the checker says of them (all by hand)."""

from __future__ import annotations

import pytest

from landuse.stated import Claim, check

RIGHT, WRONG, IMPLIED = "right", "wrong", "implied"

CASES = [
    # what, relation, inputs, stated, verdict, computed
    ("output of its target", "share", ["59.5亿", "115亿"], "51.74%", RIGHT, "51.74 %"),
    ("fixed investment of its target", "share", ["24.92亿", "60亿"], "39.87%", WRONG, "41.53 %"),
    ("standard factories", "share", ["7000平方米", "20000平方米"], "35%", RIGHT, "35.00 %"),
    ("firms from outside", "share", ["80家", "386家"], "20.7%", RIGHT, "20.73 %"),
    ("local firms", "share", ["306家", "386家"], "79.3%", RIGHT, "79.27 %"),
    ("all firms signed", "sum", ["80家", "306家"], "386家", RIGHT, "386 家"),
    # 35 200 / 0.50; / 1.489; 21 869 / 0.56; 26.5 / 0.50; 26.5 / 0.517
    ("year's tax target", "whole", ["35200万元", "50%"], "", IMPLIED, "70400 万元"),
    ("last year's tax", "before", ["35200万元", "48.9%"], "", IMPLIED, "23640 万元"),
    ("city's industrial tax", "whole", ["21869万元", "56%"], "", IMPLIED, "39052 万元"),
    ("city's value added", "whole", ["26.5亿", "50%"], "53亿", RIGHT, "53 亿"),
    ("target of value added", "whole", ["26.5亿", "51.7%"], "51.26亿", RIGHT, "51.26 亿"),
    ("leading industries", "share", ["43.55亿", "33.23亿", "124.2亿"], "23.14%", WRONG, "61.82 %"),
    ("firms of both industries", "sum", ["13家", "22家"], "34家", WRONG, "35 家"),
    ("infrastructure, said twice", "same", ["15.43亿"], "15.44亿", "contradiction", "15.43 亿"),
    ("projects under way", "share", ["855万元", "1735万元"], "50%", WRONG, "49.28 %"),
    ("land expropriated", "sum", ["221亩", "50亩"], "271亩", RIGHT, "271 亩"),
    ("available land", "same", ["1986亩"], "2000亩以下", "bound_holds", "1986 亩"),
    ("signed projects", "sum", ["3个", "5个", "3个", "11个", "3个"], "25个", RIGHT, "25 个"),
    (
        "signed investment", "sum", ["45.3亿", "34.4亿", "135.8亿", "30.3亿", "2.1亿"],
        "246.5亿", WRONG, "247.9 亿",
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_published_figures(case) -> None:
    name, relation, inputs, stated, verdict, computed = case
    found = check(Claim(name, relation, tuple(inputs), stated))
    assert (found.verdict, found.computed) == (verdict, computed)
