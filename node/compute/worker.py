"""What runs inside a worker process, and how its answer travels back.

Design choice: exceptions come back by class, arguments and attributes and are rebuilt
without calling their `__init__`. Unpickling would call it with the message alone, and
an exception whose `__init__` takes other arguments would break the whole pool.

Design choice: a worker keeps memory that it was done with, for the next study. A volume
takes five thousand pages, and a study makes and drops dozens of them; to give them back
and to ask for them again takes as long as to compute with them, and several times that
where a virtual machine gives them back to its host.
"""

import ctypes
import os
import resource
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from multiprocessing.synchronize import Semaphore
from pathlib import Path
from typing import Any

from node.compute.telling import keep_line, teller
from node.logs import hush_pydicom

_BEHIND_THE_NODE = 10
"""Added to the niceness of the process, of which 19 is the lowest priority."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT_BYTES = 256 << 20
_MOST_ON_THE_HEAP = 32 << 20
"""The most that `mallopt` takes; what is larger is given back at once."""


class UntransferableError(Exception):
    """An exception or a value of a task cannot be brought back from its worker."""


@dataclass(frozen=True)
class Returned:
    """A value on its way back.

    Attributes
    ----------
    value : object
    """

    value: Any


@dataclass(frozen=True)
class Failure:
    """An exception on its way back, as data.

    Attributes
    ----------
    kind : type
    arguments : tuple
    attributes : dict
    traceback : str
    """

    kind: type[BaseException]
    arguments: tuple[Any, ...]
    attributes: dict[str, Any]
    traceback: str

    def exception(self) -> BaseException:
        """Return the exception, made without calling its `__init__`."""
        rebuilt = self.kind.__new__(self.kind, *self.arguments)
        rebuilt.args = self.arguments
        vars(rebuilt).update(self.attributes)
        return rebuilt


def start_worker(
    warm_up: Callable[[], object], warm: Semaphore, line: Connection
) -> None:
    """Warm up, and say so.

    Behind the node itself: a sender that waits for an answer is served before a result
    that nobody waits for yet.
    """
    os.nice(_BEHIND_THE_NODE)
    _keep_memory()
    _end_with_the_node()
    keep_line(line)
    hush_pydicom()
    warm_up()
    warm.release()


def _keep_memory() -> None:
    """Have freed memory kept by this process, where its C library is glibc."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _MOST_ON_THE_HEAP)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)


def _end_with_the_node() -> None:
    """Have this process end at once when the node was killed.

    Nobody would book what it does, and the next run of the node computes it again: the
    two would write the same files, and take the machine's time from each other.
    """
    node = parent_process()
    if node is None:
        return

    def watch() -> None:
        wait([node.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="node", daemon=True).start()


def call(
    function: Callable[..., object],
    args: tuple[object, ...],
    memory_bytes: int | None = None,
    news: int | None = None,
) -> Returned | Failure:
    """Return what a function returns or raises, as something that can travel.

    Parameters
    ----------
    function : callable
    args : tuple
    memory_bytes : int or None
        Memory that it may take beyond what the process has; None sets no limit.
        Beyond it, memory is refused, which Python says by `MemoryError`.
    news : int or None
        Whom the function tells what, while it works, by its argument ``tell``; None for
        a function without it.
    """
    if news is not None:
        function = partial(function, tell=teller(news))
    try:
        with _at_most(memory_bytes):
            returned = Returned(function(*args))
        ForkingPickler.dumps(returned)
    # SystemExit and KeyboardInterrupt are answers of the task too.
    except BaseException as exception:  # noqa: BLE001
        return _as_data(exception)
    return returned


@contextmanager
def _at_most(memory_bytes: int | None) -> Iterator[None]:
    """Bound what this process may take while the context lasts.

    Bounded are its private, writable pages (``RLIMIT_DATA``, Linux 4.7 and later), not
    its address space: libraries reserve much of that and never touch it.
    """
    before = resource.getrlimit(resource.RLIMIT_DATA)
    if memory_bytes is not None:
        wanted = _data_bytes() + memory_bytes
        most = wanted if before[1] == resource.RLIM_INFINITY else min(wanted, before[1])
        resource.setrlimit(resource.RLIMIT_DATA, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _data_bytes() -> int:
    """Return the size of what ``RLIMIT_DATA`` bounds, as the kernel counts it."""
    pages = int(Path("/proc/self/statm").read_text().split()[5])
    return pages * resource.getpagesize()


def _as_data(exception: BaseException) -> Failure:
    text = "".join(traceback.format_exception(exception))
    failure = Failure(type(exception), exception.args, vars(exception), text)
    try:
        ForkingPickler.loads(ForkingPickler.dumps(failure)).exception()
    except Exception:  # noqa: BLE001 - pickling raises whatever an object wants
        words = f"{type(exception).__name__}: {exception}"
        return Failure(UntransferableError, (words,), {}, text)
    return failure
