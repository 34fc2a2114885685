"""Addresses of object stores: which are taken, and what a store answers in words."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any, Final

from landuse.errors import LanduseError, UserError

__all__ = ["in_words", "is_store", "is_url", "open_store", "shown"]

_STORES: Final = frozenset(
    ("s3", "s3a", "oss", "cos", "cosn", "obs", "tos", "gs", "gcs", "abfs", "abfss", "az", "adl",
     "hdfs", "webhdfs", "memory")
)  # fmt: skip
"""Protocols of stores from which inputs are read; a page of the web is none."""

_URL: Final = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_SECRET: Final = re.compile(r"(?<=://)[^/@]*@|[?].*$", re.DOTALL)


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
    """The address without what may be secret in it.

    >>> shown("s3://key:secret@bucket/run?token=1")
    's3://bucket/run'
    """
    return _SECRET.sub("", url)


@cache
def open_store(url: str) -> tuple[Any, str]:
    """The file system of fsspec for ``url``, which remembers no listings (others write there,
    too), and the path of ``url`` in it.

    Raises :class:`landuse.errors.UserError` where fsspec or the package of this protocol is not
    installed, or the address holds keys.
    """
    if shown(url) != url:
        raise UserError.of("stores.secret_in_address", value=shown(url))
    try:
        core = import_module("fsspec.core")
    except ImportError as fault:
        raise UserError.of("stores.no_fsspec", value=url) from fault
    try:
        with in_words(url):
            store, root = core.url_to_fs(url, use_listings_cache=False)
    except (ImportError, ValueError) as fault:
        raise UserError.of("stores.unknown", value=url, detail=str(fault)) from fault
    return store, str(root).rstrip("/")


@contextlib.contextmanager
def in_words(url: str) -> Iterator[None]:
    """Turn what a store answers into words (:class:`landuse.errors.UserError`).

    What is not there (``FileNotFoundError``), was there before (``FileExistsError``), or is no
    store at all (``ImportError``, ``ValueError``) is left to the caller.
    """
    try:
        yield
    except (LanduseError, FileNotFoundError, FileExistsError, ImportError, ValueError):
        raise
    except PermissionError as fault:
        raise UserError.of("stores.no_access", value=shown(url), detail=_told(fault)) from fault
    except Exception as fault:  # each back end has faults of its own, not all of them OSError
        if "Credential" in type(fault).__name__:
            detail = type(fault).__name__
            raise UserError.of("stores.no_access", value=shown(url), detail=detail) from fault
        raise UserError.of("stores.fault", value=shown(url), detail=_told(fault)) from fault


def _told(fault: Exception) -> str:
    return f"{type(fault).__name__}: {shown(str(fault))[:200]}"
