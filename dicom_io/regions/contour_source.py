"""The object in which regions were drawn: a structure set or a segmentation."""

from pathlib import Path

from dicom_io.attributes import required_text
from dicom_io.part10 import read_dataset
from dicom_io.regions.rtstruct import StructureSet, structure_set_of
from dicom_io.regions.segmentation import (
    SEGMENTATION_CLASSES,
    Segmentation,
    segmentation_of,
)

ContourSource = StructureSet | Segmentation


def read_contour_source(path: Path) -> ContourSource:
    """Return the regions of a structure set or segmentation.

    Raises
    ------
    DicomContentError
        What `read_structure_set` and `read_segmentation` raise.
    """
    dataset = read_dataset(path)
    if required_text(dataset, "SOPClassUID") in SEGMENTATION_CLASSES:
        return segmentation_of(dataset)
    return structure_set_of(dataset)
