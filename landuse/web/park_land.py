"""The land of a park on its page: ratios, plots, projects, before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pandas as pd

from landuse.messages import text
from landuse.parks.ratios import ratio_text
from landuse.parks.shown import joined, mu_text, number, wan_text
from landuse.parks.words import account_word, ratio_word, unit_word
from landuse.publish.report.model import Number, Table, plain
from landuse.schema.park_results import PARK_MEASURES
from landuse.schema.park_tables import PROJECTS
from landuse.web.park_tables import Key, Shown, firm_address, grouped, shown

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.pipeline.park_site import ParkFigures
    from landuse.publish.report.model import Cell

__all__ = ["COLOURS", "plot_address", "plot_lists", "project_links", "ratio_rows", "revitalised",
           "stated_rows", "with_stops"]  # fmt: skip

COLOURS: Final = {
    "undevelopable": "#8c959f", "built": "#4d9221", "partly_used": "#a6d96a",
    "not_started": "#fdae61", "idle": "#d7191c", "undetermined": "#b2abd2",
    "available": "#0b5cad", "excess": "#7b3294", "": "#57606a",
}  # fmt: skip
FINDINGS: Final = ("low_efficiency", "idle", "both")
_SQUARE: Final = frozenset({"1"})
"""Units of ratios whose two areas are shown in m²: floor space against land."""


def ratio_rows(figures: ParkFigures, park: str, lang: Lang) -> list[dict[str, str]]:
    """Each ratio with its numerator and denominator, or what of them is missing."""
    frame = figures.book.ratios
    found = []
    for row in frame[frame["park"] == park].to_dict("records"):
        unit, key = str(row["unit"]), str(row["ratio"])
        square = unit in _SQUARE or key == "density"
        top, bottom = number(row["numerator_micro"]), number(row["denominator_micro"])
        missing = [_measure(name, lang) for name in str(row["missing"]).split("; ") if name]
        value = ratio_text(top, bottom, unit)
        found.append(
            {
                "key": key,
                "label": ratio_word(key, lang),
                "value": grouped(value) if value else "",
                "unit": unit_word(unit, lang).strip(),
                "top": _measure(str(row["numerator"]), lang),
                "top_value": _amount(str(row["numerator"]), top, lang, square=square, unit=unit),
                "bottom": _measure(str(row["denominator"]), lang),
                "bottom_value": _amount(
                    str(row["denominator"]), bottom, lang, square=square, unit=unit
                ),
                "missing": joined(missing),
            }
        )
    return found


def _measure(name: str, lang: Lang) -> str:
    """The words of a column of PARK_MEASURES."""
    return PARK_MEASURES.column(f"{name}_micro").label(lang)


def _amount(name: str, micro: int | None, lang: Lang, *, square: bool, unit: str) -> str:
    """A numerator or denominator in the unit that its ratio takes it in."""
    if micro is None:
        return ""
    if name.endswith("_wan"):
        return f"{grouped(wan_text(micro))} {text('report.unit_wan', lang)}"
    if square:
        return f"{micro / 1_000_000:,.2f} {text('report.unit_m2', lang)}"
    if unit.endswith("/ha"):
        return f"{micro / 10**10:,.2f} {text('park_pages.unit_ha', lang)}"
    return f"{grouped(mu_text(micro))} {text('report.unit_mu', lang)}"


def stated_rows(account: Any, lang: Lang) -> list[tuple[str, str, str]]:  # noqa: ANN401 - a row
    """What the register states of the account and what is computed, where it states it."""
    found = []
    for name in ("total", "supplied", "built", "available"):
        said = number(account[f"stated_{name}_m2_micro"])
        if said is not None:
            made = mu_text(number(account[f"{name}_m2_micro"]))
            found.append((account_word(name, lang), grouped(mu_text(said)), grouped(made)))
    return found


def plot_address(run_id: str, parcel: str) -> str:
    """The review page at a plot; nowhere without a run."""
    return f"/runs/{quote(run_id, safe='')}/review?plot={quote(parcel, safe='')}" if run_id else ""


def map_address(run_id: str, parcel: str) -> str:
    """The map at a plot; nowhere without a run."""
    return f"/runs/{quote(run_id, safe='')}/map#plot={quote(parcel, safe='')}" if run_id else ""


def _plots(figures: ParkFigures) -> pd.DataFrame:
    """Every part of a parcel in a park that is idle, low-efficient or revitalised."""
    book = figures.book
    parts = book.land.parts
    status = book.land.status.set_index("parcel_id")["land_status"]
    idle = pd.Index(status.index[status == "idle"])
    flagged = book.land.flagged
    low = pd.Index(flagged.index[flagged > 0])
    accepted = book.ledger.disposals if book.ledger is not None else None
    done = pd.Index([]) if accepted is None else pd.Index(
        sorted({code for one in accepted["parcel_ids"] for code in one.split("; ")})
    )  # fmt: skip
    code = pd.Index(parts["parcel_id"])
    marked = parts.assign(
        idle=idle.get_indexer(code) >= 0,
        low=low.get_indexer(code) >= 0,
        done=done.get_indexer(code) >= 0 if len(done) else False,
    )
    marked = marked[(marked["idle"] | marked["low"] | marked["done"])]
    return marked.sort_values(["park", "area_m2_micro", "parcel_id"], ascending=[True, False, True])


def plot_lists(figures: ParkFigures, park: str, lang: Lang, run_id: str) -> Shown | None:
    """Plots of the park that are idle, low-efficient or revitalised, the largest first."""
    plots = figures.once("plots", lambda: _plots(figures))
    mine = plots[plots["park"] == park]
    if mine.empty:
        return None
    cases = figures.cases.set_index("parcel_id")
    names = ("parcel_id", "area_mu", "finding", "case", "case_state", "map")
    table = Table("plots", text("park_pages.plots", lang),
                  {name: text(f"park_pages.col_{name}", lang) for name in names})  # fmt: skip
    for row in mine.to_dict("records"):
        code = str(row["parcel_id"])
        case = cases.loc[code] if code in cases.index else None
        table.rows[code,] = {
            "parcel_id": plain(code),
            "area_mu": Number(mu_text(int(row["area_m2_micro"]))),
            "finding": _found(row, lang),
            "case": "" if case is None else str(case["number"]),
            "case_state": "" if case is None else text(f"ledger_cases.state_{case['state']}", lang),
            "map": text("park_pages.on_map", lang) if run_id else "",
        }
    return shown(
        table,
        links={
            "parcel_id": lambda key, _: plot_address(run_id, key[0]),
            "case": lambda key, _: plot_address(run_id, key[0]),
            "map": lambda key, _: map_address(run_id, key[0]),
        },
    )


def _found(row: Mapping[Any, Any], lang: Lang) -> str:
    kinds = ["low_efficiency"] * bool(row["low"]) + ["idle"] * bool(row["idle"])
    kinds += ["revitalised"] * bool(row["done"])
    return ("、" if lang == "zh" else ", ").join(
        text(f"park_pages.is_{one}", lang) for one in kinds
    )


def revitalised(figures: ParkFigures, park: str, lang: Lang) -> dict[str, Any]:
    """Before and after the accepted parts of cases in the park, and those that fell back."""
    book = figures.book
    if book.ledger is None:
        return {"before_after": None, "relapses": None}
    here = set(book.land.parts.loc[book.land.parts["park"] == park, "parcel_id"])
    accepted = book.ledger.disposals
    lies_here = [
        not here.isdisjoint(codes.split("; ")) or name == park
        for codes, name in zip(accepted["parcel_ids"], accepted["park"], strict=True)
    ]
    mine = set(zip(accepted.loc[lies_here, "number"], accepted.loc[lies_here, "part"], strict=True))
    found: dict[str, Any] = {}
    for name, frame, key in (
        ("before_after", book.before_after, "revitalised"),
        ("relapses", book.relapses, "relapses"),
    ):
        pairs = zip(frame["number"], frame["part"], strict=True)
        rows = [(str(at),) for at, pair in enumerate(pairs) if pair in mine]
        found[name] = shown(figures.table(key, lang), rows=rows) if rows else None
    return found


def with_stops(figures: ParkFigures, table: Table, mine: list[str], lang: Lang) -> Table:
    """The list of projects with whose they are, and when they stopped and went on."""
    given = figures.book.inputs.projects.set_index("project")
    more = ("name", "parcel_id", "stopped_on", "resumed_on")
    heads = {name: PROJECTS.column(name).label(lang) for name in more}
    columns = {n: head for n, head in table.columns.items() if n != "park"}
    made = Table("project_list", table.title, {**columns, **heads})
    projects = figures.book.projects["project"]
    for at in mine:
        row = given.loc[projects.iloc[int(at)]]
        cells: dict[str, Cell] = dict(table.rows[at,])
        for name in more:
            value = row[name]
            blank = value is None or value is pd.NaT or value != value
            said = "" if blank else value.date().isoformat() if hasattr(value, "date") else value
            cells[name] = plain(str(said))
        made.rows[at,] = cells
    return made


def project_links(
    figures: ParkFigures, mine: list[str], run_id: str
) -> dict[str, Callable[[Key, Mapping[str, Cell]], str]]:
    """Firm and plot of a project lead to their pages."""
    given = figures.book.inputs.projects.set_index("project")
    projects = figures.book.projects["project"]
    codes = {at: str(given.loc[projects.iloc[int(at)], "uscc"]) for at in mine}
    return {
        "name": lambda key, _: firm_address(codes[key[0]]) if codes[key[0]] else "",
        "parcel_id": lambda _, cells: plot_address(run_id, str(cells["parcel_id"])),
    }
