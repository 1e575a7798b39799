"""Promises of the running service on weight and dose that come from elsewhere."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.uid import Comprehensive3DSRStorage

from config.load import default_settings
from dicom_io.stamp import derived_uid
from node.association.archive import Archive, Arrival
from tests.support.pet import STUDY_UID, write_all
from tests.support.service import (
    command,
    free_port,
    running,
    store,
    wait_for_state,
    write_config,
)
from tests.support.studies import small_study, write_study

pytestmark = pytest.mark.system

WAIT_S = 60.0
HEADER = "animal,patient_id,study_date,weight_g"
OTHERS = "M99,m99_pet,2026-03-02,21.0"


class Service:
    """A running node with an injection log, and its archive."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.log = folder / "log.csv"
        self.write()

    def write(self, *rows: str) -> None:
        """Write the log as spreadsheets do: aside, then in its place."""
        beside = self.log.with_suffix(".tmp")
        beside.write_text("\n".join([HEADER, OTHERS, *rows]) + "\n")
        beside.replace(self.log)

    @contextmanager
    def run(self) -> Iterator[None]:
        """Run the node and the archive until the context ends."""
        self.port = free_port()
        with Archive(self.folder / "archive", "ARCHIVE") as self.archive:
            extra = f"[injection_log]\npath = '{self.log}'\n"
            self.config = write_config(
                self.folder, self.port, archive_port=self.archive.port, extra=extra
            )
            with running(self.config, self.port):
                yield

    def send(self, **overrides: object) -> None:
        """Send the study."""
        pet, contours = small_study(**overrides)
        store(self.port, write_all([*pet, contours], self.folder / "study"))

    def wait(self, *states: str) -> Any:
        return wait_for_state(self.config, STUDY_UID, *states)

    def wait_for(self, condition: Callable[[Any], bool]) -> Any:
        """Wait until `study --json` satisfies a condition, and return it."""
        deadline = time.monotonic() + WAIT_S
        while True:
            study = self.wait(
                "waiting", "queued", "held", "failed", "scored", "delivered"
            )
            if condition(study):
                return study
            assert time.monotonic() < deadline, study
            time.sleep(0.1)

    def reports(self, number: int) -> list[Path]:
        """Return the files of the reports, as many as there must be."""
        assert self.archive.wait_for(lambda all_: len(_reports(all_)) >= number, WAIT_S)
        found = _reports(self.archive.arrivals)
        assert len(found) == number
        return [each.path for each in found]


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


def _reports(arrivals: Any) -> list[Arrival]:
    return [a for a in arrivals if a.sop_class_uid == Comprehensive3DSRStorage]


def _mean(study: Any) -> float:
    [result] = study["results"][-1:]
    return float(result["suv"]["mean"])


def test_a_study_without_a_weight_goes_on_when_its_row_appears(
    service: Service,
) -> None:
    with service.run():
        service.send(PatientWeight=None)
        held = service.wait("held")
        assert held["reason"] == "missing_weight"
        assert "release" in held["detail"]
        code, out, _ = command("studies", "--config", str(service.config), "--json")
        assert code == 0
        assert json.loads(out)[0]["reason"] == "missing_weight"

        service.write("M07,m07_pet,2026-03-02,22.0")
        study = service.wait("delivered")
        [report] = service.reports(1)

    assert study["reason"] == ""
    assert [each["animal_id"] for each in study["animals"]] == ["M07"]
    assert study["animals"][0]["sources"][0]["weight_g"] == 22.0
    assert study["results"][0]["animal_id"] == "M07"
    assert study["results"][0]["patient_id"] == "m07_pet"
    # The tumour is tracked as the animal's that the log names.
    root = default_settings().node.uid_root
    tracked = derived_uid(f"{root}.", "tracking", "M07", "Tumor")
    assert tracked.encode() in report.read_bytes()
    # The same weight in the header gives the same SUV.
    folder = write_study(service.folder / "weighed")[0].parent
    code, out, _ = command(
        "score", str(folder), "--out", str(service.folder / "out"), "--json"
    )
    assert code == 0
    assert _mean(json.loads(out)) == pytest.approx(_mean(study), rel=1e-6)


def test_a_study_without_a_weight_goes_on_when_one_is_released(
    service: Service,
) -> None:
    with service.run():
        service.send(PatientWeight=None)
        service.wait("held")
        words = ("release", STUDY_UID, "--weight-g", "22", "--by", "ann")
        code, out, err = command(*words, "--config", str(service.config))
        assert code == 0, err
        study = service.wait("delivered")
        [report] = service.reports(1)

    assert "queued job" in out
    assert study["releases"][0]["who"] == "ann"
    assert b"release by ann" in report.read_bytes()


def test_sources_that_disagree_hold_until_one_is_corrected(service: Service) -> None:
    service.write("M07,m07_pet,2026-03-02,35.0")
    with service.run():
        service.send()
        held = service.wait("held")
        assert held["reason"] == "conflicting_sources"
        assert "22" in held["detail"]
        assert "35" in held["detail"]

        service.write("M07,m07_pet,2026-03-02,22.4")
        study = service.wait("delivered")
        service.reports(1)

    assert study["animals"][0]["sources"][0]["weight_g"] == 22.4


def test_a_correction_after_delivery_sends_a_revision(service: Service) -> None:
    service.write("M07,m07_pet,2026-03-02,22.0")
    with service.run():
        service.send(PatientWeight=None)
        before = _mean(service.wait("delivered"))
        first = pydicom.dcmread(service.reports(1)[0])

        service.write("M07,m07_pet,2026-03-02,24.2")
        service.reports(2)
        after = _mean(
            service.wait_for(
                lambda study: study["state"] == "delivered" and len(study["jobs"]) == 2
            )
        )
        second = pydicom.dcmread(service.reports(2)[1])

    assert after == pytest.approx(1.1 * before, rel=1e-6)
    predecessor = second.PredecessorDocumentsSequence[0]
    named = predecessor.ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
    assert named.ReferencedSOPInstanceUID == first.SOPInstanceUID


def test_a_row_that_came_while_the_node_was_down_is_taken_up_at_its_start(
    service: Service,
) -> None:
    with service.run():
        service.send(PatientWeight=None)
        service.wait("held")
    service.write("M07,m07_pet,2026-03-02,22.0")
    with service.run():
        service.wait("delivered")
        service.reports(1)


def test_a_log_that_is_away_says_so_and_stops_nothing_that_was_read(
    service: Service,
) -> None:
    service.write("M07,m07_pet,2026-03-02,22.0")
    with service.run():
        time.sleep(1.0)
        service.log.unlink()
        log = service.folder / "node.log"
        deadline = time.monotonic() + WAIT_S
        while "stays in use" not in log.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        service.send(PatientWeight=None)
        study = service.wait("delivered", "held")

    assert study["state"] == "delivered"
