"""How a class of land is printed: the colours of the map, and a hatch that survives a grey copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

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
    line: float = 0.6
    flagged: bool = False

    def style(self) -> dict[str, Any]:
        """As a patch of matplotlib takes it (``line``: width of the hatch in points)."""
        return {
            "facecolor": self.fill,
            "edgecolor": self.stroke,
            "linewidth": self.width,
            "hatch": self.hatch or None,
            "hatchcolor": self.ink or self.stroke,
        }


_HATCHES: Final = {
    "revitalised": ("xxxx", "#ffffff", 0.6),
    "both": ("\\\\\\\\", "#ffb733", 1.5),
    "idle": ("-----", "#9fd0f0", 0.7),
    "low_efficiency": ("//////", "#5a3d00", 0.6),
    "no_enterprise": ("......", "#333333", 0.6),
    "out_of_scope": ("||||", "#b5b5b5", 0.5),
}
"""Class → hatch, its colour and the width of its lines; normal and not graded land is plain."""

LOOKS: Final = tuple(
    PrintLook(
        look.key,
        look.fill,
        look.stroke,
        0.6 if look.flagged else 0.4,
        *_HATCHES.get(look.key, ("", "", 0.6)),
        flagged=look.flagged,
    )
    for look in PALETTE
)
"""In the order of the legend; the sheet draws it backwards."""

CONTEXT: Final = PrintLook("context", "#ffffff", "#bdbdbd", 0.3)
"""Plots that a sheet shows around its own and does not count."""
