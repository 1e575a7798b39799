"""The composition root: who knows whom.

::

    Listener --bytes--> InstanceStore, Ledger        (Success is answered here)
    Intake   --rows---> Ledger                       headers, readiness, jobs
    LogWatch --rows---> Ledger                       studies to be decided on again
    Computing --jobs--> Executor --files--> InstanceStore, Ledger
    Delivering (one per destination) --rows--> sender

Each arrow ends in durable files or committed rows before the next begins; the tasks
find their work in the ledger and wake each other only to be quick.
"""

import logging
import time
from contextlib import ExitStack
from datetime import timedelta

from config.schema import Settings
from node import clock
from node.association.listener import Listener
from node.case_options import subject_rules
from node.clock_jumps import ClockJumps
from node.computing import ComputeSignals, Computing
from node.data_folder import open_ledger, sole_use
from node.delivery.delivering import Delivering
from node.executor import Executor
from node.fault_points import Passing, pass_by
from node.instance_store import InstanceStore
from node.intake import Intake
from node.ledger import LedgerUnavailableError
from node.log_watch import LogWatch
from node.options import (
    compute_options,
    executor_options,
    intake_options,
    listener_options,
    retry_policy,
    routes,
)
from node.receiving import Receiving
from node.scheduler import Scheduler, Task
from node.subjects import SubjectFinder

_log = logging.getLogger(__name__)

_PERIOD = timedelta(seconds=1)
"""How soon time alone (settling, retries, a command in another process) is noticed."""

_LOG_PERIOD = timedelta(seconds=2)
"""Between two looks at the injection log; a change is taken up at the second."""

_CALM = timedelta(milliseconds=40)
"""Silence of the senders after which what they sent is indexed; several times what
passes between two objects of one association."""


class Node:
    """The service: receives, decides, computes and delivers until it is stopped.

    Parameters
    ----------
    settings : Settings
    passing : callable
        What happens at the fault points; nothing, unless a test ends the node there.

    Raises
    ------
    config.refusal.RefusalError
        When the data folder is in use, or what the settings name cannot be.
    """

    def __init__(self, settings: Settings, passing: Passing = pass_by) -> None:
        folder = settings.node.data_folder
        self._attempts = settings.compute.attempts
        self._own = ExitStack()
        self._own.enter_context(sole_use(folder))
        self.ledger = open_ledger(settings, make=True)
        self._store = InstanceStore(folder)
        self._executor = Executor(executor_options(settings))
        receiving = Receiving(
            self._store,
            self.ledger,
            clock.now,
            lambda: self._scheduler.wake("intake"),
            passing,
        )
        self._listener = Listener(listener_options(settings), receiving)
        finder = SubjectFinder(subject_rules(settings), self._tell_of_log)
        self._intake = Intake(
            self.ledger,
            intake_options(settings),
            clock.now,
            lambda: self._scheduler.wake("compute"),
            finder,
            passing,
        )
        self._jumps = ClockJumps(self.ledger, clock.now, time.monotonic)
        watch = LogWatch(
            self.ledger, finder, clock.now, lambda: self._scheduler.wake("intake")
        )
        self._computing = Computing(
            self.ledger,
            self._executor,
            compute_options(settings),
            clock.now,
            ComputeSignals(
                free=lambda: self._scheduler.wake("compute"),
                deliver=self._wake_deliveries,
                requeue=lambda case, key: self._intake.queue(
                    case, again=True, instead_of=key
                ),
                warm=self._executor.warm,
                passing=passing,
            ),
        )
        deliveries = [
            Delivering(self.ledger, route, retry_policy(settings), clock.now, passing)
            for route in routes(settings)
        ]
        self._delivery_tasks = [
            Task(f"deliver {item.destination.name}", item.sweep, _PERIOD)
            for item in deliveries
        ]
        self._scheduler = Scheduler(
            [
                Task("intake", self._take_in, _PERIOD, calm=_CALM),
                Task("injection log", watch.sweep, _LOG_PERIOD),
                Task("compute", self._computing.sweep, _PERIOD),
                *self._delivery_tasks,
            ]
        )

    @property
    def port(self) -> int:
        """The port on which the node listens."""
        return self._listener.port

    def start(self) -> None:
        """Take up what an earlier run left, then listen.

        Raises
        ------
        CannotListenError
        """
        # Whoever cannot listen must not touch what another run left.
        self._listener.start()
        self._take_up()
        self._executor.start()
        self._scheduler.start()
        _log.info("listening on port %d", self.port)

    def wait_until_warm(self, timeout_s: float) -> None:
        """Wait until the workers have paid for their imports.

        Raises
        ------
        WorkersNotReadyError
        """
        self._executor.ready(timeout_s)

    def stop(self) -> None:
        """Stop listening, let sweeps end, stop the workers; rows keep what is left."""
        self._listener.stop()
        self._scheduler.stop()
        self._executor.stop()
        try:
            # What the stop interrupted is not to count as a job's own failure.
            self._computing.book()
        except LedgerUnavailableError as failure:
            _log.error("what workers were stopped in is not booked: %s", failure)
        self.ledger.close()
        self._own.close()

    def _take_up(self) -> None:
        """Have done again what was under way, and tell what nobody will do."""
        again = self.ledger.requeue_running(clock.now(), attempts=self._attempts)
        if again:
            _log.warning("%d jobs were under way when the node ended", again)
        known = {task.name for task in self._delivery_tasks}
        for name, count in self.ledger.pending_destinations().items():
            if f"deliver {name}" not in known:
                _log.warning(
                    "%d objects wait for %s, which is not configured", count, name
                )

    def _take_in(self) -> None:
        # No study may be taken for silent because the clock was moved.
        self._jumps.sweep()
        self._intake.sweep()

    def _tell_of_log(self, words: str) -> None:
        self.ledger.note("log", words, clock.now())

    def _wake_deliveries(self) -> None:
        for task in self._delivery_tasks:
            self._scheduler.wake(task.name)
