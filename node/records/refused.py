"""What the node did not take, and from whom."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Refusal:
    """An object or an association that was not taken.

    Attributes
    ----------
    calling_ae : str
        As the peer calls itself; empty when it did not come so far.
    address : str
        IP address of the peer.
    status : str
        C-STORE status as four hexadecimal digits, or ``RJ result/source/reason`` of an
        A-ASSOCIATE-RJ (PS3.8 9.3.4), or ``TLS`` for a handshake that failed.
    why : str
        In words, with the remedy; no patient data.
    sop_class_uid, sop_instance_uid : str
        Of the object; empty for a whole association.
    """

    calling_ae: str
    address: str
    status: str
    why: str
    sop_class_uid: str = ""
    sop_instance_uid: str = ""


@dataclass(frozen=True)
class KeptRefusal:
    """A refusal with its instant, as the ledger remembers it.

    Attributes
    ----------
    refusal : Refusal
    at : datetime
    """

    refusal: Refusal
    at: datetime
