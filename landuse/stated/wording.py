"""The words around a figure: its number, its unit, how it is hedged, and whether it falls."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

__all__ = ["Said", "words_of"]

_OVER: Final = ("超过", "超", "逾", "突破", "多于", "大于", "高于")
_UNDER: Final = ("不足", "不到", "未到", "低于", "少于", "小于", "近")
_AT_LEAST: Final = ("不少于", "不低于", "不小于", "不下于", "至少", "最少")
_AT_MOST: Final = ("不超过", "未超过", "不超", "不高于", "不大于", "不多于", "至多", "最多")
_NEAR: Final = ("大约", "大概", "接近", "约")
_HEDGES: Final = (
    *((word, "at_least", False) for word in _AT_LEAST),
    *((word, "at_most", False) for word in _AT_MOST),
    *((word, "near", False) for word in _NEAR),
    *((word, "at_most", True) for word in _UNDER),
    *((word, "at_least", True) for word in _OVER),
)
"""Word before a number → bound, and whether the number itself is excluded. What says 不 or 接 goes
before what it ends with."""
_AFTER: Final = (
    ("左右", "near", False), ("上下", "near", False), ("以上", "at_least", False),
    ("以下", "at_most", False), ("以内", "at_most", False), ("之内", "at_most", False),
    ("多", "at_least", True), ("余", "at_least", True),
)  # fmt: skip
_FALLS: Final = ("下降", "减少", "下滑", "回落", "降低", "缩减", "负增长", "减", "降")
_FILLERS: Final = ("达到", "达", "到", "为", "了", "是", "有", "共", "计", ":")
_NUMBER: Final = re.compile(r"\d{1,3}(?:[, ]\d{3})+(?![\d,])(?:\.\d+)?|\d+(?:\.\d+)?")
_DASH: Final = re.compile(r"\s*(?:[-~—]{1,2}|至|到)\s*")
_CHINESE: Final = re.compile(r"[零〇一二两三四五六七八九十百千]+(?:点[零〇一二三四五六七八九]+)?")
_DIGITS: Final = {char: at for at, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES: Final = {"十": 10, "百": 100, "千": 1000}


@dataclass(frozen=True, slots=True)
class Said:
    """``found``: how many numbers stand there (a range is one); ``number`` and ``upper`` as decimal
    texts; ``bound`` as in :class:`landuse.stated.figures.Figure`."""

    found: int
    number: str = ""
    upper: str = ""
    unit: str = ""
    bound: str = "exact"
    beyond: bool = False
    falls: bool = False


def words_of(text: str) -> Said:
    """The parts of ``text``.

    >>> words_of("超过 1,735 万元").number, words_of("3—5亿").upper, words_of("二十五个").number
    ('1735', '5', '25')
    """
    folded = unicodedata.normalize("NFKC", text).replace("㎡", "m2").strip()
    folded = re.sub("[−–‐‑‒]", "-", folded).replace("百分之", "%之")
    plain = re.sub(r"(?<=[万\d\s])m2", "m_", folded)
    found = list(_NUMBER.finditer(plain))
    if not found and (chinese := list(_CHINESE.finditer(plain))):
        return _one(plain, chinese, [_arabic(one[0]) for one in chinese])
    return _one(plain, found, [re.sub("[, ]", "", one[0]) for one in found])


def _one(plain: str, found: list[re.Match[str]], numbers: list[str]) -> Said:
    """One number, or a range of two."""
    if not found or "" in numbers:
        return Said(0)
    first, last = found[0], found[-1]
    between = plain[first.end() : last.start()] if len(found) == 2 else ""
    ranged = bool(_DASH.fullmatch(between.removeprefix(_repeated(plain, between, last))))
    before, after = plain[: first.start()], plain[last.end() :]
    if (len(found) > 1 and not ranged) or before.endswith("."):
        return Said(max(2, len(found)))
    sign, before = _sign(before)
    bound, beyond, unit = _hedged(before, after)
    if before.endswith("%之"):
        unit = "%" + unit
    upper = numbers[1] if ranged else ""
    if ranged:
        bound, beyond = "range", False
    falls = any(word in before for word in _FALLS) and not sign
    return Said(1, sign + numbers[0], upper, unit.replace("m_", "m2"), bound, beyond, falls)


def _repeated(plain: str, between: str, last: re.Match[str]) -> str:
    """The unit between the two numbers of 3亿—5亿, which stands after the second too."""
    unit = re.match(r"[^\d\s\-~—至到]*", between)
    said = unit[0] if unit else ""
    return said if plain[last.end() :].startswith(said) else ""


def _sign(before: str) -> tuple[str, str]:
    """The sign that stands right before the number, and what stands before it."""
    bare = before.rstrip()
    if bare.endswith(("+", "-")):
        return ("-" if bare.endswith("-") else ""), bare[:-1].rstrip()
    return "", bare


def _hedged(before: str, after: str) -> tuple[str, bool, str]:
    """Bound, whether it excludes the number itself, and the unit without the hedge."""
    unit = re.sub(r"\s", "", after).rstrip("。;,")
    for word, bound, beyond in _AFTER:
        if unit.endswith(word) or unit.startswith(word):
            return bound, beyond, unit.removesuffix(word).removeprefix(word)
    bare = re.sub(r"\s", "", before)
    while (shorter := _without_filler(bare)) != bare:
        bare = shorter
    for word, bound, beyond in _HEDGES:
        if bare.endswith(word):
            return bound, beyond, unit
    return "exact", False, unit


def _without_filler(text: str) -> str:
    if text.endswith(("不到", "未到")):
        return text
    return next((text.removesuffix(word) for word in _FILLERS if text.endswith(word)), text)


def _arabic(text: str) -> str:
    """A Chinese numeral below ten thousand as a decimal text; "" where it is none."""
    whole, _, part = text.partition("点")
    decimals = "".join(str(_DIGITS[char]) for char in part)
    if not any(char in _PLACES for char in whole):
        digits = "".join(str(_DIGITS[char]) for char in whole)
    else:
        total, digit, place = 0, None, 10_000
        for char in whole:
            if char in _DIGITS:
                digit = _DIGITS[char]
                continue
            if _PLACES[char] >= place:
                return ""
            place = _PLACES[char]
            total, digit = total + (1 if digit is None else digit) * place, None
        digits = str(total + (digit or 0))
    return f"{digits}.{decimals}" if decimals else digits
