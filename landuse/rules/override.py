"""The project's ``[rules.override]``: values of the pack that this project replaces.

Any name under ``[values]``; ``weights`` and ``published`` by indicator; and the coefficients of
an energy as ``electricity_equivalent_kgce_per_kwh`` (name, basis, unit in lower case).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from landuse.rules.document import Key, dotted, nearest
from landuse.rules.model import Provenance

if TYPE_CHECKING:
    from landuse.issues import IssueLog
    from landuse.rules.load import Draft

__all__ = ["ORIGIN", "apply", "overriding"]

ORIGIN: Final = "[rules.override]"
_HERE: Final = "rules.override"
_BY_INDICATOR: Final = {"weights": "weight", "published": "published"}
_BASES: Final = ("calorific", "equivalent")


def energy_names(energy: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Override names of the coefficients → (energy, basis)."""
    return {
        f"{key}_{basis}_kgce_per_{str(entry.get('unit', '')).lower()}": (key, basis)
        for key, entry in energy.items()
        for basis in _BASES
    }


def names(draft: Draft) -> list[str]:
    """Every name that a project may override."""
    return [*draft.values, *_BY_INDICATOR, *energy_names(draft.energy)]


def apply(draft: Draft, override: Mapping[str, object], file: str, log: IssueLog) -> None:
    """Replace values of ``draft`` in place; unknown names are reported with the nearest one."""
    coefficients = energy_names(draft.energy)
    for name, value in override.items():
        if name in draft.values:
            unit = draft.provenance[f"values.{name}"].unit
            draft.values[name] = value
            draft.provenance[f"values.{name}"] = _overridden(unit)
        elif name in _BY_INDICATOR:
            _by_indicator(draft, name, value, log)
        elif name in coefficients:
            key, basis = coefficients[name]
            draft.energy[key] = {**draft.energy[key], basis: value}
            unit = f"kgce/{draft.energy[key].get('unit', '')}"
            draft.provenance[f"energy.{key}.{basis}"] = _overridden(unit)
        else:
            close = nearest(name, names(draft))
            where = f"{_HERE}.{name}"
            log.add("rules.unknown_override", value=name, where=where, nearest=close, pack=file)


def _by_indicator(draft: Draft, name: str, value: object, log: IssueLog) -> None:
    if not isinstance(value, Mapping):
        log.add("rules.not_a_table", value=str(value), where=f"{_HERE}.{name}")
        return
    field = _BY_INDICATOR[name]
    for key, entry in value.items():
        if key not in draft.indicators:
            close = nearest(key, draft.indicators)
            where = f"{_HERE}.{name}.{key}"
            log.add("rules.unknown_indicator", value=key, where=where, nearest=close)
            continue
        draft.indicators[key] = {**draft.indicators[key], field: entry}
        unit = "1" if field == "weight" else "of the indicator"
        draft.provenance[f"indicators.{key}.{field}"] = _overridden(unit)


def overriding(
    key: Key, provenance: Mapping[str, Provenance], energy: Mapping[str, Any]
) -> str | None:
    """The name under ``[rules.override]`` that replaced the statement at ``key``, if one did."""
    stated = provenance.get(dotted(key))
    if stated is None or not stated.overridden:
        return None
    part, entry, *rest = key
    if part == "values":
        return str(entry)
    if part == "indicators":
        name = next(name for name, field in _BY_INDICATOR.items() if field == rest[0])
        return f"{name}.{entry}"
    return next(n for n, found in energy_names(energy).items() if found == (entry, rest[0]))


def _overridden(unit: str) -> Provenance:
    return Provenance(unit=unit, source=ORIGIN, overridden=True)
