"""The words of the park tables: what people write, and which of our codes it means."""

from __future__ import annotations

import re
from typing import Final

from landuse.schema.headings import fold

__all__ = ["CODES", "coded", "entries", "firm_size"]


def _codes(**words: str) -> dict[str, str]:
    return {fold(word): code for code, listed in words.items() for word in (code, *listed.split())}


CODES: Final[dict[str, dict[str, str]]] = {
    "has_plan": _codes(
        yes="是 有 已编 已编制 已编规划 已批 已批复 已规划 true 1 y √ ✓",
        no="否 无 没有 未编 未编制 未规划 false 0 n 编制中 在编",
    ),
    "cluster_kind": _codes(
        leading="主导 主导产业 主导集群 主导产业集群 主导型",
        special="特色 特色产业 特色集群 特色产业集群 特色型",
    ),
    "origin": _codes(
        local="本地 本市 本县 本区 市内 县内 区内 内资本地",
        outside="外地 市外 县外 区外 域外 外来 省外 招商引进",
    ),
    "chain_role": _codes(
        leader="链主 链主企业 龙头 龙头企业 是 1", member="配套 配套企业 成员 链上企业 n 否"
    ),
    "scope": _codes(
        park="园区 开发区 分园区",
        cluster="产业集群 集群 产业 行业",
        scale="规模 规上规下 企业规模",
        park_scale="园区规模 园区规上规下 园区+规模 分园区规模",
        city="全市 全县 全区 市 县 区 全域 总计",
    ),
    "cumulative": _codes(
        yes="是 累计 累计数 1 true 年初至今", no="否 当期 当月 当季 本期 本月 0 false"
    ),
    "relation": _codes(
        same="相同 一致 同一数字 两处一致",
        share="占比 比重 完成率 占全市 部分占整体",
        growth="同比 增长 增速 同比增长",
        difference="差 相差 剩余 提高百分点",
        part="部分 其中 不超过整体 是其一部分",
        sum="合计 求和 相加 分项合计 之和",
        product="乘积 相乘",
        ratio="比值 相除 亩均 户均 人均",
        whole="总量 倒推总量 由占比推总量",
        before="上年 上年同期 倒推上年",
    ),
}
"""Column → folded word → our code. ``relation``: the keys of the checker of stated figures."""

_SIZES: Final = {
    **dict.fromkeys(map(fold, ("规上", "规模以上", "规上企业", "规模以上企业", "above")), "规上"),
    **dict.fromkeys(map(fold, ("规下", "规模以下", "规下企业", "规模以下企业", "below")), "规下"),
}
_REFERENCE: Final = re.compile(r"(?:=\s*|[\[【〔])([^\]】〕]+)[\]】〕]?")
_SEPARATORS: Final = re.compile(r"[;；\n]")
_MORE_SEPARATORS: Final = re.compile(r"[;；\n、,，/|]|\s{2,}")


def coded(column: str, word: str) -> str | None:
    """Our code of a word; "" for a blank, ``None`` where nobody knows it.

    >>> coded("origin", "本地"), coded("origin", ""), coded("relation", "奇怪")
    ('local', '', None)
    """
    return CODES[column].get(fold(word)) if word else ""


def firm_size(word: str) -> str:
    """规上 or 规下, or "".

    >>> firm_size("规模以上"), firm_size("微型")
    ('规上', '')
    """
    return _SIZES.get(fold(word), "")


def entries(text: str, *, figures: bool = False) -> list[str]:
    """The entries of a cell that lists several; in ``figures`` a comma is no separator, a blank
    entry keeps its place, and [3] refers to another claim as =3 does, which a spreadsheet would
    take for a formula where it stands first.

    >>> entries("高新、专精特新；规上"), entries("1,735万元；; [甲1]", figures=True)
    (['高新', '专精特新', '规上'], ['1,735万元', '', '=甲1'])
    """
    if figures:
        parts = [part.strip() for part in _SEPARATORS.split(text)] if text else []
        return [_REFERENCE.sub(r"=\1", part) for part in parts]
    return [part.strip() for part in _MORE_SEPARATORS.split(text) if part.strip()]
