"""Up from every version with data in it; a backup first; the tables are those of the models."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from ledger_acts import SQUARE, new_case, refused, who
from sqlalchemy import Connection, Engine, text

from landuse.ledger import (
    Ledger,
    canonical,
    events,
    migrating,
    open_ledger,
    park_models,
    replay,
    review_models,
    run_units,
    urls,
)
from landuse.ledger.engines import WRITER, make_engine
from landuse.ledger.models import Base, Case
from landuse.ledger.types import to_stored

VERSIONS = migrating.versions()
NEWEST = VERSIONS[-1]
NEXT = f"{int(NEWEST) + 1:04d}"
assert review_models.Review.__tablename__ in Base.metadata.tables
assert park_models.ParkRow.__tablename__ in Base.metadata.tables
assert run_units.RunUnit.__tablename__ in Base.metadata.tables


@contextlib.contextmanager
def at_version(url: str, version: str) -> Any:
    """A writing connection to a new database of an older version."""
    parsed = urls.parse(url)
    engine: Engine = make_engine(parsed, 5)
    migrating.upgrade(engine, parsed, version)
    with engine.execution_options(**{WRITER: True}).begin() as connection:
        yield connection
    engine.dispose()


# One row a table as each version stores it (plain form); a later version adds its own entry with
# what it changed, and every version is then tested with its data on the way up.
ROWS: dict[str, dict[str, dict[str, object]]] = {
    "0001": {
        "runs": {
            "id": 3, "run_id": "2026-01", "as_of": "2026-01-31", "year": 2025, "pack": "p",
            "pack_version": "1", "rules_digest": "d", "crs": "EPSG:4549", "inputs_json": "{}",
            "totals_json": '{"parcels":1}', "recorded_at": "2026-03-01T08:00:00.000000Z",
            "recorded_by": "张三",
        },
        "findings": {
            "id": 4, "run_id": 3, "kind": "idle", "parcel_id": "A", "mu_e4": 125000,
            "enterprises_json": "[]", "park": "", "township": "", "detail_json": "{}",
            "geometry": to_stored(SQUARE), "min_x": 500000.0, "max_x": 500100.0,
            "min_y": 3300000.0, "max_y": 3300200.0,
        },
        "cases": {
            "id": 5, "number": "2026-001", "kind": "idle", "state": "found", "previous_state": "",
            "original_enterprises": "", "case_mu_e4": 125000, "park": "", "township": "",
            "address": "", "responsible_unit": "", "responsible_person": "", "progress": "",
            "issue_type": "", "problems": "", "notes": "旧", "revision": 2,
            "opened_at": "2026-03-01T08:00:00.000000Z", "opened_by": "张三", "is_open": 1,
        },
        "case_parcels": {
            "id": 6, "case_id": 5, "seq": 1, "parcel_id": "A", "is_found": 1, "removed": 0,
            "is_open": 1, "geometry": to_stored(SQUARE), "min_x": 500000.0, "max_x": 500100.0,
            "min_y": 3300000.0, "max_y": 3300200.0,
        },
        "parts": {
            "id": 7, "case_id": 5, "seq": 1, "way": "swap", "receiving_enterprise": "",
            "removed": 0,
        },
        "documents": {
            "id": 8, "case_id": 5, "seq": 1, "name": "x", "kind": "", "sha256": "", "removed": 0,
        },
        "events": {
            "id": 9, "case_id": 5, "seq": 1, "act": 1, "at": "2026-03-01T08:00:00.000000Z",
            "by": "张三", "entity": "case", "entity_seq": 0, "field": "*", "after_json": "{}",
            "why": "",
        },
        "corrections": {
            "id": 10, "table_name": "parcels", "key": "A", "column": "面积", "old": "1",
            "new": "2", "reason": "", "evidence_sha256": "", "evidence_name": "", "by": "张三",
            "at": "2026-03-01T08:00:00.000000Z", "status": "proposed", "decided_by": "",
        },
    },
}  # fmt: skip
_MOMENT = "2026-03-01T08:00:00.000000Z"
ROWS["0002"] = {
    **ROWS["0001"],
    "meetings": {
        "id": 11, "number": "2026-会-01", "title": "例会", "run_id": "2026-01",
        "filter_query": "park=x", "agenda_json": '["A"]', "opened_at": _MOMENT,
        "opened_by": "张三", "closed_by": "",
    },
    "reviews": {
        "id": 12, "run_id": "2026-01", "parcel_id": "A", "case_id": 5, "verdict": "survey",
        "comment": "再看", "deciding_authority": "", "by": "张三", "at": _MOMENT,
        "meeting_id": 11, "opened_case": 0, "from_state": "suspected", "to_state": "found",
        "act": 1, "revision": 1, "mu_e4": 125000, "enterprises": "",
    },
    "accounts": {
        "id": 13, "name": "张三", "name_key": "张三", "role": "viewer", "password_hash": "x",
        "disabled": 0, "created_at": _MOMENT, "created_by": "王工", "changed_at": _MOMENT,
        "changed_by": "王工",
    },
    "sessions": {
        "id": 14, "token_sha256": "0", "account_id": 13, "address": "", "created_at": _MOMENT,
        "expires_at": _MOMENT, "last_seen_at": _MOMENT,
    },
    "logins": {
        "id": 15, "at": _MOMENT, "name": "张三", "name_key": "张三", "address": "",
        "outcome": "ok",
    },
}  # fmt: skip
ROWS["0003"] = {
    **ROWS["0002"],
    "park_imports": {
        "id": 16, "at": _MOMENT, "by": "张三", "why": "", "source_name": "parks.xlsx",
        "source_sha256": "0",
    },
    "park_rows": {
        "id": 17, "import_id": 16, "table_name": "periods", "row_key": "甲园",
        "body_json": '{"period":"2026-H1"}', "source_sheet": "", "source_row": 2,
    },
}  # fmt: skip
ROWS["0004"] = {
    **ROWS["0003"],
    "run_units": {
        "id": 18, "run_id": 3, "uscc": "91330102MA27XY8888", "facts_json": '{"rank":2}',
    },
}  # fmt: skip


def rows_of(version: str) -> dict[str, dict[str, object]]:
    return ROWS[[name for name in VERSIONS if name in ROWS and name <= version][-1]]


def fill(connection: Connection, version: str) -> None:
    for table, row in rows_of(version).items():
        canonical.insert(connection, table, list(row), [tuple(row.values())])


def test_every_version_has_data_to_test_with() -> None:
    assert VERSIONS[0] in ROWS
    assert set(ROWS) <= set(VERSIONS)
    assert len(VERSIONS) == len(set(VERSIONS))


@pytest.mark.parametrize("version", VERSIONS)
def test_up_from_every_version_with_data_in_it(
    ledger_url: str, version: str, tmp_path: Path
) -> None:
    with at_version(ledger_url, version) as connection:
        fill(connection, version)
    folder = tmp_path / "backups"
    with open_ledger(ledger_url, create=False, backups=folder) as ledger:
        with ledger.read() as session:
            connection = session.connection()
            assert migrating.current_version(connection) == VERSIONS[-1]
            for table, row in rows_of(version).items():
                names = sorted(row.keys() & set(canonical.table_columns(connection, table)))
                (stored,) = canonical.read(connection, table, names)
                assert stored == tuple(row[name] for name in names)
        with ledger.write() as session:  # and it can be worked with: the next keys are free
            case = session.get_one(Case, 5)
            events.change(session, case, {"notes": "新"}, **who())
            events.add_part(session, case, {}, **who())
            new_case(session, "2026-002")
    assert len(list(folder.glob("*-migration.db"))) == (version != VERSIONS[-1])


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_opens_empty(ledger_url: str, version: str) -> None:
    with at_version(ledger_url, version):
        pass
    with open_ledger(ledger_url) as ledger, ledger.write() as session:
        new_case(session)
        assert not list(replay.differences(session))


def test_the_tables_are_those_of_the_models(ledger: Ledger) -> None:
    def ours(_object: object, name: str | None, kind: str, *_rest: object) -> bool:
        if kind == "index" and str(name).endswith("_geometry"):
            return ledger.file is None  # GiST; SQLite has the R*Tree of boxes instead
        return kind != "table" or name in Base.metadata.tables

    with ledger.engine.connect() as connection:
        options = {
            "compare_type": False,
            "include_object": ours,
            "version_table": migrating.VERSION_TABLE,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_every_column_is_null_where_the_model_says_so(ledger: Ledger) -> None:
    from sqlalchemy import inspect

    there = inspect(ledger.engine)
    for table in Base.metadata.sorted_tables:
        stored = {column["name"]: column["nullable"] for column in there.get_columns(table.name)}
        assert stored == {column.name: column.nullable for column in table.columns}


# A version that this program does not have yet: what a migration will do once there is one.
_NEXT = """
from alembic import op
import sqlalchemy as sa

revision = "{next}"
down_revision = "{newest}"
branch_labels = depends_on = None


def upgrade():
    with op.batch_alter_table("parts") as batch:
        batch.add_column(sa.Column("colour", sa.Text(), nullable=False, server_default="red"))
    if {fails}:
        op.execute("SELECT * FROM no_such_table")
"""


def next_program(folder: Path, monkeypatch: pytest.MonkeyPatch, *, fails: bool = False) -> None:
    """Let this program have one version more."""
    shipped = Path(migrating.__file__).parent / "migrations"
    copied = folder / "migrations % 台账"  # a place with signs that Alembic's settings dislike
    shutil.copytree(shipped, copied, ignore=shutil.ignore_patterns("__pycache__"))
    filled = _NEXT.replace("{fails}", str(fails))
    filled = filled.replace("{next}", NEXT).replace("{newest}", NEWEST)
    (copied / "versions" / f"v{NEXT}_next.py").write_text(filled)

    def config() -> Config:
        made = Config()
        made.set_main_option("script_location", str(copied).replace("%", "%%"))
        made.set_main_option("path_separator", "os")
        return made

    monkeypatch.setattr(migrating, "_config", config)
    assert ScriptDirectory.from_config(config()).get_current_head() == NEXT


def test_a_migration_keeps_every_row_and_leaves_a_backup_of_before(
    ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    with open_ledger(ledger_url, backups=folder) as ledger:
        with ledger.write() as session:
            events.add_part(session, new_case(session), {"way": "swap"}, **who())
        with ledger.read() as session:
            before = list(
                canonical.read(session.connection(), "events", ["id", "at", "after_json"])
            )
    next_program(tmp_path, monkeypatch)
    with open_ledger(ledger_url, backups=folder) as ledger, ledger.read() as session:
        connection = session.connection()
        assert migrating.current_version(connection) == NEXT
        colours = list(canonical.read(connection, "parts", ["way", "colour"]))
        assert colours == [("swap", "red")]
        assert list(canonical.read(connection, "events", ["id", "at", "after_json"])) == before
    (saved,) = folder.glob("*-migration.db")
    with contextlib.closing(sqlite3.connect(saved)) as connection:
        assert connection.execute("SELECT version_num FROM landuse_version").fetchone() == (NEWEST,)
        assert connection.execute("SELECT way FROM parts").fetchall() == [("swap",)]


def test_a_migration_that_fails_changes_nothing(
    ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_ledger(ledger_url, backups=tmp_path / "b") as ledger, ledger.write() as session:
        new_case(session)
    with monkeypatch.context() as patch:
        next_program(tmp_path / "broken", patch, fails=True)
        with pytest.raises(Exception, match="no_such_table"):
            open_ledger(ledger_url, backups=tmp_path / "b")
    with open_ledger(ledger_url, backups=tmp_path / "b") as ledger, ledger.read() as session:
        assert migrating.current_version(session.connection()) == NEWEST
        assert "colour" not in canonical.table_columns(session.connection(), "parts")
        assert session.query(Case).count() == 1


def test_an_older_program_refuses_what_a_newer_one_migrated(
    ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        next_program(tmp_path, patch)
        open_ledger(ledger_url, backups=tmp_path / "b").close()
    assert refused(lambda: open_ledger(ledger_url)) == ["ledger.newer_version"]


def test_the_versions_come_with_the_package_and_need_no_file_of_settings() -> None:
    assert sorted(VERSIONS) == VERSIONS
    assert migrating.newest_version() == VERSIONS[-1]
    folder = Path(migrating.__file__).parent / "migrations"
    assert len(list((folder / "versions").glob("v*.py"))) == len(VERSIONS)


def test_no_migration_is_run_by_importing_its_module(ledger: Ledger) -> None:
    import importlib

    importlib.import_module("landuse.ledger.migrations.env")
    with ledger.read() as session:
        assert session.execute(text("SELECT count(*) FROM landuse_version")).scalar() == 1
