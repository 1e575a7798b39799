"""Results by kind, and the earlier time points that a result shows.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns; what is there stays as it is."""
    # Results of an earlier version have none.
    kind = sa.Column("kind", sa.Text(), nullable=False, server_default=sa.text("''"))
    op.add_column("results", kind)
    op.add_column("jobs", sa.Column("history_json", sa.Text(), nullable=True))
