"""Every coded concept that our objects use, in one place (PS3.16, UCUM, IBSI).

Standard codes are taken by value from pydicom's dictionary of PS3.16. What no standard
scheme names is in the private scheme ``99EXNODE``, listed in `PRIVATE_CODES`.

Design choice: viewers such as OHIF print a measurement's *Code Meaning* and nothing
else, so that mean and maximum of SUVbw would look alike. The meaning is therefore made
specific (``SUVbw mean``) while code, scheme and *Derivation* stay the standard's, which
is what programs compare (PS3.3 section 8.3: a meaning is for people, never a key).

Design choice: viewers print two decimals. Quantities that lie between 0 and 1 are
therefore given in per cent, and volumes in cubic millimetres; the units say so.
"""

from types import MappingProxyType

from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from model.features.definitions import FEATURE_BY_NAME, Feature

PRIVATE_SCHEME = "99EXNODE"
PRIVATE_SCHEME_NAME = "exhaustion-node"

_MEANING = 64
"""Longest *Code Meaning* (0008,0104), an LO."""

# What a report is about.
IMAGING_MEASUREMENT_REPORT = Code("126000", "DCM", "Imaging Measurement Report")
PET_OF_UNSPECIFIED_REGION = Code("44136-0", "LN", "PET unspecified body region")
LANGUAGE = Code("en-US", "RFC5646", "English (United States)")
LESION = Code("52988006", "SCT", "Lesion")
QUALITATIVE_EVALUATIONS = Code("C0034375", "UMLS", "Qualitative Evaluations")
COMMENT = Code("121106", "DCM", "Comment")
PROCESSING_EQUIPMENT = Code("109102", "DCM", "Processing Equipment")
IMAGE_LIBRARY = Code("111028", "DCM", "Image Library")
IMAGE_LIBRARY_GROUP = Code("126200", "DCM", "Image Library Group")
SOURCE = Code("260753009", "SCT", "Source")

# Units (UCUM).
NO_UNITS = Code("1", "UCUM", "no units")
PER_CENT = Code("%", "UCUM", "Percent")
CUBIC_MILLIMETRES = Code("mm3", "UCUM", "cubic millimeter")
SUV_UNIT = Code("g/ml{SUVbw}", "UCUM", "Standardized Uptake Value body weight")
INJECTED_DOSE_UNIT = Code("%{ID}/g", "UCUM", "Percent of injected dose per gram")
"""PS3.16 CID 84 has no such unit: per cent, annotated as UCUM section 6 allows."""
VOXELS = Code("{voxels}", "UCUM", "voxels")

# Uptake (PS3.16 CID 85) and its derivations (CID 7464).
SUV_BODY_WEIGHT = Code("126401", "DCM", "SUVbw")
MEAN = Code("373098007", "SCT", "Mean")
MAXIMUM = Code("56851009", "SCT", "Maximum")
MINIMUM = Code("255605001", "SCT", "Minimum")
MEDIAN = Code("373099004", "SCT", "Median")
STANDARD_DEVIATION = Code("386136009", "SCT", "Standard Deviation")

# Size.
VOLUME = Code("118565006", "SCT", "Volume")
SUM_OF_VOXELS = Code(
    "126030", "DCM", "Sum of segmented voxel method for volume"
)  # CID 7474
KURTOSIS = Code("126052", "DCM", "Kurtosis")

# Why a number is absent (CID 42).
NOT_A_NUMBER = Code("114000", "DCM", "Not a number")
NEGATIVE_INFINITY = Code("114001", "DCM", "Negative Infinity")
POSITIVE_INFINITY = Code("114002", "DCM", "Positive Infinity")
NOT_ATTEMPTED = Code("114007", "DCM", "Measurement not attempted")


def _private(value: str, meaning: str) -> Code:
    return Code(value, PRIVATE_SCHEME, meaning)


TEXTURE_INDEX = _private("TEXINDEX", "Texture index")
"""The score: intercept and weighted texture features, on the scale of the logit."""
TEXTURE_INDEX_READING = _private("TEXREADING", "Texture index under another reading")
TEXTURE_INDEX_TERM = _private("TEXTERM", "Texture index, one term")
"""What a feature adds to the score: coefficient times value."""
TEXTURE_INDEX_SHUFFLED = _private("TEXSHUFFLED", "Texture index, voxels shuffled")
"""The score of the region's own values, permuted among its voxels."""
SENSITIVITY_LOW = _private("TEXSENSLOW", "Texture index, sensitivity range low")
"""Least score among what could as well have been. No confidence interval."""
SENSITIVITY_HIGH = _private("TEXSENSHIGH", "Texture index, sensitivity range high")
SENSITIVITY_SHIFT = _private("TEXSENSSHIFT", "Texture index, sensitivity shift")
"""Median score under noise, or of replicates, less the score."""
LOCAL_TEXTURE_INDEX = _private("LOCALTEXINDEX", "Local texture index")
"""The score's equation in a window around each voxel. It locates no cells."""
EXHAUSTION_PROBABILITY = _private("EXPROB", "Probability of exhaustion")
EXHAUSTION_CLASS = _private("EXCLASS", "Exhaustion class")
EXHAUSTED = _private("EXHAUSTED", "Exhausted (above the cut-off)")
NOT_EXHAUSTED = _private("NOTEXHAUSTED", "Not exhausted (not above the cut-off)")
VOXEL_COUNT = _private("VOXELS", "Number of voxels")
INJECTED_DOSE_PER_GRAM = _private("PCTIDPERG", "Percent injected dose per gram")
"""Activity concentration over injected activity at one instant, tissue of 1 g/ml."""
INTENDED_USE = _private("INTENDEDUSE", "Intended use")
SUV_RULE = _private("SUVRULE", "SUV rule")
SUV_INPUT = _private("SUVINPUT", "SUV input")
STATEMENT = _private("STATEMENT", "Statement")
ACQUISITION_CONTEXT = _private("ACQCONTEXT", "Acquisition context")
WARNING = _private("WARNING", "Warning")
CONTOUR_SOURCE = _private("CONTOURS", "Contours that the region was made from")
MAP_OF_REGION = _private("MAP", "Map of the local texture index")
JOB_KEY = _private("JOBKEY", "Job key")

PRIVATE_CODES = MappingProxyType(
    {
        code.value: code.meaning
        for code in (
            TEXTURE_INDEX,
            TEXTURE_INDEX_READING,
            TEXTURE_INDEX_TERM,
            TEXTURE_INDEX_SHUFFLED,
            SENSITIVITY_LOW,
            SENSITIVITY_HIGH,
            SENSITIVITY_SHIFT,
            LOCAL_TEXTURE_INDEX,
            EXHAUSTION_PROBABILITY,
            EXHAUSTION_CLASS,
            EXHAUSTED,
            NOT_EXHAUSTED,
            VOXEL_COUNT,
            INJECTED_DOSE_PER_GRAM,
            INTENDED_USE,
            SUV_RULE,
            SUV_INPUT,
            STATEMENT,
            ACQUISITION_CONTEXT,
            WARNING,
            CONTOUR_SOURCE,
            MAP_OF_REGION,
            JOB_KEY,
        )
    }
)
"""The concepts of the private scheme; features and models add their own names to it."""

_IBSI_MEANINGS = MappingProxyType(
    {
        concept.value: concept.meaning
        for concept in (getattr(codes.IBSI, name) for name in codes.IBSI.dir())
    }
)
"""What PS3.16 calls the features of IBSI that it names, by code."""
_KURTOSES = frozenset({"direct_Kurtosis", "histogram_Kurtosis"})
"""Pearson's kurtosis of the values: not IBSI IPH6, which is 3 less."""
_BOUNDED_BY_ONE = frozenset(
    {
        "direct_GlobalUniformity",
        "shape_Convex",
        "shape_Roundness",
        "glcm_Energy",
        "glcm_Homogeneity",
        "glcm_Homogeneity2",
        "glcm_InformationMeasureCorr2",
        "glcm_InverseDiffMomentNorm",
        "glcm_InverseDiffNorm",
        "glcm_InverseVariance",
        "glcm_MaxProbability",
        "glrlm_GrayLevelNonuniformity",
        "glrlm_LowGrayLevelRunEmphasis",
        "glrlm_RunLengthNonuniformity",
        "glrlm_RunPercentage",
        "glrlm_ShortRunEmphasis",
        "glrlm_ShortRunLowGrayLevelEmphasis",
    }
)


def renamed(code: Code, meaning: str) -> Code:
    """Return the same concept under a more specific meaning, cut to 64 characters."""
    return Code(code.value, code.scheme_designator, meaning[:_MEANING].strip())


def named_method(name: str) -> Code:
    """Return the private code of a score model, by its name."""
    return _private(name, name[:_MEANING])


def feature_concept(name: str) -> Code:
    """Return what a feature of the catalogue is called in an object.

    Parameters
    ----------
    name : str
        Name in the catalogue, for example ``glcm_InverseVariance``.

    Returns
    -------
    Code
        IBSI's where the definition agrees with the standard's; DCM 126052 for Pearson's
        kurtosis of the values; else our own, by the catalogue's name. The meaning holds
        the catalogue's name in every case, so that people find it again elsewhere.
    """
    feature = FEATURE_BY_NAME.get(name)
    if name in _KURTOSES:
        return renamed(KURTOSIS, f"{KURTOSIS.meaning} ({name})")
    if feature is None or feature.ibsi_code is None:
        return _private(name, name[:_MEANING])
    return Code(feature.ibsi_code, "IBSI", _meaning(name, feature.ibsi_code))


def feature_unit(name: str) -> tuple[Code, float]:
    """Return the unit in which a feature is written, and what to multiply it by.

    Returns
    -------
    unit : Code
        UCUM.
    factor : float
        100 for features in per cent, else 1.
    """
    if name in _BOUNDED_BY_ONE:
        return PER_CENT, 100.0
    feature = FEATURE_BY_NAME.get(name)
    return (_ucum(feature) if feature is not None else NO_UNITS), 1.0


def code_item(code: Code) -> Dataset:
    """Return an item of a code sequence (PS3.3 section 8.8).

    Parameters
    ----------
    code : Code
        With a value of at most 16 characters.
    """
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme_designator
    item.CodeMeaning = code.meaning
    return item


def _meaning(name: str, ibsi_code: str) -> str:
    both = f"{_IBSI_MEANINGS.get(ibsi_code, '')} ({name})"
    return both if ibsi_code in _IBSI_MEANINGS and len(both) <= _MEANING else name


def _ucum(feature: Feature) -> Code:
    unit = feature.unit_in(SUV_UNIT.value)
    if unit == NO_UNITS.value:
        return NO_UNITS
    return SUV_UNIT if unit == SUV_UNIT.value else Code(unit, "UCUM", unit)
