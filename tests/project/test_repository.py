"""The repository is laid out as promised, and its documents tell the truth."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from landuse.cli.app import build
from landuse.messages import LANGUAGES, codes, sentence

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TOP = {
    *("landuse", "data", "notebooks", "maps", "tests", "pyproject.toml", "environment.yml"),
    *("README.md", "LICENSE", "CHANGELOG.md"),
}


def _tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "-c", "core.quotepath=off", "ls-files"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return listed.stdout.splitlines()


def test_top_level_holds_nothing_else() -> None:
    top = {name.split("/")[0] for name in _tracked()}
    assert {name for name in top if not name.startswith(".")} == TOP


def test_sample_is_small() -> None:
    sample = [ROOT / name for name in _tracked() if name.startswith("data/sample/")]
    assert sum(path.stat().st_size for path in sample) < 4_000_000


def test_no_module_is_a_town() -> None:
    sizes = {
        name: len((ROOT / name).read_text(encoding="utf-8").splitlines())
        for name in _tracked()
        if name.startswith("landuse/") and name.endswith(".py")
    }
    assert {name: size for name, size in sizes.items() if size > 400} == {}


def _commands() -> list[str]:
    app = build("en")
    names = [command.name for command in app.registered_commands]
    for group in app.registered_groups:
        assert group.typer_instance is not None
        inner = group.typer_instance.registered_commands
        names += [f"{group.name} {command.name}" for command in inner]
    return [name for name in names if name]


@pytest.mark.parametrize("command", _commands())
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"landuse {command}" in README


@pytest.mark.parametrize("name", ["demo", "test"])
def test_ci_runs_the_readme_commands(name: str) -> None:
    assert README.count(f"<!-- command: {name} -->") == 1
    assert f"readme_command {name}" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def _sources() -> str:
    files = [name for name in _tracked() if re.match(r"landuse/.*\.(py|js|html)$", name)]
    return "\n".join((ROOT / name).read_text(encoding="utf-8") for name in files)


def test_every_sentence_is_known_and_used() -> None:
    source = _sources()
    rooms = {code.split(".")[0] for code in codes()}
    named = re.findall(r'"([a-z_]+)\.([a-z0-9_]+)"', source)
    unknown = {f"{room}.{key}" for room, key in named if room in rooms} - set(codes())
    files = (".toml", ".py", ".js", ".csv", ".parquet", ".arrow", ".html", ".xlsx", ".json")
    assert {code for code in unknown if not code.endswith(files)} - {"rules.override"} == set()
    words = set(re.findall(r"[A-Za-z_0-9]+", source))
    used = {f"{room}.{key}" for room, key in named}
    built = tuple(re.findall(r"f[\"']([a-z_]+\.[a-z0-9_]*)\{", source))
    built += tuple(f"map.{begin}" for begin in re.findall(r'"([a-z_]+_)" \+', source))  # the page
    joined = re.findall(r"""([a-z0-9_]+_)(?:\{|["'])""", source)
    stems = tuple({stem for stem in joined if len(stem) > 3})
    idle = {
        code
        for code in codes()
        if code not in used
        and not code.startswith(built)
        and code.split(".")[1] not in words
        and not code.split(".")[1].startswith(stems)
    }
    assert idle - {"ground.total"} == set()


def _fields(template: str) -> set[str]:
    """The values that a sentence takes; those in two languages (``title_zh``) count as one."""
    bare = template.replace("{{", "").replace("}}", "")
    return {re.sub(r"_(zh|en)$", "", name) for name in re.findall(r"\{([a-z_0-9]+)", bare)}


@pytest.mark.parametrize("code", codes())
def test_both_languages_say_the_same(code: str) -> None:
    entry = sentence(code)
    assert all(entry[lang] for lang in LANGUAGES)
    if "severity" in entry:
        assert _fields(entry["zh"]) == _fields(entry["en"])
    assert bool(entry.get("hint_zh")) == bool(entry.get("hint_en"))
    assert _fields(entry.get("hint_zh", "")) == _fields(entry.get("hint_en", ""))


def test_faults_say_what_to_do() -> None:
    faults = [code for code in codes() if sentence(code).get("severity") == "error"]
    assert [code for code in faults if not sentence(code).get("hint_zh")] == []


def test_packs_are_shipped_in_the_package_data() -> None:
    packs = sorted((ROOT / "landuse" / "rules" / "packs").glob("*.toml"))
    assert len(packs) >= 2
    names = [tomllib.loads(path.read_text(encoding="utf-8"))["pack"]["name"] for path in packs]
    assert names == [path.stem for path in packs]


def test_modules_of_the_tests_have_names_of_their_own() -> None:
    """Without packages in ``tests`` two modules of one name keep pytest from collecting either."""
    found = [path for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    names = [path.name for path in found if path.parent.name != "benchmarks"]  # never collected
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
