"""The ledger's verbs that need more than the ledger: a project file, a run folder, a file."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.intake.corrections import table_named
from landuse.intake.project import TABLES, load_project
from landuse.intake.safety import digest
from landuse.ledger import choose_url
from landuse.ledger.acts import find_case
from landuse.ledger.found_cases import Opened, open_from_run
from landuse.ledger.objections import FORM, Objection, corrections_table, object_to
from landuse.ledger.runs import find_run
from landuse.ledger.urls import file_of, parse
from landuse.pipeline.ledger_runs import read_run
from landuse.rules.document import read

if TYPE_CHECKING:
    from datetime import datetime

    from landuse.ledger.models import Correction
    from landuse.ledger.store import Ledger

__all__ = [
    "backups_of",
    "hash_of",
    "object_with_evidence",
    "open_found_cases",
    "open_sample_cases",
    "url_of",
    "write_corrections",
]

PROJECT: Final = Path("project.toml")


def url_of(project: Path | None, db: str | None, env: Mapping[str, str]) -> str:
    """The ledger that ``--db``, ``LANDUSE_DB`` or the project file names.

    Without any of them it is ``landuse.db`` beside the project file, which is ``project.toml`` here
    unless another is given. Of the project file only ``[database]`` is read: a fault elsewhere in
    it does not close the ledger. Raises :class:`landuse.errors.UserError`.
    """
    file = project or (PROJECT if PROJECT.is_file() else None)
    if file is None:
        if not (db or env.get("LANDUSE_DB")):
            raise UserError.of("ledger_runs.no_project", value=str(PROJECT))
        return choose_url(db, env)
    return choose_url(db, env, file, _database_of(file))


def backups_of(project: Path | None, url: str) -> Path | None:
    """Where automatic backups of a ledger on a server go: ``backups`` beside the project file.

    ``None`` (the ledger's own choice) for a file, which has them beside itself, and where there is
    no project file.
    """
    file = project or PROJECT
    if file_of(parse(url)) is not None or not file.is_file():
        return None
    return file.absolute().parent / "backups"


def _database_of(file: Path) -> str | None:
    table = read(file.absolute(), file.name).data.get("database")
    url = table.get("url") if isinstance(table, dict) else None
    return url if isinstance(url, str) and url.strip() else None


def open_found_cases(
    ledger: Ledger, folder: Path, kind: str, *, by: str, at: datetime, why: str = ""
) -> Opened:
    """Record the run in ``folder`` and open a case for each finding that asks for one.

    Raises :class:`landuse.errors.UserError` where ``folder`` is no run folder, or the run is not
    the latest one.
    """
    record = read_run(folder)
    with ledger.write() as session:
        return open_from_run(session, record, kind, by=by, at=at, why=why)


def open_sample_cases(ledger: Ledger, folder: Path, *, by: str, at: datetime) -> int:
    """The cases that the sample's run asks for, for either reason; how many were opened.

    A run that is recorded already is left as it is: people may have played with its cases.
    """
    record = read_run(folder)
    with ledger.write() as session:
        if find_run(session, record.run_id) is not None:
            return 0
        return len(open_from_run(session, record, "both", by=by, at=at).cases)


def object_with_evidence(
    ledger: Ledger,
    objection: Objection,
    case: str,
    evidence: Path | None,
    *,
    by: str,
    at: datetime,
) -> Correction:
    """Record an objection; its table may be named as people name it, the evidence is hashed.

    Without a key it speaks of the only parcel of the case. Raises
    :class:`landuse.errors.UserError`.
    """
    table = table_named(objection.table)
    if table not in TABLES or table == "corrections":
        known = ", ".join(name for name in TABLES if name != "corrections")
        raise UserError.of("ledger_runs.unknown_table", value=objection.table, known=known)
    if evidence is not None:
        objection = replace(
            objection, evidence_name=evidence.name, evidence_sha256=hash_of(evidence)
        )
    with ledger.write() as session:
        row = find_case(session, case) if case else None
        if row is not None and not objection.key and table == "parcels":
            codes = [parcel.parcel_id for parcel in row.parcels if not parcel.removed]
            objection = replace(objection, key=codes[0] if len(codes) == 1 else "")
        return object_to(session, replace(objection, table=table), row, by=by, at=at)


def hash_of(file: Path) -> str:
    """SHA-256 of a file that somebody gives as evidence or as a document."""
    if not file.is_file():
        raise UserError.of("ledger_runs.no_file", value=str(file))
    return digest(file)


def write_corrections(
    ledger: Ledger, project: Path | None, target: Path, *, over: bool = False
) -> int:
    """Write the accepted corrections as the ``corrections`` table of the next run; their number.

    Headings are those that the project's own ``[corrections]`` uses, so that both files can stand
    in its list of paths. UTF-8 with BOM; an existing file is replaced only if ``over``.
    """
    with ledger.read() as session:
        table = corrections_table(session)
    if target.exists() and not over:
        raise UserError.of("ledger_runs.file_exists", value=str(target))
    headings = _headings(project or (PROJECT if PROJECT.is_file() else None))
    said = io.StringIO(newline="")
    writer = csv.writer(said, lineterminator="\r\n")
    writer.writerow([headings.get(name, name) for name in FORM])
    writer.writerows(table.itertuples(index=False, name=None))
    _put(target, said.getvalue().encode("utf-8-sig"))
    return len(table)


def _headings(project: Path | None) -> dict[str, Any]:
    if project is None:
        return {}
    source = load_project(project).corrections
    return {name: column.from_ for name, column in source.columns.items()} if source else {}


def _put(target: Path, content: bytes) -> None:
    """Whole or not at all."""
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(target)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        raise UserError.of("ledger_runs.cannot_write", value=str(target), what=fault) from fault
