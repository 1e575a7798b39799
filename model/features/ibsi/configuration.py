"""What the Image Biomarker Standardisation Initiative calls a configuration.

Design choice: the tags of a configuration's values say the aggregation, so that one
configuration may ask for several at once, as the tables of reference values do.

References
----------
* Zwanenburg A, et al. Image biomarker standardisation initiative, reference manual,
  arXiv:1612.07003; sections 2 (image processing) and 5 (reference data sets).
"""

from dataclasses import dataclass
from enum import StrEnum

from model.features.preparation import Discretisation, Resampling, Resegmentation


class Family(StrEnum):
    """A family of features, with the prefix of its tags."""

    MORPHOLOGY = "morph"
    LOCAL_INTENSITY = "loc"
    STATISTICS = "stat"
    INTENSITY_HISTOGRAM = "ih"
    INTENSITY_VOLUME_HISTOGRAM = "ivh"
    COOCCURRENCE = "cm"
    RUN_LENGTH = "rlm"


class IbsiAggregation(StrEnum):
    """How a texture family's matrices come together, with the suffix of its tags."""

    SLICE_AVERAGED = "2D_avg"
    """A matrix for each slice and direction; the features' mean (BTW3)."""
    SLICE_MERGED = "2D_comb"
    """Directions merged in each slice; the mean over slices (SUJT)."""
    IN_PLANE_AVERAGED = "2_5D_avg"
    """Slices merged for each direction; the mean over directions (JJUI)."""
    IN_PLANE_MERGED = "2_5D_comb"
    """Slices and directions merged (ZW7Z)."""
    VOLUME_AVERAGED = "3D_avg"
    """A matrix for each of 13 directions; the features' mean (ITBB)."""
    VOLUME_MERGED = "3D_comb"
    """The 13 directions merged (IAZD)."""


@dataclass(frozen=True)
class IbsiConfiguration:
    """How an image becomes the features of a configuration.

    Attributes
    ----------
    resampling : Resampling or None
    resegmentation : Resegmentation or None
        Of the intensity mask; the morphological mask stays.
    discretisation : Discretisation
        One of the two of IBSI, or none for an image of levels.
    bins : int or None
        With a fixed bin number.
    bin_size : float or None
        With a fixed bin size, in the image's unit.
    lowest : float or None
        Where the first bin of a fixed bin size begins; None for the lower limit of the
        re-segmentation, and without that for the least value.
    aggregations : tuple of IbsiAggregation
    families : tuple of Family
    ivh_discretisation : Discretisation
        Of the intensity-volume histogram, apart from the texture's: none for
        calibrated whole numbers (Hounsfield units), a fixed bin size for calibrated
        real ones (SUV), a fixed bin number for arbitrary ones.
    ivh_bins : int or None
    ivh_bin_size : float or None
    """

    resampling: Resampling | None
    resegmentation: Resegmentation | None
    discretisation: Discretisation
    bins: int | None
    bin_size: float | None
    lowest: float | None
    aggregations: tuple[IbsiAggregation, ...]
    families: tuple[Family, ...]
    ivh_discretisation: Discretisation = Discretisation.NONE
    ivh_bins: int | None = None
    ivh_bin_size: float | None = None
