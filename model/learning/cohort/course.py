"""Time courses: mean, standard deviation and standard error, day by day."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CoursePoint:
    """A group of animals on one day.

    Attributes
    ----------
    day : float
    count : int
        Animals with a value.
    mean : float
    sd, sem : float or None
        Standard deviation (of n - 1) and standard error of the mean; None for one
        animal, of which neither is to be had.
    """

    day: float
    count: int
    mean: float
    sd: float | None
    sem: float | None


def course(values: Floats, days: Floats) -> tuple[CoursePoint, ...]:
    """Return the course of one group, in the order of the days.

    Parameters
    ----------
    values, days : ndarray of float, shape (observations,)
        One value an animal and day. Values that are NaN are not counted, and a day
        without any has no point.
    """
    known = np.isfinite(values)
    return tuple(
        _point(float(day), values[known & (days == day)])
        for day in np.unique(days[known])
    )


def _point(day: float, values: Floats) -> CoursePoint:
    count, mean = len(values), float(values.mean())
    if count == 1:
        return CoursePoint(day, count, mean, None, None)
    sd = float(values.std(ddof=1))
    return CoursePoint(day, count, mean, sd, float(sd / np.sqrt(count)))
