"""Promises of `node.receiving`: durable, entered, then answered; in this order."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from node.association.listener import OUT_OF_RESOURCES, STORED
from node.association.received import ReceivedObject
from node.fault_points import FaultPoint
from node.instance_store import InstanceStore
from node.ledger import Ledger, LedgerUnavailableError
from node.receiving import Receiving
from node.records.objects import ReceivedInstance
from node.records.states import ReceiveOutcome
from tests.support.empty_ledger import ledger_in

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)

RECEIVING = [point for point in FaultPoint if point.startswith("receive.")]


class PowerLostError(Exception):
    """Stands for the end of the process."""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with ledger_in(tmp_path) as opened:
        yield opened


@pytest.fixture
def store(tmp_path: Path) -> InstanceStore:
    return InstanceStore(tmp_path)


def received(number: int = 0, content: bytes = b"content") -> ReceivedObject:
    return ReceivedObject(
        sop_class_uid="1.2.840.10008.5.1.4.1.1.128",
        sop_instance_uid=f"1.2.3.{number}",
        transfer_syntax_uid="1.2.840.10008.1.2.1",
        file_meta=bytes(128) + b"DICM",
        dataset=content + bytes([number]),
        calling_ae="SCANNER",
        called_ae="NODE",
        peer_address="127.0.0.1",
    )


def sink(
    store: InstanceStore,
    ledger: Ledger,
    passing: Callable[[FaultPoint], None],
    heard: list[int] | None = None,
) -> Receiving:
    told = [] if heard is None else heard
    return Receiving(store, ledger, lambda: NOW, lambda: told.append(1), passing)


def test_each_point_is_passed_once_and_in_the_order_of_the_promise(
    store: InstanceStore, ledger: Ledger
) -> None:
    passed: list[FaultPoint] = []
    heard: list[int] = []

    assert sink(store, ledger, passed.append, heard)(received()) == STORED

    assert passed == RECEIVING
    assert heard == [1]


@pytest.mark.parametrize("point", RECEIVING)
def test_what_ends_at_any_point_is_whole_after_a_resend(
    store: InstanceStore, ledger: Ledger, point: FaultPoint
) -> None:
    def lose_power(passed: FaultPoint) -> None:
        if passed is point:
            raise PowerLostError

    with pytest.raises(PowerLostError):
        sink(store, ledger, lose_power)(received())

    assert sink(store, ledger, lambda _: None)(received()) == STORED
    (entered,) = ledger.unindexed(10)
    assert entered.path.read_bytes().endswith(received().dataset)
    assert len(list((store.root / "objects").rglob("*.dcm"))) == 1
    assert list((store.root / "incoming").iterdir()) == []


def test_a_ledger_that_is_away_is_answered_as_out_of_resources(
    store: InstanceStore, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        why = "locked"
        raise LedgerUnavailableError(why)

    monkeypatch.setattr(ledger, "record_received", away)

    assert sink(store, ledger, lambda _: None)(received()) == OUT_OF_RESOURCES


def test_objects_of_several_senders_share_a_commit(
    store: InstanceStore, ledger: Ledger
) -> None:
    commits: list[FaultPoint] = []
    first_is_in, go_on = threading.Event(), threading.Event()

    def passing(point: FaultPoint) -> None:
        if point is FaultPoint.RECEIVE_ENTERED:
            commits.append(point)
            first_is_in.set()
            go_on.wait(10)

    receiving = sink(store, ledger, passing)
    senders = [
        threading.Thread(target=receiving, args=(received(number),))
        for number in range(6)
    ]
    senders[0].start()
    assert first_is_in.wait(10)
    for sender in senders[1:]:
        sender.start()
    while len(ledger._waiting) < len(senders) - 1:
        pass
    go_on.set()
    for sender in senders:
        sender.join(10)

    # One for the first, and one for all that came while it was under way.
    assert len(commits) == 2
    assert len(ledger.unindexed(10)) == len(senders)


def test_one_object_that_cannot_be_entered_spoils_no_other(
    ledger: Ledger, tmp_path: Path
) -> None:
    instances = [
        ReceivedInstance(
            sop_class_uid="1.2",
            sop_instance_uid=f"1.2.3.{number}",
            transfer_syntax_uid="1.2.840.10008.1.2.1",
            sha256=f"{number}",
            path=tmp_path / f"{number}.dcm",
            size=10,
            # A lone surrogate, which no database takes.
            calling_ae="\ud800" if number == 1 else "SCANNER",
        )
        for number in range(3)
    ]
    outcomes: dict[int, object] = {}
    held, go_on = threading.Event(), threading.Event()

    def hold(_: FaultPoint) -> None:
        held.set()
        go_on.wait(10)

    def enter(number: int) -> None:
        try:
            outcomes[number] = ledger.record_received(instances[number], NOW)
        except UnicodeEncodeError as refused:
            outcomes[number] = refused

    first = ReceivedInstance("1.2", "1.9", "1.2", "x", tmp_path / "x.dcm", 1, "SCANNER")
    threads = [
        threading.Thread(target=ledger.record_received, args=(first, NOW, hold)),
        *(threading.Thread(target=enter, args=(number,)) for number in range(3)),
    ]
    threads[0].start()
    assert held.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(ledger._waiting) < len(instances):
        pass
    go_on.set()
    for thread in threads:
        thread.join(10)

    assert outcomes.pop(0) is ReceiveOutcome.NEW
    assert outcomes.pop(2) is ReceiveOutcome.NEW
    assert isinstance(outcomes[1], UnicodeEncodeError)


class ThreadEnded(BaseException):
    """Stands for what ends a thread and is no `Exception`."""


def test_nobody_is_told_success_when_whoever_entered_for_all_ended_before_the_commit(
    store: InstanceStore, ledger: Ledger
) -> None:
    def end(point: FaultPoint) -> None:
        if point is FaultPoint.RECEIVE_ENTERED:
            raise ThreadEnded

    answers: list[object] = []

    def receive(number: int) -> None:
        try:
            answers.append(sink(store, ledger, end)(received(number)))
        except ThreadEnded:
            answers.append(ThreadEnded)

    threads = [threading.Thread(target=receive, args=(number,)) for number in range(2)]
    with ledger._entering:
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 10
        while len(ledger._waiting) < len(threads) and time.monotonic() < deadline:
            time.sleep(0.001)
    for thread in threads:
        thread.join()

    assert len(answers) == len(threads)
    assert ThreadEnded in answers
    assert OUT_OF_RESOURCES in answers
    assert ledger.unindexed(10) == []
