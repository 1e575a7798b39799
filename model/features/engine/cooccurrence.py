"""Features of the grey level co-occurrence matrix, by PyRadiomics' formulas.

One step of PyRadiomics is replaced beside the counting: its sums over the diagonals of
a matrix, which take 0.1 s for 256 levels by a mask for each diagonal, and a millisecond
by counting. The tests hold the results against the class as it ships.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from radiomics.glcm import RadiomicsGLCM

from model.features.engine.silence import Silence
from model.features.glcm import levels_in_box, pair_counts, present_levels, steps_of
from model.features.levels import GreyLevels
from model.features.preparation import Aggregation, Dimension, Neighbourhood

_ENTROPIES = frozenset({"JointEntropy", "DifferenceEntropy", "SumEntropy"})

Floats = NDArray[np.float64]


def cooccurrence_features(
    levels: GreyLevels,
    inside: NDArray[np.bool_],
    neighbourhood: Neighbourhood,
    names: Iterable[str],
) -> dict[str, float]:
    """Return features of the grey level co-occurrence matrix.

    Parameters
    ----------
    levels : GreyLevels
        Of the voxels of the mask, in array order.
    inside : ndarray of bool, shape (slices, rows, columns)
        The mask.
    neighbourhood : Neighbourhood
    names : iterable of str
        PyRadiomics' names, and ``SumVarianceAboutSumEntropy``.

    Returns
    -------
    dict of str to float
        The mean over the matrices that have pairs (one when directions are pooled, a
        matrix for each slice with `Dimension.SLICE`). NaN for all of them when no two
        voxels are neighbours, and for the correlation and the first measure of
        information when every matrix holds a single level.
    """
    wanted = tuple(dict.fromkeys(names))
    each: dict[str, list[float]] = {name: [] for name in wanted}
    for matrix in _matrices(levels, inside, neighbourhood):
        for name in wanted:
            each[name].append(matrix.value(name))
    return {name: mean_of_defined(values) for name, values in each.items()}


def mean_of_defined(values: Iterable[float]) -> float:
    """Return the mean of the values that are numbers; NaN when none is."""
    defined = [value for value in values if not math.isnan(value)]
    return math.fsum(defined) / len(defined) if defined else math.nan


def _matrices(
    levels: GreyLevels, inside: NDArray[np.bool_], neighbourhood: Neighbourhood
) -> Iterator["_Glcm"]:
    box = levels_in_box(levels, inside)
    by_slice = neighbourhood.dimension is Dimension.SLICE
    parts = np.split(box, box.shape[0]) if by_slice and box.size else [box]
    for part in parts:
        present, ranks = present_levels(part)
        if not present.size:
            continue
        for counts in _counts(ranks, present.size, neighbourhood):
            if counts.any():
                yield _Glcm(
                    counts, present, levels.count, symmetric=neighbourhood.symmetric
                )


def _counts(
    ranks: NDArray[np.int32], count: int, neighbourhood: Neighbourhood
) -> Iterator[NDArray[np.int64]]:
    each = (pair_counts(ranks, count, step) for step in steps_of(neighbourhood))
    if neighbourhood.aggregation is Aggregation.AVERAGED:
        yield from each
        return
    total = next(each)
    for counts in each:
        total += counts
    yield total


class _Glcm(RadiomicsGLCM):  # type: ignore[misc] # PyRadiomics has no types
    """PyRadiomics' formulas on one matrix.

    The constructor of PyRadiomics, which takes images, is not called.
    """

    def __init__(
        self,
        counts: NDArray[np.int64],
        present: NDArray[np.int64],
        level_count: int,
        *,
        symmetric: bool,
    ) -> None:
        self.symmetricalGLCM = symmetric
        self.logger = Silence()
        both_ways = counts + counts.T if symmetric else counts
        matrix = both_ways / both_ways.sum()
        # PyRadiomics' axes: (kernel, level, level, direction).
        self.P_glcm = matrix[None, :, :, None]
        self.coefficients = _coefficients(matrix, present, level_count)
        rows = np.count_nonzero(matrix.any(axis=1))
        columns = np.count_nonzero(matrix.any(axis=0))
        self._undefined = {
            "Correlation": rows == 1 or columns == 1,
            "Imc1": rows == 1 and columns == 1,
        }

    def value(self, name: str) -> float:
        """Return a feature by PyRadiomics' name; NaN for 0/0."""
        if self._undefined.get(name):
            return math.nan
        value = float(np.squeeze(getattr(self, f"get{name}FeatureValue")()))
        # The entropy of a certainty is 0, not the rounding error of log2(1 + epsilon).
        return max(value, 0.0) if name in _ENTROPIES else value

    def getImc2FeatureValue(self) -> float:  # noqa: N802 - the name that it overrides
        """Return 0 where rounding would take the root of a negative number."""
        product = self.coefficients["px"] * self.coefficients["py"]
        entropy = -np.sum(product * np.log2(product + self.coefficients["eps"]))
        excess = max(float(entropy - np.squeeze(self.coefficients["HXY"])), 0.0)
        return math.sqrt(-math.expm1(-2 * excess))

    def getSumVarianceAboutSumEntropyFeatureValue(self) -> float:  # noqa: N802
        """Return Haralick's sum variance as printed, about the sum entropy."""
        centre = self.value("SumEntropy")
        sums = self.coefficients["kValuesSum"]
        weights = self.coefficients["pxAddy"][0, :, 0]
        return float(np.sum(weights * (sums - centre) ** 2))


def _coefficients(
    matrix: Floats, present: NDArray[np.int64], level_count: int
) -> dict[str, Any]:
    """Return what PyRadiomics' formulas share, under its names and axes."""
    first, second = present[:, None], present[None, :]
    epsilon = np.spacing(1)
    levels = present.astype(np.float64)
    px, py = matrix.sum(axis=1), matrix.sum(axis=0)
    return {
        "Ng": level_count,
        "eps": epsilon,
        "i": levels[:, None],
        "j": levels[None, :],
        "kValuesSum": np.arange(2, 2 * level_count + 1, dtype=np.float64),
        "kValuesDiff": np.arange(level_count, dtype=np.float64),
        "px": px[None, :, None, None],
        "py": py[None, None, :, None],
        "ux": np.reshape(levels @ px, (1, 1, 1, 1)),
        "uy": np.reshape(levels @ py, (1, 1, 1, 1)),
        "pxAddy": _diagonal_sums(first + second - 2, matrix, 2 * level_count - 1),
        "pxSuby": _diagonal_sums(np.abs(first - second), matrix, level_count),
        "HXY": np.reshape(-np.sum(matrix * np.log2(matrix + epsilon)), (1, 1)),
    }


def _diagonal_sums(diagonal: NDArray[np.int64], matrix: Floats, count: int) -> Floats:
    """Return the sums of a matrix along its diagonals, shape (1, count, 1)."""
    sums = np.bincount(diagonal.ravel(), matrix.ravel(), count)
    return np.asarray(sums[None, :, None], np.float64)
