"""The ledger commands that change a case. Every one says who did what, and what came of it."""

# No `from __future__ import annotations`: see landuse.cli.commands.

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from landuse.cli import ledger_screen as screen
from landuse.cli.ledger_options import Desk, argument, coded, day_option, desk, flag, option
from landuse.errors import UserError
from landuse.messages import Lang

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from landuse.ledger.models import Case

__all__ = ["change", "commands", "day", "floor", "given_only", "mu", "paper", "something"]

Day = datetime | None


def commands(lang: Lang) -> dict[str, Callable[..., int]]:
    """The commands by name."""
    return {
        "advance": _advance(lang),
        "assign": _assign(lang),
        "note": _note(lang),
        "dispose": _dispose(lang),
        "accept": _accept(lang),
        "close": _close(lang),
        "defer": _defer(lang),
    }


def change(at: Desk, number: str, work: "Callable[[Session, Case], object]") -> int:
    """Do ``work`` on one case in one transaction, then say who changed how much of it."""
    from landuse.ledger.acts import find_case
    from landuse.ledger.reading import carried_to

    with at.ledger() as ledger:
        with ledger.write() as session:
            case = find_case(session, number)
            before = case.revision
            work(session, case)
            now, state = case.revision, case.state
            rest = carried_to(session, case.id) if state == "closed" and now != before else None
        words = screen.word("state", state, at.lang)
        code = "changed" if now != before else "unchanged"
        screen.say(code, at.lang, number=number, by=at.by, n=now - before, state=words)
        if rest is not None:
            screen.say("carried", at.lang, number=rest[0], mu=screen.mu(rest[1]))
    return 0


def day(value: Day) -> date | None:
    """The day of an option."""
    return value.date() if value else None


def mu(value: str | None) -> int | None:
    """Mu × 10⁴ of an option."""
    from landuse import scaled

    return None if value is None else scaled.parse(value, scaled.MU, column="--mu")


def floor(value: str | None) -> int | None:
    """m² × 10² of an option."""
    from landuse import scaled

    return None if value is None else scaled.parse(value, scaled.FLOOR_M2, column="--floor")


def given_only(**values: object) -> Any:  # noqa: ANN401 - what the case's rules take
    """What was given; an option that was not is left out."""
    return {name: value for name, value in values.items() if value is not None}


def _advance(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True)
    def advance(
        at: Desk,
        case: Annotated[str, argument("case", lang)],
        state: Annotated[str, argument("state", lang)],
        from_: Annotated[Day, day_option("from", lang)] = None,
        to: Annotated[Day, day_option("to", lang)] = None,
        survey_note: Annotated[str | None, option("survey_note", lang)] = None,
        objection: Annotated[str | None, option("objection", lang)] = None,
        document: Annotated[str | None, option("document", lang)] = None,
        file: Annotated[Path | None, option("file", lang)] = None,
        dated: Annotated[Day, day_option("dated", lang)] = None,
        way: Annotated[str | None, option("way", lang)] = None,
        unit: Annotated[str | None, option("unit", lang)] = None,
        person: Annotated[str | None, option("person", lang)] = None,
        deadline: Annotated[Day, day_option("deadline", lang)] = None,
        started_on: Annotated[Day, day_option("started_on", lang)] = None,
        mu_: Annotated[str | None, option("mu", lang)] = None,
        accepted_on: Annotated[Day, day_option("accepted_on", lang)] = None,
        carry_rest: Annotated[bool, flag("carry_rest", lang)] = False,
        revision: Annotated[int | None, option("revision", lang)] = None,
    ) -> int:
        from landuse.ledger.cases import advance as move

        needs = given_only(
            publication_from=day(from_),
            publication_to=day(to),
            survey_note=survey_note,
            objection=objection,
            document=paper(document, file, dated),
            way=None if way is None else coded("way", way),
            responsible_unit=unit,
            responsible_person=person,
            deadline=day(deadline),
            started_on=day(started_on),
            disposed_mu_e4=mu(mu_),
            accepted_on=day(accepted_on),
            carry_rest=carry_rest or None,
        )
        to_state = coded("state", state)
        return change(
            at,
            case,
            lambda session, row: move(
                session, row, to_state, expected_revision=revision, **at.who, **needs
            ),
        )

    return advance


def paper(name: str | None, file: Path | None, dated: Day, kind: str = "confirmation") -> Any:  # noqa: ANN401
    """A document with the hash of its file; named after the file where no name is given."""
    if name is None and file is None:
        return None
    from landuse.ledger.papers import Paper
    from landuse.pipeline.ledger import hash_of

    return Paper(
        name=name or (file.name if file else ""),
        kind=kind,
        dated=day(dated),
        sha256=hash_of(file) if file else "",
    )


def _assign(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True)
    def assign(
        at: Desk,
        case: Annotated[str, argument("case", lang)],
        unit: Annotated[str | None, option("unit", lang)] = None,
        person: Annotated[str | None, option("person", lang)] = None,
        deadline: Annotated[Day, day_option("deadline", lang)] = None,
        revision: Annotated[int | None, option("revision", lang)] = None,
    ) -> int:
        from landuse.ledger.cases import assign as say_who

        given = given_only(responsible_unit=unit, responsible_person=person, deadline=day(deadline))
        something(given)
        return change(
            at,
            case,
            lambda session, row: say_who(
                session, row, expected_revision=revision, **at.who, **given
            ),
        )

    return assign


def _note(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True)
    def note(
        at: Desk,
        case: Annotated[str, argument("case", lang)],
        progress: Annotated[str | None, option("progress", lang)] = None,
        issue_type: Annotated[str | None, option("issue_type", lang)] = None,
        problems: Annotated[str | None, option("problems", lang)] = None,
        notes: Annotated[str | None, option("notes", lang)] = None,
        address: Annotated[str | None, option("address", lang)] = None,
        enterprise: Annotated[str | None, option("enterprise", lang)] = None,
        revision: Annotated[int | None, option("revision", lang)] = None,
    ) -> int:
        from landuse.ledger.cases import describe

        given = given_only(
            progress=progress,
            issue_type=issue_type,
            problems=problems,
            notes=notes,
            address=address,
            original_enterprises=enterprise,
        )
        something(given)
        return change(
            at,
            case,
            lambda session, row: describe(
                session, row, expected_revision=revision, **at.who, **given
            ),
        )

    return note


def something(given: dict[str, object]) -> None:
    """Refuse a command that says nothing to change."""
    if not given:
        raise UserError.of("ledger_cli.nothing_given")


def _dispose(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True)
    def dispose(
        at: Desk,
        case: Annotated[str, argument("case", lang)],
        way: Annotated[str | None, option("way", lang)] = None,
        mu_: Annotated[str | None, option("mu", lang)] = None,
        floor_: Annotated[str | None, option("floor", lang)] = None,
        receiver: Annotated[str | None, option("receiver", lang)] = None,
        started_on: Annotated[Day, day_option("started_on", lang)] = None,
        part: Annotated[int | None, option("part", lang)] = None,
        drop: Annotated[bool, flag("drop", lang)] = False,
        revision: Annotated[int | None, option("revision", lang)] = None,
    ) -> int:
        from landuse.ledger import parts

        given = given_only(
            way=None if way is None else coded("way", way),
            mu_e4=mu(mu_),
            floor_area_m2_e2=floor(floor_),
            receiving_enterprise=receiver,
            started_on=day(started_on),
        )
        who = {"expected_revision": revision, **at.who}
        if part is None and (drop or "way" not in given):
            raise UserError.of("ledger_cli.part_or_way")

        def work(session: Any, row: Any) -> None:  # noqa: ANN401
            if part is None:
                parts.dispose(session, row, **who, **given)
            elif drop:
                parts.drop(session, row, part, **who)
            else:
                something(given)
                parts.change(session, row, part, **who, **given)

        return change(at, case, work)

    return dispose


def _accept(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True)
    def accept(
        at: Desk,
        case: Annotated[str, argument("case", lang)],
        part: Annotated[int, argument("part", lang)],
        on: Annotated[Day, day_option("on", lang)] = None,
        revision: Annotated[int | None, option("revision", lang)] = None,
    ) -> int:
        from landuse.ledger.parts import accept as take

        when = day(on) or at.today
        return change(
            at,
            case,
            lambda session, row: take(
                session, row, part, accepted_on=when, expected_revision=revision, **at.who
            ),
        )

    return accept


def _close(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True)
    def close(
        at: Desk,
        case: Annotated[str, argument("case", lang)],
        on: Annotated[Day, day_option("on", lang)] = None,
        carry_rest: Annotated[bool, flag("carry_rest", lang)] = False,
        revision: Annotated[int | None, option("revision", lang)] = None,
    ) -> int:
        from landuse.ledger.cases import advance as move

        needs = given_only(accepted_on=day(on), carry_rest=carry_rest or None)
        return change(
            at,
            case,
            lambda session, row: move(
                session, row, "closed", expected_revision=revision, **at.who, **needs
            ),
        )

    return close


def _defer(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True)
    def defer(
        at: Desk,
        case: Annotated[str, argument("case", lang)],
        revision: Annotated[int | None, option("revision", lang)] = None,
    ) -> int:
        from landuse.ledger.cases import advance as move

        return change(
            at,
            case,
            lambda session, row: move(
                session, row, "deferred", expected_revision=revision, **at.who
            ),
        )

    return defer
