"""Features of the grey level run length matrix, by PyRadiomics' formulas."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from radiomics.glrlm import RadiomicsGLRLM

from model.features.engine.cooccurrence import mean_of_defined
from model.features.glcm import (
    Direction,
    levels_in_box,
    present_levels,
    unit_directions,
)
from model.features.glrlm import run_counts
from model.features.levels import GreyLevels
from model.features.preparation import Aggregation, Dimension, Neighbourhood


def run_length_features(
    levels: GreyLevels,
    inside: NDArray[np.bool_],
    neighbourhood: Neighbourhood,
    names: Iterable[str],
    steps: Sequence[Direction] | None = None,
) -> dict[str, float]:
    """Return features of the grey level run length matrix.

    Parameters
    ----------
    levels : GreyLevels
        Of the voxels of the mask, in array order.
    inside : ndarray of bool, shape (slices, rows, columns)
        The mask. A run ends where it ends.
    neighbourhood : Neighbourhood
        Its dimension and aggregation; runs know no offset and no symmetry.
    names : iterable of str
        PyRadiomics' names, and ``GrayLevelNonUniformityPerVoxel`` and
        ``RunLengthNonUniformityPerVoxel``.
    steps : sequence of Direction, optional
        Directions of the runs (slice, row, column) instead of those of the dimension.

    Returns
    -------
    dict of str to float
        The mean over the matrices (one when directions are pooled, a matrix for each
        slice with voxels under `Dimension.SLICE`). The run percentage is the number of
        runs over that of voxels times pooled directions. NaN for an empty mask.
    """
    wanted = tuple(dict.fromkeys(names))
    along = unit_directions(neighbourhood.dimension) if steps is None else tuple(steps)
    each: dict[str, list[float]] = {name: [] for name in wanted}
    for matrix in _matrices(levels_in_box(levels, inside), neighbourhood, along):
        for name in wanted:
            each[name].append(matrix.value(name))
    return {name: mean_of_defined(values) for name, values in each.items()}


def _matrices(
    box: NDArray[np.int32],
    neighbourhood: Neighbourhood,
    steps: Sequence[Direction],
) -> Iterator["_Glrlm"]:
    by_slice = neighbourhood.dimension is Dimension.SLICE
    parts = np.split(box, box.shape[0]) if by_slice and box.size else [box]
    for part in parts:
        present, ranks = present_levels(part)
        if not present.size:
            continue
        each = (run_counts(ranks, present.size, step) for step in steps)
        if neighbourhood.aggregation is Aggregation.AVERAGED:
            yield from (_Glrlm(counts, present) for counts in each)
        else:
            yield _Glrlm(_sum_of(each), present)


def _sum_of(matrices: Iterable[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return the sum of matrices that have as many columns as their longest runs."""
    kept = list(matrices)
    longest = max(counts.shape[1] for counts in kept)
    total = np.zeros((kept[0].shape[0], longest), np.int64)
    for counts in kept:
        total[:, : counts.shape[1]] += counts
    return total


class _Glrlm(RadiomicsGLRLM):  # type: ignore[misc] # PyRadiomics has no types
    """PyRadiomics' formulas on one matrix.

    The constructor of PyRadiomics, which takes images, is not called.
    """

    def __init__(self, counts: NDArray[np.int64], present: NDArray[np.int64]) -> None:
        matrix = counts.astype(np.float64)
        lengths = np.arange(1, counts.shape[1] + 1, dtype=np.float64)
        # PyRadiomics' axes: (kernel, level, length, direction).
        self.P_glrlm = matrix[None, :, :, None]
        self.coefficients = {
            "Nr": np.reshape(matrix.sum(), (1, 1)),
            "pr": matrix.sum(axis=0)[None, :, None],
            "pg": matrix.sum(axis=1)[None, :, None],
            "ivector": present.astype(np.float64),
            "jvector": lengths,
        }

    def getGrayLevelNonUniformityPerVoxelFeatureValue(self) -> float:  # noqa: N802
        """Return the nonuniformity over the voxels, those of each direction."""
        return self._per_voxel("GrayLevelNonUniformity")

    def getRunLengthNonUniformityPerVoxelFeatureValue(self) -> float:  # noqa: N802
        """Return the nonuniformity over the voxels, those of each direction."""
        return self._per_voxel("RunLengthNonUniformity")

    def _per_voxel(self, name: str) -> float:
        runs, lengths = self.coefficients["pr"][0, :, 0], self.coefficients["jvector"]
        return self.value(name) / float(runs @ lengths)

    def value(self, name: str) -> float:
        """Return a feature by PyRadiomics' name, or a further formula's."""
        value = float(np.squeeze(getattr(self, f"get{name}FeatureValue")()))
        # The entropy of a certainty is 0, not the rounding error of log2(1 + epsilon).
        return max(value, 0.0) if name == "RunEntropy" else value
