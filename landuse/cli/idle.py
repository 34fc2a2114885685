"""``landuse idle``: findings by kind, fees proposed, and the dates that come next."""

# No `from __future__ import annotations`: the help texts depend on `lang` (see `commands`).

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.models import ArgumentInfo, OptionInfo

from landuse.cli import screen
from landuse.messages import Lang, text

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["idle_command", "show_idle"]

_DATES = 10


def idle_command(
    lang: Lang, project_argument: ArgumentInfo, as_of_option: OptionInfo, lang_option: OptionInfo
) -> Callable[..., int]:
    """The command, with help in ``lang``."""

    def idle(
        project: Annotated[Path, project_argument],
        out: Annotated[
            Path | None,
            typer.Option("--out", help=text("cli.option_out_idle", lang), metavar="DIR"),
        ] = None,
        as_of: Annotated[datetime | None, as_of_option] = None,
        language: Annotated[str, lang_option] = lang,
    ) -> int:
        screen.known_language(language, lang)
        from landuse.pipeline.idle_run import find_idle_land

        with screen.steps(lang) as progress:
            run = find_idle_land(
                project,
                out=out,
                as_of=as_of.date() if as_of else None,
                lang=lang,
                progress=progress,
            )
        show_idle(run, lang)
        return 0

    return idle


def show_idle(run: Any, lang: Lang) -> None:  # noqa: ANN401 - an IdleRun; its module is heavy
    """What a run of idle land found, on standard output."""
    from rich.console import Console

    console = Console(soft_wrap=False, highlight=False, emoji=False)
    totals = run.totals
    console.print(_table(lang, "findings", _finding_rows(totals, lang)))
    console.print(_table(lang, "status", _status_rows(totals, lang)))
    fee = text("cli.idle_fee", lang, fee=f"{totals['idle_fee_wan']:,.2f}")
    console.print(fee, soft_wrap=True)
    coming = _coming(run.coming(_DATES), lang)
    if coming:
        console.print(_table(lang, "dates", coming))
    screen.show_ending(run, console, lang, map_too=False, workbook="idle.xlsx")


def _table(lang: Lang, name: str, rows: list[list[str]]) -> "Table":
    """A table under ``cli.idle_<name>``, its headings in the sentence ``cli.idle_<name>_heads``."""
    from rich.table import Table

    table = Table(title=text(f"cli.idle_{name}", lang), title_justify="left", title_style="bold")
    for head in text(f"cli.idle_{name}_heads", lang).split("|"):
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(screen.escape(cell) for cell in row))
    return table


def _finding_rows(totals: dict[str, Any], lang: Lang) -> list[list[str]]:
    rows = [
        [text(f"idle.finding_{name}", lang), str(count)]
        for name, count in totals["idle_contracts"].items()
    ]
    return [*rows, [text("cli.idle_all", lang), str(totals["supply_contracts"])]]


def _status_rows(totals: dict[str, Any], lang: Lang) -> list[list[str]]:
    return [
        [text(f"idle.land_{name}", lang), str(cell["count"]), f"{cell['mu']:,.2f}"]
        for name, cell in totals["land_status"].items()
        if cell["count"]
    ]


def _coming(coming: Any, lang: Lang) -> list[list[str]]:  # noqa: ANN401 - a frame
    """Two lines a contract, so that no code is broken on a narrow terminal."""
    return [
        [
            f"{row['on']:%Y-%m-%d}\n" + text(f"cli.idle_full_{row['years']}", lang),
            str(row["days"]),
            f"{row['contract_no']}\n{row['parcel_id']}",
            row["holder"],
        ]
        for row in coming.to_dict("records")
    ]
