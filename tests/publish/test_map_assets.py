"""The vendored scripts are the pinned ones, and nothing else can get into the page."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import sys
from pathlib import Path

import folium
import pytest

from landuse.errors import InternalError
from landuse.publish.map import assets
from landuse.publish.map.figure import OfflineFigure

ROOT = Path(__file__).parents[2]
FOLDER = Path(assets.__file__).parent


def _renewing():
    """The script that renews the vendored files; it is no part of the package."""
    spec = importlib.util.spec_from_file_location("renew_assets", ROOT / ".ci" / "renew_assets.py")
    module = sys.modules["renew_assets"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


renew_assets = _renewing()
HOMES = sorted({one.home for one in renew_assets.PINNED})
SCRIPTS = sorted((FOLDER / "page").glob("*.js"))
# what Chromium 86 lacks; its year is 2020 (for scripts see tests/browser/test_old_browsers.py)
TOO_NEW_STYLE = (
    r"\binset(-\w+)*:|:has\(|:is\(|:where\(|aspect-ratio|\d[dsl]v[hw]\b|color-mix|@container"
    r"|@layer|overflow: clip|&:|text-wrap|scrollbar-gutter"
)


def lock_of(home):
    return json.loads((ROOT / home / renew_assets.LOCK).read_text(encoding="utf-8"))


@pytest.mark.parametrize("home", HOMES)
def test_every_vendored_file_is_the_one_of_the_lock_and_none_is_left_over(home):
    vendor = ROOT / home
    found = {
        path.relative_to(vendor).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*")
        if path.is_file() and path.name not in (renew_assets.LOCK, ".gitattributes")
    }
    assert found == {
        f"{entry.get('folder') or package + '-' + entry['version']}/{path}": digest
        for package, entry in lock_of(home).items()
        for path, digest in entry["files"].items()
    }


@pytest.mark.parametrize("home", HOMES)
def test_the_lock_says_what_the_renewing_script_pins_with_a_licence_each(home):
    pinned = {one.name: one for one in renew_assets.PINNED if one.home == home}
    lock = lock_of(home)
    assert pinned.keys() == lock.keys()
    for name, entry in lock.items():
        package = pinned[name]
        assert entry["version"] == package.version
        assert entry["integrity"] == package.integrity
        kept = {path.rpartition("/")[2] if package.flat else path for path in package.files}
        assert set(entry["files"]) == kept
        assert any(path.startswith("LICENSE") for path in package.files)


def test_a_changed_script_is_refused(monkeypatch):
    wrong = {"leaflet": {"version": "1.9.4", "files": {"dist/leaflet.js": "0" * 64}}}
    monkeypatch.setattr(assets, "lock", lambda: wrong)
    assets.vendored.cache_clear()
    with pytest.raises(InternalError, match="differs from the lock file"):
        assets.vendored("leaflet", "dist/leaflet.js")


def test_an_unknown_address_is_refused_by_name():
    with pytest.raises(InternalError, match=r"example\.org/x\.js"):
        assets.code("https://example.org/x.js")


def test_an_element_of_folium_that_wants_the_network_is_refused():
    figure = OfflineFigure("zh", {})
    figure.add_child(folium.Map(tiles=None))  # asks for jQuery, bootstrap and fonts
    with pytest.raises(InternalError, match="not vendored"):
        figure.render()


def test_images_of_a_style_stand_in_it():
    style = assets.code(assets.LEAFLET_CSS)
    assert style.count("data:image/png;base64,") == 3
    assert set(re.findall(r"url\(([^)]{0,12})", style)) == {"data:image/p", "#default#VML"}


def test_scripts_can_stand_in_a_page():
    for address in (assets.LEAFLET_JS, *(f"{assets.OWN}{path.name}" for path in SCRIPTS)):
        text = assets.code(address)
        assert "</script" not in text
        assert "sourceMappingURL" not in text


def test_no_style_is_newer_than_chromium_86():
    for style in (FOLDER / "page" / "page.css", *(ROOT / "landuse/web/static").glob("*.css")):
        found = re.search(TOO_NEW_STYLE, style.read_text(encoding="utf-8"))
        assert not found, (style.name, found)


def test_our_scripts_never_write_markup():
    for path in SCRIPTS:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)
        assert not re.search(r"bindPopup|bindTooltip|XMLHttpRequest|https?://(?!www\.w3)", text)


def test_only_what_lies_beside_the_page_is_ever_fetched():
    asking = {path.name for path in SCRIPTS if "fetch(" in path.read_text(encoding="utf-8")}
    assert asking == {"tiles.js", "pieces.js", "basemap.js"}


def test_npm_integrity_of_known_bytes():
    # SHA-512 of "abc" from FIPS 180-2, appendix C.1: ddaf35a1 93617aba ...
    import base64

    value = renew_assets.integrity(b"abc").removeprefix("sha512-")
    assert base64.b64decode(value).hex().startswith("ddaf35a193617abacc417349ae204131")
