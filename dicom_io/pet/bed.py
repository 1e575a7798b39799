"""Several animals in one bed, as a PET's header tells of them (PS3.3 C.7.1.4.1.1)."""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from dicom_io.attributes import items, name_of, numbers, person_readable, text
from dicom_io.errors import DicomContentError
from model.bed import MachineAxes, Place

_GROUP = "GroupOfPatientsIdentificationSequence"
_PLACES = 3

_L, _R = (1.0, 0.0, 0.0), (-1.0, 0.0, 0.0)
_P, _A = (0.0, 1.0, 0.0), (0.0, -1.0, 0.0)
_S, _I = (0.0, 0.0, 1.0), (0.0, 0.0, -1.0)

# Facing the front of the gantry: right, down, inward (PS3.3 C.7.3.1.1.2).
_AXES = {
    "HFS": MachineAxes(_L, _P, _S),
    "HFP": MachineAxes(_R, _A, _S),
    "HFDR": MachineAxes(_P, _R, _S),
    "HFDL": MachineAxes(_A, _L, _S),
    "FFS": MachineAxes(_R, _P, _I),
    "FFP": MachineAxes(_L, _A, _I),
    "FFDR": MachineAxes(_A, _R, _I),
    "FFDL": MachineAxes(_P, _L, _I),
}


@dataclass(frozen=True)
class Occupant:
    """One animal of a group.

    Attributes
    ----------
    patient_id : str
    place : tuple of int or None
        *Subject Relative Position in Image*.
    """

    patient_id: str
    place: Place | None


def occupants_of(header: Dataset) -> tuple[Occupant, ...]:
    """Return the animals of a group; none where the image shows a single one."""
    return tuple(
        Occupant(person_readable(item, "PatientID"), _place(item))
        for item in items(header, _GROUP)
    )


def machine_axes(header: Dataset) -> MachineAxes:
    """Return the machine's directions from *Patient Position* (0018,5100).

    Raises
    ------
    PatientPositionError
        When it is missing or none of the decubitus, prone and supine ones.
    """
    position = text(header, "PatientPosition").upper()
    if position not in _AXES:
        raise PatientPositionError(header, position)
    return _AXES[position]


def _place(item: Dataset) -> Place | None:
    found = numbers(item, "SubjectRelativePositionInImage")
    if len(found) != _PLACES:
        return None
    return int(found[0]), int(found[1]), int(found[2])


class PatientPositionError(DicomContentError):
    """It is not known which way the bed lay in the gantry."""

    reason = "several_animals"
    remedy = (
        "Give the regions of each animal in the column roi of the injection log, or"
        " name the regions by animal."
    )

    def __init__(self, header: Dataset, position: str) -> None:
        super().__init__(
            f"Patient Position is {position!r}, so that places in the bed cannot be"
            " told apart",
            attribute=name_of("PatientPosition"),
            uid=text(header, "SeriesInstanceUID"),
        )
