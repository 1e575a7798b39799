"""Promises of `node.healthcheck`: healthy is what answers C-ECHO, nothing else."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification
from pynetdicom.transport import ThreadedAssociationServer

from config.load import load_settings
from config.schema import Settings
from node.association.listener import STORED, Listener
from node.data_folder import open_ledger
from node.guarding import Guard
from node.healthcheck import main, why_unhealthy
from node.options.network import listener_options
from tests.support.certificates import Authority, Identity
from tests.support.service import free_port, write_config


class Answer:
    """What the node says to a C-ECHO."""

    status = 0x0000


@pytest.fixture
def answer() -> Answer:
    return Answer()


@pytest.fixture
def node(answer: Answer) -> Iterator[ThreadedAssociationServer]:
    entity = AE(ae_title="EXHAUSTION")
    entity.require_called_aet = True
    entity.add_supported_context(Verification)
    handlers = [(evt.EVT_C_ECHO, lambda _event: answer.status)]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    yield server
    server.shutdown()


def check(tmp_path: Path, port: int, **settings: str) -> Result:
    lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
    file = tmp_path / "node.toml"
    file.write_text(f"[node]\nport = {port}\n{lines}")
    return CliRunner().invoke(main, ["--config", str(file), "--timeout-s", "2"])


def test_a_node_that_answers_is_healthy_although_it_listens_on_every_address(
    node: ThreadedAssociationServer, tmp_path: Path
) -> None:
    result = check(tmp_path, node.server_address[1], host='"0.0.0.0"')

    assert (result.exit_code, result.output) == (0, "")


@contextmanager
def guarded(tmp_path: Path, extra: str) -> Iterator[Settings]:
    """Serve by a configuration, behind its guard."""
    config = write_config(tmp_path, free_port(), archive_port=1, extra=extra)
    settings = load_settings(config)
    with open_ledger(settings, make=True) as ledger:
        guard = Guard(settings, ledger, lambda: _AT, lambda _: None)
        listener = Listener(
            listener_options(settings), lambda _: STORED, [guard.service]
        )
        listener.start()
        try:
            yield settings
        finally:
            listener.stop()
            guard.stop()


_AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
_ELSEWHERE = """
[[peers]]
name = "inveon"
ae_title = "INVEON"
addresses = ["203.0.113.9"]
"""


def test_whoever_may_connect_the_node_may_ask_itself(tmp_path: Path) -> None:
    with guarded(tmp_path, _ELSEWHERE) as settings:
        assert why_unhealthy(settings, 5.0) == ""


@pytest.mark.parametrize("checked", [True, False])
@pytest.mark.parametrize("same", [True, False])
def test_the_node_knows_itself_over_tls_whoever_issued_its_certificate(
    tmp_path: Path, *, checked: bool, same: bool
) -> None:
    of_peers = Authority(tmp_path / "peers", "theirs")
    issuing = of_peers if same else Authority(tmp_path / "public", "public")
    # The address that others call it by.
    own = issuing.issue("node", host="203.0.113.7")
    with own.certificate.open("ab") as chain:
        chain.write(issuing.certificate.read_bytes())
    tls = (
        f'[tls]\nlisten = true\ncertificate_file = "{own.certificate}"\n'
        f'key_file = "{own.key}"\nrequire_peer_certificate = {str(checked).lower()}\n'
    )
    if checked:
        tls += f'ca_file = "{of_peers.certificate}"\n'

    with guarded(tmp_path, tls + _ELSEWHERE) as settings:
        assert why_unhealthy(settings, 5.0) == ""


def test_another_s_certificate_is_not_the_node_s(tmp_path: Path) -> None:
    """Although the authority that issued both stands in the node's own file."""
    public = Authority(tmp_path / "public", "public")
    own, other = public.issue("node"), public.issue("other")
    with own.certificate.open("ab") as chain:
        chain.write(public.certificate.read_bytes())

    def tls(made: Identity) -> str:
        return (
            f'[tls]\nlisten = true\ncertificate_file = "{made.certificate}"\n'
            f'key_file = "{made.key}"\nrequire_peer_certificate = false\n'
        )

    with guarded(tmp_path, tls(other)) as settings:
        files = settings.tls.model_copy(
            update={"certificate_file": own.certificate, "key_file": own.key}
        )
        asking = settings.model_copy(update={"tls": files})
        assert "not believed" in why_unhealthy(asking, 5.0)


def test_a_node_that_is_busy_is_well(
    node: ThreadedAssociationServer, tmp_path: Path
) -> None:
    node.ae.maximum_associations = 1
    scanner = AE("SCANNER")
    scanner.add_requested_context(Verification)
    busy = scanner.associate(*node.server_address[:2], ae_title="EXHAUSTION")
    try:
        result = check(tmp_path, node.server_address[1])
    finally:
        busy.release()

    assert (result.exit_code, result.output) == (0, "")


def test_the_check_loads_neither_ledger_nor_what_computes() -> None:
    heavy = ["sqlalchemy", "scipy", "pandas", "highdicom", "node.ledger", "model"]
    script = (
        f"import sys, node.healthcheck; print([m for m in {heavy} if m in sys.modules])"
    )
    asked = [sys.executable, "-c", script]
    found = subprocess.run(asked, check=True, capture_output=True, text=True)

    assert found.stdout.strip() == "[]"


def test_a_port_where_nobody_listens_is_unhealthy_and_the_reason_is_said(
    tmp_path: Path,
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        result = check(tmp_path, port)

    assert result.exit_code == 1
    assert str(port) in result.stderr


def test_a_listener_that_refuses_the_echo_is_unhealthy(
    node: ThreadedAssociationServer, answer: Answer, tmp_path: Path
) -> None:
    answer.status = 0x0122

    result = check(tmp_path, node.server_address[1])

    assert result.exit_code == 1
    assert "0122" in result.stderr


def test_another_node_behind_the_port_is_unhealthy(
    node: ThreadedAssociationServer, tmp_path: Path
) -> None:
    result = check(tmp_path, node.server_address[1], ae_title='"ANOTHER"')

    assert result.exit_code == 1
    assert result.stderr


def test_a_configuration_that_cannot_be_read_is_wrong_usage(tmp_path: Path) -> None:
    file = tmp_path / "node.toml"
    file.write_text("[node]\nport = 'eleven'\n")

    assert CliRunner().invoke(main, ["--config", str(file)]).exit_code == 2
