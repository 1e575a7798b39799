"""Promises of `node.intake`: what it keeps in memory changes nothing but the pace."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import create_autospec

import pytest

from dicom_io.header import read_header_file
from node.case_options import CaseOptions
from node.intake import Intake, IntakeOptions
from node.ledger import Ledger
from node.readiness import MatchingRules
from node.records import StoredInstance
from tests.support.objects import NOON, received
from tests.support.studies import write_study


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def ledger(root: Path) -> Iterator[Ledger]:
    with Ledger.open(f"sqlite:///{root / 'ledger.sqlite'}", root) as opened:
        yield opened


def intake_of(ledger: Ledger) -> Intake:
    options = IntakeOptions(
        MatchingRules((), ()),
        timedelta(minutes=1),
        create_autospec(CaseOptions, instance=True),
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


def test_a_foreseen_header_is_entered_as_if_it_came_from_the_file(
    root: Path, ledger: Ledger
) -> None:
    content = write_study(root / "study")[0].read_bytes()
    place = receive(ledger, root, content)
    header = read_header_file(place)
    intake = intake_of(ledger)

    intake.foresee(place, content)
    place.unlink()
    intake.sweep()

    [instance] = indexed(ledger, header.study_instance_uid)
    assert instance.header == header


def test_what_was_not_foreseen_is_read_from_its_file(
    root: Path, ledger: Ledger
) -> None:
    content = write_study(root / "study")[0].read_bytes()
    place = receive(ledger, root, content)
    header = read_header_file(place)

    intake_of(ledger).sweep()

    [instance] = indexed(ledger, header.study_instance_uid)
    assert instance.header == header


def test_what_cannot_be_read_is_set_aside_by_the_sweep_and_not_before(
    root: Path, ledger: Ledger
) -> None:
    content = write_study(root / "study")[0].read_bytes()
    place = receive(ledger, root, content)
    header = read_header_file(place)
    place.write_bytes(content[:-9])
    intake = intake_of(ledger)

    intake.foresee(place, content[:-9])
    assert ledger.unindexed(1)
    intake.sweep()

    assert not ledger.unindexed(1)
    assert not indexed(ledger, header.study_instance_uid)
