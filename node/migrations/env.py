"""Run by Alembic: applies the changes on the connection that the ledger hands over."""

from alembic import context

from node.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA
)
with context.begin_transaction():
    context.run_migrations()
