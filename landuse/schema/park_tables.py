"""The tables that people keep about parks: what is read, before anything is computed.

Money is in 10⁻⁶ 万元, areas in 10⁻⁶ m². What a table states is kept as stated: a blank is missing,
never zero. Several rows may state the same thing (``PERIODS``, ``PROMISES``, ``STATED``): who
compares them shows both.
"""

from __future__ import annotations

from typing import Final

from landuse.schema.frame import Column, Table
from landuse.schema.park_shared import (
    CLUSTER_KIND,
    NAME,
    PARK,
    PERIOD,
    SOURCE,
    USCC,
    counted,
    m2,
    wan,
)

__all__ = [
    "BOUNDS",
    "CLUSTER_KINDS",
    "DEMAND",
    "MEASURES",
    "ORIGINS",
    "PARK_REGISTER",
    "PARK_TABLES",
    "PARK_TYPES",
    "PERIODS",
    "PROJECTS",
    "PROMISES",
    "SCOPES",
    "STATED",
]

PARK_TYPES: Final = ("emerging", "traditional", "employment")
"""新兴产业, 传统产业, 就业型."""
SCOPES: Final = ("park", "cluster", "scale", "park_scale", "city")
"""Whose figure of a period it is: a park, an industry cluster, all firms above or below scale,
those of one park, the city."""
MEASURES: Final = (
    "output", "value_added", "tax", "industrial_tax", "fixed_investment",
    "infrastructure_investment", "technical_investment", "exports", "firms",
)  # fmt: skip
"""产值, 增加值, 税收, 工业税收, 固定资产投资, 基础设施投资, 技改投资, 出口, 企业数."""
BOUNDS: Final = ("exact", "about", "near", "more", "below")
"""How a figure is hedged: nothing, 约, 近, 多 or 超, 以内 or 不足."""
ORIGINS: Final = ("local", "outside")
CLUSTER_KINDS: Final = ("leading", "special")
"""主导, 特色."""


def _m2(name: str, zh: str, en: str) -> Column:
    return m2(name, zh, en, "Int64")


def _per_mu(name: str, zh: str, en: str) -> Column:
    return Column(f"{name}_wan_per_mu_micro", "Int64", zh, en, "1e-6 wan/mu")


def _ratio(name: str, zh: str, en: str) -> Column:
    return Column(f"{name}_micro", "Int64", zh, en, "1e-6")


PARK_REGISTER: Final = Table(
    "park_register",
    "园区底数",
    "register of parks",
    (
        PARK,
        Column("level", "text", "级别", "level"),
        Column("park_type", "text", "园区类型", "park type"),
        Column("planning_state", "text", "规划状态", "planning state"),
        Column("has_plan", "text", "已编规划", "has a plan"),
        _m2("total_area", "总面积", "total area"),
        _m2("undevelopable_area", "不可建设面积", "land that cannot be built on"),
        _m2("expropriated_area", "已征面积", "expropriated"),
        _m2("reserve_area", "收储面积", "in reserve"),
        _m2("cleared_area", "净地面积", "cleared"),
        _m2("ready_area", "已达到供地条件面积", "ready for supply"),
        _m2("supplied_area", "已供面积", "supplied (stated)"),
        _m2("built_area", "已建成面积", "built (stated)"),
        _m2("available_area", "可用面积", "available (stated)"),
        Column("infrastructure", "text", "基础设施", "infrastructure"),
        _m2("factory_planned", "标准厂房规划面积", "standard factories planned"),
        _m2("factory_built", "标准厂房建成面积", "standard factories built"),
        _m2("factory_let", "标准厂房出租面积", "standard factories let"),
        _m2("factory_vacant", "标准厂房空置面积", "standard factories vacant"),
        _ratio("planned_plot_ratio", "规划容积率", "planned plot ratio"),
        Column("environment_class", "text", "准入环境类别", "environment class admitted"),
        Column("leading_divisions", "text", "主导行业大类", "leading divisions"),
        wan("fixed_assets", "工业固定资产总额", "industrial fixed assets"),
        Column("jobs", "Int64", "从业人员", "jobs", "person"),
        *SOURCE,
    ),
    key=("park",),
)
"""``park_type``: one of :data:`PARK_TYPES` or "". ``has_plan``: yes | no | "" (not stated).
``infrastructure`` as written (七通一平).
``environment_class``: the dirtiest class admitted (一类, 二类, 三类). ``leading_divisions``:
divisions of GB/T 4754 (two digits), joined by "; "."""

PERIODS: Final = Table(
    "periods",
    "经济指标",
    "figures of periods",
    (
        Column("scope", "text", "范围", "scope"),
        Column("key", "text", "对象", "of whom"),
        CLUSTER_KIND,
        *PERIOD,
        counted("value", "数值", "value"),
        Column("digits", "int", "小数位", "decimals", "digit"),
        Column("step_micro", "int", "末位单位", "unit of the last digit", "1e-6 wan or unit"),
        Column("bound", "text", "约数", "hedge"),
        Column("growth_text", "text", "同比", "year on year"),
        Column("share_of_city_text", "text", "占全市比重", "share of the city"),
        counted("target", "全年目标", "target of the year"),
        Column("share_of_target_text", "text", "完成率", "share of the target"),
        counted("expected_year", "全年预计", "expected year"),
        *SOURCE,
    ),
)
"""``scope``: one of :data:`SCOPES`; ``key``: park, cluster, 规上 or 规下, ``park|规上``, "" for the
city. ``cluster_kind``: one of :data:`CLUSTER_KINDS`, "" (no cluster, or not stated). ``period``:
2026-06, 2026-Q2, 2026-H1 or 2026; ``cumulative`` figures run from 1 January to its end.
``measure``: one of :data:`MEASURES`, in 万元, ``firms`` in firms. ``digits`` are those of the
stated text in the unit of the table, ``step`` is one unit of the last of them (15.43 亿: 2 digits,
a step of 100 万元), 0 for counts; ``bound`` one of :data:`BOUNDS`."""

PROJECTS: Final = Table(
    "projects",
    "项目",
    "projects",
    (
        Column("project", "text", "项目", "project"),
        PARK,
        USCC,
        NAME,
        Column("contract_no", "text", "合同号", "contract"),
        Column("parcel_id", "text", "宗地代码", "parcel code"),
        Column("signed_on", "date", "签约日期", "signed on"),
        Column("supplied_on", "date", "供地日期", "land supplied on"),
        Column("started_on", "date", "开工日期", "started on"),
        Column("stopped_on", "date", "停工日期", "stopped on"),
        Column("resumed_on", "date", "复工日期", "resumed on"),
        Column("topped_out_on", "date", "封顶日期", "topped out on"),
        Column("completed_on", "date", "竣工日期", "completed on"),
        Column("production_on", "date", "投产日期", "in production on"),
        Column("planned_supply", "date", "计划供地", "planned supply"),
        Column("planned_start", "date", "计划开工", "planned start"),
        Column("planned_topping_out", "date", "计划封顶", "planned topping out"),
        Column("planned_completion", "date", "计划竣工", "planned completion"),
        Column("planned_production", "date", "计划投产", "planned production"),
        wan("planned_investment", "计划投资", "planned investment"),
        wan("invested", "已完成投资", "invested"),
        _m2("planned_floor", "计划建筑面积", "planned floor area"),
        _m2("built_floor", "已建建筑面积", "built floor area"),
        _m2("land_area", "用地面积", "land"),
        Column("unread", "text", "未能读出的日期", "dates that could not be read"),
        *SOURCE,
    ),
    key=("project",),
)
"""``unread`` names the dates (our columns, joined by "; ") whose cell says something that is no
date: they are not blank."""

PROMISES: Final = Table(
    "promises",
    "签约承诺",
    "promises",
    (
        USCC,
        NAME,
        PARK,
        Column("signed_on", "date", "签约日期", "signed on"),
        Column("origin", "text", "来源", "origin"),
        Column("origin_district", "text", "来源地", "district of origin"),
        Column("kinds", "text", "企业类别", "kinds"),
        _m2("floor", "厂房面积", "floor area"),
        _per_mu("promised_tax", "承诺亩均税收", "promised tax per mu"),
        _per_mu("promised_output", "承诺亩均产值", "promised output per mu"),
        _per_mu("promised_investment", "承诺亩均投资", "promised investment per mu"),
        Column("due_year", "Int64", "达产年度", "due year", "year"),
        Column("chain", "text", "产业链", "chain"),
        Column("chain_role", "text", "链上角色", "role in the chain"),
        *SOURCE,
    ),
)
"""``origin``: one of :data:`ORIGINS` or "". ``kinds`` are joined by "; " (高新; 专精特新; 瞪羚;
规上). ``chain_role``: leader (链主) | member | ""."""

DEMAND: Final = Table(
    "demand",
    "用地需求",
    "demand",
    (
        Column("demand", "text", "需求编号", "demand"),
        USCC,
        NAME,
        Column("division", "text", "行业大类", "division"),
        _m2("land_area", "需要土地", "land needed"),
        _m2("floor", "需要厂房", "floor space needed"),
        _ratio("least_plot_ratio", "容积率下限", "least plot ratio"),
        Column("environment_class", "text", "环境类别", "environment class"),
        Column("park_type", "text", "意向园区类型", "park type wanted"),
        Column("park", "text", "意向园区", "park wanted"),
        *SOURCE,
    ),
    key=("demand",),
)
"""What enterprises look for. ``least_plot_ratio``: what they must be allowed to build at least."""

STATED: Final = Table(
    "stated",
    "待核对数字",
    "stated figures",
    (
        Column("claim", "text", "编号", "claim"),
        Column("document", "text", "文件名称", "document"),
        Column("place", "text", "位置", "where in it"),
        Column("subject", "text", "对象", "subject"),
        Column("measure", "text", "指标", "measure"),
        Column("period", "text", "期间", "period"),
        Column("relation", "text", "关系", "relation"),
        Column("stated", "text", "所述数字", "stated"),
        Column("unit", "text", "单位", "unit"),
        Column("inputs", "text", "依据", "inputs"),
        Column("input_units", "text", "依据单位", "units of the inputs"),
        *SOURCE,
    ),
    key=("claim",),
)
"""``relation``: a key of the checker's relations. ``inputs`` and ``input_units`` are joined by
"; "; an input is a text with a figure, ``=claim`` for what another row states, or ``=计算:…`` for a
figure of the program itself (:mod:`landuse.pipeline.stated_figures`)."""

PARK_TABLES: Final = {
    table.name: table for table in (PARK_REGISTER, PERIODS, PROJECTS, PROMISES, DEMAND, STATED)
}
"""The tables by the name that they have in a project file."""
