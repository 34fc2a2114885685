"""One firm over the years (一企一档), candidates, and lists of promises: tables of a park book."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from landuse import parks
from landuse.errors import UserError
from landuse.ledger.run_units import units_of
from landuse.pipeline.offers import matched, proposals
from landuse.pipeline.park_years import run_folders
from landuse.pipeline.report_tables import listed
from landuse.schema.park_firms import (
    CASE_EVIDENCE,
    CASE_PAPERS,
    CHAIN_FIRMS,
    CHAIN_SUMS,
    FIRM_CASES,
)
from landuse.schema.park_results import PROMISE_PARTS, PROMISE_RESULTS
from landuse.schema.park_tables import PROMISES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from fractions import Fraction

    from sqlalchemy.orm import Session

    from landuse.messages import Lang
    from landuse.pipeline.parks import ParkBook
    from landuse.publish.report.model import Table

__all__ = ["Firm", "candidates", "firm_file", "matched", "promise_lists", "proposals", "year_rows"]

_SEVERAL: Final = re.compile(r"[;；、,，/]")


@dataclass(frozen=True)
class Firm:
    """What is known of one firm; ``years``: a row a recorded run and this one, latest of a year
    marked, ``kept_in`` folder | ledger | figures | now; ``lists``: the lists on which it stands
    (near_the_line, fast_growing); ``cases``: open cases of its plots; ``case_list`` (FIRM_CASES):
    every case of its plots now, of which it was the original user, or that gave it land; their
    ``papers`` (CASE_PAPERS) and ``evidence`` (CASE_EVIDENCE, that about the firm itself too);
    ``chain_sums`` and ``chain_firms``: the chains in which it is, and who else is."""

    uscc: str
    name: str
    years: pd.DataFrame
    land: pd.DataFrame
    promises: pd.DataFrame
    cases: pd.DataFrame
    lists: tuple[str, ...]
    chain: str
    case_list: pd.DataFrame = field(default_factory=FIRM_CASES.empty)
    papers: pd.DataFrame = field(default_factory=CASE_PAPERS.empty)
    evidence: pd.DataFrame = field(default_factory=CASE_EVIDENCE.empty)
    chain_sums: pd.DataFrame = field(default_factory=CHAIN_SUMS.empty)
    chain_firms: pd.DataFrame = field(default_factory=CHAIN_FIRMS.empty)


def firm_file(
    book: ParkBook,
    uscc: str,
    session: Session | None = None,
    *,
    lists: Mapping[str, pd.DataFrame] | None = None,
) -> Firm:
    """The file of the firm ``uscc``; raises :class:`landuse.errors.UserError` if nobody knows it.

    Its years are those of the run folders beside the project file, of the runs that the ledger has
    recorded (``session`` reads it), of its figures where no run knows the year, and of the batch as
    it is now. ``lists`` are those of
    :func:`candidates`, where they are at hand already.
    """
    inputs = book.computed.inputs
    rows = inputs.enterprises[inputs.enterprises["uscc"] == uscc]
    given = book.inputs.promises[book.inputs.promises["uscc"] == uscc]
    if rows.empty and given.empty:
        raise UserError.of("park_cli.unknown_firm", value=uscc)
    links = book.computed.links
    land = links[links["uscc"] == uscc][["parcel_id", "area_m2_micro"]].reset_index(drop=True)
    named = [str(one) for one in (*rows["name"], *given["name"]) if one]
    plots = set(land["parcel_id"])
    open_cases = pd.DataFrame({"parcel_id": [], "case_number": []}, dtype="str")
    if book.ledger is not None:
        open_cases = book.ledger.plots[book.ledger.plots["parcel_id"].isin(plots)]
    listed_on = candidates(book) if lists is None else lists
    return Firm(
        uscc,
        named[0] if named else "",
        parks.enterprise_years(uscc, _runs(book, uscc, session)),
        land,
        book.promises[book.promises["uscc"] == uscc],
        open_cases,
        tuple(name for name, frame in listed_on.items() if uscc in set(frame["uscc"])),
        "; ".join(sorted({str(one) for one in given["chain"] if one})),
        **_on_file(book, plots, {uscc, *named}),
        **_chains(book, uscc),
    )


def _on_file(book: ParkBook, plots: set[str], names: set[str]) -> dict[str, pd.DataFrame]:
    """What the ledger has on file about these plots and names."""
    if book.ledger is None:
        return {}
    ledger = book.ledger
    ours = [
        bool(plots & set(str(row["parcel_ids"]).split("; ")) or names & _named(row))
        for row in ledger.cases.to_dict("records")
    ]
    mine = pd.Series(ours, index=ledger.cases.index, dtype=bool)  # also of a ledger without cases
    cases = ledger.cases[mine].reset_index(drop=True)
    numbers = set(cases["number"])
    papers = ledger.papers[ledger.papers["number"].isin(numbers)]
    about = ledger.evidence["number"].isin(numbers) | ledger.evidence["key"].isin(names)
    return {
        "case_list": cases,
        "papers": papers.reset_index(drop=True),
        "evidence": ledger.evidence[about].reset_index(drop=True),
    }


def _named(row: Mapping[Any, Any]) -> set[str]:
    """Who is named in a case: its original enterprises and those that received land."""
    said = f"{row['enterprises']};{row['receiving']}"
    return {one.strip() for one in _SEVERAL.split(said)} - {""}


def _chains(book: ParkBook, uscc: str) -> dict[str, pd.DataFrame]:
    members = book.chain_firms
    mine = set(members[members["uscc"] == uscc]["chain"])
    return {
        "chain_sums": book.chains[book.chains["chain"].isin(mine)].reset_index(drop=True),
        "chain_firms": members[members["chain"].isin(mine)].reset_index(drop=True),
    }


def _runs(book: ParkBook, uscc: str, session: Session | None) -> list[parks.RunYear]:
    """Recorded runs, oldest first, and the batch as it is now as the last."""
    found: list[tuple[dt.date, str, int, pd.DataFrame]] = []
    for one in run_folders(book.project.base):
        try:
            units = one.folder.table("units", where=("uscc", [uscc]))
        except UserError:
            continue  # a folder without its tables says nothing of the firm
        units = units.assign(kept_in="folder")
        found.append((one.as_of, one.run_id, one.year, units))
    there = {run_id for _, run_id, _, _ in found}
    kept = None if session is None else units_of(session, uscc)
    for run_id, rows in () if kept is None else kept.groupby("run_id", sort=False):
        if run_id not in there:
            first = rows.iloc[0]
            units = rows.drop(columns=["run_id", "year", "as_of"]).assign(kept_in="ledger")
            found.append((first["as_of"].date(), str(run_id), int(first["year"]), units))
    found.sort(key=lambda one: one[:2])
    runs = [
        parks.RunYear(at, year, units.assign(run_id=run_id))
        for at, (_, run_id, year, units) in enumerate(found, 1)
    ]
    units = book.computed.evaluation.units
    now = units[units["uscc"] == uscc].assign(kept_in="now", run_id="")
    told = {one.year for one in runs if len(one.units)}
    return [
        *(one for one in _reported(book, uscc) if one.year not in told),
        *runs,
        parks.RunYear(len(runs) + 1, book.project.year, now),
    ]


def _reported(book: ParkBook, uscc: str) -> list[parks.RunYear]:
    """Former years as their figures say, on the land of now.

    Nothing is graded: there is no rank. A firm that is measured together with others has no land
    of its own here.
    """
    figures, units = book.computed.inputs.figures, book.computed.evaluation.units
    mine = units[units["uscc"] == uscc]
    alone = len(mine) == 1 and (units["unit_id"] == mine["unit_id"].iloc[0]).sum() == 1
    mu = float(mine["area_mu"].iloc[0]) if alone else math.nan
    found = []
    for row in figures[figures["uscc"] == uscc].to_dict("records"):
        if row["year"] >= book.project.year:
            continue
        said = {
            one.column: math.nan if pd.isna(row[one.micro]) else row[one.micro] / 1_000_000
            for one in book.computed.rules.figures
        }
        per = {
            f"{name}_per_mu": said[name] / mu
            for name in ("tax_wan", "output_wan")
            if name in said and mu > 0
        }
        known = {"uscc": uscc, "kept_in": "figures", "run_id": "", "area_mu": mu}
        known |= dict.fromkeys(("status", "cohort", "grade_class"), "")
        found.append(parks.RunYear(0, int(row["year"]), pd.DataFrame([{**known, **said, **per}])))
    return found


def candidates(
    book: ParkBook, *, near: Fraction | None = None, growth: Fraction | None = None
) -> dict[str, pd.DataFrame]:
    """Firms near the line of scale, and those that grow fast, of the project's year.

    ``near``: how far below the line, as a share of it; ``growth``: from which growth on; the pack
    says both where they are not given.
    """
    inputs, rules = book.computed.inputs, book.rules
    column = f"{rules.scale_figure}_wan_micro"
    if column not in inputs.figures.columns:
        return {}
    year = book.project.year
    firms, figures = inputs.enterprises, inputs.figures
    return {
        "near_the_line": parks.near_the_line(firms, figures, year, rules, within=near),
        "fast_growing": parks.fast_growing(firms, figures, year, rules, growth_from=growth),
    }


def promise_lists(book: ParkBook, lang: Lang) -> tuple[Table, Table]:
    """Promises that are broken or kept in part, with shortfalls; and their measures."""
    names = ("park", "uscc", "name", "due_year", "verdict", "tax_shortfall_wan_micro",
             "output_shortfall_wan_micro", "investment_shortfall_wan_micro")  # fmt: skip
    late = book.promises[
        book.promises["verdict"].isin(["broken", "partly"]) & ~book.promises["superseded"]
    ]
    late = late.sort_values(["park", "verdict", "uscc"])
    firms = book.promises.set_index("row")["name"]
    parts = book.promise_parts.assign(name=book.promise_parts["row"].map(firms))
    measures = ("measure", "promised_wan_per_mu_micro", "measured_wan_per_mu", "verdict",
                "shortfall_wan_micro")  # fmt: skip
    whole = listed("broken", late, PROMISE_RESULTS, names, lang)
    detail = listed("promise_parts", parts, PROMISE_PARTS, measures, lang)
    label = PROMISES.column("name").label(lang)
    detail.columns = {"name": label, **detail.columns}
    for (at,), cells in detail.rows.items():
        cells["name"] = str(parts["name"].iloc[int(at)])
    return whole, detail


def year_rows(firm: Firm) -> list[dict[str, Any]]:
    """A row a year: the latest run of each."""
    latest = firm.years[firm.years["is_latest"].astype(bool)]
    return [{str(name): value for name, value in row.items()} for row in latest.to_dict("records")]
