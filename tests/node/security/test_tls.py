"""Promises of `node.security.tls`: what cannot serve is named, and no secret is."""

import pickle
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from config.refusal import RefusalError
from node.security.tls import (
    TlsFileError,
    TlsOptions,
    client_context,
    server_context,
)
from tests.support.certificates import Authority

_SECRET = "correct horse battery staple"  # noqa: S105 - of a key that a test makes


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def good(authority: Authority) -> TlsOptions:
    return authority.options("node")


def locked(authority: Authority, password_file: Path | None) -> TlsOptions:
    made = authority.issue("locked", password=_SECRET)
    return TlsOptions(made.certificate, made.key, password_file, authority.certificate)


@pytest.mark.parametrize("build", [server_context, client_context])
def test_only_tls_1_2_and_newer_with_suites_of_bcp_195_is_offered(
    good: TlsOptions, build: Callable[[TlsOptions], ssl.SSLContext]
) -> None:
    context = build(good)

    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.options & ssl.OP_NO_COMPRESSION
    assert context.options & ssl.OP_NO_RENEGOTIATION
    for suite in context.get_ciphers():
        assert suite["aead"], suite["name"]
        assert suite["kea"] in {"kx-ecdhe", "kx-dhe", "kx-any"}, suite["name"]
        assert suite["auth"] in {"auth-rsa", "auth-ecdsa", "auth-any"}, suite["name"]


def test_no_session_is_resumed_so_that_each_handshake_checks(good: TlsOptions) -> None:
    context = server_context(good)

    assert context.num_tickets == 0
    assert context.options & ssl.OP_NO_TICKET


def test_the_host_is_verified_unless_that_is_given_up(good: TlsOptions) -> None:
    assert client_context(good).check_hostname
    assert not client_context(replace(good, verify_host=False)).check_hostname
    with pytest.raises(TlsFileError, match="verify_host"):
        client_context(TlsOptions(verify_host=False))


def test_the_system_s_authorities_serve_where_no_other_is_named() -> None:
    assert client_context(TlsOptions()).verify_mode == ssl.CERT_REQUIRED


def test_callers_without_a_certificate_are_taken_only_when_asked_for(
    good: TlsOptions,
) -> None:
    lenient = server_context(replace(good, require_peer_certificate=False, ca=None))

    assert lenient.verify_mode == ssl.CERT_NONE
    with pytest.raises(TlsFileError, match=r"tls\.ca_file"):
        server_context(replace(good, ca=None))


def test_a_key_with_a_password_opens_with_the_file(
    tmp_path: Path, authority: Authority
) -> None:
    file = tmp_path / "password"
    for text in (_SECRET, f"{_SECRET}\n", f"{_SECRET}\r\n"):
        file.write_text(text)

        server_context(locked(authority, file))


@pytest.mark.parametrize("content", [None, "", "wrong", "x" * 2000])
def test_a_password_that_is_missing_or_wrong_is_told_without_any_secret(
    tmp_path: Path, authority: Authority, content: str | None
) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_text(content)
    options = locked(authority, None if content is None else file)

    with pytest.raises(TlsFileError) as caught:
        server_context(options)

    words = str(caught.value)
    assert "locked.key" in words or "password" in words
    assert caught.value.remedy
    assert _SECRET not in words
    assert "x" * 2000 not in words


def test_each_file_that_cannot_serve_is_named_with_a_remedy(
    tmp_path: Path, authority: Authority, good: TlsOptions
) -> None:
    absent = tmp_path / "absent"
    text = tmp_path / "text"
    text.write_text("no PEM")
    other = authority.issue("other")
    cases = {
        absent: [
            replace(good, certificate=absent),
            replace(good, key=absent),
            replace(good, ca=absent),
        ],
        text: [replace(good, certificate=text), replace(good, ca=text)],
        other.key: [replace(good, key=other.key)],
    }
    for path, wrong in cases.items():
        for options in wrong:
            for build in (server_context, client_context):
                with pytest.raises(RefusalError) as caught:
                    build(options)
                assert isinstance(caught.value, TlsFileError)
                assert caught.value.path == path
                assert str(path) in str(caught.value)
                assert caught.value.remedy in str(caught.value)


def test_a_file_with_several_authorities_is_taken(
    tmp_path: Path, authority: Authority, good: TlsOptions
) -> None:
    second = Authority(tmp_path, "second")
    both = tmp_path / "both.crt"
    text = authority.certificate.read_text() + second.certificate.read_text()
    # As `openssl x509 -text` writes it; comments may hold any letters.
    both.write_text(f"Issuer: Universität\n{text}", encoding="utf-8")

    assert len(client_context(replace(good, ca=both)).get_ca_certs()) == 2


def test_the_node_shows_no_certificate_where_it_has_none(good: TlsOptions) -> None:
    with pytest.raises(TlsFileError, match=r"tls\.certificate_file"):
        server_context(TlsOptions(ca=good.ca))


def test_options_go_to_workers(good: TlsOptions) -> None:
    assert pickle.loads(pickle.dumps(good)) == good  # noqa: S301 - made here
