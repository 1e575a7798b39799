"""A PET series as a volume with its sources."""

from dataclasses import dataclass
from enum import StrEnum

from pydicom.dataset import Dataset

from model.grid import Volume


class Units(StrEnum):
    """*Units* (0054,1001) that this node reads (PS3.3 C.8.9.1.1.3)."""

    BQML = "BQML"
    """Becquerel per millilitre."""
    GML = "GML"
    """Grams per millilitre: SUV already."""


@dataclass(frozen=True)
class InstanceReference:
    """A SOP Instance, as other objects refer to it."""

    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, eq=False)
class PetSeries:
    """A complete static PET series.

    Attributes
    ----------
    study_instance_uid, series_instance_uid, patient_id : str
    units : Units
    volume : Volume
        Rescaled stored values on the series' grid, slices in the order of increasing
        position along the normal of *Image Orientation (Patient)*... see `read`.
    instances : tuple of InstanceReference
        By slice index.
    headers : tuple of Dataset
        By slice index, without pixel data; for result objects to refer to and copy
        from, never to be changed.
    """

    study_instance_uid: str
    series_instance_uid: str
    patient_id: str
    units: Units
    volume: Volume
    instances: tuple[InstanceReference, ...]
    headers: tuple[Dataset, ...]
