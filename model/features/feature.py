"""What a row of the feature catalogue is.

Design choice: a row carries the code of the Image Biomarker Standardisation Initiative
exactly where the feature's definition agrees with it; where it does not, the code is
absent and the row says what differs. What the preparation of the image decides (grey
levels, directions and how they come together, offset) is no part of the definition.
"""

from dataclasses import dataclass
from enum import StrEnum

IMAGE_UNIT = "{image}"
"""In place of the unit of the image that a feature is taken of."""

CT = "CT"
PET = "PET"


class Group(StrEnum):
    """The groups of IBEX; each is the prefix of its features' names."""

    INTENSITY_DIRECT = "direct"
    """Of the voxel values in the mask, as they are: IBEX takes images of floating-point
    numbers through 4096 steps first, which moves these features by about 1e-4."""
    INTENSITY_HISTOGRAM = "histogram"
    """Of the voxel values in the mask too, in every public IBEX source, under other
    names; and of the histogram itself, as the builds of 2014 did."""
    SHAPE = "shape"
    """Of the mask alone, in centimetres; the mass of the values too."""
    GLCM = "glcm"
    """Of the grey level co-occurrence matrix."""
    GLRLM = "glrlm"
    """Of the grey level run length matrix."""


@dataclass(frozen=True)
class Feature:
    """One row of the catalogue.

    Attributes
    ----------
    name : str
        ``<group>_<IBEX name>``, as people type it and read it.
    group : Group
    unit : str
        UCUM, or an expression of `IMAGE_UNIT`.
    definition : str
        In words or as a formula.
    ibsi_code : str or None
        Present exactly where the definition agrees with the standard's.
    difference : str
        Where it does not: from what, and how; else empty.
    pyradiomics : str or None
        Name in PyRadiomics, where its formula is used.
    equal_in_pyradiomics : str or None
        Name of its first-order feature with the same values. Own code is used for it,
        which does not underflow and has no value for 0/0.
    own_formula : str or None
        Name in `model.features.engine` of a texture formula that PyRadiomics lacks.
    modalities : tuple of str
        `CT` and `PET` when the feature is one of the 57 of CT and the 61 of PET.
    """

    name: str
    group: Group
    unit: str
    definition: str
    ibsi_code: str | None = None
    difference: str = ""
    pyradiomics: str | None = None
    equal_in_pyradiomics: str | None = None
    own_formula: str | None = None
    modalities: tuple[str, ...] = (CT, PET)

    @property
    def formula(self) -> str | None:
        """Name of a texture feature in `model.features.engine`."""
        return self.pyradiomics or self.own_formula

    def unit_in(self, image_unit: str) -> str:
        """Return the feature's UCUM unit for an image in `image_unit`."""
        base = image_unit if self.unit == IMAGE_UNIT else f"({image_unit})"
        return self.unit.replace(IMAGE_UNIT, base)
