"""Promises of `node.healthcheck`: healthy is what answers C-ECHO, nothing else."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification
from pynetdicom.transport import ThreadedAssociationServer

from node.healthcheck import main


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


def test_an_allowed_caller_is_the_one_who_asks(
    node: ThreadedAssociationServer, tmp_path: Path
) -> None:
    node.ae.require_calling_aet = ["INVEON", "PACS"]

    result = check(
        tmp_path, node.server_address[1], allowed_calling_ae_titles='["PACS"]'
    )

    assert result.exit_code == 0, result.output


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
