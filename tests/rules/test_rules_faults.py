"""A pack or an override that cannot be meant so is refused, with line and nearest name."""

import datetime as dt

import pytest

from landuse.errors import UserError
from landuse.messages import codes as all_codes
from landuse.rules import load

DAY = dt.date(2026, 6, 30)
HEAD = """[pack]
name = "small"
version = "1"
issued_on = 2026-01-01
title_zh = "小"
title_en = "small"
source = "test"
extends = "three-indicator"
"""  # eight lines: what follows begins on line 9


def caught(tmp_path, tail, head=HEAD):
    path = tmp_path / "pack.toml"
    path.write_text(head + tail, encoding="utf-8")
    with pytest.raises(UserError) as error:
        load(path, as_of=DAY)
    return error.value


def one(tmp_path, tail, head=HEAD):
    found = caught(tmp_path, tail, head).issues
    assert len(found) == 1, [issue.code for issue in found]
    return found[0]


def overridden(**override):
    with pytest.raises(UserError) as error:
        load("three-indicator", as_of=DAY, override=override)
    return error.value.issues


LINE = '{ from = 2024-01-01, value = "0.1" }'


def value(name, written):
    return f'[values.{name}]\nvalue = {written}\nunit = "1"\nsource = "test"\n'


def test_an_unknown_value_names_the_nearest(tmp_path):
    issue = one(tmp_path, value("shar", '"0.1"'))
    assert (issue.code, issue.row, issue.value) == ("rules.unknown_key", 9, "shar")
    assert issue.values["nearest"] == "share"
    assert "share" in issue.message("zh")


@pytest.mark.parametrize(
    ("tail", "name", "near"),
    [
        ('[valuse.share]\nvalue = "1"\n', "valuse", "values"),
        ('[values.share]\nvalue = "0.1"\nunits = "1"\nunit = "1"\nsource = "x"\n', "units", "unit"),
        (
            '[energy.gas]\nunit = "m3"\ncalorific = "1"\nequivalant = "1"\n',
            "equivalant",
            "equivalent",
        ),
    ],
)
def test_unknown_names_at_every_level(tmp_path, tail, name, near):
    issue = next(i for i in caught(tmp_path, tail).issues if i.code == "rules.unknown_key")
    assert (issue.value, issue.values["nearest"]) == (name, near)


@pytest.mark.parametrize(
    "tail",
    [
        value("share", '"0.1"') + value("share", '"0.2"'),
        '[values.share]\nvalue = "0.1"\nvalue = "0.2"\n',
        "[values.share]\nvalue = { a = 1, a = 2 }\n",
    ],
)
def test_duplicate_keys_are_refused_with_their_line(tmp_path, tail):
    issue = one(tmp_path, tail)
    assert issue.code == "rules.duplicate_key"
    assert issue.file.endswith("pack.toml")
    lines = (HEAD + tail).splitlines()
    # the line named is the one that says it again
    assert issue.row in (10, 11, 13)
    assert issue.value == lines[issue.row - 1].strip()


def test_broken_syntax_names_the_line(tmp_path):
    issue = one(tmp_path, "\n[values.share\n")
    assert (issue.code, issue.row) == ("rules.broken_toml", 10)


def test_a_windows_path_in_double_quotes_is_explained(tmp_path):
    issue = one(tmp_path, "", head='[pack]\nname = "D:\\data\\x"\n')
    assert (issue.code, issue.row) == ("rules.backslash", 2)


def test_a_file_that_is_not_utf8_is_named(tmp_path):
    path = tmp_path / "gbk.toml"
    path.write_bytes('[pack]\nname = "低效工业用地"\n'.encode("gb18030"))
    with pytest.raises(UserError) as error:
        load(path, as_of=DAY)
    assert [(i.code, i.row) for i in error.value.issues] == [("rules.not_utf8", 2)]


def test_a_byte_order_mark_is_no_fault(tmp_path):
    path = tmp_path / "bom.toml"
    path.write_bytes(HEAD.encode("utf-8-sig"))
    assert load(path, as_of=DAY).name == "small"


@pytest.mark.parametrize("written", ["0.15", "1e-1", "true", '"15%"', '"0,15"', '"1/0"', '"nan"'])
def test_numbers_are_decimal_strings(tmp_path, written):
    issue = one(tmp_path, value("share", written))
    assert (issue.code, issue.row) == ("rules.not_a_number", 9)


def test_the_number_is_shown_as_it_was_written(tmp_path):
    assert one(tmp_path, value("share", "0.150")).value == "0.150"


@pytest.mark.parametrize(
    ("name", "written", "code"),
    [
        ("share", '"1"', "rules.out_of_range"),
        ("share", '"-0.1"', "rules.out_of_range"),
        ("cap", '"0"', "rules.out_of_range"),
        ("cap", '"non"', "rules.choice_or_number"),
        ("min_cohort", "0", "rules.out_of_range"),
        ("min_cohort", "true", "rules.not_whole"),
        ("min_cohort", "7.5", "rules.not_whole"),
        ("min_price_cover", '"1.01"', "rules.out_of_range"),
        ("reference_price", '"0"', "rules.out_of_range"),
        ("reference_price", '"median"', "rules.choice_or_number"),
        ("area_dispute_factor", '"1"', "rules.out_of_range"),
        ("outlier_factor", '"1"', "rules.out_of_range"),
        ("shared_parcels", '"merged"', "rules.not_a_choice"),
        ("rounding", '"up"', "rules.not_a_choice"),
        ("cohort_by", "[]", "rules.empty_entry"),
        ("cohort_by", '["division", "division"]', "rules.repeats"),
        ("cohort_by", '"division"', "rules.not_a_list"),
        ("exempt_divisions", '["D44"]', "rules.bad_division"),
        ("exempt_divisions", "[44]", "rules.not_text"),
        ("and_below", '{ tax = "5" }', "rules.unknown_indicator"),
        ("and_below", '{ tax_wan_per_mu = 5.5 }', "rules.not_a_number"),
        ("classes", '{ A = "0.6", B = "0.2", C = "1" }', "rules.bad_classes"),
        ("classes", '{ A = "0.2", B = "0.95" }', "rules.bad_classes"),
        ("classes", '{ A = "0", B = "1" }', "rules.bad_classes"),
        ("grade_coefficients", '{ "一级" = "0" }', "rules.out_of_range"),
    ],
)  # fmt: skip
def test_values_are_checked(tmp_path, name, written, code):
    issue = one(tmp_path, value(name, written))
    assert (issue.code, issue.row) == (code, 9)
    assert name in issue.message("zh")
    assert name in issue.message("en")


def indicator(**changes):
    entry = {
        "title_zh": '"税"', "title_en": '"tax"', "unit_zh": '"万元/亩"', "unit_en": '"wan/mu"',
        "numerator": '"tax"', "denominator": '"land"', "weight": '"1"', "source": '"test"',
    } | changes  # fmt: skip
    key = entry.pop("key", "tax_wan_per_mu")
    lines = "".join(f"{name} = {text}\n" for name, text in entry.items() if text)
    return f"[indicators.{key}]\n{lines}"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"numerator": '"taxes"'}, "rules.unknown_figure"),
        ({"numerator": '"land"'}, "rules.unknown_figure"),
        ({"denominator": '"energy"'}, "rules.unknown_figure"),
        ({"weight": '"0"'}, "rules.out_of_range"),
        ({"weight": "0.4"}, "rules.not_a_number"),
        ({"weight": ""}, "rules.missing_key"),
        ({"source": ""}, "rules.missing_key"),
        ({"benchmark": '"average"'}, "rules.not_a_choice"),
        ({"benchmark": '"published"'}, "rules.no_published"),
        ({"published": '{ all = "5" }'}, "rules.idle_published"),
        ({"benchmark": '"published"', "published": '{ all = "0" }'}, "rules.out_of_range"),
        ({"scope": '"all"'}, "rules.only_twice_mean"),
        ({"benchmark_year": "2024"}, "rules.only_twice_mean"),
        ({"key": '"亩均税收"'}, "rules.bad_name"),
        ({"key": "tax_wan"}, "rules.name_taken"),
        ({"key": "score"}, "rules.name_taken"),
    ],
)
def test_indicators_are_checked(tmp_path, changes, code):
    assert one(tmp_path, indicator(**changes)).code == code


def test_the_nearest_figure_is_named(tmp_path):
    issue = one(tmp_path, indicator(denominator='"lnd"'))
    assert issue.values["nearest"] == "land"


@pytest.mark.parametrize(
    ("tail", "code"),
    [
        ('[figures.uscc]\nunit = "1"\ntitle_zh = "a"\ntitle_en = "a"\n', "rules.name_taken"),
        ('[figures.tax]\nunit = "wann"\ntitle_zh = "a"\ntitle_en = "a"\n', "rules.unknown_unit"),
    ],
)
def test_figures_are_checked(tmp_path, tail, code):
    found = {issue.code for issue in caught(tmp_path, tail + indicator()).issues}
    assert code in found


def test_energy_is_checked(tmp_path):
    tail = (
        '[energy.gas]\nunit = "m3"\ncalorific = "0"\ntitle_zh = "a"\ntitle_en = "a"\nsource = "b"\n'
    )
    assert one(tmp_path, tail).code == "rules.out_of_range"


@pytest.mark.parametrize(
    ("tail", "code"),
    [
        ('[values.share]\nvalue = "0.1"\nunit = "1"\n', "rules.missing_key"),
        ('[values.share]\nvalue = "0.1"\nsource = "x"\n', "rules.missing_key"),
        ('[values.share]\nvalue = "0.1"\nunit = " "\nsource = "x"\n', "rules.missing_key"),
        ('[values.share]\nunit = "1"\nsource = "x"\n', "rules.value_or_dated"),
        ('[values.share]\nunit = "1"\nsource = "x"\nvalue = "0.1"\ndated = []\n',
         "rules.value_or_dated"),
        ('[values.share]\nunit = "1"\nsource = "x"\ndated = []\n', "rules.not_a_list"),
        ('[values.share]\nunit = "1"\ndated = [{ from = 2024-01-01, value = "0.1" }]\n',
         "rules.missing_key"),
        ('[values.share]\nunit = "1"\nsource = "x"\ndated = [{ from = "2024", value = "0.1" }]\n',
         "rules.not_a_date"),
        ('[values.share]\nunit = "1"\nsource = "x"\ndated = [{ from = 2024-01-01 }]\n',
         "rules.missing_key"),
        (f'[values.share]\nunit = "1"\nsource = "x"\ndated = [{LINE}, {LINE}]\n',
         "rules.date_repeats"),
        ('[values]\nshare = "0.1"\n', "rules.not_a_table"),
    ],
)  # fmt: skip
def test_the_form_of_a_value(tmp_path, tail, code):
    assert code in {issue.code for issue in caught(tmp_path, tail).issues}


def test_a_pack_without_parent_states_everything(tmp_path):
    head = HEAD.replace('extends = "three-indicator"\n', "")
    found = caught(tmp_path, indicator(), head).issues
    missing = {i.values["where"] for i in found if i.code == "rules.missing_key"}
    assert {"values.share", "values.cap", "values.min_cohort"} <= missing


def test_all_faults_come_at_once(tmp_path):
    tail = value("shar", '"0.1"') + value("cap", '"non"') + value("min_cohort", "true")
    tail += indicator(weight="0.4")
    found = caught(tmp_path, tail).issues
    assert sorted(issue.code for issue in found) == [
        "rules.choice_or_number",
        "rules.not_a_number",
        "rules.not_whole",
        "rules.unknown_key",
    ]
    assert [issue.row for issue in found] == sorted(issue.row for issue in found)


def test_overrides_are_checked_like_values():
    found = overridden(shar="0.1", cap="0", weights={"tax": "1"}, share="2")
    assert sorted((issue.code, issue.values["where"]) for issue in found) == [
        ("rules.out_of_range", "rules.override.cap"),
        ("rules.out_of_range", "rules.override.share"),
        ("rules.unknown_indicator", "rules.override.weights.tax"),
        ("rules.unknown_override", "rules.override.shar"),
    ]


def test_an_override_of_an_energy_names_the_nearest():
    (issue,) = overridden(electricity_equivalent="0.3")
    assert issue.values["nearest"] == "electricity_equivalent_kgce_per_kwh"


def test_weights_must_be_a_table():
    (issue,) = overridden(weights="0.4")
    assert issue.code == "rules.not_a_table"


def test_every_message_can_be_written_in_both_languages(tmp_path):
    """Each fault of this file as a person would read it: no placeholder is left."""
    tail = value("shar", '"0.1"') + value("cap", '"non"') + indicator(denominator='"lnd"')
    for lang in ("zh", "en"):
        for line in caught(tmp_path, tail).lines(lang):
            assert "{" not in line.replace("{ all", "")


def test_codes_used_here_are_in_the_catalogue():
    known = set(all_codes())
    assert {"rules.unknown_key", "rules.before_first", "project.address"} <= known
