"""Results by kind, and the earlier time points that a result shows.

Revision 0003, after 0002.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_AT_ONCE = 500

_KINDS = {
    "1.2.840.10008.5.1.4.1.1.88.34": "sr",
    "1.2.840.10008.5.1.4.1.1.30": "parametric_map",
    "1.2.840.10008.5.1.4.1.1.88.59": "rejection",
}
"""By SOP class, of all that an earlier version has made."""

INSTANT = sa.BigInteger()
"""Microseconds since 1970."""


def upgrade() -> None:
    """Add columns, and enter in them what is known of what is there."""
    kind = sa.Column("kind", sa.Text(), nullable=False, server_default=sa.text("''"))
    op.add_column("results", kind)
    _name_kinds()
    op.add_column("jobs", sa.Column("history_json", sa.Text(), nullable=True))
    animal = sa.Column(
        "animal_id", sa.Text(), nullable=False, server_default=sa.text("''")
    )
    op.add_column("jobs", animal)
    op.create_index("ix_jobs_animal_id_id", "jobs", ["animal_id", "id"])
    op.add_column("jobs", sa.Column("finished_at", INSTANT, nullable=True))
    op.add_column("jobs", sa.Column("faults", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("released_at", INSTANT, nullable=True))
    op.add_column("jobs", sa.Column("released_by", sa.Text(), nullable=True))
    # Until now a result was entered whole or not at all.
    op.execute(
        "UPDATE jobs SET finished_at = updated_at "
        "WHERE id IN (SELECT job_id FROM results)"
    )
    _name_animals()


def _name_kinds() -> None:
    """Enter of each object of a result what it is."""
    results = sa.table("results", sa.column("sop_class_uid"), sa.column("kind"))
    for sop_class_uid, kind in _KINDS.items():
        these = results.c.sop_class_uid == sop_class_uid
        op.execute(sa.update(results).where(these).values(kind=kind))


def _name_animals() -> None:
    """Enter of each job which animal it is of, as its case says."""
    connection = op.get_bind()
    jobs = sa.table(
        "jobs", sa.column("id"), sa.column("case_json"), sa.column("animal_id")
    )
    after = 0
    while True:
        query = sa.select(jobs.c.id, jobs.c.case_json).where(jobs.c.id > after)
        rows = connection.execute(query.order_by(jobs.c.id).limit(_AT_ONCE)).all()
        if not rows:
            return
        named = [{"job": row.id, "animal": _animal_of(row.case_json)} for row in rows]
        connection.execute(
            sa.update(jobs)
            .where(jobs.c.id == sa.bindparam("job"))
            .values(animal_id=sa.bindparam("animal")),
            named,
        )
        after = rows[-1].id


def _animal_of(case_json: str) -> str:
    try:
        case = json.loads(case_json)
        alone = [each["animal_id"] for each in case["subjects"][:1]]
        return str(case["animal_id"] or "".join(alone))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
