"""The node's Storage and Verification SCP (PS3.4 annexes A and B).

Design choice: a peer is told Success only after the sink has returned, and the sink
returns only when the object is durable. Every failure has a status and a comment, and
leaves the association and the listener standing:

========= ==================== ====================================================
Status    PS3.4 B.2.3          When
========= ==================== ====================================================
0x0000    Success              The sink has stored the object.
0xA700    Out of resources     The volume is full or failing; the peer tries again.
0xA900    Data set mismatch    Command and data set name different objects.
0xC000    Cannot understand    The data set does not follow its transfer syntax.
0xC001    Cannot understand    A defect of ours; logged with its traceback.
========= ==================== ====================================================

Design choice: an object is held in memory until it is complete. A peer that aborts in
the middle of a data set leaves nothing behind.
"""

import errno
import logging
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.dsutils import encode_file_meta
from pynetdicom.events import Event

from config.refusal import RefusalError
from node.association.received import (
    DataSetMismatchError,
    ReceivedObject,
    UnintelligibleDataSetError,
)
from node.association.service import Service
from node.association.sockets import PromptServer, end
from node.association.sop_classes import (
    LOSSLESS_TRANSFER_SYNTAXES,
    RECEIVED_SOP_CLASSES,
)
from node.instance_store import StorageFullError

_log = logging.getLogger(__name__)

_VERIFICATION = "1.2.840.10008.1.1"
_COMMENT_LIMIT = 64
"""Characters of *Error Comment* (0000,0902), VR LO."""
_POLL_S = 0.05
_ABORT_S = 1.0
"""Time that an aborted association gets before its connection is cut."""


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


@dataclass(frozen=True)
class ListenerOptions:
    """Where to listen, whom to serve.

    Attributes
    ----------
    ae_title : str
        At most 16 characters.
    host : str
        Address to bind to; empty for all IPv4 addresses.
    port : int
        0 lets the operating system choose.
    maximum_associations : int
        More are rejected as a transient failure, after which a scanner has to retry;
        so it is high.
    maximum_pdu : int
        Bytes that we accept per PDU; 0 for no limit.
    network_timeout_s : float
        Silence, in the middle of a PDU or between messages, after which a peer is gone.
    acse_timeout_s, dimse_timeout_s : float
        Wait for association and message traffic.
    stop_grace_s : float
        Time that associations under way get to end when the listener stops.
    require_called_aet : bool
        Whether a peer must call us by our AE title.
    allowed_calling_aets : tuple of str
        AE titles that may call; empty for all.
    sop_classes, transfer_syntaxes : tuple of str
        UIDs that are accepted, in every combination.
    """

    ae_title: str
    host: str
    port: int
    maximum_associations: int = 100
    maximum_pdu: int = 131072
    network_timeout_s: float = 60.0
    acse_timeout_s: float = 30.0
    dimse_timeout_s: float = 60.0
    stop_grace_s: float = 2.0
    require_called_aet: bool = True
    allowed_calling_aets: tuple[str, ...] = ()
    sop_classes: tuple[str, ...] = RECEIVED_SOP_CLASSES
    transfer_syntaxes: tuple[str, ...] = LOSSLESS_TRANSFER_SYNTAXES


class CannotListenError(RefusalError):
    """The address cannot be bound.

    Attributes
    ----------
    host : str
    port : int
    remedy : str
    """

    def __init__(self, host: str, port: int, why: OSError) -> None:
        self.remedy = _bind_remedy(port, why)
        place = f"{host or '*'}:{port}"
        super().__init__(f"cannot listen on {place}: {why.strerror}. {self.remedy}")
        self.host = host
        self.port = port


class Listener:
    """Receives objects and hands each to the sink.

    Parameters
    ----------
    options : ListenerOptions
    sink : callable
        Takes a `ReceivedObject`, returns a `SinkAnswer`. What it raises is answered
        with a failure: `StorageFullError` and `OSError` as out of resources, anything
        else as a defect.
    services : sequence of Service
        What is served beside storage and verification.
    """

    def __init__(
        self,
        options: ListenerOptions,
        sink: Sink,
        services: Sequence[Service] = (),
    ) -> None:
        self._options = options
        self._sink = sink
        self._services = services
        self._entity = _entity(options)
        for service in services:
            _add(self._entity, service)
        self._port = options.port
        self._server: PromptServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port that was bound last, or the configured one before `start`."""
        return self._port

    def start(self) -> None:
        """Bind and serve, in threads of its own.

        Raises
        ------
        CannotListenError
        """
        options = self._options
        try:
            server = PromptServer(
                self._entity,
                (options.host, options.port),
                options.ae_title,
                self._entity.supported_contexts,
                evt_handlers=[
                    (evt.EVT_C_STORE, self._store),
                    *(each for service in self._services for each in service.handlers),
                ],
            )
        except OSError as failure:
            raise CannotListenError(options.host, options.port, failure) from failure
        self._server = server
        self._port = int(server.server_address[1])
        self._thread = threading.Thread(
            target=server.serve_forever,
            kwargs={"poll_interval": _POLL_S},
            name=f"listener:{self.port}",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """Accept nothing new, let associations end, abort those that do not."""
        if self._server is None or self._thread is None:
            return
        server, self._server = self._server, None
        server.close()
        self._thread.join()
        deadline = time.monotonic() + self._options.stop_grace_s
        while server.active_associations and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        for association in server.active_associations:
            end(association, _ABORT_S)

    def _store(self, event: Event) -> Dataset:
        answer = self._answer(event)
        status = Dataset()
        status.Status = answer.status
        if answer.comment:
            status.ErrorComment = answer.comment[:_COMMENT_LIMIT]
        return status

    def _answer(self, event: Event) -> SinkAnswer:
        """Return the sink's answer, or what an exception amounts to."""
        request = cast("C_STORE", event.request)
        uid = str(request.AffectedSOPInstanceUID)
        try:
            received = _received(event, request)
            received.check_identity()
            return self._sink(received)
        except DataSetMismatchError as refusal:
            answer = SinkAnswer(0xA900, str(refusal))
        except UnintelligibleDataSetError as refusal:
            answer = SinkAnswer(0xC000, str(refusal))
        except (StorageFullError, OSError) as failure:
            _log.error("%s is not stored: %s", uid, failure)
            return OUT_OF_RESOURCES
        except Exception:  # noqa: BLE001 - the listener outlives every defect
            _log.exception("%s is not stored", uid)
            return DEFECT
        _log.warning("%s is refused: %s", uid, answer.comment)
        return answer


def _entity(options: ListenerOptions) -> AE:
    entity = AE(ae_title=options.ae_title)
    entity.maximum_associations = options.maximum_associations
    entity.maximum_pdu_size = options.maximum_pdu
    entity.network_timeout = options.network_timeout_s
    entity.acse_timeout = options.acse_timeout_s
    entity.dimse_timeout = options.dimse_timeout_s
    entity.require_called_aet = options.require_called_aet
    entity.require_calling_aet = list(options.allowed_calling_aets)
    entity.add_supported_context(_VERIFICATION)
    for sop_class in options.sop_classes:
        entity.add_supported_context(sop_class, list(options.transfer_syntaxes))
    return entity


def _add(entity: AE, service: Service) -> None:
    for sop_class in service.sop_classes:
        roles = True if service.both_roles else None
        entity.add_supported_context(sop_class, scu_role=roles, scp_role=roles)


def _received(event: Event, request: C_STORE) -> ReceivedObject:
    association = event.assoc
    address = association.requestor.address_info
    return ReceivedObject(
        sop_class_uid=str(request.AffectedSOPClassUID),
        sop_instance_uid=str(request.AffectedSOPInstanceUID),
        transfer_syntax_uid=str(event.context.transfer_syntax),
        file_meta=bytes(128) + b"DICM" + encode_file_meta(event.file_meta),
        dataset=event.encoded_dataset(include_meta=False),
        calling_ae=association.requestor.ae_title,
        called_ae=association.acceptor.ae_title,
        peer_address="" if address is None else address.address,
    )


def _bind_remedy(port: int, why: OSError) -> str:
    if isinstance(why, socket.gaierror):
        return "Correct the host name; an empty one means all addresses."
    return {
        errno.EADDRINUSE: "Stop the program that uses the port, or choose another one.",
        errno.EACCES: f"Choose a port above 1023, or allow the node port {port}.",
        errno.EADDRNOTAVAIL: "Choose an address of this machine, or leave it empty.",
    }.get(why.errno or 0, "Check the address and the port.")
