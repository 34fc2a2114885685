"""The list of plots as a workbook: exactly what the filter shows, one row a plot."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from landuse.messages import text
from landuse.publish.plot_list import list_columns, list_rows
from landuse.publish.sheets import Sheet, Styles, write_sheet
from landuse.publish.whole import whole_file
from landuse.publish.workbook import open_workbook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from landuse.messages import Lang
    from landuse.publish.plots import PlotTable

__all__ = ["write_plot_book"]

_LONG: Final = frozenset({"firm"})


def write_plot_book(
    table: PlotTable,
    places: npt.NDArray[np.intp],
    path: Path,
    *,
    title: str,
    notes: Sequence[str] = (),
    as_of: dt.date,
    lang: Lang = "zh",
) -> None:
    """Write the plots at ``places``, in that order, with the columns of the page.

    ``notes`` stand above the heading (which run, which filter). Texts are text cells, whatever
    they begin with; memory does not grow with the rows. The same plots give the same bytes. Raises
    :class:`landuse.errors.UserError` where the file cannot be written.
    """
    columns = tuple(one.column for one in list_columns(table))
    sheet = Sheet(
        text("review_web.book_sheet", lang),
        list_rows(table, places, lang),
        columns,
        note="　".join(notes),
        long=_LONG,
    )
    made = dt.datetime.combine(as_of, dt.time())
    with whole_file(path) as part, open_workbook(part, title, made, part.parent) as book:
        write_sheet(book, sheet, Styles(book), title, lang)
