"""The trace of a finding: every number of it adds up again."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest
from publish_county import make_run, parcel, uscc

from landuse.errors import UserError
from landuse.publish.explain import explain


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from landuse.publish import OUTPUTS, write_run

    return write_run(make_run(), tmp_path_factory.mktemp("run") / "out", outputs=OUTPUTS[:1])


def number(text: str) -> float:
    return float(text.replace(",", ""))


def test_the_worked_example_stands_there_step_by_step(folder):
    text = "\n".join(explain(folder, uscc(1)).text())
    for step in [
        "地价 480 元/㎡ ÷ 参考地价 360 元/㎡ = 系数 1.333333",
        "50 亩 × 1.333333 = 折算面积 66.666667 亩",
        "亩均税收：税收 600 万元 ÷ 用地 50 亩 = 12 万元/亩",
        "修正：600 ÷ 折算面积 66.666667 亩 = 9 万元/亩",
        "9 ÷ 基准 22.8 = 0.394737；× 权重 0.4 = 0.157895",
        "末位名额：15 % × 7 = 1.05，向下取整为 1 家",
        "倒数第 1／7",
        "企业.xlsx，工作表 2025，第 4 行",
        "用地关系.xlsx，工作表 Sheet1，第 2 行",
        "不在评价范围内的用途，不计入",
        "不做地价修正；“亩均税收”权重加两成",
        "三项指标",
        "0000000258",
    ]:
        assert step in text


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("n", range(1, 8))
def test_what_is_printed_adds_up(folder, n, lang):
    lines = explain(folder, uscc(n), lang).text()
    checked = 0
    for line in lines:
        for left, sign, right, result in re.findall(
            r"([\d,.]+)[^\d=÷×;；]*([÷×])[^\d=;；]*([\d,.]+)[^\d=;；×÷]*= ?[^\d−-]*([\d,.]+)", line
        ):
            a, b, c = number(left), number(right), number(result.rstrip("."))
            if "%" in line.split(left)[1][:3]:
                a /= 100
            assert (a / b if sign == "÷" else a * b) == pytest.approx(c, rel=2e-5), line
            checked += 1
    assert checked >= 9
    (score,) = [line for line in lines if line.strip().startswith(("综合得分", "score"))]
    parts, total = score.replace("综合得分", "").replace("score", "").split("=")
    assert sum(number(one) for one in parts.split("+")) == pytest.approx(number(total), abs=2e-6)


def test_a_capped_indicator_says_so(folder):
    # enterprise 5: tax 2000 ÷ 66.67 = 30 → 30 ÷ 22.8 = 1.32: not capped; raise one above twice
    run = make_run()
    parts = run.indicators.copy()
    hit = (parts["unit_id"] == uscc(5)) & (parts["indicator"] == "tax_wan_per_mu")
    parts.loc[hit, ["compared", "ratio", "part"]] = [68.4, 3.0, 0.8]
    text = written(folder, dataclasses.replace(run, indicators=parts), uscc(5))
    assert "68.4 ÷ 基准 22.8 = 3；超过上限，按 2 计；× 权重 0.4 = 0.8" in text
    parts.loc[hit, ["compared", "ratio", "part"]] = [-22.8, -1.0, 0.0]
    text = written(folder, dataclasses.replace(run, indicators=parts), uscc(5))
    assert "= -1；为负，按 0 计；× 权重 0.4 = 0" in text
    parts.loc[hit, ["benchmark", "ratio", "part"]] = [-3.0, float("nan"), 0.0]
    text = written(folder, dataclasses.replace(run, indicators=parts), uscc(5))
    assert "基准值不为正（-3），本项按 0 计" in text
    parts.loc[hit, "imputed"] = True
    text = written(folder, dataclasses.replace(run, indicators=parts), uscc(5))
    assert "缺失，按同组有数据单元的平均得分 0 计" in text


def written(folder, run, key, lang="zh") -> str:
    from landuse.publish import OUTPUTS, write_run

    target = write_run(run, folder.with_name("other"), outputs=OUTPUTS[:1])
    return "\n".join(explain(target, key, lang).text())


def test_min_max_shows_where_the_value_lies(folder):
    run = make_run()
    rules = run.rules.model_copy(update={"score_form": "minmax"})
    # x = 8 between 2 and 20: ratio 1/3; 0.4 × (20 + 80/3) ÷ 100 = 0.186667
    parts = run.indicators.assign(lowest=2.0, highest=20.0, ratio=1 / 3, part=0.4 * 140 / 300)
    text = written(folder, dataclasses.replace(run, rules=rules, indicators=parts), uscc(1))
    assert "（20 + 80 × 0.333333）÷ 100 = 0.186667" in text
    assert "最低 2 与最高 20" in text


def test_score_divided_by_the_coefficient(folder):
    run = make_run()
    rules = run.rules.model_copy(update={"coefficient": "score"})
    text = written(folder, dataclasses.replace(run, rules=rules), uscc(1))
    assert "）÷ 地价系数 1.333333 = " in text
    assert "修正：" not in text


def test_without_a_coefficient_no_correction_is_shown(folder):
    run = make_run()
    rules = run.rules.model_copy(update={"coefficient": "none"})
    text = written(folder, dataclasses.replace(run, rules=rules), uscc(1))
    assert "本规则包不做地价修正" in text
    assert "修正：" not in text
    assert "折算" not in text.split("【指标")[0]


def test_without_a_coefficient_and_without_a_price_there_is_no_division(folder):
    run = make_run()
    rules = run.rules.model_copy(update={"coefficient": "none"})
    land = run.parcels.assign(benchmark_price_yuan_per_m2=float("nan"), price_coefficient=1.0)
    text = written(folder, dataclasses.replace(run, rules=rules, parcels=land), uscc(1))
    assert "没有地价" in text
    assert "参考地价" not in text


def test_price_of_a_parcel_over_two_zones_is_weighted(folder):
    run = make_run()
    parts = run.price_parts.iloc[[0, 0]].reset_index(drop=True)
    parts["grade"], parts["overlap_m2"] = ["一级", "二级"], [100.0, 300.0]
    parts["benchmark_price_yuan_per_m2"] = [300.0, 220.0]  # (300 + 3 × 220) ÷ 4 = 240
    text = written(folder, dataclasses.replace(run, price_parts=parts), parcel(2))
    assert "(300 × 100 + 220 × 300) ÷ (100 + 300) = 240 元/㎡" in text


def test_a_price_of_the_parcels_own_is_not_said_to_come_from_its_zones(folder):
    run = make_run()  # parcel 4 states 240 itself; its zones would give 340
    parts = run.price_parts.iloc[[0, 0]].assign(parcel_id=parcel(4)).reset_index(drop=True)
    parts["benchmark_price_yuan_per_m2"] = [480.0, 200.0]
    text = written(folder, dataclasses.replace(run, price_parts=parts), parcel(4))
    assert "地价取自宗地自身的地价列" in text
    assert "按重叠面积加权" not in text


def test_an_ungraded_unit_says_why(folder):
    text = "\n".join(explain(folder, uscc(9)).text())
    assert "没有评价年度的数据" in text
    assert "没有计算得分" in text
    assert "没有计入的用地" in "\n".join(explain(folder, uscc(11)).text())
    assert "不参与排名" in "\n".join(explain(folder, uscc(10)).text())


def test_a_parcel_has_its_area_price_and_all_its_users(folder):
    text = "\n".join(explain(folder, parcel(7)).text())
    assert "已用 50 亩 + 未用 0 亩 = 50 亩" in text
    assert f"{uscc(7)}" in text
    assert f"（企业表中没有）（{uscc(99)}）：25 亩" in text
    flagged = "\n".join(explain(folder, parcel(1), "en").text())
    assert "parcel 350582001001GB00001: suspected low efficiency" in flagged
    assert "flagged area 50 mu" in flagged
    assert "无企业" in "\n".join(explain(folder, parcel(11)).text())


def test_members_of_a_merged_unit_are_named(folder):
    run = make_run()
    units = run.units.copy()
    units.loc[units["uscc"] == uscc(2), "unit_id"] = uscc(1)
    links = run.links
    text = written(folder, dataclasses.replace(run, units=units, links=links), uscc(2))
    assert f"（{uscc(1)}）合并为一个评价单元" in text
    assert parcel(1) in text
    assert parcel(2) in text


def test_json_is_json_and_missing_is_null(folder):
    found = explain(folder, uscc(9)).json
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["unit"]["score"] is None
    assert found["unit"]["rank"] is None
    assert found["kind"] == "enterprise"
    assert found["rows"][-1]["source_row"] == 12
    assert explain(folder, parcel(1)).json["kind"] == "parcel"


def test_a_key_in_lower_case_or_with_spaces_is_found(folder):
    assert explain(folder, f" {uscc(1).lower()} ").json["key"] == uscc(1)


def test_an_unknown_key_names_the_nearest(folder):
    with pytest.raises(UserError) as caught:
        explain(folder, uscc(19))
    assert "91350582000000009X" in caught.value.lines()[0]
    with pytest.raises(UserError) as caught:
        explain(folder, "正常机械")
    assert uscc(10) in caught.value.lines()[0]  # by its name
    with pytest.raises(UserError) as caught:
        explain(folder, "")
    assert caught.value.issues[0].code == "publish.unknown_key"


def test_control_characters_of_a_name_do_not_reach_the_terminal(folder):
    text = "\n".join(explain(folder, uscc(4)).text())
    assert "甲␁␋乙" in text
    assert not re.search("[\x00-\x08\x0b-\x1f]", text)


def test_what_is_no_run_folder(folder, tmp_path):
    with pytest.raises(UserError) as caught:
        explain(tmp_path, uscc(1))
    assert caught.value.issues[0].code == "publish.not_a_run"
    (tmp_path / "run.json").write_text('{"made_by": "landuse", "format": 99}', encoding="utf-8")
    with pytest.raises(UserError) as caught:
        explain(tmp_path, uscc(1))
    assert caught.value.issues[0].code == "publish.other_format"
    for broken in ["[]", "{}", "no json"]:
        (tmp_path / "run.json").write_text(broken, encoding="utf-8")
        with pytest.raises(UserError):
            explain(tmp_path, uscc(1))


def test_a_table_that_is_gone_or_broken_is_named(write_small):
    target = write_small(make_run())
    (target / "units.parquet").write_bytes(b"no parquet")
    with pytest.raises(UserError) as caught:
        explain(target, uscc(1))
    assert "units.parquet" in caught.value.lines()[0]
    (target / "units.parquet").unlink()
    with pytest.raises(UserError):
        explain(target, uscc(1))


@pytest.mark.parametrize("key", [uscc(1), parcel(1), "没有这个"])
def test_a_run_of_before_there_was_idle_land_is_explained_and_says_so(write_small, key):
    target = write_small(make_run())
    manifest = json.loads((target / "run.json").read_text(encoding="utf-8"))
    for name in ("idle.parquet", "evidence.parquet"):
        (target / name).unlink(missing_ok=True)
        manifest["files"].pop(name, None)
    manifest.pop("examined", None)
    (target / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    if key == "没有这个":
        with pytest.raises(UserError) as caught:
            explain(target, key)
        assert caught.value.issues[0].code == "publish.unknown_key"
    else:
        assert "没有做闲置土地初筛" in "\n".join(explain(target, key).text())
