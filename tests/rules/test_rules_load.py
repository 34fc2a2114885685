"""Packs as they hold on a day: values, dates, overrides, digests."""

import datetime as dt
from fractions import Fraction

import pytest

from landuse.errors import UserError
from landuse.rules import load, shipped
from landuse.units import UNITS

DAY = dt.date(2026, 6, 30)

SMALL = """
[pack]
name = "small"
version = "1"
issued_on = 2026-01-01
title_zh = "小"
title_en = "small"
source = "test"
extends = "three-indicator"
"""


def write(tmp_path, text, name="pack.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def faults(pack, **options):
    with pytest.raises(UserError) as caught:
        load(pack, as_of=options.pop("as_of", DAY), **options)
    return [(issue.code, issue.row, issue.value) for issue in caught.value.issues]


def codes(pack, **options):
    return [code for code, _, _ in faults(pack, **options)]


def test_the_default_pack_says_what_the_method_says():
    rules = load("three-indicator", as_of=DAY)
    assert rules.share == Fraction(15, 100)
    assert rules.min_cohort == 7
    assert rules.cap == 2
    assert [i.weight for i in rules.indicators] == [
        Fraction(4, 10),
        Fraction(3, 10),
        Fraction(3, 10),
    ]
    assert [f.column for f in rules.figures] == ["tax_wan", "output_wan", "energy_tce"]
    assert rules.exempt_divisions == ("44", "45", "46")
    assert rules.provenance["values.share"].source
    assert not rules.provenance["values.share"].overridden


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_pack_loads_and_states_units_and_sources(name):
    rules = load(name, as_of=DAY)
    assert rules.name == name
    assert len(rules.digest) == 64
    for origin in rules.provenance.values():
        assert origin.unit
        assert origin.source
    for indicator in rules.indicators:
        assert indicator.source
    for figure in rules.figures:
        assert figure.unit in UNITS


def test_huangyan_gives_the_score_of_the_worked_example():
    """Method, section 5: 30, 120, 3.0, 4000, 20, 0.03 score 106.320121."""
    rules = load("huangyan-2022", as_of=DAY)
    firm = dict(
        zip(
            [i.key for i in rules.indicators],
            ["30", "120", "3.0", "4000", "20", "0.03"],
            strict=True,
        )
    )
    assert rules.cap == "none"
    assert rules.coefficient == "none"
    score = sum(i.weight * Fraction(firm[i.key]) / i.published["all"] for i in rules.indicators)
    assert round(score, 6) == Fraction("106.320121")


def test_huaian_compares_with_twice_the_mean_of_all_of_last_year():
    rules = load("huaian-2024", as_of=DAY)
    assert {i.benchmark for i in rules.indicators} == {"twice_mean"}
    assert {i.scope for i in rules.indicators} == {"all"}
    assert {i.benchmark_year for i in rules.indicators} == {"previous"}
    assert [i.weight for i in rules.indicators] == [45, 35, 20]
    assert list(rules.classes.items()) == [
        ("A", Fraction(1, 5)),
        ("B", Fraction(3, 5)),
        ("C", Fraction(19, 20)),
        ("D", Fraction(1)),
    ]


def test_jingde_is_min_max_and_marks_what_is_ours():
    rules = load("jingde-minmax", as_of=DAY)
    assert rules.score_form == "minmax"
    assert len(rules.indicators) == 7
    assert sum(i.weight for i in rules.indicators) == 100
    assert all("(ours)" in i.source for i in rules.indicators)


DATED = (
    SMALL
    + """
[values.share]
unit = "1"
dated = [
  { from = 2024-01-01, value = "0.10", source = "first notice" },
  { from = 2026-01-01, value = "0.20", source = "second notice" },
]
"""
)


@pytest.mark.parametrize(
    ("day", "share", "source"),
    [
        (dt.date(2024, 1, 1), "1/10", "first notice"),
        (dt.date(2025, 12, 31), "1/10", "first notice"),
        (dt.date(2026, 1, 1), "1/5", "second notice"),
        (dt.date(2030, 1, 1), "1/5", "second notice"),
    ],
)
def test_the_latest_value_up_to_the_day_holds(tmp_path, day, share, source):
    rules = load(write(tmp_path, DATED), as_of=day)
    assert rules.share == Fraction(share)
    assert rules.provenance["values.share"].source == source
    assert rules.provenance["values.share"].since <= day


def test_before_the_first_value_there_is_none(tmp_path):
    found = faults(write(tmp_path, DATED), as_of=dt.date(2023, 12, 31))
    assert found == [("rules.before_first", 13, "2023-12-31")]


def test_the_order_of_dated_lines_means_nothing(tmp_path):
    lines = DATED.splitlines()
    at = next(n for n, line in enumerate(lines) if "2024-01-01" in line)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    rules = load(write(tmp_path, "\n".join(lines)), as_of=dt.date(2025, 6, 1))
    assert rules.share == Fraction(1, 10)


def test_a_part_of_an_indicator_may_be_dated(tmp_path):
    pack = write(
        tmp_path,
        SMALL
        + """
[energy.electricity]
unit = "kWh"
calorific = "0.1229"
equivalent = { dated = [
  { from = 2024-01-01, value = "0.3015", source = "bulletin 2024" },
  { from = 2025-01-01, value = "0.2990", source = "bulletin 2025" },
] }
title_zh = "电力"
title_en = "electricity"
source = "province"
""",
    )
    early = load(pack, as_of=dt.date(2024, 12, 31))
    late = load(pack, as_of=DAY)
    assert early.energy[0].equivalent == Fraction("0.3015")
    assert late.energy[0].equivalent == Fraction("0.2990")
    origin = late.provenance["energy.electricity.equivalent"]
    assert (origin.source, origin.since) == ("bulletin 2025", dt.date(2025, 1, 1))
    assert [e.key for e in late.energy] == [
        e.key for e in load("three-indicator", as_of=DAY).energy
    ]


def test_overrides_replace_and_are_marked():
    rules = load(
        "three-indicator",
        as_of=DAY,
        override={
            "share": "0.10",
            "shared_parcels": "merge",
            "weights": {"tax_wan_per_mu": "0.5"},
            "electricity_equivalent_kgce_per_kwh": "0.2990",
        },
    )
    assert rules.share == Fraction(1, 10)
    assert rules.shared_parcels == "merge"
    assert rules.indicator("tax_wan_per_mu").weight == Fraction(1, 2)
    assert rules.energy[0].equivalent == Fraction("0.299")
    marked = {name for name, origin in rules.provenance.items() if origin.overridden}
    assert marked == {
        "values.share",
        "values.shared_parcels",
        "indicators.tax_wan_per_mu.weight",
        "energy.electricity.equivalent",
    }
    assert rules.provenance["energy.electricity.equivalent"].unit == "kgce/kWh"


def test_published_benchmarks_can_be_overridden():
    table = {"tax_wan_per_mu": {"all": "26.01", "13": "20"}}
    rules = load("huangyan-2022", as_of=DAY, override={"published": table})
    assert rules.indicator("tax_wan_per_mu").published == {"all": Fraction("26.01"), "13": 20}


def test_the_digest_changes_with_what_counts_and_with_nothing_else(tmp_path):
    plain = load("three-indicator", as_of=DAY)
    assert plain.digest == load("three-indicator", as_of=DAY).digest
    assert plain.digest != load("three-indicator", as_of=DAY, override={"share": "0.1"}).digest
    # the same pack a day later says the same
    assert plain.digest == load("three-indicator", as_of=dt.date(2026, 7, 1)).digest
    one = load(write(tmp_path, SMALL + "# a remark\n"), as_of=DAY)
    two = load(write(tmp_path, SMALL, "other.toml"), as_of=DAY)
    assert one.digest == two.digest
    third = load(write(tmp_path, SMALL.replace('"1"', '"2"')), as_of=DAY)
    assert third.digest != one.digest


def test_equal_numbers_written_differently_are_the_same_rules():
    tenth = load("three-indicator", as_of=DAY, override={"share": "0.10"})
    same = load("three-indicator", as_of=DAY, override={"share": "0.1"})
    assert tenth.digest == same.digest


def test_a_path_counts_from_the_base(tmp_path):
    (tmp_path / "规则 包").mkdir()
    write(tmp_path / "规则 包", SMALL, "本市.toml")
    assert load("规则 包/本市.toml", as_of=DAY, base=tmp_path).name == "small"
    assert codes("规则 包/没有.toml", base=tmp_path) == ["rules.file_absent"]


def test_an_unknown_name_gives_the_nearest_pack():
    with pytest.raises(UserError) as caught:
        load("three-indicators", as_of=DAY)
    assert caught.value.issues[0].code == "rules.unknown_pack"
    assert caught.value.issues[0].values["nearest"] == "three-indicator"


def test_rules_are_frozen():
    rules = load("three-indicator", as_of=DAY)
    with pytest.raises(ValueError, match="frozen"):
        rules.share = Fraction(1)


def test_packs_that_extend_each_other_are_refused(tmp_path):
    text = SMALL.replace('"three-indicator"', '"b.toml"')
    write(tmp_path, text, "a.toml")
    write(tmp_path, text.replace("b.toml", "a.toml"), "b.toml")
    assert codes("a.toml", base=tmp_path) == ["rules.circular"]


@pytest.mark.parametrize("name", ["https://x/a.toml", "//server/a.toml", "\\\\server\\a.toml"])
def test_packs_never_come_from_a_network(name):
    assert codes(name) == ["rules.remote_pack"]
