"""All frames of a map, after the pattern of the ones that highdicom made.

Design choice: highdicom makes the map of the first two slices, and this module repeats
what it wrote for every slice, with that slice's number, place and source. highdicom
goes through every source image several times to find that each is of one frame and
lies where the map's frame lies, which is known here: a map stands on its series' grid.

Design choice: frames stand in the order of the slices, along the normal of *Image
Orientation (Patient)*. Any order is allowed, but OHIF lays frames on the source's
slices in this one and reads no position: in highdicom's order, by increasing
coordinates, the map of an Inveon's scan would lie on the wrong slices there.

Design choice: repeated items are encoded at once, since decoded they are seven data
sets per slice that are made to be written and never looked at.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from struct import pack

import numpy as np
from highdicom.spatial import get_volume_positions
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from dicom_io.encoding import (
    encoded_element,
    encoded_elements,
    encoded_items,
    encoded_pieces,
    encoded_sequence,
)
from dicom_io.pet.series import InstanceReference, PetSeries
from dicom_io.results.encoded_references import encoded_reference, encoded_text
from dicom_io.results.source_attributes import decimals, position_of

_GROUPS = (
    "DerivationImageSequence",
    "FrameContentSequence",
    "PlanePositionSequence",
)
"""What differs between frames, in the order of tags."""
_REFERENCE = (
    "ReferencedSOPClassUID",
    "ReferencedSOPInstanceUID",
    "ReferencedFrameNumber",
)

PATTERN_SLICES = 2
"""Slices that highdicom must have made: it takes two for a volume."""


def add_all_slices(
    dataset: Dataset, series: PetSeries, slices: range, values: NDArray[np.float32]
) -> None:
    """Give a map of the first slices the frames of all, in place.

    Parameters
    ----------
    dataset : Dataset
        As highdicom made it of the first `PATTERN_SLICES` of the slices.
    series : PetSeries
    slices : range
        Of the series, consecutive: those that have a frame.
    values : ndarray of float32, shape (slices, rows, columns)
        Of these slices.

    References
    ----------
    * DICOM PS3.3 C.7.6.16 (functional groups), C.12.2 (common instance reference).
    """
    headers = [series.headers[k] for k in slices]
    instances = [series.instances[k] for k in slices]
    first = dataset.PerFrameFunctionalGroupsSequence[0]
    groups = _groups(first, zip(headers, instances, strict=True))
    _put(dataset, "PerFrameFunctionalGroupsSequence", groups)
    dataset.NumberOfFrames = len(values)
    dataset.FloatPixelData = values.astype("<f4", copy=False).tobytes()
    references = list(_references(dataset.SourceImageSequence[0], instances))
    _put(dataset, "SourceImageSequence", references)
    listed = dataset.ReferencedSeriesSequence[0]
    _put(listed, "ReferencedInstanceSequence", references)
    _say_whether_regular(dataset, headers)


def _groups(
    pattern: Dataset, slices: Iterable[tuple[Dataset, InstanceReference]]
) -> Iterator[bytes]:
    """Give the functional groups of every frame."""
    derivation = pattern.DerivationImageSequence[0]
    reference = _References(derivation.SourceImageSequence[0])
    around_groups = encoded_pieces(
        _without(pattern, _GROUPS), [int(Tag(keyword)) for keyword in _GROUPS]
    )
    around_source = _around(derivation, "SourceImageSequence")
    around_index = _around(pattern.FrameContentSequence[0], "DimensionIndexValues")
    around_place = _around(pattern.PlanePositionSequence[0], "ImagePositionPatient")
    for number, (header, instance) in enumerate(slices, start=1):
        groups = (
            _sequence("SourceImageSequence", reference.to(instance)).join(
                around_source
            ),
            encoded_element("DimensionIndexValues", pack("<L", number)).join(
                around_index
            ),
            _position(header).join(around_place),
        )
        yield around_groups[0] + b"".join(
            _sequence(keyword, group) + behind
            for keyword, group, behind in zip(
                _GROUPS, groups, around_groups[1:], strict=True
            )
        )


def _references(
    pattern: Dataset, instances: Sequence[InstanceReference]
) -> Iterator[bytes]:
    """Give a reference to every object that slices are of, by the first of them."""
    reference = _References(pattern)
    objects = {each.sop_instance_uid: each for each in reversed(instances)}
    for instance in reversed(objects.values()):
        yield reference.to(replace(instance, frame=None))


class _References:
    """References after the pattern of one, encoded."""

    def __init__(self, pattern: Dataset) -> None:
        self._behind = encoded_elements(_without(pattern, _REFERENCE))

    def to(self, instance: InstanceReference) -> bytes:
        """Return an item that refers to a slice."""
        return encoded_reference(instance) + self._behind


def _without(pattern: Dataset, keywords: Iterable[str]) -> Dataset:
    tags = {Tag(keyword) for keyword in keywords}
    return Dataset({tag: each for tag, each in pattern.items() if tag not in tags})


def _around(pattern: Dataset, keyword: str) -> list[bytes]:
    """Return what stands before and behind an element of an item."""
    return encoded_pieces(_without(pattern, [keyword]), [int(Tag(keyword))])


def _sequence(keyword: str, item: bytes) -> bytes:
    return encoded_element(keyword, encoded_items([item]))


def _position(header: Dataset) -> bytes:
    written = "\\".join(map(str, position_of(header)))
    return encoded_element("ImagePositionPatient", encoded_text(written))


def _put(dataset: Dataset, keyword: str, items: Iterable[bytes]) -> None:
    dataset[keyword] = encoded_sequence(keyword, items)


def _say_whether_regular(dataset: Dataset, headers: Sequence[Dataset]) -> None:
    """State the spacing of all slices, or that there is none, as highdicom would."""
    shared = dataset.SharedFunctionalGroupsSequence[0]
    measures = shared.PixelMeasuresSequence[0]
    spacing_mm, _ = get_volume_positions(
        image_positions=_positions(headers),
        image_orientation=shared.PlaneOrientationSequence[0].ImageOrientationPatient,
    )
    if spacing_mm is not None:
        measures.SpacingBetweenSlices = decimals([spacing_mm])[0]
        return
    for group, keyword in (
        (measures, "SpacingBetweenSlices"),
        (dataset, "DimensionOrganizationType"),
    ):
        if keyword in group:
            del group[keyword]


def _positions(headers: Sequence[Dataset]) -> list[list[float]]:
    return [list(map(float, position_of(header))) for header in headers]
