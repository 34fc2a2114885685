"""Plots on offer and who wants them; plots that were revitalised and what came of them."""

from __future__ import annotations

from typing import Final

from landuse.schema.frame import Column, Table
from landuse.schema.park_shared import NAME, PARCEL, PARK, PARK_TYPE, PART, YEAR, m2, wan

__all__ = [
    "DISPOSALS",
    "OFFERS",
    "PLOT_YEARS",
    "PROPOSALS",
    "PROPOSAL_REASONS",
    "RELAPSES",
    "REVITALISED_YEARS",
]

_LINKS_FROM: Final = (
    Column("links_from", "text", "用地关系依据", "use of land from"),
    Column("run_id", "text", "批次", "run"),
)

OFFERS: Final = Table(
    "offers",
    "可供资源",
    "offers",
    (
        Column("offer", "text", "编号", "offer"),
        Column("kind", "text", "类型", "kind"),
        PARCEL,
        PARK,
        PARK_TYPE,
        m2("land_area", "土地面积", "land", "Int64"),
        m2("floor", "厂房面积", "floor space", "Int64"),
        Column("plot_ratio_micro", "Int64", "规划容积率", "plot ratio allowed", "1e-6"),
        Column("environment_class", "text", "准入环境类别", "environment class admitted"),
        Column("divisions", "text", "主导行业大类", "leading divisions"),
        Column("case_number", "text", "台账编号", "case"),
    ),
    key=("offer",),
)
"""``kind``: plot (a plot in disposal; ``offer`` is its parcel code) | floor (vacant standard
factories of a park; ``offer`` is ``floor:park``)."""

PROPOSALS: Final = Table(
    "proposals",
    "撮合建议",
    "proposals",
    (
        Column("offer", "text", "资源编号", "offer"),
        Column("demand", "text", "需求编号", "demand"),
        NAME,
        Column("status", "text", "状态", "status"),
        Column("points", "float", "得分", "points", "1"),
        Column("rank", "Int64", "名次", "rank", "place"),
        Column("failed", "text", "不满足", "not met"),
        Column("unknown", "text", "待核实", "to be checked"),
    ),
    key=("offer", "demand"),
)
"""``status``: fits | to_check (a hard condition cannot be told) | excluded (one is not met: no
rank). ``failed`` and ``unknown`` are criteria, "; " between."""

PROPOSAL_REASONS: Final = Table(
    "proposal_reasons",
    "撮合理由",
    "reasons of proposals",
    (
        Column("offer", "text", "资源编号", "offer"),
        Column("demand", "text", "需求编号", "demand"),
        Column("criterion", "text", "条件", "criterion"),
        Column("hard", "bool", "必备", "hard"),
        Column("met", "text", "是否满足", "met"),
        Column("wanted", "text", "需求", "wanted"),
        Column("offered", "text", "供给", "offered"),
        Column("points", "float", "得分", "points", "1"),
        Column("weight", "float", "满分", "of", "1"),
    ),
    key=("offer", "demand", "criterion"),
)
"""``met``: met | not_met | cannot_tell | not_asked."""

DISPOSALS: Final = Table(
    "disposals",
    "盘活成果",
    "accepted disposals",
    (
        *PART,
        Column("parcel_ids", "text", "宗地代码", "parcel codes"),
        PARK,
        Column("way", "text", "处置方式", "way of disposal"),
        Column("accepted_on", "date", "验收日期", "accepted on"),
        Column("mu_e4", "int", "盘活面积", "revitalised", "1e-4 mu"),
        Column("floor_m2_e2", "int", "盘活厂房", "revitalised floor", "1e-2 m2"),
        Column("receiving", "text", "承接企业", "receiving enterprise"),
        Column("relapsed_as", "text", "后案编号", "later case"),
    ),
    key=("number", "part"),
)
"""Accepted parts of cases, as the ledger gives them. ``parcel_ids`` are joined by "; ";
``park`` is the case's; ``relapsed_as``: number of a later case that names this one."""

PLOT_YEARS: Final = Table(
    "plot_years",
    "宗地年度数据",
    "plots by year",
    (
        PARCEL,
        YEAR,
        m2("area", "面积", "area"),
        wan("tax", "税收", "tax"),
        wan("output", "产值", "output"),
        Column("energy_tce_micro", "Int64", "综合能耗", "energy", "1e-6 tce"),
        Column("finding", "text", "初筛结论", "finding"),
        *_LINKS_FROM,
    ),
    key=("parcel_id", "year"),
)
"""``finding``: low_efficiency | idle | both | "" of that year's run. ``links_from``: who uses the
plot is known from batch (the evaluated year itself) | run (a recorded run of that year, ``run_id``)
| today (no run of that year is recorded: as of the batch)."""

REVITALISED_YEARS: Final = Table(
    "revitalised_years",
    "盘活前后",
    "before and after",
    (
        *PART,
        YEAR,
        Column("offset", "int", "相对年", "years since", "year"),
        m2("area", "面积", "area", "Int64"),
        wan("tax", "税收", "tax"),
        wan("output", "产值", "output"),
        Column("energy_tce_micro", "Int64", "综合能耗", "energy", "1e-6 tce"),
        Column("tax_wan_per_mu", "float", "亩均税收", "tax per mu", "wan/mu"),
        Column("output_wan_per_mu", "float", "亩均产值", "output per mu", "wan/mu"),
        Column("output_wan_per_tce", "float", "单位能耗产值", "output per energy", "wan/tce"),
        Column("finding", "text", "初筛结论", "finding"),
        Column("missing", "text", "缺少", "missing"),
        *_LINKS_FROM,
    ),
    key=("number", "part", "year"),
)
"""``links_from`` and ``run_id`` as in PLOT_YEARS; "" where nothing is recorded of the year."""

RELAPSES: Final = Table(
    "relapses",
    "盘活后反弹",
    "relapses",
    (
        *PART,
        Column("parcel_ids", "text", "宗地代码", "parcel codes"),
        Column("accepted_on", "date", "验收日期", "accepted on"),
        Column("year", "Int64", "首次反弹年度", "first year", "year"),
        Column("finding", "text", "初筛结论", "finding"),
        Column("relapsed_as", "text", "后案编号", "later case"),
    ),
    key=("number", "part"),
)
