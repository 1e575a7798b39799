"""Storage as an SCP (PS3.4 annex B): what the sink did, told to the peer.

Design choice: a peer is told Success only after the sink has returned, and the sink
returns only when the object is durable. Every failure has a status and a comment, and
leaves the association and the listener standing:

========= ==================== ====================================================
Status    PS3.4 B.2.3          When
========= ==================== ====================================================
0x0000    Success              The sink has stored the object.
0x0117    Invalid SOP          The request names no UID for the object (PS3.7 annex C).
          Instance
0x0122    SOP Class not        The object came in a presentation context of another
          supported            class (PS3.7 9.1.1.1.9).
0xA700    Out of resources     The volume is full or failing; the peer tries again.
0xA900    Data set mismatch    Command and data set name different objects.
0xC000    Cannot understand    The data set does not follow its transfer syntax.
0xC001    Cannot understand    A defect of ours; logged with its traceback.
0xC002    Cannot understand    The object is larger than the node takes.
0xC003    Cannot understand    The request has no data set.
========= ==================== ====================================================

Design choice: an object has no name until it is complete. A peer that aborts in the
middle of a data set leaves nothing behind.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pynetdicom.association import Association

from node.association.file_meta import file_meta
from node.association.incoming import LaneServices, Whole
from node.association.received import (
    DataSetMismatchError,
    ReceivedObject,
    UnintelligibleDataSetError,
)
from node.association.store_messages import StoreRequest
from node.instance_store import StorageFullError
from node.records.refused import Refusal

_log = logging.getLogger(__name__)

_WARNINGS = range(0xB000, 0xC000)


@dataclass(frozen=True)
class SinkAnswer:
    """What the peer is told.

    Attributes
    ----------
    status : int
        C-STORE status (PS3.4 B.2.3).
    comment : str
        *Error Comment*; the first 64 characters are sent. No patient data.
    """

    status: int
    comment: str = ""


STORED = SinkAnswer(0x0000)
"""The object is durable."""
OUT_OF_RESOURCES = SinkAnswer(0xA700, "storage is not available, try again later")
"""Nothing was stored; the peer should try again."""
DEFECT = SinkAnswer(0xC001, "internal error, see the node's log")
"""Nothing is promised; a person must look."""

Sink = Callable[[ReceivedObject], SinkAnswer]
"""Makes an object durable, then answers. Called from several threads at a time."""

Refused = Callable[[Refusal], None]
"""Takes what was not taken; returns soon, and does not raise."""


class Storing:
    """Hands objects to the sink, and tells of those that are not stored.

    Parameters
    ----------
    sink : callable
        Takes a `ReceivedObject`, returns a `SinkAnswer`. What it raises is answered
        with a failure: `StorageFullError` and `OSError` as out of resources, anything
        else as a defect.
    refused : callable
        Is told of each object that was not stored.
    object_limit : int
        Bytes of the largest data set that is taken.
    spool_folder : Path or None
        Where large objects lie while they come; None for the system's own folder.
    """

    def __init__(
        self,
        sink: Sink,
        refused: Refused,
        object_limit: int,
        spool_folder: Path | None = None,
    ) -> None:
        self._sink = sink
        self._refused = refused
        self._object_limit = object_limit
        self._spool_folder = spool_folder

    def lane_services(self, association: Association) -> LaneServices:
        """Return what the short way of an association needs."""
        return LaneServices(
            store=partial(self._store_whole, association),
            refuse=partial(self._refuse, association),
            object_limit=self._object_limit,
            spool_folder=self._spool_folder,
        )

    def _store_whole(self, association: Association, whole: Whole) -> SinkAnswer:
        """Return the sink's answer, or what an exception amounts to."""
        uid = whole.request.sop_instance_uid
        try:
            received = _received(association, whole)
            received.check_identity()
            answer = self._sink(received)
        except DataSetMismatchError as refusal:
            answer = SinkAnswer(0xA900, str(refusal))
        except UnintelligibleDataSetError as refusal:
            answer = SinkAnswer(0xC000, str(refusal))
        except (StorageFullError, OSError) as failure:
            _log.error("%s is not stored: %s", uid, failure)
            answer = OUT_OF_RESOURCES
        except Exception:  # noqa: BLE001 - the listener outlives every defect
            _log.exception("%s is not stored", uid)
            answer = DEFECT
        if answer.status and answer.status not in _WARNINGS:
            self._tell(association, whole.request, answer)
        return answer

    def _refuse(
        self, association: Association, request: StoreRequest, status: int, why: str
    ) -> SinkAnswer:
        answer = SinkAnswer(status, why)
        self._tell(association, request, answer)
        return answer

    def _tell(
        self, association: Association, request: StoreRequest, answer: SinkAnswer
    ) -> None:
        self._refused(
            Refusal(
                calling_ae=association.requestor.ae_title,
                address=_address(association),
                status=f"{answer.status:04X}",
                why=answer.comment,
                sop_class_uid=request.sop_class_uid,
                sop_instance_uid=request.sop_instance_uid,
            )
        )


def _received(association: Association, whole: Whole) -> ReceivedObject:
    request = whole.request
    return ReceivedObject(
        sop_class_uid=request.sop_class_uid,
        sop_instance_uid=request.sop_instance_uid,
        transfer_syntax_uid=whole.transfer_syntax_uid,
        file_meta=file_meta(
            request.sop_class_uid, request.sop_instance_uid, whole.transfer_syntax_uid
        ),
        dataset=whole.dataset,
        calling_ae=association.requestor.ae_title,
        called_ae=association.acceptor.ae_title,
        peer_address=_address(association),
    )


def _address(association: Association) -> str:
    address = association.requestor.address_info
    return "" if address is None else address.address
