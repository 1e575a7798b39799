"""Results by kind, and the earlier time points that a result shows.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.BigInteger()
"""Microseconds since 1970."""


def upgrade() -> None:
    """Add columns; what is there stays as it is."""
    # Results of an earlier version have none.
    kind = sa.Column("kind", sa.Text(), nullable=False, server_default=sa.text("''"))
    op.add_column("results", kind)
    op.add_column("jobs", sa.Column("history_json", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("finished_at", INSTANT, nullable=True))
    # Until now a result was entered whole or not at all.
    op.execute(
        "UPDATE jobs SET finished_at = updated_at "
        "WHERE id IN (SELECT job_id FROM results)"
    )
