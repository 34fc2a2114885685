"""How the columns of the park tables are named in a project file, and what each measures.

The names are those of :mod:`landuse.schema.park_tables` without their unit: ``total_area`` for
``total_area_m2_micro``. ``periods`` has names of its own, since it is read long or wide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from landuse.schema.park_tables import MEASURES, PARK_TABLES

if TYPE_CHECKING:
    from landuse.schema.frame import Column, Table

__all__ = [
    "ASIDE",
    "DIMENSIONS",
    "FLOORS",
    "LISTS",
    "PARK_COLUMNS",
    "UNIT_OF",
    "columns_read",
    "kind_of",
    "name_of",
]

Kind = Literal["area", "money", "per_mu", "ratio", "count", "year", "date", "text"]

_ENDINGS: Final[tuple[tuple[str, Kind], ...]] = (
    ("_wan_per_mu_micro", "per_mu"),
    ("_m2_micro", "area"),
    ("_wan_micro", "money"),
    ("_micro", "ratio"),
)
_COMPUTED: Final = frozenset({"unread", "source_file", "source_sheet", "source_row"})
FLOORS: Final = frozenset(
    {
        "factory_planned", "factory_built", "factory_let", "factory_vacant",
        "planned_floor", "built_floor", "floor",
    }
)  # fmt: skip
"""Areas of floors: the ``area_unit`` of a table is that of its land and says nothing of them."""
LISTS: Final = frozenset({"leading_divisions", "kinds", "inputs", "input_units"})
"""Columns that hold several entries, joined by "; "."""
ASIDE: Final = ("growth", "share_of_city", "target", "share_of_target", "expected_year")
"""What a period says of a measure beside its value."""
UNIT_OF: Final[dict[Kind, str]] = {
    "area": "m2", "money": "wan", "per_mu": "wan/mu", "ratio": "1", "count": "person",
}  # fmt: skip
"""The unit that a column of each kind is kept in."""


def kind_of(column: Column) -> Kind:
    """What a column holds.

    >>> [kind_of(PARK_TABLES["promises"].column(c)) for c in ("floor_m2_micro", "due_year")]
    ['area', 'year']
    """
    for ending, kind in _ENDINGS:
        if column.name.endswith(ending):
            return kind
    if column.dtype == "Int64":
        return "year" if column.unit == "year" else "count"
    return "date" if column.dtype == "date" else "text"


def name_of(column: Column) -> str:
    """The name of a column in a project file.

    >>> name_of(PARK_TABLES["promises"].column("promised_tax_wan_per_mu_micro"))
    'promised_tax'
    """
    for ending, _ in _ENDINGS:
        if column.name.endswith(ending):
            return column.name.removesuffix(ending)
    return column.name


def columns_read(table: Table) -> list[Column]:
    """The columns of ``table`` that a file gives."""
    return [column for column in table if column.name not in _COMPUTED]


_PERIODS: Final = (
    "scope", "whom", "park", "cluster", "cluster_kind", "firm_size", "period", "cumulative",
    "measure", "value", "unit", *ASIDE, *MEASURES,
    *(f"{measure}_{aside}" for measure in MEASURES for aside in ASIDE),
)  # fmt: skip
PARK_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    name: _PERIODS if name == "periods" else tuple(map(name_of, columns_read(table)))
    for name, table in PARK_TABLES.items()
}
"""Our column names by table, as :data:`landuse.intake.project_names.COLUMNS` has the others."""

_DIMENSION_OF: Final[dict[Kind, str]] = {
    "area": "area", "money": "money", "per_mu": "money per area", "ratio": "number",
    "count": "count",
}  # fmt: skip


def _dimensions() -> dict[str, str]:
    found = {
        name_of(column): _DIMENSION_OF[kind_of(column)]
        for name, table in PARK_TABLES.items()
        for column in columns_read(table)
        if name != "periods" and kind_of(column) in _DIMENSION_OF
    }
    money = ("value", "target", "expected_year", *(m for m in MEASURES if m != "firms"))
    found |= dict.fromkeys(money, "money")
    for measure in ("", *MEASURES):
        for aside in ASIDE:
            name = f"{measure}_{aside}" if measure else aside
            if aside in ("growth", "share_of_city", "share_of_target"):
                found[name] = "number"
            elif measure != "firms":
                found[name] = "money"
    return found


DIMENSIONS: Final[dict[str, str]] = _dimensions()
"""What each column that has a unit is measured in."""
