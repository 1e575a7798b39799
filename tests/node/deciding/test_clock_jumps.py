"""Promises about clocks that are put forward or back by hours."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config.load import default_settings
from dicom_io.header import DeclaredCount
from node.deciding.clock_jumps import ClockJumps
from node.deciding.intake import Intake
from node.identity import object_identity
from node.ledger import Ledger
from node.options.works import intake_options
from node.records.jobs import ResultObject
from node.records.states import StudyState
from node.retry import RetryPolicy, next_attempt
from tests.support.objects import NOON, STUDY, pet_series, received, structure_set

SECOND = timedelta(seconds=1)
HOURS = timedelta(hours=5)
SETTLE = intake_options(default_settings()).settle


class Clocks:
    """A clock that is set, and one that is not."""

    def __init__(self) -> None:
        self.at = NOON
        self.s = 1000.0

    def now(self) -> datetime:
        return self.at

    def steady_s(self) -> float:
        return self.s

    def go_on(self, by: timedelta) -> None:
        """Let time pass, by both."""
        self.at += by
        self.s += by.total_seconds()


class Site:
    """A ledger whose studies wait for silence."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.clocks = Clocks()
        self.intake = Intake(
            ledger, intake_options(default_settings()), self.clocks.now, lambda: None
        )
        self.restart()

    def restart(self) -> None:
        """Watch the clocks anew, as a node that was started again."""
        self.jumps = ClockJumps(self.ledger, self.clocks.now, self.clocks.steady_s)

    def sweep(self) -> None:
        self.jumps.sweep()
        self.intake.sweep()

    def receive_what_waits_for_silence(self) -> None:
        """How many slices come is not declared."""
        pet = pet_series(5, declared=DeclaredCount(None, None, None, "STATIC"))
        for each in (*pet, structure_set(pet)):
            self.ledger.record_received(received(each), self.clocks.at)
            [row] = self.ledger.unindexed(1)
            self.ledger.record_indexed(row.identifier, each, self.clocks.at)
        self.sweep()
        assert self.state is StudyState.WAITING

    @property
    def state(self) -> StudyState:
        study = self.ledger.study(STUDY)
        assert study is not None
        return study.summary.state


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    address = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    with Ledger.open(address, tmp_path) as ledger:
        yield Site(ledger)


def test_a_study_goes_on_after_the_silence_it_waits_for(site: Site) -> None:
    site.receive_what_waits_for_silence()
    site.clocks.go_on(SETTLE - SECOND)
    site.sweep()
    assert site.state is StudyState.WAITING

    site.clocks.go_on(2 * SECOND)
    site.sweep()
    assert site.state is not StudyState.WAITING


@pytest.mark.parametrize("jump", [HOURS, -HOURS])
def test_a_clock_that_is_moved_neither_ends_nor_prolongs_silence(
    site: Site, jump: timedelta
) -> None:
    site.receive_what_waits_for_silence()
    site.clocks.at += jump
    site.sweep()
    site.clocks.go_on(SETTLE - SECOND)
    site.sweep()
    assert site.state is StudyState.WAITING

    site.clocks.go_on(2 * SECOND)
    site.sweep()
    assert site.state is not StudyState.WAITING


def test_a_clock_that_was_put_back_while_the_node_was_down_forgets_no_study(
    site: Site,
) -> None:
    site.receive_what_waits_for_silence()
    site.clocks.at -= HOURS
    site.restart()
    site.sweep()
    site.clocks.go_on(SETTLE + SECOND)
    site.sweep()

    assert site.state is not StudyState.WAITING


def test_a_delivery_is_tried_again_however_far_the_clock_was_put_back(
    site: Site,
) -> None:
    policy = RetryPolicy()
    job = queued_job(site)
    made = [ResultObject("1.2.3", "1.9.1", "1.2.1", Path("results/k/sr.dcm"))]
    site.ledger.finish_job(job, made, {"PACS": made}, site.clocks.at)
    longest = policy.longest_delay
    [due] = site.ledger.due_deliveries("PACS", NOON, 9, longest_delay=longest)
    later = next_attempt(policy, 1, NOON, 0.0)
    site.ledger.defer(due.identifier, "away", later, NOON)

    def is_due(at: datetime) -> bool:
        return bool(site.ledger.due_deliveries("PACS", at, 9, longest_delay=longest))

    assert not is_due(NOON)
    assert not is_due(later - SECOND)
    assert is_due(later)
    assert is_due(NOON - HOURS)
    assert is_due(NOON + HOURS)


def queued_job(site: Site) -> str:
    """Return the key of a job that is being computed."""
    pet = pet_series()
    for each in (*pet, structure_set(pet)):
        site.ledger.record_received(received(each), NOON)
        [row] = site.ledger.unindexed(1)
        site.ledger.record_indexed(row.identifier, each, NOON)
    site.sweep()
    job = site.ledger.claim_job(NOON)
    assert job is not None
    return job.key


def test_a_claim_survives_a_clock_that_is_put_back(site: Site) -> None:
    key = queued_job(site)
    site.clocks.at -= HOURS
    site.sweep()
    assert site.ledger.claim_job(site.clocks.at) is None

    assert site.ledger.requeue_running(site.clocks.at) == 1
    again = site.ledger.claim_job(site.clocks.at)
    assert again is not None
    assert again.key == key


def test_uids_of_results_do_not_repeat_when_instants_do(site: Site) -> None:
    """Two jobs of one instant, as a clock that is put back brings about."""
    queued_job(site)
    study = site.ledger.study(STUDY)
    assert study is not None
    [job] = study.jobs
    twin = type(job)(**{**vars(job), "key": "other"})

    def uid(each: object) -> str:
        return object_identity(
            each,  # type: ignore[arg-type]
            "report",
            root="2.25",
            number=1,
            description="",
        ).sop_instance_uid

    assert job.created_at == twin.created_at
    assert uid(job) != uid(twin)
