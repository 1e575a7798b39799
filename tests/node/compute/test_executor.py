"""Promises of `compute.executor`: whatever a worker does, the parent gets a value."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from dicom_io.errors import DicomContentError
from node.compute.executor import Executor, ExecutorOptions, WorkersNotReadyError
from node.compute.task_outcome import (
    Completed,
    Crashed,
    Outcome,
    Raised,
    Stopped,
    TimedOut,
)
from node.compute.telling import LONGEST, Tell
from node.compute.worker import UntransferableError

PATIENCE_S = 60.0
REPOSITORY = Path(__file__).resolve().parents[3]


class TwoFactsError(Exception):
    """An error whose `__init__` cannot be called with its message."""

    def __init__(self, first: int, *, second: str) -> None:
        super().__init__(f"{first} and {second}")
        self.first = first
        self.second = second


class CannotTravelError(Exception):
    def __init__(self) -> None:
        super().__init__("holds a lock", threading.Lock())


def warm() -> None:
    pass


def pages_of_a_volume() -> int:
    """Return how many pages it took to make, and to drop, a volume of 20 MB."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones((160, 128, 128))
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def never_warm() -> None:
    time.sleep(60)


def add(first: int, second: int) -> int:
    return first + second


def allocate(mebibytes: int) -> int:
    return len(bytearray(mebibytes << 20))


def allocate_by_numpy(mebibytes: int) -> int:
    return int(np.ones(mebibytes << 17).sum())


def worker_id() -> int:
    return os.getpid()


def raise_two_facts() -> None:
    raise TwoFactsError(1, second="two")


def raise_content_error() -> None:
    fact = "nonsense"
    raise DicomContentError(fact, attribute="Rows (0028,0010)", uid="1.2")


def raise_untransferable() -> None:
    raise CannotTravelError


def leave() -> None:
    raise SystemExit(3)


def return_a_lock() -> object:
    return threading.Lock()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hang() -> None:
    time.sleep(60)


@pytest.fixture(scope="module")
def executor() -> Iterator[Executor]:
    executor = Executor(
        ExecutorOptions(workers=1, timeout_s=1.5, warm_up=warm, memory_mb=200)
    )
    executor.ready(PATIENCE_S)
    yield executor
    executor.stop()


def test_a_result_comes_back_as_a_value(executor: Executor) -> None:
    assert executor.submit(add, 2, 3).result(PATIENCE_S) == Completed(5)


def test_work_is_done_in_another_process(executor: Executor) -> None:
    outcome = executor.submit(worker_id).result(PATIENCE_S)

    assert isinstance(outcome, Completed)
    assert outcome.value != os.getpid()


def test_a_callback_gets_the_outcome(executor: Executor) -> None:
    seen: list[Outcome] = []
    called = threading.Event()

    def note(outcome: Outcome) -> None:
        seen.append(outcome)
        called.set()

    executor.submit(add, 1, 1).on_done(note)

    assert called.wait(PATIENCE_S)
    assert seen == [Completed(2)]


def test_an_exception_comes_back_whole_although_its_init_takes_other_arguments(
    executor: Executor,
) -> None:
    outcome = executor.submit(raise_two_facts).result(PATIENCE_S)

    assert isinstance(outcome, Raised)
    assert isinstance(outcome.exception, TwoFactsError)
    assert (outcome.exception.first, outcome.exception.second) == (1, "two")
    assert str(outcome.exception) == "1 and two"
    assert "raise_two_facts" in outcome.traceback
    assert outcome.describe() == "TwoFactsError: 1 and two"


def test_a_content_error_keeps_the_object_and_the_attribute(
    executor: Executor,
) -> None:
    outcome = executor.submit(raise_content_error).result(PATIENCE_S)

    assert isinstance(outcome, Raised)
    assert isinstance(outcome.exception, DicomContentError)
    assert outcome.exception.attribute == "Rows (0028,0010)"
    assert outcome.exception.uid == "1.2"


@pytest.mark.parametrize("function", [raise_untransferable, return_a_lock])
def test_what_cannot_travel_is_said_in_words_and_breaks_nothing(
    executor: Executor, function: object
) -> None:
    outcome = executor.submit(function).result(PATIENCE_S)  # type: ignore[arg-type]

    assert isinstance(outcome, Raised)
    assert isinstance(outcome.exception, UntransferableError | TypeError)
    assert executor.submit(add, 1, 2).result(PATIENCE_S) == Completed(3)


def test_a_task_that_exits_has_raised(executor: Executor) -> None:
    outcome = executor.submit(leave).result(PATIENCE_S)

    assert isinstance(outcome, Raised)
    assert isinstance(outcome.exception, SystemExit)


def test_a_killed_worker_costs_its_own_task_alone(executor: Executor) -> None:
    killed = executor.submit(die)
    next_one = executor.submit(add, 4, 4)

    assert killed.result(PATIENCE_S) == Crashed("signal SIGKILL")
    assert next_one.result(PATIENCE_S) == Completed(8)


@pytest.mark.parametrize("greedy", [allocate, allocate_by_numpy])
def test_a_greedy_task_fails_in_words_and_leaves_the_worker_as_it_was(
    executor: Executor, greedy: Callable[[int], int]
) -> None:
    before = executor.submit(worker_id).result(PATIENCE_S)
    outcome = executor.submit(greedy, 250).result(PATIENCE_S)

    assert isinstance(outcome, Crashed)
    assert outcome.describe() == (
        "the worker failed: it wanted more memory than there is (its limit is 200 MB)"
    )
    assert executor.submit(worker_id).result(PATIENCE_S) == before


def test_each_task_may_take_all_that_one_may(executor: Executor) -> None:
    """What one took and gave back is not counted against the next."""
    found = [executor.submit(allocate, 150).result(PATIENCE_S) for _ in range(3)]

    assert found == [Completed(150 << 20)] * 3


def test_a_worker_keeps_the_memory_of_one_study_for_the_next(
    executor: Executor,
) -> None:
    """Pages that are given back are asked for anew, one by one."""
    executor.submit(pages_of_a_volume).result(PATIENCE_S)
    again = executor.submit(pages_of_a_volume).result(PATIENCE_S)

    assert isinstance(again, Completed)
    assert again.value < 100


def test_a_hanging_task_is_killed_in_time_and_its_worker_replaced(
    executor: Executor,
) -> None:
    assert executor.submit(hang).result(PATIENCE_S) == TimedOut(1.5)
    assert executor.submit(add, 5, 5).result(PATIENCE_S) == Completed(10)


def test_workers_that_die_idle_are_replaced(executor: Executor) -> None:
    found = executor.submit(worker_id).result(PATIENCE_S)
    assert isinstance(found, Completed)
    os.kill(found.value, signal.SIGKILL)
    # Long enough for the pool to notice that nobody is left.
    time.sleep(0.5)

    outcomes = [executor.submit(add, 6, 6).result(PATIENCE_S) for _ in range(2)]

    assert outcomes[-1] == Completed(12)


def test_what_is_open_when_the_executor_stops_is_stopped_not_failed() -> None:
    executor = Executor(ExecutorOptions(workers=1, timeout_s=60, warm_up=warm))
    executor.ready(PATIENCE_S)
    running, queued = executor.submit(hang), executor.submit(add, 1, 1)

    begun = time.monotonic()
    executor.stop()

    assert time.monotonic() - begun < 10
    assert running.result(0) == Stopped()
    assert queued.result(0) == Stopped()
    assert executor.submit(add, 1, 1).result(0) == Stopped()


def test_workers_that_do_not_warm_up_are_reported() -> None:
    executor = Executor(ExecutorOptions(workers=1, timeout_s=60, warm_up=never_warm))
    try:
        with pytest.raises(WorkersNotReadyError, match="0 of 1 workers"):
            executor.ready(0.2)
    finally:
        executor.stop()


NODE_THAT_IS_KILLED = """
import os, signal, time
from node.compute.executor import Executor, ExecutorOptions
executor = Executor(ExecutorOptions(workers=1, timeout_s=60, warm_up=time.monotonic))
executor.ready(60)
print(executor.submit(os.getpid).result(60).value, flush=True)
if {busy}:
    executor.submit(time.sleep, 300)
    time.sleep(0.5)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("busy", [False, True])
def test_workers_do_not_outlive_a_node_that_is_killed(busy: bool) -> None:  # noqa: FBT001
    node = subprocess.run(
        [sys.executable, "-c", NODE_THAT_IS_KILLED.format(busy=busy)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    worker = int(node.stdout)

    assert node.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 10
    while is_running(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(worker)


def is_running(process_id: int) -> bool:
    """Return whether a process is there and no zombie that nobody reaps."""
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def tell_and_return(words: str, *, tell: Tell) -> str:
    for word in words.split():
        tell(word.encode())
    return words


def tell_and_die(*, tell: Tell) -> None:
    tell(b"still here")
    die()


def heard(news: list[bytes], number: int) -> list[bytes]:
    """Wait until that much has come, which may be after the outcome of another task."""
    deadline = time.monotonic() + PATIENCE_S
    while len(news) < number and time.monotonic() < deadline:
        time.sleep(0.01)
    return news


def test_news_of_a_task_comes_while_it_works_and_to_its_own_reader(
    executor: Executor,
) -> None:
    first: list[bytes] = []
    second: list[bytes] = []
    one = executor.submit(tell_and_hang, news=first.append)
    two = executor.submit(tell_and_return, "one two", news=second.append)

    assert heard(first, 1) == [b"still here"]
    assert not one.done()
    assert isinstance(one.result(PATIENCE_S), TimedOut)
    assert two.result(PATIENCE_S) == Completed("one two")
    assert first == [b"still here"]


def tell_and_hang(*, tell: Tell) -> None:
    tell(b"still here")
    hang()


def test_a_worker_that_dies_while_it_tells_silences_no_other(
    executor: Executor,
) -> None:
    news: list[bytes] = []
    died = executor.submit(tell_and_die, news=news.append)
    assert isinstance(died.result(PATIENCE_S), Crashed)

    waits = executor.submit(tell_and_hang, news=news.append)
    assert heard(news, 1)[-1] == b"still here"
    waits.result(PATIENCE_S)


def test_news_that_is_too_long_to_come_whole_is_not_told(executor: Executor) -> None:
    news: list[bytes] = []
    words = f"{'x' * (LONGEST + 1)} {'y' * LONGEST}"
    task = executor.submit(tell_and_return, words, news=news.append)
    assert task.result(PATIENCE_S) == Completed(words)
    assert {len(each) for each in news} <= {LONGEST}
