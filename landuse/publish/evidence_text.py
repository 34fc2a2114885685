"""What images say of parcels, in words: for the workbook and for ``landuse explain``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from landuse.messages import Lang, text
from landuse.publish import words
from landuse.publish.sheets import Sheet
from landuse.schema.frame import Column
from landuse.schema.tables import EVIDENCE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMN", "evidence_of_parcels", "evidence_sheet", "said"]

COLUMN = Column("evidence", "text", "影像证据", "evidence of images")
"""One cell for all images of a parcel."""


def said(one: Mapping[Any, Any], lang: Lang) -> str:
    """One row of EVIDENCE as a phrase: the image, its value, the verdict, how much is covered."""
    values = {"label": one["label"], "cover": _percent(one["covered_share"])}
    if one["verdict"] == "no_evidence":
        return text("evidence.said_nothing", lang, label=one["label"])
    if one["kind"] == "mean":
        return text("evidence.said_mean", lang, value=words.number(one["value"], 6), **values)
    verdict = words.verdict(one["verdict"], lang)
    return text(
        "evidence.said_built_up", lang, value=_percent(one["value"]), verdict=verdict, **values
    )


def _percent(share: float) -> str:
    return f"{words.number(100 * share, 4)} %"


def evidence_of_parcels(
    evidence: pd.DataFrame, parcel_ids: Iterable[str], lang: Lang
) -> dict[str, str]:
    """For each of the parcels that has any, its evidence in one cell."""
    found: dict[str, list[str]] = {}
    for row in evidence[evidence["parcel_id"].isin(set(parcel_ids))].to_dict("records"):
        found.setdefault(row["parcel_id"], []).append(said(row, lang))
    joint = "；" if lang == "zh" else "; "
    return {parcel: joint.join(phrases) for parcel, phrases in found.items()}


def evidence_sheet(evidence: pd.DataFrame, lang: Lang) -> Sheet:
    """Every parcel and image, codes in words."""
    kinds = {kind: text(f"evidence.kind_{kind}", lang) for kind in evidence["kind"].unique()}
    verdicts = {code: words.verdict(code, lang) for code in evidence["verdict"].unique()}
    frame = evidence.assign(
        kind=evidence["kind"].map(kinds), verdict=evidence["verdict"].map(verdicts)
    )
    note = text("evidence.sheet_note", lang)
    return Sheet(text("evidence.sheet", lang), frame, tuple(EVIDENCE), note=note)
