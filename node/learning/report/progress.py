"""Progress of what takes long, on standard error.

Design choice: a bar appears only after two seconds and only on a terminal. Elsewhere
(a log, a pipe, a test) nothing moves; what took longer than that is told in one line at
its end. Standard output is never touched, so that ``--json`` stays one document.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

PATIENCE_S = 2.0
"""What is done before this needs no bar."""


@contextmanager
def progress(
    title: str, total: int, console: Console | None = None
) -> Iterator[Callable[[], None]]:
    """Show how far something is while the block runs.

    Parameters
    ----------
    title : str
        What is being done, for example ``Repeated cross-validation``.
    total : int
        How often the given function will be called.
    console : Console, optional
        Standard error without it.

    Yields
    ------
    callable
        To be called once after each step.
    """
    with _Bar(title, total, console or Console(stderr=True, highlight=False)) as bar:
        yield bar.tick


class _Bar:
    """A bar that begins to show when it is worth it."""

    def __init__(self, title: str, total: int, console: Console) -> None:
        self._title = title
        self._total = total
        self._console = console
        self._began = time.monotonic()
        self._done = 0
        self._shown: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        took = time.monotonic() - self._began
        if self._shown is not None:
            self._shown.stop()
        elif kind is None and took >= PATIENCE_S:
            line = f"{self._title}: {self._done} of {self._total} in {took:.0f} s"
            self._console.print(line, markup=False, soft_wrap=True)

    def tick(self) -> None:
        """Count one step as done."""
        self._done += 1
        if self._shown is None and self._is_due():
            self._shown = _bar_on(self._console)
            self._shown.add_task(self._title, total=self._total)
            self._shown.start()
        if self._shown is not None:
            self._shown.update(self._shown.task_ids[0], completed=self._done)

    def _is_due(self) -> bool:
        late = time.monotonic() - self._began >= PATIENCE_S
        return late and self._console.is_terminal


def _bar_on(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
