"""The regions that were measured, as a Segmentation (PS3.3 A.51, C.8.20).

Design choice: a segment holds the voxels that the numbers were computed of, on the grid
of the PET, and not what was drawn. Whoever doubts a number can count them.

Design choice: *Segment Algorithm Type* is SEMIAUTOMATIC. Somebody or something drew the
region, which is not known here, and this software said which voxels lie in it.

Design choice: frames are where voxels are; empty ones are left out, which PS3.3
C.8.20.2.3.3 allows and every reader knows. Segments may overlap, each has its own
frames.

Design choice: the object is put together by hand. highdicom's `Segmentation` compares
every frame with every source image, which takes seconds for a large region.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from highdicom.color import CIELabColor
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code
from pydicom.tag import Tag
from pydicom.uid import UID, SegmentationStorage

from dicom_io.codes import LESION, code_item
from dicom_io.encoding import (
    encoded_sequence,
)
from dicom_io.lenient import attribute_value
from dicom_io.pet.series import PetSeries
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.images.segment_frames import SegmentFrames
from dicom_io.results.listed_sources import list_sources
from dicom_io.results.new_object import new_object
from dicom_io.results.source_attributes import (
    decimals,
    stand_ins,
)
from dicom_io.results.tracking import Tracking
from dicom_io.stamp import SOFTWARE_NAME, Equipment, ObjectIdentity, derived_uid
from model.errors import ModelError
from model.grid import Mask, require_same_grid

ABNORMAL_STRUCTURE = Code("49755003", "SCT", "Morphologically Abnormal Structure")
"""PS3.16 CID 7150."""

_PER_FRAME = "PerFrameFunctionalGroupsSequence"
_ALGORITHM = f"{SOFTWARE_NAME} voxels of drawn regions"
_LABEL = "MEASURED_REGIONS"
_DESCRIPTION = "Voxels that were measured"
_NOT_IN_A_LABEL = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")
_LONG_STRING = 64
_ANATOMY = ("BodyPartExamined", "AnatomicalOrientationType")
"""The side is a segment's own."""
_OF_THE_PLANES = ("FrameOfReferenceUID", "PositionReferenceIndicator")
_LOSSY = (
    "LossyImageCompression",
    "LossyImageCompressionRatio",
    "LossyImageCompressionMethod",
)
# Okabe and Ito, without black: told apart by colour-blind people too. The darker ones
# of warm colours come late, since they are drawn over hot tissue.
_COLOURS = (
    (0, 158, 115),
    (230, 159, 0),
    (86, 180, 233),
    (204, 121, 167),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
)


@dataclass(frozen=True, eq=False)
class SegmentContent:
    """A region as a segment.

    Attributes
    ----------
    name : str
        As somebody called the region.
    mask : Mask
        On the grid of the series; the voxels that were used.
    tracking : Tracking
        As in the report.
    site : Code
        Where in the body it lies.
    finding : Code
        What it is, as in the report.
    laterality : Code or None
        Of the site.
    """

    name: str
    mask: Mask
    tracking: Tracking
    site: Code
    finding: Code = LESION
    laterality: Code | None = None


def build_segmentation(
    series: PetSeries,
    segments: Sequence[SegmentContent],
    identity: ObjectIdentity,
    equipment: Equipment,
    subject: SourceGroupSubject | None = None,
) -> Dataset:
    """Return the regions as an object of its own series.

    Parameters
    ----------
    series : PetSeries
        What was measured; the object joins this study and frame of reference.
    segments : sequence of SegmentContent
        They become segments 1, 2, ... in this order; they may overlap.
    identity : ObjectIdentity
    equipment : Equipment
    subject : SourceGroupSubject or None
        The animal, where the PET shows several: the object is then in a study of its.

    Returns
    -------
    Dataset
        BINARY, explicit VR little endian; frames by segment, in the order of slices.

    Raises
    ------
    GridMismatchError
        When a mask stands on another grid.
    EmptySegmentationError
        When no segment has a voxel.
    """
    for segment in segments:
        require_same_grid(series.volume.grid, segment.mask.grid)
    frames = SegmentFrames([segment.mask.inside for segment in segments])
    if not frames.places:
        raise EmptySegmentationError
    texts = [f"{segment.name}{segment.site.meaning}" for segment in segments]
    kind = (SegmentationStorage, "SEG")
    made = new_object(series, kind, identity, equipment, subject, texts)
    plane = stand_ins(series, [0])[0]
    _describe(made, plane, series)
    _describe_frames(made, plane, series, identity)
    made.SegmentSequence = [
        _segment(number, segment) for number, segment in enumerate(segments, start=1)
    ]
    made.SegmentsOverlap = "YES" if _overlap(segments) else "NO"
    made[_PER_FRAME] = encoded_sequence(_PER_FRAME, frames.groups(series))
    made.NumberOfFrames = len(frames.places)
    made.add_new(Tag("PixelData"), "OB", frames.pixels())
    list_sources(made, frames.sources(series))
    return made


def label_of(name: str) -> str:
    """Return a region's name as *Segment Label* (0062,0005), an LO, can hold it."""
    return _NOT_IN_A_LABEL.sub(" ", name).strip()[:_LONG_STRING].strip()


def _overlap(segments: Sequence[SegmentContent]) -> bool:
    taken = np.zeros(segments[0].mask.grid.shape, np.bool_)
    for segment in segments:
        if (taken & segment.mask.inside).any():
            return True
        taken |= segment.mask.inside
    return False


def _describe(made: Dataset, plane: Dataset, series: PetSeries) -> None:
    """Say what kind of image this is (PS3.3 C.7.6.3, C.8.20.2)."""
    made.ImageType = ["DERIVED", "PRIMARY"]
    for keyword in (*_OF_THE_PLANES, *_LOSSY):
        if attribute_value(plane, keyword) is not None:
            made.add(plane[keyword])
    if "PositionReferenceIndicator" not in made:
        made.PositionReferenceIndicator = ""
    if "LossyImageCompression" not in made:
        made.LossyImageCompression = "00"
    header = series.headers[0]
    for keyword in _ANATOMY:
        if attribute_value(header, keyword) is not None:
            made.add(header[keyword])
    made.ContentLabel = _LABEL
    made.ContentDescription = _DESCRIPTION
    made.ContentCreatorName = f"{SOFTWARE_NAME}^"
    made.SegmentationType = "BINARY"
    made.Rows, made.Columns = plane.Rows, plane.Columns
    made.SamplesPerPixel = 1
    made.PhotometricInterpretation = "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = 1
    made.HighBit = made.PixelRepresentation = 0


def _describe_frames(
    made: Dataset, plane: Dataset, series: PetSeries, identity: ObjectIdentity
) -> None:
    """Say what frames have in common, and what they differ in (C.7.6.16, C.7.6.17)."""
    uid = UID(derived_uid(identity.uid_root, identity.sop_instance_uid, "dimensions"))
    organisation = Dataset()
    organisation.DimensionOrganizationUID = uid
    made.DimensionOrganizationSequence = [organisation]
    made.DimensionIndexSequence = [
        _dimension(uid, label, keyword, group)
        for label, keyword, group in (
            (
                "Segment",
                "ReferencedSegmentNumber",
                "SegmentIdentificationSequence",
            ),
            ("Position", "ImagePositionPatient", "PlanePositionSequence"),
        )
    ]
    measures = Dataset()
    measures.PixelSpacing = plane.PixelSpacing
    measures.SliceThickness = plane.SliceThickness
    if len(series.instances) > 1:
        (measures.SpacingBetweenSlices,) = decimals([series.volume.grid.spacing_mm[0]])
    orientation = Dataset()
    orientation.ImageOrientationPatient = plane.ImageOrientationPatient
    shared = Dataset()
    shared.PixelMeasuresSequence = [measures]
    shared.PlaneOrientationSequence = [orientation]
    made.SharedFunctionalGroupsSequence = [shared]


def _dimension(uid: UID, label: str, keyword: str, group: str) -> Dataset:
    item = Dataset()
    item.DimensionOrganizationUID = uid
    item.DimensionIndexPointer = Tag(keyword)
    item.FunctionalGroupPointer = Tag(group)
    item.DimensionDescriptionLabel = label
    return item


def _segment(number: int, segment: SegmentContent) -> Dataset:
    label = label_of(segment.name) or f"Region {number}"
    item = Dataset()
    item.SegmentNumber = number
    item.SegmentLabel = label
    item.SegmentDescription = f"{label}: {segment.mask.voxels} voxels"
    item.SegmentAlgorithmType = "SEMIAUTOMATIC"
    item.SegmentAlgorithmName = _ALGORITHM
    item.SegmentedPropertyCategoryCodeSequence = [code_item(ABNORMAL_STRUCTURE)]
    item.SegmentedPropertyTypeCodeSequence = [code_item(segment.finding)]
    site = code_item(segment.site)
    if segment.laterality is not None:
        site.AnatomicRegionModifierSequence = [code_item(segment.laterality)]
    item.AnatomicRegionSequence = [site]
    item.TrackingID = segment.tracking.identifier
    item.TrackingUID = segment.tracking.uid
    item.RecommendedDisplayCIELabValue = list(_colour(number))
    return item


@cache
def _colour(number: int) -> tuple[int, ...]:
    """Return the colour of a segment (PS3.3 C.10.7.1.1)."""
    red, green, blue = _COLOURS[(number - 1) % len(_COLOURS)]
    return CIELabColor.from_rgb(red, green, blue).value


class EmptySegmentationError(ModelError):
    """No region has a voxel."""

    reason = "roi_outside_image"
    remedy = "Draw the contour inside the image, around at least one voxel."

    def __init__(self) -> None:
        super().__init__("none of the regions encloses a voxel of the image")
