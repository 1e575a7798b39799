"""The rows of the catalogue that are of texture: IBEX's GLCM and GLRLM.

``p(i, j)`` is the share of pairs with the grey levels ``i`` and ``j``, ``mu`` the mean
of ``i``, ``n`` the number of grey levels that there may be; ``r(i, j)`` the number of
runs of grey level ``i`` with length ``j``, ``R`` the number of all runs.

Design choice: IBEX's release divides the two nonuniformities of run lengths by the
number of voxels (Fave 2016) and keeps the earlier form as a comment. The catalogue
follows the release.

References
----------
* IBEX, GrayLevelCooccurenceMatrix25_Feature and GrayLevelRunLengthMatrix25_Feature
  (public MATLAB source).
* Fave X, et al. Impact of image preprocessing on the volume dependence and prognostic
  potential of radiomics features in non-small cell lung cancer. Translational Cancer
  Research 5:349, 2016.
"""

from model.features.feature import Feature, Group


def _glcm(name: str, pyradiomics: str, code: str, definition: str) -> Feature:
    return Feature(
        f"glcm_{name}", Group.GLCM, "1", definition, code, pyradiomics=pyradiomics
    )


def _glrlm(name: str, pyradiomics: str, code: str, definition: str) -> Feature:
    return Feature(
        f"glrlm_{name}", Group.GLRLM, "1", definition, code, pyradiomics=pyradiomics
    )


def _by_voxels(name: str, formula: str, definition: str, difference: str) -> Feature:
    return Feature(
        f"glrlm_{name}",
        Group.GLRLM,
        "1",
        definition,
        None,
        difference,
        own_formula=formula,
    )


TEXTURE_ROWS: tuple[Feature, ...] = (
    _glcm("AutoCorrelation", "Autocorrelation", "QWB0", "sum(p i j)"),
    _glcm("ClusterProminence", "ClusterProminence", "AE86", "sum(p (i + j - 2 mu)^4)"),
    _glcm("ClusterShade", "ClusterShade", "7NFM", "sum(p (i + j - 2 mu)^3)"),
    _glcm("ClusterTendency", "ClusterTendency", "DG8W", "sum(p (i + j - 2 mu)^2)"),
    _glcm("Contrast", "Contrast", "ACUI", "sum(p (i - j)^2)"),
    _glcm(
        "Correlation",
        "Correlation",
        "NI2N",
        "sum(p (i - mu)(j - mu)) / sum(p (i - mu)^2); undefined for a single level",
    ),
    _glcm(
        "DifferenceEntropy",
        "DifferenceEntropy",
        "NTRS",
        "entropy of the distribution of |i - j|, in bits",
    ),
    _glcm("Dissimilarity", "DifferenceAverage", "8S9J", "sum(p |i - j|)"),
    _glcm("Energy", "JointEnergy", "8ZQL", "sum(p^2), the angular second moment"),
    _glcm("Entropy", "JointEntropy", "TU9B", "-sum(p log2 p), in bits"),
    _glcm("Homogeneity", "Id", "IB1Z", "sum(p / (1 + |i - j|))"),
    _glcm("Homogeneity2", "Idm", "WF0Z", "sum(p / (1 + (i - j)^2))"),
    _glcm(
        "InformationMeasureCorr1",
        "Imc1",
        "R8DG",
        "(HXY - HXY1) / HX, of entropies in bits; undefined for a single level",
    ),
    _glcm(
        "InformationMeasureCorr2",
        "Imc2",
        "JN9H",
        "sqrt(1 - exp(-2 (HXY2 - HXY))), of entropies in bits; 0 for independent "
        "neighbours",
    ),
    _glcm("InverseDiffMomentNorm", "Idmn", "1QCO", "sum(p / (1 + (i - j)^2 / n^2))"),
    _glcm("InverseDiffNorm", "Idn", "NDRX", "sum(p / (1 + |i - j| / n))"),
    _glcm("InverseVariance", "InverseVariance", "E8JP", "sum(p / (i - j)^2), i != j"),
    _glcm("MaxProbability", "MaximumProbability", "GYBY", "greatest p"),
    _glcm("SumAverage", "SumAverage", "ZGXS", "mean of i + j"),
    _glcm(
        "SumEntropy",
        "SumEntropy",
        "P6QZ",
        "entropy of the distribution of i + j, in bits",
    ),
    Feature(
        "glcm_SumVariance",
        Group.GLCM,
        "1",
        "sum(p (i + j - SumEntropy)^2), as Haralick's paper of 1973 prints it",
        None,
        "IBSI OEEB is centred on the sum average, not on the sum entropy",
        own_formula="SumVarianceAboutSumEntropy",
    ),
    _glcm(
        "Variance",
        "ClusterTendency",
        "DG8W",
        "sum(p (i + j - 2 mu)^2): IBEX computes the cluster tendency under this name, "
        "not the joint variance",
    ),
    _glrlm("ShortRunEmphasis", "ShortRunEmphasis", "22OV", "sum(r / j^2) / R"),
    _glrlm("LongRunEmphasis", "LongRunEmphasis", "W4KF", "sum(r j^2) / R"),
    _by_voxels(
        "GrayLevelNonuniformity",
        "GrayLevelNonUniformityPerVoxel",
        "sum over i of (sum over j of r)^2, / R, / voxels",
        "IBSI R5YN does not divide by the number of voxels",
    ),
    _by_voxels(
        "RunLengthNonuniformity",
        "RunLengthNonUniformityPerVoxel",
        "sum over j of (sum over i of r)^2, / R, / voxels",
        "IBSI W92Y does not divide by the number of voxels",
    ),
    _glrlm("RunPercentage", "RunPercentage", "9ZK5", "R / voxels"),
    _glrlm(
        "LowGrayLevelRunEmphasis", "LowGrayLevelRunEmphasis", "V3SW", "sum(r / i^2) / R"
    ),
    _glrlm(
        "HighGrayLevelRunEmphasis", "HighGrayLevelRunEmphasis", "G3QZ", "sum(r i^2) / R"
    ),
    _glrlm(
        "ShortRunLowGrayLevelEmphasis",
        "ShortRunLowGrayLevelEmphasis",
        "HTZT",
        "sum(r / (i^2 j^2)) / R",
    ),
    _glrlm(
        "ShortRunHighGrayLevelEmphasis",
        "ShortRunHighGrayLevelEmphasis",
        "GD3A",
        "sum(r i^2 / j^2) / R",
    ),
    _glrlm(
        "LongRunLowGrayLevelEmphasis",
        "LongRunLowGrayLevelEmphasis",
        "IVPO",
        "sum(r j^2 / i^2) / R",
    ),
    _glrlm(
        "LongRunHighGrayLevelEmphasis",
        "LongRunHighGrayLevelEmphasis",
        "3KUM",
        "sum(r i^2 j^2) / R",
    ),
)
"""22 features of the co-occurrence matrix and 11 of the run length matrix."""
