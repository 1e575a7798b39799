"""The states that rows of the ledger pass through."""

from enum import StrEnum


class ReceiveOutcome(StrEnum):
    """What the ledger makes of an object that arrived."""

    NEW = "new"
    """The first under its SOP Instance UID."""
    DUPLICATE = "duplicate"
    """The same bytes again; nothing changes, and the new file is not needed."""
    CONFLICT = "conflict"
    """Other bytes under a known SOP Instance UID; kept beside the first, not used."""


class InstanceState(StrEnum):
    """What became of a received object."""

    RECEIVED = "received"
    """Bytes on disk and acknowledged; the header is not read yet."""
    INDEXED = "indexed"
    """Header read; the object takes part in readiness."""
    UNREADABLE = "unreadable"
    """The bytes are kept, but no header could be read; the event says why."""
    CONFLICTING = "conflicting"
    """Another object came first under the same SOP Instance UID; both are kept."""


class StudyState(StrEnum):
    """Where a study stands; always with a reason in words."""

    WAITING = "waiting"
    """Something is still to come; the reason says what."""
    QUEUED = "queued"
    """Complete; a job is pending or running."""
    HELD = "held"
    """A person must act; the reason code and the detail say how."""
    FAILED = "failed"
    """Set aside after repeated defects of ours; everything is kept."""
    SCORED = "scored"
    """The result exists; delivery is under way."""
    DELIVERED = "delivered"
    """Every destination has taken every object."""


class JobState(StrEnum):
    """Life of a computation."""

    PENDING = "pending"
    """To be computed."""
    RUNNING = "running"
    """Given to a worker; goes back to PENDING when the node starts."""
    DONE = "done"
    """Result files and delivery rows exist."""
    HELD = "held"
    """The content is at fault; `reason` and `detail` say why."""
    FAILED = "failed"
    """A defect of ours, or a worker that died, too often."""
    SUPERSEDED = "superseded"
    """Set aside for another job of its line: after it had a result, which a later
    revision then names as predecessor, or before it had one."""


class DeliveryState(StrEnum):
    """Life of one object on its way to one destination."""

    PENDING = "pending"
    """To be sent when due."""
    DELIVERED = "delivered"
    """The destination answered Success or a warning; the status is kept."""
    REFUSED = "refused"
    """The destination will not take it; a person must act."""
