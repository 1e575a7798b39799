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
    RETIRED = "retired"
    """The file was deleted after its time: its archive has said that it keeps it."""


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
    COMMITTED = "committed"
    """Every destination has said that it keeps every object."""
    WITHDRAWN = "withdrawn"
    """The result was wrong and is taken back; archives are told by a rejection note."""


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
    WITHDRAWN = "withdrawn"
    """Its result was taken back by a person; the same inputs give no other one."""


class DeliveryState(StrEnum):
    """Life of one object on its way to one destination."""

    PENDING = "pending"
    """To be sent when due."""
    DELIVERED = "delivered"
    """The destination answered Success or a warning; the status is kept."""
    COMMITTED = "committed"
    """The destination has said, when it was asked later, that it keeps the object."""
    REFUSED = "refused"
    """The destination will not take it; a person must act."""
    CANCELLED = "cancelled"
    """Not to be sent any more: the result was withdrawn, or replaced, before."""
    WITHHELD = "withheld"
    """To be sent once a person has released the result; see `node.records.withheld`."""


class CommitmentState(StrEnum):
    """Life of a question to a destination whether it keeps what it took."""

    ASKED = "asked"
    """The request was accepted; the answer comes on an association of its own."""
    ANSWERED = "answered"
    """The answer came, for each object committed or failed."""
    OVERDUE = "overdue"
    """No answer came in time; the destination was queried instead."""


class AnswerState(StrEnum):
    """Life of an answer to a peer that asked us for storage commitment."""

    PENDING = "pending"
    """To be sent when due."""
    ANSWERED = "answered"
    """The peer has taken the answer."""
    GIVEN_UP = "given_up"
    """The peer cannot be reached for longer than an answer is of use."""


class RetrievalState(StrEnum):
    """Life of something that the node fetches."""

    WANTED = "wanted"
    """To be asked for when due."""
    CAME = "came"
    """It was received since."""
    GIVEN_UP = "given_up"
    """It did not come within the configured days; the study says so."""
