"""Which database is used, and that no password ever shows."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landuse.errors import UserError
from landuse.ledger import choose_url, open_ledger, shown, urls


def test_the_option_comes_before_the_environment_the_project_and_the_file(tmp_path: Path) -> None:
    project = tmp_path / "project.toml"
    env = {"LANDUSE_DB": "env.db"}
    assert choose_url("opt.db", env, project, "project.db") == "opt.db"
    assert choose_url(None, env, project, "project.db") == "env.db"
    assert choose_url("", {"LANDUSE_DB": " "}, project, "sub/project.db") == str(
        tmp_path / "sub" / "project.db"
    )
    assert choose_url(None, {}, project, None) == str(tmp_path / "landuse.db")


def test_a_relative_url_in_the_project_counts_from_the_project_file(tmp_path: Path) -> None:
    chosen = choose_url(None, {}, tmp_path / "project.toml", "sqlite:///台账.db")
    assert chosen == str(tmp_path / "台账.db")
    server = "postgresql://plan@db/land"
    assert choose_url(None, {}, tmp_path / "project.toml", server) == server


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgis", "postgresql+psycopg"])
def test_every_usual_spelling_of_postgis_is_one_driver(scheme: str) -> None:
    parsed = urls.parse(f"{scheme}://plan@db.example/land")
    assert parsed.drivername == "postgresql+psycopg"
    assert shown(parsed) == "postgresql://plan@db.example/land"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("mysql://a:secret@h/x", "ledger.url_unknown_kind"),
        ("postgresql://a:secret@h:port/x", "ledger.url_unreadable"),
        ("://secret@", "ledger.url_unreadable"),
        ("sqlite://", "ledger.url_no_file"),
        ("sqlite:///:memory:", "ledger.url_no_file"),
        ("sqlite:///a.db?mode=ro", "ledger.url_no_file"),
        ("  ", "ledger.url_empty"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_its_secret(url: str, code: str) -> None:
    with pytest.raises(UserError) as fault:
        urls.parse(url)
    assert [issue.code for issue in fault.value.issues] == [code]
    assert "secret" not in str(fault.value) + repr(fault.value) + "".join(fault.value.lines())


_PASSWORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1).map(
    lambda tail: "pW0rd" + tail + "eNd"
)


@given(_PASSWORDS, st.booleans())
def test_no_password_is_shown_whatever_its_signs(password: str, coded: bool) -> None:
    written = quote(password, safe="") if coded else password
    words = shown(f"postgresql://plan:{written}@db.example/land")
    assert "pW0rd" not in words
    assert "eNd" not in words
    assert "db.example" in words or not coded


@given(_PASSWORDS)
def test_no_password_of_a_parameter_is_shown(password: str) -> None:
    words = shown(f"postgresql://db/land?password={quote(password)}&sslpassword={quote(password)}")
    assert "pW0rd" not in words


def test_no_password_in_what_is_raised_when_nobody_answers() -> None:
    url = "postgresql://plan:pW0rdeNd@127.0.0.1:9/land?connect_timeout=2"
    with pytest.raises(UserError) as fault:
        open_ledger(url)
    said = "".join(traceback.format_exception(fault.value)) + "".join(fault.value.lines("en"))
    assert [issue.code for issue in fault.value.issues] == ["ledger.unreachable"]
    assert "pW0rdeNd" not in said
    assert "127.0.0.1:9" in said


def test_no_password_of_a_parameter_in_the_representation_on_postgis(
    postgis_url: Callable[[], str],
) -> None:
    head, tail = postgis_url().split("@")
    user, password = head.removeprefix("postgresql://").split(":")
    with open_ledger(f"postgresql://{user}@{tail}?password={password}") as ledger:
        said = repr(ledger) + str(ledger.engine) + repr(ledger.engine.url) + ledger.shown
    assert "geheim" not in said
    assert "***" in ledger.shown


def test_no_password_in_the_representation_of_a_ledger(ledger_url: str, tmp_path: Path) -> None:
    with open_ledger(ledger_url, backups=tmp_path) as ledger:
        said = repr(ledger) + str(ledger) + ledger.shown + repr(ledger.engine)
        assert "geheim" not in said
