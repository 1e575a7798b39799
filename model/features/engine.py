"""PyRadiomics as the engine of the co-occurrence features, and its only import.

PyRadiomics counts the pairs (in C) and holds the formulas. Two of its steps are
replaced:

* its discretisation: the grey levels are those of `model.features.discretisation`, as
  they are. This is what PyRadiomics gives for ``binWidth=1`` on levels that begin at 1;
* its sums over the diagonals of a matrix, which take 0.1 s for 256 levels by a mask for
  each diagonal, and a millisecond by counting. The tests hold both against the class as
  it ships.

Design choice: the feature methods are called directly. PyRadiomics' own ``execute``
turns any exception into NaN and a line on stderr; here a defect stays a defect.

Importing this module takes about a second (SimpleITK); workers do it when they start.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import SimpleITK as sitk  # noqa: N813 - the name that its documentation uses
from numpy.typing import NDArray
from radiomics.glcm import RadiomicsGLCM

from model.features.definitions import FEATURE_BY_NAME
from model.features.discretisation import GreyLevels
from model.features.glcm import bounding_box, has_pairs
from model.features.preparation import Aggregation, Dimension, Preparation

_ZERO_BY_ZERO_FOR_ONE_LEVEL = {"Correlation", "Imc1"}
"""PyRadiomics returns an arbitrary 1 and 0 for these; IBEX and we, NaN."""


def glcm_features(
    levels: GreyLevels,
    inside: NDArray[np.bool_],
    preparation: Preparation,
    names: Iterable[str],
) -> dict[str, float]:
    """Return features of the grey level co-occurrence matrix.

    Parameters
    ----------
    levels : GreyLevels
        Of the voxels of the mask, in array order.
    inside : ndarray of bool, shape (slices, rows, columns)
        The mask.
    preparation : Preparation
        Dimension, aggregation and symmetry of the matrix.
    names : iterable of str
        Names of the catalogue, of group `Group.GLCM`.

    Returns
    -------
    dict of str to float
        NaN for all of them when no two voxels are neighbours, and for correlation and
        the first information measure when a matrix holds a single level.
    """
    wanted = tuple(names)
    box = bounding_box(inside)
    inside_box = inside[box]
    if not has_pairs(inside_box, preparation):
        return dict.fromkeys(wanted, float("nan"))
    level_box = np.zeros(inside_box.shape, np.int32)
    level_box[inside_box] = levels.values
    matrices = _matrices(level_box, inside_box, levels.count, preparation)
    return {name: _value(matrices, name) for name in wanted}


def _matrices(
    levels: NDArray[np.int32],
    inside: NDArray[np.bool_],
    count: int,
    preparation: Preparation,
) -> "_Glcm":
    matrices = _Glcm(
        sitk.GetImageFromArray(levels),
        sitk.GetImageFromArray(inside.astype(np.uint8)),
        level_count=count,
        distances=[preparation.offset],
        force2D=preparation.dimension is Dimension.IN_PLANE,
        force2Ddimension=0,  # the slice axis
        symmetricalGLCM=preparation.symmetric,
        weightingNorm=_WEIGHTING[preparation.aggregation],
    )
    matrices._initCalculation()  # noqa: SLF001 - a method of the class extended here
    return matrices


_WEIGHTING: Mapping[Aggregation, str | None] = {
    # PyRadiomics adds the directions' matrices when it may weight them; equal weights
    # are the plain sum.
    Aggregation.POOLED: "no_weighting",
    Aggregation.AVERAGED: None,
}


def _value(matrices: "_Glcm", name: str) -> float:
    feature = FEATURE_BY_NAME[name].pyradiomics
    if feature in _ZERO_BY_ZERO_FOR_ONE_LEVEL and matrices.some_hold_a_single_level:
        return float("nan")
    # The measures of information may meet the root of a negative rounding error.
    with np.errstate(invalid="ignore", divide="ignore"):
        value = getattr(matrices, f"get{feature}FeatureValue")()
    return float(np.squeeze(value))


class _Glcm(RadiomicsGLCM):  # type: ignore[misc] # PyRadiomics has no types
    """PyRadiomics' co-occurrence class on ready grey levels."""

    def __init__(
        self, levels: sitk.Image, inside: sitk.Image, **settings: object
    ) -> None:
        super().__init__(levels, inside, **settings)
        # This logger is of this module alone. It would repeat, for every region, that
        # a sum average is twice a joint average.
        self.logger.disabled = True

    def _applyBinning(  # noqa: N802 - the name that it overrides
        self, matrix: NDArray[np.int32]
    ) -> NDArray[np.int32]:
        self.coefficients["grayLevels"] = np.unique(matrix[self.maskArray])
        self.coefficients["Ng"] = self.settings["level_count"]
        return matrix

    def _calculateCoefficients(self) -> None:  # noqa: N802 - as above
        count = self.coefficients["Ng"]
        present = self.coefficients["grayLevels"].astype(np.int64)
        first, second = np.meshgrid(present, present, indexing="ij")
        matrices = self.P_glcm[0]
        epsilon = np.spacing(1)
        weighted = {"i": first, "j": second}
        means = {
            key: np.einsum("ij,ija->a", level.astype(np.float64), matrices)
            for key, level in weighted.items()
        }
        self.coefficients.update(
            eps=epsilon,
            i=present.astype(np.float64)[:, None],
            j=present.astype(np.float64)[None, :],
            kValuesSum=np.arange(2, 2 * count + 1, dtype=np.float64),
            kValuesDiff=np.arange(0, count, dtype=np.float64),
            px=self.P_glcm.sum(2, keepdims=True),
            py=self.P_glcm.sum(1, keepdims=True),
            ux=means["i"][None, None, None, :],
            uy=means["j"][None, None, None, :],
            pxAddy=_diagonal_sums(first + second - 2, matrices, 2 * count - 1),
            pxSuby=_diagonal_sums(np.abs(first - second), matrices, count),
            HXY=-np.sum(matrices * np.log2(matrices + epsilon), (0, 1))[None],
        )

    @property
    def some_hold_a_single_level(self) -> bool:
        """Whether in some matrix all pairs are of one and the same level."""
        return bool(np.any(np.count_nonzero(self.P_glcm[0], axis=(0, 1)) == 1))


def _diagonal_sums(
    diagonal: NDArray[np.int64], matrices: NDArray[np.float64], count: int
) -> NDArray[Any]:
    """Return the sum of each matrix along its diagonals, shape (1, count, matrices)."""
    sums = [
        np.bincount(diagonal.ravel(), matrices[:, :, a].ravel(), count)
        for a in range(matrices.shape[2])
    ]
    return np.stack(sums, axis=1)[None]
