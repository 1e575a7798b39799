"""What the node must never say: passwords, tokens and keys, wherever they are used."""

import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.load import load_settings
from config.schema import Settings
from node.data_folder import open_ledger
from node.ledger import LedgerAddressError
from node.ledger.engine import make_engine
from node.options.network import web_destinations
from node.options.security import secret_files, watch_options
from node.options.tls import tls_options
from node.security.certificates import CertificateWatch, facts
from node.security.tls import TlsFileError, TlsOptions, client_context, server_context
from tests.support.certificates import Authority
from tests.support.service import command, free_port, write_config

_SECRET = "correct-horse-battery-staple"  # noqa: S105 - made up, to be looked for


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return a configuration whose secret files all hold the secret."""
    authority = Authority(tmp_path)
    node = authority.issue("node", password=_SECRET)
    files = {}
    for name in ("key-password", "user-password", "token"):
        files[name] = tmp_path / name
        files[name].write_text(f"{_SECRET}\n")
        files[name].chmod(0o644)
    extra = f"""
[[destinations]]
name = "by-user"
protocol = "dicomweb"
url = "https://localhost:1/dicom-web"
user = "node"
password_file = "{files["user-password"]}"

[[destinations]]
name = "by-token"
protocol = "dicomweb"
url = "https://localhost:1/dicom-web"
token_file = "{files["token"]}"

[tls]
listen = true
certificate_file = "{node.certificate}"
key_file = "{node.key}"
key_password_file = "{files["key-password"]}"
ca_file = "{authority.certificate}"
"""
    return write_config(tmp_path, free_port(), archive_port=1, extra=extra)


def test_every_secret_file_of_the_configuration_is_looked_after(config: Path) -> None:
    named = {path.name for path in secret_files(load_settings(config))}

    assert named == {"node.key", "key-password", "user-password", "token"}


def test_check_config_tells_no_secret(config: Path) -> None:
    code, shown, notes = command("check-config", str(config))

    assert code == 0, notes
    assert _SECRET not in shown + notes


def test_a_mistake_beside_a_secret_tells_none(config: Path) -> None:
    config.write_text(config.read_text() + f'\npassword = "{_SECRET}"\n')

    code, shown, notes = command("check-config", str(config))

    assert code == 2
    assert "password" in shown + notes
    assert _SECRET not in shown + notes


def test_no_value_that_options_show_of_themselves_is_a_secret(config: Path) -> None:
    settings = load_settings(config)

    shown = [
        repr(settings),
        repr(tls_options(settings)),
        repr(web_destinations(settings)),
        repr(watch_options(settings)),
    ]

    assert not [each for each in shown if _SECRET in each]


@pytest.mark.parametrize("build", [server_context, client_context, facts])
@pytest.mark.parametrize("broken", ["key_file", "certificate_file", "ca_file"])
def test_no_error_quotes_a_file(
    config: Path, build: Callable[..., object], broken: str
) -> None:
    tls = tls_options(load_settings(config))
    for path in (tls.key, tls.certificate, tls.ca):
        assert path is not None
    named = {"key_file": tls.key, "certificate_file": tls.certificate}
    path = named.get(broken) or tls.ca
    assert path is not None
    path.write_text(f"-----BEGIN PRIVATE KEY-----\n{_SECRET}\n")

    told = words_of(build, tls)

    assert _SECRET not in told
    assert bool(told) == ((build, broken) != (facts, "key_file"))


def words_of(build: Callable[..., object], tls: TlsOptions) -> str:
    """Return all that an error says; empty when there is none."""
    try:
        build(tls)
    except TlsFileError as fault:
        return f"{fault} {fault!r} {fault.__cause__!r}"
    return ""


def test_the_warning_of_open_files_names_them_and_quotes_none(
    config: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = load_settings(config)
    with caplog.at_level(logging.DEBUG), open_ledger(settings, make=True) as ledger:
        options = watch_options(settings)
        CertificateWatch(ledger, options, lambda: datetime.now(UTC)).sweep()

    assert "key-password" in caplog.text
    assert "token" in caplog.text
    assert _SECRET not in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://node:pa@ss:{_SECRET}@host/ledger",
        f"postgresql://node:{_SECRET}@host:port/ledger",
        f"postgresql:{_SECRET}",
        f"mysql://node:{_SECRET}@host/ledger",
        f"postgresql+none://node:{_SECRET}@host/ledger",
    ],
)
def test_a_database_s_address_that_cannot_be_read_is_not_quoted(url: str) -> None:
    with pytest.raises(LedgerAddressError) as refused:
        make_engine(url)

    told = "".join(traceback.format_exception(refused.value))
    assert _SECRET not in told


def test_the_file_of_the_database_s_address_is_a_secret(tmp_path: Path) -> None:
    file = tmp_path / "url"
    settings = Settings.model_validate({"ledger": {"url_file": file}})

    assert file in secret_files(settings)
