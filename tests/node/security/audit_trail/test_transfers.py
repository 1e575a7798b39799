"""Promises of transfers in the audit trail: what came and went, by study, and how."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.load import default_settings
from node.association.storing import STORED
from node.deciding.indexing import Indexing
from node.deciding.intake import Intake
from node.delivery.delivering import Delivering, Route
from node.instance_store import InstanceStore
from node.ledger import Ledger
from node.options.works import intake_options
from node.receiving import Receiving
from node.records.jobs import ResultObject
from node.records.outcome import Deferred, Delivered, FailureKind, Outcome, Refused
from node.retry import RetryPolicy
from node.security.audit_trail.events import (
    AuditEvent,
    Party,
    TransferBegun,
    Transferred,
)
from node.security.audit_trail.message import AuditSource, message
from node.security.audit_trail.transfers import (
    Departures,
    Unheard,
    arrived,
    telling,
)
from tests.support.empty_ledger import ledger_in
from tests.support.inline import as_received
from tests.support.objects import NOON, STUDY
from tests.support.pet import STUDY_UID, pet_datasets
from tests.support.sources import enter_study

if TYPE_CHECKING:
    from node.records.objects import Arrival

_OTHER = "1.2.826.0.1.99"
_SR = ResultObject("1.2.88", "1.9.1", "1.2.1", Path("results/sr.dcm"), "1.9.10")
_MAP = ResultObject("1.2.30", "1.9.2", "1.2.1", Path("results/map.dcm"), "1.9.20")
_NEXT = replace(_SR, sop_instance_uid="1.9.3", path=Path("results/next.dcm"))
_DONE = Delivered("0000")
_NO = Refused("A900 no such class")
_GONE = Deferred("PACS: connection refused", FailureKind.UNREACHABLE)
_POLICY = RetryPolicy(timedelta(seconds=5), longest_delay=timedelta(minutes=10))
_NODE, _PACS = Party("NODE", "node", is_requestor=True), Party("PACS", "pacs")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with ledger_in(tmp_path) as opened:
        yield opened


def scored(ledger: Ledger, study: str, *objects: ResultObject) -> None:
    enter_study(ledger, study)
    options = intake_options(default_settings())
    Intake(ledger, options, lambda: NOON, lambda: None).sweep()
    job = ledger.claim_job(NOON)
    assert job is not None
    assert ledger.finish_job(job.key, objects, {"pacs": objects}, NOON)


def told_of(
    ledger: Ledger, answer: Callable[[ResultObject], Outcome]
) -> list[AuditEvent]:
    """Return what is told of a sweep whose objects are answered so."""
    told: list[AuditEvent] = []

    def send(objects: Sequence[ResultObject]) -> Generator[Outcome, None, None]:
        for item in objects:
            yield answer(item)

    departures = Departures(
        told.append, _NODE, _PACS, ledger.studies_of_deliveries, lambda: NOON
    )
    route = Route("pacs", send)
    Delivering(ledger, route, _POLICY, lambda: NOON, departures=departures).sweep()
    return told


def test_each_study_is_told_when_it_begins_and_when_it_is_over(ledger: Ledger) -> None:
    scored(ledger, STUDY, _SR, _MAP)
    scored(ledger, _OTHER, _NEXT)

    begun, other_begun, ended, other_ended = told_of(ledger, lambda _: _DONE)

    assert isinstance(begun, TransferBegun)
    assert begun.study.study_instance_uid == STUDY
    assert begun.study.instances == {"1.2.88": 1, "1.2.30": 1}
    assert begun.study.patient_id
    assert ended == Transferred(NOON, _NODE, _PACS, begun.study)
    assert isinstance(other_begun, TransferBegun)
    assert other_ended == Transferred(NOON, _NODE, _PACS, other_begun.study)
    assert other_begun.study.study_instance_uid == _OTHER


def test_what_an_archive_does_not_take_is_told_beside_what_it_takes(
    ledger: Ledger,
) -> None:
    scored(ledger, STUDY, _SR, _MAP)

    _, *ended = told_of(
        ledger, lambda item: _DONE if item.sop_instance_uid == "1.9.1" else _NO
    )

    assert [
        (each.study.instances, each.why_not)
        for each in ended
        if isinstance(each, Transferred)
    ] == [({"1.2.88": 1}, ""), ({"1.2.30": 1}, "A900 no such class")]


def test_an_archive_that_is_away_is_told_of_once_an_attempt(ledger: Ledger) -> None:
    scored(ledger, STUDY, _SR, _MAP)
    scored(ledger, _OTHER, _NEXT)

    begun, ended = told_of(ledger, lambda _: _GONE)

    assert isinstance(begun, TransferBegun)
    assert isinstance(ended, Transferred)
    assert ended.why_not == _GONE.why


def test_what_came_is_told_once_for_each_study_and_sender(
    ledger: Ledger, tmp_path: Path
) -> None:
    store = InstanceStore(tmp_path)
    receiving = Receiving(store, ledger, lambda: NOON, received=lambda: None)
    sent = [as_received(each) for each in pet_datasets(slices=3)]
    for each in (*sent, replace(sent[0], calling_ae="AGAIN")):
        assert receiving(each) == STORED
    told: list[Arrival] = []
    Indexing(ledger, lambda: NOON, arrived=told.append).sweep()
    Indexing(ledger, lambda: NOON, arrived=told.append).sweep()

    (arrival,) = told
    assert arrival.study_instance_uid == STUDY_UID
    assert arrival.calling_ae == sent[0].calling_ae
    assert arrival.instances == {sent[0].sop_class_uid: 3}
    event = arrived(arrival, Party("NODE", "node"), NOON)
    text = message(event, AuditSource("NODE", "node", "", "7")).decode()
    assert "DICOM Instances Transferred" in text
    assert f"AETITLES={arrival.calling_ae}" in text
    assert f'ParticipantObjectID="{arrival.patient_id}"' in text


def test_where_there_is_no_repository_nothing_is_looked_up() -> None:
    with telling(None, []) as told:
        assert isinstance(told, Unheard)
