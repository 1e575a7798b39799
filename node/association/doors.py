"""What a connection passes before there is an association on it.

Design choice: the first byte tells who is at the wrong door. A TLS client that reaches
a plain port, and a plain one that reaches a TLS port, look like a broken network to
those who configured them; here both are refused in words, in the ledger and, by an
answer that it can read, to the peer.

Design choice: a connection waits in a thread of its own and for so long only, and each
address has a share of the places; so whoever connects and says nothing stops nobody.
"""

import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from node.association.first_request import first_request
from node.association.sockets import PromptSocket
from node.association.tls_faults import tls_fault
from node.association.tls_socket import PromptTlsSocket
from node.association.waiting_room import NotAdmittedError, WaitingRoom
from node.records.refused import Refusal

_TLS_HANDSHAKE = b"\x16"
"""First byte of a TLS connection: content type of RFC 8446 section 5.1."""
_ASSOCIATE_RQ = b"\x01"
"""First byte of an A-ASSOCIATE-RQ (PS3.8 9.3.2)."""
_REJECTED = bytes.fromhex("03000000000400010101")
"""A-ASSOCIATE-RJ: for good, by the user of the service, no reason (PS3.8 9.3.4)."""
_ALERT = bytes.fromhex("15030300020246")
"""TLS alert: fatal, protocol version (RFC 8446 section 6)."""
_GOODBYE_S = 1.0
"""Time that a refused peer gets to read why."""
_CHUNK = 65536

_SPEAKS_TLS = (
    "it speaks TLS, and the node takes associations without it alone; set "
    "tls.listen = true, or switch TLS off at the peer"
)
_SPEAKS_PLAINLY = (
    "it speaks without TLS, and the node takes associations over TLS alone; switch TLS "
    "on at the peer, or set tls.listen = false"
)

_LEAVES = (
    "it closes the connection in the TLS handshake; it may not believe the certificate "
    "of the node (tls.certificate_file)"
)
_SHOWS_NO_CERTIFICATE = (
    "it shows no certificate, and tls.require_peer_certificate asks for one"
)

Refused = Callable[[Refusal], None]
"""Takes what was not taken; returns soon, and does not raise."""


class Door(Protocol):
    """Lets connections in, or not."""

    def admit(self, connection: socket.socket, address: str) -> socket.socket | None:
        """Return the connection to speak over; None when it was refused and closed."""

    def close(self) -> None:
        """Cut who waits, and refuse whoever comes."""


class PlainDoor:
    """Lets in whoever speaks without TLS.

    Parameters
    ----------
    patience_s : float
        Wait for the first byte, and once more for the whole request.
    places : int
        Connections that may wait at a time.
    refused : callable
    """

    def __init__(self, patience_s: float, places: int, refused: Refused) -> None:
        self._patience_s = patience_s
        self._refused = refused
        self._waiting = WaitingRoom(places)

    def admit(self, connection: socket.socket, address: str) -> socket.socket | None:
        """Return the connection; None when it was refused and closed."""
        try:
            with self._waiting.place(connection, address):
                _hear(connection, self._patience_s, over_tls=False)
                _take_request(connection, self._patience_s)
        except NotAdmittedError as refusal:
            _dismiss(connection, refusal, address, self._refused)
            return None
        return connection

    def close(self) -> None:
        """Cut who waits, and refuse whoever comes."""
        self._waiting.close()


class TlsDoor:
    """Lets in whoever agrees on TLS and shows the certificate that is asked for.

    Parameters
    ----------
    context : ssl.SSLContext
        Of the server's side.
    patience_s : float
        Wait for the first byte, then for the whole handshake, then for the request.
    places : int
        Connections that may wait at a time.
    refused : callable
    """

    def __init__(
        self, context: ssl.SSLContext, patience_s: float, places: int, refused: Refused
    ) -> None:
        context.sslsocket_class = PromptTlsSocket
        self._context = context
        self._patience_s = patience_s
        self._refused = refused
        self._waiting = WaitingRoom(places)

    def admit(self, connection: socket.socket, address: str) -> socket.socket | None:
        """Return the connection under TLS; None when it was refused and closed."""
        spoken = connection
        try:
            with self._waiting.place(connection, address):
                _hear(connection, self._patience_s, over_tls=True)
                spoken = self._wrapped(connection)
            with self._waiting.place(spoken, address):
                _shake_hands(spoken, self._patience_s)
                _take_request(spoken, self._patience_s)
        except NotAdmittedError as refusal:
            _dismiss(spoken, refusal, address, self._refused)
            return None
        return spoken

    def close(self) -> None:
        """Cut who waits, and refuse whoever comes."""
        self._waiting.close()

    def _wrapped(self, connection: socket.socket) -> socket.socket:
        try:
            return self._context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        except OSError as failure:
            raise NotAdmittedError from failure


def _hear(connection: socket.socket, patience_s: float, *, over_tls: bool) -> None:
    """Wait until the peer speaks, and make sure that it does so as it shall."""
    first = _first_byte(connection, patience_s)
    if over_tls and first != _TLS_HANDSHAKE:
        answer = _REJECTED if first == _ASSOCIATE_RQ else b""
        raise NotAdmittedError(_SPEAKS_PLAINLY, answer)
    if not over_tls and first == _TLS_HANDSHAKE:
        raise NotAdmittedError(_SPEAKS_TLS, _ALERT)


def _first_byte(connection: socket.socket, patience_s: float) -> bytes:
    """Return the first byte, and leave it where it is."""
    patience_before_s = connection.gettimeout()
    connection.settimeout(patience_s)
    try:
        first = connection.recv(1, socket.MSG_PEEK)
    except TimeoutError as silence:
        why = f"it connects and says nothing for {patience_s:g} s"
        raise NotAdmittedError(why) from silence
    except OSError as failure:
        raise NotAdmittedError from failure
    # Whoever only looks whether the port is open does no harm.
    if not first:
        raise NotAdmittedError
    connection.settimeout(patience_before_s)
    return first


def _take_request(connection: socket.socket, patience_s: float) -> None:
    """Read the whole request, and leave it with the connection."""
    if not isinstance(connection, PromptSocket | PromptTlsSocket):
        raise TypeError(connection)
    connection.heard = first_request(connection, patience_s)


def _shake_hands(connection: socket.socket, patience_s: float) -> None:
    if not isinstance(connection, ssl.SSLSocket):
        raise TypeError(connection)
    patience_before_s = connection.gettimeout()
    connection.settimeout(patience_s)
    try:
        connection.do_handshake()
    except TimeoutError as silence:
        why = f"its TLS handshake takes longer than {patience_s:g} s"
        raise NotAdmittedError(why) from silence
    except ssl.SSLError as failure:
        raise NotAdmittedError(_fault(failure)) from failure
    except OSError as failure:
        raise NotAdmittedError(_LEAVES) from failure
    connection.settimeout(patience_before_s)


def _fault(failure: ssl.SSLError) -> str:
    if isinstance(failure, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return _LEAVES
    if "PEER_DID_NOT_RETURN" in (failure.reason or ""):
        return _SHOWS_NO_CERTIFICATE
    return tls_fault(failure)


def _dismiss(
    connection: socket.socket,
    refusal: NotAdmittedError,
    address: str,
    refused: Refused,
) -> None:
    """Tell the peer and the ledger, and give the descriptor back."""
    try:
        if refusal.answer:
            _answer(connection, refusal.answer)
    finally:
        connection.close()
    if refusal.why:
        refused(Refusal("", address, "TLS", refusal.why))


def _answer(connection: socket.socket, answer: bytes) -> None:
    """Say why; what the peer still sends is read, or the kernel takes that back."""
    deadline_s = time.monotonic() + _GOODBYE_S
    with suppress(OSError):
        connection.settimeout(_GOODBYE_S)
        connection.sendall(answer)
        socket.socket.shutdown(connection, socket.SHUT_WR)
        while time.monotonic() < deadline_s and connection.recv(_CHUNK):
            pass
