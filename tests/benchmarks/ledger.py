"""Benchmark: ``python tests/benchmarks/ledger.py [cases]`` prints a Markdown table.

A ledger of ``cases`` (default 100 000) through its year, on SQLite and on PostGIS (a throw-away
cluster without fsync): opened from a run, exported as a workbook, handed back as it is and with one
row in a hundred edited, a second run that finds only every other parcel, totals, verify, backup,
and a copy into the other kind of database. Each step is a process of its own; its peak is that of
the process, without the server, whose CPU seconds stand beside those of the step (on a busy machine
they say more than wall seconds). Times are printed once both databases hold the same in every byte.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent), str(HERE)]

if TYPE_CHECKING:
    from ledger_databases import Cluster

    from landuse.ledger import Ledger

OPENED: Final = dt.datetime(2026, 7, 1, 1, tzinfo=dt.UTC)
BACK: Final = dt.datetime(2026, 7, 11, 1, tzinfo=dt.UTC)
AGAIN: Final = dt.datetime(2027, 7, 1, 1, tzinfo=dt.UTC)
EACH: Final = 100
"""One row in so many is edited."""


def main() -> None:
    """Make the runs once, then go through every step on both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="?", type=int, default=100_000)
    parser.add_argument("--child", nargs=4, metavar=("STEP", "URL", "OTHER", "FOLDER"))
    options = parser.parse_args()
    if options.child:
        name, url, other, folder = options.child
        print(json.dumps(child(name, url, other, Path(folder))))
        return
    from ledger_databases import Cluster

    cluster = Cluster()
    with tempfile.TemporaryDirectory() as scratch:
        runs = Path(scratch)
        run("make", str(options.cases), "", runs)
        before = os.getloadavg()[0]
        told: dict[str, dict[str, dict[str, Any]]] = {}
        for kind in ("SQLite", "PostGIS"):
            folder = runs / kind
            folder.mkdir()
            file = str(folder / "landuse.db")
            url = file if kind == "SQLite" else cluster.new()
            other = cluster.new() if kind == "SQLite" else file
            told[kind] = {name: run(name, url, other, folder, cluster) for name in STEPS}
        check(told, options.cases)
    report(told, options.cases, before)


def run(
    name: str, url: str, other: str, folder: Path, cluster: Cluster | None = None
) -> dict[str, Any]:
    """One step in a new process."""
    command = [sys.executable, __file__, "--child", name, url, other, str(folder)]
    print(f"{name} …", file=sys.stderr, flush=True)
    before = served(cluster)
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**found, "server": served(cluster) - before}


def served(cluster: Cluster | None) -> float:
    """CPU seconds of all sessions that the server has ended (0 where the system does not tell)."""
    if cluster is None or not Path("/proc").is_dir():
        return 0.0
    time.sleep(0.5)  # the last session is still being buried
    postmaster = (cluster.data / "postmaster.pid").read_text().split()[0]
    fields = Path(f"/proc/{postmaster}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def child(name: str, url: str, other: str, folder: Path) -> dict[str, Any]:
    """What a step answers, its wall and CPU seconds, and the peak of the whole process."""
    if name == "make":
        from ledger_runs import make

        make(int(url), folder)
        return {}
    from landuse.ledger import open_ledger

    with open_ledger(url, backups=folder / "backups") as ledger:
        start, before = time.perf_counter(), time.process_time()
        answer = STEPS[name](ledger, folder, other)
        wall, cpu = time.perf_counter() - start, time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"answer": answer, "wall": wall, "cpu": cpu, "peak": peak}


def check(told: dict[str, dict[str, dict[str, Any]]], cases: int) -> None:
    """Both databases answer the same, and what the runs were made for."""
    for name in STEPS:
        here, there = (told[kind][name]["answer"] for kind in told)
        assert here == there, (name, here, there)
    said = {name: one["answer"] for name, one in told["SQLite"].items()}
    gone = (cases + 1) // 2
    assert said["open"] == {"rows": cases, "judged": 0}, said["open"]
    assert said["export"]["rows"] == cases
    assert said["hand back, unedited"] == {"rows": cases, "refused": 0, "changes": 0}
    edited = -(-cases // EACH)
    for name in ("hand back, 1 % edited: preview", "hand back, 1 % edited: import"):
        assert said[name] == {"rows": cases, "refused": 0, "changes": edited}, said[name]
    assert said["half of the findings gone"] == {"rows": gone, "new": 0}, said
    assert said["totals"]["sums"]["cases"] == cases
    assert said["verify"]["faults"] == []
    assert said["backup"]["cases"] == cases
    assert said["copy"]["tables"]["cases"][0] == cases


def report(told: dict[str, dict[str, dict[str, Any]]], cases: int, before: float) -> None:
    """The table, and how busy the machine was."""
    print("| step | database | rows | wall s | CPU s | server CPU s | peak MB | rows/s |")
    print("|---|---|---|---|---|---|---|---|")
    for name in (name for name in STEPS if name not in UNTIMED):
        for kind, steps in told.items():
            one = steps[name]
            rows = one["answer"]["rows"]
            to = f" to {'PostGIS' if kind == 'SQLite' else 'SQLite'}" if name == "copy" else ""
            print(
                f"| {name}{to} | {kind} | {rows:,} | {one['wall']:.1f} | {one['cpu']:.1f} |"
                f" {one['server']:.1f} | {one['peak']:.0f} | {rows / one['wall']:,.0f} |"
            )
    after, cores = os.getloadavg()[0], os.cpu_count()
    print(f"\n{cases:,} cases; load {before:.1f} before, {after:.1f} after, of {cores} cores.")


def open_(ledger: Ledger, folder: Path, _other: str) -> dict[str, Any]:
    """Run folder read, recorded, and a case for each parcel with a finding."""
    done = _open(ledger, folder.parent / "run1", OPENED)
    return {"rows": len(done.cases), "judged": len(done.recorded.judged)}


def gone(ledger: Ledger, folder: Path, _other: str) -> dict[str, Any]:
    """The second run: what it finds no more is noted in each case."""
    done = _open(ledger, folder.parent / "run2", AGAIN)
    return {"rows": len(done.recorded.judged), "new": len(done.cases)}


def _open(ledger: Ledger, run: Path, at: dt.datetime) -> Any:
    from landuse.pipeline.ledger import open_found_cases

    return open_found_cases(ledger, run, "both", by="王工", at=at)


def export(ledger: Ledger, folder: Path, _other: str) -> dict[str, Any]:
    """All cases as a workbook."""
    from landuse.pipeline.ledger_book import export_ledger

    done = export_ledger(ledger, folder / "台账.xlsx", at=OPENED)
    return {"rows": done.cases, "mu_e4": done.mu_e4}


def edit(ledger: Ledger, folder: Path, _other: str) -> dict[str, Any]:
    """The workbook as somebody would hand it back: progress written, or the case moved on."""
    from landuse.ledger.reading import Wanted
    from landuse.pipeline.ledger_book import view_of
    from landuse.publish.ledger_book import write_ledger

    with ledger.read() as session:
        view = view_of(session, Wanted(), at=OPENED, lang="zh")
    for place, (_, row) in enumerate(view.cases[::EACH]):
        if place % 2:
            row |= {"state": "suspected", "basis": "实地踏勘记录"}
        else:
            row |= {"progress": "已约谈企业", "responsible_unit": "经发局"}
    write_ledger(view, folder / "改.xlsx")
    return {"rows": len(view.cases)}


def unedited(ledger: Ledger, folder: Path, _other: str) -> dict[str, Any]:
    """The workbook handed back as it was."""
    return _said(_preview(ledger, folder / "台账.xlsx"))


def preview(ledger: Ledger, folder: Path, _other: str) -> dict[str, Any]:
    """The edited workbook: what it would change."""
    return _said(_preview(ledger, folder / "改.xlsx"))


def import_(ledger: Ledger, folder: Path, _other: str) -> dict[str, Any]:
    """The edited workbook: previewed and written, with the backup before."""
    from landuse.pipeline.ledger_book_import import apply_import

    found = _preview(ledger, folder / "改.xlsx")
    done = apply_import(ledger, found)
    assert done.changed == len(found.applicable)
    return _said(found)


def _preview(ledger: Ledger, path: Path) -> Any:
    from landuse.pipeline.ledger_book_import import preview_import

    return preview_import(ledger, path, by="赵六", at=BACK)


def _said(found: Any) -> dict[str, Any]:
    changes, refused = len(found.applicable), len(found.refused)
    return {"rows": found.unchanged + changes + refused, "refused": refused, "changes": changes}


def totals(ledger: Ledger, _folder: Path, _other: str) -> dict[str, Any]:
    """What the ledger adds up to."""
    from landuse.ledger.totals import totals as add_up

    with ledger.read() as session:
        sums = add_up(session)
    return {"rows": sums["cases"], "sums": sums}


def verify(ledger: Ledger, _folder: Path, _other: str) -> dict[str, Any]:
    """Every invariant."""
    from sqlalchemy import func, select

    from landuse.ledger.models import Event
    from landuse.ledger.verify import verify as prove

    with ledger.read() as session:
        faults = [issue.message() for issue in prove(session)]
        events = session.scalar(select(func.count()).select_from(Event))
    return {"rows": events, "faults": faults}


def backup(ledger: Ledger, folder: Path, _other: str) -> dict[str, Any]:
    """One SQLite file, checked."""
    from landuse.ledger.backup import backup as save

    counts = save(ledger, folder / "backup.db")
    return {"rows": sum(counts.values()), **counts}


def copy(ledger: Ledger, _folder: Path, other: str) -> dict[str, Any]:
    """Every row into the other kind of database, read back and replayed."""
    from landuse.ledger.copying import copy as copy_to

    tables = {table: [one.rows, one.sums] for table, one in copy_to(ledger, other).items()}
    return {"rows": sum(rows for rows, _ in tables.values()), "tables": tables}


def contents(ledger: Ledger, _folder: Path, _other: str) -> dict[str, Any]:
    """A digest of every table, without keys: a preview uses some up on PostGIS."""
    from landuse.ledger import canonical

    digests = {}
    with ledger.read() as session:
        connection = session.connection()
        for table in canonical.tables(connection):
            names = [name for name in canonical.table_columns(connection, table) if name != "id"]
            digest = hashlib.sha256()
            for row in canonical.read(connection, table, names):
                digest.update(repr(row).encode())
            digests[table] = digest.hexdigest()
    return {"digests": digests}


STEPS: Final[dict[str, Callable[[Any, Path, str], dict[str, Any]]]] = {
    "open": open_,
    "export": export,
    "hand back, unedited": unedited,
    "edit": edit,
    "hand back, 1 % edited: preview": preview,
    "hand back, 1 % edited: import": import_,
    "half of the findings gone": gone,
    "totals": totals,
    "verify": verify,
    "backup": backup,
    "copy": copy,
    "contents": contents,
}
UNTIMED: Final = frozenset({"edit", "contents"})
"""What somebody does at a desk, and what proves the rest."""


if __name__ == "__main__":
    main()
