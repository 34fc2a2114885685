"""The rule pack of parks: dated, and every fault told with its line."""

from __future__ import annotations

import datetime as dt
from importlib import resources

import pytest

from landuse.errors import UserError
from landuse.rules.park_pack import PARK_PACK, load_park_pack
from landuse.schema.park_tables import PARK_TYPES

DAY = dt.date(2026, 6, 30)


def shipped() -> str:
    source = resources.files("landuse.rules").joinpath("park_packs", f"{PARK_PACK}.toml")
    return source.read_text(encoding="utf-8")


def changed(tmp_path, *changes: tuple[str, str], as_of: dt.date = DAY):
    text = shipped()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    return load_park_pack("own.toml", as_of=as_of, base=tmp_path)


def test_the_shipped_pack_is_whole() -> None:
    rules = load_park_pack(as_of=DAY)
    assert tuple(rules.types) == PARK_TYPES
    assert any(one.numerator == "jobs" for one in rules.types["employment"])
    assert {sum(one.weight for one in kind) for kind in rules.types.values()} == {100}
    assert len(rules.digest) == 64


def test_a_new_value_of_an_old_line_is_a_date_and_no_code(tmp_path) -> None:
    lines = '{ from = 2020-01-01, value = "30" }, { from = 2026-07-01, value = "40" }'
    dated = ('full_at = "30"', f"full_at = {{ dated = [{lines}] }}")
    before = changed(tmp_path, dated)
    after = changed(tmp_path, dated, as_of=dt.date(2026, 7, 1))
    assert [rules.types["emerging"][0].full_at for rules in (before, after)] == [30, 40]
    assert before.digest != after.digest


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (('weight = "25"', 'weight = "26"'), "parks.weights_sum"),
        (('zero_at = "5"', 'zero_at = "30"'), "parks.same_lines"),
        (('D = "0"', 'D = "10"'), "parks.bad_grades"),
        (('B = "70"', 'B = "90"'), "parks.bad_grades"),
        (('numerator = "tax_wan"', 'numerator = "taxes"'), "rules.unknown_figure"),
        (('unit = "wan/mu"', 'unit = "percent"'), "rules.not_a_choice"),
        (('industry = "40"', 'trade = "40"'), "rules.unknown_key"),
        (('value = "0.5"', "value = 0.5"), "rules.not_a_number"),
        (('value = "0.5"', 'value = "1.5"'), "rules.out_of_range"),
        (('weight = "25"', 'weigth = "25"'), "rules.unknown_key"),
        (("[emerging.output_growth]", "[emergent.output_growth]"), "rules.unknown_key"),
        (('value = "ungraded"', 'value = "zero"'), "rules.not_a_choice"),
    ],
)
def test_faults_are_told(tmp_path, change, code) -> None:
    with pytest.raises(UserError) as told:
        changed(tmp_path, change)
    found = [issue for issue in told.value.issues if issue.code == code]
    assert found
    assert found[0].file == "own.toml"
    for issue in told.value.issues:
        assert issue.message("zh")
        assert issue.hint("zh")


def test_all_faults_at_once(tmp_path) -> None:
    with pytest.raises(UserError) as told:
        changed(tmp_path, ('weight = "25"', 'weight = "26"'), ('D = "0"', 'D = "1"'))
    assert {issue.code for issue in told.value.issues} == {"parks.weights_sum", "parks.bad_grades"}
