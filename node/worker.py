"""What runs inside a worker process, and how its answer travels back.

Design choice: exceptions come back by class, arguments and attributes and are rebuilt
without calling their `__init__`. Unpickling would call it with the message alone, and
an exception whose `__init__` takes other arguments would break the whole pool.
"""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.reduction import ForkingPickler
from multiprocessing.synchronize import Semaphore
from typing import Any

from node.logs import hush_pydicom


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


def start_worker(warm_up: Callable[[], object], warm: Semaphore) -> None:
    """Warm up, and say so."""
    hush_pydicom()
    warm_up()
    warm.release()


def call(
    function: Callable[..., object], args: tuple[object, ...]
) -> Returned | Failure:
    """Return what a function returns or raises, as something that can travel."""
    try:
        returned = Returned(function(*args))
        ForkingPickler.dumps(returned)
    # SystemExit and KeyboardInterrupt are answers of the task too.
    except BaseException as exception:  # noqa: BLE001
        return _as_data(exception)
    return returned


def _as_data(exception: BaseException) -> Failure:
    text = "".join(traceback.format_exception(exception))
    failure = Failure(type(exception), exception.args, vars(exception), text)
    try:
        ForkingPickler.loads(ForkingPickler.dumps(failure)).exception()
    except Exception:  # noqa: BLE001 - pickling raises whatever an object wants
        words = f"{type(exception).__name__}: {exception}"
        return Failure(UntransferableError, (words,), {}, text)
    return failure
