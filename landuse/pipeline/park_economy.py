"""The economy of a park and of the county as tables: periods, clusters by kind, firms by scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from landuse.messages import text
from landuse.parks.words import measure_word, type_word
from landuse.pipeline.park_lists import framed
from landuse.schema.park_results import CLUSTER_SUMS, PERIOD_FIGURES, SCALE_BALANCE
from landuse.schema.park_tables import PARK_REGISTER
from landuse.schema.periods import read_period

if TYPE_CHECKING:
    import pandas as pd

    from landuse.messages import Lang
    from landuse.pipeline.parks import ParkBook
    from landuse.publish.report.model import Table

__all__ = ["clusters_table", "kind_word", "kinds_table", "last_period", "park_economy",
           "register_table", "scales_table"]  # fmt: skip

_FIGURES: Final = ("measure", "value_micro", "growth", "share_of_city", "target_micro",
                   "share_of_target", "elapsed", "expected_year_micro", "expected_from",
                   "expected_share_of_target", "pace_year_micro", "pace_share_of_target",
                   "conflict")  # fmt: skip
_KINDS: Final = ("cluster_kind", "measure", "clusters", "value_micro", "growth",
                 "share_of_clusters", "share_of_above", "share_of_city", "missing")  # fmt: skip
_CLUSTERS: Final = ("key", "cluster_kind", "measure", "value_micro", "growth", "share_of_city",
                    "conflict")  # fmt: skip
_NOT_SHOWN: Final = ("park", "source_file", "source_sheet", "source_row")
_SCALES: Final = ("measure", "above_micro", "below_micro", "sum_micro", "whole_micro", "gap_micro",
                  "share_above", "verdict")  # fmt: skip


def last_period(frame: pd.DataFrame) -> str:
    """The label of the period that ends last, the longest of these; "" where there is none."""
    spans = {
        read_period(str(name), cumulative=bool(cumulative))
        for name, cumulative in zip(frame["period"], frame["cumulative"], strict=True)
    }
    if not spans:
        return ""
    return max(spans, key=lambda one: (one.year, one.last, -one.first)).label


def _of(frame: pd.DataFrame, period: str) -> pd.DataFrame:
    """The rows of one period by its label: May is not January to May."""
    span = read_period(period)
    running = frame["cumulative"].astype(bool) == span.cumulative
    mine: pd.DataFrame = frame[(frame["period"] == span.text) & running]
    return mine


def park_economy(book: ParkBook, park: str, period: str, lang: Lang) -> Table:
    """A park's figures of one period: growth, shares of city and target, the year expected."""
    mine = book.figures[(book.figures["scope"] == "park") & (book.figures["key"] == park)]
    words = {"measure": measure_word, "expected_from": _expected}
    return framed(_of(mine, period), PERIOD_FIGURES, _FIGURES, lang, words)


def scales_table(book: ParkBook, park: str, period: str, lang: Lang) -> Table:
    """Firms above and below scale of a park ("": of the city) against the whole."""
    mine = book.scales[book.scales["park"] == park]
    words = {"measure": measure_word, "verdict": _verdict}
    return framed(_of(mine, period), SCALE_BALANCE, _SCALES, lang, words)


def kinds_table(book: ParkBook, period: str, lang: Lang) -> Table:
    """Clusters by kind (all, leading, special, not stated) in one period."""
    words = {"measure": measure_word, "cluster_kind": kind_word}
    return framed(_of(book.clusters, period), CLUSTER_SUMS, _KINDS, lang, words)


def clusters_table(book: ParkBook, period: str, lang: Lang) -> Table:
    """Each cluster in one period."""
    mine = book.figures[book.figures["scope"] == "cluster"]
    words = {"measure": measure_word, "cluster_kind": kind_word}
    table = framed(_of(mine, period), PERIOD_FIGURES, _CLUSTERS, lang, words)
    table.title = text("park_cli.title_clusters", lang)
    return table


def kind_word(code: str, lang: Lang) -> str:
    """A kind of clusters; "all" of them, or a blank: not stated."""
    return text(f"parks.cluster_{code or 'unknown'}", lang)


def _verdict(code: str, lang: Lang) -> str:
    return text(f"parks.scales_{code}", lang)


def _expected(code: str, lang: Lang) -> str:
    return text(f"report.expected_{code}", lang) if code else ""


def register_table(book: ParkBook, park: str, lang: Lang) -> Table:
    """What the register states of a park: level, plan (yes, no, or not stated), infrastructure,
    standard factories, what it admits."""
    mine = book.inputs.park_register[book.inputs.park_register["park"] == park]
    names = [column.name for column in PARK_REGISTER if column.name not in _NOT_SHOWN]
    words = {"park_type": type_word, "has_plan": _plan}
    return framed(mine, PARK_REGISTER, names, lang, words)


def _plan(code: str, lang: Lang) -> str:
    return text(f"park_cli.plan_{code or 'unknown'}", lang)
