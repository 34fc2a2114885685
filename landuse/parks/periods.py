"""Figures of periods: year on year, share of the city, of the target, the year to be expected.

A period is the months it covers (:mod:`landuse.schema.periods`): June cumulative and the first
half are the same. What a table states about a figure is kept beside what is computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from landuse.parks.clusters import cluster_kinds
from landuse.parks.frames import typed
from landuse.parks.shown import joined, number, ratio
from landuse.parks.words import measure_word, named
from landuse.schema.park_results import PERIOD_FIGURES
from landuse.schema.periods import Span, read_period

if TYPE_CHECKING:
    import pandas as pd

    from landuse.issues import IssueLog

__all__ = ["period_figures"]

_SOURCE: Final = ("source_file", "source_sheet", "source_row")
_TEXTS: Final = ("growth_text", "share_of_city_text", "share_of_target_text")


class _Series(NamedTuple):
    """Whose figure of what."""

    scope: str
    key: str
    measure: str


@dataclass(slots=True)
class _Figure:
    """What all rows about one series and period say."""

    rows: list[dict[str, Any]]
    value: int | None = None
    bound: str = ""
    step: int = 0
    conflict: str = ""


def period_figures(
    periods: pd.DataFrame, log: IssueLog, *, period: str | None = None
) -> pd.DataFrame:
    """PERIOD_FIGURES: one row a series and period, sorted; of ``period`` only, if it is given.

    ``periods`` is PERIODS of the schema. Rows that state different values for one figure are a
    contradiction: both are shown, an issue is raised and no value is used. A value that is more
    finely stated wins over one that it rounds to; a hedged one counts only where none is exact.
    Growth, shares and the pace of the year are exact quotients, missing where a part is missing or
    the divisor is not above zero.
    """
    found = _figures(periods)
    for (series, span), figure in sorted(found.items()):
        _settle(series, span, figure, log)
    targets = _targets(found, log)
    kinds = cluster_kinds(periods, log)
    wanted = None if period is None else read_period(period)
    rows = [
        _row(series, span, found, targets)
        | {
            "cluster_kind": kinds.get((series.key, span.year), "")
            if series.scope == "cluster"
            else ""
        }
        for series, span in sorted(found)
        if wanted in (None, span)
    ]
    return typed(rows, PERIOD_FIGURES)


def _figures(periods: pd.DataFrame) -> dict[tuple[_Series, Span], _Figure]:
    found: dict[tuple[_Series, Span], _Figure] = {}
    spans: dict[tuple[str, bool], Span] = {}
    for row in periods.sort_values(list(_SOURCE)).to_dict("records"):
        written = (str(row["period"]), bool(row["cumulative"]))
        if written not in spans:
            spans[written] = read_period(written[0], cumulative=written[1])
        series = _Series(str(row["scope"]), str(row["key"]), str(row["measure"]))
        found.setdefault((series, spans[written]), _Figure([])).rows.append(
            {str(name): value for name, value in row.items()}
        )
    return found


def _settle(series: _Series, span: Span, figure: _Figure, log: IssueLog) -> None:
    """The value of a figure, or the contradiction."""
    given = [row for row in figure.rows if number(row["value_micro"]) is not None]
    exact = [row for row in given if row["bound"] == "exact"]
    used = exact or given
    if not used:
        return
    finest = min(used, key=lambda row: int(row["step_micro"]))
    if all(_agrees(row, finest) for row in used):
        figure.value, figure.bound = number(finest["value_micro"]), str(finest["bound"])
        figure.step = int(finest["step_micro"])
        return
    values = sorted({int(row["value_micro"]) for row in used})
    figure.conflict = joined(f"{value / 1e6:.15g}" for value in values)
    places = sorted({_place(row) for row in used})
    log.add(
        "parks.period_conflict", table="periods", key=_named(series, span), column=series.measure,
        **named(measure_word, name=series.measure), value=figure.conflict,
        places=joined(places), file=str(finest["source_file"]),
        sheet=str(finest["source_sheet"]), row=int(finest["source_row"]),
    )  # fmt: skip


def _agrees(row: dict[str, Any], finest: dict[str, Any]) -> bool:
    """Whether a value rounds from the finest one; at the same digits they must be equal."""
    gap = abs(int(row["value_micro"]) - int(finest["value_micro"]))
    if row["step_micro"] == finest["step_micro"]:
        return gap == 0
    return 2 * gap <= int(row["step_micro"]) + int(finest["step_micro"])


def _place(row: dict[str, Any]) -> str:
    return " ".join(str(row[name]) for name in _SOURCE if row[name])


def _named(series: _Series, span: Span) -> str:
    return " ".join(part for part in (series.key or series.scope, span.label) if part)


def _targets(
    found: dict[tuple[_Series, Span], _Figure], log: IssueLog
) -> dict[tuple[_Series, int], int]:
    """The target of a year, whichever row states it; two different ones are none."""
    stated: dict[tuple[_Series, int], set[int]] = {}
    for (series, span), figure in found.items():
        for row in figure.rows:
            target = number(row["target_micro"])
            if target is not None:
                stated.setdefault((series, span.year), set()).add(target)
    for (series, year), values in sorted(stated.items()):
        if len(values) > 1:
            log.add(
                "parks.target_conflict", table="periods", key=_named(series, Span(year, 1, 12)),
                column=series.measure, **named(measure_word, name=series.measure),
                value=joined(f"{value / 1e6:.15g}" for value in sorted(values)),
            )  # fmt: skip
    return {key: min(values) for key, values in stated.items() if len(values) == 1}


def _row(
    series: _Series,
    span: Span,
    found: dict[tuple[_Series, Span], _Figure],
    targets: dict[tuple[_Series, int], int],
) -> dict[str, Any]:
    figure = found[series, span]
    value = figure.value
    before = _value(found, series, span.before)
    city = _value(found, _Series("city", "", series.measure), span)
    city = None if series.scope == "city" else city
    target = targets.get((series, span.year))
    growth = ratio(None if value is None or before is None else value - before, before)
    elapsed = Fraction(span.last, 12) if span.from_january else None
    pace = _pace(figure, elapsed)
    stated = next((v for r in figure.rows if (v := number(r["expected_year_micro"])) is not None),
                  None)  # fmt: skip
    expected = pace if stated is None else stated
    first = figure.rows[0]
    return {
        **series._asdict(),
        "period": span.text,
        "cumulative": span.cumulative,
        "value_micro": value,
        "bound": figure.bound,
        "step_micro": figure.step,
        "before_micro": before,
        "growth": _float(growth),
        "city_micro": city,
        "share_of_city": _float(ratio(value, city)),
        "target_micro": target,
        "share_of_target": _float(ratio(value, target) if elapsed else None),
        "elapsed": _float(elapsed),
        "expected_year_micro": expected,
        "expected_from": "stated" if stated is not None else "pace" if pace is not None else "",
        "expected_share_of_target": _float(ratio(expected, target)),
        "pace_year_micro": pace,
        "pace_share_of_target": _float(ratio(pace, target)),
        **{name: next((str(r[name]) for r in figure.rows if r[name]), "") for name in _TEXTS},
        "conflict": figure.conflict,
        **{name: first[name] for name in _SOURCE},
    }


def _value(found: dict[tuple[_Series, Span], _Figure], series: _Series, span: Span) -> int | None:
    figure = found.get((series, span))
    return None if figure is None else figure.value


def _pace(figure: _Figure, elapsed: Fraction | None) -> int | None:
    """The year at the pace so far, half up (none of counts of firms)."""
    counted = figure.rows[0]["measure"] == "firms"
    if figure.value is None or elapsed is None or counted:
        return None
    whole = figure.value / elapsed
    return int((2 * whole + 1) // 2)


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
