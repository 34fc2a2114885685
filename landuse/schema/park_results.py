"""What is computed about parks: land accounts, ratios, periods, projects, promises, grades.

Areas are integers of 10⁻⁶ m², money of 10⁻⁶ 万元, areas that the ledger keeps of 10⁻⁴ mu and
10⁻² m²: shown figures are rounded from these, never added up rounded.
"""

from __future__ import annotations

from typing import Final

from landuse.schema.frame import Column, Table
from landuse.schema.park_shared import (
    CLUSTER_KIND,
    NAME,
    PARCEL,
    PARK,
    PARK_TYPE,
    PERIOD,
    SOURCE,
    USCC,
    counted,
    m2,
    share,
    wan,
)

__all__ = [
    "ASSESSMENT",
    "ASSESSMENT_PARTS",
    "CLUSTER_SUMS",
    "LAND_ACCOUNTS",
    "LAND_PARTS",
    "PARK_MEASURES",
    "PERIOD_FIGURES",
    "PROJECT_STATES",
    "PROMISE_PARTS",
    "PROMISE_RESULTS",
    "RATIOS",
    "SCALE_BALANCE",
]

LAND_PARTS: Final = Table(
    "land_parts",
    "宗地分园区面积",
    "parcels by park",
    (PARCEL, PARK, m2("area", "面积", "area")),
    key=("parcel_id", "park"),
)
"""What of each parcel's accounting area lies in which park ("" outside all); adds up exactly."""

LAND_ACCOUNTS: Final = Table(
    "land_accounts",
    "园区土地账",
    "land accounts",
    (
        PARK,
        Column("total_from", "text", "总面积来源", "total from"),
        m2("total", "总面积", "total"),
        m2("undevelopable", "不可建设", "cannot be built on"),
        m2("built", "已建成", "built"),
        m2("partly_used", "在建", "partly used"),
        m2("not_started", "已供未动工", "supplied, not started"),
        m2("idle", "疑似闲置", "suspected idle"),
        m2("undetermined", "情况不明", "undetermined"),
        m2("available", "尚可供应", "still available"),
        m2("excess", "超出总面积", "beyond the total"),
        m2("supplied", "已供应", "supplied"),
        m2("unsupplied_parcels", "其中未供宗地", "parcels not supplied"),
        m2("low_efficiency", "疑似低效", "suspected low efficiency"),
        m2("low_efficiency_idle", "低效且闲置", "low efficiency and idle"),
        Column("revitalised_mu_e4", "int", "已盘活", "revitalised", "1e-4 mu"),
        Column("revitalised_floor_m2_e2", "int", "已盘活厂房", "revitalised floor", "1e-2 m2"),
        m2("developable", "可建设", "developable", "Int64"),
        m2("expropriated", "已征", "expropriated", "Int64"),
        m2("reserve", "收储", "in reserve", "Int64"),
        m2("cleared", "净地", "cleared", "Int64"),
        m2("ready", "已达到供地条件", "ready for supply", "Int64"),
        m2("stated_total", "填报总面积", "total (stated)", "Int64"),
        m2("stated_supplied", "填报已供", "supplied (stated)", "Int64"),
        m2("stated_built", "填报已建成", "built (stated)", "Int64"),
        m2("stated_available", "填报可用", "available (stated)", "Int64"),
        m2("parcels", "宗地面积", "parcels"),
        Column("parcel_count", "int", "宗地数", "parcels", "parcel"),
    ),
    key=("park",),
)
"""One row a park, and "" for what of the parcels lies in none. ``undevelopable`` + ``built`` +
``partly_used`` + ``not_started`` + ``idle`` + ``undetermined`` + ``available`` − ``excess`` =
``total``; ``supplied`` = ``built`` + ``partly_used`` + ``not_started`` + ``idle``.
``low_efficiency`` lies within these and leaves out what is idle. ``total_from``: boundary | stated
| parcels. An undevelopable area that is not stated counts 0 here; ``developable`` is then missing.
"""

PARK_MEASURES: Final = Table(
    "park_measures",
    "园区指标数据",
    "measures of parks",
    (
        PARK,
        PARK_TYPE,
        m2("total", "总面积", "total", "Int64"),
        m2("developable", "可建设", "developable", "Int64"),
        m2("ready", "已达到供地条件", "ready for supply", "Int64"),
        m2("supplied", "已供应", "supplied", "Int64"),
        m2("built", "已建成", "built", "Int64"),
        m2("industrial", "已建成工矿仓储用地", "built industrial land", "Int64"),
        m2("high_tech", "高新技术企业用地", "land of high-tech firms", "Int64"),
        m2("idle", "疑似闲置", "suspected idle", "Int64"),
        m2("low_efficiency", "疑似低效", "suspected low efficiency", "Int64"),
        m2("floor", "总建筑面积", "floor area", "Int64"),
        m2("floor_land", "有建筑面积的用地", "land whose floor area is known", "Int64"),
        m2("footprint", "建筑基底", "footprint", "Int64"),
        m2("footprint_land", "有基底面积的用地", "land whose footprint is known", "Int64"),
        m2("industrial_floor", "工矿仓储建筑面积", "industrial floor area", "Int64"),
        m2("industrial_floor_land", "有建筑面积的工矿仓储用地",
            "industrial land whose floor area is known", "Int64"),
        wan("tax", "税收", "tax"),
        wan("output", "产值", "output"),
        wan("output_last_year", "上年产值", "output of the year before"),
        wan("output_growth", "产值增量", "growth of output"),
        wan("fixed_assets", "工业固定资产", "industrial fixed assets"),
        Column("jobs_micro", "Int64", "从业人员", "jobs", "1e-6 person"),
    ),
    key=("park",),
)  # fmt: skip
"""What ratios and the assessment divide: one row a park, missing where it is not known."""

RATIOS: Final = Table(
    "park_ratios",
    "集约利用指标",
    "land-intensity ratios",
    (
        PARK,
        Column("ratio", "text", "指标", "ratio"),
        Column("numerator", "text", "分子", "numerator"),
        Column("denominator", "text", "分母", "denominator"),
        Column("numerator_micro", "Int64", "分子数值", "numerator value", "1e-6 of its unit"),
        Column("denominator_micro", "Int64", "分母数值", "denominator value", "1e-6 of its unit"),
        Column("value", "float", "数值", "value", "of the ratio"),
        Column("unit", "text", "单位", "unit"),
        Column("missing", "text", "缺少", "missing"),
    ),
    key=("park", "ratio"),
)
"""``unit``: percent | 1 | wan/mu | wan/ha. ``value`` is for tables; text is made of the numerator
and denominator. ``missing`` names the columns of PARK_MEASURES that are missing or zero."""

PERIOD_FIGURES: Final = Table(
    "period_figures",
    "期间指标",
    "figures of a period",
    (
        Column("scope", "text", "范围", "scope"),
        Column("key", "text", "对象", "of whom"),
        CLUSTER_KIND,
        *PERIOD,
        counted("value", "数值", "value"),
        Column("bound", "text", "约数", "hedge"),
        Column("step_micro", "int", "末位单位", "unit of the last digit", "1e-6 wan or unit"),
        counted("before", "上年同期", "year before"),
        share("growth", "同比", "year on year"),
        counted("city", "全市", "city"),
        share("share_of_city", "占全市比重", "share of the city"),
        counted("target", "全年目标", "target of the year"),
        share("share_of_target", "完成率", "share of the target"),
        share("elapsed", "时间进度", "share of the year gone"),
        counted("expected_year", "全年预计", "expected year"),
        Column("expected_from", "text", "预计依据", "expected from"),
        share("expected_share_of_target", "预计完成率", "expected share of the target"),
        counted("pace_year", "按进度推算全年", "year at the pace so far"),
        share("pace_share_of_target", "推算完成率", "share of the target at this pace"),
        Column("growth_text", "text", "所述同比", "year on year (stated)"),
        Column("share_of_city_text", "text", "所述占比", "share of the city (stated)"),
        Column("share_of_target_text", "text", "所述完成率", "share of the target (stated)"),
        Column("conflict", "text", "矛盾", "contradiction"),
        *SOURCE,
    ),
    key=("scope", "key", "period", "cumulative", "measure"),
)
"""One row a series and period. ``expected_from``: stated | pace (value ÷ share of the year gone) |
"". ``pace_year`` is the projection to twelve months whether or not a year is stated. ``step`` is
that of the value. ``conflict``: the different values stated for it, "; " between; ``value_micro``
is then missing. Shares are missing where a part of them is."""

CLUSTER_SUMS: Final = Table(
    "cluster_sums",
    "产业集群汇总",
    "industry clusters by kind",
    (
        CLUSTER_KIND,
        *PERIOD,
        Column("clusters", "int", "集群数", "clusters", "cluster"),
        Column("missing", "text", "缺少", "missing"),
        counted("value", "数值", "value"),
        Column("bound", "text", "约数", "hedge"),
        counted("before", "上年同期", "year before"),
        share("growth", "同比", "year on year"),
        share("share_of_clusters", "占各集群合计比重", "share of all clusters"),
        counted("above", "规上合计", "firms above scale"),
        share("share_of_above", "占规上比重", "share of firms above scale"),
        counted("city", "全市", "city"),
        share("share_of_city", "占全市比重", "share of the city"),
    ),
    key=("cluster_kind", "period", "cumulative", "measure"),
)
"""``cluster_kind``: leading | special | "" (not stated) | all. ``missing`` names the clusters that
give no usable figure of the period: the sum is then missing too. ``bound`` is exact where every
figure of the sum is."""

SCALE_BALANCE: Final = Table(
    "scale_balance",
    "规上规下核对",
    "firms above and below scale",
    (
        PARK,
        *PERIOD,
        counted("above", "规上", "above scale"),
        counted("below", "规下", "below scale"),
        counted("sum", "规上规下合计", "both together"),
        counted("whole", "全部", "whole"),
        counted("gap", "合计减全部", "sum less whole"),
        share("share_above", "规上占比", "share above scale"),
        Column("verdict", "text", "结论", "verdict"),
    ),
    key=("park", "period", "cumulative", "measure"),
)
"""``park`` "" is the city. ``verdict``: adds_up (values that round to the stated ones do) | differs
| cannot_tell (one is missing, contradicted or hedged)."""

PROJECT_STATES: Final = Table(
    "project_states",
    "项目进度",
    "states of projects",
    (
        Column("project", "text", "项目", "project"),
        PARK,
        Column("state", "text", "阶段", "state"),
        Column("since", "date", "进入日期", "since"),
        Column("next_stage", "text", "下一阶段", "next stage"),
        Column("next_planned", "date", "计划日期", "planned"),
        Column("delay_days", "Int64", "逾期天数", "days late", "day"),
        Column("delayed_stages", "text", "逾期阶段", "stages late"),
        Column("stopped_days", "Int64", "停工天数", "days stopped", "day"),
        wan("planned_investment", "计划投资", "planned investment"),
        wan("invested", "已完成投资", "invested"),
        Column("invested_share", "float", "投资完成率", "share invested", "1"),
        m2("planned_floor", "计划建筑面积", "planned floor area", "Int64"),
        m2("built_floor", "已建建筑面积", "built floor area", "Int64"),
        Column("built_share", "float", "建设完成率", "share built", "1"),
    ),
    key=("project",),
)
"""``state``: planned | signed | supplied | started | stopped | topped_out | completed |
in_production; ``delay_days`` is that of the next stage, ``delayed_stages`` all that came or are
late, "; " between."""

PROMISE_PARTS: Final = Table(
    "promise_parts",
    "承诺逐项核对",
    "promises one by one",
    (
        Column("row", "int", "序号", "row", "row"),
        Column("measure", "text", "指标", "measure"),
        Column("promised_wan_per_mu_micro", "int", "承诺", "promised", "1e-6 wan/mu"),
        wan("measured", "实际", "measured"),
        m2("area", "用地面积", "land", "Int64"),
        Column("measured_wan_per_mu", "float", "亩均实际", "measured per mu", "wan/mu"),
        Column("verdict", "text", "结论", "verdict"),
        wan("shortfall", "差额", "shortfall"),
        Column("missing", "text", "缺少", "missing"),
    ),
    key=("row", "measure"),
)
PROMISE_RESULTS: Final = Table(
    "promise_results",
    "承诺履行",
    "promises",
    (
        Column("row", "int", "序号", "row", "row"),
        USCC,
        NAME,
        PARK,
        Column("due_year", "Int64", "达产年度", "due year", "year"),
        Column("verdict", "text", "结论", "verdict"),
        wan("tax_shortfall", "税收差额", "shortfall of tax"),
        wan("output_shortfall", "产值差额", "shortfall of output"),
        wan("investment_shortfall", "投资差额", "shortfall of investment"),
        Column("superseded", "bool", "已有新承诺", "superseded"),
        Column("missing", "text", "缺少", "missing"),
        *SOURCE,
    ),
    key=("row",),
)
"""``row``: the row of PROMISES (from 0). ``verdict``: kept | partly | broken | not_due |
cannot_tell. A superseded promise (the firm signed a later one for the same park that is due) is
judged and not counted."""

ASSESSMENT: Final = Table(
    "park_assessment",
    "园区差异化考评",
    "assessment of parks",
    (
        PARK,
        PARK_TYPE,
        Column("score", "float", "得分", "score", "1"),
        Column("grade", "text", "等次", "grade"),
        Column("rank", "Int64", "名次", "rank", "place"),
        Column("ranked", "Int64", "参评数", "parks ranked", "park"),
        Column("status", "text", "状态", "status"),
        Column("missing", "text", "缺少", "missing"),
    ),
    key=("park",),
)
"""``status``: graded | ungraded (something is missing) | no_type. ``rank`` 1 is the best of its
type; equal scores share the best place."""

ASSESSMENT_PARTS: Final = Table(
    "park_assessment_parts",
    "考评得分构成",
    "parts of the assessment",
    (
        PARK,
        Column("indicator", "text", "指标", "indicator"),
        Column("numerator_micro", "Int64", "分子", "numerator", "1e-6 of its unit"),
        Column("denominator_micro", "Int64", "分母", "denominator", "1e-6 of its unit"),
        Column("value", "float", "数值", "value", "of the indicator"),
        Column("zero_at", "float", "零分线", "no points at", "of the indicator"),
        Column("full_at", "float", "满分线", "all points at", "of the indicator"),
        Column("weight", "float", "权重", "weight", "1"),
        Column("part", "float", "得分", "points", "1"),
    ),
    key=("park", "indicator"),
)
