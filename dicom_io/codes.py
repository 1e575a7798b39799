"""Every coded concept that our objects use, in one place (PS3.16, UCUM, IBSI).

Standard codes are taken by value from pydicom's dictionary of PS3.16. What no standard
scheme names is in the private scheme ``99EXNODE``, listed in `PRIVATE_CODES`.

Design choice: viewers such as OHIF print a measurement's *Code Meaning* and nothing
else, so that mean and maximum of SUVbw would look alike. The meaning is therefore made
specific (``SUVbw mean``) while code, scheme and *Derivation* stay the standard's, which
is what programs compare (PS3.3 section 8.3: a meaning is for people, never a key).

Design choice: viewers print two decimals. Probabilities are therefore given in per
cent, volumes in cubic millimetres and glycolysis in milligrams; the units say so. What
features are called and written in is `dicom_io.feature_codes`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

PRIVATE_SCHEME = "99EXNODE"
PRIVATE_SCHEME_NAME = "exhaustion-node"

LONGEST_MEANING = 64
"""Longest *Code Meaning* (0008,0104), an LO."""

# What a report is about.
IMAGING_MEASUREMENT_REPORT = Code("126000", "DCM", "Imaging Measurement Report")
PET_OF_UNSPECIFIED_REGION = Code("44136-0", "LN", "PET unspecified body region")
LANGUAGE = Code("en-US", "RFC5646", "English (United States)")
ENTIRE_BODY = Code("38266002", "SCT", "Entire body")  # CID 4031
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
MILLIGRAM = Code("mg", "UCUM", "milligram")
SUV_UNIT = Code("g/ml{SUVbw}", "UCUM", "Standardized Uptake Value body weight")
_ID_PER_GRAM = Code("%{ID}/g", "UCUM", "Percent of injected dose per gram")
_ID_PER_KILOGRAM = Code("%{ID}/kg", "UCUM", "Percent of injected dose per kilogram")
VOXELS = Code("{voxels}", "UCUM", "voxels")

# Uptake (PS3.16 CID 85) and its derivations (CID 7464).
SUV_BODY_WEIGHT = Code("126401", "DCM", "SUVbw")
MEAN = Code("373098007", "SCT", "Mean")
MAXIMUM = Code("56851009", "SCT", "Maximum")
MINIMUM = Code("255605001", "SCT", "Minimum")
MEDIAN = Code("373099004", "SCT", "Median")
PEAK = Code("126031", "DCM", "Peak Value Within ROI")
"""Of a sphere of 1 ml: PS3.16 annex D defines it with that volume."""
METABOLIC_VOLUME = Code("126032", "DCM", "Metabolic Volume")  # CID 7466
TOTAL_LESION_GLYCOLYSIS = Code("126033", "DCM", "Total Lesion Glycolysis")
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


def private(value: str, meaning: str) -> Code:
    """Return a concept of the private scheme."""
    return Code(value, PRIVATE_SCHEME, meaning)


TEXTURE_INDEX = private("TEXINDEX", "Texture index")
"""The score: intercept and weighted texture features, on the scale of the logit."""
TEXTURE_INDEX_READING = private("TEXREADING", "Texture index under another reading")
TEXTURE_INDEX_TERM = private("TEXTERM", "Texture index, one term")
"""What a feature adds to the score: coefficient times value."""
TEXTURE_INDEX_SHUFFLED = private("TEXSHUFFLED", "Texture index, voxels shuffled")
"""The score of the region's own values, permuted among its voxels."""
SENSITIVITY_LOW = private("TEXSENSLOW", "Texture index, sensitivity range low")
"""Least score among what could as well have been. No confidence interval."""
SENSITIVITY_HIGH = private("TEXSENSHIGH", "Texture index, sensitivity range high")
SENSITIVITY_SHIFT = private("TEXSENSSHIFT", "Texture index, sensitivity shift")
"""Median score under noise, or of replicates, less the score."""
LOCAL_TEXTURE_INDEX = private("LOCALTEXINDEX", "Local texture index")
"""The score's equation in a window around each voxel. It locates no cells."""
LOCAL_PROBABILITY = private("LOCALPROB", "Local texture index as probability")
"""The local index through the logistic function of its model. It locates no cells."""
EXHAUSTION_PROBABILITY = private("EXPROB", "Probability of exhaustion")
EXHAUSTION_CLASS = private("EXCLASS", "Exhaustion class")
EXHAUSTED = private("EXHAUSTED", "Exhausted (above the cut-off)")
NOT_EXHAUSTED = private("NOTEXHAUSTED", "Not exhausted (not above the cut-off)")
VOXEL_COUNT = private("VOXELS", "Number of voxels")
INJECTED_DOSE_PER_GRAM = private("PCTIDPERG", "Percent injected dose per gram")
"""Activity concentration over injected activity at one instant, tissue of 1 g/ml."""
INJECTED_DOSE_PER_KILOGRAM = private("PCTIDPERKG", "Percent injected dose per kilogram")
"""The same, of species of which a gram has too little to be told in two decimals."""
INJECTED_DOSE: Mapping[str, tuple[Code, Code]] = MappingProxyType(
    {
        "g": (INJECTED_DOSE_PER_GRAM, _ID_PER_GRAM),
        "kg": (INJECTED_DOSE_PER_KILOGRAM, _ID_PER_KILOGRAM),
    }
)
"""Concept and unit by the mass of tissue (`model.suv.DoseShare`). PS3.16 CID 84 has no
such unit: it is per cent, annotated as UCUM section 6 allows."""
PEAK_OF_SPHERE = private("PEAKSPHERE", "Greatest mean of a sphere")
"""SUVpeak of another sphere than that of 1 ml; the name says which."""
INTENDED_USE = private("INTENDEDUSE", "Intended use")
SUV_RULE = private("SUVRULE", "SUV rule")
SUV_INPUT = private("SUVINPUT", "SUV input")
STATEMENT = private("STATEMENT", "Statement")
ACQUISITION_CONTEXT = private("ACQCONTEXT", "Acquisition context")
WARNING = private("WARNING", "Warning")
CONTOUR_SOURCE = private("CONTOURS", "Contours that the region was made from")
SEGMENT_OF_REGION = private("SEGMENT", "Segment of the voxels that were measured")
MAP_OF_REGION = private("MAP", "Map of the local texture index")
MAP_OF_FEATURE = private("FEATUREMAP", "Map of a local feature")
MAP_OF_PROBABILITY = private("PROBABILITYMAP", "Map of the local probability")
IMAGES_OF_INDEX = private("INDEXIMAGES", "Local texture index, first image")
IMAGES_IN_SUV = private("SUVIMAGES", "PET in SUVbw, first image")
SUMMARY_PAGE = private("SUMMARYPAGE", "Summary page")
SUMMARY_DOCUMENT = private("SUMMARYDOC", "Summary pages as a document")
OBJECTS_OF_RESULT = private("OBJECTS", "Objects of this result")
OTHER_REPORT = private("OTHERREPORT", "The same measurements, regions put otherwise")
KEY_OBJECTS = private("KEYOBJECTS", "What to look at first")
BLENDING = private("BLENDING", "Map over the images, as a presentation state")
JOB_KEY = private("JOBKEY", "Job key")

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
            LOCAL_PROBABILITY,
            EXHAUSTION_PROBABILITY,
            EXHAUSTION_CLASS,
            EXHAUSTED,
            NOT_EXHAUSTED,
            VOXEL_COUNT,
            INJECTED_DOSE_PER_GRAM,
            INJECTED_DOSE_PER_KILOGRAM,
            PEAK_OF_SPHERE,
            INTENDED_USE,
            SUV_RULE,
            SUV_INPUT,
            STATEMENT,
            ACQUISITION_CONTEXT,
            WARNING,
            CONTOUR_SOURCE,
            SEGMENT_OF_REGION,
            MAP_OF_REGION,
            MAP_OF_FEATURE,
            MAP_OF_PROBABILITY,
            IMAGES_OF_INDEX,
            IMAGES_IN_SUV,
            SUMMARY_PAGE,
            SUMMARY_DOCUMENT,
            OBJECTS_OF_RESULT,
            OTHER_REPORT,
            KEY_OBJECTS,
            BLENDING,
            JOB_KEY,
        )
    }
)
"""The concepts of the private scheme; features and models add their own names to it."""


def renamed(code: Code, meaning: str) -> Code:
    """Return the same concept under a more specific meaning, cut to 64 characters."""
    return Code(code.value, code.scheme_designator, meaning[:LONGEST_MEANING].strip())


def named_method(name: str) -> Code:
    """Return the private code of a score model, by its name."""
    return private(name, name[:LONGEST_MEANING])


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
