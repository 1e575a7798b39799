"""What to look at first in a result: Key Object Selection (PS3.3 A.35.4, TID 2010).

Viewers that know such documents offer the images that they name as a short list, so
that nobody has to search a study of many series for what is worth looking at.

Design choice: only objects of the result are named, all of one study. A selection that
goes beyond a study must be repeated in every study of it (PS3.3 C.17.6.2.1).

Design choice: its title is *Of Interest* (DCM 113000). The more specific titles of CID
7010 promise a diagnosis, a teaching case or an agreed use.
"""

from collections.abc import Sequence

from highdicom.sr import (
    ContainerContentItem,
    ImageContentItem,
    RelationshipTypeValues,
    TextContentItem,
)
from highdicom.sr.value_types import CompositeContentItem
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code
from pydicom.uid import KeyObjectSelectionDocumentStorage

from dicom_io.codes import SOURCE
from dicom_io.pet.series import PetSeries
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.listed_sources import evidence_of, is_image
from dicom_io.results.new_object import new_object
from dicom_io.source_reference import SourceReference
from dicom_io.stamp import Equipment, ObjectIdentity

OF_INTEREST = Code("113000", "DCM", "Of Interest")
"""Document title (PS3.16 CID 7010)."""
_DESCRIPTION = Code("113012", "DCM", "Key Object Description")


def build_key_objects(
    series: PetSeries,
    content: tuple[Sequence[SourceReference], str],
    identity: ObjectIdentity,
    equipment: Equipment,
    subject: SourceGroupSubject | None = None,
) -> Dataset:
    """Return a selection of objects.

    Parameters
    ----------
    series : PetSeries
        Whose study the selection joins.
    content : tuple of (sequence of SourceReference, str)
        What is to be looked at, in this order, at least one; and what it is, in words.
    identity : ObjectIdentity
    equipment : Equipment
    subject : SourceGroupSubject or None
        The animal, where the PET shows several: the selection is then in its study.

    Returns
    -------
    Dataset
        Explicit VR little endian.

    Raises
    ------
    ValueError
        When nothing is selected, or an object of another study.

    References
    ----------
    * DICOM PS3.3 C.17.6 (Key Object Document); PS3.16 TID 2010.
    """
    selected = list(dict.fromkeys(content[0]))
    words = content[1]
    dataset = new_object(
        series,
        (KeyObjectSelectionDocumentStorage, "KO"),
        identity,
        equipment,
        subject,
        (words,),
    )
    if {each.study_instance_uid for each in selected} != {dataset.StudyInstanceUID}:
        message = "a selection names objects of its own study, at least one"
        raise ValueError(message)
    dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.CurrentRequestedProcedureEvidenceSequence = evidence_of(selected)
    root = ContainerContentItem(name=OF_INTEREST, template_id="2010")
    for element in root:
        dataset.add(element)
    # By element: assignment makes a sequence of highdicom, which indexes every item.
    dataset.add_new("ContentSequence", "SQ", [_said(words), *map(_item, selected)])
    return dataset


def _said(words: str) -> Dataset:
    return TextContentItem(
        name=_DESCRIPTION,
        value=words,
        relationship_type=RelationshipTypeValues.CONTAINS,
    )


def _item(reference: SourceReference) -> Dataset:
    item = (
        ImageContentItem if is_image(reference.sop_class_uid) else CompositeContentItem
    )
    return item(
        name=SOURCE,
        referenced_sop_class_uid=reference.sop_class_uid,
        referenced_sop_instance_uid=reference.sop_instance_uid,
        relationship_type=RelationshipTypeValues.CONTAINS,
    )
