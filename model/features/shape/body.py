"""A region as a body: what several features of its shape share, measured once.

Design choice: everything is measured on the box of whole voxels around the region, and
hulls from the two ends of each row of it alone. Since a row's other voxels lie between
its ends they are no vertices. So memory and time follow the region, not the image.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.features.hull import Hull, hull_of
from model.features.shape import crofton
from model.features.shape.slice_hull import SliceHull, slice_hull
from model.features.shape.slices import (
    Ellipse,
    ellipse_of,
    half_counted,
    half_counted_hulls,
    inner_voxels,
)
from model.grid import Mask

_CM_PER_MM = 0.1
_CM3_PER_MM3 = 1e-3


@dataclass(frozen=True, eq=False)
class Body:
    """The voxels of a region in the box around them.

    Attributes
    ----------
    inside : ndarray of bool, shape (slices, rows, columns)
        The box: each of its six faces touches the region.
    spacing_mm : tuple of float
        Of the voxels, along (slice, row, column).
    voxel_volume_cm3 : float
    """

    inside: NDArray[np.bool_]
    spacing_mm: tuple[float, float, float]
    voxel_volume_cm3: float

    @cached_property
    def voxels(self) -> int:
        """Number of voxels, each counted fully."""
        return int(np.count_nonzero(self.inside))

    @cached_property
    def half_counted_voxels(self) -> float:
        """Number of voxels, those on the edge of their slice counted half."""
        return half_counted(self.voxels, inner_voxels(self.inside))

    @property
    def volume_cm3(self) -> float:
        """Volume of the half-counted voxels."""
        return self.half_counted_voxels * self.voxel_volume_cm3

    @cached_property
    def surface_cm2(self) -> float:
        """Crofton's estimate of the surface."""
        return crofton.surface_area(self.inside, self._spacing_cm)

    @property
    def mean_breadth_cm(self) -> float:
        """Crofton's estimate of the mean breadth."""
        return crofton.mean_breadth(self.inside, self._spacing_cm)

    @property
    def box_volume_cm3(self) -> float:
        """Volume of the box of whole voxels around the region."""
        return self.inside.size * self.voxel_volume_cm3

    @cached_property
    def objects(self) -> int:
        """Number of parts; voxels that share a face, edge or corner are in one part."""
        _, parts = ndimage.label(self.inside, structure=np.ones((3, 3, 3), np.bool_))
        return int(parts)

    @cached_property
    def ellipses(self) -> tuple[Ellipse, ...]:
        """The ellipse of each slice that the region is in."""
        aspect = self.spacing_mm[1] / self.spacing_mm[2]
        return tuple(
            ellipse_of(image, aspect) for image in self.inside if np.any(image)
        )

    @cached_property
    def slice_hulls(self) -> tuple[SliceHull, ...]:
        """The convex image of each slice that the region is in."""
        return tuple(
            slice_hull(first, last, rows)
            for first, last, rows in zip(*self._rows, strict=True)
            if rows.any()
        )

    @property
    def slice_hulls_volume_cm3(self) -> float:
        """Volume of the slices' convex images, counted as that of the region."""
        return half_counted_hulls(self.slice_hulls) * self.voxel_volume_cm3

    @property
    def convexities(self) -> list[float]:
        """Of each slice that the region is in, pixels over pixels of its hull."""
        pixels = np.count_nonzero(self.inside, axis=(1, 2))
        return [
            int(n) / hull.pixels
            for n, hull in zip(pixels[pixels > 0], self.slice_hulls, strict=True)
        ]

    @cached_property
    def hull(self) -> Hull:
        """The convex hull of the voxel centres."""
        first, last, rows = self._rows
        slices, lines = np.nonzero(rows)
        ends = [np.column_stack([slices, lines, ends[rows]]) for ends in (first, last)]
        return hull_of(np.vstack(ends) * np.array(self.spacing_mm))

    @property
    def hull_volume_cm3(self) -> float:
        """Volume of the hull of the voxel centres; 0 when these lie in a plane."""
        return self.hull.volume_mm3 * _CM3_PER_MM3

    @property
    def diameter_cm(self) -> float:
        """Greatest distance between two voxel centres; 0 for one voxel."""
        return self.hull.diameter_mm * _CM_PER_MM

    @property
    def _spacing_cm(self) -> tuple[float, float, float]:
        along_slice, along_row, along_column = self.spacing_mm
        return (
            along_slice * _CM_PER_MM,
            along_row * _CM_PER_MM,
            along_column * _CM_PER_MM,
        )

    @cached_property
    def _rows(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """First and last column of each row, and which rows the region is in.

        Returns
        -------
        tuple of ndarray, each of shape (slices, rows)
        """
        first = self.inside.argmax(axis=2)
        last = self.inside.shape[2] - 1 - self.inside[:, :, ::-1].argmax(axis=2)
        return first, last, np.asarray(self.inside.any(axis=2))


def body_of(mask: Mask) -> Body | None:
    """Return the body of a region, or None where the region is empty."""
    inside = mask.inside[mask.box]
    if not inside.size:
        return None
    return Body(
        np.ascontiguousarray(inside), mask.grid.spacing_mm, mask.grid.voxel_volume_ml
    )
