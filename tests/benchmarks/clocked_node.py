"""The service, with a note of when it passed each fault point.

``python -m tests.benchmarks.clocked_node CONFIG NOTES``
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from node.fault_points import FaultPoint
from tests.support.faulty_node import serve


@dataclass(frozen=True)
class Clocked:
    """Notes each passing; a worker gets a copy of it with each job.

    Attributes
    ----------
    notes : Path
        Each line is written at once, so that processes do not mix theirs.
    """

    notes: Path

    def __call__(self, point: FaultPoint) -> None:
        with self.notes.open("a") as notes:
            notes.write(f"{time.monotonic()} {point}\n")


def passed_at_s(notes: Path) -> list[tuple[float, FaultPoint]]:
    """Return when which point was passed, in order, by the machine's steady clock."""
    lines = (line.split() for line in notes.read_text().splitlines())
    return sorted((float(at_s), FaultPoint(point)) for at_s, point in lines)


if __name__ == "__main__":
    config, notes = sys.argv[1:]
    serve(Path(config), Clocked(Path(notes)))
