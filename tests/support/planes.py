"""Builders of images beside PET: MR and CT, classic and multi-frame."""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import (
    CTImageStorage,
    EnhancedMRImageStorage,
    MRImageStorage,
)

from tests.support.pet import ROOT, pet_datasets

IMAGE_SERIES_UID = f"{ROOT}.1.7"
MULTI_FRAME_UID = f"{ROOT}.1.7.1000"

_PET_ALONE = (
    "Units",
    "SeriesType",
    "NumberOfSlices",
    "CorrectedImage",
    "DecayCorrection",
    "RadiopharmaceuticalInformationSequence",
    "FrameReferenceTime",
    "DecayFactor",
)
_OF_A_FRAME = {
    "PlanePositionSequence": ("ImagePositionPatient",),
    "PlaneOrientationSequence": ("ImageOrientationPatient",),
    "PixelMeasuresSequence": ("PixelSpacing", "SliceThickness"),
    "PixelValueTransformationSequence": (
        "RescaleSlope",
        "RescaleIntercept",
        "RescaleType",
    ),
}


def image_datasets(
    modality: str = "MR", values: Any = None, **overrides: Any
) -> list[Dataset]:
    """Return a classic series of MR, without rescaling, or of CT.

    Parameters
    ----------
    values : ndarray, shape (slices, rows, columns), optional
        Whole numbers, by rising z.
    **overrides
        As in `tests.support.pet.pet_datasets`.
    """
    if values is None:
        values = np.random.default_rng(3).integers(1, 900, (12, 16, 18))
    made = pet_datasets(values=np.asarray(values, float), series_uid=IMAGE_SERIES_UID)
    for image, plane in zip(made, values, strict=True):
        for keyword in _PET_ALONE:
            if keyword in image:
                delattr(image, keyword)
        image.SOPClassUID = CTImageStorage if modality == "CT" else MRImageStorage
        image.file_meta.MediaStorageSOPClassUID = image.SOPClassUID
        image.Modality = modality
        image.PixelData = np.asarray(plane, "<i2").tobytes()
        image.RescaleSlope, image.RescaleIntercept = 1, 0
        if modality == "MR":
            del image.RescaleSlope, image.RescaleIntercept
        for keyword, value in overrides.items():
            setattr(image, keyword, value)
    return made


def multi_frame_dataset(
    images: Sequence[Dataset], sop_class_uid: str = EnhancedMRImageStorage
) -> Dataset:
    """Return one image with classic ones as its frames, in the order given."""
    made = copy.deepcopy(images[0])
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = sop_class_uid
    made.SOPInstanceUID = MULTI_FRAME_UID
    made.file_meta.MediaStorageSOPInstanceUID = MULTI_FRAME_UID
    for keywords in _OF_A_FRAME.values():
        for keyword in keywords:
            if keyword in made:
                delattr(made, keyword)
    made.NumberOfFrames = len(images)
    made.SharedFunctionalGroupsSequence = [_groups(images[0], shared=True)]
    made.PerFrameFunctionalGroupsSequence = [
        _groups(image, shared=False) for image in images
    ]
    made.PixelData = b"".join(image.PixelData for image in images)
    return made


def _groups(image: Dataset, *, shared: bool) -> Dataset:
    """Return the groups that all frames share, or those of each."""
    group = Dataset()
    for sequence, keywords in _OF_A_FRAME.items():
        of_all = sequence in ("PlaneOrientationSequence", "PixelMeasuresSequence")
        item = Dataset()
        for keyword in keywords:
            if keyword in image:
                setattr(item, keyword, getattr(image, keyword))
        if shared == of_all and len(item):
            setattr(group, sequence, [item])
    return group
