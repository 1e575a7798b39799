"""The engine meets the consensus values of IBSI 1 on the digital phantom.

The phantom's intensities are its grey levels (1, 3, 4, 6).
"""

import csv
from dataclasses import replace

import nibabel
import numpy as np
import pytest

from model.features.discretisation import GreyLevels
from model.features.engine import glcm_features
from model.features.preparation import Aggregation, Dimension
from tests.model.features.regions import FINE
from tests.support.shared import SHARED_DATA, needs_shared_data

PHANTOM = SHARED_DATA / "ibsi-1-digital-phantom"

TAGS = {
    "glcm_MaxProbability": "cm_joint_max",
    "glcm_Entropy": "cm_joint_entr",
    "glcm_Dissimilarity": "cm_diff_avg",
    "glcm_DifferenceEntropy": "cm_diff_entr",
    "glcm_SumAverage": "cm_sum_avg",
    "glcm_SumEntropy": "cm_sum_entr",
    "glcm_Energy": "cm_energy",
    "glcm_Contrast": "cm_contrast",
    "glcm_Homogeneity": "cm_inv_diff",
    "glcm_InverseDiffNorm": "cm_inv_diff_norm",
    "glcm_Homogeneity2": "cm_inv_diff_mom",
    "glcm_InverseDiffMomentNorm": "cm_inv_diff_mom_norm",
    "glcm_InverseVariance": "cm_inv_var",
    "glcm_Correlation": "cm_corr",
    "glcm_AutoCorrelation": "cm_auto_corr",
    "glcm_ClusterTendency": "cm_clust_tend",
    "glcm_ClusterShade": "cm_clust_shade",
    "glcm_ClusterProminence": "cm_clust_prom",
    "glcm_InformationMeasureCorr1": "cm_info_corr1",
    "glcm_InformationMeasureCorr2": "cm_info_corr2",
}
METHODS = {
    "2_5D_comb": (Dimension.IN_PLANE, Aggregation.POOLED),
    "2_5D_avg": (Dimension.IN_PLANE, Aggregation.AVERAGED),
    "3D_comb": (Dimension.VOLUME, Aggregation.POOLED),
    "3D_avg": (Dimension.VOLUME, Aggregation.AVERAGED),
}


@needs_shared_data
@pytest.mark.reference
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", TAGS)
def test_a_consensus_value_is_met(name: str, method: str) -> None:
    image = nibabel.load(PHANTOM / "nifti" / "image" / "phantom.nii.gz")
    region = nibabel.load(PHANTOM / "nifti" / "mask" / "mask.nii.gz")
    inside = np.asarray(region.dataobj).transpose(2, 1, 0) > 0
    values = np.asarray(image.dataobj).transpose(2, 1, 0)[inside]
    with (PHANTOM / "reference_values.csv").open(encoding="utf-8-sig") as file:
        rows = {row["tag"]: row for row in csv.DictReader(file, delimiter=";")}
    published = rows[f"{TAGS[name]}_{method}"]["reference value"]
    dimension, aggregation = METHODS[method]

    levels = GreyLevels(values.astype(np.int32), int(values.max()))
    prepared = replace(FINE, dimension=dimension, aggregation=aggregation)
    value = glcm_features(levels, inside, prepared, [name])[name]

    # The table rounds to a few figures and states a tolerance of 0.
    decimals = len(published.partition(".")[2])
    assert value == pytest.approx(float(published), abs=0.5 * 10.0**-decimals + 1e-12)
