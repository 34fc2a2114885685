"""One firm over the years (一企一档), and plots matched to demand: tables of a park book."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import parks
from landuse.errors import UserError
from landuse.parks.demand import FLOOR_OFFER
from landuse.parks.words import type_word
from landuse.pipeline.report_tables import listed
from landuse.publish.reader import open_run
from landuse.schema.park_plots import PROPOSAL_REASONS, PROPOSALS
from landuse.schema.park_results import PROMISE_PARTS, PROMISE_RESULTS
from landuse.schema.park_tables import PROMISES

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.pipeline.parks import ParkBook
    from landuse.publish.report.model import Table

__all__ = ["Firm", "candidates", "firm_file", "matched", "promise_lists", "proposals"]

_YEAR_FIGURES = ("area_mu", "tax_wan", "output_wan", "energy_tce", "score")


@dataclass(frozen=True)
class Firm:
    """What is known of one firm; ``years``: a row a recorded run and this one, latest of a year
    marked; ``lists``: the lists on which it stands (near_the_line, fast_growing)."""

    uscc: str
    name: str
    years: pd.DataFrame
    land: pd.DataFrame
    promises: pd.DataFrame
    cases: pd.DataFrame
    lists: tuple[str, ...]
    chain: str


def firm_file(book: ParkBook, uscc: str) -> Firm:
    """The file of the firm ``uscc``; raises :class:`landuse.errors.UserError` if nobody knows it.

    Its years are those of the run folders beside the project file and of the batch as it is now.
    """
    inputs = book.computed.inputs
    rows = inputs.enterprises[inputs.enterprises["uscc"] == uscc]
    given = book.inputs.promises[book.inputs.promises["uscc"] == uscc]
    if rows.empty and given.empty:
        raise UserError.of("park_cli.unknown_firm", value=uscc)
    links = book.computed.links
    land = links[links["uscc"] == uscc][["parcel_id", "area_m2_micro"]]
    named = [str(one) for one in (*rows["name"], *given["name"]) if one]
    plots = set(land["parcel_id"])
    cases = pd.DataFrame({"parcel_id": [], "case_number": []}, dtype="str")
    if book.ledger is not None:
        cases = book.ledger.plots[book.ledger.plots["parcel_id"].isin(plots)]
    lists = tuple(name for name, frame in candidates(book).items() if uscc in set(frame["uscc"]))
    chain = "; ".join(sorted({str(one) for one in given["chain"] if one}))
    judged = book.promises[book.promises["uscc"] == uscc]
    return Firm(
        uscc, named[0] if named else "", parks.enterprise_years(uscc, _runs(book, uscc)),
        land.reset_index(drop=True), judged, cases, lists, chain,
    )  # fmt: skip


def _runs(book: ParkBook, uscc: str) -> list[parks.RunYear]:
    """Recorded runs, oldest first, and the batch as it is now as the last."""
    found: list[tuple[dt.date, str, int, pd.DataFrame]] = []
    for place in sorted((book.project.base / "runs").glob("*/run.json")):
        try:
            run = open_run(place.parent)
            units = run.table("units", where=("uscc", [uscc]))
            about = run.manifest["project"]
            day = dt.date.fromisoformat(str(about["as_of"]))
            found.append((day, str(run.manifest["run_id"]), int(about["year"]), units))
        except (UserError, KeyError, ValueError):
            continue  # a folder that is no run of ours says nothing of the firm
    found.sort(key=lambda one: one[:2])
    runs = [parks.RunYear(at, year, units) for at, (_, _, year, units) in enumerate(found, 1)]
    now = book.computed.evaluation.units
    return [*runs, parks.RunYear(len(runs) + 1, book.project.year, now[now["uscc"] == uscc])]


def candidates(book: ParkBook) -> dict[str, pd.DataFrame]:
    """Firms near the line of scale, and those that grow fast, of the project's year."""
    inputs, rules = book.computed.inputs, book.rules
    column = f"{rules.scale_figure}_wan_micro"
    if column not in inputs.figures.columns:
        return {}
    year = book.project.year
    firms, figures = inputs.enterprises, inputs.figures
    return {
        "near_the_line": parks.near_the_line(firms, figures, year, rules),
        "fast_growing": parks.fast_growing(firms, figures, year, rules),
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


def matched(book: ParkBook, plots: list[str] | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """PROPOSALS and PROPOSAL_REASONS for ``plots`` (codes, or ``floor:park``); without them for
    all plots of open cases and all vacant floor space.

    Raises :class:`landuse.errors.UserError` for a plot that is not in the project.
    """
    parcels = book.computed.inputs.parcels
    ledger = book.ledger.plots if book.ledger is not None else None
    cases = {} if ledger is None else dict(
        zip(ledger["parcel_id"], ledger["case_number"], strict=True)
    )  # fmt: skip
    wanted = sorted(cases) if plots is None else [
        one for one in plots if not one.startswith(FLOOR_OFFER)
    ]  # fmt: skip
    unknown = sorted(set(wanted) - set(parcels["parcel_id"])) if plots is not None else []
    if unknown:
        raise UserError.of("park_cli.unknown_plot", value=", ".join(unknown))
    mine = parcels[parcels["parcel_id"].isin(wanted)].sort_values("parcel_id")
    where = _largest_part(book)
    frame = pd.DataFrame(
        {
            "parcel_id": mine["parcel_id"],
            "park": [where.get(str(code), "") for code in mine["parcel_id"]],
            "area_m2_micro": mine["accounting_area_m2_micro"],
            "floor_m2_micro": mine["built_area_m2_micro"].astype("Int64"),
            "case_number": [cases.get(str(code), "") for code in mine["parcel_id"]],
        }
    )
    register = book.inputs.park_register
    offered = parks.offers(frame, register if len(register) else None, book.types)
    if plots is not None:
        absent = sorted(set(plots) - set(offered["offer"]))
        if absent:
            raise UserError.of("park_cli.unknown_plot", value=", ".join(absent))
        offered = offered[offered["offer"].isin(plots)]
    return parks.match(book.inputs.demand, offered, book.rules)


def _largest_part(book: ParkBook) -> dict[str, str]:
    """The park of each parcel: where most of it lies; the smallest name of equal ones."""
    parts = book.land.parts.sort_values(["area_m2_micro", "park"], ascending=[False, True])
    first = parts.drop_duplicates("parcel_id")
    return dict(zip(first["parcel_id"], first["park"], strict=True))


def proposals(book: ParkBook, lang: Lang, plots: list[str] | None = None) -> tuple[Table, Table]:
    """Proposals and their reasons as people read them."""
    found, why = matched(book, plots)
    names = ("offer", "demand", "name", "status", "points", "rank")
    reasons = ("offer", "demand", "criterion", "hard", "met", "wanted", "offered", "points",
               "weight")  # fmt: skip
    kinds = why["criterion"] == "park_type"
    for name in ("wanted", "offered"):
        words = [type_word(one, lang) for one in why.loc[kinds, name]]
        why.loc[kinds, name] = pd.Series(words, index=why.index[kinds], dtype="str")
    return (
        listed("proposals", found, PROPOSALS, names, lang),
        listed("reasons", why, PROPOSAL_REASONS, reasons, lang),
    )


def year_rows(firm: Firm) -> list[dict[str, Any]]:
    """A row a year: the latest run of each."""
    latest = firm.years[firm.years["is_latest"].astype(bool)]
    return [{str(name): value for name, value in row.items()} for row in latest.to_dict("records")]
