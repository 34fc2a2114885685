"""Divisions 13 to 46 of GB/T 4754-2017 by name, with the names of the 2002 and 2011 editions."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from landuse.schema.headings import fold

if TYPE_CHECKING:
    from landuse.messages import Lang

__all__ = ["SECTIONS", "division_label", "division_named", "section_of"]

SECTIONS: Final[dict[str, tuple[int, int]]] = {
    "A": (1, 5),
    "B": (6, 12),
    "C": (13, 43),
    "D": (44, 46),
    "E": (47, 50),
    "F": (51, 52),
    "G": (53, 60),
    "H": (61, 62),
    "I": (63, 65),
    "J": (66, 69),
    "K": (70, 70),
    "L": (71, 72),
    "M": (73, 75),
    "N": (76, 79),
    "O": (80, 82),
    "P": (83, 83),
    "Q": (84, 85),
    "R": (86, 90),
    "S": (91, 96),
    "T": (97, 97),
}
"""First and last division of each section letter of GB/T 4754-2017."""


@cache
def _rows() -> tuple[dict[str, str], ...]:
    source = resources.files("landuse.schema").joinpath("industries.csv")
    return tuple(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))


def _plain(name: str) -> str:
    return fold(name).replace("、", "").replace(",", "").replace("的", "")


@cache
def _by_name() -> dict[str, str]:
    names: dict[str, str] = {}
    for row in _rows():
        for name in (row["zh"], row["en"], *row["alias"].split("|")):
            if name:
                names[_plain(name)] = row["division"]
    return names


def division_named(name: str) -> str:
    """The division that bears this name, or ``""``.

    >>> division_named("石油加工、炼焦和核燃料加工业"), division_named("纺织")
    ('25', '')
    """
    return _by_name().get(_plain(name), "")


def division_label(division: str, lang: Lang = "zh") -> str:
    """The name of a division, or the code itself where the list has none.

    >>> division_label("17", "en"), division_label("51")
    ('manufacture of textiles', '51')
    """
    for row in _rows():
        if row["division"] == division:
            return row[lang]
    return division


def section_of(division: str) -> str:
    """The letter of the section that a two-digit division belongs to, or ``""``.

    >>> section_of("17"), section_of("98")
    ('C', '')
    """
    number = int(division)
    for letter, (first, last) in SECTIONS.items():
        if first <= number <= last:
            return letter
    return ""
