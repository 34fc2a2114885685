"""The strokes of pictures drawn here as SVG: no style rule, no script, nothing loaded."""

from __future__ import annotations

from html import escape
from typing import Final

__all__ = ["INK", "SOFT", "bar", "picture", "words"]

INK: Final = "#1b1f24"
SOFT: Final = "#57606a"
_FONT: Final = "Microsoft YaHei, Noto Sans CJK SC, SimHei, sans-serif"


def bar(x: float, y: float, wide: float, high: float, fill: str) -> str:
    """A filled box."""
    return f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="{high}" rx="2" fill="{fill}"/>'


def words(
    x: float,
    y: float,
    said: str,
    anchor: str = "start",
    *,
    bold: bool = False,
    ink: str = INK,
    size: int = 14,
) -> str:
    """A text at a point, escaped."""
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="{ink}"{weight}>{escape(said)}</text>'
    )


def picture(wide: float, high: float, parts: list[str], label: str) -> str:
    """The whole, on white; ``label`` is what it is called aloud."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high:.0f}" '
        f'width="{wide:.0f}" height="{high:.0f}" role="img" aria-label="{escape(label)}" '
        f'font-family="{_FONT}"><rect width="100%" height="100%" fill="#ffffff"/>'
        f"{''.join(parts)}</svg>"
    )
