"""``results.xlsx``: the workbook that planners read, print and fill in."""

from __future__ import annotations

import contextlib
import datetime as dt
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.messages import LANGUAGES, Lang, text
from landuse.publish.folder import user_errors
from landuse.publish.lists import issues_sheet, sheets
from landuse.publish.lock import BusyError, hold
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
        with _alone(path), contextlib.ExitStack() as cleaning:
            cleaning.callback(part.unlink, missing_ok=True)
            title = text("workbook.sheet_issues", lang)
            with open_workbook(part, title, _EPOCH) as book:
                styles = Styles(book)
                write_sheet(book, issues_sheet(issues, lang), styles, title, lang)
                if counts is not None:
                    name = text("workbook.sheet_counts", lang)
                    columns = tuple(COUNTS)
                    write_sheet(book, Sheet(name, counts, columns), styles, title, lang)
            part.replace(path)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Of two checks at once, one writes."""
    try:
        with hold(path.with_name(f".{path.name}.{_MARK}-lock")):
            yield
    except BusyError as fault:
        raise UserError.of("workbook.busy", value=str(path)) from fault


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
    """Whether a workbook is a list of issues with our mark in its properties.

    Other workbooks of ours (results, ledgers) are filled in by people and never replaced.
    """
    titles = {f"<dc:title>{text('workbook.sheet_issues', lang)}</dc:title>" for lang in LANGUAGES}
    try:
        with zipfile.ZipFile(path) as archive:
            app = archive.read("docProps/app.xml").decode("utf-8")
            core = archive.read("docProps/core.xml").decode("utf-8")
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, KeyError, ValueError):
        return False
    return f"<Company>{_MARK}</Company>" in app and any(title in core for title in titles)
