"""Any image of planes in space as a volume: CT, MR, secondary capture of a volume.

Single-frame images of one series, or one multi-frame image whose functional groups say
where its frames lie. Slices are stacked by the same rules as those of PET and CT
(`dicom_io.geometry`): what is doubled, missing or irregular is refused.

Design choice: values are those of the modality (PS3.3 C.11.1): slope and intercept of
each slice are applied where they are stated, as a CT must and an MR may. A table
(*Modality LUT Sequence*) is refused, and so are colours.

Design choice: what values mean is said by *Rescale Type* alone. Without it, or where it
says "unspecified", they have the unit 1. Those of CT are Hounsfield units.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset

from dicom_io.attributes import (
    UnreadableValueError,
    number,
    person_readable,
    required_text,
    text,
)
from dicom_io.ct_series import HOUNSFIELD
from dicom_io.errors import DicomContentError
from dicom_io.geometry import require_same, stack_planes
from dicom_io.image_series import EmptySeriesError, read_slices
from dicom_io.object_kind import ObjectKind, kind_of_class
from dicom_io.part10 import read_dataset
from dicom_io.pixels import rescale_of, rescaled_values
from dicom_io.plane_frames import is_multi_frame, read_plane_frames
from model.grid import Volume

_GREY = frozenset({"MONOCHROME1", "MONOCHROME2"})
_UNSPECIFIED = frozenset({"", "US"})
_NO_UNIT = "1"
_UNITS = {"HU": HOUNSFIELD, "PCT": "%", "MGML": "mg/ml"}
"""UCUM, by *Rescale Type* (PS3.3 C.11.1.1.2)."""


@dataclass(frozen=True, eq=False)
class AnyImage:
    """A complete image of planes in space.

    Attributes
    ----------
    study_instance_uid, series_instance_uid, patient_id : str
    modality : str
        As stated, for example ``MR``; ``OT``, other, where it is not.
    volume : Volume
        Values of the modality.
    headers : tuple of Dataset
        In the order in which the files were given, without pixel data; never to be
        changed.
    """

    study_instance_uid: str
    series_instance_uid: str
    patient_id: str
    modality: str
    volume: Volume
    headers: tuple[Dataset, ...] = ()


def read_any_image(paths: Sequence[Path]) -> AnyImage:
    """Return an image from the files of its series, given in any order.

    Raises
    ------
    DicomContentError
        When the files are not one complete, regular series of grey images; see
        `dicom_io.image_series`, `dicom_io.plane_frames`, `dicom_io.geometry` and
        `dicom_io.pixels`.
    """
    images = _images(paths)
    require_same(images, ("PhotometricInterpretation", "RescaleType", "Modality"))
    first = images[0]
    if required_text(first, "PhotometricInterpretation") not in _GREY:
        expected = "MONOCHROME1 or MONOCHROME2"
        raise UnreadableValueError(first, "PhotometricInterpretation", expected)
    stack = stack_planes(images)
    values = rescaled_values(images, stack, [_rescale(image) for image in images])
    return AnyImage(
        study_instance_uid=required_text(first, "StudyInstanceUID"),
        series_instance_uid=required_text(first, "SeriesInstanceUID"),
        patient_id=text(first, "PatientID"),
        modality=person_readable(first, "Modality") or "OT",
        volume=Volume(stack.grid, values, _unit(first)),
        headers=tuple(images),
    )


def _images(paths: Sequence[Path]) -> list[Dataset]:
    if not paths:
        raise EmptySeriesError
    header = read_dataset(paths[0], stop_before_pixels=True)
    if is_multi_frame(header):
        return read_plane_frames(paths)
    return read_slices(paths, required_text(header, "SOPClassUID"))


def _rescale(image: Dataset) -> tuple[float, float]:
    if "ModalityLUTSequence" in image:
        raise ModalityTableError(image)
    stated = ("RescaleSlope", "RescaleIntercept")
    if _is_ct(image) or any(number(image, each) is not None for each in stated):
        return rescale_of(image)
    return 1.0, 0.0


def _unit(image: Dataset) -> str:
    if _is_ct(image):
        return HOUNSFIELD
    stated = person_readable(image, "RescaleType")
    return _NO_UNIT if stated in _UNSPECIFIED else _UNITS.get(stated, stated)


def _is_ct(image: Dataset) -> bool:
    return kind_of_class(text(image, "SOPClassUID")) is ObjectKind.CT


class ModalityTableError(DicomContentError):
    """Stored values become the modality's by a table."""

    remedy = "Export the image with Rescale Slope and Rescale Intercept instead."

    def __init__(self, image: Dataset) -> None:
        super().__init__(
            "the values go through a table, which is not read",
            attribute="ModalityLUTSequence (0028,3000)",
            uid=text(image, "SOPInstanceUID") or None,
        )
