"""The page: A3 landscape, everything placed in millimetres from its lower left corner."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from landuse.publish.sheet.fonts import Fonts

__all__ = ["DPI", "HEIGHT", "INK", "MM_PER_POINT", "PALE", "WIDTH", "Page", "ems", "wrapped"]

WIDTH: Final = 420.0
HEIGHT: Final = 297.0
DPI: Final = 200
"""Resolution of PNG files and of what is drawn as an image in a PDF: 3307 x 2339 pixels a page."""
MM_PER_POINT: Final = 25.4 / 72
INK: Final = "#111111"
PALE: Final = "#666666"
_INCH: Final = 25.4
_CAPITAL, _DIGIT, _SMALL, _BLANK = 0.66, 0.57, 0.53, 0.3


class Page:
    """One page and what is put on it."""

    def __init__(self, fonts: Fonts) -> None:
        from matplotlib.figure import Figure

        self.figure: Figure = Figure(figsize=(WIDTH / _INCH, HEIGHT / _INCH), dpi=DPI)
        self.fonts = fonts

    def axes(self, x: float, y: float, width: float, height: float, **more: Any) -> Axes:  # noqa: ANN401
        """Axes in that place; with ``frame=False`` nothing of them is seen."""
        shown = more.pop("frame", True)
        place = (x / WIDTH, y / HEIGHT, width / WIDTH, height / HEIGHT)
        made = self.figure.add_axes(place, **more)
        if not shown:
            made.set_axis_off()
        return made

    def words(self, x: float, y: float, text: str, size: float = 9.0, **more: Any) -> None:  # noqa: ANN401
        """A line of text whose base line begins at that point; ``size`` in points."""
        look = {"color": INK, "va": "baseline", **more}
        self.figure.text(x / WIDTH, y / HEIGHT, self.fonts.legible(text), fontsize=size, **look)

    def line(self, x: float, y: float, to_x: float, to_y: float, width: float = 0.6) -> None:
        """A straight line; ``width`` in points."""
        from matplotlib.lines import Line2D

        self.figure.add_artist(
            Line2D([x / WIDTH, to_x / WIDTH], [y / HEIGHT, to_y / HEIGHT], lw=width, color=INK)
        )

    def box(self, x: float, y: float, width: float, height: float, **look: Any) -> None:  # noqa: ANN401
        """A rectangle, by default an outline."""
        from matplotlib.patches import Rectangle

        style = {"fill": False, "edgecolor": INK, "linewidth": 0.6, **look}
        place = (x / WIDTH, y / HEIGHT)
        self.figure.add_artist(Rectangle(place, width / WIDTH, height / HEIGHT, **style))


def ems(text: str) -> float:
    """About how wide ``text`` is, in widths of a Chinese sign; rather too wide than too narrow.

    >>> ems("宗地"), round(ems("GB"), 2)
    (2.0, 1.32)
    """
    return sum(_width(one) for one in text)


def _width(one: str) -> float:
    if unicodedata.east_asian_width(one) in "WFA":
        return 1.0
    if one.isdigit():
        return _DIGIT
    if one in " .,:;'|!()[]":
        return _BLANK
    return _CAPITAL if one.isupper() else _SMALL


def wrapped(text: str, width_mm: float, size: float) -> list[str]:
    """``text`` in lines that fit ``width_mm`` at ``size`` points.

    Latin words and numbers stay whole where they fit on a line.

    >>> wrapped("云泽县人民政府", 10.0, 9.0)
    ['云泽县', '人民政', '府']
    """
    room = width_mm / (size * MM_PER_POINT)
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for whole in _pieces(paragraph):
            piece = whole
            if line and ems(line + piece.rstrip()) > room:
                lines.append(line.rstrip())
                line, piece = "", piece.lstrip()
            while ems(piece.rstrip()) > room and len(piece) > 1:
                taken = _fitting(piece, room)
                lines.append(piece[:taken])
                piece = piece[taken:]
            line += piece
        lines.append(line.rstrip())
    return lines


def _pieces(text: str) -> list[str]:
    """Where a line may break: before and after each wide sign, after blanks of Latin text."""
    found: list[str] = []
    for one in text:
        wide = unicodedata.east_asian_width(one) in "WF"
        closing = one in "，。；：、）》”！？"
        joins = found and not wide and not found[-1].endswith(" ") and not _is_wide(found[-1][-1])
        if found and (joins or closing):
            found[-1] += one
        else:
            found.append(one)
    return found


def _is_wide(one: str) -> bool:
    return unicodedata.east_asian_width(one) in "WF"


def _fitting(text: str, room: float) -> int:
    used, taken = 0.0, 0
    for one in text:
        used += ems(one)
        if used > room and taken:
            break
        taken += 1
    return taken
