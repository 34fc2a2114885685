"""The recorded runs of a project year by year: who used which plot then, and what was found.

The folders under ``runs`` know both; of a run that only the ledger has recorded, what it found.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from landuse import parks
from landuse.errors import UserError
from landuse.publish.reader import RunFolder, open_run
from landuse.schema.park_plots import PLOT_YEARS, RELAPSES, REVITALISED_YEARS

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.pipeline.steps import Computed

__all__ = ["YearRun", "recorded_years", "revitalised", "run_folders"]

_FINDINGS: Final = ("low_efficiency", "idle", "both")
_FIGURES: Final = ("tax_wan", "output_wan", "energy_tce")


@dataclass(frozen=True)
class YearRun:
    """A recorded run: the year it evaluated, its day, its folder."""

    run_id: str
    year: int
    as_of: dt.date
    folder: RunFolder


def run_folders(base: Path) -> list[YearRun]:
    """The runs in the folders beside the project file in which enterprises were graded, oldest
    first; what is no run of ours says nothing."""
    found = []
    for place in sorted((base / "runs").glob("*/run.json")):
        try:
            run = open_run(place.parent)
            about = run.manifest["project"]
            day, year = dt.date.fromisoformat(str(about["as_of"])), int(about["year"])
        except (UserError, KeyError, ValueError, TypeError):
            continue
        if "low_efficiency" in run.manifest.get("examined", ["low_efficiency"]):
            found.append(YearRun(str(run.manifest["run_id"]), year, day, run))
    return sorted(found, key=lambda one: (one.as_of, one.run_id))


def recorded_years(base: Path) -> dict[int, YearRun]:
    """The last run of each year."""
    return {run.year: run for run in run_folders(base)}


def revitalised(
    computed: Computed,
    accepted: pd.DataFrame,
    findings: pd.DataFrame,
    year: int,
    base: Path,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """REVITALISED_YEARS and RELAPSES of the accepted parts ``accepted`` (DISPOSALS).

    The evaluated ``year`` is as the batch has it; another one as its last run in ``base`` had it,
    else with today's users of the plots and the figures of that year. ``findings``
    (CASE_FINDINGS) are what runs in the ledger found of years of which no folder is there.
    """
    if accepted.empty:
        return REVITALISED_YEARS.empty(), RELAPSES.empty()
    plots = {code for text in accepted["parcel_ids"] for code in text.split("; ")}
    runs = {one: run for one, run in recorded_years(base).items() if one != year}
    years = [_of_run(run, plots, computed) for _, run in sorted(runs.items())]
    last = findings.drop_duplicates(["year", "parcel_id"], keep="last")
    for one in sorted({*computed.inputs.years, *last["year"], year} - set(runs)):
        told = last[last["year"] == one].set_index("parcel_id")["finding"]
        years.append(_of_today(computed, plots, told, int(one), evaluated=one == year))
    recorded = pd.concat(years, ignore_index=True) if years else PLOT_YEARS.empty()
    found = parks.before_and_after(accepted, recorded)
    return found, parks.relapses(accepted, found)


def _of_today(
    computed: Computed, plots: set[str], told: pd.Series[str], year: int, *, evaluated: bool
) -> pd.DataFrame:
    """A year with the users of the batch; its findings are the batch's in the evaluated year."""
    inputs = computed.inputs
    mine = inputs.parcels[inputs.parcels["parcel_id"].isin(plots)]
    if evaluated:
        classes = computed.parcels.set_index("parcel_id")["land_class"]
        told = classes.where(classes.isin(_FINDINGS), "")
    figures = inputs.figures[inputs.figures["year"] == year]
    basis = "batch" if evaluated else "today"
    return parks.plot_years(mine, computed.links, figures, told, year, links_from=basis)


def _of_run(run: YearRun, plots: set[str], computed: Computed) -> pd.DataFrame:
    """A year with the users that its run knew. Figures are those that the project states of the
    year now (they may have been corrected since), else those of the run."""
    folder, wanted = run.folder, sorted(plots)
    parcels = folder.table(
        "parcels", columns=["parcel_id", "accounting_area_mu", "land_class"],
        where=("parcel_id", wanted),
    )  # fmt: skip
    parcels["accounting_area_m2_micro"] = _micro(parcels["accounting_area_mu"])
    users = folder.table("links", columns=["uscc"], where=("parcel_id", wanted))["uscc"]
    links = folder.table(
        "links", columns=["parcel_id", "uscc", "area_mu"], where=("uscc", users)
    )  # fmt: skip
    links["area_m2_micro"] = _micro(links["area_mu"])
    stated = computed.inputs.figures
    figures = stated[stated["year"] == run.year]
    if figures.empty:
        figures = _figures_of(folder, users)
    classes = parcels.set_index("parcel_id")["land_class"]
    return parks.plot_years(
        parcels, links, figures,
        classes.where(classes.isin(_FINDINGS), ""), run.year, links_from="run", run_id=run.run_id,
    )  # fmt: skip


def _figures_of(folder: RunFolder, users: Iterable[str]) -> pd.DataFrame:
    units = folder.table("units", where=("uscc", users))
    figures = units[["uscc"]].copy()
    for name in _FIGURES:
        if name in units.columns:
            micro = (units[name].astype("Float64") * 1e6).round()
            figures[f"{name}_micro"] = micro.astype("Int64")
    return figures


def _micro(mu: pd.Series[float]) -> npt.NDArray[np.int64]:
    """Published mu: back to the whole millionths of a m² that they were made from."""
    micro = np.rint(mu.to_numpy(dtype=np.float64) * 2e9 / 3.0)
    whole: npt.NDArray[np.int64] = micro.astype(np.int64)
    return whole
