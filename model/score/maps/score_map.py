r"""The local texture index: the equation's features in a window around each voxel.

It shows where the texture that the score is made of is found. It is not a decomposition
of the region's score (which is not an average of windows), it locates no cells, and it
has no cut-off. A site may ask for it on the scale of a calibrated model's probability.

The grey levels, the directions and the aggregation are the model's own, of the whole
region. The window reaches `map_radius_mm`, rounded to whole voxels and at least one,
along each axis; for a 2D or 2.5D model it is a rectangle in one slice, where these two
mean the same.

**Why sums suffice.** Let :math:`P_a(i,j)` be the symmetric matrix of direction
:math:`a` in a window. A feature :math:`\sum p\,f(|i-j|)` is

.. math::
   \frac{\sum_{ij} P_a(i,j)\,f(|i-j|)}{\sum_{ij} P_a(i,j)}
   = \frac{\sum_{(u,u+a)} f(|g_u-g_{u+a}|)}{\#\{(u,u+a)\}}

over the pairs whose two voxels lie in the window and in the mask: each pair adds the
same to both entries of the matrix, so that symmetry cancels. No matrix is needed, and
numerator and denominator are box sums: a pair is stored at the lower corner of its
bounding box, and lies in the window :math:`v-r \ldots v+r` where that corner lies in
:math:`v-r \ldots v+r-|a|`. Sums over a box are moved on from voxel to voxel at a cost
that does not depend on its size, and directions of one :math:`|a|` share a box: 7 boxes
for the 13 directions that are pooled in the volume, 3 for the 4 in the plane. Averaged
directions are the mean of the quotients of those directions that have pairs; pooled
ones are the quotient of the sums. This holds for features of the difference alone:
inverse variance, inverse difference and its moment, their normalised forms, contrast
and dissimilarity. It equals PyRadiomics' ``voxelBased`` extraction on the same levels
(``binWidth=1``; ``weightingNorm`` unset for averaged, ``no_weighting`` for pooled
directions; ``kernelRadius`` the radius; ``maskedKernel``; ``force2D`` across slices for
2D and 2.5D), NaN for NaN, where the window is as many voxels wide along each axis.

The sums are of integers, :math:`f` in units of a power of two, and hence exact: no
rounding error creeps over the image, and a mean is off by no more than the rounding of
:math:`f`, at most :math:`2^{-42}` of its greatest value where the window has up to
:math:`2^{19}` pairs.

**Kurtosis** is taken of the values of the mask in the window, to 1e-9 of itself
whatever the values are. A window of equal values has the kurtosis 0, and no index.
There PyRadiomics returns 0 or, where the mean of equal numbers is not quite that
number, rounding noise. **Kurtosis of bin probabilities** has no counterpart elsewhere;
here it is Pearson's kurtosis of the counts of the window's voxels in the bins that are
kept for the *region*, empty ones included (a common divisor does not change it).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import ModelError
from model.features.discretisation import grey_levels
from model.features.glcm import directions
from model.features.intensity import bin_numbers, kept_bins
from model.features.preparation import Aggregation, Dimension, Preparation
from model.grid import Grid, Mask, Volume, require_same_grid
from model.score.maps.window import (
    Lines,
    Pairs,
    Radius,
    Values,
    lines_of,
    means_over_pairs,
    window_kurtosis,
    window_kurtosis_of_counts,
)
from model.score.region_map import RegionMap
from model.score.score_model import ScoreModel

_OF_DIFFERENCE: Mapping[str, Callable[[Values, int], Values]] = {
    "glcm_InverseVariance": lambda d, _: np.divide(
        1.0, d * d, out=np.zeros_like(d), where=d > 0
    ),
    "glcm_Homogeneity2": lambda d, _: 1.0 / (1.0 + d * d),
    "glcm_Homogeneity": lambda d, _: 1.0 / (1.0 + d),
    "glcm_InverseDiffMomentNorm": lambda d, n: 1.0 / (1.0 + (d / n) ** 2),
    "glcm_InverseDiffNorm": lambda d, n: 1.0 / (1.0 + d / n),
    "glcm_Contrast": lambda d, _: d * d,
    "glcm_Dissimilarity": lambda d, _: d,
}
"""Features of the difference of two levels, with the number of levels."""

_OF_VALUES = {"histogram_Kurtosis", "direct_Kurtosis"}
_OF_HISTOGRAM = "histogram_KurtosisOfBinProbabilities"

MAPPED_FEATURES = frozenset(_OF_DIFFERENCE) | _OF_VALUES | {_OF_HISTOGRAM}
"""The features that have a map."""


@dataclass(frozen=True, eq=False)
class _Region:
    """The smallest box of the image that holds the mask; 0 outside the mask."""

    inside: NDArray[np.bool_]
    lines: Lines
    values: Values
    levels: NDArray[np.int32]
    level_count: int
    radius: Radius
    preparation: Preparation


def local_texture_index(suv: Volume, mask: Mask, model: ScoreModel) -> RegionMap:
    """Return the local texture index of a region.

    Parameters
    ----------
    suv : Volume
    mask : Mask
        On the same grid.
    model : ScoreModel

    Returns
    -------
    RegionMap
        Unit ``1``; NaN where the window has no pairs or holds a single value.

    Raises
    ------
    GridMismatchError
        When the mask stands on another grid.
    NoLocalFeatureError
        When the model has a feature that is not defined in a window.
    NoLocalPreparationError
        When the model resamples the image or re-segments the region: its score is of
        other voxels than those that a map would show.
    NonFiniteValuesError
        When the mask holds values that are not finite.
    """
    return _index(_local_features(suv, mask, model), mask, model)


def feature_maps(suv: Volume, mask: Mask, model: ScoreModel) -> dict[str, RegionMap]:
    """Return a map of each of the model's features, by name.

    Parameters, errors and the window are those of `local_texture_index`.

    Returns
    -------
    dict of str to RegionMap
        Unit ``1``; NaN for the co-occurrence features where the window has no pairs.
    """
    _, maps = texture_maps(suv, mask, model)
    return maps


def texture_maps(
    suv: Volume, mask: Mask, model: ScoreModel
) -> tuple[RegionMap, dict[str, RegionMap]]:
    """Return the local texture index, and the maps of the features that it is made of.

    Parameters and errors are those of `local_texture_index`.

    Returns
    -------
    index : RegionMap
        As `local_texture_index` returns it.
    maps : dict of str to RegionMap
        As `feature_maps` returns them.
    """
    local = _local_features(suv, mask, model)
    maps = {name: RegionMap(mask, values) for name, values in local.items()}
    return _index(local, mask, model), maps


def window_radius(grid: Grid, model: ScoreModel) -> Radius:
    """Return how far the window reaches along (slice, row, column), voxels."""
    slices, rows, columns = (
        max(1, math.floor(model.map_radius_mm / spacing + 0.5))
        for spacing in grid.spacing_mm
    )
    if model.preparation.dimension is not Dimension.VOLUME:
        slices = 0
    return slices, rows, columns


def _local_features(suv: Volume, mask: Mask, model: ScoreModel) -> dict[str, Values]:
    """Return each of the model's features around each voxel, shape (voxels,)."""
    require_same_grid(suv.grid, mask.grid)
    chosen = {
        "resampling": model.preparation.resampling,
        "resegmentation": model.preparation.resegmentation,
    }
    # They make its voxels other ones than the image's in the region.
    moving = tuple(name for name, choice in chosen.items() if choice is not None)
    if moving:
        raise NoLocalPreparationError(moving)
    missing = tuple(sorted(model.coefficients.keys() - MAPPED_FEATURES))
    if missing:
        raise NoLocalFeatureError(missing)
    region = _region(suv, mask, model)
    # In one order in every process: which function comes first moves the last bits.
    names = [name for name in _OF_DIFFERENCE if name in model.coefficients]
    local = _of_difference(region, names)
    return {
        name: local[name] if name in local else _kurtosis(region, name)
        for name in model.coefficients
    }


def _region(suv: Volume, mask: Mask, model: ScoreModel) -> _Region:
    box = mask.box
    inside = mask.inside[box]
    values = suv.inside(mask)
    levels = grey_levels(values, model.preparation)
    level_box, value_box = np.zeros(inside.shape, np.int32), np.zeros(inside.shape)
    level_box[inside] = levels.values
    # Nothing outside the mask is read, not even where it is not a number.
    value_box[inside] = values
    return _Region(
        inside=inside,
        lines=lines_of(inside),
        values=value_box,
        levels=level_box,
        level_count=levels.count,
        radius=_within(window_radius(suv.grid, model), inside.shape),
        preparation=model.preparation,
    )


def _within(radius: Radius, shape: tuple[int, ...]) -> Radius:
    """Return the radius that reaches no further than the box does."""
    slices, rows, columns = (
        max(0, min(reach, size - 1)) for reach, size in zip(radius, shape, strict=True)
    )
    return slices, rows, columns


def _index(local: Mapping[str, Values], mask: Mask, model: ScoreModel) -> RegionMap:
    total = np.full(mask.voxels, model.intercept)
    for name, coefficient in model.coefficients.items():
        total += coefficient * local[name]
        if name not in _OF_DIFFERENCE:
            total[local[name] == 0] = np.nan  # the kurtosis of a single value
    return RegionMap(mask, total)


def _of_difference(region: _Region, names: Sequence[str]) -> dict[str, Values]:
    """Return the features of pairs in the window of each voxel, shape (voxels,)."""
    if not names:
        return {}
    count = region.level_count
    differences = np.arange(count, dtype=np.float64)
    functions = [_OF_DIFFERENCE[name](differences, count) for name in names]
    pairs = Pairs(
        steps=directions(region.preparation),
        functions=np.stack(functions),
        pooled=region.preparation.aggregation is Aggregation.POOLED,
    )
    means = means_over_pairs(region.levels, region.lines, pairs, region.radius)
    return dict(zip(names, means, strict=True))


def _kurtosis(region: _Region, name: str) -> Values:
    """Return a kurtosis in the window of each voxel of the mask, shape (voxels,)."""
    if name != _OF_HISTOGRAM:
        return window_kurtosis(
            region.values, region.inside, region.lines, region.radius
        )
    bins = region.preparation.histogram
    if bins is None:
        raise NoLocalFeatureError((name,))
    values = region.values[region.inside]
    if values.size == 0:
        return values
    kept = kept_bins(values, bins)
    numbers = bin_numbers(values, bins)
    counted = (numbers >= kept.start) & (numbers < kept.stop)
    box = np.full(region.inside.shape, -1, np.int32)
    box[region.inside] = np.where(counted, numbers - kept.start, -1)
    return window_kurtosis_of_counts(
        box, region.lines, region.radius, kept.stop - kept.start
    )


class NoScoreMapModelError(ModelError):
    """A model has no map."""

    reason = "no_local_feature"
    remedy = "Score without a map, or with a model whose features all have maps."


class NoLocalFeatureError(NoScoreMapModelError):
    """A model's feature is not defined in a window."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"features without a map: {', '.join(names)}")
        self.names = names


class NoLocalPreparationError(NoScoreMapModelError):
    """A model's features are of other voxels than the image's in the region."""

    def __init__(self, choices: tuple[str, ...]) -> None:
        super().__init__(f"preparations without a map: {', '.join(choices)}")
        self.choices = choices
