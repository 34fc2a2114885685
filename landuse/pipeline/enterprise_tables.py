"""The file of one firm as tables: its years, its land, its promises, its cases."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

import pandas as pd

from landuse.messages import text
from landuse.parks.shown import half_up, mu_text
from landuse.pipeline.enterprise import Firm, year_rows
from landuse.pipeline.report_tables import listed, number_cell
from landuse.publish.report.model import Cell, Number, Table, plain
from landuse.publish.words import cohort, status_label
from landuse.schema.park_results import PROMISE_RESULTS

if TYPE_CHECKING:
    from landuse.messages import Lang

__all__ = ["firm_tables"]

_FIGURES: Final = ("area_mu", "tax_wan", "output_wan", "energy_tce", "tax_wan_per_mu",
                   "output_wan_per_mu", "score")  # fmt: skip


def firm_tables(firm: Firm, lang: Lang) -> list[Table]:
    """Years (the latest run of each), land now, promises with their verdict, open cases."""
    promises = listed(
        "firm_promises", firm.promises, PROMISE_RESULTS,
        ("park", "due_year", "verdict", "tax_shortfall_wan_micro", "output_shortfall_wan_micro"),
        lang,
    )  # fmt: skip
    return [_years(firm, lang), _land(firm, lang), promises]


def _years(firm: Firm, lang: Lang) -> Table:
    names = ("year", *_FIGURES, "cohort", "rank", "status", "grade_class")
    heads = {name: text(f"report.col_{name}", lang) for name in names}
    table = Table("years", text("report.table_years", lang), heads)
    for row in year_rows(firm):
        figures: dict[str, Cell] = {name: _float(row.get(name)) for name in _FIGURES}
        rank, size = row.get("rank"), row.get("cohort_size")
        place = "" if rank is None or pd.isna(rank) else f"{int(rank)}/{int(size or 0)}"
        group = row.get("cohort")
        table.rows[str(row["year"]),] = {
            **figures,
            "year": Number(str(int(row["year"]))),
            "cohort": cohort(str(group), lang) if isinstance(group, str) and group else "",
            "rank": place,
            "status": status_label(str(row.get("status", "")), lang),
            "grade_class": str(row.get("grade_class", "") or ""),
        }
    return table


def _float(value: object) -> Cell:
    if not isinstance(value, float) or value != value:
        return None
    return number_cell(half_up(Fraction(value), 2))


def _land(firm: Firm, lang: Lang) -> Table:
    heads = {name: text(f"report.col_{name}", lang) for name in ("parcel_id", "area_mu", "case")}
    table = Table("firm_land", text("report.table_firm_land", lang), heads)
    cases = dict(zip(firm.cases["parcel_id"], firm.cases["case_number"], strict=True))
    for row in firm.land.sort_values("parcel_id").to_dict("records"):
        code = str(row["parcel_id"])
        table.rows[code,] = {
            "parcel_id": plain(code),
            "area_mu": number_cell(mu_text(int(row["area_m2_micro"]))),
            "case": cases.get(code, ""),
        }
    return table
