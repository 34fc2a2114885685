"""Alembic's entry: runs the versions on the connection that the program gives."""

from __future__ import annotations

from alembic import context

from landuse.ledger.migrating import VERSION_TABLE


def run() -> None:
    """Run inside the transaction that the caller began and will end."""
    context.configure(
        connection=context.config.attributes["connection"],
        version_table=VERSION_TABLE,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if not __name__.startswith("landuse"):  # Alembic loads this file by its path, tests by its name
    run()
