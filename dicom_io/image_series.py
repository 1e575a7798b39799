"""What PET and CT series share: slices of one class in one series, in order."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    EnhancedPETImageStorage,
    LegacyConvertedEnhancedPETImageStorage,
)

from dicom_io.attributes import name_of, required_text, text, texts, uid_of, whole
from dicom_io.errors import DicomContentError
from dicom_io.part10 import read_dataset
from dicom_io.series_pattern import Element, SeriesPattern

_MULTI_FRAME_PET = frozenset(
    {EnhancedPETImageStorage, LegacyConvertedEnhancedPETImageStorage}
)


@dataclass(frozen=True)
class InstanceReference:
    """A SOP Instance, or a frame of one, as other objects refer to it.

    Attributes
    ----------
    sop_class_uid, sop_instance_uid : str
    frame : int or None
        Of a multi-frame image, from 1; None for all of the object.
    """

    sop_class_uid: str
    sop_instance_uid: str
    frame: int | None = None


def is_enhanced_pet(header: Dataset) -> bool:
    """Return whether an image, or a frame of one, is Enhanced PET (PS3.3 A.56)."""
    return text(header, "SOPClassUID") == EnhancedPETImageStorage


def is_multi_frame_pet(header: Dataset) -> bool:
    """Return whether an image is Enhanced PET, or PET that was converted to it."""
    return text(header, "SOPClassUID") in _MULTI_FRAME_PET


def read_slices(paths: Sequence[Path], sop_class_uid: str) -> list[Dataset]:
    """Return the data sets of one series, with pixel data, in the order of the paths.

    Raises
    ------
    EmptySeriesError
        When there is no path.
    WrongObjectError
        When an object is of another class.
    EnhancedImageError
        When an object is a multi-frame image.
    MixedSeriesError
        When there are several series.
    UnreadableObjectError
        When a file cannot be read.
    """
    pattern = SeriesPattern()
    datasets = [read_dataset(path, pattern=pattern) for path in paths]
    _require_one_series(datasets, sop_class_uid)
    return datasets


def read_headers(paths: Sequence[Path], sop_class_uid: str) -> list[Dataset]:
    """Return what `read_slices` returns, without pixel data, for very many slices.

    Elements that slices have in common are one object. That is most of them, and
    thousands of slices of a dynamic series take the memory of some hundred.
    """
    known: dict[Hashable, RawDataElement] = {}
    pattern = SeriesPattern()
    datasets = [
        _sharing(read_dataset(path, stop_before_pixels=True, pattern=pattern), known)
        for path in paths
    ]
    _require_one_series(datasets, sop_class_uid)
    return datasets


def _sharing(dataset: Dataset, known: dict[Hashable, RawDataElement]) -> Dataset:
    # Items, unlike iteration, are given as they were read.
    elements = {tag: _known(element, known) for tag, element in dataset.items()}
    shared = Dataset(elements)
    shared.file_meta = dataset.file_meta
    implicit, little_endian = dataset.original_encoding
    shared.set_original_encoding(
        implicit, little_endian, dataset.original_character_set
    )
    return shared


def _known(element: Element, known: dict[Hashable, RawDataElement]) -> Element:
    if not isinstance(element, RawDataElement):
        return element
    # All but where in its file it stands.
    tag, vr, length, value, _, *encoding = element
    return known.setdefault((int(tag), vr, length, value, *encoding), element)


def _require_one_series(datasets: Sequence[Dataset], sop_class_uid: str) -> None:
    if not datasets:
        raise EmptySeriesError
    for dataset in datasets:
        _require_class(dataset, sop_class_uid)
    series = {required_text(dataset, "SeriesInstanceUID") for dataset in datasets}
    if len(series) > 1:
        raise MixedSeriesError(sorted(series))


def reference_to(header: Dataset) -> InstanceReference:
    """Return how other objects refer to this one."""
    return InstanceReference(
        required_text(header, "SOPClassUID"),
        required_text(header, "SOPInstanceUID"),
        whole(header, "ReferencedFrameNumber") if is_multi_frame_pet(header) else None,
    )


def _require_class(dataset: Dataset, expected: str) -> None:
    found = required_text(dataset, "SOPClassUID")
    if found == expected:
        return
    if "Enhanced" in UID(found).name:
        raise EnhancedImageError(dataset)
    raise WrongObjectError(dataset, expected)


def series_type_of(header: Dataset) -> tuple[str, str]:
    """Return both values of *Series Type* (0054,1000); empty where absent."""
    values = (*texts(header, "SeriesType"), "", "")
    return values[0], values[1]


class EmptySeriesError(DicomContentError):
    """There is no object to read a series from."""

    reason = "incomplete_series"
    remedy = "Send the whole series."

    def __init__(self) -> None:
        super().__init__("a series without any object")


class WrongObjectError(DicomContentError):
    """An object is of another class than the series that is read."""

    remedy = "Choose the files of the series alone."

    def __init__(self, dataset: Dataset, expected: str) -> None:
        found = UID(text(dataset, "SOPClassUID")).name
        super().__init__(
            f"the object is {found} and not {UID(expected).name}",
            attribute=name_of("SOPClassUID"),
            uid=uid_of(dataset),
        )


class EnhancedImageError(DicomContentError):
    """An enhanced (multi-frame) image; its rules differ from the classic ones."""

    reason = "enhanced_image"
    remedy = "Export the series as classic single-frame images."

    def __init__(self, dataset: Dataset) -> None:
        super().__init__(
            f"{UID(text(dataset, 'SOPClassUID')).name} is not read by this version",
            attribute=name_of("SOPClassUID"),
            uid=uid_of(dataset),
        )


class MixedSeriesError(DicomContentError):
    """Objects of several series were given as one."""

    reason = "several_pet"
    remedy = "Choose one of the series."

    def __init__(self, series_instance_uids: Sequence[str]) -> None:
        super().__init__(
            f"the objects belong to {len(series_instance_uids)} series:"
            f" {', '.join(series_instance_uids)}"
        )
        self.series_instance_uids = tuple(series_instance_uids)
