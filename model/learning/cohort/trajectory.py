"""Trajectories: what an animal's measure did, and whether repetition could do as much.

Design choice: an animal is said to have changed only where the change is beyond the
repeatability coefficient, within which 95 % of two scans of an unchanged animal lie
(Bland and Altman 1986; QIBA). Without a coefficient nothing is said of the change.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Change:
    """What a measure did between two scans of an animal that follow each other.

    Attributes
    ----------
    from_day, to_day : float
    from_value, to_value : float
    is_beyond : bool or None
        Whether the change is larger than the repeatability coefficient; None where
        there is none.
    """

    from_day: float
    to_day: float
    from_value: float
    to_value: float
    is_beyond: bool | None

    @property
    def size(self) -> float:
        """Return the later value minus the earlier one."""
        return self.to_value - self.from_value


def changes(
    values: Floats, days: Floats, coefficient: float | None
) -> tuple[Change, ...]:
    """Return the changes of one animal, in the order of time.

    Parameters
    ----------
    values, days : ndarray of float, shape (scans,)
        One value a day; NaN is passed over.
    coefficient : float or None
        Repeatability coefficient, in the measure's unit.
    """
    known = np.isfinite(values)
    order = np.argsort(days[known], kind="stable")
    scans = zip(days[known][order], values[known][order], strict=True)
    return tuple(
        Change(
            float(day),
            float(later_day),
            float(value),
            float(later),
            None if coefficient is None else bool(abs(later - value) > coefficient),
        )
        for (day, value), (later_day, later) in pairwise(scans)
    )
