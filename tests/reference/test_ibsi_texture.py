"""The engine meets the consensus values of IBSI 1 on the digital phantom.

The phantom's intensities are its grey levels (1, 3, 4, 6).
"""

import csv
from functools import cache

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray

from model.features.engine import cooccurrence_features, run_length_features
from model.features.levels import GreyLevels
from model.features.preparation import Aggregation, Dimension, Neighbourhood
from tests.support.shared import SHARED_DATA, needs_shared_data

PHANTOM = SHARED_DATA / "ibsi-1-digital-phantom"

COOCCURRENCE = {
    "joint_max": "MaximumProbability",
    "joint_avg": "JointAverage",
    "joint_var": "SumSquares",
    "joint_entr": "JointEntropy",
    "diff_avg": "DifferenceAverage",
    "diff_var": "DifferenceVariance",
    "diff_entr": "DifferenceEntropy",
    "sum_avg": "SumAverage",
    "sum_var": "ClusterTendency",
    "sum_entr": "SumEntropy",
    "energy": "JointEnergy",
    "contrast": "Contrast",
    "dissimilarity": "DifferenceAverage",
    "inv_diff": "Id",
    "inv_diff_norm": "Idn",
    "inv_diff_mom": "Idm",
    "inv_diff_mom_norm": "Idmn",
    "inv_var": "InverseVariance",
    "corr": "Correlation",
    "auto_corr": "Autocorrelation",
    "clust_tend": "ClusterTendency",
    "clust_shade": "ClusterShade",
    "clust_prom": "ClusterProminence",
    "info_corr1": "Imc1",
    "info_corr2": "Imc2",
}
RUN_LENGTHS = {
    "sre": "ShortRunEmphasis",
    "lre": "LongRunEmphasis",
    "lgre": "LowGrayLevelRunEmphasis",
    "hgre": "HighGrayLevelRunEmphasis",
    "srlge": "ShortRunLowGrayLevelEmphasis",
    "srhge": "ShortRunHighGrayLevelEmphasis",
    "lrlge": "LongRunLowGrayLevelEmphasis",
    "lrhge": "LongRunHighGrayLevelEmphasis",
    "glnu": "GrayLevelNonUniformity",
    "glnu_norm": "GrayLevelNonUniformityNormalized",
    "rlnu": "RunLengthNonUniformity",
    "rlnu_norm": "RunLengthNonUniformityNormalized",
    "r_perc": "RunPercentage",
    "gl_var": "GrayLevelVariance",
    "rl_var": "RunVariance",
    "rl_entr": "RunEntropy",
}
METHODS = {
    "2D_avg": (Dimension.SLICE, Aggregation.AVERAGED),
    "2D_comb": (Dimension.SLICE, Aggregation.POOLED),
    "2_5D_avg": (Dimension.IN_PLANE, Aggregation.AVERAGED),
    "2_5D_comb": (Dimension.IN_PLANE, Aggregation.POOLED),
    "3D_avg": (Dimension.VOLUME, Aggregation.AVERAGED),
    "3D_comb": (Dimension.VOLUME, Aggregation.POOLED),
}


@cache
def phantom() -> tuple[GreyLevels, NDArray[np.bool_]]:
    image = nibabel.Nifti1Image.from_filename(PHANTOM / "nifti/image/phantom.nii.gz")
    region = nibabel.Nifti1Image.from_filename(PHANTOM / "nifti/mask/mask.nii.gz")
    inside = np.asarray(region.dataobj).transpose(2, 1, 0) > 0
    values = np.asarray(image.dataobj).transpose(2, 1, 0)[inside]
    return GreyLevels(values.astype(np.int32), int(values.max())), inside


@cache
def published() -> dict[str, str]:
    with (PHANTOM / "reference_values.csv").open(encoding="utf-8-sig") as file:
        rows = csv.DictReader(file, delimiter=";")
        return {row["tag"]: row["reference value"] for row in rows}


@needs_shared_data
@pytest.mark.reference
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("family", ["cm", "rlm"])
def test_every_consensus_value_of_a_texture_family_is_met(
    family: str, method: str
) -> None:
    compute = {"cm": cooccurrence_features, "rlm": run_length_features}[family]
    names = {"cm": COOCCURRENCE, "rlm": RUN_LENGTHS}[family]

    found = compute(*phantom(), Neighbourhood(*METHODS[method]), names.values())

    for tag, name in names.items():
        value = published()[f"{family}_{tag}_{method}"]
        # The table rounds to a few figures and states a tolerance of 0.
        half = 0.5 * 10.0 ** -len(value.partition(".")[2]) + 1e-12
        assert found[name] == pytest.approx(float(value), abs=half), tag
