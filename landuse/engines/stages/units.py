"""The units of a part before they are compared: prepared once, read in every round.

What each unit has lies in arrays, which all rounds read; what its enterprises are called and who
their land is shown to lies beside them, for the last round alone.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from landuse.engines.parts.frames import load, save
from landuse.engines.ranks.rounds import Part
from landuse.indicators.figures import UnitFigures
from landuse.indicators.land import LinkValues, UnitLand
from landuse.indicators.measured import Measured
from landuse.indicators.roll import Roll
from landuse.pipeline.evaluate import Prepared, sheet_of
from landuse.ranking.sheet import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from landuse.engines.parts.job import Job
    from landuse.ranking.sheet import Bools, Codes

__all__ = ["Ranked", "Users", "load_units", "ranked_part", "save_units", "with_names"]

Arrays = dict[str, npt.NDArray[Any]]
_LAND: Final = tuple(field.name for field in fields(UnitLand))
_TEXTS: Final = ("own", "reason")


class Users(NamedTuple):
    """Which part of the ``land`` shows which enterprise (``at``), each pair once; whether each
    enterprise is ``linked`` to any parcel."""

    at: Codes
    land: Codes
    linked: Bools


def save_units(prepared: Prepared, users: Users, job: Job, folder: Path) -> None:
    """Write the units of a part; the other functions read them."""
    measured = prepared.measured
    arrays: Arrays = {f"land_{name}": getattr(measured.land, name) for name in _LAND}
    for year, found in measured.figures.items():
        arrays[f"{year}_complete"] = found.complete
        for key in found.micro:
            arrays |= {
                f"{year}_micro_{key}": found.micro[key],
                f"{year}_given_{key}": found.given[key],
            }
    for name in _TEXTS:
        codes, texts = pd.factorize(getattr(prepared, name))
        arrays |= {name: codes.astype(np.int32), f"{name}_texts": np.array(texts, dtype=np.str_)}
    _save(folder / "units.npz", arrays)
    roll = measured.roll
    known = ["uscc", "name", "industry_code", "division", "scale"]
    known += [name for name in job.rules.cohort_by if name not in known]
    save(roll.enterprises[known], folder / "roll.parquet")
    of_roll: Arrays = users._asdict()
    if not roll.alone:
        leading = roll.leading(measured.land.enterprise_micro)
        units = np.array(roll.unit_ids, dtype=np.str_)
        of_roll |= {"unit_of": roll.unit_of, "unit_ids": units, "leading": leading}
    _save(folder / "roll.npz", of_roll)


def _save(path: Path, arrays: Arrays) -> None:
    with path.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def _arrays(job: Job, part: int, name: str) -> Arrays:
    with np.load(job.path("measure", part) / f"{name}.npz", allow_pickle=False) as held:
        return {name: held[name] for name in held.files}


def load_units(job: Job, part: int) -> Prepared:
    """The units of a part as arrays: nobody has a name (:func:`with_names`)."""
    found = _arrays(job, part, "units")
    land = UnitLand(*(found[f"land_{name}"] for name in _LAND))
    keys = [figure.key for figure in job.rules.figures]
    figures = {
        year: UnitFigures(
            {key: found[f"{year}_micro_{key}"] for key in keys},
            {key: found[f"{year}_given_{key}"] for key in keys},
            found[f"{year}_complete"],
        )
        for year in job.years
    }
    own, reason = (found[f"{name}_texts"].astype(object)[found[name]] for name in _TEXTS)
    nobody = _nobody()
    measured = Measured(nobody, _no_links(), land, figures, job.rules)
    return Prepared(measured, nobody.enterprises, own, reason)


def _nobody() -> Roll:
    none = pd.Index([], dtype="str")
    return Roll(pd.DataFrame({"uscc": none}), none, none, np.zeros(0, dtype=np.intp))


def _no_links() -> LinkValues:
    whole, number = np.zeros(0, dtype=np.int64), np.zeros(0)
    return LinkValues(pd.DataFrame(), whole, number, number, whole > 0, whole > 0, np.nan)


def with_names(prepared: Prepared, job: Job, part: int) -> tuple[Prepared, Users]:
    """The same with the enterprises of each unit, and who is shown where."""
    enterprises = load(job.path("measure", part) / "roll.parquet")
    found = _arrays(job, part, "roll")
    users = Users(*(found[name] for name in Users._fields))
    codes, leaders = pd.Index(enterprises["uscc"]), enterprises
    if "unit_of" in found:
        units = pd.Index(found["unit_ids"].astype(object), dtype="str")
        roll = Roll(enterprises, codes, units, found["unit_of"])
        leaders = enterprises.iloc[found["leading"]]
    else:
        roll = Roll(enterprises, codes, codes.rename(None), np.arange(len(codes)))
    return replace(prepared, measured=replace(prepared.measured, roll=roll), leaders=leaders), users


class Ranked(NamedTuple):
    """The units of a part that are ranked, and why each unit is not (``reason``, "" if it is)."""

    part: Part
    reason: npt.NDArray[np.object_]

    @property
    def graded(self) -> Bools:
        """Whether each unit is ranked."""
        return np.asarray(self.reason == "", dtype=bool)


def ranked_part(
    prepared: Prepared, ranked_in: dict[str, int], cohorts: Sequence[str], job: Job
) -> Ranked:
    """``ranked_in``: own cohort → position of the cohort in which it is ranked; who is not in it
    has left."""
    measured, reason = prepared.measured, prepared.reason.copy()
    graded = np.flatnonzero(reason == "")
    place = [ranked_in.get(name, -1) for name in prepared.own[graded].tolist()]
    cohort = np.array(place, dtype=np.intp)
    reason[graded[cohort < 0]] = "no_benchmark"
    kept = np.asarray(reason == "", dtype=bool)
    sheet = sheet_of(measured, kept, cohort[cohort >= 0], list(cohorts), job.rules, job.year)
    last = Grid(*measured.measures(job.year - 1)).take(kept)
    return Ranked(Part(sheet, last), reason)
