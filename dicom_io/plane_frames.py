"""The frames of a multi-frame image of planes, as single-frame images.

Everything that reads classic slices then reads frames as well. A frame has the
attributes of the image, and of its functional groups those of where it lies and of what
its stored values mean.

Design choice: a legacy converted image keeps what it was converted from in the
*Unassigned Converted Attributes* functional groups (PS3.3 C.7.6.16.2.25). That is taken
first; what the functional groups of the frame say wins over it.

References
----------
* DICOM PS3.3 C.7.6.16.2.1 (Pixel Measures), C.7.6.16.2.3, C.7.6.16.2.4 (Plane Position,
  Plane Orientation), C.7.6.16.2.9 (Pixel Value Transformation).
"""

from collections.abc import Sequence
from pathlib import Path

from pydicom.dataset import Dataset

from dicom_io.attributes import faults_of
from dicom_io.pet.enhanced import EnhancedSlices, only_image
from dicom_io.pet.frame_headers import FrameHeaders
from dicom_io.pet.functional_groups import FunctionalGroups

_BULK = (
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "DimensionIndexSequence",
    "NumberOfFrames",
    "PixelData",
)
_TAKEN = {
    "PlanePositionSequence": ("ImagePositionPatient",),
    "PlaneOrientationSequence": ("ImageOrientationPatient",),
    "PixelMeasuresSequence": ("PixelSpacing", "SliceThickness", "SpacingBetweenSlices"),
    "PixelValueTransformationSequence": (
        "RescaleSlope",
        "RescaleIntercept",
        "RescaleType",
    ),
}
_UNASSIGNED_SHARED = "UnassignedSharedConvertedAttributesSequence"
_UNASSIGNED_PER_FRAME = "UnassignedPerFrameConvertedAttributesSequence"


def is_multi_frame(header: Dataset) -> bool:
    """Return whether an image describes its frames by functional groups."""
    return "PerFrameFunctionalGroupsSequence" in header


def read_plane_frames(paths: Sequence[Path]) -> list[Dataset]:
    """Return the frames of a multi-frame image, each with pixel data of its own.

    Parameters
    ----------
    paths : sequence of Path
        Of the only object of a series.

    Raises
    ------
    DicomContentError
        When there are several objects, or the object is a part of a concatenation or
        does not say what its frames are; see `dicom_io.pet.enhanced` and
        `dicom_io.pet.functional_groups`.
    """
    dataset = only_image(paths)
    with faults_of(dataset):
        groups = FunctionalGroups(dataset)
        common = _common(dataset, groups)
        headers = [_frame(common, groups, frame) for frame in range(len(groups))]
        return EnhancedSlices(FrameHeaders(tuple(headers), ()), dataset).images()


def _common(dataset: Dataset, groups: FunctionalGroups) -> Dataset:
    """Return what all frames have in common."""
    common = _copy_of(dataset)
    for keyword in _BULK:
        if keyword in common:
            del common[keyword]
    _take_all(groups.shared(_UNASSIGNED_SHARED), common)
    return common


def _frame(common: Dataset, groups: FunctionalGroups, frame: int) -> Dataset:
    header = _copy_of(common)
    _take_all(groups.of_frame(frame, _UNASSIGNED_PER_FRAME), header)
    for macro, keywords in _TAKEN.items():
        item = groups.macro(frame, macro)
        for keyword in keywords:
            if item is not None and keyword in item:
                header[keyword] = item.get_item(keyword, keep_deferred=True)
    return header


def _copy_of(dataset: Dataset) -> Dataset:
    # Items, unlike iteration, are given as they were read.
    made = Dataset(dict(dataset.items()))
    made.file_meta = dataset.file_meta
    implicit, little_endian = dataset.original_encoding
    made.set_original_encoding(implicit, little_endian, dataset.original_character_set)
    return made


def _take_all(source: Dataset | None, header: Dataset) -> None:
    if source is not None:
        for tag, element in source.items():
            header[tag] = element
