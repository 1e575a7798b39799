"""Named places between two side effects, at which a test ends the node.

Durable work is a chain of side effects: a file written, its folder fsynced, a row
committed, an answer sent. Between any two of them the machine may lose its power. Each
such place has a name here, and the code that passes it says so by `passing(POINT)`.

Design choice: what happens at a point is an argument of whoever passes it, and does
nothing unless the composition root says otherwise. There is no switch in the
environment or in the configuration that could end a node in service.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class FaultPoint(StrEnum):
    """Where a kill must lose nothing and double nothing; named step.after_what."""

    RECEIVE_BEGUN = "receive.begun"
    """The data set came whole; nothing is written."""
    RECEIVE_WRITTEN = "receive.written"
    """The file has its bytes under a temporary name; nothing is fsynced."""
    RECEIVE_SYNCED = "receive.synced"
    """The file is fsynced, and has not its name yet."""
    RECEIVE_NAMED = "receive.named"
    """The file has its name; its folder is not fsynced."""
    RECEIVE_STORED = "receive.stored"
    """File and folder are fsynced; no row knows it."""
    RECEIVE_ENTERED = "receive.entered"
    """The row is written in a transaction that is not committed."""
    RECEIVE_COMMITTED = "receive.committed"
    """The row is committed; the peer has no answer."""
    INDEX_READ = "index.read"
    """Headers are read; no row holds them."""
    INDEX_ENTERED = "index.entered"
    """Headers are entered in a transaction that is not committed."""
    INDEX_COMMITTED = "index.committed"
    """Headers are committed; their studies are touched and not decided on."""
    INDEX_SUPPLIED = "index.supplied"
    """What is said of the animals is committed; no job is queued."""
    INDEX_JOINED = "index.joined"
    """A new job is in a transaction that is not committed."""
    INDEX_QUEUED = "index.queued"
    """A job is queued; the decision on its study is not written down."""
    INDEX_DECIDED = "index.decided"
    """The decision on a study is committed; others are not decided on."""
    COMPUTE_ENTERED = "compute.entered"
    """A job is marked as running in a transaction that is not committed."""
    COMPUTE_CLAIMED = "compute.claimed"
    """A job is marked as running; no worker has it."""
    COMPUTE_SUBMITTED = "compute.submitted"
    """A worker has the job."""
    COMPUTE_BEGUN = "compute.begun"
    """In the worker: nothing is computed."""
    COMPUTE_DONE = "compute.done"
    """In the worker: the numbers are computed; the next result file is not written."""
    RESULTS_FILED = "results.filed"
    """In the worker: one more result file is durable; others may not be."""
    REPORT_TOLD = "report.told"
    """In the worker: the node was told of the report; the other objects are not made.
    Here the report may be on its way, or at the archive, already."""
    REPORT_ENTERED = "report.entered"
    """The report and its deliveries are in a transaction that is not committed."""
    REPORT_COMMITTED = "report.committed"
    """The report is to be sent; the other objects are not entered."""
    RESULTS_WRITTEN = "results.written"
    """In the worker: every result file is durable; no row knows them."""
    RESULTS_RETURNED = "results.returned"
    """The node knows of the result; no row does."""
    RESULTS_ENTERED = "results.entered"
    """Results and deliveries are in a transaction that is not committed."""
    RESULTS_COMMITTED = "results.committed"
    """Results and deliveries are committed; nothing is sent."""
    DELIVER_BEGUN = "deliver.begun"
    """A delivery was read from its row; nothing is sent."""
    DELIVER_SENT = "deliver.sent"
    """The archive has answered; no row says so."""
    DELIVER_ENTERED = "deliver.entered"
    """The answer is entered in a transaction that is not committed."""
    DELIVER_COMMITTED = "deliver.committed"
    """The answer is committed."""
    COMMIT_BEGUN = "commit.begun"
    """It is time to ask for storage commitment; nothing is written or asked."""
    COMMIT_ENTERED = "commit.entered"
    """The question is committed to its row, and not asked."""
    COMMIT_ASKED = "commit.asked"
    """The archive has taken the question; nothing more is written."""
    COMMIT_ANSWERED = "commit.answered"
    """The archive's answer came; no row says so, and the archive has no status."""
    COMMIT_BOOKED = "commit.booked"
    """What the archive said is committed; the archive has no status."""


Passing = Callable[[FaultPoint], None]
"""What happens where a point is passed."""


def pass_by(_point: FaultPoint) -> None:
    """Do nothing: the node in service."""


@dataclass
class KillAt:
    """Kills at one point, without a last word: the process is gone as by power loss.

    Attributes
    ----------
    point : FaultPoint
    time : int
        At which passing; 1 for the first.
    process : int
        What is killed with the process that passes: the node, for a worker.
    """

    point: FaultPoint
    time: int = 1
    process: int = 0
    _passed: int = field(default=0, init=False)

    def __call__(self, point: FaultPoint) -> None:
        """Kill, if this is the point and the time."""
        if point is not self.point:
            return
        self._passed += 1
        if self._passed == self.time:
            if self.process:
                os.kill(self.process, signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)
