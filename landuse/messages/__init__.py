"""Every sentence a person reads, by code, in Chinese and English.

The sentences are data: one TOML file a room, one table a sentence, with ``zh`` and ``en`` as
``str.format`` templates. A sentence that reports a fault also has ``severity`` (error, warning,
info), ``owner`` (whose job it is to mend it) and a hint. A code is ``file.table``, for example
``intake.parcel_without_key``.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Final, Literal, TypedDict

__all__ = ["LANGUAGES", "Lang", "Sentence", "codes", "hint", "sentence", "text"]

Lang = Literal["zh", "en"]
LANGUAGES: Final[tuple[Lang, ...]] = ("zh", "en")


class Sentence(TypedDict, total=False):
    """One entry of the catalogue, as it stands in the TOML file."""

    severity: Literal["error", "warning", "info"]
    owner: Literal["planner", "registry", "tax", "statistics", "energy", "enterprise", "system"]
    zh: str
    en: str
    hint_zh: str
    hint_en: str


@cache
def _room(name: str) -> dict[str, Sentence]:
    source = resources.files(__package__).joinpath(f"{name}.toml")
    loaded: dict[str, Sentence] = tomllib.loads(source.read_text(encoding="utf-8"))
    return loaded


def codes(*rooms: str) -> list[str]:
    """The codes of these files of the catalogue, or all of them, sorted."""
    return sorted(f"{name}.{key}" for name in rooms or _rooms() for key in _room(name))


def _rooms() -> list[str]:
    names = (entry.name for entry in resources.files(__package__).iterdir())
    return [name.removesuffix(".toml") for name in names if name.endswith(".toml")]


def sentence(code: str) -> Sentence:
    """The entry of ``code``; ``KeyError`` if the catalogue has none (a fault of ours)."""
    room, _, key = code.partition(".")
    return _room(room)[key]


def text(code: str, lang: Lang = "zh", /, **values: object) -> str:
    """The sentence in one language with its values filled in.

    >>> text("ground.total", "en", n=3)
    'total 3'
    """
    return sentence(code)[lang].format_map(values)


def hint(code: str, lang: Lang = "zh", /, **values: object) -> str:
    """What the reader should do about it, or an empty string."""
    entry = sentence(code)
    template = entry.get("hint_zh", "") if lang == "zh" else entry.get("hint_en", "")
    return template.format_map(values)
