"""Parts of a training in several processes, with the same numbers as in one.

Design choice: every part draws from a seed of its own number, linear algebra keeps to
one thread everywhere, and answers come back in the order of the numbers. So nothing but
the time hangs on how many processes there are.

Design choice: processes are spawned, as those of the node's executor; a few parts are
not worth the second that their imports take.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from threadpoolctl import (  # type: ignore[import-untyped] # published without types
    threadpool_limits,
)

Shared = TypeVar("Shared")
Answer = TypeVar("Answer")

FEW = 8
"""Parts that one process does sooner than another has started."""


class Crew:
    """Processes that do numbered parts of something."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def do(
        self,
        function: Callable[[Shared, int], Answer],
        shared: Shared,
        parts: int,
        tick: Callable[[], None],
    ) -> list[Answer]:
        """Return what a function makes of each number from 0.

        Parameters
        ----------
        function : callable
            Of a module, so that another process finds it.
        shared : Shared
        parts : int
        tick : callable
            Called after each of them.
        """
        work = partial(function, shared)
        answers: list[Answer] = []
        for answer in self._answers(work, parts):
            answers.append(answer)
            tick()
        return answers

    def stop(self) -> None:
        """Let the processes end."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def _answers(self, work: Callable[[int], Answer], parts: int) -> Iterator[Answer]:
        if self._workers < 2 or (self._pool is None and parts < FEW):  # noqa: PLR2004 (one)
            return map(work, range(parts))
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers, multiprocessing.get_context("spawn"), _one_thread
            )
        return self._pool.map(work, range(parts))


@contextmanager
def crew_of(workers: int) -> Iterator[Crew]:
    """Give a crew that ends with the block.

    Parameters
    ----------
    workers : int
        Processes; with one, this process does it all.
    """
    crew = Crew(workers)
    with threadpool_limits(limits=1):
        try:
            yield crew
        finally:
            crew.stop()


def _one_thread() -> None:
    """Keep linear algebra to one thread, as long as the process lives."""
    threadpool_limits(limits=1)
