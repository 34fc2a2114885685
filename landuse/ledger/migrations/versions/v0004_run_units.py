"""What each recorded run made of every enterprise: its place in its industry, year after year."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from landuse.ledger.types import Json, Key

revision: Final = "0004"
down_revision: Final = "0003"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """Make the table and its index; runs that are recorded already have no rows in it."""
    op.create_table(
        "run_units",
        sa.Column("id", Key, autoincrement=True, nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("facts_json", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run_units"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_run_units_run_id"),
        sa.UniqueConstraint("run_id", "uscc", name="uq_run_units_run_id_uscc"),
    )
    op.create_index("ix_run_units_uscc", "run_units", ["uscc"])
