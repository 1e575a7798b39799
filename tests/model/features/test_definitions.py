"""Promises of the feature catalogue's table."""

from dataclasses import replace

import pytest
from pydicom.sr.codedict import codes

from model.features.definitions import (
    FEATURE_BY_NAME,
    FEATURES,
    Feature,
    Group,
    UnknownFeatureError,
    features_of,
    require_known,
)
from tests.model.features.regions import FINE, IBEX_EXAMPLE


def names_of(modality: str) -> set[str]:
    return {feature.name for feature in features_of(modality, FINE)}


def test_the_groups_are_those_of_ibex() -> None:
    sizes = {group: sum(f.group is group for f in FEATURES) for group in Group}

    assert sizes == {
        Group.INTENSITY_DIRECT: 17,
        Group.INTENSITY_HISTOGRAM: 7,
        Group.SHAPE: 18,
        Group.GLCM: 22,
        Group.GLRLM: 11,
    }


def test_ct_has_the_57_features_of_four_groups() -> None:
    groups = {Group.SHAPE, Group.GLCM, Group.GLRLM, Group.INTENSITY_HISTOGRAM}
    of_groups = {f.name for f in FEATURES if f.group in groups}

    assert len(names_of("CT")) == 57
    assert names_of("CT") == of_groups - {"histogram_KurtosisOfBinProbabilities"}


@pytest.mark.parametrize("modality", ["PET", "MR", "PT"])
def test_every_other_modality_has_the_61_features_of_pet(modality: str) -> None:
    assert len(names_of(modality)) == 61
    assert names_of(modality) - names_of("CT") == {
        "direct_GlobalMax",
        "direct_GlobalMean",
        "direct_GlobalStd",
        "direct_Kurtosis",
    }


def test_the_kurtosis_of_bins_comes_with_a_histogram_only() -> None:
    with_histogram = features_of("CT", IBEX_EXAMPLE)
    without = features_of("CT", replace(IBEX_EXAMPLE, histogram=None))

    assert set(with_histogram) - set(without) == {
        FEATURE_BY_NAME["histogram_KurtosisOfBinProbabilities"]
    }


def test_the_table_names_every_feature_once_by_its_group() -> None:
    assert len(FEATURE_BY_NAME) == len(FEATURES)
    assert all(f.name.startswith(f"{f.group}_") for f in FEATURES)


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_every_row_is_defined_and_has_a_code_or_says_what_differs(
    feature: Feature,
) -> None:
    assert feature.definition
    assert (feature.ibsi_code is None) == bool(feature.difference)


def test_the_codes_of_texture_are_in_the_dictionary_of_ps3_16() -> None:
    known = {getattr(codes.IBSI, name).value for name in codes.IBSI.dir()}
    textures = [f for f in FEATURES if f.group in (Group.GLCM, Group.GLRLM)]

    assert {f.ibsi_code for f in textures} - {None} <= known


def test_texture_has_a_formula_of_pyradiomics_or_of_our_own() -> None:
    textures = {Group.GLCM, Group.GLRLM}
    own = {f.name for f in FEATURES if f.own_formula is not None}

    assert all((f.group in textures) == (f.formula is not None) for f in FEATURES)
    assert own == {
        "glcm_SumVariance",
        "glrlm_GrayLevelNonuniformity",
        "glrlm_RunLengthNonuniformity",
    }


def test_kurtosis_bears_no_code_of_the_excess_kurtosis() -> None:
    assert {f.ibsi_code for f in FEATURES if "Kurtosis" in f.name} == {None}


def test_units_follow_the_image() -> None:
    assert FEATURE_BY_NAME["direct_GlobalMax"].unit_in("g/ml") == "g/ml"
    assert FEATURE_BY_NAME["direct_Energy"].unit_in("g/ml") == "(g/ml)2"
    assert FEATURE_BY_NAME["glcm_Contrast"].unit_in("g/ml") == "1"
    assert FEATURE_BY_NAME["shape_SurfaceArea"].unit_in("g/ml") == "cm2"


def test_unknown_names_are_refused_together() -> None:
    with pytest.raises(UnknownFeatureError) as refusal:
        require_known(["glcm_Odd", "glcm_Contrast", "shape_Even"])

    assert refusal.value.names == ("glcm_Odd", "shape_Even")
