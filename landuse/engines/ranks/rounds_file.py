"""What all parts know together about ranks, as one file that every part reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from landuse.engines.ranks.benchmarks import Imputed
from landuse.engines.ranks.rounds import Stand, Whole
from landuse.ranking.places import Line
from landuse.ranking.score import Yardsticks

if TYPE_CHECKING:
    from landuse.stores import Place

__all__ = ["load_whole", "save_whole"]

_YARD: Final = ("benchmark", "lowest", "highest", "counts_zero", "absent")


def save_whole(whole: Whole, path: Path) -> None:
    """Write it but for the scores; :func:`load_whole` gives the same numbers back."""
    arrays: dict[str, npt.NDArray[Any]] = {
        "cohorts": np.array(whole.cohorts, dtype=np.str_),
        "sizes": whole.sizes,
        "quotas": whole.quotas,
        "cutoff": whole.cutoff,
        "at": np.array([line.at for line in whole.lines]),
        "after": np.array([line.after for line in whole.lines]),
    }
    for kind, yard, imputed in (
        ("yard", whole.yard, whole.imputed),
        ("plain", whole.plain_yard, whole.plain_imputed),
    ):
        arrays |= {f"{kind}_{name}": getattr(yard, name) for name in _YARD}
        if imputed is not None:
            arrays[f"{kind}_mean"] = imputed.mean
    with path.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def load_whole(path: Place, stand: Callable[[int], Stand]) -> Whole:
    """Read what :func:`save_whole` wrote; ``stand`` looks up where everybody of so many cohorts
    stands."""
    with np.load(path, allow_pickle=False) as held:
        found = {name: held[name] for name in held.files}
    cohorts = tuple(str(name) for name in found["cohorts"])

    def of(kind: str) -> tuple[Yardsticks, Imputed | None]:
        mean = found.get(f"{kind}_mean")
        yard = Yardsticks(*(found[f"{kind}_{name}"] for name in _YARD))
        return yard, None if mean is None else Imputed(mean)

    (yard, imputed), (plain, plain_imputed) = of("yard"), of("plain")
    lines = tuple(Line(at, after) for at, after in zip(found["at"], found["after"], strict=True))
    return Whole(
        cohorts, found["sizes"], found["quotas"], yard, imputed, plain, plain_imputed,
        stand(len(cohorts)), found["cutoff"], lines,
    )  # fmt: skip
