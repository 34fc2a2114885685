"""The same project run in every way, and what must not differ.

``ordinary`` is the measure; ``in_parts`` runs the batch over parts with cuts, a crew, a limit.
``same`` compares run folders byte by byte and says which rows differ.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from landuse.engines.batch import identify_in_parts
from landuse.engines.reading import prepared
from landuse.engines.reading.prepared import Cuts
from landuse.errors import UserError
from landuse.issues import Issue, IssueLog
from landuse.pipeline.identify import prepare, report_day
from landuse.pipeline.manifest import manifest, run_id
from landuse.pipeline.publish import run_tables
from landuse.pipeline.steps import compute
from landuse.publish import write_run
from landuse.publish.run_folder import OUTPUTS

__all__ = ["Ended", "agree", "how_read", "in_parts", "ordinary", "same", "some_cuts"]

Ended = Path | list[tuple[Any, ...]]
"""A run folder, or the faults that ended the run."""


def ordinary(project: Path, out: Path, lang: str = "zh") -> Ended:
    """The tables of the ordinary run, without workbook and map."""
    log = IssueLog()
    try:
        found, rules, day = prepare(project)
        report_day(found, day, log)
        computed = compute(found, rules, day, log)
    except UserError as fault:
        return faults(fault)
    identity = run_id(found, rules, day, computed.inputs.files, lang)  # type: ignore[arg-type]
    described = manifest(found, computed, day, identity, lang)  # type: ignore[arg-type]
    return write_run(run_tables(computed, described, log), out, outputs=OUTPUTS[:1])


def in_parts(project: Path, out: Path, cuts: Cuts, **more: Any) -> Ended:
    """The same in parts."""
    try:
        return identify_in_parts(project, out=out, cuts=cuts, **more).folder
    except UserError as fault:
        assert not out.exists()
        return faults(fault)


def faults(fault: UserError) -> list[tuple[Any, ...]]:
    """The faults in plain values, in their order."""
    return [_plain(issue) for issue in fault.issues]


def _plain(issue: Issue) -> tuple[Any, ...]:
    return issue.sort_key()


def some_cuts(rng: Any, land: list[str], firms: list[str], most: int = 5) -> Cuts:
    """Up to ``most`` cuts anywhere: at codes, between codes, before and after all."""

    def chosen(codes: list[str]) -> tuple[str, ...]:
        around = [text for code in codes for text in (code, code + "0", code[:-1])]
        pool = [*around, "!", "339901001001GB", "\uffff\uffff", "\U0010ffff"]
        many = rng.randint(0, most)
        return ("", *sorted({text for text in rng.choices(pool, k=many) if text}))

    return Cuts(land=chosen(land), firms=chosen(firms))


def agree(one: Ended, other: Ended) -> bool:
    """Both ended alike; whether they are runs."""
    if isinstance(one, Path) and isinstance(other, Path):
        same(one, other)
        return True
    assert one == other
    return False


def same(one: Path, other: Path) -> None:
    """Both folders state the same run, and every table has the same bytes."""
    left, right = (json.loads((folder / "run.json").read_text("utf-8")) for folder in (one, other))
    assert set(left["files"]) == set(right["files"])
    differing = [name for name in left["files"] if left["files"][name] != right["files"][name]]
    for name in differing:  # say what differs, not only that it does
        pd.testing.assert_frame_equal(pd.read_parquet(one / name), pd.read_parquet(other / name))
    assert not differing
    assert left == right
    for name in left["files"]:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


def how_read(monkeypatch: Any) -> list[str]:
    """A list that gains ``"whole"`` or ``"parts"`` whenever inputs are prepared for parts."""
    read: list[str] = []
    original = prepared._prepared

    def noted(*given: Any, **named: Any) -> Any:
        found = original(*given, **named)
        read.append("whole" if found.at_once else "parts")
        return found

    monkeypatch.setattr(prepared, "_prepared", noted)
    return read
