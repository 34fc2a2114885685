"""Which heading of a user's file means which of our columns.

The lists are committed data: ``headings.csv`` (table, our name, language, heading, weak) and
``unit_names.csv`` (what people write for a unit). A *weak* heading (面积, 行业名称) counts only
where no proper one stands beside it.
"""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Known", "fold", "known", "nearest", "split_unit", "unit_named", "usual"]

_BRACKETED: Final = re.compile(r"[(\[{<【〔]([^()\[\]{}<>【】〔〕]*)[)\]}>】〕]")
_TRAILING: Final = re.compile(r"[/_:,;、|\-]([^/_:,;、|\-]+(?:/[^/_:,;、|\-]+)?)$")
_INVISIBLE: Final = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad]+")


class Known(NamedTuple):
    """What a heading means: our name, and whether it gives way to a proper heading."""

    name: str
    weak: bool


def _rows(file: str) -> list[dict[str, str]]:
    source = resources.files("landuse.schema").joinpath(file)
    return list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Width, case, spaces and invisible characters do not distinguish headings.

    >>> fold(" 企业　名称 ") == fold("企业名称")
    True
    >>> fold("ＤＫＢＭ")
    'dkbm'
    """
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()


@cache
def known(table: str) -> dict[str, Known]:
    """Folded heading → meaning, for one table (``parcels``, ``enterprises`` ...)."""
    return {
        fold(row["heading"]): Known(row["name"], bool(row["weak"]))
        for row in _rows("headings.csv")
        if row["table"] == table
    }


@cache
def _usual() -> dict[tuple[str, str, str], str]:
    found: dict[tuple[str, str, str], str] = {}
    for row in _rows("headings.csv"):
        found.setdefault((row["table"], row["name"], row["language"]), row["heading"])
    return found


def usual(table: str, name: str, lang: str) -> str:
    """The usual heading of one of our columns: the first of the list; without one, our name.

    >>> usual("parcels", "parcel_id", "zh"), usual("parks", "nothing", "zh")
    ('宗地代码', 'nothing')
    """
    return _usual().get((table, name, lang), name)


@cache
def _unit_names() -> dict[str, str]:
    return {fold(row["name"]): row["unit"] for row in _rows("unit_names.csv")}


def unit_named(text: str) -> str:
    """Our code of a unit as people write it, or ``""``.

    >>> unit_named("万元"), unit_named("㎡"), unit_named("箱")
    ('wan', 'm2', '')
    """
    return _unit_names().get(fold(text), "")


@lru_cache(maxsize=8192)
def split_unit(heading: str) -> tuple[str, str]:
    """The folded heading without its unit, and the unit's code (``""`` if it names none).

    Only what is a unit is cut off: 税收(含免抵) is another thing than 税收.

    >>> split_unit("税收（万元）")
    ('税收', 'wan')
    >>> split_unit("面积/亩"), split_unit("税收(含免抵)")
    (('面积', 'mu'), ('税收(含免抵)', ''))
    """
    folded = fold(heading)
    for match in _BRACKETED.finditer(folded):
        inside = match[1].removeprefix("单位:").removeprefix("单位")
        unit = unit_named(inside)
        if unit:
            return folded[: match.start()] + folded[match.end() :], unit
    tail = _TRAILING.search(folded)
    if tail and tail.start() > 0 and (unit := unit_named(tail[1].removeprefix("单位:"))):
        return folded[: tail.start()], unit
    return folded, ""


def nearest(word: str, among: Iterable[str], count: int = 3) -> list[str]:
    """The headings most like ``word``, for a message that helps.

    >>> nearest("企业名", ["企业名称", "税收"])
    ['企业名称']
    """
    by_fold = {fold(name): name for name in among}
    found = difflib.get_close_matches(fold(word), list(by_fold), n=count, cutoff=0.5)
    return [by_fold[name] for name in found]
