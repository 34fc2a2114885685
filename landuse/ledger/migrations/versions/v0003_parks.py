"""The parks' book: what was taken in, and every row as it was after it."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from landuse.ledger.types import Json, Key, Utc

revision: Final = "0003"
down_revision: Final = "0002"
branch_labels: Final = None
depends_on: Final = None

_GUARDED: Final = ("park_imports", "park_rows")
_TABLES: Final = "'park_register', 'periods', 'projects', 'promises', 'demand', 'stated'"


def upgrade() -> None:
    """Make the tables, their indexes, and the guard of what is append-only."""
    op.create_table(
        "park_imports",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("source_name", sa.Text(), nullable=False),
        sa.Column("source_sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_park_imports"),
    )
    op.create_table(
        "park_rows",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("body_json", Json(), nullable=True),
        sa.Column("source_sheet", sa.Text(), nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_park_rows"),
        sa.ForeignKeyConstraint(["import_id"], ["park_imports.id"], name="fk_park_rows_import_id"),
        sa.CheckConstraint(f"table_name IN ({_TABLES})", name=op.f("ck_park_rows_table_name")),
    )
    op.create_index("ix_park_rows_table_name_row_key", "park_rows", ["table_name", "row_key"])
    op.create_index("ix_park_rows_import_id", "park_rows", ["import_id"])
    for table in _GUARDED:
        if op.get_bind().dialect.name == "sqlite":
            _guard_sqlite(table)
        else:
            _guard_postgres(table)


def _guard_sqlite(table: str) -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
        )


def _guard_postgres(table: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{table} are append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )
