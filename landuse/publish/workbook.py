"""``results.xlsx``: the workbook that planners read, print and fill in."""

from __future__ import annotations

import contextlib
import datetime as dt
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.messages import Lang, text
from landuse.publish.folder import user_errors
from landuse.publish.lists import issues_sheet, sheets
from landuse.publish.run_tables import RunTables
from landuse.publish.sheets import Sheet, Styles, write_sheet
from landuse.publish.summary import write_summary
from landuse.schema.published import COUNTS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["open_workbook", "write_issues", "write_workbook"]

_MARK: Final = "landuse"
_EPOCH: Final = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook's time has no zone


def write_workbook(run: RunTables, path: Path, *, lang: Lang = "zh") -> None:
    """Write the workbook of a run; the same run gives the same bytes.

    Every text of the user is a text cell, never a formula, a link or a number; what a cell cannot
    hold is shown as a sign. Raises ``OSError`` if the file cannot be written.
    """
    project = run.manifest["project"]
    made = dt.datetime.fromisoformat(project["as_of"])
    with open_workbook(path, project["name"], made, path.parent) as book:
        styles = Styles(book)
        write_summary(book, run, styles, lang)
        for sheet in sheets(run, lang):
            write_sheet(book, sheet, styles, project["name"], lang)


def write_issues(
    issues: pd.DataFrame, counts: pd.DataFrame | None, path: Path, *, lang: Lang = "zh"
) -> None:
    """Write the issues of a check, and how many rows were read, as one workbook.

    Raises :class:`UserError` if ``path`` holds a file that is not ours or is open elsewhere.
    """
    with user_errors(path):
        if not path.name or path.is_dir():
            raise UserError.of("workbook.is_a_folder", value=str(path))
        lock = path.with_name(f".~lock.{path.name}#")
        if lock.exists() or path.with_name(f"~${path.name}").exists():
            raise UserError.of("publish.file_open", value=str(path))
        if path.exists() and not _is_ours(path):
            raise UserError.of("workbook.foreign_file", value=str(path))
        part = path.with_name(f".{path.name}.{_MARK}-new")
        try:
            title = text("workbook.sheet_issues", lang)
            with open_workbook(part, title, _EPOCH) as book:
                styles = Styles(book)
                write_sheet(book, issues_sheet(issues, lang), styles, title, lang)
                if counts is not None:
                    name = text("workbook.sheet_counts", lang)
                    columns = tuple(COUNTS)
                    write_sheet(book, Sheet(name, counts, columns), styles, title, lang)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def open_workbook(
    path: Path, title: str, made: dt.datetime, scratch: Path | None = None
) -> Iterator[Any]:
    """An open workbook; ``scratch`` is the folder for the sheets while they are written."""
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    book = xlsxwriter.Workbook(
        str(path),
        {
            "constant_memory": True,
            "tmpdir": str(scratch) if scratch else None,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "use_zip64": True,
        },
    )
    book.set_properties({"title": title, "company": _MARK, "created": made})
    try:
        yield book
        book.close()
    except XlsxWriterException as fault:
        cause = fault.args[0] if fault.args and isinstance(fault.args[0], OSError) else None
        raise cause or OSError(str(fault)) from fault


def _is_ours(path: Path) -> bool:
    """Whether a workbook bears our mark in its properties."""
    try:
        with zipfile.ZipFile(path) as archive:
            return f"<Company>{_MARK}</Company>" in archive.read("docProps/app.xml").decode("utf-8")
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError):
        return False
