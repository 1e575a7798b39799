"""What became of an object that was sent, whatever it was sent by.

Design choice: a failure that passes has a kind, because what helps differs. An archive
that is down is asked again soon; one whose disk is full is not, since each attempt
costs it an object; a certificate waits for a person.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from node.records.jobs import ResultObject


class FailureKind(StrEnum):
    """Why something is tried again."""

    UNREACHABLE = "unreachable"
    """No connection, or no answer to the request for an association."""
    BUSY = "busy"
    """The peer is there, and rejects for the moment."""
    OUT_OF_RESOURCES = "out of resources"
    """The peer has no room for the object, or fails in storing it."""
    BROKEN = "broken"
    """The connection ended, or no answer came, in the middle of an object."""
    OWN_FILE = "own file"
    """A file of ours cannot be read now: an object, a key, a password, a token."""
    TRUST = "trust"
    """TLS or credentials: one side does not believe, or not understand, the other."""


@dataclass(frozen=True)
class Delivered:
    """The peer has the object.

    Attributes
    ----------
    status : str
        Its answer: a status in hexadecimal, with its meaning when it is a warning.
    """

    status: str


@dataclass(frozen=True)
class Deferred:
    """Not now; try again.

    Attributes
    ----------
    why : str
    kind : FailureKind
    wait_s : float
        How long the peer has asked to be left alone.
    """

    why: str
    kind: FailureKind
    wait_s: float = 0.0


@dataclass(frozen=True)
class Refused:
    """Not so; a person must act.

    Attributes
    ----------
    status : str
        Status or reason, in words.
    """

    status: str


Outcome = Delivered | Deferred | Refused

Sender = Callable[[Sequence[ResultObject]], Generator[Outcome, None, None]]
"""Gives what became of each object, in the order of the objects, as it happens. Nothing
is sent before the first outcome is asked for; one that is closed early sends no more
than it has begun."""
