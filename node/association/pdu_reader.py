"""Protocol data units from a socket, with few system calls and bounded memory.

Design choice: what the kernel holds is read in one call, into one buffer; only the rest
of a long PDU is read straight into its place. pynetdicom reads 4096 bytes at a time.

Design choice: a length that a peer announces reserves no memory by itself. A PDU that
is longer than we said we take is refused before its body is read, and what is within
the limit grows by what really comes.
"""

import socket
import struct

_HEAD = struct.Struct(">BxL")
BUFFER_SIZE = 1 << 16
"""Bytes that are read at a time where it is not known how many will come."""
_STEP = 1 << 20
"""Bytes that are reserved at a time for a body that is still to come."""

P_DATA_TF = 0x04
_ASSOCIATE = frozenset({0x01, 0x02})
_FIXED = frozenset({0x03, 0x05, 0x06, 0x07})
ASSOCIATE_LIMIT = 1 << 20
"""Far above 128 presentation contexts with all their transfer syntaxes."""
_FIXED_LIMIT = 64
"""Rejection, release and abort have 4 bytes (PS3.8 9.3.4 to 9.3.8)."""
_LENIENT_LIMIT = 1 << 20
"""P-DATA-TF up to this length passes even where less was announced: some senders count
other bytes than PS3.8 D.1 does, and the memory is what matters."""


class ConnectionEndedError(Exception):
    """The peer closed the connection, at the end of a PDU or in the middle."""


class PduRefusedError(Exception):
    """The PDU is of no known type, or longer than allowed; nothing can follow it."""


class PduReader:
    """Reads PDUs from a stream socket or an `ssl.SSLSocket`.

    Parameters
    ----------
    connection : socket.socket
        Its timeout bounds the silence within a PDU.
    data_limit : int
        Bytes of a P-DATA-TF's body that were announced; 0 where no limit was.
    unlimited : int
        Bytes that apply when `data_limit` is 0.
    heard : bytes
        What was read from the connection already.
    """

    def __init__(
        self,
        connection: socket.socket,
        data_limit: int,
        unlimited: int = 1 << 32,
        heard: bytes = b"",
    ) -> None:
        self._connection = connection
        self._data_limit = max(data_limit or unlimited, _LENIENT_LIMIT)
        self._buffer = memoryview(bytearray(max(BUFFER_SIZE, len(heard))))
        self._buffer[: len(heard)] = heard
        self._start = 0
        self._end = len(heard)

    @property
    def has_bytes(self) -> bool:
        """Whether bytes were read from the connection that no PDU was made of yet."""
        return self._end > self._start

    def read(self) -> tuple[int, bytes | bytearray]:
        """Return type and body (what follows the length) of the next PDU.

        Raises
        ------
        ConnectionEndedError
        PduRefusedError
        OSError
            Of the connection; `TimeoutError` when the peer fell silent.
        """
        while self._end - self._start < _HEAD.size:
            self._fill()
        kind, length = _HEAD.unpack_from(self._buffer, self._start)
        self._refuse_unless_allowed(kind, length)
        self._start += _HEAD.size
        return kind, self._body(length)

    def _refuse_unless_allowed(self, kind: int, length: int) -> None:
        if kind == P_DATA_TF:
            limit = self._data_limit
        elif kind in _ASSOCIATE:
            limit = ASSOCIATE_LIMIT
        elif kind in _FIXED:
            limit = _FIXED_LIMIT
        else:
            fact = f"a PDU of the unknown type 0x{kind:02X}"
            raise PduRefusedError(fact)
        if length > limit:
            fact = f"a PDU of type 0x{kind:02X} with {length} bytes, above {limit}"
            raise PduRefusedError(fact)

    def _fill(self) -> None:
        """Read what the kernel holds, behind what is left."""
        if self._start:
            left = self._end - self._start
            self._buffer[:left] = self._buffer[self._start : self._end]
            self._start, self._end = 0, left
        self._end += self._read_into(self._buffer[self._end :])

    def _body(self, length: int) -> bytes | bytearray:
        at_hand = min(length, self._end - self._start)
        head = self._buffer[self._start : self._start + at_hand]
        self._start += at_hand
        if at_hand == length:
            return bytes(head)
        body = bytearray(min(length, _STEP))
        body[:at_hand] = head
        done = at_hand
        while done < length:
            if done == len(body):
                body.extend(bytes(min(length - done, _STEP)))
            with memoryview(body) as view:
                done += self._read_into(view[done:])
        return body

    def _read_into(self, place: memoryview) -> int:
        count = self._connection.recv_into(place)
        acknowledge_at_once(self._connection)
        if not count:
            raise ConnectionEndedError
        return count


def acknowledge_at_once(connection: socket.socket) -> None:
    """Acknowledge what was read now, not after the kernel's delay of some 40 ms.

    Linux forgets the option, and alone has it.
    """
    option = getattr(socket, "TCP_QUICKACK", None)
    if option is not None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, option, 1)
        except OSError:
            # The connection is gone, or is no TCP; the next read says so.
            return
