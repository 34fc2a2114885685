"""Reviewers who decide at once before a real server, and what the ledger holds of it afterwards."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
from api_desk import API, PUBLISHED, RUN, codes, plot
from argon2 import PasswordHasher
from served_site import AT, make_project
from sqlalchemy import select

from landuse.ledger import accounts, open_ledger
from landuse.ledger.events import history
from landuse.ledger.models import Case, Event
from landuse.ledger.review_models import Review
from landuse.ledger.verify import verify

PASSWORD = "eine lange Parole 2026"
VERDICTS = ("confirm", "reject", "survey", "defer")
HOT = 5
"""Plots that everybody decides on; the others are spread over all."""
ROOT = Path(__file__).resolve().parents[2]


def large_project(folder: Path, copies: int) -> Path:
    """The small project with ``copies`` times its plots."""
    project = make_project(folder)
    file = folder / "runs" / "one" / "parcels.parquet"
    parcels = pq.read_table(file)
    place = parcels.column_names.index("parcel_id")
    codes = parcels["parcel_id"].to_pylist()
    more = [
        parcels.set_column(place, "parcel_id", pa.array([f"{code}-{number}" for code in codes]))
        for number in range(1, copies)
    ]
    pq.write_table(pa.concat_tables([parcels, *more]), file)
    return project


def hire(url: str, number: int) -> list[str]:
    """Accounts of so many reviewers, with passwords that cost little."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    before, names = accounts._hasher, [f"评审{one:02d}" for one in range(number)]
    accounts._hasher = lambda: cheap  # type: ignore[assignment]
    try:
        with open_ledger(url) as ledger, ledger.write() as session:
            for name in names:
                accounts.create(session, name, "reviewer", PASSWORD, by="t", at=AT)
    finally:
        accounts._hasher = before
    return names


@contextlib.contextmanager
def served(project: Path, url: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server in a process of its own; ended however it stands when the block ends."""
    entry = "import sys; from landuse.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", entry, "serve", str(project), "--port", "0", "--no-browser"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "LANDUSE_LANG": "zh", "LANDUSE_DB": url},
    ) as process:
        assert process.stdout is not None
        try:
            found, said = None, ""
            while found is None:
                line = process.stdout.readline()
                said += line
                assert line, said
                found = re.search(r"http://127\.0\.0\.1:\d+", line)
            drain = threading.Thread(target=process.stdout.read, daemon=True)
            drain.start()
            yield found[0], process
        finally:
            process.kill()
            process.wait()


@dataclass
class Account:
    """What the reviewers were told: the reviews that were acknowledged, and the refusals."""

    kept: dict[int, dict[str, Any]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    cut: int = 0
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __str__(self) -> str:
        return f"{len(self.kept)} kept, {self.cut} cut off, refused: {dict(self.refused)}"

    def note(self, name: str, answer: httpx.Response) -> dict[str, Any] | None:
        """One answer: a review, or a refusal in words (the ledger may be busy, too)."""
        with self.lock:
            if answer.status_code == 201:
                line: dict[str, Any] = answer.json()
                assert line["by"] == name
                assert line["id"] not in self.kept, "one review acknowledged twice"
                self.kept[line["id"]] = line
                return line
            if answer.status_code not in {409, 422}:
                self.wrong.append(f"{answer.status_code} {answer.text[:300]}")
            else:
                self.refused.update(codes(answer)[:1])
        return None


@dataclass
class Reviewer:
    """One reviewer with a seed of their own."""

    name: str
    address: str
    account: Account
    plots: list[str]
    dice: random.Random

    def work(self, decisions: int) -> None:
        """Log in and decide; a server that is gone ends it."""
        try:
            with httpx.Client(base_url=self.address, timeout=120) as client:
                said = {"name": self.name, "password": PASSWORD}
                token = client.post(f"{API}/login", json=said).raise_for_status().json()["token"]
                client.headers["Authorization"] = f"Bearer {token}"
                for _ in range(decisions):
                    self._decide(client)
        except httpx.TransportError:
            with self.account.lock:
                self.account.cut += 1
        except (httpx.HTTPError, AssertionError, KeyError) as fault:  # is the test's
            with self.account.lock:
                self.account.wrong.append(repr(fault))

    def _decide(self, client: httpx.Client) -> None:
        dice = self.dice
        parcel = self.plots[dice.randrange(HOT if dice.random() < 0.5 else len(self.plots))]
        for verdict in dice.sample(VERDICTS, 3):
            asked = {"parcel_id": parcel, "verdict": verdict}
            answer = client.get(f"{API}/runs/{RUN}/proposal", params=asked)
            if answer.status_code != 200:
                self.account.note(self.name, answer)
                return
            seen = answer.json()
            if seen["refused"] is None:
                break
        form = {**asked, "comment": f"{self.name}看过", "expected_revision": seen["revision"]}
        if "publication_from" in seen["needs"]:
            form |= PUBLISHED
        line = self.account.note(self.name, client.post(f"{API}/runs/{RUN}/reviews", json=form))
        if line is not None and dice.random() < 0.15:
            answer = client.post(f"{API}/reviews/{line['id']}/undo", json={"why": "按错了"})
            self.account.note(self.name, answer)


def plots_of(copies: int) -> list[str]:
    """The hot plots first: those on which the run found something, as many as there are."""
    codes = [f"{plot(one)}{tail}" for tail in _tails(copies) for one in range(1, 13)]
    return sorted(codes, key=lambda code: not code.startswith(plot(1)))


def _tails(copies: int) -> list[str]:
    return ["", *(f"-{number}" for number in range(1, copies))]


def begin(
    address: str, names: list[str], account: Account, copies: int, decisions: int, seed: int
) -> list[threading.Thread]:
    """All reviewers at work."""
    plots = plots_of(copies)
    threads = [
        threading.Thread(
            target=Reviewer(name, address, account, plots, random.Random(f"{seed} {name}")).work,
            args=(decisions,),
        )
        for name in names
    ]
    for thread in threads:
        thread.start()
    return threads


def together(
    project: Path, url: str, *, reviewers: int, decisions: int, copies: int, seed: int
) -> Account:
    """Everybody decides at once; nothing may be lost, doubled or unsaid."""
    names, account = hire(url, reviewers), Account()
    with served(project, url) as (address, _process):
        for thread in begin(address, names, account, copies, decisions, seed):
            thread.join(1800)
            assert not thread.is_alive()
    assert account.wrong == []
    assert account.cut == 0
    agrees(url, account, unheard=0)
    return account


def killed(
    project: Path, url: str, *, times: int, reviewers: int, copies: int, seed: int
) -> Account:
    """A server killed again and again while everybody decides; what was acknowledged is there."""
    names, account, dice = hire(url, reviewers), Account(), random.Random(seed)
    for number in range(times):
        before = len(account.kept)
        with served(project, url) as (address, process):
            threads = begin(address, names, account, copies, 10_000, seed + number)
            wanted = before + dice.randint(1, 25)
            while len(account.kept) < wanted and any(one.is_alive() for one in threads):
                threads[0].join(dice.uniform(0.001, 0.01))
            process.send_signal(signal.SIGKILL)
            for thread in threads:
                thread.join(120)
                assert not thread.is_alive()
        assert account.wrong == []
        agrees(url, account, unheard=reviewers * (number + 1))
    assert account.cut == times * reviewers
    return account


def agrees(url: str, account: Account, *, unheard: int) -> None:
    """The ledger is sound and holds exactly what was acknowledged, but for ``unheard`` answers."""
    with open_ledger(url) as ledger, ledger.read() as session:
        assert verify(session) == []
        rows = {row.id: row for row in session.scalars(select(Review))}
        events = {
            row.id: history(session, session.get_one(Case, row.case_id)) for row in rows.values()
        }
        assert session.scalars(select(Event.by).where(Event.by.not_like("评审%"))).all() == []
    assert set(account.kept) <= set(rows), "acknowledged and lost"
    assert len(rows) - len(account.kept) <= unheard, "written without anybody having asked"
    for key, line in account.kept.items():
        row = rows[key]
        told = (line["parcel_id"], line["verdict"], line["by"], line["revision"], line["to_state"])
        assert told == (row.parcel_id, row.verdict, row.by, row.revision, row.to_state)
        acts = [one for one in events[key] if row.act <= one.seq <= row.revision]
        assert acts, "a review without an event"
        assert {one.by for one in acts} == {line["by"]}
    numbers = [(row.case_id, row.revision) for row in rows.values()]
    assert len(numbers) == len(set(numbers)), "two reviews on one state"
