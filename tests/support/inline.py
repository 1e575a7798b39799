"""The node without processes and network: one thread, and time as the test wills.

What is the service's own is real: settings, data folder, ledger, store, intake, log
watch, computing and the job itself, called as a worker calls it. Three things stand in:
the objects come by a call instead of C-STORE, the archive takes whatever is due to it,
and the clock moves only when it is told to.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import Comprehensive3DSRStorage

from config.load import load_settings
from node import clock
from node.association.received import ReceivedObject
from node.compute.computing import ComputeSignals, Computing
from node.compute.executor import Future
from node.compute.task_outcome import Completed, Raised
from node.compute.telling import Tell
from node.compute.worker import Failure, call
from node.data_folder import open_ledger, sole_use
from node.deciding.intake import Intake
from node.deciding.log_watch import LogWatch
from node.deciding.subjects import SubjectFinder
from node.instance_store import InstanceStore
from node.options.case import subject_rules
from node.options.works import compute_options, intake_options
from node.records.objects import ReceivedInstance
from tests.support.empty_ledger import lay_empty_ledger
from tests.support.pet import STUDY_UID
from tests.support.report_alone import report_alone
from tests.support.service import NODE_AE, command, free_port, write_config

_BATCH = 200
_MOST_ROUNDS = 50
_BETWEEN_OBJECTS = timedelta(milliseconds=1)
_META_LENGTH_AT = 140
"""Where the length of the file meta information stands (PS3.10 section 7.1)."""


class Clock:
    """A clock that is moved; it begins at the present, for commands read that one."""

    def __init__(self) -> None:
        self._at = clock.now()

    def __call__(self) -> datetime:
        return self._at

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self._at += by


class InlineExecutor:
    """Does a task at once, in this process, as a worker would."""

    def submit(
        self, function: Callable[..., object], *args: object, news: Tell
    ) -> Future:
        """Return the outcome of calling a function, which is there already."""
        future = Future()
        function = partial(function, tell=news)
        found = call(function, args)
        if isinstance(found, Failure):
            future.settle(Raised(found.exception(), found.traceback))
        else:
            future.settle(Completed(found.value))
        return future


class InlineNode:
    """A node that works only while one of its methods runs; a context manager.

    Another one for the same folder is what a restart of the service is.

    Parameters
    ----------
    folder : Path
        Of the configuration, with the data folder in it.
    extra : str
        More of the configuration, in TOML. Results are reports alone if it says nothing
        of them.
    time : Clock or None
        Of the node that it is the restart of; else a new one.

    Attributes
    ----------
    away : bool
        Whether the archive takes nothing now.
    """

    def __init__(
        self, folder: Path, *, extra: str = "", time: Clock | None = None
    ) -> None:
        # Nobody listens on the ports; a configuration must name some.
        port = free_port()
        self.config = write_config(
            folder, port, archive_port=port, extra=report_alone(extra)
        )
        settings = load_settings(self.config)
        self._lock = sole_use(settings.node.data_folder)
        self._lock.__enter__()
        if not settings.ledger.url:
            lay_empty_ledger(settings.node.data_folder)
        self.ledger = open_ledger(settings, make=True)
        self.clock = time or Clock()
        self._settle = timedelta(seconds=settings.matching.settle_seconds)
        self._destinations = [each.name for each in settings.destinations]
        self._store = InstanceStore(settings.node.data_folder)
        self._reports: list[Path] = []
        self._woken = False
        self.away = False
        finder = SubjectFinder(
            subject_rules(settings),
            lambda words: self.ledger.note("log", words, self.clock()),
        )
        self._intake = Intake(
            self.ledger, intake_options(settings), self.clock, self._wake, finder
        )
        self._watch = LogWatch(self.ledger, finder, self.clock, self._wake)
        self._computing = Computing(
            self.ledger,
            InlineExecutor(),  # type: ignore[arg-type]  # all that is used of it
            compute_options(settings),
            self.clock,
            ComputeSignals(
                free=self._wake,
                deliver=self._wake,
                requeue=lambda case, key: self._intake.queue(
                    case, again=True, instead_of=key
                ),
            ),
        )
        self.ledger.requeue_running(self.clock(), attempts=settings.compute.attempts)
        self.work()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.ledger.close()
        self._lock.__exit__(kind, error, trace)

    def send(self, *datasets: Dataset) -> None:
        """Receive objects, and do what they give to do before time passes."""
        for dataset in datasets:
            self.clock.move(_BETWEEN_OBJECTS)
            self._receive(as_received(dataset))
        self.work()

    def work(self) -> None:
        """Do all that is to be done now."""
        for _ in range(_MOST_ROUNDS):
            self._woken = False
            self._watch.sweep()
            self._intake.sweep()
            self._computing.sweep()
            self._deliver()
            if not self._woken:
                return
        message = "the node does not come to rest"
        raise AssertionError(message)

    def pass_time(self) -> None:
        """Let more time pass than studies settle in, and all that comes of it.

        The injection log is looked at more than once, as a change of it needs.
        """
        for _ in range(2):
            self.clock.move(self._settle + timedelta(minutes=1))
            self.work()

    def study(self) -> Any:
        """Return `study UID --json`, once time has passed."""
        self.pass_time()
        code, out, error = command(
            "study", STUDY_UID, "--config", str(self.config), "--json"
        )
        assert code == 0, error
        return json.loads(out)

    def reports(self, number: int) -> list[Dataset]:
        """Return the reports that went out, as many as there must be, in order."""
        told = self.study()
        assert told["state"] == "delivered", f"{told['reason']}: {told['detail']}"
        assert len(self._reports) == number
        return [pydicom.dcmread(path) for path in self._reports]

    def job_states(self) -> list[str]:
        """Return the states of the study's jobs, sorted."""
        return sorted(job["state"] for job in self.study()["jobs"])

    def _wake(self) -> None:
        self._woken = True

    def _receive(self, received: ReceivedObject) -> None:
        """Make an object durable, as the service does before it answers."""
        received.check_identity()
        stored = self._store.write(received.file_meta, received.dataset)
        instance = ReceivedInstance(
            sop_class_uid=received.sop_class_uid,
            sop_instance_uid=received.sop_instance_uid,
            transfer_syntax_uid=received.transfer_syntax_uid,
            sha256=stored.sha256,
            path=stored.path,
            size=stored.size,
            calling_ae=received.calling_ae,
        )
        self.ledger.record_received(instance, self.clock())

    def _deliver(self) -> None:
        """Have every destination take what is due to it, unless it is away."""
        if self.away:
            return
        for name in self._destinations:
            for due in self.ledger.due_deliveries(name, self.clock(), _BATCH):
                if due.object.sop_class_uid == Comprehensive3DSRStorage:
                    self._reports.append(due.object.path)
                self.ledger.delivered(due.identifier, "Success", self.clock())


def as_received(dataset: Dataset) -> ReceivedObject:
    """Return an object as it comes from a peer that sends it as it is."""
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    content = file.getvalue()
    length = int.from_bytes(content[_META_LENGTH_AT : _META_LENGTH_AT + 4], "little")
    split = _META_LENGTH_AT + 4 + length
    return ReceivedObject(
        sop_class_uid=str(dataset.SOPClassUID),
        sop_instance_uid=str(dataset.SOPInstanceUID),
        transfer_syntax_uid=str(dataset.file_meta.TransferSyntaxUID),
        file_meta=content[:split],
        dataset=content[split:],
        calling_ae="SCANNER",
        called_ae=NODE_AE,
        peer_address="127.0.0.1",
    )
