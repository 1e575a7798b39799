"""Promises of `node.replay`: what a person asks for again is done, and said."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from config.load import default_settings
from dicom_io.header import InstanceHeader
from node.deciding.intake import Intake, IntakeOptions
from node.ledger import Ledger
from node.options.works import intake_options
from node.readiness.matching import GantryRule, MatchingRules
from node.records.jobs import Job, ResultObject
from node.records.kinds import ResultKind
from node.records.states import StudyState
from node.records.study_views import StudyDetail
from node.replay import Replayed, replay_study
from tests.support.empty_ledger import ledger_in
from tests.support.objects import (
    MODEL,
    NOON,
    STUDY,
    ct_series,
    pet_series,
    received,
    structure_set,
)

PLAIN = intake_options(default_settings())
CO_REGISTERED = replace(PLAIN, matching=MatchingRules((GantryRule(MODEL),), ()))
REPORT = ResultObject(
    "1.2.88",
    "1.9.1",
    "1.2.1",
    Path("results/sr.dcm"),
    kind=ResultKind.REPORT,
)
OTHER = "1.7"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    report = basic_dataset(REPORT.sop_class_uid, REPORT.sop_instance_uid)
    report.StudyInstanceUID, report.SeriesInstanceUID = STUDY, "1.9"
    (tmp_path / "results").mkdir()
    report.save_as(tmp_path / REPORT.path, enforce_file_format=True)
    with ledger_in(tmp_path) as opened:
        yield opened


def basic_dataset(sop_class_uid: str, sop_instance_uid: str) -> Dataset:
    """Return the least that is a DICOM file."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class_uid, sop_instance_uid
    return dataset


def enter(ledger: Ledger, *headers: InstanceHeader) -> None:
    """Receive and index objects."""
    for each in headers:
        ledger.record_received(received(each), NOON)
        [row] = ledger.unindexed(1)
        ledger.record_indexed(row.identifier, each, NOON)


def enter_study(ledger: Ledger, study: str = STUDY) -> None:
    """Enter PET and contours; all studies share one frame of reference."""
    pet = pet_series(study_instance_uid=study, series_instance_uid=f"{study}.1")
    contours = structure_set(pet, f"{study}.3.1", study_instance_uid=study)
    enter(ledger, *pet, replace(contours, series_instance_uid=f"{study}.3"))


def sweep(ledger: Ledger, options: IntakeOptions = PLAIN) -> None:
    Intake(ledger, options, lambda: NOON, lambda: None).sweep()


def compute(ledger: Ledger) -> None:
    """Give the next job a report, taken by the one destination."""
    job = ledger.claim_job(NOON)
    assert job is not None
    report = replace(REPORT, sop_instance_uid=f"1.9.{int(job.key[:8], 16)}")
    assert ledger.finish_job(job.key, [report], {"pacs": [report]}, NOON)
    for delivery in ledger.due_deliveries("pacs", NOON, 10):
        ledger.delivered(delivery.identifier, "0000", NOON)


def replay(
    ledger: Ledger, options: IntakeOptions = PLAIN, destination: str = "pacs"
) -> Replayed:
    wanted = {destination: {REPORT.sop_class_uid}}
    return replay_study(ledger, STUDY, options, wanted, lambda: NOON)


def detail(ledger: Ledger, study: str = STUDY) -> StudyDetail:
    found = ledger.study(study)
    assert found is not None
    return found


def due(ledger: Ledger) -> list[str]:
    """Return the keys of the jobs of which something is to be sent."""
    return [item.job_key for item in ledger.due_deliveries("pacs", NOON, 10)]


def only_job(ledger: Ledger, study: str = STUDY) -> Job:
    [job] = detail(ledger, study).jobs
    return job


def test_a_study_that_a_new_rule_lets_go_on_is_not_held_any_more(
    ledger: Ledger,
) -> None:
    pet, ct = pet_series(), ct_series()
    enter(ledger, *pet, *ct, structure_set(ct))
    [touched] = ledger.touched_studies(10)
    Intake(ledger, PLAIN, lambda: NOON, lambda: None).decide(
        STUDY, touched.generation, settled=True
    )
    assert detail(ledger).summary.reason == "frame_of_reference"

    replay(ledger, CO_REGISTERED)
    compute(ledger)
    assert detail(ledger).summary.state is StudyState.DELIVERED

    sweep(ledger, CO_REGISTERED)
    assert detail(ledger).summary.state is StudyState.DELIVERED


def test_connected_studies_are_left_alone(ledger: Ledger) -> None:
    enter_study(ledger)
    enter_study(ledger, OTHER)
    sweep(ledger)
    compute(ledger)
    compute(ledger)

    outcome = replay(ledger)

    assert due(ledger) == [only_job(ledger).key]
    assert len(outcome.done) == 1
    assert detail(ledger, OTHER).summary.state is StudyState.DELIVERED


def test_a_destination_that_is_gone_is_named_and_nothing_waits_for_it(
    ledger: Ledger,
) -> None:
    enter_study(ledger)
    sweep(ledger)
    compute(ledger)

    outcome = replay(ledger, destination="another")

    assert due(ledger) == []
    assert "0 objects are sent again" in outcome.done[0]
    assert "pacs" in outcome.not_done[0]


def test_a_destination_that_is_new_gets_what_it_wants_of_an_old_result(
    ledger: Ledger,
) -> None:
    enter_study(ledger)
    sweep(ledger)
    compute(ledger)
    wanted = {
        "new": frozenset({ResultKind.REPORT}),
        "maps": frozenset({ResultKind.PARAMETRIC_MAP}),
    }

    outcome = replay_study(ledger, STUDY, PLAIN, wanted, lambda: NOON)

    assert ledger.pending_destinations() == {"new": 1}
    assert "1 of its objects are sent where they were not yet" in outcome.done
    assert detail(ledger).summary.state is StudyState.SCORED


def test_the_result_that_stands_is_sent_again_when_a_change_was_taken_back(
    ledger: Ledger,
) -> None:
    enter_study(ledger)
    sweep(ledger)
    compute(ledger)
    first = only_job(ledger).key
    changed = replace(
        PLAIN,
        case=replace(PLAIN.case, rois=replace(PLAIN.case.rois, exclude=("body",))),
    )
    replay(ledger, changed)
    second = detail(ledger).jobs[-1].key
    ledger.add_job(detail(ledger).jobs[0], NOON, instead_of=second)

    replay(ledger)

    assert due(ledger) == [first]


def test_what_is_older_than_the_result_that_stands_is_not_called_done(
    ledger: Ledger,
) -> None:
    enter_study(ledger)
    sweep(ledger)
    compute(ledger)
    changed = replace(
        PLAIN,
        case=replace(PLAIN.case, rois=replace(PLAIN.case.rois, exclude=("body",))),
    )
    replay(ledger, changed)
    compute(ledger)

    outcome = replay(ledger)

    assert outcome.done == ()
    assert "came after" in outcome.not_done[0]


def test_a_held_job_is_tried_again(ledger: Ledger) -> None:
    enter_study(ledger)
    sweep(ledger)
    job = ledger.claim_job(NOON)
    assert job is not None
    ledger.hold_job(job.key, "missing_weight", "no weight", NOON)

    replay(ledger)

    assert detail(ledger).summary.state is StudyState.QUEUED
    assert only_job(ledger).attempts == 0
