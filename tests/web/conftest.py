"""One small project with a run, made once; each test gets a copy with a ledger of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ledger_databases import ledger_url, postgis_url
from served_site import AT, Desk, desk_at, make_project

__all__ = ["ledger_url", "postgis_url"]


@pytest.fixture(scope="session")
def made_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("made") / "县")


@pytest.fixture
def project(made_project: Path, tmp_path: Path) -> Path:
    shutil.copytree(made_project.parent, tmp_path / "县")
    return tmp_path / "县" / "project.toml"


@pytest.fixture
def serve(project: Path) -> Iterator[Callable[..., Desk]]:
    """Serve the project with these settings."""
    opened: list[Desk] = []

    def start(**settings: Any) -> Desk:
        opened.append(desk_at(project, **settings))
        return opened[-1]

    yield start
    for desk in opened:
        desk.site.close()


@pytest.fixture
def desk(serve: Callable[..., Desk]) -> Desk:
    """The one local user of a server without accounts."""
    return serve()


@pytest.fixture(scope="session")
def _hashes_cheaply() -> Iterator[None]:
    """Passwords of tests need not cost what those of people do."""
    from argon2 import PasswordHasher

    from landuse.ledger import accounts

    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    before = accounts._hasher
    accounts._hasher = lambda: cheap  # type: ignore[assignment]
    yield
    accounts._hasher = before


@pytest.fixture
def people(serve: Callable[..., Desk], _hashes_cheaply: None) -> Callable[..., Desk]:
    """A server with three accounts, each named as its role, password ``<role> 2026 long``."""

    def start(**settings: Any) -> Desk:
        from landuse.ledger import accounts

        desk = serve(**settings)
        with desk.site.ledger().write() as session:
            for role in ("viewer", "reviewer", "administrator"):
                accounts.create(session, role, role, f"{role} 2026 long", by="t", at=AT)
        return desk

    return start
