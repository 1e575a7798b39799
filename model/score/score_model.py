"""A score model: an equation over texture features, with every choice behind it.

Design choice: a model is data. Whatever changes a number (levels, limits, dimension,
aggregation, offset, kurtosis) is a field here and a key of its file; nothing is implied
by the code that computes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Calibration(StrEnum):
    """What entitles a score to a probability."""

    NONE = "none"
    """The equation as published; uncalibrated on this scanner."""
    SITE = "site"
    """Intercept, or intercept and slope, fitted to the site's own labels."""
    TRAINED = "trained"
    """Trained on the site's own data."""


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


@dataclass(frozen=True)
class ScoreModel:
    """A logistic score over features of one region.

    Attributes
    ----------
    name, version : str
    title : str
        How a reader sees it, for example ``texture index (published equation,
        uncalibrated)``.
    coefficients : mapping of str to float
        By feature name of the catalogue.
    intercept : float
    cut_off : float
        On the scale of the score; above it the class is "exhausted".
    outcome : str
        What the probability is of, with the cohort that it refers to.
    calibration : Calibration
    preparation : Preparation
    minimum_voxels : int
        Below it the score is refused.
    map_radius_mm : float
        Radius of the window of the local texture index.
    reference : str
        Where it was published.
    sha256 : str
        Checksum of the model's file, for the result.
    """

    name: str
    version: str
    title: str
    coefficients: Mapping[str, float]
    intercept: float
    cut_off: float
    outcome: str
    calibration: Calibration
    preparation: Preparation
    minimum_voxels: int
    map_radius_mm: float
    reference: str
    sha256: str
