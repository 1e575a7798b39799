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

import numpy as np
from highdicom.spatial import get_volume_positions
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from dicom_io.encoding import encoded_elements, encoded_sequence
from dicom_io.pet.series import InstanceReference, PetSeries
from dicom_io.results.source_attributes import decimals, position_of

PATTERN_SLICES = 2
"""Slices that highdicom must have made: it takes two for a volume."""


def add_all_slices(
    dataset: Dataset, series: PetSeries, values: NDArray[np.float32]
) -> None:
    """Give a map of the first slices the frames of all, in place.

    Parameters
    ----------
    dataset : Dataset
        As highdicom made it of the first `PATTERN_SLICES` slices of the series.
    series : PetSeries
    values : ndarray of float32, shape (slices, rows, columns)

    References
    ----------
    * DICOM PS3.3 C.7.6.16 (functional groups), C.12.2 (common instance reference).
    """
    first = dataset.PerFrameFunctionalGroupsSequence[0]
    _put(dataset, "PerFrameFunctionalGroupsSequence", _groups(first, series))
    dataset.NumberOfFrames = len(values)
    dataset.FloatPixelData = values.astype("<f4", copy=False).tobytes()
    references = list(_references(dataset.SourceImageSequence[0], series))
    _put(dataset, "SourceImageSequence", references)
    listed = dataset.ReferencedSeriesSequence[0]
    _put(listed, "ReferencedInstanceSequence", references)
    _say_whether_regular(dataset, series)


def _groups(pattern: Dataset, series: PetSeries) -> Iterator[bytes]:
    """Give the functional groups of every frame."""
    index = pattern.FrameContentSequence[0]["DimensionIndexValues"]
    position = pattern.PlanePositionSequence[0]["ImagePositionPatient"]
    source = _source_of(pattern)
    slices = zip(series.headers, series.instances, strict=True)
    for number, (header, instance) in enumerate(slices, start=1):
        index.value = number
        position.value = position_of(header)
        _refer(source, instance)
        yield encoded_elements(pattern)


def _references(pattern: Dataset, series: PetSeries) -> Iterator[bytes]:
    """Give a reference to every object of the series, by its first slice."""
    objects = {each.sop_instance_uid: each for each in reversed(series.instances)}
    for instance in reversed(objects.values()):
        _refer(pattern, replace(instance, frame=None))
        yield encoded_elements(pattern)


def _refer(item: Dataset, instance: InstanceReference) -> None:
    """Let an item of a reference, made of another slice, name this one, in place."""
    item["ReferencedSOPClassUID"].value = instance.sop_class_uid
    item["ReferencedSOPInstanceUID"].value = instance.sop_instance_uid
    if instance.frame is not None:
        item.ReferencedFrameNumber = instance.frame


def _source_of(groups: Dataset) -> Dataset:
    source: Dataset = groups.DerivationImageSequence[0].SourceImageSequence[0]
    return source


def _put(dataset: Dataset, keyword: str, items: Iterable[bytes]) -> None:
    dataset[keyword] = encoded_sequence(keyword, items)


def _say_whether_regular(dataset: Dataset, series: PetSeries) -> None:
    """State the spacing of all slices, or that there is none, as highdicom would."""
    shared = dataset.SharedFunctionalGroupsSequence[0]
    measures = shared.PixelMeasuresSequence[0]
    spacing_mm, _ = get_volume_positions(
        image_positions=_positions(series.headers),
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
