"""Promises of the sender over TLS: who is believed, and what is said of who is not."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from pynetdicom import AE, AllStoragePresentationContexts, evt

from node.association.sender import Deferred, Delivered, Outcome, send
from node.records.outcome import FailureKind
from node.security.tls import TlsOptions, server_context
from tests.support.certificates import Authority
from tests.support.peers import (
    HOST,
    destination,
    result_object,
    storescp,
    write_files,
)
from tests.support.pet import pet_datasets

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def slices(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_files(tmp_path_factory.mktemp("sent"), pet_datasets(slices=2))


@contextmanager
def pacs(tls: TlsOptions) -> Iterator[int]:
    """A peer that takes all over TLS; yields its port."""
    entity = AE("PACS")
    entity.supported_contexts = AllStoragePresentationContexts
    server = entity.start_server(
        (HOST, 0),
        block=False,
        ssl_context=server_context(tls),
        evt_handlers=[(evt.EVT_C_STORE, lambda _: 0x0000)],
    )
    assert server is not None
    try:
        yield server.server_address[1]
    finally:
        entity.shutdown()


def outcomes(port: int, paths: list[Path], tls: TlsOptions | None) -> list[Outcome]:
    peer = replace(destination(port, timeout_s=2.0), tls=tls)
    return list(send(peer, [result_object(path) for path in paths]))


def trouble(port: int, paths: list[Path], tls: TlsOptions | None) -> tuple[str, str]:
    """Return the kind and the words of what keeps all objects from being sent."""
    found = outcomes(port, paths, tls)
    assert len(set(found)) == 1
    assert isinstance(found[0], Deferred)
    return found[0].kind, found[0].why


def test_objects_go_to_a_peer_that_knows_us_and_that_we_know(
    authority: Authority, slices: list[Path]
) -> None:
    with pacs(authority.options("pacs")) as port:
        assert outcomes(port, slices, authority.options("node")) == [
            Delivered("0000"),
            Delivered("0000"),
        ]


def test_storescp_takes_objects_over_tls_with_both_certificates(
    authority: Authority, slices: list[Path], tmp_path: Path
) -> None:
    theirs = authority.issue("storescp")
    options = ("+tls", str(theirs.key), str(theirs.certificate))

    with storescp(tmp_path, *options, "+cf", str(authority.certificate)) as pacs:
        found = outcomes(pacs.port, slices, authority.options("node"))

    assert found == [Delivered("0000")] * 2


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        ({"ends_in_days": -1.0}, "its certificate has expired"),
        ({"host": "127.0.0.2"}, "its certificate names another host"),
    ],
)
def test_a_certificate_that_does_not_hold_is_a_persons_business(
    authority: Authority, slices: list[Path], theirs: dict[str, object], said: str
) -> None:
    made = authority.issue("bad", **theirs)  # type: ignore[arg-type]
    tls = authority.options("node")

    with pacs(replace(tls, certificate=made.certificate, key=made.key)) as port:
        kind, why = trouble(port, slices, tls)

    assert kind == FailureKind.TRUST
    assert said in why


def test_a_certificate_of_another_authority_is_not_believed(
    authority: Authority, slices: list[Path], tmp_path: Path
) -> None:
    other = Authority(tmp_path / "other")

    with pacs(other.options("pacs", require_peer_certificate=False)) as port:
        kind, why = trouble(port, slices, authority.options("node"))

    assert kind == FailureKind.TRUST
    assert "of an authority that is not believed (tls.ca_file)" in why


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("shown", [True, False])
def test_a_peer_that_does_not_believe_us_is_told_from_one_that_is_away(
    authority: Authority,
    slices: list[Path],
    tmp_path: Path,
    version: ssl.TLSVersion,
    shown: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    stranger = Authority(tmp_path / "stranger").options(
        "node", ca=authority.certificate
    )
    if not shown:
        stranger = replace(stranger, certificate=None, key=None)
    context = server_context(authority.options("pacs"))
    context.maximum_version = version

    with _handshaking(context) as port:
        kind, why = trouble(port, slices, stranger)

    assert kind == FailureKind.TRUST
    assert "certificate" in why
    assert "tls.certificate_file" in why


@contextmanager
def _handshaking(context: ssl.SSLContext) -> Iterator[int]:
    """A peer that shakes hands and no more; yields its port."""
    with socket.create_server((HOST, 0)) as server:

        def serve() -> None:
            # One request stands for all objects.
            accepted, _ = server.accept()
            accepted.settimeout(5)
            with suppress(OSError):
                context.wrap_socket(accepted, server_side=True).close()
            accepted.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
    thread.join(5)


def test_a_peer_that_speaks_no_tls_is_told(
    authority: Authority, slices: list[Path], tmp_path: Path
) -> None:
    with storescp(tmp_path) as plain:
        begun = time.monotonic()
        kind, why = trouble(plain.port, slices, authority.options("node"))
        took_s = time.monotonic() - begun

    assert "TLS" in why
    assert kind in (FailureKind.TRUST, FailureKind.UNREACHABLE)
    assert took_s < 10


def test_a_peer_that_is_silent_in_the_handshake_is_given_up_in_time(
    authority: Authority, slices: list[Path]
) -> None:
    with socket.create_server((HOST, 0)) as silent:
        kind, why = trouble(silent.getsockname()[1], slices, authority.options("node"))

    assert kind == FailureKind.UNREACHABLE
    assert "speaks no TLS on this port, or is stuck: no answer within 2 s" in why


def test_a_key_that_cannot_be_read_is_ours_to_mend(
    authority: Authority, slices: list[Path], tmp_path: Path
) -> None:
    tls = replace(authority.options("node"), key=tmp_path / "gone.key")

    kind, why = trouble(1, slices, tls)

    assert kind == FailureKind.OWN_FILE
    assert "gone.key: it cannot be read" in why
