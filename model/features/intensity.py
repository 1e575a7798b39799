"""Features of the voxel values alone, by IBEX's definitions.

Design choice: a quotient of moments of values that are all equal is 0/0 and therefore
NaN, not the 0 that some programs return. Quartiles are MATLAB's (`prctile`): linear
between the values at the probabilities (k - 1/2)/n.
"""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from model.features.levels import GreyLevels, UnsupportedPreparationError
from model.features.preparation import HistogramBins

Values = NDArray[np.float64]


def kurtosis(values: Values) -> float:
    """Return Pearson's kurtosis, biased: 3 for a normal distribution.

    IBSI IPH6 is 3 less. NaN for values that are all equal.
    """
    return _standardised_moment(values, 4)


def skewness(values: Values) -> float:
    """Return the biased skewness (IBSI KE2A); NaN for values that are all equal."""
    return _standardised_moment(values, 3)


def _standardised_moment(values: Values, order: int) -> float:
    spread = np.ptp(values)
    if spread == 0:
        return float("nan")
    # Dividing by the range keeps tiny and huge values from under- and overflowing.
    centred = (values - values.mean()) / spread
    return float(np.mean(centred**order) / np.mean(centred**2) ** (order / 2))


def _sample_variance(values: Values) -> float:
    return float(values.var(ddof=1)) if values.size > 1 else float("nan")


def _sample_deviation(values: Values) -> float:
    # Zeros have no size to be divided by; alone, one has no deviation either.
    size = float(np.abs(values).max()) or 1.0
    return size * float(np.sqrt(_sample_variance(values / size)))


def _root_mean_square(values: Values) -> float:
    size = float(np.abs(values).max())
    return size * float(np.sqrt(np.mean((values / size) ** 2))) if size else 0.0


def _mean_absolute_deviation(values: Values) -> float:
    return float(np.mean(np.abs(values - values.mean())))


def _median_absolute_deviation(values: Values) -> float:
    return float(np.median(np.abs(values - np.median(values))))


def _interquartile_range(values: Values) -> float:
    lower, upper = np.percentile(values, [25, 75], method="hazen")
    return float(upper - lower)


INTENSITY_FEATURES: Mapping[str, Callable[[Values], float]] = {
    "GlobalMax": lambda values: float(values.max()),
    "GlobalMin": lambda values: float(values.min()),
    "GlobalMedian": lambda values: float(np.median(values)),
    "GlobalMean": lambda values: float(values.mean()),
    "Range": lambda values: float(np.ptp(values)),
    "Kurtosis": kurtosis,
    "Skewness": skewness,
    "GlobalStd": _sample_deviation,
    "MeanAbsoluteDeviation": _mean_absolute_deviation,
    "MedianAbsoluteDeviation": _median_absolute_deviation,
    "InterQuartileRange": _interquartile_range,
    "Energy": lambda values: float(np.sum(values**2)),
    "EnergyNorm": lambda values: float(np.mean(values**2)),
    "RootMeanSquare": _root_mean_square,
    "Variance": _sample_variance,
}
"""By IBEX's name without the group; each takes finite values, at least one."""


def intensity_features(
    values: Values, names: Iterable[str], bins: HistogramBins | None
) -> dict[str, float]:
    """Return features of the values, and of their histogram.

    Parameters
    ----------
    values : ndarray, shape (voxels,)
        Finite, at least one.
    names : iterable of str
        Names of the catalogue, of its two intensity groups.
    bins : HistogramBins or None
        Of the kurtosis of bin probabilities.

    Returns
    -------
    dict of str to float
        NaN where undefined, and where a number would be beyond floating point.

    Raises
    ------
    UnsupportedPreparationError
        When a feature of the histogram is named and there is none.
    """
    # Values beyond 1e150 overflow in sums of their squares.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        found = {name: _feature(values, name, bins) for name in names}
    return {
        name: value if np.isfinite(value) else float("nan")
        for name, value in found.items()
    }


def _feature(values: Values, name: str, bins: HistogramBins | None) -> float:
    ibex_name = name.partition("_")[2]
    if ibex_name != "KurtosisOfBinProbabilities":
        return INTENSITY_FEATURES[ibex_name](values)
    if bins is None:
        raise UnsupportedPreparationError("histogram", None)
    return kurtosis_of_bin_probabilities(values, bins)


def level_features(levels: GreyLevels, names: Iterable[str]) -> dict[str, float]:
    """Return the entropy in bits and the uniformity of grey levels (TLU2, BJ5W)."""
    counts = np.bincount(levels.values)
    shares = counts[counts > 0] / levels.values.size
    # Adding 0 makes the entropy of a certainty 0 rather than -0.
    both = {
        "direct_GlobalEntropy": float(-np.sum(shares * np.log2(shares))) + 0.0,
        "direct_GlobalUniformity": float(np.sum(shares**2)),
    }
    return {name: both[name] for name in names}


def bin_numbers(values: Values, bins: HistogramBins) -> NDArray[np.intp]:
    """Return the bin of each value, as MATLAB's ``hist`` with bin centres.

    Parameters
    ----------
    values : ndarray, shape (n,)
    bins : HistogramBins

    Returns
    -------
    ndarray of int, shape (n,)
        0..intervals. A value halfway between two centres belongs to the lower one;
        values beyond the first and last centre belong to those.
    """
    centres = np.linspace(bins.low, bins.high, bins.intervals + 1)
    halfway = (centres[1:] + centres[:-1]) / 2
    return np.searchsorted(halfway, values, side="left")


def kept_bins(values: Values, bins: HistogramBins) -> slice:
    """Return which bins IBEX keeps.

    It drops the first or last bin when the values reach beyond its centre, since that
    bin then holds everything beyond, too.
    """
    first = 1 if values.min() < bins.low else 0
    last = bins.intervals if values.max() > bins.high else bins.intervals + 1
    return slice(first, last)


def bin_probabilities(values: Values, bins: HistogramBins) -> Values:
    """Return the histogram of IBEX as a vector of probabilities.

    Returns
    -------
    ndarray, shape (kept bins,)
        Counts over the number of values, empty bins included. They add up to less than
        1 when a boundary bin was dropped.

    References
    ----------
    * IBEX, ComputeHistogram.
    """
    counts = np.bincount(bin_numbers(values, bins), minlength=bins.intervals + 1)
    return np.asarray(counts[kept_bins(values, bins)] / values.size, np.float64)


def kurtosis_of_bin_probabilities(values: Values, bins: HistogramBins) -> float:
    """Return Pearson's kurtosis of the vector of bin probabilities."""
    return kurtosis(bin_probabilities(values, bins))
