"""What lies between an image and its features, choice by choice.

Design choice: a preparation is data. Nothing that changes a number is implied by the
code that computes it, so that a score model's file or a profile can say all of it.
"""

from dataclasses import dataclass
from enum import StrEnum


class Discretisation(StrEnum):
    """How values become grey levels 1..n."""

    IBEX_FIXED_COUNT = "ibex_fixed_count"
    """``round(1 + (levels - 1) * (I - lo) / (hi - lo))``, halves away from zero."""
    IBEX_UNIT_STEP = "ibex_unit_step"
    """The same with levels one unit apart: ``levels = floor(hi - lo) + 1``."""


class Dimension(StrEnum):
    """Which neighbours make pairs."""

    IN_PLANE = "2.5D"
    """Four directions in the slice, matrices pooled over slices (IBEX "25")."""
    VOLUME = "3D"
    """Thirteen directions (IBEX "3")."""


class Aggregation(StrEnum):
    """How directions come together."""

    POOLED = "pooled"
    """One matrix from the pairs of all directions (IBEX row "-333")."""
    AVERAGED = "averaged"
    """The feature of each direction's matrix, then the mean."""


class KurtosisKind(StrEnum):
    """What the kurtosis is taken of. Pearson's, biased, never excess."""

    MASKED_VALUES = "masked_values"
    """Of the voxel values in the mask."""
    BIN_PROBABILITIES = "bin_probabilities"
    """Of the vector of histogram probabilities (IBEX builds of 2014)."""


@dataclass(frozen=True)
class HistogramBins:
    """The intensity histogram of `KurtosisKind.BIN_PROBABILITIES`.

    Attributes
    ----------
    intervals : int
        Number of intervals; there is one bin centre more.
    low, high : float
        First and last bin centre, g/ml.
    """

    intervals: int
    low: float
    high: float


@dataclass(frozen=True)
class Preparation:
    """Everything between the SUV in a mask and a texture feature.

    Attributes
    ----------
    discretisation : Discretisation
    levels : int or None
        Number of grey levels; None where the discretisation sets it by itself.
    limits : str
        ``nonzero_range``: least and greatest non-zero value in the mask.
    dimension : Dimension
    aggregation : Aggregation
    offset : int
        Distance of the voxels of a pair, in voxels.
    symmetric : bool
        Each pair counts in both directions.
    kurtosis : KurtosisKind
    histogram : HistogramBins or None
        Present exactly for `KurtosisKind.BIN_PROBABILITIES`.
    """

    discretisation: Discretisation
    levels: int | None
    limits: str
    dimension: Dimension
    aggregation: Aggregation
    offset: int
    symmetric: bool
    kurtosis: KurtosisKind
    histogram: HistogramBins | None = None
