"""What a job is told of its animal's earlier scans, and when."""

import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from node.compute.histories import with_history
from node.records.history import TimePoint, before, history_from_json, history_to_json
from node.records.jobs import Job
from node.records.states import JobState
from tests.support.inline import InlineNode
from tests.support.pet import STUDY_UID
from tests.support.planes import image_datasets
from tests.support.service import command
from tests.support.studies import as_study, small_study, uid_in

PET, CONTOURS = small_study()


def on_day(number: int, day: int) -> list[Dataset]:
    """Return another study of the same animal, some days after the first."""
    pet, contours = small_study(peak=3e5 + 1e4 * number)
    date = f"{datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=day):%Y%m%d}"
    moved = as_study(number, [*pet, contours])
    for image in moved[:-1]:
        image.StudyDate = image.SeriesDate = image.AcquisitionDate = date
        item = image.RadiopharmaceuticalInformationSequence[0]
        item.RadiopharmaceuticalStartDateTime = f"{date}100000"
    return moved


def the_job(node: InlineNode, study_uid: str) -> Job:
    study = node.ledger.study(study_uid)
    assert study is not None
    (job,) = [each for each in study.jobs if each.state is JobState.DONE]
    return job


def told(node: InlineNode, study_uid: str) -> list[str]:
    """Return the studies that a job was told of."""
    text = the_job(node, study_uid).history_json
    assert text is not None
    return [point.study_instance_uid for point in history_from_json(text)]


def test_a_job_is_told_what_other_studies_of_its_animal_have_given(
    tmp_path: Path,
) -> None:
    with InlineNode(tmp_path) as node:
        node.send(*PET, CONTOURS)
        node.pass_time()
        node.send(*on_day(1, 3))
        node.pass_time()

        assert told(node, STUDY_UID) == []
        assert told(node, uid_in(1, STUDY_UID)) == [STUDY_UID]
        (point,) = history_from_json(
            the_job(node, uid_in(1, STUDY_UID)).history_json or ""
        )
    assert point.roi == "Tumor"
    assert point.scanned_at == datetime(2026, 3, 2, 11, 10, tzinfo=UTC)
    assert point.score is not None


def test_what_was_withdrawn_or_is_damaged_is_not_told(tmp_path: Path) -> None:
    with InlineNode(tmp_path) as node:
        node.send(*PET, CONTOURS)
        node.pass_time()
        node.send(*on_day(1, 3))
        node.pass_time()
        data = tmp_path / "data"
        damaged = the_job(node, uid_in(1, STUDY_UID)).key
        (data / "results" / damaged / "result.json").write_text("{")
        code, _, error = command(
            "withdraw",
            STUDY_UID,
            "--why",
            "wrong animal",
            "--config",
            str(node.config),
        )
        assert code == 0, error

        node.send(*on_day(2, 7))
        node.pass_time()

        assert told(node, uid_in(2, STUDY_UID)) == []


def test_what_nobody_has_released_yet_is_not_told(tmp_path: Path) -> None:
    review = '[results]\nreview = true\nobjects = ["sr"]\nexternal_check = false\n'
    with InlineNode(tmp_path, extra=review) as node:
        node.send(*PET, CONTOURS)
        node.pass_time()
        job = the_job(node, STUDY_UID)
        later = Job(**{**vars(job), "study_instance_uid": uid_in(1, STUDY_UID)})

        assert node.ledger.results_of_animal(later) == []
        node.ledger.release_result(job.key, "meyer", node.clock())
        assert [each.key for each in node.ledger.results_of_animal(later)] == [job.key]


def test_what_a_job_was_told_once_it_keeps(tmp_path: Path) -> None:
    with InlineNode(tmp_path) as node:
        node.send(*PET, CONTOURS)
        node.pass_time()
        alone = the_job(node, STUDY_UID)
        node.send(*on_day(1, -3))
        node.pass_time()

        data = tmp_path / "data"
        again = with_history(node.ledger, data, the_job(node, STUDY_UID))
        # As a run does that ended before it was entered, beside one that entered it.
        entered = node.ledger.settle_history(alone.key, history_to_json([]))
        fresh = Job(**{**vars(alone), "history_json": None})
        told_late = with_history(node.ledger, data, fresh)

        assert told(node, uid_in(1, STUDY_UID)) == [STUDY_UID]
    assert again.history_json == alone.history_json == entered
    assert told_late.history_json == alone.history_json


def test_a_ct_that_comes_later_makes_no_revision(tmp_path: Path) -> None:
    ct = image_datasets("CT", np.full((12, 16, 18), 40))
    with InlineNode(tmp_path) as node:
        node.send(*PET, CONTOURS)
        node.pass_time()
        node.send(*ct)
        node.reports(1)

        assert node.job_states() == ["done"]


def test_only_scans_before_this_one_are_earlier() -> None:
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    points = [
        TimePoint(
            at + timedelta(days=days), "1.2", "T", 1.0, None, None, 1.0, 0.1, "m", ""
        )
        for days in (-1, 0, 1)
    ]

    assert before(points, at) == (points[0],)
    assert before(points, None) == ()
    assert history_from_json(history_to_json(points)) == tuple(points)


@pytest.mark.parametrize("name", ["", None])
def test_animals_without_a_name_have_nothing_in_common(
    tmp_path: Path, name: str | None
) -> None:
    with InlineNode(tmp_path) as node:
        for study in ([*PET, CONTOURS], on_day(1, 3)):
            nameless = [copy.deepcopy(each) for each in study]
            for each in nameless:
                each.PatientID = name
            node.send(*nameless)
            node.pass_time()

        assert told(node, uid_in(1, STUDY_UID)) == []
