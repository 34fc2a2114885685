"""``landuse init``: a first project file that loads, says what it found, and asks the rest."""

import itertools
import shutil
import tomllib
from pathlib import Path

import openpyxl
import pytest

from landuse.errors import UserError
from landuse.intake.project import files_of, load_project
from landuse.pipeline.draft import quoted, remark
from landuse.pipeline.init import init_project

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
TABLES = (
    "enterprises.xlsx",
    "tax.xlsx",
    "output.xlsx",
    "energy.xlsx",
    "occupancy.xlsx",
    "land_grades.gpkg",
    "parks.shp",
    "supply.xlsx",
    "exemptions.xlsx",
    "corrections.csv",
)


def read(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


def book(path, rows, title="Sheet1", more=None):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for name, others in (more or {}).items():
        other = workbook.create_sheet(name)
        for row in others:
            other.append(row)
    workbook.save(path)
    return path


@pytest.fixture
def land(tmp_path):
    """The sample's parcels under a name with spaces."""
    folder = tmp_path / "我的 数据"
    folder.mkdir()
    for suffix in (".shp", ".dbf", ".shx", ".prj"):
        shutil.copyfile(SAMPLE / f"宗地{suffix}", folder / f"宗地{suffix}")
    return folder / "宗地.shp"


FIRMS = [
    ["统一社会信用代码", "企业名称", "行业代码", "年度", "税收", "产值", "综合能耗"],
    ["91330000000000000X", "甲", "1311", 2024, 1, 2, 3],
    ["91330000000000000X", "甲", "1311", 2025, 1, 2, 3],
]


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("样本 项目")
    return init_project(folder, SAMPLE / "宗地.shp", [SAMPLE / name for name in TABLES])


def test_every_file_of_the_sample_is_recognised_for_what_it_is(sample):
    project = load_project(sample.path)
    own = load_project(SAMPLE / "project.toml")
    for table in (
        "parcels",
        "enterprises",
        "occupancy",
        "price_zones",
        "parks",
        "supply",
        "exemptions",
        "corrections",
    ):
        found = files_of(project.source(table), project)
        assert [path.name for path in found] == [
            path.name for path in files_of(own.source(table), own)
        ]
    assert [Path(entry.path[0]).name for entry in project.enterprises.tables] == [
        "tax.xlsx",
        "output.xlsx",
        "energy.xlsx",
    ]
    assert project.confirmed_links is None
    assert len(sample.recognised) == 1 + len(TABLES)


def test_columns_units_and_year_of_the_sample(sample):
    project = load_project(sample.path)
    assert project.year == 2025
    assert project.as_of is None
    assert project.parcels.columns["parcel_id"].from_ == "DKBM"
    assert project.parcels.columns["registered_area"].from_ == "DJMJ"
    # DJMJ says no unit; it agrees with the areas of the polygons in square metres
    assert project.parcels.area_unit == "m2"
    tax, output, energy = project.enterprises.tables
    assert tax.columns["tax"].from_ == "入库税收(元)"
    assert tax.money_unit is None  # the heading says it
    assert output.money_unit == "thousand_yuan"  # the line above the heading says it
    assert energy.columns["electricity"].from_ == "能源消费量 | 电力(万千瓦时)"
    # how to say that a blank means none stands there, as a comment
    (hint,) = [line for line in sample.path.read_text("utf-8").splitlines() if "blank" in line]
    assert hint.startswith("#")
    assert 'blank = "zero"' in hint


@pytest.mark.parametrize(
    ("x", "y", "likely"), [(119.2, 33.6, "EPSG:4490"), (519_300.5, 3_720_400.1, "EPSG:4549")]
)
def test_points_in_metres_are_not_taken_for_degrees(land, tmp_path, x, y, likely):
    rows = [[*FIRMS[0], "X坐标", "Y坐标"], *([*row, x, y] for row in FIRMS[1:])]
    made = init_project(tmp_path / "p", land, [book(tmp_path / "企业.xlsx", rows)])
    (below,) = [
        after
        for line, after in itertools.pairwise(made.path.read_text("utf-8").splitlines())
        if line.startswith("# ?") and "x、y" in line
    ]
    assert below == f'# crs = "{likely}"'


def test_what_nobody_can_guess_is_asked(sample):
    text = sample.path.read_text(encoding="utf-8")
    asked = [line for line in text.splitlines() if line.startswith("# ?")]
    assert len(asked) == len(sample.questions)
    assert "\n# as_of = " in text
    assert '\n# energy_basis = "calorific"' in text
    assert "energy_basis" not in read(sample.path)["enterprises"]["tables"][2]


def test_an_answered_question_is_a_valid_line(sample, tmp_path):
    """Taking the # from the line below a question gives a file that still loads."""
    lines = sample.path.read_text(encoding="utf-8").splitlines()
    answered = [
        line.removeprefix("# ") if above.startswith("# ?") else line
        for above, line in zip(["", *lines], lines, strict=False)
    ]
    copy = sample.path.with_name("answered.toml")
    copy.write_text("\n".join(answered), encoding="utf-8")
    project = load_project(copy)
    assert project.as_of is not None
    assert project.enterprises.crs == "EPSG:4549"  # its points are in metres
    assert project.enterprises.tables[2].energy_basis == "calorific"


def test_paths_are_relative_where_they_can_be(land, tmp_path):
    firms = book(tmp_path / "企业.xlsx", FIRMS)
    result = init_project(tmp_path / "项目", land, [firms])
    data = read(result.path)
    assert data["parcels"]["path"] == "../我的 数据/宗地.shp"
    assert data["enterprises"]["path"] == "../企业.xlsx"
    assert data["project"]["name"] == "项目"


def test_an_existing_project_is_never_overwritten(land, tmp_path):
    (tmp_path / "project.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        init_project(tmp_path, land, [])
    assert [issue.code for issue in caught.value.issues] == ["project.init_exists"]
    assert (tmp_path / "project.toml").read_text(encoding="utf-8") == "mine"


def test_absent_and_foreign_files_are_all_named_and_nothing_is_written(land, tmp_path):
    (tmp_path / "a.doc").write_bytes(b"x")
    with pytest.raises(UserError) as caught:
        init_project(tmp_path / "new", land, [tmp_path / "no.xlsx", tmp_path / "a.doc"])
    assert sorted(issue.code for issue in caught.value.issues) == [
        "project.file_absent",
        "project.unknown_suffix",
    ]
    assert not (tmp_path / "new").exists()


def test_a_money_unit_that_nobody_states_is_asked_and_not_guessed(land, tmp_path):
    result = init_project(tmp_path, land, [book(tmp_path / "企业.xlsx", FIRMS)])
    assert "money_unit" not in read(result.path)["enterprises"]
    assert any("税收" in question and "产值" in question for question in result.questions)
    assert '# money_unit = "wan"' in result.path.read_text(encoding="utf-8")


def test_yearly_files_with_the_same_columns_are_one_input(land, tmp_path):
    one = book(tmp_path / "2024.xlsx", FIRMS[:2])
    two = book(tmp_path / "2025.xlsx", [FIRMS[0], FIRMS[2]])
    data = read(init_project(tmp_path, land, [one, two]).path)
    assert data["enterprises"]["path"] == ["2024.xlsx", "2025.xlsx"]
    assert "tables" not in data["enterprises"]
    assert data["project"]["year"] == 2025


def test_years_in_headings_are_told_and_left_to_recognition(land, tmp_path):
    rows = [
        ["统一社会信用代码", "企业名称", "2023年税收(万元)", "2024年税收(万元)"],
        ["x", "甲", 1, 2],
    ]
    result = init_project(tmp_path, land, [book(tmp_path / "a.xlsx", rows)])
    data = read(result.path)
    assert data["project"]["year"] == 2024
    assert "tax" not in data["enterprises"]["columns"]
    assert "2023年税收(万元)" in result.path.read_text(encoding="utf-8")


def test_without_a_year_the_file_says_that_it_comes_first(land, tmp_path):
    rows = [["企业名称", "税收(万元)"], ["甲", 1]]
    result = init_project(tmp_path, land, [book(tmp_path / "a.xlsx", rows)])
    assert "year" not in read(result.path)["project"]
    with pytest.raises(UserError):
        load_project(result.path)
    assert any("必须先回答" in question and "year" in question for question in result.questions)


def test_the_year_of_a_title_counts_where_there_is_no_column(land, tmp_path):
    rows = [["2023年度企业税收汇总表"], ["企业名称", "税收(万元)"], ["甲", 1]]
    result = init_project(tmp_path, land, [book(tmp_path / "a.xlsx", rows)])
    assert read(result.path)["project"]["year"] == 2023


def test_two_columns_for_one_name_are_a_question(land, tmp_path):
    rows = [
        ["企业名称", "统一社会信用代码", "信用代码", "税收(万元)", "年度"],
        ["甲", "a", "b", 1, 2025],
    ]
    result = init_project(tmp_path, land, [book(tmp_path / "a.xlsx", rows)])
    assert "uscc" not in read(result.path)["enterprises"]["columns"]
    text = result.path.read_text(encoding="utf-8")
    assert '# uscc = "统一社会信用代码"\n# uscc = "信用代码"' in text


def test_figures_that_no_table_has_are_asked_for(land, tmp_path):
    rows = [["企业名称", "行业代码", "年度", "税收(万元)"], ["甲", "1311", 2025, 1]]
    result = init_project(tmp_path, land, [book(tmp_path / "a.xlsx", rows)], lang="en")
    (question,) = [line for line in result.questions if "not found" in line]
    assert "output" in question
    assert "energy" in question
    assert "tax," not in question


def test_a_sheet_with_a_rival_is_named_and_asked(land, tmp_path):
    path = book(tmp_path / "a.xlsx", FIRMS, "规上", {"规下": FIRMS})
    result = init_project(tmp_path, land, [path])
    assert read(result.path)["enterprises"]["sheet"] == "规上"
    assert any("规下" in question for question in result.questions)


def test_a_file_that_is_nothing_we_know_is_named(land, tmp_path):
    strange = book(tmp_path / "菜单.xlsx", [["菜名", "价格"], ["面", 8]])
    firms = book(tmp_path / "a.xlsx", FIRMS)
    result = init_project(tmp_path, land, [firms, strange])
    assert any("菜单.xlsx" in question for question in result.questions)
    assert load_project(result.path)


def test_a_file_that_cannot_be_read_is_a_question_with_the_reason(land, tmp_path):
    page = tmp_path / "税收.xls"
    page.write_text("<html><table></table></html>", encoding="utf-8")
    result = init_project(tmp_path, land, [book(tmp_path / "a.xlsx", FIRMS), page])
    assert any("税收.xls" in question for question in result.questions)


def test_parcels_without_a_system_are_asked_for_it(land, tmp_path):
    land.with_suffix(".prj").unlink()
    result = init_project(tmp_path, land, [book(tmp_path / "a.xlsx", FIRMS)])
    text = result.path.read_text(encoding="utf-8")
    assert '# crs = "EPSG:4549"' in text
    assert "EPSG:4549" in " ".join(result.questions)  # the likely zone is named


def test_without_a_table_of_enterprises_the_file_asks(land, tmp_path):
    result = init_project(tmp_path, land, [])
    assert any("企业" in question for question in result.questions)
    with pytest.raises(UserError):
        load_project(result.path)


HOSTILE = [
    '税收"\n[rules]\npack = "evil',
    "a'b\\c",
    "#注释",
    "x\x07y",
    "税收\u2028(万元)",
    "{}",
    "产值(万元)",
]


def test_hostile_names_of_columns_and_files_do_no_harm(land, tmp_path):
    folder = tmp_path / 'a"b\\c # [rules]' if Path("/").anchor == "/" else tmp_path / "a # [rules]"
    folder.mkdir()
    rows = [["企业名称", "年度", *HOSTILE[:3], *HOSTILE[4:]], ["甲", 2025, 1, 2, 3, 4, 5, 6]]
    firms = book(folder / "企业 ' [x].xlsx", rows)
    result = init_project(tmp_path / "项目", land, [firms])
    data = read(result.path)
    assert data["rules"] == {"pack": "three-indicator"}
    assert Path(data["enterprises"]["path"]).name == "企业 ' [x].xlsx"
    project = load_project(result.path)
    assert [path.resolve() for path in files_of(project.enterprises, project)] == [firms.resolve()]


@pytest.mark.parametrize("value", [*HOSTILE, "\x7f", "\x85", "\u2029", "宗地\\", "\t"])
def test_quoting_comes_back_as_it_was(value):
    assert tomllib.loads(f"x = {quoted(value)}") == {"x": value}
    assert tomllib.loads(f"x = {quoted([value, 'a'])}") == {"x": [value, "a"]}
    assert tomllib.loads(remark(value)) == {}


def test_a_link_to_the_folder_does_not_lead_astray(land, tmp_path):
    real = tmp_path / "tief" / "real"
    real.mkdir(parents=True)
    link = tmp_path / "link"
    try:
        link.symlink_to(real, target_is_directory=True)
    except OSError:
        pytest.skip("no links here")
    result = init_project(link, land, [book(tmp_path / "a.xlsx", FIRMS)])
    project = load_project(result.path)
    assert files_of(project.parcels, project)[0].resolve() == land.resolve()


def test_english_comments_on_request(land, tmp_path):
    result = init_project(tmp_path, land, [book(tmp_path / "a.xlsx", FIRMS)], lang="en")
    head = result.path.read_text(encoding="utf-8").splitlines()[0]
    assert head == "# A project file of landuse, written by `landuse init` from your files."


def test_nothing_is_written_beside_the_users_files(land, tmp_path):
    before = sorted(path.name for path in land.parent.iterdir())
    init_project(tmp_path, land, [])
    assert sorted(path.name for path in land.parent.iterdir()) == before
