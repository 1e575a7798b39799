"""Promises of `deciding.intake`: files give headers; no object stops all."""

import errno
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import pytest

from dicom_io.header import InstanceHeader, read_header_file
from node.case.options import CaseOptions
from node.deciding.intake import Intake, IntakeOptions
from node.deciding.subjects import PATIENT_ID_ALONE
from node.ledger import Ledger
from node.readiness.assess import MatchingRules, assess_readiness
from node.records.objects import StoredInstance
from node.records.states import StudyState
from tests.support.empty_ledger import ledger_in
from tests.support.objects import NOON, pet_series, received
from tests.support.studies import write_study

DEFECT = "what the content holds"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def ledger(root: Path) -> Iterator[Ledger]:
    with ledger_in(root) as opened:
        yield opened


def intake_of(ledger: Ledger) -> Intake:
    options = IntakeOptions(
        MatchingRules((), ()),
        timedelta(minutes=1),
        create_autospec(CaseOptions, instance=True),
        PATIENT_ID_ALONE,
    )
    return Intake(ledger, options, lambda: NOON, lambda: None)


def receive(ledger: Ledger, root: Path, content: bytes) -> Path:
    """Enter a slice as received, and return where its file lies."""
    source = root / "source.dcm"
    source.write_bytes(content)
    entry = received(read_header_file(source))
    place = root / entry.path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    ledger.record_received(entry, NOON)
    return place


def indexed(ledger: Ledger, study_uid: str) -> list[StoredInstance]:
    return ledger.neighbourhood(study_uid)


def test_headers_are_read_from_the_files(root: Path, ledger: Ledger) -> None:
    content = write_study(root / "study")[0].read_bytes()
    place = receive(ledger, root, content)
    header = read_header_file(place)

    intake_of(ledger).sweep()

    [instance] = indexed(ledger, header.study_instance_uid)
    assert instance.header == header


def test_what_was_read_while_more_came_is_entered_without_another_look(
    root: Path, ledger: Ledger
) -> None:
    content = write_study(root / "study")[0].read_bytes()
    place = receive(ledger, root, content)
    header = read_header_file(place)
    intake = intake_of(ledger)
    intake.read_ahead()
    assert indexed(ledger, header.study_instance_uid) == []
    place.unlink()

    intake.sweep()

    [instance] = indexed(ledger, header.study_instance_uid)
    assert instance.header == header


def test_what_cannot_be_read_ahead_is_left_to_the_sweep(
    root: Path, ledger: Ledger
) -> None:
    content = write_study(root / "study")[0].read_bytes()
    place = receive(ledger, root, content)
    header = read_header_file(place)
    intake = intake_of(ledger)
    place.rename(root / "away")
    intake.read_ahead()
    (root / "away").rename(place)

    intake.sweep()

    [instance] = indexed(ledger, header.study_instance_uid)
    assert instance.header == header


def test_what_cannot_be_read_is_set_aside_by_the_sweep(
    root: Path, ledger: Ledger
) -> None:
    content = write_study(root / "study")[0].read_bytes()
    place = receive(ledger, root, content)
    header = read_header_file(place)
    place.write_bytes(content[:-9])
    intake = intake_of(ledger)

    assert ledger.unindexed(1)
    intake.sweep()

    assert not ledger.unindexed(1)
    assert not indexed(ledger, header.study_instance_uid)


def two_objects(ledger: Ledger, root: Path) -> tuple[Path, Path]:
    """Receive two slices, and return where their files lie."""
    files = write_study(root / "study")
    first, second = (receive(ledger, root, file.read_bytes()) for file in files[:2])
    return first, second


def test_a_file_that_is_gone_is_set_aside_and_the_others_go_on(
    root: Path, ledger: Ledger
) -> None:
    gone, _ = two_objects(ledger, root)
    study = read_header_file(gone).study_instance_uid
    gone.unlink()

    intake_of(ledger).sweep()

    assert not ledger.unindexed(9)
    assert len(indexed(ledger, study)) == 1
    assert any(
        "the file is not there any more" in each.text for each in ledger.events()
    )


def test_a_file_that_the_volume_does_not_give_now_is_read_later(
    root: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubled, _ = two_objects(ledger, root)
    study = read_header_file(troubled).study_instance_uid
    intake = intake_of(ledger)

    def read(path: Path, _limits: object) -> InstanceHeader:
        if path == troubled:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return read_header_file(path)

    with monkeypatch.context() as patch:
        patch.setattr("node.deciding.indexing.read_header_file", read)
        intake.sweep()
        assert len(indexed(ledger, study)) == 1
        assert len(ledger.unindexed(9)) == 1
    intake.sweep()

    assert len(indexed(ledger, study)) == 2


def test_an_object_that_trips_the_node_is_set_aside_and_the_others_go_on(
    root: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, _ = two_objects(ledger, root)
    study = read_header_file(bad).study_instance_uid

    def read(path: Path, _limits: object) -> InstanceHeader:
        if path == bad:
            raise KeyError(DEFECT)
        return read_header_file(path)

    monkeypatch.setattr("node.deciding.indexing.read_header_file", read)
    intake_of(ledger).sweep()

    assert not ledger.unindexed(9)
    assert len(indexed(ledger, study)) == 1


def test_a_header_that_cannot_be_entered_does_not_stop_the_others(
    root: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, _ = two_objects(ledger, root)
    header = read_header_file(bad)
    enter = ledger.record_all_indexed

    def enter_all(headers: list[tuple[int, InstanceHeader]], *rest: Any) -> None:
        if any(each == header for _, each in headers):
            raise ValueError(DEFECT)
        enter(headers, *rest)

    monkeypatch.setattr(ledger, "record_all_indexed", enter_all)
    intake_of(ledger).sweep()

    assert not ledger.unindexed(9)
    assert len(indexed(ledger, header.study_instance_uid)) == 1


def test_a_study_that_trips_the_node_is_set_aside_and_the_others_go_on(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    for study in ("1.5", "1.6"):
        header = pet_series(
            1,
            study_instance_uid=study,
            series_instance_uid=study,
            frame_of_reference_uid=study,
        )[0]
        ledger.record_received(received(header), NOON)
        ledger.record_indexed(ledger.unindexed(1)[0].identifier, header, NOON)

    def assess(instances: list[StoredInstance], *rest: Any, **how: Any) -> Any:
        if instances[0].header.study_instance_uid == "1.5":
            raise KeyError(DEFECT)
        return assess_readiness(instances, *rest, **how)

    monkeypatch.setattr("node.deciding.intake.assess_readiness", assess)
    intake_of(ledger).sweep()

    assert ledger.touched_studies(9) == []
    states = {each.study_instance_uid: each for each in ledger.studies()}
    assert states["1.6"].state is StudyState.WAITING
    assert (states["1.5"].state, states["1.5"].reason) == (StudyState.FAILED, "defect")
    assert "KeyError" in states["1.5"].detail
    assert DEFECT not in states["1.5"].detail
