"""The life of a ledger whose planner's machine is switched off, again and again, as it writes.

Each round does one act (open a run, hand back a workbook, advance a case) by a command of its own
that is killed at some moment. A twin, made by backup, on which the same act is done in peace, says
what the ledger holds before and after it: the killed act must be wholly there or wholly absent.
"""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely
from book_desk import Edit
from fault_desk import Done, Picture, here, picture, run, settle, sound

from landuse.ledger import open_ledger
from landuse.ledger.backup import backup

ROOT = Path(__file__).resolve().parents[2]
LOW, IDLE = 20, 4
ACKNOWLEDGED = {"open": "已开立", "import": "已写入", "advance": "处改动，现为"}
KNOWN = {
    "sqlite": {"open": (370, 0.1, 1.5), "import": (150, 0.07, 1.5), "advance": (5, 0.01, 1.2)},
    "postgis": {"open": (66, 0.1, 1.5), "import": (570, 0.2, 1.8), "advance": (4, 0.01, 1.2)},
}
"""Until a round has measured them: steps and seconds from first write to end; seconds in all."""
MODES = ("step", "time", "step", "committed", "commit", "any", "step")
"""How a moment is chosen: a step from the first write on; any time from then on; right after the
first commit, when all of the act must be there; as it commits; any time from the start."""
MOVES: dict[str, tuple[str, ...]] = {
    "found": ("suspected", "--survey-note", "现场停产"),
    "suspected": ("publicised", "--from", "2026-03-01", "--to", "2026-03-08"),
    "publicised": ("confirmed", "--document", "认定书〔2026〕1号"),
    "confirmed": ("planned", "--way", "buy_back", "--unit", "经发局", "--person", "李明",
                  "--deadline", "2026-12-31"),
    "planned": ("in_disposal", "--started-on", "2026-02-01"),
}  # fmt: skip


def sample_run(folder: Path) -> Path:
    """The run folder of the shipped sample, made once in ``folder``."""
    home = folder / "sample-of-faults"
    if not home.exists():
        project = shutil.copytree(ROOT / "data" / "sample", home) / "project.toml"
        done = here("identify", str(project))
        assert done.code == 0, done.complained
    (made,) = (home / "runs").iterdir()
    return made


def another_run(sample: Path, folder: Path, number: int) -> Path:
    """A run of its own, ``number`` weeks after the sample's: 20 + 4 findings on other land."""
    to = folder / f"run-{number}"
    to.mkdir(parents=True)
    parcels = pq.read_table(sample / "parcels.parquet")
    low = parcels.filter(parcels["is_low_efficiency"]).slice(0, LOW)
    idle = pq.read_table(sample / "idle.parquet")
    found = pc.is_in(idle["finding"], pa.array(["not_started", "stalled"]))
    idle = idle.filter(found).slice(0, IDLE)
    links = pq.read_table(sample / "links.parquet")
    links = links.filter(pc.is_in(links["parcel_id"], low["parcel_id"].combine_chunks()))
    for name, table in (("parcels", low), ("idle", idle), ("links", links)):
        pq.write_table(_moved(table, number), to / f"{name}.parquet")
    for name in ("units", "corrections"):
        shutil.copy(sample / f"{name}.parquet", to)
    manifest = json.loads((sample / "run.json").read_text(encoding="utf-8"))
    manifest["run_id"] = f"run{number}"
    manifest["project"]["as_of"] = f"2026-{7 + number // 28:02d}-{1 + number % 28:02d}"
    (to / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    return to


def _moved(table: pa.Table, number: int) -> pa.Table:
    codes = pa.array([f"{code}-{number}" for code in table["parcel_id"].to_pylist()])
    table = table.set_column(table.column_names.index("parcel_id"), "parcel_id", codes)
    if "geometry" not in table.column_names:
        return table
    shapes = shapely.from_wkb(table["geometry"].to_pylist())
    away = shapely.transform(shapes, lambda points: np.add(points, (20_000.0 * number, 0)))
    place = table.column_names.index("geometry")
    return table.set_column(place, "geometry", pa.array(shapely.to_wkb(away), pa.binary()))


@dataclass
class Told:
    """What became of the kills: (act, phase) → how many; ``there``: killed, yet wholly there."""

    phases: Counter[tuple[str, str]] = field(default_factory=Counter)
    there: int = 0

    @property
    def kills(self) -> int:
        return sum(n for (_, phase), n in self.phases.items() if phase != "finished")

    @property
    def in_writing(self) -> int:
        """Kills between the first write of a transaction and the end of its commit."""
        return sum(n for (_, phase), n in self.phases.items() if phase in {"writing", "committing"})

    def __str__(self) -> str:
        lines = [f"  {act:8} {phase:11} {n}" for (act, phase), n in sorted(self.phases.items())]
        head = f"{self.kills} kills, {self.in_writing} between first write and end of commit,"
        return "\n".join([f"{head} {self.there} of the killed acts wholly there", *lines])


class Life:
    """One ledger, from nothing on."""

    def __init__(
        self, url: str, folder: Path, sample: Path, told: Told, *, seed: int, fresh: bool
    ) -> None:
        """``fresh``: what was absent after a kill is done again by a process of its own too."""
        self.url, self.folder, self.sample, self.told = url, folder, sample, told
        self.random, self.fresh = random.Random(seed), fresh
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        self.runs = 0
        self.kept: Picture = {}
        self.known = dict(KNOWN["postgis" if "://" in url else "sqlite"])
        self.acts: dict[str, Callable[[], list[str]]] = {
            "open": self._open,
            "import": self._import,
            "advance": self._advance,
        }

    def round(self, number: int, act: str, mode: str) -> None:
        """One act, killed at some moment; done again if it is absent then."""
        assert picture(self.url) == self.kept  # nothing acknowledged was lost meanwhile
        command = self.acts[act]()
        after = self._in_peace(number, command)
        assert after != self.kept
        done = run([*command, "--db", self.url], self.home, **self._moment(act, mode))
        self._judge(act, done, after)
        if picture(self.url) != after:
            command += ["--db", self.url]
            again = run(command, self.home) if self.fresh else here(*command)
            assert (again.code, ACKNOWLEDGED[act] in again.said) == (0, True), again.complained
            self._learn(act, again)
            assert picture(self.url) == after
            sound(self.url)
        self.kept = after
        self._backups_are_sound()

    def end(self) -> None:
        """The next command of the last act."""
        done = run(["ledger", "verify", "--db", self.url], self.home)
        assert done.code == 0, done.complained
        assert picture(self.url) == self.kept

    def _judge(self, act: str, done: Done, after: Picture) -> None:
        assert done.code in {0, -9}, done.complained
        settle(self.url)
        sound(self.url)
        now = picture(self.url)
        assert now in (self.kept, after), "half an act"
        if done.code == 0 or ACKNOWLEDGED[act] in done.said:
            assert now == after, "acknowledged and lost"
        self.told.phases[act, done.phase if done.code else "finished"] += 1
        if done.code == 0:
            self._learn(act, done)
        elif now == after:
            self.told.there += 1
        self._backups_are_sound()

    def _moment(self, act: str, mode: str) -> dict[str, Any]:
        steps, seconds, whole = self.known[act]
        if mode == "step":
            return {"last": self.random.randint(1, max(1, steps))}
        if mode == "time":
            return {"after": ("write", self.random.uniform(0, seconds))}
        if mode == "committed":
            return {"last": self.random.randint(2, 4), "of": "commit"}
        if mode == "commit":
            return {"after": ("commit", self.random.uniform(0, 0.004))}
        return {"seconds": self.random.uniform(0.3 * whole, whole)}

    def _learn(self, act: str, done: Done) -> None:
        if not done.steps:
            return
        steps, seconds = done.from_first_write
        whole = (done.steps[-1][0] - done.steps[0][0]) / 1e9
        self.known[act] = (steps, seconds, 1.0 + whole)

    def _in_peace(self, number: int, command: list[str]) -> Picture:
        """What the act makes of a twin of the ledger."""
        twin = self.folder / f"twin-{number}.db"
        if self.kept:
            with open_ledger(self.url) as ledger:
                backup(ledger, twin)
        done = here(*command, "--db", str(twin))
        assert done.code == 0, done.complained
        drawn = picture(str(twin))
        for one in self.folder.glob(f"{twin.name}*"):
            one.unlink()
        shutil.rmtree(self.folder / "backups", ignore_errors=True)
        return drawn

    def _open(self) -> list[str]:
        self.runs += 1
        run_folder = another_run(self.sample, self.folder, self.runs)
        return ["ledger", "open", str(run_folder), "--kind", "both", "--by", "甲"]

    def _import(self) -> list[str]:
        """A workbook with a third of its cases edited."""
        book = self.folder / f"book-{self.random.getrandbits(40)}.xlsx"
        assert here("ledger", "export", str(book), "--db", self.url).code == 0
        edit = Edit(book)
        for number in self._numbers():
            if self.random.random() < 1 / 3:
                edit.put(number, 备注=f"第 {self.random.getrandbits(30)} 次核实", 责任单位="经发局")
        edit.put(self._numbers()[0], 进展=f"{self.random.getrandbits(30)}")
        edit.save()
        return ["ledger", "import", str(book), "--yes", "--by", "乙"]

    def _advance(self) -> list[str]:
        with open_ledger(self.url) as ledger, ledger.read() as session:
            from landuse.ledger.reading import Wanted, lines

            open_ = [one for one in lines(session, Wanted()) if one.state in MOVES]
        one = self.random.choice(open_)
        return ["ledger", "advance", one.number, *MOVES[one.state], "--by", "丙"]

    def _numbers(self) -> list[str]:
        from sqlalchemy import select

        from landuse.ledger.models import Case

        with open_ledger(self.url) as ledger, ledger.read() as session:
            return list(session.scalars(select(Case.number).order_by(Case.id)))

    def _backups_are_sound(self) -> None:
        """No automatic backup is half a file: each opens, verifies, and holds cases."""
        folder = Path(self.url).parent if "://" not in self.url else self.home / ".landuse"
        for file in (folder / "backups").glob("*.db"):
            copy = shutil.copy(file, self.folder / "looked-at.db")
            assert picture(str(copy)).get("cases"), file.name
            sound(str(copy))
            for one in self.folder.glob("looked-at.db*"):
                one.unlink()


def live(life: Life, kills: int, first: int = 0) -> None:
    """Acts in turn until so many were killed, at moments of every kind for each act."""
    whole, number = life.told.kills + kills, 0
    while life.told.kills < whole:
        assert number < 4 * kills, f"too quick to be killed\n{life.told}"
        act = list(ACKNOWLEDGED)[number % 3]
        life.round(number, act, MODES[(first + number) % len(MODES)])
        number += 1
    life.end()
