"""Promises of `doctor` on web archives, certificates and secrets."""

import json
from pathlib import Path
from typing import Any

import pytest

from node.instance_store import InstanceStore
from node.records.states import StudyState
from node.security.tls import server_context
from tests.support.certificates import Authority
from tests.support.empty_ledger import ledger_in
from tests.support.peers import HOST
from tests.support.service import command, free_port
from tests.support.sources import enter_study
from tests.support.web_server import Request, Server, reply


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    InstanceStore(tmp_path / "data")
    return tmp_path


def examined(folder: Path, extra: str) -> dict[str, list[dict[str, Any]]]:
    """Return the findings by subject."""
    config = folder / "node.toml"
    config.write_text(
        f'[node]\nhost = "{HOST}"\nport = {free_port()}\n'
        f'data_folder = "{folder / "data"}"\n{extra}'
    )
    _, out, _ = command("doctor", "--config", str(config), "--json", "--timeout-s", "2")
    found: dict[str, list[dict[str, Any]]] = {}
    for finding in json.loads(out)["findings"]:
        found.setdefault(finding["subject"], []).append(finding)
    return found


def web(port: int, *lines: str, scheme: str = "http") -> str:
    url = f"{scheme}://{HOST}:{port}/dicom-web"
    return "\n".join(
        (
            "[[destinations]]",
            'name = "web"',
            'protocol = "dicomweb"',
            f'url = "{url}"',
            *lines,
            "",
        )
    )


def as_an_archive(request: Request) -> None:
    """Miss the objects of a POST, and hold nothing."""
    if request.command == "POST":
        assert b"DICM" not in request.body
        reply(request, 400)
    else:
        reply(request, 200, b"[]")


def test_a_web_archive_is_tried_and_nothing_is_stored(folder: Path) -> None:
    with Server(as_an_archive) as server:
        found = examined(folder, web(server.port, 'confirm = "query"'))

    stored, queried = found["destination web"]
    assert "takes objects by STOW-RS" in stored["fact"]
    assert "answers QIDO-RS" in queried["fact"]
    assert [each.command for each in server.requests] == ["POST", "GET"]


@pytest.mark.parametrize(
    ("status", "fact", "remedy"),
    [
        (401, "401 Unauthorized", "password_file"),
        (403, "403 Forbidden", "token_file"),
        (404, "no STOW-RS", "url"),
        (405, "no STOW-RS", "url"),
        (302, "not followed", "url"),
        (503, "503 Service Unavailable", "firewall"),
    ],
)
def test_an_archive_that_would_not_take_objects_says_why_before_any_is_sent(
    folder: Path, status: int, fact: str, remedy: str
) -> None:
    with Server(lambda request: reply(request, status)) as server:
        found = examined(folder, web(server.port))

    (finding,) = found["destination web"]
    assert finding["health"] == "ill"
    assert fact in finding["fact"]
    assert remedy in finding["remedy"]


def test_an_archive_that_is_down_and_one_that_has_no_qido_are_faults(
    folder: Path,
) -> None:
    (down,) = examined(folder, web(free_port()))["destination web"]
    with Server(
        lambda request: reply(request, 400 if request.command == "POST" else 404)
    ) as server:
        found = examined(folder, web(server.port, 'confirm = "query"'))
    _, queried = found["destination web"]

    assert "refuses the connection" in down["fact"]
    assert "firewall" in down["remedy"]
    assert queried["health"] == "ill"
    assert "confirm" in queried["remedy"]


def test_an_archive_that_is_not_believed_is_a_fault_in_words(folder: Path) -> None:
    believed, other = Authority(folder / "a"), Authority(folder / "b", "other")
    with Server(as_an_archive, server_context(_public(other))) as server:
        tls = f'[tls]\nca_file = "{believed.certificate}"\n'
        found = examined(folder, web(server.port, scheme="https") + tls)

    (finding,) = found["destination web"]
    assert "authority that is not believed (tls.ca_file)" in finding["fact"]
    assert "[tls]" in finding["remedy"]


def _public(authority: Authority) -> Any:
    return authority.options("archive", require_peer_certificate=False)


def tls_of(authority: Authority, ends_in_days: float = 300.0) -> str:
    own = authority.issue("node", ends_in_days=ends_in_days)
    return (
        f'[tls]\nlisten = true\ncertificate_file = "{own.certificate}"\n'
        f'key_file = "{own.key}"\nca_file = "{authority.certificate}"\n'
    )


@pytest.mark.parametrize(
    ("days", "health", "word"),
    [(300.0, "well", "ends on"), (10.5, "doubtful", "10 days"), (-1.0, "ill", "ended")],
)
def test_a_certificate_is_told_of_before_it_ends(
    folder: Path, days: float, health: str, word: str
) -> None:
    authority = Authority(folder / "authority")
    found = examined(folder, tls_of(authority, days))

    own, of_authority = found["certificates"]
    assert own["health"] == health
    assert word in own["fact"]
    assert of_authority["health"] == "well"
    assert found["secrets"][0]["health"] == "well"


def test_a_key_that_cannot_serve_or_that_all_can_read_is_told(folder: Path) -> None:
    authority = Authority(folder / "authority")
    config = tls_of(authority)
    key = folder / "authority" / "node.key"
    key.write_bytes(authority.issue("other").key.read_bytes())
    key.chmod(0o644)
    found = examined(folder, config)

    assert found["certificates"][-1]["health"] == "ill"
    assert "not the key of" in found["certificates"][-1]["fact"]
    assert "chmod o=" in found["secrets"][0]["remedy"]


def test_a_secret_that_is_missing_is_told(folder: Path) -> None:
    with Server(as_an_archive) as server:
        lines = ('user = "node"', f'password_file = "{folder / "none"}"')
        found = examined(folder, web(server.port, *lines))

    assert found["secrets"][0]["health"] == "ill"
    assert "cannot be read" in found["destination web"][0]["fact"]
    assert "password_file" in found["destination web"][0]["remedy"]


def test_studies_are_counted_and_not_loaded(tmp_path: Path) -> None:
    with ledger_in(tmp_path) as ledger:
        enter_study(ledger)
        (shown,) = ledger.studies()
        counts = ledger.count_studies([StudyState.FAILED, shown.state])

    assert counts == {StudyState.FAILED: 0, shown.state: 1}
