"""Proof of keeping: commitments, answers, retrievals, withdrawals, refusals.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger()
"""Microseconds since 1970."""


def upgrade() -> None:
    """Add columns and tables; what is there stays as it is."""
    _add_retirement()
    op.add_column("deliveries", sa.Column("confirm_at", INSTANT, nullable=True))
    op.add_column("deliveries", sa.Column("confirmation", sa.Text(), nullable=True))
    op.add_column("deliveries", sa.Column("resends", sa.Integer(), nullable=True))
    op.create_index(
        op.f("ix_deliveries_destination_state_confirm_at"),
        "deliveries",
        ["destination", "state", "confirm_at"],
        unique=False,
    )
    op.add_column("deliveries", sa.Column("offered_at", INSTANT, nullable=True))
    _create_commitments()
    _create_commitment_answers()
    _create_retrievals()
    _create_withdrawals()
    _create_refusals()


def _add_retirement() -> None:
    for table in ("studies", "instances", "results"):
        op.add_column(table, sa.Column("retired_at", INSTANT, nullable=True))
    # Results of an earlier version have none.
    digest = sa.Column(
        "sha256", sa.Text(), nullable=False, server_default=sa.text("''")
    )
    op.add_column("results", digest)
    aside = sa.text("state IN ('unreadable', 'conflicting')")
    op.create_index(
        "ix_instances_aside",
        "instances",
        ["sha256"],
        unique=False,
        sqlite_where=aside,
        postgresql_where=aside,
    )
    op.drop_index(op.f("ix_studies_state"), "studies")
    for columns in (
        ["updated_at", "id"],
        ["state", "updated_at", "id"],
        ["retired_at", "updated_at"],
    ):
        name = op.f(f"ix_studies_{'_'.join(columns)}")
        op.create_index(name, "studies", columns, unique=False)


def _create_commitments() -> None:
    op.create_table(
        "commitments",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("transaction_uid", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitments")),
        sa.UniqueConstraint(
            "transaction_uid", name=op.f("uq_commitments_transaction_uid")
        ),
    )
    op.create_index(
        op.f("ix_commitments_destination_state_due_at"),
        "commitments",
        ["destination", "state", "due_at"],
        unique=False,
    )
    op.create_table(
        "commitment_items",
        sa.Column("commitment_id", ROW_NUMBER, nullable=False),
        sa.Column("sop_instance_uid", sa.Text(), nullable=False),
        sa.Column("sop_class_uid", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commitment_id"],
            ["commitments.id"],
            name=op.f("fk_commitment_items_commitment_id_commitments"),
        ),
        sa.PrimaryKeyConstraint(
            "commitment_id", "sop_instance_uid", name=op.f("pk_commitment_items")
        ),
    )
    op.create_index(
        op.f("ix_commitment_items_sop_instance_uid"),
        "commitment_items",
        ["sop_instance_uid"],
        unique=False,
    )


def _create_commitment_answers() -> None:
    op.create_table(
        "commitment_answers",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("transaction_uid", sa.Text(), nullable=False),
        sa.Column("calling_ae", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("items_json", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_answers")),
    )
    op.create_index(
        op.f("ix_commitment_answers_calling_ae_transaction_uid"),
        "commitment_answers",
        ["calling_ae", "transaction_uid"],
        unique=True,
    )
    op.create_index(
        op.f("ix_commitment_answers_state_due_at"),
        "commitment_answers",
        ["state", "due_at"],
        unique=False,
    )


def _create_retrievals() -> None:
    op.create_table(
        "retrievals",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("study_id", ROW_NUMBER, nullable=False),
        sa.Column("sought_json", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("wanted_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_retrievals_study_id_studies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retrievals")),
    )
    op.create_index(
        op.f("ix_retrievals_study_id"), "retrievals", ["study_id"], unique=False
    )
    op.create_index(
        op.f("ix_retrievals_study_id_sought_json"),
        "retrievals",
        ["study_id", "sought_json"],
        unique=True,
    )
    op.create_index(
        op.f("ix_retrievals_state_due_at"),
        "retrievals",
        ["state", "due_at"],
        unique=False,
    )


def _create_withdrawals() -> None:
    op.create_table(
        "withdrawals",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("job_id", ROW_NUMBER, nullable=False),
        sa.Column("note_uid", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_withdrawals_job_id_jobs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawals")),
        sa.UniqueConstraint("job_id", name=op.f("uq_withdrawals_job_id")),
    )


def _create_refusals() -> None:
    op.create_table(
        "refusals",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("calling_ae", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("sop_class_uid", sa.Text(), nullable=False),
        sa.Column("sop_instance_uid", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusals")),
    )
    op.create_index(
        op.f("ix_refusals_sop_instance_uid"),
        "refusals",
        ["sop_instance_uid"],
        unique=False,
    )
