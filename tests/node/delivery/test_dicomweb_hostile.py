"""Promises of STOW-RS to servers that break, drip or never end."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from node.association.requestor import (
    PeerTimeouts,
)
from node.delivery.dicomweb import send
from node.records.jobs import ResultObject
from node.records.outcome import Deferred, FailureKind, Outcome, Refused
from tests.support.peers import HOST, result_object, write_files
from tests.support.pet import pet_datasets
from tests.support.web_server import (
    Request,
    Server,
    reply,
    web_destination,
)


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> list[ResultObject]:
    paths = write_files(tmp_path_factory.mktemp("sent"), pet_datasets(slices=4))
    return [result_object(path) for path in paths]


def outcomes(
    answer: Callable[[Request], None], objects: list[ResultObject]
) -> list[Outcome]:
    with Server(answer) as server:
        return list(send(web_destination(server.port), objects))


@contextmanager
def _talking(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server of bytes; yields its port."""
    with socket.create_server((HOST, 0)) as server:

        def serve() -> None:
            accepted, _ = server.accept()
            with accepted:
                try:
                    accepted.recv(65536)
                    talk(accepted)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
    thread.join(10)


def _drip(connection: socket.socket, head: bytes, byte: bytes) -> None:
    connection.sendall(head)
    if not byte:
        while connection.recv(65536):
            """The request comes in pieces."""
        return
    while True:
        connection.sendall(byte)
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("head", "byte"),
    [
        (b"", b""),
        (b"HTTP/1.1 200 OK\r\nX-A: ", b"a"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"{"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n{\r\n"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["silent", "header", "body", "chunks", "continue"],
)
def test_a_server_that_never_comes_to_an_end_is_given_up_in_time(
    objects: list[ResultObject], head: bytes, byte: bytes
) -> None:
    limits = PeerTimeouts(0.4, 0.4, 0.4)
    before = threading.active_count()

    with _talking(lambda connection: _drip(connection, head, byte)) as port:
        begun = time.monotonic()
        [found] = send(web_destination(port, timeouts=limits), objects[:1])
        took_s = time.monotonic() - begun

    assert isinstance(found, Deferred)
    assert found.kind is FailureKind.BROKEN
    assert took_s < 4
    assert threading.active_count() <= before


@pytest.mark.parametrize(
    "talk",
    [
        lambda connection: connection.sendall(b"\x15\x03\x01\x00\x02\x02\x46"),
        lambda connection: connection.sendall(b"HTTP/1.1 abc\r\n\r\n"),
        lambda connection: connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"
        ),
        lambda connection: connection.sendall(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
        ),
        lambda connection: connection.sendall(
            b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 500
        ),
        lambda _: None,
    ],
    ids=["tls alert", "status", "short", "chunk", "headers", "closed"],
)
def test_a_broken_answer_is_tried_again(
    objects: list[ResultObject], talk: Callable[[socket.socket], None]
) -> None:
    with _talking(talk) as port:
        [found] = send(web_destination(port), objects[:1])

    assert isinstance(found, Deferred)
    assert found.kind is FailureKind.BROKEN


def test_an_answer_has_a_largest_size(objects: list[ResultObject]) -> None:
    [found] = outcomes(
        lambda request: reply(request, 200, b" " * 5 * 2**20), objects[:1]
    )

    assert isinstance(found, Refused)
    assert "answers without end" in found.status
