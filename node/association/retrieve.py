"""The node's Retrieve SCU: objects that an archive is asked to hand over (PS3.4 C.4).

By C-GET the archive stores over our own association, in which we take the SCP's role of
each storage class (PS3.7 D.3.3.4). By C-MOVE it stores over one of its own, to our AE
title, and so to our listener.

Design choice: what comes goes through the node's own sink, as everything that a scanner
sends: the archive is told Success when the object is durable, and not before.

Design choice: only what was asked for is taken. An archive that ignores the list of
instances and sends a whole series, or everything, is told so for each object, and is
left when it does not stop.

Design choice: an archive's count of what it sent is a sentence for people and nothing
more. What came is what the sink took; of a C-MOVE, what the ledger holds.

Design choice: compressed images are proposed one transfer syntax a context, so that an
archive that stores them so may send the bytes as they lie.
"""

import time
from collections.abc import Callable, Iterator, Sequence

from pydicom import uid
from pydicom.dataset import Dataset
from pynetdicom import build_context, build_role, evt
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext
from pynetdicom.status import (
    QR_GET_SERVICE_CLASS_STATUS,
    QR_MOVE_SERVICE_CLASS_STATUS,
)

from dicom_io.attributes import texts
from node.association.query import UNCOMPRESSED
from node.association.requestor import (
    Destination,
    PeerRefusesError,
    PeerUnavailableError,
    associate,
    close,
)
from node.association.retrieve_request import (
    Fetched,
    Request,
    identifier_of,
    parts_of,
)
from node.association.sockets import end
from node.association.sop_classes import (
    LOSSLESS_TRANSFER_SYNTAXES,
    SCORED_SOP_CLASSES,
)
from node.association.taking import Taker, Taking, few

__all__ = ["Fetched", "Request", "Taker", "get", "move"]

STUDY_ROOT_MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
STUDY_ROOT_GET = "1.2.840.10008.5.1.4.1.2.2.3"

_SUCCESS = 0x0000
_SOME_FAILED = 0xB000
_CANCELLED = 0xFE00
_UNKNOWN_DESTINATION = 0xA801
_PENDING = frozenset({0xFF00, 0xFF01})
_PASSING = frozenset({0x0110, 0x0213, _CANCELLED, *range(0xA700, 0xA800)})
"""Out of resources or order for now; a C-MOVE answers so when it cannot reach us."""
_LONGEST_S = 3600.0
"""Of one request, however regularly its objects come."""
_CANCEL_S = 10.0
"""Time that an archive gets to end after C-CANCEL."""
_ABORT_S = 1.0
_DEFLATED = uid.DeflatedExplicitVRLittleEndian
_WITHOUT_PIXELS = frozenset(
    {
        uid.RTStructureSetStorage,
        uid.SpatialRegistrationStorage,
        uid.DeformableSpatialRegistrationStorage,
        uid.AcquisitionContextSRStorage,
    }
)


def get(
    source: Destination,
    requests: Sequence[Request],
    taker: Taker,
    going: Callable[[], bool] = lambda: True,
) -> Fetched:
    """Have an archive hand objects over by C-GET, and return what became of it.

    Parameters
    ----------
    source : Destination
    requests : sequence of Request
        All over one association.
    taker : Taker
    going : callable
        Whether to go on; asked between objects.

    Raises
    ------
    PeerUnavailableError, PeerRefusesError
        What was taken before stays taken.
    """
    roles = [build_role(each, scp_role=True) for each in SCORED_SOP_CLASSES]
    association = associate(source, _get_contexts(), roles)
    asking = _Asking(source, association, STUDY_ROOT_GET, going)
    taking = Taking(source, taker, asking.is_over, asking.cut)
    association.bind(evt.EVT_C_STORE, taking.store)
    return _all_of(asking, taking, requests)


def move(
    source: Destination,
    requests: Sequence[Request],
    going: Callable[[], bool] = lambda: True,
) -> Fetched:
    """Have an archive send objects to our AE title, and return what it says of it.

    Parameters
    ----------
    source : Destination
        Its calling AE title is where the objects are to go.
    requests : sequence of Request
        All over one association.
    going : callable
        Whether to go on; asked whenever the archive says how far it is.

    Raises
    ------
    PeerUnavailableError, PeerRefusesError
    """
    contexts = [build_context(STUDY_ROOT_MOVE, [*UNCOMPRESSED])]
    association = associate(source, contexts)
    asking = _Asking(source, association, STUDY_ROOT_MOVE, going)
    return _all_of(asking, None, requests)


def _all_of(
    asking: "_Asking", taking: Taking | None, requests: Sequence[Request]
) -> Fetched:
    sent, faults = 0, list[str]()
    try:
        for request in requests:
            for part in parts_of(request):
                if taking is not None:
                    taking.expect(part.instance_uids)
                done = _asked(asking, taking, part)
                sent += done.sent
                faults += done.faults
    finally:
        close(asking.association, broken=asking.broken)
    if taking is None:
        return Fetched(sent=sent, faults=tuple(faults))
    return Fetched(frozenset(taking.taken), sent, (*faults, *taking.faults))


def _asked(asking: "_Asking", taking: Taking | None, part: Request) -> Fetched:
    """Ask; a failure says what we did not take as well, which may be its cause."""
    try:
        return asking.ask(part)
    except PeerUnavailableError as failure:
        ours = () if taking is None else taking.faults
        raise PeerUnavailableError(
            "; ".join((str(failure), *ours)), failure.kind
        ) from failure


def _get_contexts() -> list[PresentationContext]:
    """Return what is asked in, and what objects may come in; fewer than 128."""
    contexts = [build_context(STUDY_ROOT_GET, [*UNCOMPRESSED])]
    for sop_class in SCORED_SOP_CLASSES:
        contexts.append(build_context(sop_class, [*UNCOMPRESSED]))
        contexts += [
            build_context(sop_class, syntax)
            for syntax in LOSSLESS_TRANSFER_SYNTAXES
            if syntax not in UNCOMPRESSED
            and (sop_class not in _WITHOUT_PIXELS or syntax == _DEFLATED)
        ]
    return contexts


class _Asking:
    """Requests over one association, and when they have lasted too long."""

    def __init__(
        self,
        source: Destination,
        association: Association,
        model: str,
        going: Callable[[], bool],
    ) -> None:
        self.association = association
        self.broken = False
        self._source = source
        self._model = model
        self._going = going
        self._message_id = 0
        self._until = 0.0
        self._cancelled_at: float | None = None

    def ask(self, part: Request) -> Fetched:
        """Send a request, and return what the archive says when it is done."""
        self._message_id += 1
        self._until = time.monotonic() + _LONGEST_S
        try:
            responses = self._responses(identifier_of(part))
        # pynetdicom's, where the peer has gone between two requests.
        except RuntimeError as failure:
            self.broken = True
            why = f"{self._source.place} broke the association"
            raise PeerUnavailableError(why) from failure
        for status, identifier in responses:
            if "Status" not in status:
                self.broken = True
                why = f"{self._source.place} does not answer {self._verb}"
                raise PeerUnavailableError(why)
            if int(status.Status) not in _PENDING:
                return self._done(status, identifier)
            self.is_over()
        why = f"{self._source.place} ended {self._verb} without an answer"
        raise PeerUnavailableError(why)

    def is_over(self) -> bool:
        """Return whether nothing more is wanted; the archive is then told to stop.

        One that goes on regardless is cut off.
        """
        now = time.monotonic()
        if self._cancelled_at is not None:
            if now - self._cancelled_at > _CANCEL_S:
                self.cut()
            return True
        if self._going() and now < self._until:
            return False
        self._cancelled_at = now
        self.association.send_c_cancel(self._message_id, query_model=self._model)
        return True

    def cut(self) -> None:
        """End the association at once."""
        self.broken = True
        end(self.association, _ABORT_S)
        # What pynetdicom puts there when the peer aborts; whoever waits for a message
        # would otherwise do so until it times out.
        self.association.dimse.msg_queue.put((None, None))

    @property
    def _verb(self) -> str:
        return "C-GET" if self._model == STUDY_ROOT_GET else "C-MOVE"

    def _responses(
        self, identifier: Dataset
    ) -> Iterator[tuple[Dataset, Dataset | None]]:
        if self._model == STUDY_ROOT_GET:
            return self.association.send_c_get(
                identifier, self._model, self._message_id
            )
        return self.association.send_c_move(
            identifier, self._source.calling_ae, self._model, self._message_id
        )

    def _done(self, status: Dataset, identifier: Dataset | None) -> Fetched:
        code = int(status.Status)
        sent = sum(
            int(status.get(f"NumberOf{kind}Suboperations") or 0)
            for kind in ("Completed", "Warning")
        )
        if code == _SUCCESS:
            return Fetched(sent=sent)
        words = self._words(code, status)
        if code == _SOME_FAILED:
            return Fetched(sent=sent, faults=(words, *_not_sent(identifier)))
        if code == _UNKNOWN_DESTINATION:
            words += (
                f"; tell it that AE title {self._source.calling_ae} is this node, its "
                "host and its port"
            )
        if code in _PASSING:
            raise PeerUnavailableError(words)
        raise PeerRefusesError(words)

    def _words(self, code: int, status: Dataset) -> str:
        meanings = (
            QR_GET_SERVICE_CLASS_STATUS
            if self._model == STUDY_ROOT_GET
            else QR_MOVE_SERVICE_CLASS_STATUS
        )
        meaning = meanings.get(code, ("", ""))[1]
        comment = str(status.get("ErrorComment") or "")
        said = ": ".join(part for part in (meaning, comment) if part)
        return f"{self._source.place} answers {self._verb} with {code:04X} {said}"


def _not_sent(identifier: Dataset | None) -> tuple[str, ...]:
    """Return which instances an archive says that it could not send."""
    if identifier is None:
        return ()
    uids = texts(identifier, "FailedSOPInstanceUIDList")
    return few([f"{each} was not sent" for each in uids])
