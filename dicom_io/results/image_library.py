"""The images that a report is about (PS3.16 TID 1600).

Design choice: what all slices share (modality, matrix, spacing, orientation, frame of
reference) is said once, for their group, as TID 1600 provides. highdicom's own
`ImageLibrary` says it again for every slice, which makes the report ten times larger.
The entries are copies of one of highdicom's that differ in what they refer to.
"""

from collections.abc import Sequence

from highdicom.sr import (
    ContainerContentItem,
    ImageContentItem,
    ImageLibraryEntryDescriptors,
    RelationshipTypeValues,
)
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from dicom_io import codes
from dicom_io.pet.series import InstanceReference

_POSITIONS = frozenset({"110901", "110902", "110903"})
"""*Image Position (Patient)* X, Y, Z (DCM): a slice's own."""


def image_library(
    first: Dataset,
    images: Sequence[InstanceReference],
    *others: Sequence[InstanceReference],
) -> ContainerContentItem:
    """Return the library of the slices, and of what belongs to them.

    Parameters
    ----------
    first : Dataset
        Stand-in of the first of them; it speaks for all in what they share.
    images : sequence of InstanceReference
        Slices of one series, at least one.
    *others : sequence of InstanceReference
        Further time frames, Parametric Maps: each in a group of its own; may be empty.
    """
    slices = [*_shared_descriptors(first), *_entries(images)]
    groups = [
        _container(codes.IMAGE_LIBRARY_GROUP, content)
        for content in (slices, *(_entries(other) for other in others if other))
    ]
    return _container(codes.IMAGE_LIBRARY, groups)


def _shared_descriptors(image: Dataset) -> list[Dataset]:
    return [
        item
        for item in ImageLibraryEntryDescriptors(image)
        if item.name.value not in _POSITIONS
    ]


def _entries(references: Sequence[InstanceReference]) -> list[Dataset]:
    model = ImageContentItem(
        name=codes.SOURCE,
        referenced_sop_class_uid=references[0].sop_class_uid,
        referenced_sop_instance_uid=references[0].sop_instance_uid,
        relationship_type=RelationshipTypeValues.CONTAINS,
    )
    # Elements are shared between the entries, so none of them may be assigned to.
    del model.ReferencedSOPSequence
    shared = {element.tag: element for element in model}
    entries = []
    for reference in references:
        instance = Dataset()
        instance.ReferencedSOPClassUID = reference.sop_class_uid
        instance.ReferencedSOPInstanceUID = reference.sop_instance_uid
        if reference.frame is not None:
            instance.ReferencedFrameNumber = reference.frame
        entry = Dataset(dict(shared))
        entry.ReferencedSOPSequence = [instance]
        entries.append(entry)
    return entries


def _container(concept: Code, content: Sequence[Dataset]) -> ContainerContentItem:
    container = ContainerContentItem(
        name=concept, relationship_type=RelationshipTypeValues.CONTAINS
    )
    # By element: assignment makes a sequence of highdicom, which indexes every item.
    container.add_new("ContentSequence", "SQ", list(content))
    return container
