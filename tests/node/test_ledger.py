"""Promises of `node.ledger`: what is entered stays, once; what is to do is found."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event

from dicom_io.header import InstanceHeader, ObjectKind
from node.ledger import Ledger, LedgerAddressError, LedgerUnavailableError
from node.ledger.database import PathOutsideDataFolderError
from node.ledger.job_changes import UnknownJobError
from node.ledger.results import UnknownResultError
from node.ledger.rows import UnknownStudyError
from node.records.cases import TouchedStudy
from node.records.jobs import Job, ResultObject
from node.records.states import DeliveryState, JobState, ReceiveOutcome, StudyState
from node.records.withheld import Reservations
from tests.support.objects import (
    NOON,
    STUDY,
    ct_series,
    header,
    pet_series,
    received,
    structure_set,
)

REPOSITORY = Path(__file__).resolve().parents[2]
LATER = NOON + timedelta(minutes=5)
SR = ResultObject("1.2.88", "1.9.1", "1.2.1", Path("results/sr.dcm"))
MAP = ResultObject("1.2.30", "1.9.2", "1.2.1", Path("results/map.dcm"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def ledger(ledger_url: str, root: Path) -> Iterator[Ledger]:
    with Ledger.open(ledger_url, root) as opened:
        yield opened


sqlite_alone = pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)


def enter(ledger: Ledger, *headers: InstanceHeader) -> None:
    """Receive and index objects."""
    for each in headers:
        ledger.record_received(received(each), NOON)
        [row] = ledger.unindexed(1)
        ledger.record_indexed(row.identifier, each, NOON)


def decide(ledger: Ledger, state: StudyState, study: str = STUDY, **parts: str) -> None:
    """Write down a decision on all that there is."""
    [generation] = [
        each.generation
        for each in ledger.touched_studies(100)
        if each.study_instance_uid == study
    ]
    ledger.set_study_state(
        study,
        state,
        reason=parts.get("reason", ""),
        detail=parts.get("detail", ""),
        settles="settles" in parts,
        generation=generation,
        at=NOON,
    )


def a_job(key: str = "k1", **fields: str) -> Job:
    job = Job(key, STUDY, "line", '{"a": 1}', JobState.PENDING, NOON, 0)
    return replace(job, **fields)  # type: ignore[arg-type] (all fields named are text)


def with_study(ledger: Ledger) -> None:
    pet = pet_series()
    enter(ledger, *pet, structure_set(pet))
    decide(ledger, StudyState.QUEUED)


def run(ledger: Ledger, key: str = "k1", *objects: ResultObject) -> bool:
    """Compute a job whose objects go to two archives."""
    ledger.add_job(a_job(key), NOON)
    ledger.claim_job(NOON)
    made = objects or (SR, MAP)
    return ledger.finish_job(key, made, {"PACS": made, "ARCHIVE": made[:1]}, NOON)


def state_of(ledger: Ledger, study: str = STUDY) -> StudyState:
    detail = ledger.study(study)
    assert detail is not None
    return detail.summary.state


def test_an_object_is_new_once_and_a_duplicate_ever_after(ledger: Ledger) -> None:
    slice_ = received(pet_series(1)[0])

    assert ledger.record_received(slice_, NOON) is ReceiveOutcome.NEW
    assert ledger.record_received(slice_, LATER) is ReceiveOutcome.DUPLICATE
    assert len(ledger.unindexed(10)) == 1


def test_a_duplicate_changes_nothing(ledger: Ledger) -> None:
    pet = pet_series(1)
    enter(ledger, *pet)
    decide(ledger, StudyState.WAITING)

    assert ledger.record_received(received(pet[0]), LATER) is ReceiveOutcome.DUPLICATE
    assert ledger.unindexed(10) == []
    assert ledger.touched_studies(10) == []


def test_other_content_under_a_known_uid_is_kept_beside_and_reported(
    ledger: Ledger,
) -> None:
    pet = pet_series(1)
    enter(ledger, *pet)

    other = received(pet[0], "other")
    assert ledger.record_received(other, NOON) is ReceiveOutcome.CONFLICT
    assert ledger.record_received(other, NOON) is ReceiveOutcome.DUPLICATE
    assert ledger.unindexed(10) == []
    [kept] = ledger.neighbourhood(STUDY)
    assert kept.sha256 == received(pet[0]).sha256
    assert pet[0].sop_instance_uid in ledger.events(STUDY)[-1].text


def test_a_header_is_understood_once_however_often_its_study_is_read(
    ledger: Ledger,
) -> None:
    enter(ledger, *pet_series(2))

    first, again = ledger.neighbourhood(STUDY), ledger.neighbourhood(STUDY)
    assert all(a is b for a, b in zip(first, again, strict=True))


def test_a_conflict_that_came_before_the_header_was_read_is_told_of_its_study(
    ledger: Ledger,
) -> None:
    [slice_] = pet_series(1)
    ledger.record_received(received(slice_), NOON)
    ledger.record_received(received(slice_, "other"), NOON)
    [row] = ledger.unindexed(10)
    ledger.record_indexed(row.identifier, slice_, NOON)

    assert "another object came" in ledger.events(STUDY)[-1].text


def test_an_unreadable_object_gives_its_place_to_one_that_came_after(
    ledger: Ledger,
) -> None:
    [slice_] = pet_series(1)
    ledger.record_received(received(slice_, "cut"), NOON)
    assert ledger.record_received(received(slice_), NOON) is ReceiveOutcome.CONFLICT
    [cut] = ledger.unindexed(10)
    ledger.record_unreadable(cut.identifier, "it ends early", NOON)
    [whole] = ledger.unindexed(10)
    ledger.record_indexed(whole.identifier, slice_, NOON)

    [standing] = ledger.neighbourhood(STUDY)
    assert standing.sha256 == received(slice_).sha256
    assert "it ends early" in " ".join(each.text for each in ledger.events())


def test_a_resend_after_an_unreadable_object_is_new(ledger: Ledger) -> None:
    [slice_] = pet_series(1)
    ledger.record_received(received(slice_, "cut"), NOON)
    [cut] = ledger.unindexed(10)
    ledger.record_unreadable(cut.identifier, "it ends early", NOON)

    assert ledger.record_received(received(slice_), NOON) is ReceiveOutcome.NEW


def test_an_object_that_was_set_aside_is_read_again_when_it_comes_again(
    ledger: Ledger,
) -> None:
    [slice_] = pet_series(1)
    ledger.record_received(received(slice_), NOON)
    [lost] = ledger.unindexed(10)
    ledger.record_unreadable(lost.identifier, "its file is gone", NOON)

    assert ledger.record_received(received(slice_), NOON) is ReceiveOutcome.DUPLICATE
    assert [row.identifier for row in ledger.unindexed(10)] == [lost.identifier]


def test_a_resend_does_not_displace_what_took_its_place(ledger: Ledger) -> None:
    [slice_] = pet_series(1)
    ledger.record_received(received(slice_, "cut"), NOON)
    [cut] = ledger.unindexed(10)
    ledger.record_unreadable(cut.identifier, "it ends early", NOON)
    ledger.record_received(received(slice_), NOON)

    ledger.record_received(received(slice_, "cut"), NOON)

    assert cut.identifier not in [row.identifier for row in ledger.unindexed(10)]


def test_an_object_that_names_itself_otherwise_is_set_aside(ledger: Ledger) -> None:
    [slice_] = pet_series(1)
    ledger.record_received(received(slice_), NOON)
    [row] = ledger.unindexed(10)
    renamed = replace(slice_, sop_instance_uid="1.2.3.1.99")
    ledger.record_indexed(row.identifier, renamed, NOON)

    assert ledger.unindexed(10) == []
    assert ledger.neighbourhood(STUDY) == []
    assert "names itself 1.2.3.1.99" in ledger.events()[-1].text


def test_indexing_twice_counts_once(ledger: Ledger) -> None:
    [slice_] = pet_series(1)
    ledger.record_received(received(slice_), NOON)
    [row] = ledger.unindexed(10)
    ledger.record_indexed(row.identifier, slice_, NOON)
    ledger.record_indexed(row.identifier, slice_, NOON)

    assert [each.instances for each in ledger.studies()] == [1]


def test_a_burst_is_entered_together_whatever_is_wrong_with_one(ledger: Ledger) -> None:
    pet = pet_series(700)
    contours = structure_set(pet)
    for each in (*pet[:3], contours):
        ledger.record_received(received(each), NOON)
    headers = [*pet[:2], replace(pet[2], sop_instance_uid="1.5.5"), contours]
    numbers = [row.identifier for row in ledger.unindexed(10)]
    burst = [*zip(numbers, headers, strict=True), (999, pet[9])]
    ledger.record_all_indexed(burst, NOON)

    found = {each.header.sop_instance_uid for each in ledger.neighbourhood(STUDY)}
    assert found == {"1.2.3.1.1", "1.2.3.1.2", contours.sop_instance_uid}
    assert ledger.unindexed(10) == []
    [summary] = ledger.studies()
    assert summary.instances == 3


def test_what_is_stored_comes_back_with_its_header_and_place(
    ledger: Ledger, root: Path
) -> None:
    pet = pet_series(2)
    objects = [*pet, structure_set(pet)]
    enter(ledger, *objects)

    found = ledger.neighbourhood(STUDY)
    assert [each.header for each in found] == objects
    assert found[0].path == root / "incoming" / "1.2.3.1.1.dcm"
    assert found[0].received_at == NOON


def test_the_data_folder_can_be_moved(tmp_path: Path) -> None:
    before = tmp_path / "before"
    before.mkdir()
    with Ledger.open(f"sqlite:///{before / 'l.sqlite'}", before) as ledger:
        enter(ledger, *pet_series(1))
    after = before.rename(tmp_path / "after")

    with Ledger.open(f"sqlite:///{after / 'l.sqlite'}", after) as ledger:
        [only] = ledger.neighbourhood(STUDY)
    assert only.path.is_relative_to(after)


@pytest.mark.parametrize("path", ["../outside.dcm", "/etc/passwd"])
def test_a_path_outside_the_data_folder_is_refused(ledger: Ledger, path: str) -> None:
    hostile = replace(received(pet_series(1)[0]), path=Path(path))

    with pytest.raises(PathOutsideDataFolderError):
        ledger.record_received(hostile, NOON)


def test_an_absolute_path_inside_the_data_folder_is_kept_relative(
    ledger: Ledger, root: Path
) -> None:
    inside = replace(received(pet_series(1)[0]), path=root / "a" / "b.dcm")
    ledger.record_received(inside, NOON)

    assert [each.path for each in ledger.unindexed(1)] == [root / "a" / "b.dcm"]


def test_an_object_that_comes_while_a_study_is_decided_on_is_not_overlooked(
    ledger: Ledger,
) -> None:
    pet = pet_series(2)
    enter(ledger, pet[0])
    [seen] = ledger.touched_studies(10)
    enter(ledger, pet[1])
    ledger.set_study_state(
        STUDY,
        StudyState.WAITING,
        reason="",
        detail="1 of 2",
        settles=False,
        generation=seen.generation,
        at=NOON,
    )

    assert ledger.touched_studies(10) == [TouchedStudy(STUDY, seen.generation + 1)]
    decide(ledger, StudyState.QUEUED)
    assert ledger.touched_studies(10) == []


def test_a_study_settles_after_silence_and_only_once_it_was_decided_on(
    ledger: Ledger,
) -> None:
    enter(ledger, *pet_series(2))
    assert ledger.studies_to_settle(LATER) == []
    decide(ledger, StudyState.WAITING, settles="yes")

    assert ledger.studies_to_settle(NOON) == []
    [found] = ledger.studies_to_settle(LATER)
    assert found.study_instance_uid == STUDY
    enter(ledger, *pet_series(1, series_instance_uid="1.2.3.8"))
    assert ledger.studies_to_settle(LATER) == []


@pytest.mark.parametrize("order", [1, -1])
def test_studies_that_name_each_other_are_decided_together(
    ledger: Ledger, order: int
) -> None:
    ct = ct_series(2)
    contours = structure_set(ct, study_instance_uid="1.7", frame_of_reference_uid=None)
    stranger = header(
        ObjectKind.PET,
        "1.6.1",
        study_instance_uid="1.6",
        series_instance_uid="1.6.0",
        frame_of_reference_uid="1.6.9",
    )
    enter(ledger, *[*ct, contours, stranger][::order])

    together = {each.header.sop_instance_uid for each in ledger.neighbourhood("1.7")}
    assert together == {each.sop_instance_uid for each in (*ct, contours)}
    assert ledger.neighbourhood(STUDY) == ledger.neighbourhood("1.7")
    assert len(ledger.neighbourhood("1.6")) == 1


@pytest.mark.parametrize("order", [1, -1])
def test_a_reference_by_instance_alone_connects_studies(
    ledger: Ledger, order: int
) -> None:
    pet = pet_series(2, frame_of_reference_uid=None)
    contours = structure_set(pet, study_instance_uid="1.7")
    assert contours.drawn_on is not None
    bare = replace(contours.drawn_on, series=(), frames_of_reference=())
    enter(ledger, *[*pet, replace(contours, drawn_on=bare)][::order])

    assert len(ledger.neighbourhood("1.7")) == 3
    assert len(ledger.neighbourhood(STUDY)) == 3


def test_an_object_touches_the_studies_that_it_may_complete(ledger: Ledger) -> None:
    pet = pet_series(1)
    enter(ledger, structure_set(pet, study_instance_uid="1.7"))
    decide(ledger, StudyState.WAITING, study="1.7")
    enter(ledger, *pet)

    touched = {each.study_instance_uid for each in ledger.touched_studies(10)}
    assert touched == {"1.7", STUDY}


def test_a_frame_of_reference_that_everything_shares_connects_nothing(
    ledger: Ledger,
) -> None:
    for number in range(40):
        study = f"1.4.{number}"
        enter(
            ledger,
            *pet_series(1, study_instance_uid=study, series_instance_uid=f"{study}.1"),
        )

    assert len(ledger.neighbourhood("1.4.7")) == 1


def test_own_results_that_come_back_touch_nothing(ledger: Ledger) -> None:
    with_study(ledger)
    enter(ledger, header(ObjectKind.OWN_RESULT, "1.8.1", series_instance_uid="1.8"))

    assert ledger.touched_studies(10) == []
    assert len(ledger.neighbourhood(STUDY)) == 6


def test_unknown_uids_are_none_or_empty(ledger: Ledger) -> None:
    assert ledger.study("1.1") is None
    assert ledger.neighbourhood("1.1") == []
    assert ledger.job("none") is None
    assert ledger.latest_job("none") is None
    assert ledger.claim_job(NOON) is None
    assert ledger.events("1.1") == ()
    assert ledger.results("none") == []


def test_a_job_of_nothing_known_is_a_defect(ledger: Ledger) -> None:
    with pytest.raises(UnknownStudyError):
        ledger.add_job(a_job(), NOON)
    with pytest.raises(UnknownJobError):
        ledger.hold_job("none", "no_roi", "", NOON)


def test_the_same_key_never_makes_a_second_job(ledger: Ledger) -> None:
    with_study(ledger)

    assert ledger.add_job(a_job(), NOON)
    assert not ledger.add_job(a_job(), LATER)
    assert run(ledger)
    assert not ledger.add_job(a_job(), LATER)
    assert ledger.claim_job(LATER) is None


def test_jobs_are_claimed_once_in_order(ledger: Ledger) -> None:
    with_study(ledger)
    ledger.add_job(a_job("k1", line="a"), NOON)
    ledger.add_job(a_job("k2", line="b"), NOON)

    claimed = [ledger.claim_job(NOON) for _ in range(3)]
    assert [job and (job.key, job.state, job.attempts) for job in claimed] == [
        ("k1", JobState.RUNNING, 1),
        ("k2", JobState.RUNNING, 1),
        None,
    ]


def test_a_job_revises_what_stands_when_it_is_claimed_and_keeps_to_it(
    ledger: Ledger,
) -> None:
    with_study(ledger)
    run(ledger)
    ledger.add_job(a_job("k2"), NOON)
    ledger.claim_job(NOON)
    ledger.finish_job("k2", [replace(SR, sop_instance_uid="1.9.3")], {}, NOON)
    ledger.add_job(a_job("k3"), NOON)

    for _ in range(2):
        claimed = ledger.claim_job(NOON)
        assert claimed is not None
        assert (claimed.key, claimed.predecessor_sr_uid) == ("k3", "1.9.3")
        assert ledger.retry_job("k3", NOON)
    first = ledger.job("k1")
    assert first is not None
    assert first.predecessor_sr_uid is None


def test_a_result_object_is_known_with_its_series(ledger: Ledger) -> None:
    with_study(ledger)
    run(ledger, "k1", replace(SR, series_instance_uid="1.9"))

    assert ledger.result("1.9.1").series_instance_uid == "1.9"
    assert ledger.results("k1") == [ledger.result("1.9.1")]
    [due] = ledger.due_deliveries("PACS", NOON, 9)
    assert due.object == ledger.result("1.9.1")
    with pytest.raises(UnknownResultError):
        ledger.result("1.9.2")


def test_a_job_that_ran_when_the_node_ended_runs_again(ledger: Ledger) -> None:
    with_study(ledger)
    ledger.add_job(a_job(), NOON)
    ledger.claim_job(NOON)

    assert ledger.requeue_running(LATER) == 1
    again = ledger.claim_job(LATER)
    assert again is not None
    assert again.attempts == 2
    assert again.case_json == '{"a": 1}'
    assert again.created_at == NOON


def test_a_job_that_takes_the_node_down_each_time_is_set_aside(ledger: Ledger) -> None:
    with_study(ledger)
    ledger.add_job(a_job(), NOON)
    for _ in range(2):
        assert ledger.claim_job(NOON)
        assert ledger.requeue_running(LATER, attempts=2) == 1

    assert ledger.claim_job(LATER) is None
    [failed] = ledger.studies(StudyState.FAILED)
    assert failed.reason == "defect"
    assert "the node ended while it was running" in failed.detail
    assert ledger.retry_job("k1", LATER)


def test_a_result_and_its_deliveries_appear_together(
    ledger: Ledger, root: Path
) -> None:
    with_study(ledger)

    assert run(ledger)
    assert state_of(ledger) is StudyState.SCORED
    assert [each.path for each in ledger.results("k1")] == [
        root / "results" / "sr.dcm",
        root / "results" / "map.dcm",
    ]
    assert len(ledger.due_deliveries("PACS", NOON, 10)) == 2
    assert len(ledger.due_deliveries("ARCHIVE", NOON, 10)) == 1
    job = ledger.job("k1")
    assert job is not None
    assert job.state is JobState.DONE


def test_a_result_is_entered_once(ledger: Ledger) -> None:
    with_study(ledger)
    run(ledger)

    assert not ledger.finish_job("k1", [SR], {"PACS": [SR]}, LATER)
    assert len(ledger.due_deliveries("PACS", LATER, 10)) == 2


def test_nothing_of_a_result_is_entered_when_a_part_of_it_cannot_be(
    ledger: Ledger,
) -> None:
    with_study(ledger)
    ledger.add_job(a_job(), NOON)
    ledger.claim_job(NOON)
    stray = replace(MAP, path=Path("../elsewhere.dcm"))

    with pytest.raises(PathOutsideDataFolderError):
        ledger.finish_job("k1", [SR, stray], {"PACS": [SR]}, NOON)
    assert ledger.results("k1") == []
    job = ledger.job("k1")
    assert job is not None
    assert job.state is JobState.RUNNING


def test_a_later_revision_supersedes_the_earlier_result(ledger: Ledger) -> None:
    with_study(ledger)
    run(ledger)
    second = replace(SR, sop_instance_uid="1.9.3")
    run(ledger, "k2", second)

    assert [job.state for job in ledger.jobs("line")] == [
        JobState.SUPERSEDED,
        JobState.DONE,
    ]
    latest = ledger.latest_job("line")
    assert latest is not None
    assert latest.key == "k2"


def test_a_job_that_is_overtaken_while_it_runs_sends_nothing(ledger: Ledger) -> None:
    with_study(ledger)
    ledger.add_job(a_job("k1"), NOON)
    ledger.claim_job(NOON)
    ledger.add_job(a_job("k2"), NOON)

    assert not ledger.finish_job("k1", [SR], {"PACS": [SR]}, NOON)
    assert ledger.due_deliveries("PACS", NOON, 10) == []
    assert state_of(ledger) is StudyState.QUEUED


def test_a_job_that_was_set_aside_without_a_result_comes_back_when_asked_for(
    ledger: Ledger,
) -> None:
    with_study(ledger)
    ledger.add_job(a_job("k1"), NOON)
    ledger.add_job(a_job("k2"), NOON)
    assert not ledger.add_job(a_job("k1"), NOON)

    assert ledger.add_job(a_job("k1"), LATER, instead_of="k2")
    claimed = ledger.claim_job(LATER)
    assert claimed is not None
    assert (claimed.key, claimed.created_at) == ("k1", NOON)
    assert ledger.finish_job("k1", [SR], {"PACS": [SR]}, LATER)
    assert state_of(ledger) is StudyState.SCORED
    assert not ledger.add_job(a_job("k1"), LATER)


def test_a_job_that_was_set_aside_stays_so_beside_a_later_one_that_stands(
    ledger: Ledger,
) -> None:
    with_study(ledger)
    ledger.add_job(a_job("k1"), NOON)
    run(ledger, "k2")

    assert not ledger.add_job(a_job("k1"), LATER)
    assert ledger.claim_job(LATER) is None


def test_a_job_that_was_set_aside_without_a_result_does_not_hide_what_stands(
    ledger: Ledger,
) -> None:
    with_study(ledger)
    run(ledger)
    ledger.add_job(a_job("k2"), NOON)
    assert not ledger.add_job(a_job("k1"), NOON, instead_of="k2")
    for name in ("PACS", "ARCHIVE"):
        for each in ledger.due_deliveries(name, NOON, 9):
            ledger.delivered(each.identifier, "0x0000 Success", NOON)

    assert state_of(ledger) is StudyState.DELIVERED
    latest = ledger.latest_job("line")
    assert latest is not None
    assert latest.key == "k1"


def test_a_revision_takes_the_place_of_a_held_job(ledger: Ledger) -> None:
    with_study(ledger)
    ledger.add_job(a_job("k1"), NOON)
    ledger.hold_job("k1", "missing_weight", "PatientWeight (0010,1030)", NOON)
    assert state_of(ledger) is StudyState.HELD
    run(ledger, "k2")

    assert state_of(ledger) is StudyState.SCORED
    assert not ledger.retry_job("k1", LATER)


def test_a_held_job_says_why_and_runs_again_when_it_is_told_to(ledger: Ledger) -> None:
    with_study(ledger)
    ledger.add_job(a_job(), NOON)
    ledger.claim_job(NOON)
    ledger.hold_job("k1", "missing_weight", "PatientWeight (0010,1030)", NOON)
    [summary] = ledger.studies(StudyState.HELD)
    assert (summary.reason, summary.detail) == (
        "missing_weight",
        "PatientWeight (0010,1030)",
    )

    assert ledger.retry_job("k1", LATER)
    assert state_of(ledger) is StudyState.QUEUED
    again = ledger.claim_job(LATER)
    assert again is not None
    assert (again.attempts, again.reason) == (1, None)


def test_a_failed_job_keeps_count_of_workers_that_died(ledger: Ledger) -> None:
    with_study(ledger)
    ledger.add_job(a_job(), NOON)
    ledger.claim_job(NOON)
    ledger.retry_job("k1", NOON)
    second = ledger.claim_job(NOON)
    assert second is not None
    assert second.attempts == 2
    ledger.fail_job("k1", "defect", "the worker died twice", NOON)

    assert state_of(ledger) is StudyState.FAILED


def test_a_study_is_delivered_when_every_destination_has_everything(
    ledger: Ledger,
) -> None:
    with_study(ledger)
    run(ledger)
    due = [*ledger.due_deliveries("PACS", NOON, 9)]
    due += ledger.due_deliveries("ARCHIVE", NOON, 9)
    for each in due:
        assert state_of(ledger) is StudyState.SCORED
        ledger.delivered(each.identifier, "0x0000 Success", LATER)

    assert state_of(ledger) is StudyState.DELIVERED
    assert ledger.due_deliveries("PACS", LATER, 9) == []


def test_a_late_object_that_changes_nothing_leaves_a_study_delivered(
    ledger: Ledger,
) -> None:
    with_study(ledger)
    run(ledger)
    for name in ("PACS", "ARCHIVE"):
        for each in ledger.due_deliveries(name, NOON, 9):
            ledger.delivered(each.identifier, "0x0000 Success", NOON)
    enter(ledger, *ct_series(1))
    decide(ledger, StudyState.QUEUED)
    assert state_of(ledger) is StudyState.DELIVERED

    enter(ledger, *ct_series(2)[1:])
    decide(ledger, StudyState.WAITING, detail="RTSTRUCT missing")
    assert state_of(ledger) is StudyState.WAITING


def test_a_result_without_destinations_is_not_called_delivered(ledger: Ledger) -> None:
    with_study(ledger)
    ledger.add_job(a_job(), NOON)
    ledger.claim_job(NOON)
    lacks = Reservations(lacks="region b is outside the PET")
    ledger.finish_job("k1", [SR], {}, NOON, reservations=lacks)

    [summary] = ledger.studies()
    assert summary.state is StudyState.SCORED
    assert summary.detail == "region b is outside the PET"


def test_a_deferred_delivery_is_due_again_at_its_time(ledger: Ledger) -> None:
    with_study(ledger)
    run(ledger)
    [archive] = ledger.due_deliveries("ARCHIVE", NOON, 9)
    ledger.defer(archive.identifier, "connection refused", LATER, NOON)

    assert ledger.due_deliveries("ARCHIVE", NOON, 9) == []
    [again] = ledger.due_deliveries("ARCHIVE", LATER, 9)
    assert (again.attempts, again.status) == (1, "connection refused")
    assert len(ledger.due_deliveries("PACS", NOON, 9)) == 2


def test_a_refused_delivery_holds_the_study_until_it_is_sent_again(
    ledger: Ledger,
) -> None:
    with_study(ledger)
    run(ledger)
    [archive] = ledger.due_deliveries("ARCHIVE", NOON, 9)
    ledger.refuse(archive.identifier, "0x0122 SOP class not supported", NOON)

    [summary] = ledger.studies(StudyState.HELD)
    assert summary.reason == "delivery_refused"
    assert "ARCHIVE" in summary.detail
    ledger.redeliver(archive.identifier, LATER)
    assert state_of(ledger) is StudyState.SCORED
    assert len(ledger.due_deliveries("ARCHIVE", LATER, 9)) == 1


def test_what_waits_is_counted_by_destination(ledger: Ledger) -> None:
    with_study(ledger)
    assert ledger.pending_destinations() == {}
    run(ledger)
    assert ledger.pending_destinations() == {"ARCHIVE": 1, "PACS": 2}

    [archive] = ledger.due_deliveries("ARCHIVE", NOON, 9)
    ledger.delivered(archive.identifier, "0x0000 Success", NOON)
    assert ledger.pending_destinations() == {"PACS": 2}


def test_a_delivery_is_added_once_and_what_was_sent_stays_sent(ledger: Ledger) -> None:
    with_study(ledger)
    run(ledger)
    [archive] = ledger.due_deliveries("ARCHIVE", NOON, 9)
    ledger.delivered(archive.identifier, "0x0000 Success", NOON)

    wanted = {"ARCHIVE": ledger.results("k1"), "NEW": ledger.results("k1")[:1]}
    assert ledger.add_deliveries("k1", wanted, LATER) == 2
    assert ledger.add_deliveries("k1", wanted, LATER) == 0
    assert ledger.pending_destinations() == {"ARCHIVE": 1, "NEW": 1, "PACS": 2}
    with pytest.raises(UnknownResultError):
        ledger.add_deliveries("k1", {"NEW": [replace(SR, sop_instance_uid="1")]}, NOON)


def test_an_answer_that_comes_twice_changes_nothing(ledger: Ledger) -> None:
    with_study(ledger)
    run(ledger)
    [archive] = ledger.due_deliveries("ARCHIVE", NOON, 9)
    ledger.delivered(archive.identifier, "0x0000 Success", NOON)
    ledger.refuse(archive.identifier, "0xC000", LATER)

    detail = ledger.study(STUDY)
    assert detail is not None
    [sent] = [each for each in detail.deliveries if each.destination == "ARCHIVE"]
    assert (sent.state, sent.status) == (DeliveryState.DELIVERED, "0x0000 Success")


def test_the_study_of_the_contours_shares_the_state(ledger: Ledger) -> None:
    pet = pet_series()
    enter(ledger, *pet, structure_set(pet, study_instance_uid="1.7"))
    decide(ledger, StudyState.QUEUED)
    decide(ledger, StudyState.QUEUED, study="1.7")
    ledger.add_job(a_job(contours_study_instance_uid="1.7"), NOON)
    ledger.claim_job(NOON)
    ledger.finish_job("k1", [SR], {"PACS": [SR]}, NOON)
    [due] = ledger.due_deliveries("PACS", NOON, 9)
    ledger.delivered(due.identifier, "0x0000 Success", NOON)

    assert state_of(ledger) is StudyState.DELIVERED
    assert state_of(ledger, "1.7") is StudyState.DELIVERED


def test_a_study_tells_all_that_happened_in_words(ledger: Ledger) -> None:
    with_study(ledger)
    run(ledger)
    detail = ledger.study(STUDY)

    assert detail is not None
    assert detail.summary.patient_id == "mouse.pet"
    assert [(each.modality, each.instances) for each in detail.series] == [
        ("PT", 4),
        ("RTSTRUCT", 1),
    ]
    assert [job.key for job in detail.jobs] == ["k1"]
    assert [each.sop_instance_uid for each in detail.results] == ["1.9.1", "1.9.2"]
    assert len(detail.deliveries) == 3
    words = [f"{each.kind} {each.text}" for each in detail.events]
    assert words == [
        "study the first object came",
        "study queued",
        "job k1 pending",
        "job k1 running, attempt 1",
        "job k1 done, 2 objects",
        "study scored",
    ]
    assert ledger.events(limit=1)[0].text == "scored"


def test_threads_that_enter_the_same_objects_enter_each_once(ledger: Ledger) -> None:
    pet = pet_series(20)
    outcomes: list[ReceiveOutcome] = []

    def send() -> None:
        outcomes.extend(ledger.record_received(received(each), NOON) for each in pet)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count(ReceiveOutcome.NEW) == 20
    assert outcomes.count(ReceiveOutcome.DUPLICATE) == 60
    assert len(ledger.unindexed(100)) == 20


KILLED = """
import os, signal, sys
from pathlib import Path
from node.ledger import Ledger
from tests.support.objects import NOON, pet_series, received
root = Path(sys.argv[1])
ledger = Ledger.open(f"sqlite:///{root / 'ledger.sqlite'}", root)
for each in pet_series(3):
    ledger.record_received(received(each), NOON)
with ledger._writing() as connection:
    connection.exec_driver_sql("DELETE FROM instances")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_acknowledged_survives_a_kill_and_what_was_under_way_does_not(
    root: Path,
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(root)], cwd=REPOSITORY, check=False
    )

    assert ended.returncode == -9
    with Ledger.open(f"sqlite:///{root / 'ledger.sqlite'}", root) as ledger:
        assert len(ledger.unindexed(10)) == 3


@sqlite_alone
def test_a_commit_waits_for_the_disk(ledger: Ledger) -> None:
    with ledger._writing() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }

    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@sqlite_alone
def test_a_database_that_cannot_be_written_is_said_plainly(
    ledger: Ledger, root: Path
) -> None:
    with ledger._writing() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=0")
    blocker = sqlite3.connect(root / "ledger.sqlite", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(LedgerUnavailableError, match="locked"):
            ledger.record_received(received(pet_series(1)[0]), NOON)
    finally:
        blocker.close()

    assert ledger.record_received(received(pet_series(1)[0]), NOON)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite://", "in memory"),
        ("mysql://host/name", "neither sqlite nor postgresql"),
        ("nonsense", "cannot be opened"),
    ],
)
def test_an_address_that_cannot_hold_a_ledger_is_refused(
    url: str, words: str, root: Path
) -> None:
    with pytest.raises(LedgerAddressError, match=words):
        Ledger.open(url, root)


def test_a_folder_that_is_not_there_is_said_plainly(root: Path) -> None:
    with pytest.raises(LedgerUnavailableError):
        Ledger.open(f"sqlite:///{root / 'none' / 'ledger.sqlite'}", root)


@sqlite_alone
def test_no_question_that_is_asked_all_day_reads_a_whole_table(
    ledger: Ledger, root: Path
) -> None:
    asked: list[tuple[str, tuple[object, ...]]] = []

    def listen(*arguments: object) -> None:
        asked.append((str(arguments[2]), tuple(arguments[3])))  # type: ignore[call-overload]

    event.listen(ledger._engine, "before_cursor_execute", listen)
    with_study(ledger)
    run(ledger)
    [archive] = ledger.due_deliveries("ARCHIVE", NOON, 9)
    ledger.delivered(archive.identifier, "0x0000 Success", NOON)
    ledger.studies_to_settle(LATER)
    ledger.neighbourhood(STUDY)
    ledger.study(STUDY)
    ledger.requeue_running(NOON)
    event.remove(ledger._engine, "before_cursor_execute", listen)

    engine = create_engine(f"sqlite:///{root / 'ledger.sqlite'}")
    with engine.connect() as connection:
        for statement, parameters in dict(asked).items():
            if statement.startswith(("SELECT", "UPDATE")):
                plan = connection.exec_driver_sql(
                    f"EXPLAIN QUERY PLAN {statement}", parameters
                )
                steps = [str(row[-1]) for row in plan]
                # Nearly every object is indexed: that state finds nothing.
                whole = [
                    step
                    for step in steps
                    if step.startswith("SCAN")
                    or ("(state=?)" in step and "indexed" in parameters)
                ]
                assert not whole, (statement, steps)
    engine.dispose()
    assert len(asked) > 50
