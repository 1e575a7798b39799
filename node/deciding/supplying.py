"""What a case gets beside its images: the animals, and acquisition contexts.

Design choice: the service, `replay`, `release` and `score` ask here, so that a study
that scores in a folder scores alike over the network.

Design choice: an Acquisition Context SR counts for the PETs of its study that have its
PatientID or its animal. One that fits none of them by name counts for all, unless the
study holds PETs of several patients: Inveon writes the data set's name into PatientID,
so that scan and context differ there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dicom_io.errors import DicomContentError
from dicom_io.header import InstanceHeader, ObjectKind
from model.administration import Source
from model.errors import ModelError
from node.case.one_animal import as_each_sees, one_each
from node.deciding.subjects import (
    LOG_MISTAKE,
    FoundSubjects,
    animal_id_of,
)
from node.failure import held_by
from node.identity import subjects_digest
from node.records.cases import Case, Held
from node.records.objects import StoredInstance
from node.records.subject import Subject, SubjectRules
from node.records.supply import Supply

_LOG = Source.LOG
_PET = (ObjectKind.PET, ObjectKind.ENHANCED_PET)


def supply(
    case: Case,
    instances: Sequence[StoredInstance],
    found: FoundSubjects,
    rules: SubjectRules,
) -> tuple[Case, ...]:
    """Return a case with all that is known beside its images; one for each animal.

    Parameters
    ----------
    case : Case
        As it is ready by its images.
    instances : sequence of StoredInstance
        All that may belong to it.
    found : FoundSubjects
        Of its PET.
    rules : SubjectRules
    """
    return one_each(
        replace(
            case,
            contexts=contexts_of(case, instances, rules),
            subjects=found.subjects,
            warnings=(*case.warnings, *found.statements),
            remarks=found.remarks,
        )
    )


def supplies_of(found: FoundSubjects) -> dict[str, Supply]:
    """Return in short what is said of each animal, by `Case.animal_id`."""
    mistakes = [each for each in found.statements if each.startswith(LOG_MISTAKE)]
    return {
        animal: Supply(
            subjects_digest(subjects, found.statements), _log_digest(subjects, mistakes)
        )
        for animal, subjects in as_each_sees(found.subjects)
    }


def _log_digest(subjects: Iterable[Subject], mistakes: Sequence[str]) -> str:
    """Return what the log says of animals, in short; empty where it says nothing."""
    logged = [
        replace(subject, supplied=said)
        for subject in subjects
        if (said := tuple(each for each in subject.supplied if each.source is _LOG))
    ]
    return subjects_digest(logged, mistakes) if logged or mistakes else ""


def contexts_of(
    case: Case, instances: Sequence[StoredInstance], rules: SubjectRules
) -> tuple[StoredInstance, ...]:
    """Return the Acquisition Context SRs that speak of a case's PET."""
    pet = case.pet[0].header
    here = [
        each
        for each in instances
        if each.header.study_instance_uid == case.study_instance_uid
    ]
    contexts = [
        each for each in here if each.header.kind is ObjectKind.ACQUISITION_CONTEXT
    ]
    fitting = [each for each in contexts if _same_animal(each.header, pet, rules)]
    patients = {each.header.patient_id for each in here if each.header.kind in _PET}
    if fitting and not pet.is_group:
        return tuple(fitting)
    return tuple(contexts) if len(patients) <= 1 else ()


def held_case(error: DicomContentError | ModelError, case: Case) -> Held:
    """Return the hold of a case.

    It names the animal of several, and what in the injection log was not used.
    """
    held = held_by(error, case.study_instance_uid)
    noted = [each for each in case.warnings if each.startswith(LOG_MISTAKE)]
    mistakes = [f"{each[0].upper()}{each[1:]}." for each in (*case.remarks, *noted)]
    whose = [f"animal {case.animal_id}:"] if case.animal_id else []
    return replace(held, detail=" ".join([*whose, held.detail, *mistakes]))


def _same_animal(
    context: InstanceHeader, pet: InstanceHeader, rules: SubjectRules
) -> bool:
    return context.patient_id == pet.patient_id or animal_id_of(
        context, rules
    ) == animal_id_of(pet, rules)
