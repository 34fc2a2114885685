"""``landuse ledger``: the group, and the commands that only look."""

# No `from __future__ import annotations`: see landuse.cli.commands.

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from landuse.cli import ledger_acts, ledger_book_commands, ledger_keeping, ledger_mending
from landuse.cli import ledger_screen as screen
from landuse.cli.ledger_options import Desk, argument, coded, day_option, desk, flag, option
from landuse.messages import Lang, text

__all__ = ["register"]

Commands = dict[str, Callable[..., int]]
SOURCES = (ledger_acts.commands, ledger_mending.commands, ledger_keeping.commands)
"""Each gives commands by name; the help of ``name`` is ``ledger_cli.help_<name>``."""


def register(
    app: typer.Typer, lang: Lang, command: type[TyperCommand], group: type[TyperGroup]
) -> None:
    """Add the group ``ledger`` to ``app``, with help in ``lang``."""
    ledger = typer.Typer(help=text("cli.help_ledger", lang), no_args_is_help=True, cls=group)
    for source in (_looking, *SOURCES):
        for name, function in source(lang).items():
            words = text(f"ledger_cli.help_{name}", lang)
            ledger.command(name, help=words, cls=command)(function)
    for name, (words, function) in ledger_book_commands.commands(lang).items():
        ledger.command(name, help=words, cls=command)(function)
    app.add_typer(ledger, name="ledger")


def _looking(lang: Lang) -> Commands:
    return {
        "list": _list(lang),
        "show": _show(lang),
        "history": _history(lang),
        "totals": _totals(lang),
    }


def _list(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=False)
    def list_(
        at: Desk,
        state: Annotated[str, option("state", lang)] = "",
        park: Annotated[str, option("park", lang)] = "",
        way: Annotated[str, option("way", lang)] = "",
        kind: Annotated[str, option("kind", lang)] = "",
        parcel: Annotated[str, option("parcel", lang)] = "",
        enterprise: Annotated[str, option("enterprise", lang)] = "",
        deadline_before: Annotated[datetime | None, day_option("deadline_before", lang)] = None,
        all_: Annotated[bool, flag("all", lang)] = False,
        as_json: Annotated[bool, flag("json", lang)] = False,
    ) -> int:
        from landuse.ledger.reading import Wanted, lines

        wanted = Wanted(
            state=coded("state", state),
            kind=coded("kind", kind),
            park=park,
            way=coded("way", way, "none"),
            parcel=parcel,
            enterprise=enterprise,
            deadline_before=deadline_before.date() if deadline_before else None,
        )
        with at.ledger() as ledger, ledger.read() as session:
            found = lines(session, wanted)
        if as_json:
            screen.as_json([_for_programs(dataclasses.asdict(one)) for one in found])
        else:
            screen.show_lines(found, lang, everything=all_)
        return 0

    return list_


def _for_programs(row: dict[str, Any]) -> dict[str, Any]:
    """Areas as decimals in words, so that no float comes between."""
    out: dict[str, Any] = {}
    for name, value in row.items():
        whole = name.removesuffix("_e4")
        out[whole] = screen.exact_mu(value) if whole != name else value
    return out


def _show(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=False)
    def show(at: Desk, case: Annotated[str, argument("case", lang)]) -> int:
        from landuse.cli.ledger_case import show_case
        from landuse.ledger.acts import find_case

        with at.ledger() as ledger, ledger.read() as session:
            show_case(session, find_case(session, case), at.today, lang)
        return 0

    return show


def _history(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=False)
    def history(
        at: Desk,
        case: Annotated[str, argument("case", lang)],
        as_json: Annotated[bool, flag("json", lang)] = False,
    ) -> int:
        from landuse.cli.ledger_case import event_row, show_history
        from landuse.ledger.acts import find_case
        from landuse.ledger.events import history as events_of

        with at.ledger() as ledger, ledger.read() as session:
            events = events_of(session, find_case(session, case))
        if as_json:
            screen.as_json([event_row(one) for one in events])
        else:
            show_history(events, lang)
        return 0

    return history


def _totals(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=False)
    def totals(
        at: Desk,
        on: Annotated[datetime | None, day_option("at_day", lang)] = None,
        as_json: Annotated[bool, flag("json", lang)] = False,
    ) -> int:
        from landuse.ledger.totals import totals as add_up

        with at.ledger() as ledger, ledger.read() as session:
            found = add_up(session, as_of=on.date() if on else None)
        if as_json:
            screen.as_json(found)
        else:
            screen.show_totals(found, lang)
        return 0

    return totals
