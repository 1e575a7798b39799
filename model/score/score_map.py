r"""The local texture index: the equation's features in a window around each voxel.

It shows where the texture that the score is made of is found. It is not a decomposition
of the region's score (which is not an average of windows), it locates no cells, and it
has neither a probability nor a cut-off.

The grey levels, the directions and the aggregation are the model's own, of the whole
region. The window reaches `map_radius_mm`, rounded to whole voxels and at least one,
along each axis; for a 2.5D model it is a rectangle in one slice.

**Why sums suffice.** Let :math:`P_a(i,j)` be the symmetric matrix of direction
:math:`a` in a window. A feature :math:`\sum p\,f(|i-j|)` is

.. math::
   \frac{\sum_{ij} P_a(i,j)\,f(|i-j|)}{\sum_{ij} P_a(i,j)}
   = \frac{\sum_{(u,u+a)} f(|g_u-g_{u+a}|)}{\#\{(u,u+a)\}}

over the pairs whose two voxels lie in the window and in the mask: each pair adds the
same to both entries of the matrix, so that symmetry cancels. No matrix is needed, and
numerator and denominator are box sums, which running sums give at a cost that does not
depend on the radius. Averaged directions are the mean of the quotients of those
directions that have pairs; pooled ones are the quotient of the sums. This holds for
features of the difference alone: inverse variance, inverse difference and its moment,
their normalised forms, contrast and dissimilarity. It equals PyRadiomics'
``voxelBased`` extraction on the same levels (``binWidth=1``; ``weightingNorm`` unset
for averaged, ``no_weighting`` for pooled directions; ``kernelRadius`` the radius), NaN
for NaN, where the window is as many voxels wide along each axis.

The sums are of integers, :math:`f` in units of a power of two, and hence exact: no
rounding error creeps over the image.

**Kurtosis** is taken of the values of the mask in the window, in two passes about the
value of the centre. A window of equal values has the kurtosis 0, as in PyRadiomics, and
no index. **Kurtosis of bin probabilities** has no counterpart elsewhere; here it is
Pearson's kurtosis of the counts of the window's voxels in the bins that are kept for
the *region*, empty ones included (a common divisor does not change it).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import ModelError
from model.features.discretisation import grey_levels
from model.features.glcm import bounding_box, directions, ends_of_pairs
from model.features.intensity import bin_numbers, kept_bins
from model.features.preparation import (
    Aggregation,
    Dimension,
    HistogramBins,
    Preparation,
)
from model.grid import Grid, Mask, Volume, require_same_grid
from model.score.score_model import ScoreModel
from model.score.window import Numbers, Radius, Values, window_kurtosis, window_sums

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
    values: Values
    levels: Numbers
    level_count: int
    radius: Radius
    preparation: Preparation


def local_texture_index(suv: Volume, mask: Mask, model: ScoreModel) -> Volume:
    """Return the local texture index of a region.

    Parameters
    ----------
    suv : Volume
    mask : Mask
        On the same grid.
    model : ScoreModel

    Returns
    -------
    Volume
        Float64 on the whole grid, unit ``1``; NaN outside the mask, and where the
        window has no pairs or holds a single value.

    Raises
    ------
    GridMismatchError
        When the mask stands on another grid.
    NoLocalFeatureError
        When the model has a feature that is not defined in a window.
    NonFiniteValuesError
        When the mask holds values that are not finite.
    """
    local = _local_features(suv, mask, model)
    total = np.full(mask.voxels, model.intercept)
    for name, coefficient in model.coefficients.items():
        total += coefficient * local[name]
        if name not in _OF_DIFFERENCE:
            total[local[name] == 0] = np.nan  # the kurtosis of a single value
    return _on_grid(total, mask)


def feature_maps(suv: Volume, mask: Mask, model: ScoreModel) -> dict[str, Volume]:
    """Return a map of each of the model's features, by name.

    Parameters, errors and the window are those of `local_texture_index`.

    Returns
    -------
    dict of str to Volume
        Float64 on the whole grid, unit ``1``; NaN outside the mask, and for the
        co-occurrence features where the window has no pairs.
    """
    local = _local_features(suv, mask, model)
    return {name: _on_grid(values, mask) for name, values in local.items()}


def window_radius(grid: Grid, model: ScoreModel) -> Radius:
    """Return how far the window reaches along (slice, row, column), voxels."""
    slices, rows, columns = (
        max(1, math.floor(model.map_radius_mm / spacing + 0.5))
        for spacing in grid.spacing_mm
    )
    if model.preparation.dimension is Dimension.IN_PLANE:
        slices = 0
    return slices, rows, columns


def _local_features(suv: Volume, mask: Mask, model: ScoreModel) -> dict[str, Values]:
    """Return each of the model's features around each voxel, shape (voxels,)."""
    require_same_grid(suv.grid, mask.grid)
    missing = tuple(sorted(model.coefficients.keys() - MAPPED_FEATURES))
    if missing:
        raise NoLocalFeatureError(missing)
    region = _region(suv, mask, model)
    return {name: _local(region, name) for name in model.coefficients}


def _region(suv: Volume, mask: Mask, model: ScoreModel) -> _Region:
    box = bounding_box(mask.inside)
    inside = mask.inside[box]
    levels = grey_levels(suv.inside(mask), model.preparation)
    level_box = np.zeros(inside.shape, np.int64)
    level_box[inside] = levels.values
    return _Region(
        inside=inside,
        # Nothing outside the mask is read, not even where it is not a number.
        values=np.where(inside, suv.values[box], 0).astype(np.float64),
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


def _on_grid(local: Values, mask: Mask) -> Volume:
    values = np.full(mask.grid.shape, np.nan)
    values[mask.inside] = local
    return Volume(mask.grid, values, "1")


def _local(region: _Region, name: str) -> Values:
    """Return a feature in the window of each voxel of the mask, shape (voxels,)."""
    if name in _OF_DIFFERENCE:
        return _of_difference(region, _OF_DIFFERENCE[name])
    if name == _OF_HISTOGRAM:
        bins = region.preparation.histogram
        if bins is None:
            raise NoLocalFeatureError((name,))
        return _kurtosis_of_counts(region, bins)
    return window_kurtosis(region.values, region.inside, region.radius)


def _of_difference(
    region: _Region, function: Callable[[Values, int], Values]
) -> Values:
    steps = directions(region.preparation)
    # Up to the difference from the level 0 of voxels outside, which is not counted.
    differences = np.arange(region.level_count + 1, dtype=np.float64)
    table = function(differences, region.level_count)
    scale = _scale(table, region.radius, len(steps))
    fixed = np.rint(np.ldexp(table, scale)).astype(np.int64)
    mean = _RunningMean(
        int(np.count_nonzero(region.inside)), region.preparation.aggregation
    )
    for step in steps:
        first, second = ends_of_pairs(step)
        pairs = np.zeros(region.inside.shape, np.int64)
        pairs[first] = region.inside[first] & region.inside[second]
        weights = np.zeros_like(pairs)
        weights[first] = fixed[np.abs(region.levels[first] - region.levels[second])]
        weights *= pairs
        mean.add(
            window_sums(weights, region.radius, step)[region.inside],
            window_sums(pairs, region.radius, step)[region.inside],
        )
    return np.asarray(np.ldexp(mean.value(), -scale), np.float64)


def _scale(table: Values, radius: Radius, steps: int) -> int:
    """Return the power of two that keeps every sum of a window within 63 bits."""
    pairs = steps * math.prod(2 * reach + 1 for reach in radius)
    largest = max(1.0, float(table.max()))
    return 62 - math.ceil(math.log2(pairs)) - math.ceil(math.log2(largest))


class _RunningMean:
    """The mean of a function over pairs, direction by direction."""

    def __init__(self, voxels: int, aggregation: Aggregation) -> None:
        self._pooled = aggregation is Aggregation.POOLED
        total_of = np.int64 if self._pooled else np.float64
        self._total: NDArray[Any] = np.zeros(voxels, total_of)
        self._count = np.zeros(voxels, np.int64)

    def add(self, sums: Numbers, counts: Numbers) -> None:
        """Take in a direction: the sums over its pairs, and their numbers."""
        if self._pooled:
            self._total += sums
            self._count += counts
        else:
            with_pairs = counts > 0
            self._total[with_pairs] += sums[with_pairs] / counts[with_pairs]
            self._count += with_pairs

    def value(self) -> Values:
        """Return the mean, NaN where there were no pairs; shape (voxels,)."""
        return _quotient(self._total, self._count)


def _quotient(numerator: NDArray[Any], denominator: Numbers) -> Values:
    """Return numerator over denominator, NaN where that is 0."""
    nothing = np.full(numerator.shape, np.nan)
    with_pairs = denominator > 0
    np.divide(numerator, denominator, out=nothing, where=with_pairs)
    return nothing


def _kurtosis_of_counts(region: _Region, bins: HistogramBins) -> Values:
    values = region.values[region.inside]
    kept = kept_bins(values, bins)
    numbers = np.full(region.inside.shape, -1, np.int64)
    numbers[region.inside] = bin_numbers(values, bins)
    powers = np.zeros((4, values.size))
    for number in np.unique(numbers[region.inside]):
        if kept.start <= number < kept.stop:
            here = (numbers == number).astype(np.int64)
            counts = window_sums(here, region.radius)[region.inside].astype(np.float64)
            powers += np.stack([counts, counts**2, counts**3, counts**4])
    mean, square, cube, fourth = powers / (kept.stop - kept.start)
    variance = square - mean**2
    about_mean = fourth - 4 * mean * cube + 6 * mean**2 * square - 3 * mean**4
    nothing = np.full(variance.shape, np.nan)
    np.divide(about_mean, variance**2, out=nothing, where=variance > 0)
    return nothing


class NoLocalFeatureError(ModelError):
    """A model's feature is not defined in a window."""

    reason = "no_local_feature"
    remedy = "Score without a map, or with a model whose features all have maps."

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"features without a map: {', '.join(names)}")
        self.names = names
