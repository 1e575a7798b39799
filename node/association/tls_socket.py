"""A socket with TLS on which a peer never waits for a timer, and that keeps reasons.

Design choice: what the peer has against us comes at any time: in the handshake, before
its first answer, or when it is already gone. Whoever sends or receives then keeps it.
"""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from node.association.pdu_reader import acknowledge_at_once

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class PromptTlsSocket(ssl.SSLSocket):
    """A TCP socket with TLS that acknowledges and sends at once.

    Made by `ssl.SSLContext.wrap_socket`, of a `PromptSocket`.

    Attributes
    ----------
    failure : OSError or None
        Why there is no connection, or why it ended. With TLS 1.3 a peer that does not
        believe our certificate says so only after the handshake.
    shaking_hands : bool
        Whether the TCP connection was there when it failed.
    heard : bytes
        What was read before there was an association.
    """

    failure: OSError | None = None
    heard: bytes = b""
    shaking_hands = False

    def connect(self, address: Any) -> None:
        """Connect and shake hands, and keep the reason when that fails."""
        try:
            super().connect(address)
            self.shaking_hands = True
            self.do_handshake()
        except OSError as failure:
            self.failure = failure
            raise
        self.shaking_hands = False

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Return received bytes, and acknowledge them now."""
        with self._failing():
            received = super().recv(buflen, flags)
        acknowledge_at_once(self)
        return received

    def recv_into(
        self, buffer: "WriteableBuffer", nbytes: int | None = None, flags: int = 0
    ) -> int:
        """Receive into a buffer, and return how many bytes came."""
        with self._failing():
            return super().recv_into(buffer, nbytes, flags)

    def send(self, data: "ReadableBuffer", flags: int = 0) -> int:
        """Send, and keep what the peer has said when it is gone.

        It may have ended the connection between the handshake and this.
        """
        try:
            return super().send(data, flags)
        except TimeoutError:
            raise
        except OSError:
            with suppress(OSError):
                self.recv()
            raise

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Keep the reason when TLS fails."""
        try:
            yield
        except ssl.SSLError as failure:
            self.failure = failure
            raise

    def shutdown(self, how: int) -> None:
        """Shut the connection down; a peer that left first is no error.

        The session is left as it is: another thread may be reading from it.
        """
        with suppress(OSError):
            socket.socket.shutdown(self, how)
