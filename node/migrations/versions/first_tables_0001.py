"""Studies and all that stands beside them: objects, sources, jobs, results, events.

Revision 0001, the first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger()
"""Microseconds since 1970."""


def upgrade() -> None:
    """Create every table."""
    _create_studies()
    _create_series()
    _create_instances()
    _create_links()
    _create_jobs()
    _create_results()
    _create_deliveries()
    _create_releases()
    _create_supplies()
    _create_events()


def _create_studies() -> None:
    op.create_table(
        "studies",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("study_instance_uid", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("study_date", sa.Text(), nullable=False),
        sa.Column("instances", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("decision_detail", sa.Text(), nullable=False),
        sa.Column("settles", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("touched", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("touched_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studies")),
        sa.UniqueConstraint(
            "study_instance_uid", name=op.f("uq_studies_study_instance_uid")
        ),
    )
    op.create_index(
        op.f("ix_studies_settles_touched_at"),
        "studies",
        ["settles", "touched_at"],
        unique=False,
    )
    op.create_index(op.f("ix_studies_state"), "studies", ["state"], unique=False)
    op.create_index(
        op.f("ix_studies_touched_touched_at"),
        "studies",
        ["touched", "touched_at"],
        unique=False,
    )


def _create_series() -> None:
    op.create_table(
        "series",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("study_id", ROW_NUMBER, nullable=False),
        sa.Column("series_instance_uid", sa.Text(), nullable=False),
        sa.Column("modality", sa.Text(), nullable=False),
        sa.Column("series_description", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("instances", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_series_study_id_studies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
    )
    op.create_index(
        op.f("ix_series_study_id_series_instance_uid"),
        "series",
        ["study_id", "series_instance_uid"],
        unique=True,
    )


def _create_instances() -> None:
    op.create_table(
        "instances",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("sop_instance_uid", sa.Text(), nullable=False),
        sa.Column("sop_class_uid", sa.Text(), nullable=False),
        sa.Column("transfer_syntax_uid", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("calling_ae", sa.Text(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("series_id", ROW_NUMBER, nullable=True),
        sa.Column("indexed_at", INSTANT, nullable=True),
        sa.Column("header_json", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_instances_series_id_series")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instances")),
    )
    op.create_index(
        op.f("ix_instances_series_id"), "instances", ["series_id"], unique=False
    )
    op.create_index(
        op.f("ix_instances_sop_instance_uid_sha256"),
        "instances",
        ["sop_instance_uid", "sha256"],
        unique=True,
    )
    op.create_index(
        op.f("ix_instances_state_id"), "instances", ["state", "id"], unique=False
    )
    op.create_index(
        "uq_instances_standing",
        "instances",
        ["sop_instance_uid"],
        unique=True,
        sqlite_where=sa.text("state IN ('received', 'indexed')"),
        postgresql_where=sa.text("state IN ('received', 'indexed')"),
    )


def _create_links() -> None:
    op.create_table(
        "links",
        sa.Column("study_id", ROW_NUMBER, nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_links_study_id_studies")
        ),
        sa.PrimaryKeyConstraint("study_id", "uid", name=op.f("pk_links")),
    )
    op.create_index(
        op.f("ix_links_uid_study_id"), "links", ["uid", "study_id"], unique=False
    )


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("study_id", ROW_NUMBER, nullable=False),
        sa.Column("contours_study_id", ROW_NUMBER, nullable=True),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("case_json", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("predecessor_sr_uid", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contours_study_id"],
            ["studies.id"],
            name=op.f("fk_jobs_contours_study_id_studies"),
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_jobs_study_id_studies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("key", name=op.f("uq_jobs_key")),
    )
    op.create_index(
        op.f("ix_jobs_contours_study_id"), "jobs", ["contours_study_id"], unique=False
    )
    op.create_index(op.f("ix_jobs_line_id"), "jobs", ["line", "id"], unique=False)
    op.create_index(op.f("ix_jobs_state_id"), "jobs", ["state", "id"], unique=False)
    op.create_index(op.f("ix_jobs_study_id"), "jobs", ["study_id"], unique=False)


def _create_results() -> None:
    op.create_table(
        "results",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("job_id", ROW_NUMBER, nullable=False),
        sa.Column("sop_class_uid", sa.Text(), nullable=False),
        sa.Column("sop_instance_uid", sa.Text(), nullable=False),
        sa.Column("series_instance_uid", sa.Text(), nullable=False),
        sa.Column("transfer_syntax_uid", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_results_job_id_jobs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_results")),
        sa.UniqueConstraint(
            "sop_instance_uid", name=op.f("uq_results_sop_instance_uid")
        ),
    )
    op.create_index(op.f("ix_results_job_id"), "results", ["job_id"], unique=False)


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("result_id", ROW_NUMBER, nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["result_id"], ["results.id"], name=op.f("fk_deliveries_result_id_results")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(
        op.f("ix_deliveries_destination_state_due_at"),
        "deliveries",
        ["destination", "state", "due_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deliveries_result_id_destination"),
        "deliveries",
        ["result_id", "destination"],
        unique=True,
    )
    op.create_index(
        op.f("ix_deliveries_state_due_at"),
        "deliveries",
        ["state", "due_at"],
        unique=False,
    )


def _create_releases() -> None:
    op.create_table(
        "releases",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("study_id", ROW_NUMBER, nullable=False),
        sa.Column("animal_id", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("weight_g", sa.Double(), nullable=True),
        sa.Column("activity_bq", sa.Double(), nullable=True),
        sa.Column("injected_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_releases_study_id_studies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
    )
    op.create_index(
        op.f("ix_releases_study_id"), "releases", ["study_id"], unique=False
    )


def _create_supplies() -> None:
    op.create_table(
        "supplies",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("series_id", ROW_NUMBER, nullable=False),
        sa.Column("animal_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("log_digest", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(create_constraint=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_supplies_series_id_series")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplies")),
    )
    op.create_index(
        op.f("ix_supplies_series_id_animal_id"),
        "supplies",
        ["series_id", "animal_id"],
        unique=True,
    )


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("study_instance_uid", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(
        op.f("ix_events_study_instance_uid_id"),
        "events",
        ["study_instance_uid", "id"],
        unique=False,
    )
