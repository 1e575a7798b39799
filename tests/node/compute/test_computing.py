"""Promises of `compute.computing`: no job is lost, and none stands in another's way."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from config.load import default_settings
from dicom_io.header import InstanceHeader
from dicom_io.source_reference import SourceReference
from node.case.options import CaseOptions
from node.case.written import WrittenObject, WrittenResult
from node.compute.computing import ComputeOptions, ComputeSignals, Computing
from node.compute.executor import Future
from node.compute.jobs import report_news
from node.compute.task_outcome import Completed, Crashed, Outcome, Raised, Stopped
from node.compute.telling import Tell
from node.deciding.intake import Intake
from node.instance_store import StorageFullError
from node.ledger import Ledger, LedgerUnavailableError
from node.options.case import case_options
from node.options.works import intake_options
from node.records.cases import Held
from node.records.jobs import Job, ResultObject
from node.records.kinds import ResultKind
from node.records.states import JobState, StudyState
from tests.support.empty_ledger import ledger_in
from tests.support.objects import (
    NOON,
    PET_FRAME,
    STUDY,
    pet_series,
    received,
    structure_set,
)

OTHER = "1.7"
ATTEMPTS = 2
AWAY = "disk I/O error"
SETTINGS = case_options(default_settings())
REPORT = WrittenObject(
    ResultKind.REPORT, "1.2.88", "1.9.1", "1.9", "1.2.1", Path("results/sr.dcm"), "ab12"
)
CHANGED = replace(SETTINGS, rois=replace(SETTINGS.rois, exclude=("body",)))


class Workers:
    """An executor whose outcomes the test decides."""

    def __init__(self) -> None:
        self.given: list[tuple[Job, Future]] = []
        self.predecessors: list[Mapping[ResultKind, SourceReference]] = []
        self.tell: Tell = lambda _: None
        self.broken = False

    def submit(
        self, _function: Callable[..., object], *args: Any, news: Tell
    ) -> Future:
        """Take a task; its arguments are those of `run_job`."""
        if self.broken:
            message = "the pool is gone"
            raise RuntimeError(message)
        future = Future()
        self.given.append((args[2], future))
        self.predecessors.append(args[4])
        self.tell = news
        return future

    def settle(self, outcome: Outcome) -> None:
        """Let the last task end."""
        self.given[-1][1].settle(outcome)


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> Any:
        return self.at


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with ledger_in(tmp_path) as opened:
        yield opened


@pytest.fixture
def workers() -> Workers:
    return Workers()


@pytest.fixture
def clock() -> Clock:
    return Clock()


Restart = Callable[[CaseOptions], Computing]


@pytest.fixture
def restart(
    ledger: Ledger, workers: Workers, clock: Clock, tmp_path: Path
) -> Callable[[CaseOptions], Computing]:
    return partial(start, ledger, workers, clock, tmp_path)


@pytest.fixture
def computing(restart: Restart) -> Computing:
    return restart(SETTINGS)


def start(
    ledger: Ledger,
    workers: Workers,
    clock: Clock,
    root: Path,
    case: CaseOptions,
    *,
    warm: Callable[[], bool] = lambda: True,
    wanted: Mapping[str, frozenset[ResultKind]] = MappingProxyType({}),
) -> Computing:
    """Return what computes under some settings, on one worker."""
    options = replace(intake_options(default_settings()), case=case)
    intake = Intake(ledger, options, clock, lambda: None)
    return Computing(
        ledger,
        workers,  # type: ignore[arg-type] (all that is used of an executor)
        ComputeOptions(case, root, 1, ATTEMPTS, wanted),
        clock,
        ComputeSignals(
            lambda: None,
            lambda: None,
            lambda case, key: intake.queue(case, again=True, instead_of=key),
            warm,
        ),
    )


def queue(ledger: Ledger, *studies: str) -> None:
    """Enter a complete study under each UID, and have it decided."""
    for study in studies:
        pet = pet_series(
            study_instance_uid=study,
            series_instance_uid=f"{study}.1",
            frame_of_reference_uid=f"{study}.9" if study != STUDY else PET_FRAME,
        )
        for each in (*pet, structure_set(pet, f"{study}.3", study_instance_uid=study)):
            enter(ledger, each)
    Intake(
        ledger, intake_options(default_settings()), lambda: NOON, lambda: None
    ).sweep()


def enter(ledger: Ledger, header: InstanceHeader) -> None:
    ledger.record_received(received(header), NOON)
    [row] = ledger.unindexed(1)
    ledger.record_indexed(row.identifier, header, NOON)


def job_of(ledger: Ledger, study: str = STUDY) -> Job:
    detail = ledger.study(study)
    assert detail is not None
    [job] = detail.jobs
    return job


def test_a_claimed_job_waits_for_a_ledger_that_is_away(
    ledger: Ledger,
    computing: Computing,
    workers: Workers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queue(ledger, STUDY)

    def away(_study: str) -> Any:
        raise LedgerUnavailableError(AWAY)

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "neighbourhood", away)
        with pytest.raises(LedgerUnavailableError):
            computing.sweep()
    computing.sweep()

    assert [job.key for job, _ in workers.given] == [job_of(ledger).key]


def test_an_outcome_waits_for_a_ledger_that_is_away(
    ledger: Ledger,
    computing: Computing,
    workers: Workers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queue(ledger, STUDY)
    computing.sweep()
    workers.settle(Crashed("signal SIGSEGV"))

    def away(*_: object) -> Any:
        raise LedgerUnavailableError(AWAY)

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "retry_job", away)
        with pytest.raises(LedgerUnavailableError):
            computing.sweep()
    computing.sweep()

    assert len(workers.given) == 2


def test_a_job_that_no_pool_takes_fails_and_frees_its_place(
    ledger: Ledger, computing: Computing, workers: Workers
) -> None:
    queue(ledger, STUDY)
    workers.broken = True
    computing.sweep()
    workers.broken = False

    assert job_of(ledger).state is JobState.FAILED
    assert "the pool is gone" in (job_of(ledger).detail or "")
    queue(ledger, OTHER)
    computing.sweep()
    assert [job.key for job, _ in workers.given] == [job_of(ledger, OTHER).key]


def test_a_result_that_cannot_be_entered_does_not_stop_the_others(
    ledger: Ledger,
    computing: Computing,
    workers: Workers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queue(ledger, STUDY, OTHER)

    computing.sweep()
    first = workers.given[0][0]
    hold = ledger.hold_job

    def defect(key: str, *rest: Any) -> None:
        if key == first.key:
            message = "no row has such a value"
            raise ValueError(message)
        hold(key, *rest)

    monkeypatch.setattr(ledger, "hold_job", defect)
    for _ in range(ATTEMPTS + 1):
        workers.settle(Completed(Held(STUDY, "missing_weight", "no weight")))
        computing.sweep()

    assert job_of(ledger).state is JobState.FAILED
    assert job_of(ledger, OTHER).state is JobState.HELD


def test_a_job_that_crashes_lets_the_others_go_first(
    ledger: Ledger, computing: Computing, workers: Workers
) -> None:
    queue(ledger, STUDY, OTHER)
    for _ in range(ATTEMPTS):
        computing.sweep()
        workers.settle(Crashed("signal SIGSEGV"))
    computing.sweep()

    studies = [job.study_instance_uid for job, _ in workers.given]
    assert studies == [STUDY, OTHER, STUDY]


def test_a_stop_in_the_middle_of_a_job_counts_as_no_attempt(
    ledger: Ledger, computing: Computing, workers: Workers
) -> None:
    queue(ledger, STUDY)
    computing.sweep()
    workers.settle(Stopped())
    computing.book()

    assert job_of(ledger).state is JobState.PENDING
    assert job_of(ledger).attempts == 0
    assert ledger.requeue_running(NOON, attempts=1) == 0


def test_no_job_is_taken_before_a_worker_is_warm(
    ledger: Ledger, workers: Workers, clock: Clock, tmp_path: Path
) -> None:
    queue(ledger, STUDY)
    warm = False
    computing = start(ledger, workers, clock, tmp_path, SETTINGS, warm=lambda: warm)
    computing.sweep()
    assert job_of(ledger).attempts == 0

    warm = True
    computing.sweep()
    assert job_of(ledger).state is JobState.RUNNING


def test_a_clock_that_was_put_back_does_not_prolong_the_wait_for_space(
    ledger: Ledger, computing: Computing, workers: Workers, clock: Clock, tmp_path: Path
) -> None:
    queue(ledger, STUDY)
    computing.sweep()
    workers.settle(Raised(StorageFullError(tmp_path)))
    computing.sweep()

    clock.at -= timedelta(hours=3)
    computing.sweep()

    assert len(workers.given) == 2


def test_a_job_that_the_pool_dropped_is_tried_again_and_not_blamed(
    ledger: Ledger, computing: Computing, workers: Workers
) -> None:
    queue(ledger, STUDY)
    for _ in range(ATTEMPTS + 1):
        computing.sweep()
        workers.settle(Stopped())
    computing.sweep()

    assert len(workers.given) == ATTEMPTS + 2
    assert job_of(ledger).state is JobState.RUNNING


def test_while_the_volume_is_full_jobs_wait(
    ledger: Ledger, computing: Computing, workers: Workers, clock: Clock, tmp_path: Path
) -> None:
    queue(ledger, STUDY)
    computing.sweep()
    workers.settle(Raised(StorageFullError(tmp_path)))
    computing.sweep()
    assert len(workers.given) == 1
    assert job_of(ledger).state is JobState.PENDING
    [waits] = ledger.studies(StudyState.QUEUED)
    assert waits.reason == "storage_full"
    assert str(tmp_path) in waits.detail

    clock.at += timedelta(minutes=1)
    computing.sweep()
    assert len(workers.given) == 2
    [runs] = ledger.studies(StudyState.QUEUED)
    assert (runs.reason, runs.detail) == ("", "")


def test_a_job_that_crashes_every_time_is_set_aside(
    ledger: Ledger, computing: Computing, workers: Workers
) -> None:
    queue(ledger, STUDY)
    for _ in range(ATTEMPTS):
        computing.sweep()
        workers.settle(Crashed("signal SIGSEGV"))
    computing.sweep()

    assert len(workers.given) == ATTEMPTS
    assert job_of(ledger).state is JobState.FAILED
    assert "SIGSEGV" in (job_of(ledger).detail or "")


def test_a_change_of_the_settings_that_is_taken_back_loses_no_result(
    ledger: Ledger, restart: Restart, workers: Workers
) -> None:
    queue(ledger, STUDY)
    first = job_of(ledger).key
    restart(CHANGED).sweep()
    workers.settle(Stopped())
    ledger.requeue_running(NOON)

    restart(SETTINGS).sweep()

    assert workers.given[-1][0].key == first
    detail = ledger.study(STUDY)
    assert detail is not None
    assert [job.state for job in detail.jobs] == [JobState.RUNNING, JobState.SUPERSEDED]
    assert detail.summary.state is StudyState.QUEUED


def test_a_revision_names_the_report_that_stands_when_it_is_computed(
    ledger: Ledger, restart: Restart, workers: Workers
) -> None:
    queue(ledger, STUDY)
    restart(SETTINGS).sweep()
    first = workers.given[0][0]
    # No file of the report lies anywhere: what the ledger knows is enough.
    report = ResultObject(
        "1.2.88",
        "1.9.1",
        "1.2.1",
        Path("results/sr.dcm"),
        "1.9",
        kind=ResultKind.REPORT,
    )
    others = [
        replace(
            report,
            sop_instance_uid=f"1.9.{number}",
            series_instance_uid=f"1.{8 + number}",
            kind=kind,
        )
        for number, kind in enumerate(
            (ResultKind.SEGMENT_REPORT, ResultKind.SEGMENTATION), start=2
        )
    ]
    ledger.finish_job(first.key, [report, *others], {}, NOON)
    [entered] = ledger.jobs(first.line)
    ledger.add_job(replace(entered, key="k2"), NOON)

    changed = restart(CHANGED)
    for _ in range(2):
        changed.sweep()
        workers.settle(Stopped())

    expected = {
        ResultKind.REPORT: SourceReference("1.2.88", "1.9.1", STUDY, "1.9"),
        ResultKind.SEGMENT_REPORT: SourceReference("1.2.88", "1.9.2", STUDY, "1.10"),
    }
    assert workers.predecessors == [{}, expected, expected]
    assert {job.predecessor_sr_uid for job, _ in workers.given[1:]} == {"1.9.1"}


def test_a_case_whose_only_job_was_set_aside_is_queued_when_it_is_decided_again(
    ledger: Ledger,
) -> None:
    queue(ledger, STUDY)
    with ledger._writing() as connection:
        connection.exec_driver_sql("UPDATE jobs SET state = 'superseded'")

    Intake(
        ledger, intake_options(default_settings()), lambda: NOON, lambda: None
    ).decide(STUDY, 0, settled=False)

    assert job_of(ledger).state is JobState.PENDING


def test_a_report_goes_out_while_the_rest_is_made(
    ledger: Ledger, workers: Workers, clock: Clock, tmp_path: Path
) -> None:
    queue(ledger, STUDY)
    wanted = {"PACS": frozenset({ResultKind.REPORT}), "MAPS": frozenset[ResultKind]()}
    computing = start(ledger, workers, clock, tmp_path, SETTINGS, wanted=wanted)
    computing.sweep()
    workers.tell(report_news(REPORT))
    computing.sweep()

    [due] = ledger.due_deliveries("PACS", NOON, 10)
    assert due.object.sop_instance_uid == REPORT.sop_instance_uid
    assert due.object.sha256 == REPORT.sha256
    assert ledger.due_deliveries("MAPS", NOON, 10) == []
    assert job_of(ledger).state is JobState.RUNNING


def test_news_that_makes_no_sense_costs_the_job_nothing(
    ledger: Ledger, computing: Computing, workers: Workers
) -> None:
    queue(ledger, STUDY)
    computing.sweep()
    with pytest.raises(ValueError, match="Expecting value"):
        workers.tell(b"nonsense")
    workers.tell(report_news(replace(REPORT, path=Path("../elsewhere.dcm"))))
    computing.sweep()

    assert ledger.due_deliveries("PACS", NOON, 10) == []
    workers.settle(Completed(WrittenResult((REPORT,))))
    computing.sweep()
    assert job_of(ledger).state is JobState.DONE
