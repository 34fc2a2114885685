"""Totals are compared with sums of rows that come in any pieces, as with those of all at once."""

from __future__ import annotations

from random import Random

import numpy as np
import pandas as pd
import pytest

from landuse.intake.columns import Columns
from landuse.intake.corrected import Cells
from landuse.intake.raw import Raw
from landuse.intake.rows import Rows
from landuse.intake.totals import drop_decoration, set_decoration_aside
from landuse.intake.totals_check import Sums, Total, compare_totals, sums_of_blocks
from landuse.issues import IssueLog

COLUMNS = Columns({"uscc": "代码", "name": "名称", "tax": "税收", "output": "产值"}, {})


def table(rng, many=60):
    """Rows of two files, with totals that are right or wrong."""
    rows = []
    for number in range(many):
        if rng.random() < 0.15:
            word = rng.choice(("合计", "小计", "平均", "总计："))
            rows.append((None, word, rng.choice((0.6, 30.0, None)), rng.choice((1e17, 5.0))))
        else:
            big = rng.choice((0.1, 0.2, 0.3, None, 1e16, -1e16))
            rows.append((f"C{number}", f"企业{number}", rng.choice((0.1, 0.2, 10.0)), big))
    frame = pd.DataFrame(rows, columns=["代码", "名称", "税收", "产值"], dtype=object)
    file = np.array(["a.csv"] * (many // 2) + ["b.csv"] * (many - many // 2), dtype=object)
    row = np.concatenate([np.arange(many // 2), np.arange(many - many // 2)]) + 2
    sheet = np.full(many, "", dtype=object)
    return Raw("enterprises", frame.where(frame.notna(), None), file, sheet, row)


def decorated(raw):
    rows = Rows(raw)
    return rows, set_decoration_aside(rows, COLUMNS, ("uscc", "name"), ("tax", "output"))


def plain(log):
    return [issue.sort_key() for issue in log]


@pytest.mark.parametrize("seed", range(8))
def test_pieces_say_what_the_whole_says(seed):
    rng = Random(seed)
    raw, whole, parted = table(rng), IssueLog(), IssueLog()
    drop_decoration(Rows(raw), COLUMNS, ("uscc", "name"), ("tax", "output"), whole)
    which = np.array([rng.randrange(4) for _ in range(len(raw))])
    pieces = [decorated(raw.take(which == number)) for number in range(4)]
    totals = [one for _, found in pieces for one in found]
    sums = [one for rows, _ in pieces for one in sums_of_blocks(rows, totals)]
    compare_totals("enterprises", totals, Sums(rng.sample(sums, len(sums))), parted)
    assert plain(whole) == plain(parted)
    assert len(whole)


def test_sums_are_rounded_once():
    """1e16 + 0.6 − 1e16 is 0.6 whatever rows lie beside each other."""
    values = [1e16, 0.1, 0.2, -1e16, 0.3]
    frame = pd.DataFrame({"代码": list("abcde"), "税收": values})
    raw = Raw("enterprises", frame, np.full(5, "a.csv", object), np.full(5, "", object),
              np.arange(2, 7))  # fmt: skip
    totals = [Total("a.csv", "", 7, "合计", {"税收": 0.6})]
    log = IssueLog()
    sums = [one for part in ([0, 2], [1, 3], [4])
            for one in sums_of_blocks(Rows(raw.take(np.array(part))), totals)]  # fmt: skip
    compare_totals("enterprises", totals, Sums(sums), log)
    assert not len(log)


def issues_of(*rows):
    """Codes of the issues of a table of code, name and tax."""
    frame = pd.DataFrame(rows, columns=["代码", "名称", "税收"], dtype=object)
    many = len(rows)
    raw = Raw("enterprises", frame, np.full(many, "a.csv", object), np.full(many, "", object),
              np.arange(2, 2 + many))  # fmt: skip
    log = IssueLog()
    drop_decoration(Rows(raw), COLUMNS, ("uscc", "name"), ("tax",), log)
    return [(issue.row, issue.code) for issue in log if "total_differs" in issue.code]


def test_a_total_may_be_of_its_block_of_all_before_it_or_of_the_sheet():
    a, b, c = ("C1", "甲", 10.0), ("C2", "乙", 20.0), ("C3", "丙", 5.0)
    sums = [(None, "小计", 10.0), (None, "总计", 30.0), (None, "合计", 35.0)]
    assert not issues_of(a, sums[0], b, sums[1], c)
    assert not issues_of(sums[2], a, b, c)
    assert not issues_of(a, b, (None, "小计", 30.0), c, (None, "小计", 5.0))
    wrong = issues_of(a, sums[0], b, (None, "小计", 15.0), c)
    assert wrong == [(5, "intake_tables.total_differs")]


def test_cells_beyond_all_numbers_are_no_amounts():
    frame = pd.DataFrame({"代码": list("abc"), "税收": ["1e400", "1e308", "5"]}, dtype=object)
    raw = Raw("enterprises", frame, np.full(3, "a.csv", object), np.full(3, "", object),
              np.arange(2, 5))  # fmt: skip
    log, totals = IssueLog(), [Total("a.csv", "", 5, "合计", {"税收": 7.0})]
    compare_totals("enterprises", totals, Sums(sums_of_blocks(Rows(raw), totals)), log)
    assert [dict(issue.values)["total"] for issue in log] == ["5"]


def test_corrected_cells_go_to_the_rows_that_they_are_of():
    raw = table(Random(1), 20)
    raw = raw.with_frame(raw.frame.assign(税收=np.arange(20)))
    cells = raw.frame["税收"].astype(object)
    cells[3], cells[13] = "7", None
    after = raw.with_frame(raw.frame.assign(税收=cells))
    found = Cells.of(raw, after)
    assert found.found == {"a.csv": {5: {"税收": "7"}}, "b.csv": {5: {"税收": None}}}
    piece = found.put(raw.take(np.array([13, 3, 4])))
    assert piece.frame["税收"].tolist() == [None, "7", 4]
    other = raw.take(np.array([4, 5]))
    assert found.put(other) is other
