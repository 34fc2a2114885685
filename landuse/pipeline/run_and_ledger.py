"""What a map and a sheet are drawn from: the newest run of a project, and its ledger if begun."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from landuse.errors import UserError
from landuse.ledger import open_ledger, shown
from landuse.ledger.plot_cases import plot_cases
from landuse.pipeline.ledger import url_of
from landuse.pipeline.site import Site

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["latest_cases", "newest_run"]

_NONE: Final = "ledger.no_ledger"


def newest_run(
    project: Path, db: str | None, env: Mapping[str, str], *, no_project: str, no_run: str
) -> Path:
    """The folder of the project's newest run.

    Raises :class:`landuse.errors.UserError` with the code ``no_project`` where the file does not
    exist, and ``no_run`` where nothing has been run yet.
    """
    if not project.is_file():
        raise UserError.of(no_project, value=str(project))
    site = Site(project, url_of(project, db, env))
    try:
        run = site.newest()
    finally:
        site.close()
    if run is None:
        raise UserError.of(no_run, value=str(project))
    return run.folder


def latest_cases(
    project: Path | None, db: str | None, env: Mapping[str, str]
) -> tuple[pd.DataFrame | None, str]:
    """PLOT_CASES and the ledger's address; nothing where no ledger was begun yet.

    Raises :class:`landuse.errors.UserError` where a ledger that is named is not there.
    """
    named = bool(db or env.get("LANDUSE_DB"))
    if project is None and not named:
        return None, ""
    url = url_of(project, db, env)
    try:
        ledger = open_ledger(url, create=False)
    except UserError as fault:
        if named or fault.issues[0].code != _NONE:
            raise
        return None, ""
    try:
        with ledger.read() as session:
            return plot_cases(session), shown(url)
    finally:
        ledger.close()
