"""The meeting: verdicts, meetings, accounts, their sessions, the audit of logins."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from landuse.ledger.types import Json, Key, Utc

revision: Final = "0002"
down_revision: Final = "0001"
branch_labels: Final = None
depends_on: Final = None

_GUARDED: Final = ("reviews", "logins")


def upgrade() -> None:
    """Make the tables, their indexes, and the guard of what is append-only."""
    _meetings()
    _reviews()
    _accounts()
    _logins()
    for table in _GUARDED:
        if op.get_bind().dialect.name == "sqlite":
            _guard_sqlite(table)
        else:
            _guard_postgres(table)


def _key(table: str) -> list[Any]:
    return [
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    ]


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False)


def _int(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _bool(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _at(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Utc(), nullable=nullable)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")


def _unique(table: str, column: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(column, name=f"uq_{table}_{column}")


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _meetings() -> None:
    op.create_table(
        "meetings",
        *_key("meetings"),
        *map(_text, ("number", "title", "run_id", "filter_query")),
        sa.Column("agenda_json", Json(), nullable=False),
        _at("opened_at"),
        _text("opened_by"),
        _at("closed_at", nullable=True),
        _text("closed_by"),
        _unique("meetings", "number"),
    )


def _reviews() -> None:
    verdicts = "'confirm', 'reject', 'survey', 'defer', 'object', 'undo'"
    op.create_table(
        "reviews",
        *_key("reviews"),
        *map(_text, ("run_id", "parcel_id")),
        _int("case_id"),
        *map(_text, ("verdict", "comment", "deciding_authority", "by")),
        _at("at"),
        _int("meeting_id", nullable=True),
        _bool("opened_case"),
        *map(_text, ("from_state", "to_state")),
        *map(_int, ("act", "revision", "mu_e4")),
        _text("enterprises"),
        _int("undo_of", nullable=True),
        _to("reviews", "case_id", "cases"),
        _to("reviews", "meeting_id", "meetings"),
        _to("reviews", "undo_of", "reviews"),
        _unique("reviews", "undo_of"),
        _check("reviews", "verdict", f"verdict IN ({verdicts})"),
        _check("reviews", "undo", "(verdict = 'undo') = (undo_of IS NOT NULL)"),
    )
    for column in ("parcel_id", "case_id", "meeting_id"):
        _index("reviews", column)


def _accounts() -> None:
    op.create_table(
        "accounts",
        *_key("accounts"),
        *map(_text, ("name", "name_key", "role", "password_hash")),
        _bool("disabled"),
        _at("created_at"),
        _text("created_by"),
        _at("changed_at"),
        _text("changed_by"),
        _unique("accounts", "name"),
        _unique("accounts", "name_key"),
        _check("accounts", "role", "role IN ('viewer', 'reviewer', 'administrator')"),
    )
    op.create_table(
        "sessions",
        *_key("sessions"),
        _text("token_sha256"),
        _int("account_id"),
        _text("address"),
        *map(_at, ("created_at", "expires_at", "last_seen_at")),
        _at("revoked_at", nullable=True),
        _to("sessions", "account_id", "accounts"),
        _unique("sessions", "token_sha256"),
    )
    _index("sessions", "account_id")


def _logins() -> None:
    outcomes = "'ok', 'wrong', 'unknown', 'disabled', 'locked', 'signed_out'"
    op.create_table(
        "logins",
        *_key("logins"),
        _at("at"),
        *map(_text, ("name", "name_key", "address", "outcome")),
        _check("logins", "outcome", f"outcome IN ({outcomes})"),
    )
    _index("logins", "name_key", "at")
    _index("logins", "address", "at")


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
