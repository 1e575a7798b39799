"""Promises of `node.association.acceptor`: no request keeps a connection open."""

import socket
import threading
import time

import pytest
from pydicom.uid import PositronEmissionTomographyImageStorage

from node.association.listener import STORED, Listener
from tests.fuzz.pdus import Node, request
from tests.support.peers import HOST, listener_options

CONTEXT = 0x20


def heard_of(listener: Listener, asked: bytes) -> bytes:
    """Return all that the listener says until it closes the connection."""
    with socket.create_connection((HOST, listener.port), timeout=10.0) as connection:
        connection.sendall(asked)
        heard = b""
        while part := connection.recv(1 << 16):
            heard += part
        return heard


@pytest.mark.parametrize("below", [[], [Node(0x40, b"1.2.840.10008.1.2")]])
def test_a_request_that_pynetdicom_fails_on_ends_its_connection(
    below: list[Node], caplog: pytest.LogCaptureFixture
) -> None:
    asked = request({1: PositronEmissionTomographyImageStorage})
    for item in asked.items:
        if item.kind == CONTEXT:
            item.below = below
    listener = Listener(listener_options(), lambda _: STORED)
    listener.start()
    try:
        before = threading.active_count()
        for _ in range(3):
            heard_of(listener, asked.encoded().encoded())
        deadline = time.monotonic() + 5.0
        while threading.active_count() > before and time.monotonic() < deadline:
            time.sleep(0.01)
        assert threading.active_count() <= before
    finally:
        listener.stop()
    assert "Traceback" not in caplog.text
