"""Local and global intensity peak, IBSI section 3.2.

The mean in a sphere of 1 cm3 around a voxel of the region, over all voxels of the image
whose centres lie in the sphere, also outside the region.

Design choice: voxels beyond the image's edge do not exist, and voxels that are not
finite do not count; nothing is put in their place.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from model.features.glcm import bounding_box
from model.features.ibsi.outcome import Outcome
from model.grid import Grid, Mask, Volume

RADIUS_MM = 10.0 * (3.0 / (4.0 * np.pi)) ** (1.0 / 3.0)
"""Of a sphere of 1 cm3: 6.2 mm. It is larger than most tumours of a mouse."""

_Box = tuple[slice, slice, slice]


def local_intensity(volume: Volume, intensity: Mask) -> dict[str, Outcome]:
    """Return the local and the global peak.

    Parameters
    ----------
    volume : Volume
    intensity : Mask
        The intensity mask, of at least one voxel, whose values are finite.

    Returns
    -------
    dict of str to Outcome
        ``peak_loc``: the mean around the greatest value of the region, of several
        equal ones the greatest mean. ``peak_glob``: the greatest mean around any voxel
        of the region.
    """
    sphere = _sphere(volume.grid)
    outer, inner = _boxes(intensity, sphere.shape)
    values = volume.values[outer].astype(np.float64)
    inside = intensity.inside[outer][inner]
    means = _means(values, sphere)[inner][inside]
    peaks = values[inner][inside]
    return {
        "peak_loc": float(means[peaks == peaks.max()].max()),
        "peak_glob": float(means.max()),
    }


def _sphere(grid: Grid) -> NDArray[np.float64]:
    """Return 1 where a voxel's centre lies in the sphere, shape odd along each axis."""
    # The heights of the cell of a sheared grid bound the reach along each axis.
    steps = np.array([grid.slice_step_mm, grid.row_step_mm, grid.column_step_mm])
    heights = 1.0 / np.linalg.norm(np.linalg.inv(steps), axis=0)
    reach = np.minimum(np.floor(RADIUS_MM / heights), np.array(grid.shape)).astype(int)
    indices = np.indices(2 * reach + 1).reshape(3, -1).T - reach
    distances = np.linalg.norm(indices @ steps, axis=1)
    near = distances <= RADIUS_MM * (1 + 1e-12)
    return np.asarray(near.reshape(2 * reach + 1), np.float64)


def _boxes(mask: Mask, extent: tuple[int, ...]) -> tuple[_Box, _Box]:
    """Return the region's box with a sphere's margin, and the region's box in it."""
    tight = bounding_box(mask.inside)
    outer, inner = [], []
    for axis, box in enumerate(tight):
        margin = extent[axis] // 2
        start = max(0, box.start - margin)
        outer.append(slice(start, min(mask.grid.shape[axis], box.stop + margin)))
        inner.append(slice(box.start - start, box.stop - start))
    return (outer[0], outer[1], outer[2]), (inner[0], inner[1], inner[2])


def _means(
    values: NDArray[np.float64], sphere: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the mean in the sphere around each voxel of the box."""
    finite = np.isfinite(values)
    # The sums are of differences from the mean: less cancels, and flat stays flat.
    centre = float(values[finite].mean())
    known = np.where(finite, values - centre, 0.0)
    sums = fftconvolve(known, sphere, mode="same")
    counts = np.rint(fftconvolve(finite.astype(np.float64), sphere, mode="same"))
    return np.asarray(centre + sums / np.maximum(counts, 1.0), np.float64)
