"""Promises of `doctor`: everything is tried, and each fault says what to do."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import Comprehensive3DSRStorage, ParametricMapStorage

from config.results import Results
from config.schema import Settings
from node.association.archive import Archive
from node.association.listener import STORED, Listener
from node.doctor.finding import Health
from node.doctor.machine import examine_clock, examine_external_check
from node.instance_store import InstanceStore
from tests.support.objects import NOON
from tests.support.peers import listener_options
from tests.support.service import command, free_port, write_config


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    InstanceStore(tmp_path / "data")
    return tmp_path


def examined(config: Path) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """Return the exit code, and the findings by subject."""
    code, out, _ = command(
        "doctor", "--config", str(config), "--json", "--timeout-s", "2"
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for finding in json.loads(out)["findings"]:
        found.setdefault(finding["subject"], []).append(finding)
    return code, found


def test_where_everything_works_nothing_is_ill(folder: Path) -> None:
    with Archive(folder / "archive", "ARCHIVE") as archive:
        config = write_config(folder, free_port(), archive_port=archive.port)
        code, found = examined(config)

    assert code == 0
    assert {each["health"] for each in found["destination archive"]} == {"well"}
    assert "free" in found["listener"][0]["fact"]
    assert set(found) >= {"data folder", "ledger", "clock", "memory"}


@pytest.mark.parametrize(
    ("script", "well", "said"),
    [
        ("echo 'Error - Information Object Not found'; exit 1", True, "each series"),
        ("echo 'library not found'; exit 127", False, "ends with code 127"),
        (None, False, "is not installed"),
    ],
)
def test_whether_dciodvfy_can_check_objects_is_told(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str | None,
    said: str,
    *,
    well: bool,
) -> None:
    if script is not None:
        program = folder / "dciodvfy"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    (finding,) = examine_external_check(Settings())

    assert (finding.health is Health.WELL) is well
    assert said in finding.fact
    assert ("nstall it" in finding.remedy) is not well


def test_nobody_looks_for_a_dciodvfy_that_is_not_wanted() -> None:
    assert not list(
        examine_external_check(Settings(results=Results(external_check=False)))
    )


def test_an_archive_that_is_down_is_a_fault_with_a_remedy(folder: Path) -> None:
    config = write_config(folder, free_port(), archive_port=free_port())
    code, found = examined(config)

    (finding,) = found["destination archive"]
    assert code == 3
    assert finding["health"] == "ill"
    assert "connection refused" in finding["fact"]
    assert "firewall" in finding["remedy"]


def test_a_wrong_ae_title_does_not_look_like_a_network_fault(folder: Path) -> None:
    with Archive(folder / "archive", "OTHER") as archive:
        config = write_config(folder, free_port(), archive_port=archive.port)
        _, found = examined(config)

    (finding,) = found["destination archive"]
    assert "called ae title not recognised" in finding["fact"]
    assert "AE title" in finding["remedy"]


def test_an_archive_that_lacks_a_service_is_told_which(folder: Path) -> None:
    options = listener_options(
        ae_title="ARCHIVE", sop_classes=(Comprehensive3DSRStorage,)
    )
    listener = Listener(options, lambda _: STORED)
    listener.start()
    try:
        config = write_config(
            folder,
            free_port(),
            archive_port=listener.port,
            extra='[retrieve]\nsource = "archive"\n',
        )
        code, found = examined(config)
    finally:
        listener.stop()

    facts = [each["fact"] for each in found["destination archive"]]
    assert code == 3
    assert any("Parametric Map Storage, needed for results" in fact for fact in facts)
    assert any("FIND, needed for retrieve.source" in fact for fact in facts)
    assert any("GET, needed for retrieve.method" in fact for fact in facts)
    assert ParametricMapStorage not in str(facts)


def test_a_port_in_use_by_another_program_is_a_fault(folder: Path) -> None:
    with Archive(folder / "archive", "ARCHIVE") as archive:
        config = write_config(folder, archive.port, archive_port=archive.port)
        code, found = examined(config)

    assert code == 3
    assert "no node answers there" in found["listener"][0]["fact"]


def test_a_folder_that_is_not_there_is_told_and_the_rest_is_tried(
    tmp_path: Path,
) -> None:
    config = write_config(tmp_path, free_port(), archive_port=free_port())
    code, found = examined(config)

    assert code == 3
    assert "mkdir" in found["data folder"][0]["remedy"]
    assert "destination archive" in found


def test_a_folder_of_someone_else_is_told_with_both_users(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("node.doctor.disk.NamedTemporaryFile", refuse)
    config = write_config(folder, free_port(), archive_port=free_port())
    _, found = examined(config)

    assert f"this is {os.getuid()}" in found["data folder"][0]["fact"]


def test_a_clock_that_was_set_back_is_a_fault() -> None:
    later = NOON.replace(year=NOON.year + 1)

    (finding,) = examine_clock(NOON, later)

    assert finding.health == "ill"
    assert "Set the clock" in finding.remedy


def test_an_unreadable_ledger_is_a_fault(folder: Path) -> None:
    (folder / "data" / "ledger.sqlite").write_bytes(b"no database" * 1000)
    config = write_config(folder, free_port(), archive_port=free_port())
    code, found = examined(config)

    assert code == 3
    assert found["ledger"][0]["health"] == "ill"


def test_people_read_one_line_a_finding_and_a_sum(folder: Path) -> None:
    config = write_config(folder, free_port(), archive_port=free_port())
    code, out, _ = command("doctor", "--config", str(config), "--timeout-s", "2")

    assert code == 3
    assert "fault destination archive: ARCHIVE at 127.0.0.1:" in out
    assert out.rstrip().endswith("1 fault")
