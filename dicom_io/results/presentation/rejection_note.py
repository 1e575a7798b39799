"""A note that takes objects back: Key Object Selection (PS3.3 A.35.4, PS3.16 TID 2010).

An archive or viewer that knows IHE Imaging Object Change Management hides the objects
that such a note names, or marks them as rejected, by the title of the note.

Design choice: the note names every object of a result, also those that an archive has
never got: one that comes late is then known to be rejected.

Design choice: patient and study are those of one object of the result, as they are in
all of them; the others are named by their UIDs alone and need not be read.

References
----------
* IHE Radiology Technical Framework, RAD-66 (Rejection Note Stored).
* DICOM PS3.16 CID 7010, *Key Object Selection Document Title*.
"""

from collections.abc import Sequence
from enum import StrEnum
from types import MappingProxyType

from highdicom.ko import KeyObjectSelection, KeyObjectSelectionDocument
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code
from pydicom.uid import UID

from dicom_io.results.character_set import set_character_set
from dicom_io.results.listed_sources import is_image
from dicom_io.results.source_attributes import TYPE_2, carry_over
from dicom_io.source_reference import SourceReference
from dicom_io.stamp import Equipment, ObjectIdentity, stamp


class RejectionCode(StrEnum):
    """Why objects are taken back."""

    QUALITY = "rejected-for-quality"
    """They are wrong, or of no use."""
    PATIENT_SAFETY = "rejected-for-patient-safety"
    """They could do harm, as those of another patient."""
    WORKLIST_ENTRY = "incorrect-modality-worklist-entry"
    """They are right, and filed under a wrong patient or order."""
    RETENTION = "data-retention"
    """They are right, and too old to be kept."""


TITLES = MappingProxyType(
    {
        RejectionCode.QUALITY: Code("113001", "DCM", "Rejected for Quality Reasons"),
        RejectionCode.PATIENT_SAFETY: Code(
            "113037", "DCM", "Rejected for Patient Safety Reasons"
        ),
        RejectionCode.WORKLIST_ENTRY: Code(
            "113038", "DCM", "Incorrect Modality Worklist Entry"
        ),
        RejectionCode.RETENTION: Code("113039", "DCM", "Data Retention Policy Expired"),
    }
)
"""Document titles."""


def build_rejection_note(
    source: Dataset,
    rejected: Sequence[SourceReference],
    code: RejectionCode,
    description: str,
    identity: ObjectIdentity,
    equipment: Equipment,
) -> Dataset:
    """Return the note that takes objects of one study back.

    Parameters
    ----------
    source : Dataset
        Header of one of them, of which patient and study are taken.
    rejected : sequence of SourceReference
        At least one; all of the same study.
    code : RejectionCode
    description : str
        Who takes them back and why, in words.
    identity : ObjectIdentity
    equipment : Equipment

    Returns
    -------
    Dataset
        Explicit VR little endian.

    References
    ----------
    * DICOM PS3.3 C.17.6 (Key Object Document Module).
    """
    images = [_stand_in(reference) for reference in rejected]
    dataset = KeyObjectSelectionDocument(
        evidence=images,
        content=KeyObjectSelection(
            document_title=TITLES[code],
            referenced_objects=images,
            description=description,
        ),
        series_instance_uid=identity.series_instance_uid,
        series_number=identity.series_number,
        sop_instance_uid=identity.sop_instance_uid,
        instance_number=identity.instance_number,
        manufacturer=equipment.manufacturer,
    )
    carry_over(source, dataset)
    texts = (description, identity.series_description, *equipment.texts)
    set_character_set(source, dataset, texts)
    stamp(dataset, identity, equipment)
    return dataset


def _stand_in(reference: SourceReference) -> Dataset:
    """Return what highdicom wants of an object that it names."""
    image = Dataset()
    for keyword in TYPE_2:
        setattr(image, keyword, "")
    image.SOPClassUID = UID(reference.sop_class_uid)
    image.SOPInstanceUID = UID(reference.sop_instance_uid)
    image.StudyInstanceUID = UID(reference.study_instance_uid)
    image.SeriesInstanceUID = UID(reference.series_instance_uid)
    if is_image(reference.sop_class_uid):
        # By these it tells a reference to an image from one to another object.
        image.Rows = image.Columns = 1
    return image
