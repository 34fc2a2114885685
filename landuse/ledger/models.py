"""The tables of the ledger: one set of models for SQLite and PostGIS.

Amounts are scaled integers (:mod:`landuse.scaled`), moments are UTC, blank text is ``""``. Tables
are made by the migrations only; a test holds the two against each other. Everything a person can
change in a case is changed through :mod:`landuse.ledger.events`, never by assignment.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from landuse.ledger.types import Json, Key, Shape, Utc

__all__ = [
    "NOT_OPEN",
    "Base",
    "Case",
    "CaseParcel",
    "Correction",
    "Document",
    "Event",
    "Finding",
    "Part",
    "Run",
]

NOT_OPEN: Final = frozenset({"closed", "removed"})
"""States in which a case is no longer open; ``is_open`` follows from the state alone."""

_KINDS: Final = "kind IN ('low_efficiency', 'idle')"
_CASE_KINDS: Final = "kind IN ('low_efficiency', 'idle', 'both')"
_ENTITIES: Final = "entity IN ('case', 'parcel', 'part', 'document', 'finding', 'correction')"
_STATUSES: Final = "status IN ('proposed', 'accepted', 'rejected', 'withdrawn')"


class Base(DeclarativeBase):
    """Names of constraints are fixed, so that migrations can name them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012
        int: BigInteger(),
        str: Text(),
        datetime: Utc(),
        BaseGeometry: Shape(),
    }


def _key() -> Mapped[int]:
    return mapped_column(Key, primary_key=True, autoincrement=True)


def _gist(table: str) -> Index:
    return Index(f"ix_{table}_geometry", "geometry", postgresql_using="gist").ddl_if(
        dialect="postgresql"
    )


class Box:
    """The box of a geometry; on SQLite triggers carry it into an R*Tree ``<table>_box``."""

    geometry: Mapped[BaseGeometry | None] = mapped_column(Shape(), deferred=True)
    min_x: Mapped[float | None]
    max_x: Mapped[float | None]
    min_y: Mapped[float | None]
    max_y: Mapped[float | None]


class Run(Base):
    """A run of the batch: what went in (hashes), by which rules, and its totals."""

    __tablename__ = "runs"

    id: Mapped[int] = _key()
    run_id: Mapped[str] = mapped_column(unique=True)
    as_of: Mapped[date]
    year: Mapped[int]
    pack: Mapped[str]
    pack_version: Mapped[str]
    rules_digest: Mapped[str]
    crs: Mapped[str] = mapped_column(default="")
    inputs_json: Mapped[Any] = mapped_column(Json())
    totals_json: Mapped[Any] = mapped_column(Json())
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class Finding(Box, Base):
    """What a run found on one parcel: computed, never edited; it stands beside the case."""

    __tablename__ = "findings"
    __table_args__ = (
        UniqueConstraint("run_id", "kind", "parcel_id"),
        CheckConstraint(_KINDS, name="kind"),
        CheckConstraint("mu_e4 >= 0", name="mu"),
        Index(None, "parcel_id"),
        _gist("findings"),
    )

    id: Mapped[int] = _key()
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    kind: Mapped[str]
    parcel_id: Mapped[str]
    mu_e4: Mapped[int]
    enterprises_json: Mapped[Any] = mapped_column(Json())
    park: Mapped[str] = mapped_column(default="")
    township: Mapped[str] = mapped_column(default="")
    detail_json: Mapped[Any] = mapped_column(Json())


class Case(Base):
    """One case of the disposal ledger: the row that replaying its events gives.

    ``revision`` is the number of the case's last event.
    """

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint(_CASE_KINDS, name="kind"),
        CheckConstraint("case_mu_e4 >= 0", name="mu"),
        CheckConstraint("floor_area_m2_e2 >= 0", name="floor_area"),
        Index(None, "state"),
    )

    id: Mapped[int] = _key()
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    state: Mapped[str]
    previous_state: Mapped[str] = mapped_column(default="")
    relapse_of: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    carried_from: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    original_enterprises: Mapped[str] = mapped_column(default="")
    case_mu_e4: Mapped[int]
    floor_area_m2_e2: Mapped[int | None]
    park: Mapped[str] = mapped_column(default="")
    township: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    responsible_unit: Mapped[str] = mapped_column(default="")
    responsible_person: Mapped[str] = mapped_column(default="")
    deadline: Mapped[date | None]
    progress: Mapped[str] = mapped_column(default="")
    issue_type: Mapped[str] = mapped_column(default="")
    problems: Mapped[str] = mapped_column(default="")
    notes: Mapped[str] = mapped_column(default="")
    publication_from: Mapped[date | None]
    publication_to: Mapped[date | None]
    accepted_on: Mapped[date | None]
    revision: Mapped[int] = mapped_column(nullable=False)
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    is_open: Mapped[bool]

    parcels: Mapped[list[CaseParcel]] = relationship(order_by="CaseParcel.seq")
    parts: Mapped[list[Part]] = relationship(order_by="Part.seq")
    documents: Mapped[list[Document]] = relationship(order_by="Document.seq")

    # Belt and braces beside the writer's lock: an UPDATE meets the revision that was read.
    __mapper_args__ = {"version_id_col": revision, "version_id_generator": False}  # noqa: RUF012


class CaseParcel(Box, Base):
    """A parcel of a case; ``is_open`` is that of the case, so that no parcel has two open ones."""

    __tablename__ = "case_parcels"
    __table_args__ = (
        UniqueConstraint("case_id", "seq"),
        UniqueConstraint("case_id", "parcel_id"),
        Index(
            "uq_case_parcels_open",
            "parcel_id",
            unique=True,
            sqlite_where=text("is_open"),
            postgresql_where=text("is_open"),
        ),
        Index(None, "parcel_id"),
        _gist("case_parcels"),
    )

    id: Mapped[int] = _key()
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    seq: Mapped[int]
    parcel_id: Mapped[str]
    previously_part_of: Mapped[str | None]
    is_found: Mapped[bool] = mapped_column(default=True)
    removed: Mapped[bool] = mapped_column(default=False)
    is_open: Mapped[bool]


class Part(Base):
    """A part of a case's land that is disposed in one way."""

    __tablename__ = "parts"
    __table_args__ = (
        UniqueConstraint("case_id", "seq"),
        CheckConstraint("mu_e4 >= 0", name="mu"),
        CheckConstraint("floor_area_m2_e2 >= 0", name="floor_area"),
    )

    id: Mapped[int] = _key()
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    seq: Mapped[int]
    way: Mapped[str] = mapped_column(default="")
    mu_e4: Mapped[int | None]
    floor_area_m2_e2: Mapped[int | None]
    receiving_enterprise: Mapped[str] = mapped_column(default="")
    started_on: Mapped[date | None]
    accepted_on: Mapped[date | None]
    removed: Mapped[bool] = mapped_column(default=False)


class Document(Base):
    """A document of a case: its dates and the hash of its file, not the file."""

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("case_id", "seq"),)

    id: Mapped[int] = _key()
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    seq: Mapped[int]
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="")
    dated: Mapped[date | None]
    deadline: Mapped[date | None]
    served_on: Mapped[date | None]
    sha256: Mapped[str] = mapped_column(default="")
    removed: Mapped[bool] = mapped_column(default=False)


class Event(Base):
    """One change of one field, or the creation of one entity (``field`` is then ``*``).

    Append only: triggers refuse UPDATE and DELETE. ``act`` is the ``seq`` of the first event of
    the same action. Events of corrections have no case; ``entity_seq`` is then the correction.
    """

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("case_id", "seq"),
        CheckConstraint(_ENTITIES, name="entity"),
        Index(
            "uq_events_entity",
            "entity",
            "entity_seq",
            "seq",
            unique=True,
            sqlite_where=text("case_id IS NULL"),
            postgresql_where=text("case_id IS NULL"),
        ),
        Index(None, "undo_of"),
    )

    id: Mapped[int] = _key()
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    seq: Mapped[int]
    act: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[str]
    entity: Mapped[str]
    entity_seq: Mapped[int]
    field: Mapped[str]
    before_json: Mapped[Any] = mapped_column(Json(), nullable=True)
    after_json: Mapped[Any] = mapped_column(Json(), nullable=True)
    why: Mapped[str] = mapped_column(default="")
    undo_of: Mapped[int | None] = mapped_column(ForeignKey("events.id"))


class Correction(Base):
    """A proposed correction of an input, or an objection, and what became of it."""

    __tablename__ = "corrections"
    __table_args__ = (
        CheckConstraint(_STATUSES, name="status"),
        Index(None, "status"),
    )

    id: Mapped[int] = _key()
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    table_name: Mapped[str]
    key: Mapped[str]
    column: Mapped[str]
    old: Mapped[str]
    new: Mapped[str]
    reason: Mapped[str]
    evidence_sha256: Mapped[str] = mapped_column(default="")
    evidence_name: Mapped[str] = mapped_column(default="")
    by: Mapped[str]
    at: Mapped[datetime]
    status: Mapped[str]
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
