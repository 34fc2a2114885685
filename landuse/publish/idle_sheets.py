"""The sheets on idle land: what was found, and every contract with its clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from landuse.messages import Lang, text
from landuse.publish import words
from landuse.publish.evidence_text import COLUMN, evidence_of_parcels
from landuse.publish.sheets import Sheet
from landuse.schema.published import RUN_IDLE
from landuse.schema.tables import LAND_STATUSES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["contracts_sheet", "idle_in_words", "idle_sheet", "status_rows", "total_rows"]

_CODED: Final = {
    "finding": "finding",
    "land_status": "land",
    "base_from": "base",
    "cause": "cause",
    "consequence": "consequence",
}
_LISTED: Final = {"missing": "name", "remarks": "remark"}
_ORDER: Final = ("not_started", "stalled", "undetermined")
_FIRST: Final = (
    *("parcel_id", "contract_no", "holder", "finding", "accounting_area_mu", "cause"),
    *("consequence", "fee_wan", "price_wan", "base_on", "base_from", "one_year_on"),
    *("two_years_on", "days_to_next", "missing", "remarks", "late_delivery"),
)
"""What a meeting asks for first; what the finding rests on follows."""
_LONG: Final = frozenset({"consequence", "remarks", "evidence"})


def idle_in_words(contracts: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """RUN_IDLE with its codes put into words."""
    said = {
        name: contracts[name].map(
            {code: words.idle(kind, code, lang) for code in contracts[name].unique()}
        )
        for name, kind in _CODED.items()
    }
    for name, kind in _LISTED.items():
        known = {cell: words.idle_list(kind, cell, lang) for cell in contracts[name].unique()}
        said[name] = contracts[name].map(known)
    return contracts.assign(**said).astype(dict.fromkeys(said, "str"))


def idle_sheet(contracts: pd.DataFrame, evidence: pd.DataFrame, lang: Lang) -> Sheet:
    """The contracts with a finding (not started, stalled, then undetermined), with what the images
    say of their parcels where there are any (EVIDENCE).
    """
    found = contracts[contracts["finding"] != ""]
    place = found["finding"].map({name: at for at, name in enumerate(_ORDER)})
    found = found.assign(place=place).sort_values(["place", "parcel_id", "contract_no"])
    others = (name for name in RUN_IDLE.names if name not in {*_FIRST, "land_status"})
    columns = [RUN_IDLE.column(name) for name in (*_FIRST, *others)]
    if len(evidence):
        images = evidence_of_parcels(evidence, found["parcel_id"], lang)
        cells = [images.get(parcel, "") for parcel in found["parcel_id"]]
        found = found.assign(evidence=cells).astype({"evidence": "str"})
        columns.insert(len(_FIRST), COLUMN)
    return Sheet(
        text("workbook.sheet_idle", lang),
        idle_in_words(found.reset_index(drop=True), lang),
        tuple(columns),
        note=text("workbook.idle_note", lang),
        long=_LONG,
    )


def contracts_sheet(contracts: pd.DataFrame, lang: Lang) -> Sheet:
    """Every contract, idle or not, with the status of its land and its clock."""
    frame = idle_in_words(contracts, lang)
    name = text("workbook.sheet_contracts", lang)
    return Sheet(name, frame, tuple(RUN_IDLE), long=_LONG)


def total_rows(totals: dict[str, object], lang: Lang) -> list[list[str | int | float | None]]:
    """Contracts by finding, and the fees proposed, as rows of the summary."""
    found: dict[str, int] = totals["idle_contracts"]  # type: ignore[assignment]
    rows: list[list[str | int | float | None]] = [
        [words.idle("finding", name, lang), count, None] for name, count in found.items()
    ]
    fee = float(totals["idle_fee_wan"])  # type: ignore[arg-type]
    rows.append([text("workbook.sum_idle_fee", lang), None, fee])
    return rows


def status_rows(totals: dict[str, object], lang: Lang) -> list[list[str | int | float | None]]:
    """Parcels and mu by land status."""
    known: dict[str, dict[str, float]] = totals["land_status"]  # type: ignore[assignment]
    ordered = sorted(known, key=LAND_STATUSES.index)  # a manifest has them by name
    return [
        [words.idle("land", name, lang), int(known[name]["count"]), float(known[name]["mu"])]
        for name in ordered
    ]
