"""Every input file with random bytes changed: exit code 0 or 2, nothing of the user's touched.

``LANDUSE_FUZZ=500`` tries more cases; the seed of a case is its number, so a failure can be had
again with ``-k "case-17"``.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import zipfile
from pathlib import Path

import pytest
from hostile_county import digests, full

from landuse.errors import UserError
from landuse.messages import LANGUAGES
from landuse.pipeline.check import check
from landuse.pipeline.identify import identify
from landuse.pipeline.init import init_project

CASES = int(os.environ.get("LANDUSE_FUZZ", "24"))
INSERTED = (
    b"NaN", b"1e999", b"\xff\xff\xff\x7f", b"-1", b"<", b'"', b"\0", b"9" * 30,
    "合计".encode("gbk"), b"\r\n", b",", b"\xe5", b"[" * 20,
)  # fmt: skip


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return full(tmp_path_factory.mktemp("county")).parent


def broken(data: bytes, chance: random.Random) -> bytes:
    """``data`` with bytes flipped, cut, doubled, blanked or inserted."""
    out = bytearray(data)
    at, length = chance.randrange(len(out)), chance.randrange(1, 200)
    match chance.randrange(6):
        case 0 | 1:
            for _ in range(chance.choice([1, 1, 2, 5, 20, 100])):
                out[chance.randrange(len(out))] = chance.randrange(256)
        case 2:
            del out[at:]
        case 3:
            out[at:at] = out[at : at + length]
        case 4:
            out[at : at + length] = bytes(min(length, len(out) - at))
        case _:
            out[at:at] = chance.choice(INSERTED)
    return bytes(out)


def in_words(error: UserError) -> None:
    """Every fault has its sentence, in both languages."""
    assert all(error.lines(lang) for lang in LANGUAGES)


def break_file(path: Path, chance: random.Random) -> None:
    """Change a file; a workbook mostly inside, with an archive that is sound."""
    data = path.read_bytes()
    if path.suffix != ".xlsx" or chance.random() < 0.25:
        path.write_bytes(broken(data, chance))
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    victim = chance.choice([name for name in content if "/sheet" in name or "xl/s" in name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in content.items():
            archive.writestr(name, broken(part, chance) if name == victim else part)


@pytest.mark.parametrize("number", range(CASES), ids=lambda number: f"case-{number}")
def test_a_broken_file_ends_in_a_result_or_in_words(
    county: Path, tmp_path: Path, number: int
) -> None:
    chance = random.Random(number)
    folder = tmp_path / "county"
    shutil.copytree(county, folder)
    names = sorted(path.name for path in folder.iterdir())
    break_file(folder / names[number % len(names)], chance)
    before = digests(folder)
    file = folder / "project.toml"
    try:
        if number % 3:
            checked = check(file, out=tmp_path / "issues.xlsx")
            counts = checked.inputs.counts if checked.inputs else None
        else:
            counts = identify(file, out=tmp_path / "run").computed.inputs.counts
        if counts is not None:
            assert (counts["read"] == counts["used"] + counts["set_aside"]).all()
    except UserError as error:
        in_words(error)
    assert digests(folder) == before


@pytest.mark.parametrize("number", range(max(4, CASES // 4)), ids=lambda n: f"init-{n}")
def test_a_broken_file_does_not_stop_the_survey(county: Path, tmp_path: Path, number: int) -> None:
    chance = random.Random(1000 + number)
    folder = tmp_path / "county"
    shutil.copytree(county, folder)
    names = sorted(path.name for path in folder.iterdir() if path.name != "project.toml")
    break_file(folder / names[chance.randrange(len(names))], chance)
    before = digests(folder)
    main = ("parcels.cpg", "parcels.dbf", "parcels.prj", "parcels.shp", "parcels.shx")
    others = [folder / name for name in names if name not in main]
    try:
        result = init_project(tmp_path / "new", folder / "parcels.shp", others)
        assert result.path.is_file()
    except UserError as error:
        in_words(error)
    assert digests(folder) == before
