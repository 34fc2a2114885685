"""Columns that several tables about parks have, under one name, unit and heading.

Areas are integers of 10⁻⁶ m², money of 10⁻⁶ 万元.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from landuse.schema.frame import Column

if TYPE_CHECKING:
    from landuse.schema.frame import DType

__all__ = [
    "CLUSTER_KIND",
    "NAME",
    "PARCEL",
    "PARK",
    "PARK_TYPE",
    "PART",
    "PERIOD",
    "SOURCE",
    "USCC",
    "YEAR",
    "counted",
    "m2",
    "share",
    "wan",
]

PARK: Final = Column("park", "text", "园区", "park")
PARK_TYPE: Final = Column("park_type", "text", "园区类型", "park type")
PARCEL: Final = Column("parcel_id", "text", "宗地代码", "parcel code")
USCC: Final = Column("uscc", "text", "统一社会信用代码", "credit code")
NAME: Final = Column("name", "text", "企业名称", "enterprise")
YEAR: Final = Column("year", "int", "年度", "year", "year")
CLUSTER_KIND: Final = Column("cluster_kind", "text", "集群类别", "kind of cluster")
PERIOD: Final = (
    Column("period", "text", "期间", "period"),
    Column("cumulative", "bool", "累计", "cumulative"),
    Column("measure", "text", "指标", "measure"),
)
PART: Final = (
    Column("number", "text", "台账编号", "case"),
    Column("part", "int", "部分", "part", "part"),
)
SOURCE: Final = (
    Column("source_file", "text", "文件", "file"),
    Column("source_sheet", "text", "工作表", "sheet"),
    Column("source_row", "int", "行号", "row"),
)


def m2(name: str, zh: str, en: str, dtype: DType = "int") -> Column:
    """An area."""
    return Column(f"{name}_m2_micro", dtype, zh, en, "1e-6 m2")


def wan(name: str, zh: str, en: str) -> Column:
    """Money, missing where it is not known."""
    return Column(f"{name}_wan_micro", "Int64", zh, en, "1e-6 wan")


def counted(name: str, zh: str, en: str) -> Column:
    """A figure of a period: money, or a number of firms."""
    return Column(f"{name}_micro", "Int64", zh, en, "1e-6 wan or unit")


def share(name: str, zh: str, en: str) -> Column:
    """A quotient (0.5 is a half), missing where it cannot be told."""
    return Column(name, "float", zh, en, "1")
