"""What a pack says, as rows to print, and what differs between two packs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from landuse.messages import text
from landuse.rules.model import Rules, as_written

if TYPE_CHECKING:
    from pydantic import BaseModel

    from landuse.messages import Lang

__all__ = ["diff", "show"]

Row = tuple[str, str, str, str, str]
_PACK: Final = ("name", "version", "issued_on", "title_zh", "title_en", "source")
_PARTS: Final = ("figures", "indicators", "energy")
_NOT_LISTED: Final = frozenset({"key", "unit", "source"})


def show(rules: Rules, lang: Lang = "zh") -> list[Row]:
    """Every value as (group, name, value, unit, source), in the order of the pack."""
    rows = [
        (text("rules.group_pack", lang), name, _plain(getattr(rules, name)), "", "")
        for name in _PACK
    ]
    rows.append((text("rules.group_pack", lang), "digest", rules.digest, "", ""))
    group = text("rules.group_values", lang)
    stated = as_written(rules)
    for name in Rules.model_fields:
        origin = rules.provenance.get(f"values.{name}")
        if origin is not None:
            source = origin.source
            if origin.since is not None:
                source = f"{text('rules.since', lang, day=origin.since.isoformat())}{source}"
            rows.append((group, name, _written(stated[name]), origin.unit, source))
    for part in _PARTS:
        for entry in getattr(rules, part):
            rows.extend(_entry_rows(rules, part, entry, text(f"rules.group_{part}", lang)))
    return rows


def _entry_rows(rules: Rules, part: str, entry: BaseModel, group: str) -> Iterator[Row]:
    fields = dict(entry)
    for name, value in fields.items():
        if name in _NOT_LISTED or value is None or value == {}:
            continue
        origin = rules.provenance.get(f"{part}.{fields['key']}.{name}")
        unit = origin.unit if origin else str(fields.get("unit", ""))
        source = origin.source if origin else str(fields.get("source", ""))
        yield group, f"{fields['key']}.{name}", _written(_json(value)), _unit(name, unit), source


def _unit(name: str, unit: str) -> str:
    return "" if name.startswith("title") else unit


def diff(a: Rules, b: Rules) -> list[tuple[str, str, str]]:
    """What differs, as (name, value in ``a``, value in ``b``), sorted; "" where one has none.

    Sources and titles of values do not count; the pack's own name and version do.
    """
    left, right = dict(_flat(a)), dict(_flat(b))
    names = sorted(left.keys() | right.keys())
    pairs = ((name, left.get(name, ""), right.get(name, "")) for name in names)
    return [pair for pair in pairs if pair[1] != pair[2]]


def _flat(rules: Rules) -> Iterator[tuple[str, str]]:
    stated = as_written(rules)
    for name in ("name", "version", "issued_on"):
        yield f"pack.{name}", _written(stated[name])
    for name in Rules.model_fields:
        if f"values.{name}" in rules.provenance:
            yield f"values.{name}", _written(stated[name])
    for part in _PARTS:
        for entry in getattr(rules, part):
            for name, value in entry:
                if name not in {"key", "source", "title_zh", "title_en"} and value not in (
                    None,
                    {},
                ):
                    yield f"{part}.{entry.key}.{name}", _written(_json(value))


def _json(value: object) -> object:
    if isinstance(value, dict):
        return {name: str(entry) for name, entry in value.items()}
    return value


def _plain(value: object) -> str:
    return str(value)


def _written(value: object) -> str:
    """A value as a person would read it: fractions as decimals where they end.

    >>> _written({"A": "1/5", "B": "1/3"})
    'A = 0.2, B = 1/3'
    """
    if isinstance(value, dict):
        return ", ".join(f"{name} = {_written(entry)}" for name, entry in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_written(entry) for entry in value)
    return decimal(str(value))


def decimal(written: str) -> str:
    """A fraction as a decimal where that is exact in ten places, else as it is.

    >>> decimal("3/20"), decimal("1/3"), decimal("0601")
    ('0.15', '1/3', '0601')
    """
    top, slash, bottom = written.partition("/")
    if not (slash and top.lstrip("-").isdigit() and bottom.isdigit()):
        return written
    scaled, rest = divmod(int(top) * 10**10, int(bottom))
    if rest:
        return written
    sign, digits = ("-" if scaled < 0 else ""), f"{abs(scaled):011d}"
    return f"{sign}{digits[:-10]}.{digits[-10:]}".rstrip("0").rstrip(".")
