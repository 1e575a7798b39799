"""Spatial Registration objects: how coordinate systems lie to each other.

The object's own *Frame of Reference UID* names the registered coordinate system. Every
item of *Registration Sequence* maps points of a source into it::

    point_registered = M point_source

*Matrix Sequence* may write M in several steps. The first item is applied first, as
equation C.20.2-2 has it (M = M3 M2 M1); some programs multiply the other way round.

A source is named by its frame of reference, or by its images alone; these then lie in
one frame of reference, which the images tell.

Design choice: an object in which one item cannot be used is refused as a whole. Whoever
wrote a matrix that is none may have meant anything by the others.

References
----------
* DICOM PS3.3 A.39.1, C.20.2; C.20.3 for deformable ones, of which only the frames of
  reference are read here, so that a hold can name them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    DeformableSpatialRegistrationStorage,
    SpatialRegistrationStorage,
)

from dicom_io.attributes import (
    MissingAttributeError,
    UnreadableValueError,
    faults_of,
    items,
    name_of,
    required_numbers,
    required_text,
    text,
    uid_of,
)
from dicom_io.errors import DicomContentError
from dicom_io.lenient import attribute_items, attribute_text, attribute_uid
from dicom_io.part10 import read_dataset
from model.affine import IDENTITY, Affine, affine, composed, greatest_difference_mm

_REGISTRATIONS = (SpatialRegistrationStorage, DeformableSpatialRegistrationStorage)
_MATRIX = "FrameOfReferenceTransformationMatrix"
_TYPE = "FrameOfReferenceTransformationMatrixType"
_LAST_ROW_TOLERANCE = 1e-6
# A kilometre: no scanner is larger, and no product of such numbers overflows.
_FARTHEST = 1e6
_SAME_MM = 1e-3
_AROUND_MM = 100.0 * np.vstack([np.zeros(3), np.eye(3), -np.eye(3)])


@dataclass(frozen=True)
class JoinedFrames:
    """Which coordinate systems an object joins, for the ledger; matrices unread.

    Attributes
    ----------
    registered : str
        Frame of Reference UID of the object.
    sources : tuple of str
        Frames of reference that are mapped into it, without repetition.
    images : tuple of tuple of str
        SOP Instance UIDs, item by item, of sources that are named by their images
        alone.
    deformable : bool
        Whether the object deforms; such a one joins nothing for this software.
    """

    registered: str
    sources: tuple[str, ...]
    images: tuple[tuple[str, ...], ...] = ()
    deformable: bool = False


@dataclass(frozen=True)
class RegisteredSource:
    """A coordinate system and its way into the registered one.

    Attributes
    ----------
    frame_of_reference : str
        Empty where the source is named by its images alone.
    images : tuple of str
        SOP Instance UIDs, as far as the object names them.
    to_registered : Affine
    """

    frame_of_reference: str
    images: tuple[str, ...]
    to_registered: Affine


@dataclass(frozen=True)
class SpatialRegistration:
    """A Spatial Registration object.

    Attributes
    ----------
    sop_instance_uid : str
    registered : str
        Frame of Reference UID of the object.
    sources : tuple of RegisteredSource
        In the order of the object.
    """

    sop_instance_uid: str
    registered: str
    sources: tuple[RegisteredSource, ...]


def joined_frames(dataset: Dataset) -> JoinedFrames | None:
    """Return what a registration joins, as far as it can be read.

    Returns
    -------
    JoinedFrames or None
        None where the object is no registration, or does not say what it joins.
    """
    sop_class = attribute_uid(dataset, "SOPClassUID")
    if sop_class not in _REGISTRATIONS:
        return None
    registered = attribute_uid(dataset, "FrameOfReferenceUID")
    if registered is None:
        return None
    if sop_class == DeformableSpatialRegistrationStorage:
        return _deformably_joined(dataset, registered)
    found = list(attribute_items(dataset, "RegistrationSequence"))
    named = [attribute_uid(item, "FrameOfReferenceUID") for item in found]
    images = [
        tuple(sorted(set(_images(item))))
        for item, frame in zip(found, named, strict=True)
        # A frame that is written and no UID is refused by `read_registration`.
        if frame is None and not attribute_text(item, "FrameOfReferenceUID")
    ]
    return JoinedFrames(registered, _distinct(named), tuple(filter(None, images)))


def _deformably_joined(dataset: Dataset, registered: str) -> JoinedFrames:
    deformed = attribute_items(dataset, "DeformableRegistrationSequence")
    named = [attribute_uid(item, "SourceFrameOfReferenceUID") for item in deformed]
    return JoinedFrames(registered, _distinct(named), deformable=True)


def read_registration(path: Path) -> SpatialRegistration:
    """Return the maps of a Spatial Registration object.

    Raises
    ------
    NotARegistrationError
        When the object is of another class.
    ImpossibleMatrixError
        When a matrix is not what its type says, or cannot be inverted.
    MissingAttributeError, UnreadableValueError
        When the file or an item of it is damaged.
    """
    dataset = read_dataset(path)
    if required_text(dataset, "SOPClassUID") != SpatialRegistrationStorage:
        raise NotARegistrationError(dataset)
    registered = _required_uid(dataset, dataset)
    found = items(dataset, "RegistrationSequence")
    if not found:
        raise MissingAttributeError(dataset, "RegistrationSequence")
    with faults_of(dataset):
        sources = tuple(_source(dataset, item, registered) for item in found)
    uid = required_text(dataset, "SOPInstanceUID")
    return SpatialRegistration(uid, registered, sources)


def _source(dataset: Dataset, item: Dataset, registered: str) -> RegisteredSource:
    frame = ""
    if text(item, "FrameOfReferenceUID"):
        frame = _required_uid(item, dataset)
    images = tuple(_images(item))
    if not frame and not images:
        # Required where no images are named.
        raise MissingAttributeError(dataset, "FrameOfReferenceUID")
    registrations = items(item, "MatrixRegistrationSequence")
    if len(registrations) != 1:
        # "Only a single Item": of two, nobody knows which holds.
        expected = "a sequence of one item"
        raise UnreadableValueError(dataset, "MatrixRegistrationSequence", expected)
    written = items(registrations[0], "MatrixSequence")
    if not written:
        raise MissingAttributeError(dataset, "MatrixSequence")
    whole = composed(_matrix(dataset, step) for step in written)
    if not whole.is_invertible:
        raise ImpossibleMatrixError(dataset, _MATRIX, "cannot be inverted")
    if frame == registered and not _leaves_all(whole):
        fact = f"moves frame of reference {frame} onto itself"
        raise ImpossibleMatrixError(dataset, _MATRIX, fact)
    return RegisteredSource(frame, images, whole)


def _matrix(dataset: Dataset, step: Dataset) -> Affine:
    values = required_numbers(step, _MATRIX, 16)
    matrix = np.array(values, np.float64).reshape(4, 4)
    if np.abs(matrix[3] - (0.0, 0.0, 0.0, 1.0)).max() > _LAST_ROW_TOLERANCE:
        raise ImpossibleMatrixError(dataset, _MATRIX, "does not end in 0, 0, 0, 1")
    if np.abs(matrix).max() > _FARTHEST:
        raise ImpossibleMatrixError(dataset, _MATRIX, "leads farther than a kilometre")
    found = affine(matrix[:3, :3], matrix[:3, 3])
    kind = required_text(step, _TYPE)
    if kind not in ("RIGID", "RIGID_SCALE", "AFFINE"):
        expected = "RIGID, RIGID_SCALE or AFFINE"
        raise UnreadableValueError(dataset, _TYPE, expected)
    if not found.is_invertible:
        raise ImpossibleMatrixError(dataset, _MATRIX, "cannot be inverted")
    if kind == "RIGID" and not found.is_rigid:
        fact = "is said to be RIGID, and is no rotation and translation"
        raise ImpossibleMatrixError(dataset, _MATRIX, fact)
    if kind == "RIGID_SCALE" and not found.is_rigid_with_scale:
        fact = "is said to be RIGID_SCALE, and shears"
        raise ImpossibleMatrixError(dataset, _MATRIX, fact)
    return found


def _leaves_all(whole: Affine) -> bool:
    return greatest_difference_mm(whole, IDENTITY, _AROUND_MM) <= _SAME_MM


def _required_uid(level: Dataset, dataset: Dataset) -> str:
    required_text(level, "FrameOfReferenceUID")
    uid = attribute_uid(level, "FrameOfReferenceUID")
    if uid is None:
        raise UnreadableValueError(dataset, "FrameOfReferenceUID", "a UID")
    return uid


def _images(item: Dataset) -> Iterable[str]:
    for image in attribute_items(item, "ReferencedImageSequence"):
        uid = attribute_uid(image, "ReferencedSOPInstanceUID")
        if uid is not None:
            yield uid


def _distinct(uids: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(uid for uid in uids if uid))


class NotARegistrationError(DicomContentError):
    """The object that should join coordinate systems is no Spatial Registration."""

    remedy: ClassVar[str] = "Send a Spatial Registration object (REG)."

    def __init__(self, dataset: Dataset) -> None:
        found = UID(text(dataset, "SOPClassUID")).name
        super().__init__(
            f"the object is {found} and not {SpatialRegistrationStorage.name}",
            attribute=name_of("SOPClassUID"),
            uid=uid_of(dataset),
        )


class ImpossibleMatrixError(DicomContentError):
    """A matrix of a registration is not what it must be (PS3.3 C.20.2.1)."""

    reason: ClassVar[str] = "frame_of_reference"
    remedy: ClassVar[str] = "Register the images again and send the new registration."

    def __init__(self, dataset: Dataset, keyword: str, fact: str) -> None:
        super().__init__(
            f"the matrix {fact}", attribute=name_of(keyword), uid=uid_of(dataset)
        )
