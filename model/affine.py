"""Affine maps between coordinate systems of patient space."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from model.errors import ModelError
from model.grid import Grid

Row = tuple[float, float, float, float]

RIGID_TOLERANCE = 1e-3
"""Error of a rotation's elements up to which a map counts as rigid: 0.1 mm over the
100 mm of a mouse. Decimal strings of some writers carry no more digits."""

_SINGULAR = 1e-6
"""Least over greatest scale under which a map cannot be inverted."""


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
        moved = np.asarray(points_mm, np.float64) @ self.linear.T + self.shift_mm
        return np.asarray(moved, np.float64)

    @property
    def linear(self) -> NDArray[np.float64]:
        """Rotation, scale and shear, shape (3, 3)."""
        return np.array(self.rows, np.float64)[:, :3]

    @property
    def shift_mm(self) -> NDArray[np.float64]:
        """Where the origin comes to lie, shape (3,)."""
        return np.array(self.rows, np.float64)[:, 3]

    @property
    def is_rigid(self) -> bool:
        """Whether it turns and shifts and does nothing else (PS3.3 C.20.2.1.2)."""
        linear = self.linear
        error = float(np.abs(linear.T @ linear - np.eye(3)).max())
        return error <= RIGID_TOLERANCE and float(np.linalg.det(linear)) > 0.0

    @property
    def is_rigid_with_scale(self) -> bool:
        """Whether axes stay perpendicular (PS3.3 C.20.2.1.2).

        Scales before a rotation leave the columns perpendicular, scales after it the
        rows; the standard names no order.
        """
        linear = self.linear
        return _perpendicular(linear) or _perpendicular(linear.T)

    @property
    def is_invertible(self) -> bool:
        """Whether every point comes from one point, and all numbers are finite."""
        if not np.isfinite(np.array(self.rows, np.float64)).all():
            return False
        scales = np.linalg.svd(self.linear, compute_uv=False)
        return bool(scales[-1] > _SINGULAR * scales[0])

    @property
    def rotation_degrees(self) -> float:
        """Angle of the rotation that is nearest to the linear part."""
        left, _, right = np.linalg.svd(self.linear)
        rotation = left @ right
        if np.linalg.det(rotation) < 0.0:
            # A mirror image has no angle; half a turn is the farthest from none.
            return 180.0
        # The sine stays exact where the cosine has lost its digits.
        axis = np.array(
            [
                rotation[2, 1] - rotation[1, 2],
                rotation[0, 2] - rotation[2, 0],
                rotation[1, 0] - rotation[0, 1],
            ]
        )
        sine, cosine = np.linalg.norm(axis), np.trace(rotation) - 1.0
        return float(np.degrees(np.arctan2(sine, cosine)))

    def after(self, first: "Affine") -> "Affine":
        """Return the map that does another one first, and then this one."""
        linear = self.linear @ first.linear
        return affine(linear, self.linear @ first.shift_mm + self.shift_mm)

    def inverse(self) -> "Affine":
        """Return the map that leads back.

        Raises
        ------
        SingularAffineError
            When there is none.
        """
        if not self.is_invertible:
            raise SingularAffineError(self)
        linear = np.asarray(np.linalg.inv(self.linear), np.float64)
        return affine(linear, -linear @ self.shift_mm)

    def displacements_mm(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far points are moved, shape (points,)."""
        points = np.asarray(points_mm, np.float64)
        return np.asarray(np.linalg.norm(self.apply(points) - points, axis=1))


def affine(linear: NDArray[np.float64], shift_mm: NDArray[np.float64]) -> Affine:
    """Return the map of a linear part, shape (3, 3), and a shift, shape (3,)."""
    first, second, third = np.column_stack([linear, shift_mm]).tolist()
    return Affine((_row(first), _row(second), _row(third)))


def composed(steps: Iterable[Affine]) -> Affine:
    """Return the map that takes steps one after the other, the first one first."""
    whole = IDENTITY
    for step in steps:
        whole = step.after(whole)
    return whole


def greatest_difference_mm(
    one: Affine, other: Affine, points_mm: NDArray[np.float64]
) -> float:
    """Return how far two maps take a point apart, at most.

    Parameters
    ----------
    one, other : Affine
    points_mm : ndarray, shape (points, 3)
        The corners of a box stand for all of it: the distance is convex.
    """
    apart = one.apply(points_mm) - other.apply(points_mm)
    return float(np.linalg.norm(apart, axis=1).max())


def box_corners_mm(
    low_mm: tuple[float, float, float], high_mm: tuple[float, float, float]
) -> NDArray[np.float64]:
    """Return the corners of a box along the axes of patient space, shape (8, 3)."""
    return np.array(list(product(*zip(low_mm, high_mm, strict=True))), np.float64)


def field_corners_mm(grid: Grid) -> NDArray[np.float64]:
    """Return the outer corners of an image's field of view, LPS mm, shape (8, 3)."""
    ends = [(-0.5, size - 0.5) for size in grid.shape]
    return grid.points_mm(np.array(list(product(*ends)), np.float64))


def _perpendicular(linear: NDArray[np.float64]) -> bool:
    """Return whether columns are perpendicular to each other."""
    lengths = np.linalg.norm(linear, axis=0)
    if not lengths.all():
        return False
    unit = linear / lengths
    return float(np.abs(unit.T @ unit - np.eye(3)).max()) <= RIGID_TOLERANCE


def _row(values: list[float]) -> Row:
    a, b, c, d = values
    return (a, b, c, d)


IDENTITY = Affine(((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0)))
"""Leaves every point where it is."""


class SingularAffineError(ModelError):
    """A map takes different points to one, so that nothing leads back."""

    reason = "frame_of_reference"
    remedy = "Register the images again."

    def __init__(self, singular: Affine) -> None:
        super().__init__("a map between coordinate systems cannot be inverted")
        self.rows = singular.rows
