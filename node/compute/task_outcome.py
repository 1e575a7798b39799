"""What became of a task that was given to a worker.

Design choice: it is a value; nothing that happens in a worker is raised in the parent.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Completed:
    """The function returned.

    Attributes
    ----------
    value : object
    """

    value: Any

    def describe(self) -> str:
        """Return the outcome in words."""
        return "completed"


@dataclass(frozen=True)
class Raised:
    """The function raised.

    Attributes
    ----------
    exception : BaseException
        Of the same class, with the same arguments and attributes.
    traceback : str
        Of the worker, for the log.
    """

    exception: BaseException
    traceback: str = ""

    def describe(self) -> str:
        """Return the outcome in words."""
        return f"{type(self.exception).__name__}: {self.exception}"


@dataclass(frozen=True)
class Crashed:
    """The worker died, or wanted more memory than it may have.

    Attributes
    ----------
    why : str
        Signal or exit code, or words on the memory.
    """

    why: str

    def describe(self) -> str:
        """Return the outcome in words."""
        return f"the worker failed: {self.why}"


@dataclass(frozen=True)
class TimedOut:
    """The function took too long, and its worker was killed.

    Attributes
    ----------
    timeout_s : float
    """

    timeout_s: float

    def describe(self) -> str:
        """Return the outcome in words."""
        return f"no result within {self.timeout_s:g} s"


@dataclass(frozen=True)
class Stopped:
    """The executor stopped first; nothing is known against the task."""

    def describe(self) -> str:
        """Return the outcome in words."""
        return "the node stopped"


Outcome = Completed | Raised | Crashed | TimedOut | Stopped
