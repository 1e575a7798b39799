"""The request for an association, whole before there is an association.

Design choice: who has sent half a request has said nothing. pynetdicom counts an
association from the first connection on, so a few hundred first bytes would take all
places, and a request that drips would keep its own for ever.
"""

import socket
import time

from node.association.pdu_reader import ASSOCIATE_LIMIT
from node.association.waiting_room import NotAdmittedError

_ASSOCIATE_RQ = 0x01
_HEAD_BYTES = 6
_PIECE = 1 << 16


def first_request(connection: socket.socket, patience_s: float) -> bytes:
    """Return what a peer says first: its whole request, and nothing behind it.

    What is no request, or a longer one than is taken, is returned as far as that is
    plain; who reads on says so.

    Parameters
    ----------
    connection : socket.socket
    patience_s : float
        For all of it, however it comes.

    Raises
    ------
    NotAdmittedError
        When it does not come in time, or the peer leaves.
    """
    patience_before_s = connection.gettimeout()
    until_s = time.monotonic() + patience_s
    heard = bytearray()
    try:
        _read(connection, heard, _HEAD_BYTES, until_s)
        length = int.from_bytes(heard[2:_HEAD_BYTES], "big")
        if heard[0] == _ASSOCIATE_RQ and length <= ASSOCIATE_LIMIT:
            _read(connection, heard, _HEAD_BYTES + length, until_s)
        connection.settimeout(patience_before_s)
    except TimeoutError as silence:
        why = f"its association request is not whole after {patience_s:g} s"
        raise NotAdmittedError(why) from silence
    except OSError as failure:
        raise NotAdmittedError from failure
    return bytes(heard)


def _read(
    connection: socket.socket, heard: bytearray, size: int, until_s: float
) -> None:
    """Read until so many bytes were heard."""
    while len(heard) < size:
        left_s = until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        connection.settimeout(left_s)
        piece = connection.recv(min(size - len(heard), _PIECE))
        if not piece:
            raise NotAdmittedError
        heard += piece
