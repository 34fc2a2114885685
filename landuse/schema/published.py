"""The tables of a run folder: what other programs and people read.

Columns that depend on the rule pack (one for each figure and indicator) are put in by the caller as
:class:`~landuse.schema.frame.Column` objects, because the schema knows no pack.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from landuse.schema.frame import Column, Table

__all__ = [
    "CORRECTIONS",
    "COUNTS",
    "INDICATORS",
    "ISSUES",
    "RUN_AREAS",
    "RUN_IDLE",
    "RUN_LINKS",
    "RUN_PARCELS",
    "UNMATCHED_PARCELS",
    "cohorts_table",
    "units_table",
    "unmatched_enterprises_table",
]

_PARCEL_ID: Final = Column("parcel_id", "text", "宗地代码", "parcel code")
_USCC: Final = Column("uscc", "text", "统一社会信用代码", "credit code")
_NAME: Final = Column("name", "text", "企业名称", "enterprise")
_HOLDER: Final = Column("holder", "text", "土地使用权人", "holder")
_PARK: Final = Column("park", "text", "园区", "park")
_PARK_TYPE: Final = Column("park_type", "text", "园区类型", "park type")
_TOWNSHIP: Final = Column("township", "text", "镇街", "township")
_LAND_USE: Final = Column("land_use_code", "text", "土地用途", "land use")
_UNIT: Final = Column("unit_id", "text", "评价单元", "unit")
_COHORT: Final = Column("cohort", "text", "评价组", "cohort")
_INDUSTRY: Final = Column("industry_code", "text", "行业代码", "industry")
_DIVISION: Final = Column("division", "text", "行业大类", "division")
_COEFFICIENT: Final = Column("price_coefficient", "float", "地价系数", "price coefficient", "1")
_PRICE: Final = Column(
    "benchmark_price_yuan_per_m2", "float", "基准地价", "benchmark price", "yuan/m2"
)
_IN_SCOPE: Final = Column("in_scope", "bool", "评价范围内", "in scope")
_BUILDING: Final = Column("under_construction", "bool", "在建期内", "under construction")
_SIZE: Final = Column("cohort_size", "Int64", "参评数", "units in cohort", "unit")
_QUOTA: Final = Column("quota", "Int64", "末位名额", "quota", "unit")
_CUTOFF: Final = Column("cutoff_score", "float", "界线得分", "cut-off score", "1")


def _mu(name: str, zh: str, en: str) -> Column:
    return Column(name, "float", zh, en, "mu")


RUN_PARCELS: Final = Table(
    "parcels",
    "宗地",
    "parcels",
    (
        _PARCEL_ID,
        _HOLDER,
        _mu("accounting_area_mu", "核算面积", "accounting area"),
        _mu("registered_area_mu", "登记面积", "registered area"),
        _mu("geometry_area_mu", "图形面积", "geometry area"),
        Column("area_source", "text", "面积来源", "area source"),
        _PRICE,
        Column("price_source", "text", "地价来源", "price source"),
        _COEFFICIENT,
        _mu("used_area_mu", "已用面积", "used area"),
        _mu("unused_area_mu", "未用面积", "unused area"),
        Column("enterprise_count", "int", "企业数", "enterprises", "unit"),
        Column("is_low_efficiency", "bool", "疑似低效", "suspected low efficiency"),
        _mu("flagged_area_mu", "疑似低效面积", "flagged area"),
        Column("land_class", "text", "分类", "class"),
        Column("is_idle", "bool", "疑似闲置", "suspected idle"),
        Column("idle_finding", "text", "闲置初筛", "idle finding"),
        Column("land_status", "text", "土地状态", "land status"),
        _IN_SCOPE,
        _BUILDING,
        _PARK,
        _PARK_TYPE,
        _TOWNSHIP,
        _LAND_USE,
        Column("geometry", "geometry", "图形", "geometry"),
    ),
    key=("parcel_id",),
)
"""``land_class``: both | idle | low_efficiency | no_enterprise | normal | not_graded;
``idle_finding`` and ``land_status`` as in LAND_STATUS, blank where no supply was given."""

RUN_IDLE: Final = Table(
    "idle",
    "闲置土地",
    "idle land",
    (
        Column("contract_no", "text", "合同号", "contract"),
        _PARCEL_ID,
        _HOLDER,
        Column("finding", "text", "初筛结论", "finding"),
        Column("land_status", "text", "土地状态", "land status"),
        _mu("accounting_area_mu", "核算面积", "accounting area"),
        _mu("area_mu", "供地面积", "area supplied"),
        Column("price_wan", "float", "土地价款", "land price", "wan"),
        Column("base_from", "text", "起算依据", "base from"),
        Column("base_on", "date", "起算日", "base date"),
        Column("one_year_on", "date", "满一年日", "one year full on"),
        Column("two_years_on", "date", "满两年日", "two years full on"),
        Column("days_to_next", "Int64", "距下一时点", "days to the next", "day"),
        Column("cause", "text", "闲置原因", "cause"),
        Column("consequence", "text", "建议处置", "consequence proposed"),
        Column("fee_wan", "float", "闲置费测算", "idle fee", "wan"),
        Column("late_delivery", "bool", "交地迟延", "late delivery"),
        Column("collective", "bool", "集体土地", "collective land"),
        Column("missing", "text", "待补", "missing"),
        Column("remarks", "text", "备注", "remarks"),
        Column("agreed_delivery", "date", "约定交地", "agreed delivery"),
        Column("delivered_on", "date", "实际交地", "delivered on"),
        Column("agreed_start", "date", "约定动工", "agreed start"),
        Column("extended_start", "date", "延期动工", "extended start"),
        Column("actual_start", "date", "实际动工", "actual start"),
        Column("agreed_completion", "date", "约定竣工", "agreed completion"),
        Column("completed_on", "date", "实际竣工", "completed on"),
        Column("suspended_since", "date", "中止日期", "suspended since"),
        Column("area_to_start_m2", "float", "应动工面积", "area to be started", "m2"),
        Column("area_started_m2", "float", "已动工面积", "area started", "m2"),
        Column("area_started_share", "float", "动工面积比例", "share started", "1"),
        Column("total_investment_wan", "float", "总投资", "total investment", "wan"),
        Column("invested_wan", "float", "已投资", "invested", "wan"),
        Column("invested_share", "float", "投资比例", "share invested", "1"),
        Column("known_parcel", "bool", "宗地在册", "parcel known"),
        _PARK,
        _TOWNSHIP,
        Column("source_file", "text", "文件", "file"),
        Column("source_sheet", "text", "工作表", "sheet"),
        Column("source_row", "int", "行号", "row"),
    ),
    key=("contract_no", "parcel_id"),
)
"""One row a supply contract and parcel, idle or not; codes as in IDLE. The shares are for reading:
what they decide was compared exactly."""

RUN_AREAS: Final = Table(
    "areas",
    "园区与区片",
    "parks and land grades",
    (
        Column("kind", "text", "种类", "kind"),
        Column("name", "text", "名称", "name"),
        _PARK_TYPE,
        _PRICE,
        Column("geometry", "geometry", "图形", "geometry"),
    ),
)
"""What the project gave beside the parcels: ``kind`` is ``park`` (``name`` is the park) or
``grade`` (``name`` is the land grade, with its price). No figure of the run is read from here; the
map and the sheet draw it."""

RUN_LINKS: Final = Table(
    "links",
    "用地对应",
    "links",
    (
        _PARCEL_ID,
        _USCC,
        _NAME,
        Column("evidence", "text", "依据", "evidence"),
        Column("certainty", "text", "把握", "certainty"),
        Column("relation", "text", "关系", "relation"),
        _mu("area_mu", "用地面积", "area"),
        Column("area_rule", "text", "面积规则", "area rule"),
        _COEFFICIENT,
        _mu("adjusted_area_mu", "折算面积", "adjusted area"),
        Column("known_enterprise", "bool", "企业在册", "enterprise known"),
        _IN_SCOPE,
        _BUILDING,
        Column("counted", "bool", "计入", "counted"),
        Column("source_file", "text", "文件", "file"),
        Column("source_sheet", "text", "工作表", "sheet"),
        Column("source_row", "int", "行号", "row"),
    ),
    key=("parcel_id", "uscc"),
)

ISSUES: Final = Table(
    "issues",
    "数据问题",
    "issues",
    (
        Column("severity", "text", "程度", "severity"),
        Column("owner", "text", "责任方", "owner"),
        Column("code", "text", "问题代码", "code"),
        Column("table", "text", "表", "table"),
        Column("file", "text", "文件", "file"),
        Column("sheet", "text", "工作表", "sheet"),
        Column("row", "Int64", "行号", "row"),
        Column("column", "text", "列", "column"),
        Column("key", "text", "键", "key"),
        Column("value", "text", "值", "value"),
        Column("message_zh", "text", "说明", "message (Chinese)"),
        Column("message_en", "text", "说明（英文）", "message"),
        Column("hint_zh", "text", "建议", "hint (Chinese)"),
        Column("hint_en", "text", "建议（英文）", "hint"),
    ),
)

INDICATORS: Final = Table(
    "indicators",
    "指标",
    "indicators",
    (
        _UNIT,
        Column("indicator", "text", "指标", "indicator"),
        Column("numerator", "float", "分子", "numerator", "of the figure"),
        Column("denominator", "float", "分母", "denominator", "of the figure"),
        Column("raw", "float", "原值", "raw", "of the indicator"),
        Column("adjusted", "float", "修正值", "adjusted", "of the indicator"),
        Column("compared", "float", "比较值", "compared", "of the indicator"),
        Column("benchmark", "float", "基准值", "benchmark", "of the indicator"),
        Column("ratio", "float", "与基准之比", "ratio", "1"),
        Column("part", "float", "得分", "part of the score", "1"),
        Column("weight", "float", "权重", "weight", "1"),
        Column("imputed", "bool", "补值", "imputed"),
    ),
    key=("unit_id", "indicator"),
)
"""One row a graded unit and indicator; ``compared`` is what stands against the benchmark."""

COUNTS: Final = Table(
    "counts",
    "读取核对",
    "rows read",
    (
        Column("table", "text", "表", "table"),
        Column("file", "text", "文件", "file"),
        Column("read", "int", "读取", "read", "row"),
        Column("used", "int", "采用", "used", "row"),
        Column("set_aside", "int", "剔除", "set aside", "row"),
    ),
    key=("table", "file"),
)

CORRECTIONS: Final = Table(
    "corrections",
    "更正",
    "corrections",
    (
        Column("table", "text", "表", "table"),
        Column("key", "text", "键", "key"),
        Column("column", "text", "列", "column"),
        Column("old", "text", "原值", "old value"),
        Column("new", "text", "新值", "new value"),
        Column("reason", "text", "理由", "reason"),
        Column("by", "text", "更正人", "by"),
        Column("on", "text", "日期", "on"),
        Column("applied", "bool", "已采用", "applied"),
        Column("outcome", "text", "结果", "outcome"),
    ),
)

UNMATCHED_PARCELS: Final = Table(
    "unmatched_parcels",
    "无企业宗地",
    "parcels without an enterprise",
    (
        _PARCEL_ID,
        _HOLDER,
        _USCC,
        _LAND_USE,
        _mu("accounting_area_mu", "核算面积", "accounting area"),
        _PARK,
        _TOWNSHIP,
    ),
    key=("parcel_id",),
)


def units_table(
    figures: Sequence[Column], raw: Sequence[Column], adjusted: Sequence[Column]
) -> Table:
    """One row an enterprise; the pack's figures, raw and adjusted indicators (and last year's)."""
    return Table(
        "units",
        "企业",
        "enterprises",
        (
            _UNIT,
            _USCC,
            _NAME,
            _INDUSTRY,
            _DIVISION,
            Column("scale", "text", "规模", "scale"),
            _COHORT,
            Column("parcel_count", "int", "宗地数", "parcels", "parcel"),
            _mu("area_mu", "用地面积", "area"),
            _mu("adjusted_area_mu", "折算面积", "adjusted area"),
            _COEFFICIENT,
            *figures,
            *raw,
            *adjusted,
            Column("score", "float", "综合得分", "score", "1"),
            Column("rank", "Int64", "倒数名次", "rank from below", "place"),
            _SIZE,
            _QUOTA,
            _CUTOFF,
            Column("margin", "float", "距界线", "margin", "1"),
            Column("firmness", "float", "稳固度", "firmness", "1"),
            Column("flips_under", "text", "会改变结论的情形", "would flip under"),
            Column("is_tied", "bool", "界线并列", "tied at the cut-off"),
            Column("status", "text", "状态", "status"),
            Column("reason", "text", "原因", "reason"),
            Column("grade_class", "text", "等级", "class"),
        ),
        key=("uscc",),
    )


def cohorts_table(benchmarks: Sequence[Column]) -> Table:
    """One row a cohort, with the benchmark of each indicator."""
    return Table(
        "cohorts",
        "评价组",
        "cohorts",
        (
            _COHORT,
            _SIZE,
            _QUOTA,
            _CUTOFF,
            Column("flagged", "int", "疑似低效数", "flagged", "unit"),
            _mu("area_mu", "用地面积", "area"),
            *benchmarks,
        ),
        key=("cohort",),
    )


def unmatched_enterprises_table(figures: Sequence[Column]) -> Table:
    """Enterprises of the input that use no land we know of."""
    return Table(
        "unmatched_enterprises",
        "无用地企业",
        "enterprises without land",
        (_USCC, _NAME, _INDUSTRY, _DIVISION, *figures),
        key=("uscc",),
    )
