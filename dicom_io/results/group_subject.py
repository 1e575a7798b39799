"""One animal of a PET that shows several, as a result's patient (PS3.3 C.7.1.4.1.1).

Design choice: the result of one animal of a group says *Patient ID* of the animal and
names the group as its source (PS3.3 C.7.1.4.1.1). What the group had for itself (name,
issuer, other identifiers, members and their places) is not the animal's; what it had as
a group (sex, strain, dates) is shared by all of them by that section, and stays.

Design choice: such a result is in a study of the animal's, not in that of the PET: "New
studies are required if the patient identifiers have changed" (PS3.17 VVV.1.2). A study
of two patients is one that archives refuse, correct or show twice. The study's UID
follows from the PET's and the animal, so that revisions and all objects meet in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pydicom.dataset import Dataset

from dicom_io.lenient import attribute_items, attribute_text
from dicom_io.results.source_attributes import decimals, readable
from dicom_io.stamp import derived_uid
from model.errors import ModelError

_ISSUER = ("IssuerOfPatientID", "IssuerOfPatientIDQualifiersSequence")
_OF_THE_GROUP = (
    *_ISSUER,
    "TypeOfPatientID",
    "GroupOfPatientsIdentificationSequence",
    "SourcePatientGroupIdentificationSequence",
    "SubjectRelativePositionInImage",
    "OtherPatientIDs",
    "OtherPatientIDsSequence",
    "OtherPatientNames",
    "ReferencedPatientSequence",
    "ReferencedPatientPhotoSequence",
    "PatientWeight",
    "PatientSize",
    "PatientBodyMassIndex",
    "ClinicalTrialSubjectReadingID",
)
_LONG_STRING = 64
_GRAMS_PER_KG = 1000.0


@dataclass(frozen=True)
class SourceGroupSubject:
    """One animal of a PET that shows several.

    Attributes
    ----------
    patient_id : str
        Of the animal.
    weight_g : float or None
    """

    patient_id: str
    weight_g: float | None = None

    def __post_init__(self) -> None:
        """Refuse a name that *Patient ID* (0010,0020), an LO, cannot hold."""
        name = self.patient_id
        if not (0 < len(name.strip()) <= _LONG_STRING and name.isprintable()):
            raise SubjectNameError
        if "\\" in name:
            raise SubjectNameError

    def study_of(self, study_instance_uid: str, uid_root: str) -> str:
        """Return the study of the animal's results.

        Parameters
        ----------
        study_instance_uid : str
            Of the PET.
        uid_root : str
            As in `dicom_io.stamp.ObjectIdentity`.
        """
        return derived_uid(uid_root, "study", study_instance_uid, self.patient_id)


def identify(
    result: Dataset, source: Dataset, subject: SourceGroupSubject, uid_root: str
) -> None:
    """Let a result be that of one animal of a group, in place.

    Parameters
    ----------
    result : Dataset
        After `carry_over`.
    source : Dataset
        Header of an image of the group; not changed.
    subject : SourceGroupSubject
    uid_root : str
        From which the UID of the animal's study derives.

    References
    ----------
    * DICOM PS3.3 C.7.1.4.1.1, *Groups of Subjects*; C.12.2, *Common Instance
      Reference*; PS3.17 VVV.1.2.
    """
    found = readable(source)
    for keyword in _OF_THE_GROUP:
        if keyword in result:
            del result[keyword]
    group = _group(found)
    if group is not None:
        result.SourcePatientGroupIdentificationSequence = [group]
    result.PatientID = subject.patient_id
    result.PatientName = ""
    for member in attribute_items(found, "GroupOfPatientsIdentificationSequence"):
        if attribute_text(member, "PatientID") == subject.patient_id:
            _copy(_ISSUER, member, result)
    if subject.weight_g is not None:
        (result.PatientWeight,) = decimals((subject.weight_g / _GRAMS_PER_KG,))
    if "ClinicalTrialSubjectID" in result:
        result.ClinicalTrialSubjectID = subject.patient_id
    _move(result, subject.study_of(str(source.StudyInstanceUID), uid_root))


def _group(source: Dataset) -> Dataset | None:
    """Return how the group was identified; None where it was not."""
    if not attribute_text(source, "PatientID"):
        return None
    group = Dataset()
    _copy(("PatientID", *_ISSUER), source, group)
    return group


def _copy(keywords: Iterable[str], source: Dataset, target: Dataset) -> None:
    for keyword in keywords:
        if keyword in source:
            target.add(source[keyword])


def _move(result: Dataset, study_instance_uid: str) -> None:
    """Put a result into another study than the images that it refers to."""
    if "ReferencedSeriesSequence" in result:
        other = Dataset()
        other.add(result["ReferencedSeriesSequence"])
        other.StudyInstanceUID = result.StudyInstanceUID
        del result.ReferencedSeriesSequence
        result.StudiesContainingOtherReferencedInstancesSequence = [other]
    result.StudyInstanceUID = study_instance_uid


class SubjectNameError(ModelError):
    """An animal's name cannot be a *Patient ID*."""

    reason = "several_animals"
    remedy = (
        "Name the animal by 1 to 64 printable characters without a backslash in the"
        " injection log."
    )

    def __init__(self) -> None:
        super().__init__("the name of an animal of a group cannot be a Patient ID")
