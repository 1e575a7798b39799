"""Results that are there and not sent: a person looks at them first.

Design choice: the job is done and its deliveries are entered, in a state of their own.
So nothing is lost by a crash or a change of the settings, everything that deals with
results finds it where it finds others, and to release it is one transaction.
"""

import re
from dataclasses import dataclass

AWAITING_REVIEW = "awaiting_review"
"""Reason of results that the configuration has wait for a person."""
INVALID_OBJECT = "invalid_object"
"""Reason of results of which an object broke a rule."""

WITHHELD_REASONS = (AWAITING_REVIEW, INVALID_OBJECT)

_OF_OBJECT = re.compile(r"(?P<object>.*?[0-9]): (?P<rule>.+)", re.DOTALL)
"""A fault names its object, which ends with its UID, and then what is wrong."""


@dataclass(frozen=True)
class Withheld:
    """Why a result is not sent until a person releases it.

    Attributes
    ----------
    reason : str
        One of `WITHHELD_REASONS`.
    faults : tuple of str
        Object, attribute and rule of each fault, in words.
    """

    reason: str
    faults: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What is at fault, in words, each rule once; empty when nothing is.

        What objects have in common is mostly wrong in all of them.
        """
        objects: dict[str, list[str]] = {}
        for fault in self.faults:
            named = _OF_OBJECT.fullmatch(fault)
            rule = named["rule"] if named else fault
            objects.setdefault(rule, []).append(named["object"] if named else "")
        return "; ".join(_words(rule, found) for rule, found in objects.items())


def _words(rule: str, objects: list[str]) -> str:
    first, *more = objects
    words = f"{first}: {rule}" if first else rule
    return f"{words} (and in {len(more)} more objects)" if more else words


def withheld_for(faults: tuple[str, ...], *, review: bool) -> Withheld | None:
    """Return why a result is withheld, or None when it may be sent at once.

    Parameters
    ----------
    faults : tuple of str
        Of its objects.
    review : bool
        Whether the configuration has results wait.
    """
    if faults:
        return Withheld(INVALID_OBJECT, faults)
    return Withheld(AWAITING_REVIEW) if review else None


@dataclass(frozen=True)
class Reservations:
    """What is to be said against a result that is there.

    Attributes
    ----------
    lacks : str
        What it lacks, in words: regions that could not be assessed, a check of its
        objects that could not be made.
    withheld : Withheld or None
        Why it is not sent until a person releases it; None sends it at once.
    """

    lacks: str = ""
    withheld: Withheld | None = None


NO_RESERVATIONS = Reservations()
