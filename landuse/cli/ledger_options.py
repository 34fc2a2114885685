"""What every ledger command takes: where the ledger is, who acts, and why."""

from __future__ import annotations

import getpass
import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.models import ArgumentInfo, OptionInfo

from landuse.cli import ledger_screen, screen
from landuse.errors import UserError
from landuse.messages import text

if TYPE_CHECKING:
    from landuse.ledger.store import Ledger
    from landuse.messages import Lang

__all__ = ["Desk", "argument", "coded", "day_option", "desk", "flag", "now", "option"]

PROJECT: Final = Path("project.toml")
_METAVARS: Final = {
    "address": "TEXT", "by": "NAME", "case": "CASE", "column": "COLUMN", "db": "URL|FILE",
    "decision": "accept|reject|withdraw", "document": "FILE", "enterprise": "NAME",
    "evidence": "FILE", "file": "FILE", "floor": "M2", "issue_type": "TEXT", "key": "KEY",
    "kind": "low_efficiency|idle|both", "lang": "zh|en", "mu": "MU", "name": "TEXT", "new": "VALUE",
    "note": "TEXT", "number": "N", "old": "VALUE", "parcel": "PARCEL_ID", "park": "PARK",
    "person": "NAME", "problems": "TEXT", "progress": "TEXT", "project": "PROJECT.TOML",
    "receiver": "NAME", "run": "RUN", "state": "STATE", "table": "TABLE", "to_url": "URL|FILE",
    "township": "TOWNSHIP", "unit": "UNIT", "way": "WAY", "why": "TEXT",
}  # fmt: skip


def option(name: str, lang: Lang, spelt: str = "") -> OptionInfo:
    """An option ``--name`` (or as ``spelt``) with its help and metavar."""
    made: OptionInfo = typer.Option(
        spelt or f"--{name.replace('_', '-')}",
        help=text(f"ledger_cli.option_{name}", lang),
        metavar=_METAVARS.get(name),
    )
    return made


def flag(name: str, lang: Lang) -> OptionInfo:
    """An option that is given or not."""
    flags = f"--{name.replace('_', '-')}"
    made: OptionInfo = typer.Option(flags, help=text(f"ledger_cli.option_{name}", lang))
    return made


def day_option(name: str, lang: Lang, spelt: str = "") -> OptionInfo:
    """An option that is a day."""
    made: OptionInfo = typer.Option(
        spelt or f"--{name.replace('_', '-')}",
        help=text(f"ledger_cli.option_{name}", lang),
        formats=["%Y-%m-%d"],
        metavar="YYYY-MM-DD",
    )
    return made


def argument(name: str, lang: Lang) -> ArgumentInfo:
    """A positional argument."""
    made: ArgumentInfo = typer.Argument(
        help=text(f"ledger_cli.argument_{name}", lang), metavar=_METAVARS.get(name)
    )
    return made


@dataclass(frozen=True)
class Desk:
    """Where the ledger is and who sits before it. Here alone the clock is read."""

    project: Path | None
    db: str | None
    by: str
    why: str
    lang: Lang
    now: datetime

    @property
    def today(self) -> date:
        """The day on which this happens, in China."""
        from landuse.ledger.days import day_of

        return day_of(self.now)

    @property
    def who(self) -> dict[str, Any]:
        """Who, when and why, as every change of the ledger takes it."""
        return {"by": self.by, "at": self.now, "why": self.why}

    def url(self) -> str:
        """Where the ledger is: ``--db``, else ``LANDUSE_DB``, else as the project file says."""
        from landuse.pipeline.ledger import url_of

        return url_of(self.project, self.db, os.environ)

    def backups(self, url: str) -> Path | None:
        """Where automatic backups of the ledger at ``url`` go; ``None``: its own choice."""
        from landuse.pipeline.ledger import backups_of

        return backups_of(self.project, url)

    def ledger(self, *, create: bool = False) -> Ledger:
        """The ledger, open; says on standard error what there is to know about its place."""
        from landuse.ledger import open_ledger

        url = self.url()
        ledger = open_ledger(url, create=create, backups=self.backups(url))
        if len(ledger.issues):
            ledger_screen.warn(list(ledger.issues), self.lang)
        return ledger


def desk(
    lang: Lang, *, writes: bool, why: bool = True
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Give a command ``--project``, ``--db``, ``--lang`` and, where it writes, ``--by``, ``--why``
    (unless nothing asks ``why``).

    The command takes a :class:`Desk` before its own parameters.
    """
    shared = _shared(lang, writes=writes, why=writes and why)

    def dress(function: Callable[..., int]) -> Callable[..., int]:
        own = list(inspect.signature(function).parameters.values())[1:]

        def command(**given: Any) -> int:  # noqa: ANN401 - whatever the options are
            place = {name: given.pop(name) for name in shared}
            screen.known_language(place["language"], lang)
            by = place.get("by")
            who = _somebody(by) if writes else ""
            return function(
                Desk(
                    place["project"],
                    place["db"],
                    who,
                    place.get("why") or "",
                    lang,
                    now(),
                ),
                **given,
            )

        command.__name__ = function.__name__
        command.__signature__ = inspect.Signature([*own, *shared.values()])  # type: ignore[attr-defined]
        command.__annotations__ = {}
        return command

    return dress


def _shared(lang: Lang, *, writes: bool, why: bool) -> dict[str, inspect.Parameter]:
    kinds: dict[str, tuple[Any, Any]] = {
        "project": (Path | None, option("project", lang)),
        "db": (str | None, option("db", lang)),
    }
    if writes:
        kinds["by"] = (str | None, option("by", lang))
    if why:
        kinds["why"] = (str | None, option("why", lang))
    parameters = {
        name: inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind, info]
        )
        for name, (kind, info) in kinds.items()
    }
    parameters["language"] = inspect.Parameter(
        "language",
        inspect.Parameter.KEYWORD_ONLY,
        default=lang,
        annotation=Annotated[
            str, typer.Option("--lang", help=text("cli.option_lang", lang), metavar="zh|en")
        ],
    )
    return parameters


def coded(group: str, written: str, *also: str) -> str:
    """The code of a state, way, kind or paper that is given as code or in words; blank is blank.

    ``also`` are further codes that the command takes. Raises
    :class:`landuse.errors.UserError` naming all of them.
    """
    from landuse.ledger import states

    if not written.strip():
        return ""
    codes = {
        "state": tuple(states.STATES),
        "way": states.WAYS,
        "kind": states.KINDS,
        "paper": states.PAPERS,
    }[group] + also
    wished = written.strip().casefold()
    for code in codes:
        words = (states.word(group, code), states.word(group, code, "en"))
        if wished in {code.casefold(), *(word.casefold() for word in words)}:
            return code
    known = {
        "zh": "、".join(f"{states.word(group, code)}（{code}）" for code in codes),
        "en": ", ".join(codes),
    }
    raise UserError.of(
        "ledger_cli.unknown_word", value=written, known_zh=known["zh"], known_en=known["en"]
    )


def now() -> datetime:
    """The clock of this machine; no other module of the ledger's commands reads it."""
    return datetime.now(UTC)


def _somebody(by: str | None) -> str:
    """Who acts: the option, else the system's user; refused where neither names anybody."""
    if by is not None:
        name = by.strip()
    else:
        try:
            name = getpass.getuser().strip()
        except (ImportError, KeyError, OSError):
            name = ""
    if not name:
        raise UserError.of("ledger_cli.nobody")
    return name
