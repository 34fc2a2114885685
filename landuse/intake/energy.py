"""Energy in tonnes of coal equivalent, from the column itself or from physical quantities."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from landuse.errors import UserError
from landuse.intake.table_columns import Amount, amount

if TYPE_CHECKING:
    from landuse.intake.opened import Opened
    from landuse.intake.project import EnterpriseTable
    from landuse.issues import IssueLog
    from landuse.rules import Energy, Rules

__all__ = ["ENERGY", "contribution", "contributions", "energy_names"]

ENERGY: Final = "energy_tce"
"""Key of the figure that physical quantities are converted to."""


def energy_names(rules: Rules) -> tuple[str, ...]:
    """The physical quantities that count: those of the pack, where it uses energy at all."""
    uses = any(figure.key == ENERGY for figure in rules.figures)
    return tuple(energy.key for energy in rules.energy) if uses else ()


def contribution(name: str) -> str:
    """Name of the internal column that holds what one energy adds in tce."""
    return f"tce_from_{name}"


def contributions(
    opened: Opened,
    source: EnterpriseTable,
    rules: Rules,
    log: IssueLog,
    year: int | None,
    *,
    plain: bool = True,
) -> dict[str, Amount]:
    """What every physical quantity of the table adds, in millionths of a tce.

    ``year`` picks the columns of a year, ``plain``: those without a year count too.

    quantity × kgce a unit ÷ 1000, rounded once, half to even. Raises
    :class:`landuse.errors.UserError` where the basis (当量 or 等价) is not declared, or the pack
    has no value for it: a guess would move ranks.
    """
    found: dict[str, Amount] = {}
    for energy in rules.energy:
        stated = year is not None and year in opened.columns.by_year.get(energy.key, {})
        given = stated or (plain and energy.key in opened.columns.theirs)
        if energy.key not in energy_names(rules) or not given:
            continue
        scale = _kgce(energy, source, opened) / 1000
        found[contribution(energy.key)] = amount(
            opened, energy.key, energy.unit, log,
            year=year if stated else None, coefficient=scale,
        )  # fmt: skip
    return found


def _kgce(energy: Energy, source: EnterpriseTable, opened: Opened) -> Fraction:
    place = {
        "table": "enterprises",
        "file": ", ".join(source.path),
        "column": opened.columns.heading(energy.key),
        "name": energy.key,
    }
    if source.energy_basis is None:
        raise UserError.of("intake_tables.energy_basis_missing", **place)
    value = energy.calorific if source.energy_basis == "calorific" else energy.equivalent
    if value is None:
        override = f"{energy.key}_equivalent_kgce_per_{energy.unit.lower()}"
        raise UserError.of("intake_tables.no_equivalent", **place, override=override)
    return value
