"""PET and CT of an animal as images that a registration can compare.

Design choice: PET intensities are clipped at a high percentile of the body and their
square root is taken, since a full bladder would leave all other organs in one bin of
the histogram. Mutual information does not care for the scale of either image, so that
CT numbers need no calibration.

Design choice: both images are cut to the box around the animal. Air tells nothing, and
turns are weighed by how far they move the animal's surface, not the corners of an empty
field of view.
"""

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import SimpleITK
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from model.errors import ModelError
from model.grid import Grid, Vector, Volume

sitk: Any = SimpleITK
"""Published without type information."""

Image = Any

_MARGIN_VOXELS = 8
_SMOOTHING_VOXELS = 2.0
_BRIGHTEST_PERCENT = 99.9
_BODY_PERCENT = 99.0
_CT_PERCENT = (0.1, 99.9)
_LEVELS = 256

Index = tuple[int, int, int]
Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Body:
    """Where the animal lies in a PET.

    Attributes
    ----------
    low, high : tuple of int
        Array box around it, with a margin; `high` is the first index beyond.
    corners_mm : ndarray, shape (8, 3)
        Of the box without the margin, LPS.
    girth_mm : float
        Geometric mean of its two smaller extents.
    """

    low: Index
    high: Index
    corners_mm: Points
    girth_mm: float

    @property
    def centre_mm(self) -> Points:
        """Centre of the box, shape (3,)."""
        return np.asarray(self.corners_mm.mean(axis=0), np.float64)


def voxel_mm(grid: Grid) -> float:
    """Return the edge of a cube with a voxel's volume."""
    return float(np.cbrt(grid.voxel_volume_ml * 1000.0))


def find_body(pet: Volume) -> Body:
    """Return where the animal lies: brighter than Otsu's threshold of square roots.

    Raises
    ------
    NothingToRegisterError
        When the PET is plain, or holds values that are no numbers.
    """
    smooth = gaussian_filter(
        np.asarray(pet.values, np.float32),
        _SMOOTHING_VOXELS * voxel_mm(pet.grid) / np.array(pet.grid.spacing_mm),
    )
    if not np.isfinite(smooth).all():
        fact = "the PET holds values that are no numbers"
        raise NothingToRegisterError(fact)
    brightest = float(np.percentile(smooth, _BRIGHTEST_PERCENT))
    if brightest <= 0.0 or float(smooth.min()) >= brightest:
        fact = "the PET shows nothing"
        raise NothingToRegisterError(fact)
    roots = np.sqrt(np.clip(smooth, 0.0, brightest) / np.float32(brightest))
    where = np.argwhere(roots > _otsu(roots))
    low, high = where.min(axis=0), where.max(axis=0) + 1
    extents_mm = np.sort((high - low) * np.array(pet.grid.spacing_mm))
    return Body(
        low=_index(np.maximum(low - _MARGIN_VOXELS, 0)),
        high=_index(np.minimum(high + _MARGIN_VOXELS, pet.grid.shape)),
        corners_mm=_corners_mm(pet.grid, _index(low), _index(high)),
        girth_mm=float(np.sqrt(extents_mm[0] * extents_mm[1])),
    )


def prepare_pet(pet: Volume, body: Body) -> Image:
    """Return the PET around the animal, as square roots from 0 to 1."""
    values = np.asarray(pet.values[_box(body.low, body.high)], np.float32)
    brightest = np.float32(np.percentile(values[values > 0.0], _BODY_PERCENT))
    roots = np.sqrt(np.clip(values, 0.0, brightest) / brightest)
    return _image(_cut(pet.grid, body.low, body.high), roots)


def prepare_ct(ct: Volume, pet: Grid, body: Body) -> Image:
    """Return the CT around the animal in voxels no larger than the PET's.

    Raises
    ------
    NothingToRegisterError
        When the CT does not show the place, or is plain there.
    """
    around = ct.grid.indices(_corners_mm(pet, body.low, body.high))
    voxels = voxel_mm(pet) / np.array(ct.grid.spacing_mm)
    reach = _MARGIN_VOXELS * voxels
    # A hundredth, so that spacings that are equal in print count as equal.
    factors = np.maximum(np.floor(voxels + 0.01), 1).astype(int)
    low = np.maximum(np.floor(around.min(axis=0) - reach), 0).astype(int)
    high = np.minimum(np.ceil(around.max(axis=0) + reach), ct.grid.shape).astype(int)
    high = low + (high - low) // factors * factors
    if (high - low < 2 * factors).any():
        fact = "the CT does not show the place where the PET shows the animal"
        raise NothingToRegisterError(fact)
    values = _means(ct.values[_box(_index(low), _index(high))], _index(factors))
    if not np.isfinite(values).all():
        fact = "the CT holds values that are no numbers"
        raise NothingToRegisterError(fact)
    least, most = np.percentile(values, _CT_PERCENT)
    if least >= most:
        fact = "the CT shows nothing where the animal is"
        raise NothingToRegisterError(fact)
    grid = _shrunk(_cut(ct.grid, _index(low), _index(high)), _index(factors))
    return _image(grid, np.clip(values, least, most).astype(np.float32))


def _otsu(roots: NDArray[np.float32]) -> float:
    """Return the threshold that parts values from 0 to 1 into two classes best."""
    counts, edges = np.histogram(roots, _LEVELS, range=(0.0, 1.0))
    centres = 0.5 * (edges[1:] + edges[:-1])
    below, moment = np.cumsum(counts), np.cumsum(counts * centres)
    above = below[-1] - below
    both = (below > 0) & (above > 0)
    apart = np.zeros(_LEVELS)
    means = moment[both] / below[both] - (moment[-1] - moment[both]) / above[both]
    apart[both] = below[both].astype(np.float64) * above[both] * means**2
    return float(edges[int(np.argmax(apart)) + 1])


def _means(values: NDArray[np.floating], factors: Index) -> NDArray[np.float64]:
    """Return the means of blocks of voxels."""
    a, b, c = factors
    k, j, i = values.shape
    blocks = values.reshape(k // a, a, j // b, b, i // c, c)
    return np.asarray(blocks.mean(axis=(1, 3, 5), dtype=np.float64))


def _corners_mm(grid: Grid, low: Index, high: Index) -> Points:
    """Return the outer corners of an array box, LPS mm, shape (8, 3)."""
    ends = [
        (first - 0.5, beyond - 0.5) for first, beyond in zip(low, high, strict=True)
    ]
    return grid.points_mm(np.array(list(product(*ends)), np.float64))


def _cut(grid: Grid, low: Index, high: Index) -> Grid:
    shape = _index(np.subtract(high, low))
    return replace(grid, shape=shape, origin_mm=_place(grid, np.array(low, float)))


def _shrunk(grid: Grid, factors: Index) -> Grid:
    """Return the grid of blocks of voxels."""
    by = np.array(factors)
    return Grid(
        shape=_index(np.array(grid.shape) // by),
        origin_mm=_place(grid, (by - 1) / 2.0),
        slice_step_mm=_times(grid.slice_step_mm, factors[0]),
        row_step_mm=_times(grid.row_step_mm, factors[1]),
        column_step_mm=_times(grid.column_step_mm, factors[2]),
        frame_of_reference=grid.frame_of_reference,
    )


def _image(grid: Grid, values: NDArray[np.float32]) -> Image:
    """Return an image of SimpleITK, which counts axes the other way round."""
    image = sitk.GetImageFromArray(np.ascontiguousarray(values, np.float32))
    spacing_mm = grid.spacing_mm[::-1]
    steps = [grid.column_step_mm, grid.row_step_mm, grid.slice_step_mm]
    image.SetOrigin(grid.origin_mm)
    image.SetSpacing(spacing_mm)
    image.SetDirection((np.array(steps).T / np.array(spacing_mm)).ravel().tolist())
    return image


def _box(low: Index, high: Index) -> tuple[slice, slice, slice]:
    return (slice(low[0], high[0]), slice(low[1], high[1]), slice(low[2], high[2]))


def _index(values: NDArray[np.integer]) -> Index:
    k, j, i = (int(value) for value in values)
    return (k, j, i)


def _place(grid: Grid, index: NDArray[np.float64]) -> Vector:
    x, y, z = grid.points_mm(index[np.newaxis])[0].tolist()
    return (x, y, z)


def _times(vector: Vector, factor: int) -> Vector:
    x, y, z = vector
    return (x * factor, y * factor, z * factor)


class NothingToRegisterError(ModelError):
    """An image shows nothing that could be found again in the other."""

    reason = "registration_failed"
    remedy = "Check PET and CT, or draw the contours on the PET."

    def __init__(self, fact: str) -> None:
        super().__init__(f"the CT cannot be registered to the PET: {fact}")
