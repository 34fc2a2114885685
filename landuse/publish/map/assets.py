"""Scripts and styles of the map page, from this package and never from a network.

``vendor/`` holds the needed files of pinned npm packages with their licences; the lock file beside
them states version, npm's own integrity hash and the SHA-256 of each file. ``.ci/renew_assets.py``
writes both. ``page/`` holds our own scripts and styles.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from landuse.errors import InternalError
from landuse.issues import Issue

__all__ = ["LEAFLET_CSS", "LEAFLET_JS", "OWN", "code", "lock", "page_file", "vendored"]

LEAFLET_JS: Final = "https://cdn.jsdelivr.net/npm/leaflet@1.9.4/dist/leaflet.js"
LEAFLET_CSS: Final = "https://cdn.jsdelivr.net/npm/leaflet@1.9.4/dist/leaflet.css"
OWN: Final = "landuse:"
"""Addresses that begin so name a file of ``page/``."""

_ADDRESSES: Final = {
    LEAFLET_JS: ("leaflet", "dist/leaflet.js"),
    LEAFLET_CSS: ("leaflet", "dist/leaflet.css"),
}
_IMAGE: Final = re.compile(r"url\((?P<path>[^)#:\"']+\.png)\)")
_SOURCE_MAP: Final = re.compile(r"^\s*(//|/\*)[#@] sourceMappingURL=.*$", re.MULTILINE)


def _fault(address: str, reason: str) -> InternalError:
    return InternalError([Issue("map.asset", value=address, values={"reason": reason})])


def _folder(name: str) -> Traversable:
    return resources.files(__package__).joinpath(name)


@cache
def lock() -> dict[str, dict[str, object]]:
    """The lock file: package → version, integrity, licence, files with their SHA-256."""
    source = _folder("vendor").joinpath("assets.lock.json").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, object]] = json.loads(source)
    return loaded


@cache
def vendored(package: str, path: str) -> bytes:
    """One vendored file; :class:`InternalError` if it is not the one that the lock names."""
    entry = lock()[package]
    files = entry["files"]
    assert isinstance(files, dict)
    if path not in files:
        raise _fault(f"{package}/{path}", "not in the lock file")
    source = _folder("vendor").joinpath(f"{package}-{entry['version']}", *path.split("/"))
    content = source.read_bytes()
    if hashlib.sha256(content).hexdigest() != files[path]:
        raise _fault(f"{package}/{path}", "differs from the lock file")
    return content


def page_file(name: str) -> str:
    """A file of ``page/`` as it stands."""
    return _folder("page").joinpath(name).read_text(encoding="utf-8")


def _with_images(package: str, path: str, css: str) -> str:
    folder = path.rpartition("/")[0]

    def embedded(match: re.Match[str]) -> str:
        image = vendored(package, f"{folder}/{match['path']}")
        return f"url(data:image/png;base64,{base64.b64encode(image).decode()})"

    return _IMAGE.sub(embedded, css)


@cache
def code(address: str) -> str:
    """The text behind an address, fit to stand inside ``<script>`` or ``<style>``.

    Raises :class:`InternalError` for an address that is not vendored: a page that loads
    something from a network would be blank where there is none.
    """
    if address.startswith(OWN):
        text = page_file(address.removeprefix(OWN))
    elif address in _ADDRESSES:
        package, path = _ADDRESSES[address]
        text = vendored(package, path).decode("utf-8").replace("\r\n", "\n")
        if path.endswith(".css"):
            text = _with_images(package, path, text)
    else:
        raise _fault(address, "not vendored")
    text = _SOURCE_MAP.sub("", text)
    return text.replace("</script", "<\\/script").replace("</style", "<\\/style")
