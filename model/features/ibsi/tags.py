"""The features of IBSI as one table: tag, code, name and unit.

Documentation and the codes of results are made from this table.

Design choice: a tag without a consensus value (the oriented minimum bounding box, the
minimum volume enclosing ellipsoid, the area under the intensity-volume histogram) is
not in the table. Nothing could show that it is right.

References
----------
* Zwanenburg A, et al. Image biomarker standardisation initiative, reference manual,
  arXiv:1612.07003; the codes of section 3.
* Zwanenburg A, et al. The Image Biomarker Standardization Initiative. Radiology
  295:328, 2020; its supplement holds the consensus values.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from model.features.ibsi.configuration import Family, IbsiAggregation

IMAGE_UNIT = "{image}"
"""In place of the unit of the image that a feature is taken of."""
LEVEL_UNIT = "{level}"
"""UCUM's annotation of a count of grey levels."""


@dataclass(frozen=True)
class Tag:
    """One feature of the standard.

    Attributes
    ----------
    stem : str
        The tag without the aggregation, for example ``cm_contrast``.
    family : Family
    code : str
        Of the standard.
    name : str
    unit : str
        UCUM, or an expression of `IMAGE_UNIT`.
    """

    stem: str
    family: Family
    code: str
    name: str
    unit: str

    def unit_in(self, image_unit: str) -> str:
        """Return the feature's UCUM unit for an image in `image_unit`."""
        base = image_unit if self.unit == IMAGE_UNIT else f"({image_unit})"
        return self.unit.replace(IMAGE_UNIT, base)


Row = tuple[str, str, str, str]

_MORPHOLOGY: tuple[Row, ...] = (
    ("volume", "RNU0", "volume of the mesh", "mm3"),
    ("vol_approx", "YEKZ", "approximate volume: that of the voxels", "mm3"),
    ("area_mesh", "C0JK", "surface area of the mesh", "mm2"),
    ("av", "2PR5", "surface to volume ratio", "mm-1"),
    ("comp_1", "SKGS", "compactness 1", "1"),
    ("comp_2", "BQWJ", "compactness 2", "1"),
    ("sph_dispr", "KRCK", "spherical disproportion", "1"),
    ("sphericity", "QCFX", "sphericity", "1"),
    ("asphericity", "25C7", "asphericity", "1"),
    ("com", "KLMA", "centre of mass shift", "mm"),
    ("diam", "L0JK", "maximum 3D diameter", "mm"),
    ("pca_maj_axis", "TDIC", "major axis length", "mm"),
    ("pca_min_axis", "P9VJ", "minor axis length", "mm"),
    ("pca_least_axis", "7J51", "least axis length", "mm"),
    ("pca_elongation", "Q3CK", "elongation", "1"),
    ("pca_flatness", "N17B", "flatness", "1"),
    ("vol_dens_aabb", "PBX1", "volume density, axis-aligned bounding box", "1"),
    ("area_dens_aabb", "R59B", "area density, axis-aligned bounding box", "1"),
    ("vol_dens_aee", "6BDE", "volume density, approximate enclosing ellipsoid", "1"),
    ("area_dens_aee", "RDD2", "area density, approximate enclosing ellipsoid", "1"),
    ("vol_dens_conv_hull", "R3ER", "volume density, convex hull (solidity)", "1"),
    ("area_dens_conv_hull", "7T7F", "area density, convex hull", "1"),
    ("integ_int", "99N0", "integrated intensity", f"{IMAGE_UNIT}.mm3"),
    ("moran_i", "N365", "Moran's I index", "1"),
    ("geary_c", "NPT7", "Geary's C measure", "1"),
)
_LOCAL_INTENSITY: tuple[Row, ...] = (
    ("peak_loc", "VJGA", "local intensity peak", IMAGE_UNIT),
    ("peak_glob", "0F91", "global intensity peak", IMAGE_UNIT),
)
_SQUARED = f"{IMAGE_UNIT}2"
_STATISTICS: tuple[Row, ...] = (
    ("mean", "Q4LE", "mean", IMAGE_UNIT),
    ("var", "ECT3", "variance", _SQUARED),
    ("skew", "KE2A", "skewness", "1"),
    ("kurt", "IPH6", "excess kurtosis", "1"),
    ("median", "Y12H", "median", IMAGE_UNIT),
    ("min", "1GSF", "minimum", IMAGE_UNIT),
    ("p10", "QG58", "10th percentile", IMAGE_UNIT),
    ("p90", "8DWT", "90th percentile", IMAGE_UNIT),
    ("max", "84IY", "maximum", IMAGE_UNIT),
    ("iqr", "SALO", "interquartile range", IMAGE_UNIT),
    ("range", "2OJQ", "range", IMAGE_UNIT),
    ("mad", "4FUA", "mean absolute deviation", IMAGE_UNIT),
    ("rmad", "1128", "robust mean absolute deviation", IMAGE_UNIT),
    ("medad", "N72L", "median absolute deviation", IMAGE_UNIT),
    ("cov", "7TET", "coefficient of variation", "1"),
    ("qcod", "9S40", "quartile coefficient of dispersion", "1"),
    ("energy", "N8CA", "energy", _SQUARED),
    ("rms", "5ZWQ", "root mean square", IMAGE_UNIT),
)
_LEVEL = LEVEL_UNIT
_INTENSITY_HISTOGRAM: tuple[Row, ...] = (
    ("mean", "X6K6", "mean level", _LEVEL),
    ("var", "CH89", "variance of the levels", f"{_LEVEL}2"),
    ("skew", "88K1", "skewness of the levels", "1"),
    ("kurt", "C3I7", "excess kurtosis of the levels", "1"),
    ("median", "WIFQ", "median level", _LEVEL),
    ("min", "1PR8", "minimum level", _LEVEL),
    ("p10", "GPMT", "10th percentile of the levels", _LEVEL),
    ("p90", "OZ0C", "90th percentile of the levels", _LEVEL),
    ("max", "3NCY", "maximum level", _LEVEL),
    ("mode", "AMMC", "mode", _LEVEL),
    ("iqr", "WR0O", "interquartile range of the levels", _LEVEL),
    ("range", "5Z3W", "range of the levels", _LEVEL),
    ("mad", "D2ZX", "mean absolute deviation of the levels", _LEVEL),
    ("rmad", "WRZB", "robust mean absolute deviation of the levels", _LEVEL),
    ("medad", "4RNL", "median absolute deviation of the levels", _LEVEL),
    ("cov", "CWYJ", "coefficient of variation of the levels", "1"),
    ("qcod", "SLWD", "quartile coefficient of dispersion of the levels", "1"),
    ("entropy", "TLU2", "entropy, bits", "1"),
    ("uniformity", "BJ5W", "uniformity", "1"),
    ("max_grad", "12CE", "maximum histogram gradient", "1"),
    ("max_grad_g", "8E6O", "level of the maximum histogram gradient", _LEVEL),
    ("min_grad", "VQB3", "minimum histogram gradient", "1"),
    ("min_grad_g", "RHQZ", "level of the minimum histogram gradient", _LEVEL),
)
_INTENSITY_VOLUME_HISTOGRAM: tuple[Row, ...] = (
    ("v10", "NK6P", "volume at intensity fraction 10 %", "1"),
    ("v90", "4279", "volume at intensity fraction 90 %", "1"),
    ("i10", "PWN1", "intensity at volume fraction 10 %", IMAGE_UNIT),
    ("i90", "BOHI", "intensity at volume fraction 90 %", IMAGE_UNIT),
    ("diff_v10_v90", "WITY", "volume fraction difference, 10 % to 90 %", "1"),
    ("diff_i10_i90", "JXJA", "intensity difference, 10 % to 90 %", IMAGE_UNIT),
)
_COOCCURRENCE: tuple[Row, ...] = (
    ("joint_max", "GYBY", "joint maximum", "1"),
    ("joint_avg", "60VM", "joint average", "1"),
    ("joint_var", "UR99", "joint variance", "1"),
    ("joint_entr", "TU9B", "joint entropy, bits", "1"),
    ("diff_avg", "TF7R", "difference average", "1"),
    ("diff_var", "D3YU", "difference variance", "1"),
    ("diff_entr", "NTRS", "difference entropy, bits", "1"),
    ("sum_avg", "ZGXS", "sum average", "1"),
    ("sum_var", "OEEB", "sum variance", "1"),
    ("sum_entr", "P6QZ", "sum entropy, bits", "1"),
    ("energy", "8ZQL", "angular second moment", "1"),
    ("contrast", "ACUI", "contrast", "1"),
    ("dissimilarity", "8S9J", "dissimilarity", "1"),
    ("inv_diff", "IB1Z", "inverse difference", "1"),
    ("inv_diff_norm", "NDRX", "normalised inverse difference", "1"),
    ("inv_diff_mom", "WF0Z", "inverse difference moment", "1"),
    ("inv_diff_mom_norm", "1QCO", "normalised inverse difference moment", "1"),
    ("inv_var", "E8JP", "inverse variance", "1"),
    ("corr", "NI2N", "correlation", "1"),
    ("auto_corr", "QWB0", "autocorrelation", "1"),
    ("clust_tend", "DG8W", "cluster tendency", "1"),
    ("clust_shade", "7NFM", "cluster shade", "1"),
    ("clust_prom", "AE86", "cluster prominence", "1"),
    ("info_corr1", "R8DG", "first measure of information correlation", "1"),
    ("info_corr2", "JN9H", "second measure of information correlation", "1"),
)
_RUN_LENGTH: tuple[Row, ...] = (
    ("sre", "22OV", "short runs emphasis", "1"),
    ("lre", "W4KF", "long runs emphasis", "1"),
    ("lgre", "V3SW", "low grey level run emphasis", "1"),
    ("hgre", "G3QZ", "high grey level run emphasis", "1"),
    ("srlge", "HTZT", "short run low grey level emphasis", "1"),
    ("srhge", "GD3A", "short run high grey level emphasis", "1"),
    ("lrlge", "IVPO", "long run low grey level emphasis", "1"),
    ("lrhge", "3KUM", "long run high grey level emphasis", "1"),
    ("glnu", "R5YN", "grey level non-uniformity", "1"),
    ("glnu_norm", "OVBL", "normalised grey level non-uniformity", "1"),
    ("rlnu", "W92Y", "run length non-uniformity", "1"),
    ("rlnu_norm", "IC23", "normalised run length non-uniformity", "1"),
    ("r_perc", "9ZK5", "run percentage", "1"),
    ("gl_var", "8CE5", "grey level variance", "1"),
    ("rl_var", "SXLW", "run length variance", "1"),
    ("rl_entr", "HJ9O", "run entropy, bits", "1"),
)

_ROWS: Mapping[Family, tuple[Row, ...]] = {
    Family.MORPHOLOGY: _MORPHOLOGY,
    Family.LOCAL_INTENSITY: _LOCAL_INTENSITY,
    Family.STATISTICS: _STATISTICS,
    Family.INTENSITY_HISTOGRAM: _INTENSITY_HISTOGRAM,
    Family.INTENSITY_VOLUME_HISTOGRAM: _INTENSITY_VOLUME_HISTOGRAM,
    Family.COOCCURRENCE: _COOCCURRENCE,
    Family.RUN_LENGTH: _RUN_LENGTH,
}

TAGS: tuple[Tag, ...] = tuple(
    Tag(f"{family}_{stem}", family, code, name, unit)
    for family, rows in _ROWS.items()
    for stem, code, name, unit in rows
)
"""Every feature that is claimed, in the order of the reference values."""

TAG_BY_STEM: Mapping[str, Tag] = {tag.stem: tag for tag in TAGS}

TEXTURE_FAMILIES = (Family.COOCCURRENCE, Family.RUN_LENGTH)
"""Their tags end with the aggregation."""


def stems_of(family: Family) -> tuple[str, ...]:
    """Return the tags of a family without the aggregation, in order."""
    return tuple(tag.stem for tag in TAGS if tag.family is family)


def tag_of(name: str) -> Tag:
    """Return the row of a feature's full tag, for example ``cm_contrast_3D_avg``.

    Raises
    ------
    KeyError
        When the table does not have it.
    """
    for aggregation in IbsiAggregation:
        stem = name.removesuffix(f"_{aggregation}")
        if stem != name and stem in TAG_BY_STEM:
            return TAG_BY_STEM[stem]
    return TAG_BY_STEM[name]
