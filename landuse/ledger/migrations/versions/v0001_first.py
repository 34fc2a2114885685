"""The first ledger: runs, findings, cases, parcels, parts, documents, events, corrections."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from landuse.ledger.types import Json, Key, Shape, Utc

revision: Final = "0001"
down_revision: Final = None
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """Make every table, the indexes, the boxes and the guard of the events."""
    _runs()
    _cases()
    _parts_of_cases()
    _events()
    _corrections()
    _indexes()
    if op.get_bind().dialect.name == "sqlite":
        _boxes()
        _guard_sqlite()
    else:
        op.create_index("ix_findings_geometry", "findings", ["geometry"], postgresql_using="gist")
        op.create_index(
            "ix_case_parcels_geometry", "case_parcels", ["geometry"], postgresql_using="gist"
        )
        _guard_postgres()


def _key(table: str) -> list[Any]:
    return [
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    ]


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _int(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _bool(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _date(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Utc(), nullable=nullable)


def _json(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Json(), nullable=nullable)


def _geometry() -> list[Any]:
    box = [
        sa.Column(name, sa.Float(), nullable=True) for name in ("min_x", "max_x", "min_y", "max_y")
    ]
    return [sa.Column("geometry", Shape(), nullable=True), *box]


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _runs() -> None:
    op.create_table(
        "runs",
        *_key("runs"),
        _text("run_id"),
        _date("as_of", nullable=False),
        _int("year"),
        _text("pack"),
        _text("pack_version"),
        _text("rules_digest"),
        _text("crs"),
        _json("inputs_json"),
        _json("totals_json"),
        _at("recorded_at"),
        _text("recorded_by"),
        sa.UniqueConstraint("run_id", name="uq_runs_run_id"),
    )
    op.create_table(
        "findings",
        *_key("findings"),
        _int("run_id"),
        _text("kind"),
        _text("parcel_id"),
        _int("mu_e4"),
        _json("enterprises_json"),
        _text("park"),
        _text("township"),
        _json("detail_json"),
        *_geometry(),
        _to("findings", "run_id", "runs"),
        sa.UniqueConstraint(
            "run_id", "kind", "parcel_id", name="uq_findings_run_id_kind_parcel_id"
        ),
        _check("findings", "kind", "kind IN ('low_efficiency', 'idle')"),
        _check("findings", "mu", "mu_e4 >= 0"),
    )


def _cases() -> None:
    op.create_table(
        "cases",
        *_key("cases"),
        *map(_text, ("number", "kind", "state", "previous_state")),
        _int("relapse_of", nullable=True),
        _int("carried_from", nullable=True),
        _text("original_enterprises"),
        _int("case_mu_e4"),
        _int("floor_area_m2_e2", nullable=True),
        *map(_text, ("park", "township", "address", "responsible_unit", "responsible_person")),
        _date("deadline"),
        *map(_text, ("progress", "issue_type", "problems", "notes")),
        *map(_date, ("publication_from", "publication_to", "accepted_on")),
        _int("revision"),
        _at("opened_at"),
        _text("opened_by"),
        _bool("is_open"),
        _to("cases", "relapse_of", "cases"),
        _to("cases", "carried_from", "cases"),
        sa.UniqueConstraint("number", name="uq_cases_number"),
        _check("cases", "kind", "kind IN ('low_efficiency', 'idle', 'both')"),
        _check("cases", "mu", "case_mu_e4 >= 0"),
        _check("cases", "floor_area", "floor_area_m2_e2 >= 0"),
    )


def _of_case(table: str) -> list[Any]:
    return [
        *_key(table),
        _int("case_id"),
        _int("seq"),
        _bool("removed"),
        _to(table, "case_id", "cases"),
        sa.UniqueConstraint("case_id", "seq", name=f"uq_{table}_case_id_seq"),
    ]


def _parts_of_cases() -> None:
    op.create_table(
        "case_parcels",
        *_of_case("case_parcels"),
        _text("parcel_id"),
        _text("previously_part_of", nullable=True),
        _bool("is_found"),
        _bool("is_open"),
        *_geometry(),
        sa.UniqueConstraint("case_id", "parcel_id", name="uq_case_parcels_case_id_parcel_id"),
    )
    op.create_table(
        "parts",
        *_of_case("parts"),
        _text("way"),
        _int("mu_e4", nullable=True),
        _int("floor_area_m2_e2", nullable=True),
        _text("receiving_enterprise"),
        _date("started_on"),
        _date("accepted_on"),
        _check("parts", "mu", "mu_e4 >= 0"),
        _check("parts", "floor_area", "floor_area_m2_e2 >= 0"),
    )
    op.create_table(
        "documents",
        *_of_case("documents"),
        _text("name"),
        _text("kind"),
        *map(_date, ("dated", "deadline", "served_on")),
        _text("sha256"),
    )


def _events() -> None:
    kinds = "'case', 'parcel', 'part', 'document', 'finding', 'correction'"
    op.create_table(
        "events",
        *_key("events"),
        _int("case_id", nullable=True),
        _int("seq"),
        _int("act"),
        _at("at"),
        _text("by"),
        _text("entity"),
        _int("entity_seq"),
        _text("field"),
        _json("before_json", nullable=True),
        _json("after_json", nullable=True),
        _text("why"),
        _int("undo_of", nullable=True),
        _to("events", "case_id", "cases"),
        _to("events", "undo_of", "events"),
        sa.UniqueConstraint("case_id", "seq", name="uq_events_case_id_seq"),
        _check("events", "entity", f"entity IN ({kinds})"),
    )


def _corrections() -> None:
    statuses = "'proposed', 'accepted', 'rejected', 'withdrawn'"
    op.create_table(
        "corrections",
        *_key("corrections"),
        _int("case_id", nullable=True),
        *map(_text, ("table_name", "key", "column", "old", "new", "reason")),
        *map(_text, ("evidence_sha256", "evidence_name", "by")),
        _at("at"),
        _text("status"),
        _text("decided_by"),
        _at("decided_at", nullable=True),
        _to("corrections", "case_id", "cases"),
        _check("corrections", "status", f"status IN ({statuses})"),
    )


def _indexes() -> None:
    op.create_index("ix_findings_parcel_id", "findings", ["parcel_id"])
    op.create_index("ix_cases_state", "cases", ["state"])
    op.create_index("ix_case_parcels_parcel_id", "case_parcels", ["parcel_id"])
    op.create_index("ix_events_undo_of", "events", ["undo_of"])
    op.create_index("ix_corrections_status", "corrections", ["status"])
    _partial("uq_case_parcels_open", "case_parcels", ["parcel_id"], "is_open")
    _partial("uq_events_entity", "events", ["entity", "entity_seq", "seq"], "case_id IS NULL")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    only = sa.text(where)
    op.create_index(name, table, columns, unique=True, sqlite_where=only, postgresql_where=only)


def _boxes() -> None:
    for table in ("findings", "case_parcels"):
        put = (
            f"INSERT INTO {table}_box SELECT new.id, new.min_x, new.max_x, new.min_y, new.max_y"
            " WHERE new.min_x IS NOT NULL;"
        )
        drop = f"DELETE FROM {table}_box WHERE id = old.id;"  # noqa: S608
        op.execute(f"CREATE VIRTUAL TABLE {table}_box USING rtree(id, min_x, max_x, min_y, max_y)")
        for when, steps in {
            "INSERT": put,
            "DELETE": drop,
            "UPDATE OF id, min_x, max_x, min_y, max_y": drop + " " + put,
        }.items():
            op.execute(
                f"CREATE TRIGGER {table}_box_{when.split()[0].lower()}"
                f" AFTER {when} ON {table} BEGIN {steps} END"
            )


def _guard_sqlite() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER events_no_{verb.lower()} BEFORE {verb} ON events"
            " BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"
        )


def _guard_postgres() -> None:
    op.execute(
        "CREATE FUNCTION events_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER events_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON events"
        " FOR EACH STATEMENT EXECUTE FUNCTION events_append_only()"
    )
