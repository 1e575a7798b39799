"""The clock that sweeps: a task runs when it is woken, and at the latest when due.

Design choice: APScheduler only tells that time has passed; what there is to do stands
in the ledger's rows. Each task has one thread of its own that sleeps on an event, so
that a wake during a run is never lost and a slow task delays no other.

Design choice: APScheduler dates its next run by the wall clock, and is silent for hours
when that is put back by hours. A task's thread therefore waits no longer than a little
over its period, by the monotonic clock, whatever the other one says.
"""

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from apscheduler.schedulers.background import BackgroundScheduler

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """Work that is looked for again and again.

    Attributes
    ----------
    name : str
    sweep : callable
        Does all that there is to do now, and returns. What it raises is logged, and the
        task goes on with the next wake.
    period : timedelta
        Longest time between two sweeps.
    calm : timedelta
        A wake is followed by a sweep when no other came for so long, and at the latest
        after `calm_within`. So a burst is worked off in one go, and not beside its
        source.
    calm_within : timedelta
        Longest time that calm is waited for; wakes without end delay no sweep further.
    meanwhile : callable or None
        A part of the sweep that is done now and then while calm is waited for, so that
        less is left to do when the last wake has come.
    meanwhile_every : timedelta
    """

    name: str
    sweep: Callable[[], None]
    period: timedelta
    calm: timedelta = timedelta(0)
    calm_within: timedelta = timedelta(seconds=1)
    meanwhile: Callable[[], None] | None = None
    meanwhile_every: timedelta = timedelta(seconds=1)


_PATIENCE = 1.25
"""Periods after which a task sweeps though the clock has told nothing."""


class Scheduler:
    """Runs tasks until it is stopped.

    Parameters
    ----------
    tasks : sequence of Task
        With distinct names.
    """

    def __init__(self, tasks: list[Task]) -> None:
        self._clock = BackgroundScheduler(timezone="UTC")
        self._stopping = threading.Event()
        self._wakes = {task.name: threading.Event() for task in tasks}
        self._calms_s = {task.name: task.calm.total_seconds() for task in tasks}
        self._calm_at_s = {task.name: -math.inf for task in tasks}
        self._hurries = {task.name: threading.Event() for task in tasks}
        self._threads = [
            # What hangs in a sweep must not keep the process from ending.
            threading.Thread(
                target=self._run, args=(task,), name=task.name, daemon=True
            )
            for task in tasks
        ]
        for task in tasks:
            self._clock.add_job(
                self._wakes[task.name].set,
                "interval",
                seconds=task.period.total_seconds(),
                coalesce=True,
                misfire_grace_time=None,
            )

    def start(self) -> None:
        """Start the clock and the tasks; each sweeps once at once."""
        for thread in self._threads:
            thread.start()
        for wake in self._wakes.values():
            wake.set()
        self._clock.start()

    def wake(self, name: str) -> None:
        """Have a task sweep now, or once more when it is sweeping."""
        self._calm_at_s[name] = time.monotonic() + self._calms_s[name]
        self._wakes[name].set()

    def hurry(self, name: str, calm: timedelta) -> None:
        """Have a task that was woken wait for less calm, unless it is woken again.

        For who knows that nothing more is to come, and may be wrong. What is done
        meanwhile is done now.
        """
        self._calm_at_s[name] = min(
            self._calm_at_s[name], time.monotonic() + calm.total_seconds()
        )
        self._hurries[name].set()

    def stop(self, within_s: float | None = None) -> tuple[str, ...]:
        """Stop after the sweeps that are under way, and return which do not end.

        Parameters
        ----------
        within_s : float or None
            How long they are waited for; None for as long as they take.

        Returns
        -------
        tuple of str
            Names of tasks that still sweep, and never will again after that.
        """
        self._stopping.set()
        deadline_s = math.inf if within_s is None else time.monotonic() + within_s
        if self._clock.running:
            self._clock.shutdown(wait=True)
        for wait in (*self._wakes.values(), *self._hurries.values()):
            wait.set()
        started = [thread for thread in self._threads if thread.ident is not None]
        for thread in started:
            left_s = deadline_s - time.monotonic()
            thread.join(None if within_s is None else max(0.0, left_s))
        return tuple(thread.name for thread in started if thread.is_alive())

    def _run(self, task: Task) -> None:
        wake = self._wakes[task.name]
        trouble, begun = "", False
        while not self._stopping.is_set():
            wake.wait(task.period.total_seconds() * _PATIENCE)
            # What an earlier run left waits for no calm: a node that is ended again and
            # again under senders that are never silent would never come to it.
            if begun:
                trouble = self._await_calm(task, trouble)
            begun = True
            # A wake from now on may be for what the sweep does not see any more.
            wake.clear()
            if self._stopping.is_set():
                return
            trouble = _done(task.name, task.sweep, trouble)

    def _await_calm(self, task: Task, trouble: str) -> str:
        """Wait until no wake came for a while, and return what went wrong meanwhile."""
        hurry = self._hurries[task.name]
        begun_s = time.monotonic()
        latest_s = begun_s + task.calm_within.total_seconds()
        next_s = begun_s + task.meanwhile_every.total_seconds()
        while not self._stopping.is_set():
            hurried = hurry.is_set()
            hurry.clear()
            now_s = time.monotonic()
            left_s = min(self._calm_at_s[task.name], latest_s) - now_s
            if left_s <= 0.0:
                break
            if task.meanwhile is not None and (hurried or now_s >= next_s):
                trouble = _done(task.name, task.meanwhile, trouble)
                next_s = time.monotonic() + task.meanwhile_every.total_seconds()
            else:
                hurry.wait(left_s)
        return trouble


def _done(name: str, sweep: Callable[[], None], trouble: str) -> str:
    """Do a task once, and return what went wrong, in words; empty when nothing did.

    Parameters
    ----------
    name : str
    sweep : callable
    trouble : str
        Of the sweep before. The same again is not told again: a database that is away
        for a night would fill the log.
    """
    try:
        sweep()
    # The outermost loop of a thread: a defect is told, and the rows that it left are
    # taken up again by the next sweep.
    except Exception as failure:  # noqa: BLE001 - told, and gone on with
        words = f"{type(failure).__name__}: {failure}"
        if words != trouble:
            _log.exception("the task %s failed; it goes on when due", name)
        return words
    if trouble:
        _log.info("the task %s goes on", name)
    return ""
