"""``landuse park list | show | assess``, ``enterprise``, ``promises``, ``match``."""

# No `from __future__ import annotations`: see landuse.cli.commands.

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from typer.core import TyperCommand, TyperGroup

from landuse.cli import park_book_commands
from landuse.cli.park_options import console, need_table, open_book, project_options, with_book
from landuse.errors import UserError
from landuse.messages import Lang, text

if TYPE_CHECKING:
    from landuse.pipeline.enterprise import Firm
    from landuse.pipeline.parks import ParkBook

__all__ = ["open_book", "project_options", "register"]

_LIST = ("park", "type", "total", "supplied", "built", "idle", "low_efficiency", "available",
         "revitalised")  # fmt: skip
_MARGIN = 2
_MOST = {"--near": 1, "--growth": 100}

Place = tuple[Path, str | None]
"""Project file and ledger as the options name them."""


def register(
    app: typer.Typer, lang: Lang, command: type[TyperCommand], group: type[TyperGroup]
) -> typer.Typer:
    """Add the commands about parks to ``app``; gives the group ``park`` back, for more of them."""
    desk = typer.Typer(help=text("cli.help_park", lang), no_args_is_help=True, cls=group)
    for name, function in (("list", _list(lang)), ("show", _show(lang)), ("assess", _assess(lang))):
        desk.command(name, help=text(f"park_cli.help_{name}", lang), cls=command)(function)
    for name, (words, function) in park_book_commands.commands(lang).items():
        desk.command(name, help=words, cls=command)(function)
    app.add_typer(desk, name="park")
    alone = {"enterprise": _enterprise(lang), "promises": _promises(lang), "match": _match(lang)}
    for name, function in alone.items():
        app.command(name, help=text(f"cli.help_{name}", lang), cls=command)(function)
    return desk


def _argument(name: str, metavar: str, lang: Lang) -> Any:  # noqa: ANN401 - as typer has it
    return typer.Argument(help=text(f"park_cli.argument_{name}", lang), metavar=metavar)


def _list(lang: Lang) -> Callable[..., int]:
    @with_book(lang)
    def park_list(book: "ParkBook") -> int:
        from landuse.cli.park_tables import show_table
        from landuse.pipeline.report_tables import land

        _need_parks(book)
        show_table(console(), land(book, lang), lang, _LIST)
        return 0

    return park_list


def _need_parks(book: "ParkBook") -> None:
    if not (book.accounts["park"] != "").any():
        raise UserError.of("park_cli.no_parks", file=book.project.file.name)


def _show(lang: Lang) -> Callable[..., int]:
    @with_book(lang)
    def park_show(
        book: "ParkBook",
        park: Annotated[str, _argument("park", "PARK", lang)],
    ) -> int:
        from landuse.cli.park_show import show_park

        known = [str(one) for one in book.accounts["park"] if one]
        if park not in known:
            raise UserError.of("park_cli.unknown_park", value=park, known="、".join(known) or "–")
        show_park(console(), book, park, lang)
        return 0

    return park_show


def _assess(lang: Lang) -> Callable[..., int]:
    @with_book(lang)
    def park_assess(book: "ParkBook") -> int:
        from landuse.parks import explain_assessment

        _need_parks(book)
        screen = console()
        if "park_register" not in book.inputs.given:
            screen.print(escape(text("park_cli.no_register", lang)), soft_wrap=True)
        order = book.assessment.sort_values(["park_type", "rank", "park"])
        for park in order["park"]:
            said = explain_assessment(
                str(park), book.assessment, book.assessment_parts, book.rules, lang
            )
            screen.print(escape(said[0]), soft_wrap=True, style="bold")
            for line in said[1:]:
                screen.print(" " * _MARGIN + escape(line), soft_wrap=True)
        return 0

    return park_assess


def _promises(lang: Lang) -> Callable[..., int]:
    @with_book(lang)
    def promises(book: "ParkBook") -> int:
        from landuse.cli.park_tables import show_table
        from landuse.pipeline.enterprise import promise_lists
        from landuse.pipeline.report_tables import promises as by_park

        need_table(book, "promises")
        show_table(console(), by_park(book, lang), lang)
        show_table(console(), promise_lists(book, lang)[0], lang)
        return 0

    return promises


def _match(lang: Lang) -> Callable[..., int]:
    @with_book(lang)
    def match(
        book: "ParkBook",
        plot: Annotated[str, _argument("plot", "PLOT|PARK", lang)],
        force: Annotated[
            bool, typer.Option("--any", help=text("park_cli.option_any", lang))
        ] = False,
    ) -> int:
        from landuse.cli.park_tables import show_table
        from landuse.ledger.states import word
        from landuse.pipeline.offers import proposals, unready_plots

        need_table(book, "demand")
        found, reasons = proposals(book, lang, [plot], force=force)
        screen = console()
        for code, number, state in unready_plots(book, [plot]):
            name = "plot_not_confirmed" if number else "plot_forced"
            said = word("state", state, lang) if state else ""
            words = text(f"park_cli.{name}", lang, value=code, number=number, state=said)
            screen.print(escape(words), soft_wrap=True, style="yellow")
        show_table(screen, found, lang, [one for one in found.columns if one != "offer"])
        show_table(screen, reasons, lang, [one for one in reasons.columns if one != "offer"])
        return 0

    return match


def _share_option(name: str, lang: Lang) -> Any:  # noqa: ANN401 - as typer has it
    return typer.Option(f"--{name}", help=text(f"park_cli.option_{name}", lang), metavar="SHARE")


def _enterprise(lang: Lang) -> Callable[..., int]:
    @with_book(lang, place=True)
    def enterprise(
        book: "ParkBook",
        place: Place,
        uscc: Annotated[str, _argument("uscc", "[USCC]", lang)] = "",
        near: Annotated[str | None, _share_option("near", lang)] = None,
        growth: Annotated[str | None, _share_option("growth", lang)] = None,
    ) -> int:
        limits = {"near": _share("--near", near), "growth": _share("--growth", growth)}
        if uscc:
            _show_firm(book, place, uscc, limits, lang)
        else:
            _show_lists(book, limits, lang)
        return 0

    return enterprise


def _share(option: str, said: str | None) -> Fraction | None:
    """A share as people write it: 0.2, 20%, 20％.

    >>> _share("--near", "20％"), _share("--near", None)
    (Fraction(1, 5), None)
    """
    if said is None:
        return None
    written = said.strip().replace("％", "%")
    try:
        plain = Fraction(written.removesuffix("%"))
        share = plain / 100 if written.endswith("%") else plain
    except (ValueError, ZeroDivisionError):
        share = Fraction(-1)
    if not 0 <= share <= _MOST[option]:
        raise UserError.of("park_cli.bad_share", option=option, value=said, most=_MOST[option])
    return share


def _show_lists(book: "ParkBook", limits: dict[str, Fraction | None], lang: Lang) -> None:
    """Without a firm: the candidates and the chains, from which to choose one."""
    from landuse.cli.park_tables import show_table
    from landuse.pipeline.enterprise_tables import list_tables

    rules, screen = book.rules, console()
    usual = {"near": rules.scale_near_share, "growth": rules.growth_from}
    chosen = {name: usual[name] if limits[name] is None else limits[name] for name in usual}
    said = {name: f"{float(share or 0) * 100:g}" for name, share in chosen.items()}
    screen.print(escape(text("park_cli.lists_from", lang, **said)), soft_wrap=True)
    for table in list_tables(book, lang, **limits).values():
        show_table(screen, table, lang)


def _show_firm(
    book: "ParkBook", place: Place, uscc: str, limits: dict[str, Fraction | None], lang: Lang
) -> None:
    from landuse.cli.park_tables import show_table
    from landuse.pipeline.enterprise import candidates
    from landuse.pipeline.enterprise_tables import firm_tables

    firm = _firm(book, place, uscc, candidates(book, **limits))
    screen = console()
    screen.print(escape(f"{firm.uscc}  {firm.name}"), style="bold", soft_wrap=True)
    for name in firm.lists:
        screen.print(escape(text(f"park_cli.on_{name}", lang)), soft_wrap=True)
    for table in firm_tables(firm, lang):
        if table.rows:
            show_table(screen, table, lang)


def _firm(book: "ParkBook", place: Place, uscc: str, lists: Any) -> "Firm":  # noqa: ANN401
    """The file of a firm, with what the ledger's runs found of it."""
    from landuse.pipeline.enterprise import firm_file
    from landuse.pipeline.park_ledger import ledger_if_there

    project, db = place
    ledger = ledger_if_there(project, db, os.environ)
    if ledger is None:
        return firm_file(book, uscc, lists=lists)
    try:
        with ledger.read() as session:
            return firm_file(book, uscc, session, lists=lists)
    finally:
        ledger.close()
