"""Promises of `node.delivery.delivering`: what is asked, how often and what is told."""

import hashlib
import logging
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config.load import default_settings
from node.deciding.intake import Intake
from node.delivery.delivering import Delivering, Route
from node.fault_points import FaultPoint
from node.ledger import Ledger
from node.options.works import intake_options
from node.records.jobs import ResultObject
from node.records.outcome import Deferred, Delivered, FailureKind, Outcome, Refused
from node.records.states import StudyState
from node.records.withdrawal import Withdrawal
from node.retry import RetryPolicy
from tests.support.empty_ledger import ledger_in
from tests.support.objects import NOON, STUDY
from tests.support.sources import enter_study

SR = ResultObject("1.2.88", "1.9.1", "1.2.1", Path("results/sr.dcm"), "1.9.10")
MAP = ResultObject("1.2.30", "1.9.2", "1.2.1", Path("results/map.dcm"), "1.9.20")
NOTE = ResultObject("1.2.59", "1.9.3", "1.2.1", Path("results/note.dcm"), "1.9.30")
POLICY = RetryPolicy(
    first_delay=timedelta(seconds=5), longest_delay=timedelta(minutes=10), jitter=0.2
)
GONE = Deferred("PACS at pacs:104: connection refused", FailureKind.UNREACHABLE)
DONE = Delivered("0000")


class Clock:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


class Peer:
    """A destination that answers as it is told, and knows what it was asked."""

    def __init__(self, answer: Callable[[ResultObject], Outcome]) -> None:
        self.answer = answer
        self.calls = 0
        self.offered: list[str] = []

    def send(self, objects: Sequence[ResultObject]) -> Generator[Outcome, None, None]:
        self.calls += 1
        for item in objects:
            outcome = self.answer(item)
            self.offered.append(item.sop_instance_uid)
            yield outcome


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with ledger_in(tmp_path) as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


def scored(ledger: Ledger, study: str = STUDY, **to: Sequence[ResultObject]) -> str:
    """Enter a study with a result that is to be sent, and return its job's key."""
    enter_study(ledger, study)
    Intake(
        ledger, intake_options(default_settings()), lambda: NOON, lambda: None
    ).sweep()
    job = ledger.claim_job(NOON)
    assert job is not None
    objects = list(dict.fromkeys(item for items in to.values() for item in items))
    assert ledger.finish_job(job.key, objects, to, NOON)
    return job.key


def delivering(
    ledger: Ledger, clock: Clock, peer: Peer, name: str = "pacs"
) -> Delivering:
    return Delivering(ledger, Route(name, peer.send), POLICY, clock)


def states(ledger: Ledger, study: str = STUDY) -> dict[tuple[str, str], str]:
    detail = ledger.study(study)
    assert detail is not None
    return {
        (each.destination, each.object.sop_instance_uid): str(each.state)
        for each in detail.deliveries
    }


def test_each_destination_gets_its_own_objects_and_no_other(
    ledger: Ledger, clock: Clock
) -> None:
    scored(ledger, pacs=[SR, MAP], web=[SR])
    pacs, web = Peer(lambda _: DONE), Peer(lambda _: DONE)

    delivering(ledger, clock, pacs).sweep()
    delivering(ledger, clock, web, "web").sweep()

    assert pacs.offered == ["1.9.1", "1.9.2"]
    assert web.offered == ["1.9.1"]
    assert set(states(ledger).values()) == {"delivered"}


def test_a_destination_that_never_answers_delays_only_itself(
    ledger: Ledger, clock: Clock
) -> None:
    scored(ledger, pacs=[SR], stuck=[SR])
    released = threading.Event()

    def never(_: ResultObject) -> Outcome:
        released.wait(30)
        return GONE

    stuck = threading.Thread(
        target=delivering(ledger, clock, Peer(never), "stuck").sweep
    )
    stuck.start()
    try:
        delivering(ledger, clock, Peer(lambda _: DONE)).sweep()
        meanwhile = states(ledger)
    finally:
        released.set()
        stuck.join(30)

    assert meanwhile == {("pacs", "1.9.1"): "delivered", ("stuck", "1.9.1"): "pending"}


def test_an_archive_that_is_away_is_asked_once_for_all_that_is_due(
    ledger: Ledger, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    studies = [f"1.7.{number}" for number in range(4)]
    for number, study in enumerate(studies):
        objects = [replace(SR, sop_instance_uid=f"1.8.{number}.{k}") for k in range(2)]
        scored(ledger, study, pacs=objects)
    peer = Peer(lambda _: GONE)
    sending = delivering(ledger, clock, peer)

    for _ in range(200):
        sending.sweep()
        clock.move(minutes=1)

    # Capped at ten minutes, with jitter below it: 20 in 200 minutes, and the first few.
    assert 20 <= peer.calls <= 28
    assert len(caplog.records) == peer.calls
    assert "8 objects" in caplog.text
    for study in studies:
        detail = ledger.study(study)
        assert detail is not None
        told = [event for event in detail.events if event.kind == "delivery"]
        assert [event.text for event in told] == [
            f"2 objects to pacs: pending, {GONE.why}"
        ]
        assert detail.summary.state is StudyState.SCORED
        assert detail.summary.reason == "delivery_deferred"
        assert detail.summary.detail == f"pacs does not take it yet: {GONE.why}"
    peer.answer = lambda _: DONE
    clock.move(minutes=10)
    sending.sweep()
    detail = ledger.study(studies[0])
    assert detail is not None
    assert (detail.summary.state, detail.summary.detail) == (StudyState.DELIVERED, "")


@pytest.mark.parametrize(
    ("kind", "pace_s", "level"),
    [
        (FailureKind.UNREACHABLE, (5, 600), logging.WARNING),
        (FailureKind.BUSY, (5, 120), logging.WARNING),
        (FailureKind.OUT_OF_RESOURCES, (30, 600), logging.WARNING),
        (FailureKind.BROKEN, (10, 600), logging.WARNING),
        (FailureKind.OWN_FILE, (30, 600), logging.ERROR),
        (FailureKind.TRUST, (600, 600), logging.ERROR),
    ],
)
def test_each_kind_of_failure_has_its_own_pace(
    ledger: Ledger,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    kind: FailureKind,
    pace_s: tuple[float, float],
    level: int,
) -> None:
    scored(ledger, pacs=[SR])
    sending = delivering(ledger, clock, Peer(lambda _: Deferred("why", kind)))

    waits = []
    for _ in range(12):
        sending.sweep()
        detail = ledger.study(STUDY)
        assert detail is not None
        due = detail.deliveries[0].due_at
        waits.append((due - clock.at).total_seconds())
        clock.at = due

    first_s, cap_s = pace_s
    assert first_s <= waits[0] <= min(first_s * 1.2, cap_s)
    assert waits[-1] == cap_s
    assert caplog.records[0].levelno == level


def test_a_peer_that_asks_for_patience_gets_it_up_to_the_longest_delay(
    ledger: Ledger, clock: Clock
) -> None:
    scored(ledger, pacs=[SR])
    answers = iter([60.0, 1e9])
    peer = Peer(lambda _: Deferred("503", FailureKind.BUSY, next(answers)))
    sending = delivering(ledger, clock, peer)

    waits = []
    for _ in range(2):
        sending.sweep()
        detail = ledger.study(STUDY)
        assert detail is not None
        waits.append(detail.deliveries[0].due_at - clock.at)
        clock.at = detail.deliveries[0].due_at

    assert waits == [timedelta(seconds=60), POLICY.longest_delay]


def test_a_refused_object_stops_no_other_and_shows_in_its_study(
    ledger: Ledger, clock: Clock
) -> None:
    scored(ledger, pacs=[SR, MAP])
    refused = Refused("0122 SOP Class Not Supported")
    peer = Peer(lambda item: DONE if item == _stored(ledger, SR) else refused)

    delivering(ledger, clock, peer).sweep()

    assert states(ledger) == {
        ("pacs", "1.9.1"): "delivered",
        ("pacs", "1.9.2"): "refused",
    }
    detail = ledger.study(STUDY)
    assert detail is not None
    assert detail.summary.reason == "delivery_refused"
    assert "pacs refused a result: 0122" in detail.summary.detail


def _stored(ledger: Ledger, item: ResultObject) -> ResultObject:
    return ledger.result(item.sop_instance_uid)


def test_a_clock_that_was_put_back_delays_nothing_for_longer_than_the_longest_delay(
    ledger: Ledger, clock: Clock
) -> None:
    scored(ledger, pacs=[SR])
    clock.move(days=400)
    peer = Peer(lambda _: GONE)
    sending = delivering(ledger, clock, peer)
    sending.sweep()

    clock.at = NOON
    peer.answer = lambda _: DONE
    sending.sweep()

    assert states(ledger) == {("pacs", "1.9.1"): "delivered"}


def withdraw(ledger: Ledger, key: str, clock: Clock) -> frozenset[str] | None:
    return ledger.withdraw(
        NOTE, Withdrawal(key, NOTE.sop_instance_uid, clock.at, "meyer", "wrong")
    )


def test_what_is_withdrawn_while_others_are_sent_is_not_sent(
    ledger: Ledger, clock: Clock
) -> None:
    key = scored(ledger, pacs=[SR, MAP])

    def answer(item: ResultObject) -> Outcome:
        if item.sop_instance_uid == SR.sop_instance_uid:
            # On its way to the archive: the note must follow.
            assert withdraw(ledger, key, clock) == {"pacs"}
        return DONE

    peer = Peer(answer)
    delivering(ledger, clock, peer).sweep()

    assert peer.offered == ["1.9.1", "1.9.3"]
    assert states(ledger) == {
        ("pacs", "1.9.1"): "delivered",
        ("pacs", "1.9.2"): "cancelled",
        ("pacs", "1.9.3"): "delivered",
    }


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (GONE, set()),
        (Deferred("A700", FailureKind.OUT_OF_RESOURCES), set()),
        (Refused("C000"), set()),
        # The answer was lost; the archive may have the object.
        (Deferred("no answer", FailureKind.BROKEN), {"pacs"}),
        (DONE, {"pacs"}),
    ],
)
def test_the_note_goes_to_whoever_may_have_the_object(
    ledger: Ledger, clock: Clock, outcome: Outcome, told: set[str]
) -> None:
    key = scored(ledger, pacs=[SR], web=[SR])
    delivering(ledger, clock, Peer(lambda _: outcome)).sweep()

    assert withdraw(ledger, key, clock) == told


def test_a_lost_answer_is_not_forgotten_over_later_failures(
    ledger: Ledger, clock: Clock
) -> None:
    key = scored(ledger, pacs=[SR])
    peer = Peer(lambda _: Deferred("no answer", FailureKind.BROKEN))
    sending = delivering(ledger, clock, peer)
    sending.sweep()
    peer.answer = lambda _: GONE
    clock.move(minutes=11)
    sending.sweep()

    assert peer.calls == 2
    assert withdraw(ledger, key, clock) == {"pacs"}


def test_an_attempt_that_a_crash_cut_short_counts_as_one_that_may_have_arrived(
    ledger: Ledger, clock: Clock
) -> None:
    key = scored(ledger, pacs=[SR])

    def crash(_: ResultObject) -> Outcome:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        delivering(ledger, clock, Peer(crash)).sweep()

    assert withdraw(ledger, key, clock) == {"pacs"}


def on_disk(ledger: Ledger, root: Path) -> tuple[ResultObject, ResultObject]:
    """Enter a result whose files are there, and return its two objects."""
    sound = []
    for item in (SR, MAP):
        path = root / item.path
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(item.sop_instance_uid.encode())
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        sound.append(replace(item, path=path, sha256=digest))
    scored(ledger, pacs=sound)
    return sound[0], sound[1]


@pytest.mark.parametrize("damage", [b"turned", b"", None])
def test_a_file_that_is_not_what_was_computed_is_not_sent_and_stops_nothing(
    ledger: Ledger, clock: Clock, tmp_path: Path, damage: bytes | None
) -> None:
    report, _ = on_disk(ledger, tmp_path)
    whole = report.path.read_bytes()
    report.path.unlink() if damage is None else report.path.write_bytes(damage)
    pacs = Peer(lambda _: DONE)

    delivering(ledger, clock, pacs).sweep()
    summary = ledger.studies()[0]
    assert pacs.offered == ["1.9.2"]
    assert summary.reason == "delivery_deferred"
    assert "sr.dcm" in summary.detail
    assert "audit --repair" in summary.detail

    report.path.write_bytes(whole)
    clock.move(minutes=10)
    delivering(ledger, clock, pacs).sweep()
    assert pacs.offered == ["1.9.2", "1.9.1"]
    assert set(states(ledger).values()) == {"delivered"}


def test_what_is_sent_again_says_nothing_of_the_answer_before(
    ledger: Ledger, clock: Clock
) -> None:
    scored(ledger, pacs=[SR])
    pacs = delivering(ledger, clock, Peer(lambda _: DONE))
    pacs.sweep()
    detail = ledger.study(STUDY)
    assert detail is not None

    assert ledger.redeliver(detail.deliveries[0].identifier, clock())
    summary = ledger.studies()[0]
    assert (summary.state, summary.reason, summary.detail) == ("scored", "", "")


def test_what_is_withdrawn_is_not_sent_again_by_who_decided_so_before(
    ledger: Ledger, clock: Clock
) -> None:
    key = scored(ledger, pacs=[SR])
    delivering(ledger, clock, Peer(lambda _: DONE)).sweep()
    detail = ledger.study(STUDY)
    assert detail is not None
    ledger.withdraw(NOTE, Withdrawal(key, NOTE.sop_instance_uid, NOON, "x", "y"))

    assert not ledger.redeliver(detail.deliveries[0].identifier, clock())
    assert ledger.add_deliveries(key, {"web": [SR]}, clock()) == 0
    assert states(ledger) == {
        ("pacs", "1.9.1"): "delivered",
        ("pacs", "1.9.3"): "pending",
    }


def test_what_was_on_its_way_when_it_was_withdrawn_says_so(
    ledger: Ledger, clock: Clock
) -> None:
    key = scored(ledger, pacs=[SR], web=[SR])
    lost = Deferred("no answer", FailureKind.BROKEN)
    delivering(ledger, clock, Peer(lambda _: lost)).sweep()
    ledger.withdraw(NOTE, Withdrawal(key, NOTE.sop_instance_uid, NOON, "x", "y"))
    detail = ledger.study(STUDY)
    assert detail is not None

    said = {
        each.destination: each.status
        for each in detail.deliveries
        if each.state == "cancelled"
    }
    assert said == {"pacs": "its sending had begun; it may have arrived", "web": ""}


def test_answers_that_come_at_once_are_entered_together(
    ledger: Ledger, clock: Clock
) -> None:
    scored(ledger, pacs=[SR, MAP])
    passed: list[FaultPoint] = []
    route = Route("pacs", Peer(lambda _: DONE).send)
    Delivering(ledger, route, POLICY, clock, passed.append).sweep()

    assert passed.count(FaultPoint.DELIVER_SENT) == 2
    assert passed.count(FaultPoint.DELIVER_COMMITTED) == 1
    assert set(states(ledger).values()) == {"delivered"}


def test_what_was_taken_before_an_archive_broke_off_is_delivered(
    ledger: Ledger, clock: Clock
) -> None:
    scored(ledger, pacs=[SR, MAP])

    def answer(item: ResultObject) -> Outcome:
        return DONE if item.sop_instance_uid == SR.sop_instance_uid else GONE

    delivering(ledger, clock, Peer(answer)).sweep()

    assert states(ledger) == {
        ("pacs", "1.9.1"): "delivered",
        ("pacs", "1.9.2"): "pending",
    }
