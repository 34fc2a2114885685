"""``landuse user``: who may sign in to ``landuse serve``, and as what."""

# No `from __future__ import annotations`: see landuse.cli.commands.

import getpass
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from typer.core import TyperCommand, TyperGroup

from landuse.cli.ledger_options import Desk, desk
from landuse.errors import UserError
from landuse.messages import Lang, text

__all__ = ["register"]

_ROLES = "viewer|reviewer|administrator"


def register(
    app: typer.Typer, lang: Lang, command: type[TyperCommand], group: type[TyperGroup]
) -> None:
    """Add the group ``user`` to ``app``, with help in ``lang``."""
    user = typer.Typer(help=text("cli.help_user", lang), no_args_is_help=True, cls=group)
    made: dict[str, Callable[..., int]] = {
        "add": _add(lang),
        "list": _list(lang),
        "passwd": _passwd(lang),
        "role": _role(lang),
        "disable": _switch(lang, disabled=True),
        "enable": _switch(lang, disabled=False),
        "logins": _logins(lang),
    }
    for name, function in made.items():
        words = text(f"account.help_{name}", lang)
        user.command(name, help=words, cls=command)(function)
    app.add_typer(user, name="user")


def _name(lang: Lang) -> Any:  # noqa: ANN401 - as typer has it
    return typer.Argument(help=text("account.argument_name", lang), metavar="NAME")


def _from_stdin(lang: Lang) -> Any:  # noqa: ANN401 - as typer has it
    return typer.Option("--password-stdin", help=text("account.option_password_stdin", lang))


def _add(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True, why=False)
    def add(
        at: Desk,
        name: Annotated[str, _name(lang)],
        role: Annotated[
            str,
            typer.Option("--role", help=text("account.option_role", lang), metavar=_ROLES),
        ] = "viewer",
        password_stdin: Annotated[bool, _from_stdin(lang)] = False,
    ) -> int:
        from landuse.ledger import accounts

        password = _password(name, lang, from_stdin=password_stdin)
        with at.ledger(create=True) as ledger, ledger.write() as session:
            made = accounts.create(session, name, role, password, by=at.by, at=at.now)
        _say("done_add", lang, value=made.name, role=text(f"account.role_{made.role}", lang))
        return 0

    return add


def _list(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=False)
    def list_(at: Desk) -> int:
        from landuse.ledger import accounts
        from landuse.ledger.stale import local

        with at.ledger() as ledger, ledger.read() as session:
            found = accounts.listed(session)
        if not found:
            _say("nobody_yet", lang)
            return 0
        table = Table()
        for head in ("name", "role", "standing", "last_login", "created"):
            table.add_column(text(f"account.head_{head}", lang), overflow="fold")
        for one in found:
            table.add_row(
                escape(one.name),
                text(f"account.role_{one.role}", lang),
                text("account.disabled" if one.disabled else "account.enabled", lang),
                local(one.last_login) if one.last_login else "",
                escape(f"{local(one.created_at)} {one.created_by}"),
            )
        Console(highlight=False, emoji=False).print(table)
        return 0

    return list_


def _passwd(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True, why=False)
    def passwd(
        at: Desk,
        name: Annotated[str, _name(lang)],
        password_stdin: Annotated[bool, _from_stdin(lang)] = False,
    ) -> int:
        from landuse.ledger import accounts

        with at.ledger() as ledger:
            with ledger.read() as session:
                known = accounts.find(session, name).name
            password = _password(known, lang, from_stdin=password_stdin)
            with ledger.write() as session:
                accounts.set_password(session, known, password, by=at.by, at=at.now)
        _say("done_passwd", lang, value=known)
        return 0

    return passwd


def _role(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=True, why=False)
    def role_(
        at: Desk,
        name: Annotated[str, _name(lang)],
        role: Annotated[
            str, typer.Argument(help=text("account.option_role", lang), metavar=_ROLES)
        ],
    ) -> int:
        from landuse.ledger import accounts

        with at.ledger() as ledger, ledger.write() as session:
            row = accounts.set_role(session, name, role, by=at.by, at=at.now)
        _say("done_role", lang, value=row.name, role=text(f"account.role_{row.role}", lang))
        return 0

    return role_


def _switch(lang: Lang, *, disabled: bool) -> Callable[..., int]:
    @desk(lang, writes=True, why=False)
    def switch(at: Desk, name: Annotated[str, _name(lang)]) -> int:
        from landuse.ledger import accounts

        with at.ledger() as ledger, ledger.write() as session:
            row = accounts.set_disabled(session, name, disabled=disabled, by=at.by, at=at.now)
        _say("done_disable" if disabled else "done_enable", lang, value=row.name)
        return 0

    return switch


def _logins(lang: Lang) -> Callable[..., int]:
    @desk(lang, writes=False)
    def logins_(at: Desk) -> int:
        from landuse.ledger import logins
        from landuse.ledger.stale import local

        with at.ledger() as ledger, ledger.read() as session:
            found = logins.latest(session)
        table = Table()
        for head in ("at", "name", "address", "outcome"):
            table.add_column(text(f"account.head_{head}", lang), overflow="fold")
        for one in found:
            words = text(f"account.outcome_{one.outcome}", lang)
            table.add_row(local(one.at), escape(one.name), escape(one.address), words)
        Console(highlight=False, emoji=False).print(table)
        return 0

    return logins_


def _password(name: str, lang: Lang, *, from_stdin: bool) -> str:
    """The password, typed twice and unseen, or the first line of standard input.

    It is never an option of the command: those can be read by everybody on the machine.
    """
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise UserError.of("account.no_terminal")
    first = getpass.getpass(text("account.ask_password", lang, value=name))
    if getpass.getpass(text("account.ask_again", lang)) != first:
        raise UserError.of("account.passwords_differ")
    return first


def _say(code: str, lang: Lang, **values: object) -> None:
    words = text(f"account.{code}", lang, **values)
    Console(highlight=False, emoji=False).print(escape(words), soft_wrap=True)
