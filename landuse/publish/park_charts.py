"""Pictures of parks and firms as SVG: bars with their figures in words, and a heat table.

The lengths are those of the figures that tables show; every bar says its own, so that a print
without colours loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from landuse.publish.report.model import Number
from landuse.publish.svg import INK, SOFT, bar, picture, words

if TYPE_CHECKING:
    from landuse.publish.report.model import Table

__all__ = ["Bar", "bars", "heat"]

PLAIN: Final = "#0b5cad"
_HEAT: Final = ("#f7fbff", "#deebf7", "#9ecae1", "#2171b5", "#08519c")
_ROW, _WIDE, _LEFT = 30, 420, 210
_CHARACTERS: Final = 14
"""What of a name stands beside a bar; the whole is in the table."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: whose, how long, and what is written at its end."""

    name: str
    value: float
    said: str
    fill: str = PLAIN


def bars(
    given: Sequence[Bar],
    label: str,
    *,
    line: tuple[float, str] | None = None,
    full: float = 0.0,
) -> str:
    """Bars from zero, one a row; ``line`` is a value to compare with, and its words; ``full`` the
    value that a bar of the whole length has, at least.

    Blank where there is nothing to draw. Bars of values below zero are hatched and say it.
    """
    if not given:
        return ""
    most = max(*(abs(one.value) for one in given), line[0] if line else 0.0, full, 1e-9)
    head = 26 if line else 6
    parts = []
    for at, one in enumerate(given):
        y, long = head + at * _ROW, abs(one.value) / most * _WIDE
        parts.append(words(_LEFT - 10, y + 20, _short(one.name), anchor="end"))
        fill = one.fill if one.value >= 0 else "#b35806"
        parts.append(bar(_LEFT, y + 5, max(long, 0.5), _ROW - 10, fill))
        x = _LEFT + (_WIDE if line else long)  # beside the line, not across it
        parts.append(words(x + 8, y + 20, one.said))
    high = head + len(given) * _ROW + 6
    if line:
        x = _LEFT + line[0] / most * _WIDE
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{head - 4}" y2="{high - 4}" stroke="{INK}" '
            'stroke-width="1.5" stroke-dasharray="5 4"/>'
        )
        parts.append(words(x, 16, line[1], anchor="middle", ink=SOFT, size=12))
    return picture(_LEFT + _WIDE + 240, high, parts, label)


def _short(name: str) -> str:
    return name if len(name) <= _CHARACTERS else f"{name[: _CHARACTERS - 1]}…"


def heat(table: Table, columns: Sequence[str], label: str, *, most: int = 40) -> str:
    """Rows × columns, shaded within each column from its least figure to its greatest.

    Blank where there is no figure. Beyond ``most`` rows the first ones are drawn.
    """
    rows = list(table.rows.values())[:most]
    columns = [c for c in columns if any(isinstance(r.get(c), Number) for r in rows)]
    if not rows or not columns:
        return ""
    wide, head = 104, 66
    parts = []
    for place, column in enumerate(columns):
        x = _LEFT + place * wide + wide / 2
        for line, piece in enumerate(_broken(table.columns[column])):
            parts.append(words(x, 16 + 15 * line, piece, anchor="middle", size=12, bold=True))
    ends = {column: _ends(rows, column) for column in columns}
    for at, cells in enumerate(rows):
        y = head + at * _ROW
        parts.append(words(_LEFT - 10, y + 20, _short(str(cells.get("park") or "")), anchor="end"))
        for place, column in enumerate(columns):
            x, cell = _LEFT + place * wide, cells.get(column)
            if not isinstance(cell, Number):
                parts.append(words(x + wide / 2, y + 20, "—", anchor="middle", ink=SOFT))
                continue
            low, high = ends[column]
            step = round((float(cell.text) - low) / (high - low) * 4) if high > low else 2
            ink = "#ffffff" if step >= 3 else INK
            parts.append(
                f'<rect x="{x + 1}" y="{y + 1}" width="{wide - 2}" height="{_ROW - 2}" '
                f'fill="{_HEAT[step]}"/>'
            )
            parts.append(words(x + wide / 2, y + 20, cell.text, anchor="middle", ink=ink, size=13))
    return picture(_LEFT + wide * len(columns) + 10, head + len(rows) * _ROW + 8, parts, label)


def _ends(rows: Sequence[Mapping[str, object]], column: str) -> tuple[float, float]:
    values = [float(c.text) for r in rows if isinstance(c := r.get(column), Number)]
    return min(values), max(values)


def _broken(heading: str) -> list[str]:
    """A heading in lines: its words, then its unit.

    >>> _broken("工业用地综合容积率"), _broken("土地开发率（%）")
    (['工业用地综合', '容积率'], ['土地开发率', '（%）'])
    """
    bare, mark, unit = heading.partition("（") if "（" in heading else heading.partition(" (")
    step = 6 if any(ord(c) > 0x2E80 for c in bare) else 15
    lines = [bare[at : at + step] for at in range(0, len(bare), step)]
    return [*lines[:3], *([f"{mark.strip()}{unit}"] if mark else [])]
