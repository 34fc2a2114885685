"""What images say of each plot, as its card reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landuse.messages import Lang
from landuse.publish.evidence_text import said
from landuse.publish.map.columns import positions

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["evidence_lines"]


def evidence_lines(
    evidence: pd.DataFrame, parcels: pd.DataFrame, lang: Lang
) -> dict[str, list[object]] | None:
    """``plot`` (place of the parcel) and ``text``, one row an image; ``None`` without any."""
    at = positions(evidence["parcel_id"], parcels["parcel_id"])
    rows = [
        (place, said(row, lang))
        for place, row in zip(at, evidence.to_dict("records"), strict=True)
        if place >= 0
    ]
    if not rows:
        return None
    return {"plot": [place for place, _ in rows], "text": [line for _, line in rows]}
