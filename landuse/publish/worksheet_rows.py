"""Many rows of a worksheet at once: the bytes that the library writes, made column by column.

A distinct text is escaped once, whatever number of cells it stands in, and a row is one join of
what stands between the places where its number goes.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import CellStringTuple, Worksheet

if TYPE_CHECKING:
    from xlsxwriter.format import Format

__all__ = ["Cell", "PlainWorksheet"]

Cell = str | int | float | dt.date | None

_NOT_PLAIN: Final = re.compile(r"[&<>\"\x00-\x1f\x7f-\x9f\ufffe\uffff]|_x|^\s|\s$")
"""What the library may write in another way than it stands."""
_NUMBERS: Final = frozenset({int, float, type(None)})
_ROW, _FIRST, _END = '<row r="', '<c r="A1', "</row>"

_letters = cache(xl_col_to_name)


class PlainWorksheet(Worksheet):  # type: ignore[misc,unused-ignore]
    """In constant memory the writer takes ``<r>…</r>`` for markup of its own: here it is text."""

    fh: Any

    def _xml_rich_inline_string(self, string: str, attributes: list[tuple[str, str]]) -> None:
        self._xml_inline_string(string, True, attributes)

    def write_rows(
        self,
        first: int,
        columns: Sequence[Sequence[Cell]],
        kinds: Sequence[Format],
        heights: Sequence[float | None],
    ) -> None:
        """Write rows from ``first`` on, after whatever was written before; none may follow above.

        ``columns`` hold the cells of each column from the left, ``kinds`` their formats,
        ``heights`` the height of every row (``None``: one line). Texts must fit into a cell.
        """
        if not heights:
            return
        self._write_single_row(first)  # the row that waits
        last = first + len(heights) - 1
        for row, column in ((first, 0), (last, len(columns) - 1)):
            self._check_dimensions(row, column)
        opened = {height: self._opened(first, height) for height in set(heights)}
        tails = [
            self._tails(values, kind, place, place == len(columns) - 1)
            for place, (values, kind) in enumerate(zip(columns, kinds, strict=True))
        ]
        rows = zip(repeat(_ROW), [opened[height] for height in heights], *tails)
        self.fh.write("".join([str(n).join(row) for n, row in enumerate(rows, first + 1)]))
        self.previous_row = last + 1

    def _opened(self, row: int, height: float | None) -> str:
        """What stands between the number of a row and that of its first cell."""
        self.set_row(row, height)
        tag = self._written(lambda: self._write_row(row, None, self.row_info.get(row)))
        return tag.removeprefix(f"{_ROW}{row + 1}") + f'<c r="{_letters(0)}'

    def _tails(
        self, values: Sequence[Cell], kind: Format, place: int, at_end: bool
    ) -> Iterable[str]:
        """Each cell from behind its row's number to before the next one."""
        head = f'" s="{kind._get_xf_index()}"'  # noqa: SLF001 - as the library asks for it
        after = _END if at_end else f'<c r="{_letters(place + 1)}'
        blank = f"{head}/>{after}"
        if _NUMBERS.issuperset(map(type, values)):
            before, behind = f"{head}><v>", f"</v></c>{after}"
            return [blank if value is None else f"{before}{value:.16G}{behind}" for value in values]
        known = {
            value: blank if value is None else self._tail(value, head, kind) + after
            for value in set(values)
        }
        return map(known.__getitem__, values)

    def _tail(self, value: str | float | dt.date, head: str, kind: Format) -> str:
        if isinstance(value, dt.date):
            value = self._convert_date_time(value)
        if not isinstance(value, str):
            return f"{head}><v>{value:.16G}</v></c>"
        if not _NOT_PLAIN.search(value):
            return f'{head} t="inlineStr"><is><t>{value}</t></is></c>'
        text = CellStringTuple(value, kind)
        return self._written(lambda: self._write_cell(0, 0, text)).removeprefix(_FIRST)

    def _written(self, write: Any) -> str:  # noqa: ANN401 - any call
        """What the library writes in a call."""
        file, self.fh = self.fh, io.StringIO()
        try:
            write()
            written: str = self.fh.getvalue()
        finally:
            self.fh = file
        return written
