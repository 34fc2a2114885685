"""Whether two ways through the job gave the same answers; times count only if they did."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

__all__ = ["Answers", "DifferentAnswersError", "answers", "compare"]

SCORE_SLACK = 1.01e-6
"""Scores have six decimals, and sums of floats may fall to either side of a half."""
PRICE_SLACK = 1e-9


class DifferentAnswersError(Exception):
    """Two jobs disagree; the message says in what and by how much."""


@dataclass(frozen=True)
class Answers:
    """Flagged enterprises, the scores of all that have one, and the prices of all parcels, each
    in the order of the keys."""

    units: pa.Array
    score: npt.NDArray[np.float64]
    flagged: npt.NDArray[np.bool_]
    parcels: pa.Array
    price: npt.NDArray[np.float64]


def answers(folder: Path) -> Answers:
    """What a job wrote into ``folder``: a peer's two tables, or a run of ours."""
    schema = pq.read_schema(folder / "units.parquet")
    ours = "status" in schema.names
    mark = "status" if ours else "flagged"
    units = pq.read_table(folder / "units.parquet", columns=["uscc", "score", mark])
    if ours:
        units = units.filter(pc.is_finite(pc.fill_null(units["score"], float("nan"))))
    units = units.set_column(0, "uscc", units["uscc"].cast(pa.string())).sort_by("uscc")
    flags = units[mark].cast(pa.string())
    price = "benchmark_price_yuan_per_m2" if ours else "price"
    parcels = pq.read_table(folder / "parcels.parquet", columns=["parcel_id", price])
    parcels = parcels.set_column(0, "parcel_id", parcels["parcel_id"].cast(pa.string()))
    parcels = parcels.sort_by("parcel_id")
    return Answers(
        units["uscc"].combine_chunks(),
        units["score"].to_numpy(),
        pc.equal(flags, "low_efficiency" if ours else "true").to_numpy(),
        parcels["parcel_id"].combine_chunks(),
        parcels[price].to_numpy(),
    )


def compare(job: str, found: Answers, reference: str, expected: Answers) -> None:
    """Raise :class:`DifferentAnswersError` unless two jobs agree."""
    names = f"{job} and {reference}"
    for what in ("units", "parcels"):
        one, other = getattr(found, what), getattr(expected, what)
        if not one.equals(other):
            raise DifferentAnswersError(f"{names}: other {what} ({len(one)} and {len(other)})")
    moved = int((found.flagged != expected.flagged).sum())
    if moved:
        raise DifferentAnswersError(f"{names}: {moved} of {expected.flagged.sum()} flags differ")
    score = float(np.max(np.abs(found.score - expected.score), initial=0.0))
    if not score <= SCORE_SLACK:
        raise DifferentAnswersError(f"{names}: scores differ by up to {score}")
    price = float(np.max(np.abs(found.price / expected.price - 1), initial=0.0))
    if not price <= PRICE_SLACK:
        raise DifferentAnswersError(f"{names}: prices differ by up to {price} of themselves")
