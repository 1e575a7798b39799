"""The surface of a region as a mesh of triangles, IBSI section 3.1.

Design choice: the mesh is of marching cubes (Lewiner's, which leaves no holes where a
cube is ambiguous) at half way between inside and outside, around the region alone: what
lies beyond the image's edge is outside.

References
----------
* Lorensen WE, Cline HE. Marching cubes. Computer Graphics 21:163, 1987.
* Lewiner T, et al. Efficient implementation of marching cubes' cases with topological
  guarantees. Journal of Graphics Tools 8:1, 2003.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from skimage.measure import marching_cubes

from model.grid import Mask

_HALF_WAY = 0.5


@dataclass(frozen=True, eq=False)
class Mesh:
    """A closed surface.

    Attributes
    ----------
    indices : ndarray, shape (vertices, 3)
        Continuous (slice, row, column) indices; a vertex lies half a voxel from a
        centre.
    vertices_mm : ndarray, shape (vertices, 3)
        Along the axes of patient space, from some point near the region on.
    faces : ndarray of int, shape (faces, 3)
        Vertices of each triangle, all in one sense of rotation.
    """

    indices: NDArray[np.float64]
    vertices_mm: NDArray[np.float64]
    faces: NDArray[np.int64]

    @cached_property
    def volume_mm3(self) -> float:
        """Enclosed volume: the tetrahedra of all faces and one point, with sign."""
        first, second, third = self._corners()
        products = np.einsum("ij,ij->i", first, np.cross(second, third))
        return float(abs(products.sum())) / 6.0

    @cached_property
    def area_mm2(self) -> float:
        """Sum of the triangles' areas."""
        first, second, third = self._corners()
        normals = np.cross(second - first, third - first)
        return float(np.linalg.norm(normals, axis=1).sum()) / 2.0

    def _corners(
        self,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        # From the middle on, so that the tetrahedra are small and little cancels.
        centred = self.vertices_mm - self.vertices_mm.mean(axis=0)
        corners = centred[self.faces]
        return corners[:, 0], corners[:, 1], corners[:, 2]


def mesh_of(mask: Mask) -> Mesh:
    """Return the surface of a region.

    Parameters
    ----------
    mask : Mask
        Of at least one voxel.
    """
    box = mask.box
    padded = np.pad(mask.inside[box], 1).astype(np.uint8)
    vertices, faces, _, _ = marching_cubes(  # type: ignore[no-untyped-call]
        padded, _HALF_WAY
    )  # scikit-image declares no types here
    # Half-integers are exact in the single precision in which they come.
    indices = vertices.astype(np.float64) - 1.0
    grid = mask.grid
    steps = np.array([grid.slice_step_mm, grid.row_step_mm, grid.column_step_mm])
    corner = np.array([side.start for side in box], np.float64)
    return Mesh(indices + corner, indices @ steps, faces.astype(np.int64))
