"""Sockets on which a peer never waits for a timer.

Design choice: a stock DCMTK sender leaves Nagle's algorithm on, so that the last small
segment of each message waits for our acknowledgement, and the kernel delays that by
about 40 ms: 159 PET slices take 7 s instead of a quarter of a second. We cannot change
the sender; we acknowledge at once (TCP_QUICKACK, which Linux forgets and which
therefore is armed again after each read) and send our own answers at once
(TCP_NODELAY).

Design choice: pynetdicom offers no hook for its sockets, so three of its classes are
subclassed here, each in one place, and nowhere else:

* `ThreadedAssociationServer.get_request`, from `socketserver`: the accepted socket;
  and `service_actions`, which collects garbage while peers wait; and
  `process_request_thread`, in which a connection is let in or not;
* `AE._create_socket`: the socket of a requested association;
* `AssociationSocket._create_socket` and `connect`: the same, plus what went wrong, and
  TLS in a socket of ours, which keeps what pynetdicom only logs.

`tests/node/test_sockets.py` fails when a new pynetdicom changes one of these.
"""

import socket
import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from pynetdicom import AE, _config
from pynetdicom.association import Association
from pynetdicom.transport import (
    T_CONNECT,
    AddressInformation,
    AssociationSocket,
    ThreadedAssociationServer,
)

from node.association.pdu_reader import acknowledge_at_once
from node.association.tls_socket import PromptTlsSocket

# A switch of the whole process. On, pynetdicom writes a dozen lines about each message,
# which are then thrown away; `node.logs` shows its warnings alone.
_config.LOG_HANDLER_LEVEL = "none"

_BACKLOG = 128
"""Connections that the kernel queues for us; pynetdicom's 5 drops a burst."""


class PromptSocket(socket.socket):
    """A TCP socket that acknowledges and sends at once.

    Attributes
    ----------
    failure : OSError or None
        Why `connect` failed. pynetdicom logs that and forgets it.
    heard : bytes
        What was read before there was an association.
    """

    failure: OSError | None = None
    heard: bytes = b""

    @classmethod
    def adopt(cls, other: socket.socket) -> "PromptSocket":
        """Return a prompt socket that takes over the other's descriptor and timeout."""
        timeout_s = other.gettimeout()
        adopted = cls(other.family, other.type, other.proto, fileno=other.detach())
        adopted.settimeout(timeout_s)
        # A peer may be gone by now; the first read will say so.
        with suppress(OSError):
            adopted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        acknowledge_at_once(adopted)
        return adopted

    def connect(self, address: Any) -> None:
        """Connect, and keep the reason when that fails."""
        try:
            super().connect(address)
        except OSError as failure:
            self.failure = failure
            raise

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """Return received bytes, and acknowledge them now."""
        received = super().recv(bufsize, flags)
        acknowledge_at_once(self)
        return received

    def shutdown(self, how: int) -> None:
        """Shut down; a peer that left first is no error.

        pynetdicom closes a socket only when its shutdown did not raise, and would
        leave the descriptor open otherwise.
        """
        with suppress(OSError):
            super().shutdown(how)


class PromptAssociationSocket(AssociationSocket):
    """The requestor's socket, prompt, and able to say why it did not connect.

    Attributes
    ----------
    attempted : PromptSocket or PromptTlsSocket or None
        What was connected or was to be; it knows what went wrong.
    """

    attempted: PromptSocket | PromptTlsSocket | None = None

    def connect(self, primitive: T_CONNECT) -> None:
        """Connect; on failure close the socket, which pynetdicom would leave open.

        A connected socket keeps the network timeout, which pynetdicom takes off it: a
        peer that stops in the middle of a PDU would block us for ever.
        """
        if self.tls_args and self.socket is not None:
            context, host = self.tls_args
            # Else pynetdicom wraps the socket, and forgets why there is none.
            self.tls_args = None
            context.sslsocket_class = PromptTlsSocket
            self.socket = context.wrap_socket(
                self.socket, server_hostname=host, do_handshake_on_connect=False
            )
        if isinstance(self.socket, PromptSocket | PromptTlsSocket):
            self.attempted = self.socket
        super().connect(primitive)
        if self.socket is not None:
            self.socket.settimeout(self.assoc.network_timeout)
        elif self.attempted is not None:
            self.attempted.close()

    def _create_socket(self, address: AddressInformation) -> socket.socket:
        return PromptSocket.adopt(super()._create_socket(address))


class PromptEntity(AE):
    """An application entity whose requested associations use prompt sockets."""

    def _create_socket(
        self, assoc: Association, address: AddressInformation, tls_args: Any
    ) -> AssociationSocket:
        prompt = PromptAssociationSocket(assoc, address=address)
        prompt.tls_args = tls_args
        return prompt


class PromptServer(ThreadedAssociationServer):
    """A server of associations over prompt sockets.

    An accepted socket also gets the network timeout. Without it a peer that stops in
    the middle of a PDU would keep a thread blocked in `recv` for ever.

    Attributes
    ----------
    admit : callable or None
        Takes a connection and the peer's address, and returns the connection to speak
        over, such as one under TLS; None when it has refused and closed it. It may
        block: it is called in the connection's own thread.
    """

    request_queue_size = _BACKLOG
    admit: Callable[[socket.socket, str], socket.socket | None] | None = None

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """Return the next accepted connection and the peer's address."""
        accepted, address = super().get_request()
        prompt = PromptSocket.adopt(accepted)
        prompt.settimeout(self.ae.network_timeout)
        return prompt, address

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Begin an association over a connection that is let in."""
        admitted = request
        if self.admit is not None:
            admitted = self.admit(request, plain_address(client_address[0]))
        if admitted is not None:
            super().process_request_thread(admitted, client_address)

    def service_actions(self) -> None:
        """Do nothing between two connections.

        pynetdicom collects garbage here every few seconds, which holds up every
        association for as long as all that was ever imported takes to be walked
        through. Python's own collections find what associations leave behind.
        """

    def close(self) -> None:
        """Stop accepting, and close the listening socket; associations go on.

        pynetdicom's `shutdown` also looks for the server in a list that only
        `AE.start_server` keeps, and fails when it is not there.
        """
        socketserver.BaseServer.shutdown(self)
        self.server_close()


def plain_address(address: str) -> str:
    """Return an IP address as people write it: IPv4 also where IPv6 carries it."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or parsed)


def end(association: Association, grace_s: float) -> None:
    """Abort an association that lives; cut its connection if it does not obey in time.

    pynetdicom's own `abort` waits for a thread that may be blocked in `recv` for as
    long as the network timeout.
    """
    if not association.is_alive():
        return
    aborting = threading.Thread(target=association.abort, name="abort", daemon=True)
    aborting.start()
    aborting.join(grace_s)
    transport = association.dul.socket
    if aborting.is_alive() and transport is not None and transport.socket is not None:
        transport.socket.shutdown(socket.SHUT_RDWR)
    association.join(grace_s)
    aborting.join(grace_s)


def heard_on(connection: object) -> bytes:
    """Return what was read from a connection before there was an association."""
    if isinstance(connection, PromptSocket | PromptTlsSocket):
        return connection.heard
    return b""


def connection_failure(association: Association) -> OSError | None:
    """Return why a requested association has no connection, None if it had one.

    A TLS connection that the peer ended with a reason counts as none.
    """
    attempted = _attempted(association)
    return None if attempted is None else attempted.failure


def failed_in_handshake(association: Association) -> bool:
    """Return whether a TCP connection was made and TLS was not."""
    attempted = _attempted(association)
    return isinstance(attempted, PromptTlsSocket) and attempted.shaking_hands


def _attempted(association: Association) -> PromptSocket | PromptTlsSocket | None:
    transport = association.dul.socket
    if not isinstance(transport, PromptAssociationSocket):
        return None
    return transport.attempted
