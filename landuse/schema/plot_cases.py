"""What the ledger says of each plot: the one table that map, page and sheet take from it."""

from __future__ import annotations

from typing import Final

from landuse.schema.frame import Column, Table

__all__ = ["HISTORY_LENGTH", "PLOT_CASES"]

HISTORY_LENGTH: Final = 20
"""How many of the newest acts of a case ``history_json`` holds at most."""

PLOT_CASES: Final = Table(
    "plot_cases",
    "宗地台账",
    "cases of plots",
    (
        Column("parcel_id", "text", "宗地代码", "parcel code"),
        Column("number", "text", "台账编号", "case"),
        Column("kind", "text", "低效/闲置类型", "kind"),  # low_efficiency | idle | both
        Column("state", "text", "当前状态", "state"),  # code
        Column("is_open", "bool", "未了结", "open"),
        Column("revision", "int", "版本", "revision"),
        Column("case_mu", "float", "台账面积", "case area", "mu"),
        Column("remaining_mu", "float", "剩余面积", "remaining area", "mu"),
        Column("disposed_mu", "float", "处置面积", "disposed area", "mu"),
        Column("accepted_mu", "float", "已盘活面积", "revitalised area", "mu"),
        Column("accepted_floor_m2", "float", "已盘活建筑面积", "revitalised floor area", "m2"),
        Column("accepted_on", "date", "验收日期", "accepted on"),  # of the case; NaT until closed
        Column("responsible_unit", "text", "责任单位", "responsible unit"),
        Column("responsible_person", "text", "包保责任人", "responsible person"),
        Column("deadline", "date", "完成时限", "deadline"),
        Column("ways", "text", "处置方式", "ways of disposal"),  # codes, "; " between
        Column("relapse_of", "text", "前案编号", "relapse of"),  # number of the former case
        Column("history_json", "text", "台账记录", "history"),
        Column("last_verdict", "text", "最近评审结论", "last verdict"),  # code, "" if undone
        Column("last_comment", "text", "最近评审意见", "last comment"),
    ),
    key=("parcel_id",),
)
"""One row a parcel that has or had a case: the open case, else the one opened last.

``disposed_mu`` is the mu of all parts, ``accepted_mu`` that of accepted ones, ``remaining_mu`` the
case less all parts; figures are the whole case's, also where it has several parcels.
``history_json``: a list of ``{"at", "by", "text_zh", "text_en"}``, one an act, newest first, at
most :data:`HISTORY_LENGTH`; ``at`` is ISO in UTC. Verdicts are ``confirm``, ``reject``,
``survey``, ``defer``, ``object``.
"""
