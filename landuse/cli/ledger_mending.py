"""The ledger commands that mend a case, add papers to it, or set a change back."""

# No `from __future__ import annotations`: see landuse.cli.commands.

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from landuse.cli import ledger_screen as screen
from landuse.cli.ledger_acts import Day, change, day, floor, given_only, mu, paper, something
from landuse.cli.ledger_options import Desk, argument, coded, day_option, desk, option
from landuse.errors import UserError
from landuse.messages import Lang

__all__ = ["commands"]


def commands(lang: Lang) -> dict[str, Callable[..., int]]:
    """The commands by name."""
    return {"resize": _resize(lang), "document": _document(lang), "undo": _undo(lang)}


def _resize(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True)
    def resize(
        at: Desk,
        case: Annotated[str, argument("case", lang)],
        mu_: Annotated[str | None, option("mu", lang)] = None,
        floor_: Annotated[str | None, option("floor", lang)] = None,
        kind: Annotated[str | None, option("kind", lang)] = None,
        revision: Annotated[int | None, option("revision", lang)] = None,
    ) -> int:
        from landuse.ledger import land

        area = given_only(mu_e4=mu(mu_), floor_area_m2_e2=floor(floor_))
        something({**area, **given_only(kind=kind)})

        def work(session: Any, row: Any) -> None:  # noqa: ANN401
            expected = revision
            if kind is not None:
                land.reclassify(
                    session, row, coded("kind", kind), expected_revision=expected, **at.who
                )
                expected = None
            if area:
                land.resize(session, row, expected_revision=expected, **at.who, **area)

        return change(at, case, work)

    return resize


def _document(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True)
    def document(
        at: Desk,
        case: Annotated[str, argument("case", lang)],
        name: Annotated[str | None, option("name", lang)] = None,
        kind: Annotated[str, option("paper", lang, "--paper")] = "other",
        file: Annotated[Path | None, option("file", lang)] = None,
        dated: Annotated[Day, day_option("dated", lang)] = None,
        served_on: Annotated[Day, day_option("served_on", lang)] = None,
        reply_by: Annotated[Day, day_option("reply_by", lang)] = None,
        number: Annotated[int | None, option("number", lang)] = None,
        revision: Annotated[int | None, option("revision", lang)] = None,
    ) -> int:
        from dataclasses import replace

        from landuse.ledger import papers

        dates = given_only(dated=day(dated), served_on=day(served_on), deadline=day(reply_by))
        made = paper(name, file, dated, coded("paper", kind))
        if made is None and number is None:
            raise UserError.of("ledger_cli.paper_without_name")

        def work(session: Any, row: Any) -> None:  # noqa: ANN401
            if number is not None:
                papers.revise(session, row, number, expected_revision=revision, **at.who, **dates)
            else:
                whole = replace(made, served_on=day(served_on), deadline=day(reply_by))
                papers.record(session, row, whole, expected_revision=revision, **at.who)

        return change(at, case, work)

    return document


def _undo(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True)
    def undo(
        at: Desk,
        event: Annotated[int, argument("event", lang)],
        revision: Annotated[int | None, option("revision", lang)] = None,
    ) -> int:
        from landuse.ledger.acts import undo as set_back

        with at.ledger() as ledger:
            with ledger.write() as session:
                case = set_back(session, event, expected_revision=revision, **at.who)
                number, state = case.number, case.state
            words = screen.word("state", state, lang)
            screen.say("undone", lang, number=number, by=at.by, n=event, state=words)
        return 0

    return undo
