"""The node's Storage and Verification SCP (PS3.4 annexes A and B).

Design choice: an association that is accepted waits for news instead of polling
(`node.association.waking`), and ordinary objects go a short way (`store_lane`); both
are pynetdicom's associations otherwise, with all its events.
"""

import errno
import logging
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pynetdicom import AE

from config.refusal import RefusalError
from node.association.acceptor import (
    Handler,
    Patience,
    SharedContexts,
    accepting,
)
from node.association.doors import Door, PlainDoor, Refused, TlsDoor
from node.association.service import Service
from node.association.sockets import PromptServer, end
from node.association.sop_classes import (
    LOSSLESS_TRANSFER_SYNTAXES,
    RECEIVED_SOP_CLASSES,
)
from node.association.storing import (
    DEFECT,
    OUT_OF_RESOURCES,
    STORED,
    Sink,
    SinkAnswer,
    Storing,
)
from node.records.refused import Refusal
from node.security.tls import TlsOptions, server_context

__all__ = [
    "DEFECT",
    "OUT_OF_RESOURCES",
    "STORED",
    "CannotListenError",
    "Listener",
    "ListenerOptions",
    "Sink",
    "SinkAnswer",
]

_log = logging.getLogger(__name__)

_VERIFICATION = "1.2.840.10008.1.1"
_POLL_S = 0.05
_PLACES = 128
"""Connections of an address that may wait to be let in; a burst is no attack."""
_ABORT_S = 1.0
"""Time that an aborted association gets before its connection is cut."""


def _log_refusal(refusal: Refusal) -> None:
    _log.warning("%s is not let in: %s", refusal.address, refusal.why)


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
        Silence in the middle of a PDU after which a peer is gone.
    acse_timeout_s, dimse_timeout_s : float
        Wait for association traffic, and in the middle of a message.
    idle_timeout_s : float
        Silence between messages after which a peer is gone.
    object_limit : int
        Bytes of the largest data set that is taken.
    spool_folder : Path or None
        Where large objects lie while they come; None for the system's own folder.
    stop_grace_s : float
        Time that associations under way get to end when the listener stops.
    require_called_aet : bool
        Whether a peer must call us by our AE title.
    allowed_calling_aets : tuple of str
        AE titles that may call; empty for all.
    tls : TlsOptions or None
        What TLS is taken with, and nothing else then; None for connections without it.
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
    idle_timeout_s: float = 300.0
    object_limit: int = 2048 << 20
    spool_folder: Path | None = None
    stop_grace_s: float = 2.0
    require_called_aet: bool = True
    allowed_calling_aets: tuple[str, ...] = ()
    tls: TlsOptions | None = None
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
    refused : callable
        Is told of connections that nothing was let in from, and of objects that were
        not stored.

    Raises
    ------
    TlsFileError
    """

    def __init__(
        self,
        options: ListenerOptions,
        sink: Sink,
        services: Sequence[Service] = (),
        refused: Refused = _log_refusal,
    ) -> None:
        self._options = options
        self._refused = refused
        self._context = None if options.tls is None else server_context(options.tls)
        self._door: Door | None = None
        self._storing = Storing(
            sink, refused, options.object_limit, options.spool_folder
        )
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
                SharedContexts(self._entity.supported_contexts),
                evt_handlers=[
                    *(each for service in self._services for each in service.handlers),
                ],
                request_handler=self._handler(),
            )
        except OSError as failure:
            raise CannotListenError(options.host, options.port, failure) from failure
        self._door = self._new_door()
        server.admit = self._door.admit
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
        if self._door is not None:
            self._door.close()
        server.close()
        self._thread.join()
        deadline = time.monotonic() + self._options.stop_grace_s
        while server.active_associations and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        for association in server.active_associations:
            end(association, _ABORT_S)

    def _handler(self) -> Handler:
        options = self._options
        patience = Patience(
            idle_s=options.idle_timeout_s,
            message_s=options.dimse_timeout_s,
            maximum_pdu=options.maximum_pdu,
        )
        return accepting(patience, self._storing.lane_services)

    def _new_door(self) -> Door:
        options = self._options
        # Silence before the first byte is bounded like that before a request.
        patience_s = options.acse_timeout_s
        places = 2 * max(options.maximum_associations, _PLACES)
        if self._context is None:
            return PlainDoor(patience_s, places, self._refused)
        return TlsDoor(self._context, patience_s, places, self._refused)


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


def _bind_remedy(port: int, why: OSError) -> str:
    if isinstance(why, socket.gaierror):
        return "Correct the host name; an empty one means all addresses."
    return {
        errno.EADDRINUSE: "Stop the program that uses the port, or choose another one.",
        errno.EACCES: f"Choose a port above 1023, or allow the node port {port}.",
        errno.EADDRNOTAVAIL: "Choose an address of this machine, or leave it empty.",
    }.get(why.errno or 0, "Check the address and the port.")
