"""Project files that nobody would write on purpose: every one ends in a message."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hostile_county import book, plain, text_table

from landuse.errors import UserError
from landuse.intake.project import files_of, load_project
from landuse.rules.document import parse


def inputs(file: Path) -> None:
    project = load_project(file)
    files_of(project.parcels, project)
    files_of(project.enterprises, project)


def faults(file: Path) -> list[str]:
    with pytest.raises(UserError) as error:
        inputs(file)
    error.value.lines("zh")
    return [issue.code for issue in error.value.issues]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("year = 2025", f"year = {'9' * 5000}", "rules.broken_toml"),
        ("year = 2025", f"year = 2025\nx = {'[' * 3000}{']' * 3000}", "rules.broken_toml"),
        ("year = 2025", f"year = 2025\n# {'x' * (1 << 20)}", "rules.file_too_large"),
        ('"parcels.gpkg"', '"**x/[*.shp"', "project.nothing_fits"),
        ('"parcels.gpkg"', '"a**b/*.shp"', "project.nothing_fits"),
        ('"parcels.gpkg"', f'"{"a" * 5000}*.shp"', "project.nothing_fits"),
        ('"parcels.gpkg"', f'"{"a" * 5000}.shp"', "project.file_closed"),
        ('"parcels.gpkg"', '"x.csv"\nencoding = "undefined"', "project.bad_encoding"),
        ('"parcels.gpkg"', '"x.csv"\nencoding = "utf\\u0000"', "project.bad_encoding"),
    ],
    ids=["digits", "brackets", "large", "glob", "stars", "long glob", "long", "undefined", "nul"],
)
def test_odd_statements_are_faults_of_the_file(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    file = plain(tmp_path)
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    assert faults(file) == [code]


def test_thousands_of_faults_are_told_in_time() -> None:
    # each line was once searched by parsing every head of the file: 3000 × 6000 heads
    source = "".join(f"[x{number}]\na = {number}\n" for number in range(3000))
    document = parse(source, "p.toml")
    lines = [document.line((f"x{number}",)) for number in range(3000)]
    assert lines[:3] == [1, 3, 5]
    assert lines[-1] is None


def test_line_of_a_key_is_exact_in_every_layout() -> None:
    source = (
        'a = """\nb = 1\n"""\nlist = [\n  1,\n  2,\n]\n[t]\n\nb = 1\n[[u]]\nx = 1\n[[u]]\ny = 2\n'
    )
    document = parse(source, "p.toml")
    found = {key: document.line(key) for key in (("a",), ("list",), ("t", "b"), ("u", 1, "y"))}
    assert found == {("a",): 1, ("list",): 4, ("t", "b"): 10, ("u", 1, "y"): 14}


def test_an_endless_project_file_is_not_read_to_its_end() -> None:
    zero = Path("/dev/zero")
    if not zero.exists():
        pytest.skip("no endless file here")
    assert faults(zero) == ["rules.file_too_large"]


def test_a_pattern_means_inputs_not_our_own_workbooks(tmp_path: Path) -> None:
    file = plain(tmp_path, enterprises="*.xlsx")
    made = tmp_path / "issues.xlsx"
    import xlsxwriter

    with xlsxwriter.Workbook(made) as ours:
        ours.set_properties({"company": "landuse", "title": "数据问题"})
        ours.add_worksheet()
    run = tmp_path / "runs"
    run.mkdir()
    (run / "run.json").write_text("{}", encoding="utf-8")
    shutil.copy(tmp_path / "enterprises.xlsx", run / "results.xlsx")
    project = load_project(file)
    assert [path.name for path in files_of(project.enterprises, project)] == ["enterprises.xlsx"]
    file.write_text(
        file.read_text(encoding="utf-8").replace('"*.xlsx"', '"runs/*.xlsx"'), encoding="utf-8"
    )
    project = load_project(file)  # a pattern that can only mean outputs means them
    assert [path.name for path in files_of(project.enterprises, project)] == ["results.xlsx"]


def test_broken_workbooks_beside_a_pattern_are_still_inputs(tmp_path: Path) -> None:
    file = plain(tmp_path, enterprises="*.xlsx")
    text_table(tmp_path / "b.xlsx", [["no archive"]])
    book(tmp_path / "c.xlsx", [["a"]])
    project = load_project(file)
    names = [path.name for path in files_of(project.enterprises, project)]
    assert names == ["b.xlsx", "c.xlsx", "enterprises.xlsx"]


@pytest.mark.parametrize(
    "name",
    [
        *("x", "uscc", "name", "year", "row", "tax", "tax_wan", "tax_wan_micro", "energy_tce"),
        *("unit_id", "status", "_year", "tce_from_coal", "coal", "production_started_on"),
        "tax_wan_per_mu",
    ],
)
def test_a_cohort_cannot_be_a_column_that_means_something_else(tmp_path: Path, name: str) -> None:
    file = plain(tmp_path, override={"cohort_by": f'["division", "{name}"]'})
    assert faults(file) == ["rules.name_taken"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("area_gap_share", f'"{"9" * 400}"'),
        ("area_gap_mu", "9999999999999999"),
        ("share", f'"0.{"1" * 400}"'),
        ("grace_months", "99999999999999999999"),
        ("min_cohort", "10001"),
    ],
)
def test_values_beyond_measure_are_no_values(tmp_path: Path, name: str, value: str) -> None:
    (code,) = faults(plain(tmp_path, override={name: value}))
    assert code in {"rules.out_of_range", "rules.not_a_number"}
