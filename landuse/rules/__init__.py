"""What a city decided: dated rule packs and their loader.

Takes the name of a shipped pack or the path of a TOML file, a day, and the project's overrides;
gives one frozen :class:`~landuse.rules.model.Rules`. Does not compute anything with the values.
"""

from __future__ import annotations

from landuse.rules.load import load, shipped
from landuse.rules.model import Energy, Figure, Indicator, Provenance, Rules
from landuse.rules.show import diff, show

__all__ = [
    "Energy",
    "Figure",
    "Indicator",
    "Provenance",
    "Rules",
    "diff",
    "load",
    "shipped",
    "show",
]
