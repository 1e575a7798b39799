"""The service and its archive as forks of a process that has loaded them already.

Design choice: a service takes seconds to load, and a worker as long again to compute
for the first time. A fork of a process that has done both begins at once. All of the
service runs in it but its worker processes, in whose place threads compute; the matrix
runs some points in the whole service as well.
"""

import hashlib
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

import node.works
from node.association.commitment import (
    Taken,
    commitment_service,
    report_commitment,
)
from node.association.listener import STORED, Listener, ListenerOptions, SinkAnswer
from node.association.received import ReceivedObject
from node.association.requestor import Destination
from node.association.service import Service
from node.compute.executor import Future
from node.compute.task_outcome import Completed, Raised
from node.compute.telling import Tell
from node.compute.worker import Failure, call
from node.fault_points import Passing
from node.records.commitments import (
    NO_SUCH_INSTANCE,
    CommitmentReport,
    CommitmentRequest,
    FailedItem,
)
from node.records.kinds import SOP_CLASSES
from tests.support.faulty_node import serve
from tests.support.service import NODE_AE

_POLL_S = 0.01
_STOP_S = 20.0
_ANSWERING_S = 60.0


class Threads:
    """An executor that computes in threads of this process."""

    def __init__(self, _options: object) -> None:
        pass

    def start(self) -> None:
        """Nothing is to be started."""

    def warm(self) -> bool:
        """Return True: what the process was forked from has computed before."""
        return True

    def submit(
        self, function: Callable[..., object], *args: object, news: Tell
    ) -> Future:
        """Return the future outcome of calling a function."""
        future = Future()
        function = partial(function, tell=news)

        def work() -> None:
            found = call(function, args)
            if isinstance(found, Failure):
                future.settle(Raised(found.exception(), found.traceback))
            else:
                future.settle(Completed(found.value))

        threading.Thread(target=work, daemon=True).start()
        return future

    def stop(self) -> None:
        """What is computed now is computed again by the next run."""


class Fork:
    """A function that runs in a fork of this process.

    Parameters
    ----------
    function : callable
    log : Path
        For what it writes to standard error.
    """

    def __init__(self, function: Callable[[], object], log: Path) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self.status: int | None = None
        self._pid = os.fork()
        if not self._pid:
            _become(function, log)

    def has_ended(self) -> bool:
        """Return whether it has, and remember how."""
        if self.status is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def wait(self, within_s: float) -> bool:
        """Return whether it ends within so many seconds."""
        deadline = time.monotonic() + within_s
        while not self.has_ended() and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        return self.has_ended()

    def stop(self) -> int | None:
        """Have it end in order, and return its exit code."""
        if not self.has_ended():
            os.kill(self._pid, signal.SIGTERM)
            if not self.wait(_STOP_S):
                self.kill()
        return self.status

    def kill(self) -> None:
        """End it, whatever it does."""
        if not self.has_ended():
            os.kill(self._pid, signal.SIGKILL)
            self.wait(_STOP_S)


def forked_node(config: Path, passing: Passing) -> Fork:
    """Return the service, started as a fork."""

    def run() -> None:
        node.works.Executor = Threads  # type: ignore[assignment,misc]
        serve(config, passing)

    return Fork(run, config.with_name("node.log"))


def forked_archive(folder: Path, port: int, node_port: int | None = None) -> Fork:
    """Return an archive, started as a fork, that keeps all bytes that ever came.

    The same bytes under the same UID are one file, other bytes are another one. With
    the node's port it answers storage commitment there, and goes on trying for a while.
    """
    folder.mkdir()

    def keep(received: ReceivedObject) -> SinkAnswer:
        digest = hashlib.sha256(received.dataset).hexdigest()[:16]
        path = folder / f"{received.sop_instance_uid}-{digest}"
        path.write_bytes(received.part10)
        return STORED

    def run() -> None:
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        services = [] if node_port is None else [_commitment(folder, node_port)]
        listener = Listener(_archive_options(port), keep, services)
        listener.start()
        stop.wait()
        listener.stop()

    return Fork(run, folder.with_name("archive.log"))


def _commitment(folder: Path, node_port: int) -> Service:
    """Return storage commitment of all that lies in the archive's folder."""
    node = Destination("node", NODE_AE, "127.0.0.1", node_port, "ARCHIVE")

    def answer(report: CommitmentReport) -> None:
        deadline = time.monotonic() + _ANSWERING_S
        while time.monotonic() < deadline:
            if isinstance(report_commitment(node, report), Taken):
                return
            time.sleep(20 * _POLL_S)

    def asked(request: CommitmentRequest, _here: object) -> int:
        kept = {path.name.partition("-")[0] for path in folder.iterdir()}
        there = tuple(each for each in request.items if each.sop_instance_uid in kept)
        failed = tuple(
            FailedItem(each, NO_SUCH_INSTANCE)
            for each in request.items
            if each.sop_instance_uid not in kept
        )
        report = CommitmentReport(request.transaction_uid, there, failed)
        threading.Thread(target=answer, args=(report,), daemon=True).start()
        return 0x0000

    return commitment_service(asked, lambda _: 0x0000)


def _archive_options(port: int) -> ListenerOptions:
    classes = tuple(sorted(set(SOP_CLASSES.values())))
    return ListenerOptions("ARCHIVE", "127.0.0.1", port, sop_classes=classes)


def _become(function: Callable[[], object], log: Path) -> None:
    """Run a function as the whole of this process, and end."""
    code = 1
    try:
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        function()
        code = 0
    except BaseException:  # noqa: BLE001 - nothing may run on in the fork
        traceback.print_exc()
    finally:
        os._exit(code)
