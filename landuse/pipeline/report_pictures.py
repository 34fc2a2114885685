"""The pictures of the report, drawn from its tables and the land of its parks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from landuse.crs import parse
from landuse.crs.systems import metres_per_unit
from landuse.messages import text
from landuse.publish.report.model import Book, Number, Table
from landuse.publish.report.park_map import park_map
from landuse.publish.report.pictures import bars, heat

if TYPE_CHECKING:
    from landuse.messages import Lang
    from landuse.pipeline.parks import ParkBook

__all__ = ["captions", "draw"]

_MOST: Final = 24
"""Bars, and rows of the heat table, that can still be read on a page."""
_Key = tuple[str, ...]


def captions(book: Book, lang: Lang) -> dict[str, str]:
    """The pictures that there is something to draw for, in the order of the report."""
    target, clusters = _target(book), _clusters(book)
    there = {
        "map": True,
        "heat": bool(book.tables["ratios"].rows),
        "target": bool(target),
        "clusters": bool(clusters),
    }
    some = {"heat": len(book.tables["ratios"]) > _MOST, "target": len(_target(book, 10**9)) > _MOST}
    return {
        name: text(f"report.chart_{name}{'_some' if some.get(name) else ''}", lang)
        for name, is_there in there.items()
        if is_there
    }


def draw(park_book: ParkBook, book: Book, folder: Path, lang: Lang) -> dict[str, Path]:
    """Draw the pictures of ``book.pictures`` into ``folder``."""
    found = {name: folder / f"{name}.png" for name in book.pictures}
    economy, ratios = book.tables["economy"], book.tables["ratios"]
    if "target" in found:
        elapsed = [economy.cell(row, "elapsed") for row in economy.rows]
        gone = next((one for one in elapsed if isinstance(one, Number)), None)
        line = None if gone is None else (text("report.chart_line", lang), gone)
        bars([(_named(economy, row), one) for row, one in _target(book)], found["target"], line)
    if "clusters" in found:
        shown = _clusters(book)
        before = [economy.cell(row, "before_yi") for row, _ in shown]
        bars(
            [(_named(economy, row), one) for row, one in shown], found["clusters"],
            before=[one if isinstance(one, Number) else None for one in before],
            words=(text("report.chart_now", lang), text("report.chart_before", lang)),
        )  # fmt: skip
    if "heat" in found:
        columns = [name for name in ratios.columns if name != "park" and _known(ratios, name)]
        heat(ratios, list(ratios.rows)[:_MOST], columns, found["heat"])
    _map(park_book, found["map"], lang)
    return found


def _map(park_book: ParkBook, path: Path, lang: Lang) -> None:
    done = park_book.ledger.disposals["parcel_ids"] if park_book.ledger is not None else ()
    rests = park_book.projects.loc[park_book.projects["state"] == "stopped", "project"]
    given = park_book.inputs.projects
    inputs = park_book.computed.inputs
    park_map(
        inputs.parks,
        park_book.computed.parcels,
        {code for one in done for code in str(one).split("; ")},
        set(given.loc[given["project"].isin(rests), "parcel_id"].astype(str)) - {""},
        float(metres_per_unit(parse(inputs.crs))),
        path,
        lang,
    )


def _known(table: Table, column: str) -> bool:
    return any(isinstance(cells.get(column), Number) for cells in table.each())


def _named(table: Table, row: _Key) -> str:
    return f"{table.cell(row, 'whom')} {table.cell(row, 'measure')}"


def _figures(table: Table, column: str, scope: str) -> list[tuple[_Key, Number]]:
    found = [(row, table.cell(row, column)) for row in table.rows if row[0] == scope]
    return [(row, one) for row, one in found if isinstance(one, Number)]


def _target(book: Book, most: int = _MOST) -> list[tuple[_Key, Number]]:
    """All parks together, then the parks; the slowest of them where they are too many."""
    economy = book.tables["economy"]
    whole = _figures(economy, "share_of_target", "all")
    each = _figures(economy, "share_of_target", "park")
    if len(whole) + len(each) > most:
        each = sorted(each, key=lambda one: (float(one[1].text), one[0]))[: most - len(whole)]
    return [*whole, *each]


def _clusters(book: Book) -> list[tuple[_Key, Number]]:
    found = _figures(book.tables["economy"], "value_yi", "cluster")
    return sorted(found, key=lambda one: (-float(one[1].text), one[0]))[:_MOST]
