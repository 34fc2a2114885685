"""The tables that pass between rooms, and those that a run publishes.

Names follow the glossary of the method; the unit is in the name. The tables of a run whose columns
depend on the rule pack (``units``, ``indicators``) list here what every pack has.
"""

from __future__ import annotations

from typing import Final

from landuse.schema.frame import Column, Table

__all__ = [
    "CONFIRMED",
    "ENTERPRISES",
    "EVIDENCE",
    "EXEMPTIONS",
    "FIGURES",
    "IDLE",
    "LAND_STATUS",
    "LAND_STATUSES",
    "LINKS",
    "LOST_PARCELS",
    "MEMBERS",
    "OCCUPANCY",
    "PARCELS",
    "PARKS",
    "PRICES",
    "PRICE_PARTS",
    "SET_ASIDE",
    "SOURCES",
    "SUGGESTIONS",
    "SUPPLY",
    "ZONES",
]

_PARCEL_ID: Final = Column("parcel_id", "text", "宗地代码", "parcel code")
_USCC: Final = Column("uscc", "text", "统一社会信用代码", "credit code")
_NAME: Final = Column("name", "text", "企业名称", "enterprise")
_GEOMETRY: Final = Column("geometry", "geometry", "图形", "geometry")
_HOLDER: Final = Column("holder", "text", "土地使用权人", "holder")
_SOURCE: Final = (
    Column("source_file", "text", "文件", "file"),
    Column("source_sheet", "text", "工作表", "sheet"),
    Column("source_row", "int", "行号", "row"),
)

PARCELS: Final = Table(
    "parcels",
    "宗地",
    "parcels",
    (
        _PARCEL_ID,
        _GEOMETRY,
        Column("registered_area_m2_micro", "Int64", "登记面积", "registered area", "1e-6 m2"),
        Column("geometry_area_m2_micro", "int", "图形面积", "geometry area", "1e-6 m2"),
        Column("accounting_area_m2_micro", "int", "核算面积", "accounting area", "1e-6 m2"),
        Column("area_source", "text", "面积来源", "area source"),  # registered | geometry
        Column("area_in_dispute", "bool", "面积争议", "area in dispute"),
        Column("repair_change_m2", "float", "修复面积差", "area change by repair", "m2"),
        _HOLDER,
        Column("uscc", "text", "统一社会信用代码", "credit code"),  # cell as it stands, folded
        Column("land_use_code", "text", "土地用途", "land use"),
        Column("benchmark_price_yuan_per_m2", "float", "基准地价", "benchmark price", "yuan/m2"),
        Column("park", "text", "园区", "park"),
        Column("township", "text", "镇街", "township"),
        Column("built_area_m2_micro", "Int64", "建筑面积", "floor area", "1e-6 m2"),
        Column("footprint_m2_micro", "Int64", "基底面积", "footprint", "1e-6 m2"),
        *_SOURCE,
    ),
    key=("parcel_id",),
)
"""Validated parcels, kept once each, in the working CRS."""

LOST_PARCELS: Final = Table(
    "lost_parcels",
    "剔除的宗地",
    "parcels set aside",
    (
        _PARCEL_ID,
        _HOLDER,
        Column("uscc", "text", "统一社会信用代码", "credit code"),
        Column("reason", "text", "原因", "reason"),  # issue code
        *_SOURCE,
    ),
)
"""Parcels set aside whose users must not look better by it (exact duplicates are not here).
``geometry`` may be present as an extra column and may hold ``None``."""

ENTERPRISES: Final = Table(
    "enterprises",
    "企业",
    "enterprises",
    (
        _USCC,
        _NAME,
        Column("industry_code", "text", "行业代码", "industry"),
        Column("division", "text", "行业大类", "division"),  # two digits, "" unknown
        Column("scale", "text", "规模", "scale"),
        Column("production_started_on", "date", "投产日期", "production started on"),
        Column("x", "float", "X", "x", "m"),
        Column("y", "float", "Y", "y", "m"),
    ),
    key=("uscc",),
)
"""One row an enterprise: the attributes of the project's year, else of its latest year. x, y in
the working CRS. Extra text columns are those that the pack's ``cohort_by`` names."""

FIGURES: Final = Table(
    "figures",
    "企业年度数据",
    "figures of a year",
    (_USCC, Column("year", "int", "年度", "year")),
    key=("uscc", "year"),
)
"""One row an enterprise and year; then one ``Int64`` column ``Figure.micro`` for each figure of
the pack, in millionths of the pack's unit; a blank is missing."""

OCCUPANCY: Final = Table(
    "occupancy",
    "用地关系",
    "occupancy",
    (
        _PARCEL_ID,
        _USCC,
        Column("relation", "text", "关系", "relation"),  # own | lease | ""
        Column("area_m2_micro", "Int64", "面积", "area", "1e-6 m2"),  # missing: undeclared
        Column("area_kind", "text", "面积类型", "area kind"),  # land | floor
        *_SOURCE,
    ),
    key=("parcel_id", "uscc", "area_kind"),
)
"""Rows in force on 31 December of the year; two rows for a pair already added up."""

CONFIRMED: Final = Table(
    "confirmed_links",
    "已确认关系",
    "confirmed links",
    (_PARCEL_ID, _USCC, *_SOURCE),
    key=("parcel_id", "uscc"),
)

ZONES: Final = Table(
    "price_zones",
    "基准地价区片",
    "land-price zones",
    (
        Column("grade", "text", "级别", "grade"),
        Column("benchmark_price_yuan_per_m2", "float", "基准地价", "benchmark price", "yuan/m2"),
        _GEOMETRY,
        *_SOURCE,
    ),
)

PARKS: Final = Table(
    "parks",
    "园区",
    "parks",
    (
        Column("park", "text", "园区", "park"),
        Column("park_type", "text", "园区类型", "park type"),  # emerging|traditional|employment|""
        _GEOMETRY,
        *_SOURCE,
    ),
)

SUPPLY: Final = Table(
    "supply",
    "供地合同",
    "supply contracts",
    (
        Column("contract_no", "text", "合同号", "contract"),
        _PARCEL_ID,
        _HOLDER,
        Column("area_m2_micro", "Int64", "面积", "area", "1e-6 m2"),
        Column("price_wan_micro", "Int64", "土地价款", "land price", "1e-6 wan"),
        Column("agreed_delivery", "date", "约定交地", "agreed delivery"),
        Column("delivered_on", "date", "实际交地", "delivered on"),
        Column("agreed_start", "date", "约定动工", "agreed start"),
        Column("extended_start", "date", "延期动工", "extended start"),
        Column("actual_start", "date", "实际动工", "actual start"),
        Column("agreed_completion", "date", "约定竣工", "agreed completion"),
        Column("completed_on", "date", "实际竣工", "completed on"),
        Column("area_to_start_m2_micro", "Int64", "应动工面积", "area to be started", "1e-6 m2"),
        Column("area_started_m2_micro", "Int64", "已动工面积", "area started", "1e-6 m2"),
        Column("total_investment_wan_micro", "Int64", "总投资", "total investment", "1e-6 wan"),
        Column("invested_wan_micro", "Int64", "已投资", "invested", "1e-6 wan"),
        Column("suspended_since", "date", "中止日期", "suspended since"),
        Column("cause", "text", "原因", "cause"),
        Column("unread", "text", "未能读出的日期", "dates that could not be read"),
        *_SOURCE,
    ),
)
"""``cause``: enterprise | government | force_majeure | seizure | "". ``unread`` names the dates
(our columns, joined by "; ") whose cell says something that is no date: they are not blank."""

IDLE: Final = Table(
    "idle",
    "闲置土地",
    "idle land",
    (
        Column("contract_no", "text", "合同号", "contract"),
        _PARCEL_ID,
        _HOLDER,
        Column("finding", "text", "初筛结论", "finding"),
        Column("land_status", "text", "土地状态", "land status"),
        Column("base_from", "text", "起算依据", "base from"),
        Column("base_on", "date", "起算日", "base date"),
        Column("one_year_on", "date", "满一年日", "one year full on"),
        Column("two_years_on", "date", "满两年日", "two years full on"),
        Column("days_to_next", "Int64", "距下一时点", "days to the next", "day"),
        Column("cause", "text", "原因", "cause"),
        Column("consequence", "text", "建议处置", "consequence proposed"),
        Column("fee_wan_micro", "Int64", "闲置费测算", "idle fee", "1e-6 wan"),
        Column("late_delivery", "bool", "交地迟延", "late delivery"),
        Column("collective", "bool", "集体土地", "collective land"),
        Column("missing", "text", "缺少", "missing"),
        Column("remarks", "text", "备注", "remarks"),
        Column("known_parcel", "bool", "宗地在册", "parcel known"),
        Column("accounting_area_m2_micro", "Int64", "核算面积", "accounting area", "1e-6 m2"),
        *(column for column in SUPPLY.columns[3:-5]),
        *_SOURCE,
    ),
    key=("contract_no", "parcel_id"),
)
"""One row a supply contract and parcel, with what it states (area, price, dates, ratios) beside.
``finding``: not_started | stalled | undetermined | "". ``base_from``: extended | agreed | delivery
| suspended | "". ``consequence``: fee | withdrawal | negotiated | late_delivery | "". ``missing``
and ``remarks`` are codes joined by "; ". ``accounting_area`` is missing where the parcel is."""

LAND_STATUSES: Final = (
    "approved_unsupplied", "supplied_unused", "partly_used", "used", "idle", "undetermined",
)  # fmt: skip
"""In the order in which land comes into use, then what stands out: those of LAND_STATUS."""

LAND_STATUS: Final = Table(
    "land_status",
    "土地状态",
    "land status",
    (
        _PARCEL_ID,
        Column("land_status", "text", "土地状态", "land status"),
        Column("is_idle", "bool", "疑似闲置", "suspected idle"),
        Column("idle_finding", "text", "闲置初筛", "idle finding"),
        Column("contract_count", "int", "合同数", "contracts", "contract"),
    ),
    key=("parcel_id",),
)
"""One row a parcel. ``land_status``: approved_unsupplied | supplied_unused | partly_used | used |
idle | undetermined; ``idle_finding``: not_started | stalled | undetermined | "" (the first of these
that any contract of the parcel has)."""

EVIDENCE: Final = Table(
    "evidence",
    "影像证据",
    "evidence of images",
    (
        _PARCEL_ID,
        Column("label", "text", "影像", "image"),
        Column("kind", "text", "取值方式", "kind"),
        Column("value", "float", "数值", "value", "1"),
        Column("covered_share", "float", "影像覆盖率", "share covered", "1"),
        Column("verdict", "text", "影像结论", "verdict"),
    ),
    key=("parcel_id", "label"),
)
"""One row a parcel and raster. ``kind``: built_up (``value`` is the share of built-up cells among
those covered, 0 to 1) | mean (in the band's own unit). ``verdict``: supported | contradicted |
inconclusive | no_evidence, about idleness; a mean is at most inconclusive. ``value`` is missing
where nothing is covered. It never makes a finding."""

EXEMPTIONS: Final = Table(
    "exemptions",
    "豁免名单",
    "exemptions",
    (_USCC, Column("reason", "text", "豁免原因", "reason"), *_SOURCE),
    key=("uscc",),
)

SOURCES: Final = Table(
    "sources",
    "来源",
    "sources",
    (
        Column("table", "text", "表", "table"),
        Column("key", "text", "键", "key"),
        Column("year", "int", "年度", "year"),  # 0 where a table has no year
        Column("columns", "text", "列", "columns"),  # our column names that came from that row
        *_SOURCE,
    ),
)
"""Which row of which file every used record came from (for ``explain``)."""

SET_ASIDE: Final = Table(
    "set_aside",
    "剔除记录",
    "rows set aside",
    (
        Column("table", "text", "表", "table"),
        Column("key", "text", "键", "key"),
        Column("reason", "text", "原因", "reason"),  # issue code
        *_SOURCE,
    ),
)

LINKS: Final = Table(
    "links",
    "用地对应",
    "links",
    (
        _PARCEL_ID,
        _USCC,
        Column("evidence", "text", "依据", "evidence"),  # occupancy|confirmed|uscc|name|point
        Column("certainty", "text", "把握", "certainty"),  # certain | strong | fair
        Column("relation", "text", "关系", "relation"),
        Column("area_m2_micro", "int", "用地面积", "area", "1e-6 m2"),
        Column("area_rule", "text", "面积规则", "area rule"),
        Column("known_enterprise", "bool", "企业在册", "enterprise known"),
        Column("in_scope", "bool", "评价范围内", "in scope"),
        Column("under_construction", "bool", "在建期内", "under construction"),
        Column("counted", "bool", "计入", "counted"),
        *_SOURCE,
    ),
    key=("parcel_id", "uscc"),
)
"""Who uses which parcel and how much. ``area_rule``: declared | remainder | scaled | equal_share |
floor_share | nothing_left. ``counted`` = in scope and not under construction. ``source_*`` is the
row of the evidence (the parcel's own for ``uscc`` and ``name``; the enterprise's for ``point``)."""

SUGGESTIONS: Final = Table(
    "suggestions",
    "待确认对应",
    "suggestions",
    (
        _PARCEL_ID,
        _HOLDER,
        _USCC,
        _NAME,
        Column("similarity", "float", "相似度", "similarity", "1"),  # 0 to 1
        Column("evidence", "text", "依据", "evidence"),  # same_name | similar_name
    ),
    key=("parcel_id", "uscc"),
)

MEMBERS: Final = Table(
    "members",
    "评价单元成员",
    "members of units",
    (_USCC, Column("unit_id", "text", "评价单元", "unit")),
    key=("uscc",),
)

PRICES: Final = Table(
    "prices",
    "宗地地价",
    "parcel prices",
    (
        _PARCEL_ID,
        Column("benchmark_price_yuan_per_m2", "float", "基准地价", "benchmark price", "yuan/m2"),
        Column("price_source", "text", "地价来源", "price source"),  # parcel | zones | ""
        Column("price_cover", "float", "区片覆盖率", "share covered by zones", "1"),
        Column("grade", "text", "级别", "grade"),  # of the largest overlap
        Column("grade_coefficient", "float", "级别系数", "grade coefficient", "1"),
    ),
    key=("parcel_id",),
)

PRICE_PARTS: Final = Table(
    "price_parts",
    "地价构成",
    "price parts",
    (
        _PARCEL_ID,
        Column("grade", "text", "级别", "grade"),
        Column("benchmark_price_yuan_per_m2", "float", "基准地价", "benchmark price", "yuan/m2"),
        Column("overlap_m2", "float", "重叠面积", "overlap", "m2"),
    ),
)
