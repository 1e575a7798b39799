"""The intensity histogram of a region's grey levels, IBSI section 3.4.

Design choice: the histogram reaches from level 1 to the highest possible level, empty
bins included, as the gradients need it. Of several levels of greatest or least gradient
the lowest is named.
"""

import numpy as np
from numpy.typing import NDArray

from model.features.ibsi.outcome import Outcome, Undefined, undefined_throughout
from model.features.ibsi.statistics import spread
from model.features.levels import GreyLevels

_ONE_LEVEL = Undefined("a histogram of a single level has no gradient")
_GRADIENTS = ("max_grad", "max_grad_g", "min_grad", "min_grad_g")


def intensity_histogram(levels: GreyLevels) -> dict[str, Outcome]:
    """Return the 23 features of the intensity histogram.

    Parameters
    ----------
    levels : GreyLevels
        Of at least one voxel.

    Returns
    -------
    dict of str to Outcome
        By tag without its family's prefix, ``mean`` to ``min_grad_g``.
    """
    values = levels.values.astype(np.float64)
    counts = np.bincount(levels.values, minlength=levels.count + 1)[1:]
    present = counts[counts > 0] / values.size
    return {
        **spread(values),
        "mode": _mode(counts, float(values.mean())),
        "entropy": float(-np.sum(present * np.log2(present))) + 0.0,
        "uniformity": float(np.sum(present**2)),
        **_gradients(counts),
    }


def _mode(counts: NDArray[np.intp], mean: float) -> float:
    """Return the most frequent level; of several the nearest to the mean, the lower."""
    candidates = np.flatnonzero(counts == counts.max()) + 1
    return float(candidates[np.argmin(np.abs(candidates - mean))])


def _gradients(counts: NDArray[np.intp]) -> dict[str, Outcome]:
    """Return the extremes of the gradient: central, and one-sided at the ends."""
    if counts.size == 1:
        return undefined_throughout(_GRADIENTS, _ONE_LEVEL)
    gradient = np.gradient(counts.astype(np.float64))
    return {
        "max_grad": float(gradient.max()),
        "max_grad_g": float(np.argmax(gradient) + 1),
        "min_grad": float(gradient.min()),
        "min_grad_g": float(np.argmin(gradient) + 1),
    }
