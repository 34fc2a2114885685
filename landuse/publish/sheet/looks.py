"""How a class of land is printed: the colours of the map, and a hatch that survives a grey copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from landuse.publish.map.palette import PALETTE

__all__ = ["CONTEXT", "LOOKS", "PrintLook"]


@dataclass(frozen=True, slots=True)
class PrintLook:
    """Fill, outline (``width`` in points), and a hatch of its own with its colour."""

    key: str
    fill: str
    stroke: str
    width: float
    hatch: str = ""
    ink: str = ""
    flagged: bool = False


_HATCHES: Final = {
    "revitalised": ("xxxx", "#ffffff"),
    "both": ("\\\\\\\\\\", "#ffb733"),
    "idle": ("-----", "#9fd0f0"),
    "low_efficiency": ("//////", "#5a3d00"),
    "no_enterprise": ("......", "#333333"),
    "out_of_scope": ("||||", "#b5b5b5"),
}
"""Class → hatch and its colour; a class that is named nowhere (normal, not graded) is plain."""

LOOKS: Final = tuple(
    PrintLook(
        look.key,
        look.fill,
        look.stroke,
        0.6 if look.flagged else 0.4,
        *_HATCHES.get(look.key, ("", "")),
        flagged=look.flagged,
    )
    for look in PALETTE
)
"""In the order of the legend; the sheet draws it backwards."""

CONTEXT: Final = PrintLook("context", "#ffffff", "#bdbdbd", 0.3)
"""Plots that a sheet shows around its own and does not count."""
