"""Storage commitment as values (PS3.4 annex J): what is asked, and what is answered.

Who asks names objects under a *Transaction UID* (0008,1195); who keeps them answers for
each, later and under the same UID, that it keeps it or why not.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from dicom_io.source_reference import SourceReference
from node.records.states import InstanceState

PROCESSING_FAILURE = 0x0110
NO_SUCH_INSTANCE = 0x0112
CLASS_CONFLICT = 0x0119
CLASS_NOT_SUPPORTED = 0x0122
DUPLICATE_TRANSACTION = 0x0131
NO_RESOURCES = 0x0213

_FAILURES = {
    PROCESSING_FAILURE: "processing failure",
    NO_SUCH_INSTANCE: "no such object instance",
    CLASS_CONFLICT: "class/instance conflict",
    CLASS_NOT_SUPPORTED: "referenced SOP class not supported",
    DUPLICATE_TRANSACTION: "duplicate transaction UID",
    NO_RESOURCES: "resource limitation",
}


_SAYS_NOTHING = (PROCESSING_FAILURE, DUPLICATE_TRANSACTION, NO_RESOURCES)


def failure_words(reason: int) -> str:
    """Return a *Failure Reason* (0008,1197) in words (PS3.3 C.14.1.1)."""
    return f"{reason:04X} {_FAILURES.get(reason, 'unknown failure reason')}"


def says_nothing(words: str) -> bool:
    """Return whether a failure leaves open if the object is there."""
    return words in {failure_words(reason) for reason in _SAYS_NOTHING}


class CommitmentItem(NamedTuple):
    """An object that is to be kept.

    Attributes
    ----------
    sop_class_uid, sop_instance_uid : str
    """

    sop_class_uid: str
    sop_instance_uid: str


class FailedItem(NamedTuple):
    """An object that is not kept.

    Attributes
    ----------
    item : CommitmentItem
    reason : int
        *Failure Reason* (0008,1197).
    """

    item: CommitmentItem
    reason: int


@dataclass(frozen=True)
class CommitmentRequest:
    """What a peer asks the node to keep.

    Attributes
    ----------
    transaction_uid : str
    items : tuple of CommitmentItem
        At least one; each once.
    calling_ae : str
    address : str
        Where it called from.
    """

    transaction_uid: str
    items: tuple[CommitmentItem, ...]
    calling_ae: str
    address: str


@dataclass(frozen=True)
class CommitmentReport:
    """What a peer answers to a question of the node, or the node to one of a peer.

    Attributes
    ----------
    transaction_uid : str
    committed : tuple of CommitmentItem
    failed : tuple of FailedItem
    calling_ae : str
        Who says so; empty for the node's own.
    """

    transaction_uid: str
    committed: tuple[CommitmentItem, ...]
    failed: tuple[FailedItem, ...]
    calling_ae: str = ""


@dataclass(frozen=True)
class Unconfirmed:
    """An object that a destination took, and has not said that it keeps.

    Attributes
    ----------
    identifier : int
        Of the delivery.
    reference : SourceReference
    delivered_at : datetime
    resends : int
        How often it was sent again because the destination did not have it.
    """

    identifier: int
    reference: SourceReference
    delivered_at: datetime
    resends: int

    @property
    def item(self) -> CommitmentItem:
        """The object as a question names it."""
        reference = self.reference
        return CommitmentItem(reference.sop_class_uid, reference.sop_instance_uid)


@dataclass(frozen=True)
class AskedItem:
    """An object that a peer asks about.

    Attributes
    ----------
    item : CommitmentItem
    refused : int
        *Failure Reason* that was settled when it was asked; 0 when there is none.
    """

    item: CommitmentItem
    refused: int = 0


@dataclass(frozen=True)
class DueAnswer:
    """An answer that a peer waits for.

    Attributes
    ----------
    identifier : int
        Row number.
    transaction_uid, calling_ae, address : str
    items : tuple of AskedItem
    attempts : int
        Made so far.
    asked_at : datetime
    """

    identifier: int
    transaction_uid: str
    calling_ae: str
    address: str
    items: tuple[AskedItem, ...]
    attempts: int
    asked_at: datetime


class KeptInstance(NamedTuple):
    """A row of a received object, as far as a commitment depends on it.

    Attributes
    ----------
    sop_class_uid, sop_instance_uid : str
    sha256 : str
        Of the data set.
    path : Path
    state : InstanceState
    """

    sop_class_uid: str
    sop_instance_uid: str
    sha256: str
    path: Path
    state: InstanceState
