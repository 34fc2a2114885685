"""Everything that is known about the parks of a project, put together in one list of steps.

Tables about parks and the batch → stops feed the idle clock → land accounts → measures and ratios →
grades by type → periods → projects → promises → what the ledger accepted → contradictions. The
rooms compute; nothing here does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import idle, parks
from landuse.crs import parse
from landuse.crs.systems import metres_per_unit
from landuse.exact import group_isum
from landuse.intake.park_tables import ParkInputs, read_park_inputs
from landuse.issues import IssueLog
from landuse.matching import in_scope
from landuse.pipeline.identify import prepare
from landuse.pipeline.park_book import with_frames
from landuse.pipeline.park_ledger import LedgerLand, ledger_land, read_ledger_land
from landuse.pipeline.park_years import revitalised
from landuse.pipeline.progress import Progress, silent
from landuse.pipeline.stated_figures import checked_figures
from landuse.pipeline.steps import Computed, compute
from landuse.rules.park_pack import load_park_pack
from landuse.schema.park_firms import CASE_FINDINGS
from landuse.schema.park_plots import DISPOSALS
from landuse.stated.reconcile import reconcile

if TYPE_CHECKING:
    from landuse.intake.project import Project
    from landuse.rules.park_pack import ParkRules

__all__ = ["LedgerLand", "ParkBatch", "ParkBook", "all_about_parks", "book_of", "checked_figures",
           "ledger_land", "read_batch"]  # fmt: skip


@dataclass(frozen=True)
class ParkBatch:
    """What a park book is made of but for the ledger: the tables about parks, and the batch."""

    project: Project
    day: dt.date
    rules: ParkRules
    inputs: ParkInputs
    computed: Computed
    log: IssueLog


@dataclass(frozen=True)
class ParkBook:
    """Every table about the parks of a project as of one day.

    ``accounts`` … ``parts`` are the tables of :mod:`landuse.schema.park_results`; ``figures``
    PERIOD_FIGURES of all periods, ``clusters`` CLUSTER_SUMS and ``scales`` SCALE_BALANCE of them;
    ``inputs`` are the park tables of the project and, where it gives none, those that the database
    keeps; ``contradictions`` those of :func:`landuse.stated.reconcile.reconcile`; ``checked`` the
    verdicts on stated figures; ``chains`` CHAIN_SUMS of ``chain_firms``; ``ledger`` is ``None``
    where none was begun.
    """

    project: Project
    as_of: dt.date
    computed: Computed
    inputs: ParkInputs
    rules: ParkRules
    types: Mapping[str, str]
    land: parks.Land
    accounts: pd.DataFrame
    measures: pd.DataFrame
    ratios: pd.DataFrame
    assessment: pd.DataFrame
    assessment_parts: pd.DataFrame
    figures: pd.DataFrame
    clusters: pd.DataFrame
    scales: pd.DataFrame
    projects: pd.DataFrame
    promises: pd.DataFrame
    promise_parts: pd.DataFrame
    chains: pd.DataFrame
    chain_firms: pd.DataFrame
    contracts: pd.DataFrame | None
    before_after: pd.DataFrame
    relapses: pd.DataFrame
    contradictions: pd.DataFrame
    checked: pd.DataFrame
    ledger: LedgerLand | None
    log: IssueLog


def all_about_parks(
    path: Path,
    *,
    as_of: dt.date | None = None,
    db: str | None = None,
    env: Mapping[str, str] | None = None,
    progress: Progress = silent,
) -> ParkBook:
    """Read the project file ``path`` and its ledger, and compute every table about its parks.

    The ledger is read where there is one; one that is named (``db``, ``LANDUSE_DB``) must be there.
    Raises :class:`landuse.errors.UserError` for whatever the user can mend.
    """
    batch = read_batch(path, as_of=as_of, progress=progress)
    return book_of(batch, read_ledger_land(path, db, env or {}, batch.day))


def read_batch(
    path: Path, *, as_of: dt.date | None = None, progress: Progress = silent
) -> ParkBatch:
    """Read the project file ``path`` and run its batch; raises as :func:`all_about_parks`."""
    project, rules, day = prepare(path, as_of)
    log, told = IssueLog(), IssueLog()
    tables = read_park_inputs(project, told)
    pack = load_park_pack(as_of=day, base=project.base)
    computed = compute(project, rules, day, log, progress)
    known = list(log)
    log.extend(one for one in told if one not in known)  # the batch has read the projects too
    return ParkBatch(project, day, pack, tables, computed, log)


def book_of(batch: ParkBatch, ledger: LedgerLand | None) -> ParkBook:
    """Every table about the parks of a batch and of the ledger as it stands; ``batch`` is kept as
    it is, so that a change of the ledger does not need another one."""
    project, day, pack = batch.project, batch.day, batch.rules
    tables, computed = batch.inputs, batch.computed
    if ledger is not None:
        tables = with_frames(tables, ledger.kept)
    log = IssueLog()
    log.extend(batch.log)
    before_after, relapsed = revitalised(
        computed,
        DISPOSALS.empty() if ledger is None else ledger.disposals,
        CASE_FINDINGS.empty() if ledger is None else ledger.findings,
        project.year,
        project.base,
    )
    book = ParkBook(
        project=project,
        as_of=day,
        computed=computed,
        inputs=tables,
        rules=pack,
        before_after=before_after,
        relapses=relapsed,
        projects=parks.project_states(tables.projects, day, log),
        checked=checked_figures(tables.stated.iloc[:0]),
        ledger=ledger,
        log=log,
        **_of_land(batch, tables, ledger, log),
        **_of_firms(batch, tables, log),
        **_of_periods(tables, log),
    )
    return replace(book, checked=checked_figures(tables.stated, book))


def _of_land(
    batch: ParkBatch, tables: ParkInputs, ledger: LedgerLand | None, log: IssueLog
) -> dict[str, Any]:
    """The fields of a book that are about land: accounts, ratios, grades, contracts."""
    computed, inputs = batch.computed, batch.computed.inputs
    types = parks.type_of(_register(tables), inputs.parks, log)
    told = batch.project.projects is not None  # then the batch has fed the clock, and said so
    status, contracts = _idle(computed, tables, batch.day, IssueLog() if told else log)
    land, accounts = _accounts(computed, tables, status, ledger, log)
    firms = _firms(computed, tables, batch.project.year)
    inside = in_scope(inputs.parcels["land_use_code"], computed.rules.land_use_codes)
    industrial = set(inputs.parcels["parcel_id"].to_numpy()[inside])
    measures = parks.park_measures(
        accounts, land.parts, inputs.parcels, status, industrial, firms, _register(tables), types,
        log,
    )  # fmt: skip
    assessment, parts = parks.assess_parks(measures, batch.rules)
    return {
        "types": types, "land": land, "accounts": accounts, "measures": measures,
        "ratios": parks.park_ratios(measures), "assessment": assessment,
        "assessment_parts": parts, "contracts": contracts,
    }  # fmt: skip


def _of_firms(batch: ParkBatch, tables: ParkInputs, log: IssueLog) -> dict[str, Any]:
    """The fields that are about firms: promises and chains."""
    year = batch.project.year
    measured = _measured(batch.computed, tables, year)
    results, parts = parks.judge_promises(
        tables.promises, measured, year, batch.rules.partly_from, log
    )
    members = parks.chain_firms(tables.promises, measured)
    return {
        "promises": results, "promise_parts": parts,
        "chains": parks.chain_sums(members, log), "chain_firms": members,
    }  # fmt: skip


def _of_periods(tables: ParkInputs, log: IssueLog) -> dict[str, Any]:
    """The fields that are about figures of periods."""
    figures = parks.period_figures(tables.periods, log)
    return {
        "figures": figures, "clusters": parks.cluster_sums(figures),
        "scales": parks.scale_balance(figures), "contradictions": reconcile(tables.periods),
    }  # fmt: skip


def _register(tables: ParkInputs) -> pd.DataFrame | None:
    return tables.park_register if "park_register" in tables.given else None


def _idle(
    computed: Computed, tables: ParkInputs, day: dt.date, log: IssueLog
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """LAND_STATUS and IDLE with the stops of the projects; nothing is known without contracts."""
    inputs = computed.inputs
    if inputs.supply is None:
        nobody = pd.DataFrame({"parcel_id": [], "land_status": []}, dtype="str")
        return nobody, None
    fed = parks.feed_idle_clock(inputs.supply, tables.projects, day, log)
    contracts, status = idle.find_idle(fed, inputs.parcels, computed.rules, day, IssueLog())
    return status, contracts


def _accounts(
    computed: Computed,
    tables: ParkInputs,
    status: pd.DataFrame,
    ledger: LedgerLand | None,
    log: IssueLog,
) -> tuple[parks.Land, pd.DataFrame]:
    inputs = computed.inputs
    square = metres_per_unit(parse(inputs.crs)) ** 2
    nets = None
    if inputs.parks is not None and len(inputs.parks):
        nets = parks.net_parks(inputs.parks, log, unit_m2=square)
    land = parks.Land(
        parts=parks.land_parts(inputs.parcels, nets, unit_m2=square),
        status=status,
        nets=nets,
        register=_register(tables),
        flagged=_flagged(computed),
        disposals=None if ledger is None else ledger.disposals,
    )
    return land, parks.land_accounts(land, log)


def _flagged(computed: Computed) -> pd.Series[int]:
    """What flagged firms use of each parcel, 10⁻⁶ m², as the batch counts it."""
    links, units = computed.links, computed.evaluation.units
    low = units.loc[units["status"] == "low_efficiency", "uscc"]
    mine = links[links["counted"] & links["uscc"].isin(low)]
    return mine.groupby("parcel_id")["area_m2_micro"].sum().astype("int64")


def _firms(computed: Computed, tables: ParkInputs, year: int) -> parks.Firms:
    figures = computed.inputs.figures
    promises = tables.promises
    listed = promises["kinds"].str.contains("高新", regex=False)
    return parks.Firms(
        links=computed.links,
        figures=figures[figures["year"] == year],
        last_year=figures[figures["year"] == year - 1],
        high_tech=set(promises.loc[listed, "uscc"]) - {""} if listed.any() else None,
    )


def _measured(computed: Computed, tables: ParkInputs, year: int) -> pd.DataFrame:
    """Land and figures of every firm that the batch knows, and what its projects have invested."""
    inputs, links = computed.inputs, computed.links
    firms = pd.Index(sorted(set(inputs.enterprises["uscc"])))
    at = firms.get_indexer(pd.Index(links["uscc"]))
    area = links["area_m2_micro"].to_numpy(dtype="int64")
    known = at >= 0
    figures = inputs.figures[inputs.figures["year"] == year].set_index("uscc").reindex(firms)
    invested = tables.projects[tables.projects["uscc"] != ""].dropna(subset="invested_wan_micro")
    frame = pd.DataFrame(
        {
            "uscc": pd.Series(firms, dtype="str"),
            "area_m2_micro": group_isum(area[known], at[known], len(firms)),
        }
    )
    for name in ("tax_wan_micro", "output_wan_micro"):
        if name in figures.columns:
            frame[name] = figures[name].astype("Int64").array
    sums = invested.groupby("uscc")["invested_wan_micro"].sum().reindex(firms)
    frame["invested_wan_micro"] = sums.astype("Int64").array
    return frame
