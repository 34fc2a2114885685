"""What a pack says, as rows to print, and what differs between two packs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from landuse.messages import text
from landuse.rules.model import Rules, as_written

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.rules.model import Energy, Figure, Indicator

__all__ = ["diff", "show"]

Row = tuple[str, str, str, str, str]
_PACK: Final = ("name", "version", "issued_on", "title_zh", "title_en", "source")
_PARTS: Final = ("figures", "indicators", "energy")


def show(rules: Rules, lang: Lang = "zh") -> list[Row]:
    """Every value as (group, name, value, unit, source), in the order of the pack."""
    pack = text("rules.group_pack", lang)
    rows = [(pack, name, str(getattr(rules, name)), "", "") for name in (*_PACK, "digest")]
    stated = as_written(rules)
    for name in Rules.model_fields:
        if f"values.{name}" in rules.provenance:
            unit, source = _origin(rules, f"values.{name}", lang)
            rows.append(
                (text("rules.group_values", lang), name, _written(stated[name]), unit, source)
            )
    rows += [
        (text("rules.group_figures", lang), figure.key, _title(figure, lang), figure.unit, "")
        for figure in rules.figures
    ]
    for indicator in rules.indicators:
        rows.extend(_indicator_rows(rules, indicator, lang))
    for energy in rules.energy:
        rows.extend(_energy_rows(rules, energy, lang))
    return rows


def _indicator_rows(rules: Rules, indicator: Indicator, lang: Lang) -> Iterator[Row]:
    group, key = text("rules.group_indicators", lang), indicator.key
    unit = indicator.unit_zh if lang == "zh" else indicator.unit_en
    formula = f"{_title(indicator, lang)} = {indicator.numerator} ÷ {indicator.denominator}"
    yield group, key, formula, unit, indicator.source
    benchmark: list[str] = [indicator.benchmark]
    if indicator.benchmark == "twice_mean":
        benchmark += [indicator.scope, str(indicator.benchmark_year or "")]
    stated = {
        "weight": (str(indicator.weight), "1"),
        "benchmark": (", ".join(part for part in benchmark if part), ""),
        "published": (_json(indicator.published), unit),
    }
    for name, (value, value_unit) in stated.items():
        if value:
            _, source = _origin(rules, f"indicators.{key}.{name}", lang)
            yield group, f"{key}.{name}", _written(value), value_unit, source or indicator.source


def _energy_rows(rules: Rules, energy: Energy, lang: Lang) -> Iterator[Row]:
    group, unit = text("rules.group_energy", lang), f"kgce/{energy.unit}"
    for basis in ("calorific", "equivalent"):
        value = getattr(energy, basis)
        if value is None:
            value = text("rules.not_stated", lang)
        _, source = _origin(rules, f"energy.{energy.key}.{basis}", lang)
        name = f"{energy.key}.{basis}"
        yield group, name, _written(str(value)), unit, source or energy.source


def _origin(rules: Rules, name: str, lang: Lang) -> tuple[str, str]:
    """Unit and source of a value, the source with the day since which it holds."""
    origin = rules.provenance.get(name)
    if origin is None:
        return "", ""
    since = text("rules.since", lang, day=origin.since.isoformat()) if origin.since else ""
    return origin.unit, f"{since}{origin.source}"


def _title(entry: Figure | Indicator, lang: Lang) -> str:
    return entry.title_zh if lang == "zh" else entry.title_en


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
