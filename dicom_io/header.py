"""What the ledger keeps of an object: identity, counts, references, place in space.

Design choice: a header is read once, right after receipt, and is enough to decide when
a study is ready. Nobody opens a thousand files to learn that one is missing.
"""

from dataclasses import dataclass
from enum import StrEnum


class ObjectKind(StrEnum):
    """What an object is to this node."""

    PET = "pet"
    """A slice of PET (PS3.3 A.21)."""
    ENHANCED_PET = "enhanced_pet"
    """An enhanced or legacy converted PET image (PS3.3 A.56, A.72)."""
    CT = "ct"
    """A CT image, classic or enhanced."""
    STRUCTURE_SET = "structure_set"
    """An RT Structure Set (PS3.3 A.19)."""
    SEGMENTATION = "segmentation"
    """A Segmentation (PS3.3 A.51)."""
    REGISTRATION = "registration"
    """A Spatial Registration (PS3.3 A.39.1)."""
    ACQUISITION_CONTEXT = "acquisition_context"
    """An Acquisition Context SR (PS3.3 A.35.16)."""
    OWN_RESULT = "own_result"
    """A result of ours that a PACS routed back; stored and not scored."""
    OTHER = "other"
    """Kept, and not used."""


@dataclass(frozen=True)
class Plane:
    """Where a single-frame image lies (PS3.3 C.7.6.2).

    Attributes
    ----------
    position_mm : tuple of float
        *Image Position (Patient)*.
    orientation : tuple of float
        *Image Orientation (Patient)*, six cosines.
    rows, columns : int
    spacing_mm : tuple of float
        *Pixel Spacing*: between rows, between columns.
    """

    position_mm: tuple[float, float, float]
    orientation: tuple[float, float, float, float, float, float]
    rows: int
    columns: int
    spacing_mm: tuple[float, float]


@dataclass(frozen=True)
class DeclaredCount:
    """What a PET instance says of its series' size (PS3.3 C.8.9.1).

    Attributes
    ----------
    slices : int or None
        *Number of Slices*.
    time_slices : int or None
        *Number of Time Slices*; it counts only for DYNAMIC series.
    related_instances : int or None
        *Number of Series Related Instances*.
    series_type : str or None
        First value of *Series Type*: STATIC, DYNAMIC, GATED, WHOLE BODY.
    """

    slices: int | None
    time_slices: int | None
    related_instances: int | None
    series_type: str | None


@dataclass(frozen=True)
class DrawnOn:
    """What a structure set or segmentation says that it was drawn on.

    Attributes
    ----------
    frames_of_reference : tuple of str
        UIDs, of the contours first.
    series : tuple of str
        Series Instance UIDs.
    instances : tuple of str
        SOP Instance UIDs, of all levels, without repetition, sorted.
    low_mm, high_mm : tuple of float or None
        Corners of the box around all contour points; None without points.
    roi_names : tuple of str
    """

    frames_of_reference: tuple[str, ...]
    series: tuple[str, ...]
    instances: tuple[str, ...]
    low_mm: tuple[float, float, float] | None
    high_mm: tuple[float, float, float] | None
    roi_names: tuple[str, ...]


@dataclass(frozen=True)
class InstanceHeader:
    """Identity, counts, references and place of one SOP Instance.

    Attributes
    ----------
    kind : ObjectKind
    sop_class_uid, sop_instance_uid, study_instance_uid, series_instance_uid : str
    transfer_syntax_uid : str
    patient_id : str
        As in the object; for display and for joining, never in ordinary logs.
    modality : str
    frame_of_reference_uid : str or None
    series_number : int or None
    series_description : str
    model_name : str
        *Manufacturer's Model Name*, for site rules on co-registered gantries.
    study_date : str
        DICOM DA as in the object, empty when absent.
    plane : Plane or None
        For single-frame images.
    count : DeclaredCount or None
        For PET.
    drawn_on : DrawnOn or None
        For structure sets and segmentations.
    """

    kind: ObjectKind
    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    series_instance_uid: str
    transfer_syntax_uid: str
    patient_id: str
    modality: str
    frame_of_reference_uid: str | None
    series_number: int | None
    series_description: str
    model_name: str
    study_date: str
    plane: Plane | None = None
    count: DeclaredCount | None = None
    drawn_on: DrawnOn | None = None
