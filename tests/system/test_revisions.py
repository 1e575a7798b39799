"""Promises of the running service about contours that are saved more than once."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import Comprehensive3DSRStorage

from node.association.archive import Archive
from tests.support.pet import STUDY_UID, square_mm, structure_set_dataset, write_all
from tests.support.service import (
    free_port,
    running,
    store,
    wait_for_state,
    write_config,
)
from tests.support.studies import TUMOUR_COLUMNS, TUMOUR_ROWS, small_study

pytestmark = pytest.mark.system

PET, _ = small_study()
ROOT = "1.2.826.0.1.3680043.10.98"
WAIT_S = 60.0


def save(number: int, *, region: str = "Tumor", **overrides: object) -> Dataset:
    """Return a structure set in a series of its own, saved a minute after the last.

    Each has one slice more than the one before.
    """
    squares = [
        square_mm(PET, at, rows=TUMOUR_ROWS, columns=TUMOUR_COLUMNS)
        for at in range(2, 4 + number)
    ]
    said = {
        "SOPInstanceUID": uid_of(number),
        "SeriesInstanceUID": f"{ROOT}.{number}",
        "StructureSetTime": f"14{number:02}00",
        **overrides,
    }
    return structure_set_dataset(PET, {region: squares}, **said)


def uid_of(number: int) -> str:
    return f"{ROOT}.{number}.1"


def predecessor(number: int) -> list[Dataset]:
    item = Dataset()
    item.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.481.3"
    item.ReferencedSOPInstanceUID = uid_of(number)
    return [item]


class Service:
    """A running node and its archive."""

    def __init__(self, folder: Path, archive: Archive, config: Path, port: int) -> None:
        self.folder, self.archive = folder, archive
        self._config, self._port = config, port

    def send(self, *datasets: Dataset) -> None:
        store(self._port, write_all(datasets, self.folder / "sent"))

    def reports(self, number: int) -> list[Dataset]:
        """Return the reports, as many as there must be, once nothing is under way."""
        assert self.archive.wait_for(
            lambda all_: len([a for a in all_ if is_report(a)]) >= number, WAIT_S
        )
        time.sleep(1.5)
        self.study()
        found = [each.path for each in self.archive.arrivals if is_report(each)]
        assert len(found) == number
        return [pydicom.dcmread(path) for path in found]

    def study(self) -> Any:
        return wait_for_state(self._config, STUDY_UID, "delivered")

    def job_states(self) -> list[str]:
        return sorted(job["state"] for job in self.study()["jobs"])


def is_report(arrival: Any) -> bool:
    return bool(arrival.sop_class_uid == Comprehensive3DSRStorage)


def named_by(report: Dataset) -> list[str]:
    """Return the reports that a report names as its predecessors."""
    return [
        named.ReferencedSOPInstanceUID
        for study in report.get("PredecessorDocumentsSequence", [])
        for series in study.ReferencedSeriesSequence
        for named in series.ReferencedSOPSequence
    ]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    port = free_port()
    with Archive(tmp_path / "archive", "ARCHIVE") as archive:
        config = write_config(tmp_path, port, archive_port=archive.port)
        with running(config, port):
            yield Service(tmp_path, archive, config, port)


def test_a_second_save_in_a_new_series_revises_the_result(service: Service) -> None:
    service.send(*PET, save(1))
    service.reports(1)
    service.send(save(2))
    first, second = service.reports(2)

    assert named_by(first) == []
    assert named_by(second) == [first.SOPInstanceUID]
    assert service.job_states() == ["done", "superseded"]
    said = f"taken as a revision of {uid_of(1)}: same label and regions"
    assert said in second.to_json()
    assert said not in first.to_json()


def test_an_older_save_that_arrives_late_does_not_replace_the_newer_one(
    service: Service,
) -> None:
    service.send(*PET, save(2))
    service.reports(1)
    service.send(save(1))
    service.reports(1)

    assert service.job_states() == ["done"]
    # What comes then still revises what stands.
    service.send(save(3))
    newer, newest = service.reports(2)
    assert named_by(newest) == [newer.SOPInstanceUID]


def test_two_saves_that_are_there_before_the_pet_have_one_result(
    service: Service,
) -> None:
    service.send(save(2), save(1), *PET)
    [report] = service.reports(1)

    assert named_by(report) == []
    assert uid_of(2) in str(report.CurrentRequestedProcedureEvidenceSequence)


@pytest.mark.parametrize(
    "other",
    [
        save(2, StructureSetLabel="Second reading"),
        save(2, region="Node"),
        save(2, OperatorsName="Keller^Anna"),
    ],
    ids=["label", "regions", "reader"],
)
def test_other_contours_have_a_result_of_their_own(
    service: Service, other: Dataset
) -> None:
    service.send(*PET, save(1, OperatorsName="Meyer^Bo"))
    service.reports(1)
    service.send(other)
    reports = service.reports(2)

    assert [named_by(report) for report in reports] == [[], []]
    assert service.job_states() == ["done", "done"]
    assert "Keller" not in str(service.study())


def test_a_save_that_names_its_predecessor_revises_it_under_any_name(
    service: Service,
) -> None:
    service.send(*PET, save(1))
    service.reports(1)
    revised = save(
        2,
        region="Lesion",
        StructureSetLabel="Final",
        PredecessorStructureSetSequence=predecessor(1),
    )
    service.send(revised)
    first, second = service.reports(2)

    assert named_by(second) == [first.SOPInstanceUID]
    assert service.job_states() == ["done", "superseded"]


def test_a_missing_link_that_comes_last_makes_one_line_of_two(
    service: Service,
) -> None:
    service.send(*PET, save(1))
    service.reports(1)
    last = save(
        3, StructureSetLabel="c", PredecessorStructureSetSequence=predecessor(2)
    )
    service.send(last)
    service.reports(2)
    assert service.job_states() == ["done", "done"]

    link = save(
        2, StructureSetLabel="b", PredecessorStructureSetSequence=predecessor(1)
    )
    service.send(link)
    _, newest = service.reports(2)

    deadline = time.monotonic() + WAIT_S
    while service.job_states() != ["done", "superseded"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    service.send(
        save(4, StructureSetLabel="d", PredecessorStructureSetSequence=predecessor(3))
    )
    assert named_by(service.reports(3)[-1]) == [newest.SOPInstanceUID]
