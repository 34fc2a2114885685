"""Every finished run of a benchmark, a line each: what was stopped goes on where it was."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from report_speed import Row

__all__ = ["Kept", "revision"]

HERE = Path(__file__).resolve().parent


class Kept:
    """The lines of ``runs.jsonl`` in the folder of the report."""

    def __init__(self, out: Path) -> None:
        self._path = out / "runs.jsonl"
        self._revision = revision()
        self._rows: dict[tuple[int, str, int], Row] = {}
        self.revisions: list[str] = []
        if self._path.exists():
            for line in self._path.read_text(encoding="utf-8").splitlines():
                self._hold(json.loads(line))

    def find(self, parcels: int, job: str, turn: int) -> Row | None:
        """A run that was finished before, by whatever process."""
        return self._rows.get((parcels, job, turn))

    def keep(self, row: Row, turn: int) -> None:
        """One more finished run; it is on disk when this returns."""
        told = {**row._asdict(), "turn": turn, "revision": self._revision}
        told.pop("all")
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(told) + "\n")
        self._hold(told)

    def _hold(self, told: dict[str, object]) -> None:
        fields = {name: told[name] for name in Row._fields if name in told}
        row = Row(**fields)  # type: ignore[arg-type]
        self._rows[row.parcels, row.job, int(str(told["turn"]))] = row
        revision = str(told["revision"])
        if revision not in self.revisions:
            self.revisions.append(revision)


def revision() -> str:
    """The commit of this checkout, with ``+`` where something was changed since; "" outside one."""
    command = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        said = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said.stdout.strip()
