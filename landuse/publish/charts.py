"""Pictures of a run as SVG: industries by indicator, the pyramid of margins, mu by state.

Every figure is one of the tables, or a middle value or count of their rows; every mark also says
its figure in words. The pictures carry no style rule and no script, and load nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from landuse.exact import total
from landuse.messages import Lang, text
from landuse.publish.svg import INK, SOFT, bar, picture, words
from landuse.publish.words import cohort, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from landuse.publish.plots import PlotTable
    from landuse.publish.run_tables import RunTables

__all__ = ["heat_table", "margin_pyramid", "mu_by_state"]

_HEAT: Final = ("#b35806", "#f1a340", "#fee0b6", "#d8daeb", "#998ec3")
"""From far below the middle to far above it; apart in grey and under colour deficiencies."""
_STEPS: Final = (0.6, 0.9, 1.1, 1.6)
_FLAGGED, _PASSED, _BAR = "#e69f00", "#8c959f", "#0b5cad"
_BANDS: Final = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
_RANKED: Final = ("low_efficiency", "ranked")


def heat_table(run: RunTables, lang: Lang = "zh") -> str:
    """The middle value of each indicator in each industry, shaded by its ratio to that of all.

    Values are those that were compared with the benchmark; each graded unit counts once. Blank
    where nothing was graded.
    """
    units = run.units[run.units["status"].isin(_RANKED)].drop_duplicates("unit_id")
    long = run.indicators[["unit_id", "indicator", "compared"]]
    long = long.assign(cohort=long["unit_id"].map(units.set_index("unit_id")["cohort"]))
    long = long.dropna(subset=["cohort", "compared"])
    if long.empty:
        return ""
    middle = long.groupby(["cohort", "indicator"])["compared"].median()
    whole = long.groupby("indicator")["compared"].median()
    groups = sorted(units["cohort"].unique())
    flagged = units[units["status"] == "low_efficiency"]["cohort"].value_counts()
    sizes = units["cohort"].value_counts()
    wide, head, row = 150, 46, 30
    indicators = run.rules.indicators
    left = 300
    parts = []
    for place, one in enumerate(indicators):
        title, unit = (one.title_zh, one.unit_zh) if lang == "zh" else (one.title_en, one.unit_en)
        x = left + place * wide + wide / 2
        parts.append(words(x, 16, title, anchor="middle", bold=True))
        parts.append(words(x, 34, unit, anchor="middle", ink=SOFT, size=12))
    x = left + len(indicators) * wide + 60
    parts.append(words(x, 16, text("charts.flagged_of", lang), anchor="middle", bold=True))
    for line, group in enumerate(groups):
        y = head + line * row
        parts.append(words(left - 10, y + 20, cohort(group, lang), anchor="end"))
        for place, one in enumerate(indicators):
            value = middle.get((group, one.key))
            at = left + place * wide
            parts.append(_heat_cell(at, y, wide, row, value, float(whole.get(one.key, np.nan))))
        said = f"{int(flagged.get(group, 0))} / {int(sizes[group])}"
        parts.append(words(x, y + 20, said, anchor="middle"))
    y = head + len(groups) * row
    parts.append(words(left - 10, y + 24, text("charts.all", lang), anchor="end", bold=True))
    for place, one in enumerate(indicators):
        said = number(float(whole.get(one.key, np.nan)))
        parts.append(words(left + place * wide + wide / 2, y + 24, said, anchor="middle",
                            bold=True))  # fmt: skip
    label = text("charts.heat", lang)
    return picture(x + 70, y + 40, parts, label)


def _heat_cell(x: float, y: float, wide: float, high: float, value: Any, whole: float) -> str:  # noqa: ANN401 - a cell
    if value is None or not np.isfinite(value):
        return words(x + wide / 2, y + 20, "—", anchor="middle", ink=SOFT)
    shade = _HEAT[2] if not whole else _HEAT[int(np.searchsorted(_STEPS, float(value) / whole))]
    ink = "#ffffff" if shade == _HEAT[0] else INK
    box = (
        f'<rect x="{x + 1}" y="{y + 1}" width="{wide - 2}" height="{high - 2}" rx="3" '
        f'fill="{shade}"/>'
    )
    return box + words(x + wide / 2, y + 20, number(float(value)), anchor="middle", ink=ink)


def margin_pyramid(run: RunTables, lang: Lang = "zh") -> str:
    """How far units are from the cut-off: those on the list to the left, the others to the right.

    The nearest band lies at the bottom: what stands there would turn first. Each graded unit
    counts once. Blank where nothing was ranked.
    """
    units = run.units[run.units["status"].isin(_RANKED)].drop_duplicates("unit_id")
    units = units[units["margin"].notna()]
    if units.empty:
        return ""
    band = np.searchsorted(_BANDS, units["margin"].abs().to_numpy(dtype=np.float64), side="right")
    listed = (units["status"] == "low_efficiency").to_numpy()
    left = np.bincount(band[listed], minlength=len(_BANDS) + 1)
    right = np.bincount(band[~listed], minlength=len(_BANDS) + 1)
    most = max(int(left.max()), int(right.max()), 1)
    wide, row, head, middle = 300, 30, 40, 480
    parts = [
        words(middle - 70, 20, text("charts.listed", lang), anchor="end", bold=True),
        words(middle + 70, 20, text("charts.passed", lang), bold=True),
        words(middle, 20, text("charts.distance", lang), anchor="middle", ink=SOFT, size=12),
    ]
    for place in range(len(_BANDS), -1, -1):
        y = head + (len(_BANDS) - place) * row
        parts.append(words(middle, y + 20, _band(place), anchor="middle"))
        for count, side, fill in ((left[place], -1, _FLAGGED), (right[place], 1, _PASSED)):
            tall = float(count) / most * wide
            x = middle + 60 if side > 0 else middle - 60 - tall
            parts.append(bar(x, y + 4, tall, row - 8, fill))
            at = middle + side * (66 + tall)
            parts.append(words(at, y + 20, str(int(count)), "start" if side > 0 else "end"))
    return picture(2 * middle, head + (len(_BANDS) + 1) * row + 10, parts,
                    text("charts.pyramid", lang))  # fmt: skip


def _band(place: int) -> str:
    """The ends of a band of distances.

    >>> _band(0), _band(2), _band(6)
    ('0–0.02', '0.05–0.1', '≥ 0.8')
    """
    low = _BANDS[place - 1] if place else 0
    return f"≥ {low:g}" if place == len(_BANDS) else f"{low:g}–{_BANDS[place]:g}"


def mu_by_state(table: PlotTable, states: Sequence[str], lang: Lang = "zh") -> str:
    """The mu of the cases on plots of the run, by state in the order of ``states``; each case once.

    The last bar are the plots that the run flags and that have no case, by their accounting area.
    """
    cases = table.cases.drop_duplicates("number")
    rows = table.rows
    bars = [
        (
            text(f"ledger_cases.state_{state}", lang),
            *_sum(cases[cases["state"] == state], "case_mu"),
        )
        for state in states
    ]
    bare = rows[(rows["is_low_efficiency"] | rows["is_idle"]) & (rows["case_number"] == "")]
    bars.append((text("charts.without_case", lang), *_sum(bare, "accounting_area_mu")))
    most = max(*(mu for _, _, mu in bars), 1e-9)
    wide, row, left = 520, 30, 200
    parts = []
    for place, (label, count, mu) in enumerate(bars):
        y, tall = 10 + place * row, mu / most * wide
        parts.append(words(left - 10, y + 20, label, anchor="end"))
        parts.append(bar(left, y + 4, tall, row - 8, _BAR))
        said = text("charts.mu_and_cases", lang, mu=f"{mu:,.2f}", n=count)
        parts.append(words(left + tall + 8, y + 20, said))
    return picture(left + wide + 230, 20 + len(bars) * row, parts, text("charts.states", lang))


def _sum(rows: pd.DataFrame, column: str) -> tuple[int, float]:
    return len(rows), total(rows[column].to_numpy(dtype=np.float64))
