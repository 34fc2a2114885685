"""Figures as reports state them: their value, how finely, and how they are hedged."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final, NamedTuple

from landuse.intake.cells import is_missing, text_of
from landuse.schema.headings import unit_named
from landuse.units import MICRO, UNITS

__all__ = ["COUNTED", "StatedFigure", "percent_text", "stated_figure"]

COUNTED: Final = "firms"
"""The unit of a figure that counts enterprises."""
_COUNT_WORDS: Final = frozenset({"", "家", "户", "个", "家企业", "户企业", "firms", "firm"})
_NUMBER: Final = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_BEFORE: Final = (
    ("不少于", "more"), ("不低于", "more"), ("不超过", "below"), ("不高于", "below"),
    ("不足", "below"), ("不到", "below"), ("低于", "below"), ("少于", "below"), ("小于", "below"),
    ("至多", "below"), ("超过", "more"), ("超", "more"), ("逾", "more"), ("突破", "more"),
    ("多于", "more"), ("大于", "more"), ("高于", "more"), ("至少", "more"), ("大约", "about"),
    ("大概", "about"), ("接近", "about"), ("约", "about"), ("近", "near"),
)  # fmt: skip
_AFTER: Final = (
    ("左右", "about"), ("上下", "about"), ("以上", "more"), ("以下", "below"), ("以内", "below"),
    ("之内", "below"), ("多", "more"), ("余", "more"),
)  # fmt: skip
_LARGEST: Final = 9_000_000_000_000 * MICRO


class StatedFigure(NamedTuple):
    """``value_micro`` in 10⁻⁶ 万元 (or firms); ``digits`` decimals of the text; ``step_micro`` one
    unit of the last of them, 0 for counts; ``bound`` one of ``park_tables.BOUNDS``."""

    value_micro: int
    digits: int
    step_micro: int
    bound: str


def stated_figure(cell: object, unit: str) -> StatedFigure | None:
    """What a cell states; ``None`` where it is no figure in ``unit``.

    ``unit`` is a code of money, :data:`COUNTED`, or "" where the cell must name it itself. A cell
    that names another unit than the stated one is no figure.

    >>> stated_figure("约15.40亿元", "")
    StatedFigure(value_micro=154000000000, digits=2, step_micro=100000000, bound='about')
    >>> stated_figure(59.5, "yi").step_micro, stated_figure("59.5万元", "yi")
    (1000000000, None)
    >>> stated_figure("30多家", "firms")
    StatedFigure(value_micro=30000000, digits=0, step_micro=0, bound='more')
    """
    read = _parts(cell)
    if read is None:
        return None
    number, written, bound = read
    digits = max(0, -int(number.as_tuple().exponent))
    if unit == COUNTED:
        sound = written in _COUNT_WORDS and number == number.to_integral_value() and number >= 0
        return StatedFigure(int(number) * MICRO, 0, 0, bound) if sound else None
    named = unit_named(written) if written else ""
    code = named or unit
    if (written and not named) or code not in UNITS or UNITS[code].dimension != "money":
        return None
    if named and unit and UNITS[named] != UNITS[unit]:
        return None
    scale = UNITS[code].in_base * MICRO
    micro = round(Fraction(number) * scale)
    while digits and scale / 10**digits < 1:  # finer than the program keeps
        digits -= 1
    step = max(1, round(scale / 10**digits))
    return StatedFigure(micro, digits, step, bound) if abs(micro) <= _LARGEST else None


def percent_text(cell: object, unit: str) -> str | None:
    """A share or a growth as text with its sign, "" where blank; ``None`` where it is none.

    ``unit`` (``percent`` or ``1``) is that of a bare number. What the text says itself stays as
    it is written: 提高4个百分点 is no 4 %.

    >>> percent_text(0.163, "1"), percent_text(16.33, "percent"), percent_text("+48.9 ％", "")
    ('16.3%', '16.33%', '+48.9 %')
    """
    if isinstance(cell, bool):
        return None
    if isinstance(cell, str) or cell is None:
        text = unicodedata.normalize("NFKC", text_of(cell)).strip()
        if not text or is_missing(text):
            return ""
        if "%" in text or "百分点" in text or "倍" in text:
            return text if _NUMBER.search(text) else None
        number = _decimal(text.replace(",", ""))
    else:
        number = _decimal(text_of(cell))
    if number is None or unit not in ("percent", "1"):
        return None
    shifted = number if unit == "percent" else number.scaleb(2)
    return f"{shifted:f}%" if unit == "percent" else f"{_plain(shifted)}%"


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _parts(cell: object) -> tuple[Decimal, str, str] | None:
    """Number, unit and hedge of a cell."""
    if isinstance(cell, bool) or cell is None:
        return None
    if not isinstance(cell, str):
        number = _decimal(text_of(cell))
        return None if number is None else (number, "", "exact")
    text = unicodedata.normalize("NFKC", cell)
    text = re.sub(r"\s", "", text).replace("−", "-").replace("–", "-")
    found = list(_NUMBER.finditer(text))
    if len(found) != 1:
        return None
    before, after = text[: found[0].start()], text[found[0].end() :]
    number = _decimal(found[0][0].replace(",", ""))
    hedge, unit = _hedge(before, after)
    return None if number is None or hedge is None else (number, unit, hedge)


def _hedge(before: str, after: str) -> tuple[str | None, str]:
    """The hedge around a number (``None``: other words stand there) and its unit without it."""
    bound, unit = "exact", after
    for word, code in _AFTER:
        if unit.endswith(word) or unit.startswith(word):
            bound, unit = code, unit.removesuffix(word).removeprefix(word)
            break
    for word, code in _BEFORE:
        if before == word:
            return (code if bound == "exact" else bound), unit
    return (bound if before in ("", "¥") else None), unit


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
