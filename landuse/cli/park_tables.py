"""Tables about parks on a terminal of any width: a number is never broken over two lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len
from rich.markup import escape
from rich.table import Table

from landuse.messages import Lang, text

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["said", "show_facts", "show_table"]

_PADDING: Final = 3
"""Columns of the terminal that a border and the space around a cell take."""
_TEXT: Final = 14
_CODE: Final = 20
_HEAD: Final = 6
"""A text folds below this width, a code (letters and digits) below that, a heading not below."""


def said(cell: Any) -> str:  # noqa: ANN401 - a Cell
    """What stands in a cell."""
    return "" if cell is None else cell if isinstance(cell, str) else str(cell.text)


def show_table(
    console: Console,
    table: Any,  # noqa: ANN401 - a Table of landuse.publish.report.model
    lang: Lang,
    columns: Iterable[str] = (),
) -> None:
    """A table of the report; ``columns``: only these. What does not fit beside each other stands in
    further tables below, with the first column again."""
    names = [name for name in columns or table.columns if name in table.columns]
    rows = list(table.rows.values())
    if not rows:
        console.print(escape(text("park_cli.empty_table", lang, name=table.title)), soft_wrap=True)
        return
    for at, group in enumerate(_groups(names, table, rows, console.width)):
        title = table.title if not at else text("park_cli.continued", lang, name=table.title)
        shown = Table(title=escape(title), title_justify="left", title_style="bold")
        widths = _widths(group, table, rows, console.width)
        for name, width in zip(group, widths, strict=True):
            right = _holds_numbers(name, rows)
            shown.add_column(
                escape(table.columns[name]), overflow="fold", width=width,
                justify="right" if right else "left",
            )  # fmt: skip
        for row in rows:
            shown.add_row(*(escape(said(row.get(name))) for name in group))
        console.print(shown)


def _holds_numbers(name: str, rows: Sequence[Any]) -> bool:
    return any(not isinstance(row.get(name), str | None) for row in rows)


def _needed(name: str, table: Any, rows: Sequence[Any]) -> int:  # noqa: ANN401
    """The least width of a column."""
    cells = [said(row.get(name)) for row in rows]
    longest = max(map(cell_len, cells), default=0)
    if not _holds_numbers(name, rows):
        longest = min(longest, _CODE if all(map(str.isascii, cells)) else _TEXT)
    return max(longest, min(cell_len(table.columns[name]), _HEAD), 1)


def _wished(name: str, table: Any, rows: Sequence[Any]) -> int:  # noqa: ANN401
    """The width in which nothing folds."""
    cells = [cell_len(said(row.get(name))) for row in rows]
    return max([cell_len(table.columns[name]), *cells, 1])


def _groups(
    names: Sequence[str],
    table: Any,  # noqa: ANN401
    rows: Sequence[Any],
    width: int,
) -> list[list[str]]:
    """Columns that fit beside each other, the first one in each."""
    if not names:
        return []
    first, *others = names
    start = _needed(first, table, rows) + _PADDING + 1
    groups, used = [[first]], start
    for name in others:
        more = _needed(name, table, rows) + _PADDING
        if used + more > width and len(groups[-1]) > 1:
            groups.append([first])
            used = start
        groups[-1].append(name)
        used += more
    return groups


def _widths(
    group: Sequence[str],
    table: Any,  # noqa: ANN401
    rows: Sequence[Any],
    width: int,
) -> list[int]:
    """The width of each column: what it needs, and a share of what is left."""
    widths = [_needed(name, table, rows) for name in group]
    wished = [_wished(name, table, rows) for name in group]
    left = width - 1 - sum(widths) - _PADDING * len(group)
    while left > 0:
        at = max(range(len(group)), key=lambda n: (wished[n] - widths[n], -n))
        if wished[at] <= widths[at]:
            break
        widths[at] += 1
        left -= 1
    return widths


def show_facts(console: Console, table: Any, cells: Any) -> None:  # noqa: ANN401
    """One row of a table, a line a column; blank ones are left out."""
    shown = Table(title=escape(table.title), title_justify="left", title_style="bold",
                  show_header=False)  # fmt: skip
    shown.add_column(overflow="fold")
    shown.add_column(overflow="fold", justify="left")
    for name, head in table.columns.items():
        if said(cells.get(name)):
            shown.add_row(escape(head), escape(said(cells[name])))
    console.print(shown)
