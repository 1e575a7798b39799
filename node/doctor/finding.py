"""What was tried, how it went, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How something is."""

    WELL = "well"
    """It was tried, and works."""
    DOUBTFUL = "doubtful"
    """The node works, and something should be looked at."""
    ILL = "ill"
    """The node cannot do its work like this."""


@dataclass(frozen=True)
class Finding:
    """One thing that was tried.

    Attributes
    ----------
    subject : str
        What was tried, for example ``destination pacs``.
    health : Health
    fact : str
        What was found, as a part of a sentence.
    remedy : str
        What to do, as a sentence; empty when all is well.
    """

    subject: str
    health: Health
    fact: str
    remedy: str = ""


def well(subject: str, fact: str) -> Finding:
    """Return a finding that needs nobody."""
    return Finding(subject, Health.WELL, fact)


def doubtful(subject: str, fact: str, remedy: str) -> Finding:
    """Return a finding that someone should look at."""
    return Finding(subject, Health.DOUBTFUL, fact, remedy)


def ill(subject: str, fact: str, remedy: str) -> Finding:
    """Return a finding that keeps the node from its work."""
    return Finding(subject, Health.ILL, fact, remedy)
