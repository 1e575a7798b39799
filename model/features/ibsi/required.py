"""Numbers that a configuration must hold, given its other choices."""

from typing import TypeVar

from model.features.levels import UnsupportedPreparationError

Number = TypeVar("Number", int, float)


def required(field: str, number: Number | None) -> Number:
    """Return a number of a configuration.

    Raises
    ------
    UnsupportedPreparationError
        When the configuration lacks it.
    """
    if number is None:
        raise UnsupportedPreparationError(field, None)
    return number
