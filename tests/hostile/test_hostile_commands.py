"""Commands with odd places and broken runs: exit code 2 and words, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from hostile_county import FIRMS, HEADINGS, book, digests, firms, manifest, parcels, plain, project

from landuse.errors import UserError
from landuse.pipeline.check import check
from landuse.pipeline.identify import identify
from landuse.publish.explain import explain
from landuse.publish.reader import open_run


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound project with a run in ``run``."""
    file = plain(tmp_path_factory.mktemp("county"))
    identify(file, out=file.parent / "run")
    return file


def code(error: pytest.ExceptionInfo[UserError]) -> str:
    error.value.lines("zh")
    (issue,) = error.value.issues
    return issue.code


@pytest.mark.parametrize(
    ("out", "expected"),
    [
        ("x" * 300, "publish.cannot_write"),
        (".", "publish.input_inside"),
        ("..", "publish.input_inside"),
        ("parcels.gpkg", "publish.folder_is_a_file"),
        ("parcels.gpkg/in", "publish.input_inside"),
    ],
)
def test_places_where_no_run_can_lie(county: Path, out: str, expected: str) -> None:
    before = digests(county.parent)
    with pytest.raises(UserError) as error:
        identify(county, out=county.parent / out)
    assert code(error) == expected
    assert digests(county.parent) == before


@pytest.mark.parametrize("out", [Path(), Path(".."), Path("/")])
def test_a_folder_is_no_list_of_issues(county: Path, out: Path) -> None:
    with pytest.raises(UserError) as error:
        check(county, out=out)
    assert code(error) == "workbook.is_a_folder"


@pytest.mark.parametrize("name", ["enterprises.xlsx", "project.toml"])
def test_a_check_never_replaces_an_input(county: Path, name: str) -> None:
    before = digests(county.parent)
    with pytest.raises(UserError) as error:
        check(county, out=county.parent / name)
    assert code(error) == "workbook.foreign_file"
    assert digests(county.parent) == before


@pytest.mark.parametrize(
    "content",
    ["", "[" * 100_000, "[1]", "{}", '{"made_by": "landuse", "format": 1}', "\udcff"],
    ids=["empty", "deep", "list", "nothing", "cut", "bytes"],
)
def test_a_broken_manifest_is_no_run(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(UserError) as error:
        open_run(tmp_path)
    assert code(error) == "publish.not_a_run"


def test_a_broken_manifest_does_not_let_a_folder_be_replaced(county: Path, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(UserError) as error:
        identify(county, out=tmp_path)
    assert code(error) == "publish.folder_not_ours"


def test_every_cut_table_of_a_run_is_named(county: Path, tmp_path: Path) -> None:
    import shutil

    run = tmp_path / "run"
    for table in ("units", "links", "indicators", "cohorts", "sources", "parcels"):
        shutil.copytree(county.parent / "run", run)
        path = run / f"{table}.parquet"
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(UserError) as error:
            explain(run, firms()[0][0])  # type: ignore[arg-type]
        assert code(error) == "publish.table_absent"
        shutil.rmtree(run)


def test_a_day_before_the_end_of_the_year_is_said(county: Path) -> None:
    import datetime as dt

    checked = check(county, as_of=dt.date(2025, 6, 30))
    assert [issue.code for issue in checked.log] == ["pipeline.day_before_year_end"]
    assert len(check(county, as_of=dt.date(2025, 12, 31)).log) == 0


@pytest.mark.parametrize("sheet", ["", 'sheet = "待确认"\n'], ids=["whole workbook", "sheet named"])
def test_confirmed_suggestions_come_back_from_the_workbook(tmp_path: Path, sheet: str) -> None:
    # 24 firms 第n精密机械有限公司; the holder of parcel 24 is only like the name of firm 24
    names = [f"泉州市第{n}精密机械有限公司" for n in range(1, FIRMS + 1)]
    holders = [*names[:-1], "泉州市第24精密机械有限责任公司"]
    parcels(TYSHXYDM=[""] * FIRMS, TDSYQR=holders).to_file(tmp_path / "parcels.gpkg")
    rows = [[row[0], name, *row[2:]] for row, name in zip(firms(), names, strict=True)]
    book(tmp_path / "enterprises.xlsx", [HEADINGS, *rows])
    file = project(tmp_path)
    first = identify(file, out=tmp_path / "first").folder
    workbook = openpyxl.load_workbook(first / "results.xlsx")
    page = workbook["待确认"]
    heads = [cell.value for cell in page[2]]
    code_at, mark_at = heads.index("统一社会信用代码") + 1, heads.index("确认") + 1
    marked = 0
    for row in range(3, page.max_row + 1):
        is_it = page.cell(row, code_at).value == firms()[-1][0]
        page.cell(row, mark_at).value = "是" if is_it else "否"
        marked += is_it
    assert marked == 1
    workbook.save(tmp_path / "back.xlsx")
    project(tmp_path, tables=f'[confirmed_links]\npath = "back.xlsx"\n{sheet}')
    second = identify(file, out=tmp_path / "second")
    links = second.computed.links.set_index("parcel_id")
    link = links.loc[second.computed.parcels["parcel_id"].iloc[-1]]
    assert (link["uscc"], link["evidence"]) == (firms()[-1][0], "confirmed")
    counts = {row["table"]: row for row in manifest(second.folder)["counts"]}
    read = counts["confirmed_links"]
    assert read["read"] == read["used"] + read["set_aside"]
    assert read["used"] == 1
    json.dumps(counts)


def test_a_filled_in_workbook_of_ours_is_no_list_of_issues(county: Path, tmp_path: Path) -> None:
    import shutil

    filled = tmp_path / "filled.xlsx"
    shutil.copy(county.parent / "run" / "results.xlsx", filled)
    before = filled.read_bytes()
    with pytest.raises(UserError) as error:
        check(county, out=filled)
    assert code(error) == "workbook.foreign_file"
    assert filled.read_bytes() == before
    check(county, out=tmp_path / "issues.xlsx")
    check(county, out=tmp_path / "issues.xlsx", lang="en")  # but a list is replaced


def test_of_two_checks_at_once_one_writes(county: Path, tmp_path: Path) -> None:
    from landuse.publish.lock import hold

    with hold(tmp_path / ".issues.xlsx.landuse-lock"), pytest.raises(UserError) as error:
        check(county, out=tmp_path / "issues.xlsx")
    assert code(error) == "workbook.busy"
    assert not (tmp_path / "issues.xlsx").exists()
    check(county, out=tmp_path / "issues.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["issues.xlsx"]


@pytest.mark.parametrize(
    "words",
    [
        ("init", "x" * 300, "parcels.gpkg", "enterprises.xlsx"),
        ("rules", "show", "\0.toml"),
        ("rules", "show", "x" * 5000 + ".toml"),
        ("demo", "x" * 300),
        ("check", "a\0b"),
        ("explain", "run", "\0"),
    ],
    ids=["init", "pack", "long pack", "demo", "check", "explain"],
)
def test_names_that_no_disk_has_are_told(
    county: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    from landuse.cli import main

    monkeypatch.chdir(county.parent)
    assert main(list(words)) == 2


def test_names_of_emoji_are_shown_as_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from landuse.cli import main

    monkeypatch.chdir(tmp_path)
    main(["rules", "show", "a:x:b:smiley:.toml"])
    assert "a:x:b:smiley:.toml" in capsys.readouterr().err.replace("\n", "")


def test_init_asks_about_a_projection_that_nobody_knows(tmp_path: Path) -> None:
    import re

    from landuse.pipeline.init import init_project

    parcels().to_file(tmp_path / "p.shp")
    prj = tmp_path / "p.prj"
    prj.write_text(re.sub(r'PROJECTION\["\w+"', 'PROJECTION["Gau99s_Kruger"', prj.read_text()))
    book(tmp_path / "e.xlsx", [HEADINGS, *firms()])
    result = init_project(tmp_path / "new", tmp_path / "p.shp", [tmp_path / "e.xlsx"])
    assert any("坐标系" in question for question in result.questions)
