"""Promises of `node.security.certificates`: an end is told in time, and each day."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import create_engine, select

from node.ledger import Ledger
from node.security.certificates import (
    CertificateWatch,
    WatchOptions,
    facts,
    open_to_others,
)
from node.security.tls import TlsFileError, TlsOptions
from node.tables import EVENTS
from tests.support.certificates import Authority

_WARNING = timedelta(days=30)
_NOW = datetime.now(UTC)


class Watched:
    """A watch with a clock that is moved."""

    def __init__(self, folder: Path, tls: TlsOptions, *secrets: Path) -> None:
        self.now = _NOW
        self._url = f"sqlite:///{folder / 'ledger.sqlite'}"
        self.ledger = Ledger.open(self._url, folder)
        options = WatchOptions(tls, _WARNING, secrets)
        self.watch = CertificateWatch(self.ledger, options, lambda: self.now)

    def events(self) -> list[str]:
        with create_engine(self._url).connect() as connection:
            found = connection.execute(select(EVENTS.c.kind, EVENTS.c.text)).all()
        assert {row.kind for row in found} <= {"security"}
        return [row.text for row in found]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def ending(authority: Authority, days: float, name: str = "node") -> TlsOptions:
    made = authority.issue(name, ends_in_days=days)
    return TlsOptions(made.certificate, made.key, ca=authority.certificate)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.INFO):
        yield caplog


def test_facts_are_of_our_certificate_and_the_authorities(authority: Authority) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    found = facts(ending(authority, 10.0))
    after = datetime.now(UTC)

    assert [(fact.source, fact.subject) for fact in found] == [
        ("tls.certificate_file", "CN=node,O=Imaging core"),
        ("tls.ca_file", "CN=authority,O=Imaging core"),
    ]
    assert before <= found[0].ends_at - timedelta(days=10) <= after


def test_a_certificate_with_time_left_is_announced_and_no_event(
    tmp_path: Path, authority: Authority, log: pytest.LogCaptureFixture
) -> None:
    watched = Watched(tmp_path, ending(authority, 300.0))

    watched.watch.sweep()

    assert watched.events() == []
    assert any("CN=node,O=Imaging core, until" in line for line in log.messages)


def test_a_certificate_that_ends_soon_is_told_of_once_a_day(
    tmp_path: Path, authority: Authority
) -> None:
    watched = Watched(tmp_path, ending(authority, 10.2))
    for hours in (0, 1, 23, 24, 25):
        watched.now = _NOW + timedelta(hours=hours)
        watched.watch.sweep()

    first, second = watched.events()
    assert "in 10 days" in first
    assert "in 9 days" in second
    assert "tls.certificate_file" in first


def test_a_clock_that_was_set_back_silences_nothing(
    tmp_path: Path, authority: Authority
) -> None:
    watched = Watched(tmp_path, ending(authority, 10.2))
    watched.watch.sweep()
    watched.now = _NOW - timedelta(days=15)
    watched.watch.sweep()

    assert len(watched.events()) == 2


def test_a_certificate_that_has_ended_is_an_error(
    tmp_path: Path, authority: Authority, log: pytest.LogCaptureFixture
) -> None:
    watched = Watched(tmp_path, ending(authority, -1.0))

    watched.watch.sweep()

    (told,) = watched.events()
    assert "has ended" in told
    assert [r.message for r in log.records if r.levelno == logging.ERROR] == [told]


def test_a_caller_s_certificate_is_told_of_by_the_caller_s_name(
    tmp_path: Path, authority: Authority
) -> None:
    watched = Watched(tmp_path, ending(authority, 300.0))
    made = authority.issue("scanner", ends_in_days=3.5)
    certificate = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    for _ in range(3):
        watched.watch.seen(certificate.public_bytes(Encoding.DER), "INVEON")
        watched.watch.sweep()
    watched.watch.seen(b"no certificate", "INVEON")

    (told,) = watched.events()
    assert "CN=scanner,O=Imaging core (INVEON) ends on" in told
    assert "in 3 days" in told


def test_files_that_anyone_can_read_are_warned_of_when_the_node_starts(
    tmp_path: Path, authority: Authority
) -> None:
    tls = ending(authority, 300.0)
    assert tls.key is not None
    secret = tmp_path / "password"
    secret.write_text("hunter2")
    secret.chmod(0o600)
    tls.key.chmod(0o644)
    watched = Watched(tmp_path, tls, tls.key, secret, tmp_path / "absent")
    watched.watch.sweep()
    watched.watch.sweep()

    assert open_to_others([tls.key, secret]) == [tls.key]
    (told,) = watched.events()
    assert str(tls.key) in told


def test_a_file_without_certificates_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty.crt"
    empty.write_text("")

    with pytest.raises(TlsFileError, match=r"empty\.crt: it holds no certificate"):
        facts(TlsOptions(certificate=empty))
    with pytest.raises(TlsFileError, match=r"absent\.crt: it cannot be read"):
        facts(TlsOptions(ca=tmp_path / "absent.crt"))
