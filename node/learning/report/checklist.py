"""An item of a reporting guideline, and which report answers it.

Design choice: an item says in our own short words what the guideline asks; authors read
the guideline itself before they tick anything. What the software cannot know is said to
be the authors', never guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

TRAIN, VALIDATE, CALIBRATE = "train", "validate", "calibrate"
REPEATABILITY, COHORT = "repeatability", "cohort"
MODELLING = (TRAIN, VALIDATE, CALIBRATE)
EVALUATION = (VALIDATE, CALIBRATE)
EVERY = (REPEATABILITY, *MODELLING, COHORT)

AUTHORS = "not known to the software: for the authors to state"


@dataclass(frozen=True)
class Item:
    """What a guideline asks.

    Attributes
    ----------
    number : str
        As the guideline counts.
    asks : str
    where : mapping of str to str
        By command: where its report answers, or `AUTHORS`. Commands that it does not
        concern are not in it.
    """

    number: str
    asks: str
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Guideline:
    """A reporting guideline.

    Attributes
    ----------
    name : str
    reference : str
    items : tuple of Item
        In the guideline's order; those that concern any of our commands.
    """

    name: str
    reference: str
    items: tuple[Item, ...]


def answered(
    number: str, asks: str, commands: tuple[str, ...], where: str, **others: str
) -> Item:
    """Return an item that reports of some commands answer.

    Parameters
    ----------
    number, asks : str
    commands : tuple of str
        Whose reports answer it at `where`.
    where : str
    **others : str
        By command: where it is answered elsewhere.
    """
    places = dict.fromkeys(commands, where) | others
    return Item(number, asks, MappingProxyType(places))


def left_to_authors(number: str, asks: str, commands: tuple[str, ...]) -> Item:
    """Return an item that the software cannot answer.

    Parameters
    ----------
    number, asks : str
    commands : tuple of str
        Whose subject it concerns.
    """
    return answered(number, asks, commands, AUTHORS)
