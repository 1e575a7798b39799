"""The page of the documentation that lists the feature catalogue, from its table."""

from itertools import groupby

from model.features.definitions import FEATURES, IMAGE_UNIT, Feature, Group
from model.features.feature import CT, PET

_HEAD = """\
# Features

What `exhaustion-node features` computes of a region, by the definitions and under the
names of IBEX. Each name begins with its group. A profile may ask for other features, or
for the families of IBSI under its tags: see [profiles](profiles.md).

**57 and 61.** The paper took 57 features of CT and 61 of PET; which, its text does not
say. The 57 are the groups shape, GLCM, GLRLM and histogram, which hold exactly as many.
The 61 are these and four of the direct intensities: the kurtosis, which the paper's
Table 1 names, greatest value, mean and standard deviation. The column *of* says which
are which. `--modality CT` has the 57 and every other image the 61; a row without an
entry is computed where a profile or a score model names it. The kurtosis of the bin
probabilities comes as well when the preparation states a histogram.

**Preparation.** Texture is of grey levels, and the levels, their limits, neighbours in
the plane or in the volume, how directions come together and the offset decide its
numbers as much as the image does. All that stands in the profile or in the score
model's file, and is no part of the definitions below. At offset *n* two voxels are *n*
steps of a direction apart, as in IBEX. Run lengths are IBEX's "25": along the rows and
the columns of a slice, both matrices added where the preparation pools directions (row
-333 of IBEX) and the mean of both features where it averages them; with a preparation
in the volume they are along 13 directions.

**Values.** A PET is in SUVbw, g/ml. A CT is in Hounsfield units + 1000, as IBEX keeps
it, and so are the numbers of its preparation. Shape is in centimetres, and of the whole
region, also where a re-segmentation leaves values out.

**Undefined.** A feature that its definition leaves without a value is `null`, and
`undefined` says why: a region of one voxel has no pairs, equal values have no kurtosis
(0/0), an image that is no CT has no mass. A 0 is always a 0.

**Codes.** A code of the Image Biomarker Standardisation Initiative stands where the
definition is the standard's own; otherwise the table says what differs. *Computed by*
names the formula of PyRadiomics that is used. The rest is our own code, which the tests
hold against plain programs written from the definitions, and against the features of
PyRadiomics that the table calls equal.
"""

_TITLES = {
    Group.INTENSITY_DIRECT: "Intensity direct",
    Group.INTENSITY_HISTOGRAM: "Intensity histogram",
    Group.SHAPE: "Shape",
    Group.GLCM: "Grey level co-occurrence matrix (GLCM)",
    Group.GLRLM: "Grey level run length matrix (GLRLM)",
}
_SAID = {
    Group.INTENSITY_DIRECT: """
Of the voxel values `x` in the region; `x_m` is their mean, `n` their number.""",
    Group.INTENSITY_HISTOGRAM: """
Of the voxel values too, in every public source of IBEX, whatever the name says; only
the builds of 2014 took the bins.""",
    Group.SHAPE: """
Of the region alone. `V` is the volume and `S` the surface area as defined here.""",
    Group.GLCM: """
`p(i, j)` is the share of pairs of neighbours with the levels `i` and `j`, `mu` the mean
of `i`, `n` the number of levels that there may be.""",
    Group.GLRLM: """
`r(i, j)` is the number of runs of level `i` with length `j`, `R` that of all runs.""",
}


def feature_page() -> str:
    """Return the page, in Markdown."""
    blocks = [_HEAD]
    for group, features in groupby(FEATURES, key=lambda feature: feature.group):
        rows = "\n".join(_row(feature) for feature in features)
        blocks.append(
            f"## {_TITLES[group]}\n{_SAID[group]}\n\n"
            "| name | of | unit | IBSI | definition | computed by |\n"
            f"|---|---|---|---|---|---|\n{rows}\n"
        )
    return "\n".join(blocks)


def _row(feature: Feature) -> str:
    code = f"`{feature.ibsi_code}`" if feature.ibsi_code else feature.difference
    cells = (
        f"`{feature.name}`",
        ", ".join(kind for kind in (CT, PET) if kind in feature.modalities),
        _UNITS.get(feature.unit, f"`{feature.unit}`"),
        code,
        feature.definition,
        _engine(feature),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


_UNITS = {IMAGE_UNIT: "image's", f"{IMAGE_UNIT}2": "image's, squared"}


def _engine(feature: Feature) -> str:
    if feature.pyradiomics is not None:
        return f"`{feature.pyradiomics}`"
    if feature.equal_in_pyradiomics is not None:
        return f"own code, equal to `{feature.equal_in_pyradiomics}`"
    return "own code"
