"""The catalogue as one table: what each feature is called, and what it means.

Names, groups and definitions are IBEX's. Documentation and the codes in DICOM objects
are made from this table. Its rows stand in `model.features.intensity_rows`,
`model.features.shape_rows` and `model.features.texture_rows`.

Design choice: the table imports nothing that computes, so that a configuration can be
checked against it without loading the feature engine.

Design choice: the paper took 57 features of CT and 61 of PET from IBEX; which, its text
does not say. 57 is what the groups shape (18), GLCM (22), GLRLM (11) and intensity
histogram (6) hold together, exactly; the 61 are taken to be those and the four of
intensity direct that the histogram group lacks: the kurtosis, which the paper's Table 1
names, and greatest value, mean and standard deviation. Every other row is computed when
it is asked for by name.

References
----------
* Zhang L, Fried DV, Fave XJ, et al. IBEX: an open infrastructure software platform to
  facilitate collaborative work in radiomics. Medical Physics 42:1341, 2015.
* Zwanenburg A, et al. The Image Biomarker Standardization Initiative. Radiology
  295:328, 2020.
* Zhang Y, Hu H-H, Zhou S-H, et al. PET-based radiomics visualizes tumor-infiltrating
  CD8 T cell exhaustion to optimize radiotherapy/immunotherapy combination in mouse
  models of lung cancer. Biomarker Research, 2023.
"""

from collections.abc import Iterable

from model.errors import ModelError
from model.features.feature import CT, IMAGE_UNIT, PET, Feature, Group
from model.features.intensity_rows import INTENSITY_ROWS
from model.features.preparation import Preparation
from model.features.shape_rows import SHAPE_ROWS
from model.features.texture_rows import TEXTURE_ROWS

OF_HISTOGRAM = "histogram_KurtosisOfBinProbabilities"
"""The feature that only a preparation with a histogram defines."""

FEATURES: tuple[Feature, ...] = (*INTENSITY_ROWS, *SHAPE_ROWS, *TEXTURE_ROWS)
"""Every feature that can be computed, in the order in which it is shown."""

FEATURE_BY_NAME: dict[str, Feature] = {feature.name: feature for feature in FEATURES}


def features_of(modality: str, preparation: Preparation) -> tuple[Feature, ...]:
    """Return the features of an image's modality.

    Parameters
    ----------
    modality : str
        ``CT``, or anything else.
    preparation : Preparation

    Returns
    -------
    tuple of Feature
        The 57 of CT, else the 61 of PET; and the kurtosis of the bin probabilities,
        where the preparation states a histogram.
    """
    kind = CT if modality == CT else PET
    with_histogram = preparation.histogram is not None
    return tuple(
        feature
        for feature in FEATURES
        if kind in feature.modalities
        or (with_histogram and feature.name == OF_HISTOGRAM)
    )


def require_known(names: Iterable[str]) -> None:
    """Refuse names that are not in the catalogue.

    Raises
    ------
    UnknownFeatureError
        With every unknown name.
    """
    unknown = tuple(sorted(set(names) - FEATURE_BY_NAME.keys()))
    if unknown:
        raise UnknownFeatureError(unknown)


class UnknownFeatureError(ModelError):
    """A feature was asked for that the catalogue does not have."""

    reason = "unknown_feature"
    remedy = "Use the names of the feature catalogue; `features` prints them."

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"no such features in the catalogue: {', '.join(names)}")
        self.names = names


__all__ = [
    "FEATURES",
    "FEATURE_BY_NAME",
    "IMAGE_UNIT",
    "OF_HISTOGRAM",
    "Feature",
    "Group",
    "UnknownFeatureError",
    "features_of",
    "require_known",
]
