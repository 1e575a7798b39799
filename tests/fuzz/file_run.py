"""Many hostile files in several processes, within a time.

A process that dies, by a crash in a decoder or for want of memory, is a fault like any
other: the number that it was at is known.
"""

import multiprocessing
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from tests.fuzz.examination import Examiner, Fault

_MEMORY_BYTES = 3 << 30
"""Address space for each process, libraries and all; some of it is never touched."""
_CHUNK = 50
"""Numbers that one process takes before the other takes as many: with every other one,
all that are scored would be one's."""


@dataclass
class Report:
    """What came of a run.

    Attributes
    ----------
    examined : int
    seconds : float
    slowest_s : float
        Of a single file.
    peak_mb : int
        Resident memory of the greatest process.
    outcomes : dict of str to int
        How often each reason was given.
    faults : dict of str to Fault
        The first of each kind.
    """

    examined: int = 0
    seconds: float = 0.0
    slowest_s: float = 0.0
    peak_mb: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        """Give the report as text."""
        yield f"{self.examined} files in {self.seconds:.0f} s"
        yield f"slowest {self.slowest_s:.2f} s, memory up to {self.peak_mb} MB"
        for name, count in sorted(self.outcomes.items(), key=lambda each: -each[1]):
            yield f"  {name:28s} {count}"
        for words, fault in self.faults.items():
            yield f"FAULT {words} ({fault.scene}, file {fault.place})\n{fault.detail}"


def run_files(
    seed: int, count: int, seconds: float, *, processes: int = 2, score_every: int = 8
) -> Report:
    """Examine files until there are enough of them, or the time is over."""
    report = Report()
    started = time.monotonic()
    context = multiprocessing.get_context("spawn")
    lanes = []
    for lane in range(processes):
        ours, theirs = context.Pipe()
        numbers = [n for n in range(count) if n // _CHUNK % processes == lane]
        process = context.Process(
            target=_lane, args=(theirs, seed, numbers, seconds, score_every)
        )
        process.start()
        theirs.close()
        lanes.append((process, ours))
    for process, pipe in lanes:
        _gather(pipe, report)
        process.join()
        if process.exitcode:
            words = f"a process ended with {process.exitcode}"
            report.faults[words] = Fault(words, "", "", 0, b"")
    report.seconds = time.monotonic() - started
    return report


def _gather(pipe: Connection, report: Report) -> None:
    while True:
        try:
            part: Report = pipe.recv()
        except EOFError:
            return
        report.examined += part.examined
        report.slowest_s = max(report.slowest_s, part.slowest_s)
        report.peak_mb = max(report.peak_mb, part.peak_mb)
        for name, found in part.outcomes.items():
            report.outcomes[name] = report.outcomes.get(name, 0) + found
        for words, fault in part.faults.items():
            report.faults.setdefault(words, fault)


def _lane(
    pipe: Connection, seed: int, numbers: list[int], seconds: float, score_every: int
) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    examiner = Examiner(seed, score_every=score_every)
    end = time.monotonic() + seconds
    part = Report()
    for number in numbers:
        fault = examiner.examine(number)
        part.examined += 1
        if fault is not None:
            part.faults.setdefault(fault.words, fault)
        if time.monotonic() > end:
            break
    part.outcomes = examiner.outcomes
    part.slowest_s = examiner.slowest_s
    used = resource.getrusage(resource.RUSAGE_SELF)
    part.peak_mb = used.ru_maxrss // 1024
    pipe.send(part)
    examiner.close()
    pipe.close()


def keep(report: Report, folder: Path) -> None:
    """Write the file of each fault, for a test that remembers it."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, fault in enumerate(report.faults.values()):
        (folder / f"{number}-{fault.scene}-{fault.place}.dcm").write_bytes(
            fault.content
        )
        (folder / f"{number}.txt").write_text(f"{fault.words}\n{fault.detail}\n")
