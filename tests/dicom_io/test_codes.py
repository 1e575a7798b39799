"""Promises of `dicom_io.codes`."""

import pytest
from pydicom.sr.codedict import codes as standard
from pydicom.sr.coding import Code

from dicom_io import codes, feature_codes
from model.features.definitions import FEATURE_BY_NAME

OF_A_SMALL_TUMOUR = {
    "shape_Volume": 0.215,
    "shape_ConvexHullVolume3D": 0.218,
    "shape_SurfaceArea": 2.03,
    "shape_SurfaceAreaDensity": 4.03,
    "shape_MeanBreadth": 0.799,
    "shape_VoxelSize": 0.000509,
    "shape_Compactness1": 0.0756,
    "shape_Compactness2": 0.623,
    "shape_Max3DDiameter": 0.862,
    "shape_Sphericity": 0.854,
    "glcm_Correlation": 0.636,
    "glcm_Energy": 0.000358,
    "glcm_Homogeneity2": 0.024,
    "glcm_InformationMeasureCorr1": -0.42,
    "glcm_InverseVariance": 0.0264,
    "glcm_MaxProbability": 0.00146,
    "glrlm_ShortRunEmphasis": 0.996,
    "glrlm_GrayLevelNonuniformity": 0.00721,
    "glrlm_LowGrayLevelRunEmphasis": 0.00203,
    "glrlm_ShortRunLowGrayLevelEmphasis": 0.00203,
    "glrlm_LongRunLowGrayLevelEmphasis": 0.00203,
}
"""Features of a tumour of 0.2 ml in a mouse, 256 levels, in the catalogue's units."""

OURS = {name: code for name, code in vars(codes).items() if isinstance(code, Code)}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (codes.IMAGING_MEASUREMENT_REPORT, standard.DCM.ImagingMeasurementReport),
        (codes.SUV_BODY_WEIGHT, standard.DCM.Suvbw),
        (codes.SUV_UNIT, standard.UCUM.StandardizedUptakeValueBodyWeight),
        (codes.MEAN, standard.SCT.Mean),
        (codes.MEDIAN, standard.SCT.Median),
        (codes.PEAK, standard.DCM.PeakValueWithinROI),
        (codes.METABOLIC_VOLUME, standard.DCM.MetabolicVolume),
        (codes.TOTAL_LESION_GLYCOLYSIS, standard.DCM.TotalLesionGlycolysis),
        (codes.MAXIMUM, standard.SCT.Maximum),
        (codes.MINIMUM, standard.SCT.Minimum),
        (codes.STANDARD_DEVIATION, standard.SCT.StandardDeviation),
        (codes.VOLUME, standard.SCT.Volume),
        (codes.SUM_OF_VOXELS, standard.DCM.SumOfSegmentedVoxelMethodForVolume),
        (codes.KURTOSIS, standard.DCM.Kurtosis),
        (codes.NOT_A_NUMBER, standard.DCM.NotANumber),
        (codes.NOT_ATTEMPTED, standard.DCM.MeasurementNotAttempted),
        (codes.POSITIVE_INFINITY, standard.DCM.PositiveInfinity),
        (codes.NEGATIVE_INFINITY, standard.DCM.NegativeInfinity),
        (codes.IMAGE_LIBRARY, standard.DCM.ImageLibrary),
        (codes.IMAGE_LIBRARY_GROUP, standard.DCM.ImageLibraryGroup),
        (codes.LESION, standard.SCT.Lesion),
        (codes.PROCESSING_EQUIPMENT, standard.DCM.ProcessingEquipment),
        (codes.COMMENT, standard.DCM.Comment),
        (
            codes.PET_OF_UNSPECIFIED_REGION,
            standard.cid100.PETUnspecifiedBodyRegion,
        ),
    ],
)
def test_standard_codes_are_those_of_ps3_16(ours: Code, theirs: Code) -> None:
    assert (ours.value, ours.scheme_designator) == (
        theirs.value,
        theirs.scheme_designator,
    )


def test_every_private_code_is_listed_once_and_fits_its_attribute() -> None:
    private = [
        code for code in OURS.values() if code.scheme_designator == codes.PRIVATE_SCHEME
    ]

    assert {code.value for code in private} == set(codes.PRIVATE_CODES)
    assert len(private) == len(codes.PRIVATE_CODES)
    assert all(len(code.value) <= 16 for code in private)


@pytest.mark.parametrize("name", sorted(FEATURE_BY_NAME))
def test_a_feature_has_ibsi_s_code_exactly_where_the_definition_agrees(
    name: str,
) -> None:
    concept = feature_codes.feature_concept(name)

    expected = FEATURE_BY_NAME[name].ibsi_code
    assert (concept.scheme_designator == "IBSI") == (expected is not None)
    assert expected in {None, concept.value}
    assert name in concept.meaning
    assert len(concept.meaning) <= 64


@pytest.mark.parametrize("name", ["direct_Kurtosis", "histogram_Kurtosis"])
def test_pearson_s_kurtosis_is_not_called_ibsi_s_excess_kurtosis(name: str) -> None:
    concept = feature_codes.feature_concept(name)

    assert (concept.value, concept.scheme_designator) == ("126052", "DCM")


def test_the_kurtosis_of_bin_probabilities_is_a_concept_of_its_own() -> None:
    concept = feature_codes.feature_concept("histogram_KurtosisOfBinProbabilities")

    assert concept.scheme_designator == codes.PRIVATE_SCHEME


def test_a_feature_that_the_catalogue_does_not_know_keeps_its_name() -> None:
    concept = feature_codes.feature_concept("site_feature")

    assert (concept.value, concept.meaning) == ("site_feature", "site_feature")
    assert feature_codes.feature_unit("site_feature") == (codes.NO_UNITS, 1.0)


@pytest.mark.parametrize(
    ("name", "unit", "factor"),
    [
        ("glcm_InverseVariance", "%", 100.0),
        ("glcm_Contrast", "1", 1.0),
        ("glrlm_RunPercentage", "%", 100.0),
        ("glrlm_LongRunEmphasis", "%", 100.0),
        ("glcm_Energy", "10*-6", 1e6),
        ("shape_Volume", "mm3", 1000.0),
        ("shape_Max3DDiameter", "mm", 10.0),
        ("shape_VoxelSize", "nl", 1e6),
        ("shape_Roundness", "%", 100.0),
        ("histogram_Kurtosis", "1", 1.0),
        ("direct_GlobalMax", "g/ml{SUVbw}", 1.0),
        ("direct_Energy", "(g/ml{SUVbw})2", 1.0),
    ],
)
def test_features_are_written_in_real_units(
    name: str, unit: str, factor: float
) -> None:
    assert feature_codes.feature_unit(name)[0].value == unit
    assert feature_codes.feature_unit(name)[1] == factor


@pytest.mark.parametrize("name", OF_A_SMALL_TUMOUR)
def test_two_decimals_of_a_small_tumour_s_feature_are_three_digits(name: str) -> None:
    _, factor = feature_codes.feature_unit(name)

    assert abs(factor * OF_A_SMALL_TUMOUR[name]) >= 1.0


@pytest.mark.parametrize("name", sorted(FEATURE_BY_NAME))
def test_every_feature_s_unit_fits_its_attribute(name: str) -> None:
    unit, _ = feature_codes.feature_unit(name)

    assert unit.scheme_designator == "UCUM"
    assert len(unit.value) <= 16


def test_meanings_are_cut_to_what_the_attribute_holds() -> None:
    assert len(codes.renamed(codes.TEXTURE_INDEX, "x" * 90).meaning) == 64
    assert len(codes.named_method("x" * 90).meaning) == 64
