"""``landuse ledger open`` on runs that looked for one kind of finding only, or found nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from test_runs_cases import idle, low, open_, run
from test_runs_reading import contract, write

from landuse.cli import main
from landuse.errors import UserError
from landuse.ledger import Ledger
from landuse.ledger.models import Run

LOW, IDLE = frozenset({"low_efficiency"}), frozenset({"idle"})
Do = Callable[..., tuple[int, str, str]]


def refused(ledger: Ledger, *given: object) -> str:
    with pytest.raises(UserError) as fault:
        open_(ledger, *given)
    with ledger.read() as session:
        assert session.query(Run).count() == 0
    return fault.value.issues[0].code


def test_what_a_run_did_not_look_for_is_refused(ledger: Ledger) -> None:
    assert refused(ledger, run("r1", idle("A"), kinds=IDLE), "low_efficiency") == (
        "ledger_runs.no_low_efficiency_in_run"
    )
    assert refused(ledger, run("r1", low("A"), kinds=LOW), "idle") == "ledger_runs.no_idle_in_run"
    assert refused(ledger, run("r1", kinds=frozenset())) == "ledger_runs.nothing_in_run"


def test_for_either_reason_the_one_that_was_looked_for_is_enough(ledger: Ledger) -> None:
    opened = open_(ledger, run("r1", idle("A"), kinds=IDLE))
    assert (opened.numbers, opened.found) == (["2026-001"], 1)
    assert (opened.kinds, opened.not_looked_for) == (("idle",), ("low_efficiency",))


def test_a_run_that_looked_and_found_nothing_is_recorded(ledger: Ledger) -> None:
    opened = open_(ledger, run("r1", idle("A")), "low_efficiency")
    assert (opened.numbers, opened.found, opened.kinds) == ([], 0, ("low_efficiency",))
    again = open_(ledger, run("r1", idle("A")), "idle")
    assert (again.found, again.not_looked_for) == (1, ())


@pytest.fixture
def do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Do:
    """``landuse ledger open`` into a ledger of its own: exit code, what it said, its complaint."""

    def open_run(folder: Path, *words: str) -> tuple[int, str, str]:
        place = ["--db", str(tmp_path / "landuse.db"), "--by", "王工"]
        code = main(["ledger", "open", str(folder), *words, *place])
        return (code, *capsys.readouterr())

    return open_run


def test_on_a_run_of_idle_land_alone_it_says_what_to_do(do: Do, tmp_path: Path) -> None:
    folder = write(tmp_path / "run", idle=[contract("C")], examined=["idle"])
    code, _, said = do(folder, "--kind", "low_efficiency")
    assert code == 2
    assert "没有做低效用地识别" in said
    assert "--kind idle" in said
    code, said, _ = do(folder)
    assert code == 0
    assert "没有做低效用地识别" in said
    assert "已开立 1 件台账" in said


def test_on_a_run_that_found_nothing_it_says_none(do: Do, tmp_path: Path) -> None:
    folder = write(tmp_path / "run", idle=[contract("C", "")], examined=["low_efficiency", "idle"])
    code, said, _ = do(folder, "--kind", "idle", "--lang", "zh")
    assert code == 0
    assert "做了闲置用地识别，发现 0 宗" in said
    code, said, _ = do(folder, "--kind", "idle", "--lang", "en")
    assert code == 0
    assert "looked for idle land and found none: 0 parcels" in said
