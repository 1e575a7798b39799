"""The images that a report is about (PS3.16 TID 1600).

Design choice: what all slices share (modality, matrix, spacing, orientation, frame of
reference) is said once, for their group, as TID 1600 provides; highdicom's own
`ImageLibrary` repeats it for every slice, which takes a second for 159 of them and
makes the report ten times larger. The items themselves are highdicom's.
"""

from collections.abc import Sequence

from highdicom.sr import (
    ContainerContentItem,
    ContentItem,
    ContentSequence,
    ImageContentItem,
    ImageLibraryEntryDescriptors,
    RelationshipTypeValues,
)
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from dicom_io import codes
from dicom_io.pet_series import InstanceReference

_POSITIONS = frozenset({"110901", "110902", "110903"})
"""*Image Position (Patient)* X, Y, Z (DCM): a slice's own."""


def image_library(
    first: Dataset,
    images: Sequence[InstanceReference],
    maps: Sequence[InstanceReference],
) -> ContainerContentItem:
    """Return the library of the slices, and of the maps made of them.

    Parameters
    ----------
    first : Dataset
        Stand-in of the first slice; it speaks for all in what they share.
    images : sequence of InstanceReference
        The slices of one series.
    maps : sequence of InstanceReference
        Parametric maps, in a group of their own; may be empty.
    """
    library = _container(codes.IMAGE_LIBRARY)
    slices = _container(codes.IMAGE_LIBRARY_GROUP)
    slices.ContentSequence.extend(_shared_descriptors(first))
    slices.ContentSequence.extend([_entry(image) for image in images])
    library.ContentSequence.append(slices)
    if maps:
        derived = _container(codes.IMAGE_LIBRARY_GROUP)
        derived.ContentSequence.extend([_entry(reference) for reference in maps])
        library.ContentSequence.append(derived)
    return library


def _shared_descriptors(image: Dataset) -> list[ContentItem]:
    return [
        item
        for item in ImageLibraryEntryDescriptors(image)
        if item.name.value not in _POSITIONS
    ]


def _entry(reference: InstanceReference) -> ImageContentItem:
    return ImageContentItem(
        name=codes.SOURCE,
        referenced_sop_class_uid=reference.sop_class_uid,
        referenced_sop_instance_uid=reference.sop_instance_uid,
        relationship_type=RelationshipTypeValues.CONTAINS,
    )


def _container(concept: Code) -> ContainerContentItem:
    container = ContainerContentItem(
        name=concept, relationship_type=RelationshipTypeValues.CONTAINS
    )
    container.ContentSequence = ContentSequence()
    return container
