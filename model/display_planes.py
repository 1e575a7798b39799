"""Planes of an image as a reader expects to see them: axial, coronal and sagittal.

A plane is cut along the array's own axes, so that every pixel of it is a voxel as it
was measured and nothing is interpolated. Of an oblique grid, each plane is named by the
anatomical plane that it is nearest to, and its edges say how it lies.

Design choice: planes are shown as radiologists see them: the front of the body up and
its left on the right in axial planes, the head up in the others, the front on the left
in sagittal ones (PS3.3 C.7.6.2.1.1 gives the axes; how they are shown is a habit).

Design choice: the planes go through the voxel of the region that is nearest to its
centre. The hottest one may lie at the edge, where activity spills in from a neighbour,
and the centre itself may lie outside of a bent region.

Design choice: the field that is shown is a box around that voxel, as wide as four times
the region's greatest extent, or as a third of the image if that is more. All planes
have one scale then, and a small tumour of a mouse is not lost in a field made for a
rat; where in the animal it lies is shown by the projection.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from model.grid import Grid, Mask
from model.outline import staircase_outlines

Span = tuple[int, int]
Field = tuple[Span, Span, Span]
"""First index, and the one behind the last, along each array axis."""

_EXTENTS = 4.0
_PART_OF_IMAGE = 1.0 / 3.0
_OBLIQUE = 0.35
"""Cosine from which a second direction is named: about 20 degrees."""


@dataclass(frozen=True)
class AxisLetters:
    """What both ends of the patient's axes are called.

    Attributes
    ----------
    x, y, z : tuple of (str, str)
        Towards lower, towards greater coordinates.
    """

    x: tuple[str, str] = ("R", "L")
    y: tuple[str, str] = ("A", "P")
    z: tuple[str, str] = ("F", "H")


@dataclass(frozen=True)
class PlaneAxes:
    """How a plane is cut out of an array and turned.

    Attributes
    ----------
    name : str
        ``Axial``, ``Coronal`` or ``Sagittal``.
    through : int
        Array axis that the plane is perpendicular to.
    down, across : int
        Array axes that run along the plane's rows and columns.
    turned_down, turned_across : bool
        Whether they run against the array's.
    """

    name: str
    through: int
    down: int
    across: int
    turned_down: bool
    turned_across: bool


@dataclass(frozen=True)
class Lattice:
    """The pixel centres of a plane in patient space.

    Attributes
    ----------
    shape : tuple of int
        (rows, columns).
    origin_mm, down_mm, across_mm : tuple of float
        Centre of the first pixel, and the ways to the next row and column.
    """

    shape: tuple[int, int]
    origin_mm: tuple[float, float, float]
    down_mm: tuple[float, float, float]
    across_mm: tuple[float, float, float]

    def divided(self, parts: tuple[int, int]) -> "Lattice":
        """Return a finer lattice whose outer edges are this one's.

        Parameters
        ----------
        parts : tuple of int
            Into how many rows and columns each row and column is divided.
        """
        down, across = (
            np.array(step) / count
            for step, count in zip((self.down_mm, self.across_mm), parts, strict=True)
        )
        first = np.array(self.origin_mm)
        first -= 0.5 * (parts[0] - 1) * down + 0.5 * (parts[1] - 1) * across
        rows, columns = self.shape
        return Lattice(
            (rows * parts[0], columns * parts[1]),
            _vector(first),
            _vector(down),
            _vector(across),
        )


def display_axes(grid: Grid) -> tuple[PlaneAxes, PlaneAxes, PlaneAxes]:
    """Return how the axial, coronal and sagittal planes lie in a grid's arrays."""
    directions = _directions(grid)
    x, y, z = max(
        permutations(range(3)),
        key=lambda axes: sum(abs(directions[axis, at]) for at, axis in enumerate(axes)),
    )
    to_left = directions[x, 0] < 0.0
    to_back = directions[y, 1] < 0.0
    to_feet = directions[z, 2] > 0.0
    return (
        PlaneAxes("Axial", z, y, x, to_back, to_left),
        PlaneAxes("Coronal", y, z, x, to_feet, to_left),
        PlaneAxes("Sagittal", x, z, y, to_feet, to_back),
    )


def central_voxel(mask: Mask) -> tuple[int, int, int]:
    """Return the voxel of a region that is nearest to its centre, in millimetres.

    The first one in the order of the array where several are; of a region with at least
    one voxel.
    """
    voxels = _voxels_of(mask)
    steps = voxels - voxels.mean(axis=0)
    distances = np.linalg.norm(steps @ _steps(mask.grid), axis=1)
    # Not by a hair: equal distances may differ in the last bits.
    nearest = int(np.argmax(distances <= distances.min() * (1.0 + 1e-9) + 1e-9))
    first, second, third = voxels[nearest].tolist()
    return first, second, third


def field_around(mask: Mask, centre: Sequence[int]) -> Field:
    """Return the box around a voxel that shows a region and what lies near it.

    As large as the docstring of this module says, moved to lie within the image, and
    smaller where the image is.

    Parameters
    ----------
    mask : Mask
        With at least one voxel.
    centre : sequence of int
        Voxel.
    """
    spacing = np.array(mask.grid.spacing_mm)
    voxels = _voxels_of(mask)
    extents = (np.ptp(voxels, axis=0) + 1) * spacing
    image = np.array(mask.grid.shape) * spacing
    wanted = max(_EXTENTS * extents.max(), _PART_OF_IMAGE * image.max())
    # A region that lies beside its central voxel is to be seen whole all the same.
    reach = np.abs(voxels - np.array(centre)).max(axis=0)
    sizes = np.maximum(np.rint(wanted / spacing), 2 * reach + 3).astype(int)
    first, second, third = (
        _span(int(at), int(size), length)
        for at, size, length in zip(centre, sizes, mask.grid.shape, strict=True)
    )
    return first, second, third


def whole_field(grid: Grid) -> Field:
    """Return the box of the whole image."""
    slices, rows, columns = grid.shape
    return (0, slices), (0, rows), (0, columns)


def cut_plane(
    values: NDArray[np.generic], axes: PlaneAxes, at: int, field: Field
) -> NDArray[np.generic]:
    """Return a plane of an array within a field, turned as it is shown.

    Parameters
    ----------
    values : ndarray, shape (slices, rows, columns)
    axes : PlaneAxes
    at : int
        Index along the axis that the plane is perpendicular to.
    field : Field
    """
    cut: list[slice | int] = [slice(*span) for span in field]
    cut[axes.through] = at
    return turned(values[tuple(cut)], axes)


def turned(plane: NDArray[np.generic], axes: PlaneAxes) -> NDArray[np.generic]:
    """Return an array without its axis `through` as the plane is shown."""
    if axes.down > axes.across:
        plane = plane.T
    rows = slice(None, None, -1 if axes.turned_down else 1)
    columns = slice(None, None, -1 if axes.turned_across else 1)
    return plane[rows, columns]


def plane_lattice(grid: Grid, axes: PlaneAxes, at: int, field: Field) -> Lattice:
    """Return where the pixels lie that `cut_plane` returns."""
    first = [float(span[0]) for span in field]
    first[axes.through] = float(at)
    steps = _steps(grid)
    down, across = steps[axes.down].copy(), steps[axes.across].copy()
    if axes.turned_down:
        first[axes.down] = float(field[axes.down][1] - 1)
        down = -down
    if axes.turned_across:
        first[axes.across] = float(field[axes.across][1] - 1)
        across = -across
    begin, end = field[axes.down], field[axes.across]
    return Lattice(
        (begin[1] - begin[0], end[1] - end[0]),
        _vector(grid.points_mm(np.array([first]))[0]),
        _vector(down),
        _vector(across),
    )


def plane_spacing_mm(grid: Grid, axes: PlaneAxes) -> tuple[float, float]:
    """Return the distances between rows and between columns of a plane."""
    return grid.spacing_mm[axes.down], grid.spacing_mm[axes.across]


def outlines_in(
    inside: NDArray[np.bool_], axes: PlaneAxes, at: int, field: Field
) -> list[NDArray[np.float64]]:
    """Return the outlines of a region in a plane, along the edges of its voxels.

    Returns
    -------
    list of ndarray, shape (points, 2)
        Closed, (row, column) of the plane as it is shown; the centre of the first pixel
        is (0, 0).
    """
    return staircase_outlines(cut_plane(inside, axes, at, field).astype(np.bool_))


def edge_letters(
    grid: Grid, axes: PlaneAxes, letters: AxisLetters
) -> tuple[str, str, str, str]:
    """Return what lies at the left, right, upper and lower edge of a plane.

    Two directions where the axis runs between them, the nearer one first.
    """
    directions = _directions(grid)
    across = directions[axes.across] * (-1.0 if axes.turned_across else 1.0)
    down = directions[axes.down] * (-1.0 if axes.turned_down else 1.0)
    return (
        _called(-across, letters),
        _called(across, letters),
        _called(-down, letters),
        _called(down, letters),
    )


def _called(direction: NDArray[np.float64], letters: AxisLetters) -> str:
    ends = (letters.x, letters.y, letters.z)
    order = np.argsort(-np.abs(direction), kind="stable").tolist()
    named = [order[0], *(at for at in order[1:2] if abs(direction[at]) >= _OBLIQUE)]
    return "".join(ends[at][int(direction[at] > 0.0)] for at in named)


def _voxels_of(mask: Mask) -> NDArray[np.intp]:
    # As np.argwhere, which takes ten times as long for an array of three axes.
    found = np.flatnonzero(mask.inside)
    return np.stack(np.unravel_index(found, mask.grid.shape), axis=1)


def _span(at: int, size: int, length: int) -> Span:
    size = min(size, length)
    first = min(max(at - size // 2, 0), length - size)
    return first, first + size


def _steps(grid: Grid) -> NDArray[np.float64]:
    return np.array([grid.slice_step_mm, grid.row_step_mm, grid.column_step_mm])


def _directions(grid: Grid) -> NDArray[np.float64]:
    steps = _steps(grid)
    return np.asarray(steps / np.linalg.norm(steps, axis=1)[:, np.newaxis], np.float64)


def _vector(values: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = values.tolist()
    return x, y, z
