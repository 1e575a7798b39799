"""What a texture feature is called in an object, and in which unit it is written.

Design choice: viewers print two decimals. Each feature is therefore written in a unit
in which two decimals of it say something, from a mouse's tumour to a person's: per cent
for what lies between 0 and 1, millimetres for what the catalogue has in centimetres,
powers of ten (UCUM ``10*-6``) for what is smaller still. The unit belongs to the
feature and never to the value, so that a column of a table has one unit.
"""

from collections.abc import Mapping
from types import MappingProxyType

from pydicom.sr.codedict import codes as standard
from pydicom.sr.coding import Code

from dicom_io.codes import (
    CUBIC_MILLIMETRES,
    KURTOSIS,
    LONGEST_MEANING,
    NO_UNITS,
    PER_CENT,
    SUV_UNIT,
    private,
    renamed,
)
from model.features.definitions import FEATURE_BY_NAME, Feature

_IBSI_MEANINGS = MappingProxyType(
    {
        concept.value: concept.meaning
        for concept in (getattr(standard.IBSI, name) for name in standard.IBSI.dir())
    }
)
"""What PS3.16 calls the features of IBSI that it names, by code."""
_KURTOSES = frozenset({"direct_Kurtosis", "histogram_Kurtosis"})
"""Pearson's kurtosis of the values: not IBSI IPH6, which is 3 less."""


def _ucum(value: str, meaning: str) -> Code:
    return Code(value, "UCUM", meaning)


_PER_TEN_THOUSAND = _ucum("10*-4", "1/10000")
_PER_MILLION = _ucum("10*-6", "1/1000000")
_MILLIMETRE = _ucum("mm", "millimeter")
_SQUARE_MILLIMETRE = _ucum("mm2", "square millimeter")
_NANOLITRE = _ucum("nl", "nanoliter")
_PER_METRE = _ucum("m-1", "per meter")
_THOUSANDTH_OF_COMPACTNESS = _ucum("10*-3{cm^(5/3)}", "1/1000 cm^(5/3)")

_SCALES: Mapping[str, tuple[Code, float]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "shape_Convex",
                "shape_Roundness",
                "shape_Compactness2",
                "shape_Sphericity",
                "glcm_Correlation",
                "glcm_Homogeneity",
                "glcm_Homogeneity2",
                "glcm_InformationMeasureCorr1",
                "glcm_InformationMeasureCorr2",
                "glcm_InverseDiffMomentNorm",
                "glcm_InverseDiffNorm",
                "glcm_InverseVariance",
                "glrlm_LongRunEmphasis",
                "glrlm_RunLengthNonuniformity",
                "glrlm_RunPercentage",
                "glrlm_ShortRunEmphasis",
            ),
            (PER_CENT, 1e2),
        ),
        **dict.fromkeys(
            ("direct_GlobalUniformity", "glrlm_GrayLevelNonuniformity"),
            (_PER_TEN_THOUSAND, 1e4),
        ),
        **dict.fromkeys(
            (
                "glcm_Energy",
                "glcm_MaxProbability",
                "glrlm_LowGrayLevelRunEmphasis",
                "glrlm_ShortRunLowGrayLevelEmphasis",
                "glrlm_LongRunLowGrayLevelEmphasis",
            ),
            (_PER_MILLION, 1e6),
        ),
        **dict.fromkeys(
            ("shape_MeanBreadth", "shape_Max3DDiameter"), (_MILLIMETRE, 10.0)
        ),
        "shape_SurfaceArea": (_SQUARE_MILLIMETRE, 1e2),
        **dict.fromkeys(
            ("shape_Volume", "shape_ConvexHullVolume", "shape_ConvexHullVolume3D"),
            (CUBIC_MILLIMETRES, 1e3),
        ),
        "shape_VoxelSize": (_NANOLITRE, 1e6),
        "shape_SurfaceAreaDensity": (_PER_METRE, 1e2),
        "shape_Compactness1": (_THOUSANDTH_OF_COMPACTNESS, 1e3),
    }
)
"""Where the catalogue's own unit does not do: the unit, and how many of it are one."""


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
        return private(name, name[:LONGEST_MEANING])
    return Code(feature.ibsi_code, "IBSI", _meaning(name, feature.ibsi_code))


def feature_unit(name: str) -> tuple[Code, float]:
    """Return the unit in which a feature is written, and what to multiply it by.

    Returns
    -------
    unit : Code
        UCUM.
    factor : float
        How many of the unit are one of the catalogue's.
    """
    feature = FEATURE_BY_NAME.get(name)
    own = (NO_UNITS if feature is None else _unit(feature)), 1.0
    return _SCALES.get(name, own)


def _meaning(name: str, ibsi_code: str) -> str:
    both = f"{_IBSI_MEANINGS.get(ibsi_code, '')} ({name})"
    fits = ibsi_code in _IBSI_MEANINGS and len(both) <= LONGEST_MEANING
    return both if fits else name


def _unit(feature: Feature) -> Code:
    unit = feature.unit_in(SUV_UNIT.value)
    if unit == NO_UNITS.value:
        return NO_UNITS
    return SUV_UNIT if unit == SUV_UNIT.value else _ucum(unit, unit)
