"""Promises of `deciding.line_keeping`: lines that prove to be one have one result."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config.load import default_settings
from dicom_io.header import InstanceHeader, SavedAs
from node.deciding.intake import Intake
from node.deciding.line_keeping import keep_line
from node.identity import case_line
from node.ledger import Ledger
from node.options.works import intake_options
from node.readiness.assess import assess_readiness
from node.readiness.matching import MatchingRules
from node.records.cases import Case, Ready
from node.records.jobs import Job, ResultObject
from node.records.states import JobState
from tests.support.empty_ledger import ledger_in
from tests.support.objects import (
    NOON,
    STUDY,
    pet_series,
    received,
    structure_set,
)

PET = pet_series()
PLAIN = intake_options(default_settings())


def save(number: int, after: int | None = None) -> InstanceHeader:
    """Return a structure set in a series of its own that may name a predecessor."""
    named = () if after is None else (f"1.2.3.3.{after}",)
    return structure_set(
        PET,
        f"1.2.3.3.{number}",
        series_instance_uid=f"1.2.4.{number}",
        saved_as=SavedAs(predecessors=named),
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with ledger_in(tmp_path) as opened:
        yield opened


def enter(ledger: Ledger, *headers: InstanceHeader) -> None:
    """Receive objects and decide on what they make ready."""
    for each in headers:
        ledger.record_received(received(each), NOON)
        [row] = ledger.unindexed(1)
        ledger.record_indexed(row.identifier, each, NOON)
    Intake(ledger, PLAIN, lambda: NOON, lambda: None).sweep()


def compute(ledger: Ledger) -> Job:
    """Give the next job a report."""
    job = ledger.claim_job(NOON)
    assert job is not None
    assert ledger.finish_job(job.key, [report_of(job)], {}, NOON)
    return job


def report_of(job: Job) -> ResultObject:
    uid = f"1.9.{int(job.key[:8], 16)}"
    return ResultObject("1.2.88", uid, "1.2.1", Path("results") / f"{uid}.dcm")


def states(ledger: Ledger) -> list[JobState]:
    """Return the states of all jobs, oldest first."""
    found = ledger.study(STUDY)
    assert found is not None
    return [job.state for job in found.jobs]


def case_of(ledger: Ledger) -> Case:
    """Return the only case of the study."""
    instances = ledger.neighbourhood(STUDY)
    [found] = assess_readiness(instances, MatchingRules((), ()), settled=False)
    assert isinstance(found, Ready)
    return found.case


def test_the_result_that_stands_is_the_one_of_the_last_save(ledger: Ledger) -> None:
    enter(ledger, *PET, save(3, after=2))
    newest = compute(ledger)
    enter(ledger, save(1))
    compute(ledger)
    assert states(ledger) == [JobState.DONE, JobState.DONE]

    enter(ledger, save(2, after=1))

    assert states(ledger) == [JobState.DONE, JobState.SUPERSEDED]
    line = case_line(case_of(ledger))
    assert len(ledger.jobs(line)) == 2
    # The next one names what stands, and not what was computed last.
    enter(ledger, save(4, after=3))
    assert compute(ledger).key != newest.key
    last = ledger.jobs(line)[-1]
    assert last.predecessor_sr_uid == report_of(newest).sop_instance_uid
    assert states(ledger) == [*[JobState.SUPERSEDED] * 2, JobState.DONE]


def test_an_old_save_that_waits_to_be_computed_is_set_aside(ledger: Ledger) -> None:
    enter(ledger, *PET, save(3, after=2))
    compute(ledger)
    enter(ledger, save(1))
    enter(ledger, save(2, after=1))

    assert ledger.claim_job(NOON) is None
    assert states(ledger) == [JobState.DONE, JobState.SUPERSEDED]


def test_an_old_save_that_is_being_computed_sends_nothing(ledger: Ledger) -> None:
    enter(ledger, *PET, save(3, after=2))
    compute(ledger)
    enter(ledger, save(1))
    job = ledger.claim_job(NOON)
    assert job is not None
    enter(ledger, save(2, after=1))

    assert not ledger.finish_job(job.key, [report_of(job)], {}, NOON)
    assert states(ledger) == [JobState.DONE, JobState.SUPERSEDED]


def test_a_result_stands_until_its_revision_has_one(ledger: Ledger) -> None:
    enter(ledger, *PET, save(1))
    compute(ledger)
    enter(ledger, save(2, after=1))

    assert states(ledger) == [JobState.DONE, JobState.PENDING]


def test_keeping_a_line_twice_changes_nothing(ledger: Ledger) -> None:
    enter(ledger, *PET, save(3, after=2))
    compute(ledger)
    enter(ledger, save(1))
    compute(ledger)
    enter(ledger, save(2, after=1))
    before = len(ledger.events())

    keep_line(ledger, case_of(ledger), NOON)

    assert len(ledger.events()) == before


def test_the_animals_of_a_bed_come_along_each_on_its_own(ledger: Ledger) -> None:
    enter(ledger, *PET, save(1))
    [job] = ledger.jobs(case_line(case_of(ledger)))
    for animal in ("M1", "M2"):
        line = f"{job.line}/{animal}"
        ledger.add_job(replace(job, key=f"{job.key}{animal}", line=line), NOON)

    moved = ledger.join_lines("1.2.3.1/1.7", [job.line], NOON)

    assert [each.line for each in moved] == [
        "1.2.3.1/1.7",
        "1.2.3.1/1.7/M1",
        "1.2.3.1/1.7/M2",
    ]
    assert ledger.jobs(job.line) == []
