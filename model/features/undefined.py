"""Why a feature of values or of texture is not defined in a region."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from model.features.feature import Feature, Group
from model.features.glcm import has_pairs
from model.features.preparation import Preparation

NO_VOXEL = "the region has no voxel"
SINGLE_VOXEL = "the region has a single voxel"
EQUAL_VALUES = "all values of the region are equal"
NO_NEIGHBOURS = "no two voxels of the region are neighbours"
SINGLE_LEVEL = "all neighbours have the same grey level"
EQUAL_BINS = "all bins of the histogram hold the same"
TOO_FAR_APART = "the values span more than floating-point numbers allow"
TOO_LARGE = "the values are too large, or too close to each other, for its formula"

_GREATEST_SPAN = 1e300
"""So that a span times a number of grey levels is still a number."""


def reasons_of(
    undefined: Iterable[Feature],
    values: NDArray[np.float64],
    inside: NDArray[np.bool_],
    preparation: Preparation,
) -> dict[str, str]:
    """Return the reason for each feature of values or texture that is undefined.

    Parameters
    ----------
    undefined : iterable of Feature
    values : ndarray, shape (voxels,)
        Of the region.
    inside : ndarray of bool, shape (slices, rows, columns)
        The region.
    preparation : Preparation
    """
    features = tuple(undefined)
    if not features:
        return {}
    of_all = _of_all(values)
    if of_all:
        return {feature.name: of_all for feature in features}
    return {
        feature.name: _of_texture(inside, preparation)
        if feature.group in (Group.GLCM, Group.GLRLM)
        else _of_intensity(feature, values)
        for feature in features
    }


def have_features(values: NDArray[np.float64]) -> bool:
    """Return whether features can be computed of the values of a region."""
    return not _of_all(values)


def _of_all(values: NDArray[np.float64]) -> str:
    """Return what leaves every feature undefined, or nothing."""
    if not values.size:
        return NO_VOXEL
    odd = int(np.count_nonzero(~np.isfinite(values)))
    if odd:
        return f"{odd} of {values.size} values are not finite numbers"
    with np.errstate(over="ignore"):
        return "" if np.ptp(values) < _GREATEST_SPAN else TOO_FAR_APART


def _of_texture(inside: NDArray[np.bool_], preparation: Preparation) -> str:
    if np.count_nonzero(inside) == 1:
        return SINGLE_VOXEL
    if not has_pairs(inside, preparation.neighbourhood):
        return NO_NEIGHBOURS
    return SINGLE_LEVEL


def _of_intensity(feature: Feature, values: NDArray[np.float64]) -> str:
    if feature.name.endswith("KurtosisOfBinProbabilities"):
        return EQUAL_BINS
    if values.size == 1:
        return SINGLE_VOXEL
    return EQUAL_VALUES if values.min() == values.max() else TOO_LARGE
