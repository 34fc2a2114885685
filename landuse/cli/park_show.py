"""``landuse park show``: one park, heading by heading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.markup import escape

from landuse.cli.park_tables import show_facts, show_table
from landuse.messages import Lang, text

if TYPE_CHECKING:
    from rich.console import Console

    from landuse.pipeline.parks import ParkBook

__all__ = ["show_park"]

_PROGRESS: Final = ("measure", "value_micro", "growth", "share_of_city", "conflict")
_TARGETS: Final = ("measure", "target_micro", "share_of_target", "elapsed",
                   "expected_year_micro", "expected_from", "expected_share_of_target",
                   "pace_year_micro", "pace_share_of_target")  # fmt: skip


def show_park(console: Console, book: ParkBook, park: str, lang: Lang) -> None:
    """Register and land, ratios, economy, projects, promises, the grade and why, contradictions."""
    from landuse.parks import explain_assessment
    from landuse.pipeline import report_lists as lists
    from landuse.pipeline import report_tables as made

    _register(console, book, park, lang)
    for table in (made.land(book, lang), made.ratios(book, lang)):
        show_facts(console, table, table.rows.get((park,), {}))
    _economy(console, book, park, lang)
    for table in (lists.projects_by_park(book, lang), made.promises(book, lang)):
        if (park,) in table.rows:
            show_facts(console, table, table.rows[park,])
    if park in set(book.assessment["park"]):
        said = explain_assessment(park, book.assessment, book.assessment_parts, book.rules, lang)
        for sentence in said:
            console.print(escape(sentence), soft_wrap=True)
    _doubts(console, book, park, lang)


_DOUBT: Final = ("rule", "period", "measure", "stated", "computed")


def _doubts(console: Console, book: ParkBook, park: str, lang: Lang) -> None:
    """What contradicts itself about the park, and what its tables leave in doubt."""
    from landuse.pipeline import report_lists as lists

    table = lists.contradictions(book, lang, park)
    if len(table):
        table.rows = {key: dict(row) for key, row in zip(table.keys(), table.each(), strict=True)}
        show_table(console, table, lang, _DOUBT)
    for issue in book.log:
        if issue.code.startswith("parks.") and str(issue.key or "") == park:
            console.print(escape(issue.message(lang)), soft_wrap=True)


def _register(console: Console, book: ParkBook, park: str, lang: Lang) -> None:
    """What the register states, each as it is stated."""
    from landuse.pipeline.park_economy import register_table

    table = register_table(book, park, lang)
    for cells in table.rows.values():
        show_facts(console, table, cells)


def _economy(console: Console, book: ParkBook, park: str, lang: Lang) -> None:
    """The last period of the park: figures, targets, scale; the clusters of the county then."""
    from landuse.pipeline import park_economy as made

    mine = book.figures[(book.figures["scope"] == "park") & (book.figures["key"] == park)]
    period = made.last_period(mine)
    if period:
        table = made.park_economy(book, park, period, lang)
        title = table.title
        for columns, word in ((_PROGRESS, "title_progress"), (_TARGETS, "title_targets")):
            table.title = text(f"park_cli.{word}", lang, name=title, period=period)
            show_table(console, table, lang, columns)
    for whose in (park, ""):
        period = made.last_period(book.scales[book.scales["park"] == whose])
        if period:
            table = made.scales_table(book, whose, period, lang)
            name = whose or text("park_cli.whole_county", lang)
            table.title = text("park_cli.title_of", lang, name=f"{table.title} {name}",
                               period=period)  # fmt: skip
            show_table(console, table, lang)
    period = made.last_period(book.clusters)
    if period:
        for table in (made.kinds_table(book, period, lang),
                      made.clusters_table(book, period, lang)):  # fmt: skip
            table.title = text("park_cli.title_of", lang, name=table.title, period=period)
            show_table(console, table, lang)
