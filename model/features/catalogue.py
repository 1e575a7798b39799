"""The feature catalogue of a region: one call, every feature by name.

The table itself, with units, codes and notes, is `model.features.definitions`.

Design choice: a feature that has no value is NaN, with all the others present: of an
empty mask or of values that are not finite every feature is NaN; of a single voxel, or
of voxels without neighbours, the texture.
"""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from model.features.definitions import (
    FEATURE_BY_NAME,
    FEATURES,
    Feature,
    Group,
    require_known,
)
from model.features.discretisation import UnsupportedPreparationError, grey_levels
from model.features.engine import cooccurrence_features
from model.features.intensity import INTENSITY_FEATURES, kurtosis_of_bin_probabilities
from model.features.preparation import HistogramBins, Preparation
from model.grid import Mask, Volume

_OF_HISTOGRAM = "histogram_KurtosisOfBinProbabilities"


def compute_features(
    volume: Volume,
    mask: Mask,
    preparation: Preparation,
    names: Collection[str] | None = None,
) -> dict[str, float]:
    """Return the features of a region.

    Parameters
    ----------
    volume : Volume
    mask : Mask
        On the same grid.
    preparation : Preparation
    names : collection of str, optional
        Names of the catalogue; by default every one that the preparation defines.

    Returns
    -------
    dict of str to float
        In the order of the catalogue, in the units of `Feature.unit_in`; NaN where
        undefined.

    Raises
    ------
    GridMismatchError
        When the mask stands on another grid.
    UnknownFeatureError
        When a name is not in the catalogue.
    UnsupportedPreparationError
        When the preparation cannot be computed, or lacks the histogram that a named
        feature is of.
    """
    wanted = _wanted(preparation, names)
    values = volume.inside(mask)
    if values.size == 0 or not np.isfinite(values).all():
        return {feature.name: float("nan") for feature in wanted}
    engine_names = {f.name: f.pyradiomics for f in wanted if f.pyradiomics is not None}
    texture: dict[str, float] = {}
    if engine_names:
        levels = grey_levels(values, preparation)
        found = cooccurrence_features(
            levels, mask.inside, preparation.neighbourhood, engine_names.values()
        )
        texture = {name: found[theirs] for name, theirs in engine_names.items()}
    return {
        feature.name: texture[feature.name]
        if feature.group is Group.GLCM
        else _of_values(feature, values, preparation.histogram)
        for feature in wanted
    }


def _wanted(
    preparation: Preparation, names: Collection[str] | None
) -> tuple[Feature, ...]:
    if names is None:
        with_histogram = preparation.histogram is not None
        return tuple(f for f in FEATURES if with_histogram or f.name != _OF_HISTOGRAM)
    require_known(names)
    return tuple(f for f in FEATURES if f.name in set(names))


def _of_values(
    feature: Feature, values: NDArray[np.float64], bins: HistogramBins | None
) -> float:
    if feature.name != _OF_HISTOGRAM:
        return INTENSITY_FEATURES[feature.name.split("_", 1)[1]](values)
    if bins is None:
        raise UnsupportedPreparationError("histogram", None)
    return kurtosis_of_bin_probabilities(values, bins)


__all__ = [
    "FEATURES",
    "FEATURE_BY_NAME",
    "Feature",
    "Group",
    "compute_features",
]
