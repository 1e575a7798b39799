"""An object of a PET's study before it has content: patient, study, series, maker.

Design choice: secondary captures and encapsulated documents are put together by hand.
highdicom's `SCImage` drops species, strain, weight and group and writes implicit VR,
and it has no encapsulated document; its base class knows the patient's and the study's
modules, which is what is used here.
"""

from collections.abc import Iterable

from highdicom.base import SOPClass
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from dicom_io.pet.series import PetSeries
from dicom_io.results.character_set import set_character_set
from dicom_io.results.group_subject import SourceGroupSubject, identify
from dicom_io.results.source_attributes import carry_over
from dicom_io.stamp import Equipment, ObjectIdentity, stamp


def new_object(
    series: PetSeries,
    kind: tuple[str, str],
    identity: ObjectIdentity,
    equipment: Equipment,
    subject: SourceGroupSubject | None,
    texts: Iterable[str],
) -> Dataset:
    """Return an object that has everything but content.

    Parameters
    ----------
    series : PetSeries
        Whose study it joins, and whose patient it is about.
    kind : tuple of (str, str)
        *SOP Class UID* and *Modality*.
    identity : ObjectIdentity
    equipment : Equipment
    subject : SourceGroupSubject or None
        The animal, where the PET shows several: the object is then in a study of its.
    texts : iterable of str
        What will be written in it beside the source's own text.

    Returns
    -------
    Dataset
        With its file meta information; explicit VR little endian.
    """
    sop_class_uid, modality = kind
    source = series.headers[0]
    made = SOPClass(
        study_instance_uid=series.study_instance_uid,
        series_instance_uid=identity.series_instance_uid,
        series_number=identity.series_number,
        sop_instance_uid=identity.sop_instance_uid,
        sop_class_uid=sop_class_uid,
        instance_number=identity.instance_number,
        modality=modality,
        manufacturer=equipment.manufacturer,
        transfer_syntax_uid=ExplicitVRLittleEndian,
    )
    carry_over(source, made)
    texts = [*texts, identity.series_description, *identity.texts, *equipment.texts]
    if subject is not None:
        identify(made, source, subject, identity.uid_root)
        texts.append(subject.patient_id)
    set_character_set(source, made, texts)
    stamp(made, identity, equipment)
    return made
