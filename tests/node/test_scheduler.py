"""Promises of `node.scheduler`."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

import apscheduler.schedulers.base
import pytest

from node.scheduler import Scheduler, Task

LONG = timedelta(hours=1)
SHORT = timedelta(milliseconds=50)
WAIT_S = 5.0


def _releasing(semaphore: threading.Semaphore) -> Callable[[], None]:
    def sweep() -> None:
        semaphore.release()

    return sweep


def _waiting(event: threading.Event) -> Callable[[], None]:
    def sweep() -> None:
        event.wait(WAIT_S)

    return sweep


def test_a_task_sweeps_at_the_start_and_when_it_is_woken() -> None:
    swept = threading.Semaphore(0)
    scheduler = Scheduler([Task("sweep", _releasing(swept), LONG)])
    scheduler.start()
    try:
        assert swept.acquire(timeout=WAIT_S)
        scheduler.wake("sweep")
        assert swept.acquire(timeout=WAIT_S)
    finally:
        scheduler.stop()


def test_time_alone_sweeps() -> None:
    swept = threading.Semaphore(0)
    scheduler = Scheduler([Task("sweep", _releasing(swept), SHORT)])
    scheduler.start()
    try:
        assert all(swept.acquire(timeout=WAIT_S) for _ in range(3))
    finally:
        scheduler.stop()


def test_a_burst_is_worked_off_when_it_is_over() -> None:
    swept = threading.Semaphore(0)
    calm = timedelta(milliseconds=300)
    task = Task("sweep", _releasing(swept), LONG, calm=calm, calm_within=LONG)
    scheduler = Scheduler([task])
    scheduler.start()
    try:
        assert swept.acquire(timeout=WAIT_S)
        for _ in range(10):
            scheduler.wake("sweep")
            assert not swept.acquire(timeout=0.02)
        assert swept.acquire(timeout=WAIT_S)
        assert not swept.acquire(timeout=0.02)
    finally:
        scheduler.stop()


def test_wakes_without_end_do_not_keep_a_task_from_its_sweep() -> None:
    swept = threading.Semaphore(0)
    within = timedelta(milliseconds=200)
    task = Task("sweep", _releasing(swept), LONG, calm=LONG, calm_within=within)
    scheduler = Scheduler([task])
    scheduler.start()
    try:
        assert swept.acquire(timeout=WAIT_S)
        deadline = time.monotonic() + WAIT_S
        scheduler.wake("sweep")
        while not swept.acquire(timeout=0.01):
            scheduler.wake("sweep")
            assert time.monotonic() < deadline
    finally:
        scheduler.stop()


def test_what_an_earlier_run_left_waits_for_no_calm() -> None:
    swept = threading.Semaphore(0)
    task = Task("sweep", _releasing(swept), LONG, calm=LONG, calm_within=LONG)
    scheduler = Scheduler([task])
    scheduler.wake("sweep")
    scheduler.start()
    try:
        assert swept.acquire(timeout=WAIT_S)
    finally:
        assert not scheduler.stop(within_s=WAIT_S)


def test_who_hurries_a_task_shortens_its_calm() -> None:
    swept = threading.Semaphore(0)
    task = Task("sweep", _releasing(swept), LONG, calm=LONG, calm_within=LONG)
    scheduler = Scheduler([task])
    scheduler.start()
    try:
        assert swept.acquire(timeout=WAIT_S)
        scheduler.wake("sweep")
        assert not swept.acquire(timeout=0.1)
        scheduler.hurry("sweep", SHORT)
        assert swept.acquire(timeout=WAIT_S)
    finally:
        scheduler.stop()


def test_a_wake_after_the_hurry_is_waited_out_as_any_other() -> None:
    swept = threading.Semaphore(0)
    task = Task("sweep", _releasing(swept), LONG, calm=LONG, calm_within=LONG)
    scheduler = Scheduler([task])
    scheduler.start()
    try:
        assert swept.acquire(timeout=WAIT_S)
        scheduler.wake("sweep")
        scheduler.hurry("sweep", timedelta(milliseconds=200))
        scheduler.wake("sweep")
        assert not swept.acquire(timeout=0.4)
    finally:
        scheduler.stop()


def test_who_hurries_a_task_that_nobody_woke_changes_nothing() -> None:
    swept = threading.Semaphore(0)
    scheduler = Scheduler([Task("sweep", _releasing(swept), LONG, calm=SHORT)])
    scheduler.start()
    try:
        assert swept.acquire(timeout=WAIT_S)
        scheduler.hurry("sweep", timedelta(0))
        assert not swept.acquire(timeout=0.1)
    finally:
        scheduler.stop()


def test_a_part_of_a_sweep_is_done_while_calm_is_waited_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    swept, begun = threading.Semaphore(0), threading.Semaphore(0)

    def meanwhile() -> None:
        begun.release()
        message = "planted"
        raise RuntimeError(message)

    task = Task(
        "sweep",
        _releasing(swept),
        LONG,
        calm=LONG,
        calm_within=LONG,
        meanwhile=meanwhile,
        meanwhile_every=SHORT,
    )
    scheduler = Scheduler([task])
    scheduler.start()
    try:
        assert swept.acquire(timeout=WAIT_S)
        deadline = time.monotonic() + WAIT_S
        while not begun.acquire(timeout=0.01):
            scheduler.wake("sweep")
            scheduler.hurry("sweep", LONG)
            assert time.monotonic() < deadline
        assert not swept.acquire(timeout=0.01)
        scheduler.hurry("sweep", SHORT)
        assert swept.acquire(timeout=WAIT_S)
    finally:
        scheduler.stop()
    assert "the task sweep failed" in caplog.text


def test_who_hurries_has_it_done_at_once_while_calm_is_waited_for() -> None:
    swept, begun = threading.Semaphore(0), threading.Semaphore(0)
    task = Task(
        "sweep",
        _releasing(swept),
        LONG,
        calm=LONG,
        calm_within=LONG,
        meanwhile=_releasing(begun),
        meanwhile_every=LONG,
    )
    scheduler = Scheduler([task])
    scheduler.start()
    try:
        assert swept.acquire(timeout=WAIT_S)
        scheduler.wake("sweep")
        assert not begun.acquire(timeout=0.05)
        scheduler.hurry("sweep", LONG)
        assert begun.acquire(timeout=WAIT_S)
        assert not swept.acquire(timeout=0.01)
    finally:
        scheduler.stop()


def test_a_wake_during_a_sweep_is_not_lost() -> None:
    started, go_on = threading.Semaphore(0), threading.Event()

    def sweep() -> None:
        started.release()
        go_on.wait(WAIT_S)

    scheduler = Scheduler([Task("sweep", sweep, LONG)])
    scheduler.start()
    try:
        assert started.acquire(timeout=WAIT_S)
        scheduler.wake("sweep")
        go_on.set()
        assert started.acquire(timeout=WAIT_S)
    finally:
        go_on.set()
        scheduler.stop()


def test_a_task_that_fails_is_told_of_and_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    swept = threading.Semaphore(0)

    def sweep() -> None:
        swept.release()
        message = "planted"
        raise RuntimeError(message)

    scheduler = Scheduler([Task("sweep", sweep, SHORT)])
    scheduler.start()
    try:
        assert all(swept.acquire(timeout=WAIT_S) for _ in range(2))
    finally:
        scheduler.stop()
    assert "the task sweep failed" in caplog.text


def test_the_same_failure_is_told_once_and_so_is_its_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    swept = threading.Semaphore(0)
    failures = ["away", "away", "away", "", ""]

    def sweep() -> None:
        swept.release()
        if failures and (message := failures.pop(0)):
            raise RuntimeError(message)

    scheduler = Scheduler([Task("sweep", sweep, SHORT)])
    scheduler.start()
    try:
        assert all(swept.acquire(timeout=WAIT_S) for _ in range(6))
    finally:
        scheduler.stop()
    assert caplog.text.count("the task sweep failed") == 1
    assert caplog.text.count("the task sweep goes on") == 1


def test_a_clock_that_is_put_back_by_hours_silences_no_task(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    behind = timedelta(0)

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Shifted":
            return cls.fromtimestamp(time.time() - behind.total_seconds(), tz)

    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Shifted)
    swept = threading.Semaphore(0)
    scheduler = Scheduler([Task("sweep", _releasing(swept), SHORT)])
    scheduler.start()
    try:
        assert all(swept.acquire(timeout=WAIT_S) for _ in range(3))
        behind = timedelta(hours=3)
        assert all(swept.acquire(timeout=WAIT_S) for _ in range(10))
    finally:
        scheduler.stop()


def test_a_slow_task_delays_no_other() -> None:
    go_on, swept = threading.Event(), threading.Semaphore(0)
    scheduler = Scheduler(
        [
            Task("slow", _waiting(go_on), SHORT),
            Task("quick", _releasing(swept), SHORT),
        ]
    )
    scheduler.start()
    try:
        assert all(swept.acquire(timeout=WAIT_S) for _ in range(3))
    finally:
        go_on.set()
        scheduler.stop()


def test_a_sweep_that_does_not_end_is_named_and_left_behind() -> None:
    begun, ends = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        ends.wait(WAIT_S)

    tasks = [Task("hang", hang, LONG), Task("short", lambda: None, LONG)]
    scheduler = Scheduler(tasks)
    scheduler.start()
    assert begun.wait(WAIT_S)
    try:
        before_s = time.monotonic()
        assert scheduler.stop(0.1) == ("hang",)
        assert time.monotonic() - before_s < WAIT_S / 2
    finally:
        ends.set()
    assert scheduler.stop() == ()
