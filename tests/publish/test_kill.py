"""A kill at a random moment leaves the old output or the new one, never half."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

KILLS = int(os.environ.get("LANDUSE_KILLS", "12"))
ROOT = Path(__file__).parents[2]
WRITER = """
import sys
sys.path[:0] = [{tests!r}, {root!r}]
from pathlib import Path
from publish_county import make_run
from landuse.publish import OUTPUTS, write_run
runs = [make_run(), make_run(tax1=700.0)]
target = Path({target!r})
write_run(runs[0], target, outputs=OUTPUTS[:3])
print("ready", flush=True)
n = 0
while True:
    n += 1
    write_run(runs[n % 2], target, outputs=OUTPUTS[:3])
"""


def whole(folder: Path) -> str:
    """The run id of a folder whose every file is as its manifest says."""
    manifest = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != "run.json"
    }
    assert found == {name: one["sha256"] for name, one in manifest["files"].items()}
    return str(manifest["run_id"])


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_kill_leaves_the_old_output_or_the_new(tmp_path):
    target = tmp_path / "结果"
    script = WRITER.format(tests=str(ROOT / "tests/publish"), root=str(ROOT), target=str(target))
    chance = random.Random(20260630)
    inside, seen = 0, set()
    building = target.with_name(f".{target.name}.landuse-new")
    for _ in range(KILLS):
        child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0.0, 1.0))
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        # between the first write and the last rename: files are there, the manifest is not
        names = {path.name for path in building.iterdir()} if building.exists() else set()
        inside += bool(names) and "run.json" not in names
        seen.add(whole(target))
    assert seen <= {f"{600:010x}", f"{700:010x}"}
    assert inside * 3 >= KILLS, f"only {inside} of {KILLS} kills fell into the writing"
