"""Renew the vendored scripts of map, meeting page and tests: ``python .ci/renew_assets.py``.

For a developer with npm and a network, never for a run. Each package is fetched with ``npm pack``
at the version pinned below, the archive is compared with the integrity hash (SHA-512) pinned
beside it, and only the files that are needed are kept, with the licence. To renew: change
version and integrity (``npm view leaflet@1.9.4 dist.integrity``), run, look at the difference.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["LOCK", "PINNED", "Package", "integrity", "renew"]


@dataclass(frozen=True, slots=True)
class Package:
    """A pinned npm package and what the page needs of it."""

    name: str
    version: str
    integrity: str
    licence: str
    files: tuple[str, ...]
    home: str
    """Folder of vendored packages, from the root of the repository."""
    short: str = ""
    """What its folder is called instead of its name."""
    flat: bool = False
    """Whether its files lie in its folder itself, whatever folder npm has them in."""

    @property
    def folder(self) -> str:
        """Name of its folder in ``home``."""
        return f"{self.short or self.name}-{self.version}"


MAP: Final = "landuse/publish/map/vendor"
WEB: Final = "landuse/web/static/vendor"
TESTS: Final = "tests/vendor"
LOCK: Final = "assets.lock.json"

PINNED: Final = (
    Package(
        home=MAP,
        name="leaflet",
        version="1.9.4",
        integrity="sha512-nxS1ynzJOmOlHp+iL3FyWqK89GtNL8U8rvlMOsQdTTssxZwCXh8N2NB3GDQOL+YR3XnWyZAxwQixURb"
        "+FA74PA==",
        licence="BSD-2-Clause",
        files=(
            "LICENSE",
            "dist/leaflet.js",
            "dist/leaflet.css",
            "dist/images/layers.png",
            "dist/images/layers-2x.png",
            "dist/images/marker-icon.png",
        ),
    ),
    Package(
        home=WEB,
        name="htmx.org",
        short="htmx",
        flat=True,
        version="2.0.11",
        integrity="sha512-Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELT"
        "Nt636dtamA==",
        licence="0BSD",
        files=("LICENSE", "dist/htmx.min.js"),
    ),
    Package(
        home=TESTS,
        name="acorn",
        version="8.19.0",
        integrity="sha512-oJlA3XiRm7Cyk6qFD2Jn8ak9B7jSy0qy00ADO3+8dpT0LSjFihQYv4C02LFCSYJV3Q37xYwwRy5m+IpIiUzqWw"
        "==",
        licence="MIT",
        files=("LICENSE", "dist/acorn.js"),
    ),
    Package(
        home=TESTS,
        name="axe-core",
        version="4.14.1",
        integrity="sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37Og"
        "udVGtQ==",
        licence="MPL-2.0",
        files=("LICENSE", "axe.min.js"),
    ),
)


def integrity(archive: bytes) -> str:
    """The hash of an archive as npm writes it.

    >>> integrity(b"")[:20]
    'sha512-z4PhNX7vuL3xV'
    """
    return "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()


def _fetch(package: Package, folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is needed to renew the vendored scripts")
    wanted = f"{package.name}@{package.version}"
    command = [npm, "pack", wanted, "--ignore-scripts", "--pack-destination", str(folder)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    return next(folder.glob("*.tgz"))


def _keep(package: Package, archive: Path, vendor: Path) -> dict[str, str]:
    """Extract the needed files; file → SHA-256."""
    found = integrity(archive.read_bytes())
    if found != package.integrity:
        sys.exit(f"{package.folder}: integrity is {found}, pinned {package.integrity}")
    hashes = {}
    with tarfile.open(archive) as content:
        for path in package.files:
            member = content.extractfile(f"package/{path}")
            if member is None:
                sys.exit(f"{package.folder}: {path} is not a file of the package")
            data = member.read()
            place = path.rpartition("/")[2] if package.flat else path
            target = vendor / package.folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            hashes[place] = hashlib.sha256(data).hexdigest()
    return hashes


def renew(root: Path, home: str) -> None:
    """Replace the folders and the lock file of one home of vendored packages."""
    vendor = root / home
    vendor.mkdir(parents=True, exist_ok=True)
    entries: dict[str, object] = {}
    for package in (one for one in PINNED if one.home == home):
        for old in vendor.glob(f"{package.short or package.name}-[0-9]*"):
            shutil.rmtree(old)
        with tempfile.TemporaryDirectory() as folder:
            files = _keep(package, _fetch(package, Path(folder)), vendor)
        entries[package.name] = {
            **({"folder": package.folder} if package.short else {}),
            "version": package.version,
            "integrity": package.integrity,
            "licence": package.licence,
            "files": files,
        }
    text = json.dumps(entries, indent=2, sort_keys=True) + "\n"
    (vendor / LOCK).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    for one in sorted({package.home for package in PINNED}):
        renew(Path(__file__).resolve().parents[1], one)
