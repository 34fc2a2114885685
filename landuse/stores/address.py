"""Addresses of object stores: which are taken, and what a store answers in words."""

from __future__ import annotations

import contextlib
import errno
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from landuse.errors import LanduseError, UserError

__all__ = [
    "GLOB",
    "HOSTS",
    "in_words",
    "is_store",
    "is_url",
    "one_place",
    "open_store",
    "refuse_secrets",
    "shown",
    "told",
]

_STORES: Final = frozenset(
    ("s3", "s3a", "oss", "cos", "cosn", "obs", "tos", "gs", "gcs", "abfs", "abfss", "az", "adl",
     "hdfs", "webhdfs", "memory")
)  # fmt: skip
"""Protocols of stores from which inputs are read; a page of the web is none."""

_URL: Final = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
HOSTS: Final = frozenset(("hdfs", "webhdfs"))
"""Protocols whose addresses begin with a machine, and a port."""
_NAMED: Final = HOSTS | {"abfs", "abfss", "az", "adl"}
"""Protocols that have an ``@`` which follows no key: ``container@account``, ``user@machine``."""
_USER: Final = re.compile(r"([a-z][a-z0-9+.-]*)://(\S*)@", re.IGNORECASE)
GLOB: Final = re.compile(r"[*?\[]")
"""What makes an address a pattern."""
_PORT: Final = re.compile(r"[^@:]*:[0-9]+")
_PARAMETERS: Final = re.compile(r"[?][\w.&%~-]+=.*$", re.DOTALL)
_FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EROFS))
"""What only a disk answers: a copy could not be written."""


def is_url(text: str) -> bool:
    """Whether ``text`` names a place on a store, not a file.

    >>> is_url("s3://bucket/run"), is_url("runs/2026"), is_url("C:/runs")
    (True, False, False)
    """
    return _URL.match(text) is not None


def is_store(text: str) -> bool:
    """Whether ``text`` names a place from which inputs are read.

    >>> is_store("s3://bucket/parcels/*.parquet"), is_store("https://example.org/a.parquet")
    (True, False)
    """
    return is_url(text) and text.partition("://")[0].lower() in _STORES


def shown(url: str) -> str:
    """The address, or a text with one in it, without what may be secret.

    >>> shown("s3://key:secret@bucket/run?token=1")
    's3://bucket/run'
    >>> shown("abfss://land@account.dfs.core.windows.net/part-?.parquet")
    'abfss://land@account.dfs.core.windows.net/part-?.parquet'
    """
    return _USER.sub(_without_keys, _PARAMETERS.sub("", url))


def _without_keys(found: re.Match[str]) -> str:
    """The start of an address up to its last ``@``, if that is no part of a name."""
    protocol, before = found[1].lower(), found[2]
    first, slash, _ = before.partition("/")
    if protocol in HOSTS and slash and _PORT.fullmatch(first.rpartition("@")[2]):
        first = first.rpartition("@")[0]
    named = "@" in first or not slash
    secret = ":" in first or (named and protocol not in _NAMED)
    return f"{found[1]}://" if secret else found[0]


def refuse_secrets(url: str) -> None:
    """Raise :class:`landuse.errors.UserError` where the address holds keys or parameters."""
    if shown(url) != url:
        raise UserError.of("stores.secret_in_address", value=shown(url))


def one_place(url: str) -> str:
    """``url``, if it means one place to write to.

    Raises :class:`landuse.errors.UserError` where it holds keys, or a wildcard: stores would remove
    whatever fits.
    """
    refuse_secrets(url)
    if GLOB.search(url):
        raise UserError.of("stores.pattern_in_address", value=url)
    return url


@cache
def open_store(url: str) -> tuple[Any, str]:
    """The file system of fsspec for ``url``, which remembers no listings (others write there,
    too), and the path of ``url`` in it.

    Raises :class:`landuse.errors.UserError` where fsspec or the package of this protocol is not
    installed, or the address holds keys.
    """
    refuse_secrets(url)
    try:
        core = import_module("fsspec.core")
    except ImportError as fault:
        raise UserError.of("stores.no_fsspec", value=url) from fault
    try:
        with in_words(url):
            store, root = core.url_to_fs(url, use_listings_cache=False)
    except (ImportError, ValueError) as fault:
        raise UserError.of("stores.unknown", value=url, detail=told(fault)) from fault
    return store, str(root).rstrip("/")


@contextlib.contextmanager
def in_words(url: str, disk: Path | None = None) -> Iterator[None]:
    """Turn what a store answers into words (:class:`landuse.errors.UserError`).

    What is not there (``FileNotFoundError``), was there before (``FileExistsError``), or is no
    store at all (``ImportError``, ``ValueError``) is left to the caller. The block holds calls of
    the store alone: whatever else failed in it would be told as a fault of the store; ``disk`` is
    the folder of this machine to which it writes, if it does.
    """
    try:
        yield
    except (LanduseError, FileNotFoundError, FileExistsError, ImportError, ValueError):
        raise
    except PermissionError as fault:
        raise UserError.of("stores.no_access", value=shown(url), detail=told(fault)) from fault
    except MemoryError:
        raise
    except Exception as fault:  # each back end has faults of its own, not all of them OSError
        if "Credential" in type(fault).__name__:
            detail = type(fault).__name__
            raise UserError.of("stores.no_access", value=shown(url), detail=detail) from fault
        if disk is not None and isinstance(fault, OSError) and fault.errno in _FULL:
            raise UserError.of("stores.no_room", value=shown(url), folder=str(disk)) from fault
        raise UserError.of("stores.fault", value=shown(url), detail=told(fault)) from fault


def told(fault: Exception) -> str:
    """What a store answered, for the end of a sentence."""
    return f"{type(fault).__name__}: {shown(str(fault))[:200]}"
