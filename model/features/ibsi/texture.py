"""The texture families of IBSI: its tags and aggregations, in the engine's terms."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from model.features.engine import cooccurrence_features, run_length_features
from model.features.ibsi.configuration import Family, IbsiAggregation
from model.features.ibsi.outcome import Outcome, Undefined
from model.features.levels import GreyLevels
from model.features.preparation import Aggregation, Dimension, Neighbourhood

NEIGHBOURHOODS: Mapping[IbsiAggregation, Neighbourhood] = {
    aggregation: Neighbourhood(dimension, together)
    for aggregation, dimension, together in (
        (IbsiAggregation.SLICE_AVERAGED, Dimension.SLICE, Aggregation.AVERAGED),
        (IbsiAggregation.SLICE_MERGED, Dimension.SLICE, Aggregation.POOLED),
        (IbsiAggregation.IN_PLANE_AVERAGED, Dimension.IN_PLANE, Aggregation.AVERAGED),
        (IbsiAggregation.IN_PLANE_MERGED, Dimension.IN_PLANE, Aggregation.POOLED),
        (IbsiAggregation.VOLUME_AVERAGED, Dimension.VOLUME, Aggregation.AVERAGED),
        (IbsiAggregation.VOLUME_MERGED, Dimension.VOLUME, Aggregation.POOLED),
    )
}
"""Distance 1 and symmetric throughout, as in all configurations of IBSI."""

ENGINE_NAMES: Mapping[Family, Mapping[str, str]] = {
    Family.COOCCURRENCE: {
        "joint_max": "MaximumProbability",
        "joint_avg": "JointAverage",
        "joint_var": "SumSquares",
        "joint_entr": "JointEntropy",
        "diff_avg": "DifferenceAverage",
        "diff_var": "DifferenceVariance",
        "diff_entr": "DifferenceEntropy",
        "sum_avg": "SumAverage",
        # A sum's variance is its second moment about twice the joint average.
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
    },
    Family.RUN_LENGTH: {
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
    },
}
"""PyRadiomics' name for each tag without its family's prefix."""

_NO_PAIRS = Undefined("no two voxels of the region are neighbours")
_ONE_LEVEL = Undefined("all neighbours have the same grey level")


def texture(
    family: Family,
    levels: GreyLevels,
    inside: NDArray[np.bool_],
    aggregation: IbsiAggregation,
) -> dict[str, Outcome]:
    """Return the features of a texture family under an aggregation.

    Parameters
    ----------
    family : Family
        `Family.COOCCURRENCE` or `Family.RUN_LENGTH`.
    levels : GreyLevels
        Of the voxels of the intensity mask, in array order; at least one.
    inside : ndarray of bool, shape (slices, rows, columns)
        The intensity mask.
    aggregation : IbsiAggregation

    Returns
    -------
    dict of str to Outcome
        By tag without the family's prefix and the aggregation's suffix.
    """
    neighbourhood = NEIGHBOURHOODS[aggregation]
    names = ENGINE_NAMES[family]
    compute = (
        cooccurrence_features if family is Family.COOCCURRENCE else run_length_features
    )
    values = compute(levels, inside, neighbourhood, set(names.values()))
    lonely = all(math.isnan(value) for value in values.values())
    why = _NO_PAIRS if lonely else _ONE_LEVEL
    return {
        stem: why if math.isnan(values[name]) else values[name]
        for stem, name in names.items()
    }
