"""Promises of a report that is sent before the rest of its result is made."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from node.ledger import Ledger
from node.records.jobs import Job, ResultObject
from node.records.states import JobState, StudyState
from node.records.study_views import StudySummary
from node.records.withdrawal import Withdrawal
from tests.support.objects import NOON, STUDY, pet_series, received, structure_set

LATER = NOON + timedelta(minutes=5)
SR = ResultObject("1.2.88", "1.9.1", "1.2.1", Path("results/sr.dcm"))
MAP = ResultObject("1.2.30", "1.9.2", "1.2.1", Path("results/map.dcm"))
WHOLE = (SR, MAP)


@pytest.fixture
def ledger(ledger_url: str, tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(ledger_url, tmp_path) as opened:
        pet = pet_series()
        for each in (*pet, structure_set(pet)):
            opened.record_received(received(each), NOON)
            [row] = opened.unindexed(1)
            opened.record_indexed(row.identifier, each, NOON)
        [touched] = opened.touched_studies(2)
        opened.set_study_state(
            STUDY,
            StudyState.QUEUED,
            reason="",
            detail="",
            settles=False,
            generation=touched.generation,
            at=NOON,
        )
        yield opened


def begin(ledger: Ledger, key: str = "k1", report: ResultObject = SR) -> bool:
    """Compute a job until its report is ready; return whether that was entered."""
    queue(ledger, key)
    assert ledger.claim_job(NOON) is not None
    return ledger.report_ready(key, report, ["PACS"], NOON)


def queue(ledger: Ledger, key: str) -> bool:
    return ledger.add_job(
        Job(key, STUDY, "line", "{}", JobState.PENDING, NOON, 0), NOON
    )


def finish(ledger: Ledger, key: str = "k1") -> bool:
    return ledger.finish_job(key, WHOLE, {"PACS": WHOLE, "OTHER": [SR]}, LATER)


def due(ledger: Ledger, destination: str = "PACS") -> list[str]:
    found = ledger.due_deliveries(destination, LATER, 10)
    return [each.object.sop_instance_uid for each in found]


def shown(ledger: Ledger) -> StudySummary:
    detail = ledger.study(STUDY)
    assert detail is not None
    return detail.summary


def job(ledger: Ledger, key: str = "k1") -> Job:
    found = ledger.job(key)
    assert found is not None
    return found


def test_a_report_is_due_while_its_job_still_runs(ledger: Ledger) -> None:
    assert begin(ledger)

    assert due(ledger) == ["1.9.1"]
    assert job(ledger).state is JobState.RUNNING
    assert shown(ledger).state is StudyState.QUEUED


def test_the_rest_follows_and_the_report_is_not_sent_twice(ledger: Ledger) -> None:
    begin(ledger)
    [first] = ledger.due_deliveries("PACS", NOON, 10)
    ledger.delivered(first.identifier, "Success", NOON)

    assert finish(ledger)
    assert due(ledger) == ["1.9.2"]
    assert due(ledger, "OTHER") == ["1.9.1"]
    assert [each.sop_instance_uid for each in ledger.results("k1")] == [
        "1.9.1",
        "1.9.2",
    ]
    assert job(ledger).state is JobState.DONE


def test_a_crash_between_report_and_rest_doubles_nothing(ledger: Ledger) -> None:
    begin(ledger)
    ledger.requeue_running(LATER)

    assert begin(ledger)
    assert finish(ledger)
    assert due(ledger) == ["1.9.1", "1.9.2"]


def test_what_its_report_revises_stays_when_a_job_runs_again(ledger: Ledger) -> None:
    begin(ledger)
    queue(ledger, "k2")
    ledger.requeue_running(LATER)
    for _ in range(2):
        ledger.claim_job(LATER)

    # The second revises the first, whose own report is out and revises nothing.
    assert job(ledger, "k1").predecessor_sr_uid is None
    assert job(ledger, "k2").predecessor_sr_uid == "1.9.1"


def test_a_job_that_is_overtaken_sends_no_report(ledger: Ledger) -> None:
    queue(ledger, "k1")
    ledger.claim_job(NOON)
    queue(ledger, "k2")

    assert not ledger.report_ready("k1", SR, ["PACS"], NOON)
    assert due(ledger) == []


def test_a_later_job_revises_a_report_whose_rest_is_never_sent(ledger: Ledger) -> None:
    begin(ledger)
    queue(ledger, "k2")

    assert not finish(ledger)
    assert due(ledger) == ["1.9.1"]
    assert job(ledger).state is JobState.SUPERSEDED
    claimed = ledger.claim_job(LATER)
    assert claimed is not None
    assert (claimed.key, claimed.predecessor_sr_uid) == ("k2", "1.9.1")


def test_a_report_supersedes_what_it_replaces_at_once(ledger: Ledger) -> None:
    begin(ledger, "k0", replace(SR, sop_instance_uid="1.9.0"))
    ledger.finish_job("k0", [replace(SR, sop_instance_uid="1.9.0")], {}, NOON)
    begin(ledger)
    ledger.fail_job("k1", "defect", "the worker failed", LATER)
    queue(ledger, "k2")

    claimed = ledger.claim_job(LATER)
    assert job(ledger, "k0").state is JobState.SUPERSEDED
    assert claimed is not None
    assert claimed.predecessor_sr_uid == "1.9.1"


@pytest.mark.parametrize("end", ["fail_job", "hold_job"])
def test_a_job_that_ends_without_the_rest_says_that_its_report_went(
    ledger: Ledger, end: str
) -> None:
    begin(ledger)
    getattr(ledger, end)("k1", "defect", "the worker failed", LATER)

    assert shown(ledger).state in (StudyState.FAILED, StudyState.HELD)
    assert "the worker failed; its report was ready before" in shown(ledger).detail


def test_the_last_attempt_that_ends_with_the_node_says_so_too(ledger: Ledger) -> None:
    begin(ledger)
    ledger.requeue_running(LATER, attempts=1)

    assert shown(ledger).state is StudyState.FAILED
    assert "its report was ready before" in shown(ledger).detail


@pytest.mark.parametrize("end", ["fail_job", "hold_job"])
def test_a_report_without_its_rest_can_be_withdrawn(ledger: Ledger, end: str) -> None:
    begin(ledger)
    getattr(ledger, end)("k1", "defect", "the worker failed", LATER)
    note = replace(SR, sop_instance_uid="1.9.9", path=Path("results/note.dcm"))
    why = Withdrawal("k1", note.sop_instance_uid, LATER, "somebody", "it is wrong")

    assert ledger.withdraw(note, why) == frozenset()
    assert due(ledger) == []
    assert shown(ledger).state is StudyState.WITHDRAWN


def test_nothing_is_withdrawn_under_a_worker(ledger: Ledger) -> None:
    begin(ledger)
    note = replace(SR, sop_instance_uid="1.9.9", path=Path("results/note.dcm"))
    why = Withdrawal("k1", note.sop_instance_uid, LATER, "somebody", "it is wrong")

    assert ledger.withdraw(note, why) is None
    assert due(ledger) == ["1.9.1"]


def test_a_job_set_aside_after_its_report_comes_back_for_the_rest(
    ledger: Ledger,
) -> None:
    begin(ledger)
    ledger.set_aside_but("line", (), LATER)
    assert not finish(ledger)
    assert not ledger.has_whole_result("k1")

    assert queue(ledger, "k1")
    assert begin(ledger)
    assert finish(ledger)
    assert ledger.has_whole_result("k1")
