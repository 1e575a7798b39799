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
    IBSI_FIXED_BIN_NUMBER = "ibsi_fixed_bin_number"
    """``floor(levels * (I - lo) / (hi - lo)) + 1``, the greatest value in the last bin
    (IBSI K15C)."""
    IBSI_FIXED_BIN_SIZE = "ibsi_fixed_bin_size"
    """``floor((I - lo) / bin_size) + 1`` from the lower limit on (IBSI Q3RU)."""
    NONE = "none"
    """The values are whole numbers from 1 on, and levels already."""


class Limits(StrEnum):
    """Between which values the grey levels lie."""

    NONZERO_RANGE = "nonzero_range"
    """Least and greatest non-zero value in the mask (IBEX, adaptive)."""
    RANGE = "range"
    """Least and greatest value in the mask (IBSI)."""
    FIXED = "fixed"
    """`Preparation.low` and `Preparation.high`; values beyond count as those."""


class Dimension(StrEnum):
    """Which neighbours make pairs and runs."""

    SLICE = "2D"
    """Four directions in the slice; the feature of each slice, then the mean."""
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


class Interpolation(StrEnum):
    """How an image is brought onto another grid."""

    NEAREST = "nearest"
    LINEAR = "linear"
    CUBIC_SPLINE = "cubic_spline"


@dataclass(frozen=True)
class Resampling:
    """Another grid for the image and the mask, aligned at the centre (IBSI).

    Attributes
    ----------
    spacing_mm : tuple of (float or None)
        Along (slice, row, column); None keeps the image's own, so that interpolation
        stays in the plane where the slices are kept.
    interpolation : Interpolation
        Of the image.
    round_values : bool
        To whole numbers afterwards, as for Hounsfield units.
    mask_interpolation : Interpolation
    mask_threshold : float
        Interpolated mask from which on a voxel is inside.
    """

    spacing_mm: tuple[float | None, float | None, float | None]
    interpolation: Interpolation
    round_values: bool = False
    mask_interpolation: Interpolation = Interpolation.LINEAR
    mask_threshold: float = 0.5


@dataclass(frozen=True)
class Resegmentation:
    """Which values of a region take part (IBSI IFTJ); its shape remains.

    Attributes
    ----------
    low, high : float or None
        Values below or above are left out.
    outlier_sigmas : float or None
        Values further from the mean, in standard deviations (population), are left
        out, after the range; 3 is usual.
    """

    low: float | None = None
    high: float | None = None
    outlier_sigmas: float | None = None


@dataclass(frozen=True)
class Neighbourhood:
    """Which neighbours come together in a texture matrix.

    Attributes
    ----------
    dimension : Dimension
    aggregation : Aggregation
    offset : int
        Distance of the voxels of a pair, in voxels.
    symmetric : bool
        Each pair counts in both directions.
    """

    dimension: Dimension
    aggregation: Aggregation
    offset: int = 1
    symmetric: bool = True


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
    limits : Limits
    dimension : Dimension
    aggregation : Aggregation
    offset : int
        Distance of the voxels of a pair, in voxels.
    symmetric : bool
        Each pair counts in both directions.
    kurtosis : KurtosisKind
    histogram : HistogramBins or None
        Present exactly for `KurtosisKind.BIN_PROBABILITIES`.
    low, high : float or None
        Present with `Limits.FIXED`; `low` alone also with a fixed bin size.
    bin_size : float or None
        Present exactly for `Discretisation.IBSI_FIXED_BIN_SIZE`, in the image's unit.
    resampling : Resampling or None
    resegmentation : Resegmentation or None
    """

    discretisation: Discretisation
    levels: int | None
    limits: Limits
    dimension: Dimension
    aggregation: Aggregation
    offset: int
    symmetric: bool
    kurtosis: KurtosisKind
    histogram: HistogramBins | None = None
    low: float | None = None
    high: float | None = None
    bin_size: float | None = None
    resampling: Resampling | None = None
    resegmentation: Resegmentation | None = None

    @property
    def neighbourhood(self) -> Neighbourhood:
        """Which neighbours make pairs."""
        return Neighbourhood(
            self.dimension, self.aggregation, self.offset, self.symmetric
        )
