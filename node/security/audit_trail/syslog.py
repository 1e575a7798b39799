"""Syslog: the frame of a message (RFC 5424), and the ways to a repository.

============ ========= ====================================================
Transport    Standard  What becomes of a message when nobody listens
============ ========= ====================================================
TLS          RFC 5425  It waits; the repository's certificate is checked.
TCP          RFC 6587  It waits; octet counting, as TLS has it.
UDP          RFC 5426  It is lost, and nobody notices.
============ ========= ====================================================

Design choice: before each message over TCP or TLS it is looked whether the repository
has closed the connection; syslog has no acknowledgement, so what it had received and
not read when it went down is lost.
"""

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol

_FACILITY = 10
"""security/authorization (PS3.15 A.6)."""
NOTICE, WARNING = 5, 4
"""Severities: normal but significant, and warning."""
_MSGID = "DICOM+RFC3881"
"""PS3.15 A.6; it stands for messages of A.5 as well."""
_APP_NAME = "exhaustion-node"
_NONE = "-"
_BOM = b"\xef\xbb\xbf"
_HOST_LENGTH = 255


@dataclass(frozen=True)
class Repository:
    """Where audit messages go.

    Attributes
    ----------
    host : str
    port : int
    transport : {'tls', 'tcp', 'udp'}
    timeout_s : float
        For connecting, and for each message.
    """

    host: str
    port: int
    transport: Literal["tls", "tcp", "udp"]
    timeout_s: float = 5.0


class Wire(Protocol):
    """A way to a repository."""

    def send(self, frame: bytes) -> None:
        """Send a frame; raises OSError when it cannot be."""

    def close(self) -> None:
        """Close the connection; the next frame opens another."""


def frame(
    content: bytes, at: datetime, host: str, process: str, severity: int = NOTICE
) -> bytes:
    """Return a syslog message (RFC 5424 section 6) without structured data.

    Parameters
    ----------
    content : bytes
        UTF-8, as the byte order mark before it says.
    at : datetime
    host : str
        Name of the machine.
    process : str
    severity : int
    """
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    name = "".join(each for each in host if "!" <= each <= "~")[:_HOST_LENGTH]
    header = (
        f"<{_FACILITY * 8 + severity}>1 {stamp} {name or _NONE} {_APP_NAME} {process} "
        f"{_MSGID} {_NONE} "
    )
    return header.encode("ascii") + _BOM + content


def wire(repository: Repository, context: Callable[[], ssl.SSLContext]) -> Wire:
    """Return the way to a repository.

    Parameters
    ----------
    repository : Repository
    context : callable
        Returns what TLS is agreed on with, read anew for each connection.
    """
    if repository.transport == "udp":
        return _Datagrams(repository)
    return _Stream(repository, context if repository.transport == "tls" else None)


class _Datagrams:
    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def send(self, frame: bytes) -> None:
        """Send a frame as one datagram."""
        place = (self._repository.host, self._repository.port)
        found = socket.getaddrinfo(*place, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as sender:
            sender.sendto(frame, address)

    def close(self) -> None:
        """Do nothing: each datagram has a socket of its own."""


class _Stream:
    def __init__(
        self, repository: Repository, context: Callable[[], ssl.SSLContext] | None
    ) -> None:
        self._repository = repository
        self._context = context
        self._connection: socket.socket | None = None

    def send(self, frame: bytes) -> None:
        """Send a frame with its length before it (RFC 5425 4.3, RFC 6587 3.4.1)."""
        connection = self._connected()
        try:
            connection.sendall(b"%d " % len(frame) + frame)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection; the next frame opens another."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with suppress(OSError):
            if isinstance(connection, ssl.SSLSocket):
                # Sends that nothing follows (RFC 5425 4.4); no answer is waited for.
                connection.settimeout(0.0)
                connection.unwrap()
        connection.close()

    def _connected(self) -> socket.socket:
        if self._connection is not None and _is_closed(self._connection):
            self.close()
        if self._connection is None:
            self._connection = self._connect()
        self._connection.settimeout(self._repository.timeout_s)
        return self._connection

    def _connect(self) -> socket.socket:
        repository = self._repository
        plain = socket.create_connection(
            (repository.host, repository.port), repository.timeout_s
        )
        if self._context is None:
            return plain
        try:
            return self._context().wrap_socket(plain, server_hostname=repository.host)
        except BaseException:
            plain.close()
            raise


def _is_closed(connection: socket.socket) -> bool:
    """Return whether the repository has ended a connection; it says nothing else."""
    connection.settimeout(0.0)
    try:
        return not connection.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True
