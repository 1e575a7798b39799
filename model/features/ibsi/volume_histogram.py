"""The intensity-volume histogram of a region, IBSI section 3.5.

The histogram relates each intensity of a range to the fraction of the volume that has
at least it. The range has equal steps: whole numbers for a calibrated image of whole
numbers, the centres of bins of a fixed size for a calibrated image of real ones, and
the levels themselves for a fixed number of bins. It reaches over the limits of the
re-segmentation where there are such, and over the region's values where there are none.

Design choice: fractions are compared as whole numbers of steps and of voxels. In
floating point, 10 % of 30 voxels may be less than 3.

Design choice: the intensity at a volume fraction is one of the range. Where already the
greatest of it is found in a larger part of the volume, there is none.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.features.bins import fixed_bin_number, fixed_bin_size
from model.features.ibsi.configuration import IbsiConfiguration
from model.features.ibsi.outcome import Outcome, Undefined, undefined_throughout
from model.features.ibsi.required import required
from model.features.levels import UnsupportedPreparationError
from model.features.preparation import Discretisation, Resegmentation

NAMES = ("v10", "v90", "i10", "i90", "diff_v10_v90", "diff_i10_i90")
_TENTHS = {"10": 1, "90": 9}

_NOT_WHOLE = Undefined(
    "the values are no whole numbers: the intensity-volume histogram needs rounded "
    "values, a fixed bin size or a fixed bin number"
)
_TOO_LARGE = Undefined("the values are too large to be counted as whole numbers")
_LAST_WHOLE = 2**53
"""Beyond it floating-point numbers leave whole numbers out."""
_ONE_STEP = Undefined("the intensity-volume histogram has a single intensity")


@dataclass(frozen=True, eq=False)
class _Steps:
    """The region's values as steps 0..count-1 of a range.

    Attributes
    ----------
    values : ndarray of int, shape (voxels,)
    count : int
    first, size : float
        The intensity of step k is ``first + k * size``.
    """

    values: NDArray[np.int64]
    count: int
    first: float
    size: float


def intensity_volume_histogram(
    values: NDArray[np.float64], configuration: IbsiConfiguration
) -> dict[str, Outcome]:
    """Return the six features of the intensity-volume histogram.

    Parameters
    ----------
    values : ndarray, shape (voxels,)
        Finite; at least one.
    configuration : IbsiConfiguration
        Its discretisation of this histogram, and its re-segmentation.

    Returns
    -------
    dict of str to Outcome
        By tag without its family's prefix, as `NAMES`.
    """
    steps = _steps(values, configuration)
    if isinstance(steps, Undefined):
        return undefined_throughout(NAMES, steps)
    if steps.count == 1:
        return undefined_throughout(NAMES, _ONE_STEP)
    found: dict[str, Outcome] = {}
    for percent, tenths in _TENTHS.items():
        found[f"v{percent}"] = _volume_at(steps, tenths)
        found[f"i{percent}"] = _intensity_at(steps, tenths)
    found["diff_v10_v90"] = _difference(found["v10"], found["v90"])
    found["diff_i10_i90"] = _difference(found["i10"], found["i90"])
    return {name: found[name] for name in NAMES}


def _volume_at(steps: _Steps, tenths: int) -> float:
    """Return the fraction of voxels with at least a fraction of the range (BC2M)."""
    threshold = -(-tenths * (steps.count - 1) // 10)
    return float(np.count_nonzero(steps.values >= threshold) / steps.values.size)


def _intensity_at(steps: _Steps, tenths: int) -> Outcome:
    """Return the least intensity that at most a fraction of the voxels has (GBPN)."""
    voxels = steps.values.size
    most = tenths * voxels // 10
    # The first value that is one too many; the step above it is had by `most` at most.
    excluded = int(np.sort(steps.values)[voxels - 1 - most])
    if excluded + 1 >= steps.count:
        return Undefined(
            f"more than {10 * tenths} % of the volume has the greatest intensity"
        )
    return steps.first + (excluded + 1) * steps.size


def _difference(first: Outcome, second: Outcome) -> Outcome:
    if isinstance(first, Undefined):
        return first
    return second if isinstance(second, Undefined) else first - second


def _steps(
    values: NDArray[np.float64], configuration: IbsiConfiguration
) -> _Steps | Undefined:
    match configuration.ivh_discretisation:
        case Discretisation.IBSI_FIXED_BIN_NUMBER:
            bins = required("ivh_bins", configuration.ivh_bins)
            levels = fixed_bin_number(values, bins)
            return _Steps(levels.values.astype(np.int64) - 1, levels.count, 1.0, 1.0)
        case Discretisation.IBSI_FIXED_BIN_SIZE:
            return _sized(values, configuration)
        case Discretisation.NONE:
            return _whole(values, _limits(values, configuration.resegmentation))
        case other:
            raise UnsupportedPreparationError("ivh_discretisation", other)


def _sized(values: NDArray[np.float64], configuration: IbsiConfiguration) -> _Steps:
    size = required("ivh_bin_size", configuration.ivh_bin_size)
    low, high = _limits(values, configuration.resegmentation)
    levels = fixed_bin_size(values, size, low)
    # A limit on an edge closes the last bin, unless a value lies on it.
    count = max(levels.count, math.ceil((high - low) / size - 1e-9))
    steps = levels.values.astype(np.int64) - 1
    return _Steps(steps, count, low + size / 2, size)


def _whole(
    values: NDArray[np.float64], limits: tuple[float, float]
) -> _Steps | Undefined:
    if np.any(values != np.rint(values)):
        return _NOT_WHOLE
    first, last = math.ceil(limits[0]), math.floor(limits[1])
    if max(abs(first), abs(last)) > _LAST_WHOLE:
        return _TOO_LARGE
    steps = np.asarray(values - first, np.int64)
    return _Steps(steps, last - first + 1, float(first), 1.0)


def _limits(
    values: NDArray[np.float64], resegmentation: Resegmentation | None
) -> tuple[float, float]:
    """Return from where to where the range reaches."""
    low, high = float(values.min()), float(values.max())
    if resegmentation is None:
        return low, high
    return (
        low if resegmentation.low is None else resegmentation.low,
        high if resegmentation.high is None else resegmentation.high,
    )
