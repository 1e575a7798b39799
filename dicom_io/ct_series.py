"""A CT series as a volume with its sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage

from dicom_io.attributes import required_text, text
from dicom_io.geometry import stack_planes
from dicom_io.image_series import InstanceReference, read_slices, reference_to
from dicom_io.pixels import rescale_of, rescaled_values
from model.grid import Volume

HOUNSFIELD = "[hnsf'U]"
"""UCUM for Hounsfield units."""


@dataclass(frozen=True, eq=False)
class CtSeries:
    """A complete CT series.

    Attributes
    ----------
    study_instance_uid, series_instance_uid, patient_id : str
    volume : Volume
        Hounsfield units, as far as the scanner was calibrated to them: Inveon exports
        can be off by more than 100 in water.
    instances : tuple of InstanceReference
        By slice index.
    headers : tuple of Dataset
        By slice index, without pixel data, never to be changed.
    """

    study_instance_uid: str
    series_instance_uid: str
    patient_id: str
    volume: Volume
    instances: tuple[InstanceReference, ...]
    headers: tuple[Dataset, ...]


def read_ct_series(paths: Sequence[Path]) -> CtSeries:
    """Return a CT series from its files, given in any order.

    Raises
    ------
    DicomContentError
        When the files are not one complete, regular series of classic CT images; see
        `dicom_io.image_series`, `dicom_io.geometry`, `dicom_io.pixels`.
    """
    datasets = read_slices(paths, CTImageStorage)
    stack = stack_planes(datasets)
    rescale = [rescale_of(dataset) for dataset in datasets]
    values = rescaled_values(datasets, stack, rescale)
    headers = tuple(datasets[position] for position in stack.order)
    return CtSeries(
        study_instance_uid=required_text(headers[0], "StudyInstanceUID"),
        series_instance_uid=required_text(headers[0], "SeriesInstanceUID"),
        patient_id=text(headers[0], "PatientID"),
        volume=Volume(stack.grid, values, HOUNSFIELD),
        instances=tuple(reference_to(header) for header in headers),
        headers=headers,
    )
