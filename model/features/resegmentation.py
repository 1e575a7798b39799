"""Which values of a region take part.

The range comes first, the outliers second: their mean and standard deviation are of the
values within the range.

Design choice: a value that is not a number is neither in nor out of a range. It stays
in the region, so that the features are undefined for that reason, openly, rather than
computed of the rest in silence. An infinite value is beyond any range.

Design choice: a value that lies on a bound of the outliers to within 1e-9 of their
distance from the mean is no outlier, so that the last bit of a standard deviation
decides nothing.

References
----------
* Image biomarker standardisation initiative, reference manual, arXiv:1612.07003,
  section 2.5 (re-segmentation, IFTJ).
* Collewet G, Strzelecki M, Mariette F. Influence of MRI acquisition protocols and image
  intensity normalization methods on texture classification. Magnetic Resonance Imaging
  22:81, 2004 (outliers).
"""

import numpy as np
from numpy.typing import NDArray

from model.features.preparation import Resegmentation
from model.grid import Mask, Volume

_ON_THE_BOUND = 1e-9


def resegmented(volume: Volume, mask: Mask, resegmentation: Resegmentation) -> Mask:
    """Return the voxels of a region whose values take part: its intensity mask.

    Parameters
    ----------
    volume : Volume
    mask : Mask
        On the same grid; it stays the region's shape.
    resegmentation : Resegmentation

    Returns
    -------
    Mask
        Empty when no value takes part.

    Raises
    ------
    GridMismatchError
        When the mask stands on another grid.
    """
    values = volume.inside(mask)
    kept = _in_range(values, resegmentation)
    if resegmentation.outlier_sigmas is not None:
        kept[kept] = _near_the_mean(values[kept], resegmentation.outlier_sigmas)
    inside = np.zeros(mask.grid.shape, np.bool_)
    inside[mask.inside] = kept
    return Mask(mask.grid, inside)


def _in_range(
    values: NDArray[np.float64], resegmentation: Resegmentation
) -> NDArray[np.bool_]:
    left_out = np.zeros(values.shape, np.bool_)
    if resegmentation.low is not None:
        left_out |= values < resegmentation.low
    if resegmentation.high is not None:
        left_out |= values > resegmentation.high
    return ~left_out


def _near_the_mean(values: NDArray[np.float64], sigmas: float) -> NDArray[np.bool_]:
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return np.ones(values.shape, np.bool_)
    # In a unit of a power of two, which changes no digit, so that squares are numbers.
    unit = 2.0 ** int(np.frexp(np.abs(finite).max())[1] - 1)
    # From the least value on, so that equal values have a deviation of exactly zero.
    above = values / unit - finite.min() / unit
    of_finite = above[np.isfinite(values)]
    distance = np.abs(above - of_finite.mean())
    bound = sigmas * of_finite.std() * (1 + _ON_THE_BOUND)
    return np.asarray(~(distance > bound), np.bool_)
