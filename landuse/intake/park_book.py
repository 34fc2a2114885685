"""A workbook of the park tables that somebody hands in: one sheet a table, named as we name it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from landuse.errors import UserError
from landuse.intake.books import read_book
from landuse.intake.park_tables import read_park_inputs
from landuse.intake.project import PARK_TABLES, EnterpriseSource, Project, RulesRef, Source
from landuse.schema.headings import fold
from landuse.schema.park_tables import PARK_TABLES as TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from landuse.intake.park_tables import ParkInputs
    from landuse.issues import IssueLog

__all__ = ["read_park_book", "sheets_of"]

_NOTHING: Final = Source(path=("-",))


def sheets_of(path: Path) -> dict[str, str]:
    """Table → the sheet of the workbook ``path`` that is named like it, in either language.

    Raises :class:`landuse.errors.UserError` where the file is no workbook or has no such sheet.
    """
    if not path.is_file():
        raise UserError.of("park_book.no_file", file=path.name, value=str(path))
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        raise UserError.of("park_book.not_a_workbook", file=path.name, value=path.suffix)
    names = {fold(sheet.name): sheet.name for sheet in read_book(path, path.name)}
    found = {}
    for name in PARK_TABLES:
        for label in (TABLES[name].zh, TABLES[name].en, name):
            if fold(label) in names:
                found[name] = names[fold(label)]
                break
    if not found:
        words = "、".join(TABLES[name].zh for name in PARK_TABLES)
        raise UserError.of(
            "park_book.no_sheet", file=path.name, value=", ".join(names.values()), words=words
        )
    return found


def read_park_book(path: Path, log: IssueLog) -> ParkInputs:
    """The park tables in the sheets of ``path``, read and checked as those of a project.

    Raises :class:`landuse.errors.UserError` for structural faults.
    """
    sheets = sheets_of(path)
    project = Project(
        file=path.absolute().parent / "project.toml",
        name=path.stem,
        year=2000,  # no park table is of a project's year
        parcels=_NOTHING,
        enterprises=EnterpriseSource(path=("-",)),
        rules=RulesRef(pack="three-indicator"),
    )
    given = {name: Source(path=(path.name,), sheet=sheet) for name, sheet in sheets.items()}
    project = project.model_copy(update=given)
    return read_park_inputs(project, log)
