"""A mouse made of ellipsoids: where its organs lie, how bright and how dense they are.

Design choice: the shapes are those of a 22 g mouse and grow with the cube root of the
weight, so that density stays that of water and the activity in the field of view stays
in balance with the dose. The uptake is that of FDG an hour after the injection.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.grid import Grid, Vector

REFERENCE_WEIGHT_G = 22.0
"""Weight of the mouse whose measures stand in `MOUSE`, grams."""

Box = tuple[slice, slice, slice]


@dataclass(frozen=True)
class Ellipsoid:
    """An ellipsoid along the axes of patient space.

    Attributes
    ----------
    centre_mm : Vector
        LPS millimetres.
    semi_axes_mm : Vector
        Along x (left), y (posterior) and z (superior), millimetres.
    """

    centre_mm: Vector
    semi_axes_mm: Vector

    @property
    def volume_ml(self) -> float:
        """Volume in millilitres."""
        return float(4.0 / 3.0 * np.pi * np.prod(self.semi_axes_mm)) / 1000.0

    def scaled(self, factor: float) -> "Ellipsoid":
        """Return the ellipsoid of an animal whose lengths are `factor` times these."""
        return Ellipsoid(
            _times(self.centre_mm, factor), _times(self.semi_axes_mm, factor)
        )

    def grown(self, margin_mm: float) -> "Ellipsoid":
        """Return the ellipsoid with every semi-axis longer by a margin."""
        x, y, z = self.semi_axes_mm
        return Ellipsoid(self.centre_mm, (x + margin_mm, y + margin_mm, z + margin_mm))

    def box(self, grid: Grid) -> Box:
        """Return the part of the grid that the ellipsoid can touch, clipped to it."""
        corners = np.array(
            [
                np.subtract(self.centre_mm, self.semi_axes_mm),
                np.add(self.centre_mm, self.semi_axes_mm),
            ]
        )
        indices = grid.indices(corners)
        low = np.floor(indices.min(axis=0)).astype(int)
        high = np.ceil(indices.max(axis=0)).astype(int) + 1
        slices, rows, columns = (
            slice(min(max(int(first), 0), size), max(min(int(last), size), 0))
            for first, last, size in zip(low, high, grid.shape, strict=True)
        )
        return slices, rows, columns

    def radius(self, grid: Grid, box: Box) -> NDArray[np.float64]:
        """Return the normalised radius of voxel centres; 1 is the surface.

        Returns
        -------
        ndarray, shape of the box
        """
        return np.sqrt(self._squared(grid, box, self.semi_axes_mm))

    def coverage(self, grid: Grid, box: Box) -> NDArray[np.float64]:
        """Return how much of each voxel the ellipsoid fills, 0 to 1.

        The edge is a ramp one voxel wide along the ray from the centre: enough for an
        image that a scanner's resolution will blur.

        Returns
        -------
        ndarray, shape of the box
        """
        radius = np.maximum(self.radius(grid, box), 1e-9)
        distance_mm = np.sqrt(self._squared(grid, box, (1.0, 1.0, 1.0)))
        beyond_mm = np.where(radius < 0.5, -np.inf, distance_mm * (1.0 - 1.0 / radius))  # noqa: PLR2004 - deep inside, where the ray is too short to say
        edge_mm = float(np.cbrt(grid.voxel_volume_ml * 1000.0))
        return np.asarray(np.clip(0.5 - beyond_mm / edge_mm, 0.0, 1.0))

    def contains(self, grid: Grid) -> NDArray[np.bool_]:
        """Return the voxels whose centres lie inside or on the surface.

        Returns
        -------
        ndarray of bool, shape ``grid.shape``
        """
        inside = np.zeros(grid.shape, dtype=np.bool_)
        box = self.box(grid)
        inside[box] = self.radius(grid, box) <= 1.0
        return inside

    def _squared(self, grid: Grid, box: Box, unit_mm: Vector) -> NDArray[np.float64]:
        """Return squared offsets from the centre, each axis in its own unit.

        Axis by axis, since the grids of a phantom run along patient space.
        """
        along = []
        steps = (grid.slice_step_mm, grid.row_step_mm, grid.column_step_mm)
        for array_axis, step in enumerate(steps):
            (axis,) = np.flatnonzero(step)
            index = np.arange(box[array_axis].start, box[array_axis].stop)
            offset = grid.origin_mm[axis] + index * step[axis] - self.centre_mm[axis]
            along.append((offset / unit_mm[axis]) ** 2)
        z, y, x = along
        return np.asarray(z[:, None, None] + y[None, :, None] + x[None, None, :])


@dataclass(frozen=True)
class Organ:
    """A part of the mouse.

    Attributes
    ----------
    name : str
    shape : Ellipsoid
        In a mouse of `REFERENCE_WEIGHT_G`.
    suv : float
        Uptake, g/ml.
    hounsfield : float
        CT number, Hounsfield units.
    """

    name: str
    shape: Ellipsoid
    suv: float
    hounsfield: float


BED = Organ("bed", Ellipsoid((0.0, -15.5, 0.0), (19.0, 1.2, 75.0)), 0.0, -250.0)
"""What the animal lies on; it does not grow with the animal."""

BODY = (
    Organ("trunk", Ellipsoid((0.0, 0.0, 0.0), (11.5, 10.5, 31.0)), 0.55, 40.0),
    Organ("haunches", Ellipsoid((0.0, 1.0, -19.0), (12.5, 9.5, 14.0)), 0.55, 40.0),
    Organ("head", Ellipsoid((0.0, 2.0, 36.0), (8.0, 8.5, 14.0)), 0.55, 40.0),
)
"""Soft tissue; together they have the volume of the weight."""

ORGANS = (
    Organ("skull", Ellipsoid((0.0, 3.0, 38.0), (5.6, 4.8, 8.0)), 0.5, 700.0),
    Organ("brain", Ellipsoid((0.0, 3.0, 38.0), (4.9, 4.1, 7.2)), 2.1, 45.0),
    Organ("left lung", Ellipsoid((4.6, -0.5, 15.0), (3.4, 4.6, 6.5)), 0.4, -480.0),
    Organ("right lung", Ellipsoid((-4.6, -0.5, 15.0), (3.4, 4.6, 6.5)), 0.4, -480.0),
    Organ("heart", Ellipsoid((0.6, -2.4, 13.0), (3.4, 3.4, 4.2)), 4.2, 50.0),
    Organ("liver", Ellipsoid((0.0, -2.0, 4.0), (8.0, 6.0, 4.2)), 0.8, 60.0),
    Organ("left kidney", Ellipsoid((4.6, 4.6, -3.0), (2.2, 2.7, 4.2)), 2.2, 45.0),
    Organ("right kidney", Ellipsoid((-4.6, 4.6, -1.0), (2.2, 2.7, 4.2)), 2.2, 45.0),
    Organ("bladder", Ellipsoid((0.0, -4.2, -24.0), (2.9, 2.7, 3.4)), 14.0, 15.0),
    Organ("spine", Ellipsoid((0.0, 7.4, 2.0), (1.4, 1.4, 36.0)), 0.8, 520.0),
)
"""What stands out of the soft tissue, in the order in which it is painted."""

FLANK_MM = (-11.5, 0.5, -6.3)
"""The skin of the right flank, where a subcutaneous tumour grows, LPS millimetres."""


def _times(vector: Vector, factor: float) -> Vector:
    x, y, z = vector
    return (x * factor, y * factor, z * factor)
