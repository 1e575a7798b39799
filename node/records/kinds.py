"""The kinds of objects that a result consists of; destinations ask for them by name."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from pydicom.uid import (
    AdvancedBlendingPresentationStateStorage,
    Comprehensive3DSRStorage,
    EncapsulatedPDFStorage,
    KeyObjectSelectionDocumentStorage,
    ParametricMapStorage,
    PositronEmissionTomographyImageStorage,
    SecondaryCaptureImageStorage,
    SegmentationStorage,
)


class ResultKind(StrEnum):
    """What an object of a result is; the names of ``results.objects``."""

    REPORT = "sr"
    """Comprehensive 3D SR (TID 1500) whose regions are polylines on the slices."""
    SEGMENT_REPORT = "segment_sr"
    """The same measurements, whose regions are segments of the segmentation."""
    SEGMENTATION = "segmentation"
    """The masks that were really used."""
    PARAMETRIC_MAP = "parametric_map"
    """The local index, and what else is mapped, a Parametric Map for each region."""
    SUV_SERIES = "suv_series"
    """The PET in SUV, an image a slice."""
    SCORE_SERIES = "score_series"
    """The local index, an image a slice, which any viewer can fuse."""
    SUMMARY = "summary"
    """The summary pages as colour images."""
    PDF = "pdf"
    """The summary pages as a document."""
    KEY_OBJECTS = "key_objects"
    """What to look at first, as a Key Object Selection."""
    BLENDING = "blending"
    """Map over PET or CT, as an Advanced Blending Presentation State."""
    REJECTION = "rejection"
    """The note that takes a result back; it goes wherever the result went."""


MADE = tuple(kind for kind in ResultKind if kind is not ResultKind.REJECTION)
"""What a computation can make, in the order of making."""

REPEATING = frozenset(
    {ResultKind.SEGMENT_REPORT, ResultKind.KEY_OBJECTS, ResultKind.BLENDING}
)
"""What only tells once more, or points to, what other objects of the result hold."""

SOP_CLASSES: Mapping[ResultKind, str] = MappingProxyType(
    {
        ResultKind.REPORT: Comprehensive3DSRStorage,
        ResultKind.SEGMENT_REPORT: Comprehensive3DSRStorage,
        ResultKind.SEGMENTATION: SegmentationStorage,
        ResultKind.PARAMETRIC_MAP: ParametricMapStorage,
        ResultKind.SUV_SERIES: PositronEmissionTomographyImageStorage,
        ResultKind.SCORE_SERIES: PositronEmissionTomographyImageStorage,
        ResultKind.SUMMARY: SecondaryCaptureImageStorage,
        ResultKind.PDF: EncapsulatedPDFStorage,
        ResultKind.KEY_OBJECTS: KeyObjectSelectionDocumentStorage,
        ResultKind.BLENDING: AdvancedBlendingPresentationStateStorage,
        ResultKind.REJECTION: KeyObjectSelectionDocumentStorage,
    }
)
"""SOP Class UID of each kind."""
