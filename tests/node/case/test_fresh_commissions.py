"""Promises of `case.fresh_commissions`: what is remembered is what the row says."""

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.load import default_settings
from dicom_io.header import InstanceHeader
from node.case.commission import Commission, commission_from_json, commission_to_json
from node.case.fresh_commissions import FreshCommissions
from node.deciding.intake import Intake
from node.ledger import Ledger
from node.options.works import intake_options
from node.records.cases import Case
from node.records.jobs import Job
from node.records.objects import StoredInstance
from tests.support.empty_ledger import ledger_in
from tests.support.objects import (
    NOON,
    PET_FRAME,
    STUDY,
    ct_series,
    pet_series,
    received,
    stored,
    structure_set,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with ledger_in(tmp_path) as made:
        yield made


def not_asked() -> list[StoredInstance]:
    pytest.fail("the ledger was asked for what was known")


def enter(ledger: Ledger, headers: list[InstanceHeader]) -> None:
    for header in headers:
        ledger.record_received(received(header), NOON)
    numbers = [each.identifier for each in ledger.unindexed(len(headers))]
    ledger.record_all_indexed(list(zip(numbers, headers, strict=True)), NOON)


def commissions(count: int) -> list[tuple[str, Commission]]:
    pet = pet_series()
    *images, contours = stored(*pet, structure_set(pet))
    case = Case(STUDY, tuple(images), contours, accept_frames_of_reference=())
    made = [Commission(case, f"{number}") for number in range(count)]
    return [(commission_to_json(each), each) for each in made]


@pytest.mark.parametrize("step", [1, 2, 5, 7])
def test_what_is_remembered_is_what_the_row_and_the_ledger_say(
    ledger: Ledger, step: int
) -> None:
    pet = pet_series()
    headers = [*pet, *ct_series(frame_of_reference_uid=PET_FRAME), structure_set(pet)]
    # In another order, each of them once: nine and these have no divisor in common.
    enter(ledger, [headers[place * step % 9] for place in range(9)])
    intake = Intake(
        ledger, intake_options(default_settings()), lambda: NOON, lambda: None
    )

    intake.sweep()

    job = only_job(ledger)
    fresh = intake.fresh.take(job.case_json, not_asked)
    assert fresh.case.background is not None
    assert fresh == commission_from_json(job.case_json, ledger.neighbourhood(STUDY))


def only_job(ledger: Ledger) -> Job:
    study = ledger.study(STUDY)
    assert study is not None
    [job] = study.jobs
    return job


def test_a_commission_is_given_once_and_then_read() -> None:
    fresh = FreshCommissions()
    [(text, commission)] = commissions(1)
    fresh.keep(text, commission)
    objects = [*commission.case.pet, commission.case.contours]

    assert fresh.take(text, not_asked) is commission
    again = fresh.take(text, lambda: objects)
    assert again == commission
    assert again is not commission


def test_a_commission_comes_to_a_worker_as_it_was_sent() -> None:
    [(_, commission)] = commissions(1)

    assert pickle.loads(pickle.dumps(commission)) == commission  # noqa: S301 (our own)


def test_of_many_that_nobody_asks_for_the_last_are_kept() -> None:
    fresh = FreshCommissions()
    many = commissions(9)
    for text, commission in many:
        fresh.keep(text, commission)
    first_text, first = many[0]
    asked: list[str] = []

    def objects() -> list[StoredInstance]:
        asked.append("")
        return [*first.case.pet, first.case.contours]

    assert fresh.take(many[-1][0], not_asked) is many[-1][1]
    assert fresh.take(first_text, objects) == first
    assert len(asked) == 1
