"""An object of a result, as the bytes that are stored and sent."""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from dicom_io.part10 import encode_dataset
from node.records.kinds import ResultKind


@dataclass(frozen=True, eq=False)
class Made:
    """An object of a result, encoded.

    Attributes
    ----------
    kind : ResultKind
    name : str
        Of its file.
    sop_class_uid, sop_instance_uid, series_instance_uid, transfer_syntax_uid : str
    content : bytes
        The file, PS3.10.
    dataset : Dataset or None
        What it was encoded from; None for further instances of a series that were
        encoded after the pattern of its first one.
    """

    kind: ResultKind
    name: str
    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    transfer_syntax_uid: str
    content: bytes
    dataset: Dataset | None = None


def made_of(kind: ResultKind, name: str, dataset: Dataset) -> Made:
    """Return a data set with its file meta information as an object of a result."""
    return Made(
        kind=kind,
        name=f"{name}.dcm",
        sop_class_uid=str(dataset.SOPClassUID),
        sop_instance_uid=str(dataset.SOPInstanceUID),
        series_instance_uid=str(dataset.SeriesInstanceUID),
        transfer_syntax_uid=str(dataset.file_meta.TransferSyntaxUID),
        content=encode_dataset(dataset),
        dataset=dataset,
    )
