"""Statistics of a region's values, IBSI section 3.3.

Design choice: a percentile is interpolated linearly between the values at the
probabilities (k - 1)/(n - 1), which the standard leaves open and its reference
implementations do.
"""

import numpy as np
from numpy.typing import NDArray

from model.features.ibsi.outcome import Outcome, Undefined, quotient

Values = NDArray[np.float64]


def statistics(values: Values) -> dict[str, Outcome]:
    """Return the 18 statistics.

    Parameters
    ----------
    values : ndarray, shape (voxels,)
        Finite; at least one.

    Returns
    -------
    dict of str to Outcome
        By tag without its family's prefix, ``mean`` to ``rms``.
    """
    squares = float(np.sum(values**2))
    return {
        **spread(values),
        "energy": squares,
        "rms": float(np.sqrt(squares / values.size)),
    }


def spread(values: Values) -> dict[str, Outcome]:
    """Return what statistics and intensity histogram have in common, ``mean`` on."""
    low, lower, median, upper, high = np.percentile(values, [10, 25, 50, 75, 90])
    mean, variance, skewness, kurtosis = moments(values)
    return {
        "mean": mean,
        "var": variance,
        "skew": skewness,
        "kurt": kurtosis,
        "median": float(median),
        "min": float(values.min()),
        "p10": float(low),
        "p90": float(high),
        "max": float(values.max()),
        "iqr": float(upper - lower),
        "range": float(np.ptp(values)),
        "mad": _mean_deviation(values, mean),
        "rmad": _robust_mean_deviation(values, float(low), float(high)),
        "medad": _mean_deviation(values, float(median)),
        "cov": quotient(float(np.sqrt(variance)), mean, "the mean is zero"),
        "qcod": quotient(
            float(upper - lower),
            float(upper + lower),
            "the quartiles add up to zero",
        ),
    }


def moments(values: Values) -> tuple[float, float, float, float]:
    """Return mean, variance, skewness and excess kurtosis, all biased.

    The standard defines skewness and excess kurtosis of equal values as 0.
    """
    width = float(np.ptp(values))
    mean = mean_of(values)
    if width == 0:
        return mean, 0.0, 0.0, 0.0
    # Dividing by the range keeps tiny and huge values from under- and overflowing.
    centred = (values - mean) / width
    variance = float(np.mean(centred**2))
    return (
        mean,
        variance * width**2,
        float(np.mean(centred**3)) / variance**1.5,
        float(np.mean(centred**4)) / variance**2 - 3.0,
    )


def mean_of(values: Values) -> float:
    """Return the mean, which no rounding moves beyond the values."""
    return float(np.clip(values.mean(), values.min(), values.max()))


def _mean_deviation(values: Values, centre: float) -> float:
    return float(np.mean(np.abs(values - centre)))


def _robust_mean_deviation(values: Values, low: float, high: float) -> Outcome:
    """Return the mean absolute deviation of the values between two percentiles."""
    kept = values[(values >= low) & (values <= high)]
    if kept.size == 0:
        # Two values have no value between their 10th and 90th percentile.
        return Undefined("no value lies between the 10th and the 90th percentile")
    return _mean_deviation(kept, mean_of(kept))
