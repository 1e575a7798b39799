"""What an audit repository is told, as values; the standard's words for it elsewhere.

Design choice: the events of PS3.15 A.5.3 that a node without users has. Nobody logs in
to it and nobody reads its audit trail, so it has no User Authentication and no Audit
Log Used; it accesses studies only to make results of them, which are transferred.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


@dataclass(frozen=True)
class Party:
    """An application that took part.

    Attributes
    ----------
    ae_title : str
        Empty where there is none, as over HTTP.
    address : str
        IP address, host name or URL.
    is_requestor : bool
        Whether it began.
    subject : str
        Whom its certificate names; empty without one.
    """

    ae_title: str
    address: str
    is_requestor: bool = False
    subject: str = ""


@dataclass(frozen=True)
class StudyPart:
    """Objects of one study.

    Attributes
    ----------
    study_instance_uid : str
    patient_id : str
        For the repository alone. Empty when it is not known.
    instances : mapping of str to int
        Number of objects by SOP Class UID.
    """

    study_instance_uid: str
    patient_id: str = ""
    instances: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Started:
    """The node was started (A.5.3.1).

    Attributes
    ----------
    at : datetime
    """

    at: datetime


@dataclass(frozen=True)
class Stopped:
    """The node was stopped (A.5.3.1).

    Attributes
    ----------
    at : datetime
    """

    at: datetime


@dataclass(frozen=True)
class TransferBegun:
    """Objects are about to be sent (A.5.3.3).

    Attributes
    ----------
    at : datetime
    source, destination : Party
    study : StudyPart
    """

    at: datetime
    source: Party
    destination: Party
    study: StudyPart


@dataclass(frozen=True)
class Transferred:
    """Objects were sent or received (A.5.3.7).

    Attributes
    ----------
    at : datetime
    source, destination : Party
    study : StudyPart
    why_not : str
        Empty when the transfer succeeded.
    """

    at: datetime
    source: Party
    destination: Party
    study: StudyPart
    why_not: str = ""


@dataclass(frozen=True)
class StudyDeleted:
    """The files of a study were deleted (A.5.3.8).

    Attributes
    ----------
    at : datetime
    study : StudyPart
    """

    at: datetime
    study: StudyPart


@dataclass(frozen=True)
class Queried:
    """An archive was asked what it holds (A.5.3.10).

    Attributes
    ----------
    at : datetime
    source, destination : Party
    sop_class_uid : str
        Of the query.
    query : bytes
        The identifier as it was sent.
    transfer_syntax_uid : str
    """

    at: datetime
    source: Party
    destination: Party
    sop_class_uid: str
    query: bytes
    transfer_syntax_uid: str


class AlertKind(Enum):
    """What alarmed the node: code and meaning of PS3.16 CID 403."""

    NODE_AUTHENTICATION = ("110126", "Node Authentication")
    """A certificate is missing or not believed, or TLS was not agreed on."""
    RESTRICTED_FUNCTION = ("110132", "Use of Restricted Function")
    """Someone asked for what is not allowed to them."""
    NETWORK_CONFIGURATION = ("110128", "Network Configuration")
    """A certificate ends or has ended."""


@dataclass(frozen=True)
class Alert:
    """Someone was not let in, or security is at risk (A.5.3.11).

    Attributes
    ----------
    at : datetime
    kind : AlertKind
    party : Party
        Who was not let in, or whose certificate it is.
    words : str
        Without patient data.
    """

    at: datetime
    kind: AlertKind
    party: Party
    words: str


AuditEvent = (
    Started | Stopped | TransferBegun | Transferred | StudyDeleted | Queried | Alert
)
