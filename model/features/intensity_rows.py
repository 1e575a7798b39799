"""The rows of the catalogue that are of the voxel values: IBEX's intensity groups.

References
----------
* IBEX, IntensityDirect_Feature, IntensityHistogram_Feature and
  IntensityDirect_Feature_GlobalIntensityUniformity (public MATLAB source).
"""

from model.features.feature import CT, IMAGE_UNIT, PET, Feature, Group

_SQUARED = f"{IMAGE_UNIT}2"
_DEVIATIONS = "x_m the mean, n the number of voxels"
_PEARSON = "IBSI IPH6 is 3 less (excess kurtosis)"
_N_LESS_1 = "divides by n - 1, where IBSI divides by n"
_MEDIAN_DEVIATION = "IBSI N72L is the mean of |x - median|"
_QUARTILES = "IBSI SALO leaves open how quartiles lie between values"
_KURTOSIS = "mean((x - x_m)^4) / mean((x - x_m)^2)^2: 3 for a normal distribution"
_SKEWNESS = "mean((x - x_m)^3) / mean((x - x_m)^2)^1.5"
_IQR = "third less first quartile, interpolated at the probabilities (k - 1/2)/n"

_EQUAL = {
    "GlobalMax": "Maximum",
    "GlobalMin": "Minimum",
    "GlobalMedian": "Median",
    "GlobalMean": "Mean",
    "Range": "Range",
    "Kurtosis": "Kurtosis",
    "Skewness": "Skewness",
    "MeanAbsoluteDeviation": "MeanAbsoluteDeviation",
    "Energy": "Energy",
    "RootMeanSquare": "RootMeanSquared",
}
"""Of IBEX's names, those that PyRadiomics has the same of, under its names."""


def _direct(
    name: str, unit: str, definition: str, code: str | None, difference: str = ""
) -> Feature:
    # Of this group the paper's 61 for PET hold four: its Table 1 names the kurtosis,
    # and the other three are the usual ones of PET that the histogram group lacks.
    taken = name in {"GlobalMax", "GlobalMean", "GlobalStd", "Kurtosis"}
    return Feature(
        f"direct_{name}",
        Group.INTENSITY_DIRECT,
        unit,
        definition,
        code,
        difference,
        equal_in_pyradiomics=_EQUAL.get(name),
        modalities=(PET,) if taken else (),
    )


def _histogram(
    name: str, unit: str, definition: str, code: str | None, difference: str = ""
) -> Feature:
    return Feature(
        f"histogram_{name}",
        Group.INTENSITY_HISTOGRAM,
        unit,
        definition,
        code,
        difference,
        equal_in_pyradiomics=_EQUAL.get(name),
        modalities=() if name == "KurtosisOfBinProbabilities" else (CT, PET),
    )


INTENSITY_ROWS: tuple[Feature, ...] = (
    _direct("GlobalMax", IMAGE_UNIT, "greatest value", "84IY"),
    _direct("GlobalMin", IMAGE_UNIT, "least value", "1GSF"),
    _direct("GlobalMedian", IMAGE_UNIT, "median", "Y12H"),
    _direct("GlobalMean", IMAGE_UNIT, "mean", "Q4LE"),
    _direct("Range", IMAGE_UNIT, "greatest less least value", "2OJQ"),
    _direct("Kurtosis", "1", _KURTOSIS, None, _PEARSON),
    _direct("Skewness", "1", _SKEWNESS, "KE2A"),
    _direct(
        "GlobalStd",
        IMAGE_UNIT,
        f"sqrt(sum((x - x_m)^2) / (n - 1)), {_DEVIATIONS}",
        None,
        _N_LESS_1,
    ),
    _direct("MeanAbsoluteDeviation", IMAGE_UNIT, "mean of |x - mean|", "4FUA"),
    _direct(
        "MedianAbsoluteDeviation",
        IMAGE_UNIT,
        "median of |x - median|",
        None,
        _MEDIAN_DEVIATION,
    ),
    _direct("InterQuartileRange", IMAGE_UNIT, _IQR, None, _QUARTILES),
    _direct("Energy", _SQUARED, "sum of x^2", "N8CA"),
    _direct(
        "EnergyNorm", _SQUARED, "mean of x^2", None, "IBSI 5ZWQ is its square root"
    ),
    _direct("RootMeanSquare", IMAGE_UNIT, "sqrt(mean of x^2)", "5ZWQ"),
    _direct(
        "Variance", _SQUARED, "sum((x - x_m)^2) / (n - 1)", None, _N_LESS_1 + " (ECT3)"
    ),
    _direct(
        "GlobalEntropy",
        "1",
        "-sum(p log2 p), in bits, over the shares p of the grey levels of the "
        "preparation (IBEX has bins of its own; with its dynamic range and one "
        "interval less than there are levels, they are the same)",
        "TLU2",
    ),
    _direct(
        "GlobalUniformity",
        "1",
        "sum(p^2) over the shares p of the grey levels of the preparation, as above",
        "BJ5W",
    ),
    _histogram("Skewness", "1", f"of the values: {_SKEWNESS}", "KE2A"),
    _histogram("Kurtosis", "1", f"of the values: {_KURTOSIS}", None, _PEARSON),
    _histogram("Range", IMAGE_UNIT, "of the values: greatest less least value", "2OJQ"),
    _histogram(
        "MeanAbsoluteDeviation",
        IMAGE_UNIT,
        "of the values: mean of |x - mean|",
        "4FUA",
    ),
    _histogram(
        "MedianAbsoluteDeviation",
        IMAGE_UNIT,
        "of the values: median of |x - median|",
        None,
        _MEDIAN_DEVIATION,
    ),
    _histogram(
        "InterQuartileRange", IMAGE_UNIT, f"of the values: {_IQR}", None, _QUARTILES
    ),
    _histogram(
        "KurtosisOfBinProbabilities",
        "1",
        "Pearson's kurtosis of the vector of bin probabilities, empty bins included "
        "(IBEX builds of 2014); of preparations that state a histogram",
        None,
        "IBSI C3I7 is of the binned values, not of the probabilities",
    ),
)
"""17 direct features, and 6 of the histogram with the kurtosis of its probabilities."""
