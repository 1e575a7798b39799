"""From pending jobs to results on disk and deliveries in the ledger."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from dicom_io.errors import DicomContentError
from model.errors import ModelError
from node.cases import CaseObjectsMissingError, Commission, commission_from_json
from node.executor import Completed, Executor, Outcome, Raised, Stopped
from node.failure import held_by
from node.identity import input_digest, job_key
from node.instance_store import InstanceStore
from node.ledger import Ledger
from node.pipeline import CaseOptions, CaseResult, compute_case
from node.records import Case, Held, Job, ResultObject

_log = logging.getLogger(__name__)

RESULT_FILE = "result.json"
"""Beside the objects of a job: the numbers, for people and commands."""


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
    wanted : mapping of str to frozenset of str
        SOP Class UIDs that each destination wants, by its name.
    """

    case: CaseOptions
    store_root: Path
    at_once: int
    attempts: int
    wanted: Mapping[str, frozenset[str]]


def warm_up() -> None:
    """Run in each new worker: the imports of this module are what takes the time."""


def run_job(
    commission: Commission, options: CaseOptions, job: Job, store_root: Path
) -> CaseResult | Held:
    """Compute a job in a worker process and write its files.

    Errors of content come back as values: they are facts about the study, and not every
    exception survives the way between processes.

    Parameters
    ----------
    commission : Commission
    options : CaseOptions
    job : Job
    store_root : Path

    Returns
    -------
    CaseResult or Held
    """
    store = InstanceStore(store_root)

    def write(name: str, content: bytes) -> Path:
        return store.write_result(job.key, name, content).path

    try:
        result = compute_case(
            commission.case, options, job, write, predecessor=commission.predecessor
        )
    except (DicomContentError, ModelError) as error:
        return held_by(error, job.study_instance_uid)
    document = {
        "results": [found.as_data() for found in result.results],
        "held": [vars(held) for held in result.held],
    }
    write(RESULT_FILE, json.dumps(document, indent=1, sort_keys=True).encode())
    return result


@dataclass(frozen=True)
class ComputeSignals:
    """Whom computing tells what.

    Attributes
    ----------
    free : callable
        A worker is free again.
    deliver : callable
        There are new deliveries.
    requeue : callable
        A case is to be queued anew, since its settings changed.
    """

    free: Callable[[], None]
    deliver: Callable[[], None]
    requeue: Callable[[Case], object]


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
        self._running: set[str] = set()

    def sweep(self) -> None:
        """Give jobs to workers until all are busy or nothing is pending."""
        while len(self._running) < self._options.at_once:
            job = self._ledger.claim_job(self._now())
            if job is None:
                return
            self._start(job)

    def _start(self, job: Job) -> None:
        try:
            stored = self._ledger.neighbourhood(job.study_instance_uid)
            commission = commission_from_json(job.case_json, stored)
        except CaseObjectsMissingError as error:
            self._ledger.hold_job(job.key, "incomplete_series", str(error), self._now())
            return
        if self._outdated(job, commission):
            return
        self._running.add(job.key)
        future = self._executor.submit(
            run_job, commission, self._options.case, job, self._options.store_root
        )
        future.on_done(partial(self._finish, job))

    def _outdated(self, job: Job, commission: Commission) -> bool:
        """Queue a case anew whose settings changed before it was computed.

        Its key promises a result under settings that are gone; computing it now would
        put other numbers under that key. The new job supersedes it.
        """
        case = self._options.case
        inputs = input_digest(commission.case, case.outside())
        if job_key(inputs, case.equipment.software_version) == job.key:
            return False
        self._signals.requeue(commission.case)
        return True

    def _finish(self, job: Job, outcome: Outcome) -> None:
        try:
            self._book(job, outcome)
        finally:
            self._running.discard(job.key)
            self._signals.free()

    def _book(self, job: Job, outcome: Outcome) -> None:
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

    def _deliver(self, job: Job, result: CaseResult) -> None:
        objects = [
            ResultObject(
                written.sop_class_uid,
                written.sop_instance_uid,
                written.transfer_syntax_uid,
                written.path,
            )
            for written in result.objects
        ]
        destinations = {
            name: [item for item in objects if item.sop_class_uid in wanted]
            for name, wanted in self._options.wanted.items()
        }
        lacks = "; ".join(f"{held.reason}: {held.detail}" for held in result.held)
        self._ledger.finish_job(
            job.key, objects, destinations, self._now(), detail=lacks
        )
        self._signals.deliver()

    def _again(self, job: Job, outcome: Outcome) -> None:
        if isinstance(outcome, Stopped):
            # Its row says RUNNING; the next start makes it pending again.
            return
        why = outcome.describe()
        if job.attempts >= self._options.attempts:
            _log.error("job %s is set aside: %s", job.key, why)
            self._ledger.fail_job(job.key, "defect", why, self._now())
            return
        trace = outcome.traceback if isinstance(outcome, Raised) else ""
        _log.error("job %s failed and is tried again: %s\n%s", job.key, why, trace)
        self._ledger.retry_job(job.key, self._now())
