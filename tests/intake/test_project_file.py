"""The project file: what it says, and every fault of it at once, with its line."""

import datetime as dt
from pathlib import Path

import pytest

from landuse.errors import UserError
from landuse.intake.project import TABLES, files_of, load_project
from landuse.intake.project_names import COLUMNS, columns_of, dimensions_of
from landuse.rules import load, shipped
from landuse.schema.headings import known

MINIMAL = """[project]
name = "测试"
year = 2025
as_of = 2026-06-30
[parcels]
path = "宗地.shp"
[enterprises]
path = "enterprises.xlsx"
[rules]
pack = "three-indicator"
"""

FULL = """[project]
name = "云泽县"
year = 2025
as_of = 2026-06-30
crs = "EPSG:4549"
id_scheme = "free"
[parcels]
path = ["东.shp", "西.shp"]
encoding = "GB18030"
crs = "EPSG:4549"
area_unit = "mu"
[parcels.columns]
parcel_id = "DKBM"
registered_area = { from = "面积", unit = "ha" }
[enterprises]
path = "企业*.xlsx"
sheet = "Sheet1"
header_row = 3
money_unit = "wan"
energy_basis = "calorific"
duplicates = { tax = "sum", output = "max" }
crs = "EPSG:4490"
[[enterprises.tables]]
path = "energy.xlsx"
energy_basis = "equivalent"
[enterprises.tables.columns]
electricity = { from = "用电量", unit = "10000kWh" }
[[enterprises.tables]]
path = "tax.csv"
money_unit = "yuan"
[price_zones]
path = "zones.gpkg"
layer = "级别"
[parks]
path = "parks.shp"
[occupancy]
path = "occupancy.xlsx"
area_unit = "m2"
[supply]
path = "supply.xlsx"
money_unit = "wan"
[exemptions]
path = "exemptions.xlsx"
[corrections]
path = "corrections.csv"
[confirmed_links]
path = "confirmed.xlsx"
[database]
url = "postgresql://localhost/landuse"
[rules]
pack = "three-indicator"
[rules.override]
share = "0.10"
shared_parcels = "merge"
"""


def write(tmp_path, text, name="project.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def faults(tmp_path, text, **options):
    with pytest.raises(UserError) as caught:
        load_project(write(tmp_path, text), **options)
    assert caught.value.exit_code == 2
    for issue in caught.value.issues:
        assert issue.file == "project.toml"
        assert issue.message("zh")
        assert issue.message("en")
    return caught.value.issues


def one(tmp_path, text):
    found = faults(tmp_path, text)
    assert len(found) == 1, [issue.message("en") for issue in found]
    return found[0]


def test_the_least_that_a_project_needs(tmp_path):
    project = load_project(write(tmp_path, MINIMAL))
    assert (project.name, project.year, project.as_of) == ("测试", 2025, dt.date(2026, 6, 30))
    assert project.base == tmp_path
    assert project.file == tmp_path / "project.toml"
    assert project.id_scheme == "cn"
    assert project.parcels.path == ("宗地.shp",)
    assert [table for table in TABLES if project.source(table)] == ["parcels", "enterprises"]
    assert project.rules.pack == "three-indicator"


def test_everything_that_a_project_may_say(tmp_path):
    project = load_project(write(tmp_path, FULL))
    assert project.crs == "EPSG:4549"
    assert project.id_scheme == "free"
    assert project.parcels.path == ("东.shp", "西.shp")
    assert project.parcels.area_unit == "mu"
    assert project.parcels.columns["parcel_id"].from_ == "DKBM"
    assert project.parcels.columns["parcel_id"].unit is None
    assert project.parcels.columns["registered_area"].unit == "ha"
    assert project.enterprises.header_row == 3
    assert project.enterprises.duplicates == {"tax": "sum", "output": "max"}
    energy, tax = project.enterprises.tables
    assert energy.columns["electricity"].unit == "10000kWh"
    assert energy.energy_basis == "equivalent"
    assert energy.money_unit is None
    assert tax.money_unit == "yuan"
    assert project.database == "postgresql://localhost/landuse"
    assert project.rules.override == {"share": "0.10", "shared_parcels": "merge"}
    assert all(project.source(table) is not None for table in TABLES)


def test_the_day_of_the_command_line_wins(tmp_path):
    project = load_project(write(tmp_path, MINIMAL), as_of=dt.date(2025, 1, 1))
    assert project.as_of == dt.date(2025, 1, 1)
    without = MINIMAL.replace("as_of = 2026-06-30\n", "")
    assert load_project(write(tmp_path, without)).as_of is None


def test_a_day_in_quotes_is_a_day(tmp_path):
    project = load_project(write(tmp_path, MINIMAL.replace("2026-06-30", '"2026-06-30"')))
    assert project.as_of == dt.date(2026, 6, 30)


@pytest.mark.parametrize(
    ("old", "new", "code", "row"),
    [
        ("year = 2025", 'year = "2025"', "project.bad_year", 3),
        ("year = 2025", "year = 25", "project.bad_year", 3),
        ("year = 2025", "year = 2025.0", "project.bad_year", 3),
        ("year = 2025", "yaer = 2025", "rules.unknown_key", 3),
        ("as_of = 2026-06-30", "as_of = 2026-06-30T10:00:00", "rules.not_a_date", 4),
        ("as_of = 2026-06-30", 'as_of = "2026年6月30日"', "rules.not_a_date", 4),
        ("as_of = 2026-06-30", "as_of = 2026-06-31", "rules.no_such_day", 4),
        ('name = "测试"', 'name = ""', "rules.not_text", 2),
        ('path = "宗地.shp"', "path = []", "project.path_form", 6),
        ('path = "宗地.shp"', 'path = ["a.shp", 3]', "project.path_form", 6),
        ('path = "宗地.shp"', 'path = "D:\\data.shp"', "rules.backslash", 6),
        ('"three-indicator"', '"three-indicators"', "rules.unknown_pack", 10),
        ('"three-indicator"', '"own.toml"', "rules.file_absent", None),
        ("[parcels]", "[parcels]\narea_unit = '亩'", "rules.not_a_choice", 6),
        ("[parcels]", "[parcels]\nheader_row = 0", "project.bad_row", 6),
        ("[parcels]", "[parcels]\nencoding = 'GBKK'", "project.bad_encoding", 6),
        ("[parcels]", "[parcels]\nencoding = 'base64'", "project.bad_encoding", 6),
        ("[parcels]", "[parcels]\ncrs = 'EPSG:999999'", "project.unknown_crs", 6),
        ("[parcels]", "[parcels]\nmoney_unit = 'wann'", "rules.not_a_choice", 6),
        ("[rules]", "[rule]\nx = 1\n[rules]", "rules.unknown_key", 9),
        ("[rules]", "[rules.override]\nshare = 0.1\n[rules]", "rules.not_a_number", 10),
        ("[rules]", "[rules.override]\nshare = '1.2'\n[rules]", "rules.out_of_range", 10),
    ],
)
def test_each_fault_is_named_with_its_line(tmp_path, old, new, code, row):
    if code == "rules.file_absent":
        with pytest.raises(UserError) as caught:
            load_project(write(tmp_path, MINIMAL.replace(old, new)))
        assert [issue.code for issue in caught.value.issues] == [code]
        return
    found = faults(tmp_path, MINIMAL.replace(old, new))
    assert (code, row) in {(issue.code, issue.row) for issue in found}


def test_missing_tables_are_named(tmp_path):
    found = faults(tmp_path, "[project]\nname = 'x'\n")
    missing = {issue.values["where"] for issue in found}
    assert missing == {"project.year", "parcels", "enterprises", "rules"}


@pytest.mark.parametrize(
    ("text", "wrong", "near"),
    [
        ("[occupancyy]\npath = 'a'\n", "occupancyy", "occupancy"),
        ("[supply]\npath = 'a'\nmony_unit = 'wan'\n", "mony_unit", "money_unit"),
        (
            "[[enterprises.tables]]\npath = 'a'\nenergy_bases = 'x'\n",
            "energy_bases",
            "energy_basis",
        ),
        ("[database]\nurl = 'x'\nurll = 'y'\n", "urll", "url"),
        ("[parcels.columns]\nholder = { from = 'a', units = 'mu' }\n", "units", "unit"),
    ],
)
def test_unknown_names_give_the_nearest_known_one(tmp_path, text, wrong, near):
    issue = one(tmp_path, MINIMAL + text)
    assert (issue.code, issue.value) == ("rules.unknown_key", wrong)
    assert issue.values["nearest"] == near


def test_an_unknown_column_gives_the_nearest(tmp_path):
    issue = one(tmp_path, MINIMAL + "[parcels.columns]\nregistered_aera = 'DJMJ'\n")
    assert (issue.code, issue.row) == ("project.unknown_column", 12)
    assert issue.values["nearest"] == "registered_area"


def test_columns_of_the_pack_are_known_and_others_are_not(tmp_path):
    """value_added is a figure of huangyan-2022 and of no other three-indicator project."""
    text = MINIMAL + "[enterprises.columns]\nvalue_added = '增加值'\n"
    assert one(tmp_path, text).code == "project.unknown_column"
    project = load_project(write(tmp_path, text.replace("three-indicator", "huangyan-2022")))
    assert project.enterprises.columns["value_added"].from_ == "增加值"


def test_a_cohort_column_of_an_override_is_known(tmp_path):
    text = MINIMAL + '[rules.override]\ncohort_by = ["division", "街道"]\n'
    text += '[enterprises.columns]\n"街道" = "所在街道"\n'
    assert "街道" in load_project(write(tmp_path, text)).enterprises.columns


@pytest.mark.parametrize(
    ("column", "unit", "code"),
    [
        ("electricity", "10000kWh", ""),
        ("heat", "kBtu", ""),
        ("heat", "therm", ""),
        ("coal", "t", ""),
        ("tax", "thousand_yuan", ""),
        ("electricity", "kBtu", "project.wrong_unit"),
        ("tax", "mu", "project.wrong_unit"),
        ("tax", "万圆", "project.unknown_unit"),
        ("name", "wan", "project.no_unit_here"),
    ],
)
def test_units_fit_what_they_measure(tmp_path, column, unit, code):
    text = MINIMAL + f'[enterprises.columns]\n{column} = {{ from = "表头", unit = "{unit}" }}\n'
    if code:
        assert one(tmp_path, text).code == code
    else:
        assert load_project(write(tmp_path, text)).enterprises.columns[column].unit == unit


def test_a_unit_of_another_kind_names_the_columns_that_take_it(tmp_path):
    text = MINIMAL + '[enterprises.columns]\ngas = { from = "用气", unit = "GJ" }\n'
    issue = one(tmp_path, text)
    assert issue.values["names"] == "heat"


def test_one_heading_cannot_be_two_columns(tmp_path):
    text = MINIMAL + '[enterprises.columns]\ntax = "金额"\noutput = { from = "金额" }\n'
    issue = one(tmp_path, text)
    assert (issue.code, issue.row) == ("project.column_twice", 13)


def test_without_chinese_codes_one_heading_may_name_the_lot_and_its_user(tmp_path):
    same = '[parcels.columns]\nparcel_id = "BBL"\nuscc = "BBL"\n'
    text = MINIMAL + same
    assert one(tmp_path, text).code == "project.column_twice"
    text = text.replace("year = 2025", 'year = 2025\nid_scheme = "free"')
    assert load_project(write(tmp_path, text)).id_scheme == "free"
    issue = one(tmp_path, text + 'registered_area = "BBL"\n')
    assert issue.code == "project.column_twice"


@pytest.mark.parametrize("name", ["gcj02", "GCJ-02", "bd09", "BD_09", "bd09ll"])
def test_shifted_coordinates_are_refused_with_the_reason(tmp_path, name):
    issue = one(tmp_path, MINIMAL.replace("[enterprises]", f'[enterprises]\ncrs = "{name}"'))
    assert issue.code == "project.shifted_crs"


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:3857"])
def test_the_working_system_is_metric(tmp_path, crs):
    issue = one(tmp_path, MINIMAL.replace("[parcels]", f'crs = "{crs}"\n[parcels]'))
    assert (issue.code, issue.row) == ("project.crs_not_metric", 5)


def test_degrees_are_fine_for_points(tmp_path):
    text = MINIMAL.replace("[enterprises]", '[enterprises]\ncrs = "EPSG:4490"')
    assert load_project(write(tmp_path, text)).enterprises.crs == "EPSG:4490"


def test_all_faults_come_at_once_in_the_order_of_the_file(tmp_path):
    text = (
        MINIMAL.replace("year = 2025", "yaer = 2025")
        .replace('path = "宗地.shp"', 'pth = "宗地.shp"\narea_unit = "亩"')
        .replace("[rules]", '[rules.override]\nshar = "0.1"\nweights = { tax = "1" }\n[rules]')
    )
    text += "[enterprises.columns]\ntaxes = '税'\n"
    found = [(issue.row, issue.code) for issue in faults(tmp_path, text)]
    assert found == sorted(found, key=lambda pair: pair[0])
    assert sorted(code for _, code in found) == [
        "project.unknown_column",
        "rules.missing_key",  # project.year
        "rules.missing_key",  # parcels.path
        "rules.not_a_choice",
        "rules.unknown_indicator",
        "rules.unknown_key",
        "rules.unknown_key",
        "rules.unknown_override",
    ]


def test_a_fault_of_one_choice_is_told_once(tmp_path):
    text = MINIMAL.replace("[rules]", 'duplicates = { tax = "summ" }\n[rules]')
    issue = one(tmp_path, text)
    assert (issue.code, issue.values["where"]) == (
        "rules.not_a_choice",
        "enterprises.duplicates.tax",
    )


@pytest.mark.parametrize("written", ['"eror"', "3", "[1]"])
def test_duplicates_of_a_wrong_form(tmp_path, written):
    assert faults(tmp_path, MINIMAL.replace("[rules]", f"duplicates = {written}\n[rules]"))


def test_a_project_file_that_is_not_there(tmp_path):
    with pytest.raises(UserError) as caught:
        load_project(tmp_path / "nothing.toml")
    assert [issue.code for issue in caught.value.issues] == ["rules.file_absent"]


def test_a_folder_is_no_project_file(tmp_path):
    with pytest.raises(UserError):
        load_project(tmp_path)


def test_the_project_is_frozen(tmp_path):
    project = load_project(write(tmp_path, MINIMAL))
    with pytest.raises(ValueError, match="frozen"):
        project.name = "x"


# files_of


def files(tmp_path, written):
    text = MINIMAL.replace('"宗地.shp"', written)
    project = load_project(write(tmp_path, text))
    return [path.relative_to(tmp_path).as_posix() for path in files_of(project.parcels, project)]


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def test_paths_lists_and_globs(tmp_path):
    touch(tmp_path, "西镇/宗地.shp", "东镇/宗地.shp", "东镇/~$宗地.shp", "a[1].shp")
    assert files(tmp_path, '"东镇/宗地.shp"') == ["东镇/宗地.shp"]
    assert files(tmp_path, '"*/宗地.shp"') == ["东镇/宗地.shp", "西镇/宗地.shp"]
    assert files(tmp_path, '"**/*.shp"') == ["a[1].shp", "东镇/宗地.shp", "西镇/宗地.shp"]
    # each file once, however often it is named, and in one order
    assert files(tmp_path, '["西镇/宗地.shp", "*/宗地.shp"]') == ["东镇/宗地.shp", "西镇/宗地.shp"]
    assert files(tmp_path, '["东镇/../东镇/宗地.shp", "东镇/宗地.shp"]') in (
        ["东镇/宗地.shp"],
        ["东镇/../东镇/宗地.shp"],
    )
    # a name with brackets that is there is that file, not a pattern
    assert files(tmp_path, '"a[1].shp"') == ["a[1].shp"]


def test_an_absolute_path_is_the_users_own_affair(tmp_path):
    touch(tmp_path, "宗地.shp")
    absolute = (tmp_path / "宗地.shp").as_posix()
    assert files(tmp_path, f'"{absolute}"') == ["宗地.shp"]
    assert files(tmp_path, f'"{tmp_path.as_posix()}/*.shp"') == ["宗地.shp"]


def test_every_path_that_cannot_be_used_is_named(tmp_path):
    touch(tmp_path, "a.dwg")
    text = MINIMAL.replace(
        '"宗地.shp"', '["http://x/a.shp", "a.dwg", "没有.shp", "*.gpkg", "/vsizip/a.zip/a.shp"]'
    )
    project = load_project(write(tmp_path, text))
    with pytest.raises(UserError) as caught:
        files_of(project.parcels, project)
    assert sorted(issue.code for issue in caught.value.issues) == [
        "project.address",
        "project.address",
        "project.file_absent",
        "project.nothing_fits",
        "project.unknown_suffix",
    ]


# the names that the file may use


def test_every_heading_that_intake_recognises_has_a_name_here():
    """A column that is found by its heading can also be given by hand, and the other way round."""
    packs = [load(name, as_of=dt.date(2026, 6, 30)) for name in shipped()]
    for table in COLUMNS:
        mapped = {name for pack in packs for name in columns_of(table, pack)}
        recognised = {meaning.name for meaning in known(table).values()}
        assert recognised <= mapped, table


def test_every_figure_and_energy_has_a_dimension():
    for name in shipped():
        rules = load(name, as_of=dt.date(2026, 6, 30))
        dimensions = dimensions_of(rules)
        for entry in (*rules.figures, *rules.energy):
            assert entry.key in dimensions


def test_the_shipped_sample_is_a_sound_project():
    path = Path(__file__).parents[2] / "data" / "sample" / "project.toml"
    project = load_project(path)
    for table in TABLES:
        if (source := project.source(table)) is not None:
            assert files_of(source, project)


def test_a_column_of_confirmation_may_be_named(tmp_path):
    text = MINIMAL + '[confirmed_links]\npath = "c.xlsx"\n[confirmed_links.columns]\n'
    project = load_project(write(tmp_path, text + 'confirmed = "是否属实"\n'))
    assert project.confirmed_links.columns["confirmed"].from_ == "是否属实"
