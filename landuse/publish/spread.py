"""A small picture of where one figure stands among its industry, as SVG without any style rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import quoteattr

from landuse.messages import text
from landuse.publish.words import number

if TYPE_CHECKING:
    from landuse.messages import Lang

__all__ = ["spread_svg"]

_WIDE, _HIGH, _FLOOR = 240, 46, 38
_BAR, _OWN, _MARK, _LINE = "#c9d1d9", "#a40e26", "#0b5cad", "#57606a"
_SIDES: Final = 3.0


def spread_svg(
    spread: dict[str, Any], own: float, mark: float | None, word: str, lang: Lang
) -> str:
    """The picture of a distribution (``landuse.publish.map.distribution``).

    Bars are units; the red wedge is this one, the blue line ``mark`` (``word``: ``benchmark`` or
    ``cutoff``), the grey one the median. What it shows is also said in its label.
    """
    low, high, bars = float(spread["low"]), float(spread["high"]), spread["bars"]

    def x(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return round(_SIDES + share * (_WIDE - 2 * _SIDES), 1)

    most = max(*bars, 1)
    step = (_WIDE - 2 * _SIDES) / len(bars)
    parts = []
    for place, count in enumerate(bars):
        if count:
            tall = max(round(count / most * (_FLOOR - 8), 1), 1.0)
            parts.append(
                f'<rect x="{_SIDES + place * step:.1f}" y="{_FLOOR - tall:.1f}" '
                f'width="{step - 0.6:.1f}" height="{tall:.1f}" fill="{_BAR}"/>'
            )
    parts.append(_line(x(float(spread["median"])), _LINE, ' stroke-dasharray="3 2"'))
    if mark is not None:
        parts.append(_line(x(mark), _MARK))
    at = x(own)
    parts.append(f'<path d="M{at} {_FLOOR - 1}l-5 8h10z" fill="{_OWN}"/>')
    parts.append(_line(at, _OWN))
    label = quoteattr(_label(spread, own, mark, word, lang))
    return (
        f'<svg class="spread" viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label={label}>'
        f'<path d="M0 {_FLOOR}H{_WIDE}" stroke="{_LINE}"/>{"".join(parts)}</svg>'
    )


def _line(x: float, colour: str, more: str = "") -> str:
    return f'<path d="M{x} 4V{_FLOOR}" stroke="{colour}" stroke-width="1.6"{more}/>'


def _label(spread: dict[str, Any], own: float, mark: float | None, word: str, lang: Lang) -> str:
    said = [(text("map.spread_own", lang), own)]
    said.append((text("map.spread_median", lang), float(spread["median"])))
    if mark is not None:
        said.append((text(f"map.{word}", lang), mark))
    joint = "；" if lang == "zh" else "; "
    return joint.join(f"{label} {number(value, 4)}" for label, value in said)
