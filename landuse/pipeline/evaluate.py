"""From links and figures to graded units: the middle of the batch.

Composes ``indicators`` (what each unit has) and ``ranking`` (how it compares); decides the status
of every unit on the way. The tables of the result are put together in ``evaluation_tables``.
"""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, NotRequired, TypedDict, Unpack

import numpy as np
import numpy.typing as npt
import pandas as pd

from landuse import indicators, ranking
from landuse.errors import InternalError, UserError
from landuse.issues import Issue
from landuse.pipeline.evaluation_tables import Graded, cohort_table, indicator_table, unit_table
from landuse.ranking.bottom import with_benchmark
from landuse.ranking.cohorts import own_cohorts, pooled
from landuse.ranking.sheet import Grid, Sheet
from landuse.schema import tables

if TYPE_CHECKING:
    from landuse.indicators.measured import Measured
    from landuse.issues import IssueLog
    from landuse.rules.model import Indicator, Rules
    from landuse.schema.link_places import LinkPlaces

__all__ = ["Evaluation", "Facts", "Prepared", "evaluate", "prepare_units", "sheet_of", "years_of"]

Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Evaluation:
    """The result: one row an enterprise (``units``), a graded unit and indicator
    (``indicators``), a cohort (``cohorts``), a link (``link_values``)."""

    units: pd.DataFrame
    indicators: pd.DataFrame
    cohorts: pd.DataFrame
    reference_price: float
    link_values: pd.DataFrame


class Facts(TypedDict):
    """What is known of enterprises and land before anything is graded.

    The frames are ENTERPRISES, FIGURES, EXEMPTIONS, LINKS, MEMBERS and PRICES of the schema;
    ``incomplete`` are codes whose land is incomplete, ``disputed`` parcels whose area is in
    dispute, ``places`` those of the links where they come as they were found.
    """

    enterprises: pd.DataFrame
    figures: pd.DataFrame
    exemptions: pd.DataFrame
    links: pd.DataFrame
    members: pd.DataFrame
    prices: pd.DataFrame
    incomplete: set[str]
    disputed: set[str]
    places: NotRequired[LinkPlaces | None]


def evaluate(
    *, rules: Rules, year: int, as_of: dt.date, log: IssueLog, **facts: Unpack[Facts]
) -> Evaluation:
    """Grade every enterprise (method, sections 5 and 6).

    Raises :class:`landuse.errors.UserError` where a coefficient is wanted and no price is given,
    where a column of ``cohort_by`` or a benchmark year is absent.
    """
    years = years_of(rules, year, set(facts["figures"]["year"].unique().tolist()))
    prepared = prepare_units(rules=rules, years=years, as_of=as_of, log=log, **facts)
    measured, own, reason = prepared.measured, prepared.own, prepared.reason
    graded = reason == ""
    names = pooled(own[graded], rules.min_cohort)
    codes, cohorts = pd.factorize(names, sort=True)
    order = [str(name) for name in cohorts]
    sheet = sheet_of(measured, graded, codes.astype(np.intp), order, rules, year)
    kept = with_benchmark(sheet, rules, log)
    reason[np.flatnonzero(graded)[~kept]] = "no_benchmark"
    graded = reason == ""
    last = Grid(*measured.measures(year - 1)).take(graded)
    result = ranking.rank(sheet.take(kept), rules, last, log)
    outcome = Graded(measured, prepared.leaders, year, own, reason, graded, result)
    with ThreadPoolExecutor(1) as beside:  # the two large tables, one on each core
        indicators_of = beside.submit(indicator_table, outcome)
        units = unit_table(outcome)
    return Evaluation(
        units=units,
        indicators=indicators_of.result(),
        cohorts=cohort_table(outcome),
        reference_price=measured.links.reference_price,
        link_values=measured.links.table(),
    )


@dataclass(frozen=True)
class Prepared:
    """Units before they are compared: what they have (``measured``), the enterprise that gives
    each its industry (``leaders``), its ``own`` cohort, and why it is not graded (``reason``,
    "" if it is)."""

    measured: Measured
    leaders: pd.DataFrame
    own: Texts
    reason: Texts


def prepare_units(
    *, rules: Rules, years: list[int], as_of: dt.date, log: IssueLog, **facts: Unpack[Facts]
) -> Prepared:
    """What :func:`evaluate` knows of each unit before units meet: needs none but its own rows.

    ``years`` are those of :func:`years_of`, the evaluated one first.
    """
    _check(facts)
    enterprises = facts["enterprises"]
    measured = indicators.measure(
        enterprises, facts["members"], facts["figures"], facts["links"], facts["prices"],
        disputed=facts["disputed"], rules=rules, years=years, log=log, places=facts.get("places"),
    )  # fmt: skip
    roll = measured.roll
    leaders = roll.enterprises
    if not roll.alone:
        leaders = leaders.iloc[roll.leading(measured.land.enterprise_micro)]
    own, known = own_cohorts(leaders, rules)
    exempt = _exempt_units(measured, ranking.exempt(enterprises, facts["exemptions"], rules, as_of))
    reason = _reasons(measured, exempt, facts["incomplete"], known, rules, years[0])
    return Prepared(measured, leaders, own, reason)


def _check(facts: Facts) -> None:
    tables.ENTERPRISES.check(facts["enterprises"])
    tables.FIGURES.check(facts["figures"])
    tables.EXEMPTIONS.check(facts["exemptions"])
    tables.LINKS.check(facts["links"])
    tables.MEMBERS.check(facts["members"])
    tables.PRICES.check(facts["prices"])


def _benchmark_year(indicator: Indicator, year: int) -> int:
    if indicator.benchmark_year is None or indicator.benchmark == "published":
        return year
    return year - 1 if indicator.benchmark_year == "previous" else indicator.benchmark_year


def years_of(rules: Rules, year: int, present: set[int] | None = None) -> list[int]:
    """The evaluated year, the year before (for the firmness), and those of benchmarks.

    Raises :class:`landuse.errors.UserError` for a benchmark of a year that is not ``present``
    (``None``: is not asked yet).
    """
    faults: list[Issue] = []
    years = [year, year - 1]
    for indicator in rules.indicators:
        wanted = _benchmark_year(indicator, year)
        absent = present is not None and wanted not in present
        if wanted != year and absent and rules.score_form == "ratio":
            titles = {"title_zh": indicator.title_zh, "title_en": indicator.title_en}
            error = UserError.of(
                "ranking.benchmark_year_without_figures",
                table="enterprises", column=indicator.key, value=str(wanted), **titles,
            )  # fmt: skip
            faults.extend(error.issues)
        years.append(wanted)
    if faults:
        raise UserError(faults)
    return list(dict.fromkeys(years))


def _exempt_units(measured: Measured, exempt: dict[str, str]) -> Texts:
    """Reason of every exempt unit, else ""; an exempt enterprise is a unit of its own."""
    roll = measured.roll
    reason = np.full(len(roll.enterprises), "", dtype=object)
    reason[roll.positions(pd.Series(list(exempt), dtype="str"))] = list(exempt.values())
    is_exempt = reason != ""
    sizes = np.bincount(roll.unit_of, minlength=roll.size)
    shared = is_exempt & (sizes[roll.unit_of] > 1)
    if shared.any():
        code = roll.enterprises["uscc"][shared].iloc[0]
        fault = f"exempt {code} shares a unit"
        raise InternalError([Issue("schema.broken_table", table="members", value=fault)])
    units = np.full(roll.size, "", dtype=object)
    units[roll.unit_of[is_exempt]] = reason[is_exempt]
    return units


def _reasons(
    measured: Measured,
    exempt: Texts,
    incomplete: set[str],
    cohort_known: Bools,
    rules: Rules,
    year: int,
) -> Texts:
    """Why a unit is not graded: the first reason that holds, "" for a graded unit."""
    land, roll = measured.land, measured.roll
    given = measured.measures(year).given
    nothing = np.zeros(roll.size, dtype=bool)
    conditions = {
        "no_figures": ~measured.figures[year].complete,
        # before "no land": whose only parcel was set aside has land, which must be mended
        "land_incomplete": roll.any_member(roll.listed(incomplete)),
        "no_land": land.area_micro <= 0,
        "area_in_dispute": land.disputed,
        "no_price": land.unpriced,
        "no_industry": ~cohort_known,
        "missing_indicator": ~given.all(axis=0) if rules.missing == "ungraded" else nothing,
    }
    reason = exempt.copy()
    open_ = reason == ""
    for code, holds in conditions.items():
        reason[open_ & holds] = code
        open_ &= ~holds
    return reason


def sheet_of(
    measured: Measured,
    graded: Bools,
    cohort: npt.NDArray[np.intp],
    cohorts: list[str],
    rules: Rules,
    year: int,
) -> Sheet:
    """The graded units in their cohorts; the base of a benchmark may be another year.

    ``cohort`` is the position of each graded unit in ``cohorts``.
    """
    now = Grid(*measured.measures(year)).take(graded)
    base = now
    for row, indicator in enumerate(rules.indicators):
        wanted = _benchmark_year(indicator, year)
        if wanted != year:
            base = base.with_row(row, Grid(*measured.measures(wanted)).take(graded))
    return Sheet(now, base, measured.land.coefficient[graded], cohort, cohorts)
