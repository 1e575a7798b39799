"""What derived PET images say slice for slice of their place and time (PS3.3 C.8.9.4).

Design choice: a value is carried over as it was read, to the last digit. Whoever lays
the images over their source finds them in the same place.
"""

from collections.abc import Sequence
from functools import cache
from struct import pack

from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

from dicom_io.encoding import encoded_sequence, is_plain_text
from dicom_io.lenient import UNREADABLE
from dicom_io.pet.series import PetSeries
from dicom_io.results.encoded_references import encoded_source_image
from dicom_io.results.images.frame_instants import (
    TIMES,
    computed_times,
    says_its_own_times,
)
from dicom_io.results.images.stored_values import StoredValues
from dicom_io.series_pattern import Element
from dicom_io.stamp import ObjectIdentity

Elements = dict[BaseTag, Element]

OWN_ELEMENTS = (
    "SOPInstanceUID",
    "InstanceNumber",
    "ImageIndex",
    "SourceImageSequence",
    "RescaleSlope",
    "PixelData",
)
"""Keywords of what `own_elements` returns."""

_PIXEL_DATA = Tag("PixelData")
_SOURCE_IMAGE = Tag("SourceImageSequence")

_PLACES = (
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "SliceThickness",
    "SpacingBetweenSlices",
    "SliceLocation",
    "AcquisitionNumber",
)
_MAY_BE_EMPTY = frozenset({"AcquisitionDate", "AcquisitionTime", "ActualFrameDuration"})
"""What must be there even where nothing is known (type 2)."""


def slice_elements(
    series: PetSeries, common: Dataset
) -> tuple[list[str], list[Elements]]:
    """Return what differs between slices; what does not is put into the common.

    Parameters
    ----------
    series : PetSeries
    common : Dataset
        What all images have in common; changed.

    Returns
    -------
    varying : list of str
        Keywords of what differs.
    slices : list of dict
        By slice, what it says of these, by tag.
    """
    slices: list[Elements] = [{} for _ in series.headers]
    own_times = says_its_own_times(series)
    varying = [
        keyword
        for keyword in (*_PLACES, *(TIMES if own_times else ()))
        if _carry(series.headers, keyword, common, slices)
    ]
    if not own_times:
        varying += _compute_times(series, slices)
    return varying, slices


def _compute_times(series: PetSeries, slices: Sequence[Elements]) -> tuple[str, ...]:
    for own, header in zip(slices, series.headers, strict=True):
        found = computed_times(series, header)
        times = Dataset()
        for keyword in TIMES:
            if found.get(keyword) is not None:
                setattr(times, keyword, found[keyword])
            elif keyword in _MAY_BE_EMPTY:
                setattr(times, keyword, None)
        own.update(times.items())
    return TIMES


def _carry(
    headers: Sequence[Dataset],
    keyword: str,
    common: Dataset,
    slices: Sequence[Elements],
) -> bool:
    """Carry an attribute over, and return whether it differs between slices."""
    tag = Tag(keyword)
    found = [_element_of(header, tag) for header in headers]
    if all(_same(found[0], each) for each in found):
        if found[0] is not None:
            common[tag] = found[0]
        return False
    for own, element in zip(slices, found, strict=True):
        if element is not None:
            own[tag] = element
    return True


def _same(first: Element | None, other: Element | None) -> bool:
    """Return whether two elements are equal as they were read, or as decoded."""
    if first is None or other is None:
        return first is other
    return type(first) is type(other) and bool(first.value == other.value)


def _element_of(header: Dataset, tag: BaseTag) -> Element | None:
    """Return an element; None where it is absent or cannot be read.

    What is plain text stays as it was read: decoding it takes longer than all else.
    """
    if tag not in header:
        return None
    element = header.get_item(tag)
    if is_plain_text(element):
        return element
    try:
        return header[tag]
    except UNREADABLE:
        return None


def own_elements(
    series: PetSeries, stored: StoredValues, k: int, identity: ObjectIdentity
) -> dict[BaseTag, Element]:
    """Return what a slice says of itself, by tag: identity, pixels, sources.

    Parameters
    ----------
    series : PetSeries
        What the slice was computed from.
    stored : StoredValues
    k : int
        Index of the slice.
    identity : ObjectIdentity

    Returns
    -------
    dict
        Elements as if they were read, which cost a tenth of those that pydicom makes.
    """
    found: dict[BaseTag, Element] = {}
    for keyword, value in (
        ("SOPInstanceUID", identity.sop_instance_uid.encode("ascii")),
        ("InstanceNumber", b"%d" % identity.instance_number),
        ("ImageIndex", pack("<H", k + 1)),
        ("RescaleSlope", str(stored.slopes[k]).encode("ascii")),
    ):
        element = _as_read(keyword, value)
        found[element.tag] = element
    found[_PIXEL_DATA] = DataElement(_PIXEL_DATA, "OW", stored.pixels[k].tobytes())
    found[_SOURCE_IMAGE] = _sources(series, k)
    return found


def _sources(series: PetSeries, k: int) -> Element:
    """Return the slices that an image was computed from."""
    instances = series.averaged_instances or series.instances
    return encoded_sequence(
        "SourceImageSequence",
        map(encoded_source_image, instances[k :: len(series.instances)]),
    )


def _as_read(keyword: str, value: bytes) -> RawDataElement:
    tag, vr = _tag_and_vr(keyword)
    return RawDataElement(
        tag, vr, len(value), value, 0, is_implicit_VR=False, is_little_endian=True
    )


@cache
def _tag_and_vr(keyword: str) -> tuple[BaseTag, str]:
    tag = Tag(keyword)
    return tag, dictionary_VR(tag)
