"""The feature catalogue of a region: one call, every feature by name.

The table itself, with units, codes and definitions, is `model.features.definitions`.

Design choice: what has no value is NaN and says why, with all the others present. It is
undefined by its definition alone (a quotient 0/0, a texture without neighbours), never
because a program returns 0 there.

Design choice: IBEX's image of a CT holds Hounsfield units + 1000. They are added here
to the values of every volume in Hounsfield units, and the numbers of a preparation
(limits, re-segmentation) are such values too. Shape is of the region before
re-segmentation.

Design choice: run lengths are IBEX's GLRLM25: in the directions 0 and 90 degrees in the
plane. As in its row -333, a pooling preparation adds the two matrices; an averaging one
gives the mean of the two features. IBEX has no run lengths in the volume: a preparation
in the volume takes all 13 directions.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from model.features.definitions import (
    FEATURE_BY_NAME,
    FEATURES,
    Feature,
    Group,
    features_of,
    require_known,
)
from model.features.discretisation import grey_levels
from model.features.engine import cooccurrence_features, run_length_features
from model.features.glrlm import IBEX_RUN_STEPS
from model.features.intensity import intensity_features, level_features
from model.features.levels import GreyLevels
from model.features.preparation import Dimension, Preparation, Resegmentation
from model.features.resampling import resampled
from model.features.resegmentation import resegmented
from model.features.shape import shape_features
from model.features.undefined import have_features, reasons_of
from model.features.vector import FeatureVector
from model.grid import Mask, Volume, require_same_grid

HOUNSFIELD_UNIT = "[hnsf'U]"
IBEX_CT_OFFSET = 1000.0
"""IBEX's values of a CT are Hounsfield units + 1000."""

_OF_LEVELS = frozenset({"direct_GlobalEntropy", "direct_GlobalUniformity"})


def compute_features(
    volume: Volume,
    mask: Mask,
    preparation: Preparation,
    names: Collection[str] | None = None,
    *,
    modality: str = "PET",
) -> FeatureVector:
    """Return the features of a region.

    Parameters
    ----------
    volume : Volume
        In g/ml for PET, in Hounsfield units for CT.
    mask : Mask
        On the same grid.
    preparation : Preparation
    names : collection of str, optional
        Names of the catalogue; by default those of the modality.
    modality : str
        ``CT`` for the 57 features of CT; anything else has the 61 of PET.

    Returns
    -------
    FeatureVector
        In the order of the catalogue, in the units of `Feature.unit_in`; NaN where
        undefined, with the reason.

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
    wanted = _wanted(preparation, names, modality)
    require_same_grid(volume.grid, mask.grid)
    if preparation.resampling is not None:
        volume, mask = resampled(volume, mask, preparation.resampling)
    found: dict[str, float] = {}
    shape = _shape(volume, mask, wanted)
    found.update(shape.values)
    offset = IBEX_CT_OFFSET if volume.unit == HOUNSFIELD_UNIT else 0.0
    if preparation.resegmentation is not None:
        mask = resegmented(volume, mask, _lower_by(offset, preparation.resegmentation))
    values = volume.inside(mask) + offset
    of_values = [f for f in wanted if f.group is not Group.SHAPE]
    if of_values and have_features(values):
        found.update(_of_values(values, mask, preparation, of_values))
    ordered = {f.name: found.get(f.name, float("nan")) for f in wanted}
    undefined = [f for f in of_values if np.isnan(ordered[f.name])]
    reasons = reasons_of(undefined, values, mask.inside, preparation)
    return FeatureVector(ordered, {**shape.undefined, **reasons})


def _wanted(
    preparation: Preparation, names: Collection[str] | None, modality: str
) -> tuple[Feature, ...]:
    if names is None:
        return features_of(modality, preparation)
    require_known(names)
    return tuple(feature for feature in FEATURES if feature.name in set(names))


def _lower_by(offset: float, resegmentation: Resegmentation) -> Resegmentation:
    """Return a re-segmentation of values that an offset was not yet added to."""
    low, high = resegmentation.low, resegmentation.high
    return replace(
        resegmentation,
        low=None if low is None else low - offset,
        high=None if high is None else high - offset,
    )


def _shape(volume: Volume, mask: Mask, wanted: Iterable[Feature]) -> FeatureVector:
    names = [feature.name for feature in wanted if feature.group is Group.SHAPE]
    return shape_features(volume, mask, names) if names else FeatureVector({})


def _of_values(
    values: NDArray[np.float64],
    mask: Mask,
    preparation: Preparation,
    wanted: Iterable[Feature],
) -> dict[str, float]:
    """Return the features of finite values, at least one."""
    groups: dict[Group, list[Feature]] = {group: [] for group in Group}
    for feature in wanted:
        groups[feature.group].append(feature)
    intensity = groups[Group.INTENSITY_DIRECT] + groups[Group.INTENSITY_HISTOGRAM]
    names = {feature.name for feature in intensity}
    found = intensity_features(values, names - _OF_LEVELS, preparation.histogram)
    textures = groups[Group.GLCM] + groups[Group.GLRLM]
    inside = mask.inside[mask.box]
    if textures or names & _OF_LEVELS:
        levels = grey_levels(values, preparation)
        found |= level_features(levels, names & _OF_LEVELS)
        found |= _pairs(levels, inside, preparation, groups[Group.GLCM])
        found |= _runs(levels, inside, preparation, groups[Group.GLRLM])
    return found


def _pairs(
    levels: GreyLevels,
    inside: NDArray[np.bool_],
    preparation: Preparation,
    wanted: Iterable[Feature],
) -> dict[str, float]:
    formulas = _formulas(wanted)
    if not formulas:
        return {}
    by_formula = cooccurrence_features(
        levels, inside, preparation.neighbourhood, formulas.values()
    )
    return {name: by_formula[formula] for name, formula in formulas.items()}


def _runs(
    levels: GreyLevels,
    inside: NDArray[np.bool_],
    preparation: Preparation,
    wanted: Iterable[Feature],
) -> dict[str, float]:
    formulas = _formulas(wanted)
    if not formulas:
        return {}
    in_volume = preparation.dimension is Dimension.VOLUME
    by_formula = run_length_features(
        levels,
        inside,
        preparation.neighbourhood,
        formulas.values(),
        steps=None if in_volume else IBEX_RUN_STEPS,
    )
    return {name: by_formula[formula] for name, formula in formulas.items()}


def _formulas(wanted: Iterable[Feature]) -> dict[str, str]:
    return {f.name: f.formula for f in wanted if f.formula is not None}


__all__ = [
    "FEATURES",
    "FEATURE_BY_NAME",
    "Feature",
    "Group",
    "compute_features",
]
