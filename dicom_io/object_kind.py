"""What an object is to this node, by its SOP class."""

from enum import StrEnum

from pydicom.uid import (
    AcquisitionContextSRStorage,
    CTImageStorage,
    EnhancedCTImageStorage,
    EnhancedMRImageStorage,
    EnhancedPETImageStorage,
    LegacyConvertedEnhancedCTImageStorage,
    LegacyConvertedEnhancedMRImageStorage,
    LegacyConvertedEnhancedPETImageStorage,
    MRImageStorage,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    PositronEmissionTomographyImageStorage,
    RTStructureSetStorage,
    SpatialRegistrationStorage,
)

from dicom_io.regions.segmentation import SEGMENTATION_CLASSES


class ObjectKind(StrEnum):
    """What an object is to this node."""

    PET = "pet"
    """A slice of PET (PS3.3 A.21)."""
    ENHANCED_PET = "enhanced_pet"
    """An enhanced or legacy converted PET image (PS3.3 A.56, A.72)."""
    CT = "ct"
    """A CT image, classic or enhanced."""
    IMAGE = "image"
    """Another image of planes in space: MR, or multi-frame secondary capture."""
    STRUCTURE_SET = "structure_set"
    """An RT Structure Set (PS3.3 A.19)."""
    SEGMENTATION = "segmentation"
    """A Segmentation (PS3.3 A.51)."""
    REGISTRATION = "registration"
    """A Spatial Registration (PS3.3 A.39.1)."""
    ACQUISITION_CONTEXT = "acquisition_context"
    """An Acquisition Context SR (PS3.3 A.35.16)."""
    OWN_RESULT = "own_result"
    """A result of ours that a PACS routed back; stored and not scored."""
    OTHER = "other"
    """Kept, and not used."""


_KINDS: dict[str, ObjectKind] = {
    PositronEmissionTomographyImageStorage: ObjectKind.PET,
    EnhancedPETImageStorage: ObjectKind.ENHANCED_PET,
    LegacyConvertedEnhancedPETImageStorage: ObjectKind.ENHANCED_PET,
    CTImageStorage: ObjectKind.CT,
    EnhancedCTImageStorage: ObjectKind.CT,
    LegacyConvertedEnhancedCTImageStorage: ObjectKind.CT,
    MRImageStorage: ObjectKind.IMAGE,
    EnhancedMRImageStorage: ObjectKind.IMAGE,
    LegacyConvertedEnhancedMRImageStorage: ObjectKind.IMAGE,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage: ObjectKind.IMAGE,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage: ObjectKind.IMAGE,
    RTStructureSetStorage: ObjectKind.STRUCTURE_SET,
    **dict.fromkeys(SEGMENTATION_CLASSES, ObjectKind.SEGMENTATION),
    SpatialRegistrationStorage: ObjectKind.REGISTRATION,
    AcquisitionContextSRStorage: ObjectKind.ACQUISITION_CONTEXT,
}


def kind_of_class(sop_class_uid: str) -> ObjectKind:
    """Return what an object of a class is, unless it is a result of ours."""
    return _KINDS.get(sop_class_uid, ObjectKind.OTHER)
