"""Promises of `node.delivery.confirming`: committed means that the archive said so."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.load import default_settings
from node.association import commitment
from node.association.commitment import commitment_service
from node.association.listener import STORED, Listener
from node.deciding.intake import Intake
from node.delivery.confirming import MOST_RESENDS, Confirming, ConfirmingOptions
from node.delivery.reports import Reports
from node.fault_points import FaultPoint
from node.identity import derived_uid
from node.ledger import Ledger
from node.options.works import intake_options
from node.records.commitments import CommitmentItem, CommitmentReport
from node.records.jobs import Delivery, ResultObject
from node.records.states import StudyState
from node.records.withdrawal import Withdrawal
from node.retry import RetryPolicy
from node.security.tls import TlsOptions
from tests.support.certificates import Authority
from tests.support.commitment import CommittingArchive
from tests.support.empty_ledger import ledger_in
from tests.support.objects import NOON, STUDY
from tests.support.peers import destination, free_port, listener_options
from tests.support.sources import enter_study
from tests.support.web_server import Server, reply, web_destination

SR = ResultObject("1.2.88", "1.9.1", "1.2.1", Path("results/sr.dcm"), "1.9.10")
MAP = ResultObject("1.2.30", "1.9.2", "1.2.1", Path("results/map.dcm"), "1.9.20")
NOTE = ResultObject("1.2.59", "1.9.3", "1.2.1", Path("results/note.dcm"), "1.9.30")
POLICY = RetryPolicy(
    first_delay=timedelta(seconds=5), longest_delay=timedelta(minutes=10), jitter=0.0
)
WITHIN = timedelta(minutes=5)


class Clock:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by


@dataclass
class Node:
    """As much of the node as asks one archive, and hears what it answers."""

    ledger: Ledger
    clock: Clock
    passed: list[FaultPoint]
    port: int = 0
    reports: Reports | None = None

    def take(self, report: CommitmentReport) -> int:
        assert self.reports is not None
        return self.reports(report)

    def asking(
        self,
        archive_port: int,
        *,
        by_commitment: bool = True,
        tls: TlsOptions | None = None,
    ) -> Confirming:
        """Return who asks; another one is what a restart makes."""
        asking = Confirming(
            self.ledger,
            replace(destination(archive_port, timeout_s=5.0), name="pacs", tls=tls),
            ConfirmingOptions(by_commitment, WITHIN, POLICY),
            self.clock,
            lambda *names: derived_uid("2.25", *names),
            self.passed.append,
        )
        self.reports = Reports(self.ledger, [asking])
        return asking

    def deliver(self) -> None:
        """Have the archive take whatever is due."""
        for due in self.ledger.due_deliveries("pacs", self.clock(), 10):
            self.ledger.delivered(due.identifier, "0000", self.clock())

    def deliveries(self) -> dict[str, Delivery]:
        """Return the deliveries by the object's UID."""
        detail = self.ledger.study(STUDY)
        assert detail is not None
        return {each.object.sop_instance_uid: each for each in detail.deliveries}

    def states(self) -> list[str]:
        return [str(each.state) for each in self.deliveries().values()]

    def study_state(self) -> StudyState:
        detail = self.ledger.study(STUDY)
        assert detail is not None
        return detail.summary.state

    def told(self) -> str:
        return "\n".join(event.text for event in self.ledger.events())


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with ledger_in(tmp_path) as ledger:
        made = Node(ledger, Clock(), [])
        enter_study(ledger, STUDY)
        options = intake_options(default_settings())
        Intake(ledger, options, lambda: NOON, lambda: None).sweep()
        job = ledger.claim_job(NOON)
        assert job is not None
        assert ledger.finish_job(job.key, [SR, MAP], {"pacs": [SR, MAP]}, NOON)
        made.deliver()
        service = commitment_service(lambda *_: 0x0110, made.take)
        listener = Listener(listener_options(), lambda _: STORED, [service])
        listener.start()
        made.port = listener.port
        yield made
        listener.stop()


def archive_of(node: Node, **how: object) -> CommittingArchive:
    archive = CommittingArchive((node.port, "NODE"), "PACS", **how)  # type: ignore[arg-type]
    archive.stored = [(each.sop_class_uid, each.sop_instance_uid) for each in (SR, MAP)]
    return archive


@pytest.mark.parametrize("says", ["apart", "here"])
def test_what_the_archive_says_it_keeps_is_committed(node: Node, says: str) -> None:
    with archive_of(node, says=says).running() as archive:
        node.asking(archive.port).sweep()

    assert node.states() == ["committed", "committed"]
    assert node.study_state() is StudyState.COMMITTED
    [asked] = archive.questions
    words = f"committed ({asked.TransactionUID})"
    assert node.deliveries()["1.9.1"].confirmation == words
    assert words in node.told()
    assert archive.statuses == [0x0000]
    points = ["BEGUN", "ENTERED", "ANSWERED", "BOOKED", "ASKED"]
    assert set(node.passed) == {FaultPoint[f"COMMIT_{name}"] for name in points}


def test_an_answer_that_came_elsewhere_is_not_waited_for_here(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commitment, "_STAY_S", 20.0)
    began_s = time.monotonic()
    with archive_of(node, says="apart").running() as archive:
        node.asking(archive.port).sweep()

    assert node.states() == ["committed", "committed"]
    assert time.monotonic() - began_s < 20.0


def test_one_question_holds_all_that_is_due_and_is_asked_once(node: Node) -> None:
    with archive_of(node, says="nothing").running() as archive:
        asking = node.asking(archive.port)
        asking.sweep()
        asking.sweep()

    [asked] = archive.questions
    assert len(asked.ReferencedSOPSequence) == 2
    assert node.states() == ["delivered", "delivered"]
    assert "asked" in node.deliveries()["1.9.1"].confirmation


def test_what_the_archive_lost_is_sent_again_and_refused_at_last(node: Node) -> None:
    with archive_of(node, keeps=lambda uid: uid == "1.9.1").running() as archive:
        asking = node.asking(archive.port)
        for _ in range(MOST_RESENDS):
            asking.sweep()
            assert node.states() == ["committed", "pending"]
            node.deliver()
        asking.sweep()

    assert node.states() == ["committed", "refused"]
    lost = node.deliveries()["1.9.2"]
    assert "0112 no such object instance" in lost.status
    assert f"taken {MOST_RESENDS + 1} times" in lost.status
    assert node.study_state() is StudyState.HELD
    assert len(archive.questions) == MOST_RESENDS + 1


def test_a_person_who_has_it_sent_again_gives_it_new_tries(node: Node) -> None:
    with archive_of(node, keeps=lambda _: False).running() as archive:
        asking = node.asking(archive.port)
        for _ in range(MOST_RESENDS + 1):
            asking.sweep()
            node.deliver()
        refused = node.deliveries()["1.9.1"]
        assert refused.state == "refused"
        node.ledger.redeliver(refused.identifier, node.clock())
        node.deliver()
        archive.keeps = lambda _: True
        node.clock.move(timedelta(seconds=1))
        asking.sweep()

    assert node.deliveries()["1.9.1"].state == "committed"


def test_no_answer_in_time_leads_to_a_query(node: Node) -> None:
    with archive_of(node, says="nothing").running() as archive:
        asking = node.asking(archive.port)
        asking.sweep()
        node.clock.move(WITHIN)
        asking.sweep()

    assert node.states() == ["committed", "committed"]
    assert "found by a query" in node.deliveries()["1.9.1"].confirmation
    assert len(archive.questions) == 1


def test_what_neither_answer_nor_query_find_is_sent_again(node: Node) -> None:
    with archive_of(node, says="nothing").running() as archive:
        archive.stored.pop()
        asking = node.asking(archive.port)
        asking.sweep()
        node.clock.move(WITHIN)
        asking.sweep()

    assert node.states() == ["committed", "pending"]


def test_a_late_answer_after_a_restart_is_booked(node: Node) -> None:
    with archive_of(node, says="nothing", finds=False).running() as archive:
        node.asking(archive.port).sweep()
        node.clock.move(timedelta(minutes=4))
        again = node.asking(archive.port)
        again.sweep()
        archive.report(archive.questions[0])

    assert len(archive.questions) == 1
    assert node.states() == ["committed", "committed"]
    again.sweep()


def test_the_same_answer_twice_is_one_answer(node: Node) -> None:
    with archive_of(node).running() as archive:
        node.asking(archive.port).sweep()
        told = node.told()
        archive.report(archive.questions[0])

    assert archive.statuses == [0x0000, 0x0000]
    assert node.told() == told


def test_an_answer_of_somebody_else_is_refused_and_told(node: Node) -> None:
    with archive_of(node, reports_as="MALLORY").running() as archive:
        node.asking(archive.port).sweep()

    assert archive.statuses == [0x0124]
    assert node.states() == ["delivered", "delivered"]
    assert "MALLORY answered" in node.told()


def test_an_answer_to_what_nobody_asked_is_refused(node: Node) -> None:
    node.asking(free_port())
    item = CommitmentItem("1.2.88", "1.9.1")

    assert node.take(CommitmentReport("1.5", (item,), (), "PACS")) == 0x0115
    assert node.states() == ["delivered", "delivered"]


def test_an_object_that_the_answer_does_not_mention_is_asked_about_again(
    node: Node,
) -> None:
    with archive_of(node, says="nothing").running() as archive:
        asking = node.asking(archive.port)
        asking.sweep()
        uid = str(archive.questions[0].TransactionUID)
        one = CommitmentItem("1.2.88", "1.9.1")
        assert node.take(CommitmentReport(uid, (one,), (), "PACS")) == 0x0000
        assert node.states() == ["committed", "delivered"]
        archive.says = "apart"
        node.clock.move(WITHIN)
        asking.sweep()

    assert node.states() == ["committed", "committed"]


def test_an_archive_without_commitment_is_queried_and_that_is_said_once(
    node: Node,
) -> None:
    with archive_of(node, commits=False).running() as archive:
        archive.stored.clear()
        asking = node.asking(archive.port)
        asking.sweep()
        assert node.states() == ["delivered", "delivered"]
        archive.stored = [
            (each.sop_class_uid, each.sop_instance_uid) for each in (SR, MAP)
        ]
        node.clock.move(timedelta(seconds=10))
        asking.sweep()

    assert node.states() == ["committed", "committed"]
    assert node.told().count("offers no storage commitment") == 1


def test_by_query_alone_no_commitment_is_asked(node: Node) -> None:
    with archive_of(node).running() as archive:
        node.asking(archive.port, by_commitment=False).sweep()

    assert archive.questions == []
    assert node.states() == ["committed", "committed"]


def test_an_archive_that_is_away_is_left_alone_and_nothing_is_lost(node: Node) -> None:
    port = free_port()
    asking = node.asking(port)
    asking.sweep()
    before = len(node.passed)
    asking.sweep()
    assert len(node.passed) == before
    assert "refused" in node.deliveries()["1.9.1"].confirmation

    with archive_of(node, port=port).running():
        node.clock.move(timedelta(seconds=6))
        asking.sweep()

    assert node.states() == ["committed", "committed"]


@pytest.mark.parametrize("by_commitment", [True, False])
def test_a_clock_that_was_put_back_delays_nothing(
    node: Node, *, by_commitment: bool
) -> None:
    port = free_port()
    asking = node.asking(port, by_commitment=by_commitment)
    node.clock.move(timedelta(days=400))
    asking.sweep()
    node.clock.move(timedelta(days=-400))
    with archive_of(node, port=port).running():
        asking.sweep()

    assert node.states() == ["committed", "committed"]


def test_nothing_is_asked_of_an_archive_that_keeps_everything(node: Node) -> None:
    with archive_of(node).running() as archive:
        asking = node.asking(archive.port)
        asking.sweep()
        node.clock.move(timedelta(days=1))
        asking.sweep()

    assert len(archive.questions) == 1


def test_what_was_withdrawn_is_not_sent_again_because_the_archive_hides_it(
    node: Node,
) -> None:
    keeps_nothing = archive_of(node, says="nothing", keeps=lambda _: False)
    with keeps_nothing.running() as archive:
        asking = node.asking(archive.port)
        asking.sweep()
        detail = node.ledger.study(STUDY)
        assert detail is not None
        taken_back = Withdrawal(detail.jobs[0].key, "1.9.3", NOON, "meyer", "wrong")
        assert node.ledger.withdraw(NOTE, taken_back) is not None
        archive.report(archive.questions[0])
        node.clock.move(WITHIN)
        asking.sweep()

    assert archive.statuses == [0x0000]
    sent = [node.deliveries()[each.sop_instance_uid].state for each in (SR, MAP)]
    assert sent == ["delivered", "delivered"]
    assert len(archive.questions) == 1


def test_what_is_withdrawn_while_the_archive_is_queried_is_not_sent_again(
    node: Node,
) -> None:
    [objects] = [node.ledger.unconfirmed("pacs", node.clock(), 10)]
    [job] = node.ledger.results_meant(STUDY) or []
    node.ledger.withdraw(
        NOTE, Withdrawal(job.key, NOTE.sop_instance_uid, NOON, "meyer", "wrong")
    )

    node.ledger.not_kept(objects, "not found", node.clock(), most_resends=3)

    assert [each.state for each in node.deliveries().values()][:2] == ["delivered"] * 2


@pytest.mark.parametrize("says", ["apart", "here"])
def test_the_question_and_its_answer_go_over_tls(
    node: Node, tmp_path: Path, says: str
) -> None:
    authority = Authority(tmp_path / "authority")
    service = commitment_service(lambda *_: 0x0110, node.take)
    options = listener_options(tls=authority.options("node"))
    listener = Listener(options, lambda _: STORED, [service])
    listener.start()
    try:
        archive = archive_of(node, says=says, tls=authority.options("pacs"))
        archive.node = (listener.port, "NODE")
        with archive.running():
            asking = node.asking(archive.port, tls=authority.options("us"))
            asking.sweep()
    finally:
        listener.stop()

    assert node.states() == ["committed", "committed"]
    assert archive.statuses == [0x0000]


def test_an_archive_that_is_not_believed_is_asked_again_and_gets_nothing(
    node: Node, tmp_path: Path
) -> None:
    authority = Authority(tmp_path / "authority")
    stranger = Authority(tmp_path / "stranger").options("us")
    archive = archive_of(node, tls=authority.options("pacs"))
    with archive.running():
        asking = node.asking(archive.port, tls=stranger)
        asking.sweep()

    assert archive.questions == []
    assert node.states() == ["delivered", "delivered"]
    told = {each.confirmation for each in node.deliveries().values()}
    assert len(told) == 1
    assert "certificate" in told.pop()


def test_a_dicomweb_destination_is_asked_by_a_query(node: Node) -> None:
    held = ["1.9.1"]

    def answer(request: Any) -> None:
        found = [{"00080018": {"vr": "UI", "Value": [uid]}} for uid in held]
        reply(request, 200, json.dumps(found).encode())

    with Server(answer) as server:
        asking = Confirming(
            node.ledger,
            web_destination(server.port, name="pacs"),
            ConfirmingOptions(by_commitment=False, within=WITHIN, policy=POLICY),
            node.clock,
            lambda *names: derived_uid("2.25", *names),
        )
        asking.sweep()
        assert node.states() == ["committed", "delivered"]
        assert node.study_state() is StudyState.DELIVERED

        held.append("1.9.2")
        node.clock.move(WITHIN / 2)
        asking.sweep()

    assert node.states() == ["committed", "committed"]
    assert node.study_state() is StudyState.COMMITTED


def test_what_a_dicomweb_destination_lost_is_sent_again(node: Node) -> None:
    def answer(request: Any) -> None:
        reply(request, 204)

    with Server(answer) as server:
        asking = Confirming(
            node.ledger,
            web_destination(server.port, name="pacs"),
            ConfirmingOptions(by_commitment=False, within=WITHIN, policy=POLICY),
            node.clock,
            lambda *names: derived_uid("2.25", *names),
        )
        asking.sweep()
        assert node.states() == ["delivered", "delivered"]
        node.clock.move(WITHIN)
        asking.sweep()

    assert node.states() == ["pending", "pending"]
    detail = node.ledger.studies()[0].detail
    assert "taken and not kept: not found by a query" in detail
