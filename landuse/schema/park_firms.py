"""What is kept of single firms: cases with their papers and evidence, chains of industry, ranks."""

from __future__ import annotations

from typing import Final

from landuse.schema.frame import Column, Table
from landuse.schema.park_shared import NAME, PARCEL, PARK, SOURCE, USCC, YEAR, m2, wan

__all__ = [
    "CASE_EVIDENCE",
    "CASE_FINDINGS",
    "CASE_PAPERS",
    "CHAIN_FIRMS",
    "CHAIN_SUMS",
    "FIRM_CASES",
    "UNIT_YEARS",
]

_NUMBER: Final = Column("number", "text", "台账编号", "case")

FIRM_CASES: Final = Table(
    "firm_cases",
    "台账案件",
    "cases",
    (
        _NUMBER,
        Column("kind", "text", "类型", "kind"),
        Column("state", "text", "状态", "state"),
        Column("is_open", "bool", "在办", "open"),
        Column("parcel_ids", "text", "宗地代码", "parcel codes"),
        PARK,
        Column("enterprises", "text", "原用地企业", "original enterprises"),
        Column("receiving", "text", "承接企业", "receiving enterprises"),
        Column("mu_e4", "int", "案件面积", "case land", "1e-4 mu"),
        Column("accepted_mu_e4", "int", "已盘活面积", "revitalised", "1e-4 mu"),
        Column("opened_on", "date", "立案日期", "opened on"),
        Column("accepted_on", "date", "验收日期", "accepted on"),
    ),
    key=("number",),
)
"""Every case, closed and removed ones too; ``parcel_ids``, ``receiving``: "; " between."""

CASE_PAPERS: Final = Table(
    "case_papers",
    "案件文书",
    "papers of cases",
    (
        _NUMBER,
        Column("seq", "int", "序号", "number", "paper"),
        Column("kind", "text", "文书类型", "kind"),
        Column("name", "text", "文书名称", "name"),
        Column("dated", "date", "日期", "dated"),
        Column("served_on", "date", "送达日期", "served on"),
        Column("deadline", "date", "期限", "deadline"),
        Column("sha256", "text", "文件哈希", "hash of the file"),
    ),
    key=("number", "seq"),
)
"""Documents and notices of a case: their dates and the hash of the file, not the file."""

CASE_EVIDENCE: Final = Table(
    "case_evidence",
    "更正与佐证",
    "corrections and evidence",
    (
        Column("seq", "int", "序号", "number", "correction"),
        _NUMBER,
        Column("table_name", "text", "数据表", "table"),
        Column("key", "text", "主键", "key"),
        Column("column", "text", "列", "column"),
        Column("old", "text", "原值", "old"),
        Column("new", "text", "新值", "new"),
        Column("reason", "text", "理由", "reason"),
        Column("status", "text", "处理结果", "outcome"),
        Column("evidence_name", "text", "佐证文件", "evidence"),
        Column("evidence_sha256", "text", "文件哈希", "hash of the file"),
    ),
    key=("seq",),
)
"""What was objected or corrected, and with which evidence; ``number`` "" where no case is named."""

CASE_FINDINGS: Final = Table(
    "case_findings",
    "历次初筛结论",
    "findings of recorded runs",
    (
        Column("run_id", "text", "批次", "run"),
        YEAR,
        Column("as_of", "date", "基准日", "as of"),
        PARCEL,
        Column("finding", "text", "初筛结论", "finding"),
    ),
    key=("run_id", "parcel_id"),
)
"""What recorded runs found on plots that were revitalised: low_efficiency | idle | both, or "" for
a plot on which a run found nothing."""

UNIT_YEARS: Final = Table(
    "unit_years",
    "历次评价",
    "units of recorded runs",
    (
        Column("run_id", "text", "批次", "run"),
        YEAR,
        Column("as_of", "date", "基准日", "as of"),
        USCC,
        Column("cohort", "text", "评价组", "cohort"),
        Column("cohort_size", "Int64", "参评数", "units in cohort", "unit"),
        Column("rank", "Int64", "名次", "rank", "place"),
        Column("status", "text", "结论", "status"),
        Column("grade_class", "text", "等级", "class"),
        Column("score", "float", "得分", "score", "1"),
        Column("area_mu", "float", "用地面积", "land", "mu"),
        Column("tax_wan", "float", "税收", "tax", "wan"),
        Column("output_wan", "float", "产值", "output", "wan"),
        Column("energy_tce", "float", "综合能耗", "energy", "tce"),
        Column("tax_wan_per_mu", "float", "亩均税收", "tax per mu", "wan/mu"),
        Column("output_wan_per_mu", "float", "亩均产值", "output per mu", "wan/mu"),
    ),
    key=("run_id", "uscc"),
)
"""What a recorded run made of a unit, as the database keeps it."""

CHAIN_SUMS: Final = Table(
    "chain_sums",
    "产业链（链主“1+N”）",
    "chains of industry",
    (
        Column("chain", "text", "产业链", "chain"),
        Column("form", "text", "结构", "form"),
        Column("leaders", "int", "链主数", "leaders", "firm"),
        Column("members", "int", "配套企业数", "members", "firm"),
        Column("leader_names", "text", "链主", "leaders"),
        m2("area", "用地面积", "land", "Int64"),
        wan("tax", "税收", "tax"),
        wan("output", "产值", "output"),
        Column("tax_wan_per_mu", "float", "亩均税收", "tax per mu", "wan/mu"),
        Column("unknown", "text", "缺少数据的企业", "firms without figures"),
    ),
    key=("chain",),
)
"""``form``: 1+N in digits (1+6). Sums are of leaders and members together, each firm once; those
whose land, tax or output is not known are named in ``unknown`` and left out of that sum (of tax per
mu too); a sum of which nothing is known is missing."""

CHAIN_FIRMS: Final = Table(
    "chain_firms",
    "链上企业",
    "firms of a chain",
    (
        Column("chain", "text", "产业链", "chain"),
        Column("chain_role", "text", "链上角色", "role"),
        USCC,
        NAME,
        PARK,
        m2("area", "用地面积", "land", "Int64"),
        wan("tax", "税收", "tax"),
        wan("output", "产值", "output"),
        *SOURCE,
    ),
)
"""``chain_role``: leader | member | "" (not stated: counted among the members)."""
