"""Run by Alembic: applies the changes on the connection that the ledger hands over."""

from alembic import context

from node.tables import STUDIES

context.configure(
    connection=context.config.attributes["connection"], target_metadata=STUDIES.metadata
)
with context.begin_transaction():
    context.run_migrations()
