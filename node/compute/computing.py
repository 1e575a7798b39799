"""From pending jobs to results on disk and deliveries in the ledger.

Design choice: a job that was claimed, and an outcome that came, are dropped only when
the ledger has taken what became of them; a ledger that is away for a while loses
neither. A defect in dealing with one job counts against that job alone.
"""

import logging
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from node.case.commission import CaseObjectsMissingError, Commission
from node.case.fresh_commissions import Commissions, commission_of_row
from node.case.options import CaseOptions
from node.case.written import WrittenObject, WrittenResult
from node.compute.executor import Executor
from node.compute.histories import with_history
from node.compute.jobs import reported_object, run_job
from node.compute.predecessors import predecessors_of
from node.compute.task_outcome import Completed, Outcome, Raised, Stopped
from node.fault_points import FaultPoint, Passing, pass_by
from node.identity import input_digest, job_key
from node.instance_store import StorageFullError
from node.ledger import Ledger, LedgerUnavailableError
from node.records.cases import Case, Held
from node.records.jobs import Job, ResultObject
from node.records.kinds import ResultKind
from node.records.withheld import Reservations, withheld_for

_log = logging.getLogger(__name__)

_FULL_PAUSE = timedelta(seconds=30)
"""Between two tries while the volume is full; a person takes longer to free space."""


@dataclass(frozen=True)
class ComputeOptions:
    """How jobs are computed.

    Attributes
    ----------
    case : CaseOptions
    store_root : Path
        Data folder, which the workers write results into.
    at_once : int
        Jobs that are given to workers at a time.
    attempts : int
        Tries before a job that crashes or hangs is set aside.
    wanted : mapping of str to frozenset of ResultKind
        What each destination wants, by its name.
    review : bool
        Whether results wait until a person has released them.
    """

    case: CaseOptions
    store_root: Path
    at_once: int
    attempts: int
    wanted: Mapping[str, frozenset[ResultKind]]
    review: bool = False


@dataclass(frozen=True)
class ComputeSignals:
    """Whom computing tells what.

    Attributes
    ----------
    free : callable
        A worker has finished; `Computing.sweep` is to be called.
    deliver : callable
        There are new deliveries.
    requeue : callable
        A case is to be queued anew, since its settings changed, instead of the job
        whose key is given.
    warm : callable
        Whether a worker can begin at once. Until then no job is taken: to be ended
        while it waits must not count against it.
    passing : callable
        What happens at the fault points.
    commission : callable
        Returns the commission of a job's row; see `node.case.fresh_commissions`.
    """

    free: Callable[[], None]
    deliver: Callable[[], None]
    requeue: Callable[[Case, str], object]
    warm: Callable[[], bool] = lambda: True
    passing: Passing = pass_by
    commission: Commissions = commission_of_row


class Computing:
    """Gives pending jobs to workers and books what comes back.

    Parameters
    ----------
    ledger : Ledger
    executor : Executor
    options : ComputeOptions
    now : callable
        The clock.
    signals : ComputeSignals
    """

    def __init__(
        self,
        ledger: Ledger,
        executor: Executor,
        options: ComputeOptions,
        now: Callable[[], datetime],
        signals: ComputeSignals,
    ) -> None:
        self._ledger = ledger
        self._executor = executor
        self._options = options
        self._now = now
        self._signals = signals
        self._passing = signals.passing
        self._claimed: Job | None = None
        self._running: set[str] = set()
        self._finished: deque[tuple[Job, Outcome | WrittenObject]] = deque()
        self._resume_at: datetime | None = None
        self._unheard = ""

    def sweep(self) -> None:
        """Book what workers finished, and give them jobs while any are free."""
        self.book()
        if self._pauses() or not self._signals.warm():
            return
        while len(self._running) < self._options.at_once:
            self._claimed = self._claimed or self._ledger.claim_job(
                self._now(), self._passing
            )
            if self._claimed is None:
                return
            self._passing(FaultPoint.COMPUTE_CLAIMED)
            self._start(self._claimed)
            self._claimed = None

    def book(self) -> None:
        """Book what workers finished, and what they were stopped in.

        After the executor has stopped and no sweep runs any more, this leaves no job
        of this run behind that a next run would take for its own victim.
        """
        while self._finished:
            job, outcome = self._finished[0]
            if isinstance(outcome, WrittenObject):
                self._book_report(job, outcome)
            else:
                self._book(job, outcome)
                self._running.discard(job.key)
            self._finished.popleft()

    def _pauses(self) -> bool:
        """Return whether the volume was full a moment ago."""
        if self._resume_at is None:
            return False
        # A clock that was put back meanwhile would name a time that is far away.
        return timedelta(0) < self._resume_at - self._now() <= _FULL_PAUSE

    def _start(self, job: Job) -> None:
        try:
            commission = self._signals.commission(
                job.case_json,
                partial(self._ledger.neighbourhood, job.study_instance_uid),
            )
            if self._outdated(job, commission):
                return
            job = with_history(self._ledger, self._options.store_root, job)
            future = self._executor.submit(
                run_job,
                commission,
                self._options.case,
                # What the commission says; there is no need to send it twice.
                replace(job, case_json=""),
                self._options.store_root,
                predecessors_of(self._ledger, job),
                self._passing,
                news=partial(self._hear, job),
            )
        except CaseObjectsMissingError as error:
            self._ledger.hold_job(job.key, "incomplete_series", str(error), self._now())
        except LedgerUnavailableError:
            raise
        except Exception as defect:  # noqa: BLE001 - the job's, not the node's end
            self._again(job, Raised(defect, traceback.format_exc()))
        else:
            self._running.add(job.key)
            self._passing(FaultPoint.COMPUTE_SUBMITTED)
            future.on_done(partial(self._finish, job))

    def _outdated(self, job: Job, commission: Commission) -> bool:
        """Queue a case anew whose settings changed before it was computed.

        Its key promises a result under settings that are gone; computing it now would
        put other numbers under that key. Another job takes its place, which may be an
        earlier one: a change that is taken back.
        """
        case = self._options.case
        inputs = input_digest(commission.case, case.outside())
        if job_key(inputs, case.equipment.software_version) == job.key:
            return False
        self._signals.requeue(commission.case, job.key)
        return True

    def _hear(self, job: Job, news: bytes) -> None:
        """Note that a report is written; called in a thread that must not wait."""
        self._finished.append((job, reported_object(news)))
        self._signals.free()

    def _finish(self, job: Job, outcome: Outcome) -> None:
        """Note an outcome; called in a thread of the pool, which must not wait."""
        self._finished.append((job, outcome))
        self._signals.free()

    def _book_report(self, job: Job, written: WrittenObject) -> None:
        """Have a report sent while the rest of its result is still being made.

        Where results wait for a person, it waits too.
        """
        if self._options.review:
            return
        report = _result_object(written)
        destinations = [
            name
            for name, wanted in self._options.wanted.items()
            if written.kind in wanted
        ]
        try:
            entered = self._ledger.report_ready(
                job.key, report, destinations, self._now(), passing=self._passing
            )
        except LedgerUnavailableError:
            raise
        except Exception:  # noqa: BLE001 - the job goes on without it
            # It is entered with the rest of the result, or that says what is wrong.
            _log.exception("the report of job %s is not sent ahead", job.key)
            return
        if entered:
            self._passing(FaultPoint.REPORT_COMMITTED)
            self._signals.deliver()

    def _book(self, job: Job, outcome: Outcome) -> None:
        try:
            self._enter(job, outcome)
        except LedgerUnavailableError:
            raise
        except Exception as defect:  # noqa: BLE001 - the job's, not the node's end
            self._again(job, Raised(defect, traceback.format_exc()))

    def _enter(self, job: Job, outcome: Outcome) -> None:
        if not isinstance(outcome, Completed):
            self._again(job, outcome)
        elif isinstance(outcome.value, Held):
            held = outcome.value
            self._ledger.hold_job(job.key, held.reason, held.detail, self._now())
        elif not outcome.value.objects:
            held = outcome.value.held[0]
            self._ledger.hold_job(job.key, held.reason, held.detail, self._now())
        else:
            self._deliver(job, outcome.value)

    def _deliver(self, job: Job, result: WrittenResult) -> None:
        objects = [_result_object(written) for written in result.objects]
        destinations = {
            name: [
                _result_object(written)
                for written in result.objects
                if written.kind in wanted
            ]
            for name, wanted in self._options.wanted.items()
        }
        self._passing(FaultPoint.RESULTS_RETURNED)
        lacks = [f"{held.reason}: {held.detail}" for held in result.held]
        self._hear_of_check(result.unheard)
        if result.unheard:
            lacks.append(f"{result.unheard}: only the node's own rules were applied")
        withheld = withheld_for(result.faults, review=self._options.review)
        if withheld is not None and withheld.faults:
            _log.error("the result of job %s is withheld: %s", job.key, withheld.words)
        self._ledger.finish_job(
            job.key,
            objects,
            destinations,
            self._now(),
            reservations=Reservations("; ".join(lacks), withheld),
            passing=self._passing,
        )
        self._passing(FaultPoint.RESULTS_COMMITTED)
        self._signals.deliver()

    def _hear_of_check(self, unheard: str) -> None:
        """Log that an external check is not heard, once until that changes."""
        if unheard and unheard != self._unheard:
            _log.warning("%s: results are judged by the node's own rules", unheard)
        self._unheard = unheard

    def _again(self, job: Job, outcome: Outcome) -> None:
        """Have a job tried again, or set it aside when it was tried often enough."""
        why = outcome.describe()
        if _is_full(outcome):
            _log.error("job %s waits for space: %s", job.key, why)
            self._resume_at = self._now() + _FULL_PAUSE
            reason = StorageFullError.reason
            self._ledger.give_back(job.key, why, self._now(), reason=reason)
        elif isinstance(outcome, Stopped):
            self._ledger.give_back(job.key, why, self._now())
        elif job.attempts >= self._options.attempts:
            _log.error("job %s is set aside: %s", job.key, why)
            self._ledger.fail_job(job.key, "defect", why, self._now())
        else:
            trace = outcome.traceback if isinstance(outcome, Raised) else ""
            _log.error("job %s failed and is tried again: %s\n%s", job.key, why, trace)
            self._ledger.retry_job(job.key, self._now())


def _result_object(written: WrittenObject) -> ResultObject:
    return ResultObject(
        written.sop_class_uid,
        written.sop_instance_uid,
        written.transfer_syntax_uid,
        written.path,
        written.series_instance_uid,
        written.sha256,
        written.kind,
    )


def _is_full(outcome: Outcome) -> bool:
    return isinstance(outcome, Raised) and isinstance(
        outcome.exception, StorageFullError
    )
