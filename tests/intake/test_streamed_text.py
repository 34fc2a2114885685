"""Text tables that are read beside each other (:func:`landuse.intake.delimited.flow_delimited`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from landuse.intake.delimited import flow_delimited
from landuse.intake.staged import Copy
from landuse.issues import Issue


def test_two_tables_read_in_turn_do_not_disturb_each_other(tmp_path: Path) -> None:
    path, long = tmp_path / "a.csv", "x" * 200_000  # more than the module csv takes by itself
    path.write_text("a,b\n" + "1,2\n" * 3 + f"3,{long}\n", encoding="utf-8")
    one, two = flow_delimited(path, "one"), flow_delimited(path, "two")
    assert one is not None
    assert two is not None
    assert next(one.rows) == next(two.rows) == ["a", "b"]
    one.rows.close()  # type: ignore[attr-defined]
    assert list(two.rows) == [["1", "2"]] * 3 + [["3", long]]


def test_numbers_of_arrays_are_kept_with_a_copy(tmp_path: Path) -> None:
    said = Issue("intake_tables.no_rows", file="a.csv", row=2, values={"n": np.int64(3)})
    Copy(tmp_path, issues=(said,)).save(tmp_path)
    (back,) = Copy.at(tmp_path).issues
    assert (back.file, back.row, dict(back.values)) == ("a.csv", 2, {"n": 3})
