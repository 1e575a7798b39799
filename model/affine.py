"""Affine maps between coordinate systems of patient space."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Row = tuple[float, float, float, float]


@dataclass(frozen=True)
class Affine:
    """A map of points in millimetres, as a homogeneous matrix.

    Attributes
    ----------
    rows : tuple of tuple of float
        The upper three rows of the 4 x 4 matrix; the last is 0, 0, 0, 1.
    """

    rows: tuple[Row, Row, Row]

    def apply(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where points come to lie, shape (points, 3)."""
        matrix = np.array(self.rows, np.float64)
        moved = np.asarray(points_mm, np.float64) @ matrix[:, :3].T + matrix[:, 3]
        return np.asarray(moved, np.float64)


IDENTITY = Affine(((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0)))
"""Leaves every point where it is."""
