"""Figures of months, quarters, half-years and years: one a row, or one measure a column."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from landuse.errors import UserError
from landuse.intake.columns import Vocabulary, unit_for
from landuse.intake.opened import Opened, open_table
from landuse.intake.park_cells import words
from landuse.intake.park_figures import COUNTED, StatedFigure, percent_text, stated_figure
from landuse.intake.park_records import reading_of
from landuse.intake.park_words import coded, firm_size
from landuse.intake.rows import source_columns
from landuse.intake.table_columns import declared_unit, text_column, to_text
from landuse.intake.totals import is_total
from landuse.schema.headings import fold, known, unit_named
from landuse.schema.park_columns import ASIDE
from landuse.schema.park_tables import MEASURES, PERIODS
from landuse.schema.periods import read_period
from landuse.units import UNITS

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.intake.corrections import Corrections
    from landuse.intake.inputs import Reading
    from landuse.intake.project import Project
    from landuse.issues import IssueLog

__all__ = ["read_periods"]

_AMOUNTS: Final = ("target", "expected_year")
_TEXTS: Final = ("growth", "share_of_city", "share_of_target")
_ITSELF: Final = (
    "本期",
    "本期数",
    "数值",
    "累计",
    "累计数",
    "完成",
    "完成数",
    "实绩",
    "绝对值",
    "实际",
)
"""What stands below a measure over its value, where its other columns stand beside."""


class _Whom(NamedTuple):
    scope: npt.NDArray[np.object_]
    key: npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class _Column:
    """The columns that say something of one measure: our names; ``unit`` by row."""

    value: str
    asides: dict[str, str]
    measure: npt.NDArray[np.object_]
    unit: npt.NDArray[np.object_]


def read_periods(project: Project, corrections: Corrections, log: IssueLog) -> Reading:
    """The figures of periods as PERIODS, sorted by whom, period and measure.

    Long: 指标 and 数值 (with 单位 in a column, the heading or the cell). Wide: a column a
    measure, 产值(亿元), and beside it 产值同比, 产值全年目标 … A row with several figures is one
    row read.
    Set aside: no period, nobody named, an unknown measure, no figure. Raises
    :class:`landuse.errors.UserError` for structural faults.
    """
    source = project.periods
    assert source is not None
    vocabulary = Vocabulary.of("periods", source.columns, extra=_headings())
    opened = open_table(
        source, project, vocabulary, corrections, log,
        keys=("park", "cluster", "firm_size", "whom", "period"), amounts=(), needed=("period",),
    )  # fmt: skip
    period, cumulative = _periods(opened, log)
    whom = _whom(opened, log)
    kind = _cluster_kinds(opened, whom, log)
    columns = _long(opened, log) if "measure" in opened.columns else _wide(opened, log)
    frames = [_frame(opened, one, log) for one in columns]
    gives = np.zeros(len(opened.raw), dtype=bool)
    for frame in frames:
        gives[frame.index[_says(frame)]] = True
    opened.rows.reject(~gives, "park_tables.no_figure", log)
    used = opened.rows.used
    kept = [frame[_says(frame) & used[frame.index]] for frame in frames]
    whole = pd.concat(kept) if kept else frames[0]
    at = whole.index.to_numpy()
    whole = whole.assign(
        scope=to_text(whom.scope[at]).to_numpy(),
        key=to_text(whom.key[at]).to_numpy(),
        cluster_kind=to_text(kind[at]).to_numpy(),
        period=to_text(period[at]).to_numpy(),
        cumulative=cumulative[at],
        **source_columns(opened.raw, at),
    )
    order = ["scope", "key", "period", "cumulative", "measure", "source_file", "source_sheet",
             "source_row"]  # fmt: skip
    texts = ("scope", "key", "cluster_kind", "period")
    whole = whole.astype(dict.fromkeys(texts, "str"))
    return reading_of(opened, PERIODS, whole.sort_values(order, ignore_index=True))


@cache
def _headings() -> dict[str, str]:
    """产值同比, 产值全年目标 … → our names: a measure's words before those of what stands aside."""
    said: dict[str, list[str]] = {}
    for heading, meaning in known("periods").items():
        said.setdefault(meaning.name, []).append(heading)
    found: dict[str, str] = {}
    for measure in MEASURES:
        for word in said[measure]:
            found |= {word + itself: measure for itself in _ITSELF}
            for aside in ASIDE:
                found |= {word + after: f"{measure}_{aside}" for after in said[aside]}
    return found


def _periods(
    opened: Opened, log: IssueLog
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.bool_]]:
    rows, heading = opened.rows, opened.columns.heading("period")
    said = text_column(opened, "cumulative")
    count = len(opened.raw)
    period, cumulative = np.full(count, "", dtype=object), np.zeros(count, dtype=bool)
    for index, cell in enumerate(opened.raw.frame[heading].to_numpy()):
        read = _period(_month(cell), coded("cumulative", said[index]) == "yes")
        if read is not None:
            period[index], cumulative[index] = read
    rows.keys = period
    rows.reject(period == "", "park_tables.bad_period", log, column=heading)
    return period, cumulative


def _month(cell: object) -> str:
    """A cell as text; a day stands for its month."""
    if isinstance(cell, dt.date | np.datetime64 | pd.Timestamp):
        return str(cell)[:7]
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


@cache
def _period(text: str, cumulative: bool) -> tuple[str, bool] | None:
    try:
        span = read_period(text, cumulative=cumulative)
    except UserError:
        return None
    return span.text, span.cumulative


def _whom(opened: Opened, log: IssueLog) -> _Whom:
    """Whose figure each row is: as it says, else by which of its columns is filled."""
    rows = opened.rows
    park, cluster, whom = (text_column(opened, name) for name in ("park", "cluster", "whom"))
    size = np.array([firm_size(word) for word in text_column(opened, "firm_size")], dtype=object)
    said = text_column(opened, "scope")
    scope, key = np.full(len(rows.raw), "", dtype=object), np.full(len(rows.raw), "", dtype=object)
    total = np.zeros(len(rows.raw), dtype=bool)
    for index, word in enumerate(said):
        one = (park[index], cluster[index], size[index], whom[index])
        scope[index], key[index] = _one_whom(coded("scope", word) or "", *one)
        total[index] = any(is_total(text) for text in one if text)
    rows.keys = np.array([f"{a}/{b}" for a, b in zip(key, rows.keys, strict=True)], dtype=object)
    rows.reject(total, "intake_tables.total_row")
    rows.reject(scope == "", "park_tables.no_whom", log)
    return _Whom(scope, key)


def _one_whom(scope: str, park: str, cluster: str, size: str, whom: str) -> tuple[str, str]:
    """Scope and key of a row; two blanks where nobody is named."""
    name = park or cluster or whom
    if scope == "city" or (name and coded("scope", name) == "city"):
        return "city", ""
    scope = scope or _inferred(park, cluster, size)
    if scope == "park_scale":
        place, _, written = (f"{park}|{size}" if park and size else whom).partition("|")
        return (
            (scope, f"{place}|{firm_size(written)}") if place and firm_size(written) else ("", "")
        )
    keys = {"park": park or whom, "cluster": cluster or whom, "scale": size or firm_size(whom)}
    key = keys.get(scope, "")
    return (scope, key) if key else ("", "")


def _inferred(park: str, cluster: str, size: str) -> str:
    if park:
        return "park_scale" if size else "park"
    if cluster:
        return "cluster"
    return "scale" if size else ""


def _cluster_kinds(opened: Opened, whom: _Whom, log: IssueLog) -> npt.NDArray[np.object_]:
    """主导 or 特色, of the rows of clusters; elsewhere the word says nothing and is told."""
    kind = words(opened, "cluster_kind", log)
    strange = (kind != "") & (whom.scope != "cluster") & opened.rows.used
    heading = opened.columns.heading("cluster_kind")
    opened.rows.tell(np.flatnonzero(strange), "park_tables.kind_unused", log, column=heading)
    return np.where(whom.scope == "cluster", kind, "").astype(object)


def _long(opened: Opened, log: IssueLog) -> list[_Column]:
    """One column of values, whose measure (and unit) stands in the row."""
    rows = opened.rows
    names = {text: meaning.name for text, meaning in known("periods").items()}
    written = text_column(opened, "measure")
    measure = np.array([_measure(word, names) for word in written], dtype=object)
    heading = opened.columns.heading("measure")
    rows.reject(measure == "", "park_tables.unknown_measure", log, column=heading)
    if "value" not in opened.columns:
        headings = ", ".join(opened.raw.headings)
        raise UserError.of(
            "intake_tables.needed_column", **_place(opened), name="value", headings=headings
        )
    unit = _row_units(opened, measure, log)
    return [_Column("value", {aside: aside for aside in ASIDE}, measure, unit)]


def _place(opened: Opened) -> dict[str, str]:
    """The table, and its first file and sheet where it has a row."""
    raw = opened.raw
    there = {"file": str(raw.file[0]), "sheet": str(raw.sheet[0])} if len(raw) else {}
    return {"table": "periods", **there}


def _measure(word: str, names: dict[str, str]) -> str:
    found = names.get(fold(word), fold(word))
    return found if found in MEASURES else ""


def _row_units(
    opened: Opened, measure: npt.NDArray[np.object_], log: IssueLog
) -> npt.NDArray[np.object_]:
    """The unit of each row's figures: its own column, else that of the values' column."""
    written = text_column(opened, "unit")
    general = _column_unit(opened, "value", log, strict=False)
    units = np.array([unit_named(word) or general for word in written], dtype=object)
    counted = measure == "firms"
    odd = (written != "") & ~counted
    strange = np.array([word != "" and not _is_money(unit_named(word)) for word in written])
    heading = opened.columns.heading("unit")
    opened.rows.reject(odd & strange.astype(bool), "park_tables.unit_unknown", log, column=heading)
    units[counted] = COUNTED
    return units


def _is_money(unit: str) -> bool:
    return unit in UNITS and UNITS[unit].dimension == "money"


def _column_unit(opened: Opened, name: str, log: IssueLog, *, strict: bool = True) -> str:
    """The unit of a column; not ``strict``: "" where nothing states one, for the cells may."""
    stated = declared_unit(opened, name) or opened.columns.units.get(name, "")
    line = any(_is_money(unit) for unit in opened.raw.unit_line)
    if not strict and not stated and not line and opened.source.money_unit is None:
        return ""
    return unit_for(
        opened.raw, opened.columns, name, "wan",
        declared=declared_unit(opened, name), general=opened.source.money_unit, log=log,
    )  # fmt: skip


def _wide(opened: Opened, log: IssueLog) -> list[_Column]:
    """One column of values a measure."""
    found = []
    for measure in MEASURES:
        asides = {aside: f"{measure}_{aside}" for aside in ASIDE}
        if measure in opened.columns or any(name in opened.columns for name in asides.values()):
            unit = (
                COUNTED if measure == "firms" else _column_unit(opened, measure, log, strict=False)
            )
            count = len(opened.raw)
            found.append(
                _Column(
                    measure, asides, np.full(count, measure, dtype=object),
                    np.full(count, unit, dtype=object),
                )
            )  # fmt: skip
    if not found:
        headings = ", ".join(opened.raw.headings)
        raise UserError.of(
            "intake_tables.needed_column", **_place(opened), name="measure", headings=headings
        )
    return found


def _frame(opened: Opened, one: _Column, log: IssueLog) -> pd.DataFrame:
    """One row a row of the file: the figure of one measure and what stands beside it."""
    value = _figures(opened, one.value, one.unit, log)
    frame = pd.DataFrame(
        {
            "measure": to_text(one.measure),
            "value_micro": _int64([figure and figure.value_micro for figure in value]),
            "digits": np.array([figure.digits if figure else 0 for figure in value], np.int64),
            "step_micro": np.array([f.step_micro if f else 0 for f in value], np.int64),
            "bound": pd.array([figure.bound if figure else "exact" for figure in value], "str"),
        }
    )
    for aside in _TEXTS:
        frame[f"{aside}_text"] = _percents(opened, one.asides[aside], log)
    for aside in _AMOUNTS:
        units = _aside_units(opened, one, aside, log)
        figures = _figures(opened, one.asides[aside], units, log)
        frame[f"{aside}_micro"] = _int64([figure and figure.value_micro for figure in figures])
    return frame


def _aside_units(
    opened: Opened, one: _Column, aside: str, log: IssueLog
) -> npt.NDArray[np.object_]:
    """A target that states no unit stands in that of its value."""
    name = one.asides[aside]
    if name in opened.columns and (declared_unit(opened, name) or opened.columns.units.get(name)):
        unit = _column_unit(opened, name, log)
        return np.where(one.measure == "firms", COUNTED, unit).astype(object)
    return one.unit


def _says(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    said = frame[["value_micro", "target_micro", "expected_year_micro"]].notna().any(axis=1)
    for aside in _TEXTS:
        said |= frame[f"{aside}_text"] != ""
    return said.to_numpy(bool)


def _figures(
    opened: Opened, name: str, units: npt.NDArray[np.object_], log: IssueLog
) -> list[StatedFigure | None]:
    heading = opened.columns.heading(name)
    if not heading:
        return [None] * len(opened.raw)
    read = cache(stated_figure)
    cells = opened.raw.frame[heading].to_numpy()
    shown = text_column(opened, name)
    found = [
        read(cell, unit) if text else None
        for cell, unit, text in zip(cells, units, shown, strict=True)
    ]
    bad = np.array(
        [text != "" and figure is None for text, figure in zip(shown, found, strict=True)]
    )
    index = np.flatnonzero(bad.astype(bool) & opened.rows.used)
    opened.rows.tell(index, "park_tables.figure_unread", log, column=heading)
    return found


def _percents(opened: Opened, name: str, log: IssueLog) -> pd.Series:
    heading = opened.columns.heading(name)
    if not heading:
        return to_text(np.full(len(opened.raw), "", dtype=object))
    unit = declared_unit(opened, name) or opened.columns.units.get(name, "")
    found = [percent_text(cell, unit) for cell in opened.raw.frame[heading].to_numpy()]
    bad = np.array([text is None for text in found], dtype=bool)
    index = np.flatnonzero(bad & opened.rows.used)
    opened.rows.tell(index, "park_tables.percent_unclear", log, column=heading)
    return to_text(np.array([text or "" for text in found], dtype=object))


def _int64(values: list[int | None]) -> pd.Series:
    missing = np.array([value is None for value in values], dtype=bool)
    filled = np.array([value or 0 for value in values], dtype=np.int64)
    return pd.Series(pd.arrays.IntegerArray(filled, missing))
