"""Computation in worker processes: no crash, hang or greed there reaches the listener.

Design choice: workers are spawned, each a fresh interpreter. A forked one would inherit
the locks, threads and sockets of a process that serves associations, and a fork server
only pays once its imports are preloaded, after which PyRadiomics', SimpleITK's and
numba's thread pools would have to survive a fork. What spawning costs, some seconds of
imports, is paid by `warm_up` before the first study comes.

Design choice: Pebble's pool, since the standard library's is lost as a whole with one
dead worker and knows no time limit. Where Pebble gives up as well (all workers died
idle), the next task starts a new pool.
"""

import logging
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from concurrent.futures import Future as StandardFuture
from dataclasses import dataclass
from functools import partial

from pebble import ProcessExpired, ProcessPool

from node.compute.task_outcome import (
    Completed,
    Crashed,
    Outcome,
    Raised,
    Stopped,
    TimedOut,
)
from node.compute.telling import NewsDesk, Tell
from node.compute.worker import Failure, Returned, call, start_worker

_log = logging.getLogger(__name__)

_LONGEST_WARM_UP_S = 60.0
"""On the slowest machine; it takes a few seconds."""

_POLL_S = 0.02


@dataclass(frozen=True)
class ExecutorOptions:
    """How work is done.

    Attributes
    ----------
    workers : int
        Processes.
    timeout_s : float
        Longest time for one task, after which its worker is killed.
    warm_up : callable
        A module-level function without arguments; each worker calls it once, at its
        start, to import what the tasks need.
    memory_mb : int or None
        Memory that one task may take beyond what its worker has, in 2^20 bytes; None
        sets no limit.
    """

    workers: int
    timeout_s: float
    warm_up: Callable[[], object]
    memory_mb: int | None = None


class WorkersNotReadyError(Exception):
    """The workers did not warm up in time; standard error says what they ran into.

    Attributes
    ----------
    ready, wanted : int
        Workers.
    """

    def __init__(self, ready: int, wanted: int, timeout_s: float) -> None:
        super().__init__(f"{ready} of {wanted} workers are ready after {timeout_s:g} s")
        self.ready = ready
        self.wanted = wanted


class Future:
    """What will have become of a task."""

    def __init__(self) -> None:
        self._future: StandardFuture[Outcome] = StandardFuture()
        self._lock = threading.Lock()

    def result(self, timeout_s: float | None = None) -> Outcome:
        """Return the outcome; wait for it.

        Raises
        ------
        TimeoutError
            The wait was too short; the task goes on.
        """
        return self._future.result(timeout_s)

    def done(self) -> bool:
        """Return whether there is an outcome."""
        return self._future.done()

    def on_done(self, callback: Callable[[Outcome], object]) -> None:
        """Have a function called with the outcome, at once if there is one.

        It is called in a thread of the pool: while it runs, no other outcome comes in
        and no time limit is enforced. What it raises is logged.
        """
        self._future.add_done_callback(lambda future: callback(future.result()))

    def settle(self, outcome: Outcome) -> None:
        """Set the outcome; the first one counts."""
        with self._lock:
            if self._future.done():
                return
            self._future.set_running_or_notify_cancel()
        self._future.set_result(outcome)


class Executor:
    """A pool of warm worker processes. Safe for many threads.

    Parameters
    ----------
    options : ExecutorOptions
    """

    def __init__(self, options: ExecutorOptions) -> None:
        self._options = options
        self._context = multiprocessing.get_context("spawn")
        self._warm = self._context.Semaphore(0)
        self._desk = NewsDesk(self._context)
        self._warmed = 0
        self._started_s = time.monotonic()
        self._lock = threading.Lock()
        self._open: set[Future] = set()
        self._pool: ProcessPool | None = None
        self._stopped = False

    def start(self) -> None:
        """Start the workers; they warm up while this returns."""
        with self._lock:
            self._started_s = time.monotonic()
            self._running_pool()

    def ready(self, timeout_s: float) -> None:
        """Wait until as many workers as there should be have warmed up.

        Raises
        ------
        WorkersNotReadyError
        """
        self.start()
        deadline = time.monotonic() + timeout_s
        wanted = self._options.workers
        while self._warmed_up() < wanted:
            if time.monotonic() > deadline:
                raise WorkersNotReadyError(self._warmed, wanted, timeout_s)
            time.sleep(_POLL_S)

    def warm(self) -> bool:
        """Return whether a worker has warmed up, or none does within a minute.

        A pool that never warms up must not be waited for in silence: what is given to
        it then fails in words.
        """
        if self._warmed_up():
            return True
        return time.monotonic() - self._started_s > _LONGEST_WARM_UP_S

    def submit(
        self, function: Callable[..., object], *args: object, news: Tell | None = None
    ) -> Future:
        """Return the future outcome of calling a function in a worker.

        Parameters
        ----------
        function : callable
            Importable by its module and name; so are the classes of its arguments.
        *args : object
        news : callable or None
            Is told, soon and in another thread, what the function tells by its argument
            ``tell`` while it works. Nothing is told after the outcome.
        """
        future = Future()
        with self._lock:
            if self._stopped:
                future.settle(Stopped())
                return future
            self._open.add(future)
            number = None if news is None else self._desk.subscribe(news)
            task = self._running_pool().schedule(
                call,
                args=(function, args, self._memory_bytes(), number),
                timeout=self._options.timeout_s,
            )
        if number is not None:
            future.on_done(lambda _: self._desk.unsubscribe(number))
        task.add_done_callback(partial(self._settle, future))
        return future

    def stop(self) -> None:
        """End the workers, busy or not; open tasks are `Stopped`."""
        with self._lock:
            self._stopped = True
            pool, self._pool = self._pool, None
            unfinished = tuple(self._open)
            self._open.clear()
        for future in unfinished:
            future.settle(Stopped())
        if pool is not None:
            _end(pool)
        self._desk.close()

    def _memory_bytes(self) -> int | None:
        memory_mb = self._options.memory_mb
        return None if memory_mb is None else memory_mb << 20

    def _greed(self) -> str:
        memory_mb = self._options.memory_mb
        limit = "" if memory_mb is None else f" (its limit is {memory_mb} MB)"
        return f"it wanted more memory than there is{limit}"

    def _warmed_up(self) -> int:
        """Return how many workers have warmed up since the start, dead ones too."""
        with self._lock:
            while self._warm.acquire(block=False):
                self._warmed += 1
            return self._warmed

    def _running_pool(self) -> ProcessPool:
        """Return a pool that takes tasks; the lock is held."""
        if self._pool is None or not self._pool.active:
            if self._pool is not None:
                _log.error("all workers are gone; new ones are started")
                # In a thread: a callback of the broken pool may have brought us here,
                # and its thread cannot wait for itself.
                threading.Thread(target=_end, args=(self._pool,)).start()
            self._pool = ProcessPool(
                max_workers=self._options.workers,
                initializer=start_worker,
                initargs=(self._options.warm_up, self._warm, self._desk.line),
                context=self._context,
            )
            # Asking starts it; see `BasePool._update_pool_status`.
            _ = self._pool.active
        return self._pool

    def _settle(
        self, future: Future, task: "StandardFuture[Returned | Failure]"
    ) -> None:
        with self._lock:
            self._open.discard(future)
        future.settle(self._outcome(task))

    def _outcome(self, task: "StandardFuture[Returned | Failure]") -> Outcome:
        """Return what a finished task of the pool amounts to."""
        outcome: Outcome
        try:
            found = task.result()
            if isinstance(found, Failure) and issubclass(found.kind, MemoryError):
                outcome = Crashed(self._greed())
            elif isinstance(found, Failure):
                outcome = Raised(found.exception(), found.traceback)
            else:
                outcome = Completed(found.value)
        except CancelledError:
            outcome = Stopped()
        except TimeoutError:
            outcome = TimedOut(self._options.timeout_s)
        except ProcessExpired as expired:
            outcome = Crashed(_exit_in_words(expired.exitcode))
        except Exception as failure:  # noqa: BLE001 - whatever the pool broke with
            outcome = Crashed(f"{type(failure).__name__}: {failure}")
        return outcome


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # Pebble has no hints here
    pool.join()


def _exit_in_words(exit_code: int) -> str:
    if exit_code >= 0:
        return f"exit code {exit_code}"
    try:
        return f"signal {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"signal {-exit_code}"
