"""Promises of `node.association.doors`: who is let in over TLS and without, and how."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from pynetdicom import build_context

from node.association.listener import STORED, Listener
from node.association.requestor import (
    Destination,
    PeerRefusesError,
    PeerTimeouts,
    PeerUnavailableError,
    associate,
    close,
)
from node.records.refused import Refusal
from node.security.tls import TlsOptions, client_context
from tests.support.certificates import Authority
from tests.support.peers import HOST, PATIENCE_S, listener_options

_VERIFICATION = "1.2.840.10008.1.1"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def ours(authority: Authority) -> TlsOptions:
    return authority.options("node")


class Guarded:
    """A listener, and what it refused."""

    def __init__(self, **changes: object) -> None:
        self.refusals: list[Refusal] = []
        self._told = threading.Event()
        options = listener_options(**changes)
        self.listener = Listener(options, lambda _: STORED, (), self._refuse)

    @property
    def port(self) -> int:
        return self.listener.port

    def _refuse(self, refusal: Refusal) -> None:
        self.refusals.append(refusal)
        self._told.set()

    def refusal(self) -> Refusal:
        """Return the one refusal; wait for it."""
        assert self._told.wait(PATIENCE_S)
        (only,) = self.refusals
        return only


@contextmanager
def guarded(**changes: object) -> Iterator[Guarded]:
    found = Guarded(**changes)
    found.listener.start()
    try:
        yield found
    finally:
        found.listener.stop()


def failure(port: int, tls: TlsOptions | None) -> str:
    """Return why a C-ECHO is not answered; empty when it is."""
    patience = PeerTimeouts(PATIENCE_S, PATIENCE_S, PATIENCE_S)
    node = Destination("node", "NODE", HOST, port, "SCANNER", patience, tls)
    try:
        association = associate(node, [build_context(_VERIFICATION)])
    except (PeerUnavailableError, PeerRefusesError) as why:
        return str(why)
    status = association.send_c_echo()
    close(association)
    return "" if status.Status == 0 else "another status"


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def settled(expected: int) -> int:
    """Return the open descriptors, once they are as many as expected or at last."""
    deadline = time.monotonic() + PATIENCE_S
    while open_descriptors() > expected and time.monotonic() < deadline:
        time.sleep(0.01)
    return open_descriptors()


def test_a_peer_with_a_certificate_of_the_authority_is_let_in(
    authority: Authority, ours: TlsOptions
) -> None:
    with guarded(tls=ours) as node:
        assert not failure(node.port, authority.options("scanner"))

        assert node.refusals == []


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("none", "shows no certificate"),
        ("other authority", "authority that is not believed"),
        ("expired", "has expired"),
    ],
)
def test_a_wrong_certificate_is_refused_in_words(
    tmp_path: Path, authority: Authority, ours: TlsOptions, case: str, words: str
) -> None:
    if case == "none":
        theirs = TlsOptions(ca=authority.certificate)
    else:
        other = Authority(tmp_path, "other") if case == "other authority" else authority
        made = other.issue("stranger", ends_in_days=-1 if case == "expired" else 9)
        theirs = TlsOptions(made.certificate, made.key, ca=authority.certificate)

    with guarded(tls=ours) as node:
        assert failure(node.port, theirs)

        assert node.refusal().status == "TLS"
        assert node.refusal().address == HOST
        assert words in node.refusal().why


def test_callers_need_no_certificate_where_none_is_asked_for(
    authority: Authority,
) -> None:
    lenient = authority.options("lenient", require_peer_certificate=False, ca=None)

    with guarded(tls=lenient) as node:
        assert not failure(node.port, TlsOptions(ca=authority.certificate))


def test_a_peer_that_does_not_believe_the_node_is_told_of(
    tmp_path: Path, authority: Authority, ours: TlsOptions
) -> None:
    made = authority.issue("distrustful")
    other = Authority(tmp_path, "other")

    with guarded(tls=ours) as node:
        theirs = TlsOptions(made.certificate, made.key, ca=other.certificate)
        assert failure(node.port, theirs)

        assert "tls.certificate_file" in node.refusal().why


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tls_below_1_2_is_refused(
    authority: Authority, ours: TlsOptions, version: ssl.TLSVersion
) -> None:
    context = client_context(authority.options("old"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version

    with guarded(tls=ours) as node:
        with (
            socket.create_connection((HOST, node.port), PATIENCE_S) as plain,
            pytest.raises(ssl.SSLError),
        ):
            context.wrap_socket(plain, server_hostname=HOST)

        assert "TLS 1.2" in node.refusal().why


@pytest.mark.parametrize("suite", ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256"])
def test_suites_without_forward_secrecy_or_authenticated_encryption_are_refused(
    authority: Authority, ours: TlsOptions, suite: str
) -> None:
    context = client_context(authority.options("weak"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(suite)

    with guarded(tls=ours) as node:
        with (
            socket.create_connection((HOST, node.port), PATIENCE_S) as plain,
            pytest.raises(ssl.SSLError),
        ):
            context.wrap_socket(plain, server_hostname=HOST)

        assert "BCP 195" in node.refusal().why


def test_tls_1_2_with_a_suite_of_bcp_195_is_let_in(
    authority: Authority, ours: TlsOptions
) -> None:
    context = client_context(authority.options("second"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    with (
        guarded(tls=ours) as node,
        socket.create_connection((HOST, node.port), PATIENCE_S) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as secure,
    ):
        assert secure.version() == "TLSv1.2"


def test_a_plain_peer_at_a_tls_port_is_rejected_in_words(ours: TlsOptions) -> None:
    with guarded(tls=ours) as node:
        assert "rejects the association" in failure(node.port, None)

        assert "TLS alone" in node.refusal().why


def test_a_tls_peer_at_a_plain_port_is_refused_in_words(authority: Authority) -> None:
    with guarded() as node:
        assert failure(node.port, authority.options("eager"))

        assert "tls.listen" in node.refusal().why


def test_who_looks_whether_the_port_is_open_is_no_refusal(ours: TlsOptions) -> None:
    with guarded(tls=ours) as node:
        before = open_descriptors()
        socket.create_connection((HOST, node.port), PATIENCE_S).close()

        assert settled(before) <= before
        assert node.refusals == []


def test_silent_connections_stop_nobody_and_end_in_time(
    authority: Authority, ours: TlsOptions
) -> None:
    with guarded(tls=ours, acse_timeout_s=2.0) as node:
        silent = [
            socket.create_connection((HOST, node.port), PATIENCE_S) for _ in range(20)
        ]
        begun = time.monotonic()
        assert not failure(node.port, authority.options("quick"))
        took_s = time.monotonic() - begun
        ends = [each.recv(1) for each in silent]
        for each in silent:
            each.close()

    assert took_s < 1.9
    assert ends == [b""] * 20
    assert {refusal.why for refusal in node.refusals} == {
        "it connects and says nothing for 2 s"
    }


def test_a_handshake_that_drips_ends_in_time(ours: TlsOptions) -> None:
    with guarded(tls=ours, acse_timeout_s=0.3) as node:
        with socket.create_connection((HOST, node.port), PATIENCE_S) as slow:
            slow.settimeout(0.1)
            slow.sendall(b"\x16\x03\x01\x02\x00")
            begun = time.monotonic()
            # Each byte comes before the patience with a single one is over.
            with suppress(OSError):
                while time.monotonic() < begun + PATIENCE_S:
                    slow.sendall(b"\x01")
                    with suppress(TimeoutError):
                        if not slow.recv(1):
                            break
            took_s = time.monotonic() - begun

        assert took_s < 2.0
        assert "longer than 0.3 s" in node.refusal().why


@pytest.mark.parametrize("over_tls", [True, False])
@pytest.mark.parametrize("begun", [b"\x01", b"\x01\x00\x00\x00\x80\x00"])
def test_half_a_request_takes_nobody_s_association(
    authority: Authority, ours: TlsOptions, begun: bytes, *, over_tls: bool
) -> None:
    theirs = authority.options("scanner") if over_tls else None
    changes = {"tls": ours} if over_tls else {}
    with ExitStack() as begun_ones, guarded(maximum_associations=3, **changes) as node:
        for _ in range(8):
            connection = socket.create_connection((HOST, node.port), PATIENCE_S)
            if theirs is not None:
                connection = client_context(theirs).wrap_socket(
                    connection, server_hostname=HOST
                )
            begun_ones.enter_context(connection)
            connection.sendall(begun)

        assert not failure(node.port, theirs)


def test_a_request_that_drips_ends_in_time() -> None:
    with guarded(acse_timeout_s=0.4) as node:
        peer = socket.create_connection((HOST, node.port), PATIENCE_S)
        began_s = time.monotonic()
        with peer, suppress(OSError):
            peer.sendall(b"\x01\x00\x00\x00\x80\x00")
            while time.monotonic() - began_s < PATIENCE_S:
                peer.sendall(b"\x00")
                time.sleep(0.05)
        took_s = time.monotonic() - began_s

        assert took_s < PATIENCE_S
        assert "not whole after 0.4 s" in node.refusal().why


def a_request() -> bytes:
    """Return an A-ASSOCIATE-RQ for verification (PS3.8 9.3.2)."""

    def item(kind: int, content: bytes) -> bytes:
        return struct.pack(">BxH", kind, len(content)) + content

    syntaxes = item(0x30, b"1.2.840.10008.1.1") + item(0x40, b"1.2.840.10008.1.2")
    user = item(0x51, struct.pack(">L", 16384)) + item(0x52, b"1.2.3.4.5.6")
    body = (
        struct.pack(">H2x16s16s32x", 1, b"NODE".ljust(16), b"SCANNER".ljust(16))
        + item(0x10, b"1.2.840.10008.3.1.1.1")
        + item(0x20, b"\x01\x00\x00\x00" + syntaxes)
        + item(0x50, user)
    )
    return struct.pack(">BxL", 1, len(body)) + body


def test_a_request_in_pieces_is_one() -> None:
    request = a_request()
    with (
        guarded() as node,
        socket.create_connection((HOST, node.port), PATIENCE_S) as peer,
    ):
        for begin in range(0, len(request), 50):
            peer.sendall(request[begin : begin + 50])
            time.sleep(0.005)
        answer = peer.recv(4096)

    assert answer[0] == 0x02


def test_stopping_does_not_wait_for_who_waits(ours: TlsOptions) -> None:
    with guarded(tls=ours, acse_timeout_s=PATIENCE_S) as node:
        silent = socket.create_connection((HOST, node.port), PATIENCE_S)
        # The next one is served when the first one has got its thread.
        socket.create_connection((HOST, node.port), PATIENCE_S).close()
        begun = time.monotonic()

    assert time.monotonic() - begun < 5.0
    silent.close()


def test_no_refused_connection_leaves_a_descriptor_or_a_thread(
    authority: Authority, ours: TlsOptions
) -> None:
    nobody = TlsOptions(ca=authority.certificate)
    with guarded(tls=ours) as node:
        failure(node.port, nobody)
        descriptors, threads = open_descriptors(), threading.active_count()
        for _ in range(10):
            failure(node.port, nobody)
            reset = socket.create_connection((HOST, node.port), PATIENCE_S)
            reset.sendall(b"\x16\x03\x01")
            linger = struct.pack("ii", 1, 0)
            reset.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            reset.close()

        assert settled(descriptors) <= descriptors
        deadline = time.monotonic() + PATIENCE_S
        while threading.active_count() > threads and time.monotonic() < deadline:
            time.sleep(0.01)
        assert threading.active_count() <= threads
