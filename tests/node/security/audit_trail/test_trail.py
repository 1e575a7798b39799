"""Promises of the audit trail, over real sockets: nothing waits for the repository."""

import logging
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

import pytest

from node.security.audit_trail.events import (
    Alert,
    AlertKind,
    Party,
    Queried,
    Started,
    Transferred,
)
from node.security.audit_trail.events import StudyPart as Part
from node.security.audit_trail.message import AuditSource
from node.security.audit_trail.syslog import Repository
from node.security.audit_trail.trail import AuditTrail, TrailOptions
from node.security.tls import TlsFileError, TlsOptions, server_context
from tests.support.certificates import Authority
from tests.support.peers import HOST, PATIENCE_S, free_port

_AT = datetime(2026, 3, 4, 5, 6, 7, 8, tzinfo=UTC)
_PEER = Party("INVEON", "10.0.0.5")
_HEADER = re.compile(
    rb"<85>1 2026-03-04T05:06:07\.000008Z node exhaustion-node 7 DICOM\+RFC3881 - "
    rb"\xef\xbb\xbf<\?xml"
)


def trail(
    port: int,
    transport: Literal["tls", "tcp", "udp"],
    *,
    keep: int = 100,
    tls: TlsOptions | None = None,
) -> AuditTrail:
    options = TrailOptions(
        Repository(HOST, port, transport, timeout_s=2.0),
        AuditSource("NODE", "node", "", "7"),
        keep,
        tls or TlsOptions(),
    )
    return AuditTrail(options, lambda: None)


class Collector:
    """A repository that reads frames with octet counting."""

    def __init__(self, port: int, context: ssl.SSLContext | None = None) -> None:
        self.frames: list[bytes] = []
        self._context = context
        self._server = socket.create_server((HOST, port))
        self._connections: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.getsockname()[1])

    def close(self) -> None:
        """Go away, as a repository that is restarted does."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for connection in self._connections:
            with suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            try:
                if self._context is not None:
                    connection = self._context.wrap_socket(connection, server_side=True)
            except OSError:
                connection.close()
                continue
            self._connections.append(connection)
            threading.Thread(target=self._read, args=(connection,)).start()

    def _read(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as stream:
                while length := _until_space(stream):
                    self.frames.append(stream.read(length))
        except (OSError, ValueError):
            return


def _until_space(stream: BinaryIO) -> int:
    """Return the number before the next space; 0 at the end of the stream."""
    digits = b""
    while (each := stream.read(1)) not in (b" ", b""):
        digits += each
    return int(digits or b"0")


@contextmanager
def collecting(
    port: int = 0, context: ssl.SSLContext | None = None
) -> Iterator[Collector]:
    collector = Collector(port, context)
    try:
        yield collector
    finally:
        collector.close()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_udp_carries_a_message_in_a_datagram() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as repository:
        repository.bind((HOST, 0))
        repository.settimeout(PATIENCE_S)
        audit = trail(repository.getsockname()[1], "udp")
        audit.tell(Started(_AT))
        audit.sweep()

        assert _HEADER.match(repository.recv(65536))


def test_a_message_that_fits_no_datagram_holds_up_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as repository:
        repository.bind((HOST, 0))
        repository.settimeout(PATIENCE_S)
        audit = trail(repository.getsockname()[1], "udp")
        audit.tell(Queried(_AT, _PEER, _PEER, "1.2", bytes(100_000), "1.2"))
        audit.tell(Started(_AT))
        audit.sweep()

        assert b"Application Start" in repository.recv(65536)
    assert "1 audit messages were given up" in caplog.text


def test_tcp_counts_octets_and_keeps_the_order() -> None:
    with collecting() as repository:
        audit = trail(repository.port, "tcp")
        audit.tell(Started(_AT))
        audit.tell(Alert(_AT, AlertKind.NODE_AUTHENTICATION, _PEER, "\N{SNOWMAN}"))
        audit.sweep()
        audit.stop()
        wait_for(lambda: len(repository.frames) == 2)

    first, second = repository.frames
    assert _HEADER.match(first)
    assert first.endswith(b"</AuditMessage>")
    assert second.startswith(b"<84>1 ")
    assert "\N{SNOWMAN}".encode() in second


def test_tls_believes_the_authority_and_is_believed(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    context = server_context(authority.options("repository"))

    with collecting(context=context) as repository:
        audit = trail(repository.port, "tls", tls=authority.options("node"))
        audit.tell(Started(_AT))
        audit.sweep()
        audit.tell(Started(_AT))
        audit.sweep()
        audit.stop()
        wait_for(lambda: len(repository.frames) == 2)

    assert all(_HEADER.match(each) for each in repository.frames)


def test_a_repository_that_is_not_believed_gets_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    context = server_context(other.options("repository"))

    with collecting(context=context) as repository:
        audit = trail(repository.port, "tls", tls=authority.options("node"))
        audit.tell(Started(_AT))
        audit.sweep()

    assert repository.frames == []
    assert "the audit repository is away, 1 messages wait" in caplog.text


def test_messages_wait_for_a_repository_that_is_away_and_go_in_order(
    caplog: pytest.LogCaptureFixture,
) -> None:
    port = free_port()
    audit = trail(port, "tcp")
    for number in range(3):
        audit.tell(Transferred(_AT, _PEER, _PEER, Part(f"1.2.{number}")))
        audit.sweep()
    with collecting(port) as repository:
        audit.sweep()
        audit.stop()
        wait_for(lambda: len(repository.frames) == 3)

    found = [re.search(rb'"(1\.2\.\d)"', each) for each in repository.frames]
    assert [each.group(1) for each in found if each] == [b"1.2.0", b"1.2.1", b"1.2.2"]
    assert caplog.text.count("is away") == 1
    assert caplog.text.count("is back") == 1


def test_a_repository_that_was_restarted_is_called_anew() -> None:
    port = free_port()
    audit = trail(port, "tcp")
    with collecting(port) as first:
        audit.tell(Started(_AT))
        audit.sweep()
        wait_for(lambda: len(first.frames) == 1)
    with collecting(port) as second:
        audit.tell(Started(_AT))
        audit.sweep()
        wait_for(lambda: len(second.frames) == 1)
        audit.stop()


def test_the_oldest_are_given_up_and_counted_when_too_many_wait(
    caplog: pytest.LogCaptureFixture,
) -> None:
    port = free_port()
    audit = trail(port, "tcp", keep=2)
    for number in range(5):
        audit.tell(Transferred(_AT, _PEER, _PEER, Part(f"1.2.{number}")))
    with collecting(port) as repository:
        audit.sweep()
        audit.stop()
        wait_for(lambda: len(repository.frames) == 2)

    assert b"1.2.3" in repository.frames[0]
    assert "3 audit messages were given up" in caplog.text


def test_telling_costs_nothing_while_the_repository_is_away() -> None:
    audit = trail(free_port(), "tcp", keep=1000)
    begun = time.monotonic()
    for _ in range(1000):
        audit.tell(Started(_AT))

    assert time.monotonic() - begun < 0.5


def test_nothing_is_kept_or_sent_where_no_repository_is_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    options = TrailOptions(None, AuditSource("NODE", "node", "", "7"), 9, TlsOptions())
    woken: list[bool] = []
    audit = AuditTrail(options, lambda: woken.append(True))
    audit.tell(Started(_AT))
    audit.sweep()
    audit.stop()

    assert woken == []
    assert caplog.records == []


def test_no_patient_id_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    audit = trail(free_port(), "tcp", keep=1)
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            audit.tell(Transferred(_AT, _PEER, _PEER, Part("1.2", "SECRET-ANIMAL")))
            audit.sweep()
        audit.stop()

    assert caplog.records
    assert "SECRET-ANIMAL" not in caplog.text


def test_files_of_tls_are_tried_when_the_node_starts(tmp_path: Path) -> None:
    with pytest.raises(TlsFileError, match="absent"):
        trail(1, "tls", tls=TlsOptions(ca=tmp_path / "absent"))
