"""The ledger's tables.

Design choice: states are text, not database enums, so that a new state needs no change
of the schema; their meaning stands in `node.records`. Instants are whole microseconds
since 1970 in UTC: exact, sortable, and the same in SQLite and PostgreSQL. Rows refer to
series and studies by number, because a million copies of a 64-character UID in an index
would be most of the file.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from node.columns import METADATA, Instant, RowNumber

STUDIES = Table(
    "studies",
    METADATA,
    Column("id", RowNumber, primary_key=True),
    Column("study_instance_uid", Text, nullable=False, unique=True),
    Column("patient_id", Text, nullable=False),
    Column("study_date", Text, nullable=False),
    Column("instances", Integer, nullable=False),
    # What people see: the decision, overtaken by what became of the jobs.
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
    # The decision from the content alone.
    Column("decision", Text, nullable=False),
    Column("decision_reason", Text, nullable=False),
    Column("decision_detail", Text, nullable=False),
    Column("settles", Boolean(create_constraint=False), nullable=False),
    # Content changed since the decision; see `TouchedStudy`.
    Column("generation", BigInteger, nullable=False),
    Column("touched", Boolean(create_constraint=False), nullable=False),
    Column("touched_at", Instant, nullable=False),
    # When its files were deleted by retention; empty again when one of them comes.
    Column("retired_at", Instant),
    Index(None, "touched", "touched_at"),
    Index(None, "settles", "touched_at"),
    Index(None, "updated_at", "id"),
    Index(None, "state", "updated_at", "id"),
    Index(None, "retired_at", "updated_at"),
)

SERIES = Table(
    "series",
    METADATA,
    Column("id", RowNumber, primary_key=True),
    Column("study_id", RowNumber, ForeignKey("studies.id"), nullable=False),
    Column("series_instance_uid", Text, nullable=False),
    Column("modality", Text, nullable=False),
    Column("series_description", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("instances", Integer, nullable=False),
    Index(None, "study_id", "series_instance_uid", unique=True),
)

INSTANCES = Table(
    "instances",
    METADATA,
    Column("id", RowNumber, primary_key=True),
    Column("sop_instance_uid", Text, nullable=False),
    Column("sop_class_uid", Text, nullable=False),
    Column("transfer_syntax_uid", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("calling_ae", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("series_id", RowNumber, ForeignKey("series.id"), index=True),
    Column("indexed_at", Instant),
    Column("header_json", Text),
    # When the file was deleted by retention.
    Column("retired_at", Instant),
    Index(None, "state", "id"),
    Index(None, "sop_instance_uid", "sha256", unique=True),
    # What is set aside may share its file with an object that is deleted.
    Index(
        "ix_instances_aside",
        "sha256",
        sqlite_where=text("state IN ('unreadable', 'conflicting')"),
        postgresql_where=text("state IN ('unreadable', 'conflicting')"),
    ),
    # One object stands for a SOP Instance UID; conflicting ones lie beside it.
    Index(
        "uq_instances_standing",
        "sop_instance_uid",
        unique=True,
        sqlite_where=text("state IN ('received', 'indexed')"),
        postgresql_where=text("state IN ('received', 'indexed')"),
    ),
)

LINKS = Table(
    "links",
    METADATA,
    Column("study_id", RowNumber, ForeignKey("studies.id"), primary_key=True),
    # Of a series, frame of reference or instance that the study holds or refers to.
    # Studies that share one are decided on together.
    Column("uid", Text, primary_key=True),
    Index(None, "uid", "study_id"),
)

JOBS = Table(
    "jobs",
    METADATA,
    Column("id", RowNumber, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("study_id", RowNumber, ForeignKey("studies.id"), nullable=False, index=True),
    Column("contours_study_id", RowNumber, ForeignKey("studies.id"), index=True),
    Column("line", Text, nullable=False),
    Column("case_json", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("predecessor_sr_uid", Text),
    # What ties an animal's time points together; empty where it has no name.
    Column("animal_id", Text, nullable=False, server_default=text("''")),
    # The animal's earlier time points, as they were known when a worker first got it.
    Column("history_json", Text),
    # When all objects of its result were entered; the report may be there before.
    Column("finished_at", Instant),
    Column("reason", Text),
    Column("detail", Text),
    # Of its objects: why they should not be sent, in words; none when there is nothing.
    Column("faults", Text),
    # When and by whom a result was released that was withheld.
    Column("released_at", Instant),
    Column("released_by", Text),
    Index(None, "line", "id"),
    Index(None, "state", "id"),
    Index(None, "animal_id", "id"),
)

RESULTS = Table(
    "results",
    METADATA,
    Column("id", RowNumber, primary_key=True),
    Column("job_id", RowNumber, ForeignKey("jobs.id"), nullable=False, index=True),
    Column("sop_class_uid", Text, nullable=False),
    Column("sop_instance_uid", Text, nullable=False, unique=True),
    Column("series_instance_uid", Text, nullable=False),
    Column("transfer_syntax_uid", Text, nullable=False),
    Column("path", Text, nullable=False),
    # Of the file; empty where nobody knew it.
    Column("sha256", Text, nullable=False, server_default=text("''")),
    # What it is of a result; empty where nobody knew it.
    Column("kind", Text, nullable=False, server_default=text("''")),
    # When the file was deleted by retention.
    Column("retired_at", Instant),
)

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("id", RowNumber, primary_key=True),
    Column("result_id", RowNumber, ForeignKey("results.id"), nullable=False),
    Column("destination", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("status", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
    # Of the question whether the destination keeps the object: when it is to be asked,
    # and what it said last.
    Column("confirm_at", Instant),
    Column("confirmation", Text),
    # Since when the destination may have the object, whatever it answered; none when
    # no attempt can have got so far.
    Column("offered_at", Instant),
    # How often it was sent again because the destination did not have it.
    Column("resends", Integer),
    Index(None, "result_id", "destination", unique=True),
    Index(None, "destination", "state", "confirm_at"),
    Index(None, "destination", "state", "due_at"),
    Index(None, "state", "due_at"),
)

COMMITMENTS = Table(
    "commitments",
    METADATA,
    Column("id", RowNumber, primary_key=True),
    Column("transaction_uid", Text, nullable=False, unique=True),
    Column("destination", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Index(None, "destination", "state", "due_at"),
)
"""Questions that the node asked by N-ACTION (PS3.4 annex J)."""

COMMITMENT_ITEMS = Table(
    "commitment_items",
    METADATA,
    Column("commitment_id", RowNumber, ForeignKey("commitments.id"), primary_key=True),
    Column("sop_instance_uid", Text, primary_key=True),
    Column("sop_class_uid", Text, nullable=False),
    # Empty until the answer; then committed, or the failure reason in words.
    Column("answer", Text, nullable=False),
    Index(None, "sop_instance_uid"),
)

COMMITMENT_ANSWERS = Table(
    "commitment_answers",
    METADATA,
    Column("id", RowNumber, primary_key=True),
    Column("transaction_uid", Text, nullable=False),
    Column("calling_ae", Text, nullable=False),
    Column("address", Text, nullable=False),
    # SOP Class and Instance UIDs that were asked for.
    Column("items_json", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("status", Text, nullable=False),
    Index(None, "calling_ae", "transaction_uid", unique=True),
    Index(None, "state", "due_at"),
)
"""Questions that a peer asked the node, and the answers to them."""

RETRIEVALS = Table(
    "retrievals",
    METADATA,
    Column("id", RowNumber, primary_key=True),
    Column("study_id", RowNumber, ForeignKey("studies.id"), nullable=False, index=True),
    # What is sought, as `node.retrieving` words it; the same thing is one row.
    Column("sought_json", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("wanted_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("status", Text, nullable=False),
    Index(None, "study_id", "sought_json", unique=True),
    Index(None, "state", "due_at"),
)

WITHDRAWALS = Table(
    "withdrawals",
    METADATA,
    Column("id", RowNumber, primary_key=True),
    Column("job_id", RowNumber, ForeignKey("jobs.id"), nullable=False, unique=True),
    # Of the rejection note, itself a result object of the job.
    Column("note_uid", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
)

REFUSALS = Table(
    "refusals",
    METADATA,
    Column("id", RowNumber, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("calling_ae", Text, nullable=False),
    Column("address", Text, nullable=False),
    # Empty for a whole association.
    Column("sop_class_uid", Text, nullable=False),
    Column("sop_instance_uid", Text, nullable=False),
    # C-STORE status, or result and reason of the association's rejection.
    Column("status", Text, nullable=False),
    Column("why", Text, nullable=False),
    Index(None, "sop_instance_uid"),
)
"""Objects and associations that the node did not take."""

RELEASES = Table(
    "releases",
    METADATA,
    Column("id", RowNumber, primary_key=True),
    Column("study_id", RowNumber, ForeignKey("studies.id"), nullable=False, index=True),
    # Empty where one animal lay in the bed.
    Column("animal_id", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("weight_g", Double),
    Column("activity_bq", Double),
    Column("injected_at", Instant),
)

SUPPLIES = Table(
    "supplies",
    METADATA,
    Column("id", RowNumber, primary_key=True),
    Column("series_id", RowNumber, ForeignKey("series.id"), nullable=False),
    # Empty where one animal lay in the bed.
    Column("animal_id", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("log_digest", Text, nullable=False),
    Column("edition", Integer, nullable=False),
    # Whether the animal is still said to lie in the bed.
    Column("current", Boolean(create_constraint=False), nullable=False),
    Index(None, "series_id", "animal_id", unique=True),
)

EVENTS = Table(
    "events",
    METADATA,
    Column("id", RowNumber, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("study_instance_uid", Text),
    Column("text", Text, nullable=False),
    Index(None, "study_instance_uid", "id"),
)
