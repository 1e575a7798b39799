"""Promises of `node.association.commitment`: questions and answers as values."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

import pytest
from pydicom.dataset import Dataset

from node.association.commitment import (
    AnswerHere,
    Declined,
    NotNow,
    Outcome,
    Taken,
    Unanswered,
    ask_commitment,
    commitment_service,
    report_commitment,
)
from node.association.commitment_content import (
    MOST_ITEMS,
    ArgumentError,
    items_of,
    refuse_huge,
)
from node.association.listener import STORED, Listener
from node.association.sender import verify
from node.records.commitments import (
    NO_SUCH_INSTANCE,
    CommitmentItem,
    CommitmentReport,
    CommitmentRequest,
    FailedItem,
)
from tests.support.commitment import (
    CommittingArchive,
    ask,
    question,
    references,
    report,
    scanner_listening,
)
from tests.support.peers import HOST, destination, free_port, listener_options

PET = "1.2.840.10008.5.1.4.1.1.128"
A = CommitmentItem(PET, "1.2.3.1")
B = CommitmentItem(PET, "1.2.3.2")
REPORT = CommitmentReport("1.9.9", (A,), (FailedItem(B, NO_SUCH_INSTANCE),))


@dataclass
class Node:
    """A listener with storage commitment, and what came to it."""

    status: int = 0x0000
    asked: list[CommitmentRequest] = field(default_factory=list)
    ways: list[AnswerHere] = field(default_factory=list)
    reported: list[CommitmentReport] = field(default_factory=list)
    port: int = 0

    def take_question(self, request: CommitmentRequest, here: AnswerHere) -> int:
        self.asked.append(request)
        self.ways.append(here)
        return self.status

    def take_report(self, came: CommitmentReport) -> int:
        if self.status < 0:
            raise ZeroDivisionError
        self.reported.append(came)
        return self.status


@pytest.fixture
def node() -> Iterator[Node]:
    made = Node()
    service = commitment_service(made.take_question, made.take_report)
    listener = Listener(listener_options(), lambda _: STORED, [service])
    listener.start()
    made.port = listener.port
    yield made
    listener.stop()


def answer_information(transaction_uid: str = "1.9.9") -> Dataset:
    content = Dataset()
    content.TransactionUID = transaction_uid
    content.ReferencedSOPSequence = references(A)
    content.FailedSOPSequence = references(B, reason=0x0112)
    return content


# A peer asks.


def test_a_question_arrives_with_who_asked(node: Node) -> None:
    assert ask(node.port, question("1.9.9", A, B, A)) == 0x0000

    assert node.asked == [CommitmentRequest("1.9.9", (A, B), "SCANNER", HOST)]


def test_the_status_of_the_booking_is_the_answer(node: Node) -> None:
    node.status = 0x0213

    assert ask(node.port, question("1.9.9", A)) == 0x0213


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (None, 0x0115),
        (question("1.9.9"), 0x0115),
        (question("", A), 0x0115),
        (question("1.9.9", ("", "1.2")), 0x0115),
    ],
    ids=["no data set", "no objects", "no transaction", "no class"],
)
def test_what_is_no_question_has_a_status_and_stops_nothing(
    node: Node, content: Dataset | None, status: int
) -> None:
    assert ask(node.port, content) == status

    assert node.asked == []
    assert verify(HOST, node.port, "NODE", "SCANNER", 5.0) == ""


def test_a_data_set_that_is_cut_off_is_no_question(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = b"\x08\x00\x99\x11SQ\0\0\x01\0"
    monkeypatch.setattr("pynetdicom.association.encode", lambda *_: cut)

    assert ask(node.port, question("1.9.9", A)) == 0x0115
    assert report(node.port, answer_information()) == 0x0115
    assert (node.asked, node.reported) == ([], [])


def test_a_list_without_end_is_refused_before_it_is_looked_at() -> None:
    endless = Dataset()
    endless.ReferencedSOPSequence = references(A) * (MOST_ITEMS + 1)
    with pytest.raises(ArgumentError) as found:
        items_of(endless, needed=True)
    assert found.value.status == 0x0213

    with pytest.raises(ArgumentError) as found:
        refuse_huge(BytesIO(bytes(5 << 20)))
    assert found.value.status == 0x0213


def test_other_actions_and_instances_are_not_taken(node: Node) -> None:
    assert ask(node.port, question("1.9.9", A), action_type=2) == 0x0123
    assert ask(node.port, question("1.9.9", A), instance="1.2.3") == 0x0112
    assert node.asked == []


def test_a_question_is_answered_on_its_own_association_while_that_is_open(
    node: Node,
) -> None:
    outcomes: list[Outcome] = []

    def stay(reports: object) -> None:
        outcomes.append(node.ways[0](REPORT))
        [came] = reports.wait(1)  # type: ignore[attr-defined]
        assert came.event_type == 2
        assert came.committed == [tuple(A)]
        assert came.failed == {B.sop_instance_uid: NO_SUCH_INSTANCE}

    ask(node.port, question("1.9.9", A, B), stay=stay)

    assert outcomes == [Taken()]
    assert isinstance(node.ways[0](REPORT), Unanswered)


def test_a_question_is_answered_on_a_new_association() -> None:
    with scanner_listening() as (port, reports):
        outcome = report_commitment(destination(port, called="SCANNER"), REPORT)
        [came] = reports.wait(1)

    assert outcome == Taken()
    assert came.event_type == 2
    assert came.content.TransactionUID == "1.9.9"
    assert came.committed == [tuple(A)]


def test_an_answer_without_failures_says_that_all_is_kept() -> None:
    whole = CommitmentReport("1.9.9", (A, B), ())
    with scanner_listening() as (port, reports):
        report_commitment(destination(port, called="SCANNER"), whole)
        [came] = reports.wait(1)

    assert came.event_type == 1
    assert "FailedSOPSequence" not in came.content


@pytest.mark.parametrize(("status", "kind"), [(0x0110, NotNow), (0x0115, Declined)])
def test_an_answer_that_is_not_taken_says_whether_to_try_again(
    status: int, kind: type[Outcome]
) -> None:
    with scanner_listening(status=status) as (port, _):
        outcome = report_commitment(destination(port, called="SCANNER"), REPORT)

    assert isinstance(outcome, kind)
    assert f"{status:04X}" in outcome.why  # type: ignore[union-attr]


def test_an_answer_to_nobody_is_tried_later() -> None:
    outcome = report_commitment(destination(free_port()), REPORT)

    assert isinstance(outcome, NotNow)


# The node asks.


@pytest.mark.parametrize("says", ["apart", "here"])
def test_an_archive_answers_wherever_it_likes(node: Node, says: str) -> None:
    keeps = {A.sop_instance_uid}.__contains__
    archive = CommittingArchive((node.port, "NODE"), "PACS", keeps=keeps, says=says)
    with archive.running():
        outcome = ask_commitment(
            destination(archive.port), "1.9.9", [A, B], node.take_report
        )

    assert outcome == Taken()
    failed = (FailedItem(B, NO_SUCH_INSTANCE),)
    assert node.reported == [CommitmentReport("1.9.9", (A,), failed, "PACS")]
    assert archive.statuses == [0x0000]


def test_an_archive_that_does_not_commit_declines_in_words() -> None:
    archive = CommittingArchive((0, "NODE"), "PACS", commits=False)
    with archive.running():
        outcome = ask_commitment(destination(archive.port), "1.9.9", [A])

    assert isinstance(outcome, Declined)
    assert "Storage Commitment" in outcome.why


@pytest.mark.parametrize(("status", "kind"), [(0x0213, NotNow), (0x0122, Declined)])
def test_a_status_says_whether_the_question_may_be_asked_again(
    status: int, kind: type[Outcome]
) -> None:
    archive = CommittingArchive((0, "NODE"), "PACS", status=status)
    with archive.running():
        outcome = ask_commitment(destination(archive.port), "1.9.9", [A])

    assert isinstance(outcome, kind)


def test_an_archive_that_is_away_is_asked_later() -> None:
    outcome = ask_commitment(destination(free_port()), "1.9.9", [A])

    assert isinstance(outcome, NotNow)


@pytest.mark.parametrize(
    ("content", "status"),
    [(None, 0x0115), (question("", A), 0x0115), (question("1.9.9"), 0x0115)],
    ids=["no data set", "no transaction", "no objects"],
)
def test_what_is_no_answer_has_a_status(
    node: Node, content: Dataset | None, status: int
) -> None:
    assert report(node.port, content) == status
    assert node.reported == []


def test_other_events_and_instances_are_not_taken(node: Node) -> None:
    assert report(node.port, answer_information(), event_type=3) == 0x0113
    assert report(node.port, answer_information(), instance="1.2.3") == 0x0112
    assert node.reported == []


def test_a_defect_of_ours_is_answered_and_stops_nothing(node: Node) -> None:
    node.status = -1

    assert report(node.port, answer_information()) == 0x0110
    node.status = 0x0000
    assert report(node.port, answer_information(), event_type=2) == 0x0000
