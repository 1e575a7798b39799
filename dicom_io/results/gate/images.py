"""Rules for images, ordinary and multi-frame: what viewers stumble over."""

from collections.abc import Iterator
from itertools import chain

from pydicom.dataset import Dataset

from dicom_io.lenient import attribute_items, attribute_text, attribute_value
from dicom_io.results.gate.encoded_tree import Item, sequence_of
from dicom_io.results.gate.fault import (
    Finding,
    Origin,
    number_in,
    required,
    stated_bytes,
)

_BITS_PER_BYTE = 8
_SHARED = "SharedFunctionalGroupsSequence"
_PER_FRAME = "PerFrameFunctionalGroupsSequence"


def lies_on_the_sources_grid(dataset: Dataset, origin: Origin) -> Iterator[Finding]:
    """Rows and columns are the source's; OHIF fuses and overlays nothing else."""
    for keyword, length in zip(("Rows", "Columns"), origin.shape[1:], strict=True):
        if attribute_value(dataset, keyword) != length:
            yield keyword, "must be the source's"
    yield from required(dataset, "FrameOfReferenceUID", source="PS3.3 C.7.4.1")


def map_is_whole(dataset: Dataset, origin: Origin) -> Iterator[Finding]:
    """PS3.3 C.8.32, C.7.6.24: a frame for each slice; OHIF opens no other map.

    Of one among many, for some of the slices.
    """
    slices, rows, columns = origin.shape
    stated = attribute_value(dataset, "NumberOfFrames") or 0
    frames = slices if origin.whole_maps else stated
    if stated != frames or not 0 < frames <= slices:
        yield "NumberOfFrames", "must be the number of slices (OHIF)"
    if stated_bytes(dataset, "FloatPixelData") != 4 * frames * rows * columns:
        yield "FloatPixelData", "must hold every voxel (PS3.3 C.7.6.24)"
    if len(sequence_of(dataset, _PER_FRAME)) != frames:
        yield _PER_FRAME, "must have an item for each frame (PS3.3 C.7.6.16)"
    yield from required(dataset, "ContentLabel", source="PS3.3 C.8.32.2")


def map_shows_something(dataset: Dataset, _: Origin) -> Iterator[Finding]:
    """Have a window and a mapping to real values, the same for all frames."""
    groups = list(attribute_items(dataset, _SHARED))
    windows = _within(groups, "FrameVOILUTSequence")
    if not windows or any(
        (number_in(each, "WindowWidth") or 0) <= 0 for each in windows
    ):
        yield "WindowWidth", "must be above 0 (PS3.3 C.11.2.1.2)"
    mappings = _within(groups, "RealWorldValueMappingSequence")
    if not mappings:
        yield "RealWorldValueMappingSequence", "must be there (PS3.3 A.75)"
    for mapping in mappings:
        yield from required(
            mapping,
            "MeasurementUnitsCodeSequence",
            "QuantityDefinitionSequence",
            source="PS3.3 C.7.6.16.2.11",
        )


def _within(groups: list[Dataset], keyword: str) -> list[Dataset]:
    return list(chain(*(attribute_items(group, keyword) for group in groups)))


def names_its_series(dataset: Dataset, origin: Origin) -> Iterator[Finding]:
    """PS3.3 C.12.2: OHIF finds the image under a map or a segmentation by it."""
    elsewhere = "StudiesContainingOtherReferencedInstancesSequence"
    holders = [dataset]
    if origin.subject is not None:
        holders = list(attribute_items(dataset, elsewhere))
    series = [
        listed
        for holder in holders
        for listed in attribute_items(holder, "ReferencedSeriesSequence")
        if attribute_text(listed, "SeriesInstanceUID")
        == attribute_text(origin.header, "SeriesInstanceUID")
    ]
    instances = {
        item.text("ReferencedSOPInstanceUID")
        for listed in series
        for item in sequence_of(listed, "ReferencedInstanceSequence")
    }
    if not instances:
        yield "ReferencedSeriesSequence", "must name the source's series (OHIF)"
    if instances - origin.images:
        yield "ReferencedInstanceSequence", "must name images of the source alone"


def segments_are_whole(dataset: Dataset, _: Origin) -> Iterator[Finding]:
    """PS3.3 C.8.20.2, C.8.20.4: segments from 1 on, each named and with a frame."""
    segments = list(attribute_items(dataset, "SegmentSequence"))
    numbers = [attribute_value(each, "SegmentNumber") for each in segments]
    if not segments or numbers != list(range(1, len(segments) + 1)):
        yield "SegmentNumber", "must count from 1 (PS3.3 C.8.20.4)"
    for segment in segments:
        yield from required(
            segment,
            "SegmentLabel",
            "SegmentAlgorithmType",
            "SegmentedPropertyCategoryCodeSequence",
            "SegmentedPropertyTypeCodeSequence",
            source="PS3.3 C.8.20.4",
        )
    frames = sequence_of(dataset, _PER_FRAME)
    shown = set(map(_segment_of, frames))
    if shown != set(numbers):
        yield "ReferencedSegmentNumber", "each segment must have a frame"
    if attribute_value(dataset, "NumberOfFrames") != len(frames):
        yield "NumberOfFrames", "must be that of the items of frames (C.7.6.16)"
    pixels = len(frames) * (dataset.Rows or 0) * (dataset.Columns or 0)
    wanted = -(-pixels // _BITS_PER_BYTE)
    if stated_bytes(dataset, "PixelData") != wanted + wanted % 2:
        yield "PixelData", "must hold a bit for each pixel (PS3.5 8.1.1)"


def _segment_of(frame: Item) -> int:
    identified = frame.items("SegmentIdentificationSequence")
    value = identified[0].value("ReferencedSegmentNumber") if identified else b""
    return int.from_bytes(value, "little")


def stored_values_mean_something(dataset: Dataset, origin: Origin) -> Iterator[Finding]:
    """PS3.3 C.8.9.4.1.2, C.8.9.1: slope, intercept, units and pixels of a PET."""
    if not number_in(dataset, "RescaleSlope"):
        yield "RescaleSlope", "must not be 0 (PS3.3 C.8.9.4)"
    if number_in(dataset, "RescaleIntercept") != 0:
        yield "RescaleIntercept", "must be 0 (PS3.3 C.8.9.4)"
    if (number_in(dataset, "WindowWidth") or 0) <= 0:
        yield "WindowWidth", "must be above 0 (PS3.3 C.11.2.1.2)"
    if attribute_value(dataset, "NumberOfSlices") != origin.shape[0]:
        yield "NumberOfSlices", "must be the source's (PS3.3 C.8.9.1)"
    _, rows, columns = origin.shape
    if stated_bytes(dataset, "PixelData") != 2 * rows * columns:
        yield "PixelData", "must hold every pixel (PS3.5 8.1.1)"
    yield from required(
        dataset,
        "ImageType",
        "Units",
        "ImageIndex",
        "ImagePositionPatient",
        "ImageOrientationPatient",
        "PixelSpacing",
        source="PS3.3 C.8.9",
    )


def page_is_in_colour(dataset: Dataset, _: Origin) -> Iterator[Finding]:
    """PS3.3 C.7.6.3: red, green, blue of 8 bits, which every viewer shows."""
    for keyword, wanted in (
        ("SamplesPerPixel", 3),
        ("PhotometricInterpretation", "RGB"),
        ("PlanarConfiguration", 0),
        ("BitsAllocated", 8),
        ("BitsStored", 8),
        ("HighBit", 7),
        ("PixelRepresentation", 0),
    ):
        if attribute_value(dataset, keyword) != wanted:
            yield keyword, f"must be {wanted}"
    wanted_bytes = 3 * (dataset.Rows or 0) * (dataset.Columns or 0)
    found = stated_bytes(dataset, "PixelData")
    if not found or found != wanted_bytes + wanted_bytes % 2:
        yield "PixelData", "must hold every pixel (PS3.5 8.1.1)"
    yield from required(
        dataset, "ConversionType", "BurnedInAnnotation", source="PS3.3 C.8.6.1"
    )


MAPS = (lies_on_the_sources_grid, map_is_whole, map_shows_something, names_its_series)
"""Rules for Parametric Maps."""

SEGMENTATIONS = (lies_on_the_sources_grid, segments_are_whole, names_its_series)
"""Rules for Segmentations."""

SINGLE_FRAMES = (lies_on_the_sources_grid, stored_values_mean_something)
"""Rules for ordinary PET images."""

PAGES = (page_is_in_colour,)
"""Rules for Secondary Capture images."""
