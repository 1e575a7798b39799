"""The whole service as a process of its own, worker processes and all."""

import subprocess
import sys
from pathlib import Path

from node.fault_points import FaultPoint, Passing
from tests.support.passings import CountedPassing

WHOLE = (
    FaultPoint.RECEIVE_COMMITTED,
    FaultPoint.INDEX_QUEUED,
    FaultPoint.COMPUTE_BEGUN,
    FaultPoint.RESULTS_WRITTEN,
    FaultPoint.DELIVER_SENT,
    FaultPoint.COMMIT_ASKED,
)
"""A point of each step; two of them are passed in a worker."""
WHOLE_IN_BRIEF = (
    FaultPoint.RECEIVE_COMMITTED,
    FaultPoint.RESULTS_WRITTEN,
    FaultPoint.DELIVER_SENT,
)
"""What a bounded matrix has of them: what a peer was told, what a worker has made, and
what went out. A start costs more than all that a fork does."""

_STOP_S = 30.0


class Started:
    """A service that was started."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def has_ended(self) -> bool:
        """Return whether it has."""
        return self._process.poll() is not None

    def wait(self, within_s: float) -> bool:
        """Return whether it ends within so many seconds."""
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self) -> int | None:
        """Have it end in order, and return its exit code."""
        if not self.has_ended():
            self._process.terminate()
            if not self.wait(_STOP_S):
                self._process.kill()
        return self._process.wait()


def started_node(config: Path, passing: Passing) -> Started:
    """Return the service, started; one that is not to be killed as users start it."""
    point = passing.point if isinstance(passing, CountedPassing) else None
    module = ["node", "run", "--config", str(config)]
    if point is not None:
        module = ["tests.support.faulty_node", str(config), point, str(passing.time)]
    with config.with_name("node.log").open("a") as log:
        return Started(
            subprocess.Popen([sys.executable, "-m", *module], stdout=log, stderr=log)
        )
