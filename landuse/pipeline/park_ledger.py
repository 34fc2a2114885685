"""What a park book takes from the ledger: land, cases with their papers, and kept park tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from landuse.errors import UserError
from landuse.ledger import open_ledger
from landuse.ledger.disposals import disposals, plots_in_disposal
from landuse.ledger.on_file import (
    cases_on_file,
    evidence_on_file,
    findings_on_file,
    papers_on_file,
)
from landuse.ledger.totals import Headline, totals
from landuse.pipeline.ledger import url_of
from landuse.pipeline.park_book import frames_of
from landuse.schema.park_firms import CASE_EVIDENCE, CASE_FINDINGS, CASE_PAPERS, FIRM_CASES

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from landuse.ledger.store import Ledger

__all__ = ["LedgerLand", "ledger_if_there", "ledger_land", "read_ledger_land"]

_NO_LEDGER: Final = "ledger.no_ledger"


@dataclass(frozen=True)
class LedgerLand:
    """What the ledger says of land: DISPOSALS, plots of open cases, and its headline figures.

    ``cases``, ``papers``, ``evidence`` and ``findings`` are those of
    :mod:`landuse.ledger.on_file` (findings of plots that were revitalised); ``kept`` the park
    tables that the database has, by name.
    """

    disposals: pd.DataFrame
    plots: pd.DataFrame
    headline: Headline
    cases: pd.DataFrame = field(default_factory=FIRM_CASES.empty)
    papers: pd.DataFrame = field(default_factory=CASE_PAPERS.empty)
    evidence: pd.DataFrame = field(default_factory=CASE_EVIDENCE.empty)
    findings: pd.DataFrame = field(default_factory=CASE_FINDINGS.empty)
    kept: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def ledger_land(session: Session, day: dt.date) -> LedgerLand:
    """What the ledger says of land as of ``day``."""
    accepted = disposals(session, day)
    plots = {code for text in accepted["parcel_ids"] for code in text.split("; ")}
    return LedgerLand(
        accepted,
        plots_in_disposal(session),
        Headline(**totals(session)["headline"]),
        cases_on_file(session),
        papers_on_file(session),
        evidence_on_file(session),
        findings_on_file(session, plots),
        frames_of(session),
    )


def ledger_if_there(path: Path | None, db: str | None, env: Mapping[str, str]) -> Ledger | None:
    """The ledger of a project file; ``None`` where none was begun.

    Raises :class:`landuse.errors.UserError` where one that is named (``db``, ``LANDUSE_DB``) is not
    there.
    """
    named = bool(db or env.get("LANDUSE_DB"))
    try:
        return open_ledger(url_of(path, db, env), create=False)
    except UserError as fault:
        if named or fault.issues[0].code != _NO_LEDGER:
            raise
        return None


def read_ledger_land(
    path: Path, db: str | None, env: Mapping[str, str], day: dt.date
) -> LedgerLand | None:
    """:func:`ledger_land` of the ledger of a project file, where there is one."""
    ledger = ledger_if_there(path, db, env)
    if ledger is None:
        return None
    try:
        with ledger.read() as session:
            return ledger_land(session, day)
    finally:
        ledger.close()
