"""Which objects the node takes, and in which encodings.

Design choice: lossless encodings only. A lossy PET would change what is measured, and a
scanner that is refused sends the original instead.

Design choice: our own result classes are accepted as well, since a PACS may route them
back; they are stored and not scored.
"""

from pydicom import uid

from dicom_io.regions.segmentation import LabelMapSegmentationStorage

_KINDS_OF_A_STUDY: dict[str, tuple[str, ...]] = {
    "pet": (
        uid.PositronEmissionTomographyImageStorage,
        uid.EnhancedPETImageStorage,
        uid.LegacyConvertedEnhancedPETImageStorage,
    ),
    "ct": (
        uid.CTImageStorage,
        uid.EnhancedCTImageStorage,
        uid.LegacyConvertedEnhancedCTImageStorage,
    ),
    "contours": (
        uid.RTStructureSetStorage,
        uid.SegmentationStorage,
        LabelMapSegmentationStorage,
        uid.SpatialRegistrationStorage,
        uid.DeformableSpatialRegistrationStorage,
    ),
    "context": (uid.AcquisitionContextSRStorage,),
}

SCORED_SOP_CLASSES: tuple[str, ...] = tuple(
    each for kind in _KINDS_OF_A_STUDY.values() for each in kind
)
"""What a study consists of."""

RESULT_SOP_CLASSES: tuple[str, ...] = (
    uid.Comprehensive3DSRStorage,
    uid.ComprehensiveSRStorage,
    uid.EnhancedSRStorage,
    uid.ParametricMapStorage,
    uid.SecondaryCaptureImageStorage,
    uid.MultiFrameTrueColorSecondaryCaptureImageStorage,
    uid.EncapsulatedPDFStorage,
    uid.KeyObjectSelectionDocumentStorage,
)
"""What the node makes, or a PACS makes of it, beyond the classes above."""

SOP_CLASSES_BY_KIND: dict[str, tuple[str, ...]] = {
    **_KINDS_OF_A_STUDY,
    "results": RESULT_SOP_CLASSES,
}
"""The kinds that the configuration names (`peers.objects`), and what they are."""

RECEIVED_SOP_CLASSES: tuple[str, ...] = SCORED_SOP_CLASSES + RESULT_SOP_CLASSES

LOSSLESS_TRANSFER_SYNTAXES: tuple[str, ...] = (
    uid.ExplicitVRLittleEndian,
    uid.ImplicitVRLittleEndian,
    uid.DeflatedExplicitVRLittleEndian,
    uid.RLELossless,
    uid.JPEGLossless,
    uid.JPEGLosslessSV1,
    uid.JPEGLSLossless,
    uid.JPEG2000Lossless,
)
"""PS3.5 annex A; the compressed ones are decoded when an object is read."""
