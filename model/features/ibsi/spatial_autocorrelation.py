"""Moran's I and Geary's C of a region's values, IBSI section 3.1.

Every pair of voxels has the inverse of its distance as its weight. With w the weights
and x the values from their mean on,

    I = n / sum(w) * sum(w_kl x_k x_l) / sum(x_k^2)
    C = (n - 1) / (2 sum(w)) * sum(w_kl (x_k - x_l)^2) / sum(x_k^2)

and ``sum(w_kl (x_k - x_l)^2) = 2 sum(w_kl x_k^2) - 2 sum(w_kl x_k x_l)``. A weight
depends on the difference of two indices alone, so that the sums over l are
convolutions of the region's box, here by Fourier transforms: exact to rounding, and
seconds for a million voxels, whose pairs would take hours.

Design choice: no sample of the voxels stands for all, as in some programs. A region
whose box is too large for the transforms is summed pair by pair, and has no value where
that would take too long.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfftn, next_fast_len, rfftn

from model.features.ibsi.outcome import (
    Outcome,
    Undefined,
    undefined_throughout,
)
from model.grid import Grid, Mask, Volume

NAMES = ("moran_i", "geary_c")

MAXIMUM_TRANSFORM = 2**26
"""Voxels of a box with its margin; three arrays of as many doubles live at once."""
MAXIMUM_PAIRS = 2**29
"""Pairs that are summed one by one: about ten seconds."""
_PAIRS_AT_ONCE = 2**21

_ONE_VALUE = Undefined("all values of the region are equal")
_SINGLE = Undefined("the region has a single voxel")
_TOO_LARGE = Undefined("the region is too large for the weights of all its pairs")

Floats = NDArray[np.float64]


def spatial_autocorrelation(volume: Volume, intensity: Mask) -> dict[str, Outcome]:
    """Return Moran's I index and Geary's C measure.

    Parameters
    ----------
    volume : Volume
    intensity : Mask
        The intensity mask, of at least one voxel, whose values are finite.

    Returns
    -------
    dict of str to Outcome
        As `NAMES`.
    """
    values = volume.inside(intensity)
    width = float(np.ptp(values))
    if values.size == 1:
        return undefined_throughout(NAMES, _SINGLE)
    if width == 0:
        return undefined_throughout(NAMES, _ONE_VALUE)
    centred = (values - values.mean()) / width
    sums = _weighted_sums(intensity, centred)
    if sums is None:
        return undefined_throughout(NAMES, _TOO_LARGE)
    weights, weighted = sums
    total, squares = float(weights.sum()), float(centred @ centred)
    together = float(centred @ weighted)
    apart = float(centred**2 @ weights) - together
    return {
        "moran_i": values.size / total * together / squares,
        "geary_c": (values.size - 1) / total * apart / squares,
    }


def _weighted_sums(mask: Mask, centred: Floats) -> tuple[Floats, Floats] | None:
    """Return for each voxel the sum of weights, and of weighted values, of the others.

    None when there are too many pairs.
    """
    box = mask.box
    inside = mask.inside[box]
    shape = [next_fast_len(2 * length - 1, real=True) for length in inside.shape]
    if np.prod(shape) <= MAXIMUM_TRANSFORM:
        return _by_transforms(mask.grid, inside, centred, shape)
    if centred.size**2 <= MAXIMUM_PAIRS:
        return _by_pairs(mask, centred)
    return None


def _by_transforms(
    grid: Grid, inside: NDArray[np.bool_], centred: Floats, shape: list[int]
) -> tuple[Floats, Floats]:
    # The weights are even, so that their transform is real.
    transformed = rfftn(_weights(grid, shape)).real
    field = np.zeros(inside.shape)
    sums = []
    for values in (np.ones(centred.size), centred):
        field[inside] = values
        around = irfftn(rfftn(field, shape) * transformed, shape, overwrite_x=True)
        sums.append(around[tuple(map(slice, inside.shape))][inside])
    return sums[0], sums[1]


def _weights(grid: Grid, shape: list[int]) -> Floats:
    """Return the inverse distances by difference of indices, negative ones last."""
    steps = np.array([grid.slice_step_mm, grid.row_step_mm, grid.column_step_mm])
    products = steps @ steps.T
    lags = np.meshgrid(
        *(np.fft.fftfreq(length, 1 / length) for length in shape),
        indexing="ij",
        sparse=True,
    )
    squares = np.zeros(shape)
    for first in range(3):
        for second in range(3):
            if products[first, second] != 0:
                squares += products[first, second] * lags[first] * lags[second]
    squares[0, 0, 0] = np.inf
    np.sqrt(squares, out=squares)
    return np.divide(1.0, squares, out=squares)


def _by_pairs(mask: Mask, centred: Floats) -> tuple[Floats, Floats]:
    points = mask.grid.points_mm(np.argwhere(mask.inside).astype(np.float64))
    weights, weighted = np.empty(centred.size), np.empty(centred.size)
    rows = max(1, _PAIRS_AT_ONCE // centred.size)
    for start in range(0, centred.size, rows):
        some = slice(start, start + rows)
        distances = np.linalg.norm(points[some, None] - points[None], axis=2)
        distances[distances == 0] = np.inf
        weights[some] = (1.0 / distances).sum(axis=1)
        weighted[some] = (1.0 / distances) @ centred
    return weights, weighted
