"""Local and global intensity peak, IBSI section 3.2.

The mean in a sphere of 1 cm3 around a voxel of the region, over all voxels of the image
whose centres lie in the sphere, also outside the region.

Design choice: voxels beyond the image's edge do not exist, and voxels that are not
finite do not count; nothing is put in their place.

Design choice: the sums are convolutions by Fourier transforms, of so many slices at a
time as bound the memory. On a CT of mice a sphere has a million voxels.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfftn, next_fast_len, rfftn

from model.features.ibsi.outcome import Outcome
from model.grid import Grid, Mask, Volume

Floats = NDArray[np.float64]

RADIUS_MM = 10.0 * (3.0 / (4.0 * np.pi)) ** (1.0 / 3.0)
"""Of a sphere of 1 cm3: 6.2 mm. It is larger than most tumours of a mouse."""

MAXIMUM_TRANSFORM = 2**24
"""Voxels that are transformed at once, unless a sphere's height needs more."""

_LARGEST = 1e140


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
    values, inside = _surroundings(volume, intensity, sphere.shape)
    means = np.concatenate([*_means(values, inside, sphere)])
    peaks = values[inside]
    return {
        "peak_loc": float(means[peaks == peaks.max()].max()),
        "peak_glob": float(means.max()),
    }


def _sphere(grid: Grid) -> Floats:
    """Return 1 where a voxel's centre lies in the sphere, shape odd along each axis."""
    # The heights of the cell of a sheared grid bound the reach along each axis.
    steps = np.array([grid.slice_step_mm, grid.row_step_mm, grid.column_step_mm])
    heights = 1.0 / np.linalg.norm(np.linalg.inv(steps), axis=0)
    reach = np.minimum(np.floor(RADIUS_MM / heights), np.array(grid.shape)).astype(int)
    indices = np.indices(2 * reach + 1).reshape(3, -1).T - reach
    distances = np.linalg.norm(indices @ steps, axis=1)
    near = distances <= RADIUS_MM * (1 + 1e-12)
    return np.asarray(near.reshape(2 * reach + 1), np.float64)


def _surroundings(
    volume: Volume, intensity: Mask, extent: tuple[int, ...]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the values within a sphere's reach of the region's box, and the region.

    NaN beyond the image's edge.
    """
    boxes, margins = [], []
    for box, size, length in zip(intensity.box, extent, volume.grid.shape, strict=True):
        start, stop = box.start - size // 2, box.stop + size // 2
        boxes.append(slice(max(0, start), min(length, stop)))
        margins.append((max(0, -start), max(0, stop - length)))
    near = (boxes[0], boxes[1], boxes[2])
    values = volume.values[near].astype(np.float64)
    return (
        np.pad(values, margins, constant_values=np.nan),
        np.pad(intensity.inside[near], margins),
    )


def _means(
    values: Floats, inside: NDArray[np.bool_], sphere: Floats
) -> Iterator[Floats]:
    """Give the means in the spheres around the region's voxels, in array order.

    The transforms have no margin of their own: what comes round from the other side
    reaches the values' margin only, in which the region has no voxel.
    """
    # What is too large to be added up counts as unknown, too.
    finite = np.abs(values) < _LARGEST
    # The sums are of differences from the mean: less cancels, and flat stays flat.
    centre = float(values[finite].mean())
    known = np.where(finite, values - centre, 0.0)
    reach = sphere.shape[0] // 2
    height = _height(values.shape, reach)
    shape = [
        next_fast_len(length, real=True)
        for length in (height + 2 * reach, *values.shape[1:])
    ]
    transformed = _transformed(sphere, shape)
    for first in range(reach, values.shape[0] - reach, height):
        part = slice(first - reach, first + height + reach)
        wanted = np.zeros(shape, np.bool_)
        chosen = inside[first : first + height]
        wanted[reach : reach + len(chosen), : chosen.shape[1], : chosen.shape[2]] = (
            chosen
        )
        sums, counts = (
            irfftn(rfftn(field[part], shape) * transformed, shape)[wanted]
            for field in (known, finite.astype(np.float64))
        )
        yield centre + sums / np.maximum(np.rint(counts), 1.0)


def _height(shape: tuple[int, ...], reach: int) -> int:
    """Return of how many slices the means are computed at once."""
    most = MAXIMUM_TRANSFORM // (shape[1] * shape[2]) - 2 * reach
    return min(max(1, reach, most), shape[0] - 2 * reach)


def _transformed(sphere: Floats, shape: list[int]) -> Floats:
    """Return the transform of the sphere, which is even and so has a real one."""
    placed = np.zeros(shape)
    placed[tuple(map(slice, sphere.shape))] = sphere
    centred = np.roll(placed, [-(size // 2) for size in sphere.shape], (0, 1, 2))
    return np.asarray(rfftn(centred).real, np.float64)
