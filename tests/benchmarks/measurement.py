"""A measurement: two ways to the same end, timed in turns.

Design choice: the two run alternately, so that a machine that slows down in between
slows both. Medians are compared; a garbage collection or a busy neighbour spoils one
run, not the result.
"""

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Work = Callable[[], object]


class UnlikeError(AssertionError):
    """The two ways of a contest do not end alike; their times mean nothing."""


@dataclass(frozen=True)
class Contest:
    """Our way and another way.

    Attributes
    ----------
    name : str
    against : str
        What the other way is.
    ours : callable
    theirs : callable or float
        A number is a target in seconds.
    runs : int
        Of each, alternating, after one of each that does not count.
    objects : int
        Where a rate is what counts: how many objects a run passes. The ratio is one
        of objects per second then, and above 1 where ours is faster.
    prepare : callable
        Is called before each run of either way, untimed; also tells when a run did not
        end as it should.
    prepare_ours : callable
        Is called, untimed, between that and each run of ours.
    own_clock : bool
        Whether ours returns how many seconds it took, since only a part of it counts.
    parts : callable
        Returns, when all is measured, further lines of what ours consists of.
    """

    name: str
    against: str
    ours: Work
    theirs: Work | float
    runs: int
    objects: int = 0
    prepare: Work = lambda: None
    prepare_ours: Work = lambda: None
    own_clock: bool = False
    parts: "Callable[[], Sequence[Measurement]]" = tuple


@dataclass(frozen=True)
class Measurement:
    """A line of ``build/bench.json``.

    Attributes
    ----------
    name, against : str
    ratio : float
        Ours over theirs; below 1 is faster for times, above 1 for rates.
    ours, theirs : float
        Medians.
    unit : str
    runs : int
    """

    name: str
    ratio: float
    against: str
    ours: float
    theirs: float
    unit: str
    runs: int

    def __str__(self) -> str:
        return (
            f"{self.name:<24} {self.ours:9.2f} {self.unit}  against {self.theirs:9.2f} "
            f"{self.unit}  ratio {self.ratio:8.3g}  ({self.against}; median of "
            f"{self.runs})"
        )


def measure(contest: Contest) -> Measurement:
    """Return the medians of both ways, in milliseconds or objects per second."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(contest.runs + 1):
        ours.append(_run(contest, contest.ours, contest.prepare_ours))
        if callable(contest.theirs):
            theirs.append(_run(contest, contest.theirs))
        else:
            theirs.append(contest.theirs * 1000)
    contest.prepare()
    our_median = statistics.median(ours[1:])
    their_median = statistics.median(theirs[1:])
    return Measurement(
        name=contest.name,
        ratio=our_median / their_median,
        against=contest.against,
        ours=our_median,
        theirs=their_median,
        unit="objects/s" if contest.objects else "ms",
        runs=contest.runs,
    )


def _run(contest: Contest, work: Work, prepare: Work = lambda: None) -> float:
    contest.prepare()
    prepare()
    taken_ms = _timed_ms(work, own_clock=contest.own_clock)
    return contest.objects / taken_ms * 1000 if contest.objects else taken_ms


def _timed_ms(work: Work, *, own_clock: bool) -> float:
    gc.collect()
    began = time.perf_counter()
    said = work()
    if own_clock and isinstance(said, float):
        return said * 1000
    return (time.perf_counter() - began) * 1000
