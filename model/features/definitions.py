"""The catalogue as one table: what each feature is called, and what it means.

Names, groups and definitions are IBEX's. A row carries the code of the Image Biomarker
Standardisation Initiative exactly where the definition agrees with it; where it does
not, the code is absent and the note says what differs. Documentation and the codes in
DICOM objects are made from this table.

Design choice: the table imports nothing that computes, so that a configuration can be
checked against it without loading the feature engine.

References
----------
* Zhang L, Fried DV, Fave XJ, et al. IBEX: an open infrastructure software platform to
  facilitate collaborative work in radiomics. Medical Physics 42:1341, 2015.
* Zwanenburg A, et al. The Image Biomarker Standardization Initiative. Radiology
  295:328, 2020.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from model.errors import ModelError

IMAGE_UNIT = "{image}"
"""In place of the unit of the image that a feature is taken of."""


class Group(StrEnum):
    """The groups of IBEX; each is the prefix of its features' names."""

    INTENSITY_DIRECT = "direct"
    """Of the voxel values in the mask, as they are: IBEX takes images of floating-point
    numbers through 4096 steps first, which moves these features by about 1e-4."""
    INTENSITY_HISTOGRAM = "histogram"
    """Of the voxel values in the mask too, in every public IBEX source, under other
    names; and of the histogram itself, as the builds of 2014 did."""
    GLCM = "glcm"
    """Of the grey level co-occurrence matrix."""


@dataclass(frozen=True)
class Feature:
    """One row of the catalogue.

    Attributes
    ----------
    name : str
        ``<group>_<IBEX name>``, as people type it and read it.
    group : Group
    unit : str
        UCUM, or an expression of `IMAGE_UNIT`.
    ibsi_code : str or None
        Present exactly where the definition agrees with the standard's.
    note : str
        The definition in words, and how it differs from the standard's.
    pyradiomics : str or None
        Name in PyRadiomics, where it computes this feature.
    """

    name: str
    group: Group
    unit: str
    ibsi_code: str | None
    note: str
    pyradiomics: str | None = None

    def unit_in(self, image_unit: str) -> str:
        """Return the feature's UCUM unit for an image in `image_unit`."""
        base = image_unit if self.unit == IMAGE_UNIT else f"({image_unit})"
        return self.unit.replace(IMAGE_UNIT, base)


def _glcm(name: str, pyradiomics: str, code: str | None, note: str) -> Feature:
    return Feature(f"glcm_{name}", Group.GLCM, "1", code, note, pyradiomics)


def _direct(name: str, unit: str, code: str | None, note: str) -> Feature:
    return Feature(f"direct_{name}", Group.INTENSITY_DIRECT, unit, code, note)


def _histogram(name: str, unit: str, code: str | None, note: str) -> Feature:
    return Feature(f"histogram_{name}", Group.INTENSITY_HISTOGRAM, unit, code, note)


_SQUARED = f"{IMAGE_UNIT}2"
_PEARSON = "fourth standardised moment, biased, 3 for a normal distribution; IBSI IPH6 "
_N_LESS_1 = "divides by n - 1 where IBSI divides by n"
_MEDIAN_DEVIATION = "median of |x - median|, where IBSI 1N72 is a mean"
_QUARTILES = "quartiles by interpolation at (k - 1/2)/n, which IBSI leaves open"

FEATURES: tuple[Feature, ...] = (
    _direct("GlobalMax", IMAGE_UNIT, "84IY", "greatest value"),
    _direct("GlobalMin", IMAGE_UNIT, "1GSF", "least value"),
    _direct("GlobalMedian", IMAGE_UNIT, "Y12H", "median"),
    _direct("GlobalMean", IMAGE_UNIT, "Q4LE", "mean"),
    _direct("Range", IMAGE_UNIT, "2OJQ", "greatest less least value"),
    _direct("Kurtosis", "1", None, _PEARSON + "is 3 less"),
    _direct("Skewness", "1", "KE2M", "third standardised moment, biased"),
    _direct("GlobalStd", IMAGE_UNIT, None, _N_LESS_1),
    _direct("MeanAbsoluteDeviation", IMAGE_UNIT, "4FUA", "mean of |x - mean|"),
    _direct("MedianAbsoluteDeviation", IMAGE_UNIT, None, _MEDIAN_DEVIATION),
    _direct("InterQuartileRange", IMAGE_UNIT, None, _QUARTILES),
    _direct("Energy", _SQUARED, "N8CA", "sum of squares"),
    _direct("EnergyNorm", _SQUARED, None, "mean of squares; IBSI has its root, 5ZWQ"),
    _direct("RootMeanSquare", IMAGE_UNIT, "5ZWQ", "root of the mean of squares"),
    _direct("Variance", _SQUARED, None, _N_LESS_1),
    _histogram("Skewness", "1", "KE2M", "of the values, equal to direct_Skewness"),
    _histogram("Kurtosis", "1", None, "of the values: " + _PEARSON + "is 3 less"),
    _histogram("Range", IMAGE_UNIT, "2OJQ", "of the values, equal to direct_Range"),
    _histogram("MeanAbsoluteDeviation", IMAGE_UNIT, "4FUA", "of the values"),
    _histogram("MedianAbsoluteDeviation", IMAGE_UNIT, None, _MEDIAN_DEVIATION),
    _histogram("InterQuartileRange", IMAGE_UNIT, None, _QUARTILES),
    _histogram(
        "KurtosisOfBinProbabilities",
        "1",
        None,
        "Pearson's kurtosis of the vector of bin probabilities (IBEX builds of 2014)",
    ),
    _glcm("AutoCorrelation", "Autocorrelation", "QWB0", "sum of p i j"),
    _glcm("ClusterProminence", "ClusterProminence", "AE86", "sum of p (i+j-2mu)^4"),
    _glcm("ClusterShade", "ClusterShade", "7NFM", "sum of p (i+j-2mu)^3"),
    _glcm("ClusterTendency", "ClusterTendency", "DG8W", "sum of p (i+j-2mu)^2"),
    _glcm("Contrast", "Contrast", "ACUI", "sum of p (i-j)^2"),
    _glcm("Correlation", "Correlation", "NI2N", "undefined for a single level"),
    _glcm("DifferenceEntropy", "DifferenceEntropy", "NTRS", "entropy of |i-j|, bits"),
    _glcm("Dissimilarity", "DifferenceAverage", "8S9J", "sum of p |i-j|"),
    _glcm("Energy", "JointEnergy", "8ZQL", "sum of p^2, angular second moment"),
    _glcm("Entropy", "JointEntropy", "TU9B", "joint entropy, bits"),
    _glcm("Homogeneity", "Id", "IB1Z", "sum of p / (1+|i-j|), inverse difference"),
    _glcm("Homogeneity2", "Idm", "WF0Z", "sum of p / (1+(i-j)^2)"),
    _glcm("InformationMeasureCorr1", "Imc1", "R8DG", "undefined for a single level"),
    _glcm("InformationMeasureCorr2", "Imc2", "JN9H", "0 for independent neighbours"),
    _glcm("InverseDiffMomentNorm", "Idmn", "1QCO", "sum of p / (1+(i-j)^2/levels^2)"),
    _glcm("InverseDiffNorm", "Idn", "NDRX", "sum of p / (1+|i-j|/levels)"),
    _glcm("InverseVariance", "InverseVariance", "E8JP", "sum of p / (i-j)^2, i != j"),
    _glcm("MaxProbability", "MaximumProbability", "GYBY", "joint maximum"),
    _glcm("SumAverage", "SumAverage", "ZGXS", "mean of i+j"),
    _glcm("SumEntropy", "SumEntropy", "P6QZ", "entropy of i+j, bits"),
    _glcm("Variance", "ClusterTendency", "DG8W", "IBEX's name for cluster tendency"),
)
"""Every feature that can be computed, in the order in which it is shown."""

FEATURE_BY_NAME: dict[str, Feature] = {feature.name: feature for feature in FEATURES}


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
