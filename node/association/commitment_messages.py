"""Messages of storage commitment over an association that is open, and what they met.

========== =========================================================================
Outcome    When
========== =========================================================================
Taken      0x0000
NotNow     no association for now; 0x0110, 0x0210, 0x0213: surely not taken, and the
           same may be taken later
Declined   no association for good; every other status
Unanswered no answer: taken or not, nobody knows
========== =========================================================================
"""

from dataclasses import dataclass

from pydicom.dataset import Dataset
from pynetdicom.association import Association
from pynetdicom.status import STORAGE_COMMITMENT_SERVICE_CLASS_STATUS

from node.association.commitment_content import (
    ALL_COMMITTED,
    REQUEST_COMMITMENT,
    SOME_FAILED,
    report_dataset,
)
from node.records.commitments import CommitmentReport

PUSH_MODEL = "1.2.840.10008.1.20.1"
"""Storage Commitment Push Model SOP Class."""
WELL_KNOWN_INSTANCE = "1.2.840.10008.1.20.1.1"
"""What every message is about (PS3.4 J.3.5)."""

_SUCCESS = 0x0000
_PASSING = frozenset({0x0110, 0x0210, 0x0213})


@dataclass(frozen=True)
class Taken:
    """The peer has the message."""


@dataclass(frozen=True)
class NotNow:
    """The peer has not taken the message; it may later."""

    why: str


@dataclass(frozen=True)
class Declined:
    """The peer does not take such a message."""

    why: str


@dataclass(frozen=True)
class Unanswered:
    """The message went out, and whether the peer took it is not known."""

    why: str


Outcome = Taken | NotNow | Declined | Unanswered


def send_request(association: Association, content: Dataset) -> Outcome:
    """Send an N-ACTION (PS3.4 J.3.2)."""
    try:
        status, _ = association.send_n_action(
            content, REQUEST_COMMITMENT, PUSH_MODEL, WELL_KNOWN_INSTANCE
        )
    except RuntimeError:
        # The peer has gone before it was asked.
        return Unanswered("the association ended before the question was sent")
    return _judged(status, "N-ACTION")


def send_report(association: Association, report: CommitmentReport) -> Outcome:
    """Send an N-EVENT-REPORT (PS3.4 J.3.3)."""
    kind = SOME_FAILED if report.failed else ALL_COMMITTED
    try:
        status, _ = association.send_n_event_report(
            report_dataset(report), kind, PUSH_MODEL, WELL_KNOWN_INSTANCE
        )
    except RuntimeError:
        return Unanswered("the association ended before the answer was sent")
    return _judged(status, "N-EVENT-REPORT")


def _judged(status: Dataset, message: str) -> Outcome:
    if "Status" not in status:
        return Unanswered(f"no answer to {message}")
    code = int(status.Status)
    if code == _SUCCESS:
        return Taken()
    meaning = STORAGE_COMMITMENT_SERVICE_CLASS_STATUS.get(code, ("", ""))[1]
    words = f"{message} is answered {code:04X} {meaning}".strip()
    return NotNow(words) if code in _PASSING else Declined(words)
