"""The file of one firm as tables, and the lists of candidates and chains."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from landuse.ledger.states import word
from landuse.messages import text
from landuse.parks.shown import half_up, mu_text, wan_text
from landuse.pipeline.enterprise import Firm, candidates, year_rows
from landuse.pipeline.park_lists import framed
from landuse.pipeline.report_tables import listed, number_cell
from landuse.publish.report.model import Cell, Number, Table, plain
from landuse.publish.words import cohort, status_label, table_label
from landuse.schema.park_firms import (
    CASE_EVIDENCE,
    CASE_PAPERS,
    CHAIN_FIRMS,
    CHAIN_SUMS,
    FIRM_CASES,
)
from landuse.schema.park_results import PROMISE_RESULTS

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.pipeline.parks import ParkBook

__all__ = ["firm_tables", "list_tables"]

_FIGURES: Final = ("area_mu", "tax_wan", "output_wan", "energy_tce", "tax_wan_per_mu",
                   "output_wan_per_mu", "score")  # fmt: skip
_CASES: Final = ("number", "kind", "state", "parcel_ids", "enterprises", "receiving", "mu_e4",
                 "accepted_mu_e4", "opened_on", "accepted_on")  # fmt: skip
_PAPERS: Final = ("number", "kind", "name", "dated", "served_on", "deadline", "sha256")
_EVIDENCE: Final = ("number", "table_name", "key", "column", "old", "new", "reason", "status",
                    "evidence_name", "evidence_sha256")  # fmt: skip
_CHAINS: Final = ("chain", "form", "leader_names", "area_m2_micro", "tax_wan_micro",
                  "output_wan_micro", "tax_wan_per_mu", "unknown")  # fmt: skip
_MEMBERS: Final = ("chain", "chain_role", "uscc", "name", "park", "area_m2_micro", "tax_wan_micro",
                   "output_wan_micro")  # fmt: skip
_NEAR: Final = ("uscc", "name", "value_wan_micro", "line_wan_micro", "gap_wan_micro", "standing")
_FAST: Final = ("uscc", "name", "value_wan_micro", "before_wan_micro", "growth")


def firm_tables(firm: Firm, lang: Lang) -> list[Table]:
    """Years (the latest run of each), land now, promises with their verdict, every case with its
    papers and evidence, the firm's chains; tables without rows are there too."""
    promises = listed(
        "firm_promises", firm.promises, PROMISE_RESULTS,
        ("park", "due_year", "verdict", "tax_shortfall_wan_micro", "output_shortfall_wan_micro"),
        lang,
    )  # fmt: skip
    cases = framed(firm.case_list, FIRM_CASES, _CASES, lang, {"kind": _kind, "state": _state})
    papers = framed(firm.papers, CASE_PAPERS, _PAPERS, lang, {"kind": _paper})
    said = {"table_name": table_label, "status": _status}
    evidence = framed(firm.evidence, CASE_EVIDENCE, _EVIDENCE, lang, said)
    return [
        _years(firm, lang), _land(firm, lang), promises, cases, papers, evidence,
        *_chains(firm.chain_sums, firm.chain_firms, lang),
    ]  # fmt: skip


def _chains(sums: pd.DataFrame, firms: pd.DataFrame, lang: Lang) -> tuple[Table, Table]:
    return (
        framed(sums, CHAIN_SUMS, _CHAINS, lang),
        framed(firms, CHAIN_FIRMS, _MEMBERS, lang, {"chain_role": _role}),
    )


def list_tables(
    book: ParkBook,
    lang: Lang,
    *,
    near: Fraction | None = None,
    growth: Fraction | None = None,
) -> dict[str, Table]:
    """Candidates of 小升规, firms that grow fast, chains and who is in them; ``near`` and
    ``growth`` as :func:`landuse.pipeline.enterprise.candidates` takes them."""
    found = candidates(book, near=near, growth=growth)
    names = {"near_the_line": _NEAR, "fast_growing": _FAST}
    lists = {key: _candidates(key, frame, names[key], lang) for key, frame in found.items()}
    chains, members = _chains(book.chains, book.chain_firms, lang)
    return {**lists, "chains": chains, "chain_firms": members}


def _candidates(key: str, frame: pd.DataFrame, names: tuple[str, ...], lang: Lang) -> Table:
    heads = {name: text(f"park_cli.col_{name}", lang) for name in names}
    table = Table(key, text(f"park_cli.title_{key}", lang), heads)
    for row in frame.to_dict("records"):
        table.rows[str(row["uscc"]),] = {name: _candidate(name, row, lang) for name in names}
    return table


def _candidate(name: str, row: Mapping[Any, Any], lang: Lang) -> Cell:
    value = row[name]
    if name == "standing":
        return text(f"park_cli.standing_{value}", lang)
    if name == "growth":
        grown = Fraction(int(row["value_wan_micro"]), int(row["before_wan_micro"])) - 1
        return Number(half_up(grown * 100, 2))
    return Number(wan_text(int(value))) if name.endswith("_wan_micro") else plain(str(value))


def _kind(code: str, lang: Lang) -> str:
    return word("kind", code, lang)


def _state(code: str, lang: Lang) -> str:
    return word("state", code, lang)


def _paper(code: str, lang: Lang) -> str:
    return word("paper", code, lang) if code else ""


def _status(code: str, lang: Lang) -> str:
    return text(f"park_cli.evidence_{code}", lang)


def _role(code: str, lang: Lang) -> str:
    return text(f"park_cli.role_{code}", lang) if code else ""


def _years(firm: Firm, lang: Lang) -> Table:
    names = ("year", *_FIGURES, "cohort", "rank", "status", "grade_class")
    heads = {name: text(f"report.col_{name}", lang) for name in names}
    heads["rank"] = text("park_cli.col_rank", lang)
    heads["kept_in"] = text("park_cli.col_kept_in", lang)
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
            "kept_in": text(f"park_cli.kept_{row['kept_in']}", lang),
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
