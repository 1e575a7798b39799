"""What an object says of the result that it belongs to, from its header alone."""

from dataclasses import dataclass
from pathlib import Path

from dicom_io.lenient import (
    attribute_integer,
    attribute_items,
    attribute_text,
    attribute_uid,
)
from dicom_io.limits import DEFAULT_LIMITS
from dicom_io.part10 import read_dataset
from dicom_io.stamp import is_own_result, job_key_of


@dataclass(frozen=True)
class ResultHeader:
    """What an object says of the result that it belongs to.

    Attributes
    ----------
    job_key : str
        Empty where it was taken out.
    sop_class_uid, sop_instance_uid, study_instance_uid : str
    series_number, instance_number : int
        0 where none is stated.
    concept : str
        Code of a document's title; empty for other objects.
    """

    job_key: str
    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    series_number: int
    instance_number: int
    concept: str


def read_result_header(path: Path) -> ResultHeader | None:
    """Return what an object says of its result; None for one that is of no result.

    Parameters
    ----------
    path : Path
        Of any DICOM file.

    Raises
    ------
    UnreadableObjectError, LimitExceededError
        When the file is not DICOM, ends too early, or demands too much.
    """
    dataset = read_dataset(path, stop_before_pixels=True, limits=DEFAULT_LIMITS)
    uid = attribute_uid(dataset, "SOPInstanceUID")
    if uid is None or not is_own_result(dataset):
        return None
    names = attribute_items(dataset, "ConceptNameCodeSequence")
    return ResultHeader(
        job_key=job_key_of(dataset),
        sop_class_uid=attribute_uid(dataset, "SOPClassUID") or "",
        sop_instance_uid=uid,
        study_instance_uid=attribute_uid(dataset, "StudyInstanceUID") or "",
        series_number=attribute_integer(dataset, "SeriesNumber") or 0,
        instance_number=attribute_integer(dataset, "InstanceNumber") or 0,
        concept=next((attribute_text(name, "CodeValue") for name in names), ""),
    )
