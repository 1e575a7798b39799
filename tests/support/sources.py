"""A ledger, an intake and an injection log that work together, without a service."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from config.load import default_settings
from dicom_io.header import InstanceHeader
from node.case.commission import subjects_of
from node.deciding.intake import Intake, IntakeOptions
from node.deciding.log_watch import LogWatch
from node.deciding.subjects import SubjectFinder
from node.ledger import Ledger
from node.options.works import intake_options
from node.records.jobs import Job, ResultObject
from node.records.states import JobState
from node.records.study_views import StudyDetail
from tests.support.objects import NOON, STUDY, pet_series, received, structure_set

LOG_HEADER = "animal,study_date,weight_g,bed_position"
ANIMAL = "mouse.pet"


def enter(ledger: Ledger, *headers: InstanceHeader) -> None:
    """Receive and index objects; what is there already changes nothing."""
    for each in headers:
        ledger.record_received(received(each), NOON)
        for row in ledger.unindexed(1):
            ledger.record_indexed(row.identifier, each, NOON)


def enter_study(
    ledger: Ledger,
    study: str = STUDY,
    *,
    contours_study: str | None = "",
    **fields: Any,
) -> None:
    """Enter PET and contours of a study that is connected with no other.

    Parameters
    ----------
    contours_study : str or None
        Where the contours are filed, if elsewhere; None for no contours.
    """
    pet = pet_series(
        study_instance_uid=study,
        series_instance_uid=f"{study}.1",
        frame_of_reference_uid=f"{study}.9",
        **fields,
    )
    contours = structure_set(
        pet,
        f"{study}.3.1",
        study_instance_uid=contours_study or study,
        series_instance_uid=f"{study}.3",
    )
    enter(ledger, *pet, *([] if contours_study is None else [contours]))


class Site:
    """A site with an injection log; `start` is what a restart of the node does."""

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        self.ledger = ledger
        self.log = folder / "log.csv"
        self._written = 0
        plain = intake_options(default_settings())
        rules = replace(plain.subjects, injection_log=self.log)
        self.options: IntakeOptions = replace(plain, subjects=rules)
        self.start()

    def start(self) -> None:
        """Forget what was read of the log."""
        finder = SubjectFinder(self.options.subjects)
        self.watch = LogWatch(self.ledger, finder, lambda: NOON, lambda: None)
        self.intake = Intake(
            self.ledger, self.options, lambda: NOON, lambda: None, finder
        )

    def write(self, *rows: str) -> None:
        """Write the log; every time it is another file to whoever looks."""
        self.log.write_text("\n".join([LOG_HEADER, *rows]) + "\n")
        self._written += 1
        os.utime(self.log, ns=(0, self._written * 1_000_000_000))

    def settle(self) -> None:
        """Let a change of the log be seen, found at rest, and decided on."""
        for _ in range(2):
            self.watch.sweep()
        self.intake.sweep()

    def compute(self) -> Job:
        """Give the next job a report that is delivered."""
        job = self.claim()
        number = int(job.key[:8], 16)
        report = ResultObject("1.2.88", f"1.9.{number}", "1.2.1", Path("r.dcm"))
        assert self.ledger.finish_job(job.key, [report], {"pacs": [report]}, NOON)
        for delivery in self.ledger.due_deliveries("pacs", NOON, 10):
            self.ledger.delivered(delivery.identifier, "0000", NOON)
        return job

    def hold(self) -> Job:
        """Have the next job held for the weight."""
        job = self.claim()
        self.ledger.hold_job(job.key, "missing_weight", "no weight", NOON)
        return job

    def claim(self) -> Job:
        """Take the next job; there must be one."""
        job = self.ledger.claim_job(NOON)
        assert job is not None
        return job

    def detail(self, study: str = STUDY) -> StudyDetail:
        """Return a study that is there."""
        found = self.ledger.study(study)
        assert found is not None
        return found

    def pending(self, study: str = STUDY) -> list[Job]:
        """Return the jobs of a study that wait to be computed."""
        jobs = self.detail(study).jobs
        return [job for job in jobs if job.state is JobState.PENDING]


def weights(job: Job) -> list[float | None]:
    """Return the weights that sources beside the PET gave a job."""
    subjects = subjects_of(job.case_json)
    return [said.weight_g for subject in subjects for said in subject.supplied]
