"""What people read of a pack."""

import datetime as dt

from landuse.rules import diff, load, show

DAY = dt.date(2026, 6, 30)


def rows(rules, lang="zh"):
    return {
        name: (group, value, unit, source) for group, name, value, unit, source in show(rules, lang)
    }


def test_show_has_every_value_with_unit_and_source():
    rules = load("three-indicator", as_of=DAY)
    shown = rows(rules)
    assert shown["share"] == ("取值", "0.15", "1", "method section 6: 各行业末位 15 %")
    assert shown["tax_wan_per_mu"][1] == "亩均税收 = tax ÷ land"
    assert shown["tax_wan_per_mu.weight"][1] == "0.4"
    assert shown["electricity.calorific"][1:3] == ("0.1229", "kgce/kWh")
    assert shown["electricity.equivalent"][1] == "未给出"
    assert shown["digest"][1] == rules.digest
    assert {f"values.{name}" for name in shown} >= set(rules.provenance)


def test_show_speaks_english():
    shown = rows(load("huaian-2024", as_of=DAY), "en")
    assert shown["tax_wan_per_mu"][1] == "tax per mu = tax ÷ land"
    assert shown["tax_wan_per_mu.benchmark"][1] == "twice_mean, all, previous"
    assert shown["classes"][1] == "A = 0.2, B = 0.6, C = 0.95, D = 1"


def test_show_names_the_override_and_the_day(tmp_path):
    rules = load("three-indicator", as_of=DAY, override={"share": "1/3"})
    assert rows(rules)["share"] == ("取值", "1/3", "1", "[rules.override]")


def test_diff_of_a_pack_with_itself_is_empty():
    rules = load("three-indicator", as_of=DAY)
    assert diff(rules, rules) == []


def test_diff_lists_what_changed_and_what_one_has_alone():
    a = load("three-indicator", as_of=DAY)
    b = load(
        "three-indicator", as_of=DAY, override={"share": "0.10", "weights": {"tax_wan_per_mu": "1"}}
    )
    assert diff(a, b) == [
        ("indicators.tax_wan_per_mu.weight", "0.4", "1"),
        ("values.share", "0.15", "0.1"),
    ]
    other = {name: (left, right) for name, left, right in diff(a, load("huangyan-2022", as_of=DAY))}
    assert other["indicators.tax_wan_per_mu.published"] == ("", "all = 24.097")
    assert other["figures.output.unit"] == ("wan", "")
    assert other["values.cap"] == ("2", "none")
