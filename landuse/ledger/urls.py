"""Which database, and how to name it without its password."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from landuse.errors import UserError

__all__ = ["DEFAULT_NAME", "ENV", "choose_url", "file_of", "masked", "parse", "secrets_of", "shown"]

ENV: Final = "LANDUSE_DB"
DEFAULT_NAME: Final = "landuse.db"
_POSTGRES: Final = frozenset({"postgresql", "postgres", "postgis", "postgresql+psycopg"})
_SECRET: Final = re.compile(r"pass|pwd|secret|token", re.IGNORECASE)
_USERINFO: Final = re.compile(r"(?<=://)[^/\s]*(?=@)|(?<=://).*(?=@)")
_PAIR: Final = re.compile(r"(?i)((?:ssl)?passw(?:or)?d|pwd|token)(\s*[=:]\s*)('[^']*'|[^\s&;'\"]+)")


def choose_url(
    option: str | None,
    env: Mapping[str, str],
    project_file: Path | None = None,
    project_url: str | None = None,
) -> str:
    """The database to use: the option, else ``LANDUSE_DB``, else the project's, else a file.

    ``project_url`` is what the project file says under ``[database] url``; a relative path there
    counts from the project file, elsewhere from the working folder. The last choice is
    ``landuse.db`` beside the project file.
    """
    for given in (option, env.get(ENV)):
        if given and given.strip():
            return given.strip()
    base = project_file.absolute().parent if project_file else Path.cwd()
    if not project_url:
        return str(base / DEFAULT_NAME)
    path = file_of(project_url)
    return str(base / path) if path is not None else project_url


def parse(url: str | Path) -> URL:
    """A path or URL as SQLAlchemy's URL; SQLite paths absolute.

    Raises :class:`~landuse.errors.UserError` (without the URL's secrets) where it names no
    database that the ledger knows.
    """
    written = str(url).strip()
    if isinstance(url, Path) or "://" not in written:
        if not written:
            raise UserError.of("ledger.url_empty")
        return URL.create("sqlite", database=str(Path(written).expanduser().absolute()))
    try:
        parsed = make_url(written)
        _ = parsed.port
    except (ArgumentError, ValueError):
        raise UserError.of("ledger.url_unreadable", value=masked(written)) from None
    if "@" in (parsed.host or ""):  # of a password that is not written with %40
        raise UserError.of("ledger.url_unreadable", value=masked(written))
    if parsed.drivername in _POSTGRES:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        raise UserError.of("ledger.url_unknown_kind", value=parsed.get_backend_name())
    if not parsed.database or parsed.database == ":memory:" or parsed.query:
        raise UserError.of("ledger.url_no_file", value=masked(written))
    path = Path(parsed.database).expanduser().absolute()
    return URL.create("sqlite", database=str(path))


def secrets_of(url: URL) -> dict[str, str]:
    """What a server's URL says in parameters that must never be shown (``sslpassword=...``)."""
    return {
        name: value
        for name, value in url.query.items()
        if _SECRET.search(name) and isinstance(value, str)
    }


def file_of(url: str | Path | URL) -> Path | None:
    """The file of an SQLite database as it is written; ``None`` for a server."""
    if isinstance(url, URL):
        if url.get_backend_name() == "sqlite" and url.database:
            return Path(url.database)
        return None
    written = str(url).strip()
    if "://" not in written:
        return Path(written).expanduser()
    if not written.lower().startswith("sqlite"):
        return None
    name = make_url(written).database
    return Path(name).expanduser() if name else None


def shown(url: str | Path | URL) -> str:
    """The database in words for people: a path, or a URL without any password.

    >>> shown("postgresql://plan:p%40ss@db.example:5433/land?sslpassword=x")
    'postgresql://plan:***@db.example:5433/land?sslpassword=***'
    """
    if isinstance(url, Path):
        return str(url)
    if isinstance(url, str):
        try:
            url = parse(url)
        except UserError:
            return masked(str(url))
    path = file_of(url)
    if path is not None:
        return str(path)
    hidden = {name: "***" if _SECRET.search(name) else value for name, value in url.query.items()}
    plain = url.set(drivername="postgresql", query=hidden)
    return plain.render_as_string(hide_password=True).replace("%2A%2A%2A", "***")


def masked(words: str) -> str:
    """Any text without what may be a password in it: user parts of URLs, ``password=...``.

    >>> masked("could not parse postgresql://a:b@c@host/x, password='secret one'")
    'could not parse postgresql://***@host/x, password=***'
    """
    return _PAIR.sub(r"\1\2***", _USERINFO.sub("***", words))
