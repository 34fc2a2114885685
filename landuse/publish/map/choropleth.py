"""Classes of values for colouring plots: quantiles or natural breaks of the main users' figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from landuse.messages import Lang, text
from landuse.publish.map.breaks import natural, quantiles
from landuse.schema.plot_filter import DIGITS, SCORE

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.publish.plots import PlotTable

__all__ = ["CLASSES", "measures", "natural_breaks", "quantile_breaks"]

CLASSES: Final = 5
"""More shades than five are not told apart on a projector."""
_SAMPLE: Final = 240
"""Natural breaks are sought among so many values spread evenly over the ranks: the search takes the
square of their number, and the classes of a million values are those of their quantiles."""


def measures(table: PlotTable, lang: Lang) -> list[dict[str, Any]]:
    """What plots can be coloured and filtered by: each indicator of the pack, and the score.

    ``breaks`` holds, by method, the upper ends of the classes, the last being the largest value;
    none where no plot has a value.
    """
    rules = table.rules
    titles = {
        one.key: (one.title_zh, one.unit_zh) if lang == "zh" else (one.title_en, one.unit_en)
        for one in rules.indicators
    }
    titles[SCORE] = (text("map.score", lang), "")
    return [
        {
            "key": key,
            "title": titles[key][0],
            "unit": titles[key][1],
            "breaks": _breaks(table.rows[key].to_numpy(dtype=np.float64)),
        }
        for key in table.measures
    ]


def _breaks(values: npt.NDArray[np.float64]) -> dict[str, list[float]]:
    known = np.sort(np.round(values[np.isfinite(values)], DIGITS))
    if not len(known):
        return {"quantile": [], "natural": []}
    return {"quantile": quantile_breaks(known), "natural": natural_breaks(known)}


def quantile_breaks(ordered: npt.NDArray[np.float64]) -> list[float]:
    """Upper ends of classes with equally many values each; fewer classes where values repeat."""
    if ordered[0] == ordered[-1]:
        return [float(ordered[-1])]
    return _ends(quantiles(ordered, CLASSES), ordered)


def natural_breaks(ordered: npt.NDArray[np.float64]) -> list[float]:
    """Upper ends of the classes with the least spread within (Fisher and Jenks)."""
    at = np.linspace(0, len(ordered) - 1, min(len(ordered), _SAMPLE)).round().astype(np.intp)
    sample = ordered[at]
    distinct = len(np.unique(sample))
    if distinct <= CLASSES:
        return _ends(np.unique(sample), ordered)
    return _ends(natural(sample, CLASSES), ordered)


def _ends(bins: npt.ArrayLike, ordered: npt.NDArray[np.float64]) -> list[float]:
    """The ends as the page compares them, each once, the last one reaching the largest value."""
    ends = np.unique(np.round(np.asarray(bins, dtype=np.float64), DIGITS))
    ends[-1] = max(ends[-1], ordered[-1])
    return [float(end) for end in ends]
