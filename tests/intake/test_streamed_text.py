"""Text tables that are read beside each other (:func:`landuse.intake.delimited.flow_delimited`)."""

from __future__ import annotations

from pathlib import Path

from landuse.intake.delimited import flow_delimited


def test_two_tables_read_in_turn_do_not_disturb_each_other(tmp_path: Path) -> None:
    path, long = tmp_path / "a.csv", "x" * 200_000  # more than the module csv takes by itself
    path.write_text("a,b\n" + "1,2\n" * 3 + f"3,{long}\n", encoding="utf-8")
    one, two = flow_delimited(path, "one"), flow_delimited(path, "two")
    assert one is not None
    assert two is not None
    assert next(one.rows) == next(two.rows) == ["a", "b"]
    one.rows.close()  # type: ignore[attr-defined]
    assert list(two.rows) == [["1", "2"]] * 3 + [["3", long]]
