"""Promises of `node.delivery.answering`: committed means whole, and there for good."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from sqlalchemy import update

from node.association.listener import STORED, Listener
from node.association.requestor import Destination, PeerTimeouts
from node.delivery.answering import AnsweringOptions
from node.delivery.commitments import CommitmentOptions, Commitments
from node.instance_store import InstanceStore
from node.ledger import Ledger, LedgerUnavailableError
from node.ledger.commitment_answers import MOST_OPEN
from node.records.commitments import CommitmentItem, CommitmentRequest
from node.records.objects import ReceivedInstance
from node.records.states import InstanceState
from node.retry import RetryPolicy
from node.tables import INSTANCES
from tests.support.commitment import (
    Report,
    Reports,
    ask,
    question,
    scanner_listening,
)
from tests.support.empty_ledger import ledger_in
from tests.support.objects import NOON
from tests.support.peers import HOST, free_port, listener_options

PET = "1.2.840.10008.5.1.4.1.1.128"
CT = "1.2.840.10008.5.1.4.1.1.2"
POLICY = RetryPolicy(
    first_delay=timedelta(seconds=5),
    longest_delay=timedelta(minutes=10),
    jitter=0.0,
    alarm_after=3,
)


class Clock:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


def encoded(uid: str, text: str) -> tuple[bytes, bytes]:
    """Return file meta information and data set of a small object."""
    whole = Dataset()
    whole.SOPClassUID, whole.SOPInstanceUID, whole.StudyID = PET, uid, text
    whole.ensure_file_meta()
    whole.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    file = BytesIO()
    whole.save_as(file, enforce_file_format=True)
    content = file.getvalue()
    split = 144 + int.from_bytes(content[140:144], "little")
    return content[:split], content[split:]


@dataclass
class Node:
    """As much of the node as stores objects and commits to them."""

    ledger: Ledger
    store: InstanceStore
    clock: Clock
    scanner_port: int = 0
    port: int = 0
    listener: Listener | None = None
    commitments: Commitments | None = None

    def start(self) -> None:
        """Serve commitment; once more is a restart."""
        self.stop()
        timeouts = PeerTimeouts(5.0, 5.0, 5.0)
        scanner = Destination(
            "inveon", "SCANNER", "", self.scanner_port, "NODE", timeouts
        )
        options = CommitmentOptions(
            asking=(),
            peers=(scanner,) if self.scanner_port else (),
            answering=AnsweringOptions(POLICY),
        )
        self.commitments = Commitments(
            self.ledger, options, self.clock, lambda *_: "1.2"
        )
        self.listener = Listener(
            listener_options(), lambda _: STORED, [self.commitments.service]
        )
        self.listener.start()
        self.port = self.listener.port

    def stop(self) -> None:
        if self.listener is not None:
            self.listener.stop()

    def receive(self, uid: str, text: str = "") -> Path:
        """Receive an object of PET, and return its file."""
        stored = self.store.write(*encoded(uid, text))
        self.ledger.record_received(
            ReceivedInstance(
                sop_class_uid=PET,
                sop_instance_uid=uid,
                transfer_syntax_uid="1.2.840.10008.1.2.1",
                sha256=stored.sha256,
                path=stored.path,
                size=stored.size,
                calling_ae="SCANNER",
            ),
            NOON,
        )
        return self.store.root / stored.path

    def answer(self) -> None:
        assert self.commitments is not None
        for each in self.commitments.answering:
            each.sweep()

    def told(self) -> str:
        return "\n".join(event.text for event in self.ledger.events())

    def answered(self, *pairs: tuple[str, str], uid: str = "1.9.9") -> Report:
        """Ask, and return the answer that comes on the same association."""
        came: list[Report] = []

        def stay(reports: Reports) -> None:
            self.answer()
            came.extend(reports.wait(1))

        assert ask(self.port, question(uid, *pairs), stay=stay) == 0x0000
        return came[0]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with ledger_in(tmp_path) as ledger:
        made = Node(ledger, InstanceStore(tmp_path), Clock())
        made.start()
        yield made
        made.stop()


def test_what_is_whole_and_there_is_committed_to(node: Node) -> None:
    node.receive("1.2.1")
    node.receive("1.2.2")

    came = node.answered((PET, "1.2.1"), (PET, "1.2.2"))

    assert came.event_type == 1
    assert came.committed == [(PET, "1.2.1"), (PET, "1.2.2")]
    assert "2 objects are kept, 0 not (1.9.9)" in node.told()


def _remove(path: Path) -> None:
    path.unlink()


def _damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [_remove, _damage, _cut, _empty])
def test_a_file_that_is_not_whole_is_not_committed_to(
    node: Node, harm: Callable[[Path], None]
) -> None:
    node.receive("1.2.1")
    harm(node.receive("1.2.2"))

    came = node.answered((PET, "1.2.1"), (PET, "1.2.2"))

    assert came.event_type == 2
    assert came.committed == [(PET, "1.2.1")]
    assert came.failed == {"1.2.2": 0x0110}


def test_what_never_came_or_is_of_another_class_is_not_committed_to(
    node: Node,
) -> None:
    node.receive("1.2.1")

    came = node.answered((CT, "1.2.1"), (PET, "1.2.7"))

    assert came.committed == []
    assert came.failed == {"1.2.1": 0x0119, "1.2.7": 0x0112}
    assert "1.2.7 0112 no such object instance" in node.told()


def test_an_object_that_could_not_be_read_is_not_committed_to(node: Node) -> None:
    node.receive("1.2.1")
    [row] = node.ledger.unindexed(1)
    node.ledger.record_unreadable(row.identifier, "it ends early", NOON)

    assert node.answered((PET, "1.2.1")).failed == {"1.2.1": 0x0110}


def test_of_two_contents_under_one_uid_both_must_be_whole(node: Node) -> None:
    node.receive("1.2.1", "first")
    beside = node.receive("1.2.1", "other")
    assert node.answered((PET, "1.2.1")).committed == [(PET, "1.2.1")]

    beside.unlink()

    assert node.answered((PET, "1.2.1"), uid="1.9.8").failed == {"1.2.1": 0x0110}


def test_a_question_is_durable_before_it_is_taken(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: object) -> bool:
        raise LedgerUnavailableError("locked")

    monkeypatch.setattr(node.ledger, "record_question", unavailable)

    assert ask(node.port, question("1.9.9", (PET, "1.2.1"))) == 0x0213


def test_an_answer_that_was_due_at_a_kill_is_given_after_the_restart(
    node: Node,
) -> None:
    node.receive("1.2.1")
    with scanner_listening() as (port, reports):
        node.scanner_port = port
        node.start()
        assert ask(node.port, question("1.9.9", (PET, "1.2.1"))) == 0x0000
        node.start()
        node.answer()
        [came] = reports.wait(1)

    assert came.committed == [(PET, "1.2.1")]


def test_a_peer_that_is_away_is_answered_when_it_is_back(node: Node) -> None:
    node.receive("1.2.1")
    node.scanner_port = free_port()
    node.start()
    ask(node.port, question("1.9.9", (PET, "1.2.1")))
    node.answer()

    with scanner_listening(port=node.scanner_port) as (_, reports):
        node.answer()
        assert reports.came == []
        node.clock.move(seconds=6)
        node.answer()
        [came] = reports.wait(1)
        node.clock.move(days=1)
        node.answer()

    assert came.committed == [(PET, "1.2.1")]
    assert len(reports.came) == 1


def test_the_same_question_again_is_answered_again(node: Node) -> None:
    node.receive("1.2.1")
    first = node.answered((PET, "1.2.1"))

    assert node.answered((PET, "1.2.1")).committed == first.committed


def test_other_objects_under_a_taken_uid_are_refused_in_the_answer(node: Node) -> None:
    node.receive("1.2.1")
    node.receive("1.2.2")
    node.answered((PET, "1.2.1"))

    came = node.answered((PET, "1.2.2"))

    assert came.committed == []
    assert came.failed == {"1.2.2": 0x0131}


def test_other_objects_under_the_uid_of_an_open_question_are_refused(
    node: Node,
) -> None:
    node.receive("1.2.1")
    node.receive("1.2.2")
    ask(node.port, question("1.9.9", (PET, "1.2.1")))

    came = node.answered((PET, "1.2.1"), (PET, "1.2.2"))

    assert came.committed == [(PET, "1.2.1")]
    assert came.failed == {"1.2.2": 0x0131}


def test_two_peers_may_use_the_same_transaction_uid(node: Node) -> None:
    node.receive("1.2.1")
    ask(node.port, question("1.9.9", (CT, "1.2.1")), calling="OTHER")

    assert node.answered((PET, "1.2.1")).committed == [(PET, "1.2.1")]


def test_a_peer_whose_port_is_unknown_is_told_of_once(node: Node) -> None:
    ask(node.port, question("1.9.9", (PET, "1.2.1")))
    for _ in range(3):
        node.answer()
        node.clock.move(minutes=1)

    assert node.told().count("the port on which it listens") == 1
    assert f"SCANNER at {HOST}" in node.told()


def test_its_question_is_answered_once_the_port_is_configured(node: Node) -> None:
    node.receive("1.2.1")
    ask(node.port, question("1.9.9", (PET, "1.2.1")))
    node.answer()
    with scanner_listening() as (port, reports):
        node.scanner_port = port
        node.start()
        node.clock.move(seconds=10)
        node.answer()
        [came] = reports.wait(1)

    assert came.committed == [(PET, "1.2.1")]


def test_a_peer_that_does_not_come_back_is_given_up_and_that_is_told(
    node: Node,
) -> None:
    node.scanner_port = free_port()
    node.start()
    ask(node.port, question("1.9.9", (PET, "1.2.1")))
    for _ in range(POLICY.alarm_after):
        node.answer()
        node.clock.move(days=3)
    assert "given up" not in node.told()
    node.answer()

    assert "given up" in node.told()
    assert node.ledger.due_answers(node.clock(), 10) == []


def test_a_clock_that_jumps_ahead_gives_nothing_up(node: Node) -> None:
    node.scanner_port = free_port()
    node.start()
    ask(node.port, question("1.9.9", (PET, "1.2.1")))
    node.clock.move(days=400)
    node.answer()

    assert "given up" not in node.told()


def test_a_peer_that_refuses_its_answer_holds_up_no_other_question(node: Node) -> None:
    with scanner_listening(status=0x0115) as (port, reports):
        node.scanner_port = port
        node.start()
        ask(node.port, question("1.9.8", (PET, "1.2.1")))
        ask(node.port, question("1.9.9", (PET, "1.2.1")))
        node.answer()

        assert len(reports.wait(2)) == 2
    assert "Let it accept" in node.told()


def test_questions_without_end_are_put_off(node: Node) -> None:
    item = CommitmentItem(PET, "1.2")
    for number in range(MOST_OPEN):
        request = CommitmentRequest(f"1.7.{number}", (item,), "SCANNER", HOST)
        assert node.ledger.record_question(request, NOON)

    assert ask(node.port, question("1.9.9", (PET, "1.2.1"))) == 0x0213
    assert ask(node.port, question("1.9.9", (PET, "1.2.1")), calling="OTHER") == 0


def test_what_retention_deleted_is_no_instance_of_ours(node: Node) -> None:
    node.receive("1.2.1")
    with node.ledger._writing() as connection:
        connection.execute(update(INSTANCES).values(state=InstanceState.RETIRED))

    assert node.answered((PET, "1.2.1")).failed == {"1.2.1": 0x0112}
