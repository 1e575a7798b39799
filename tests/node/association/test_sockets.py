"""Promises of `node.association.sockets`, and what they rely on in pynetdicom.

When a test here fails after an upgrade of pynetdicom, the module has to be read
again beside the new version before anything else is done.
"""

import inspect
import socket
import threading
from collections.abc import Iterator

import pytest
from pynetdicom import AE
from pynetdicom.transport import AssociationSocket, ThreadedAssociationServer

from node.association.listener import STORED, Listener
from node.association.sockets import (
    PromptAssociationSocket,
    PromptEntity,
    PromptServer,
    PromptSocket,
    connection_failure,
)
from tests.support.peers import HOST, free_port, listener_options

VERIFICATION = "1.2.840.10008.1.1"


@pytest.fixture
def pair() -> Iterator[tuple[PromptSocket, socket.socket]]:
    with socket.create_server((HOST, 0)) as server:
        far = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()
    with PromptSocket.adopt(accepted) as near, far:
        yield near, far


def option(of: socket.socket, name: int) -> int:
    return of.getsockopt(socket.IPPROTO_TCP, name)


def test_an_adopted_socket_takes_over_descriptor_connection_and_timeout() -> None:
    with socket.create_server((HOST, 0)) as server:
        far = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()
    accepted.settimeout(1.5)
    number = accepted.fileno()

    with PromptSocket.adopt(accepted) as near, far:
        assert accepted.fileno() == -1
        assert near.fileno() == number
        assert near.gettimeout() == 1.5
        far.sendall(b"hello")
        assert near.recv(5) == b"hello"


def test_what_is_written_is_sent_at_once(
    pair: tuple[PromptSocket, socket.socket],
) -> None:
    near, _ = pair

    assert option(near, socket.TCP_NODELAY) != 0


def test_acknowledgement_at_once_is_armed_again_after_each_read(
    pair: tuple[PromptSocket, socket.socket],
) -> None:
    near, far = pair
    for _ in range(3):
        near.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
        far.sendall(b"abc")

        assert near.recv(3) == b"abc"
        assert option(near, socket.TCP_QUICKACK) != 0


def test_a_peer_that_left_first_does_not_keep_a_descriptor_open(
    pair: tuple[PromptSocket, socket.socket],
) -> None:
    near, far = pair
    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    far.close()  # with a reset
    with pytest.raises(ConnectionResetError):
        near.recv(1)

    near.shutdown(socket.SHUT_RDWR)
    near.close()

    assert near.fileno() == -1


@pytest.mark.system
def test_a_requested_association_uses_a_prompt_socket_with_the_network_timeout() -> (
    None
):
    listener = Listener(listener_options(), lambda _: STORED)
    listener.start()
    entity = PromptEntity("SCU")
    entity.network_timeout = 12.5
    entity.add_requested_context(VERIFICATION)
    link = entity.associate(HOST, listener.port, ae_title="NODE")
    try:
        assert link.is_established
        assert isinstance(link.dul.socket, PromptAssociationSocket)
        assert isinstance(link.dul.socket.socket, PromptSocket)
        assert link.dul.socket.socket.gettimeout() == 12.5
        assert connection_failure(link) is None
    finally:
        link.release()
        link.join(5)
        listener.stop()


@pytest.mark.system
def test_an_accepted_association_uses_a_prompt_socket_with_the_network_timeout() -> (
    None
):
    entity = AE("NODE")
    entity.network_timeout = 12.5
    entity.add_supported_context(VERIFICATION)
    server = PromptServer(entity, (HOST, 0), "NODE", entity.supported_contexts)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    requestor = AE("SCU")
    requestor.add_requested_context(VERIFICATION)
    link = requestor.associate(HOST, server.server_address[1])
    try:
        (accepted,) = server.active_associations
        assert accepted.dul.socket is not None
        assert isinstance(accepted.dul.socket.socket, PromptSocket)
        assert accepted.dul.socket.socket.gettimeout() == 12.5
    finally:
        link.release()
        link.join(5)
        server.close()
        serving.join(5)

    assert server.fileno() == -1


@pytest.mark.system
def test_why_there_is_no_connection_is_kept() -> None:
    entity = PromptEntity("SCU")
    entity.add_requested_context(VERIFICATION)

    link = entity.associate(HOST, free_port())

    assert isinstance(connection_failure(link), ConnectionRefusedError)


def test_pynetdicom_still_has_the_places_that_are_overridden() -> None:
    parameters = {
        AE._create_socket: ["self", "assoc", "address", "tls_args"],
        AssociationSocket._create_socket: ["self", "address"],
        AssociationSocket.connect: ["self", "primitive"],
        ThreadedAssociationServer.get_request: ["self"],
    }
    for place, expected in parameters.items():
        assert list(inspect.signature(place).parameters) == expected

    # A failed connection is told by an empty `socket`; `connect` relies on it.
    assert "self.socket = None" in inspect.getsource(AssociationSocket.connect)
    # What `_create_socket` returns is what is used.
    assert "self._create_socket(" in inspect.getsource(AssociationSocket.__init__)
    assert "self._create_socket(" in inspect.getsource(AE.associate)
