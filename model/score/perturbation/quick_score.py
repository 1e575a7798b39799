"""A model's score without a co-occurrence matrix, for scoring an image many times.

A feature that is a function of the difference of grey levels alone needs to know only
how many pairs differ by 0, 1, 2, ... levels. With ``c[d]`` pairs that differ by ``d``
among ``N`` of a direction, or of all directions when they are pooled, `f` the function
and `p` the co-occurrence matrix::

    sum over i, j of p(i, j) f(|i - j|)  =  sum over d of c[d] f(d) / N

whether or not each pair counts both ways round. Compiled code counts the pairs
(`model.features.neighbour_pairs`); kurtosis is the catalogue's own. The catalogue is
what a score is defined by; the tests hold this module against it.

Design choice: a model with other features, or with a grid or a part of the region of
its own, has no quick score. It is scored through the catalogue, which takes some
hundred times as long, and less often (`model.score.perturbation.region_scoring`).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from model.features.discretisation import grey_levels
from model.features.glcm import steps_of
from model.features.intensity import kurtosis, kurtosis_of_bin_probabilities
from model.features.levels import UnsupportedPreparationError
from model.features.neighbour_pairs import difference_counts
from model.features.preparation import Aggregation, Dimension, Preparation
from model.score.score_model import ScoreModel

Values = NDArray[np.float64]
Inside = NDArray[np.bool_]

_DifferenceFunction = Callable[[Values, int], Values]


def _inverse_square(differences: Values, _count: int) -> Values:
    """Return 1/d^2, and 0 for pairs of one level, which inverse variance leaves out."""
    inverse = np.zeros_like(differences)
    inverse[1:] = 1 / differences[1:] ** 2
    return inverse


_OF_DIFFERENCES: Mapping[str, _DifferenceFunction] = {
    "glcm_InverseVariance": _inverse_square,
    "glcm_Homogeneity2": lambda d, _: 1 / (1 + d**2),
    "glcm_Homogeneity": lambda d, _: 1 / (1 + d),
    "glcm_Contrast": lambda d, _: d**2,
    "glcm_Dissimilarity": lambda d, _: d,
    "glcm_InverseDiffMomentNorm": lambda d, count: 1 / (1 + (d / count) ** 2),
    "glcm_InverseDiffNorm": lambda d, count: 1 / (1 + d / count),
}
"""By name of the catalogue: a function of differences 0, 1, ... and of the count of
levels."""

_OF_VALUES = {"direct_Kurtosis", "histogram_Kurtosis"}
_OF_BINS = "histogram_KurtosisOfBinProbabilities"


@dataclass(frozen=True)
class QuickScore:
    """The score of one model, computed from pairs.

    Attributes
    ----------
    model : ScoreModel
    """

    model: ScoreModel

    def score(self, values: Values, inside: Inside) -> float:
        """Return the score of a region.

        Parameters
        ----------
        values : ndarray, shape (slices, rows, columns)
            A box of the image, in the model's units.
        inside : ndarray of bool, of the same shape
            The region, wholly in the box.

        Returns
        -------
        float
            NaN where a feature of the model has no value, and where the values cannot
            be prepared. The model's least number of voxels is not looked at.
        """
        prepared = self._prepared(np.asarray(values[inside], np.float64))
        if prepared is None:
            return math.nan
        levels, count, of_values = prepared
        return of_values + self._texture(levels, count, inside)

    def shuffled_scores(
        self,
        values: Values,
        inside: Inside,
        generator: np.random.Generator,
        repetitions: int,
    ) -> Values:
        """Return the scores of the region's own values, permuted among its voxels.

        Parameters
        ----------
        values, inside : ndarray
            As for `score`.
        generator : Generator
            Asked for one permutation of the region's voxels for each repetition.
        repetitions : int

        Returns
        -------
        ndarray, shape (repetitions,)
        """
        prepared = self._prepared(np.asarray(values[inside], np.float64))
        if prepared is None:
            return np.full(repetitions, math.nan)
        # The values stay the same ones, so that their levels and kurtosis do, too.
        levels, count, of_values = prepared
        scores = [
            of_values + self._texture(generator.permutation(levels), count, inside)
            for _ in range(repetitions)
        ]
        return np.array(scores, np.float64)

    def _prepared(self, values: Values) -> tuple[NDArray[np.int32], int, float] | None:
        """Return levels, their count, and what of the score the values alone make."""
        if not values.size or not np.isfinite(values).all():
            return None
        try:
            levels = grey_levels(values, self.model.preparation)
        except UnsupportedPreparationError:
            return None
        return levels.values, levels.count, self._of_values(values)

    def _of_values(self, values: Values) -> float:
        total = self.model.intercept
        for name, coefficient in self.model.coefficients.items():
            if name in _OF_VALUES:
                total += coefficient * kurtosis(values)
            bins = self.model.preparation.histogram
            if name == _OF_BINS and bins is not None:
                total += coefficient * kurtosis_of_bin_probabilities(values, bins)
        return total

    def _texture(self, levels: NDArray[np.int32], count: int, inside: Inside) -> float:
        """Return what of the score the pairs make; NaN without a pair."""
        weights = _weights(tuple(self.model.coefficients.items()), count)
        if weights is None:
            return 0.0
        box = np.zeros(inside.shape, np.int32)
        box[inside] = levels
        counts = self._counts(box, count)
        pairs = counts.sum(axis=1)
        met = pairs > 0
        if not met.any():
            return math.nan
        return float(np.mean(counts[met] @ weights / pairs[met]))

    def _counts(self, box: NDArray[np.int32], count: int) -> NDArray[np.int64]:
        """Return the pairs by difference, shape (matrices, count).

        One matrix for each slice where these are apart, for each direction where these
        are averaged, and for each of both.
        """
        preparation = self.model.preparation
        apart = preparation.dimension is Dimension.SLICE
        parts = [box[k : k + 1] for k in range(len(box))] if apart else [box]
        counts = [difference_counts(part, self._steps, count) for part in parts]
        if preparation.aggregation is Aggregation.POOLED:
            counts = [each.sum(axis=0, keepdims=True) for each in counts]
        return counts[0] if len(counts) == 1 else np.concatenate(counts)

    @cached_property
    def _steps(self) -> NDArray[np.int64]:
        """The steps between the voxels of pairs, shape (directions, 3)."""
        return np.array(steps_of(self.model.preparation.neighbourhood), np.int64)


@lru_cache(maxsize=256)
def _weights(terms: tuple[tuple[str, float], ...], count: int) -> Values | None:
    """Return the sum of a model's functions of a difference, shape (count,).

    Parameters
    ----------
    terms : tuple of (str, float)
        Features and their coefficients.
    count : int
        Of levels.
    """
    differences = np.arange(count, dtype=np.float64)
    found = [
        coefficient * _OF_DIFFERENCES[name](differences, count)
        for name, coefficient in terms
        if name in _OF_DIFFERENCES
    ]
    if not found:
        return None
    weights = np.asarray(np.sum(found, axis=0), np.float64)
    weights.setflags(write=False)
    return weights


def quick_score(model: ScoreModel) -> QuickScore | None:
    """Return how a model is scored quickly.

    Returns
    -------
    QuickScore or None
        None for a model with other features than kurtosis and those of grey level
        differences, and for one that resamples or re-segments.
    """
    known = {*_OF_DIFFERENCES, *_OF_VALUES}
    if model.preparation.histogram is not None:
        known.add(_OF_BINS)
    if not model.coefficients.keys() <= known or not _follows(model.preparation):
        return None
    return QuickScore(model)


def _follows(preparation: Preparation) -> bool:
    return (
        preparation.offset >= 1
        and preparation.resampling is None
        and preparation.resegmentation is None
    )
