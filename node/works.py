"""What makes results of rows, joined: index, decide, compute.

A part of the composition root: who knows whom among those that work.

::

    Intake    --rows--> Ledger                       headers, readiness, jobs
    LogWatch  --rows--> Ledger                       studies to be decided on again
    Computing --jobs--> Executor --files--> InstanceStore, Ledger
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from config.schema import Settings
from node import clock
from node.compute.computing import ComputeSignals, Computing
from node.compute.executor import Executor
from node.deciding.clock_jumps import ClockJumps
from node.deciding.intake import Intake
from node.deciding.log_watch import LogWatch
from node.deciding.subjects import SubjectFinder
from node.fault_points import Passing
from node.ledger import Ledger, LedgerUnavailableError
from node.options.case import subject_rules
from node.options.works import compute_options, executor_options, intake_options
from node.records.objects import Arrival
from node.scheduler import Task

_log = logging.getLogger(__name__)

_PERIOD = timedelta(seconds=1)
"""How soon time alone (settling, a command in another process) is noticed."""

_LOG_PERIOD = timedelta(seconds=2)
"""Between two looks at the injection log; a change is taken up at the second."""

_CALM = timedelta(milliseconds=40)
"""Silence of the senders after which what they sent is indexed; several times what
passes between two objects of one association."""

LEFT = timedelta(milliseconds=10)
"""Silence after which it is indexed when the last sender has left. Some senders come
back for each object; they need less for it."""

_CALM_WITHIN = timedelta(seconds=1)
"""While senders are never silent, studies are decided on so often."""

_READ_AHEAD = timedelta(milliseconds=40)
"""While senders are not silent, headers are read so often: what is left to read when
the last one ends takes no longer than it is waited whether he comes back."""


class Works:
    """Indexes, decides and computes.

    Parameters
    ----------
    settings : Settings
    ledger : Ledger
    wake : callable
        Wakes tasks by name; ``deliver`` those of all destinations.
    passing : callable
        What happens at the fault points.
    arrived : callable or None
        Is told of what came, study by study.

    Attributes
    ----------
    tasks : tuple of Task
    """

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        wake: Callable[[str], None],
        passing: Passing,
        arrived: Callable[[Arrival], None] | None = None,
    ) -> None:
        self._ledger = ledger
        self._executor = Executor(executor_options(settings))
        self._options = compute_options(settings)
        self._checked = settings.results.external_check
        finder = SubjectFinder(subject_rules(settings), self._tell_of_log)
        self._intake = Intake(
            ledger,
            intake_options(settings, arrived),
            clock.now,
            lambda: wake("compute"),
            finder,
            passing,
        )
        self._jumps = ClockJumps(ledger, clock.now, time.monotonic)
        self._computing = Computing(
            ledger,
            self._executor,
            self._options,
            clock.now,
            self._signals(wake, passing),
        )
        watch = LogWatch(ledger, finder, clock.now, lambda: wake("intake"))
        self.tasks = (
            self._taking_in(),
            Task("injection log", watch.sweep, _LOG_PERIOD),
            Task("compute", self._computing.sweep, _PERIOD),
        )

    def start(self) -> None:
        """Start the workers; they warm up while this returns."""
        if self._checked and self._options.case.external_check is None:
            _log.info("dciodvfy is not installed: objects pass our own rules alone")
        self._executor.start()

    def wait_until_warm(self, timeout_s: float) -> None:
        """Wait until the workers have paid for their imports.

        Raises
        ------
        WorkersNotReadyError
        """
        self._executor.ready(timeout_s)

    def stop(self, *, books: bool = True) -> None:
        """Stop the workers.

        Parameters
        ----------
        books : bool
            Whether to enter what they were stopped in; only once the tasks have ended.
        """
        self._executor.stop()
        if not books:
            return
        try:
            # What the stop interrupted is not to count as a job's own failure.
            self._computing.book()
        except LedgerUnavailableError as failure:
            _log.error("what workers were stopped in is not booked: %s", failure)

    def _signals(self, wake: Callable[[str], None], passing: Passing) -> ComputeSignals:
        """Return whom computing tells what."""
        return ComputeSignals(
            free=lambda: wake("compute"),
            deliver=lambda: wake("deliver"),
            requeue=lambda case, key: self._intake.queue(
                case, again=True, instead_of=key
            ),
            warm=self._executor.warm,
            commission=self._intake.fresh.take,
            passing=passing,
        )

    def _taking_in(self) -> Task:
        """Return the task that indexes and decides, once senders are silent."""
        return Task(
            "intake",
            self._take_in,
            _PERIOD,
            calm=_CALM,
            calm_within=_CALM_WITHIN,
            meanwhile=self._intake.read_ahead,
            meanwhile_every=_READ_AHEAD,
        )

    def _take_in(self) -> None:
        # No study may be taken for silent because the clock was moved.
        self._jumps.sweep()
        self._intake.sweep()

    def _tell_of_log(self, words: str) -> None:
        self._ledger.note("log", words, clock.now())
