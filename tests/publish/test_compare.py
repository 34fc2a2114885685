"""Who moved between two runs, and through what."""

from __future__ import annotations

import dataclasses
import json

import pandas as pd
import pytest
from publish_county import make_run, uscc

from landuse.errors import UserError
from landuse.publish.compare import compare


@pytest.fixture
def both(write_small):
    def write(a, b):
        return compare(write_small(a, "a"), write_small(b, "b"))

    return write


def move(found, n):
    (row,) = [one for one in found.json["moves"] if one["uscc"] == uscc(n)]
    return row


def test_a_run_and_itself(both):
    found = both(make_run(), make_run())
    assert found.json["moves"] == []
    assert found.json["changes"] == {"inputs": [], "rules": [], "settings": []}
    assert "输入与规则都相同。" in found.text()
    assert "没有企业移入或移出。" in found.text()


def test_more_tax_moves_one_out_and_the_next_in(both):
    # 600 → 2600: benchmark of the tax (7600 + 2000) ÷ 333.33 = 28.8 instead of 22.8
    found = both(make_run(), make_run(tax1=2600.0))
    out, into = move(found, 1), move(found, 2)
    assert (out["move"], into["move"]) == ("out", "in")
    assert out["own"] == [{"name": "tax_wan", "a": 600.0, "b": 2600.0}]
    assert out["inputs"] == ["企业.xlsx"]
    assert into["own"] == []  # nothing of its own: the group moved
    benchmark = {one["name"]: (one["a"], one["b"]) for one in into["group"]}
    assert benchmark["benchmark_tax_wan_per_mu"] == pytest.approx((22.8, 28.8))
    assert "cutoff_score" in benchmark
    assert [one["name"] for one in found.json["changes"]["inputs"]] == ["企业.xlsx"]


def test_words_in_both_languages(both):
    found = both(make_run(), make_run(tax1=2600.0))
    zh, en = "\n".join(found.text("zh")), "\n".join(found.text("en"))
    assert "移入 1，移出 1" in zh
    assert "自身变化：税收（万元） 600 → 2,600" in zh
    assert "自身数值没有变化；同组变化：" in zh
    assert "its own values changed: tax (10k yuan) 600 → 2,600" in en
    assert "亩均税收基准（万元/亩） 22.8 → 28.8" in zh
    json.dumps(found.json, allow_nan=False)


def flagged_to(run, n, status, **values):
    units = run.units.copy()
    units.loc[units["uscc"] == uscc(n), ["status", *values]] = [status, *values.values()]
    return dataclasses.replace(run, units=units)


def test_members_of_a_merged_unit_are_counted_as_the_moves_are(both):
    run = make_run()  # 1 is flagged; afterwards the unit of 2 and 3 as well
    other = flagged_to(flagged_to(run, 2, "low_efficiency"), 3, "low_efficiency")
    units = other.units.assign(unit_id=other.units["unit_id"].replace(uscc(3), uscc(2)))
    found = both(run, dataclasses.replace(other, units=units))
    assert [one["flagged"] for one in found.json["runs"]] == [1, 3]
    assert "疑似低效企业 1 → 3 家：移入 2，移出 0" in "\n".join(found.text())


def test_a_rule_alone_is_named(both):
    run = make_run()
    rules = run.rules.model_copy(update={"share": __import__("fractions").Fraction(3, 10)})
    other = flagged_to(dataclasses.replace(run, rules=rules), 2, "low_efficiency")
    found = both(run, other)
    assert found.json["changes"]["rules"] == [{"name": "share", "a": "3/20", "b": "3/10"}]
    assert move(found, 2)["own"] == []
    text = "\n".join(found.text())
    assert "规则 share：0.15 → 0.3" in text
    assert "规则或其他输入变了" in text


def test_a_weight_is_named_by_its_indicator(both):
    run = make_run()
    first = run.rules.indicators[0].model_copy(
        update={"weight": __import__("fractions").Fraction(1, 2)}
    )
    rules = run.rules.model_copy(update={"indicators": (first, *run.rules.indicators[1:])})
    found = both(run, dataclasses.replace(run, rules=rules))
    assert [one["name"] for one in found.json["changes"]["rules"]] == [
        "indicators.tax_wan_per_mu.weight"
    ]


def test_an_exemption_is_a_cause_of_its_own(both):
    run = make_run()
    other = flagged_to(run, 1, "exempt", reason="exempt_listed")
    found = both(run, other)
    assert {"name": "reason", "a": "", "b": "exempt_listed"} in move(found, 1)["own"]
    assert "豁免" in "\n".join(found.text())


def with_inputs(run, *changed, **more):
    """``run`` with files ``path=table`` read; those of ``changed`` have another content."""
    known = run.manifest["inputs"]
    files = [{"path": p, "sha256": ("e" if p in changed else "d") * 64, "bytes": 1} for p in more]
    counts = pd.DataFrame(
        [(table, path, 1, 1, 0) for path, table in more.items()], columns=list(run.counts.columns)
    )
    return dataclasses.replace(
        run,
        counts=pd.concat([run.counts, counts], ignore_index=True),
        manifest={**run.manifest, "inputs": [*known, *files]},
    )


def test_a_new_price_of_the_zones_is_traced_to_their_file(both):
    run = make_run()
    other = flagged_to(run, 2, "low_efficiency")
    units = other.units.copy()
    units.loc[units["uscc"] == uscc(2), "price_coefficient"] *= 1.5
    more = {"zones.gpkg": "price_zones", "supply.xlsx": "supply"}
    found = both(
        with_inputs(run, **more),
        with_inputs(dataclasses.replace(other, units=units), "zones.gpkg", "supply.xlsx", **more),
    )
    assert [one["name"] for one in move(found, 2)["own"]] == ["price"]
    assert move(found, 2)["inputs"] == ["zones.gpkg"]


def test_a_row_that_is_gone_is_traced_to_its_file(both):
    run = make_run()
    row = ("exemptions", uscc(1), 0, "uscc", "exempt.csv", "", 2)
    sources = pd.concat(
        [run.sources, pd.DataFrame([row], columns=list(run.sources.columns))], ignore_index=True
    )
    exempt = flagged_to(run, 1, "exempt", reason="exempt_listed")
    exempt = dataclasses.replace(exempt, sources=sources)
    more = {"exempt.csv": "exemptions"}
    found = both(with_inputs(exempt, **more), with_inputs(run, "exempt.csv", **more))
    assert move(found, 1)["inputs"] == ["exempt.csv"]


def test_an_enterprise_that_is_gone_or_new(both):
    run = make_run()
    without = dataclasses.replace(run, units=run.units[run.units["uscc"] != uscc(1)])
    assert move(both(run, without), 1)["status"]["b"] is None
    assert "只在第一次运行中有" in "\n".join(both(run, without).text())
    assert "只在第二次运行中有" in "\n".join(both(without, run).text())


def test_a_new_reference_price_alone_is_not_the_units_own_change(both):
    run = make_run()
    # P0 360 → 180 with the same own prices: every k doubles, k × P0 stays
    other = flagged_to(run, 2, "low_efficiency")
    units = other.units.assign(price_coefficient=other.units["price_coefficient"] * 2)
    manifest = {**run.manifest, "reference_price_yuan_per_m2": 180.0}
    found = both(run, dataclasses.replace(other, units=units, manifest=manifest))
    assert move(found, 2)["own"] == []
    assert {"name": "reference", "a": 360.0, "b": 180.0} in move(found, 2)["group"]


def test_settings_and_files_that_come_and_go(both):
    run = make_run()
    manifest = {
        **run.manifest,
        "project": {**run.manifest["project"], "as_of": "2026-12-31"},
        "inputs": [
            {"path": "区片.gpkg", "sha256": "c" * 64, "bytes": 1},
            run.manifest["inputs"][1],
        ],
    }
    text = "\n".join(both(run, dataclasses.replace(run, manifest=manifest)).text())
    assert "as_of：2026-06-30 → 2026-12-31" in text
    assert "新增输入文件：区片.gpkg" in text
    assert "少了输入文件：企业.xlsx" in text


def test_what_is_no_run_folder(write_small, tmp_path):
    with pytest.raises(UserError):
        compare(write_small(make_run()), tmp_path / "nothing")
