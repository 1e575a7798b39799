"""Fault points that are counted over processes and restarts, and one that kills."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from node.fault_points import FaultPoint, KillAt


@dataclass(frozen=True)
class CountedPassing:
    """Writes down each passing, and ends the process at one of them.

    A worker gets a copy of it with each job, so that what was passed before stands in
    a file that all processes append to.

    Attributes
    ----------
    record : Path
    point : FaultPoint or None
        None never kills.
    time : int
        At which passing.
    process : int
        What is killed with the process that passes.
    """

    record: Path
    point: FaultPoint | None = None
    time: int = 1
    process: int = 0

    def __call__(self, point: FaultPoint) -> None:
        with self.record.open("a") as record:
            record.write(f"{point}\n")
        if point is self.point and passed(self.record)[point] == self.time:
            KillAt(point, process=self.process)(point)


def passed(record: Path) -> Counter[FaultPoint]:
    """Return how often each point was passed."""
    if not record.exists():
        return Counter()
    return Counter(FaultPoint(line) for line in record.read_text().split())
