"""``landuse serve``: the pages, on this computer or before a reverse proxy."""

# No `from __future__ import annotations`: see landuse.cli.commands.

import contextlib
import getpass
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperCommand

from landuse.cli import screen
from landuse.errors import UserError
from landuse.messages import Lang, text

if TYPE_CHECKING:
    from landuse.pipeline.site import Site
    from landuse.web.settings import Settings

__all__ = ["register"]


def register(app: typer.Typer, lang: Lang, command: type[TyperCommand]) -> None:
    """Add the command ``serve`` to ``app``, with help in ``lang``."""
    app.command("serve", help=text("cli.help_serve", lang), cls=command)(_serve(lang))


def _option(name: str, lang: Lang, metavar: str | None = None) -> Any:  # noqa: ANN401 - as typer has it
    words = text(f"serve.option_{name}", lang)
    return typer.Option(f"--{name.replace('_', '-')}", help=words, metavar=metavar)


def _serve(lang: Lang) -> Callable[..., int]:
    def serve(
        project: Annotated[
            Path, typer.Argument(help=text("cli.argument_project", lang), metavar="PROJECT.TOML")
        ] = Path("project.toml"),
        db: Annotated[str | None, _option("db", lang, "URL|FILE")] = None,
        host: Annotated[str, _option("host", lang, "ADDRESS")] = "127.0.0.1",
        port: Annotated[int, _option("port", lang, "N")] = 8000,
        name: Annotated[list[str] | None, _option("name", lang, "NAME")] = None,
        proxy: Annotated[list[str] | None, _option("proxy", lang, "ADDRESS")] = None,
        no_browser: Annotated[bool, _option("no_browser", lang)] = False,
        language: Annotated[
            str, typer.Option("--lang", help=text("cli.option_lang", lang), metavar="zh|en")
        ] = lang,
    ) -> int:
        screen.known_language(language, lang)
        from landuse.web.settings import Settings

        settings = Settings(
            host=host,
            port=port,
            lang=lang,
            recorder=_system_user(),
            names=tuple(name or ()),
            proxies=tuple(proxy or ()),
            tianditu_key=os.environ.get("LANDUSE_TIANDITU_KEY", "").strip(),
        )
        return _run(_site(project, db), settings, browser=not no_browser)

    return serve


def _system_user() -> str:
    try:
        name = getpass.getuser().strip()
    except (ImportError, KeyError, OSError):
        name = ""
    if not name:
        raise UserError.of("ledger_cli.nobody")
    return name


def _site(project: Path, db: str | None) -> "Site":
    from landuse.pipeline.ledger import url_of
    from landuse.pipeline.site import Site

    if not project.is_file():
        raise UserError.of("serve.no_project", value=str(project))
    has_key = bool(os.environ.get("LANDUSE_TIANDITU_KEY", "").strip())
    return Site(project, url_of(project, db, os.environ), tianditu=has_key)


def _run(site: "Site", settings: "Settings", *, browser: bool) -> int:
    import uvicorn

    from landuse.web.app import create_app
    from landuse.web.seats import has_accounts

    ledger = site.ledger()
    accounts = has_accounts(site)
    if not accounts and (not settings.is_loopback or settings.proxies or settings.names):
        raise UserError.of("serve.accounts_needed", value=settings.host)
    listener = _listen(settings)
    address = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{address}:{listener.getsockname()[1]}/"
    _tell(site, settings, url, ledger.shown, accounts=accounts)
    config = uvicorn.Config(
        create_app(site, settings),
        log_level="warning",
        access_log=False,
        proxy_headers=False,  # the guard believes declared proxies only
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    if browser and _has_screen():
        timer = threading.Timer(1.0, webbrowser.open, [url])
        timer.daemon = True
        timer.start()
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl+C is how it is ended
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _has_screen() -> bool:
    """On a server without a screen Python would start a text browser in this very terminal."""
    if os.name == "nt" or sys.platform == "darwin":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _listen(settings: "Settings") -> socket.socket:
    """The socket, so that a port in use is told in words before anything else is said."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if os.name != "nt":  # on Windows the option would let a second server steal the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(128)  # whoever comes before the pages are ready waits
    except (OSError, OverflowError) as error:
        listener.close()
        place = f"{settings.host}:{settings.port}"
        what = getattr(error, "strerror", None) or str(error)
        raise UserError.of("serve.port_taken", value=place, what=what) from error
    return listener


def _tell(site: "Site", settings: "Settings", url: str, ledger: str, *, accounts: bool) -> None:
    lang, console = settings.lang, Console(highlight=False)

    def say(code: str, **values: object) -> None:
        console.print(escape(text(code, lang, **values)), soft_wrap=True)

    say("serve.started", url=url, project=site.project, ledger=ledger)
    if not accounts:
        say("serve.local", user=settings.recorder)
    elif not settings.is_loopback:
        name = next(iter(settings.names), "land.example.gov.cn")
        say("serve.tls", name=name, port=settings.port, project=site.project.name)
