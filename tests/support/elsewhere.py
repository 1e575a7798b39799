"""A small study whose contours lie in another frame of reference than its PET."""

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from tests.support.pet import write_all
from tests.support.registration import OTHER_FRAME, Matrix, moved
from tests.support.studies import small_study


def drawn_elsewhere(to_other: Matrix, frame: str = OTHER_FRAME) -> list[Dataset]:
    """Return `small_study` with its contours moved into another frame.

    Parameters
    ----------
    to_other : ndarray, shape (4, 4)
        Takes points of the PET to the other frame.
    frame : str
        Of which no image is there; the structure set names none.

    Returns
    -------
    list of Dataset
        The structure set last.
    """
    pet, contours = small_study()
    contours.FrameOfReferenceUID = frame
    [referenced] = contours.ReferencedFrameOfReferenceSequence
    referenced.FrameOfReferenceUID = frame
    del referenced.RTReferencedStudySequence
    for roi in contours.StructureSetROISequence:
        roi.ReferencedFrameOfReferenceUID = frame
    for region in contours.ROIContourSequence:
        for contour in region.ContourSequence:
            points = np.array(contour.ContourData, float).reshape(-1, 3)
            there = moved(points, to_other).ravel()
            contour.ContourData = [f"{value:.10g}" for value in there]
    return [*pet, contours]


def write_elsewhere(folder: Path, to_other: Matrix, *objects: Dataset) -> list[Path]:
    """Write `drawn_elsewhere` and further objects; return the files in this order."""
    return write_all([*drawn_elsewhere(to_other), *objects], folder)
