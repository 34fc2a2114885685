"""The vendored scripts are the pinned ones, and nothing else can get into the page."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import folium
import pytest

from landuse.errors import InternalError
from landuse.publish.map import assets, renew_assets
from landuse.publish.map.figure import OfflineFigure

FOLDER = Path(assets.__file__).parent
SCRIPTS = sorted((FOLDER / "page").glob("*.js"))
# what Chromium 86 lacks; its year is 2020
TOO_NEW_SCRIPT = (
    r"\.at\(|structuredClone|Object\.hasOwn\b|\.findLast|\.toSorted|\.toReversed|\.toSpliced"
    r"|Object\.groupBy|Array\.fromAsync|static \{|#\w+ in |randomUUID|\bawait\b|import\(|\.with\("
    r"|AbortSignal\.|\.hasIndices|\.isWellFormed|Promise\.withResolvers"
)
TOO_NEW_STYLE = (
    r"\binset\b|:has\(|:is\(|:where\(|aspect-ratio|accent-color|\d[dsl]v[hw]\b|color-mix|@container"
    r"|@layer|overflow: clip|&:|text-wrap|scrollbar-gutter"
)


def test_every_vendored_file_is_the_one_of_the_lock_and_none_is_left_over():
    found = {
        (package, path.relative_to(folder).as_posix()): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for package, entry in assets.lock().items()
        for folder in [FOLDER / "vendor" / f"{package}-{entry['version']}"]
        for path in folder.rglob("*")
        if path.is_file()
    }
    stated = {
        (package, path): digest
        for package, entry in assets.lock().items()
        for path, digest in entry["files"].items()
    }
    assert found == stated
    assert len([path for path in (FOLDER / "vendor").iterdir() if path.is_dir()]) == len(
        assets.lock()
    )


def test_the_lock_says_what_the_renewing_script_pins_with_a_licence_each():
    pinned = {one.name: one for one in renew_assets.PINNED}
    assert pinned.keys() == assets.lock().keys()
    for name, entry in assets.lock().items():
        package = pinned[name]
        assert entry["version"] == package.version
        assert entry["integrity"] == package.integrity
        assert set(entry["files"]) == set(package.files)
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


def test_nothing_is_newer_than_chromium_86():
    for path in SCRIPTS:
        assert not re.search(TOO_NEW_SCRIPT, path.read_text(encoding="utf-8")), path.name
    assert not re.search(TOO_NEW_SCRIPT, assets.code(assets.LEAFLET_JS))
    style = (FOLDER / "page" / "page.css").read_text(encoding="utf-8")
    assert not re.search(TOO_NEW_STYLE, style)


def test_our_scripts_never_write_markup():
    for path in SCRIPTS:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)
        assert not re.search(
            r"bindPopup|bindTooltip|fetch\(|XMLHttpRequest|https?://(?!www\.w3)", text
        )


def test_npm_integrity_of_known_bytes():
    # SHA-512 of "abc" from FIPS 180-2, appendix C.1: ddaf35a1 93617aba ...
    import base64

    value = renew_assets.integrity(b"abc").removeprefix("sha512-")
    assert base64.b64decode(value).hex().startswith("ddaf35a193617abacc417349ae204131")
