"""Contours in patient space, and the voxels that they enclose.

Design choice: a voxel belongs to a region when its centre does, by the even-odd rule in
the plane of the contour; contours of one plane combine by exclusive or, so that an
inner contour is a hole. A contour applies to the slice that is nearest to its plane,
within half a slice. Where several contour planes are nearest to one slice, as when
contours were drawn on thinner slices, the plane closest to the slice's centre counts.

Design choice: a centre that lies on an outline belongs to the side to which it would
move by an infinitesimal step to the left, then posterior, then superior (LPS+). The
rule is applied in patient space, after indices are rounded to a millionth of a voxel,
so that a copy of the image with flipped or swapped axes gives the same voxels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import ModelError
from model.grid import Grid, Mask, Vector

_DECIMALS_OF_A_VOXEL = 6
_SAME_PLANE_MM = 0.02
# Contours are written with two or three decimals of a millimetre; the thinnest slices
# are near 0.1 mm. What leaves its plane by more than this is oblique.
_PLANARITY_SLICES = 0.2

Indices = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Contour:
    """One closed planar polygon.

    Attributes
    ----------
    points_mm : ndarray, shape (points, 3)
        LPS millimetres; the last point joins the first.
    """

    points_mm: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Roi:
    """A region of interest as it was drawn.

    Attributes
    ----------
    number : int
        Number of the region in its structure set.
    name : str
    contours : tuple of Contour
    frame_of_reference : str
        Name of the coordinate system of the points.
    """

    number: int
    name: str
    contours: tuple[Contour, ...]
    frame_of_reference: str


def rasterise(roi: Roi, grid: Grid) -> Mask:
    """Return the voxels whose centres the contours enclose.

    The caller makes sure that contours and grid share a frame of reference.

    Parameters
    ----------
    roi : Roi
    grid : Grid

    Returns
    -------
    Mask
        On the grid; without any voxel when contours inside the image are too small to
        enclose a centre.

    Raises
    ------
    ObliqueContoursError
        When a contour is not parallel to the slices.
    RoiOutsideImageError
        When no voxel is enclosed and contours lie outside the image.

    References
    ----------
    * DICOM PS3.3 C.8.8.6.3.
    """
    axes = _Axes.of(grid)
    outlines = _outlines(roi, grid, axes)
    inside = np.zeros(grid.shape, np.bool_)
    slices = _slices_of_contours(outlines, grid, axes)
    _fill(axes.view(inside), outlines, slices)
    mask = Mask(grid, inside)
    if not mask.voxels and _outside(outlines, axes).any():
        raise RoiOutsideImageError(roi, grid)
    return mask


def outside_contours(roi: Roi, grid: Grid) -> int:
    """Return how many contours lie outside the image, wholly or in part.

    The image ends half a voxel beyond its outermost centres.

    Raises
    ------
    ObliqueContoursError
        When a contour is not parallel to the slices.
    """
    axes = _Axes.of(grid)
    return int(np.count_nonzero(_outside(_outlines(roi, grid, axes), axes)))


@dataclass(frozen=True)
class _Axes:
    """How array axes become slices, lines and places along them in patient space.

    Attributes
    ----------
    order : tuple of int
        Array axes of slices, of the more posterior, and of the more leftward way.
    flipped : tuple of bool
        Whether each of these runs against its patient axis.
    shape : tuple of int
        Of the grid, in this order.
    """

    order: tuple[int, int, int]
    flipped: tuple[bool, bool, bool]
    shape: tuple[int, int, int]

    @classmethod
    def of(cls, grid: Grid) -> "_Axes":
        steps = (grid.slice_step_mm, grid.row_step_mm, grid.column_step_mm)
        lines, places = sorted((1, 2), key=lambda axis: -_dominant(steps[axis]))
        order = (0, lines, places)
        flips = [steps[axis][_dominant(steps[axis])] < 0 for axis in order]
        shape = (grid.shape[0], grid.shape[lines], grid.shape[places])
        return cls(order, (flips[0], flips[1], flips[2]), shape)

    def view(self, array: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the array, seen along patient axes; what is written shows in it."""
        ways = tuple(slice(None, None, -1 if flip else 1) for flip in self.flipped)
        return array.transpose(self.order)[ways]

    def indices(self, points_mm: NDArray[np.float64], grid: Grid) -> Indices:
        """Return (slice, line, place) of the points, rounded, shape (points, 3)."""
        indices = grid.indices(points_mm)[:, self.order]
        ends = np.array(self.shape) - 1.0
        indices = np.where(self.flipped, ends - indices, indices)
        return np.asarray(np.round(indices, _DECIMALS_OF_A_VOXEL), np.float64)


def _dominant(step: Vector) -> int:
    return int(np.argmax(np.abs(step)))


@dataclass(frozen=True, eq=False)
class _Outlines:
    """All contours of a region, one after the other.

    Attributes
    ----------
    indices : ndarray, shape (points, 3)
        (slice, line, place).
    starts, sizes : ndarray of int, shape (contours,)
        First point of each contour, and how many it has.
    """

    indices: Indices
    starts: Integers
    sizes: Integers

    @property
    def planes(self) -> NDArray[np.float64]:
        """Continuous slice index of each contour, shape (contours,)."""
        sums = np.add.reduceat(self.indices[:, 0], self.starts)
        return np.asarray(np.round(sums / self.sizes, _DECIMALS_OF_A_VOXEL), np.float64)

    @property
    def next_points(self) -> Indices:
        """The point that follows each on its contour, shape (points, 3)."""
        following = np.arange(1, len(self.indices) + 1)
        following[self.starts + self.sizes - 1] = self.starts
        return self.indices[following]


def _outlines(roi: Roi, grid: Grid, axes: _Axes) -> _Outlines:
    points = [contour.points_mm for contour in roi.contours if len(contour.points_mm)]
    sizes = np.array([len(contour) for contour in points], np.int64)
    starts = np.cumsum(sizes) - sizes
    stacked = np.concatenate(points) if points else np.empty((0, 3))
    indices = axes.indices(stacked, grid)
    if points:
        low = np.minimum.reduceat(indices[:, 0], starts)
        high = np.maximum.reduceat(indices[:, 0], starts)
        leaves = float((high - low).max())
        if leaves > _PLANARITY_SLICES:
            raise ObliqueContoursError(roi.name, leaves)
    return _Outlines(indices, starts, sizes)


def _outside(outlines: _Outlines, axes: _Axes) -> NDArray[np.bool_]:
    """Return which contours have a point outside the image, shape (contours,)."""
    if not len(outlines.starts):
        return np.zeros(0, np.bool_)
    slack = 0.5 + 10.0**-_DECIMALS_OF_A_VOXEL
    last = np.array(axes.shape) - 1.0
    beyond = (outlines.indices < -slack) | (outlines.indices > last + slack)
    return np.logical_or.reduceat(beyond.any(axis=1), outlines.starts)


def _slices_of_contours(outlines: _Outlines, grid: Grid, axes: _Axes) -> Integers:
    """Return to which slice each contour applies, shape (contours,); -1 for none."""
    slices = np.full(len(outlines.starts), -1, np.int64)
    if not len(slices):
        return slices
    tolerance = _SAME_PLANE_MM / grid.spacing_mm[0]
    nearest: dict[int, tuple[float, Integers]] = {}
    for plane, contours in _contour_planes(outlines.planes, tolerance):
        index = int(np.ceil(plane - 0.5))
        distance = abs(plane - index)
        # Planes come in rising order: of two at equal distance the later is the
        # superior one, which is nearer to a centre that moves that way.
        if index not in nearest or distance <= nearest[index][0]:
            nearest[index] = (distance, contours)
    for index, (_, contours) in nearest.items():
        if 0 <= index < axes.shape[0]:
            slices[contours] = index
    return slices


def _contour_planes(
    planes: NDArray[np.float64], tolerance: float
) -> list[tuple[float, Integers]]:
    """Return distinct planes in rising order, each with the contours that lie in it."""
    rising = np.argsort(planes, kind="stable")
    cuts = np.flatnonzero(np.diff(planes[rising]) > tolerance) + 1
    return [(float(planes[group[0]]), group) for group in np.split(rising, cuts)]


def _fill(view: NDArray[np.bool_], outlines: _Outlines, slices: Integers) -> None:
    """Set what the outlines enclose."""
    crossings = _crossings(outlines, slices, view.shape)
    if not crossings.shape[1]:
        return
    which, lines, places = crossings
    used, rank = np.unique(which, return_inverse=True)
    top, bottom = int(lines.min()), int(lines.max()) + 1
    left, right = int(places.min()), int(places.max())
    # A centre is inside when an odd number of outlines lie at or before it. Counts may
    # wrap: only their last bit matters.
    counts = np.zeros((len(used), bottom - top, right - left + 1), np.uint8)
    np.add.at(counts, (rank, lines - top, places - left), np.uint8(1))
    np.add.accumulate(counts, axis=2, out=counts)
    view[used, top:bottom, left:right] = counts[:, :, :-1] & 1


def _crossings(
    outlines: _Outlines, slices: Integers, shape: tuple[int, ...]
) -> Integers:
    """Return where outlines cross lines of voxel centres.

    Returns
    -------
    ndarray of int, shape (3, crossings)
        Slice, line, and the first place on it that is not before the crossing, from 0
        to the number of places.
    """
    starts, ends = outlines.indices, outlines.next_points
    # Edges run up, whichever way they were drawn, so that they round alike.
    upward = (starts[:, 1] < ends[:, 1])[:, np.newaxis]
    low, high = np.where(upward, starts, ends), np.where(upward, ends, starts)
    first = np.clip(np.ceil(low[:, 1]), 0, shape[1]).astype(np.int64)
    stop = np.clip(np.ceil(high[:, 1]), 0, shape[1]).astype(np.int64)
    of_point = np.repeat(slices, outlines.sizes)
    counts = np.where(of_point < 0, 0, stop - first)
    edge = np.repeat(np.arange(len(low)), counts)
    run = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    lines = first[edge] + run
    low, high = low[edge], high[edge]
    part = (lines - low[:, 1]) / (high[:, 1] - low[:, 1])
    places = low[:, 2] + part * (high[:, 2] - low[:, 2])
    places = np.ceil(np.round(places, _DECIMALS_OF_A_VOXEL))
    places = np.clip(places, 0, shape[2])
    return np.stack([of_point[edge], lines, places.astype(np.int64)])


class RoiOutsideImageError(ModelError):
    """Contours enclose no voxel because they lie outside the image."""

    reason = "roi_outside_image"
    remedy = "Check that the contours were drawn on this image, or on its CT."

    def __init__(self, roi: Roi, grid: Grid) -> None:
        points = np.concatenate([contour.points_mm for contour in roi.contours])
        corners = np.indices((2, 2, 2)).reshape(3, -1).T * (np.array(grid.shape) - 1.0)
        image = grid.points_mm(corners)
        super().__init__(
            f"the contours of {roi.name!r} span {_box(points)} and enclose no voxel of"
            f" the image, whose voxel centres span {_box(image)}"
        )
        self.roi_name = roi.name


class ObliqueContoursError(ModelError):
    """A contour is not parallel to the slices of the image."""

    reason = "oblique_contours"
    remedy = "Draw the contours on the planes of the PET or of its CT."

    def __init__(self, roi_name: str, slices: float) -> None:
        super().__init__(
            f"a contour of {roi_name!r} is not parallel to the slices: it spans"
            f" {slices:.2f} slices, where {_PLANARITY_SLICES} are allowed"
        )
        self.roi_name = roi_name
        self.slices = slices


def _box(points_mm: NDArray[np.float64]) -> str:
    low, high = points_mm.min(axis=0), points_mm.max(axis=0)
    spans = ", ".join(
        f"{axis} {a:.1f} to {b:.1f}"
        for axis, a, b in zip("xyz", low, high, strict=True)
    )
    return f"{spans} mm"
