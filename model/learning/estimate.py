"""A number with its interval, or why there is none."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A number and how sure it is.

    Attributes
    ----------
    value : float
    low, high : float or None
        Limits of the interval; None where only the number can be given, and `method`
        says why.
    method : str
        How the interval was made, for example ``logit of DeLong's variance``.
    level : float
        Nominal coverage of the interval.
    """

    value: float
    low: float | None
    high: float | None
    method: str
    level: float = 0.95


@dataclass(frozen=True)
class NotAssessable:
    """Why a number cannot be given.

    Attributes
    ----------
    why : str
        For example ``not assessable at n = 6: all labels are of one class``.
    """

    why: str


Assessed = Estimate | NotAssessable
"""A number, or why there is none."""
