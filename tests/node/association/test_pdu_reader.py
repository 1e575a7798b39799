"""Promises of `node.association.pdu_reader`: whole PDUs, bounded memory."""

import socket
import threading
import tracemalloc
from collections.abc import Iterator

import pytest

from node.association.pdu_reader import (
    ConnectionEndedError,
    PduReader,
    PduRefusedError,
)

DATA = 0x04


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    near.settimeout(5)
    with near, far:
        yield near, far


def pdu(kind: int, body: bytes) -> bytes:
    return bytes([kind, 0]) + len(body).to_bytes(4, "big") + body


def test_pdus_come_as_they_were_sent_however_they_were_cut(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    near, far = pair
    bodies = [b"", b"x", b"abc" * 1000, bytes(range(256)) * 1024, b"end"]
    stream = b"".join(pdu(DATA, body) for body in bodies)

    def send() -> None:
        for start in range(0, len(stream), 7777):
            far.sendall(stream[start : start + 7777])

    sending = threading.Thread(target=send)
    sending.start()
    reader = PduReader(near, 0)

    assert [reader.read() for _ in bodies] == [(DATA, body) for body in bodies]
    sending.join()
    assert not reader.has_bytes


def test_what_was_read_beyond_a_pdu_is_not_forgotten(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    near, far = pair
    far.sendall(pdu(DATA, b"one") + pdu(5, bytes(4)))
    reader = PduReader(near, 0)

    assert reader.read() == (DATA, b"one")
    assert reader.has_bytes
    assert reader.read() == (5, bytes(4))


@pytest.mark.parametrize("sent", [b"", b"\x04\x00\x00", pdu(DATA, bytes(100))[:50]])
def test_a_peer_that_leaves_is_told_apart_from_a_pdu(
    pair: tuple[socket.socket, socket.socket], sent: bytes
) -> None:
    near, far = pair
    far.sendall(sent)
    far.close()

    with pytest.raises(ConnectionEndedError):
        PduReader(near, 0).read()


@pytest.mark.parametrize("kind", [0, 8, 0x47, 0xFF])
def test_a_pdu_of_no_known_type_is_refused(
    pair: tuple[socket.socket, socket.socket], kind: int
) -> None:
    near, far = pair
    far.sendall(pdu(kind, b""))

    with pytest.raises(PduRefusedError, match=f"0x{kind:02X}"):
        PduReader(near, 0).read()


@pytest.mark.parametrize(
    ("kind", "length"),
    [(DATA, (1 << 20) + 1), (1, (1 << 20) + 1), (2, 0xFFFFFFFF), (5, 65), (7, 1 << 20)],
)
def test_a_pdu_that_is_longer_than_allowed_is_refused_before_its_body_comes(
    pair: tuple[socket.socket, socket.socket], kind: int, length: int
) -> None:
    near, far = pair
    far.sendall(bytes([kind, 0]) + length.to_bytes(4, "big"))

    with pytest.raises(PduRefusedError):
        PduReader(near, 131072).read()


def test_a_length_that_is_only_announced_takes_no_memory(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    near, far = pair
    far.sendall(bytes([DATA, 0]) + (0xF0000000).to_bytes(4, "big") + bytes(10))
    far.close()
    reader = PduReader(near, 0)
    tracemalloc.start()
    try:
        with pytest.raises(ConnectionEndedError):
            reader.read()
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_silence_in_the_middle_of_a_pdu_ends_with_the_sockets_timeout(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    near, far = pair
    near.settimeout(0.05)
    far.sendall(pdu(DATA, bytes(100))[:50])

    with pytest.raises(TimeoutError):
        PduReader(near, 0).read()
